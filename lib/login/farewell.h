/*
 * farewell: what is given back to a provider when an identity leaves: its tokens are revoked (RFC
 * 7009) as far as the provider allows.
 *
 * Our copy goes first: farewell_prepare() takes the tokens out of the database inside the
 * transaction that deletes the identity, and only when that is done, farewell_say() calls out, for
 * FAREWELL_TIMEOUT seconds at most: a provider that is slow or gone can neither hold up the database
 * nor prevent a deletion. That it fails stops nothing; the log tells.
 */
#ifndef LATCHKEY_LOGIN_FAREWELL_H
#define LATCHKEY_LOGIN_FAREWELL_H

#include "edge/context.h"

#define FAREWELL_TIMEOUT 12 /* seconds; what is begun by then may take REVOCATION_TIMEOUT more */

struct tokens;

/* What there is to give back; NULL: nothing. */
struct farewell {
    const struct tokens *tokens;
};

/* Of one identity of the account, or (TOKENS_OF_ALL) of all. 0, or -1 with a key or database
 * error. */
int farewell_prepare(struct context *context, int64_t account, int64_t identity,
                     struct farewell *farewell) CHECKED;

/* Calls the providers: the refresh token first, which takes the access token with it at most of
 * them, then that. Not inside a transaction. */
void farewell_say(struct context *context, const struct farewell *farewell);

#endif

/*
 * revocation: a token is given back (RFC 7009): the provider is to forget it, and what it stands
 * for.
 */
#ifndef LATCHKEY_OAUTH_REVOCATION_H
#define LATCHKEY_OAUTH_REVOCATION_H

#include "oauth/metadata.h"

#define REVOCATION_TIMEOUT 3000 /* milliseconds: somebody waits, and it can do without */

enum revocable {
    REVOCABLE_ACCESS_TOKEN,
    REVOCABLE_REFRESH_TOKEN, /* with it go the access tokens that came of it (2.1) */
};

/* Whether this provider takes such a token back. A record whose revocation_endpoint has placeholders
 * takes back access tokens alone. */
bool revocation_is_offered(const struct metadata *metadata, enum revocable kind);

/* Gives a token back at an endpoint that is offered, as the client that it was given to. A
 * revocation_endpoint with placeholders is used as it stands, by a POST.
 * 0 if the provider says that it is done (that it never knew the token is the same: 2.2); or -1 with
 * ERROR_HTTP_*, ERROR_CLIENT_REFUSED, ERROR_REVOCATION, or the errors of client authentication and
 * login_values_uri(). */
int revocation_request(struct context *context, const struct provider *provider,
                       const struct metadata *metadata, enum revocable kind,
                       const char *token) CHECKED;

#endif

/*
 * account: a user of this site, and the identities that lead to it.
 *
 * An identity is (issuer, subject), never an e-mail address (OpenID Connect Core 5.7): no account
 * is ever found by its address.
 */
#ifndef LATCHKEY_LOGIN_ACCOUNT_H
#define LATCHKEY_LOGIN_ACCOUNT_H

#include "edge/context.h"
#include "format/json.h"
#include "oauth/person.h"

#include <stdbool.h>

struct account_ids {
    int64_t account;
    int64_t identity;
    bool created; /* by this login */
};

/* The account of this person, made if there is none, with what the provider now says of name,
 * address and picture. Call inside database_begin().
 * 0, or -1 with a database error. */
int account_sign_in(struct context *context, const struct provider *provider,
                    const struct person *person, struct account_ids *ids) CHECKED;

/* *identities = the account's identities as a JSON array of {"provider", "sub", "email"?}.
 * 0, or -1 with a database error. */
int account_identities(struct context *context, int64_t account, struct json **identities) CHECKED;

#endif

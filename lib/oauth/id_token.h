/*
 * id_token: who signed in, said by the provider and checked by us (OpenID Connect Core 2, 3.1.3.7).
 */
#ifndef LATCHKEY_OAUTH_ID_TOKEN_H
#define LATCHKEY_OAUTH_ID_TOKEN_H

#include "format/json.h"
#include "oauth/metadata.h"

#define SUBJECT_LIMIT 255 /* characters (OpenID Connect Core 2) */

/* What the token must agree with. */
struct id_token_expectation {
    const char *nonce;        /* NULL: none was sent, none may be there */
    const char *access_token; /* for at_hash */
    const char *code;         /* for c_hash */
};

struct id_token {
    const struct json *claims;
    const char *issuer; /* as configured; of a provider that is many, the one of this token */
    const char *subject;
    const char *sid; /* the provider's session; NULL if absent */
    const char *alg; /* it was signed with */
};

/* Verifies the signature, then every claim; `compact` is NULL if there was none. *metadata may be
 * renewed (keys).
 * 0, or -1 with ERROR_ID_TOKEN_*, or provider_keys_verify()'s errors. */
int id_token_verify(struct context *context, const struct provider *provider,
                    struct metadata *metadata, const char *compact,
                    const struct id_token_expectation *expected, struct id_token *token) CHECKED;

/* The claims alone, at the time `now`, with `leeway` seconds for clocks that differ. `alg` is what
 * the token was signed with, for the hashes. */
struct id_token_check {
    const struct provider *provider;
    const char *issuer; /* of the provider's metadata */
    const struct id_token_expectation *expected;
    const char *alg;
    int64_t now;
    int64_t leeway;
};
int id_token_check(struct arena *arena, const struct id_token_check *check,
                   const struct json *claims) CHECKED;

/* The checks that id_token and logout_token share: iss, aud, exp, iat, nbf. */
int id_token_check_common(struct arena *arena, const struct id_token_check *check,
                          const struct json *claims) CHECKED;

#endif

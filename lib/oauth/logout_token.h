/*
 * logout_token: the provider says that somebody signed out there (OpenID Connect Back-Channel
 * Logout 1.0).
 */
#ifndef LATCHKEY_OAUTH_LOGOUT_TOKEN_H
#define LATCHKEY_OAUTH_LOGOUT_TOKEN_H

#include "oauth/metadata.h"

struct logout_token {
    const char *issuer;  /* as id_token.h has it */
    const char *subject; /* NULL if absent; then there is a sid */
    const char *sid;     /* NULL if absent; then there is a subject */
    const char *jti;
    const char *alg; /* it was signed with */
    int64_t expires_at;
};

/* Verifies the signature, then every claim (2.6). Whether the jti was seen before is for the caller
 * to ask. *metadata may be renewed (keys).
 * 0, or -1 with ERROR_LOGOUT_TOKEN, ERROR_ID_TOKEN_ISS, _AUD, _EXP, _IAT or _NBF, or
 * provider_keys_verify()'s errors. */
int logout_token_verify(struct context *context, const struct provider *provider,
                        struct metadata *metadata, const char *compact,
                        struct logout_token *token) CHECKED;

#endif

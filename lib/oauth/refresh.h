/*
 * refresh: a refresh token becomes a new access token (RFC 6749 6, OpenID Connect Core 12), as the
 * provider's record says: at its refresh_endpoint or else at the token endpoint, by the method and
 * in the notation of the token request, with its refresh_parameters.
 *
 * No scope is asked for: the answer's is that of the grant (6). Tokens of OAuth 1.0 do not expire,
 * and are not refreshed.
 */
#ifndef LATCHKEY_OAUTH_REFRESH_H
#define LATCHKEY_OAUTH_REFRESH_H

#include "oauth/login_values.h"
#include "oauth/metadata.h"
#include "oauth/token.h"

struct refresh {
    const char *refresh_token;
    const char *parameters; /* refresh_parameters(), as kept since the login; NULL: none */
    /* Whose tokens they are; an id_token that comes along must say the same. */
    const char *issuer;
    const char *subject;
};

/* *parameters = the record's refresh_parameters, urlencoded, with everything filled in: some of it
 * only the login knows. NULL: it has none.
 * 0, or -1 with login_values_put()'s errors. */
int refresh_parameters(struct arena *arena, const struct login_values *values,
                       const char **parameters) CHECKED;

/* Asks. An answer without a refresh token means that the one that was sent stays (6).
 * 0, or -1 with ERROR_GRANT_OVER: the provider says that the person must be asked anew (5.2
 * invalid_grant, and what the record's `grant_over` says is the same); all else is no reason to give
 * the grant up: endpoint_send()'s errors, ERROR_TOKEN_ERROR, ERROR_TOKEN_RESPONSE, or of an id_token
 * that comes along (12.2) ERROR_JWS_*, ERROR_ID_TOKEN_MALFORMED, ERROR_ID_TOKEN_ISS,
 * ERROR_ID_TOKEN_SUB or ERROR_ID_TOKEN_AUD: then nothing of the answer may be kept. */
int refresh_request(struct context *context, const struct provider *provider,
                    const struct metadata *metadata, const struct refresh *refresh,
                    struct token_response *response) CHECKED;

#endif

/*
 * oauth1: the three legs of OAuth 1.0 (RFC 5849 2), and the requests that its credentials sign (3).
 *
 *   temporary credentials are asked for  ->  the browser carries their token to the provider and
 *   comes back with a verifier  ->  both become token credentials  ->  these sign the request for
 *   the profile (userinfo.h)
 *
 * The client's credentials are client_id and client_secret of the provider's record, or its private
 * key if its signature_method is RSA-SHA1.
 */
#ifndef LATCHKEY_OAUTH_OAUTH1_H
#define LATCHKEY_OAUTH_OAUTH1_H

#include "edge/http_client.h"
#include "format/json.h"
#include "oauth/provider.h"

/* The most of a token or a secret, in bytes. */
#define OAUTH1_CREDENTIAL_LIMIT 1024

/* Temporary ones, or token credentials (1.1). The secret is a secret. */
struct oauth1_credentials {
    const char *token;
    const char *secret;
};

/* 2.1: *temporary = credentials for one login, whose response comes to our redirection endpoint.
 * 0, or -1 with ERROR_HTTP_*, ERROR_CLIENT_REFUSED (status 401: it does not take us for its
 * client), ERROR_TOKEN_ERROR (it refused, and says how), ERROR_TOKEN_RESPONSE (the answer is none,
 * or does not confirm the callback) or oauth1_sign()'s errors. */
int oauth1_temporary_request(struct context *context, const struct provider *provider,
                             struct oauth1_credentials *temporary) CHECKED;

/* 2.2: where to send the browser. */
char *oauth1_authorization_uri(struct arena *arena, const struct provider *provider,
                               const struct oauth1_credentials *temporary);

/* 2.3: *credentials = token credentials, for the temporary ones and the verifier that the browser
 * brought; *answer = what the answer says besides them, all strings.
 * 0, or -1 with ERROR_HTTP_*, ERROR_CLIENT_REFUSED, ERROR_TOKEN_ERROR (also status 401),
 * ERROR_TOKEN_RESPONSE or oauth1_sign()'s errors. */
int oauth1_token_request(struct context *context, const struct provider *provider,
                         const struct oauth1_credentials *temporary, const char *verifier,
                         struct oauth1_credentials *credentials,
                         const struct json **answer) CHECKED;

/* 3.1: signs a request that is otherwise complete: its URL and body must not change any more.
 * 0, or -1 with ERROR_KEY_FILE, ERROR_INTERNAL or oauth1_signature_base()'s errors. */
int oauth1_sign(struct context *context, const struct provider *provider,
                const struct oauth1_credentials *credentials, struct http_request *request) CHECKED;

#endif

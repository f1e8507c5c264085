/*
 * userinfo: more about who signed in, from the UserInfo endpoint (OpenID Connect Core 5.3).
 */
#ifndef LATCHKEY_OAUTH_USERINFO_H
#define LATCHKEY_OAUTH_USERINFO_H

#include "format/json.h"
#include "oauth/metadata.h"

/* Asks with the access token. *claims = what it said; NULL if the provider has no UserInfo endpoint
 * or its record says `userinfo = no`. The answer is JSON, or a JWT signed by the provider (5.3.2),
 * which is then verified.
 * 0, or -1 with ERROR_HTTP_*, ERROR_USERINFO_MALFORMED or ERROR_USERINFO_SUB (not `subject`:
 * 5.3.2); of a signed answer also ERROR_ID_TOKEN_ISS, ERROR_ID_TOKEN_AUD or
 * provider_keys_verify()'s errors. */
int userinfo_request(struct context *context, const struct provider *provider,
                     struct metadata *metadata, const char *access_token, const char *subject,
                     const struct json **claims) CHECKED;

#endif

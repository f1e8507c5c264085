/*
 * userinfo: more about who signed in, from the UserInfo endpoint (OpenID Connect Core 5.3), or from
 * whatever an OAuth provider has in its place: a profile, in one or two calls, asked for and
 * answered as its record says.
 */
#ifndef LATCHKEY_OAUTH_USERINFO_H
#define LATCHKEY_OAUTH_USERINFO_H

#include "format/json.h"
#include "oauth/login_values.h"
#include "oauth/metadata.h"

/* Asks with the access token. Fills in values->answers: userinfo, and userinfo2 of a second call;
 * they stay NULL if there is no such endpoint or the record says `userinfo = no`. The answer is
 * JSON, or as the record says, or for OpenID Connect a JWT signed by the provider (5.3.2), which is
 * then verified. `subject` is the id_token's, which the answer must repeat (5.3.2); NULL where there
 * is no id_token.
 * 0, or -1 with ERROR_HTTP_*, ERROR_USERINFO_ERROR (it says that it failed),
 * ERROR_USERINFO_MALFORMED, ERROR_USERINFO_SUB or login_values_put()'s errors; of a signed answer
 * also ERROR_ID_TOKEN_ISS, ERROR_ID_TOKEN_AUD or provider_keys_verify()'s errors; of a request that
 * is signed (OAuth 1.0) oauth1_sign()'s. */
int userinfo_request(struct context *context, struct metadata *metadata, const char *subject,
                     struct login_values *values) CHECKED;

#endif

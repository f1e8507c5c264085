/*
 * provider_keys: was this signed by the provider?
 *
 * Its keys come from the cached JWK Set at jwks_uri; a token whose key is not among them makes us
 * fetch the set anew, and the metadata if need be, at most once a minute (OpenID Connect
 * Core 10.1.1).
 */
#ifndef LATCHKEY_OAUTH_PROVIDER_KEYS_H
#define LATCHKEY_OAUTH_PROVIDER_KEYS_H

#include "format/jws.h"
#include "oauth/metadata.h"

/* Reads and verifies a JWS of the provider. `algs` is the record's allow-list; HS256, if listed, is
 * verified with the client secret. *metadata may be renewed.
 * 0, or -1 with ERROR_JWS_*, ERROR_JWK_*, or the errors of fetching. */
int provider_keys_verify(struct context *context, const struct provider *provider,
                         struct metadata *metadata, const char *algs, const char *compact,
                         struct jws *jws) CHECKED;

#endif

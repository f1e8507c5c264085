/*
 * temporary_credential: the credentials of OAuth 1.0 logins under way (RFC 5849 2.1), between
 * login.cgi and callback.cgi.
 *
 * Their secret signs the token request and must not reach the browser, so it waits here, sealed,
 * beside the `state` of the login that it belongs to: the authorization response of OAuth 1.0 names
 * the token alone. Whoever comes back with a token of ours still needs the browser that began the
 * login: see transaction.h.
 */
#ifndef LATCHKEY_LOGIN_TEMPORARY_CREDENTIAL_H
#define LATCHKEY_LOGIN_TEMPORARY_CREDENTIAL_H

#include "oauth/provider.h"

/* Keeps credentials that this provider issued until `expires_at`, and clears away a few that are
 * past it.
 * 0, or -1 with a key or database error. */
int temporary_credential_keep(struct context *context, const struct provider *provider,
                              const char *token, const char *secret, const char *state,
                              int64_t expires_at) CHECKED;

/* *secret and *state = what was kept for this token of this provider, which is gone with that:
 * of several that take it at once, one gets it.
 * 0; or -1 with ERROR_STATE_WRONG (none is kept: never issued, or already taken),
 * ERROR_LOGIN_EXPIRED, a key or database error. */
int temporary_credential_take(struct context *context, const struct provider *provider,
                              const char *token, const char **secret, const char **state) CHECKED;

#endif

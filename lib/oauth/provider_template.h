/*
 * provider_template: what the templates of a [provider ...] section may look like: addresses,
 * parameters and fields with {holes} (format/placeholder.h).
 *
 * Each judges a text whose variables are filled in; what is left in braces a login fills in
 * (login_values.h), or nobody. NULL, or what a right one would look like.
 */
#ifndef LATCHKEY_OAUTH_PROVIDER_TEMPLATE_H
#define LATCHKEY_OAUTH_PROVIDER_TEMPLATE_H

#include "base/arena.h"

/* Anything without holes. */
const char *provider_template_fixed(struct arena *arena, const char *text);

/* OpenID Connect Core 2; one hole may be a claim of the ID Token. */
const char *provider_template_issuer(struct arena *arena, const char *text);
const char *provider_template_identity_issuer(struct arena *arena, const char *text);

/* An address that is the same for every login; one that a login may add to; one that the browser is
 * sent to. */
const char *provider_template_endpoint(struct arena *arena, const char *text);
const char *provider_template_late_endpoint(struct arena *arena, const char *text);
const char *provider_template_end_session_endpoint(struct arena *arena, const char *text);

/* name=value&…: of a request of ours; of the one for the profile; of one that the browser carries. */
const char *provider_template_parameters(struct arena *arena, const char *text);
const char *provider_template_userinfo_parameters(struct arena *arena, const char *text);
const char *provider_template_authorization_parameters(struct arena *arena, const char *text);

/* Behind the "#" of the authorization endpoint. */
const char *provider_template_fragment(struct arena *arena, const char *text);

/* "Name: value", several separated by PROVIDER_HEADERS_SEPARATOR; User-Agent's value. */
const char *provider_template_headers(struct arena *arena, const char *text);
const char *provider_template_user_agent(struct arena *arena, const char *text);

#endif

/*
 * issuer: is it this provider's? Issuers are compared whole and exactly (OpenID Connect Core
 * 3.1.3.7 (2), Discovery 4.3, RFC 9207 2.4), with two exceptions that a record must name: spellings
 * of the same issuer (issuer_alternatives), and a template such as "https://op.example/{claim:tid}"
 * of a provider that is many issuers in one, each naming itself in a claim of its tokens.
 */
#ifndef LATCHKEY_OAUTH_ISSUER_H
#define LATCHKEY_OAUTH_ISSUER_H

#include "format/json.h"
#include "oauth/provider.h"

/* True if `issuer` is the configured one; for a template, if it is that with one segment of a path
 * (letters, digits, "-", "." and "_"; or a "{hole}" of the provider's own) in place of the hole. */
bool issuer_fits(const struct provider *provider, const char *issuer);

/* The same, or one of its other spellings. */
bool issuer_is_known(const struct provider *provider, const char *issuer);

/* True for a template, and for one that a provider's document holds. */
bool issuer_is_template(const char *issuer);

/* `discovered` is the issuer of the provider's document. False if that names one issuer of the many
 * that the provider is, and `issuer` is another: then the document speaks for the one alone. */
bool issuer_is_discovered(const struct provider *provider, const char *discovered,
                          const char *issuer);

/* Who issued these claims, as it is written in the configuration; NULL if that is not this
 * provider: a template demands that the claims fill it, and issuer_is_discovered(). */
const char *issuer_of_claims(struct arena *arena, const struct provider *provider,
                             const char *discovered, const struct json *claims);

#endif

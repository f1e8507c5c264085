#include "oauth/provider_check.h"

#include "base/text.h"
#include "format/jws.h"
#include "oauth/issuer.h"

#include <string.h>

/* Each of these returns what the provider needs and does not have, or NULL. */

static bool is_dynamic(const struct provider *provider) {
    return provider->registration != REGISTRATION_MANUAL;
}

static const char *missing_for_registration(const struct provider *provider) {
    if (is_dynamic(provider) && (provider->client_id != NULL || provider->client_secret != NULL))
        return "either a client_id or registration = dynamic or mastodon, which get one themselves";
    if (!is_dynamic(provider) && provider->client_id == NULL)
        return "client_id, as the provider gave it to you";
    if (!is_dynamic(provider) && provider->asks_instance)
        return "registration = dynamic or mastodon: each instance is a provider of its own";
    if (provider->asks_instance && provider->initial_access_token != NULL)
        return "no initial_access_token with instance = ask: any server would be told it";
    if (provider->registration == REGISTRATION_MASTODON && provider->registration_endpoint == NULL)
        return "registration_endpoint = https://...";
    return NULL;
}

/* Only OpenID Connect has a way of finding out where everything is. */
static const char *missing_endpoints(const struct provider *provider) {
    if (provider->protocol == PROTOCOL_OIDC)
        return provider->issuer != NULL ? NULL
                                        : "issuer = https://..., or the name of a preset there is";
    if (provider->discovery_endpoint != NULL)
        return "type = oidc for its discovery_endpoint";
    if (provider->authorization_endpoint == NULL)
        return "authorization_endpoint = https://...";
    if (provider->token_endpoint == NULL)
        return "token_endpoint = https://...";
    if (provider->protocol == PROTOCOL_OAUTH1 && provider->temporary_credential_endpoint == NULL)
        return "temporary_credential_endpoint = https://...";
    return NULL;
}

/* Where one provider is many issuers, an id_token says which; no address is below all of them. */
static const char *missing_for_issuer_template(const struct provider *provider) {
    if (!issuer_is_template(provider->issuer))
        return NULL;
    if (provider->protocol != PROTOCOL_OIDC)
        return "type = oidc for a {claim:NAME} in its issuer";
    bool is_discovered = provider->authorization_endpoint == NULL ||
                         provider->token_endpoint == NULL || provider->jwks_uri == NULL;
    return is_discovered && provider->discovery_endpoint == NULL
               ? "discovery_endpoint = https://...: its issuer is many"
               : NULL;
}

/* What the record says of a request must have a place in it. */
static const char *missing_for_requests(const struct provider *provider) {
    bool has_form = provider->userinfo_token == TOKEN_IN_FORM;
    if (provider->token_get && provider->token_json)
        return "either token_endpoint_method = GET or token_request_format = json";
    if ((has_form || provider->userinfo_json != NULL) && !provider->userinfo_post)
        return "userinfo_endpoint_method = POST for what it sends in the body"; /* RFC 6750 2.2 */
    return has_form && provider->userinfo_json != NULL
               ? "either userinfo_json or the access token in a form"
               : NULL;
}

/* Without an id_token, somebody else must say who it is. */
static const char *missing_for_profile(const struct provider *provider) {
    bool asks = provider->userinfo && provider->userinfo_endpoint != NULL;
    if (provider->protocol == PROTOCOL_OIDC || asks)
        return NULL;
    if (provider->userinfo && provider->second_userinfo_endpoint != NULL)
        return "userinfo_endpoint = https://..., which is called before the second";
    return text_starts_with(provider->claim_sub, "token:")
               ? NULL
               : "userinfo_endpoint = https://..., or a claim_sub from the token response";
}

static const char *missing_for_trust(const struct provider *provider) {
    return provider->email_trust == EMAIL_TRUST_DOMAINS && provider->email_domains == NULL
               ? "email_domains for email_trust = domains"
               : NULL;
}

/* Each server numbers its own people: what one says of a subject must hold for it alone, or it could
 * let anybody in as somebody of another. */
static const char *missing_for_instance(const struct provider *provider) {
    const char *scheme = "https://";
    const char *instance = provider_variable(provider, "instance");
    if (!provider->asks_instance)
        return NULL;
    const char *rest = text_starts_with(provider->identity_issuer, scheme)
                           ? provider->identity_issuer + strlen(scheme)
                           : "";
    bool is_own = text_starts_with(rest, instance) &&
                  (rest[strlen(instance)] == '\0' || rest[strlen(instance)] == '/');
    if (!is_own)
        return "identity_issuer = https://{instance}";
    return provider->email_trust == EMAIL_TRUST_NEVER
               ? NULL
               : "email_trust = never: anybody can run such a server and vouch for any address";
}

/* The secret is made when it is needed, from a key. */
static const char *missing_for_secret_by_key(const struct provider *provider) {
    if (is_dynamic(provider))
        return "registration = manual for client_secret_issuer: its key was registered";
    if (provider->client_secret != NULL)
        return "either client_secret or client_secret_issuer, which makes one";
    if (provider->private_key_file == NULL)
        return "private_key_file, to sign the client secret with";
    if (provider->authentication != CLIENT_SECRET_POST &&
        provider->authentication != CLIENT_SECRET_BASIC)
        return "client_secret_post for a client secret that is signed";
    return text_equal(provider->authentication_alg, "HS256")
               ? "an algorithm with a private key: HS256 has none"
               : NULL;
}

static const char *missing_for_secret_jwt(const struct provider *provider) {
    const char *secret = provider->client_secret;
    const char *alg = provider->authentication_alg;
    if (secret == NULL || strlen(secret) < JWS_HS256_SECRET_MIN)
        return "a client_secret of at least 32 characters for client_secret_jwt";
    return alg == NULL || text_equal(alg, "HS256") ? NULL : "HS256 for client_secret_jwt";
}

static const char *missing_for_private_key_jwt(const struct provider *provider) {
    if (provider->private_key_file == NULL)
        return "private_key_file for private_key_jwt";
    return text_equal(provider->authentication_alg, "HS256")
               ? "an algorithm with a private key: HS256 has none"
               : NULL;
}

/* A secret that registration is yet to bring is judged there (oauth/registration.h). */
static const char *missing_for_authentication(const struct provider *provider) {
    if (provider->client_secret_issuer != NULL)
        return missing_for_secret_by_key(provider);
    if (is_dynamic(provider) && provider->authentication != PRIVATE_KEY_JWT)
        return NULL;
    switch (provider->authentication) {
    case CLIENT_SECRET_BASIC:
    case CLIENT_SECRET_POST:
        return provider->client_secret != NULL ? NULL : "client_secret or client_secret_file";
    case CLIENT_SECRET_JWT:
        return missing_for_secret_jwt(provider);
    case PRIVATE_KEY_JWT:
        return missing_for_private_key_jwt(provider);
    case CLIENT_PUBLIC:
        break;
    }
    return provider->pkce /* RFC 9700 2.1.1 */
               ? NULL
               : "code_challenge_method = S256: without a secret, PKCE is all there is";
}

static const char *missing_for_tokens(const struct provider *provider) {
    if (provider->protocol != PROTOCOL_OIDC)
        return NULL;
    bool has_hs256 = text_has_word(provider->id_token_algs, "HS256") ||
                     text_has_word(provider->userinfo_algs, "HS256");
    if (has_hs256 && provider->client_secret == NULL && !is_dynamic(provider))
        return "a client_secret to verify HS256 with";
    if (!text_has_word(provider->scope, "openid")) /* OpenID Connect Core 3.1.2.1 */
        return "\"openid\" in its scope";
    return NULL;
}

/* RFC 5849 3.4: what signs is the secret, or the private key. */
static const char *missing_for_oauth1(const struct provider *provider) {
    if (provider->signature_method == SIGNATURE_RSA_SHA1)
        return provider->private_key_file != NULL ? NULL : "private_key_file for RSA-SHA1";
    return provider->client_secret != NULL ? NULL : "client_secret or client_secret_file";
}

static const char *missing_for_client(const struct provider *provider) {
    return provider->protocol == PROTOCOL_OAUTH1 ? missing_for_oauth1(provider)
                                                 : missing_for_authentication(provider);
}

int provider_check_supported(struct arena *arena, const struct ini_section *section,
                             const struct provider *provider) {
    if (provider->unsupported == NULL)
        return 0;
    return fail(arena, ERROR_CONFIG, "%s:%d: [provider %s] cannot be used yet: %s", section->file,
                section->line, section->label, provider->unsupported);
}

int provider_check(struct arena *arena, const struct ini_section *section,
                   const struct provider *provider) {
    static const char *(*const checks[])(const struct provider *) = {
        missing_endpoints,    missing_for_issuer_template, missing_for_registration,
        missing_for_instance, missing_for_client,          missing_for_tokens,
        missing_for_requests, missing_for_profile,         missing_for_trust,
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        const char *missing = checks[i](provider);
        if (missing != NULL)
            return fail(arena, ERROR_CONFIG, "%s:%d: [provider %s] needs %s", section->file,
                        section->line, section->label, missing);
    }
    return 0;
}

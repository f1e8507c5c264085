#include "oauth/provider_check.h"

#include "base/text.h"
#include "format/jws.h"

#include <string.h>

/* Each of these returns what the provider needs and does not have, or NULL. */

static const char *missing_basics(const struct provider *provider) {
    if (provider->issuer == NULL)
        return "issuer = https://...";
    if (provider->client_id == NULL && !provider->dynamic)
        return "client_id, as the provider gave it to you";
    if (provider->dynamic && (provider->client_id != NULL || provider->client_secret != NULL))
        return "either a client_id or registration = dynamic, which gets one itself";
    return NULL;
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
    if (provider->dynamic && provider->authentication != PRIVATE_KEY_JWT)
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
    bool has_hs256 = text_has_word(provider->id_token_algs, "HS256") ||
                     text_has_word(provider->userinfo_algs, "HS256");
    if (has_hs256 && provider->client_secret == NULL && !provider->dynamic)
        return "a client_secret to verify HS256 with";
    if (!text_has_word(provider->scope, "openid")) /* OpenID Connect Core 3.1.2.1 */
        return "\"openid\" in its scope";
    return NULL;
}

int provider_check(struct arena *arena, const struct ini_section *section,
                   const struct provider *provider) {
    const char *missing = missing_basics(provider);
    if (missing == NULL)
        missing = missing_for_authentication(provider);
    if (missing == NULL)
        missing = missing_for_tokens(provider);
    if (missing == NULL)
        return 0;
    return fail(arena, ERROR_CONFIG, "%s:%d: [provider %s] needs %s", section->file, section->line,
                section->label, missing);
}

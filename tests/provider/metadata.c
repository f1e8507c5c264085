/* The provider's metadata: OpenID Connect Discovery 3, RFC 8414, RFC 9207; and its JWK Set. */
#include "endpoints.h"

#include "base/text.h"

#include <string.h>

static void put_uri(struct exchange *exchange, struct json *document, const char *name,
                    const char *path) {
    json_put_string(exchange->arena, document, name, op_uri(exchange->arena, exchange->op, path));
}

/* An array of the words of `list`. */
static void put_words(struct exchange *exchange, struct json *document, const char *name,
                      const char *list) {
    struct json *array = json_array(exchange->arena);
    char *rest = arena_text(exchange->arena, list);
    for (const char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " "))
        json_append(array, json_text(exchange->arena, word));
    json_put(exchange->arena, document, name, array);
}

static void put_endpoints(struct exchange *exchange, struct json *document) {
    put_uri(exchange, document, "authorization_endpoint", "/authorize");
    put_uri(exchange, document, "token_endpoint", "/token");
    put_uri(exchange, document, "userinfo_endpoint", "/userinfo");
    put_uri(exchange, document, "jwks_uri", "/jwks");
    put_uri(exchange, document, "end_session_endpoint", "/logout");
    put_uri(exchange, document, "service_documentation", "/");
}

static void put_abilities(struct exchange *exchange, struct json *document) {
    static const char *const abilities[][2] = {
        {"scopes_supported", "openid profile email notes"},
        {"response_types_supported", "code"},
        {"response_modes_supported", "query form_post"},
        {"grant_types_supported", "authorization_code"},
        {"subject_types_supported", "public"},
        {"id_token_signing_alg_values_supported", "RS256 ES256"},
        {"token_endpoint_auth_methods_supported", "client_secret_basic client_secret_post"},
        {"code_challenge_methods_supported", "S256"},
        {"prompt_values_supported", "none login consent select_account"},
        {"claim_types_supported", "normal"},
        {"claims_supported", "iss sub aud exp iat auth_time nonce at_hash sid name given_name "
                             "family_name preferred_username picture locale email email_verified"},
        {"display_values_supported", "page"},
        {"ui_locales_supported", "en"}};
    for (size_t i = 0; i < sizeof(abilities) / sizeof(abilities[0]); i++)
        put_words(exchange, document, abilities[i][0], abilities[i][1]);
}

static void put_flags(struct exchange *exchange, struct json *document) {
    static const struct {
        const char *name;
        bool value;
    } flags[] = {{"authorization_response_iss_parameter_supported", true},
                 {"claims_parameter_supported", false},
                 {"request_parameter_supported", false},
                 {"request_uri_parameter_supported", false},
                 {"require_request_uri_registration", false},
                 {"backchannel_logout_supported", false},
                 {"frontchannel_logout_supported", false}};
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
        json_put_boolean(exchange->arena, document, flags[i].name, flags[i].value);
}

int metadata(struct exchange *exchange) {
    struct json *document = json_object(exchange->arena);
    json_put_string(exchange->arena, document, "issuer", exchange->op->issuer);
    put_endpoints(exchange, document);
    put_abilities(exchange, document);
    put_flags(exchange, document);
    return exchange_json(exchange, 200, document);
}

int jwks(struct exchange *exchange) {
    struct json *set;
    if (op_jwk_set(exchange->arena, exchange->op, &set) != 0)
        return -1;
    return exchange_json(exchange, 200, set);
}

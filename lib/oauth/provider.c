#include "oauth/provider.h"

#include "base/text.h"
#include "edge/config.h"
#include "edge/private_file.h"
#include "format/json.h"
#include "format/jws.h"
#include "format/uri.h"
#include "oauth/provider_check.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAX_AGE_LIMIT (3650LL * 24 * 3600) /* seconds */

/* A setting of a [provider …] section: its name, and how it gets into struct provider. The setter
 * returns what a right value would look like if this one is wrong, else NULL. */
struct setting {
    const char *name;
    const char *(*set)(struct provider *provider, size_t field, const char *value);
    size_t field; /* offset of a member, for the setters that serve many */
};

static const char **text_field(struct provider *provider, size_t field) {
    return (const char **)(void *)((char *)provider + field);
}

static bool *bool_field(struct provider *provider, size_t field) {
    return (bool *)((char *)provider + field);
}

static const char *set_text(struct provider *provider, size_t field, const char *value) {
    if (*value == '\0')
        return "a value";
    *text_field(provider, field) = value;
    return NULL;
}

static const char *set_text_or_none(struct provider *provider, size_t field, const char *value) {
    *text_field(provider, field) = value;
    return NULL;
}

static const char *set_yes_no(struct provider *provider, size_t field, const char *value) {
    if (!text_equal(value, "yes") && !text_equal(value, "no"))
        return "yes or no";
    *bool_field(provider, field) = text_equal(value, "yes");
    return NULL;
}

static const char *set_type(struct provider *provider, size_t field, const char *value) {
    (void)provider;
    (void)field;
    return text_equal(value, "oidc") ? NULL : "oidc";
}

static const char *const authentication_names[] = {
    [CLIENT_SECRET_BASIC] = "client_secret_basic",
    [CLIENT_SECRET_POST] = "client_secret_post",
    [CLIENT_SECRET_JWT] = "client_secret_jwt",
    [PRIVATE_KEY_JWT] = "private_key_jwt",
    [CLIENT_PUBLIC] = "none",
};

bool provider_authentication_parse(const char *name, enum client_authentication *method) {
    for (size_t i = 0; i < sizeof(authentication_names) / sizeof(authentication_names[0]); i++)
        if (text_equal(name, authentication_names[i])) {
            *method = (enum client_authentication)i;
            return true;
        }
    return false;
}

const char *provider_authentication_name(enum client_authentication method) {
    return authentication_names[method];
}

static const char *set_authentication(struct provider *provider, size_t field, const char *value) {
    (void)field;
    return provider_authentication_parse(value, &provider->authentication)
               ? NULL
               : "client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt or "
                 "none";
}

static const char *set_registration(struct provider *provider, size_t field, const char *value) {
    (void)field;
    if (!text_equal(value, "manual") && !text_equal(value, "dynamic"))
        return "manual or dynamic";
    provider->dynamic = text_equal(value, "dynamic");
    return NULL;
}

static const char *set_response_mode(struct provider *provider, size_t field, const char *value) {
    (void)field;
    if (!text_equal(value, "query") && !text_equal(value, "form_post"))
        return "query or form_post";
    provider->response_mode =
        text_equal(value, "query") ? RESPONSE_MODE_QUERY : RESPONSE_MODE_FORM_POST;
    return NULL;
}

static const char *set_pkce(struct provider *provider, size_t field, const char *value) {
    (void)field;
    if (!text_equal(value, "S256") && !text_equal(value, "none"))
        return "S256 or none";
    provider->pkce = text_equal(value, "S256");
    return NULL;
}

static const char *set_email_trust(struct provider *provider, size_t field, const char *value) {
    (void)field;
    if (!text_equal(value, "claim") && !text_equal(value, "never"))
        return "claim or never";
    provider->email_trust = text_equal(value, "claim") ? EMAIL_TRUST_CLAIM : EMAIL_TRUST_NEVER;
    return NULL;
}

static const char *set_max_age(struct provider *provider, size_t field, const char *value) {
    (void)field;
    char *end = NULL;
    errno = 0;
    long long seconds = ascii_is_digit(*value) ? strtoll(value, &end, 10) : -1;
    if (seconds < 0 || errno != 0 || *end != '\0' || seconds > MAX_AGE_LIMIT)
        return "a number of seconds, at most ten years";
    provider->max_age = seconds;
    return NULL;
}

static bool is_alg(const char *word, size_t length) {
    char alg[16] = "";
    if (length >= sizeof(alg))
        return false;
    memcpy(alg, word, length);
    return jws_alg_is_known(alg);
}

/* Every word must be an algorithm that we know; "none" is not one. */
static const char *set_algs(struct provider *provider, size_t field, const char *value) {
    const char *rest = value;
    size_t length = 0;
    for (const char *word = text_next_word(&rest, &length); word != NULL;
         word = text_next_word(&rest, &length))
        if (!is_alg(word, length))
            return "algorithms such as RS256 ES256";
    return set_text(provider, field, value);
}

/* One algorithm: what we sign with. */
static const char *set_alg(struct provider *provider, size_t field, const char *value) {
    if (!jws_alg_is_known(value))
        return "one algorithm such as RS256";
    return set_text(provider, field, value);
}

/* An address that we may call (uri.h). */
static bool is_address(const char *value, bool *has_query) {
    struct arena scratch;
    struct uri uri;
    arena_open(&scratch, ARENA_LIMIT);
    bool safe = uri_parse(&scratch, value, &uri) == 0 && uri_is_safe_endpoint(&uri);
    *has_query = safe && uri.query != NULL;
    arena_close(&scratch);
    return safe;
}

/* OpenID Connect Core 2: an https URL without query and fragment. */
static const char *set_issuer(struct provider *provider, size_t field, const char *value) {
    bool has_query = false;
    if (!is_address(value, &has_query) || has_query)
        return "an https:// address without \"?\" (http:// only on this machine)";
    *text_field(provider, field) = value;
    return NULL;
}

/* OpenID Connect Core 5.5: an object; what is in it is the provider's to understand. */
static const char *set_claims(struct provider *provider, size_t field, const char *value) {
    struct arena scratch;
    struct json *claims = NULL;
    arena_open(&scratch, ARENA_LIMIT);
    bool is_object = json_parse_object(&scratch, value, strlen(value), &claims) == 0;
    arena_close(&scratch);
    if (!is_object)
        return "a JSON object";
    *text_field(provider, field) = value;
    return NULL;
}

static const char *set_endpoint(struct provider *provider, size_t field, const char *value) {
    bool has_query = false;
    if (!is_address(value, &has_query))
        return "an https:// address (http:// only on this machine)";
    *text_field(provider, field) = value;
    return NULL;
}

static const char *set_endpoint_or_none(struct provider *provider, size_t field,
                                        const char *value) {
    return *value == '\0' ? set_text_or_none(provider, field, value)
                          : set_endpoint(provider, field, value);
}

#define FIELD(name) offsetof(struct provider, name)

static const struct setting settings[] = {
    {"type", set_type, 0},
    {"label", set_text, FIELD(label)},
    {"issuer", set_issuer, FIELD(issuer)},
    {"client_id", set_text, FIELD(client_id)},
    {"client_secret", set_text, FIELD(client_secret)},
    {"registration", set_registration, 0},
    {"initial_access_token", set_text, FIELD(initial_access_token)},
    {"private_key_file", set_text, FIELD(private_key_file)},
    {"private_key_id", set_text, FIELD(private_key_id)},
    {"token_endpoint_auth_method", set_authentication, 0},
    {"token_endpoint_auth_signing_alg", set_alg, FIELD(authentication_alg)},
    {"response_mode", set_response_mode, 0},
    {"scope", set_text, FIELD(scope)},
    {"prompt", set_text, FIELD(prompt)},
    {"max_age", set_max_age, 0},
    {"acr_values", set_text, FIELD(acr_values)},
    {"ui_locales", set_text, FIELD(ui_locales)},
    {"claims", set_claims, FIELD(claims)},
    {"resource", set_text, FIELD(resource)},
    {"nonce", set_yes_no, FIELD(nonce)},
    {"code_challenge_method", set_pkce, 0},
    {"require_pushed_authorization_requests", set_yes_no, FIELD(par)},
    {"id_token_signed_response_alg", set_algs, FIELD(id_token_algs)},
    {"userinfo_signed_response_alg", set_algs, FIELD(userinfo_algs)},
    {"trusted_audiences", set_text, FIELD(trusted_audiences)},
    {"userinfo", set_yes_no, FIELD(userinfo)},
    {"email_trust", set_email_trust, 0},
    {"authorization_endpoint", set_endpoint, FIELD(authorization_endpoint)},
    {"token_endpoint", set_endpoint, FIELD(token_endpoint)},
    {"userinfo_endpoint", set_endpoint, FIELD(userinfo_endpoint)},
    {"jwks_uri", set_endpoint, FIELD(jwks_uri)},
    {"end_session_endpoint", set_endpoint_or_none, FIELD(end_session_endpoint)},
    {"pushed_authorization_request_endpoint", set_endpoint,
     FIELD(pushed_authorization_request_endpoint)},
    {"registration_endpoint", set_endpoint, FIELD(registration_endpoint)},
};

#undef FIELD

/* What holds when neither preset nor configuration say anything. */
static struct provider defaults(const char *id) {
    return (struct provider){
        .id = id,
        .label = id,
        .authentication = CLIENT_SECRET_BASIC, /* RFC 7591 2 */
        .response_mode = RESPONSE_MODE_QUERY,
        .scope = "openid email profile",
        .max_age = -1,
        .nonce = true,
        .pkce = true,
        .id_token_algs = "RS256 ES256",
        .userinfo = true,
        .email_trust = EMAIL_TRUST_CLAIM,
    };
}

/* A secret kept in a file of its own, so that the configuration itself may be read by others. */
static int read_secret_file(struct arena *arena, const struct ini_section *section,
                            const struct ini_setting *setting, const char **secret) {
    const char *text = NULL;
    if (private_file_read(arena, section->file, setting->value, &text) != 0)
        return -1;
    *secret = arena_copy(arena, text, strcspn(text, "\r\n"));
    if (**secret == '\0')
        return fail(arena, ERROR_CONFIG, "%s:%d: the first line of %s is empty", section->file,
                    setting->line, setting->value);
    return 0;
}

static int apply_setting(struct context *context, const struct ini_section *section,
                         const struct ini_setting *setting, struct provider *provider) {
    struct arena *arena = context->arena;
    if (text_equal(setting->name, "client_secret_file"))
        return read_secret_file(arena, section, setting, &provider->client_secret);

    for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
        if (!text_equal(setting->name, settings[i].name))
            continue;
        const char *expected = settings[i].set(provider, settings[i].field, setting->value);
        if (expected != NULL)
            return fail(arena, ERROR_CONFIG, "%s:%d: %s needs %s", section->file, setting->line,
                        setting->name, expected);
        return 0;
    }
    return fail(arena, ERROR_CONFIG, "%s:%d: a provider has no setting \"%s\"", section->file,
                setting->line, setting->name);
}

static int apply_section(struct context *context, const struct ini_section *section,
                         struct provider *provider) {
    if (section == NULL)
        return 0;
    for (const struct ini_setting *setting = section->settings; setting != NULL;
         setting = setting->next)
        if (apply_setting(context, section, setting, provider) != 0)
            return -1;
    return 0;
}

static int load_section(struct context *context, const struct ini_section *section,
                        struct provider *provider) {
    const struct ini_section *preset =
        ini_section(context->config->presets, "provider", section->label);
    *provider = defaults(section->label);
    if (apply_section(context, preset, provider) != 0 ||
        apply_section(context, section, provider) != 0)
        return -1;
    return provider_check(context->arena, section, provider);
}

int provider_load(struct context *context, const char *id, struct provider *provider) {
    const struct ini_section *section = ini_section(context->config->sections, "provider", id);
    if (section == NULL)
        return fail(context->arena, ERROR_PROVIDER_UNKNOWN,
                    "no [provider ...] section of that name");
    return load_section(context, section, provider);
}

int provider_load_all(struct context *context, struct provider_list *list) {
    struct arena *arena = context->arena;
    *list = (struct provider_list){
        .providers = arena_array(arena, PROVIDER_LIMIT, sizeof(struct provider)),
    };
    for (const struct ini_section *section = context->config->sections; section != NULL;
         section = section->next) {
        if (!text_equal(section->kind, "provider"))
            continue;
        if (list->count == PROVIDER_LIMIT)
            return fail(arena, ERROR_CONFIG, "%s:%d: more than %d providers", section->file,
                        section->line, PROVIDER_LIMIT);
        if (load_section(context, section, &list->providers[list->count]) != 0)
            return -1;
        list->count++;
    }
    if (list->count == 0)
        return fail(arena, ERROR_PROVIDER_MISSING,
                    "%s: no [provider ...] section: nobody can sign in", context->config->file);
    return 0;
}

int provider_load_by_issuer(struct context *context, const char *issuer,
                            struct provider *provider) {
    struct provider_list list;
    if (provider_load_all(context, &list) != 0)
        return -1;
    for (size_t i = 0; i < list.count; i++)
        if (text_equal(list.providers[i].issuer, issuer)) {
            *provider = list.providers[i];
            return 0;
        }
    return fail(context->arena, ERROR_ISSUER_UNKNOWN, "no configured provider has that issuer");
}

char *provider_redirect_uri(struct context *context, const struct provider *provider) {
    return config_program_uri(context->arena, context->config,
                              arena_format(context->arena, "callback.cgi/%s", provider->id));
}

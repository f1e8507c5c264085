#include "oauth/provider_setting.h"

#include "base/text.h"
#include "format/email_address.h"
#include "format/json.h"
#include "format/jws.h"
#include "format/mapping.h"
#include "format/uri.h"
#include "oauth/provider_template.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#define MAX_AGE_LIMIT (3650LL * 24 * 3600) /* seconds */

/* A setter returns what a right value would look like if this one is wrong, else NULL. A template
 * is taken over as it is and judged later, once its variables are filled in. */
struct provider_setting {
    const char *name;
    const char *(*set)(struct arena *arena, struct provider *provider, size_t field,
                       const char *value);
    size_t field; /* offset of a member, for the setters that serve many */
    const char *(*check_template)(struct arena *arena, const char *text); /* NULL: no template */
};

/* ---- where values go ------------------------------------------------------------------------- */

static const char **text_field(struct provider *provider, size_t field) {
    return (const char **)(void *)((char *)provider + field);
}

static bool *bool_field(struct provider *provider, size_t field) {
    return (bool *)((char *)provider + field);
}

static const char *set_text(struct arena *arena, struct provider *provider, size_t field,
                            const char *value) {
    (void)arena;
    if (*value == '\0')
        return "a value";
    *text_field(provider, field) = value;
    return NULL;
}

static const char *set_text_or_none(struct arena *arena, struct provider *provider, size_t field,
                                    const char *value) {
    (void)arena;
    *text_field(provider, field) = value;
    return NULL;
}

static const char *set_yes_no(struct arena *arena, struct provider *provider, size_t field,
                              const char *value) {
    (void)arena;
    if (!text_equal(value, "yes") && !text_equal(value, "no"))
        return "yes or no";
    *bool_field(provider, field) = text_equal(value, "yes");
    return NULL;
}

/* ---- one word of a few ----------------------------------------------------------------------- */

/* The place of the value among the words, which end with NULL; -1 if it is none of them. */
static int word_of(const char *const words[], const char *value) {
    for (int i = 0; words[i] != NULL; i++)
        if (text_equal(words[i], value))
            return i;
    return -1;
}

static const char *set_type(struct arena *arena, struct provider *provider, size_t field,
                            const char *value) {
    static const char *const words[] = {
        [PROTOCOL_OIDC] = "oidc", [PROTOCOL_OAUTH2] = "oauth2", [PROTOCOL_OAUTH1] = "oauth1", NULL};
    int word = word_of(words, value);
    (void)arena;
    (void)field;
    if (word < 0)
        return "oidc, oauth2 or oauth1";
    provider->protocol = (enum protocol)word;
    return NULL;
}

static const char *const authentication_names[] = {
    [CLIENT_SECRET_BASIC] = "client_secret_basic",
    [CLIENT_SECRET_POST] = "client_secret_post",
    [CLIENT_SECRET_JWT] = "client_secret_jwt",
    [PRIVATE_KEY_JWT] = "private_key_jwt",
    [CLIENT_PUBLIC] = "none",
    NULL,
};

bool provider_authentication_parse(const char *name, enum client_authentication *method) {
    int word = word_of(authentication_names, name);
    if (word >= 0)
        *method = (enum client_authentication)word;
    return word >= 0;
}

const char *provider_authentication_name(enum client_authentication method) {
    return authentication_names[method];
}

static const char *set_authentication(struct arena *arena, struct provider *provider, size_t field,
                                      const char *value) {
    (void)arena;
    (void)field;
    return provider_authentication_parse(value, &provider->authentication)
               ? NULL
               : "client_secret_basic, client_secret_post, client_secret_jwt, private_key_jwt or "
                 "none";
}

static const char *set_registration(struct arena *arena, struct provider *provider, size_t field,
                                    const char *value) {
    static const char *const words[] = {[REGISTRATION_MANUAL] = "manual",
                                        [REGISTRATION_DYNAMIC] = "dynamic",
                                        [REGISTRATION_MASTODON] = "mastodon",
                                        NULL};
    int word = word_of(words, value);
    (void)arena;
    (void)field;
    if (word < 0)
        return "manual, dynamic or mastodon";
    provider->registration = (enum client_registration)word;
    return NULL;
}

static const char *set_response_mode(struct arena *arena, struct provider *provider, size_t field,
                                     const char *value) {
    (void)arena;
    (void)field;
    if (!text_equal(value, "query") && !text_equal(value, "form_post"))
        return "query or form_post";
    provider->response_mode =
        text_equal(value, "query") ? RESPONSE_MODE_QUERY : RESPONSE_MODE_FORM_POST;
    return NULL;
}

static const char *set_pkce(struct arena *arena, struct provider *provider, size_t field,
                            const char *value) {
    (void)arena;
    (void)field;
    if (!text_equal(value, "S256") && !text_equal(value, "none"))
        return "S256 or none";
    provider->pkce = text_equal(value, "S256");
    return NULL;
}

static const char *set_scope_separator(struct arena *arena, struct provider *provider, size_t field,
                                       const char *value) {
    (void)arena;
    (void)field;
    if (!text_equal(value, "space") && !text_equal(value, "comma"))
        return "space or comma";
    provider->scope_separator = text_equal(value, "comma") ? "," : " ";
    return NULL;
}

static const char *set_signature_method(struct arena *arena, struct provider *provider,
                                        size_t field, const char *value) {
    (void)arena;
    (void)field;
    if (!text_equal(value, "HMAC-SHA1") && !text_equal(value, "RSA-SHA1"))
        return "HMAC-SHA1 or RSA-SHA1";
    provider->signature_method =
        text_equal(value, "RSA-SHA1") ? SIGNATURE_RSA_SHA1 : SIGNATURE_HMAC_SHA1;
    return NULL;
}

/* `field` is a bool: is it GET? */
static const char *set_is_get(struct arena *arena, struct provider *provider, size_t field,
                              const char *value) {
    (void)arena;
    if (!text_equal(value, "GET") && !text_equal(value, "POST"))
        return "GET or POST";
    *bool_field(provider, field) = text_equal(value, "GET");
    return NULL;
}

static const char *set_is_post(struct arena *arena, struct provider *provider, size_t field,
                               const char *value) {
    const char *expected = set_is_get(arena, provider, field, value);
    *bool_field(provider, field) = text_equal(value, "POST");
    return expected;
}

static const char *set_token_request_format(struct arena *arena, struct provider *provider,
                                            size_t field, const char *value) {
    (void)arena;
    (void)field;
    if (!text_equal(value, "form") && !text_equal(value, "json"))
        return "form or json";
    provider->token_json = text_equal(value, "json");
    return NULL;
}

static const char *set_userinfo_token(struct arena *arena, struct provider *provider, size_t field,
                                      const char *value) {
    static const char *const words[] = {
        [TOKEN_IN_HEADER] = "header", [TOKEN_IN_FORM] = "form", [TOKEN_IN_QUERY] = "query", NULL};
    const char *colon = strchr(value, ':');
    size_t length = colon == NULL ? strlen(value) : (size_t)(colon - value);
    int word = word_of(words, arena_copy(arena, value, length));
    const char *name = colon == NULL ? "" : colon + 1;
    (void)field;
    if (word < 0 || (*name == '\0' && (colon != NULL || word != TOKEN_IN_HEADER)) ||
        (*name != '\0' && !text_is_token(name)))
        return "header, header:SCHEME, query:NAME or form:NAME";
    provider->userinfo_token = (enum token_carrier)word;
    provider->userinfo_token_name = *name == '\0' ? "Bearer" : name;
    return NULL;
}

static const char *set_email_trust(struct arena *arena, struct provider *provider, size_t field,
                                   const char *value) {
    static const char *const words[] = {[EMAIL_TRUST_CLAIM] = "claim",
                                        [EMAIL_TRUST_ALWAYS] = "always",
                                        [EMAIL_TRUST_DOMAINS] = "domains",
                                        [EMAIL_TRUST_NEVER] = "never",
                                        NULL};
    int word = word_of(words, value);
    (void)arena;
    (void)field;
    if (word < 0)
        return "claim, always, domains or never";
    provider->email_trust = (enum email_trust)word;
    return NULL;
}

/* "ask", or the host of the one instance that this site trusts, perhaps with a port. */
static const char *set_instance(struct arena *arena, struct provider *provider, size_t field,
                                const char *value) {
    struct uri uri;
    bool is_bare = uri_parse(arena, arena_format(arena, "https://%s", value), &uri) == 0 &&
                   uri_is_safe_endpoint(&uri) && strcspn(value, "/?#") == strlen(value);
    (void)field;
    arena_forget_error(arena);
    if (!is_bare)
        return "ask, or a host name";
    provider->asks_instance = text_equal(value, "ask");
    provider->instance = provider->asks_instance ? NULL : value;
    return NULL;
}

/* ---- numbers, algorithms, colours ------------------------------------------------------------ */

static const char *set_max_age(struct arena *arena, struct provider *provider, size_t field,
                               const char *value) {
    (void)arena;
    (void)field;
    char *end = NULL;
    errno = 0;
    long long seconds = ascii_is_digit(*value) ? strtoll(value, &end, 10) : -1;
    if (seconds < 0 || errno != 0 || *end != '\0' || seconds > MAX_AGE_LIMIT)
        return "a number of seconds, at most ten years";
    provider->max_age = seconds;
    return NULL;
}

/* True if every word of the list passes, and there is one. */
static bool all_words(struct arena *arena, const char *list, bool (*passes)(const char *word)) {
    size_t length = 0;
    size_t count = 0;
    for (const char *word = text_next_word(&list, &length); word != NULL;
         word = text_next_word(&list, &length), count++)
        if (!passes(arena_copy(arena, word, length)))
            return false;
    return count > 0;
}

/* "none" is not one that we know. */
static const char *set_algs(struct arena *arena, struct provider *provider, size_t field,
                            const char *value) {
    if (!all_words(arena, value, jws_alg_is_known))
        return "algorithms such as RS256 ES256";
    return set_text(arena, provider, field, value);
}

/* One algorithm: what we sign with. */
static const char *set_alg(struct arena *arena, struct provider *provider, size_t field,
                           const char *value) {
    if (!jws_alg_is_known(value))
        return "one algorithm such as RS256";
    return set_text(arena, provider, field, value);
}

static bool is_response_format(const char *word) {
    return text_equal(word, "json") || text_equal(word, "form") || text_equal(word, "jsonp");
}

static const char *set_response_format(struct arena *arena, struct provider *provider, size_t field,
                                       const char *value) {
    if (!all_words(arena, value, is_response_format))
        return "one or several of json, form, jsonp";
    return set_text(arena, provider, field, value);
}

static const char *set_mail_domains(struct arena *arena, struct provider *provider, size_t field,
                                    const char *value) {
    if (!email_address_are_domains(arena, value))
        return "domains such as example.org, without @";
    return set_text(arena, provider, field, value);
}

static const char *set_emails(struct arena *arena, struct provider *provider, size_t field,
                              const char *value) {
    if (!email_address_are_valid(arena, value))
        return "e-mail addresses, separated by spaces";
    return set_text(arena, provider, field, value);
}

/* It stands in a style sheet. */
static const char *set_color(struct arena *arena, struct provider *provider, size_t field,
                             const char *value) {
    static const char digits[] = "0123456789abcdefABCDEF";
    if (*value != '#' || strlen(value) != 7 || strspn(value + 1, digits) != 6)
        return "a colour such as #24292f";
    return set_text(arena, provider, field, value);
}

static const char *set_mark(struct arena *arena, struct provider *provider, size_t field,
                            const char *value) {
    size_t characters = 0;
    for (const char *c = value; *c != '\0'; c++)
        characters += ((unsigned char)*c & 0xC0) != 0x80;
    if (characters == 0 || characters > 2)
        return "one or two characters";
    return set_text(arena, provider, field, value);
}

static const char *set_token(struct arena *arena, struct provider *provider, size_t field,
                             const char *value) {
    if (!text_is_token(value))
        return "the name of a parameter";
    return set_text(arena, provider, field, value);
}

/* OpenID Connect Core 5.5: an object; what is in it is the provider's to understand. */
static const char *set_claims(struct arena *arena, struct provider *provider, size_t field,
                              const char *value) {
    struct json *claims = NULL;
    bool is_object = json_parse_object(arena, value, strlen(value), &claims) == 0;
    arena_forget_error(arena);
    if (!is_object)
        return "a JSON object";
    return set_text(arena, provider, field, value);
}

static const char *set_json(struct arena *arena, struct provider *provider, size_t field,
                            const char *value) {
    struct json *json = NULL;
    bool is_json = json_parse(arena, value, strlen(value), &json) == 0;
    arena_forget_error(arena);
    if (!is_json)
        return "JSON";
    return set_text(arena, provider, field, value);
}

/* ---- expressions over the provider's answers ------------------------------------------------- */

static const char *set_expression(struct arena *arena, struct provider *provider, size_t field,
                                  const char *value, enum mapping_kind kind) {
    const char *fault = mapping_fault(arena, value, kind);
    return fault != NULL ? fault : set_text(arena, provider, field, value);
}

static const char *set_text_expression(struct arena *arena, struct provider *provider, size_t field,
                                       const char *value) {
    return set_expression(arena, provider, field, value, MAPPING_TEXT);
}

static const char *set_truth(struct arena *arena, struct provider *provider, size_t field,
                             const char *value) {
    return set_expression(arena, provider, field, value, MAPPING_TRUTH);
}

static const char *set_path(struct arena *arena, struct provider *provider, size_t field,
                            const char *value) {
    return set_expression(arena, provider, field, value, MAPPING_PATH);
}

static const char *set_paths(struct arena *arena, struct provider *provider, size_t field,
                             const char *value) {
    return set_expression(arena, provider, field, value, MAPPING_PATHS);
}

static const char *set_conditions(struct arena *arena, struct provider *provider, size_t field,
                                  const char *value) {
    return set_expression(arena, provider, field, value, MAPPING_CONDITIONS);
}

static const char *set_requirement(struct arena *arena, struct provider *provider, size_t field,
                                   const char *value) {
    return set_expression(arena, provider, field, value, MAPPING_REQUIREMENT);
}

/* ---- the table ------------------------------------------------------------------------------- */

#define FIELD(name) offsetof(struct provider, name)

static const struct provider_setting settings[] = {
    {"type", set_type, 0, NULL},
    {"unsupported", set_text, FIELD(unsupported), NULL},
    {"instance", set_instance, 0, NULL},
    {"label", set_text, FIELD(label), NULL},
    {"button_background", set_color, FIELD(button_background), NULL},
    {"button_color", set_color, FIELD(button_color), NULL},
    {"button_mark", set_mark, FIELD(button_mark), NULL},
    {"service_documentation", set_text, FIELD(service_documentation), provider_template_endpoint},

    {"issuer", set_text, FIELD(issuer), provider_template_issuer},
    {"issuer_alternatives", set_text, FIELD(issuer_alternatives), provider_template_fixed},
    {"identity_issuer", set_text, FIELD(identity_issuer), provider_template_identity_issuer},

    {"registration", set_registration, 0, NULL},
    {"client_id", set_text, FIELD(client_id), NULL},
    {"client_secret", set_text, FIELD(client_secret), NULL},
    {"client_secret_issuer", set_text, FIELD(client_secret_issuer), provider_template_fixed},
    {"initial_access_token", set_text, FIELD(initial_access_token), NULL},
    {"private_key_file", set_text, FIELD(private_key_file), NULL},
    {"private_key_id", set_text, FIELD(private_key_id), NULL},
    {"token_endpoint_auth_method", set_authentication, 0, NULL},
    {"token_endpoint_auth_signing_alg", set_alg, FIELD(authentication_alg), NULL},
    {"signature_method", set_signature_method, 0, NULL},
    {"client_id_parameter", set_token, FIELD(client_id_parameter), NULL},
    {"client_secret_parameter", set_token, FIELD(client_secret_parameter), NULL},
    {"user_agent", set_text, FIELD(user_agent), provider_template_user_agent},

    {"response_mode", set_response_mode, 0, NULL},
    {"scope", set_text, FIELD(scope), NULL},
    {"scope_separator", set_scope_separator, 0, NULL},
    {"prompt", set_text, FIELD(prompt), NULL},
    {"max_age", set_max_age, 0, NULL},
    {"reauthentication_parameters", set_text, FIELD(reauthentication_parameters),
     provider_template_authorization_parameters},
    {"acr_values", set_text, FIELD(acr_values), NULL},
    {"ui_locales", set_text, FIELD(ui_locales), NULL},
    {"claims", set_claims, FIELD(claims), NULL},
    {"resource", set_text, FIELD(resource), NULL},
    {"authorization_parameters", set_text, FIELD(authorization_parameters),
     provider_template_authorization_parameters},
    {"authorization_fragment", set_text, FIELD(authorization_fragment), provider_template_fragment},
    {"nonce", set_yes_no, FIELD(nonce), NULL},
    {"code_challenge_method", set_pkce, 0, NULL},
    {"require_pushed_authorization_requests", set_yes_no, FIELD(par), NULL},
    {"offline_access", set_yes_no, FIELD(offline_access), NULL},
    {"offline_access_scope", set_text, FIELD(offline_access_scope), NULL},
    {"offline_access_parameters", set_text, FIELD(offline_access_parameters),
     provider_template_authorization_parameters},
    {"incremental_authorization_parameters", set_text, FIELD(incremental_authorization_parameters),
     provider_template_authorization_parameters},

    {"denied", set_text, FIELD(denied), NULL},
    {"error_parameters", set_text, FIELD(error_parameters), NULL},

    {"token_endpoint_method", set_is_get, FIELD(token_get), NULL},
    {"token_request_format", set_token_request_format, 0, NULL},
    {"token_parameters", set_text, FIELD(token_parameters), provider_template_parameters},
    {"token_response_format", set_response_format, FIELD(token_response_format), NULL},
    {"token_response_root", set_path, FIELD(token_response_root), NULL},
    {"token_success", set_conditions, FIELD(token_success), NULL},
    {"token_error", set_paths, FIELD(token_error), NULL},
    {"token_scope", set_path, FIELD(token_scope), NULL},
    {"id_token_signed_response_alg", set_algs, FIELD(id_token_algs), NULL},
    {"trusted_audiences", set_text, FIELD(trusted_audiences), NULL},

    {"refresh_parameters", set_text, FIELD(refresh_parameters), provider_template_parameters},
    {"grant_over", set_requirement, FIELD(grant_over), NULL},

    {"userinfo", set_yes_no, FIELD(userinfo), NULL},
    {"userinfo_endpoint_method", set_is_post, FIELD(userinfo_post), NULL},
    {"userinfo_token", set_userinfo_token, 0, NULL},
    {"userinfo_headers", set_text, FIELD(userinfo_headers), provider_template_headers},
    {"userinfo_parameters", set_text, FIELD(userinfo_parameters),
     provider_template_userinfo_parameters},
    {"userinfo_json", set_json, FIELD(userinfo_json), NULL},
    {"userinfo_response_format", set_response_format, FIELD(userinfo_response_format), NULL},
    {"userinfo_success", set_conditions, FIELD(userinfo_success), NULL},
    {"userinfo_error", set_paths, FIELD(userinfo_error), NULL},
    {"userinfo_sub", set_text_expression, FIELD(userinfo_sub), NULL},
    {"userinfo_signed_response_alg", set_algs, FIELD(userinfo_algs), NULL},
    {"second_userinfo_optional", set_yes_no, FIELD(second_userinfo_optional), NULL},

    {"claim_sub", set_text_expression, FIELD(claim_sub), NULL},
    {"claim_name", set_text_expression, FIELD(claim_name), NULL},
    {"claim_preferred_username", set_text_expression, FIELD(claim_preferred_username), NULL},
    {"claim_email", set_text_expression, FIELD(claim_email), NULL},
    {"claim_email_verified", set_truth, FIELD(claim_email_verified), NULL},
    {"claim_picture", set_text_expression, FIELD(claim_picture), NULL},
    {"claim_locale", set_text_expression, FIELD(claim_locale), NULL},
    {"claim_groups", set_path, FIELD(claim_groups), NULL},
    {"email_trust", set_email_trust, 0, NULL},
    {"email_domains", set_mail_domains, FIELD(email_domains), NULL},
    {"link_verified_email", set_yes_no, FIELD(link_verified_email), NULL},
    {"email_owner_claim", set_text_expression, FIELD(email_owner_claim), NULL},

    {"allowed_email_domains", set_mail_domains, FIELD(policy.allowed_email_domains), NULL},
    {"allowed_emails", set_emails, FIELD(policy.allowed_emails), NULL},
    {"allowed_emails_file", set_text, FIELD(policy.allowed_emails_file), NULL},
    {"denied_emails", set_emails, FIELD(policy.denied_emails), NULL},
    {"denied_subjects", set_text, FIELD(policy.denied_subjects), NULL},
    {"require", set_requirement, FIELD(policy.require), NULL},

    {"discovery_endpoint", set_text, FIELD(discovery_endpoint), provider_template_endpoint},
    {"authorization_endpoint", set_text, FIELD(authorization_endpoint), provider_template_endpoint},
    {"token_endpoint", set_text, FIELD(token_endpoint), provider_template_endpoint},
    {"refresh_endpoint", set_text, FIELD(refresh_endpoint), provider_template_endpoint},
    {"userinfo_endpoint", set_text, FIELD(userinfo_endpoint), provider_template_late_endpoint},
    {"second_userinfo_endpoint", set_text, FIELD(second_userinfo_endpoint),
     provider_template_late_endpoint},
    {"jwks_uri", set_text, FIELD(jwks_uri), provider_template_endpoint},
    {"end_session_endpoint", set_text_or_none, FIELD(end_session_endpoint),
     provider_template_end_session_endpoint},
    {"revocation_endpoint", set_text, FIELD(revocation_endpoint), provider_template_late_endpoint},
    {"pushed_authorization_request_endpoint", set_text,
     FIELD(pushed_authorization_request_endpoint), provider_template_endpoint},
    {"registration_endpoint", set_text, FIELD(registration_endpoint), provider_template_endpoint},
    {"temporary_credential_endpoint", set_text, FIELD(temporary_credential_endpoint),
     provider_template_endpoint},
};

#undef FIELD

#define SETTINGS_COUNT (sizeof(settings) / sizeof(settings[0]))

const struct provider_setting *provider_setting_at(size_t i) {
    return i < SETTINGS_COUNT ? &settings[i] : NULL;
}

const char *provider_setting_name(const struct provider_setting *setting) {
    return setting->name;
}

const struct provider_setting *provider_setting_find(const char *name) {
    for (size_t i = 0; i < SETTINGS_COUNT; i++)
        if (text_equal(settings[i].name, name))
            return &settings[i];
    return NULL;
}

const char *provider_setting_apply(struct arena *arena, const struct provider_setting *setting,
                                   struct provider *provider, const char *value) {
    return setting->set(arena, provider, setting->field, value);
}

bool provider_setting_takes_quotes(const struct provider_setting *setting) {
    return setting->set == set_text_expression || setting->set == set_truth ||
           setting->set == set_path || setting->set == set_paths ||
           setting->set == set_conditions || setting->set == set_requirement ||
           setting->set == set_json;
}

const char **provider_setting_template(const struct provider_setting *setting,
                                       struct provider *provider) {
    return setting->check_template == NULL ? NULL : text_field(provider, setting->field);
}

const char *provider_setting_expression(const struct provider_setting *setting,
                                        struct provider *provider) {
    bool is_expression = setting->set == set_text_expression || setting->set == set_truth;
    return is_expression ? *text_field(provider, setting->field) : NULL;
}

const char *provider_setting_check_template(struct arena *arena,
                                            const struct provider_setting *setting,
                                            const char *text) {
    return setting->check_template(arena, text);
}

#include "oauth/provider.h"

#include "base/text.h"
#include "edge/config.h"
#include "edge/preset.h"
#include "edge/private_file.h"
#include "format/placeholder.h"
#include "format/uri.h"
#include "oauth/login_values.h"
#include "oauth/provider_check.h"
#include "oauth/provider_setting.h"

#include <string.h>

#define VARIABLE_BYTES "abcdefghijklmnopqrstuvwxyz0123456789_"
#define PRESET "preset"
#define LABEL_IN "label#" /* OpenID Connect Registration 2.1: a language tag behind "#" */

/* A provider while it is put together. */
struct reader {
    struct context *context;
    const struct ini_section *section; /* of the configuration */
    const struct ini_section *preset;  /* NULL: none of that name */
    struct provider *provider;
};

/* What holds when neither preset nor configuration say anything. */
static struct provider defaults(const char *id) {
    return (struct provider){
        .id = id,
        .protocol = PROTOCOL_OIDC,
        .label = id,
        .registration = REGISTRATION_MANUAL,
        .authentication = CLIENT_SECRET_BASIC, /* RFC 7591 2 */
        .signature_method = SIGNATURE_HMAC_SHA1,
        .client_id_parameter = "client_id",
        .client_secret_parameter = "client_secret",
        .response_mode = RESPONSE_MODE_QUERY,
        .scope_separator = " ",
        .max_age = -1,
        .nonce = true,
        .pkce = true,
        .error_parameters = "error",
        .token_response_format = "json",
        .token_error = "error",
        .token_scope = "scope",
        .id_token_algs = "RS256 ES256",
        .userinfo = true,
        .userinfo_token = TOKEN_IN_HEADER,
        .userinfo_token_name = "Bearer",
        .userinfo_response_format = "json",
        .userinfo_error = "error userinfo2:error",
        .userinfo_sub = "sub",
        .claim_sub = "sub",
        .claim_name = "name",
        .claim_preferred_username = "preferred_username",
        .claim_email = "email",
        .claim_email_verified = "email_verified",
        .claim_picture = "picture",
        .claim_locale = "locale",
        .email_trust = EMAIL_TRUST_CLAIM,
    };
}

/* ---- settings -------------------------------------------------------------------------------- */

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

static int add_label(struct arena *arena, struct provider *provider,
                     const struct ini_section *section, const struct ini_setting *setting) {
    const char *language = setting->name + strlen(LABEL_IN);
    const char *bytes = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-";
    if (!ascii_is_alpha(*language) || language[strspn(language, bytes)] != '\0')
        return fail(arena, ERROR_CONFIG, "%s:%d: label# needs a language, such as label#ko",
                    section->file, setting->line);
    if (*setting->value == '\0')
        return fail(arena, ERROR_CONFIG, "%s:%d: %s needs a value", section->file, setting->line,
                    setting->name);
    struct translation *label = arena_alloc(arena, sizeof(*label));
    *label = (struct translation){
        .language = language,
        .text = setting->value,
        .next = provider->labels, /* the configuration's before the preset's */
    };
    provider->labels = label;
    return 0;
}

static bool is_variable_name(const char *name) {
    return *name >= 'a' && *name <= 'z' && name[strspn(name, VARIABLE_BYTES)] == '\0';
}

/* What is no setting of ours may be one that a template of this record asks for; but not what a
 * login brings: a fixed {state} would be nobody's. */
static int add_variable(struct reader *reader, const struct ini_section *section,
                        const struct ini_setting *setting) {
    struct arena *arena = reader->context->arena;
    if (!is_variable_name(setting->name) || login_values_has_name(arena, setting->name))
        return fail(arena, ERROR_CONFIG, "%s:%d: a provider has no setting \"%s\"", section->file,
                    setting->line, setting->name);
    if (*setting->value == '\0')
        return fail(arena, ERROR_CONFIG, "%s:%d: %s needs a value", section->file, setting->line,
                    setting->name);
    struct variable *variable = arena_alloc(arena, sizeof(*variable));
    *variable = (struct variable){
        .name = setting->name,
        .value = setting->value,
        .next = reader->provider->variables, /* the configuration's before the preset's */
    };
    reader->provider->variables = variable;
    return 0;
}

static bool is_quoted(const char *value) {
    size_t length = strlen(value);
    return length > 1 && (*value == '"' || *value == '\'') && value[length - 1] == *value;
}

static int apply_setting(struct reader *reader, const struct ini_section *section,
                         const struct ini_setting *setting) {
    struct arena *arena = reader->context->arena;
    struct provider *provider = reader->provider;
    const struct provider_setting *known = provider_setting_find(setting->name);
    if (text_equal(setting->name, PRESET) && section == reader->section)
        return 0;
    /* Other kinds of files want quotes; here they would become part of an id, or a secret. */
    if (is_quoted(setting->value) && (known == NULL || !provider_setting_takes_quotes(known)))
        return fail(arena, ERROR_CONFIG, "%s:%d: %s needs its value without quotes around it",
                    section->file, setting->line, setting->name);
    if (text_equal(setting->name, "client_secret_file"))
        return read_secret_file(arena, section, setting, &provider->client_secret);
    if (text_starts_with(setting->name, LABEL_IN))
        return add_label(arena, provider, section, setting);
    if (known == NULL)
        return add_variable(reader, section, setting);

    const char *expected = provider_setting_apply(arena, known, provider, setting->value);
    if (expected != NULL)
        return fail(arena, ERROR_CONFIG, "%s:%d: %s needs %s", section->file, setting->line,
                    setting->name, expected);
    return 0;
}

static int apply_section(struct reader *reader, const struct ini_section *section) {
    if (section == NULL)
        return 0;
    for (const struct ini_setting *setting = section->settings; setting != NULL;
         setting = setting->next)
        if (apply_setting(reader, section, setting) != 0)
            return -1;
    return 0;
}

/* ---- variables ------------------------------------------------------------------------------- */

static const char *instance_of(const struct provider *provider) {
    if (provider->instance == NULL && provider->asks_instance)
        return PROVIDER_NO_INSTANCE;
    return provider->instance;
}

const char *provider_variable(const struct provider *provider, const char *name) {
    if (text_equal(name, "instance"))
        return instance_of(provider);
    for (const struct variable *variable = provider->variables; variable != NULL;
         variable = variable->next)
        if (text_equal(variable->name, name))
            return variable->value;
    return NULL;
}

struct json *provider_variables(struct arena *arena, const struct provider *provider) {
    struct json *object = json_object(arena);
    json_put_string(arena, object, "instance", instance_of(provider));
    for (const struct variable *variable = provider->variables; variable != NULL;
         variable = variable->next)
        if (json_member(object, variable->name) == NULL)
            json_put_string(arena, object, variable->name, variable->value);
    return object;
}

static const char *use_variable(struct arena *arena, const char *name, void *closure) {
    struct provider *provider = closure;
    (void)arena;
    for (struct variable *variable = provider->variables; variable != NULL;
         variable = variable->next)
        if (text_equal(variable->name, name))
            variable->used = true;
    return provider_variable(provider, name);
}

/* The section that a setting was taken from: the configuration's goes before the preset's. */
static const struct ini_section *section_of(const struct reader *reader, const char *name) {
    return ini_setting(reader->section, name) != NULL || reader->preset == NULL ? reader->section
                                                                                : reader->preset;
}

static int lacks(const struct reader *reader, const struct provider_setting *setting,
                 const char *name) {
    return fail(reader->context->arena, ERROR_CONFIG,
                "%s:%d: [provider %s] needs %s = ..., of which its %s is made",
                reader->section->file, reader->section->line, reader->section->label, name,
                provider_setting_name(setting));
}

/* Bare names are variables, or what a login brings; provider_setting.c judges the others. */
static int check_holes(const struct reader *reader, const struct provider_setting *setting,
                       const char *text) {
    struct arena *arena = reader->context->arena;
    for (const char *name = placeholder_next(arena, &text); name != NULL;
         name = placeholder_next(arena, &text))
        if (strchr(name, ':') == NULL && !login_values_has_name(arena, name))
            return lacks(reader, setting, name);
    return 0;
}

/* Who is to blame: whoever wrote the template, but with variables whoever set those. */
static int refuse_template(const struct reader *reader, const struct provider_setting *setting,
                           bool has_variables, const char *expected) {
    struct arena *arena = reader->context->arena;
    const char *name = provider_setting_name(setting);
    const struct ini_section *section = section_of(reader, name);
    const struct ini_setting *written = ini_setting(section, name);
    if (has_variables && section != reader->section)
        return fail(arena, ERROR_CONFIG,
                    "%s:%d: [provider %s] makes a wrong %s of its variables: it needs %s",
                    reader->section->file, reader->section->line, reader->section->label, name,
                    expected);
    return fail(arena, ERROR_CONFIG, "%s:%d: %s needs %s", section->file,
                written == NULL ? section->line : written->line, name, expected);
}

static int fill_template(const struct reader *reader, const struct provider_setting *setting) {
    struct arena *arena = reader->context->arena;
    const char **text = provider_setting_template(setting, reader->provider);
    if (text == NULL || *text == NULL)
        return 0;
    const char *template = *text;
    *text = placeholder_fill_some(arena, template, use_variable, reader->provider);
    if (check_holes(reader, setting, *text) != 0)
        return -1;
    const char *expected = provider_setting_check_template(arena, setting, *text);
    return expected == NULL
               ? 0
               : refuse_template(reader, setting, !text_equal(template, *text), expected);
}

/* Expressions name their variables themselves: variable:NAME. */
static int use_in_expression(const struct reader *reader, const struct provider_setting *setting) {
    static const char source[] = "variable:";
    struct arena *arena = reader->context->arena;
    const char *rest = provider_setting_expression(setting, reader->provider);
    for (rest = rest == NULL ? NULL : strstr(rest, source); rest != NULL;
         rest = strstr(rest, source)) {
        rest += strlen(source);
        const char *name = arena_copy(arena, rest, strspn(rest, VARIABLE_BYTES));
        if (use_variable(arena, name, reader->provider) == NULL)
            return lacks(reader, setting, name);
    }
    return 0;
}

static int fill_settings(const struct reader *reader) {
    for (size_t i = 0; provider_setting_at(i) != NULL; i++)
        if (fill_template(reader, provider_setting_at(i)) != 0 ||
            use_in_expression(reader, provider_setting_at(i)) != 0)
            return -1;
    return 0;
}

/* True if it is the preset's, and was for a template that another of the configuration replaces. */
static bool is_superseded(const struct reader *reader, const char *name) {
    const char *hole = arena_format(reader->context->arena, "{%s}", name);
    const char *path = arena_format(reader->context->arena, "variable:%s", name);
    if (reader->preset == NULL || ini_setting(reader->section, name) != NULL)
        return false;
    for (const struct ini_setting *setting = reader->preset->settings; setting != NULL;
         setting = setting->next)
        if (strstr(setting->value, hole) != NULL || strstr(setting->value, path) != NULL)
            return true;
    return false;
}

/* A name that nothing asks for is a slip of the pen. */
static int check_variables(const struct reader *reader) {
    struct arena *arena = reader->context->arena;
    for (const struct variable *variable = reader->provider->variables; variable != NULL;
         variable = variable->next) {
        const struct ini_section *section = section_of(reader, variable->name);
        if (!variable->used && !is_superseded(reader, variable->name))
            return fail(arena, ERROR_CONFIG, "%s:%d: a provider has no setting \"%s\"",
                        section->file, ini_setting(section, variable->name)->line, variable->name);
    }
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* What may be left out, and follows from the rest. */
static void derive(struct arena *arena, struct provider *provider) {
    struct uri uri;
    if (provider->scope == NULL && provider->protocol == PROTOCOL_OIDC)
        provider->scope = "openid email profile";
    if (provider->claim_groups == NULL && provider->protocol == PROTOCOL_OIDC)
        provider->claim_groups = "groups";
    if (provider->identity_issuer == NULL)
        provider->identity_issuer = provider->issuer;
    if (provider->identity_issuer == NULL &&
        uri_parse(arena, provider->token_endpoint, &uri) == 0) {
        provider->identity_issuer = uri_origin(arena, &uri);
        provider->identity_is_derived = true;
    }
    arena_forget_error(arena);
}

/* The beginning of an address that says whose it is: "https://host", or a "{hole}" that does. */
static const char *owner_part(struct arena *arena, const char *address) {
    const char *authority = strstr(address, "://");
    size_t begin = authority == NULL ? 0 : (size_t)(authority - address) + strlen("://");
    return arena_copy(arena, address, begin + strcspn(address + begin, "/?#"));
}

/* The section's own name is that of its preset, unless it says which, or that it has none. */
static int find_preset(struct reader *reader) {
    struct arena *arena = reader->context->arena;
    const struct ini_section *section = reader->section;
    const struct ini_setting *wanted = ini_setting(section, PRESET);
    if (wanted != NULL && text_equal(wanted->value, "none"))
        return 0;
    if (preset_find(arena, wanted == NULL ? section->label : wanted->value, &reader->preset) != 0)
        return -1;
    if (wanted != NULL && reader->preset == NULL)
        return fail(arena, ERROR_CONFIG, "%s:%d: there is no preset \"%s\"", section->file,
                    wanted->line, wanted->value);
    return 0;
}

/* True if both sections set it, and whose it is differs. */
static bool is_changed(const struct reader *reader, const char *name) {
    struct arena *arena = reader->context->arena;
    const struct ini_setting *ours = ini_setting(reader->section, name);
    const struct ini_setting *preset = ini_setting(reader->preset, name);
    return ours != NULL && preset != NULL &&
           !text_equal(owner_part(arena, ours->value), owner_part(arena, preset->value));
}

/* True if the preset's address of that name leads to another host in the site's hands. */
static bool is_moved(const struct reader *reader, const char *name) {
    struct arena *arena = reader->context->arena;
    const struct ini_setting *preset = ini_setting(reader->preset, name);
    if (preset == NULL)
        return false;
    const char *rest = owner_part(arena, preset->value);
    for (const char *hole = placeholder_next(arena, &rest); hole != NULL;
         hole = placeholder_next(arena, &rest))
        if (is_changed(reader, hole))
            return true;
    return is_changed(reader, name);
}

/* What a preset knows of a provider's honesty about addresses, it knows of that provider alone: of
 * the same software elsewhere the site must say so itself. */
static void derive_trust(const struct reader *reader) {
    static const char *const sources[] = {
        "issuer",   "discovery_endpoint", "token_endpoint",
        "jwks_uri", "userinfo_endpoint",  "second_userinfo_endpoint"};
    if (ini_setting(reader->section, "email_trust") != NULL)
        return;
    /* Anybody can run a server that visitors name. */
    if (reader->provider->asks_instance && ini_setting(reader->preset, "email_trust") == NULL)
        reader->provider->email_trust = EMAIL_TRUST_NEVER;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (is_moved(reader, sources[i]))
            reader->provider->email_trust = EMAIL_TRUST_NEVER;
}

/* Subjects are unique at one provider alone: the same software elsewhere numbers other people. */
static int check_identity(const struct reader *reader) {
    const struct ini_section *section = reader->section;
    bool is_oidc = reader->provider->protocol == PROTOCOL_OIDC;
    const char *const sources[] = {is_oidc ? "discovery_endpoint" : "token_endpoint",
                                   is_oidc ? "jwks_uri" : "userinfo_endpoint"};
    bool has_own = ini_setting(reader->preset, "identity_issuer") != NULL;
    if (ini_setting(section, "identity_issuer") != NULL ||
        is_moved(reader, has_own ? "identity_issuer" : "issuer"))
        return 0;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++)
        if (is_moved(reader, sources[i]))
            return fail(reader->context->arena, ERROR_CONFIG,
                        "%s:%d: [provider %s] needs %s = https://..., its own: with this %s, its "
                        "users are not those of the preset",
                        section->file, section->line, section->label,
                        has_own ? "identity_issuer" : "issuer", sources[i]);
    return 0;
}

static int load_section(struct context *context, const struct ini_section *section,
                        const char *instance, struct provider *provider) {
    struct arena *arena = context->arena;
    struct reader reader = {.context = context, .section = section, .provider = provider};
    *provider = defaults(section->label);
    if (find_preset(&reader) != 0 || apply_section(&reader, reader.preset) != 0 ||
        apply_section(&reader, section) != 0)
        return -1;
    if (provider->asks_instance)
        provider->instance = instance;
    if (provider_check_supported(arena, section, provider) != 0 || fill_settings(&reader) != 0 ||
        check_variables(&reader) != 0)
        return -1;
    derive(arena, provider);
    derive_trust(&reader);
    if (check_identity(&reader) != 0)
        return -1;
    return provider_check(arena, section, provider);
}

int provider_load(struct context *context, const char *id, const char *instance,
                  struct provider *provider) {
    const struct ini_section *section = ini_section(context->config->sections, "provider", id);
    if (section == NULL)
        return fail(context->arena, ERROR_PROVIDER_UNKNOWN,
                    "no [provider ...] section of that name");
    return load_section(context, section, instance, provider);
}

static size_t count_sections(const struct config *config) {
    size_t count = 0;
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next)
        count += text_equal(section->kind, "provider");
    return count;
}

/* Two at one host that have their tokens from different places may both have a user of that number. */
static int check_neighbours(struct arena *arena, const struct ini_section *section,
                            const struct provider_list *list) {
    const struct provider *own = &list->providers[list->count];
    for (size_t i = 0; own->identity_is_derived && i < list->count; i++) {
        const struct provider *other = &list->providers[i];
        if (other->identity_is_derived &&
            text_equal(own->identity_issuer, other->identity_issuer) &&
            !text_equal(own->token_endpoint, other->token_endpoint))
            return fail(arena, ERROR_CONFIG,
                        "%s:%d: [provider %s] needs identity_issuer = https://...: at the same "
                        "host as [provider %s], whose users it would be taken to share",
                        section->file, section->line, section->label, other->id);
    }
    return 0;
}

int provider_load_all(struct context *context, struct provider_list *list) {
    struct arena *arena = context->arena;
    size_t count = count_sections(context->config);
    if (count == 0)
        return fail(arena, ERROR_PROVIDER_MISSING,
                    "%s: no [provider ...] section: nobody can sign in", context->config->file);
    if (count > PROVIDER_LIMIT)
        return fail(arena, ERROR_CONFIG, "%s: more than %d providers", context->config->file,
                    PROVIDER_LIMIT);

    *list = (struct provider_list){
        .providers = arena_array(arena, count, sizeof(struct provider)),
    };
    for (const struct ini_section *section = context->config->sections; section != NULL;
         section = section->next) {
        if (!text_equal(section->kind, "provider"))
            continue;
        if (load_section(context, section, NULL, &list->providers[list->count]) != 0 ||
            check_neighbours(arena, section, list) != 0)
            return -1;
        list->count++;
    }
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

/* RFC 4647 3.4, "lookup": the tag itself, then less and less of it. */
static const char *label_in(const struct provider *provider, const char *language, size_t length) {
    for (const struct translation *label = provider->labels; label != NULL; label = label->next)
        if (strlen(label->language) == length &&
            strncasecmp(label->language, language, length) == 0)
            return label->text;
    return NULL;
}

const char *provider_label(const struct provider *provider, const char *language) {
    size_t length = language == NULL ? 0 : strlen(language);
    while (length > 0) {
        const char *label = label_in(provider, language, length);
        if (label != NULL)
            return label;
        do
            length--;
        while (length > 0 && language[length] != '-');
    }
    return provider->label;
}

bool provider_is_strangers_choice(const struct provider *provider) {
    return provider->asks_instance;
}

const char *provider_path(struct arena *arena, const struct provider *provider) {
    return provider->asks_instance && provider->instance != NULL
               ? arena_format(arena, "%s/%s", provider->id, provider->instance)
               : provider->id;
}

char *provider_redirect_uri(struct context *context, const struct provider *provider) {
    struct arena *arena = context->arena;
    return config_program_uri(
        arena, context->config,
        arena_format(arena, "callback.cgi/%s", provider_path(arena, provider)));
}

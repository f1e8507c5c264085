#include "edge/config_setting.h"

#include "base/text.h"
#include "format/email_address.h"
#include "format/mapping.h"
#include "format/quantity.h"
#include "format/uri.h"

#include <stdlib.h>
#include <string.h>

#define TOKEN_SECRET_MIN 32 /* bytes (RFC 7518 3.2) */

struct known_setting {
    const char *section;
    const char *name;
    /* Checks the value (never empty, but for [policy]) and takes it over. */
    int (*read)(struct arena *arena, const struct config_place *place, struct config *config);
};

int config_setting_refuse(struct arena *arena, const struct config_place *place, const char *what) {
    arena_forget_error(arena);
    return fail(arena, ERROR_CONFIG, "%s:%d: %s %s", place->file, place->setting->line,
                place->setting->name, what);
}

/* ---- values ---------------------------------------------------------------------------------- */

static int read_duration(struct arena *arena, const struct config_place *place, int64_t *seconds) {
    if (!quantity_duration(place->setting->value, seconds))
        return config_setting_refuse(arena, place,
                                     "must be a time like 30s, 10m, 12h or 7d, at most 3650d");
    return 0;
}

/* An absolute path of this machine, without a slash at its end. */
static int read_path(struct arena *arena, const struct config_place *place, const char **path) {
    if (*place->setting->value != '/')
        return config_setting_refuse(arena, place, "must be an absolute path");
    char *copy = arena_text(arena, place->setting->value);
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--)
        copy[length - 1] = '\0';
    *path = copy;
    return 0;
}

/* The place of the value among the words, which end with NULL. */
static int read_word(struct arena *arena, const struct config_place *place,
                     const char *const words[], const char *expected, int *word) {
    for (*word = 0; words[*word] != NULL; (*word)++)
        if (text_equal(words[*word], place->setting->value))
            return 0;
    return config_setting_refuse(arena, place, expected);
}

static int read_yes_no(struct arena *arena, const struct config_place *place, bool *yes) {
    static const char *const words[] = {"no", "yes", NULL};
    int word = 0;
    if (read_word(arena, place, words, "must be yes or no", &word) != 0)
        return -1;
    *yes = word == 1;
    return 0;
}

/* ---- [site] ---------------------------------------------------------------------------------- */

static int read_base_url(struct arena *arena, const struct config_place *place,
                         struct config *config) {
    struct uri uri;
    if (uri_parse(arena, place->setting->value, &uri) != 0 || !uri_is_safe_endpoint(&uri))
        return config_setting_refuse(
            arena, place, "must be like https://www.example.org (http:// for localhost alone)");
    bool has_path = *uri.path != '\0' && !text_equal(uri.path, "/");
    if (has_path || uri.query != NULL)
        return config_setting_refuse(arena, place,
                                     "must have no path: programs' folder is cgi_path");
    config->base_url = uri_origin(arena, &uri);
    config->secure = text_equal(uri.scheme, "https");
    if (config->title == NULL)
        config->title = uri.host;
    return 0;
}

static int read_cgi_path(struct arena *arena, const struct config_place *place,
                         struct config *config) {
    const char *value = place->setting->value;
    if (*value != '/' || strstr(value, "//") != NULL || strstr(value, "/.") != NULL)
        return config_setting_refuse(arena, place, "must be the path of a URL, like /cgi-bin");
    for (const char *c = value; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && strchr("-._~/", *c) == NULL)
            return config_setting_refuse(arena, place,
                                         "must consist of letters, digits, and - . _ ~ /");
    if (text_equal(value, "/")) {
        config->cgi_path = "";
        return 0;
    }
    return read_path(arena, place, &config->cgi_path);
}

static int read_state_dir(struct arena *arena, const struct config_place *place,
                          struct config *config) {
    return read_path(arena, place, &config->state_dir);
}

/* A browser must see the path as one of this site: not "//host", nor anything it would repair. */
static int read_home(struct arena *arena, const struct config_place *place, struct config *config) {
    const char *value = place->setting->value;
    struct uri uri;
    bool local = *value == '/' && value[1] != '/';
    if (!local || uri_parse(arena, arena_format(arena, "https://home%s", value), &uri) != 0)
        return config_setting_refuse(arena, place, "must be a path of this site, like /");
    config->home = value;
    return 0;
}

static int read_title(struct arena *arena, const struct config_place *place,
                      struct config *config) {
    (void)arena;
    config->title = place->setting->value;
    return 0;
}

static int read_templates(struct arena *arena, const struct config_place *place,
                          struct config *config) {
    return read_path(arena, place, &config->templates);
}

static int read_ca_file(struct arena *arena, const struct config_place *place,
                        struct config *config) {
    return read_path(arena, place, &config->ca_file);
}

/* ---- [session] ------------------------------------------------------------------------------- */

static int read_idle_timeout(struct arena *arena, const struct config_place *place,
                             struct config *config) {
    return read_duration(arena, place, &config->idle_timeout);
}

static int read_absolute_timeout(struct arena *arena, const struct config_place *place,
                                 struct config *config) {
    return read_duration(arena, place, &config->absolute_timeout);
}

static int read_short_timeout(struct arena *arena, const struct config_place *place,
                              struct config *config) {
    return read_duration(arena, place, &config->short_timeout);
}

static int read_remember(struct arena *arena, const struct config_place *place,
                         struct config *config) {
    static const char *const words[] = {
        [REMEMBER_ALWAYS] = "always", [REMEMBER_NEVER] = "never", [REMEMBER_ASK] = "ask", NULL};
    int word = 0;
    if (read_word(arena, place, words, "must be always, never or ask", &word) != 0)
        return -1;
    config->remember = (enum remember)word;
    return 0;
}

/* ---- [account], [audit] ---------------------------------------------------------------------- */

static int read_confirm_after(struct arena *arena, const struct config_place *place,
                              struct config *config) {
    return read_duration(arena, place, &config->confirm_after);
}

static int read_sign_up(struct arena *arena, const struct config_place *place,
                        struct config *config) {
    return read_yes_no(arena, place, &config->sign_up);
}

static int read_keep(struct arena *arena, const struct config_place *place, struct config *config) {
    return read_duration(arena, place, &config->audit_keep);
}

static int read_address(struct arena *arena, const struct config_place *place,
                        struct config *config) {
    static const char *const words[] = {[ADDRESS_KEPT_WHOLE] = "whole",
                                        [ADDRESS_KEPT_MASKED] = "masked",
                                        [ADDRESS_NOT_KEPT] = "none",
                                        NULL};
    int word = 0;
    if (read_word(arena, place, words, "must be whole, masked or none", &word) != 0)
        return -1;
    config->audit_address = (enum kept_address)word;
    return 0;
}

/* ---- [policy] -------------------------------------------------------------------------------- */

/* An empty list would let in everybody, or nobody: it must be said which. */
static bool is_list(struct arena *arena, const char *value,
                    bool (*are_right)(struct arena *arena, const char *words)) {
    return *value != '\0' && are_right(arena, value);
}

static int read_allowed_email_domains(struct arena *arena, const struct config_place *place,
                                      struct config *config) {
    config->policy.allowed_email_domains = place->setting->value;
    return is_list(arena, place->setting->value, email_address_are_domains)
               ? 0
               : config_setting_refuse(arena, place,
                                       "must be domains such as example.org, without @");
}

static int read_emails(struct arena *arena, const struct config_place *place, const char **emails) {
    *emails = place->setting->value;
    return is_list(arena, place->setting->value, email_address_are_valid)
               ? 0
               : config_setting_refuse(arena, place,
                                       "must be e-mail addresses, separated by spaces");
}

static int read_allowed_emails(struct arena *arena, const struct config_place *place,
                               struct config *config) {
    return read_emails(arena, place, &config->policy.allowed_emails);
}

static int read_denied_emails(struct arena *arena, const struct config_place *place,
                              struct config *config) {
    return read_emails(arena, place, &config->policy.denied_emails);
}

static int read_allowed_emails_file(struct arena *arena, const struct config_place *place,
                                    struct config *config) {
    config->policy.allowed_emails_file = place->setting->value;
    return *place->setting->value != '\0' ? 0
                                          : config_setting_refuse(arena, place, "must be a path");
}

static int read_require(struct arena *arena, const struct config_place *place,
                        struct config *config) {
    const char *fault = mapping_fault(arena, place->setting->value, MAPPING_REQUIREMENT);
    config->policy.require = place->setting->value;
    return fault == NULL
               ? 0
               : config_setting_refuse(arena, place, arena_format(arena, "needs %s", fault));
}

/* ---- [login] --------------------------------------------------------------------------------- */

static int read_login_timeout(struct arena *arena, const struct config_place *place,
                              struct config *config) {
    return read_duration(arena, place, &config->login_timeout);
}

static int read_clock_leeway(struct arena *arena, const struct config_place *place,
                             struct config *config) {
    return read_duration(arena, place, &config->clock_leeway);
}

static int read_new_instances(struct arena *arena, const struct config_place *place,
                              struct config *config) {
    const char *value = place->setting->value;
    size_t digits = strspn(value, "0123456789");
    if (value[digits] != '\0' || digits > 4)
        return config_setting_refuse(arena, place, "must be a number from 0 to 9999");
    config->new_instances_per_hour = strtoll(value, NULL, 10);
    return 0;
}

/* ---- [token] --------------------------------------------------------------------------------- */

static int read_token_algorithm(struct arena *arena, const struct config_place *place,
                                struct config *config) {
    static const char *const words[] = {"ES256", "EdDSA", "RS256", "HS256", NULL};
    int word = 0;
    if (read_word(arena, place, words, "must be ES256, EdDSA, RS256 or HS256", &word) != 0)
        return -1;
    config->token.algorithm = words[word];
    return 0;
}

static int read_token_lifetime(struct arena *arena, const struct config_place *place,
                               struct config *config) {
    if (read_duration(arena, place, &config->token.lifetime) != 0)
        return -1;
    return config->token.lifetime <= TOKEN_LIFETIME_MAX
               ? 0
               : config_setting_refuse(arena, place,
                                       "must be at most 1d: ask for a new token instead");
}

/* RFC 8707 2: absolute, without a fragment. They are names, and nothing is ever called there. */
static bool is_audience(struct arena *arena, const char *text) {
    struct uri uri;
    return uri_parse(arena, text, &uri) == 0 && uri.fragment == NULL;
}

static int read_token_audience(struct arena *arena, const struct config_place *place,
                               struct config *config) {
    const char *rest = place->setting->value;
    size_t length = 0;
    for (const char *word = text_next_word(&rest, &length); word != NULL;
         word = text_next_word(&rest, &length))
        if (!is_audience(arena, arena_copy(arena, word, length)))
            return config_setting_refuse(arena, place,
                                         "must be absolute URIs like https://api.example.org");
    config->token.audience = place->setting->value;
    return 0;
}

static int read_token_claims(struct arena *arena, const struct config_place *place,
                             struct config *config) {
    static const char known[] = "name email picture locale groups auth_time";
    const char *rest = place->setting->value;
    size_t length = 0;
    for (const char *word = text_next_word(&rest, &length); word != NULL;
         word = text_next_word(&rest, &length))
        if (!text_has_word(known, arena_copy(arena, word, length)))
            return config_setting_refuse(arena, place,
                                         arena_format(arena, "must be some of: %s", known));
    config->token.claims = place->setting->value;
    return 0;
}

/* RFC 6749 A.1: printable ASCII. */
static int read_token_client_id(struct arena *arena, const struct config_place *place,
                                struct config *config) {
    for (const char *c = place->setting->value; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            return config_setting_refuse(arena, place, "must be printable ASCII");
    config->token.client_id = place->setting->value;
    return 0;
}

static int read_token_secret(struct arena *arena, const struct config_place *place,
                             struct config *config) {
    config->token.secret = place->setting->value;
    return strlen(place->setting->value) >= TOKEN_SECRET_MIN
               ? 0
               : config_setting_refuse(arena, place,
                                       "must have 32 bytes or more: openssl rand -hex 32");
}

static int read_token_secret_file(struct arena *arena, const struct config_place *place,
                                  struct config *config) {
    (void)arena;
    config->token.secret_file = place->setting->value;
    return 0;
}

/* ---- the table --------------------------------------------------------------------------------- */

static const struct known_setting known_settings[] = {
    {"site", "base_url", read_base_url},
    {"site", "cgi_path", read_cgi_path},
    {"site", "state_dir", read_state_dir},
    {"site", "home", read_home},
    {"site", "title", read_title},
    {"site", "templates", read_templates},
    {"site", "ca_file", read_ca_file},
    {"session", "idle_timeout", read_idle_timeout},
    {"session", "absolute_timeout", read_absolute_timeout},
    {"session", "short_timeout", read_short_timeout},
    {"session", "remember", read_remember},
    {"account", "confirm_after", read_confirm_after},
    {"account", "sign_up", read_sign_up},
    {"policy", "allowed_email_domains", read_allowed_email_domains},
    {"policy", "allowed_emails", read_allowed_emails},
    {"policy", "allowed_emails_file", read_allowed_emails_file},
    {"policy", "denied_emails", read_denied_emails},
    {"policy", "require", read_require},
    {"audit", "keep", read_keep},
    {"audit", "address", read_address},
    {"login", "timeout", read_login_timeout},
    {"login", "clock_leeway", read_clock_leeway},
    {"login", "new_instances_per_hour", read_new_instances},
    {"token", "algorithm", read_token_algorithm},
    {"token", "lifetime", read_token_lifetime},
    {"token", "audience", read_token_audience},
    {"token", "claims", read_token_claims},
    {"token", "client_id", read_token_client_id},
    {"token", "secret", read_token_secret},
    {"token", "secret_file", read_token_secret_file},
};

#define KNOWN_COUNT (sizeof(known_settings) / sizeof(known_settings[0]))

static const struct known_setting *find_known(const char *section, const char *name) {
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (text_equal(known_settings[i].section, section) &&
            text_equal(known_settings[i].name, name))
            return &known_settings[i];
    return NULL;
}

bool config_setting_is_section(const char *section) {
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (text_equal(known_settings[i].section, section))
            return true;
    return false;
}

/* An empty value leaves the default; of who may come in, it would let in everybody. */
static bool is_left(const struct ini_section *section, const struct ini_setting *setting) {
    return *setting->value == '\0' && !text_equal(section->kind, "policy");
}

int config_setting_read(struct arena *arena, const struct ini_section *section,
                        const struct ini_setting *setting, struct config *config) {
    const struct config_place place = {section->file, setting};
    const struct known_setting *known = find_known(section->kind, setting->name);
    if (known == NULL)
        return fail(arena, ERROR_CONFIG, "%s:%d: [%s] has no setting %s", section->file,
                    setting->line, section->kind, setting->name);
    return is_left(section, setting) ? 0 : known->read(arena, &place, config);
}

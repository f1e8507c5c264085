#include "edge/config.h"

#include "base/text.h"
#include "edge/file.h"
#include "format/email_address.h"
#include "format/mapping.h"
#include "format/uri.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAY ((int64_t)24 * 3600)
#define DURATION_LIMIT (3650 * DAY)
#define SIZE_LIMIT ((size_t)1024 * 1024 * 1024)
#define NAME_LIMIT 32
#define TOKEN_SECRET_MIN 32 /* bytes (RFC 7518 3.2) */

/* One setting, and where it stands. */
struct place {
    const char *file;
    const struct ini_setting *setting;
};

struct known_setting {
    const char *section;
    const char *name;
    /* Checks the value (never empty, but for [policy]) and takes it over. */
    int (*read)(struct arena *arena, const struct place *place, struct config *config);
};

static const char presets_text[] =
#include "providers.inc"
    ;

const char *config_path(void) {
    const char *path = getenv("LATCHKEY_CONF");
    return text_is_empty(path) ? LATCHKEY_CONF_PATH : path;
}

/* Records what is wrong with a setting's value, in place of what a parser of its notation said. */
static int refuse(struct arena *arena, const struct place *place, const char *what) {
    arena_forget_error(arena);
    return fail(arena, ERROR_CONFIG, "%s:%d: %s %s", place->file, place->setting->line,
                place->setting->name, what);
}

/* ---- values ---------------------------------------------------------------------------------- */

bool config_duration(const char *text, int64_t *seconds) {
    static const struct {
        char name;
        int64_t seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', DAY}};

    int64_t number = 0;
    const char *digits = text;
    for (; text != NULL && ascii_is_digit(*text) && number <= DURATION_LIMIT; text++)
        number = number * 10 + (*text - '0');
    if (text == NULL || text == digits || *text == '\0' || text[1] != '\0')
        return false;

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (units[i].name != *text)
            continue;
        if (number == 0 || number > DURATION_LIMIT / units[i].seconds)
            return false;
        *seconds = number * units[i].seconds;
        return true;
    }
    return false;
}

bool config_size(const char *text, size_t *bytes) {
    size_t number = 0;
    const char *digits = text;
    for (; text != NULL && ascii_is_digit(*text) && number <= SIZE_LIMIT; text++)
        number = number * 10 + (size_t)(*text - '0');
    if (text == NULL || text == digits || number == 0 || (*text != '\0' && text[1] != '\0'))
        return false;
    if (*text != '\0' && *text != 'k' && *text != 'm')
        return false;
    size_t unit = *text == 'm' ? (size_t)1024 * 1024 : *text == 'k' ? 1024 : 1;
    if (number > SIZE_LIMIT / unit)
        return false;
    *bytes = number * unit;
    return true;
}

static int read_duration(struct arena *arena, const struct place *place, int64_t *seconds) {
    if (!config_duration(place->setting->value, seconds))
        return refuse(arena, place, "must be a time like 30s, 10m, 12h or 7d, at most 3650d");
    return 0;
}

/* An absolute path of this machine, without a slash at its end. */
static int read_path(struct arena *arena, const struct place *place, const char **path) {
    if (*place->setting->value != '/')
        return refuse(arena, place, "must be an absolute path");
    char *copy = arena_text(arena, place->setting->value);
    for (size_t length = strlen(copy); length > 1 && copy[length - 1] == '/'; length--)
        copy[length - 1] = '\0';
    *path = copy;
    return 0;
}

/* ---- [site] ---------------------------------------------------------------------------------- */

static int read_base_url(struct arena *arena, const struct place *place, struct config *config) {
    struct uri uri;
    if (uri_parse(arena, place->setting->value, &uri) != 0 || !uri_is_safe_endpoint(&uri))
        return refuse(arena, place,
                      "must be like https://www.example.org (http:// for localhost alone)");
    bool has_path = *uri.path != '\0' && !text_equal(uri.path, "/");
    if (has_path || uri.query != NULL)
        return refuse(arena, place, "must have no path: programs' folder is cgi_path");
    config->base_url = uri_origin(arena, &uri);
    config->secure = text_equal(uri.scheme, "https");
    if (config->title == NULL)
        config->title = uri.host;
    return 0;
}

static int read_cgi_path(struct arena *arena, const struct place *place, struct config *config) {
    const char *value = place->setting->value;
    if (*value != '/' || strstr(value, "//") != NULL || strstr(value, "/.") != NULL)
        return refuse(arena, place, "must be the path of a URL, like /cgi-bin");
    for (const char *c = value; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && strchr("-._~/", *c) == NULL)
            return refuse(arena, place, "must consist of letters, digits, and - . _ ~ /");
    if (text_equal(value, "/")) {
        config->cgi_path = "";
        return 0;
    }
    return read_path(arena, place, &config->cgi_path);
}

static int read_state_dir(struct arena *arena, const struct place *place, struct config *config) {
    return read_path(arena, place, &config->state_dir);
}

/* A browser must see the path as one of this site: not "//host", nor anything it would repair. */
static int read_home(struct arena *arena, const struct place *place, struct config *config) {
    const char *value = place->setting->value;
    struct uri uri;
    bool local = *value == '/' && value[1] != '/';
    if (!local || uri_parse(arena, arena_format(arena, "https://home%s", value), &uri) != 0)
        return refuse(arena, place, "must be a path of this site, like /");
    config->home = value;
    return 0;
}

static int read_title(struct arena *arena, const struct place *place, struct config *config) {
    (void)arena;
    config->title = place->setting->value;
    return 0;
}

static int read_templates(struct arena *arena, const struct place *place, struct config *config) {
    return read_path(arena, place, &config->templates);
}

static int read_ca_file(struct arena *arena, const struct place *place, struct config *config) {
    return read_path(arena, place, &config->ca_file);
}

/* ---- [session] ------------------------------------------------------------------------------- */

static int read_idle_timeout(struct arena *arena, const struct place *place,
                             struct config *config) {
    return read_duration(arena, place, &config->idle_timeout);
}

static int read_absolute_timeout(struct arena *arena, const struct place *place,
                                 struct config *config) {
    return read_duration(arena, place, &config->absolute_timeout);
}

static int read_short_timeout(struct arena *arena, const struct place *place,
                              struct config *config) {
    return read_duration(arena, place, &config->short_timeout);
}

/* The place of the value among the words, which end with NULL. */
static int read_word(struct arena *arena, const struct place *place, const char *const words[],
                     const char *expected, int *word) {
    for (*word = 0; words[*word] != NULL; (*word)++)
        if (text_equal(words[*word], place->setting->value))
            return 0;
    return refuse(arena, place, expected);
}

static int read_yes_no(struct arena *arena, const struct place *place, bool *yes) {
    static const char *const words[] = {"no", "yes", NULL};
    int word = 0;
    if (read_word(arena, place, words, "must be yes or no", &word) != 0)
        return -1;
    *yes = word == 1;
    return 0;
}

static int read_remember(struct arena *arena, const struct place *place, struct config *config) {
    static const char *const words[] = {
        [REMEMBER_ALWAYS] = "always", [REMEMBER_NEVER] = "never", [REMEMBER_ASK] = "ask", NULL};
    int word = 0;
    if (read_word(arena, place, words, "must be always, never or ask", &word) != 0)
        return -1;
    config->remember = (enum remember)word;
    return 0;
}

/* ---- [account], [audit] ---------------------------------------------------------------------- */

static int read_confirm_after(struct arena *arena, const struct place *place,
                              struct config *config) {
    return read_duration(arena, place, &config->confirm_after);
}

static int read_sign_up(struct arena *arena, const struct place *place, struct config *config) {
    return read_yes_no(arena, place, &config->sign_up);
}

static int read_keep(struct arena *arena, const struct place *place, struct config *config) {
    return read_duration(arena, place, &config->audit_keep);
}

static int read_address(struct arena *arena, const struct place *place, struct config *config) {
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

static int read_allowed_email_domains(struct arena *arena, const struct place *place,
                                      struct config *config) {
    config->policy.allowed_email_domains = place->setting->value;
    return is_list(arena, place->setting->value, email_address_are_domains)
               ? 0
               : refuse(arena, place, "must be domains such as example.org, without @");
}

static int read_emails(struct arena *arena, const struct place *place, const char **emails) {
    *emails = place->setting->value;
    return is_list(arena, place->setting->value, email_address_are_valid)
               ? 0
               : refuse(arena, place, "must be e-mail addresses, separated by spaces");
}

static int read_allowed_emails(struct arena *arena, const struct place *place,
                               struct config *config) {
    return read_emails(arena, place, &config->policy.allowed_emails);
}

static int read_denied_emails(struct arena *arena, const struct place *place,
                              struct config *config) {
    return read_emails(arena, place, &config->policy.denied_emails);
}

static int read_allowed_emails_file(struct arena *arena, const struct place *place,
                                    struct config *config) {
    config->policy.allowed_emails_file = place->setting->value;
    return *place->setting->value != '\0' ? 0 : refuse(arena, place, "must be a path");
}

static int read_require(struct arena *arena, const struct place *place, struct config *config) {
    const char *fault = mapping_fault(arena, place->setting->value, MAPPING_REQUIREMENT);
    config->policy.require = place->setting->value;
    return fault == NULL ? 0 : refuse(arena, place, arena_format(arena, "needs %s", fault));
}

/* ---- [login] --------------------------------------------------------------------------------- */

static int read_login_timeout(struct arena *arena, const struct place *place,
                              struct config *config) {
    return read_duration(arena, place, &config->login_timeout);
}

static int read_clock_leeway(struct arena *arena, const struct place *place,
                             struct config *config) {
    return read_duration(arena, place, &config->clock_leeway);
}

static int read_new_instances(struct arena *arena, const struct place *place,
                              struct config *config) {
    const char *value = place->setting->value;
    size_t digits = strspn(value, "0123456789");
    if (value[digits] != '\0' || digits > 4)
        return refuse(arena, place, "must be a number from 0 to 9999");
    config->new_instances_per_hour = strtoll(value, NULL, 10);
    return 0;
}

/* ---- [token] --------------------------------------------------------------------------------- */

static int read_token_algorithm(struct arena *arena, const struct place *place,
                                struct config *config) {
    static const char *const words[] = {"ES256", "EdDSA", "RS256", "HS256", NULL};
    int word = 0;
    if (read_word(arena, place, words, "must be ES256, EdDSA, RS256 or HS256", &word) != 0)
        return -1;
    config->token.algorithm = words[word];
    return 0;
}

static int read_token_lifetime(struct arena *arena, const struct place *place,
                               struct config *config) {
    if (read_duration(arena, place, &config->token.lifetime) != 0)
        return -1;
    return config->token.lifetime <= TOKEN_LIFETIME_MAX
               ? 0
               : refuse(arena, place, "must be at most 1d: ask for a new token instead");
}

/* RFC 8707 2: absolute, without a fragment. They are names, and nothing is ever called there. */
static bool is_audience(struct arena *arena, const char *text) {
    struct uri uri;
    return uri_parse(arena, text, &uri) == 0 && uri.fragment == NULL;
}

static int read_token_audience(struct arena *arena, const struct place *place,
                               struct config *config) {
    const char *rest = place->setting->value;
    size_t length = 0;
    for (const char *word = text_next_word(&rest, &length); word != NULL;
         word = text_next_word(&rest, &length))
        if (!is_audience(arena, arena_copy(arena, word, length)))
            return refuse(arena, place, "must be absolute URIs like https://api.example.org");
    config->token.audience = place->setting->value;
    return 0;
}

static int read_token_claims(struct arena *arena, const struct place *place,
                             struct config *config) {
    static const char known[] = "name email picture locale groups auth_time";
    const char *rest = place->setting->value;
    size_t length = 0;
    for (const char *word = text_next_word(&rest, &length); word != NULL;
         word = text_next_word(&rest, &length))
        if (!text_has_word(known, arena_copy(arena, word, length)))
            return refuse(arena, place, arena_format(arena, "must be some of: %s", known));
    config->token.claims = place->setting->value;
    return 0;
}

/* RFC 6749 A.1: printable ASCII. */
static int read_token_client_id(struct arena *arena, const struct place *place,
                                struct config *config) {
    for (const char *c = place->setting->value; *c != '\0'; c++)
        if (*c < ' ' || *c > '~')
            return refuse(arena, place, "must be printable ASCII");
    config->token.client_id = place->setting->value;
    return 0;
}

static int read_token_secret(struct arena *arena, const struct place *place,
                             struct config *config) {
    config->token.secret = place->setting->value;
    return strlen(place->setting->value) >= TOKEN_SECRET_MIN
               ? 0
               : refuse(arena, place, "must have 32 bytes or more: openssl rand -hex 32");
}

static int read_token_secret_file(struct arena *arena, const struct place *place,
                                  struct config *config) {
    (void)arena;
    config->token.secret_file = place->setting->value;
    return 0;
}

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

/* ---- sections -------------------------------------------------------------------------------- */

static const struct known_setting *find_known(const char *section, const char *name) {
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (text_equal(known_settings[i].section, section) &&
            text_equal(known_settings[i].name, name))
            return &known_settings[i];
    return NULL;
}

static bool is_known_section(const char *section) {
    for (size_t i = 0; i < KNOWN_COUNT; i++)
        if (text_equal(known_settings[i].section, section))
            return true;
    return false;
}

/* An empty value leaves the default; of who may come in, it would let in everybody. */
static bool is_left(const struct ini_section *section, const struct ini_setting *setting) {
    return *setting->value == '\0' && !text_equal(section->kind, "policy");
}

static int read_setting(struct arena *arena, const struct ini_section *section,
                        const struct ini_setting *setting, struct config *config) {
    const struct place place = {section->file, setting};
    const struct known_setting *known = find_known(section->kind, setting->name);
    if (known == NULL)
        return fail(arena, ERROR_CONFIG, "%s:%d: [%s] has no setting %s", section->file,
                    setting->line, section->kind, setting->name);
    return is_left(section, setting) ? 0 : known->read(arena, &place, config);
}

/* A mistake ends the reading, unless there is a witness: who is told, and it goes on. */
static int pass_mistake(struct arena *arena, struct config_witness *witness) {
    if (witness == NULL)
        return -1;
    witness->tell(witness->closure, arena->error.detail);
    witness->mistakes++;
    arena_forget_error(arena);
    return 0;
}

static int read_section(struct arena *arena, const struct ini_section *section,
                        struct config *config, struct config_witness *witness) {
    for (const struct ini_setting *setting = section->settings; setting != NULL;
         setting = setting->next)
        if (read_setting(arena, section, setting, config) != 0 && pass_mistake(arena, witness) != 0)
            return -1;
    return 0;
}

/* [a-z0-9][a-z0-9_-]{0,31}: it stands in URLs, in cookies' payloads and in the log. */
static bool is_name(const char *name) {
    for (const char *c = name; *c != '\0'; c++) {
        bool plain = ascii_is_digit(*c) || (*c >= 'a' && *c <= 'z');
        if (!plain && (c == name || (*c != '_' && *c != '-')))
            return false;
    }
    return *name != '\0' && strlen(name) <= NAME_LIMIT;
}

/* Sections that are judged by their owners. */
static const struct {
    const char *kind;
    bool without_name; /* there may also be one that has none */
} kept_sections[] = {{"provider", false}, {"api", false}, {"rule", false}, {"files", true}};

#define KEPT_COUNT (sizeof(kept_sections) / sizeof(kept_sections[0]))

static bool is_kept(const struct ini_section *section) {
    for (size_t i = 0; i < KEPT_COUNT; i++)
        if (text_equal(section->kind, kept_sections[i].kind))
            return true;
    return false;
}

static bool may_be_nameless(const struct ini_section *section) {
    for (size_t i = 0; i < KEPT_COUNT; i++)
        if (text_equal(section->kind, kept_sections[i].kind))
            return kept_sections[i].without_name;
    return false;
}

static int check_name(struct arena *arena, const struct ini_section *section) {
    if (is_name(section->label) || (*section->label == '\0' && may_be_nameless(section)))
        return 0;
    return fail(arena, ERROR_CONFIG,
                "%s:%d: [%s NAME] needs a name of at most %d small letters, digits, _ and -",
                section->file, section->line, section->kind, NAME_LIMIT);
}

static int check_section(struct arena *arena, const struct ini_section *section) {
    if (is_kept(section))
        return check_name(arena, section);
    if (!is_known_section(section->kind) || *section->label != '\0')
        return fail(arena, ERROR_CONFIG,
                    "%s:%d: there is no section [%s%s%s]; known: site, session, login, account, "
                    "policy, audit, token, provider NAME, api NAME, rule NAME, files, files NAME",
                    section->file, section->line, section->kind, *section->label == '\0' ? "" : " ",
                    section->label);
    return 0;
}

/* ---- presets --------------------------------------------------------------------------------- */

#define PRESET_BEGIN "\n[provider "

/* Where the preset behind `text` begins, with the line break before it; NULL if there is none. */
static const char *next_preset(const char *text) {
    return strstr(text, PRESET_BEGIN);
}

/* Messages count the lines of the whole file. */
static void number_lines(struct ini_section *section, const char *begin) {
    int before = 0;
    for (const char *c = presets_text; c <= begin; c++)
        before += *c == '\n';
    section->line += before;
    for (struct ini_setting *setting = section->settings; setting != NULL; setting = setting->next)
        setting->line += before;
}

int config_preset(struct arena *arena, const char *id, const struct ini_section **preset) {
    const char *head = arena_format(arena, PRESET_BEGIN "%s]\n", id);
    const char *begin = strstr(presets_text, head);
    struct ini_section *section = NULL;
    *preset = NULL;
    if (begin == NULL)
        return 0;
    const char *end = next_preset(begin + 1);
    size_t length = end == NULL ? strlen(begin) : (size_t)(end - begin);
    if (ini_parse(arena, "providers.ini", begin + 1, length - 1, &section) != 0)
        return -1;
    number_lines(section, begin);
    *preset = section;
    return 0;
}

char *config_preset_ids(struct arena *arena) {
    struct buffer ids;
    buffer_open(arena, &ids);
    for (const char *preset = next_preset(presets_text); preset != NULL;
         preset = next_preset(preset + 1)) {
        const char *id = preset + strlen(PRESET_BEGIN);
        buffer_add(&ids, ids.length == 0 ? "" : " ", ids.length == 0 ? 0 : 1);
        buffer_add(&ids, id, strcspn(id, "]"));
    }
    return ids.bytes;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(text + length - end_length, end) == 0;
}

/* The path of a secret is none, nor is a secret's date of expiry. */
static bool is_secret(const struct ini_setting *setting) {
    if (*setting->value == '\0' || ends_with(setting->name, "_file") ||
        ends_with(setting->name, "_expires_at"))
        return false;
    return strstr(setting->name, "secret") != NULL || text_equal(setting->name, "key") ||
           ends_with(setting->name, "_key");
}

/* A group may read it: root:www-data 0640 is the usual way to let the web server in. */
static int check_mode(struct arena *arena, const struct config *config, mode_t mode) {
    if ((mode & S_IRWXO) == 0)
        return 0;
    if ((mode & S_IWOTH) != 0)
        return fail(arena, ERROR_CONFIG, "%s can be changed by anyone: chmod o-rwx %s",
                    config->file, config->file);
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next)
        for (const struct ini_setting *setting = section->settings; setting != NULL;
             setting = setting->next)
            if (is_secret(setting))
                return fail(arena, ERROR_CONFIG,
                            "%s:%d: %s can be read by anyone on this machine: chmod o-rwx %s",
                            config->file, setting->line, setting->name, config->file);
    return 0;
}

/* A timeout that is never above absolute_timeout. The default is not the operator's mistake. */
static int check_timeout(struct arena *arena, const struct config *config, const char *name,
                         int64_t *timeout) {
    const struct ini_section *session = ini_section(config->sections, "session", "");
    const struct ini_setting *setting = ini_setting(session, name);
    if (*timeout <= config->absolute_timeout)
        return 0;
    if (setting != NULL && *setting->value != '\0') {
        const struct place place = {config->file, setting};
        return refuse(arena, &place, "is longer than absolute_timeout");
    }
    *timeout = config->absolute_timeout;
    return 0;
}

static int check_timeouts(struct arena *arena, struct config *config) {
    int result = check_timeout(arena, config, "idle_timeout", &config->idle_timeout);
    return result != 0 ? -1 : check_timeout(arena, config, "short_timeout", &config->short_timeout);
}

/* A mistake in how settings of a section fit together; told of the one named, if it is there. */
static int refuse_together(struct arena *arena, const struct config *config, const char *section,
                           const char *name, const char *what) {
    const struct ini_setting *setting =
        ini_setting(ini_section(config->sections, section, ""), name);
    const struct place place = {config->file, setting};
    return setting != NULL
               ? refuse(arena, &place, what)
               : fail(arena, ERROR_CONFIG, "%s: [%s] %s %s", config->file, section, name, what);
}

static bool has_other_audience(const struct config *config) {
    const char *rest = config->token.audience;
    size_t length = 0;
    for (const char *word = text_next_word(&rest, &length); word != NULL;
         word = text_next_word(&rest, &length))
        if (length != strlen(config->base_url) || memcmp(word, config->base_url, length) != 0)
            return true;
    return false;
}

/* Whoever verifies by a shared secret can also sign by it. What we accept ourselves is signed with
 * a key that nobody shares, so for a shared one there must be somebody to share it with. */
static int check_token(struct arena *arena, const struct config *config) {
    const struct token_settings *token = &config->token;
    if (!text_equal(token->algorithm, "HS256"))
        return token->secret == NULL && token->secret_file == NULL
                   ? 0
                   : refuse_together(arena, config, "token",
                                     token->secret != NULL ? "secret" : "secret_file",
                                     "is for algorithm = HS256 alone");
    if ((token->secret == NULL) == (token->secret_file == NULL))
        return refuse_together(arena, config, "token", "algorithm",
                               "HS256 needs secret or secret_file, and not both");
    return has_other_audience(config)
               ? 0
               : refuse_together(arena, config, "token", "algorithm",
                                 "HS256 needs audience: the API that shares the secret");
}

static int check_required(struct arena *arena, const struct config *config) {
    if (config->base_url == NULL)
        return fail(arena, ERROR_CONFIG, "%s: [site] needs base_url = https://...", config->file);
    if (config->state_dir == NULL)
        return fail(arena, ERROR_CONFIG, "%s: [site] needs state_dir = /..., a folder of its own",
                    config->file);
    return 0;
}

/* Its text and its mode; of the same open file, so that they belong together. */
static int read_file(struct arena *arena, const char *path, struct buffer *text, mode_t *mode) {
    struct stat status;
    int descriptor = file_open(AT_FDCWD, path, 0, &status);
    if (descriptor < 0)
        return fail(arena, ERROR_CONFIG, "%s cannot be opened: %s", path, strerror(errno));

    int result = file_read(descriptor, INI_SIZE_LIMIT, text);
    if (result != 0 && errno == EFBIG)
        fail(arena, ERROR_CONFIG, "%s is longer than %u bytes", path, INI_SIZE_LIMIT);
    else if (result != 0)
        fail(arena, ERROR_CONFIG, "%s cannot be read: %s", path, strerror(errno));
    *mode = status.st_mode;
    close(descriptor);
    return result;
}

static int read_sections(struct arena *arena, const struct buffer *text, struct config *config,
                         struct config_witness *witness) {
    struct ini_section *sections = NULL;
    if (ini_parse(arena, config->file, text->bytes, text->length, &sections) != 0)
        return pass_mistake(arena, witness);
    config->sections = sections;
    for (const struct ini_section *section = sections; section != NULL; section = section->next) {
        bool known = check_section(arena, section) == 0;
        if (!known && pass_mistake(arena, witness) != 0)
            return -1;
        if (known && !is_kept(section) && read_section(arena, section, config, witness) != 0)
            return -1;
    }
    return 0;
}

static struct config config_defaults(const char *file) {
    return (struct config){
        .file = file,
        .cgi_path = "/cgi-bin",
        .home = "/",
        .templates = LATCHKEY_TEMPLATES_PATH,
        .idle_timeout = 7 * DAY,
        .absolute_timeout = 30 * DAY,
        .short_timeout = 12 * (int64_t)3600,
        .remember = REMEMBER_ALWAYS,
        .confirm_after = 900,
        .sign_up = true,
        .audit_keep = 180 * DAY,
        .audit_address = ADDRESS_KEPT_WHOLE,
        .login_timeout = 600,
        .clock_leeway = 60,
        .new_instances_per_hour = 20,
        .token = {.algorithm = "ES256", .lifetime = 600},
    };
}

static int read_whole(struct arena *arena, const char *path, struct config *config,
                      struct config_witness *witness) {
    struct buffer text;
    mode_t mode = 0;
    *config = config_defaults(arena_text(arena, path));
    buffer_open(arena, &text);
    if (read_file(arena, path, &text, &mode) != 0)
        return pass_mistake(arena, witness);
    if (read_sections(arena, &text, config, witness) != 0)
        return -1;
    if (check_mode(arena, config, mode) != 0 && pass_mistake(arena, witness) != 0)
        return -1;
    bool told = witness != NULL && witness->mistakes > 0; /* maybe of what is now missing */
    if (!told && (check_required(arena, config) != 0 || check_token(arena, config) != 0) &&
        pass_mistake(arena, witness) != 0)
        return -1;
    return check_timeouts(arena, config) != 0 ? pass_mistake(arena, witness) : 0;
}

const struct ini_section *config_section(const struct config *config, const char *kind,
                                         const char *name) {
    return ini_section(config->sections, kind, name);
}

int config_load(struct arena *arena, const char *path, struct config *config) {
    return read_whole(arena, path, config, NULL);
}

int config_examine(struct arena *arena, const char *path, struct config *config,
                   struct config_witness *witness) {
    int result = read_whole(arena, path, config, witness);
    return result != 0 || witness->mistakes > 0 ? -1 : 0;
}

char *config_program_uri(struct arena *arena, const struct config *config, const char *program) {
    return arena_format(arena, "%s%s/%s", config->base_url, config->cgi_path, program);
}

char *config_site_uri(struct arena *arena, const struct config *config, const char *path) {
    return arena_format(arena, "%s%s", config->base_url, path);
}

#include "edge/config.h"

#include "base/text.h"
#include "edge/config_setting.h"
#include "edge/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HOUR ((int64_t)3600) /* seconds */
#define DAY (24 * HOUR)
#define NAME_LIMIT 32

const char *config_path(void) {
    const char *path = getenv("LATCHKEY_CONF");
    return text_is_empty(path) ? LATCHKEY_CONF_PATH : path;
}

/* ---- sections -------------------------------------------------------------------------------- */

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
        if (config_setting_read(arena, section, setting, config) != 0 &&
            pass_mistake(arena, witness) != 0)
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
    if (!config_setting_is_section(section->kind) || *section->label != '\0')
        return fail(arena, ERROR_CONFIG,
                    "%s:%d: there is no section [%s%s%s]; known: site, session, login, account, "
                    "policy, audit, token, provider NAME, api NAME, rule NAME, files, files NAME",
                    section->file, section->line, section->kind, *section->label == '\0' ? "" : " ",
                    section->label);
    return 0;
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
        const struct config_place place = {config->file, setting};
        return config_setting_refuse(arena, &place, "is longer than absolute_timeout");
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
    const struct config_place place = {config->file, setting};
    return setting != NULL
               ? config_setting_refuse(arena, &place, what)
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
        .short_timeout = 12 * HOUR,
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

#include "login/folder.h"

#include "base/text.h"
#include "edge/beneath.h"
#include "edge/private_file.h"
#include "login/rule.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ACCEL "x-accel-redirect:"

/* ---- settings -------------------------------------------------------------------------------- */

/* Returns what a right value would look like if this one is wrong, else NULL. */
struct folder_setting {
    const char *name;
    const char *(*set)(struct arena *arena, struct folder *folder, const char *value);
};

static bool is_dots(const char *name, size_t length) {
    return (length == 1 || length == 2) && strncmp(name, "..", length) == 0;
}

/* A path that says where it leads, so that what lies in it can be told from its text; not "/". */
static bool is_clear_path(const char *path) {
    bool clear = *path == '/';
    while (clear && *path == '/') {
        size_t length = strcspn(++path, "/");
        clear = length > 0 && !is_dots(path, length);
        path += length;
    }
    return clear;
}

static const char *set_folder(struct arena *arena, struct folder *folder, const char *value) {
    char *path = arena_text(arena, value);
    for (size_t length = strlen(path); length > 0 && path[length - 1] == '/'; length--)
        path[length - 1] = '\0';
    folder->path = path;
    return is_clear_path(path) ? NULL : "the absolute path of a folder, without . and .., not /";
}

static const char *set_index(struct arena *arena, struct folder *folder, const char *value) {
    (void)arena;
    folder->index = value;
    return strchr(value, '/') == NULL && beneath_is_plain(value)
               ? NULL
               : "the name of a file, like index.html";
}

static const char *set_require(struct arena *arena, struct folder *folder, const char *value) {
    (void)arena;
    folder->require = value;
    return NULL;
}

static const char *set_access(struct arena *arena, struct folder *folder, const char *value) {
    (void)arena;
    if (!text_equal(value, "signed-in") && !text_equal(value, "anyone"))
        return "signed-in or anyone";
    folder->access = text_equal(value, "anyone") ? FOLDER_ANYONE : FOLDER_SIGNED_IN;
    return NULL;
}

/* A path of a URL that stands for itself: "/protected/". */
static bool is_prefix(const char *text) {
    size_t length = strlen(text);
    if (length < 2 || text[0] != '/' || text[length - 1] != '/' || !beneath_is_plain(text + 1))
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && strchr("-._~/", *c) == NULL)
            return false;
    return true;
}

static const char *set_hand_over(struct arena *arena, struct folder *folder, const char *value) {
    (void)arena;
    bool is_accel = text_starts_with(value, ACCEL) && is_prefix(value + strlen(ACCEL));
    folder->accel_prefix = is_accel ? value + strlen(ACCEL) : NULL;
    folder->hand_over = is_accel                                ? HAND_OVER_ACCEL
                        : text_equal(value, "x-sendfile")       ? HAND_OVER_SENDFILE
                        : text_equal(value, "x-sendfile-plain") ? HAND_OVER_PLAIN
                                                                : HAND_OVER_NEVER;
    return folder->hand_over != HAND_OVER_NEVER
               ? NULL
               : "x-sendfile, x-sendfile-plain, or x-accel-redirect: and the path of an internal "
                 "location, like x-accel-redirect:/protected/";
}

static const struct folder_setting settings[] = {
    {"folder", set_folder}, {"require", set_require},     {"access", set_access},
    {"index", set_index},   {"hand_over", set_hand_over},
};

#define SETTINGS_COUNT (sizeof(settings) / sizeof(settings[0]))

static int read_setting(struct arena *arena, const struct ini_section *section,
                        const struct ini_setting *setting, struct folder *folder) {
    size_t i = 0;
    while (i < SETTINGS_COUNT && !text_equal(settings[i].name, setting->name))
        i++;
    if (i == SETTINGS_COUNT)
        return fail(arena, ERROR_CONFIG, "%s:%d: [files] has no setting %s", section->file,
                    setting->line, setting->name);
    /* Empty, a rule would be none, and let in everybody. */
    const char *expected =
        *setting->value == '\0' ? "a value" : settings[i].set(arena, folder, setting->value);
    return expected == NULL ? 0
                            : fail(arena, ERROR_CONFIG, "%s:%d: %s needs %s", section->file,
                                   setting->line, setting->name, expected);
}

/* ---- what does not go together --------------------------------------------------------------- */

static bool is_within(const char *path, const char *folder) {
    size_t length = strlen(folder);
    return path != NULL && strncmp(path, folder, length) == 0 &&
           (path[length] == '/' || path[length] == '\0');
}

/* The keys and the database, and a configuration with its secrets, are nobody's to read. */
static const char *exposed(const char *folder, const char *state_dir, const char *file) {
    if (is_within(state_dir, folder) || (state_dir != NULL && is_within(folder, state_dir)))
        return "state_dir";
    return is_within(file, folder) ? "the configuration" : NULL;
}

/* So are files with secrets, and lists of addresses, that a setting of any section names. */
static const char *exposed_file(struct arena *arena, const struct config *config,
                                const char *folder) {
    static const char end[] = "_file";
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next)
        for (const struct ini_setting *setting = section->settings; setting != NULL;
             setting = setting->next) {
            size_t length = strlen(setting->name);
            bool names_file =
                length >= strlen(end) && text_equal(setting->name + length - strlen(end), end);
            if (names_file &&
                is_within(private_file_path(arena, config->file, setting->value), folder))
                return setting->name;
        }
    return NULL;
}

static int refuse(struct arena *arena, const struct ini_section *section, const char *setting,
                  const char *what) {
    return fail(arena, ERROR_CONFIG, "%s:%d: %s %s", section->file,
                ini_setting(section, setting)->line, setting, what);
}

static int check_rules(struct context *context, const struct ini_section *section,
                       const struct folder *folder) {
    struct arena *arena = context->arena;
    if (folder->require == NULL)
        return 0;
    if (folder->access == FOLDER_ANYONE)
        return refuse(arena, section, "require", "is nothing that anyone meets: see access");
    if (rule_check_names(context, folder->require) == 0)
        return 0;
    const char *why = arena_format(arena, "is wrong: %s", arena->error.detail);
    arena_forget_error(arena);
    return refuse(arena, section, "require", why);
}

static int check_whole(struct context *context, const struct ini_section *section,
                       const struct folder *folder) {
    struct arena *arena = context->arena;
    if (folder->path == NULL)
        return fail(arena, ERROR_CONFIG, "%s:%d: [files] needs folder = /...", section->file,
                    section->line);
    const char *ours = exposed(folder->path, context->config->state_dir, context->config->file);
    if (ours == NULL)
        ours = exposed_file(arena, context->config, folder->path);
    if (ours != NULL)
        return refuse(arena, section, "folder",
                      arena_format(arena, "must be apart from %s: all in it is served", ours));
    return check_rules(context, section, folder);
}

int folder_load(struct context *context, const char *name, struct folder *folder) {
    const struct ini_section *section = config_section(context->config, "files", name);
    *folder = (struct folder){.name = name, .index = "index.html"};
    if (section == NULL)
        return fail(context->arena, ERROR_CONFIG, "%s: there is no [files %s]",
                    context->config->file, name);
    for (const struct ini_setting *setting = section->settings; setting != NULL;
         setting = setting->next)
        if (read_setting(context->arena, section, setting, folder) != 0)
            return -1;
    return check_whole(context, section, folder);
}

/* ---- which one ------------------------------------------------------------------------------- */

/* The name of the section that the path belongs to, "" for that without one; NULL if there is
 * neither. */
static const char *find_name(struct context *context, const char *path_info) {
    size_t length = *path_info == '/' ? strcspn(path_info + 1, "/") : 0;
    const char *name = arena_copy(context->arena, path_info + (length > 0 ? 1 : 0), length);
    if (*name != '\0' && config_section(context->config, "files", name) != NULL)
        return name;
    return config_section(context->config, "files", "") != NULL ? "" : NULL;
}

int folder_find(struct context *context, const char *path_info, struct folder **folder,
                const char **rest) {
    const char *name = find_name(context, path_info);
    *folder = NULL;
    *rest = path_info;
    if (name == NULL)
        return 0;
    if (*name != '\0')
        *rest += 1 + strlen(name);
    *folder = arena_alloc(context->arena, sizeof(**folder));
    return folder_load(context, name, *folder);
}

/* ---- what is there --------------------------------------------------------------------------- */

/* Without links; NULL if it is not there. */
static const char *real_path(struct arena *arena, const char *path) {
    char real[PATH_MAX];
    return path != NULL && realpath(path, real) != NULL ? arena_text(arena, real) : NULL;
}

int folder_examine(struct context *context, const struct folder *folder) {
    struct arena *arena = context->arena;
    const struct config *config = context->config;
    int descriptor = beneath_open_folder(folder->path);
    if (descriptor < 0)
        return fail(arena, ERROR_FOLDER, "%s cannot be opened by user %u: %s", folder->path,
                    geteuid(), strerror(errno));
    close(descriptor);
    if (access(folder->path, X_OK) != 0)
        return fail(arena, ERROR_FOLDER, "user %u may not look for files in %s: chmod u+x %s",
                    geteuid(), folder->path, folder->path);
    const char *real = real_path(arena, folder->path);
    const char *ours = real == NULL ? NULL
                                    : exposed(real, real_path(arena, config->state_dir),
                                              real_path(arena, config->file));
    return ours == NULL ? 0
                        : fail(arena, ERROR_CONFIG, "%s leads to %s: all in it would be served",
                               folder->path, ours);
}

/* Names that web servers and hosts use. */
static bool is_usual_root(const char *name, size_t length) {
    static const char *const names[] = {"public_html", "htdocs", "httpdocs", "html",
                                        "wwwroot",     "www",    "webroot",  "web"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (strlen(names[i]) == length && strncmp(names[i], name, length) == 0)
            return true;
    return false;
}

const char *folder_document_root(struct arena *arena, const struct folder *folder) {
    const char *path = real_path(arena, folder->path);
    if (path == NULL)
        path = folder->path;
    for (const char *rest = path; *rest == '/';) {
        size_t length = strcspn(++rest, "/");
        bool usual = is_usual_root(rest, length);
        rest += length;
        if (usual)
            return arena_copy(arena, path, (size_t)(rest - path));
    }
    return NULL;
}

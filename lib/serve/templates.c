#include "serve/templates.h"

#include "base/text.h"
#include "edge/config.h"
#include "edge/file.h"
#include "format/language.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TEXTS_START "texts."
#define TEXTS_END ".ini"
#define FIRST_LANGUAGE "en"

static bool is_file_name(const char *name) {
    for (const char *c = name; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && *c != '-' && *c != '_' && *c != '.')
            return false;
    return *name != '\0' && *name != '.';
}

int templates_read(struct context *context, const char *name, struct buffer *content) {
    struct arena *arena = context->arena;
    if (!is_file_name(name))
        return fail(arena, ERROR_TEMPLATE, "%s is no name of a template", name);
    const char *path = arena_format(arena, "%s/%s", context->config->templates, name);
    struct stat status;
    int file = file_open(AT_FDCWD, path, 0, &status);
    if (file < 0)
        return fail(arena, ERROR_TEMPLATE, "cannot open %s: %s", path, strerror(errno));
    int result = file_read(file, TEMPLATES_FILE_LIMIT, content);
    if (result != 0)
        fail(arena, ERROR_TEMPLATE, "cannot read %s: %s", path, strerror(errno));
    close(file);
    return result;
}

/* "ko" of "texts.ko.ini"; NULL if the name is not of that form. */
static const char *language_of(struct arena *arena, const char *name) {
    if (!text_starts_with(name, TEXTS_START))
        return NULL;
    const char *tag = name + strlen(TEXTS_START);
    const char *end = strchr(tag, '.');
    if (end == NULL || !text_equal(end, TEXTS_END))
        return NULL;
    const char *language = arena_copy(arena, tag, (size_t)(end - tag));
    return language_is_tag(language) ? language : NULL;
}

static int compare(const void *a, const void *b) {
    const char *const *one = a;
    const char *const *other = b;
    if (text_equal_nocase(*one, FIRST_LANGUAGE) != text_equal_nocase(*other, FIRST_LANGUAGE))
        return text_equal_nocase(*one, FIRST_LANGUAGE) ? -1 : 1;
    return strcmp(*one, *other);
}

static int list_languages(struct arena *arena, DIR *folder, const char **tags, size_t *count) {
    errno = 0;
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        const char *language = language_of(arena, entry->d_name);
        if (language == NULL)
            continue;
        if (*count == TEMPLATES_LANGUAGES_LIMIT)
            return fail(arena, ERROR_TEMPLATE, "more than %d languages", TEMPLATES_LANGUAGES_LIMIT);
        tags[(*count)++] = language;
    }
    if (errno != 0)
        return fail(arena, ERROR_TEMPLATE, "cannot list the templates: %s", strerror(errno));
    return 0;
}

int templates_languages(struct context *context, const char ***tags, size_t *count) {
    struct arena *arena = context->arena;
    const char *path = context->config->templates;
    *tags = arena_array(arena, TEMPLATES_LANGUAGES_LIMIT, sizeof(**tags));
    *count = 0;
    DIR *folder = opendir(path);
    if (folder == NULL)
        return fail(arena, ERROR_TEMPLATE, "cannot open %s: %s", path, strerror(errno));
    int result = list_languages(arena, folder, *tags, count);
    closedir(folder);
    if (result != 0)
        return -1;
    if (*count == 0)
        return fail(arena, ERROR_TEMPLATE, "no " TEXTS_START "en" TEXTS_END " is in %s", path);
    qsort(*tags, *count, sizeof(**tags), compare);
    return 0;
}

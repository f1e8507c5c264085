#include "serve/first_line.h"

#include "base/text.h"
#include "edge/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* ---- options --------------------------------------------------------------------------------- */

/* The value behind "--name=", or NULL. */
static const char *value_of(const char *word, const char *name) {
    return text_starts_with(word, name) ? word + strlen(name) : NULL;
}

/* Names are separated by commas, for a space separates words: rule_check() has them by spaces. */
static int read_require(struct arena *arena, const char *value, struct first_line *line) {
    if (line->require != NULL || *value == '\0')
        return fail(arena, ERROR_CONFIG, "--require= stands twice, or has no value");
    char *names = arena_text(arena, value);
    for (char *c = names; *c != '\0'; c++)
        if (*c == ',')
            *c = ' ';
    line->require = names;
    return 0;
}

static int read_conf(struct arena *arena, const char *value, struct first_line *line) {
    if (line->conf != NULL || *value != '/')
        return fail(arena, ERROR_CONFIG, "--conf= stands twice, or has no absolute path");
    line->conf = value;
    return 0;
}

static int read_any_origin(struct arena *arena, struct first_line *line) {
    if (line->any_origin)
        return fail(arena, ERROR_CONFIG, "--any-origin stands twice");
    line->any_origin = true;
    return 0;
}

static int read_option(struct arena *arena, const char *word, struct first_line *line) {
    const char *value = value_of(word, "--require=");
    if (value != NULL)
        return read_require(arena, value, line);
    value = value_of(word, "--conf=");
    if (value != NULL)
        return read_conf(arena, value, line);
    if (text_equal(word, "--any-origin"))
        return read_any_origin(arena, line);
    return fail(arena, ERROR_CONFIG, "signed-in has no option %s", word);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Cuts the argument into words, in place of a copy; *count of them. */
static char **split(struct arena *arena, const char *argument, size_t *count) {
    char *rest = NULL;
    char *copy = arena_text(arena, argument);
    char **words = arena_array(arena, strlen(argument) / 2 + 1, sizeof(*words));
    *count = 0;
    for (char *word = strtok_r(copy, " \t", &rest); word != NULL;
         word = strtok_r(NULL, " \t", &rest))
        words[(*count)++] = word;
    return words;
}

/* A path that is looked up (PATH) would be anybody's program. A line that ends with a carriage return
 * is the usual reason why an interpreter is not found, and its log line would not show it. */
static int check_interpreter(struct arena *arena, const struct first_line *line) {
    if (line->word_count == 0 || *line->interpreter[0] != '/')
        return fail(arena, ERROR_CONFIG,
                    "the first line has no interpreter with an absolute path behind signed-in");
    for (size_t i = 0; i < line->word_count; i++)
        if (text_has_control(line->interpreter[i]))
            return fail(arena, ERROR_CONFIG,
                        "the first line holds a control byte: lines end with LF, not with CR LF");
    return 0;
}

int first_line_parse(struct arena *arena, const char *argument, struct first_line *line) {
    size_t first = 0;
    size_t count = 0;
    char **words = split(arena, argument, &count);
    *line = (struct first_line){.require = NULL};
    for (; first < count && *words[first] == '-'; first++)
        if (read_option(arena, words[first], line) != 0)
            return -1;
    line->interpreter = words + first;
    line->word_count = count - first;
    return check_interpreter(arena, line);
}

/* ---- the script itself ----------------------------------------------------------------------- */

static int read_start(struct arena *arena, const char *script, struct buffer *start) {
    struct stat status;
    buffer_open(arena, start);
    int descriptor = file_open(AT_FDCWD, script, 0, &status);
    if (descriptor < 0)
        return fail(arena, ERROR_CONFIG, "%s cannot be read: %s", script, strerror(errno));
    char bytes[FIRST_LINE_LIMIT];
    ssize_t length = -1;
    do
        length = read(descriptor, bytes, sizeof(bytes));
    while (length < 0 && errno == EINTR);
    close(descriptor);
    if (length < 0)
        return fail(arena, ERROR_CONFIG, "%s cannot be read: %s", script, strerror(errno));
    buffer_add(start, bytes, (size_t)length);
    return 0;
}

static const char *skip_blanks(const char *text) {
    return text + strspn(text, " \t");
}

/* What the kernel makes of the line (Linux, fs/binfmt_script.c), if it reads all of it; NULL if it is
 * none. */
static const char *argument_of(struct arena *arena, const struct buffer *start) {
    if (!text_starts_with(start->bytes, "#!"))
        return NULL;
    size_t length = strcspn(start->bytes, "\n"); /* up to a NUL, too */
    while (length > 2 && ascii_is_blank(start->bytes[length - 1]))
        length--;
    const char *line = arena_copy(arena, start->bytes, length);
    const char *interpreter = skip_blanks(line + 2);
    return skip_blanks(interpreter + strcspn(interpreter, " \t"));
}

int first_line_check(struct arena *arena, const char *script, const char *argument) {
    struct buffer start;
    if (read_start(arena, script, &start) != 0)
        return -1;
    if (!text_equal(argument_of(arena, &start), argument))
        return fail(
            arena, ERROR_CONFIG,
            "%s: signed-in was not started by the first line of this script, or the line is "
            "longer than the kernel reads (255 bytes)",
            script);
    return 0;
}

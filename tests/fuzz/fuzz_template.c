/* template: no value and no text can bring a character of HTML into a page, but for <bdi> around a
 * value in a text. The input is a template, a NUL, the values as JSON, a NUL, and the texts as JSON;
 * what is behind a NUL may be missing. */
#include "fuzz.h"

#include "base/text.h"
#include "format/template.h"

#include <string.h>

#define MARKUP "<>\"'"

/* The page, or NULL. */
static char *render(struct arena *arena, const char *template, const struct json *values,
                    const struct json *texts) {
    struct buffer out;
    buffer_open(arena, &out);
    int result = template_render(arena, template, values, texts, &out);
    must_match(arena, result);
    must_hold(result == 0 || text_starts_with(arena->error.detail, "line "), "it has its line");
    arena->error = (struct error){.rule = ERROR_NONE};
    return result == 0 ? out.bytes : NULL;
}

/* Takes out what the engine itself writes. */
static void remove_all(char *page, const char *what) {
    size_t length = strlen(what);
    for (char *at = strstr(page, what); at != NULL; at = strstr(at, what))
        memmove(at, at + length, strlen(at + length) + 1);
}

static void check(struct arena *arena, const char *template, const struct json *values,
                  const struct json *texts) {
    char *page = render(arena, template, values, texts);
    if (page != NULL && strpbrk(template, MARKUP) == NULL) {
        remove_all(page, "<bdi>");
        remove_all(page, "</bdi>");
        must_hold(strpbrk(page, MARKUP) == NULL, "neither values nor texts bring markup");
    }

    /* Whether a template is well-formed is no matter of values, but for the limits. */
    const char *empty = render(arena, template, NULL, texts);
    must_hold(page == NULL || empty != NULL, "a mistake is found with any values");
}

/* The object behind the NUL at *rest, which it steps over; NULL if there is none. */
static struct json *read_object(struct arena *arena, const char **rest, const char *end) {
    struct json *object = NULL;
    if (*rest == end)
        return NULL;
    const char *text = *rest + 1;
    *rest = text + strlen(text);
    if (json_parse_object(arena, text, (size_t)(*rest - text), &object) != 0) {
        object = NULL;
        arena->error = (struct error){.rule = ERROR_NONE};
    }
    return object;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *template = arena_copy(&arena, data, size);
    const char *rest = template + strlen(template);
    const struct json *values = read_object(&arena, &rest, template + size);
    const struct json *texts = read_object(&arena, &rest, template + size);
    check(&arena, template, values, texts);
    arena_close(&arena);
    return 0;
}

/* template: no value can bring a character of HTML into a page. The input is a template, a NUL, and
 * the values as JSON. */
#include "fuzz.h"

#include "base/text.h"
#include "format/template.h"

#include <string.h>

#define MARKUP "<>\"'"

/* The page, or NULL. */
static const char *render(struct arena *arena, const char *template, const struct json *values) {
    struct buffer out;
    buffer_open(arena, &out);
    int result = template_render(arena, template, values, &out);
    must_match(arena, result);
    must_hold(result == 0 || text_starts_with(arena->error.detail, "line "), "it has its line");
    arena->error = (struct error){.rule = ERROR_NONE};
    return result == 0 ? out.bytes : NULL;
}

static void check(struct arena *arena, const char *template, const struct json *values) {
    const char *page = render(arena, template, values);
    if (page != NULL && strpbrk(template, MARKUP) == NULL)
        must_hold(strpbrk(page, MARKUP) == NULL, "values bring no markup");

    /* Whether a template is well-formed is no matter of values, but for the limits. */
    const char *empty = render(arena, template, NULL);
    must_hold(page == NULL || empty != NULL, "a mistake is found with any values");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct json *values = NULL;
    arena_open(&arena, ARENA_LIMIT);
    const char *template = arena_copy(&arena, data, size);
    size_t length = strlen(template);
    if (length < size &&
        json_parse(&arena, template + length + 1, size - length - 1, &values) != 0) {
        values = NULL;
        arena.error = (struct error){.rule = ERROR_NONE};
    }
    check(&arena, template, values);
    arena_close(&arena);
    return 0;
}

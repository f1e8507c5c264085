/* placeholder: any text as a template; the holes are where they are said to be, and nothing else changes. */
#include "fuzz.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/placeholder.h"
#include "format/uri.h"

#include <string.h>

static const char *nothing(struct arena *arena, const char *name, void *closure) {
    (void)arena;
    (void)name;
    (void)closure;
    return NULL;
}

/* The hole itself: what was there stands there again. */
static const char *itself(struct arena *arena, const char *name, void *closure) {
    int *count = closure;
    ++*count;
    return arena_format(arena, "{%s}", name);
}

static const char *hostile(struct arena *arena, const char *name, void *closure) {
    (void)arena;
    (void)name;
    (void)closure;
    return "}&={\r\n/";
}

static int count_holes(struct arena *arena, const char *text) {
    int count = 0;
    for (const char *name = placeholder_next(arena, &text); name != NULL;
         name = placeholder_next(arena, &text)) {
        must_hold(*name != '\0' && strpbrk(name, "{}") == NULL, "a name is one");
        count++;
    }
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *text = arena_copy(&arena, data, size < 4096 ? size : 4096);
    int holes = count_holes(&arena, text);
    int filled = 0;
    char *uri = NULL;
    must_hold(text_equal(placeholder_fill_some(&arena, text, nothing, NULL), text),
              "what nobody knows stays");
    must_hold(text_equal(placeholder_fill_some(&arena, text, itself, &filled), text),
              "everything else is as it was");
    must_hold(filled == holes, "each hole is filled once");
    must_hold((placeholder_fill_text(&arena, text, nothing, NULL, &uri) == NULL) == (holes == 0),
              "an unknown hole is told");
    must_hold(placeholder_fill_uri(&arena, text, hostile, NULL, &uri) == NULL, "all are known");
    must_hold(!text_has_control(uri) || text_has_control(text), "no value brings a control byte");
    arena_close(&arena);
    return 0;
}

#include "format/placeholder.h"

#include "base/buffer.h"
#include "format/uri.h"

#include <stdbool.h>
#include <string.h>

/* What is to be done with a hole: append something for it, or return false if that cannot be. */
struct filler {
    placeholder_lookup *lookup;
    void *closure;
    bool encode;
    bool keep_unknown;
};

/* The "{name}" from `text` on that comes first; NULL if there is none. */
static const char *find_hole(const char *text, size_t *length) {
    for (const char *open = strchr(text, '{'); open != NULL; open = strchr(open + 1, '{')) {
        size_t inside = strcspn(open + 1, "{}");
        if (open[1 + inside] == '}' && inside > 0) {
            *length = inside + 2;
            return open;
        }
    }
    return NULL;
}

static bool fill_hole(struct arena *arena, const struct filler *filler, const char *hole,
                      size_t length, struct buffer *out) {
    const char *name = arena_copy(arena, hole + 1, length - 2);
    const char *value = filler->lookup(arena, name, filler->closure);
    if (value != NULL)
        buffer_add_text(out, filler->encode ? uri_encode(arena, value) : value);
    else if (filler->keep_unknown)
        buffer_add(out, hole, length);
    else
        return false;
    return true;
}

static const char *fill(struct arena *arena, const char *text, const struct filler *filler,
                        char **filled) {
    struct buffer out;
    size_t length = 0;
    buffer_open(arena, &out);
    for (const char *hole = find_hole(text, &length); hole != NULL;
         hole = find_hole(text, &length)) {
        buffer_add(&out, text, (size_t)(hole - text));
        if (!fill_hole(arena, filler, hole, length, &out))
            return arena_copy(arena, hole + 1, length - 2);
        text = hole + length;
    }
    buffer_add_text(&out, text);
    *filled = out.bytes;
    return NULL;
}

char *placeholder_fill_some(struct arena *arena, const char *text, placeholder_lookup *lookup,
                            void *closure) {
    const struct filler filler = {.lookup = lookup, .closure = closure, .keep_unknown = true};
    char *filled = NULL;
    fill(arena, text, &filler, &filled);
    return filled;
}

const char *placeholder_fill_uri(struct arena *arena, const char *text, placeholder_lookup *lookup,
                                 void *closure, char **filled) {
    const struct filler filler = {.lookup = lookup, .closure = closure, .encode = true};
    return fill(arena, text, &filler, filled);
}

const char *placeholder_fill_text(struct arena *arena, const char *text, placeholder_lookup *lookup,
                                  void *closure, char **filled) {
    const struct filler filler = {.lookup = lookup, .closure = closure};
    return fill(arena, text, &filler, filled);
}

const char *placeholder_next(struct arena *arena, const char **text) {
    size_t length = 0;
    const char *hole = find_hole(*text, &length);
    if (hole == NULL)
        return NULL;
    *text = hole + length;
    return arena_copy(arena, hole + 1, length - 2);
}

static const char *lookup_example(struct arena *arena, const char *name, void *closure) {
    (void)arena;
    (void)name;
    return closure;
}

char *placeholder_example(struct arena *arena, const char *text) {
    char example[] = "x";
    return placeholder_fill_some(arena, text, lookup_example, example);
}

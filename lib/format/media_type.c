#include "format/media_type.h"

#include "base/text.h"
#include "format/field.h"

#include <string.h>

/* How closely a range names a type: the order of precedence of RFC 9110 12.5.1. */
enum closeness {
    CLOSENESS_NONE,
    CLOSENESS_ALL,  /* all types */
    CLOSENESS_KIND, /* all of text */
    CLOSENESS_EXACT,
};

char *media_type_name(struct arena *arena, const char *field) {
    struct part rest = field_whole(field);
    struct part type = {"", 0};
    field_next(&rest, ';', &type);

    char *name = arena_copy(arena, type.text, type.length);
    for (char *c = name; *c != '\0'; c++)
        *c = ascii_lower(*c);
    return name;
}

static char *unquote(struct arena *arena, struct part value) {
    if (value.length < 2 || value.text[0] != '"' || value.text[value.length - 1] != '"')
        return arena_copy(arena, value.text, value.length);

    char *text = arena_alloc(arena, value.length);
    size_t length = 0;
    for (size_t i = 1; i < value.length - 1; i++) {
        if (value.text[i] == '\\' && i + 1 < value.length - 1)
            i++;
        text[length++] = value.text[i];
    }
    return text;
}

char *media_type_parameter(struct arena *arena, const char *field, const char *name) {
    struct part rest = field_whole(field);
    struct part part;
    field_next(&rest, ';', &part);
    while (field_next(&rest, ';', &part)) {
        struct part found;
        struct part value;
        if (field_parameter(part, &found, &value) && field_part_is(found, name, strlen(name)))
            return unquote(arena, value);
    }
    return NULL;
}

static enum closeness range_closeness(struct part range, const char *type) {
    if (field_part_is(range, type, strlen(type)))
        return CLOSENESS_EXACT;
    if (field_part_is(range, "*/*", 3))
        return CLOSENESS_ALL;
    size_t kind = strcspn(type, "/") + 1; /* with its "/" */
    if (range.length == kind + 1 && range.text[kind] == '*' &&
        field_part_is((struct part){range.text, kind}, type, kind))
        return CLOSENESS_KIND;
    return CLOSENESS_NONE;
}

/* The weight of the ranges that name the type most closely, and how closely they do. */
static int best_weight(const char *accept, const char *type, enum closeness *best) {
    struct part elements = field_whole(accept);
    struct part element;
    int weight = 0;
    *best = CLOSENESS_NONE;
    while (field_next(&elements, ',', &element)) {
        struct part range = {"", 0};
        field_next(&element, ';', &range);
        enum closeness closeness = range_closeness(range, type);
        int offered = field_weight(element);
        if (closeness == CLOSENESS_NONE || closeness < *best || offered < 0)
            continue;
        if (closeness > *best || offered > weight)
            weight = offered;
        *best = closeness;
    }
    return weight;
}

int media_type_weight(const char *accept, const char *type) {
    enum closeness closeness = CLOSENESS_NONE;
    return best_weight(accept, type, &closeness);
}

bool media_type_is_listed(const char *accept, const char *type) {
    enum closeness closeness = CLOSENESS_NONE;
    int weight = best_weight(accept, type, &closeness);
    return closeness == CLOSENESS_EXACT && weight > 0;
}

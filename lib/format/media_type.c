#include "format/media_type.h"

#include "base/text.h"

#include <string.h>

/* A stretch of the field. */
struct part {
    const char *text;
    size_t length;
};

/* How closely a range names a type: the order of precedence of RFC 9110 12.5.1. */
enum closeness {
    CLOSENESS_NONE,
    CLOSENESS_ALL,  /* all types */
    CLOSENESS_KIND, /* all of text */
    CLOSENESS_EXACT,
};

static struct part trim(struct part part) {
    while (part.length > 0 && ascii_is_blank(*part.text)) {
        part.text++;
        part.length--;
    }
    while (part.length > 0 && ascii_is_blank(part.text[part.length - 1]))
        part.length--;
    return part;
}

/* Where `separator` stands first outside of a quoted-string (RFC 9110 5.6.4), else the length. */
static size_t find_unquoted(struct part part, char separator) {
    bool quoted = false;
    for (size_t i = 0; i < part.length; i++) {
        char c = part.text[i];
        if (quoted && c == '\\')
            i++;
        else if (c == '"')
            quoted = !quoted;
        else if (!quoted && c == separator)
            return i;
    }
    return part.length;
}

/* Takes what stands before the next separator off *rest. False if nothing is left. */
static bool next_part(struct part *rest, char separator, struct part *part) {
    if (rest->text == NULL)
        return false;
    size_t end = find_unquoted(*rest, separator);
    *part = trim((struct part){rest->text, end});
    if (end == rest->length) {
        *rest = (struct part){NULL, 0};
    } else {
        rest->text += end + 1;
        rest->length -= end + 1;
    }
    return true;
}

static struct part whole(const char *field) {
    return (struct part){field, field == NULL ? 0 : strlen(field)};
}

static bool part_equals(struct part part, const char *text, size_t length) {
    if (part.length != length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (ascii_lower(part.text[i]) != ascii_lower(text[i]))
            return false;
    return true;
}

/* Splits "name=value"; false if there is no "=". */
static bool split_parameter(struct part part, struct part *name, struct part *value) {
    const char *equals = part.length == 0 ? NULL : memchr(part.text, '=', part.length);
    if (equals == NULL)
        return false;
    size_t length = (size_t)(equals - part.text);
    *name = trim((struct part){part.text, length});
    *value = trim((struct part){equals + 1, part.length - length - 1});
    return true;
}

char *media_type_name(struct arena *arena, const char *field) {
    struct part rest = whole(field);
    struct part type = {"", 0};
    next_part(&rest, ';', &type);

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
    struct part rest = whole(field);
    struct part part;
    next_part(&rest, ';', &part);
    while (next_part(&rest, ';', &part)) {
        struct part found;
        struct part value;
        if (split_parameter(part, &found, &value) && part_equals(found, name, strlen(name)))
            return unquote(arena, value);
    }
    return NULL;
}

/* A qvalue: "0", "1", and up to three decimals (RFC 9110 12.4.2). -1 if it is none. */
static int parse_weight(struct part value) {
    if (value.length == 0 || value.length > 5 || (value.text[0] != '0' && value.text[0] != '1'))
        return -1;
    if (value.length > 1 && value.text[1] != '.')
        return -1;
    int weight = (value.text[0] - '0') * MEDIA_TYPE_WEIGHT_FULL;
    int unit = MEDIA_TYPE_WEIGHT_FULL / 10;
    for (size_t i = 2; i < value.length; i++, unit /= 10) {
        if (!ascii_is_digit(value.text[i]))
            return -1;
        weight += (value.text[i] - '0') * unit;
    }
    return weight <= MEDIA_TYPE_WEIGHT_FULL ? weight : -1;
}

/* The weight among the parameters of a range; full without one, -1 if it is malformed. */
static int range_weight(struct part parameters) {
    struct part part;
    while (next_part(&parameters, ';', &part)) {
        struct part name;
        struct part value;
        if (split_parameter(part, &name, &value) && part_equals(name, "q", 1))
            return parse_weight(value);
    }
    return MEDIA_TYPE_WEIGHT_FULL;
}

static enum closeness range_closeness(struct part range, const char *type) {
    if (part_equals(range, type, strlen(type)))
        return CLOSENESS_EXACT;
    if (part_equals(range, "*/*", 3))
        return CLOSENESS_ALL;
    size_t kind = strcspn(type, "/") + 1; /* with its "/" */
    if (range.length == kind + 1 && range.text[kind] == '*' &&
        part_equals((struct part){range.text, kind}, type, kind))
        return CLOSENESS_KIND;
    return CLOSENESS_NONE;
}

/* The weight of the ranges that name the type most closely, and how closely they do. */
static int best_weight(const char *accept, const char *type, enum closeness *best) {
    struct part elements = whole(accept);
    struct part element;
    int weight = 0;
    *best = CLOSENESS_NONE;
    while (next_part(&elements, ',', &element)) {
        struct part range = {"", 0};
        next_part(&element, ';', &range);
        enum closeness closeness = range_closeness(range, type);
        int offered = range_weight(element);
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

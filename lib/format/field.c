#include "format/field.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

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

struct part field_whole(const char *field) {
    return (struct part){field, field == NULL ? 0 : strlen(field)};
}

bool field_next(struct part *rest, char separator, struct part *part) {
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

bool field_part_is(struct part part, const char *text, size_t length) {
    if (part.length != length)
        return false;
    for (size_t i = 0; i < part.length; i++)
        if (ascii_lower(part.text[i]) != ascii_lower(text[i]))
            return false;
    return true;
}

bool field_parameter(struct part part, struct part *name, struct part *value) {
    const char *equals = part.length == 0 ? NULL : memchr(part.text, '=', part.length);
    if (equals == NULL)
        return false;
    size_t length = (size_t)(equals - part.text);
    *name = trim((struct part){part.text, length});
    *value = trim((struct part){equals + 1, part.length - length - 1});
    return true;
}

/* A qvalue: "0", "1", and up to three decimals (RFC 9110 12.4.2). -1 if it is none. */
static int parse_weight(struct part value) {
    if (value.length == 0 || value.length > 5 || (value.text[0] != '0' && value.text[0] != '1'))
        return -1;
    if (value.length > 1 && value.text[1] != '.')
        return -1;
    int weight = (value.text[0] - '0') * FIELD_WEIGHT_FULL;
    int unit = FIELD_WEIGHT_FULL / 10;
    for (size_t i = 2; i < value.length; i++, unit /= 10) {
        if (!ascii_is_digit(value.text[i]))
            return -1;
        weight += (value.text[i] - '0') * unit;
    }
    return weight <= FIELD_WEIGHT_FULL ? weight : -1;
}

int field_weight(struct part parameters) {
    struct part part;
    while (field_next(&parameters, ';', &part)) {
        struct part name;
        struct part value;
        if (field_parameter(part, &name, &value) && field_part_is(name, "q", 1))
            return parse_weight(value);
    }
    return FIELD_WEIGHT_FULL;
}

/* ---- writing --------------------------------------------------------------------------------- */

char *field_encode(struct arena *arena, const char *text, const char *also) {
    struct buffer value;
    buffer_open(arena, &value);
    for (const char *c = text; *c != '\0'; c++) {
        bool is_printable = *c >= ' ' && *c <= '~';
        bool is_end = c == text || c[1] == '\0';
        if (!is_printable || *c == '%' || strchr(also, *c) != NULL || (*c == ' ' && is_end))
            buffer_add_format(&value, "%%%02X", (unsigned char)*c);
        else
            buffer_add_byte(&value, *c);
    }
    return value.bytes;
}

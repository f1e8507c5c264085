#include "format/form.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/uri.h"

#include <string.h>

static void append(struct arena *arena, struct form *form, const char *name, const char *value) {
    struct form_field *field = arena_alloc(arena, sizeof(*field));
    *field = (struct form_field){.name = name, .value = value};
    if (form->last == NULL)
        form->first = field;
    else
        form->last->next = field;
    form->last = field;
}

/* A "+" is a space here, unlike elsewhere in a URI (WHATWG URL 5.1). */
static int decode(struct arena *arena, const char *text, size_t length, char **decoded) {
    char *spaced = arena_copy(arena, text, length);
    for (size_t i = 0; i < length; i++)
        if (spaced[i] == '+')
            spaced[i] = ' ';
    return uri_decode(arena, spaced, length, decoded);
}

static int read_pair(struct arena *arena, const char *pair, size_t length, struct form *form) {
    const char *equals = memchr(pair, '=', length);
    size_t name_length = equals == NULL ? length : (size_t)(equals - pair);
    size_t value_at = equals == NULL ? length : name_length + 1;

    char *name = NULL;
    char *value = NULL;
    if (decode(arena, pair, name_length, &name) != 0 ||
        decode(arena, pair + value_at, length - value_at, &value) != 0)
        return -1;
    append(arena, form, name, value);
    return 0;
}

int form_parse(struct arena *arena, const char *text, size_t length, struct form *form) {
    *form = (struct form){.first = NULL};
    size_t fields = 0;
    for (size_t at = 0; at < length;) {
        const char *ampersand = memchr(text + at, '&', length - at);
        size_t end = ampersand == NULL ? length : (size_t)(ampersand - text);
        if (end > at && ++fields > FORM_FIELDS_LIMIT)
            return fail(arena, ERROR_REQUEST_TOO_LARGE, "a form of more than %d fields",
                        FORM_FIELDS_LIMIT);
        if (end > at && read_pair(arena, text + at, end - at, form) != 0)
            return -1;
        at = end + 1;
    }
    return 0;
}

static const struct form_field *find(const struct form_field *field, const char *name) {
    while (field != NULL && !text_equal(field->name, name))
        field = field->next;
    return field;
}

const char *form_value(const struct form *form, const char *name) {
    const struct form_field *field = find(form->first, name);
    return field == NULL ? NULL : field->value;
}

int form_single(struct arena *arena, const struct form *form, const char *name,
                const char **value) {
    *value = NULL;
    const struct form_field *field = find(form->first, name);
    if (field == NULL)
        return 0;
    if (find(field->next, name) != NULL) /* RFC 6749 3.1 */
        return fail(arena, ERROR_PARAMETER_REPEATED, "\"%s\" stands there more than once", name);
    *value = field->value;
    return 0;
}

void form_put(struct arena *arena, struct form *form, const char *name, const char *value) {
    if (value != NULL)
        append(arena, form, arena_text(arena, name), arena_text(arena, value));
}

char *form_write(struct arena *arena, const struct form *form) {
    struct buffer out;
    buffer_open(arena, &out);
    for (const struct form_field *field = form->first; field != NULL; field = field->next) {
        if (field != form->first)
            buffer_add_byte(&out, '&');
        buffer_add_text(&out, uri_encode(arena, field->name));
        buffer_add_byte(&out, '=');
        buffer_add_text(&out, uri_encode(arena, field->value));
    }
    return out.bytes;
}

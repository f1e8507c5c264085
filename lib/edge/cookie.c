#include "edge/cookie.h"

#include "base/text.h"

#include <string.h>

#define HOST_PREFIX "__Host-"
#define OURS "latchkey-"

/* One "name=value" of the field, not yet copied. */
struct pair {
    const char *name;
    size_t name_length;
    const char *value;
    size_t value_length;
};

static void trim(const char **text, size_t *length) {
    while (*length > 0 && ascii_is_blank(**text)) {
        (*text)++;
        (*length)--;
    }
    while (*length > 0 && ascii_is_blank((*text)[*length - 1]))
        (*length)--;
}

/* Splits at the first "=". A cookie without a name is none of ours, and its text is never taken for
 * a name (RFC 6265bis 5.7): false. */
static bool split(const char *text, size_t length, struct pair *pair) {
    const char *equals = length == 0 ? NULL : memchr(text, '=', length);
    if (equals == NULL)
        return false;
    pair->name = text;
    pair->name_length = (size_t)(equals - text);
    pair->value = equals + 1;
    pair->value_length = length - pair->name_length - 1;
    trim(&pair->name, &pair->name_length);
    trim(&pair->value, &pair->value_length);
    return pair->name_length > 0;
}

/* The next part of *rest, up to its ";" or the end, with its length; NULL at the end. */
static const char *next_part(const char **rest, size_t *length) {
    const char *text = *rest;
    if (text == NULL || *text == '\0')
        return NULL;
    *length = strcspn(text, ";");
    *rest = text[*length] == ';' ? text + *length + 1 : text + *length;
    return text;
}

/* Takes the next named cookie off *rest; false at the end. */
static bool next_pair(const char **rest, struct pair *pair) {
    size_t length = 0;
    const char *text = NULL;
    do
        text = next_part(rest, &length);
    while (text != NULL && !split(text, length, pair));
    return text != NULL;
}

char *cookie_name(struct arena *arena, bool secure, const char *suffix) {
    return arena_format(arena, "%s" OURS "%s", secure ? HOST_PREFIX : "", suffix);
}

int cookie_value(struct arena *arena, const struct request *request, const char *name,
                 const char **value) {
    const char *rest = request->cookies;
    struct pair pair;
    *value = NULL;
    while (next_pair(&rest, &pair)) {
        if (pair.name_length != strlen(name) || memcmp(pair.name, name, pair.name_length) != 0)
            continue;
        /* Which of two is ours cannot be told: RFC 6265 4.2.2 gives their order no meaning. */
        if (*value != NULL) {
            *value = NULL;
            return fail(arena, ERROR_COOKIE_REPEATED, "the cookie %s was sent twice", name);
        }
        *value = arena_copy(arena, pair.value, pair.value_length);
    }
    return 0;
}

struct cookie *cookie_list(struct arena *arena, const struct request *request, const char *prefix) {
    const char *rest = request->cookies;
    struct cookie *first = NULL;
    struct cookie **end = &first;
    struct pair pair;
    while (next_pair(&rest, &pair)) {
        size_t length = strlen(prefix);
        if (pair.name_length < length || memcmp(pair.name, prefix, length) != 0)
            continue;
        struct cookie *cookie = arena_alloc(arena, sizeof(*cookie));
        cookie->name = arena_copy(arena, pair.name, pair.name_length);
        cookie->value = arena_copy(arena, pair.value, pair.value_length);
        *end = cookie;
        end = &cookie->next;
    }
    return first;
}

/* Of either form: what one site gives out, another of the same host may still hold. */
static bool is_ours(const struct pair *pair) {
    const char *name = pair->name;
    size_t length = pair->name_length;
    if (length >= strlen(HOST_PREFIX) && memcmp(name, HOST_PREFIX, strlen(HOST_PREFIX)) == 0) {
        name += strlen(HOST_PREFIX);
        length -= strlen(HOST_PREFIX);
    }
    return length >= strlen(OURS) && memcmp(name, OURS, strlen(OURS)) == 0;
}

char *cookie_field_of_others(struct arena *arena, const struct request *request) {
    const char *rest = request->cookies;
    const char *text = NULL;
    size_t length = 0;
    struct pair pair;
    struct buffer field;
    buffer_open(arena, &field);
    for (text = next_part(&rest, &length); text != NULL; text = next_part(&rest, &length)) {
        if (split(text, length, &pair) && is_ours(&pair))
            continue;
        trim(&text, &length);
        if (field.length > 0 && length > 0)
            buffer_add_text(&field, "; ");
        buffer_add(&field, text, length);
    }
    return field.length == 0 ? NULL : field.bytes;
}

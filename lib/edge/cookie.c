#include "edge/cookie.h"

#include "base/text.h"

#include <string.h>

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

/* Takes the next named cookie off *rest; false at the end. */
static bool next_pair(const char **rest, struct pair *pair) {
    while (*rest != NULL && **rest != '\0') {
        const char *text = *rest;
        size_t length = strcspn(text, ";");
        *rest = text[length] == ';' ? text + length + 1 : text + length;
        if (split(text, length, pair))
            return true;
    }
    return false;
}

char *cookie_name(struct arena *arena, bool secure, const char *suffix) {
    return arena_format(arena, "%slatchkey-%s", secure ? "__Host-" : "", suffix);
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

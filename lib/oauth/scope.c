#include "oauth/scope.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

/* RFC 6749 3.3: scope-token. */
static bool is_token(const char *word, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (word[i] <= ' ' || word[i] > '~' || word[i] == '"' || word[i] == '\\')
            return false;
    return true;
}

static bool has_word(const char *scope, const char *word, size_t length) {
    size_t other = 0;
    for (const char *next = text_next_word(&scope, &other); next != NULL;
         next = text_next_word(&scope, &other))
        if (other == length && memcmp(next, word, length) == 0)
            return true;
    return false;
}

static void add_words(struct buffer *scope, const char *words) {
    size_t length = 0;
    for (const char *word = text_next_word(&words, &length); word != NULL;
         word = text_next_word(&words, &length)) {
        bool fits = scope->length + 1 + length <= SCOPE_LIMIT;
        if (!fits || !is_token(word, length) || has_word(scope->bytes, word, length))
            continue;
        if (scope->length > 0)
            buffer_add_byte(scope, ' ');
        buffer_add(scope, word, length);
    }
}

static const char *words_of(const struct buffer *scope) {
    return scope->length == 0 ? NULL : scope->bytes;
}

const char *scope_union(struct arena *arena, const char *first, const char *second) {
    struct buffer scope;
    buffer_open(arena, &scope);
    add_words(&scope, first);
    add_words(&scope, second);
    return words_of(&scope);
}

bool scope_covers(const char *scope, const char *needed) {
    size_t length = 0;
    for (const char *word = text_next_word(&needed, &length); word != NULL;
         word = text_next_word(&needed, &length))
        if (!has_word(scope, word, length))
            return false;
    return true;
}

/* No scope in use has a comma in it. What is far too long is looked at no further. */
static void add_answer(struct buffer *scope, const char *text, size_t *looked_at) {
    *looked_at += strlen(text);
    if (*looked_at > SCOPE_LIMIT)
        return;
    char *words = arena_text(scope->arena, text);
    for (char *c = words; *c != '\0'; c++)
        if (*c == ',')
            *c = ' ';
    add_words(scope, words);
}

const char *scope_of_answer(struct arena *arena, const struct json *value) {
    struct buffer scope;
    size_t looked_at = 0;
    buffer_open(arena, &scope);
    if (value != NULL && value->type == JSON_STRING)
        add_answer(&scope, value->text, &looked_at);
    if (value != NULL && value->type == JSON_ARRAY)
        for (const struct json *one = value->first; one != NULL; one = one->next)
            if (one->type == JSON_STRING)
                add_answer(&scope, one->text, &looked_at);
    return words_of(&scope);
}

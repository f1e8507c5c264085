#include "base/text.h"

#include <string.h>

bool text_equal(const char *a, const char *b) {
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool text_equal_nocase(const char *a, const char *b) {
    if (a == NULL || b == NULL)
        return false;
    while (*a != '\0' && ascii_lower(*a) == ascii_lower(*b)) {
        a++;
        b++;
    }
    return *a == '\0' && *b == '\0';
}

bool text_starts_with(const char *text, const char *prefix) {
    return text != NULL && prefix != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

bool text_has_word(const char *list, const char *word) {
    if (list == NULL || text_is_empty(word))
        return false;
    size_t wanted = strlen(word);
    size_t length = 0;
    for (const char *next = text_next_word(&list, &length); next != NULL;
         next = text_next_word(&list, &length))
        if (length == wanted && memcmp(next, word, length) == 0)
            return true;
    return false;
}

bool text_is_empty(const char *text) {
    return text == NULL || *text == '\0';
}

bool text_has_control(const char *text) {
    for (; text != NULL && *text != '\0'; text++)
        if (ascii_is_control(*text))
            return true;
    return false;
}

bool text_is_token(const char *text) {
    if (text_is_empty(text))
        return false;
    for (; *text != '\0'; text++)
        if (!ascii_is_alnum(*text) && strchr("!#$%&'*+-.^_`|~", *text) == NULL)
            return false;
    return true;
}

const char *text_next_word(const char **rest, size_t *length) {
    if (*rest == NULL)
        return NULL;
    const char *word = *rest + strspn(*rest, " ");
    *length = strcspn(word, " ");
    *rest = word + *length;
    return *length == 0 ? NULL : word;
}

char *text_cut(char **rest, char end) {
    char *start = *rest;
    char *stop = start == NULL ? NULL : strchr(start, end);
    if (stop == NULL)
        return NULL;
    *stop = '\0';
    *rest = stop + 1;
    return start;
}

bool ascii_is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool ascii_is_alpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool ascii_is_alnum(char c) {
    return ascii_is_digit(c) || ascii_is_alpha(c);
}

bool ascii_is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool ascii_is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7F;
}

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

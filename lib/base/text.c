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
    size_t length = strlen(word);
    while (*list != '\0') {
        size_t next = strcspn(list, " ");
        if (next == length && memcmp(list, word, length) == 0)
            return true;
        list += next;
        list += strspn(list, " ");
    }
    return false;
}

bool text_is_empty(const char *text) {
    return text == NULL || *text == '\0';
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

bool ascii_is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7F;
}

char ascii_lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

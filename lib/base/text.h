/*
 * text: small questions about strings. All take NULL for "absent".
 */
#ifndef LATCHKEY_BASE_TEXT_H
#define LATCHKEY_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* True if both are present and the same, byte for byte. Not for secrets: see secret.h. */
bool text_equal(const char *a, const char *b);

/* The same without regard to the case of ASCII letters; never looks at the locale. */
bool text_equal_nocase(const char *a, const char *b);

/* True if `text` begins with `prefix`. */
bool text_starts_with(const char *text, const char *prefix);

/* True if `word` is one of the words of `list`, separated by single or several spaces. */
bool text_has_word(const char *list, const char *word);

/* True for NULL and "". */
bool text_is_empty(const char *text);

/* ASCII only, never the locale. */
bool ascii_is_digit(char c);
bool ascii_is_alpha(char c);
bool ascii_is_alnum(char c);
bool ascii_is_control(char c); /* 0x00-0x1F and 0x7F */
char ascii_lower(char c);

#endif

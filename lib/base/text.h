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

/* True if a control byte stands in it (CR, LF …): such a text could end a line or a field early. */
bool text_has_control(const char *text);

/* True for a token of HTTP: a method, a field's or a cookie's name (RFC 9110 5.6.2). */
bool text_is_token(const char *text);

/* The next word of *rest, not terminated, with its length; words are separated by spaces. Steps
 * over it; NULL when none is left. */
const char *text_next_word(const char **rest, size_t *length);

/* Cuts what stands before `end` off *rest, in place. NULL if there is none: *rest is as it was. */
char *text_cut(char **rest, char end);

/* ASCII only, never the locale. */
bool ascii_is_digit(char c);
bool ascii_is_alpha(char c);
bool ascii_is_alnum(char c);
bool ascii_is_blank(char c);   /* space and tab */
bool ascii_is_control(char c); /* 0x00-0x1F and 0x7F */
char ascii_lower(char c);

#endif

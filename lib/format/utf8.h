/*
 * utf8: RFC 3629, strictly, and what may be shown of foreign text.
 */
#ifndef LATCHKEY_FORMAT_UTF8_H
#define LATCHKEY_FORMAT_UTF8_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* True if the bytes are well-formed UTF-8: nothing overlong, no surrogate, none past U+10FFFF. */
bool utf8_is_valid(const char *bytes, size_t length);

/* Reads the code point at *text (valid UTF-8, not at its end) and steps over it. */
uint32_t utf8_next(const char **text);

/* Appends a code point (a scalar value) to `out`, at most 4 bytes and no NUL; returns how many. */
size_t utf8_put(uint32_t code_point, char out[4]);

/* A name as it may be stored and shown: without control characters, without the marks that turn the
 * direction of the text around them (U+202A-202E, U+2066-2069, U+200E/F, U+061C), white space runs
 * folded to one space and trimmed, at most `limit` code points (cut with an ellipsis). NULL if
 * nothing is left, for NULL, and for what is not UTF-8. */
char *utf8_clean(struct arena *arena, const char *text, size_t limit);

/* The first character of a cleaned text that is a letter, digit or picture, for a letter avatar;
 * NULL if there is none, or for NULL. */
char *utf8_first(struct arena *arena, const char *text);

#endif

/*
 * buffer: bytes that grow, in an arena.
 *
 * `bytes` is never NULL and always has a NUL behind `length` bytes, so a buffer without inner NULs
 * can be read as a string at any time. The pointer is valid until the next call that adds.
 */
#ifndef LATCHKEY_BASE_BUFFER_H
#define LATCHKEY_BASE_BUFFER_H

#include "base/arena.h"

struct buffer {
    struct arena *arena;
    char *bytes;
    size_t length;   /* without the NUL */
    size_t capacity; /* with the NUL */
};

/* Makes it an empty buffer in this arena; what it held before stays valid. */
void buffer_open(struct arena *arena, struct buffer *buffer);

/* Append: bytes, a string, one byte, a string made by printf's rules. */
void buffer_add(struct buffer *buffer, const void *bytes, size_t length);
void buffer_add_text(struct buffer *buffer, const char *text);
void buffer_add_byte(struct buffer *buffer, char byte);
void buffer_add_format(struct buffer *buffer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif

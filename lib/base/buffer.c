#include "base/buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY 512

void buffer_open(struct arena *arena, struct buffer *buffer) {
    *buffer = (struct buffer){
        .arena = arena,
        .bytes = arena_alloc(arena, FIRST_CAPACITY),
        .capacity = FIRST_CAPACITY,
    };
}

/* Makes room for `more` bytes and the NUL. Doubling wastes less of the arena than is used. */
static void reserve(struct buffer *buffer, size_t more) {
    if (more < buffer->capacity - buffer->length)
        return;
    size_t capacity = buffer->capacity;
    while (capacity - buffer->length <= more && capacity < ARENA_LIMIT)
        capacity *= 2;
    if (capacity - buffer->length <= more)
        capacity = buffer->length + more + 1; /* the arena will refuse it */

    char *bytes = arena_alloc(buffer->arena, capacity);
    memcpy(bytes, buffer->bytes, buffer->length);
    buffer->bytes = bytes;
    buffer->capacity = capacity;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t length) {
    if (length == 0)
        return;
    reserve(buffer, length);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
    buffer->bytes[buffer->length] = '\0';
}

void buffer_add_text(struct buffer *buffer, const char *text) {
    buffer_add(buffer, text, strlen(text));
}

void buffer_add_byte(struct buffer *buffer, char byte) {
    buffer_add(buffer, &byte, 1);
}

/* Printed to where it will stand: only what does not fit is printed twice. */
void buffer_add_format(struct buffer *buffer, const char *format, ...) {
    size_t room = buffer->capacity - buffer->length;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(buffer->bytes + buffer->length, room, format, arguments);
    va_end(arguments);
    if (length <= 0)
        return;
    if ((size_t)length >= room) {
        buffer->bytes[buffer->length] = '\0';
        reserve(buffer, (size_t)length);
        va_start(arguments, format);
        vsnprintf(buffer->bytes + buffer->length, (size_t)length + 1, format, arguments);
        va_end(arguments);
    }
    buffer->length += (size_t)length;
}

#include "base/arena.h"

#include "base/secret.h"

#include <stdalign.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A chunk's usual size: a whole me.cgi request fits in one. */
#define CHUNK_SIZE (16U * 1024)

struct arena_chunk {
    struct arena_chunk *older;
    size_t size; /* of bytes */
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

static void chunk_free(struct arena *arena, struct arena_chunk *chunk) {
    arena->taken -= chunk->size;
    secret_wipe(chunk->bytes, chunk->used);
    free(chunk);
}

static void chunk_add(struct arena *arena, size_t size) {
    if (size > arena->limit || arena->taken > arena->limit - size)
        error_give_up("arena: the request takes more memory than one may");

    struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (chunk == NULL)
        error_give_up("arena: out of memory");
    *chunk = (struct arena_chunk){.older = arena->chunk, .size = size};
    arena->chunk = chunk;
    arena->taken += size;
}

void arena_open(struct arena *arena, size_t limit) {
    *arena = (struct arena){.limit = limit};
}

void arena_reset(struct arena *arena) {
    while (arena->chunk != NULL && arena->chunk->older != NULL) {
        struct arena_chunk *newest = arena->chunk;
        arena->chunk = newest->older;
        chunk_free(arena, newest);
    }
    /* The first chunk is a large one if the first thing asked for was large: not worth keeping. */
    if (arena->chunk != NULL && arena->chunk->size > CHUNK_SIZE) {
        chunk_free(arena, arena->chunk);
        arena->chunk = NULL;
    }
    if (arena->chunk != NULL) {
        secret_wipe(arena->chunk->bytes, arena->chunk->used);
        arena->chunk->used = 0;
    }
    arena_forget_error(arena);
}

void arena_forget_error(struct arena *arena) {
    arena->error = (struct error){.rule = ERROR_NONE};
}

void arena_close(struct arena *arena) {
    while (arena->chunk != NULL) {
        struct arena_chunk *newest = arena->chunk;
        arena->chunk = newest->older;
        chunk_free(arena, newest);
    }
    arena_forget_error(arena);
}

static size_t rounded_up(size_t size) {
    const size_t unit = alignof(max_align_t);
    if (size > SIZE_MAX - unit)
        error_give_up("arena: a size that cannot be");
    return size == 0 ? unit : (size + unit - 1) / unit * unit;
}

/* The next bytes, with whatever is in them. */
static void *take(struct arena *arena, size_t rounded) {
    if (arena->chunk == NULL || rounded > arena->chunk->size - arena->chunk->used)
        chunk_add(arena, rounded > CHUNK_SIZE ? rounded : CHUNK_SIZE);
    void *bytes = arena->chunk->bytes + arena->chunk->used;
    arena->chunk->used += rounded;
    return bytes;
}

/* Zeroed as it is given out: what nobody asks for is never touched, and takes no memory. */
void *arena_alloc(struct arena *arena, size_t size) {
    size_t rounded = rounded_up(size);
    return memset(take(arena, rounded), 0, rounded);
}

void *arena_array(struct arena *arena, size_t count, size_t size) {
    size_t total = 0;
    if (__builtin_mul_overflow(count, size, &total))
        error_give_up("arena: a size that cannot be");
    return arena_alloc(arena, total);
}

char *arena_copy(struct arena *arena, const void *bytes, size_t length) {
    if (length == SIZE_MAX)
        error_give_up("arena: a size that cannot be");
    char *copy = take(arena, rounded_up(length + 1));
    if (length > 0)
        memcpy(copy, bytes, length);
    copy[length] = '\0';
    return copy;
}

char *arena_text(struct arena *arena, const char *text) {
    return arena_copy(arena, text, strlen(text));
}

/* What take() will give next, as far as it goes. */
static size_t rest_of(const struct arena *arena, char **rest) {
    const struct arena_chunk *chunk = arena->chunk;
    *rest = chunk == NULL ? NULL : (char *)chunk->bytes + chunk->used;
    return chunk == NULL ? 0 : chunk->size - chunk->used;
}

/* Printed to where it will stand: to measure it first takes as long again. */
char *arena_format(struct arena *arena, const char *format, ...) {
    char *rest = NULL;
    size_t room = rest_of(arena, &rest);
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(rest, room, format, arguments);
    va_end(arguments);
    if (length < 0)
        error_give_up("arena: a printf format that does not work");
    if ((size_t)length < room)
        return take(arena, rounded_up((size_t)length + 1));

    if (room > 0)
        secret_wipe(rest, room);
    char *text = arena_alloc(arena, (size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(text, (size_t)length + 1, format, arguments);
    va_end(arguments);
    return text;
}

/*
 * arena: the memory of one request, and its one error.
 *
 * Everything a request needs is taken from its arena and given back at once, wiped. Nothing in an
 * arena is freed by itself, so no path can leak or free twice. A pointer into an arena is valid
 * until arena_reset() or arena_close() of that arena.
 *
 * A request that would take more than the limit, or a machine out of memory, ends the process with
 * status 70 (EX_SOFTWARE) and a line on stderr: these functions never return NULL.
 */
#ifndef LATCHKEY_BASE_ARENA_H
#define LATCHKEY_BASE_ARENA_H

#include "base/error.h"

#include <stddef.h>

/* What one request may take, in bytes. */
#define ARENA_LIMIT (32U * 1024 * 1024)

struct arena_chunk;

struct arena {
    struct arena_chunk *chunk; /* the newest; the others hang on it */
    size_t taken;              /* bytes taken from the system */
    size_t limit;
    struct error error; /* of the work done in this arena; see fail() */
};

/* Prepares an empty arena that may take up to `limit` bytes. */
void arena_open(struct arena *arena, size_t limit);

/* Wipes all it gave out and the error, and starts anew; keeps one small chunk for what follows. */
void arena_reset(struct arena *arena);

/* Forgets a failure that turned out not to matter, so that it cannot hide a later one. */
void arena_forget_error(struct arena *arena);

/* Wipes and gives everything back to the system. */
void arena_close(struct arena *arena);

/* `size` zeroed bytes, aligned for any type. Size 0 is allowed. */
void *arena_alloc(struct arena *arena, size_t size)
    __attribute__((returns_nonnull, malloc, alloc_size(2)));

/* `count` zeroed elements of `size` bytes; an overflow of the product ends the process. */
void *arena_array(struct arena *arena, size_t count, size_t size)
    __attribute__((returns_nonnull, malloc, alloc_size(2, 3)));

/* A copy of `length` bytes, with a NUL behind them. `bytes` may be NULL if length is 0. */
char *arena_copy(struct arena *arena, const void *bytes, size_t length)
    __attribute__((returns_nonnull, malloc));

/* A copy of a string. */
char *arena_text(struct arena *arena, const char *text)
    __attribute__((returns_nonnull, nonnull, malloc));

/* A string made by printf's rules. Not for HTML, JSON or URIs: those have their own writers. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((returns_nonnull, malloc, format(printf, 2, 3)));

#endif

/*
 * clock: what time it is, as a part that a test can replace.
 *
 * Times are whole seconds since 1970-01-01T00:00:00Z (NumericDate of RFC 7519), in int64_t.
 */
#ifndef LATCHKEY_BASE_CLOCK_H
#define LATCHKEY_BASE_CLOCK_H

#include "base/arena.h"

#include <stdint.h>

struct clock {
    int64_t (*now)(const struct clock *clock);
    int64_t fixed; /* for clocks of tests */
};

/* The system's clock. */
extern const struct clock clock_system;

/* Milliseconds since some time in the past, of a clock that nobody sets: for how long something
 * takes. */
int64_t clock_monotonic(void);

/* "2026-11-20T08:15:30Z" (RFC 3339). Years outside 1970-9999 become the nearest of them. */
char *clock_format(struct arena *arena, int64_t when);

#endif

#include "base/clock.h"

#include <time.h>

#define YEAR_10000 253402300800

static int64_t system_now(const struct clock *clock) {
    (void)clock;
    return (int64_t)time(NULL);
}

int64_t clock_monotonic(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

const struct clock clock_system = {.now = system_now};

char *clock_format(struct arena *arena, int64_t when) {
    if (when < 0)
        when = 0;
    if (when >= YEAR_10000)
        when = YEAR_10000 - 1;

    time_t seconds = (time_t)when;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    return arena_format(arena, "%04d-%02d-%02dT%02d:%02d:%02dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                        utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec);
}

/* base/clock: the system's time, and times as text. */
#include "unit.h"

#include "base/clock.h"

#include <stdlib.h>
#include <time.h>

static void times_are_written_in_utc(void **state) {
    struct arena *arena = *state;
    const struct {
        int64_t time;
        const char *text;
    } times[] = {
        {0, "1970-01-01T00:00:00Z"},          {1, "1970-01-01T00:00:01Z"},
        {951782400, "2000-02-29T00:00:00Z"},  {1795162530, "2026-11-20T08:15:30Z"},
        {2147483647, "2038-01-19T03:14:07Z"}, {2147483648, "2038-01-19T03:14:08Z"},
        {4107542400, "2100-03-01T00:00:00Z"}, {253402300799, "9999-12-31T23:59:59Z"},
    };
    setenv("TZ", "Asia/Seoul", 1);
    tzset();
    for (size_t i = 0; i < sizeof(times) / sizeof(*times); i++)
        assert_string_equal(clock_format(arena, times[i].time), times[i].text);
}

static void years_outside_the_range_become_the_nearest(void **state) {
    struct arena *arena = *state;
    assert_string_equal(clock_format(arena, -1), "1970-01-01T00:00:00Z");
    assert_string_equal(clock_format(arena, INT64_MIN), "1970-01-01T00:00:00Z");
    assert_string_equal(clock_format(arena, 253402300800), "9999-12-31T23:59:59Z");
    assert_string_equal(clock_format(arena, INT64_MAX), "9999-12-31T23:59:59Z");
}

static void the_system_clock_tells_the_time(void **state) {
    (void)state;
    int64_t before = (int64_t)time(NULL);
    int64_t now = clock_system.now(&clock_system);
    int64_t after = (int64_t)time(NULL);
    assert_true(before <= now && now <= after);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(times_are_written_in_utc),
        unit_test(years_outside_the_range_become_the_nearest),
        unit_test(the_system_clock_tells_the_time),
    };
    return cmocka_run_group_tests_name("clock", tests, NULL, NULL);
}

/* format/quantity: a whole number and one unit, nothing else. */
#include "unit.h"

#include "format/quantity.h"

static void durations_have_a_number_and_a_unit(void **state) {
    (void)state;
    const struct {
        const char *text;
        int64_t seconds; /* 0: refused */
    } cases[] = {
        {"1s", 1},
        {"90m", 5400},
        {"2h", 7200},
        {"3650d", 315360000},
        {"007d", 604800},
        {"3651d", 0},
        {"0s", 0},
        {"10", 0},
        {"m", 0},
        {"", 0},
        {"-1d", 0},
        {"+1d", 0},
        {"1.5h", 0},
        {"1 h", 0},
        {" 1h", 0},
        {"1h ", 0},
        {"1hh", 0},
        {"1w", 0},
        {"1H", 0},
        {"1d12h", 0},
        {"18446744073709551617s", 0},
        {"99999999999999999999999d", 0},
        {"315360001s", 0},
        {"315360000s", 315360000},
        {NULL, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int64_t seconds = 0;
        bool good = quantity_duration(cases[i].text, &seconds);
        if (good != (cases[i].seconds > 0) || seconds != cases[i].seconds)
            fail_msg("%s", cases[i].text);
    }
}

static void sizes_are_a_number_of_bytes(void **state) {
    (void)state;
    const struct {
        const char *text;
        size_t bytes; /* 0: refused */
    } cases[] = {
        {"1", 1},
        {"4095", 4095},
        {"64k", 65536},
        {"10m", 10485760},
        {"1024m", 1073741824},
        {"1073741824", 1073741824},
        {"1073741825", 0},
        {"1025m", 0},
        {"1048577k", 0},
        {"0", 0},
        {"0k", 0},
        {"k", 0},
        {"", 0},
        {"-1", 0},
        {"+1", 0},
        {"1.5m", 0},
        {"1 k", 0},
        {"1kb", 0},
        {"1K", 0},
        {"1g", 0},
        {"18446744073709551617", 0},
        {"99999999999999999999999m", 0},
        {NULL, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        size_t bytes = 0;
        bool good = quantity_size(cases[i].text, &bytes);
        if (good != (cases[i].bytes > 0) || bytes != cases[i].bytes)
            fail_msg("%s", cases[i].text);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(durations_have_a_number_and_a_unit),
        unit_test(sizes_are_a_number_of_bytes),
    };
    return cmocka_run_group_tests_name("quantity", tests, NULL, NULL);
}

/* format/http_date: three notations of one time, to the letter, and nothing else. */
#include "unit.h"

#include "format/http_date.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NOW 1800000000 /* Fri, 15 Jan 2027 08:00:00 GMT */
#define EXAMPLE 784111777

static void the_three_notations_of_the_standard_are_one_time(void **state) {
    const char *texts[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        int64_t when = 0;
        if (!http_date_parse(texts[i], NOW, &when) || when != EXAMPLE)
            fail_msg("%s: %lld", texts[i], (long long)when);
    }
    assert_string_equal(http_date_format(*state, EXAMPLE), texts[0]);
}

static void times_are_what_the_calendar_says(void **state) {
    const struct {
        const char *text;
        int64_t when;
    } cases[] = {
        {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
        {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
        {"Sat, 01 Jan 0000 00:00:00 GMT", -62167219200},
        {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
        {"Thu, 29 Feb 2024 12:00:00 GMT", 1709208000},
        {"Tue, 29 Feb 2000 00:00:00 GMT", 951782400},
        {"Tue, 19 Jan 2038 03:14:08 GMT", 2147483648},
        {"Sun, 07 Feb 2106 06:28:16 GMT", 4294967296},
        {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800}, /* a leap second */
        {"Wednesday, 01-Jan-97 00:00:00 GMT", 852076800},
        {"Sat Nov 26 08:49:37 1994", 785839777},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t when = -99;
        if (!http_date_parse(cases[i].text, NOW, &when) || when != cases[i].when)
            fail_msg("%s: %lld", cases[i].text, (long long)when);
    }
}

static void what_is_written_can_be_read(void **state) {
    for (int64_t when = 0; when < 253402300800; when += 86399 * 997) {
        int64_t again = -1;
        assert_true(http_date_parse(http_date_format(*state, when), NOW, &again));
        assert_int_equal(again, when);
    }
    assert_string_equal(http_date_format(*state, -5), "Thu, 01 Jan 1970 00:00:00 GMT");
    assert_string_equal(http_date_format(*state, INT64_MAX), "Fri, 31 Dec 9999 23:59:59 GMT");
}

/* "[…] MUST interpret a timestamp that appears to be more than 50 years in the future as
 * representing the most recent year in the past that had the same last two digits." */
static void two_digits_are_at_most_50_years_ahead(void **state) {
    const struct {
        const char *text;
        int64_t now;
        int64_t when;
    } cases[] = {
        {"Friday, 15-Jan-27 08:00:00 GMT", NOW, NOW},
        {"Tuesday, 15-Jan-77 07:59:59 GMT", NOW, 3377923199}, /* "77" is 2077, which is a Friday */
        {"Friday, 15-Jan-77 08:00:00 GMT", NOW, 3377923200},  /* 50 years to the second */
        {"Saturday, 15-Jan-77 08:00:01 GMT", NOW, 222163201}, /* one more: 1977 */
        {"Sunday, 06-Nov-94 08:49:37 GMT", NOW, EXAMPLE},
        {"Saturday, 01-Jan-00 00:00:00 GMT", NOW, 946684800},
        {"Sunday, 15-Jan-78 08:00:00 GMT", NOW, 253699200},
        {"Wednesday, 01-Jan-10 00:00:00 GMT", 3600000000, 4417977600}, /* 2084: 2110 */
        {"Tuesday, 29-Feb-00 00:00:00 GMT", 1000000000, 951782400},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t when = 0;
        bool read = http_date_parse(cases[i].text, cases[i].now, &when);
        if (i == 1) {
            assert_false(read); /* the day of the week is that of another century */
            continue;
        }
        if (!read || when != cases[i].when)
            fail_msg("%s: %lld", cases[i].text, (long long)when);
    }
}

static void nothing_else_is_a_date(void **state) {
    const char *texts[] = {
        "",
        " ",
        "0",
        "784111777",
        "1994-11-06T08:49:37Z",
        "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC",
        "Sun, 06 Nov 1994 08:49:37 gmt",
        "Sun, 06 Nov 1994 08:49:37 +0000",
        "Sun, 06 Nov 1994 08:49:37 GMT ",
        " Sun, 06 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMTx",
        "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
        "sun, 06 Nov 1994 08:49:37 GMT",
        "SUN, 06 NOV 1994 08:49:37 GMT",
        "Sun, 06 nov 1994 08:49:37 GMT",
        "Mon, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06 Nov 1994 08:49:37 GMT",
        "Sun,06 Nov 1994 08:49:37 GMT",
        "Sun,  06 Nov 1994 08:49:37 GMT",
        "Sun, 6 Nov 1994 08:49:37 GMT",
        "Sun, 006 Nov 1994 08:49:37 GMT",
        "Sun, 06  Nov 1994 08:49:37 GMT",
        "Sun, 06 November 1994 08:49:37 GMT",
        "Sun, 06 11 1994 08:49:37 GMT",
        "Sun, 06 Nov 94 08:49:37 GMT",
        "Sun, 06 Nov 01994 08:49:37 GMT",
        "Sun, 06 Nov -994 08:49:37 GMT",
        "Sun, +6 Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 8:49:37 GMT",
        "Sun, 06 Nov 1994 08:49 GMT",
        "Sun, 06 Nov 1994 08:49:37.0 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT",
        "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT",
        "Wed, 00 Nov 1994 08:49:37 GMT",
        "Thu, 31 Nov 1994 08:49:37 GMT",
        "Wed, 29 Feb 2023 00:00:00 GMT",
        "Thu, 29 Feb 1900 00:00:00 GMT",
        "Thu, 30 Feb 2024 00:00:00 GMT",
        "Sunday, 06-Nov-1994 08:49:37 GMT",
        "Sunday, 6-Nov-94 08:49:37 GMT",
        "Sun, 06-Nov-94 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37",
        "Sunday, 06 Nov 94 08:49:37 GMT",
        "Monday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov 6 08:49:37 1994",
        "Sun Nov 06 08:49:37 94",
        "Sun Nov   6 08:49:37 1994",
        "Sun Nov  6 08:49:37 1994 GMT",
        "Sun Nov  6 08:49:37 1994\n",
        "Mon Nov  6 08:49:37 1994",
        "Sun Nov  0 08:49:37 1994",
        "Sun, Nov  6 08:49:37 1994",
    };
    (void)state;
    int64_t when = 0;
    for (size_t i = 0; i < COUNT(texts); i++)
        if (http_date_parse(texts[i], NOW, &when))
            fail_msg("a date: %s", texts[i]);
    assert_false(http_date_parse(NULL, NOW, &when));
}

/* Whatever byte of a date is another one, it is another date or none: it never stays the same. */
static void every_byte_counts(void **state) {
    const char *texts[] = {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT",
                           "Sun Nov  6 08:49:37 1994"};
    for (size_t i = 0; i < COUNT(texts); i++)
        for (size_t at = 0; at < strlen(texts[i]); at++)
            for (int byte = 1; byte < 256; byte++) {
                char *changed = arena_text(*state, texts[i]);
                int64_t when = 0;
                if (changed[at] == (char)byte)
                    continue;
                changed[at] = (char)byte;
                bool same = http_date_parse(changed, NOW, &when) && when == EXAMPLE;
                /* "Sun Nov 06" is that day, too */
                if (same && !(i == 2 && at == 8 && byte == '0'))
                    fail_msg("the same: %s", changed);
            }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_three_notations_of_the_standard_are_one_time),
        unit_test(times_are_what_the_calendar_says),
        unit_test(what_is_written_can_be_read),
        unit_test(two_digits_are_at_most_50_years_ahead),
        unit_test(nothing_else_is_a_date),
        unit_test(every_byte_counts),
    };
    return cmocka_run_group_tests_name("http_date", tests, NULL, NULL);
}

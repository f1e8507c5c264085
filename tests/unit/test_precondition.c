/* format/precondition: RFC 9110 13, field by field and in the order of 13.2.2. */
#include "unit.h"

#include "format/precondition.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define NOW 1800000000
#define ETAG "\"now\""
#define OLDER "Sun, 06 Nov 1994 08:49:36 GMT"
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define NEWER "Sun, 06 Nov 1994 08:49:38 GMT"

static const struct validators file = {.etag = ETAG, .has_time = true, .last_modified = 784111777};
static const struct validators fresh = {.etag = NULL}; /* nothing is known of it yet */

struct judged {
    struct conditions conditions;
    enum precondition expected;
};

static void check(const struct judged *cases, size_t count, const struct validators *validators) {
    for (size_t i = 0; i < count; i++) {
        enum precondition got = precondition_judge(&cases[i].conditions, validators, NOW);
        if (got != cases[i].expected)
            fail_msg("case %zu: %d, not %d", i, (int)got, (int)cases[i].expected);
    }
}

static void without_conditions_all_is_sent(void **state) {
    const struct judged cases[] = {{{.if_match = NULL}, PRECONDITION_HOLDS}};
    (void)state;
    check(cases, COUNT(cases), &file);
    check(cases, COUNT(cases), &fresh);
}

static void if_none_match_compares_weakly(void **state) {
    const char *known[] = {
        ETAG,
        "W/" ETAG,
        "*",
        "\"a\", " ETAG,
        "\"a\"," ETAG ",\"b\"",
        "\"a\"\t ,\t" ETAG,
        ",, ," ETAG ",",
        "\"a,b\", " ETAG,
        "\"\", " ETAG,
        "\"a\\\", " ETAG, /* a backslash is no escape */
        "\"\xC3\xA9\", " ETAG,
    };
    const char *unknown[] = {
        "",
        "\"\"",
        "\"no\"",
        "\"NOW\"",
        "now",
        "'now'",
        "\"now",
        "now\"",
        "w/" ETAG,
        "W/ " ETAG,
        "W" ETAG,
        "\"a\" " ETAG, /* what follows a malformed list does not count */
        "\"a\";" ETAG,
        "\"a b\", " ETAG,
        "a, " ETAG,
        "*, \"a\"",
        "**",
        " *",
        "\"*\"",
        ETAG "x",
        "x" ETAG,
    };
    (void)state;
    for (size_t i = 0; i < COUNT(known); i++) {
        struct conditions conditions = {.if_none_match = known[i]};
        if (precondition_judge(&conditions, &file, NOW) != PRECONDITION_NOT_MODIFIED)
            fail_msg("not known: %s", known[i]);
    }
    for (size_t i = 0; i < COUNT(unknown); i++) {
        struct conditions conditions = {.if_none_match = unknown[i]};
        /* ETAG "x" is malformed only behind the tag that matches: it was found before */
        enum precondition got = precondition_judge(&conditions, &file, NOW);
        bool found_before = strcmp(unknown[i], ETAG "x") == 0;
        if (got != (found_before ? PRECONDITION_NOT_MODIFIED : PRECONDITION_HOLDS))
            fail_msg("known: %s", unknown[i]);
    }
}

static void if_match_compares_strongly(void **state) {
    const struct judged cases[] = {
        {{.if_match = ETAG}, PRECONDITION_HOLDS},
        {{.if_match = "\"a\", " ETAG}, PRECONDITION_HOLDS},
        {{.if_match = "*"}, PRECONDITION_HOLDS},
        {{.if_match = "W/" ETAG}, PRECONDITION_FAILED},
        {{.if_match = "W/" ETAG ", " ETAG}, PRECONDITION_HOLDS},
        {{.if_match = "\"a\""}, PRECONDITION_FAILED},
        {{.if_match = ""}, PRECONDITION_FAILED},
        {{.if_match = "now"}, PRECONDITION_FAILED},
    };
    (void)state;
    check(cases, COUNT(cases), &file);
}

static void dates_are_compared_by_the_second(void **state) {
    const struct judged cases[] = {
        {{.if_modified_since = OLDER}, PRECONDITION_HOLDS},
        {{.if_modified_since = SAME}, PRECONDITION_NOT_MODIFIED},
        {{.if_modified_since = NEWER}, PRECONDITION_NOT_MODIFIED},
        {{.if_modified_since = "Sunday, 06-Nov-94 08:49:37 GMT"}, PRECONDITION_NOT_MODIFIED},
        {{.if_modified_since = "Sun Nov  6 08:49:37 1994"}, PRECONDITION_NOT_MODIFIED},
        {{.if_modified_since = SAME "; length=5"}, PRECONDITION_HOLDS},
        {{.if_modified_since = SAME ", " SAME}, PRECONDITION_HOLDS},
        {{.if_modified_since = ETAG}, PRECONDITION_HOLDS},
        {{.if_modified_since = ""}, PRECONDITION_HOLDS},
        {{.if_unmodified_since = OLDER}, PRECONDITION_FAILED},
        {{.if_unmodified_since = SAME}, PRECONDITION_HOLDS},
        {{.if_unmodified_since = NEWER}, PRECONDITION_HOLDS},
        {{.if_unmodified_since = "yesterday"}, PRECONDITION_HOLDS},
    };
    (void)state;
    check(cases, COUNT(cases), &file);
}

/* 13.2.2: a tag beside a date decides alone; what must match comes before what need not be sent. */
static void the_order_is_that_of_the_standard(void **state) {
    const struct judged cases[] = {
        {{.if_match = ETAG, .if_unmodified_since = OLDER}, PRECONDITION_HOLDS},
        {{.if_match = "\"a\"", .if_unmodified_since = SAME}, PRECONDITION_FAILED},
        {{.if_none_match = "\"a\"", .if_modified_since = SAME}, PRECONDITION_HOLDS},
        {{.if_none_match = ETAG, .if_modified_since = OLDER}, PRECONDITION_NOT_MODIFIED},
        {{.if_none_match = "malformed", .if_modified_since = SAME}, PRECONDITION_HOLDS},
        {{.if_match = "\"a\"", .if_none_match = ETAG}, PRECONDITION_FAILED},
        {{.if_match = ETAG, .if_none_match = ETAG}, PRECONDITION_NOT_MODIFIED},
        {{.if_match = ETAG, .if_modified_since = SAME}, PRECONDITION_NOT_MODIFIED},
        {{.if_unmodified_since = OLDER, .if_none_match = ETAG}, PRECONDITION_FAILED},
        {{.if_unmodified_since = SAME, .if_modified_since = SAME}, PRECONDITION_NOT_MODIFIED},
    };
    (void)state;
    check(cases, COUNT(cases), &file);
}

static void without_validators_only_a_star_is_known(void **state) {
    const struct judged cases[] = {
        {{.if_match = "*"}, PRECONDITION_HOLDS},
        {{.if_match = ETAG}, PRECONDITION_FAILED},
        {{.if_none_match = "*"}, PRECONDITION_NOT_MODIFIED},
        {{.if_none_match = ETAG}, PRECONDITION_HOLDS},
        {{.if_none_match = "\"\""}, PRECONDITION_HOLDS},
        {{.if_modified_since = NEWER}, PRECONDITION_HOLDS},
        {{.if_unmodified_since = OLDER}, PRECONDITION_HOLDS},
    };
    (void)state;
    check(cases, COUNT(cases), &fresh);
}

static void a_range_counts_for_this_very_file(void **state) {
    const struct {
        const char *if_range;
        bool counts;
        bool counts_for_fresh;
    } cases[] = {
        {NULL, true, true},
        {ETAG, true, false},
        {SAME, true, false},
        {"Sunday, 06-Nov-94 08:49:37 GMT", true, false},
        {"W/" ETAG, false, false},
        {"\"a\"", false, false},
        {"\"a\", " ETAG, false, false}, /* it is no list */
        {ETAG ", \"a\"", false, false},
        {ETAG " ", false, false},
        {"*", false, false},
        {"", false, false},
        {OLDER, false, false},
        {NEWER, false, false},
        {"now", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct conditions conditions = {.if_range = cases[i].if_range};
        if (precondition_range_counts(&conditions, &file, NOW) != cases[i].counts ||
            precondition_range_counts(&conditions, &fresh, NOW) != cases[i].counts_for_fresh)
            fail_msg("If-Range: %s", cases[i].if_range == NULL ? "-" : cases[i].if_range);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(without_conditions_all_is_sent),
        unit_test(if_none_match_compares_weakly),
        unit_test(if_match_compares_strongly),
        unit_test(dates_are_compared_by_the_second),
        unit_test(the_order_is_that_of_the_standard),
        unit_test(without_validators_only_a_star_is_known),
        unit_test(a_range_counts_for_this_very_file),
    };
    return cmocka_run_group_tests_name("precondition", tests, NULL, NULL);
}

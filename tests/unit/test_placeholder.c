/* format/placeholder: what is a hole, and what is put into it. */
#include "unit.h"

#include "base/text.h"
#include "format/placeholder.h"
#include "format/uri.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Knows `a`, `b` and what would do harm; counts how often it was asked. */
static const char *lookup(struct arena *arena, const char *name, void *closure) {
    static const char *const known[][2] = {
        {"a", "1"},
        {"b", "two words"},
        {"empty", ""},
        {"hole", "{a}"},
        {"half", "{"},
        {"other half", "a}"},
        {"evil", "x&y=z#f?q/../\r\n%41\"<"},
        {"utf8", "\xEA\xB9\x80"},
        {"client.id:x", "3"},
    };
    int *asked = closure;
    (void)arena;
    ++*asked;
    for (size_t i = 0; i < COUNT(known); i++)
        if (text_equal(known[i][0], name))
            return known[i][1];
    return NULL;
}

struct filling {
    const char *text;
    const char *filled; /* NULL: `unknown` is the hole that nobody knows */
    const char *unknown;
};

static void what_is_known_is_filled_in_and_the_rest_stays(void **state) {
    static const struct filling cases[] = {
        {"", "", NULL},
        {"plain", "plain", NULL},
        {"{a}", "1", NULL},
        {"{a}{a}", "11", NULL},
        {"x{a}y{b}z", "x1ytwo wordsz", NULL},
        {"x{empty}y", "xy", NULL},
        {"{unknown}", "{unknown}", NULL},
        {"{a}{unknown}{a}", "1{unknown}1", NULL},
        {"{A}", "{A}", NULL},
        {"{ a}", "{ a}", NULL},
        {"{client.id:x}", "3", NULL},
        /* What is no hole is text. */
        {"{", "{", NULL},
        {"}", "}", NULL},
        {"{}", "{}", NULL},
        {"{a", "{a", NULL},
        {"a}", "a}", NULL},
        {"}{", "}{", NULL},
        {"{{a}}", "{1}", NULL},
        {"{a{a}", "{a1", NULL},
        {"{a}}", "1}", NULL},
        {"{}{a}", "{}1", NULL},
        {"{\"x\":{a}}", "{\"x\":1}", NULL},
        /* A value brings no hole, nor half of one. */
        {"{hole}", "{a}", NULL},
        {"{hole}{a}", "{a}1", NULL},
        {"{half}a}", "{a}", NULL},
        {"{half}{other half}", "{a}", NULL},
    };
    struct arena *arena = *state;
    int asked = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *filled = placeholder_fill_some(arena, cases[i].text, lookup, &asked);
        if (!text_equal(filled, cases[i].filled))
            fail_msg("%s: %s", cases[i].text, filled);
    }
    assert_true(asked > 0);
}

static void all_or_nothing_is_filled_in(void **state) {
    static const struct filling cases[] = {
        {"", "", NULL},
        {"x{a}y{b}z", "x1ytwo wordsz", NULL},
        {"{hole}", "{a}", NULL},
        {"{", "{", NULL},
        {"{a}{unknown}{b}", NULL, "unknown"},
        {"{none}{neither}", NULL, "none"},
        {"{a}{ a}", NULL, " a"},
    };
    struct arena *arena = *state;
    int asked = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *filled = NULL;
        const char *unknown = placeholder_fill_text(arena, cases[i].text, lookup, &asked, &filled);
        if (cases[i].filled != NULL) {
            assert_null(unknown);
            assert_string_equal(filled, cases[i].filled);
        } else {
            assert_string_equal(unknown, cases[i].unknown);
            assert_null(filled);
        }
    }
    assert_true(asked > 0);
}

/* A value in a URI can neither end its part nor begin another. */
static void in_a_uri_values_are_percent_encoded(void **state) {
    static const struct filling cases[] = {
        {"https://x.example/{b}?q={b}", "https://x.example/two%20words?q=two%20words", NULL},
        {"x={evil}&y={a}", "x=x%26y%3Dz%23f%3Fq%2F..%2F%0D%0A%2541%22%3C&y=1", NULL},
        {"{utf8}", "%EA%B9%80", NULL},
        {"{hole}", "%7Ba%7D", NULL},
        {"a b{empty}", "a b", NULL}, /* the text itself is as it was written */
        {"{a}/{unknown}", NULL, "unknown"},
    };
    struct arena *arena = *state;
    int asked = 0;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *filled = NULL;
        const char *unknown = placeholder_fill_uri(arena, cases[i].text, lookup, &asked, &filled);
        assert_true(text_equal(unknown, cases[i].unknown) || cases[i].unknown == unknown);
        assert_true(text_equal(filled, cases[i].filled) || cases[i].filled == filled);
    }
    assert_true(asked > 0);
}

static void holes_are_named_one_after_the_other(void **state) {
    struct arena *arena = *state;
    const char *text = "{}x{a}{{b}}{c";
    assert_string_equal(placeholder_next(arena, &text), "a");
    assert_string_equal(placeholder_next(arena, &text), "b");
    assert_string_equal(text, "}{c");
    assert_null(placeholder_next(arena, &text));
    assert_null(placeholder_next(arena, &text));
}

static void an_example_has_no_holes(void **state) {
    static const char *const cases[][2] = {
        {"https://x.example/{a}/{token:b}?c={d e}", "https://x.example/x/x?c=x"},
        {"plain", "plain"},
        {"{a", "{a"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(placeholder_example(arena, cases[i][0]), cases[i][1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(what_is_known_is_filled_in_and_the_rest_stays),
        unit_test(all_or_nothing_is_filled_in),
        unit_test(in_a_uri_values_are_percent_encoded),
        unit_test(holes_are_named_one_after_the_other),
        unit_test(an_example_has_no_holes),
    };
    return cmocka_run_group_tests_name("placeholder", tests, NULL, NULL);
}

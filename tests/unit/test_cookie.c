/* edge/cookie: the Cookie field as RFC 6265bis expects a server to read it. */
#include "unit.h"

#include "edge/cookie.h"

#include <string.h>

static const char *value_of(struct arena *arena, const char *cookies, const char *name) {
    struct request request = {.cookies = cookies};
    const char *value = NULL;
    assert_works(arena, cookie_value(arena, &request, name, &value));
    return value;
}

static void our_names_have_the_host_prefix_on_https(void **state) {
    assert_string_equal(cookie_name(*state, true, "session"), "__Host-latchkey-session");
    assert_string_equal(cookie_name(*state, false, "session"), "latchkey-session");
}

static void a_cookie_is_found_among_others(void **state) {
    assert_string_equal(value_of(*state, "a=1; b=2; c=3", "b"), "2");
    assert_string_equal(value_of(*state, "b=2", "b"), "2");
    assert_null(value_of(*state, "a=1; b=2", "c"));
    assert_null(value_of(*state, NULL, "c"));
    assert_null(value_of(*state, "", "c"));
}

static void white_space_and_separators_are_read_leniently(void **state) {
    assert_string_equal(value_of(*state, ";;a=1;b=2;", "b"), "2");
    assert_string_equal(value_of(*state, "  a  = \t1 2\t ;b=2", "a"), "1 2");
    assert_string_equal(value_of(*state, "a=", "a"), "");
    assert_string_equal(value_of(*state, "a=b=c==", "a"), "b=c==");
    assert_string_equal(value_of(*state, "a=\"1\"", "a"), "\"1\"");
    assert_string_equal(value_of(*state, "a=1,b=2", "a"), "1,b=2");
    assert_string_equal(value_of(*state, "x=\xE9\xFF; a=1", "a"), "1");
}

static void names_are_compared_byte_for_byte(void **state) {
    assert_null(value_of(*state, "A=1; ab=2; xa=3; __Host-a=4; $a=5", "a"));
}

/* A site may set a cookie without a name whose value reads like a pair: RFC 6265bis 8.8. */
static void a_cookie_without_a_name_is_no_cookie_of_ours(void **state) {
    assert_null(value_of(*state, "a", "a"));
    assert_null(value_of(*state, "=a", "a"));
    assert_null(value_of(*state, "=a=1", "a"));
    assert_null(value_of(*state, " =a=1; ; =", "a"));
    assert_null(value_of(*state, "a; =1", ""));
}

static void a_repeated_cookie_is_refused(void **state) {
    struct arena *arena = *state;
    const char *bad[] = {"a=1; a=2", "a=1; a=1", "a=; a=", "a=1;b=2;a = 3", "a=1;a=1;a=1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct request request = {.cookies = bad[i]};
        const char *value = "untouched";
        assert_fails(arena, ERROR_COOKIE_REPEATED, cookie_value(arena, &request, "a", &value));
        assert_null(value);
    }
    assert_string_equal(value_of(arena, "b=1; b=2; a=3", "a"), "3");
}

static void cookies_are_listed_by_prefix_in_order(void **state) {
    struct request request = {.cookies = "p-1=x; q=1; p-2=y; P-3=z; p-=; p-1=w"};
    struct cookie *cookie = cookie_list(*state, &request, "p-");
    const char *expected[][2] = {{"p-1", "x"}, {"p-2", "y"}, {"p-", ""}, {"p-1", "w"}};
    for (size_t i = 0; i < 4; i++, cookie = cookie->next) {
        assert_non_null(cookie);
        assert_string_equal(cookie->name, expected[i][0]);
        assert_string_equal(cookie->value, expected[i][1]);
    }
    assert_null(cookie);
    assert_null(cookie_list(*state, &request, "none"));
}

static void a_program_gets_the_cookies_of_others(void **state) {
    static const struct {
        const char *cookies;
        const char *left;
    } fields[] = {
        {"a=1; __Host-latchkey-session=s; b=2", "a=1; b=2"},
        {"latchkey-session=s;a=1", "a=1"},
        {"__Host-latchkey-session=s", NULL},
        {"__Host-latchkey-login-x=1; latchkey-last=op; __Host-latchkey-=", NULL},
        {"a=1 ;\t latchkey-session =s; ;b = \"2\" ", "a=1; b = \"2\""},
        {"latchkey-session=s; latchkey-session=t; a", "a"},
        {"latchkey=1; LATCHKEY-session=2; __host-latchkey-session=3; xlatchkey-a=4",
         "latchkey=1; LATCHKEY-session=2; __host-latchkey-session=3; xlatchkey-a=4"},
        {"=nameless; a=b=latchkey-session=c; x=\xE9", "=nameless; a=b=latchkey-session=c; x=\xE9"},
        {"", NULL},
        {NULL, NULL},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const struct request request = {.cookies = fields[i].cookies};
        const char *left = cookie_field_of_others(*state, &request);
        if (fields[i].left == NULL)
            assert_null(left);
        else
            assert_string_equal(left, fields[i].left);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(our_names_have_the_host_prefix_on_https),
        unit_test(a_cookie_is_found_among_others),
        unit_test(white_space_and_separators_are_read_leniently),
        unit_test(names_are_compared_byte_for_byte),
        unit_test(a_cookie_without_a_name_is_no_cookie_of_ours),
        unit_test(a_repeated_cookie_is_refused),
        unit_test(cookies_are_listed_by_prefix_in_order),
        unit_test(a_program_gets_the_cookies_of_others),
    };
    return cmocka_run_group_tests_name("cookie", tests, NULL, NULL);
}

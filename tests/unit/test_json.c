/* format/json: asking a tree, building one, writing it. Reading: test_json_parse.c. */
#include "unit.h"

#include "format/json.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static struct json *read_json(struct arena *arena, const char *text) {
    struct json *value = NULL;
    assert_works(arena, json_parse(arena, text, strlen(text), &value));
    return value;
}

static void members_are_found_by_name_and_type(void **state) {
    struct arena *arena = *state;
    const struct json *object =
        read_json(arena, "{\"s\":\"text\",\"e\":\"\",\"t\":true,\"f\":false,\"n\":null,\"1\":1}");
    assert_string_equal(json_string(object, "s"), "text");
    assert_string_equal(json_string(object, "e"), "");
    assert_null(json_string(object, "t"));
    assert_null(json_string(object, "1"));
    assert_null(json_string(object, "n"));
    assert_null(json_string(object, "absent"));
    assert_true(json_is_true(object, "t"));
    assert_false(json_is_true(object, "f"));
    assert_false(json_is_true(object, "1"));
    assert_false(json_is_true(object, "s"));
    assert_int_equal(json_member(object, "n")->type, JSON_NULL);
    assert_null(json_member(object, "S"));
}

static void getters_take_anything_for_absent(void **state) {
    struct arena *arena = *state;
    int64_t number = 0;
    const struct json *others[] = {NULL, read_json(arena, "[\"a\"]"), read_json(arena, "\"a\""),
                                   read_json(arena, "1"), read_json(arena, "null")};
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_null(json_member(others[i], "a"));
        assert_null(json_string(others[i], "a"));
        assert_false(json_is_true(others[i], "a"));
        assert_false(json_has_string(others[i], "a", "a"));
    }
    assert_false(json_integer(NULL, &number));
    assert_false(json_seconds(NULL, &number));
    assert_false(json_integer(read_json(arena, "\"1\""), &number));
    assert_false(json_seconds(read_json(arena, "\"1\""), &number));
    assert_false(json_seconds(read_json(arena, "true"), &number));
}

static void a_string_or_an_array_has_a_string(void **state) {
    struct arena *arena = *state;
    const struct json *object =
        read_json(arena, "{\"one\":\"a\",\"more\":[\"b\",1,null,[\"d\"],\"a\"],\"n\":1,\"o\":{}}");
    assert_true(json_has_string(object, "one", "a"));
    assert_false(json_has_string(object, "one", "b"));
    assert_true(json_has_string(object, "more", "a"));
    assert_true(json_has_string(object, "more", "b"));
    assert_false(json_has_string(object, "more", "c"));
    assert_false(json_has_string(object, "more", "d"));
    assert_false(json_has_string(object, "more", "1"));
    assert_false(json_has_string(object, "n", "1"));
    assert_false(json_has_string(object, "o", "a"));
    assert_false(json_has_string(object, "one", NULL));
    assert_false(json_has_string(object, "absent", "a"));
}

static void integers_are_exact_or_not_there(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *text;
        int64_t integer;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"-1", -1},
        {"9007199254740993", 9007199254740993},
        {"9223372036854775807", INT64_MAX},
        {"-9223372036854775808", INT64_MIN},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t integer = 77;
        assert_true(json_integer(read_json(arena, good[i].text), &integer));
        assert_true(integer == good[i].integer);
    }
    const char *bad[] = {
        "9223372036854775808", "-9223372036854775809", "99999999999999999999", "1.0", "1e2", "1E2"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t integer = 77;
        assert_false(json_integer(read_json(arena, bad[i]), &integer));
        assert_int_equal(integer, 77);
    }
}

static void times_are_rounded_down_within_their_range(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *text;
        int64_t seconds;
    } good[] = {
        {"0", 0},
        {"-0", 0},
        {"-0.0", 0},
        {"-0e5", 0},
        {"1", 1},
        {"1.5", 1},
        {"1.999999999999999999999", 1},
        {"0.9", 0},
        {"1e9", 1000000000},
        {"1E+9", 1000000000},
        {"1.795210996e9", 1795210996},
        {"1.7952109967e9", 1795210996},
        {"17952109960e-1", 1795210996},
        {"17952109969e-1", 1795210996},
        {"0.000001e7", 10},
        {"1e-400", 0},
        {"1e-99999999999999999999", 0},
        {"0e99999999999999999999", 0},
        {"0.0e400", 0},
        {"253402300799", 253402300799},
        {"253402300799.999", 253402300799},
        {"2534023007990000e-4", 253402300799},
    };
    for (size_t i = 0; i < COUNT(good); i++) {
        int64_t seconds = 77;
        assert_true(json_seconds(read_json(arena, good[i].text), &seconds));
        assert_true(seconds == good[i].seconds);
    }
    const char *bad[] = {"-1",
                         "-0.1",
                         "-1e-400",
                         "-1e9",
                         "253402300800",
                         "253402300799999e-2",
                         "1e12",
                         "1e400",
                         "1e99999999999999999999",
                         "0.1e99999999999999999999",
                         "99999999999999999999",
                         "9223372036854775808",
                         "18446744073709551616",
                         "1795210996000"};
    for (size_t i = 0; i < COUNT(bad); i++) {
        int64_t seconds = 77;
        assert_false(json_seconds(read_json(arena, bad[i]), &seconds));
        assert_int_equal(seconds, 77);
    }
}

static void what_is_unknown_is_left_out(void **state) {
    struct arena *arena = *state;
    struct json *object = json_object(arena);
    json_put_string(arena, object, "name", NULL);
    json_put(arena, object, "identities", NULL);
    assert_null(json_text(arena, NULL));
    struct json *array = json_array(arena);
    json_append(array, NULL);
    json_put(arena, object, "list", array);
    assert_string_equal(json_write(arena, object), "{\"list\":[]}");
}

static void a_tree_is_built_and_written(void **state) {
    struct arena *arena = *state;
    struct json *object = json_object(arena);
    json_put_string(arena, object, "sub", "k3");
    json_put_boolean(arena, object, "email_verified", true);
    json_put_boolean(arena, object, "admin", false);
    json_put_integer(arena, object, "low", INT64_MIN);
    json_put_integer(arena, object, "high", INT64_MAX);
    struct json *array = json_array(arena);
    json_append(array, json_text(arena, "a"));
    json_append(array, json_object(arena));
    json_put(arena, object, "list", array);
    assert_int_equal(object->count, 6);
    assert_string_equal(json_write(arena, object),
                        "{\"sub\":\"k3\",\"email_verified\":true,\"admin\":false,"
                        "\"low\":-9223372036854775808,\"high\":9223372036854775807,"
                        "\"list\":[\"a\",{}]}");
}

static void texts_are_copied(void **state) {
    struct arena *arena = *state;
    char name[] = "name";
    char text[] = "text";
    struct json *object = json_object(arena);
    json_put_string(arena, object, name, text);
    name[0] = text[0] = 'X';
    assert_string_equal(json_write(arena, object), "{\"name\":\"text\"}");
}

static void a_value_comes_without_what_followed_it_elsewhere(void **state) {
    struct arena *arena = *state;
    struct json *array = json_array(arena);
    json_append(array, read_json(arena, "[1,2,3]")->first);
    assert_string_equal(json_write(arena, array), "[1]");
}

static void every_ascii_byte_is_written_safely(void **state) {
    struct arena *arena = *state;
    for (char byte = 1; byte < 0x7F; byte++) {
        char text[] = {byte, '\0'};
        char *written = json_write(arena, json_text(arena, text));
        assert_null(strpbrk(written, "<>&\x7F"));
        for (const char *c = written; *c != '\0'; c++)
            assert_true(*c >= 0x20);
        assert_string_equal(read_json(arena, written)->text, text);
    }
}

static void a_script_element_cannot_be_ended(void **state) {
    struct arena *arena = *state;
    struct json *text = json_text(arena, "</script><!-- \xE2\x80\xA8\xE2\x80\xA9 & \x7F");
    assert_string_equal(json_write(arena, text), "\"\\u003C/script\\u003E\\u003C!-- \\u2028\\u2029 "
                                                 "\\u0026 \\u007F\"");
}

static void bytes_that_are_not_utf8_still_give_json(void **state) {
    struct arena *arena = *state;
    struct json *object = json_object(arena);
    json_put_string(arena, object, "a\xFF", "caf\xE9 \"<\xC3\xA9");
    assert_string_equal(json_write(arena, object),
                        "{\"a\\uFFFD\":\"caf\\uFFFD \\\"\\u003C\\uFFFD\\uFFFD\"}");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(members_are_found_by_name_and_type),
        unit_test(getters_take_anything_for_absent),
        unit_test(a_string_or_an_array_has_a_string),
        unit_test(integers_are_exact_or_not_there),
        unit_test(times_are_rounded_down_within_their_range),
        unit_test(what_is_unknown_is_left_out),
        unit_test(a_tree_is_built_and_written),
        unit_test(texts_are_copied),
        unit_test(a_value_comes_without_what_followed_it_elsewhere),
        unit_test(every_ascii_byte_is_written_safely),
        unit_test(a_script_element_cannot_be_ended),
        unit_test(bytes_that_are_not_utf8_still_give_json),
    };
    return cmocka_run_group_tests_name("json", tests, NULL, NULL);
}

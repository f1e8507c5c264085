/* format/form: fields in order, strictly decoded, and repetition noticed. */
#include "unit.h"

#include "base/buffer.h"
#include "format/form.h"

#include <stdbool.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int parse(struct arena *arena, const char *text, struct form *form) {
    return form_parse(arena, text, strlen(text), form);
}

/* "[name|value]…", so that a test can compare a whole form. */
static const char *show(struct arena *arena, const struct form *form) {
    struct buffer out;
    buffer_open(arena, &out);
    for (const struct form_field *field = form->first; field != NULL; field = field->next)
        buffer_add_format(&out, "[%s|%s]", field->name, field->value);
    return out.bytes;
}

static void fields_are_read_in_order(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *text, *fields;
    } forms[] = {
        {"", ""},
        {"&", ""},
        {"&&&", ""},
        {"a=1", "[a|1]"},
        {"a=1&b=2&c=3", "[a|1][b|2][c|3]"},
        {"a=1&a=2", "[a|1][a|2]"},
        {"a", "[a|]"},
        {"a=", "[a|]"},
        {"a&b=", "[a|][b|]"},
        {"=1", "[|1]"},
        {"=", "[|]"},
        {"&a=1&&b=2&", "[a|1][b|2]"},
        {"a==b=c=", "[a|=b=c=]"},
        {"a+b=c+d", "[a b|c d]"},
        {"a%20b=c%20d", "[a b|c d]"},
        {"a%2Bb=c%2bd", "[a+b|c+d]"},
        {"a%3Db=%26%3d", "[a=b|&=]"},
        {"a%26b=1", "[a&b|1]"},
        {"a=%25%32%35", "[a|%25]"},
        {"a=%2525", "[a|%25]"},
        {"name=%EA%B9%80", "[name|\xEA\xB9\x80]"},
        {"name=\xEA\xB9\x80", "[name|\xEA\xB9\x80]"},
        {"a;b=1;c", "[a;b|1;c]"},
        {"iss=https%3A%2F%2Fa.example%2F&state=x_-.~", "[iss|https://a.example/][state|x_-.~]"},
        {"a=https://b/?c", "[a|https://b/?c]"},
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        struct form form = {NULL, NULL};
        assert_works(arena, parse(arena, forms[i].text, &form));
        assert_string_equal(show(arena, &form), forms[i].fields);
    }
}

static void malformed_percent_encoding_is_refused(void **state) {
    struct arena *arena = *state;
    const char *bad[] = {"a=%",    "a=%4",  "a=%4&b=11", "a=%zz",    "a=%4g",   "a=%g4",
                         "a=%%41", "a=% 1", "a=%+1",     "a=%-1",    "a=%0x41", "%=1",
                         "%4=1",   "a=x%",  "a%&b",      "a=%u0041", "a=%\xEA", "a=1&b=2&c=%"};
    struct form form;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_fails(arena, ERROR_PERCENT, parse(arena, bad[i], &form));
}

static void control_bytes_are_refused_raw_and_encoded(void **state) {
    struct arena *arena = *state;
    struct form form;
    for (int byte = 0; byte < 256; byte++) {
        const char raw[] = {'a', '=', (char)byte, 'x'};
        const char *encoded = arena_format(arena, "a=%%%02Xx", (unsigned)byte);
        const char *name = arena_format(arena, "%%%02x=1", (unsigned)byte);
        bool control = byte < 0x20 || byte == 0x7F;
        enum error_rule rule = control ? ERROR_PERCENT : ERROR_UTF8;
        if (control || byte >= 0x80) {
            assert_fails(arena, rule, form_parse(arena, raw, sizeof(raw), &form));
            assert_fails(arena, rule, parse(arena, encoded, &form));
            assert_fails(arena, rule, parse(arena, name, &form));
        } else {
            assert_works(arena, parse(arena, encoded, &form));
            assert_int_equal(form.first->value[0], byte);
        }
    }
}

static void invalid_utf8_is_refused(void **state) {
    struct arena *arena = *state;
    struct form form;
    assert_fails(arena, ERROR_UTF8, parse(arena, "a=%C3", &form));
    assert_fails(arena, ERROR_UTF8, parse(arena, "a=%C0%AF", &form));
    assert_fails(arena, ERROR_UTF8, parse(arena, "a=%ED%A0%80", &form));
    assert_fails(arena, ERROR_UTF8, parse(arena, "%FF=1", &form));
    assert_fails(arena, ERROR_UTF8, parse(arena, "a=\xE9", &form));
    assert_fails(arena, ERROR_UTF8, parse(arena, "a=%C3&b=%A9", &form));
}

static void fields_have_a_limit(void **state) {
    struct arena *arena = *state;
    struct form form;
    struct buffer text;
    buffer_open(arena, &text);
    for (int i = 0; i < FORM_FIELDS_LIMIT; i++)
        buffer_add_text(&text, "&&a=1");
    assert_works(arena, parse(arena, text.bytes, &form));
    buffer_add_text(&text, "&b");
    assert_fails(arena, ERROR_REQUEST_TOO_LARGE, parse(arena, text.bytes, &form));
}

static void a_repeated_parameter_is_refused_by_who_asks_for_it(void **state) {
    struct arena *arena = *state;
    struct form form;
    const char *value = "untouched";
    assert_works(arena, parse(arena, "a=1&b=&a=2&c=3&d=&d", &form));
    assert_works(arena, form_single(arena, &form, "b", &value));
    assert_string_equal(value, "");
    assert_works(arena, form_single(arena, &form, "c", &value));
    assert_string_equal(value, "3");
    assert_works(arena, form_single(arena, &form, "absent", &value));
    assert_null(value);
    assert_fails(arena, ERROR_PARAMETER_REPEATED, form_single(arena, &form, "a", &value));
    assert_fails(arena, ERROR_PARAMETER_REPEATED, form_single(arena, &form, "d", &value));
    assert_string_equal(form_value(&form, "a"), "1");
    assert_null(form_value(&form, "A"));
}

static void a_repetition_cannot_hide_in_its_encoding(void **state) {
    struct arena *arena = *state;
    struct form form;
    const char *value = NULL;
    assert_works(arena, parse(arena, "state=x&st%61te=x", &form));
    assert_fails(arena, ERROR_PARAMETER_REPEATED, form_single(arena, &form, "state", &value));
}

static void fields_are_put_and_written(void **state) {
    struct arena *arena = *state;
    struct form form = {NULL, NULL};
    assert_string_equal(form_write(arena, &form), "");
    char name[] = "scope";
    form_put(arena, &form, name, "openid email");
    name[0] = 'X';
    form_put(arena, &form, "absent", NULL);
    form_put(arena, &form, "empty", "");
    form_put(arena, &form, "a&b", "=%+/?#\"<>\xC3\xA9~._-");
    assert_string_equal(form_write(arena, &form),
                        "scope=openid%20email&empty=&a%26b=%3D%25%2B%2F%3F%23%22%3C%3E%C3%A9~._-");
}

static void what_is_written_reads_the_same(void **state) {
    struct arena *arena = *state;
    struct form form = {NULL, NULL};
    struct form again;
    for (int byte = 0x20; byte < 0x7F; byte++) {
        const char text[] = {(char)byte, 'x', (char)byte, '\0'};
        form_put(arena, &form, text, text);
    }
    assert_works(arena, parse(arena, form_write(arena, &form), &again));
    assert_string_equal(show(arena, &again), show(arena, &form));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(fields_are_read_in_order),
        unit_test(malformed_percent_encoding_is_refused),
        unit_test(control_bytes_are_refused_raw_and_encoded),
        unit_test(invalid_utf8_is_refused),
        unit_test(fields_have_a_limit),
        unit_test(a_repeated_parameter_is_refused_by_who_asks_for_it),
        unit_test(a_repetition_cannot_hide_in_its_encoding),
        unit_test(fields_are_put_and_written),
        unit_test(what_is_written_reads_the_same),
    };
    return cmocka_run_group_tests_name("form", tests, NULL, NULL);
}

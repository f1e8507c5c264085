/* base/error: every rule and answer has its meaning, and the first failure is the one told. */
#include "unit.h"

#include "base/error.h"
#include "base/text.h"

#include <string.h>

#define NAME_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789_"

static void every_rule_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int rule = 0; rule < ERROR_RULE_COUNT; rule++) {
        const char *name = error_meaning((enum error_rule)rule)->name;
        assert_false(text_is_empty(name));
        assert_int_equal(strspn(name, NAME_CHARACTERS), strlen(name));
        for (int other = 0; other < rule; other++)
            assert_string_not_equal(name, error_meaning((enum error_rule)other)->name);
    }
}

static void every_rule_has_an_answer_and_a_paragraph_or_none(void **state) {
    (void)state;
    for (int rule = 0; rule < ERROR_RULE_COUNT; rule++) {
        const struct error_meaning *meaning = error_meaning((enum error_rule)rule);
        assert_in_range(meaning->answer, 0, ANSWER_COUNT - 1);
        assert_non_null(meaning->paragraph);
    }
}

static void every_answer_has_status_code_and_text(void **state) {
    (void)state;
    for (int answer = 0; answer < ANSWER_COUNT; answer++) {
        const struct answer_meaning *meaning = answer_meaning((enum answer)answer);
        assert_in_range(meaning->status, 400, 599);
        assert_false(text_is_empty(meaning->code));
        assert_false(text_is_empty(meaning->description));
        assert_int_equal(strspn(meaning->code, NAME_CHARACTERS), strlen(meaning->code));
        for (int other = 0; other < answer; other++)
            assert_string_not_equal(meaning->code, answer_meaning((enum answer)other)->code);
    }
}

/* RFC 6749 5.2 and RFC 6750 3: what stands in error and error_description is plain ASCII without
 * quotes and backslashes. */
static void answers_are_plain_ascii(void **state) {
    (void)state;
    for (int answer = 0; answer < ANSWER_COUNT; answer++) {
        const char *text = answer_meaning((enum answer)answer)->description;
        for (; *text != '\0'; text++)
            assert_true(*text >= 0x20 && *text < 0x7F && *text != '"' && *text != '\\');
    }
}

static void an_unknown_rule_is_an_internal_error(void **state) {
    (void)state;
    assert_ptr_equal(error_meaning(ERROR_RULE_COUNT), error_meaning(ERROR_INTERNAL));
    assert_ptr_equal(answer_meaning(ANSWER_COUNT), answer_meaning(ANSWER_SERVER_ERROR));
}

static void a_failure_is_recorded_with_its_place(void **state) {
    (void)state;
    struct error error = {.rule = ERROR_NONE};
    assert_int_equal(error_set(&error, ERROR_JSON, "a.c", 7, "byte %d: %s", 3, "wrong"), -1);
    assert_int_equal(error.rule, ERROR_JSON);
    assert_string_equal(error.file, "a.c");
    assert_int_equal(error.line, 7);
    assert_string_equal(error.detail, "byte 3: wrong");
}

static void the_first_failure_wins(void **state) {
    (void)state;
    struct error error = {.rule = ERROR_NONE};
    assert_int_equal(error_set(&error, ERROR_JSON, "a.c", 7, "first"), -1);
    assert_int_equal(error_set(&error, ERROR_URI, "b.c", 8, "second"), -1);
    assert_int_equal(error.rule, ERROR_JSON);
    assert_string_equal(error.file, "a.c");
    assert_int_equal(error.line, 7);
    assert_string_equal(error.detail, "first");
}

static void a_long_detail_ends_with_an_ellipsis(void **state) {
    (void)state;
    char text[300];
    for (size_t length = 230; length < 250; length++) {
        struct error error = {.rule = ERROR_NONE};
        memset(text, 'x', length);
        text[length] = '\0';
        error_set(&error, ERROR_JSON, "a.c", 1, "%s", text);
        if (length < sizeof(error.detail)) {
            assert_string_equal(error.detail, text);
        } else {
            assert_int_equal(strlen(error.detail), sizeof(error.detail) - 1);
            assert_string_equal(error.detail + sizeof(error.detail) - 5, "x...");
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(every_rule_has_a_name_of_its_own),
        unit_test(every_rule_has_an_answer_and_a_paragraph_or_none),
        unit_test(every_answer_has_status_code_and_text),
        unit_test(answers_are_plain_ascii),
        unit_test(an_unknown_rule_is_an_internal_error),
        unit_test(a_failure_is_recorded_with_its_place),
        unit_test(the_first_failure_wins),
        unit_test(a_long_detail_ends_with_an_ellipsis),
    };
    return cmocka_run_group_tests_name("error", tests, NULL, NULL);
}

/* base/text: small questions, asked at their edges. */
#include "unit.h"

#include "base/text.h"

static void texts_are_equal_if_both_are_there_and_the_same(void **state) {
    (void)state;
    assert_true(text_equal("", ""));
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "A"));
    assert_false(text_equal("a", "ab"));
    assert_false(text_equal("ab", "a"));
    assert_false(text_equal("a", NULL));
    assert_false(text_equal(NULL, "a"));
    assert_false(text_equal(NULL, NULL));
}

static void case_is_ignored_for_ascii_letters_alone(void **state) {
    (void)state;
    assert_true(text_equal_nocase("Content-Type", "cONTENT-tYPE"));
    assert_true(text_equal_nocase("", ""));
    assert_false(text_equal_nocase("a", "ab"));
    assert_false(text_equal_nocase("ab", "a"));
    assert_false(text_equal_nocase("[", "{"));
    assert_false(text_equal_nocase("@", "`"));
    assert_false(text_equal_nocase("\xC3\x89", "\xC3\xA9"));
    assert_false(text_equal_nocase("K", "\xE2\x84\xAA")); /* the Kelvin sign */
    assert_false(text_equal_nocase(NULL, ""));
    assert_false(text_equal_nocase("", NULL));
    assert_false(text_equal_nocase(NULL, NULL));
}

static void a_prefix_is_found_at_the_start_alone(void **state) {
    (void)state;
    assert_true(text_starts_with("abc", "ab"));
    assert_true(text_starts_with("abc", "abc"));
    assert_true(text_starts_with("abc", ""));
    assert_true(text_starts_with("", ""));
    assert_false(text_starts_with("ab", "abc"));
    assert_false(text_starts_with("xabc", "abc"));
    assert_false(text_starts_with("Abc", "abc"));
    assert_false(text_starts_with(NULL, ""));
    assert_false(text_starts_with("abc", NULL));
}

static void a_word_of_a_list_is_a_whole_word(void **state) {
    (void)state;
    assert_true(text_has_word("openid email profile", "openid"));
    assert_true(text_has_word("openid email profile", "email"));
    assert_true(text_has_word("openid email profile", "profile"));
    assert_true(text_has_word("openid", "openid"));
    assert_true(text_has_word("  openid   email  ", "email"));
    assert_true(text_has_word("emails email", "email"));
    assert_false(text_has_word("openid email profile", "mail"));
    assert_false(text_has_word("openid email profile", "emai"));
    assert_false(text_has_word("openid email profile", "emails"));
    assert_false(text_has_word("openid email", "openid email"));
    assert_false(text_has_word("openid email", " email"));
    assert_false(text_has_word("openid email", " "));
    assert_false(text_has_word("openid\temail", "email"));
    assert_false(text_has_word("openid,email", "email"));
    assert_false(text_has_word("RS256", "rs256"));
    assert_false(text_has_word("", "openid"));
    assert_false(text_has_word("   ", "openid"));
}

static void no_list_has_the_empty_word(void **state) {
    (void)state;
    assert_false(text_has_word("openid", ""));
    assert_false(text_has_word("", ""));
    assert_false(text_has_word("  ", ""));
    assert_false(text_has_word("openid", NULL));
    assert_false(text_has_word(NULL, "openid"));
    assert_false(text_has_word(NULL, NULL));
}

static void null_is_empty(void **state) {
    (void)state;
    assert_true(text_is_empty(NULL));
    assert_true(text_is_empty(""));
    assert_false(text_is_empty(" "));
}

static void a_control_byte_is_found_anywhere(void **state) {
    (void)state;
    assert_false(text_has_control(NULL));
    assert_false(text_has_control(""));
    assert_false(text_has_control("a b~\xC3\xA9"));
    assert_true(text_has_control("a\r"));
    assert_true(text_has_control("\tb"));
    assert_true(text_has_control("a\x7F"
                                 "b"));
}

static void a_token_has_the_characters_of_rfc_9110(void **state) {
    (void)state;
    assert_true(text_is_token("GET"));
    assert_true(text_is_token("!#$%&'*+-.^_`|~09azAZ"));
    assert_false(text_is_token(""));
    assert_false(text_is_token(NULL));
    for (const char *c = " \t\r\n\"(),/:;<=>?@[\\]{}\x7F\xC3"; *c != '\0'; c++) {
        const char text[] = {'a', *c, '\0'};
        assert_false(text_is_token(text));
    }
}

static void words_are_taken_one_after_the_other(void **state) {
    (void)state;
    const char *rest = "  one  two ";
    size_t length = 0;
    const char *word = text_next_word(&rest, &length);
    assert_int_equal(length, 3);
    assert_memory_equal(word, "one", 3);
    word = text_next_word(&rest, &length);
    assert_int_equal(length, 3);
    assert_memory_equal(word, "two", 3);
    assert_null(text_next_word(&rest, &length));
    assert_null(text_next_word(&rest, &length));
    rest = NULL;
    assert_null(text_next_word(&rest, &length));
}

static void a_text_is_cut_where_the_byte_stands(void **state) {
    (void)state;
    char text[] = "id  rest";
    char *rest = text;
    assert_string_equal(text_cut(&rest, ' '), "id");
    assert_string_equal(text_cut(&rest, ' '), "");
    assert_string_equal(rest, "rest");
    assert_null(text_cut(&rest, ' '));
    assert_string_equal(rest, "rest");
    rest = NULL;
    assert_null(text_cut(&rest, ' '));
}

static void every_byte_has_its_class(void **state) {
    (void)state;
    for (int byte = 0; byte < 256; byte++) {
        char c = (char)byte;
        bool digit = byte >= 0x30 && byte <= 0x39;
        bool upper = byte >= 0x41 && byte <= 0x5A;
        bool lower = byte >= 0x61 && byte <= 0x7A;
        assert_int_equal(ascii_is_digit(c), digit);
        assert_int_equal(ascii_is_alpha(c), upper || lower);
        assert_int_equal(ascii_is_alnum(c), digit || upper || lower);
        assert_int_equal(ascii_is_blank(c), byte == 0x20 || byte == 0x09);
        assert_int_equal(ascii_is_control(c), byte < 0x20 || byte == 0x7F);
        assert_int_equal((unsigned char)ascii_lower(c), upper ? byte + 0x20 : byte);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(texts_are_equal_if_both_are_there_and_the_same),
        unit_test(case_is_ignored_for_ascii_letters_alone),
        unit_test(a_prefix_is_found_at_the_start_alone),
        unit_test(a_word_of_a_list_is_a_whole_word),
        unit_test(no_list_has_the_empty_word),
        unit_test(null_is_empty),
        unit_test(a_control_byte_is_found_anywhere),
        unit_test(a_token_has_the_characters_of_rfc_9110),
        unit_test(words_are_taken_one_after_the_other),
        unit_test(a_text_is_cut_where_the_byte_stands),
        unit_test(every_byte_has_its_class),
    };
    return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}

/* format/utf8: what is UTF-8, and what is left of a foreign name. */
#include "unit.h"

#include "format/utf8.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_valid(const char *text) {
    return utf8_is_valid(text, strlen(text));
}

static bool is_scalar(uint32_t code_point) {
    return code_point <= 0x10FFFF && (code_point < 0xD800 || code_point > 0xDFFF);
}

static void every_code_point_comes_back(void **state) {
    (void)state;
    for (uint32_t code_point = 1; code_point <= 0x10FFFF; code_point++) {
        char text[5] = "";
        if (!is_scalar(code_point))
            continue;
        size_t length = utf8_put(code_point, text);
        const char *next = text;
        if (!utf8_is_valid(text, length) || utf8_next(&next) != code_point || next != text + length)
            fail_msg("U+%04X", (unsigned)code_point);
    }
}

/* The grammar of RFC 3629 4, written down a second time. */
static bool is_sequence_by_grammar(const unsigned char b[3]) {
    bool tail = b[1] >= 0x80 && b[1] <= 0xBF && b[2] >= 0x80 && b[2] <= 0xBF;
    if (b[0] == 0xE0)
        return tail && b[1] >= 0xA0;
    if (b[0] == 0xED)
        return tail && b[1] <= 0x9F;
    return b[0] >= 0xE1 && b[0] <= 0xEF && tail;
}

static void every_sequence_of_three_bytes_is_judged_by_the_grammar(void **state) {
    (void)state;
    for (unsigned first = 0xE0; first <= 0xEF; first++)
        for (unsigned rest = 0; rest < 0x10000; rest++) {
            const unsigned char bytes[] = {(unsigned char)first, (unsigned char)(rest >> 8),
                                           (unsigned char)rest};
            if (utf8_is_valid((const char *)bytes, 3) != is_sequence_by_grammar(bytes))
                fail_msg("%02X %04X", first, rest);
        }
}

static void every_pair_of_bytes_is_judged_by_the_grammar(void **state) {
    (void)state;
    for (unsigned first = 0; first < 256; first++)
        for (unsigned second = 0; second < 256; second++) {
            const char bytes[] = {(char)first, (char)second};
            bool ascii = first < 0x80 && second < 0x80;
            bool two = first >= 0xC2 && first <= 0xDF && second >= 0x80 && second <= 0xBF;
            assert_int_equal(utf8_is_valid(bytes, 2), ascii || two);
        }
}

static void malformed_sequences_are_refused(void **state) {
    (void)state;
    const char *bad[] = {
        "\x80",
        "\xBF",
        "\xC0\x80",
        "\xC1\xBF",
        "\xC2",
        "\xE0\x80\x80",
        "\xE0\x9F\xBF",
        "\xED\xA0\x80",
        "\xED\xBF\xBF",
        "\xE2\x82",
        "\xE2\x28\xA1",
        "\xF0\x8F\xBF\xBF",
        "\xF0\x9F\x98",
        "\xF0\x28\x8C\xBC",
        "\xF0\x9F\x28\x80",
        "\xF4\x90\x80\x80",
        "\xF5\x80\x80\x80",
        "\xF8\x88\x80\x80\x80",
        "\xFC\x84\x80\x80\x80\x80",
        "\xFE",
        "\xFF",
        "good\xC3",
        "\xC3|good",
    };
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_false(is_valid(bad[i]));
    assert_true(is_valid(""));
    assert_true(utf8_is_valid("a\0b", 3));
    assert_true(is_valid("\xF4\x8F\xBF\xBF"));
    assert_false(utf8_is_valid("\xC3\xA9", 1));
}

struct cleaning {
    const char *text, *cleaned;
};

static void names_are_cleaned(void **state) {
    struct arena *arena = *state;
    const struct cleaning cleanings[] = {
        {"Ada", "Ada"},
        {"  Ada   King \t\n Lovelace  ", "Ada King Lovelace"},
        {"\xEA\xB9\x80\xEC\xB2\xA0\xEC\x88\x98", "\xEA\xB9\x80\xEC\xB2\xA0\xEC\x88\x98"},
        {"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D", "\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D"},
        {"<script>", "<script>"},
        {"a\x01"
         "b\x7F"
         "c\x1B[31m",
         "abc[31m"},
        {"a\xC2\x9B"
         "b", /* U+009B: a terminal's CSI in one character */
         "ab"},
        {"a\xC2\xA0\xE3\x80\x80\xE2\x80\xA8"
         "b\xC2\x85",
         "a b"},
        {"\xE2\x80\xAEgnp.exe\xE2\x80\xAC", "gnp.exe"},
        {"\xE2\x81\xA6x\xE2\x81\xA9\xE2\x80\x8E\xE2\x80\x8F\xD8\x9Cy", "xy"},
        {"a \xE2\x80\x8E b", "a b"},
        {"\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB", /* a family of code points stays */
         "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x92\xBB"},
    };
    for (size_t i = 0; i < COUNT(cleanings); i++)
        assert_string_equal(utf8_clean(arena, cleanings[i].text, 100), cleanings[i].cleaned);
}

static void nothing_is_left_of_nothing(void **state) {
    struct arena *arena = *state;
    assert_null(utf8_clean(arena, NULL, 100));
    assert_null(utf8_clean(arena, "", 100));
    assert_null(utf8_clean(arena, " \t\n ", 100));
    assert_null(utf8_clean(arena, "\xE2\x80\xAE\x01\xE2\x80\xAC", 100));
    assert_null(utf8_clean(arena, "Ada", 0));
    assert_null(utf8_clean(arena, "caf\xE9", 100));
}

static void long_names_are_cut_between_code_points(void **state) {
    struct arena *arena = *state;
    assert_string_equal(utf8_clean(arena, "abcd", 4), "abcd");
    assert_string_equal(utf8_clean(arena, "abcde", 4), "abc\xE2\x80\xA6");
    assert_string_equal(utf8_clean(arena, "ab cde", 4), "ab\xE2\x80\xA6");
    assert_string_equal(utf8_clean(arena, "abcd   ", 4), "abcd");
    assert_string_equal(utf8_clean(arena, "ab", 1), "\xE2\x80\xA6");
    assert_string_equal(utf8_clean(arena, "\xF0\x9F\x98\x80\xF0\x9F\x98\x80\xF0\x9F\x98\x80", 2),
                        "\xF0\x9F\x98\x80\xE2\x80\xA6");
}

static void the_first_letter_stands_for_a_name(void **state) {
    struct arena *arena = *state;
    assert_string_equal(utf8_first(arena, "Ada"), "A");
    assert_string_equal(utf8_first(arena, "<script>"), "s");
    assert_string_equal(utf8_first(arena, "(7)"), "7");
    assert_string_equal(utf8_first(arena, "\xEA\xB9\x80\xEC\xB2\xA0"), "\xEA\xB9\x80");
    assert_string_equal(utf8_first(arena, "'\xF0\x9F\x98\x80 x"), "\xF0\x9F\x98\x80");
    assert_null(utf8_first(arena, NULL));
    assert_null(utf8_first(arena, ""));
    assert_null(utf8_first(arena, "... !"));
    assert_null(utf8_first(arena, "caf\xE9"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(every_code_point_comes_back),
        unit_test(every_sequence_of_three_bytes_is_judged_by_the_grammar),
        unit_test(every_pair_of_bytes_is_judged_by_the_grammar),
        unit_test(malformed_sequences_are_refused),
        unit_test(names_are_cleaned),
        unit_test(nothing_is_left_of_nothing),
        unit_test(long_names_are_cut_between_code_points),
        unit_test(the_first_letter_stands_for_a_name),
    };
    return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}

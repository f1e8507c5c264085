/* format/language: the language asked for, and what asks for none. */
#include "unit.h"

#include "base/buffer.h"
#include "format/language.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static void tags_have_a_form(void **state) {
    (void)state;
    const char *tags[] = {"en",       "ko", "ko-KR",    "zh-Hant-TW", "de-1996",
                          "sl-rozaj", "x",  "abcdefgh", "EN-gb"};
    const char *others[] = {"",
                            "*",
                            "-",
                            "en-",
                            "-en",
                            "en--GB",
                            "e1",
                            "1996",
                            "abcdefghi",
                            "en-123456789",
                            "en_GB",
                            "en GB",
                            "../en",
                            "en/../ko",
                            "en.ko",
                            "\xED\x95\x9C",
                            "aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-"};
    for (size_t i = 0; i < COUNT(tags); i++)
        assert_true(language_is_tag(tags[i]));
    for (size_t i = 0; i < COUNT(others); i++)
        assert_false(language_is_tag(others[i]));
    assert_false(language_is_tag(NULL));
    assert_true(language_is_tag("aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa"));
    assert_false(language_is_tag("aaaaaaaa-aaaaaaaa-aaaaaaaa-aaaaaaaa-a"));
}

struct choice {
    const char *field, *chosen;
};

static void check(const char *const *tags, size_t count, const struct choice *choices,
                  size_t choice_count) {
    for (size_t i = 0; i < choice_count; i++) {
        const char *chosen = language_choose(choices[i].field, tags, count);
        if (strcmp(chosen, choices[i].chosen) != 0)
            fail_msg("%s: %s, not %s", choices[i].field, chosen, choices[i].chosen);
    }
}

static void what_is_wanted_most_is_chosen(void **state) {
    (void)state;
    const char *tags[] = {"en", "ar", "ko", "pt-BR", "zh-Hant"};
    const struct choice choices[] = {
        {"en", "en"},
        {"ko", "ko"},
        {"KO", "ko"},
        {"ko-KR", "ko"},
        {"ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"},
        {"en-US,en;q=0.9,ko;q=0.8", "en"},
        {"en-US,ko;q=0.9", "en"},
        {"en;q=0.5,ko;q=0.501", "ko"},
        {"en;q=0.8 , ko ; q=0.9", "ko"},
        {"fr, ko;q=0.2, en;q=0.1", "ko"},
        {"fr,de,ja,ko", "ko"},
        {"ko,ar", "ko"},
        {"ar,ko", "ar"},
        {"ar;q=1.000,ko;q=1", "ar"},
        {"zh-Hant-TW", "zh-Hant"},
        {"zh-hant-x-private", "zh-Hant"},
        {"zh", "zh-Hant"},
        {"pt", "pt-BR"},
        {"pt-PT,ko;q=0.9", "ko"},
        {"ko;q=0.9;level=1,ar;q=0.95", "ar"},
        {"ko;level=\"a,ar\"", "ko"},
    };
    check(tags, COUNT(tags), choices, COUNT(choices));
}

static void what_is_refused_is_not_chosen(void **state) {
    (void)state;
    const char *tags[] = {"en", "ko", "pt-BR"};
    const struct choice choices[] = {
        {"*", "en"},
        {"*;q=0.1", "en"},
        {"en;q=0,*", "ko"},
        {"*,en;q=0", "ko"},
        {"*, en;q=0, ko;q=0.0", "pt-BR"},
        {"ko;q=0", "en"},
        {"ko-KR,ko;q=0", "en"},
        {"ko-KR;q=0,ko", "ko"},
        {"pt;q=0,pt-BR", "pt-BR"},
        {"pt-BR;q=0,pt", "en"},
        {"*;q=0", "en"},
        {"en;q=0", "en"},
        {"en;q=0,ko;q=0,pt;q=0,*", "en"},
        {"*, ko;q=0.5", "en"},
        {"fr, *;q=0.5, ko;q=0.4", "en"},
    };
    check(tags, COUNT(tags), choices, COUNT(choices));
}

static void garbage_asks_for_nothing(void **state) {
    (void)state;
    const char *tags[] = {"en", "ko"};
    const struct choice choices[] = {
        {"", "en"},           {",", "en"},
        {", ,,ko,,", "ko"},   {";q=1", "en"},
        {"ko;q=2", "en"},     {"ko;q=-1", "en"},
        {"ko;q=", "en"},      {"ko;q=0.1234", "en"},
        {"ko;q=.5", "en"},    {"ko;q=1.1", "en"},
        {"ko;q=0,5", "en"},   {"ko q=1", "en"},
        {"ko_KR", "en"},      {"ko-", "en"},
        {"\"ko\"", "en"},     {"k", "en"},
        {"**", "en"},         {"ko-*", "en"},
        {"../ko", "en"},      {"ko/../../etc/passwd", "en"},
        {"kokokokoko", "en"}, {"ko;Q=0.5", "ko"},
        {"ko;;q=0.5;", "ko"}, {"\xED\x95\x9C, ko", "ko"},
    };
    check(tags, COUNT(tags), choices, COUNT(choices));
    assert_string_equal(language_choose(NULL, tags, 2), "en");
    assert_string_equal(language_choose("en", tags + 1, 1), "ko");
}

static void a_field_is_not_read_without_end(void **state) {
    const char *tags[] = {"en", "ko"};
    struct buffer field;
    buffer_open(*state, &field);
    for (int i = 1; i < LANGUAGE_RANGES_LIMIT; i++)
        buffer_add_text(&field, "fr,");
    const char *last = arena_format(*state, "%sko", field.bytes);
    const char *behind = arena_format(*state, "%sde,ko", field.bytes);
    assert_string_equal(language_choose(last, tags, 2), "ko");
    assert_string_equal(language_choose(behind, tags, 2), "en");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(tags_have_a_form),
        unit_test(what_is_wanted_most_is_chosen),
        unit_test(what_is_refused_is_not_chosen),
        unit_test(garbage_asks_for_nothing),
        unit_test(a_field_is_not_read_without_end),
    };
    return cmocka_run_group_tests_name("language", tests, NULL, NULL);
}

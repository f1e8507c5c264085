/* format/idna: names in all scripts in the one form that can be compared, and what is no name at all. */
#include "unit.h"

#include "base/text.h"
#include "format/idna.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* RFC 3492 7.1 (A, B, E, G, I), and names in use. */
static void names_in_other_scripts_become_those_of_the_dns(void **state) {
    static const struct {
        const char *name;
        const char *ascii;
    } names[] = {
        {"ليهمابتكلموشعربي؟", "xn--egbpdaj6bu4bxfgehfvwxn"},
        {"他们为什么不说中文", "xn--ihqwcrb4cv8a8dqg056pqjye"},
        {"למההםפשוטלאמדבריםעברית", "xn--4dbcagdahymbxekheh6e0a7fei0b"},
        {"なぜみんな日本語を話してくれないのか", "xn--n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"},
        {"почемужеонинеговорятпорусски", "xn--b1abfaaepdrnnbgefbadotcwatmq2g4l"},
        {"bücher.example", "xn--bcher-kva.example"},
        {"mail.münchen-ost.example", "mail.xn--mnchen-ost-9db.example"},
        {"ñandú.example", "xn--and-6ma2c.example"},
        {"한국.kr", "xn--3e0b707e.kr"},
        {"faß.example", "xn--fa-hia.example"},
        {"δοκιμή", "xn--jxalpdlp"},
        {"\xF0\x9F\xA6\x8A.example", "xn--9s9h.example"},
    };
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(idna_to_ascii(*state, names[i].name), names[i].ascii);
}

static void plain_names_stay_as_they_are(void **state) {
    static const char *const names[] = {
        "example.org",   "a",        "a.b.c",        "xn--bcher-kva.example",
        "1and1.example", "3com.com", "a--b.example", "localhost"};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_string_equal(idna_to_ascii(*state, names[i]), names[i]);
}

static void capitals_are_small_letters(void **state) {
    static const char *const pairs[][2] = {
        {"EXAMPLE.Org", "example.org"},
        {"BÜCHER.example", "bücher.example"},
        {"XN--BCHER-KVA.example", "bücher.example"},
        {"ÀÖØÞ", "àöøþ"},
        {"ĀĮĲĶĹŇŊŶŹŽ", "āįĳķĺňŋŷźž"},
        {"ΆΈΉΊΌΎΏΑΡΣΫ", "άέήίόύώαρσϋ"},
        {"ЀЏАЯѠҀҊҾӐԮ", "ѐџаяѡҁҋҿӑԯ"},
        {"ԱՖ", "աֆ"},
        {"\xC3\x97", "\xC3\x97"},
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_string_equal(idna_to_ascii(*state, pairs[i][0]), idna_to_ascii(*state, pairs[i][1]));
}

/* What looks alike is not the same. */
static void others_are_other_names(void **state) {
    static const char *const pairs[][2] = {
        {"example.org", "\xD0\xB5xample.org"}, /* a Cyrillic e */
        {"bücher.example", "bucher.example"},
        {"bücher.example", "bu\xCC\x88"
                           "cher.example"},
        {"faß.example", "fass.example"},
        {"xn--bcher-kva.example", "bcher-kva.example"},
        {"\xC4\xB1", "i"},
    };
    for (size_t i = 0; i < COUNT(pairs); i++)
        assert_false(
            text_equal(idna_to_ascii(*state, pairs[i][0]), idna_to_ascii(*state, pairs[i][1])));
}

static void what_is_no_name_is_refused(void **state) {
    static const char *const names[] = {
        "",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a",
        "a-",
        "a.-b.c",
        "a b",
        "a_b.example",
        "a/b",
        "a:1",
        "[::1]",
        "a@b",
        "a\tb",
        "ü-",
        "-ü",
        "ü.",
        "a\xE3\x80\x82"
        "b", /* an ideographic full stop */
        "a\xEF\xBC\x8E"
        "b", /* a fullwidth one */
        "a\xEF\xBD\xA1"
        "b",
        "a\xE2\x80\xA4"
        "b",
        "\xEF\xBC\xA0",
        "a\xE2\x80\x8B"
        "b",
        "a\xC2\xAD"
        "b",
        "a\xC2\xA0"
        "b",
        "\xEF\xBD\x81",
        "a\xE2\x81\x84"
        "b",
        "\xC3",
        "\xED\xA0\x80",
        "a\x7F"
        "b",
    };
    for (size_t i = 0; i < COUNT(names); i++)
        assert_null(idna_to_ascii(*state, names[i]));
}

static void labels_and_names_have_their_lengths(void **state) {
    char label[80];
    memset(label, 'a', sizeof(label));
    assert_non_null(idna_to_ascii(*state, arena_format(*state, "%.63s.example", label)));
    assert_null(idna_to_ascii(*state, arena_format(*state, "%.64s.example", label)));
    /* "xn--" + 50 + "-" and what the last letter takes */
    assert_non_null(idna_to_ascii(*state, arena_format(*state, "%.50sü", label)));
    assert_null(idna_to_ascii(*state, arena_format(*state, "%.60sü", label)));
    const char *long_name =
        arena_format(*state, "%.63s.%.63s.%.63s.%.61s", label, label, label, label);
    assert_int_equal(strlen(long_name), 253);
    assert_non_null(idna_to_ascii(*state, long_name));
    assert_null(idna_to_ascii(*state, arena_format(*state, "%sa", long_name)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(names_in_other_scripts_become_those_of_the_dns),
        unit_test(plain_names_stay_as_they_are),
        unit_test(capitals_are_small_letters),
        unit_test(others_are_other_names),
        unit_test(what_is_no_name_is_refused),
        unit_test(labels_and_names_have_their_lengths),
    };
    return cmocka_run_group_tests_name("idna", tests, NULL, NULL);
}

/* format/email_address: what may pass for an address, and when two are the same. */
#include "unit.h"

#include "format/email_address.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void addresses_are_addresses(void **state) {
    static const char *const addresses[] = {
        "ada@example.org",           "a@b",
        "o'neil+tag@example.org",    "a.b.c_d-e@mail.sub.example.org",
        "\xED\x95\x98@한국.kr",      "ADA@EXAMPLE.ORG",
        "ada@xn--bcher-kva.example", "user%host!x@example.org",
        "ünïcödé@bücher.example",    "1@1and1.example",
    };
    for (size_t i = 0; i < COUNT(addresses); i++)
        assert_true(email_address_is_valid(*state, addresses[i]));
}

static void what_is_none_is_none(void **state) {
    static const char *const texts[] = {
        NULL,
        "",
        "@",
        "ada",
        "ada@",
        "@example.org",
        "ada@@example.org",
        "a@b@example.org",
        "ada@victim.example@evil.example",
        " ada@example.org",
        "ada@example.org ",
        "ada @example.org",
        "ada@exa mple.org",
        "\"ada\"@example.org",
        "Ada <ada@example.org>",
        "ada@example.org,eve@example.org",
        "ada;eve@example.org",
        "ada(x)@example.org",
        "mailto:ada@example.org",
        "ada\\@example.org",
        "ada\t@example.org",
        "ada@example.org\nBcc: x",
        "ada\r@example.org",
        "ada\x7F@example.org",
        "ada\xEF\xBC\xA0victim.example@evil.example", /* a fullwidth @ */
        "ada\xEF\xB9\xAB"
        "victim.example@evil.example", /* a small @ */
        "ada@victim.example\xEF\xBC\xA0"
        "evil.example",
        "ada\xEF\xBC\xA0"
        "example.org",
        "ad\xE2\x80\x8B"
        "a@example.org",
        "ad\xE2\x81\xA0"
        "a@example.org", /* not to be seen */
        "\xEF\xBB\xBF"
        "ada@example.org",
        "ad\xC2\xAD"
        "a@example.org",
        "ada@exam\xE2\x80\x8Bple.org",
        "ada@exam\xC2\xADple.org",
        "ada\xE2\x80\xAE@example.org",
        "ada\xC2\xA0@example.org",
        "ada@.example.org",
        "ada@example.org.",
        "ada@example..org",
        "ada@-example.org",
        "ada@example-.org",
        "ada@[192.0.2.1]",
        "ada@exam_ple.org",
        "ada@example.org/x",
        "ada@example.org:25",
        "ada@example\xE3\x80\x82org", /* an ideographic full stop */
        "ada@\xEF\xBD\x85xample.org",
        "\xFF@example.org",
        "ada@example.\xC3",
    };
    for (size_t i = 0; i < COUNT(texts); i++)
        assert_false(email_address_is_valid(*state, texts[i]));
}

static void an_address_has_its_length(void **state) {
    char local[EMAIL_ADDRESS_LIMIT];
    memset(local, 'a', sizeof(local));
    const char *longest = arena_format(*state, "%.242s@example.org", local);
    assert_int_equal(strlen(longest), EMAIL_ADDRESS_LIMIT);
    assert_true(email_address_is_valid(*state, longest));
    assert_false(email_address_is_valid(*state, arena_format(*state, "a%s", longest)));
}

static void the_domain_is_compared_as_names_are(void **state) {
    static const char *const pairs[][2] = {
        {"ada@example.org", "ada@example.org"},
        {"ada@example.org", "ada@EXAMPLE.Org"},
        {"ada@bücher.example", "ada@xn--bcher-kva.example"},
        {"ada@BÜCHER.example", "ada@XN--bcher-KVA.Example"},
        {"Ada@example.org", "Ada@eXample.org"},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_true(email_address_equal(*state, pairs[i][0], pairs[i][1]));
        assert_true(email_address_equal(*state, pairs[i][1], pairs[i][0]));
    }
}

static void all_else_is_another_address(void **state) {
    static const char *const pairs[][2] = {
        {"ada@example.org", "Ada@example.org"},
        {"ada@example.org", "ada@example.or"},
        {"ada@example.org", "ada@example.organ"},
        {"ada@example.org", "ada@sub.example.org"},
        {"ada@example.org", "xada@example.org"},
        {"ada@example.org", "da@example.org"},
        {"ada@example.org", "ada+x@example.org"},
        {"a.da@example.org", "ada@example.org"},
        {"ada@example.org", "ada@\xD0\xB5xample.org"},
        {"ada@b", "ada@"
                  "bb"},
        {"\xC3\xA4@example.org", "a\xCC\x88@example.org"},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_false(email_address_equal(*state, pairs[i][0], pairs[i][1]));
        assert_false(email_address_equal(*state, pairs[i][1], pairs[i][0]));
    }
}

static void a_domain_is_one_of_a_list_whole(void **state) {
    static const char list[] = "example.org  Bücher.example corp.example";
    assert_true(email_address_is_in(*state, "ada@example.org", list));
    assert_true(email_address_is_in(*state, "ada@Example.ORG", list));
    assert_true(email_address_is_in(*state, "ada@xn--bcher-kva.example", list));
    assert_true(email_address_is_in(*state, "ada@corp.example", list));
    static const char *const outside[] = {
        "ada@mail.example.org",
        "ada@example.org.evil.example",
        "ada@evil-example.org",
        "ada@example",
        "ada@org",
        "example.org@evil.example",
        "ada@rp.example",
    };
    for (size_t i = 0; i < COUNT(outside); i++)
        assert_false(email_address_is_in(*state, outside[i], list));
    assert_false(email_address_is_in(*state, "ada@example.org", NULL));
    assert_false(email_address_is_in(*state, "ada@example.org", ""));
    /* A word that is no domain is nobody's. */
    assert_false(email_address_is_in(*state, "ada@example.org", "@example.org .example.org *"));
}

static void an_address_is_one_of_a_list(void **state) {
    static const char list[] = "ada@example.org grace@BÜCHER.example";
    assert_true(email_address_is_among(*state, "ada@EXAMPLE.org", list));
    assert_true(email_address_is_among(*state, "grace@xn--bcher-kva.example", list));
    assert_false(email_address_is_among(*state, "Ada@example.org", list));
    assert_false(email_address_is_among(*state, "eve@example.org", list));
    assert_false(email_address_is_among(*state, "ada@example.org", NULL));
}

static void settings_are_judged_word_by_word(void **state) {
    assert_true(email_address_are_domains(*state, "example.org bücher.example"));
    assert_false(email_address_are_domains(*state, "example.org localhost"));
    assert_false(email_address_are_domains(*state, "example.org @example.com"));
    assert_false(email_address_are_domains(*state, "*.example.org"));
    assert_false(email_address_are_domains(*state, "example.org, example.com"));
    assert_true(email_address_are_valid(*state, "ada@example.org eve@example.org"));
    assert_false(email_address_are_valid(*state, "ada@example.org eve"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(addresses_are_addresses),     unit_test(what_is_none_is_none),
        unit_test(an_address_has_its_length),   unit_test(the_domain_is_compared_as_names_are),
        unit_test(all_else_is_another_address), unit_test(a_domain_is_one_of_a_list_whole),
        unit_test(an_address_is_one_of_a_list), unit_test(settings_are_judged_word_by_word),
    };
    return cmocka_run_group_tests_name("email_address", tests, NULL, NULL);
}

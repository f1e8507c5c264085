/* oauth/person: what strangers say of themselves, cleaned, or left out. */
#include "fixture.h"

#include "oauth/person.h"

#define SUB "{\"sub\":\"x\"}"

static struct person read_both(struct fixture *fixture, const char *id_token,
                               const char *userinfo) {
    struct person person;
    person_from_claims(fixture->arena, &fixture->provider, fixture_json(fixture, id_token),
                       userinfo == NULL ? NULL : fixture_json(fixture, userinfo), &person);
    assert_int_equal(fixture->arena->error.rule, ERROR_NONE);
    return person;
}

static void assert_text(const char *text, const char *expected, const char *of) {
    if ((text == NULL) != (expected == NULL) || (text != NULL && strcmp(text, expected) != 0))
        fail_msg("%s: %s, not %s", of, text == NULL ? "none" : text,
                 expected == NULL ? "none" : expected);
}

static void issuer_and_subject_are_the_providers(void **state) {
    struct fixture *fixture = *state;
    struct person person = read_both(fixture, "{\"iss\":\"https://evil.example\",\"sub\":\"a|b\"}",
                                     "{\"sub\":\"other\",\"issuer\":\"x\"}");
    assert_string_equal(person.issuer, FIXTURE_ISSUER);
    assert_string_equal(person.subject, "a|b");
}

static void nothing_but_a_subject_is_enough(void **state) {
    struct person person = read_both(*state, SUB, NULL);
    assert_null(person.name);
    assert_null(person.email);
    assert_false(person.email_verified);
    assert_null(person.picture);
    assert_null(person.locale);
}

struct text_case {
    const char *claims;
    const char *expected;
};

static void names_are_cleaned(void **state) {
    static const struct text_case cases[] = {
        {"{\"name\":\"Ada Lovelace\"}", "Ada Lovelace"},
        {"{\"name\":\"  Ada \\t\\n Lovelace \"}", "Ada Lovelace"},
        {"{\"name\":\"\xEA\xB9\x80\xED\x95\x98\xEB\x8A\x98\"}",
         "\xEA\xB9\x80\xED\x95\x98\xEB\x8A\x98"},
        {"{\"name\":\"\xF0\x9F\xA6\x8A\"}", "\xF0\x9F\xA6\x8A"},
        {"{\"name\":\"\\ud83e\\udd8a\"}", "\xF0\x9F\xA6\x8A"},
        {"{\"name\":\"Ada\\u202Enimda\"}", "Adanimda"},
        {"{\"name\":\"\\u2066\\u2069Ada\\u200F\"}", "Ada"},
        {"{\"name\":\"Ada\\u0007\\u001b[31m\"}", "Ada[31m"},
        {"{\"name\":\"Ada\\u0085\\u2028Lovelace\"}", "Ada Lovelace"},
        {"{\"name\":\"<script>alert(1)</script>\"}", "<script>alert(1)</script>"},
        {"{\"name\":\"\"}", NULL},
        {"{\"name\":\" \\t \"}", NULL},
        {"{\"name\":\"\\u202E\\u200F\"}", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_both(fixture, SUB, cases[i].claims).name, cases[i].expected,
                    cases[i].claims);
}

static void a_name_is_put_together_from_what_there_is(void **state) {
    static const struct text_case cases[] = {
        {"{\"given_name\":\"Ada\"}", "Ada"},
        {"{\"family_name\":\"Lovelace\"}", "Lovelace"},
        {"{\"given_name\":\"Ada\",\"family_name\":\"Lovelace\"}", "Ada Lovelace"},
        {"{\"name\":\"\",\"given_name\":\"Ada\"}", "Ada"},
        {"{\"name\":null,\"nickname\":\"ada\"}", "ada"},
        {"{\"preferred_username\":\"ada1815\"}", "ada1815"},
        {"{\"nickname\":\"ada\",\"preferred_username\":\"ada1815\"}", "ada"},
        {"{\"given_name\":\"\\u202E\",\"family_name\":\"Lovelace\"}", "Lovelace"},
        {"{\"name\":7}", NULL},
        {"{\"name\":[\"Ada\"]}", NULL},
        {"{\"name\":{\"first\":\"Ada\"}}", NULL},
        {"{\"name\":true}", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_both(fixture, SUB, cases[i].claims).name, cases[i].expected,
                    cases[i].claims);
}

static void a_long_name_is_cut(void **state) {
    struct fixture *fixture = *state;
    char name[401];
    memset(name, 'x', sizeof(name) - 1);
    name[400] = '\0';
    struct person person =
        read_both(fixture, SUB, arena_format(fixture->arena, "{\"name\":\"%s\"}", name));
    assert_int_equal(strlen(person.name), PERSON_NAME_LIMIT - 1 + strlen("\xE2\x80\xA6"));
}

static void an_address_looks_like_one(void **state) {
    static const struct text_case cases[] = {
        {"{\"email\":\"ada@example.org\"}", "ada@example.org"},
        {"{\"email\":\"a+b.c_d-e@sub.example.org\"}", "a+b.c_d-e@sub.example.org"},
        {"{\"email\":\"o'neil@example.org\"}", "o'neil@example.org"},
        {"{\"email\":\"ada@localhost\"}", "ada@localhost"},
        {"{\"email\":\"\xED\x95\x98@\xED\x95\x9C\xEA\xB5\xAD.kr\"}",
         "\xED\x95\x98@\xED\x95\x9C\xEA\xB5\xAD.kr"},
        {"{\"email\":\"ada\"}", NULL},
        {"{\"email\":\"\"}", NULL},
        {"{\"email\":\"@\"}", NULL},
        {"{\"email\":\"@example.org\"}", NULL},
        {"{\"email\":\"ada@\"}", NULL},
        {"{\"email\":\"ada@victim.example@evil.example\"}", NULL},
        {"{\"email\":\"ada@@example.org\"}", NULL},
        {"{\"email\":\"ada lovelace@example.org\"}", NULL},
        {"{\"email\":\" ada@example.org\"}", NULL},
        {"{\"email\":\"ada@example.org \"}", NULL},
        {"{\"email\":\"ada\\t@example.org\"}", NULL},
        {"{\"email\":\"ada@example.org\\r\\nBcc: all@example.org\"}", NULL},
        {"{\"email\":\"Ada <ada@example.org>\"}", NULL},
        {"{\"email\":\"ada@example.org,eve@example.org\"}", NULL},
        {"{\"email\":\"ada;eve@example.org\"}", NULL},
        {"{\"email\":\"\\\"ada\\\"@example.org\"}", NULL},
        {"{\"email\":\"ada(comment)@example.org\"}", NULL},
        {"{\"email\":\"mailto:ada@example.org\"}", NULL},
        {"{\"email\":\"ada\\\\@example.org\"}", NULL},
        {"{\"email\":\"ada\xEF\xBC\xA0victim.example@evil.example\"}", NULL}, /* fullwidth @ */
        {"{\"email\":\"ada\xEF\xBC\xA0"
         "example.org\"}",
         NULL},
        {"{\"email\":\"ada\xEF\xB9\xAB"
         "b@example.org\"}",
         NULL},                                           /* small @ */
        {"{\"email\":\"ad\\u200ba@example.org\"}", NULL}, /* zero width space */
        {"{\"email\":\"ad\\u2060a@example.org\"}", NULL},
        {"{\"email\":\"\\ufeffada@example.org\"}", NULL},
        {"{\"email\":\"ad\\u00ada@example.org\"}", NULL}, /* soft hyphen */
        {"{\"email\":\"ada\\u202e@example.org\"}", NULL},
        {"{\"email\":\"ada\\u3000@example.org\"}", NULL},
        {"{\"email\":\"ada\\u00a0@example.org\"}", NULL},
        {"{\"email\":\"ada@example.org\\u007f\"}", NULL},
        {"{\"email\":7}", NULL},
        {"{\"email\":[\"ada@example.org\"]}", NULL},
        {"{\"email\":null}", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_both(fixture, SUB, cases[i].claims).email, cases[i].expected,
                    cases[i].claims);
}

static void an_address_has_at_most_254_bytes(void **state) {
    struct fixture *fixture = *state;
    char local[260];
    memset(local, 'x', sizeof(local));
    const char *longest = arena_format(fixture->arena, "{\"email\":\"%.242s@example.org\"}", local);
    const char *too_long =
        arena_format(fixture->arena, "{\"email\":\"%.243s@example.org\"}", local);
    assert_int_equal(strlen(read_both(fixture, SUB, longest).email), 254);
    assert_null(read_both(fixture, SUB, too_long).email);
}

static void an_address_is_verified_only_where_the_provider_says_so(void **state) {
    static const struct {
        const char *claims;
        bool verified;
    } cases[] = {
        {"{\"email\":\"a@b\",\"email_verified\":true}", true},
        {"{\"email\":\"a@b\",\"email_verified\":\"true\"}", true},
        {"{\"email\":\"a@b\",\"email_verified\":\"True\"}", false},
        {"{\"email\":\"a@b\",\"email_verified\":\"yes\"}", false},
        {"{\"email\":\"a@b\",\"email_verified\":\"false\"}", false},
        {"{\"email\":\"a@b\",\"email_verified\":\"1\"}", false},
        {"{\"email\":\"a@b\",\"email_verified\":1}", false},
        {"{\"email\":\"a@b\",\"email_verified\":false}", false},
        {"{\"email\":\"a@b\",\"email_verified\":null}", false},
        {"{\"email\":\"a@b\",\"email_verified\":[true]}", false},
        {"{\"email\":\"a@b\",\"email_verified\":{}}", false},
        {"{\"email\":\"a@b\"}", false},
        {"{\"email\":\"not one\",\"email_verified\":true}", false},
        {"{\"email_verified\":true}", false},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        if (read_both(fixture, cases[i].claims, NULL).email_verified != cases[i].verified)
            fail_msg("%s", cases[i].claims);
    fixture->provider.email_trust = EMAIL_TRUST_NEVER;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_false(read_both(fixture, cases[i].claims, NULL).email_verified);
}

/* "verified" of one address must never vouch for another. */
static void address_and_verified_come_from_the_same_place(void **state) {
    static const struct {
        const char *id_token;
        const char *userinfo;
        const char *email;
        bool verified;
    } cases[] = {
        {"{\"email\":\"a@b\",\"email_verified\":true}", "{\"email\":\"x@y\"}", "x@y", false},
        {"{\"email\":\"a@b\",\"email_verified\":true}",
         "{\"email\":\"x@y\",\"email_verified\":false}", "x@y", false},
        {"{\"email\":\"a@b\",\"email_verified\":false}",
         "{\"email\":\"x@y\",\"email_verified\":true}", "x@y", true},
        {"{\"email\":\"a@b\"}", "{\"email_verified\":true}", "a@b", false},
        {"{\"email\":\"a@b\",\"email_verified\":true}", "{\"email_verified\":false}", "a@b", true},
        {"{\"email_verified\":true}", "{\"email\":\"x@y\"}", "x@y", false},
        {"{\"email\":\"a@b\"}", "{\"email\":null,\"email_verified\":true}", "a@b", false},
        {"{\"email\":\"a@b\",\"email_verified\":true}", "{\"email\":null,\"email_verified\":false}",
         "a@b", true},
        {"{\"email\":\"a@b\",\"email_verified\":true}", "{\"email\":\"not one\"}", NULL, false},
        {"{\"email\":\"a@b\",\"email_verified\":true}", "{\"email\":7}", NULL, false},
        {"{\"email\":\"a@b\",\"email_verified\":true}", "{}", "a@b", true},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct person person = read_both(fixture, cases[i].id_token, cases[i].userinfo);
        assert_text(person.email, cases[i].email, cases[i].userinfo);
        if (person.email_verified != cases[i].verified)
            fail_msg("%s and %s", cases[i].id_token, cases[i].userinfo);
    }
}

static void userinfo_goes_before_the_id_token(void **state) {
    struct person person = read_both(*state, "{\"name\":\"Old\",\"locale\":\"ko\"}",
                                     "{\"name\":\"New\",\"locale\":null}");
    assert_string_equal(person.name, "New");
    assert_string_equal(person.locale, "ko");
}

static void a_picture_is_an_https_address(void **state) {
    static const struct text_case cases[] = {
        {"{\"picture\":\"https://op.example/a.png?s=96#\"}", NULL}, /* even an empty fragment */
        {"{\"picture\":\"https://op.example/a.png?s=96\"}", "https://op.example/a.png?s=96"},
        {"{\"picture\":\"http://localhost:8081/a.png\"}", "http://localhost:8081/a.png"},
        {"{\"picture\":\"http://op.example/a.png\"}", NULL},
        {"{\"picture\":\"javascript:alert(1)\"}", NULL},
        {"{\"picture\":\"JaVaScRiPt:alert(1)\"}", NULL},
        {"{\"picture\":\"javascript://op.example/%0aalert(1)\"}", NULL},
        {"{\"picture\":\"data:image/svg+xml,<svg onload=alert(1)>\"}", NULL},
        {"{\"picture\":\"data://op.example/x\"}", NULL},
        {"{\"picture\":\"//op.example/a.png\"}", NULL},
        {"{\"picture\":\"/a.png\"}", NULL},
        {"{\"picture\":\"https:op.example\"}", NULL},
        {"{\"picture\":\"https://user:pass@op.example/a.png\"}", NULL},
        {"{\"picture\":\"https://op.example/a b.png\"}", NULL},
        {"{\"picture\":\"https://op.example/\\\"onerror=x\"}", NULL},
        {"{\"picture\":\"https://op.example/\\n\"}", NULL},
        {"{\"picture\":\"ftp://op.example/a.png\"}", NULL},
        {"{\"picture\":\"\"}", NULL},
        {"{\"picture\":{\"url\":\"https://op.example/a.png\"}}", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_both(fixture, SUB, cases[i].claims).picture, cases[i].expected,
                    cases[i].claims);
}

static void a_picture_has_at_most_2048_bytes(void **state) {
    struct fixture *fixture = *state;
    char path[2100];
    memset(path, 'x', sizeof(path));
    const char *format = "{\"picture\":\"https://op.example/%.*s\"}";
    assert_non_null(
        read_both(fixture, SUB, arena_format(fixture->arena, format, 2048 - 19, path)).picture);
    assert_null(
        read_both(fixture, SUB, arena_format(fixture->arena, format, 2049 - 19, path)).picture);
}

static void a_locale_is_a_language_tag(void **state) {
    static const struct text_case cases[] = {
        {"{\"locale\":\"en\"}", "en"},
        {"{\"locale\":\"en-GB\"}", "en-GB"},
        {"{\"locale\":\"zh-Hant-TW\"}", "zh-Hant-TW"},
        {"{\"locale\":\"en_US\"}", "en_US"}, /* as Core 5.1 expects of some */
        {"{\"locale\":\"\"}", NULL},
        {"{\"locale\":\"en GB\"}", NULL},
        {"{\"locale\":\"en\\\"><x\"}", NULL},
        {"{\"locale\":\"\xED\x95\x9C\"}", NULL},
        {"{\"locale\":\"abcdefgh-abcdefgh-abcdefgh-abcdefgh\"}",
         "abcdefgh-abcdefgh-abcdefgh-abcdefgh"},
        {"{\"locale\":\"abcdefgh-abcdefgh-abcdefgh-abcdefghi\"}", NULL},
        {"{\"locale\":{\"country\":\"US\"}}", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_both(fixture, SUB, cases[i].claims).locale, cases[i].expected,
                    cases[i].claims);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(issuer_and_subject_are_the_providers),
        fixture_test(nothing_but_a_subject_is_enough),
        fixture_test(names_are_cleaned),
        fixture_test(a_name_is_put_together_from_what_there_is),
        fixture_test(a_long_name_is_cut),
        fixture_test(an_address_looks_like_one),
        fixture_test(an_address_has_at_most_254_bytes),
        fixture_test(an_address_is_verified_only_where_the_provider_says_so),
        fixture_test(address_and_verified_come_from_the_same_place),
        fixture_test(userinfo_goes_before_the_id_token),
        fixture_test(a_picture_is_an_https_address),
        fixture_test(a_picture_has_at_most_2048_bytes),
        fixture_test(a_locale_is_a_language_tag),
    };
    return cmocka_run_group_tests_name("person", tests, NULL, NULL);
}

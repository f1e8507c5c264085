/* oauth/person: what strangers say of themselves, cleaned, or left out. */
#include "fixture.h"

#include "oauth/person.h"

#define SUB "{\"sub\":\"x\"}"

static struct person read_all(struct fixture *fixture, const struct mapping_sources *sources) {
    struct person person;
    assert_works(fixture->arena, person_read(fixture->arena, &fixture->provider,
                                             fixture->provider.identity_issuer, sources, &person));
    assert_int_equal(fixture->arena->error.rule, ERROR_NONE);
    return person;
}

/* Of an id_token, which gets a sub if it has none, and a UserInfo answer (NULL: none). */
static struct person read_both(struct fixture *fixture, const char *id_token,
                               const char *userinfo) {
    struct json *claims = fixture_json(fixture, id_token);
    if (json_member(claims, "sub") == NULL)
        json_put_string(fixture->arena, claims, "sub", "x");
    return read_all(fixture,
                    &(struct mapping_sources){
                        .of = {[MAPPING_ID_TOKEN] = claims,
                               [MAPPING_USERINFO] =
                                   userinfo == NULL ? NULL : fixture_json(fixture, userinfo)}});
}

/* An object whose members are the sources, by name. */
static struct mapping_sources sources_of(struct fixture *fixture, const char *text) {
    const struct json *all = fixture_json(fixture, text);
    return (struct mapping_sources){.of = {
                                        [MAPPING_ID_TOKEN] = json_member(all, "id_token"),
                                        [MAPPING_TOKEN] = json_member(all, "token"),
                                        [MAPPING_USERINFO] = json_member(all, "userinfo"),
                                        [MAPPING_USERINFO2] = json_member(all, "userinfo2"),
                                        [MAPPING_CALLBACK] = json_member(all, "callback"),
                                        [MAPPING_VARIABLE] = json_member(all, "variable"),
                                    }};
}

static struct person read_sources(struct fixture *fixture, const char *text) {
    const struct mapping_sources sources = sources_of(fixture, text);
    return read_all(fixture, &sources);
}

/* A plain OAuth 2.0 provider, whose profile says who it is. */
static struct provider *profile_provider(struct fixture *fixture) {
    fixture->provider.protocol = PROTOCOL_OAUTH2;
    fixture->provider.claim_sub = "id";
    return &fixture->provider;
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
        {"{\"name\":7.5}", NULL},
        {"{\"name\":7}", "7"},
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
        {"{\"email\":\"a@b\",\"email_verified\":\"1\"}", true},
        {"{\"email\":\"a@b\",\"email_verified\":1}", true},
        {"{\"email\":\"a@b\",\"email_verified\":1.0}", false},
        {"{\"email\":\"a@b\",\"email_verified\":2}", false},
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
        {"{\"locale\":7}", NULL},
        {"{\"locale\":\"-en\"}", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_both(fixture, SUB, cases[i].claims).locale, cases[i].expected,
                    cases[i].claims);
}

/* ---- the subject ----------------------------------------------------------------------------- */

static void a_subject_is_a_string_or_an_integer_as_written(void **state) {
    static const struct text_case cases[] = {
        {"\"583231\"", "583231"},
        {"583231", "583231"},
        {"0", "0"},
        {"9007199254740993", "9007199254740993"}, /* 2^53 + 1: a double would make it ...992 */
        {"18446744073709551617", "18446744073709551617"}, /* 2^64 + 1 */
        {"\"amzn1.account.AB12\"", "amzn1.account.AB12"},
        {"\"{f9f5cb34-0d4e-4a1c-8e9b-1c2d3e4f5a6b}\"", "{f9f5cb34-0d4e-4a1c-8e9b-1c2d3e4f5a6b}"},
        {"\"https://login.example/id/00D/005\"", "https://login.example/id/00D/005"},
    };
    struct fixture *fixture = *state;
    profile_provider(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_sources(fixture, arena_format(fixture->arena, "{\"userinfo\":{\"id\":%s}}",
                                                       cases[i].claims))
                        .subject,
                    cases[i].expected, cases[i].claims);
}

static void assert_nobody(struct fixture *fixture, const char *text) {
    const struct mapping_sources sources = sources_of(fixture, text);
    struct person person;
    if (person_read(fixture->arena, &fixture->provider, FIXTURE_ISSUER, &sources, &person) == 0)
        fail_msg("%.80s: %s", text, person.subject);
    assert_null(person.subject);
    assert_int_equal(fixture->arena->error.rule, ERROR_SUBJECT);
    fixture->arena->error = (struct error){.rule = ERROR_NONE};
}

static void without_a_usable_subject_it_is_nobody(void **state) {
    static const char *const values[] = {
        "null",
        "true",
        "false",
        "1.0",
        "1.5",
        "1e3",
        "-0",
        "\"\"",
        "[]",
        "{}",
        "[7]",
        "[\"7\"]",
        "{\"id\":7}",
        "1E400",
        "0.0",
        "\"7\\n\"",
        "\"\\u007f\"",
        "\"7\\u0085\"",
        "\"\\u001b[2J\"",
    };
    struct fixture *fixture = *state;
    profile_provider(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(values); i++)
        assert_nobody(fixture,
                      arena_format(fixture->arena, "{\"userinfo\":{\"id\":%s}}", values[i]));
    assert_nobody(fixture, "{\"userinfo\":{\"ID\":7,\"sub\":\"x\"}}");
    assert_nobody(fixture, "{\"userinfo\":[{\"id\":7}]}");
    assert_nobody(fixture, "{\"userinfo\":\"7\"}");
    assert_nobody(fixture, "{}");
}

static void a_subject_has_at_most_255_bytes(void **state) {
    struct fixture *fixture = *state;
    char digits[257];
    memset(digits, '7', sizeof(digits));
    profile_provider(fixture);
    const char *longest = arena_format(fixture->arena, "{\"userinfo\":{\"id\":%.255s}}", digits);
    const char *longer = arena_format(fixture->arena, "{\"userinfo\":{\"id\":%.256s}}", digits);
    assert_int_equal(strlen(read_sources(fixture, longest).subject), 255);
    assert_nobody(fixture, longer);
}

/* What a person or a browser could have written must not say who it is. */
static void a_subject_is_vouched_for(void **state) {
    static const char forged[] = "{\"callback\":{\"id\":\"victim\",\"user\":\"{\\\"id\\\":7}\"},"
                                 "\"variable\":{\"id\":\"all\"},"
                                 "\"userinfo\":{\"name\":\"Eve\"}}";
    struct fixture *fixture = *state;
    struct provider *provider = profile_provider(fixture);
    static const char *const expressions[] = {
        "callback:id",       "callback:user.id",       "variable:id",
        "\"{variable:id}\"", "\"{id}@{variable:id}\"", "id | callback:id"};
    for (size_t i = 0; i < FIXTURE_COUNT(expressions); i++) {
        provider->claim_sub = expressions[i];
        assert_nobody(fixture, forged);
    }
    provider->claim_sub = NULL;
    assert_nobody(fixture, forged);
}

static void of_openid_connect_the_id_token_alone_says_who_it_is(void **state) {
    struct fixture *fixture = *state;
    assert_nobody(fixture, "{\"userinfo\":{\"sub\":\"7\"},\"token\":{\"sub\":\"7\"}}");
    fixture->provider.claim_sub = "userinfo:id | token:id | sub";
    assert_string_equal(read_sources(fixture,
                                     "{\"userinfo\":{\"id\":\"U\",\"sub\":\"U\"},\"token\":"
                                     "{\"id\":\"T\"},\"id_token\":{\"sub\":\"I\"}}")
                            .subject,
                        "I");
    fixture->provider.claim_sub = "\"{'https://slack.com/team_id'}:{'https://slack.com/user_id'}\"";
    assert_string_equal(
        read_sources(fixture,
                     "{\"id_token\":{\"sub\":\"U0123\",\"https://slack.com/team_id\":\"T01\","
                     "\"https://slack.com/user_id\":\"U0123\"}}")
            .subject,
        "T01:U0123");
    assert_nobody(fixture,
                  "{\"id_token\":{\"sub\":\"U0123\",\"https://slack.com/user_id\":\"U0123\"},"
                  "\"userinfo\":{\"https://slack.com/team_id\":\"T01\"}}");
}

static void a_subject_may_be_put_together(void **state) {
    struct fixture *fixture = *state;
    struct provider *provider = profile_provider(fixture);
    provider->claim_sub = "userinfo:unionid | userinfo:openid";
    assert_string_equal(
        read_sources(fixture, "{\"userinfo\":{\"unionid\":\"\",\"openid\":\"1704AABB\"}}").subject,
        "1704AABB");
    provider->claim_sub = "token:owner.user.id";
    assert_string_equal(
        read_sources(fixture, "{\"token\":{\"owner\":{\"user\":{\"id\":\"u-1\"}}}}").subject,
        "u-1");
    provider->claim_sub = "\"{id}@{variable:instance}\"";
    assert_string_equal(read_sources(fixture, "{\"userinfo\":{\"id\":\"14715\"},\"variable\":"
                                              "{\"instance\":\"social.example\"}}")
                            .subject,
                        "14715@social.example");
}

/* ---- by a record's expressions --------------------------------------------------------------- */

static void names_are_read_where_the_record_says(void **state) {
    struct fixture *fixture = *state;
    struct provider *provider = profile_provider(fixture);
    provider->claim_name = "display_name | callback:user.name.firstName";
    provider->claim_preferred_username = "login";
    static const struct text_case cases[] = {
        {"{\"userinfo\":{\"id\":7,\"display_name\":\"Ada\",\"login\":\"ada1815\"}}", "Ada"},
        {"{\"userinfo\":{\"id\":7,\"login\":\"ada1815\"}}", "ada1815"},
        {"{\"userinfo\":{\"id\":7,\"display_name\":\"\\u202E\",\"login\":\"ada1815\"}}", "ada1815"},
        {"{\"userinfo\":{\"id\":7,\"login\":\"l\"},\"callback\":{\"user\":\"{\\\"name\\\":"
         "{\\\"firstName\\\":\\\"Ada\\\"}}\"}}",
         "Ada"},
        /* Not what it did not name. */
        {"{\"userinfo\":{\"id\":7,\"name\":\"x\",\"given_name\":\"y\",\"nickname\":\"z\"}}", NULL},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_sources(fixture, cases[i].claims).name, cases[i].expected,
                    cases[i].claims);
}

static void a_name_of_ten_thousand_bytes_is_cut(void **state) {
    struct fixture *fixture = *state;
    char name[10001];
    memset(name, 'x', sizeof(name) - 1);
    name[10000] = '\0';
    profile_provider(fixture);
    struct person person = read_sources(
        fixture, arena_format(fixture->arena, "{\"userinfo\":{\"id\":7,\"name\":\"%s\"}}", name));
    assert_int_equal(strlen(person.name), PERSON_NAME_LIMIT - 1 + strlen("\xE2\x80\xA6"));
    assert_null(person.dropped[0]);
}

static void an_address_that_the_browser_brought_is_none(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.claim_email = "email | callback:user.email";
    fixture->provider.claim_email_verified = "callback:v";
    fixture->provider.email_trust = EMAIL_TRUST_ALWAYS;
    static const char forged[] =
        "{\"id_token\":{\"sub\":\"x\"},\"callback\":{\"v\":\"true\",\"user\":\"{\\\"email\\\":"
        "\\\"victim@example.org\\\"}\"}}";
    assert_null(read_sources(fixture, forged).email);
    assert_false(read_sources(fixture, forged).email_verified);
    fixture->provider.email_trust = EMAIL_TRUST_CLAIM;
    assert_false(read_sources(fixture, "{\"id_token\":{\"sub\":\"x\",\"email\":\"a@b\"},"
                                       "\"callback\":{\"v\":\"true\"}}")
                     .email_verified);
}

static void an_escaped_picture_is_unescaped(void **state) {
    static const struct text_case cases[] = {
        {"https://i.example/a.png?w=1&amp;h=2&amp;s=3", "https://i.example/a.png?w=1&h=2&s=3"},
        {"https://i.example/a.png?w=1&h=2", "https://i.example/a.png?w=1&h=2"},
        {"https://i.example/a.png?x=&amp;amp;", "https://i.example/a.png?x=&amp;"}, /* once */
        {"https://i.example/a.png&amp;", "https://i.example/a.png&"},
        {"&amp;", NULL},
        {"javascript&amp;:alert(1)", NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_text(read_both(fixture, SUB,
                              arena_format(fixture->arena, "{\"picture\":\"%s\"}", cases[i].claims))
                        .picture,
                    cases[i].expected, cases[i].claims);
}

static void a_picture_may_be_put_together(void **state) {
    struct fixture *fixture = *state;
    struct provider *provider = profile_provider(fixture);
    provider->claim_picture = "\"https://cdn.example/avatars/{id}/{avatar}.png\"";
    assert_text(read_sources(fixture, "{\"userinfo\":{\"id\":7,\"avatar\":\"a1b2\"}}").picture,
                "https://cdn.example/avatars/7/a1b2.png", "both");
    assert_text(read_sources(fixture, "{\"userinfo\":{\"id\":7,\"avatar\":null}}").picture, NULL,
                "no avatar");
    assert_text(
        read_sources(fixture, "{\"userinfo\":{\"id\":7,\"avatar\":\"a\\\" onerror=x\"}}").picture,
        NULL, "a quote");
}

/* ---- what is left out ------------------------------------------------------------------------ */

static void what_is_left_out_is_named(void **state) {
    static const struct text_case cases[] = {
        {"{\"name\":\"Ada\",\"email\":\"a@b\",\"picture\":\"https://op.example/"
         "a\",\"locale\":\"en\"}",
         ""},
        {"{}", ""},
        {"{\"picture\":\"\",\"email\":null}", ""},
        {"{\"picture\":\"javascript:alert(1)\"}", "picture "},
        {"{\"email\":\"Ada <ada@example.org>\"}", "email "},
        {"{\"locale\":\"en GB\"}", "locale "},
        {"{\"name\":\"\\u202E\",\"given_name\":\"\\u202E\",\"nickname\":\"ada\"}", "name "},
        {"{\"name\":\"\\u202E\",\"nickname\":\"\\u0007\",\"preferred_username\":\" "
         "\",\"email\":\"x\","
         "\"picture\":\"x\",\"locale\":\"?\"}",
         "name email picture locale "},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct person person = read_both(fixture, SUB, cases[i].claims);
        struct buffer dropped;
        buffer_open(fixture->arena, &dropped);
        for (const char *const *claim = person.dropped; *claim != NULL; claim++)
            buffer_add_format(&dropped, "%s ", *claim);
        assert_text(dropped.bytes, cases[i].expected, cases[i].claims);
    }
}

/* ---- when an address counts as verified ------------------------------------------------------ */

struct trust_case {
    const char *userinfo;
    bool verified;
};

static void assert_trust(struct fixture *fixture, const struct trust_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct person person = read_both(fixture, SUB, cases[i].userinfo);
        if (person.email_verified != cases[i].verified)
            fail_msg("%s: %s", cases[i].userinfo, person.email == NULL ? "none" : person.email);
    }
}

/* The provider owns these mailboxes; nobody else's look the same to it. */
static const struct trust_case domain_cases[] = {
    {"{\"email\":\"ada@gmail.com\"}", true},
    {"{\"email\":\"ada@GMail.COM\"}", true},
    {"{\"email\":\"ada@googlemail.com\"}", true},
    {"{\"email\":\"ada@gmail.com.evil.org\"}", false},
    {"{\"email\":\"ada@evil-gmail.com\"}", false},
    {"{\"email\":\"ada@sub.gmail.com\"}", false},
    {"{\"email\":\"ada@gmail.co\"}", false},
    {"{\"email\":\"ada@gmail.com.\"}", false},
    {"{\"email\":\"ada@.gmail.com\"}", false},
    {"{\"email\":\"ada@com\"}", false},
    {"{\"email\":\"gmail.com@evil.org\"}", false},
    {"{\"email\":\"ada@gmail.com@evil.org\"}", false},
    {"{\"email\":\"ada@evil.org@gmail.com\"}", false},
    {"{\"email\":\"ada@evil.org,eve@gmail.com\"}", false},
    {"{\"email\":\"ada@evil.org gmail.com\"}", false},
    {"{\"email\":\"ada@\\uff27mail.com\"}", false}, /* fullwidth G */
    {"{\"email\":\"ada@\\uff47mail.com\"}", false},
    {"{\"email\":\"ada@gm\\u0430il.com\"}", false}, /* Cyrillic a */
    {"{\"email\":\"ada@gmai\\u2113.com\"}", false}, /* script l */
    {"{\"email\":\"ada@gmail\\uff0ecom\"}", false}, /* fullwidth full stop */
    {"{\"email\":\"ada@gm\\u200bail.com\"}", false},
    {"{\"email\":\"ada@gm\\u00adail.com\"}", false},
    {"{\"email\":\"eve\\uff20gmail.com\"}", false},
    {"{\"email\":\"eve@evil.org\\uff20gmail.com\"}", false},
    {"{\"email\":\"@gmail.com\"}", false},
    {"{\"email\":[\"ada@gmail.com\"]}", false},
    {"{}", false},
};

static void a_domain_of_the_provider_vouches_for_its_addresses(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.email_trust = EMAIL_TRUST_DOMAINS;
    fixture->provider.email_domains = "gmail.com googlemail.com";
    assert_trust(fixture, domain_cases, FIXTURE_COUNT(domain_cases));
    static const struct trust_case claims[] = {
        {"{\"email\":\"ada@evil.org\",\"email_verified\":true}", false},
        {"{\"email\":\"ada@gmail.com\",\"email_verified\":false}", true},
    };
    assert_trust(fixture, claims, FIXTURE_COUNT(claims));
    fixture->provider.email_domains = NULL;
    assert_trust(fixture, (const struct trust_case[]){{"{\"email\":\"ada@gmail.com\"}", false}}, 1);
}

static void a_claim_may_need_a_domain_or_an_owner_besides(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.email_domains = "gmail.com googlemail.com";
    fixture->provider.email_owner_claim = "hd";
    assert_int_equal(fixture->provider.email_trust, EMAIL_TRUST_CLAIM);
    static const struct trust_case cases[] = {
        {"{\"email\":\"ada@gmail.com\",\"email_verified\":true}", true},
        {"{\"email\":\"ada@GMAIL.com\",\"email_verified\":true}", true},
        {"{\"email\":\"ada@corp.example\",\"email_verified\":true,\"hd\":\"corp.example\"}", true},
        {"{\"email\":\"ada@corp.example\",\"email_verified\":true}", false},
        {"{\"email\":\"ada@corp.example\",\"email_verified\":true,\"hd\":\"\"}", false},
        {"{\"email\":\"ada@corp.example\",\"email_verified\":true,\"hd\":null}", false},
        {"{\"email\":\"ada@corp.example\",\"email_verified\":true,\"hd\":true}", false},
        {"{\"email\":\"ada@corp.example\",\"email_verified\":true,\"hd\":[]}", false},
        {"{\"email\":\"ada@corp.example\",\"email_verified\":false,\"hd\":\"corp.example\"}",
         false},
        {"{\"email\":\"ada@corp.example\",\"hd\":\"corp.example\"}", false},
        {"{\"email\":\"ada@gmail.com\",\"email_verified\":false}", false},
        {"{\"email\":\"ada@gmail.com\"}", false},
        {"{\"email\":\"ada@gmail.com.evil.org\",\"email_verified\":true}", false},
        {"{\"email\":\"ada@\\uff27mail.com\",\"email_verified\":true}", false},
    };
    assert_trust(fixture, cases, FIXTURE_COUNT(cases));

    /* Each of the two alone, too. */
    fixture->provider.email_owner_claim = NULL;
    assert_false(read_both(fixture, SUB, cases[2].userinfo).email_verified);
    assert_true(read_both(fixture, SUB, cases[0].userinfo).email_verified);
    fixture->provider.email_owner_claim = "hd";
    fixture->provider.email_domains = NULL;
    assert_true(read_both(fixture, SUB, cases[2].userinfo).email_verified);
    assert_false(read_both(fixture, SUB, cases[0].userinfo).email_verified);
}

/* nOAuth: who can write an address into one answer must not have it vouched for by another. */
static void owner_and_verified_stand_beside_the_address(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.email_owner_claim = "hd";
    static const struct {
        const char *id_token;
        const char *userinfo;
        bool verified;
    } cases[] = {
        {"{\"email\":\"a@own\",\"email_verified\":true,\"hd\":\"own\"}", "{\"email\":\"v@x\"}",
         false},
        {"{\"hd\":\"own\"}", "{\"email\":\"v@x\",\"email_verified\":true}", false},
        {"{\"email_verified\":true}", "{\"email\":\"v@x\",\"hd\":\"x\"}", false},
        {"{\"email\":\"a@own\"}", "{\"email_verified\":true,\"hd\":\"own\"}", false},
        {"{\"email\":\"a@own\",\"email_verified\":true}", "{\"hd\":\"own\"}", false},
        {"{\"email\":\"a@own\",\"email_verified\":true,\"hd\":\"own\"}",
         "{\"email_verified\":false,\"hd\":\"\"}", true},
        {"{}", "{\"email\":\"a@own\",\"email_verified\":true,\"hd\":\"own\"}", true},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        if (read_both(fixture, cases[i].id_token, cases[i].userinfo).email_verified !=
            cases[i].verified)
            fail_msg("%s and %s", cases[i].id_token, cases[i].userinfo);
}

static void the_list_of_addresses_vouches_for_its_own(void **state) {
    struct fixture *fixture = *state;
    struct provider *provider = profile_provider(fixture);
    provider->claim_email = "userinfo2:[primary=true,verified=true].email";
    provider->claim_email_verified = "userinfo2:[primary=true].verified";
    struct person person = read_sources(
        fixture,
        "{\"userinfo\":{\"id\":583231,\"email\":\"victim@example.org\",\"verified\":true},"
        "\"userinfo2\":[{\"email\":\"old@example.org\",\"primary\":false,\"verified\":true},"
        "{\"email\":\"ada@example.org\",\"primary\":true,\"verified\":true}]}");
    assert_string_equal(person.email, "ada@example.org");
    assert_true(person.email_verified);
    person = read_sources(
        fixture,
        "{\"userinfo\":{\"id\":583231,\"email\":\"victim@example.org\",\"verified\":true},"
        "\"userinfo2\":[{\"email\":\"victim@example.org\",\"primary\":true,\"verified\":false}]}");
    assert_null(person.email);
    assert_false(person.email_verified);

    /* Without a source, "verified" is read where the address came from. */
    provider->claim_email_verified = "verified";
    provider->claim_email = "userinfo2:email";
    assert_false(read_sources(fixture, "{\"userinfo\":{\"id\":7,\"verified\":true},\"userinfo2\":"
                                       "{\"email\":\"v@x\"}}")
                     .email_verified);
    assert_true(read_sources(fixture, "{\"userinfo\":{\"id\":7},\"userinfo2\":{\"email\":\"v@x\","
                                      "\"verified\":true}}")
                    .email_verified);
}

static void two_truths_must_both_hold(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.claim_email = "kakao_account.email";
    fixture->provider.claim_email_verified =
        "kakao_account.is_email_valid & kakao_account.is_email_verified";
    static const struct trust_case cases[] = {
        {"{\"kakao_account\":{\"email\":\"a@b\",\"is_email_valid\":true,\"is_email_verified\":true}"
         "}",
         true},
        {"{\"kakao_account\":{\"email\":\"a@b\",\"is_email_valid\":false,\"is_email_verified\":"
         "true}}",
         false},
        {"{\"kakao_account\":{\"email\":\"a@b\",\"is_email_valid\":true,\"is_email_verified\":"
         "false}}",
         false},
        {"{\"kakao_account\":{\"email\":\"a@b\",\"is_email_valid\":true}}", false},
        {"{\"kakao_account\":{\"email\":\"a@b\"},\"email_verified\":true}", false},
    };
    assert_trust(fixture, cases, FIXTURE_COUNT(cases));
}

static void an_address_of_two_sources_is_nobodys(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.claim_email = "\"{id_token:login}@{userinfo:domain}\"";
    static const char mixed[] =
        "{\"id_token\":{\"sub\":\"x\",\"login\":\"ada\",\"email_verified\":true},"
        "\"userinfo\":{\"domain\":\"corp.example\",\"email_verified\":true}}";
    assert_string_equal(read_sources(fixture, mixed).email, "ada@corp.example");
    assert_false(read_sources(fixture, mixed).email_verified);
}

static void some_tell_verified_addresses_alone_and_some_are_never_believed(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.email_trust = EMAIL_TRUST_ALWAYS;
    static const struct trust_case always[] = {
        {"{\"email\":\"a@b\"}", true},
        {"{\"email\":\"a@b\",\"email_verified\":false}", true},
        {"{\"email\":\"not one\"}", false},
        {"{}", false},
    };
    assert_trust(fixture, always, FIXTURE_COUNT(always));

    fixture->provider.email_trust = EMAIL_TRUST_NEVER;
    fixture->provider.email_domains = "gmail.com";
    fixture->provider.email_owner_claim = "hd";
    static const struct trust_case never[] = {
        {"{\"email\":\"a@gmail.com\",\"email_verified\":true,\"hd\":\"gmail.com\"}", false},
        {"{\"email\":\"a@b\",\"email_verified\":\"true\"}", false},
    };
    assert_trust(fixture, never, FIXTURE_COUNT(never));
}

/* ---- groups ---------------------------------------------------------------------------------- */

static const char *groups_of(struct fixture *fixture, const struct person *person) {
    return person->groups == NULL ? NULL : json_write(fixture->arena, person->groups);
}

static void assert_groups(struct fixture *fixture, const struct text_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct person person = read_both(fixture, SUB, cases[i].claims);
        assert_text(groups_of(fixture, &person), cases[i].expected, cases[i].claims);
    }
}

static void groups_are_taken_over_as_they_are(void **state) {
    static const struct text_case cases[] = {
        {"{}", NULL},
        {"{\"groups\":null}", NULL},
        {"{\"groups\":[]}", "[]"},
        {"{\"groups\":[\"staff\"]}", "[\"staff\"]"},
        {"{\"groups\":[\"staff\",\"IT admins\",\"/a/b\"]}", "[\"staff\",\"IT admins\",\"/a/b\"]"},
        {"{\"groups\":[\"staff\",\"Staff\",\"staff\"]}", "[\"staff\",\"Staff\"]"},
        {"{\"groups\":\"staff\"}", "[\"staff\"]"},
        {"{\"groups\":\"staff board\"}", "[\"staff board\"]"},
        {"{\"groups\":[\"\\uae40\",\"a,b\"]}", "[\"\xEA\xB9\x80\",\"a,b\"]"},
        {"{\"roles\":[\"staff\"]}", NULL},
    };
    assert_groups(*state, cases, FIXTURE_COUNT(cases));
}

static void no_group_is_made_to_look_like_another(void **state) {
    static const struct text_case cases[] = {
        {"{\"groups\":[\"sta\\u0007ff\",\"x\"]}", "[\"x\"]"},
        {"{\"groups\":[\" staff\",\"staff \",\"\\tstaff\",\"staff\\n\",\"st\\u202eaff\"]}", "[]"},
        {"{\"groups\":[\"sta\\u200eff\",\"staff\\u00a0\",\"I  T\",\"\",\" \"]}", "[]"},
        {"{\"groups\":[1,true,null,{\"staff\":true},[\"staff\"],\"x\"]}", "[\"x\"]"},
        {"{\"groups\":{\"staff\":true}}", "[]"},
        {"{\"groups\":true}", "[]"},
        {"{\"groups\":7}", "[]"},
        {"{\"groups\":\"\"}", "[]"},
    };
    assert_groups(*state, cases, FIXTURE_COUNT(cases));
}

static const char *many_groups(struct fixture *fixture, int count, int length) {
    struct buffer text;
    buffer_open(fixture->arena, &text);
    for (int i = 0; i < count; i++)
        buffer_add_format(&text, "%s\"%0*d\"", i == 0 ? "" : ",", length, i);
    return arena_format(fixture->arena, "{\"groups\":[%s]}", text.bytes);
}

static void there_are_limits_to_groups(void **state) {
    struct fixture *fixture = *state;
    struct person person = read_both(fixture, SUB, many_groups(fixture, 100, 10));
    assert_int_equal(person.groups->count, 100);
    assert_null(person.dropped[0]);
    person = read_both(fixture, SUB, many_groups(fixture, 101, 10));
    assert_int_equal(person.groups->count, 100);
    assert_string_equal(person.dropped[0], "groups");
    person = read_both(fixture, SUB, many_groups(fixture, 1, 128));
    assert_int_equal(person.groups->count, 1);
    person = read_both(fixture, SUB, many_groups(fixture, 1, 129));
    assert_int_equal(person.groups->count, 0);
    person = read_both(fixture, SUB, many_groups(fixture, 64, 128));
    assert_int_equal(person.groups->count, 64);
    person = read_both(fixture, SUB, many_groups(fixture, 65, 128));
    assert_int_equal(person.groups->count, 64);
    assert_string_equal(person.dropped[0], "groups");
}

static void groups_stand_where_the_record_says(void **state) {
    struct fixture *fixture = *state;
    const char *sources =
        "{\"id_token\":{\"sub\":\"x\",\"groups\":[\"a\"],\"r\":{\"roles\":[\"b\"]}},"
        "\"userinfo\":{\"groups\":[\"c\"]},\"callback\":{\"groups\":\"[d]\"},"
        "\"variable\":{\"groups\":\"e\"}}";
    static const struct {
        const char *path;
        const char *expected;
    } cases[] = {
        {"groups", "[\"c\"]"},
        {"id_token:groups", "[\"a\"]"},
        {"id_token:r.roles", "[\"b\"]"},
        {"none | id_token:r.roles", "[\"b\"]"},
        {"callback:groups", NULL}, /* the browser brought it along */
        {"variable:groups", NULL}, /* the same for everybody */
        {NULL, NULL},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        fixture->provider.claim_groups = cases[i].path;
        const struct person person = read_sources(fixture, sources);
        assert_text(groups_of(fixture, &person), cases[i].expected, "groups");
    }
}

/* Anybody can run such a server, and make a group of any name there. */
static void a_server_that_a_visitor_chose_tells_no_groups(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.asks_instance = true;
    fixture->provider.instance = "mallory.example";
    const struct person person = read_both(fixture, SUB, "{\"groups\":[\"staff\"]}");
    assert_null(person.groups);
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
        fixture_test(a_subject_is_a_string_or_an_integer_as_written),
        fixture_test(without_a_usable_subject_it_is_nobody),
        fixture_test(a_subject_has_at_most_255_bytes),
        fixture_test(a_subject_is_vouched_for),
        fixture_test(of_openid_connect_the_id_token_alone_says_who_it_is),
        fixture_test(a_subject_may_be_put_together),
        fixture_test(names_are_read_where_the_record_says),
        fixture_test(a_name_of_ten_thousand_bytes_is_cut),
        fixture_test(an_address_that_the_browser_brought_is_none),
        fixture_test(an_escaped_picture_is_unescaped),
        fixture_test(a_picture_may_be_put_together),
        fixture_test(what_is_left_out_is_named),
        fixture_test(a_domain_of_the_provider_vouches_for_its_addresses),
        fixture_test(a_claim_may_need_a_domain_or_an_owner_besides),
        fixture_test(owner_and_verified_stand_beside_the_address),
        fixture_test(the_list_of_addresses_vouches_for_its_own),
        fixture_test(two_truths_must_both_hold),
        fixture_test(an_address_of_two_sources_is_nobodys),
        fixture_test(some_tell_verified_addresses_alone_and_some_are_never_believed),
        fixture_test(groups_are_taken_over_as_they_are),
        fixture_test(no_group_is_made_to_look_like_another),
        fixture_test(there_are_limits_to_groups),
        fixture_test(groups_stand_where_the_record_says),
        fixture_test(a_server_that_a_visitor_chose_tells_no_groups),
    };
    return cmocka_run_group_tests_name("person", tests, NULL, NULL);
}

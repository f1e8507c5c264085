/* oauth/issuer: exactly the configured one, but for what the record itself allows. */
#include "unit.h"

#include "base/text.h"
#include "oauth/issuer.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

#define TEMPLATE "https://op.example/{claim:tid}/v2.0"
#define TENANT "9188040d-6c67-4c5b-b112-36a304b66dad"
#define OF(tenant) "https://op.example/" tenant "/v2.0"

static const struct provider one = {
    .issuer = "https://op.example",
    .issuer_alternatives = "op.example  https://op.example/",
};
static const struct provider many = {.issuer = TEMPLATE};
static const struct provider none = {.protocol = PROTOCOL_OAUTH2};

static const char *issuer_of(struct arena *arena, const struct provider *provider,
                             const char *discovered, const char *text) {
    struct json *claims = NULL;
    assert_works(arena, json_parse(arena, text, strlen(text), &claims));
    return issuer_of_claims(arena, provider, discovered, claims);
}

static void an_issuer_is_compared_whole(void **state) {
    (void)state;
    static const char *const others[] = {
        "https://op.example ",
        "https://op.example/x",
        "https://op.exampl",
        "https://OP.example",
        "http://op.example",
        "https://op.example:443",
        "https://evil.example",
        "",
        " ",
        "op.example ",
        "op",
        "op.example https://op.example/",
        "{claim:tid}",
        "https://op.example/{claim:tid}",
    };
    assert_true(issuer_fits(&one, "https://op.example"));
    assert_false(issuer_fits(&one, "op.example"));
    assert_false(issuer_fits(&one, NULL));
    assert_true(issuer_is_known(&one, "https://op.example"));
    assert_true(issuer_is_known(&one, "op.example"));
    assert_true(issuer_is_known(&one, "https://op.example/"));
    assert_false(issuer_is_known(&one, NULL));
    for (size_t i = 0; i < COUNT(others); i++) {
        assert_false(issuer_fits(&one, others[i]));
        assert_false(issuer_is_known(&one, others[i]));
    }
}

static void who_has_no_issuer_is_nobodys(void **state) {
    assert_false(issuer_fits(&none, NULL));
    assert_false(issuer_fits(&none, ""));
    assert_false(issuer_is_known(&none, "https://op.example"));
    assert_null(issuer_of(*state, &none, NULL, "{\"iss\":\"https://op.example\"}"));
    assert_null(issuer_of(*state, &none, NULL, "{}"));
}

/* Whatever spelling came, accounts hang on one. */
static void other_spellings_are_the_configured_one(void **state) {
    static const char *const spellings[] = {"https://op.example", "op.example",
                                            "https://op.example/"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(spellings); i++)
        assert_string_equal(issuer_of(arena, &one, "https://op.example",
                                      arena_format(arena, "{\"iss\":\"%s\"}", spellings[i])),
                            "https://op.example");
}

static void claims_without_an_issuer_are_nobodys(void **state) {
    static const char *const claims[] = {
        "{}",
        "{\"iss\":null}",
        "{\"iss\":\"\"}",
        "{\"iss\":7}",
        "{\"iss\":true}",
        "{\"iss\":[\"https://op.example\"]}",
        "{\"iss\":{\"iss\":\"https://op.example\"}}",
        "{\"Iss\":\"https://op.example\"}",
        "[\"https://op.example\"]",
    };
    for (size_t i = 0; i < COUNT(claims); i++)
        assert_null(issuer_of(*state, &one, "https://op.example", claims[i]));
    assert_null(issuer_of_claims(*state, &one, "https://op.example", NULL));
}

/* ---- one provider that is many --------------------------------------------------------------- */

static void a_template_is_one_with_a_hole(void **state) {
    (void)state;
    assert_true(issuer_is_template(TEMPLATE));
    assert_true(issuer_is_template(OF("{tenantid}")));
    assert_false(issuer_is_template(OF(TENANT)));
    assert_false(issuer_is_template(NULL));
}

static void one_segment_stands_in_the_hole(void **state) {
    (void)state;
    static const char *const fitting[] = {OF(TENANT), OF("a"),          OF("a.b_c-D9"),
                                          OF("a.."),  OF("{tenantid}"), OF("{x}")};
    static const char *const others[] = {
        "",
        "https://op.example",
        "https://op.example/v2.0",
        "https://op.example//v2.0",
        OF(""),
        OF("a/b"),
        OF("a/../b"),
        OF(".."),
        OF("."),
        OF(".a"),
        OF("%2e%2e"),
        OF("a%2Fb"),
        OF("a?b"),
        OF("a#b"),
        OF("a@b"),
        OF("a:b"),
        OF("a b"),
        OF("a\nb"),
        OF("\xEA\xB9\x80"),
        OF("{}"),
        OF("{a/b}"),
        OF("{a"),
        OF("a}"),
        OF("{a}{b}"),
        OF("x{a}"),
        "https://op.example/a/v2.0/",
        "https://op.example/a/v2.0/v2.0",
        "https://op.example/a/v2",
        "https://op.example/a",
        "https://op.example.evil.example/a/v2.0",
        "https://evil.example/https://op.example/a/v2.0",
        "https://OP.example/a/v2.0",
        "http://op.example/a/v2.0",
        " https://op.example/a/v2.0",
    };
    for (size_t i = 0; i < COUNT(fitting); i++)
        if (!issuer_fits(&many, fitting[i]) || !issuer_is_known(&many, fitting[i]))
            fail_msg("refused: %s", fitting[i]);
    for (size_t i = 0; i < COUNT(others); i++)
        if (issuer_fits(&many, others[i]) || issuer_is_known(&many, others[i]))
            fail_msg("accepted: %s", others[i]);
    assert_false(issuer_fits(&many, NULL));
}

/* What stands around the hole must not be read twice. */
static void the_ends_do_not_overlap(void **state) {
    (void)state;
    const struct provider symmetric = {.issuer = "https://op.example/x/{claim:t}/x/"};
    assert_false(issuer_fits(&symmetric, "https://op.example/x/"));
    assert_false(issuer_fits(&symmetric, "https://op.example/x//x/"));
    assert_true(issuer_fits(&symmetric, "https://op.example/x/x/x/"));
}

/* A key of the provider signs for every tenant: the token's own claim says for which. */
static void the_issuer_is_filled_by_the_tokens_own_claim(void **state) {
    static const struct {
        const char *iss;
        const char *tid; /* raw; NULL: absent */
    } forged[] = {
        {OF(TENANT), NULL},
        {OF(TENANT), "null"},
        {OF(TENANT), "\"\""},
        {OF(TENANT), "7"},
        {OF("7"), "7"},
        {OF("true"), "true"},
        {OF(TENANT), "[\"" TENANT "\"]"},
        {OF(TENANT), "{\"tid\":\"" TENANT "\"}"},
        {OF(TENANT), "\"another-tenant\""},
        {OF(TENANT), "\"" TENANT " \""},
        {OF(TENANT), "\"9188040d\""},
        {OF(TENANT), "\"" TENANT "x\""},
        {OF(TENANT), "\"9188040D-6C67-4C5B-B112-36A304B66DAD\""},
        {OF("a/b"), "\"a/b\""},
        {OF(".."), "\"..\""},
        {OF("."), "\".\""},
        {OF(""), "\"\""},
        {"https://op.example//v2.0", "\"\""},
        {OF("a?b"), "\"a?b\""},
        {OF("{tenantid}"), "\"{tenantid}\""},
        {OF("{tenantid}"), "\"" TENANT "\""},
        {TEMPLATE, "\"{claim:tid}\""},
        {"https://evil.example/" TENANT "/v2.0", "\"" TENANT "\""},
    };
    struct arena *arena = *state;
    const char *right = arena_format(arena, "{\"iss\":\"%s\",\"tid\":\"%s\"}", OF(TENANT), TENANT);
    assert_string_equal(issuer_of(arena, &many, TEMPLATE, right), OF(TENANT));
    for (size_t i = 0; i < COUNT(forged); i++) {
        const char *claims =
            forged[i].tid == NULL
                ? arena_format(arena, "{\"iss\":\"%s\"}", forged[i].iss)
                : arena_format(arena, "{\"iss\":\"%s\",\"tid\":%s}", forged[i].iss, forged[i].tid);
        if (issuer_of(arena, &many, OF("{tenantid}"), claims) != NULL)
            fail_msg("accepted: %s", claims);
    }
    assert_null(issuer_of(arena, &many, TEMPLATE, "{\"iss\":\"" OF("a") "\",\"Tid\":\"a\"}"));
}

/* The hole that the document has is its own: {tenantid} is as good as ours. */
static void a_document_may_speak_for_all_or_for_one(void **state) {
    static const char *const for_all[] = {TEMPLATE, OF("{tenantid}"), OF("{x}")};
    struct arena *arena = *state;
    const char *claims = "{\"iss\":\"" OF("a") "\",\"tid\":\"a\"}";
    for (size_t i = 0; i < COUNT(for_all); i++) {
        assert_string_equal(issuer_of(arena, &many, for_all[i], claims), OF("a"));
        assert_true(issuer_is_discovered(&many, for_all[i], OF("b")));
    }
    assert_string_equal(issuer_of(arena, &many, OF("a"), claims), OF("a"));
    assert_null(issuer_of(arena, &many, OF("b"), claims));
    assert_null(issuer_of(arena, &many, NULL, claims));
    assert_null(issuer_of(arena, &many, "", claims));
    assert_true(issuer_is_discovered(&many, OF("a"), OF("a")));
    assert_false(issuer_is_discovered(&many, OF("b"), OF("a")));
    assert_false(issuer_is_discovered(&many, NULL, OF("a")));
    assert_true(issuer_is_discovered(&one, "op.example", "https://op.example"));
}

/* Another spelling cannot say which of the many it is. */
static void a_spelling_fills_no_template(void **state) {
    const struct provider provider = {.issuer = TEMPLATE, .issuer_alternatives = "op.example"};
    assert_true(issuer_is_known(&provider, "op.example"));
    assert_null(issuer_of(*state, &provider, TEMPLATE, "{\"iss\":\"op.example\",\"tid\":\"a\"}"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(an_issuer_is_compared_whole),
        unit_test(who_has_no_issuer_is_nobodys),
        unit_test(other_spellings_are_the_configured_one),
        unit_test(claims_without_an_issuer_are_nobodys),
        unit_test(a_template_is_one_with_a_hole),
        unit_test(one_segment_stands_in_the_hole),
        unit_test(the_ends_do_not_overlap),
        unit_test(the_issuer_is_filled_by_the_tokens_own_claim),
        unit_test(a_document_may_speak_for_all_or_for_one),
        unit_test(a_spelling_fills_no_template),
    };
    return cmocka_run_group_tests_name("issuer", tests, NULL, NULL);
}

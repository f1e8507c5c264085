/* oauth/logout_token: Back-Channel Logout 1.0 2.4 and 2.6, each rule with what breaks it. */
#include "fixture.h"

#include "oauth/logout_token.h"

#define EVENT "\"http://schemas.openid.net/event/backchannel-logout\""
#define HEADER "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"logout+jwt\"}"

static const struct fixture_member good[] = {
    {"iss", "\"" FIXTURE_ISSUER "\""},
    {"aud", "\"" FIXTURE_CLIENT "\""},
    {"iat", "1800000000"},
    {"exp", "1800000120"},
    {"jti", "\"bWJq\""},
    {"sub", "\"248289761001\""},
    {"sid", "\"08a5019c-17e1-4977-8f42-65a12843ea02\""},
    {"events", "{" EVENT ":{}}"},
    {NULL, NULL},
};

static int verify(struct fixture *fixture, const char *compact, struct logout_token *token) {
    return logout_token_verify(fixture->context, &fixture->provider, &fixture->metadata, compact,
                               token);
}

static int verify_claims(struct fixture *fixture, const char *claims, struct logout_token *token) {
    return verify(fixture, fixture_sign(fixture, &fixture->key, HEADER, claims), token);
}

static void answer_jwks(struct fixture *fixture) {
    fixture_answer_json(fixture, FIXTURE_ISSUER "/jwks", fixture_own_jwks(fixture));
}

static void a_good_token_says_whom_it_means(void **state) {
    struct fixture *fixture = *state;
    struct logout_token token;
    answer_jwks(fixture);
    assert_works(fixture->arena,
                 verify_claims(fixture, fixture_object(fixture->arena, good, NULL, NULL), &token));
    assert_string_equal(token.subject, "248289761001");
    assert_string_equal(token.sid, "08a5019c-17e1-4977-8f42-65a12843ea02");
    assert_string_equal(token.jti, "bWJq");
    assert_string_equal(token.alg, "ES256");
    assert_int_equal(token.expires_at, 1800000120);
}

static void one_of_sub_and_sid_is_enough(void **state) {
    struct fixture *fixture = *state;
    struct logout_token token;
    answer_jwks(fixture);
    assert_works(fixture->arena,
                 verify_claims(fixture, fixture_object(fixture->arena, good, "sub", NULL), &token));
    assert_null(token.subject);
    assert_non_null(token.sid);
    assert_works(fixture->arena,
                 verify_claims(fixture, fixture_object(fixture->arena, good, "sid", NULL), &token));
    assert_non_null(token.subject);
    assert_null(token.sid);
}

static void each_claim_is_checked(void **state) {
    struct fixture *fixture = *state;
    const struct {
        const char *name;
        const char *raw;
        enum error_rule rule;
    } cases[] = {
        {"iss", NULL, ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://op.example/\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://evil.example\"", ERROR_ID_TOKEN_ISS},
        {"aud", NULL, ERROR_ID_TOKEN_AUD},
        {"aud", "\"client-2\"", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\",\"client-2\"]", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\"]", ERROR_NONE},
        {"iat", NULL, ERROR_ID_TOKEN_IAT},
        {"iat", "\"1800000000\"", ERROR_ID_TOKEN_IAT},
        {"iat", "1800000061", ERROR_ID_TOKEN_IAT},
        {"iat", "1800000060", ERROR_NONE},
        {"exp", NULL, ERROR_ID_TOKEN_EXP},
        {"exp", "null", ERROR_ID_TOKEN_EXP},
        {"exp", "1799999940", ERROR_ID_TOKEN_EXP},
        {"exp", "1799999941", ERROR_NONE},
        {"exp", "1e400", ERROR_ID_TOKEN_EXP},
        {"nbf", "1800000061", ERROR_ID_TOKEN_NBF},
        {"jti", NULL, ERROR_LOGOUT_TOKEN},
        {"jti", "\"\"", ERROR_LOGOUT_TOKEN},
        {"jti", "7", ERROR_LOGOUT_TOKEN},
        {"jti", "null", ERROR_LOGOUT_TOKEN},
        {"sub", "\"\"", ERROR_LOGOUT_TOKEN},
        {"sub", "1", ERROR_LOGOUT_TOKEN},
        {"sub", "null", ERROR_LOGOUT_TOKEN},
        {"sid", "\"\"", ERROR_LOGOUT_TOKEN},
        {"sid", "1", ERROR_LOGOUT_TOKEN},
        {"sid", "[\"a\"]", ERROR_LOGOUT_TOKEN},
        {"events", NULL, ERROR_LOGOUT_TOKEN},
        {"events", "null", ERROR_LOGOUT_TOKEN},
        {"events", EVENT, ERROR_LOGOUT_TOKEN},
        {"events", "[" EVENT "]", ERROR_LOGOUT_TOKEN},
        {"events", "{}", ERROR_LOGOUT_TOKEN},
        {"events", "{" EVENT ":null}", ERROR_LOGOUT_TOKEN},
        {"events", "{" EVENT ":[]}", ERROR_LOGOUT_TOKEN},
        {"events", "{" EVENT ":true}", ERROR_LOGOUT_TOKEN},
        {"events", "{\"http://schemas.openid.net/event/Backchannel-logout\":{}}",
         ERROR_LOGOUT_TOKEN},
        {"events", "{\"http://schemas.openid.net/secevent/risc\":{}}", ERROR_LOGOUT_TOKEN},
        {"events", "{" EVENT ":{\"more\":1},\"other\":{}}", ERROR_NONE},
        {"nonce", "\"n-1\"", ERROR_LOGOUT_TOKEN},
        {"nonce", "\"\"", ERROR_LOGOUT_TOKEN},
        {"nonce", "null", ERROR_LOGOUT_TOKEN},
        {"trace_id", "\"unknown\"", ERROR_NONE},
    };
    struct logout_token token;
    answer_jwks(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const char *claims = fixture_object(fixture->arena, good, cases[i].name, cases[i].raw);
        int result = verify_claims(fixture, claims, &token);
        if (fixture->arena->error.rule != cases[i].rule ||
            (result == 0) != (cases[i].rule == ERROR_NONE))
            fail_msg("%s: %s, not %s", claims, error_meaning(fixture->arena->error.rule)->name,
                     error_meaning(cases[i].rule)->name);
        arena_forget_error(fixture->arena);
    }
}

static void neither_sub_nor_sid_means_nobody(void **state) {
    struct fixture *fixture = *state;
    struct logout_token token;
    static const struct fixture_member nobody[] = {
        {"iss", "\"" FIXTURE_ISSUER "\""},
        {"aud", "\"" FIXTURE_CLIENT "\""},
        {"iat", "1800000000"},
        {"exp", "1800000120"},
        {"jti", "\"bWJq\""},
        {"events", "{" EVENT ":{}}"},
        {NULL, NULL},
    };
    answer_jwks(fixture);
    assert_fails(
        fixture->arena, ERROR_LOGOUT_TOKEN,
        verify_claims(fixture, fixture_object(fixture->arena, nobody, NULL, NULL), &token));
}

static void a_jti_has_at_most_255_characters(void **state) {
    struct fixture *fixture = *state;
    struct logout_token token;
    char text[260];
    memset(text, 'j', sizeof(text));
    answer_jwks(fixture);
    assert_works(fixture->arena,
                 verify_claims(fixture,
                               fixture_object(fixture->arena, good, "jti",
                                              arena_format(fixture->arena, "\"%.255s\"", text)),
                               &token));
    assert_fails(fixture->arena, ERROR_LOGOUT_TOKEN,
                 verify_claims(fixture,
                               fixture_object(fixture->arena, good, "jti",
                                              arena_format(fixture->arena, "\"%.256s\"", text)),
                               &token));
}

/* 2.6 (7) and 2.4: what would do as an id_token, and its reverse. */
static void an_id_token_signs_nobody_out(void **state) {
    struct fixture *fixture = *state;
    struct logout_token token;
    answer_jwks(fixture);
    assert_fails(fixture->arena, ERROR_LOGOUT_TOKEN,
                 verify(fixture,
                        fixture_token(fixture, "{\"iss\":\"" FIXTURE_ISSUER
                                               "\",\"aud\":\"client-1\",\"sub\":\"248289761001\","
                                               "\"exp\":1800000300,\"iat\":1800000000}"),
                        &token));
}

static void typ_is_logout_jwt_or_plain(void **state) {
    struct fixture *fixture = *state;
    const struct {
        const char *header;
        enum error_rule rule;
    } cases[] = {
        {HEADER, ERROR_NONE},
        {"{\"alg\":\"ES256\",\"kid\":\"k1\"}", ERROR_NONE},
        {"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"JWT\"}", ERROR_NONE},
        {"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"Logout+JWT\"}", ERROR_NONE},
        {"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"application/logout+jwt\"}", ERROR_NONE},
        {"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"at+jwt\"}", ERROR_JWS_TYP},
        {"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"secevent+jwt\"}", ERROR_JWS_TYP},
        {"{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":\"\"}", ERROR_JWS_TYP},
    };
    const char *claims = fixture_object(fixture->arena, good, NULL, NULL);
    struct logout_token token;
    answer_jwks(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const char *compact = fixture_sign(fixture, &fixture->key, cases[i].header, claims);
        if (cases[i].rule == ERROR_NONE)
            assert_works(fixture->arena, verify(fixture, compact, &token));
        else
            assert_fails(fixture->arena, cases[i].rule, verify(fixture, compact, &token));
    }
}

static void the_signature_is_the_providers(void **state) {
    struct fixture *fixture = *state;
    struct logout_token token;
    struct signing_key other;
    assert_works(fixture->arena, signing_key_generate(fixture->arena, "ES256", "k1", &other));
    const char *claims = fixture_object(fixture->arena, good, NULL, NULL);
    const char *forged = fixture_sign(fixture, &other, HEADER, claims);
    signing_key_free(&other);
    answer_jwks(fixture);
    assert_fails(fixture->arena, ERROR_JWS_SIGNATURE, verify(fixture, forged, &token));

    const char *unsigned_token =
        arena_format(fixture->arena, "eyJhbGciOiJub25lIn0.%s.",
                     base64url_encode(fixture->arena, claims, strlen(claims)));
    assert_fails(fixture->arena, ERROR_JWS_ALG, verify(fixture, unsigned_token, &token));
    assert_fails(fixture->arena, ERROR_JWS_MALFORMED, verify(fixture, "", &token));
}

static void claims_are_one_json_object(void **state) {
    struct fixture *fixture = *state;
    struct logout_token token;
    const char *payloads[] = {"", "[]", "null", "{", "{}{}", "{\"a\":1,\"a\":2}"};
    answer_jwks(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(payloads); i++)
        assert_fails(fixture->arena, ERROR_LOGOUT_TOKEN,
                     verify_claims(fixture, payloads[i], &token));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_good_token_says_whom_it_means),
        fixture_test(one_of_sub_and_sid_is_enough),
        fixture_test(each_claim_is_checked),
        fixture_test(neither_sub_nor_sid_means_nobody),
        fixture_test(a_jti_has_at_most_255_characters),
        fixture_test(an_id_token_signs_nobody_out),
        fixture_test(typ_is_logout_jwt_or_plain),
        fixture_test(the_signature_is_the_providers),
        fixture_test(claims_are_one_json_object),
    };
    return cmocka_run_group_tests_name("logout_token", tests, NULL, NULL);
}

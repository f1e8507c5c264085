/* oauth/id_token: OpenID Connect Core 3.1.3.7, each rule with what breaks it and what does not. */
#include "fixture.h"

#include "oauth/id_token.h"

#define NOW 1800000000
#define NONCE "n-0S6_WzA2Mj"
#define ACCESS_TOKEN "an-access-token"
#define CODE "a-code"

/* The left half of SHA-256 of ACCESS_TOKEN and of CODE, by another implementation than ours. */
#define AT_HASH "\"YiHPD2T9DaX5B837XJXtow\""
#define C_HASH "\"kSvsCq3hutEBcZ2-LoL_9A\""

static const struct fixture_member good[] = {
    {"iss", "\"" FIXTURE_ISSUER "\""},
    {"sub", "\"24400320\""},
    {"aud", "\"" FIXTURE_CLIENT "\""},
    {"exp", "1800000300"},
    {"iat", "1800000000"},
    {"nonce", "\"" NONCE "\""},
    {NULL, NULL},
};

static int check(struct fixture *fixture, const struct provider *provider, const char *nonce,
                 const char *claims) {
    const struct id_token_expectation expected = {
        .nonce = nonce, .access_token = ACCESS_TOKEN, .code = CODE};
    const struct id_token_check question = {
        .provider = provider,
        .expected = &expected,
        .alg = "ES256",
        .now = NOW,
        .leeway = 60,
    };
    return id_token_check(fixture->arena, &question, fixture_json(fixture, claims));
}

/* One claim put in the place of the good one: NULL leaves it out. ERROR_NONE: still good. */
struct claim_case {
    const char *name;
    const char *raw;
    enum error_rule rule;
};

static void run_as(struct fixture *fixture, const struct provider *provider,
                   const struct claim_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *claims = fixture_object(fixture->arena, good, cases[i].name, cases[i].raw);
        int result = check(fixture, provider, NONCE, claims);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s: %d, %s, not %s", claims, result,
                     error_meaning(fixture->arena->error.rule)->name,
                     error_meaning(cases[i].rule)->name);
        arena_forget_error(fixture->arena);
    }
}

#define run(fixture, cases) run_as(fixture, &(fixture)->provider, cases, FIXTURE_COUNT(cases))

static void the_good_token_is_good(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, check(fixture, &fixture->provider, NONCE,
                                       fixture_object(fixture->arena, good, NULL, NULL)));
}

static void iss_is_exactly_the_issuer(void **state) {
    static const struct claim_case cases[] = {
        {"iss", NULL, ERROR_ID_TOKEN_ISS},
        {"iss", "\"\"", ERROR_ID_TOKEN_ISS},
        {"iss", "null", ERROR_ID_TOKEN_ISS},
        {"iss", "7", ERROR_ID_TOKEN_ISS},
        {"iss", "true", ERROR_ID_TOKEN_ISS},
        {"iss", "[\"https://op.example\"]", ERROR_ID_TOKEN_ISS},
        {"iss", "{\"iss\":\"https://op.example\"}", ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://op.example/\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://OP.example\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"HTTPS://op.example\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"http://op.example\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://op.example:443\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\" https://op.example\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://op.exampl\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://op.example.evil.example\"", ERROR_ID_TOKEN_ISS},
        {"iss", "\"https:\\/\\/op.example\"", ERROR_NONE}, /* another notation of the same */
        {"iss", "\"\\u0068ttps://op.example\"", ERROR_NONE},
    };
    run((struct fixture *)*state, cases);
}

static void sub_is_a_text_of_at_most_255_characters(void **state) {
    struct fixture *fixture = *state;
    static const struct claim_case cases[] = {
        {"sub", NULL, ERROR_ID_TOKEN_SUB},
        {"sub", "\"\"", ERROR_ID_TOKEN_SUB},
        {"sub", "null", ERROR_ID_TOKEN_SUB},
        {"sub", "24400320", ERROR_ID_TOKEN_SUB},
        {"sub", "true", ERROR_ID_TOKEN_SUB},
        {"sub", "[\"24400320\"]", ERROR_ID_TOKEN_SUB},
        {"sub", "{}", ERROR_ID_TOKEN_SUB},
        {"sub", "\"0\"", ERROR_NONE},
        {"sub", "\"auth0|5f7c8ec7c33c6c004bbafe82\"", ERROR_NONE},
    };
    run(fixture, cases);

    char long_text[260];
    memset(long_text, 'x', sizeof(long_text));
    const struct claim_case longest[] = {
        {"sub", arena_format(fixture->arena, "\"%.255s\"", long_text), ERROR_NONE},
        {"sub", arena_format(fixture->arena, "\"%.256s\"", long_text), ERROR_ID_TOKEN_SUB},
    };
    run(fixture, longest);
}

static void aud_holds_us_and_nobody_unknown(void **state) {
    static const struct claim_case cases[] = {
        {"aud", NULL, ERROR_ID_TOKEN_AUD},
        {"aud", "null", ERROR_ID_TOKEN_AUD},
        {"aud", "1", ERROR_ID_TOKEN_AUD},
        {"aud", "{}", ERROR_ID_TOKEN_AUD},
        {"aud", "[]", ERROR_ID_TOKEN_AUD},
        {"aud", "\"\"", ERROR_ID_TOKEN_AUD},
        {"aud", "\"client-2\"", ERROR_ID_TOKEN_AUD},
        {"aud", "\"CLIENT-1\"", ERROR_ID_TOKEN_AUD},
        {"aud", "\"client-1 \"", ERROR_ID_TOKEN_AUD},
        {"aud", "\"client-1 client-2\"", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-2\"]", ERROR_ID_TOKEN_AUD},
        {"aud", "[[\"client-1\"]]", ERROR_ID_TOKEN_AUD},
        {"aud", "[{\"aud\":\"client-1\"}]", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\",\"client-2\"]", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-2\",\"client-1\"]", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\",7]", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\",null]", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\"]", ERROR_NONE},
    };
    run((struct fixture *)*state, cases);
}

static void a_configured_audience_is_trusted_beside_us(void **state) {
    struct fixture *fixture = *state;
    static const struct claim_case cases[] = {
        {"aud", "[\"client-1\",\"api\"],\"azp\":\"client-1\"", ERROR_NONE},
        {"aud", "[\"https://x.example/\",\"client-1\",\"api\"],\"azp\":\"client-1\"", ERROR_NONE},
        {"aud", "[\"client-1\",\"other\"],\"azp\":\"client-1\"", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\",\"api https://x.example/\"],\"azp\":\"client-1\"",
         ERROR_ID_TOKEN_AUD},
        {"aud", "[\"api\"]", ERROR_ID_TOKEN_AUD}, /* it is not us */
        {"aud", "\"api\"", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-1\",\"api\"]", ERROR_ID_TOKEN_AZP},
        {"aud", "[\"client-1\",\"api\"],\"azp\":\"api\"", ERROR_ID_TOKEN_AZP},
    };
    fixture->provider.trusted_audiences = "api https://x.example/";
    run(fixture, cases);
}

static void azp_is_us_if_it_is_there(void **state) {
    static const struct claim_case cases[] = {
        {"azp", "\"client-1\"", ERROR_NONE}, {"azp", "\"client-2\"", ERROR_ID_TOKEN_AZP},
        {"azp", "\"\"", ERROR_ID_TOKEN_AZP}, {"azp", "null", ERROR_ID_TOKEN_AZP},
        {"azp", "1", ERROR_ID_TOKEN_AZP},    {"azp", "[\"client-1\"]", ERROR_ID_TOKEN_AZP},
    };
    run((struct fixture *)*state, cases);
}

static void exp_lies_in_the_future_give_or_take_the_leeway(void **state) {
    static const struct claim_case cases[] = {
        {"exp", NULL, ERROR_ID_TOKEN_EXP},
        {"exp", "null", ERROR_ID_TOKEN_EXP},
        {"exp", "\"1800000300\"", ERROR_ID_TOKEN_EXP},
        {"exp", "[1800000300]", ERROR_ID_TOKEN_EXP},
        {"exp", "true", ERROR_ID_TOKEN_EXP},
        {"exp", "0", ERROR_ID_TOKEN_EXP},
        {"exp", "-1800000300", ERROR_ID_TOKEN_EXP},
        {"exp", "1", ERROR_ID_TOKEN_EXP},
        {"exp", "1799999939", ERROR_ID_TOKEN_EXP},
        {"exp", "1799999940", ERROR_ID_TOKEN_EXP}, /* now is 60 s later: no longer before exp */
        {"exp", "1799999940.9", ERROR_ID_TOKEN_EXP},
        {"exp", "1799999941", ERROR_NONE},
        {"exp", "1800000000", ERROR_NONE},
        {"exp", "1800000300.75", ERROR_NONE},
        {"exp", "1.8000003e9", ERROR_NONE},
        {"exp", "18000003E2", ERROR_NONE},
        {"exp", "253402300799", ERROR_NONE},
        {"exp", "253402300800", ERROR_ID_TOKEN_EXP}, /* year 10000: milliseconds, perhaps */
        {"exp", "1800000300000", ERROR_ID_TOKEN_EXP},
        {"exp", "1e400", ERROR_ID_TOKEN_EXP},
        {"exp", "1e99999999999999999999", ERROR_ID_TOKEN_EXP},
        {"exp", "9223372036854775807", ERROR_ID_TOKEN_EXP},
        {"exp", "9223372036854775808", ERROR_ID_TOKEN_EXP},
        {"exp", "18446744075509551916", ERROR_ID_TOKEN_EXP}, /* 2^64 + 1800000300 */
        {"exp", "99999999999999999999999999", ERROR_ID_TOKEN_EXP},
    };
    run((struct fixture *)*state, cases);
}

static void iat_does_not_lie_in_the_future(void **state) {
    static const struct claim_case cases[] = {
        {"iat", NULL, ERROR_ID_TOKEN_IAT},
        {"iat", "null", ERROR_ID_TOKEN_IAT},
        {"iat", "\"1800000000\"", ERROR_ID_TOKEN_IAT},
        {"iat", "{}", ERROR_ID_TOKEN_IAT},
        {"iat", "-1", ERROR_ID_TOKEN_IAT},
        {"iat", "-1e-3", ERROR_ID_TOKEN_IAT},
        {"iat", "1800000061", ERROR_ID_TOKEN_IAT},
        {"iat", "1e400", ERROR_ID_TOKEN_IAT},
        {"iat", "1800000000000", ERROR_ID_TOKEN_IAT},
        {"iat", "1800000060", ERROR_NONE},
        {"iat", "1800000060.999", ERROR_NONE},
        {"iat", "1800000000.123456789", ERROR_NONE},
        {"iat", "1.8e9", ERROR_NONE},
        {"iat", "1799999000", ERROR_NONE},
    };
    run((struct fixture *)*state, cases);
}

static void nbf_does_not_lie_in_the_future_if_it_is_there(void **state) {
    static const struct claim_case cases[] = {
        {"nbf", "1800000061", ERROR_ID_TOKEN_NBF}, {"nbf", "null", ERROR_ID_TOKEN_NBF},
        {"nbf", "\"1\"", ERROR_ID_TOKEN_NBF},      {"nbf", "-1", ERROR_ID_TOKEN_NBF},
        {"nbf", "1e400", ERROR_ID_TOKEN_NBF},      {"nbf", "1800000060", ERROR_NONE},
        {"nbf", "1799999999.5", ERROR_NONE},       {"nbf", "0", ERROR_NONE},
    };
    run((struct fixture *)*state, cases);
}

static void the_leeway_is_the_configured_one(void **state) {
    struct fixture *fixture = *state;
    const struct id_token_expectation expected = {.nonce = NONCE};
    const int64_t leeways[] = {1, 60, 300};
    for (size_t i = 0; i < FIXTURE_COUNT(leeways); i++) {
        struct id_token_check question = {
            .provider = &fixture->provider,
            .expected = &expected,
            .alg = "ES256",
            .now = 1800000300 + leeways[i],
            .leeway = leeways[i],
        };
        struct json *claims =
            fixture_json(fixture, fixture_object(fixture->arena, good, NULL, NULL));
        assert_fails(fixture->arena, ERROR_ID_TOKEN_EXP,
                     id_token_check(fixture->arena, &question, claims));
        question.now--;
        assert_works(fixture->arena, id_token_check(fixture->arena, &question, claims));
        question.now = 1800000000 - leeways[i];
        assert_works(fixture->arena, id_token_check(fixture->arena, &question, claims));
        question.now--;
        assert_fails(fixture->arena, ERROR_ID_TOKEN_IAT,
                     id_token_check(fixture->arena, &question, claims));
    }
}

static void nonce_is_the_one_of_this_login(void **state) {
    static const struct claim_case cases[] = {
        {"nonce", NULL, ERROR_ID_TOKEN_NONCE},
        {"nonce", "\"\"", ERROR_ID_TOKEN_NONCE},
        {"nonce", "null", ERROR_ID_TOKEN_NONCE},
        {"nonce", "1", ERROR_ID_TOKEN_NONCE},
        {"nonce", "[\"" NONCE "\"]", ERROR_ID_TOKEN_NONCE},
        {"nonce", "\"n-0S6_WzA2M\"", ERROR_ID_TOKEN_NONCE},
        {"nonce", "\"n-0S6_WzA2Mj \"", ERROR_ID_TOKEN_NONCE},
        {"nonce", "\"N-0S6_WzA2Mj\"", ERROR_ID_TOKEN_NONCE},
        {"nonce", "\"other\"", ERROR_ID_TOKEN_NONCE},
    };
    run((struct fixture *)*state, cases);
}

static void where_no_nonce_was_sent_none_may_come_back(void **state) {
    struct fixture *fixture = *state;
    const char *without = fixture_object(fixture->arena, good, "nonce", NULL);
    const char *raw[] = {"\"" NONCE "\"", "\"\"", "null"};
    assert_works(fixture->arena, check(fixture, &fixture->provider, NULL, without));
    for (size_t i = 0; i < FIXTURE_COUNT(raw); i++)
        assert_fails(fixture->arena, ERROR_ID_TOKEN_NONCE,
                     check(fixture, &fixture->provider, NULL,
                           fixture_object(fixture->arena, good, "nonce", raw[i])));
}

static void hashes_are_right_if_they_are_there(void **state) {
    static const struct claim_case cases[] = {
        {"at_hash", AT_HASH, ERROR_NONE},
        {"at_hash", C_HASH, ERROR_ID_TOKEN_AT_HASH},
        {"at_hash", "\"\"", ERROR_ID_TOKEN_AT_HASH},
        {"at_hash", "null", ERROR_ID_TOKEN_AT_HASH},
        {"at_hash", "7", ERROR_ID_TOKEN_AT_HASH},
        {"at_hash", "[" AT_HASH "]", ERROR_ID_TOKEN_AT_HASH},
        {"at_hash", "\"YiHPD2T9DaX5B837XJXtow==\"", ERROR_ID_TOKEN_AT_HASH},
        {"at_hash", "\"YIHPD2T9DAX5B837XJXTOW\"", ERROR_ID_TOKEN_AT_HASH},
        {"c_hash", C_HASH, ERROR_NONE},
        {"c_hash", AT_HASH, ERROR_ID_TOKEN_C_HASH},
        {"c_hash", "\"\"", ERROR_ID_TOKEN_C_HASH},
        {"c_hash", "null", ERROR_ID_TOKEN_C_HASH},
        {"c_hash", "false", ERROR_ID_TOKEN_C_HASH},
    };
    run((struct fixture *)*state, cases);
}

/* A hash of something that did not come along cannot be checked, and so not be right. */
static void a_hash_of_what_is_not_there_is_refused(void **state) {
    struct fixture *fixture = *state;
    const struct id_token_expectation expected = {.nonce = NONCE};
    const struct id_token_check question = {
        .provider = &fixture->provider, .expected = &expected, .alg = "ES256", .now = NOW};
    assert_fails(fixture->arena, ERROR_ID_TOKEN_AT_HASH,
                 id_token_check(fixture->arena, &question,
                                fixture_json(fixture, fixture_object(fixture->arena, good,
                                                                     "at_hash", AT_HASH))));
}

static void the_hash_function_is_that_of_the_signature(void **state) {
    struct fixture *fixture = *state;
    /* the first 24 bytes of SHA-384 */
    const char *sha384 = "\"p3iANihy1MamculNPUrQ8HsBkouO-q2I\"";
    const struct id_token_expectation expected = {.nonce = NONCE, .access_token = ACCESS_TOKEN};
    struct id_token_check question = {
        .provider = &fixture->provider, .expected = &expected, .alg = "RS384", .now = NOW};
    struct json *claims =
        fixture_json(fixture, fixture_object(fixture->arena, good, "at_hash", sha384));
    assert_works(fixture->arena, id_token_check(fixture->arena, &question, claims));
    question.alg = "RS256";
    assert_fails(fixture->arena, ERROR_ID_TOKEN_AT_HASH,
                 id_token_check(fixture->arena, &question, claims));
}

static void auth_time_is_a_time_if_it_is_there(void **state) {
    static const struct claim_case cases[] = {
        {"auth_time", "1799990000", ERROR_NONE},
        {"auth_time", "1799990000.5", ERROR_NONE},
        {"auth_time", "\"1799990000\"", ERROR_ID_TOKEN_AUTH_TIME},
        {"auth_time", "null", ERROR_ID_TOKEN_AUTH_TIME},
        {"auth_time", "-5", ERROR_ID_TOKEN_AUTH_TIME},
        {"auth_time", "1e400", ERROR_ID_TOKEN_AUTH_TIME},
    };
    run((struct fixture *)*state, cases);
}

static void max_age_must_be_shown_to_be_kept(void **state) {
    struct fixture *fixture = *state;
    static const struct claim_case cases[] = {
        {"auth_time", NULL, ERROR_ID_TOKEN_AUTH_TIME},
        {"auth_time", "\"1800000000\"", ERROR_ID_TOKEN_AUTH_TIME},
        {"auth_time", "1799996340", ERROR_NONE}, /* 3600 s and the leeway of 60 s */
        {"auth_time", "1799996339", ERROR_ID_TOKEN_AUTH_TIME},
        {"auth_time", "0", ERROR_ID_TOKEN_AUTH_TIME},
        {"auth_time", "1800000060", ERROR_NONE},
        {"auth_time", "1800000061", ERROR_ID_TOKEN_AUTH_TIME}, /* not yet */
    };
    fixture->provider.max_age = 3600;
    run(fixture, cases);
}

static void max_age_zero_asks_for_a_sign_in_just_now(void **state) {
    struct fixture *fixture = *state;
    static const struct claim_case cases[] = {
        {"auth_time", "1799999940", ERROR_NONE},
        {"auth_time", "1799999939", ERROR_ID_TOKEN_AUTH_TIME},
    };
    fixture->provider.max_age = 0;
    run(fixture, cases);
}

static void acr_is_one_of_those_asked_for(void **state) {
    struct fixture *fixture = *state;
    static const struct claim_case cases[] = {
        {"acr", "\"phr\"", ERROR_NONE},
        {"acr", "\"urn:mace:incommon:iap:silver\"", ERROR_NONE},
        {"acr", NULL, ERROR_ID_TOKEN_ACR},
        {"acr", "\"0\"", ERROR_ID_TOKEN_ACR},
        {"acr", "\"\"", ERROR_ID_TOKEN_ACR},
        {"acr", "\"ph\"", ERROR_ID_TOKEN_ACR},
        {"acr", "\"phr urn:mace:incommon:iap:silver\"", ERROR_ID_TOKEN_ACR},
        {"acr", "null", ERROR_ID_TOKEN_ACR},
        {"acr", "[\"phr\"]", ERROR_ID_TOKEN_ACR},
    };
    fixture->provider.acr_values = "phr urn:mace:incommon:iap:silver";
    run(fixture, cases);
}

static void unknown_claims_do_no_harm(void **state) {
    static const struct claim_case cases[] = {
        {"acr", "\"0\"", ERROR_NONE},
        {"amr", "[\"pwd\",\"otp\"]", ERROR_NONE},
        {"s_hash", "\"x\"", ERROR_NONE},
        {"address", "{\"country\":\"KR\",\"more\":[[[{}]]]}", ERROR_NONE},
        {"http://example.com/is_root", "true", ERROR_NONE},
    };
    run((struct fixture *)*state, cases);
}

/* ---- whole tokens ---------------------------------------------------------------------------- */

static int verify(struct fixture *fixture, const char *compact, struct id_token *token) {
    const struct id_token_expectation expected = {
        .nonce = NONCE, .access_token = ACCESS_TOKEN, .code = CODE};
    return id_token_verify(fixture->context, &fixture->provider, &fixture->metadata, compact,
                           &expected, token);
}

static void answer_jwks(struct fixture *fixture) {
    fixture_answer_json(fixture, FIXTURE_ISSUER "/jwks", fixture_own_jwks(fixture));
}

static void a_signed_token_tells_who_it_is(void **state) {
    struct fixture *fixture = *state;
    struct id_token token;
    answer_jwks(fixture);
    const char *claims = fixture_object(fixture->arena, good, "sid", "\"s-1\"");
    assert_works(fixture->arena, verify(fixture, fixture_token(fixture, claims), &token));
    assert_string_equal(token.subject, "24400320");
    assert_string_equal(token.sid, "s-1");
    assert_string_equal(token.alg, "ES256");
    assert_string_equal(json_string(token.claims, "nonce"), NONCE);
}

static void the_clock_is_the_contexts(void **state) {
    struct fixture *fixture = *state;
    struct id_token token;
    answer_jwks(fixture);
    const char *compact = fixture_token(fixture, fixture_object(fixture->arena, good, NULL, NULL));
    fixture->house.clock.fixed = 1800000300 + 59;
    assert_works(fixture->arena, verify(fixture, compact, &token));
    fixture->house.clock.fixed = 1800000300 + 60;
    assert_fails(fixture->arena, ERROR_ID_TOKEN_EXP, verify(fixture, compact, &token));
}

static void a_missing_token_is_told_from_a_wrong_one(void **state) {
    struct fixture *fixture = *state;
    struct id_token token;
    assert_fails(fixture->arena, ERROR_ID_TOKEN_MISSING, verify(fixture, NULL, &token));
}

static void claims_are_one_json_object(void **state) {
    struct fixture *fixture = *state;
    struct id_token token;
    const char *whole = fixture_object(fixture->arena, good, NULL, NULL);
    const char *payloads[] = {
        "",
        "null",
        "\"text\"",
        "17",
        "[]",
        arena_format(fixture->arena, "[%s]", whole),
        arena_format(fixture->arena, "%s%s", whole, whole),
        arena_format(fixture->arena, "%s garbage", whole),
        arena_format(fixture->arena, "\xEF\xBB\xBF%s", whole),
        fixture_object(fixture->arena, good, "x", "01"),
        fixture_object(fixture->arena, good, "x", "\"\\ud800\""),
        fixture_object(fixture->arena, good, "x", "\"\xFF\""),
        fixture_object(fixture->arena, good, "x", "1,\"sub\":\"admin\""), /* a name twice */
        fixture_object(fixture->arena, good, "x", "1,\"s\\u0075b\":\"admin\""),
        fixture_object(fixture->arena, good, "x", "{\"a\":1,\"a\":1}"),
        "{\"iss\":",                /* cut short */
        "eyJhbGciOiJub25lIn0.e30.", /* a token in the token */
    };
    answer_jwks(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(payloads); i++)
        assert_fails(fixture->arena, ERROR_ID_TOKEN_MALFORMED,
                     verify(fixture, fixture_token(fixture, payloads[i]), &token));
}

static void a_token_of_another_kind_is_none(void **state) {
    struct fixture *fixture = *state;
    struct id_token token;
    const char *claims = fixture_object(fixture->arena, good, NULL, NULL);
    const struct {
        const char *typ;
        enum error_rule rule;
    } cases[] = {
        {"\"JWT\"", ERROR_NONE},
        {"\"jwt\"", ERROR_NONE},
        {"\"application/jwt\"", ERROR_NONE},
        {"\"logout+jwt\"", ERROR_JWS_TYP},
        {"\"at+jwt\"", ERROR_JWS_TYP},
        {"\"application/at+jwt\"", ERROR_JWS_TYP},
        {"\"secevent+jwt\"", ERROR_JWS_TYP},
        {"\"dpop+jwt\"", ERROR_JWS_TYP},
        {"\"JWE\"", ERROR_JWS_TYP},
        {"\"\"", ERROR_JWS_TYP},
        {"7", ERROR_JWS_MALFORMED},
        {"null", ERROR_JWS_MALFORMED},
    };
    answer_jwks(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const char *header = arena_format(
            fixture->arena, "{\"alg\":\"ES256\",\"kid\":\"k1\",\"typ\":%s}", cases[i].typ);
        const char *compact = fixture_sign(fixture, &fixture->key, header, claims);
        if (cases[i].rule == ERROR_NONE)
            assert_works(fixture->arena, verify(fixture, compact, &token));
        else
            assert_fails(fixture->arena, cases[i].rule, verify(fixture, compact, &token));
    }
}

static void the_signature_comes_before_the_claims(void **state) {
    struct fixture *fixture = *state;
    struct id_token token;
    answer_jwks(fixture);
    char *compact = arena_text(
        fixture->arena, fixture_token(fixture, fixture_object(fixture->arena, good, "iss", "1")));
    char *signature = strrchr(compact, '.') + 1;
    *signature = *signature == 'A' ? 'B' : 'A';
    assert_fails(fixture->arena, ERROR_JWS_SIGNATURE, verify(fixture, compact, &token));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_good_token_is_good),
        fixture_test(iss_is_exactly_the_issuer),
        fixture_test(sub_is_a_text_of_at_most_255_characters),
        fixture_test(aud_holds_us_and_nobody_unknown),
        fixture_test(a_configured_audience_is_trusted_beside_us),
        fixture_test(azp_is_us_if_it_is_there),
        fixture_test(exp_lies_in_the_future_give_or_take_the_leeway),
        fixture_test(iat_does_not_lie_in_the_future),
        fixture_test(nbf_does_not_lie_in_the_future_if_it_is_there),
        fixture_test(the_leeway_is_the_configured_one),
        fixture_test(nonce_is_the_one_of_this_login),
        fixture_test(where_no_nonce_was_sent_none_may_come_back),
        fixture_test(hashes_are_right_if_they_are_there),
        fixture_test(a_hash_of_what_is_not_there_is_refused),
        fixture_test(the_hash_function_is_that_of_the_signature),
        fixture_test(auth_time_is_a_time_if_it_is_there),
        fixture_test(max_age_must_be_shown_to_be_kept),
        fixture_test(max_age_zero_asks_for_a_sign_in_just_now),
        fixture_test(acr_is_one_of_those_asked_for),
        fixture_test(unknown_claims_do_no_harm),
        fixture_test(a_signed_token_tells_who_it_is),
        fixture_test(the_clock_is_the_contexts),
        fixture_test(a_missing_token_is_told_from_a_wrong_one),
        fixture_test(claims_are_one_json_object),
        fixture_test(a_token_of_another_kind_is_none),
        fixture_test(the_signature_comes_before_the_claims),
    };
    return cmocka_run_group_tests_name("id_token", tests, NULL, NULL);
}

/* oauth/userinfo: more about the person who signed in, and about nobody else. */
#include "fixture.h"

#include "oauth/userinfo.h"

#define URL FIXTURE_ISSUER "/userinfo"
#define SUBJECT "248289761001"
#define GOOD "{\"sub\":\"" SUBJECT "\",\"name\":\"Jane Doe\"}"

static int ask(struct fixture *fixture, const struct json **claims) {
    struct login_values values = {.provider = &fixture->provider, .access_token = "a-token"};
    int result = userinfo_request(fixture->context, &fixture->metadata, SUBJECT, &values);
    *claims = values.answers.of[MAPPING_USERINFO];
    return result;
}

static void the_claims_are_those_of_the_subject(void **state) {
    struct fixture *fixture = *state;
    const struct json *claims = NULL;
    fixture_answer_json(fixture, URL, GOOD);
    assert_works(fixture->arena, ask(fixture, &claims));
    assert_string_equal(json_string(claims, "name"), "Jane Doe");
    assert_null(fixture->calls->form);
    assert_string_equal(fixture_field(fixture->calls, "Authorization"), "Bearer a-token");
    assert_string_equal(fixture->calls->accept, "application/json, application/jwt");
}

static void without_an_endpoint_nobody_is_asked(void **state) {
    struct fixture *fixture = *state;
    const struct json *claims = json_object(fixture->arena);
    fixture->metadata.userinfo_endpoint = NULL;
    assert_works(fixture->arena, ask(fixture, &claims));
    assert_null(claims);
}

static void if_the_record_says_no_nobody_is_asked(void **state) {
    struct fixture *fixture = *state;
    const struct json *claims = json_object(fixture->arena);
    fixture->provider.userinfo = false;
    assert_works(fixture->arena, ask(fixture, &claims));
    assert_null(claims);
}

static void any_other_answer_is_refused(void **state) {
    const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {200, "{\"sub\":\"248289761002\",\"name\":\"Mallory\"}", ERROR_USERINFO_SUB},
        {200, "{\"sub\":\"" SUBJECT " \"}", ERROR_USERINFO_SUB},
        {200, "{\"sub\":\"\"}", ERROR_USERINFO_SUB},
        {200, "{\"sub\":null}", ERROR_USERINFO_SUB},
        {200, "{\"sub\":248289761001}", ERROR_USERINFO_SUB},
        {200, "{\"sub\":[\"" SUBJECT "\"]}", ERROR_USERINFO_SUB},
        {200, "{\"name\":\"Jane Doe\"}", ERROR_USERINFO_SUB},
        {200, "{\"Sub\":\"" SUBJECT "\"}", ERROR_USERINFO_SUB},
        {200, "{}", ERROR_USERINFO_SUB},
        {200, "", ERROR_USERINFO_MALFORMED},
        {200, "null", ERROR_USERINFO_MALFORMED},
        {200, "[" GOOD "]", ERROR_USERINFO_MALFORMED},
        {200, GOOD "x", ERROR_USERINFO_MALFORMED},
        {200, "<html>", ERROR_USERINFO_MALFORMED},
        {200, "{\"sub\":\"248289761002\",\"sub\":\"" SUBJECT "\"}", ERROR_USERINFO_MALFORMED},
        {200, "{\"sub\":\"" SUBJECT "\",\"name\":\"\xFF\"}", ERROR_USERINFO_MALFORMED},
        {201, GOOD, ERROR_HTTP_STATUS},
        {204, "", ERROR_HTTP_STATUS},
        {302, GOOD, ERROR_HTTP_STATUS},
        {401, "{\"error\":\"invalid_token\"}", ERROR_USERINFO_ERROR},
        {200, "{\"sub\":\"" SUBJECT "\",\"error\":\"invalid_token\"}", ERROR_USERINFO_ERROR},
        {403, GOOD, ERROR_HTTP_STATUS},
        {500, GOOD, ERROR_HTTP_STATUS},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const struct json *claims = NULL;
        fixture_answer(fixture, URL, cases[i].status, "application/json", cases[i].body);
        if (ask(fixture, &claims) == 0)
            fail_msg("accepted: %d %s", cases[i].status, cases[i].body);
        assert_null(claims);
        if (fixture->arena->error.rule != cases[i].rule)
            fail_msg("%d %s: %s", cases[i].status, cases[i].body,
                     error_meaning(fixture->arena->error.rule)->name);
        arena_forget_error(fixture->arena);
    }
}

/* ---- signed answers (5.3.2) ------------------------------------------------------------------ */

static const struct fixture_member good[] = {
    {"iss", "\"" FIXTURE_ISSUER "\""},
    {"aud", "\"" FIXTURE_CLIENT "\""},
    {"sub", "\"" SUBJECT "\""},
    {"name", "\"Jane Doe\""},
    {NULL, NULL},
};

static int ask_signed(struct fixture *fixture, const char *jwt, const struct json **claims) {
    fixture_answer(fixture, URL, 200, "application/jwt", jwt);
    return ask(fixture, claims);
}

static void a_signed_answer_is_verified(void **state) {
    struct fixture *fixture = *state;
    const struct json *claims = NULL;
    fixture_answer(fixture, URL, 200, "application/jwt",
                   fixture_token(fixture, fixture_object(fixture->arena, good, NULL, NULL)));
    fixture_answer_json(fixture, FIXTURE_ISSUER "/jwks", fixture_own_jwks(fixture));
    assert_works(fixture->arena, ask(fixture, &claims));
    assert_string_equal(json_string(claims, "name"), "Jane Doe");
}

static void each_claim_of_a_signed_answer_is_checked(void **state) {
    const struct {
        const char *name;
        const char *raw;
        enum error_rule rule;
    } cases[] = {
        {"iss", NULL, ERROR_ID_TOKEN_ISS},
        {"iss", "\"https://evil.example\"", ERROR_ID_TOKEN_ISS},
        {"aud", NULL, ERROR_ID_TOKEN_AUD},
        {"aud", "\"client-2\"", ERROR_ID_TOKEN_AUD},
        {"aud", "[\"client-2\",\"client-1\"]", ERROR_NONE},
        {"sub", NULL, ERROR_USERINFO_SUB},
        {"sub", "\"mallory\"", ERROR_USERINFO_SUB},
        {"more", "{\"x\":1}", ERROR_NONE},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const struct json *claims = NULL;
        const char *jwt = fixture_token(
            fixture, fixture_object(fixture->arena, good, cases[i].name, cases[i].raw));
        fixture_answer(fixture, URL, 200, "application/jwt", jwt);
        if (i == 0) /* and then kept */
            fixture_answer_json(fixture, FIXTURE_ISSUER "/jwks", fixture_own_jwks(fixture));
        int result = ask(fixture, &claims);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s %s: %s", cases[i].name, cases[i].raw == NULL ? "absent" : cases[i].raw,
                     error_meaning(fixture->arena->error.rule)->name);
        assert_true((claims == NULL) == (result != 0));
        arena_forget_error(fixture->arena);
    }
}

static void a_forged_signature_is_refused(void **state) {
    struct fixture *fixture = *state;
    const struct json *claims = NULL;
    const char *whole = fixture_object(fixture->arena, good, NULL, NULL);
    char *forged = arena_text(fixture->arena, fixture_token(fixture, whole));
    char *signature = strrchr(forged, '.') + 1;
    *signature = *signature == 'A' ? 'B' : 'A';
    fixture_answer(fixture, URL, 200, "application/jwt", forged);
    fixture_answer_json(fixture, FIXTURE_ISSUER "/jwks", fixture_own_jwks(fixture));
    assert_fails(fixture->arena, ERROR_JWS_SIGNATURE, ask(fixture, &claims));
    assert_null(claims);

    const char *unsigned_token =
        arena_format(fixture->arena, "eyJhbGciOiJub25lIn0.%s.",
                     base64url_encode(fixture->arena, whole, strlen(whole)));
    assert_fails(fixture->arena, ERROR_JWS_ALG, ask_signed(fixture, unsigned_token, &claims));
    assert_fails(fixture->arena, ERROR_JWS_MALFORMED, ask_signed(fixture, GOOD, &claims));
    assert_fails(fixture->arena, ERROR_JWS_MALFORMED, ask_signed(fixture, "", &claims));
}

static void only_the_listed_algorithms_sign(void **state) {
    struct fixture *fixture = *state;
    const struct json *claims = NULL;
    fixture->provider.userinfo_algs = "RS256";
    assert_fails(
        fixture->arena, ERROR_JWS_ALG,
        ask_signed(fixture,
                   fixture_token(fixture, fixture_object(fixture->arena, good, NULL, NULL)),
                   &claims));
}

static void a_signed_answer_is_a_json_object(void **state) {
    static const char *const payloads[] = {"", "[]", "null", "{}{}", "{\"sub\":1,\"sub\":2}"};
    struct fixture *fixture = *state;
    const struct json *claims = NULL;
    for (size_t i = 0; i < FIXTURE_COUNT(payloads); i++) {
        fixture_answer(fixture, URL, 200, "application/jwt", fixture_token(fixture, payloads[i]));
        if (i == 0)
            fixture_answer_json(fixture, FIXTURE_ISSUER "/jwks", fixture_own_jwks(fixture));
        assert_fails(fixture->arena, ERROR_USERINFO_MALFORMED, ask(fixture, &claims));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_claims_are_those_of_the_subject),
        fixture_test(without_an_endpoint_nobody_is_asked),
        fixture_test(if_the_record_says_no_nobody_is_asked),
        fixture_test(any_other_answer_is_refused),
        fixture_test(a_signed_answer_is_verified),
        fixture_test(each_claim_of_a_signed_answer_is_checked),
        fixture_test(a_forged_signature_is_refused),
        fixture_test(only_the_listed_algorithms_sign),
        fixture_test(a_signed_answer_is_a_json_object),
    };
    return cmocka_run_group_tests_name("userinfo", tests, NULL, NULL);
}

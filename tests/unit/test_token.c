/* oauth/token and oauth/endpoint: what a token endpoint answers, and what of it is believed. */
#include "fixture.h"

#include "oauth/endpoint.h"
#include "oauth/token.h"

#define URL FIXTURE_ISSUER "/token"
#define GOOD "{\"access_token\":\"SlAV32hkKG\",\"token_type\":\"Bearer\",\"id_token\":\"a.b.c\"}"

static const struct login_values values = {
    .redirect_uri = FIXTURE_SITE "/cgi-bin/callback.cgi/op",
};
static const struct token_request question = {
    .values = &values,
    .code = "SplxlOBeZQQYbYS6WxSbIA+/=&",
    .code_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
};

static int ask(struct fixture *fixture, int status, const char *type, const char *body,
               struct token_response *response) {
    fixture_answer(fixture, URL, status, type, body);
    return token_request(fixture->context, &fixture->provider, &fixture->metadata, &question,
                         response);
}

static void the_code_goes_with_its_verifier_and_redirect_uri(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    assert_works(fixture->arena, ask(fixture, 200, "application/json", GOOD, &response));
    assert_string_equal(fixture->calls->form,
                        "grant_type=authorization_code"
                        "&code=SplxlOBeZQQYbYS6WxSbIA%2B%2F%3D%26"
                        "&redirect_uri=https%3A%2F%2Fwww.example.org%2Fcgi-bin%2Fcallback.cgi%2Fop"
                        "&code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    assert_true(text_starts_with(fixture_field(fixture->calls, "Authorization"), "Basic "));
    assert_string_equal(response.access_token, "SlAV32hkKG");
    assert_string_equal(response.id_token, "a.b.c");
    assert_null(response.refresh_token);
}

static void without_pkce_there_is_no_verifier(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    fixture->provider.pkce = false;
    assert_works(fixture->arena, ask(fixture, 200, "application/json", GOOD, &response));
    assert_null(strstr(fixture->calls->form, "code_verifier"));
}

static int parse(struct fixture *fixture, const char *text, struct token_response *response) {
    return token_response_parse(fixture->arena, &fixture->provider, fixture_json(fixture, text),
                                response);
}

static void unusual_but_legal_answers_are_read(void **state) {
    static const char *const texts[] = {
        "{\"access_token\":\"a\",\"token_type\":\"bearer\"}",
        "{\"access_token\":\"a\",\"token_type\":\"BEARER\"}",
        "{\"access_token\":\"a\",\"token_type\":\"bEaReR\"}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"a\",\"expires_in\":3600}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"a\",\"expires_in\":\"3600\"}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"a\",\"expires_in\":-1e400}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"a\",\"id_token\":null}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"a\",\"refresh_token\":null,\"scope\":7}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"a-._~+/=\",\"x\":{\"y\":[1,2]}}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"ya29|a:b$c@d!e(f)\"}",
        "{\"token_type\":\"Bearer\",\"access_token\":\"\\u0061\"}",
        "{\"error\":\"\",\"token_type\":\"Bearer\",\"access_token\":\"a\"}",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(texts); i++) {
        struct token_response response;
        assert_works(fixture->arena, parse(fixture, texts[i], &response));
        assert_non_null(response.access_token);
        assert_null(response.id_token);
        assert_null(response.refresh_token);
    }
}

static void all_tokens_are_read(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    assert_works(fixture->arena, parse(fixture,
                                       "{\"access_token\":\"a\",\"token_type\":\"Bearer\","
                                       "\"id_token\":\"i\",\"refresh_token\":\"r\"}",
                                       &response));
    assert_string_equal(response.access_token, "a");
    assert_string_equal(response.id_token, "i");
    assert_string_equal(response.refresh_token, "r");
}

#define TYPED "\"token_type\":\"Bearer\""

static void lifetime_and_scope_are_read_where_they_are_sensible(void **state) {
    static const struct {
        const char *members;
        int64_t expires_in;
        const char *scope;
    } cases[] = {
        {"\"expires_in\":3600,\"scope\":\"mail calendar\"", 3600, "mail calendar"},
        {"\"expires_in\":\"3600\",\"scope\":\"\"", 3600, ""},
        {"\"expires_in\":315360000,\"scope\":null", 315360000, NULL},
        {"\"expires_in\":315360001,\"scope\":7", 0, NULL},
        {"\"expires_in\":-1,\"scope\":[\"mail\"]", 0, NULL},
        {"\"expires_in\":1e9,\"scope\":\"a\\nb\"", 0, NULL},
        {"\"expires_in\":9223372036854775808", 0, NULL},
        {"\"expires_in\":\"soon\"", 0, NULL},
        {"\"expires_in\":null", 0, NULL},
        {"\"expires_in\":[3600]", 0, NULL},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct token_response response;
        const char *text =
            arena_format(fixture->arena, "{\"token_type\":\"Bearer\",\"access_token\":\"a\",%s}",
                         cases[i].members);
        assert_works(fixture->arena, parse(fixture, text, &response));
        assert_int_equal(response.expires_in, cases[i].expires_in);
        assert_true(cases[i].scope == NULL ? response.scope == NULL
                                           : text_equal(response.scope, cases[i].scope));
    }
}

static void answers_without_usable_tokens_are_refused(void **state) {
    static const char *const texts[] = {
        "{}",
        "{" TYPED "}",
        "{\"id_token\":\"a.b.c\"," TYPED "}",
        "{\"access_token\":null," TYPED "}",
        "{\"access_token\":\"\"," TYPED "}",
        "{\"access_token\":7," TYPED "}",
        "{\"access_token\":true," TYPED "}",
        "{\"access_token\":[\"a\"]," TYPED "}",
        "{\"access_token\":{\"value\":\"a\"}," TYPED "}",
        "{\"Access_Token\":\"a\"," TYPED "}",
        "{\"access_token\":\"a b\"," TYPED "}",
        "{\"access_token\":\"a\\r\\nX: y\"," TYPED "}",
        "{\"access_token\":\"a\\u0001\"," TYPED "}",
        "{\"access_token\":\"a\\u007f\"," TYPED "}",
        "{\"access_token\":\"\\\"a\\\"\"," TYPED "}",
        "{\"access_token\":\"a\\\\b\"," TYPED "}",
        "{\"access_token\":\"\xEA\xB9\x80\"," TYPED "}",
        "{\"access_token\":\"a\"}",
        "{\"access_token\":\"a\",\"token_type\":null}",
        "{\"access_token\":\"a\",\"token_type\":\"\"}",
        "{\"access_token\":\"a\",\"token_type\":7}",
        "{\"access_token\":\"a\",\"token_type\":[\"Bearer\"]}",
        "{\"access_token\":\"a\",\"token_type\":\"DPoP\"}",
        "{\"access_token\":\"a\",\"token_type\":\"mac\"}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer \"}",
        "{\"access_token\":\"a\",\"token_type\":\"Bearer token\"}",
        "{\"access_token\":\"a\",\"id_token\":7," TYPED "}",
        "{\"access_token\":\"a\",\"id_token\":\"\"," TYPED "}",
        "{\"access_token\":\"a\",\"id_token\":{}," TYPED "}",
        "{\"access_token\":\"a\",\"id_token\":[\"a.b.c\"]," TYPED "}",
        "{\"access_token\":\"a\",\"id_token\":\"a.b.c\\n\"," TYPED "}",
        "{\"access_token\":\"a\",\"refresh_token\":7," TYPED "}",
        "{\"access_token\":\"a\",\"refresh_token\":\"r r\"," TYPED "}",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(texts); i++) {
        struct token_response response;
        if (parse(fixture, texts[i], &response) == 0)
            fail_msg("accepted: %s", texts[i]);
        assert_int_equal(fixture->arena->error.rule, ERROR_TOKEN_RESPONSE);
        arena_forget_error(fixture->arena);
    }
}

static void a_token_has_at_most_32_kib(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    const size_t limit = 32 * 1024;
    char *token = arena_alloc(fixture->arena, limit + 2);
    memset(token, 't', limit);
    const char *format = "{\"access_token\":\"%s\"," TYPED "}";
    assert_works(fixture->arena,
                 parse(fixture, arena_format(fixture->arena, format, token), &response));
    token[limit] = 't';
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                 parse(fixture, arena_format(fixture->arena, format, token), &response));
}

/* ---- endpoint -------------------------------------------------------------------------------- */

static void each_answer_is_told_from_the_others(void **state) {
    const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {400, "{\"error\":\"invalid_grant\"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"invalid_grant\",\"error_description\":\"used\"}", ERROR_TOKEN_ERROR},
        {200, "{\"error\":\"invalid_grant\"}", ERROR_TOKEN_ERROR}, /* as some providers do */
        {200, "{\"error\":\"x\",\"access_token\":\"a\",\"token_type\":\"Bearer\"}",
         ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"unsupported_grant_type\"}", ERROR_TOKEN_ERROR},
        {401, "{\"error\":\"invalid_client\"}", ERROR_CLIENT_REFUSED},
        {400, "{\"error\":\"invalid_client\"}", ERROR_CLIENT_REFUSED},
        {500, "{\"error\":\"server_error\"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":7}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":{\"message\":\"x\"}}", ERROR_TOKEN_ERROR},
        {400, "{}", ERROR_HTTP_STATUS},
        {400, "", ERROR_HTTP_STATUS},
        {401, "<html>no</html>", ERROR_HTTP_STATUS},
        {403, "[]", ERROR_HTTP_STATUS},
        {404, "not found", ERROR_HTTP_STATUS},
        {500, "<!doctype html>", ERROR_HTTP_STATUS},
        {503, "", ERROR_HTTP_STATUS},
        {302, "", ERROR_HTTP_STATUS},
        {201, GOOD, ERROR_HTTP_STATUS},
        {204, "", ERROR_HTTP_STATUS},
        {200, "", ERROR_TOKEN_RESPONSE},
        {200, "<html>", ERROR_TOKEN_RESPONSE},
        {200, "null", ERROR_TOKEN_RESPONSE},
        {200, "[" GOOD "]", ERROR_TOKEN_RESPONSE},
        {200, GOOD GOOD, ERROR_TOKEN_RESPONSE},
        {200, "\"access_token\"", ERROR_TOKEN_RESPONSE},
        {200, "access_token=a&token_type=bearer", ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"a\",\"access_token\":\"b\"," TYPED "}", ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"\xFF\"," TYPED "}", ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"a\"," TYPED ",}", ERROR_TOKEN_RESPONSE},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct token_response response;
        if (ask(fixture, cases[i].status, "application/json", cases[i].body, &response) == 0)
            fail_msg("accepted: %d %s", cases[i].status, cases[i].body);
        if (fixture->arena->error.rule != cases[i].rule)
            fail_msg("%d %s: %s", cases[i].status, cases[i].body,
                     error_meaning(fixture->arena->error.rule)->name);
        arena_forget_error(fixture->arena);
    }
}

static void a_network_that_fails_is_passed_on(void **state) {
    static const enum error_rule rules[] = {ERROR_HTTP_FAILED, ERROR_HTTP_TIMEOUT,
                                            ERROR_HTTP_TOO_LARGE};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(rules); i++) {
        struct token_response response;
        fixture_answer_failure(fixture, URL, rules[i]);
        assert_fails(fixture->arena, rules[i],
                     token_request(fixture->context, &fixture->provider, &fixture->metadata,
                                   &question, &response));
    }
}

/* The error code goes into the log: printable, short, and nothing else of the answer. */
static void the_log_learns_the_code_alone(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    assert_int_equal(ask(fixture, 400, "application/json",
                         "{\"error\":\"bad \\u001b[31m\xEA\xB9\x80 code=x\","
                         "\"error_description\":\"ada@example.org\"}",
                         &response),
                     -1);
    assert_string_equal(fixture->arena->error.detail, "status 400, error bad???31m????code?x");
}

static void where_nothing_may_be_called_nothing_is(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    fixture->metadata.token_endpoint = "http://op.example/token";
    assert_fails(fixture->arena, ERROR_URL_NOT_ALLOWED,
                 token_request(fixture->context, &fixture->provider, &fixture->metadata, &question,
                               &response));
    assert_int_equal(fixture->call_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_code_goes_with_its_verifier_and_redirect_uri),
        fixture_test(without_pkce_there_is_no_verifier),
        fixture_test(unusual_but_legal_answers_are_read),
        fixture_test(all_tokens_are_read),
        fixture_test(lifetime_and_scope_are_read_where_they_are_sensible),
        fixture_test(answers_without_usable_tokens_are_refused),
        fixture_test(a_token_has_at_most_32_kib),
        fixture_test(each_answer_is_told_from_the_others),
        fixture_test(a_network_that_fails_is_passed_on),
        fixture_test(the_log_learns_the_code_alone),
        fixture_test(where_nothing_may_be_called_nothing_is),
    };
    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}

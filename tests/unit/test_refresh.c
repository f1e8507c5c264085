/* oauth/refresh: what is sent for a new access token, which answers mean that there will be none any
 * more, and which answers are somebody else's. */
#include "fixture.h"

#include "oauth/refresh.h"

#define URL FIXTURE_ISSUER "/token"
#define GOOD "{\"access_token\":\"access-2\",\"token_type\":\"Bearer\",\"expires_in\":3600}"
#define SUBJECT "24400320"

static const struct refresh question = {
    .refresh_token = "refresh-1+/=&",
    .issuer = FIXTURE_ISSUER,
    .subject = SUBJECT,
};

static int ask(struct fixture *fixture, const struct refresh *refresh, int status, const char *body,
               struct token_response *response) {
    fixture_answer(fixture, URL, status, "application/json", body);
    return refresh_request(fixture->context, &fixture->provider, &fixture->metadata, refresh,
                           response);
}

/* ---- the request ----------------------------------------------------------------------------- */

static void the_refresh_token_goes_alone_and_as_the_client(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    assert_works(fixture->arena, ask(fixture, &question, 200, GOOD, &response));
    assert_string_equal(fixture->calls->form,
                        "grant_type=refresh_token&refresh_token=refresh-1%2B%2F%3D%26");
    assert_true(text_starts_with(fixture_field(fixture->calls, "Authorization"), "Basic "));
    assert_string_equal(response.access_token, "access-2");
    assert_null(response.refresh_token); /* RFC 6749 6: the old one stays */
    assert_null(response.scope);
    assert_int_equal(response.expires_in, 3600);
}

#define OAUTH2                                                                                     \
    "[provider op]\ntype = oauth2\nclient_id = client-1\nclient_secret = a&b\n"                    \
    "authorization_endpoint = " FIXTURE_ISSUER "/authorize\ntoken_endpoint = " URL                 \
    "\nuserinfo_endpoint = " FIXTURE_ISSUER "/userinfo\n"                                          \
    "token_endpoint_auth_method = client_secret_post\ncode_challenge_method = none\n"

static void configure(struct fixture *fixture, const char *settings) {
    fixture_config(fixture, arena_format(fixture->arena, OAUTH2 "%s", settings));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
}

/* The call that a record makes; `parameters` as kept since the login. */
static const struct fixture_call *call_of(struct fixture *fixture, const char *settings,
                                          const char *url, const char *parameters) {
    struct token_response response;
    struct refresh refresh = question;
    refresh.refresh_token = "r/1";
    refresh.parameters = parameters;
    configure(fixture, settings);
    fixture->calls = NULL;
    fixture_answer_json(fixture, url, "{\"access_token\":\"a\"}");
    assert_works(fixture->arena, refresh_request(fixture->context, &fixture->provider,
                                                 &fixture->metadata, &refresh, &response));
    return fixture->calls;
}

static void a_record_says_where_and_how(void **state) {
    struct fixture *fixture = *state;
    const struct fixture_call *call = call_of(fixture, "", URL, NULL);
    assert_string_equal(call->form, "grant_type=refresh_token&refresh_token=r%2F1"
                                    "&client_id=client-1&client_secret=a%26b");
    call = call_of(fixture, "refresh_endpoint = " FIXTURE_ISSUER "/refresh\n",
                   FIXTURE_ISSUER "/refresh", NULL);
    assert_non_null(call->form);
    call = call_of(fixture, "token_endpoint_method = GET\nclient_id_parameter = appid\n",
                   URL "?grant_type=refresh_token&refresh_token=r%2F1&appid=client-1"
                       "&client_secret=a%26b",
                   NULL);
    assert_null(call->form);
    call = call_of(fixture, "token_request_format = json\n", URL, NULL);
    assert_string_equal(json_string(fixture_json(fixture, call->json), "refresh_token"), "r/1");
}

/* token_parameters are those of the code: some of them only a login knows. */
static void its_parameters_are_its_own(void **state) {
    struct fixture *fixture = *state;
    const struct fixture_call *call = call_of(
        fixture, "token_parameters = state={state}\nrefresh_parameters = device={token:d}\n", URL,
        "device=d%261&fmt=json");
    assert_string_equal(call->form, "grant_type=refresh_token&refresh_token=r%2F1"
                                    "&device=d%261&fmt=json&client_id=client-1"
                                    "&client_secret=a%26b");
}

/* RFC 6749 3.1: none stands beside or in place of what the protocol sends. */
static void none_of_them_takes_a_protocol_parameters_place(void **state) {
    struct fixture *fixture = *state;
    const struct fixture_call *call =
        call_of(fixture, "", URL, "grant_type=password&refresh_token=theirs&x=1&x=2");
    assert_string_equal(call->form, "grant_type=refresh_token&refresh_token=r%2F1&x=1"
                                    "&client_id=client-1&client_secret=a%26b");
}

static void parameters_are_filled_in_by_the_login(void **state) {
    struct fixture *fixture = *state;
    const char *parameters = "unset";
    configure(fixture, "");
    struct login_values values = {
        .provider = &fixture->provider,
        .redirect_uri = FIXTURE_SITE "/cgi-bin/callback.cgi/op",
        .answers.of = {[MAPPING_CALLBACK] = fixture_json(fixture, "{\"device_id\":\"d&1=\"}")},
    };
    assert_works(fixture->arena, refresh_parameters(fixture->arena, &values, &parameters));
    assert_null(parameters);
    configure(fixture, "refresh_parameters = device={callback:device_id}&to={redirect_uri}\n");
    assert_works(fixture->arena, refresh_parameters(fixture->arena, &values, &parameters));
    assert_string_equal(parameters, "device=d%261%3D&to=https%3A%2F%2Fwww.example.org%2Fcgi-bin"
                                    "%2Fcallback.cgi%2Fop");
    values.answers.of[MAPPING_CALLBACK] = NULL;
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                 refresh_parameters(fixture->arena, &values, &parameters));
}

/* ---- failing --------------------------------------------------------------------------------- */

static void the_end_of_a_grant_is_told_from_other_failures(void **state) {
    const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {400, "{\"error\":\"invalid_grant\"}", ERROR_GRANT_OVER},
        {400, "{\"error\":\"invalid_grant\",\"error_description\":\"revoked\"}", ERROR_GRANT_OVER},
        {401, "{\"error\":\"invalid_grant\"}", ERROR_GRANT_OVER},
        {200, "{\"error\":\"invalid_grant\"}", ERROR_GRANT_OVER}, /* as some providers do */
        {400, "{\"error\":\"interaction_required\"}", ERROR_GRANT_OVER},
        {400, "{\"error\":\"login_required\"}", ERROR_GRANT_OVER},
        {400, "{\"error\":\"consent_required\"}", ERROR_GRANT_OVER},
        {400, "{\"error\":\"invalid_request\"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"invalid_scope\"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"unauthorized_client\"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"unsupported_grant_type\"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"Invalid_Grant\"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"invalid_grant \"}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":[\"invalid_grant\"]}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":{\"code\":\"invalid_grant\"}}", ERROR_TOKEN_ERROR},
        {400, "{\"error\":\"x\",\"error_description\":\"invalid_grant\"}", ERROR_TOKEN_ERROR},
        {429, "{\"error\":\"slow_down\"}", ERROR_TOKEN_ERROR},
        {503, "{\"error\":\"temporarily_unavailable\"}", ERROR_TOKEN_ERROR},
        {401, "{\"error\":\"invalid_client\"}", ERROR_CLIENT_REFUSED},
        {400, "{}", ERROR_HTTP_STATUS},
        {400, "invalid_grant", ERROR_HTTP_STATUS},
        {401, "<html>invalid_grant</html>", ERROR_HTTP_STATUS},
        {500, "", ERROR_HTTP_STATUS},
        {302, "", ERROR_HTTP_STATUS},
        {201, GOOD, ERROR_HTTP_STATUS},
        {200, "", ERROR_TOKEN_RESPONSE},
        {200, "{}", ERROR_TOKEN_RESPONSE},
        {200, "{\"token_type\":\"Bearer\",\"refresh_token\":\"r\"}", ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"a\",\"token_type\":\"DPoP\"}", ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"a\",\"token_type\":\"mac\"}", ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"a\"}", ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"refresh_token\":\"r r\"}",
         ERROR_TOKEN_RESPONSE},
        {200, "{\"access_token\":\"a\\r\\nX: y\",\"token_type\":\"Bearer\"}", ERROR_TOKEN_RESPONSE},
        {200, GOOD GOOD, ERROR_TOKEN_RESPONSE},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct token_response response;
        if (ask(fixture, &question, cases[i].status, cases[i].body, &response) == 0)
            fail_msg("accepted: %d %s", cases[i].status, cases[i].body);
        if (fixture->arena->error.rule != cases[i].rule)
            fail_msg("%d %s: %s", cases[i].status, cases[i].body,
                     error_meaning(fixture->arena->error.rule)->name);
        arena_forget_error(fixture->arena);
    }
}

static void a_network_that_fails_is_no_end(void **state) {
    static const enum error_rule rules[] = {ERROR_HTTP_FAILED, ERROR_HTTP_TIMEOUT,
                                            ERROR_HTTP_TOO_LARGE};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(rules); i++) {
        struct token_response response;
        fixture_answer_failure(fixture, URL, rules[i]);
        assert_fails(fixture->arena, rules[i],
                     refresh_request(fixture->context, &fixture->provider, &fixture->metadata,
                                     &question, &response));
    }
}

/* The name of a failure goes to the log; what we sent does not, whole or in part. */
static void what_quotes_a_secret_is_not_told(void **state) {
    static const char *const bodies[] = {
        "{\"error\":\"refresh-1+/=&\"}",
        "{\"error\":\"unknown token: refresh-1\"}",
        "{\"error\":\"x.a.client.secret.y\"}",
        "{\"error\":\"a.refresh-.b\"}",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(bodies); i++) {
        struct token_response response;
        fixture->provider.client_secret = "a.client.secret";
        assert_int_equal(ask(fixture, &question, 400, bodies[i], &response), -1);
        assert_int_equal(fixture->arena->error.rule, ERROR_TOKEN_ERROR);
        assert_null(strstr(fixture->arena->error.detail, "refresh-"));
        assert_null(strstr(fixture->arena->error.detail, ".secret"));
        assert_non_null(strstr(fixture->arena->error.detail, "quotes the "));
        arena_forget_error(fixture->arena);
    }
}

static void a_record_has_its_own_words_for_the_end(void **state) {
    const struct {
        const char *settings;
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {"grant_over = error = bad_refresh_token\n", 200, "{\"error\":\"bad_refresh_token\"}",
         ERROR_GRANT_OVER},
        {"grant_over = error = bad_refresh_token\n", 400, "{\"error\":\"invalid_grant\"}",
         ERROR_GRANT_OVER},
        {"token_error = error message\ngrant_over = message = 'Invalid refresh token'\n", 400,
         "{\"status\":400,\"message\":\"Invalid refresh token\"}", ERROR_GRANT_OVER},
        {"token_error = error message\ngrant_over = message = 'Invalid refresh token'\n", 400,
         "{\"status\":400,\"message\":\"missing client id\"}", ERROR_TOKEN_ERROR},
        {"token_error = errcode\ngrant_over = errcode = 40030 | errcode = 42002\n", 200,
         "{\"errcode\":42002,\"errmsg\":\"x\"}", ERROR_GRANT_OVER},
        {"token_error = errcode\ngrant_over = errcode = 40030 | errcode = 42002\n", 200,
         "{\"errcode\":40013}", ERROR_TOKEN_ERROR},
        /* A status alone: the answer need not say that it is an error. */
        {"grant_over = reason = gone\n", 403, "{\"reason\":\"gone\"}", ERROR_GRANT_OVER},
        /* What succeeds is no end. */
        {"grant_over = reason = gone\n", 200, "{\"reason\":\"gone\",\"access_token\":\"a\"}",
         ERROR_NONE},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct token_response response;
        configure(fixture, cases[i].settings);
        int result = ask(fixture, &question, cases[i].status, cases[i].body, &response);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s: %s: %s", cases[i].settings, cases[i].body,
                     error_meaning(fixture->arena->error.rule)->name);
        arena_forget_error(fixture->arena);
    }
}

/* ---- an id_token that comes along ------------------------------------------------------------ */

static const char *with_id_token(struct fixture *fixture, const char *id_token) {
    return arena_format(fixture->arena,
                        "{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"id_token\":\"%s\"}",
                        id_token);
}

static int ask_with_claims(struct fixture *fixture, const struct refresh *refresh,
                           const char *claims) {
    struct token_response response;
    return ask(fixture, refresh, 200, with_id_token(fixture, fixture_token(fixture, claims)),
               &response);
}

/* OpenID Connect Core 12.2 */
static void it_must_be_of_the_same_person(void **state) {
    const struct {
        const char *claims;
        enum error_rule rule;
    } cases[] = {
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"sub\":\"" SUBJECT "\",\"aud\":\"client-1\"}",
         ERROR_NONE},
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"sub\":\"" SUBJECT "\",\"aud\":[\"x\",\"client-1\"]}",
         ERROR_NONE},
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"sub\":\"mallory\",\"aud\":\"client-1\"}",
         ERROR_ID_TOKEN_SUB},
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"sub\":\"" SUBJECT "0\",\"aud\":\"client-1\"}",
         ERROR_ID_TOKEN_SUB},
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"sub\":\"\",\"aud\":\"client-1\"}", ERROR_ID_TOKEN_SUB},
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"aud\":\"client-1\"}", ERROR_ID_TOKEN_SUB},
        {"{\"iss\":\"https://evil.example\",\"sub\":\"" SUBJECT "\",\"aud\":\"client-1\"}",
         ERROR_ID_TOKEN_ISS},
        {"{\"sub\":\"" SUBJECT "\",\"aud\":\"client-1\"}", ERROR_ID_TOKEN_ISS},
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"sub\":\"" SUBJECT "\",\"aud\":\"client-2\"}",
         ERROR_ID_TOKEN_AUD},
        {"{\"iss\":\"" FIXTURE_ISSUER "\",\"sub\":\"" SUBJECT "\"}", ERROR_ID_TOKEN_AUD},
        {"[]", ERROR_ID_TOKEN_MALFORMED},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        int result = ask_with_claims(fixture, &question, cases[i].claims);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s: %s", cases[i].claims, error_meaning(fixture->arena->error.rule)->name);
        arena_forget_error(fixture->arena);
    }
}

static void one_that_is_none_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    assert_fails(fixture->arena, ERROR_JWS_MALFORMED,
                 ask(fixture, &question, 200, with_id_token(fixture, "a.b"), &response));
    /* alg none */
    assert_fails(fixture->arena, ERROR_JWS_ALG,
                 ask(fixture, &question, 200, with_id_token(fixture, "eyJhbGciOiJub25lIn0.e30."),
                     &response));
}

/* Where one provider is many issuers, it is the one of the login. */
static void one_of_many_issuers_stays_the_same(void **state) {
    static const char issuer[] = FIXTURE_ISSUER "/t-1";
    static const char other[] = FIXTURE_ISSUER "/t-2";
    struct fixture *fixture = *state;
    struct refresh refresh = question;
    refresh.issuer = issuer;
    fixture_config(fixture,
                   "[provider op]\nissuer = " FIXTURE_ISSUER "/{claim:tid}\nclient_id = client-1\n"
                   "client_secret = " FIXTURE_SECRET "\nauthorization_endpoint = " FIXTURE_ISSUER
                   "/authorize\ntoken_endpoint = " URL "\njwks_uri = " FIXTURE_ISSUER "/jwks\n");
    fixture->metadata.issuer = FIXTURE_ISSUER "/{claim:tid}";
    const char *claims =
        "{\"iss\":\"%s\",\"tid\":\"%s\",\"sub\":\"" SUBJECT "\",\"aud\":\"client-1\"}";
    assert_works(
        fixture->arena,
        ask_with_claims(fixture, &refresh, arena_format(fixture->arena, claims, issuer, "t-1")));
    assert_fails(
        fixture->arena, ERROR_ID_TOKEN_ISS,
        ask_with_claims(fixture, &refresh, arena_format(fixture->arena, claims, other, "t-2")));
}

/* What speaks OAuth alone has no id_tokens: what is called so means nothing. */
static void of_oauth_alone_it_is_not_looked_at(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    configure(fixture, "");
    assert_works(fixture->arena,
                 ask(fixture, &question, 200, with_id_token(fixture, "a.b"), &response));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_refresh_token_goes_alone_and_as_the_client),
        fixture_test(a_record_says_where_and_how),
        fixture_test(its_parameters_are_its_own),
        fixture_test(none_of_them_takes_a_protocol_parameters_place),
        fixture_test(parameters_are_filled_in_by_the_login),
        fixture_test(the_end_of_a_grant_is_told_from_other_failures),
        fixture_test(a_network_that_fails_is_no_end),
        fixture_test(what_quotes_a_secret_is_not_told),
        fixture_test(a_record_has_its_own_words_for_the_end),
        fixture_test(it_must_be_of_the_same_person),
        fixture_test(one_that_is_none_is_refused),
        fixture_test(one_of_many_issuers_stays_the_same),
        fixture_test(of_oauth_alone_it_is_not_looked_at),
    };
    return cmocka_run_group_tests_name("refresh", tests, NULL, NULL);
}

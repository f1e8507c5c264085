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
        {"\"expires_in\":\"3600\",\"scope\":\"\"", 3600, NULL},
        {"\"expires_in\":315360000,\"scope\":null", 315360000, NULL},
        {"\"expires_in\":315360001,\"scope\":7", 0, NULL},
        {"\"expires_in\":-1,\"scope\":[\"mail\"]", 0, "mail"},
        {"\"scope\":[\"mail\",7,\"files,mail\",{}]", 0, "mail files"},
        {"\"scope\":\"mail,files  mail\"", 0, "mail files"},
        {"\"scope\":{\"mail\":true}", 0, NULL},
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

/* ---- as a record says ------------------------------------------------------------------------ */

#define OAUTH2                                                                                     \
    "type = oauth2\nclient_id = client-1\nclient_secret = a&b\n"                                   \
    "authorization_endpoint = " FIXTURE_ISSUER "/authorize\ntoken_endpoint = " URL                 \
    "\nuserinfo_endpoint = " FIXTURE_ISSUER "/userinfo\n"                                          \
    "token_endpoint_auth_method = client_secret_post\ncode_challenge_method = none\n"

static void configure_oauth2(struct fixture *fixture, const char *settings) {
    fixture_config(fixture, arena_format(fixture->arena, "[provider op]\n" OAUTH2 "%s", settings));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
}

/* The request to `url`, as it was sent. */
static const struct fixture_call *send_to(struct fixture *fixture, const char *url,
                                          const struct login_values *known) {
    const struct token_request request = {.code = "c/1", .values = known, .code_verifier = "v"};
    struct token_response response;
    fixture->calls = NULL;
    fixture_answer_json(fixture, url, "{\"access_token\":\"a\"}");
    assert_works(fixture->arena, token_request(fixture->context, &fixture->provider,
                                               &fixture->metadata, &request, &response));
    return fixture->calls;
}

#define REDIRECT "https%3A%2F%2Fwww.example.org%2Fcgi-bin%2Fcallback.cgi%2Fop"

static void the_parameters_may_travel_in_the_query(void **state) {
    struct fixture *fixture = *state;
    configure_oauth2(fixture, "token_endpoint_method = GET\nclient_id_parameter = appid\n"
                              "client_secret_parameter = secret\ntoken_parameters = fmt=json\n");
    const struct fixture_call *call =
        send_to(fixture,
                URL "?grant_type=authorization_code&code=c%2F1&redirect_uri=" REDIRECT
                    "&fmt=json&appid=client-1&secret=a%26b",
                &values);
    assert_null(call->form);
    assert_null(call->json);
    assert_null(call->fields);
}

static void they_may_be_a_json_document(void **state) {
    struct fixture *fixture = *state;
    configure_oauth2(fixture, "token_request_format = json\n");
    const struct fixture_call *call = send_to(fixture, URL, &values);
    assert_null(call->form);
    struct json *json = fixture_json(fixture, call->json); /* no name twice */
    assert_int_equal(json->count, 5);
    assert_string_equal(json_string(json, "grant_type"), "authorization_code");
    assert_string_equal(json_string(json, "code"), "c/1");
    assert_string_equal(json_string(json, "redirect_uri"), values.redirect_uri);
    assert_string_equal(json_string(json, "client_id"), "client-1");
    assert_string_equal(json_string(json, "client_secret"), "a&b");
}

static void a_record_adds_parameters(void **state) {
    struct fixture *fixture = *state;
    struct login_values known = values;
    known.provider = &fixture->provider;
    known.state = "s&t";
    known.answers.of[MAPPING_CALLBACK] = fixture_json(fixture, "{\"device_id\":\"d=1&code=x\"}");
    configure_oauth2(fixture, "token_parameters = state={state}&device_id={callback:device_id}\n");
    assert_string_equal(send_to(fixture, URL, &known)->form,
                        "grant_type=authorization_code&code=c%2F1&redirect_uri=" REDIRECT
                        "&state=s%26t&device_id=d%3D1%26code%3Dx"
                        "&client_id=client-1&client_secret=a%26b");
}

/* RFC 6749 3.2: no parameter twice. */
static void a_records_parameter_never_stands_in_place_of_ours(void **state) {
    struct fixture *fixture = *state;
    configure_oauth2(fixture,
                     "token_parameters = code=x&grant_type=y&redirect_uri=z&own=1&own=2\n");
    assert_string_equal(send_to(fixture, URL, &values)->form,
                        "grant_type=authorization_code&code=c%2F1&redirect_uri=" REDIRECT
                        "&own=1&client_id=client-1&client_secret=a%26b");
}

/* A code is not sent without what has to go with it. */
static void a_parameter_that_nobody_brought_stops_the_request(void **state) {
    struct fixture *fixture = *state;
    struct login_values known = values;
    struct token_response response;
    const struct token_request request = {.code = "c", .values = &known};
    configure_oauth2(fixture, "token_parameters = device_id={callback:device_id}\n");
    known.provider = &fixture->provider;
    known.answers.of[MAPPING_CALLBACK] = fixture_json(fixture, "{\"device_id\":\"\"}");
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                 token_request(fixture->context, &fixture->provider, &fixture->metadata, &request,
                               &response));
    assert_int_equal(fixture->call_count, 0);
}

/* RFC 6749 5.1 demands it; of OpenID Connect providers all have it (Core 3.1.3.3). */
static void the_token_type_may_be_absent_without_an_id_token(void **state) {
    static const char *const wrong[] = {"null", "\"\"",         "\"mac\"",     "\"DPoP\"",
                                        "7",    "[\"Bearer\"]", "\"Bearer \"", "\"N_A\""};
    struct fixture *fixture = *state;
    struct token_response response;
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                 parse(fixture, "{\"access_token\":\"a\"}", &response));
    fixture->provider.protocol = PROTOCOL_OAUTH2;
    assert_works(fixture->arena, parse(fixture, "{\"access_token\":\"a\"}", &response));
    assert_works(fixture->arena,
                 parse(fixture, "{\"access_token\":\"a\",\"token_type\":\"bearer\"}", &response));
    for (size_t i = 0; i < FIXTURE_COUNT(wrong); i++)
        assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                     parse(fixture,
                           arena_format(fixture->arena,
                                        "{\"access_token\":\"a\",\"token_type\":%s}", wrong[i]),
                           &response));
}

static void the_tokens_may_stand_deeper(void **state) {
    const struct {
        const char *root;
        const char *text;
        const char *access_token; /* NULL: refused */
    } cases[] = {
        {"data", "{\"data\":{\"access_token\":\"a\"}}", "a"},
        {"data[0]", "{\"data\":[{\"access_token\":\"a\"},{\"access_token\":\"b\"}]}", "a"},
        {"data[0] | data", "{\"data\":{\"access_token\":\"a\"}}", "a"},
        {"token:data", "{\"data\":{\"access_token\":\"a\"}}", "a"},
        {"data", "{\"access_token\":\"b\",\"data\":{\"access_token\":\"a\"}}", "a"},
        {".", "{\"access_token\":\"a\"}", "a"},
        /* Nothing there: the whole answer. */
        {"data", "{\"access_token\":\"a\"}", "a"},
        {"data", "{\"access_token\":\"a\",\"data\":null}", "a"},
        {"data", "{\"access_token\":\"a\",\"data\":[]}", "a"},
        {"data", "{\"access_token\":\"a\",\"data\":\"x\"}", "a"},
        {"data", "{\"access_token\":\"a\",\"data\":{}}", NULL},
        {"data", "{\"data\":{}}", NULL},
        {"data", "{\"data\":[{\"access_token\":\"a\"}]}", NULL},
        {NULL, "{\"data\":{\"access_token\":\"a\"}}", NULL},
        {NULL, "[{\"access_token\":\"a\"}]", NULL},
        {"[0]", "[{\"access_token\":\"a\"}]", "a"},
        {"userinfo:data", "{\"data\":{\"access_token\":\"a\"}}", NULL}, /* another answer */
    };
    struct fixture *fixture = *state;
    fixture->provider.protocol = PROTOCOL_OAUTH2;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct token_response response;
        fixture->provider.token_response_root = cases[i].root;
        if (cases[i].access_token == NULL) {
            assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                         parse(fixture, cases[i].text, &response));
            continue;
        }
        assert_works(fixture->arena, parse(fixture, cases[i].text, &response));
        assert_string_equal(response.access_token, cases[i].access_token);
        assert_string_equal(json_string(response.answer, "access_token"), cases[i].access_token);
    }
}

/* Everything beside the tokens is kept for the record's expressions. */
static void the_whole_answer_is_kept(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    configure_oauth2(fixture, "");
    assert_works(fixture->arena,
                 ask(fixture, 200, "text/html", "{\"access_token\":\"a\",\"uid\":7}", &response));
    assert_string_equal(json_member(response.answer, "uid")->text, "7");
}

static void a_record_says_what_success_is(void **state) {
    const struct {
        const char *settings;
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {"token_success = code=0\n", 200, "{\"access_token\":\"a\",\"code\":0}", ERROR_NONE},
        {"token_success = code=0\n", 200, "{\"access_token\":\"a\"}", ERROR_TOKEN_ERROR},
        {"token_success = code=0\n", 200, "{\"access_token\":\"a\",\"code\":1}", ERROR_TOKEN_ERROR},
        {"token_error = errcode\n", 200, "{\"access_token\":\"a\",\"errcode\":40029}",
         ERROR_TOKEN_ERROR},
        {"token_error = errcode\n", 200, "{\"access_token\":\"a\",\"errcode\":0}", ERROR_NONE},
        {"token_error = errcode error\n", 200, "{\"access_token\":\"a\",\"error\":\"x\"}",
         ERROR_TOKEN_ERROR},
        {"token_response_root = data\n", 200, "{\"error\":\"x\",\"data\":{\"access_token\":\"a\"}}",
         ERROR_TOKEN_ERROR},
        {"token_response_format = form\n", 200, "access_token=a&scope=&token_type=bearer",
         ERROR_NONE},
        {"token_response_format = json form\n", 200, "error=bad_verification_code",
         ERROR_TOKEN_ERROR},
        {"token_response_format = json form\n", 200, "access_token=a&access_token=b",
         ERROR_TOKEN_RESPONSE},
        {"token_response_format = json form\n", 200, "access_token=a%20b", ERROR_TOKEN_RESPONSE},
        {"token_response_format = json form jsonp\n", 200,
         "callback( {\"error\":100020,\"error_description\":\"code is reused error\"} );",
         ERROR_TOKEN_ERROR},
        {"token_response_format = form\n", 200, "{\"access_token\":\"a=\"}", ERROR_TOKEN_RESPONSE},
        {"", 200, "access_token=a", ERROR_TOKEN_RESPONSE},
        {"", 201, "{\"access_token\":\"a\"}", ERROR_HTTP_STATUS},
        {"token_response_format = json form\n", 401, "error=invalid_client", ERROR_CLIENT_REFUSED},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct token_response response;
        configure_oauth2(fixture, cases[i].settings);
        int result = ask(fixture, cases[i].status, "text/plain", cases[i].body, &response);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s%s: %s", cases[i].settings, cases[i].body,
                     error_meaning(fixture->arena->error.rule)->name);
        arena_forget_error(fixture->arena);
    }
}

/* The query holds code and secret: an error names the host alone. */
static void an_error_tells_nothing_of_the_query(void **state) {
    struct fixture *fixture = *state;
    struct token_response response;
    configure_oauth2(fixture, "token_endpoint_method = GET\n");
    fixture->metadata.token_endpoint = "https://op.example:99999/token";
    assert_int_equal(token_request(fixture->context, &fixture->provider, &fixture->metadata,
                                   &question, &response),
                     -1);
    assert_int_equal(fixture->arena->error.rule, ERROR_URL_NOT_ALLOWED);
    assert_null(strstr(fixture->arena->error.detail, "code"));
    assert_null(strstr(fixture->arena->error.detail, "secret"));
    arena_forget_error(fixture->arena);
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
        fixture_test(the_parameters_may_travel_in_the_query),
        fixture_test(they_may_be_a_json_document),
        fixture_test(a_record_adds_parameters),
        fixture_test(a_records_parameter_never_stands_in_place_of_ours),
        fixture_test(a_parameter_that_nobody_brought_stops_the_request),
        fixture_test(the_token_type_may_be_absent_without_an_id_token),
        fixture_test(the_tokens_may_stand_deeper),
        fixture_test(the_whole_answer_is_kept),
        fixture_test(a_record_says_what_success_is),
        fixture_test(an_error_tells_nothing_of_the_query),
    };
    return cmocka_run_group_tests_name("token", tests, NULL, NULL);
}

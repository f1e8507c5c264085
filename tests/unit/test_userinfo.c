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

/* ---- as a record says ------------------------------------------------------------------------ */

#define SECOND FIXTURE_ISSUER "/second"

#define OAUTH2                                                                                     \
    "type = oauth2\nclient_id = client-1\nclient_secret = hush\n"                                  \
    "authorization_endpoint = " FIXTURE_ISSUER "/authorize\ntoken_endpoint = " FIXTURE_ISSUER      \
    "/token\nuserinfo_endpoint = " URL "\n"

static void configure(struct fixture *fixture, const char *settings) {
    fixture_config(fixture, arena_format(fixture->arena, "[provider op]\n%s", settings));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
    fixture->calls = NULL;
}

static void configure_oauth2(struct fixture *fixture, const char *settings) {
    configure(fixture, arena_format(fixture->arena, OAUTH2 "%s", settings));
}

/* What is known when the profile is asked for. */
static struct login_values known(struct fixture *fixture) {
    return (struct login_values){
        .provider = &fixture->provider,
        .redirect_uri = "https://www.example.org/r",
        .state = "s",
        .access_token = "t/1+2",
        .answers.of = {[MAPPING_TOKEN] = fixture_json(
                           fixture, "{\"uid\":12345678901234567890,\"open id\":\"o&x=y\","
                                    "\"line\":\"a\\r\\nX: y\"}")},
    };
}

static int profile(struct fixture *fixture, struct login_values *values) {
    *values = known(fixture);
    return userinfo_request(fixture->context, &fixture->metadata, NULL, values);
}

/* The one call to `url`, made as these settings say. */
static const struct fixture_call *call_to(struct fixture *fixture, const char *url,
                                          const char *settings) {
    struct login_values values;
    configure_oauth2(fixture, settings);
    fixture_answer_json(fixture, url, "{\"id\":7}");
    assert_works(fixture->arena, profile(fixture, &values));
    assert_string_equal(json_member(values.answers.of[MAPPING_USERINFO], "id")->text, "7");
    assert_null(values.answers.of[MAPPING_USERINFO2]);
    assert_null(fixture->calls->next);
    return fixture->calls;
}

/* RFC 6750 2: one way, never two. */
static void the_token_travels_in_one_place(void **state) {
    const struct {
        const char *settings;
        const char *url;
        const char *field; /* Authorization; NULL: none */
        const char *form;  /* NULL: none */
    } cases[] = {
        {"", URL, "Bearer t/1+2", NULL},
        {"userinfo_token = header\n", URL, "Bearer t/1+2", NULL},
        {"userinfo_token = header:OAuth\n", URL, "OAuth t/1+2", NULL},
        {"userinfo_token = query:access_token\n", URL "?access_token=t%2F1%2B2", NULL, NULL},
        {"userinfo_token = query:oauth_token\nuserinfo_parameters = v=2\n",
         URL "?v=2&oauth_token=t%2F1%2B2", NULL, NULL},
        {"userinfo_token = form:access_token\nuserinfo_endpoint_method = POST\n", URL, NULL,
         "access_token=t%2F1%2B2"},
        {"userinfo_token = form:access_token\nuserinfo_endpoint_method = POST\n"
         "userinfo_parameters = client_id={client_id}\n",
         URL, NULL, "client_id=client-1&access_token=t%2F1%2B2"},
        {"userinfo_token = query:access_token\nuserinfo_endpoint_method = POST\n"
         "userinfo_parameters = a=b\n",
         URL "?access_token=t%2F1%2B2", NULL, "a=b"},
        {"userinfo_endpoint_method = POST\nuserinfo_parameters = a=b\n", URL, "Bearer t/1+2",
         "a=b"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const struct fixture_call *call = call_to(fixture, cases[i].url, cases[i].settings);
        const char *field = fixture_field(call, "Authorization");
        if (cases[i].field == NULL ? field != NULL : !text_equal(field, cases[i].field))
            fail_msg("%s: %s", cases[i].settings, field == NULL ? "no field" : field);
        if (cases[i].form == NULL ? call->form != NULL : !text_equal(call->form, cases[i].form))
            fail_msg("%s: %s", cases[i].settings, call->form == NULL ? "no form" : call->form);
        assert_null(call->json);
        assert_null(call->accept);
    }
}

static void a_post_has_a_form_or_a_document_or_nothing(void **state) {
    struct fixture *fixture = *state;
    const struct fixture_call *call = call_to(fixture, URL, "userinfo_endpoint_method = POST\n");
    assert_true(call->post);
    assert_null(call->form);
    assert_null(call->json);

    call = call_to(fixture, URL, "userinfo_endpoint_method = POST\nuserinfo_json = null\n");
    assert_true(call->post);
    assert_null(call->form);
    assert_string_equal(call->json, "null");

    call = call_to(fixture, URL "?a=b",
                   "userinfo_endpoint_method = POST\nuserinfo_json = {\"query\":\"{ me }\"}\n"
                   "userinfo_parameters = a=b\n");
    assert_null(call->form);
    assert_string_equal(call->json, "{\"query\":\"{ me }\"}");

    call = call_to(fixture, URL, "");
    assert_false(call->post);
}

static void a_record_adds_fields(void **state) {
    struct fixture *fixture = *state;
    const struct fixture_call *call =
        call_to(fixture, URL,
                "userinfo_headers = Client-Id: {client_id} | X-Uid: :{token:uid}: | Accept: "
                "application/vnd.x+json | X-Version: 2022-06-28\n"
                "user_agent = web:x:1.0\n");
    assert_string_equal(fixture_field(call, "Client-Id"), "client-1");
    assert_string_equal(fixture_field(call, "X-Uid"), ":12345678901234567890:");
    assert_string_equal(fixture_field(call, "X-Version"), "2022-06-28");
    assert_string_equal(fixture_field(call, "Authorization"), "Bearer t/1+2");
    assert_null(fixture_field(call, "Accept"));
    assert_string_equal(call->accept, "application/vnd.x+json");
    assert_string_equal(call->user_agent, "web:x:1.0");
}

static void every_template_is_filled_in(void **state) {
    struct fixture *fixture = *state;
    struct login_values values;
    configure(fixture, "type = oauth2\nclient_id = client-1\nclient_secret = hush\n"
                       "authorization_endpoint = https://x.example/a\n"
                       "token_endpoint = https://x.example/t\n"
                       "userinfo_endpoint = " URL "/{token:uid}?v=1\n"
                       "userinfo_parameters = o={token:'open id'}"
                       "&proof={hmac_sha256:client_secret:access_token}\n");
    fixture_answer_json(fixture,
                        URL
                        "/12345678901234567890?v=1&o=o%26x%3Dy"
                        "&proof=05faaa1339c516410c6894cb7c4a4df9715f07c431fc68526c3ae8aa613cfa51",
                        "{}");
    assert_works(fixture->arena, profile(fixture, &values));
}

/* Neither the request nor the token goes out. */
static void what_nobody_brought_stops_the_request(void **state) {
    static const char *const settings[] = {
        "userinfo_parameters = x={token:missing}\n", "userinfo_headers = X: {token:missing}\n",
        "userinfo_headers = X: {token:line}\n", /* it would end the field */
        "userinfo_headers = Accept: {token:line}\n", "userinfo_parameters = x={token:line}\n",
        "userinfo_parameters = x={userinfo:id}\n", /* it is only asked for now */
        "userinfo_parameters = x={id_token}\n",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(settings); i++) {
        struct login_values values;
        configure_oauth2(fixture, settings[i]);
        assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE, profile(fixture, &values));
        assert_null(values.answers.of[MAPPING_USERINFO]);
    }
    assert_int_equal(fixture->call_count, 0);
}

/* ---- what a profile must say ----------------------------------------------------------------- */

static void status_200_is_no_success_by_itself(void **state) {
    const struct {
        const char *settings;
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {"", 200, "{\"id\":1}", ERROR_NONE},
        {"", 200, "{\"id\":1,\"error\":\"invalid_token\"}", ERROR_USERINFO_ERROR},
        {"", 200, "{\"id\":1,\"error\":{\"code\":\"ok\",\"message\":\"\"}}", ERROR_USERINFO_ERROR},
        {"userinfo_error = error.message\n", 200,
         "{\"id\":1,\"error\":{\"code\":\"ok\",\"message\":\"\"}}", ERROR_NONE},
        {"userinfo_error = errcode\n", 200, "{\"id\":1,\"errcode\":40001}", ERROR_USERINFO_ERROR},
        {"userinfo_error = errcode\n", 200, "{\"id\":1,\"errcode\":0}", ERROR_NONE},
        {"userinfo_error = errors\n", 200, "{\"id\":1,\"errors\":[]}", ERROR_USERINFO_ERROR},
        {"userinfo_success = resultcode=00\n", 200, "{\"id\":1,\"resultcode\":\"00\"}", ERROR_NONE},
        {"userinfo_success = resultcode=00\n", 200, "{\"id\":1,\"resultcode\":\"024\"}",
         ERROR_USERINFO_ERROR},
        {"userinfo_success = resultcode=00\n", 200, "{\"id\":1}", ERROR_USERINFO_ERROR},
        {"userinfo_success = ok=true\n", 200, "{\"id\":1,\"ok\":false}", ERROR_USERINFO_ERROR},
        {"", 401, "{\"id\":1}", ERROR_HTTP_STATUS},
        {"second_userinfo_optional = yes\n", 401, "{\"id\":1}", ERROR_HTTP_STATUS},
        {"", 400, "{\"error\":{\"code\":190}}", ERROR_USERINFO_ERROR},
        {"", 200, "[{\"id\":1}]", ERROR_USERINFO_MALFORMED}, /* whose profile is it? */
        {"", 200, "callback({\"id\":1})", ERROR_USERINFO_MALFORMED},
        {"userinfo_response_format = json jsonp\n", 200, "callback({\"id\":1})", ERROR_NONE},
        {"userinfo_response_format = json jsonp\n", 200, "callback({\"error\":1})",
         ERROR_USERINFO_ERROR},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct login_values values;
        configure_oauth2(fixture, cases[i].settings);
        fixture_answer(fixture, URL, cases[i].status, "text/html", cases[i].body);
        int result = profile(fixture, &values);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s%s: %s", cases[i].settings, cases[i].body,
                     error_meaning(fixture->arena->error.rule)->name);
        assert_true((values.answers.of[MAPPING_USERINFO] != NULL) == (result == 0));
        arena_forget_error(fixture->arena);
    }
}

/* RFC 7519: a JWT is OpenID Connect's; without an id_token nothing says who would have to sign. */
static void a_profile_of_oauth2_is_no_jwt(void **state) {
    struct fixture *fixture = *state;
    struct login_values values;
    configure_oauth2(fixture, "");
    fixture_answer(fixture, URL, 200, "application/jwt", "e30.e30.");
    assert_fails(fixture->arena, ERROR_USERINFO_MALFORMED, profile(fixture, &values));
}

/* ---- a second call --------------------------------------------------------------------------- */

/* A first answer, and the second call's. */
static int profile_and(struct fixture *fixture, const char *settings, int status, const char *body,
                       struct login_values *values) {
    configure_oauth2(fixture, arena_format(fixture->arena,
                                           "second_userinfo_endpoint = " SECOND "\n%s", settings));
    fixture_answer_json(fixture, URL, "{\"id\":7,\"login\":\"..\"}");
    fixture_answer(fixture, SECOND, status, "application/json", body);
    return profile(fixture, values);
}

static void a_second_call_tells_more(void **state) {
    struct fixture *fixture = *state;
    struct login_values values;
    assert_works(fixture->arena,
                 profile_and(fixture, "userinfo_headers = X-Version: 2\n", 200,
                             "[{\"email\":\"ada@example.org\",\"primary\":true}]", &values));
    assert_string_equal(json_member(values.answers.of[MAPPING_USERINFO], "id")->text, "7");
    assert_int_equal(values.answers.of[MAPPING_USERINFO2]->type, JSON_ARRAY);
    const struct fixture_call *second = fixture->calls->next;
    assert_string_equal(second->url, SECOND);
    assert_string_equal(fixture_field(second, "Authorization"), "Bearer t/1+2");
    assert_string_equal(fixture_field(second, "X-Version"), "2");
}

static void it_may_be_made_of_the_first_answer(void **state) {
    struct fixture *fixture = *state;
    struct login_values values;
    configure_oauth2(fixture, "second_userinfo_endpoint = " SECOND "/{userinfo:login}/emails\n");
    fixture_answer_json(fixture, URL, "{\"login\":\"ada/../eve?x\"}");
    fixture_answer_json(fixture, SECOND "/ada%2F..%2Feve%3Fx/emails", "{}");
    assert_works(fixture->arena, profile(fixture, &values));

    /* Where the address would be another one, or is not known, nobody is asked. */
    static const char *const firsts[] = {"{\"login\":\"..\"}", "{\"login\":\".\"}",
                                         "{\"login\":\"\"}",   "{\"login\":null}",
                                         "{\"login\":{}}",     "{}"};
    for (size_t i = 0; i < FIXTURE_COUNT(firsts); i++) {
        fixture_answer_json(fixture, URL, firsts[i]);
        assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE, profile(fixture, &values));
    }
}

static void the_second_answer_is_judged_too(void **state) {
    const struct {
        const char *settings;
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {"", 200, "{}", ERROR_NONE},
        {"", 200, "[]", ERROR_NONE},
        {"", 200, "", ERROR_USERINFO_MALFORMED},
        {"", 200, "<html>", ERROR_USERINFO_MALFORMED},
        {"", 200, "{\"error\":\"insufficient_scope\"}", ERROR_USERINFO_ERROR},
        {"", 200, "{\"error\":0}", ERROR_NONE},
        {"userinfo_error = message\n", 200, "{\"message\":\"Bad credentials\"}", ERROR_NONE},
        {"userinfo_error = message userinfo2:message\n", 200, "{\"message\":\"Bad credentials\"}",
         ERROR_USERINFO_ERROR},
        {"userinfo_success = userinfo2:ret=0\n", 200, "{\"ret\":0}", ERROR_NONE},
        {"userinfo_success = userinfo2:ret=0\n", 200, "{\"ret\":-1}", ERROR_USERINFO_ERROR},
        {"userinfo_success = userinfo2:ret=0\n", 200, "{}", ERROR_USERINFO_ERROR},
        {"userinfo_success = id=7\n", 200, "{}", ERROR_NONE}, /* of the first */
        {"", 401, "{}", ERROR_HTTP_STATUS},
        {"", 403, "", ERROR_HTTP_STATUS},
        {"", 404, "{\"error\":\"x\"}", ERROR_USERINFO_ERROR},
        {"", 500, "", ERROR_HTTP_STATUS},
        {"", 204, "", ERROR_HTTP_STATUS},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct login_values values;
        int result =
            profile_and(fixture, cases[i].settings, cases[i].status, cases[i].body, &values);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s%d %s: %s", cases[i].settings, cases[i].status, cases[i].body,
                     error_meaning(fixture->arena->error.rule)->name);
        assert_true((values.answers.of[MAPPING_USERINFO2] != NULL) == (result == 0));
        arena_forget_error(fixture->arena);
    }
}

static void an_optional_second_call_may_be_refused(void **state) {
    static const int refusals[] = {401, 403, 404};
    static const int failures[] = {400, 402, 405, 429, 500, 503, 302, 204, 201};
    struct fixture *fixture = *state;
    struct login_values values;
    const char *settings = "second_userinfo_optional = yes\n";
    for (size_t i = 0; i < FIXTURE_COUNT(refusals); i++) {
        assert_works(fixture->arena, profile_and(fixture, settings, refusals[i],
                                                 "{\"email\":\"eve@example.org\"}", &values));
        assert_non_null(values.answers.of[MAPPING_USERINFO]);
        assert_null(values.answers.of[MAPPING_USERINFO2]); /* what it says is nothing */
    }
    for (size_t i = 0; i < FIXTURE_COUNT(failures); i++)
        assert_fails(fixture->arena, ERROR_HTTP_STATUS,
                     profile_and(fixture, settings, failures[i], "{}", &values));
    assert_fails(fixture->arena, ERROR_USERINFO_ERROR,
                 profile_and(fixture, settings, 200, "{\"error\":\"x\"}", &values));
    assert_fails(fixture->arena, ERROR_USERINFO_MALFORMED,
                 profile_and(fixture, settings, 200, "no", &values));
}

static void after_a_failed_first_call_there_is_no_second(void **state) {
    struct fixture *fixture = *state;
    struct login_values values;
    configure_oauth2(fixture, "second_userinfo_endpoint = " SECOND "\n"
                              "second_userinfo_optional = yes\n");
    fixture_answer(fixture, URL, 403, "application/json", "{}");
    assert_fails(fixture->arena, ERROR_HTTP_STATUS, profile(fixture, &values));
    assert_null(fixture->calls->next);
}

static void a_network_that_fails_is_passed_on(void **state) {
    struct fixture *fixture = *state;
    struct login_values values;
    configure_oauth2(fixture, "second_userinfo_endpoint = " SECOND "\n"
                              "second_userinfo_optional = yes\n");
    fixture_answer_failure(fixture, URL, ERROR_HTTP_TIMEOUT);
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT, profile(fixture, &values));
    fixture_answer_json(fixture, URL, "{}");
    fixture_answer_failure(fixture, SECOND, ERROR_HTTP_FAILED);
    assert_fails(fixture->arena, ERROR_HTTP_FAILED, profile(fixture, &values));
}

/* ---- the subject, by another name ------------------------------------------------------------ */

static void a_record_says_where_the_subject_is_repeated(void **state) {
    const struct {
        const char *path;
        const char *body;
        bool same;
    } cases[] = {
        {"sub", "{\"sub\":\"" SUBJECT "\"}", true},
        {"sub", "{\"sub\":" SUBJECT "}", false}, /* Core 2: a string */
        {"id", "{\"id\":" SUBJECT "}", true},
        {"id", "{\"id\":\"" SUBJECT "\"}", true},
        {"id", "{\"id\":" SUBJECT ".0}", false},
        {"id", "{\"id\":2.48289761001e11}", false},
        {"id", "{\"id\":\"0" SUBJECT "\"}", false},
        {"id", "{\"id\":1,\"sub\":\"" SUBJECT "\"}", false},
        {"id", "{\"sub\":\"" SUBJECT "\"}", false},
        {"id", "{\"id\":null}", false},
        {"data.id", "{\"data\":{\"id\":\"" SUBJECT "\"}}", true},
        {"id_token:sub", "{\"sub\":\"" SUBJECT "\"}", false}, /* it must be said again */
        {"token:sub", "{\"sub\":\"" SUBJECT "\"}", false},
        {"id | sub", "{\"sub\":\"" SUBJECT "\"}", true},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const struct json *claims = NULL;
        configure(fixture, arena_format(fixture->arena, FIXTURE_PROVIDER "userinfo_sub = %s\n",
                                        cases[i].path));
        fixture_answer_json(fixture, URL, cases[i].body);
        int result = ask(fixture, &claims);
        if ((result == 0) != cases[i].same)
            fail_msg("%s: %s", cases[i].path, cases[i].body);
        assert_int_equal(fixture->arena->error.rule, result == 0 ? ERROR_NONE : ERROR_USERINFO_SUB);
        arena_forget_error(fixture->arena);
    }
}

/* Only a host that a stranger chose is looked at twice. */
static void a_strangers_host_is_called_as_one(void **state) {
    struct fixture *fixture = *state;
    assert_false(call_to(fixture, URL, "")->public_only);
    fixture->provider.asks_instance = true;
    struct login_values values;
    fixture->calls = NULL;
    fixture_answer_json(fixture, URL, "{}");
    assert_works(fixture->arena, profile(fixture, &values));
    assert_true(fixture->calls->public_only);
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
        fixture_test(the_token_travels_in_one_place),
        fixture_test(a_post_has_a_form_or_a_document_or_nothing),
        fixture_test(a_record_adds_fields),
        fixture_test(every_template_is_filled_in),
        fixture_test(what_nobody_brought_stops_the_request),
        fixture_test(status_200_is_no_success_by_itself),
        fixture_test(a_profile_of_oauth2_is_no_jwt),
        fixture_test(a_second_call_tells_more),
        fixture_test(it_may_be_made_of_the_first_answer),
        fixture_test(the_second_answer_is_judged_too),
        fixture_test(an_optional_second_call_may_be_refused),
        fixture_test(after_a_failed_first_call_there_is_no_second),
        fixture_test(a_network_that_fails_is_passed_on),
        fixture_test(a_record_says_where_the_subject_is_repeated),
        fixture_test(a_strangers_host_is_called_as_one),
    };
    return cmocka_run_group_tests_name("userinfo", tests, NULL, NULL);
}

/* oauth/authorization: what the browser carries to the provider, and what may come back. */
#include "fixture.h"

#include "oauth/authorization.h"

#define REDIRECT_URI FIXTURE_SITE "/cgi-bin/callback.cgi/op"
#define STATE "state-0123456789"
#define NONCE "nonce-0123456789"
/* RFC 7636 appendix B */
#define VERIFIER "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
#define CHALLENGE "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"

static const struct authorization_request plain = {
    .redirect_uri = REDIRECT_URI,
    .state = STATE,
    .nonce = NONCE,
    .code_verifier = VERIFIER,
};

static const char *uri_of(struct fixture *fixture, const struct authorization_request *request) {
    const char *uri = NULL;
    assert_works(fixture->arena, authorization_request_uri(fixture->context, &fixture->provider,
                                                           &fixture->metadata, request, &uri));
    return uri;
}

/* The URI that this [provider op] asks for, with the metadata of its settings. */
static const char *configured_uri(struct fixture *fixture, const char *settings,
                                  const struct authorization_request *request) {
    fixture_config(fixture,
                   arena_format(fixture->arena, "[provider op]\n%s%s", FIXTURE_PROVIDER, settings));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
    return uri_of(fixture, request);
}

/* Exactly these, in this order: nothing is forgotten, nothing slipped in. */
#define BASIC                                                                                      \
    FIXTURE_ISSUER "/authorize?response_type=code&client_id=client-1"                              \
                   "&redirect_uri=https%3A%2F%2Fwww.example.org%2Fcgi-bin%2Fcallback.cgi%2Fop"     \
                   "&scope=openid%20email%20profile&state=" STATE "&nonce=" NONCE                  \
                   "&code_challenge=" CHALLENGE "&code_challenge_method=S256"

static void the_request_has_what_the_protocol_wants(void **state) {
    assert_string_equal(uri_of(*state, &plain), BASIC);
}

static void each_setting_adds_its_parameter(void **state) {
    const struct {
        const char *settings;
        const char *added;
    } cases[] = {
        {"", ""},
        {"response_mode = form_post\n", "&response_mode=form_post"},
        {"response_mode = query\n", ""},
        {"prompt = select_account\n", "&prompt=select_account"},
        {"max_age = 3600\n", "&max_age=3600"},
        {"max_age = 0\n", "&max_age=0"},
        {"acr_values = phr urn:x\n", "&acr_values=phr%20urn%3Ax"},
        {"ui_locales = ko en-GB\n", "&ui_locales=ko%20en-GB"},
        {"claims = {\"userinfo\":{\"email\":null}}\n",
         "&claims=%7B%22userinfo%22%3A%7B%22email%22%3Anull%7D%7D"},
        {"resource = https://api.example/\n", "&resource=https%3A%2F%2Fapi.example%2F"},
        {"resource = https://a.example  https://b.example/x?y\n",
         "&resource=https%3A%2F%2Fa.example&resource=https%3A%2F%2Fb.example%2Fx%3Fy"},
        {"max_age = 5\nprompt = login\nresponse_mode = form_post\n",
         "&response_mode=form_post&prompt=login&max_age=5"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_string_equal(configured_uri(fixture, cases[i].settings, &plain),
                            arena_format(fixture->arena, "%s%s", BASIC, cases[i].added));
}

static void what_is_switched_off_is_not_sent(void **state) {
    struct fixture *fixture = *state;
    struct form query = fixture_query(
        fixture, configured_uri(fixture, "nonce = no\ncode_challenge_method = none\n", &plain));
    assert_null(form_value(&query, "nonce"));
    assert_null(form_value(&query, "code_challenge"));
    assert_null(form_value(&query, "code_challenge_method"));
    assert_string_equal(form_value(&query, "state"), STATE);
}

static void the_verifier_itself_is_never_sent(void **state) {
    assert_null(strstr(uri_of(*state, &plain), VERIFIER));
}

static void hints_and_prompt_of_this_login_are_sent(void **state) {
    struct fixture *fixture = *state;
    struct authorization_request request = plain;
    request.login_hint = "ada+x&y=z@example.org";
    request.prompt = "none";
    assert_string_equal(configured_uri(fixture, "prompt = login\n", &request),
                        BASIC "&prompt=none&login_hint=ada%2Bx%26y%3Dz%40example.org");
}

/* A login that confirms who somebody is: the provider is asked to ask again, in its own way if it has one. */
static void who_signed_in_long_ago_is_to_do_so_again(void **state) {
    const struct {
        const char *settings;
        const char *added;
    } cases[] = {
        {"", "&prompt=login&max_age=900"},
        {"prompt = consent\n", "&prompt=login&max_age=900"},
        {"max_age = 60\n", "&prompt=login&max_age=60"},
        {"max_age = 7200\n", "&prompt=login&max_age=900"},
        {"reauthentication_parameters = auth_type=reauthenticate&x=%26\n",
         "&auth_type=reauthenticate&x=%26"},
        {"reauthentication_parameters = prompt=select_account\nprompt = consent\nmax_age = 60\n",
         "&max_age=60&prompt=select_account"},
        {"reauthentication_parameters = prompt=select_account\noffline_access = yes\n"
         "offline_access_parameters = access_type=offline&prompt=consent\n",
         "&prompt=select_account&access_type=offline"},
        {"reauthentication_parameters = state=theirs&prompt=login\n", "&prompt=login"},
    };
    struct fixture *fixture = *state;
    struct authorization_request request = plain;
    request.signed_in_within = 900;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_string_equal(configured_uri(fixture, cases[i].settings, &request),
                            arena_format(fixture->arena, "%s%s", BASIC, cases[i].added));
    assert_string_equal(
        configured_uri(fixture, "reauthentication_parameters = prompt=login\n", &plain), BASIC);
}

/* RFC 6749 knows nothing of the kind: what such a provider makes of a prompt, nobody knows. */
static void what_is_no_openid_connect_is_asked_in_its_own_way_alone(void **state) {
    struct fixture *fixture = *state;
    struct authorization_request request = plain;
    request.signed_in_within = 900;
    const char *profile = "type = oauth2\n";
    struct form query = fixture_query(fixture, configured_uri(fixture, profile, &request));
    assert_null(form_value(&query, "prompt"));
    assert_null(form_value(&query, "max_age"));
    profile = "type = oauth2\nreauthentication_parameters = force=true\n";
    query = fixture_query(fixture, configured_uri(fixture, profile, &request));
    assert_string_equal(form_value(&query, "force"), "true");
}

static void everything_is_escaped(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.client_id = "a&b=c#d e+f/\xEA\xB9\x80\"'<>%";
    fixture->provider.scope = "openid https://x.example/y?z&w";
    const char *uri = uri_of(fixture, &plain);
    assert_non_null(
        strstr(uri, "client_id=a%26b%3Dc%23d%20e%2Bf%2F%EA%B9%80%22%27%3C%3E%25&redirect_uri="));
    struct form query = fixture_query(fixture, uri);
    assert_string_equal(form_value(&query, "client_id"), fixture->provider.client_id);
    assert_string_equal(form_value(&query, "scope"), fixture->provider.scope);
}

/* RFC 6749 3.1 */
static void the_endpoints_own_query_is_kept(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.authorization_endpoint = FIXTURE_ISSUER "/authorize?tenant=a%20b&x";
    assert_true(text_starts_with(uri_of(fixture, &plain),
                                 FIXTURE_ISSUER "/authorize?tenant=a%20b&x&response_type=code&"));
    fixture->metadata.authorization_endpoint = FIXTURE_ISSUER "/authorize?";
    assert_true(
        text_starts_with(uri_of(fixture, &plain), FIXTURE_ISSUER "/authorize?response_type="));
}

/* ---- pushed requests (RFC 9126) -------------------------------------------------------------- */

#define PAR                                                                                        \
    "require_pushed_authorization_requests = yes\n"                                                \
    "pushed_authorization_request_endpoint = " FIXTURE_ISSUER "/par\n"

static void answer_par(struct fixture *fixture, int status, const char *body) {
    fixture_answer(fixture, FIXTURE_ISSUER "/par", status, "application/json", body);
}

static void a_pushed_request_leaves_a_reference_in_the_browser(void **state) {
    struct fixture *fixture = *state;
    answer_par(fixture, 201, "{\"request_uri\":\"urn:x:a&b\",\"expires_in\":60}");
    const char *uri = configured_uri(fixture, PAR "max_age = 60\n", &plain);
    assert_string_equal(uri,
                        FIXTURE_ISSUER "/authorize?client_id=client-1&request_uri=urn%3Ax%3Aa%26b");
    assert_int_equal(fixture->call_count, 1);
    assert_string_equal(fixture->calls->form,
                        arena_format(fixture->arena, "%s&max_age=60", strchr(BASIC, '?') + 1));
    assert_non_null(fixture_field(fixture->calls, "Authorization"));
}

/* RFC 6749 3.1: no parameter twice, whatever the way of client authentication. */
static void a_pushed_request_has_each_parameter_once(void **state) {
    static const char *const methods[] = {"client_secret_basic", "client_secret_post",
                                          "client_secret_jwt", "none"};
    struct fixture *fixture = *state;
    const struct fixture_call *call = NULL;
    for (size_t i = 0; i < FIXTURE_COUNT(methods); i++) {
        answer_par(fixture, 201, "{\"request_uri\":\"urn:x\"}");
        configured_uri(
            fixture,
            arena_format(fixture->arena, PAR "token_endpoint_auth_method = %s\n", methods[i]),
            &plain);
        call = call == NULL ? fixture->calls : call->next;
        struct form form = fixture_form(fixture, call->form);
        for (const struct form_field *field = form.first; field != NULL; field = field->next) {
            const char *value = NULL;
            assert_works(fixture->arena, form_single(fixture->arena, &form, field->name, &value));
        }
        assert_string_equal(form_value(&form, "client_id"), FIXTURE_CLIENT);
    }
}

static void a_provider_may_demand_pushing(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.par_required = true;
    fixture->metadata.pushed_authorization_request_endpoint = FIXTURE_ISSUER "/par";
    answer_par(fixture, 201, "{\"request_uri\":\"urn:x\"}");
    assert_string_equal(uri_of(fixture, &plain),
                        FIXTURE_ISSUER "/authorize?client_id=client-1&request_uri=urn%3Ax");
}

static int push_fails(struct fixture *fixture) {
    const char *uri = NULL;
    int result = authorization_request_uri(fixture->context, &fixture->provider, &fixture->metadata,
                                           &plain, &uri);
    assert_null(uri);
    return result;
}

static void a_push_that_fails_sends_the_browser_nowhere(void **state) {
    struct fixture *fixture = *state;
    const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {200, "{\"request_uri\":\"urn:x\"}", ERROR_HTTP_STATUS},
        {201, "{}", ERROR_TOKEN_RESPONSE},
        {201, "{\"request_uri\":\"\"}", ERROR_TOKEN_RESPONSE},
        {201, "{\"request_uri\":null}", ERROR_TOKEN_RESPONSE},
        {201, "{\"request_uri\":7}", ERROR_TOKEN_RESPONSE},
        {201, "[]", ERROR_TOKEN_RESPONSE},
        {201, "<html>", ERROR_TOKEN_RESPONSE},
        {400, "{\"error\":\"invalid_request\"}", ERROR_TOKEN_ERROR},
        {401, "{\"error\":\"invalid_client\"}", ERROR_CLIENT_REFUSED},
        {500, "", ERROR_HTTP_STATUS},
    };
    fixture->metadata.par_required = true;
    assert_fails(fixture->arena, ERROR_DISCOVERY_MALFORMED, push_fails(fixture));
    fixture->metadata.pushed_authorization_request_endpoint = FIXTURE_ISSUER "/par";
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        answer_par(fixture, cases[i].status, cases[i].body);
        assert_fails(fixture->arena, cases[i].rule, push_fails(fixture));
    }
}

/* ---- as a record says ------------------------------------------------------------------------ */

#define OAUTH2                                                                                     \
    "type = oauth2\nclient_id = client-1\nclient_secret = s\n"                                     \
    "authorization_endpoint = " FIXTURE_ISSUER "/authorize\ntoken_endpoint = " FIXTURE_ISSUER      \
    "/token\nuserinfo_endpoint = " FIXTURE_ISSUER "/userinfo\n"

static void configure_oauth2(struct fixture *fixture, const char *settings) {
    fixture_config(fixture, arena_format(fixture->arena, "[provider op]\n" OAUTH2 "%s", settings));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
}

/* What stands behind redirect_uri: the same for all up to there. */
static const char *oauth2_rest(struct fixture *fixture, const char *settings) {
    static const char before[] =
        "&redirect_uri=https%3A%2F%2Fwww.example.org%2Fcgi-bin%2Fcallback.cgi%2Fop";
    configure_oauth2(fixture, settings);
    const char *rest = strstr(uri_of(fixture, &plain), before);
    assert_non_null(rest);
    return rest + strlen(before);
}

#define PKCE "&code_challenge=" CHALLENGE "&code_challenge_method=S256"

static void each_setting_of_a_record_says_its_part(void **state) {
    const struct {
        const char *settings;
        const char *rest;
    } cases[] = {
        /* A nonce means nothing without an id_token; a scope is not invented. */
        {"", "&state=" STATE PKCE},
        {"nonce = yes\n", "&state=" STATE PKCE},
        {"code_challenge_method = none\n", "&state=" STATE},
        {"scope = a b  c\n", "&scope=a%20b%20c&state=" STATE PKCE},
        {"scope = a b  c\nscope_separator = comma\n", "&scope=a%2Cb%2Cc&state=" STATE PKCE},
        {"scope = a\nscope_separator = comma\n", "&scope=a&state=" STATE PKCE},
        /* Refresh tokens are asked for only if the site wants them. */
        {"scope = a\noffline_access_scope = off line\noffline_access_parameters = x=y\n",
         "&scope=a&state=" STATE PKCE},
        {"scope = a\noffline_access_scope = off line\noffline_access_parameters = x=y\n"
         "offline_access = yes\n",
         "&scope=a%20off%20line&state=" STATE PKCE "&x=y"},
        {"scope = a\noffline_access_scope = off\nscope_separator = comma\noffline_access = yes\n",
         "&scope=a%2Coff&state=" STATE PKCE},
        {"offline_access_scope = off\noffline_access = yes\n", "&scope=off&state=" STATE PKCE},
        {"offline_access = yes\n", "&state=" STATE PKCE},
        {"authorization_parameters = display=popup&x=%26y\n",
         "&state=" STATE PKCE "&display=popup&x=%26y"},
        {"authorization_parameters = a=1\noffline_access_parameters = b=2\noffline_access = yes\n",
         "&state=" STATE PKCE "&a=1&b=2"},
        {"authorization_parameters = x={state}&y={client_id}&z={redirect_uri}\n",
         "&state=" STATE PKCE "&x=" STATE "&y=client-1"
         "&z=https%3A%2F%2Fwww.example.org%2Fcgi-bin%2Fcallback.cgi%2Fop"},
        {"authorization_fragment = wechat_redirect\n", "&state=" STATE PKCE "#wechat_redirect"},
        {"authorization_fragment = f\nauthorization_parameters = a=b\n",
         "&state=" STATE PKCE "&a=b#f"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const char *rest = oauth2_rest(fixture, cases[i].settings);
        if (!text_equal(rest, cases[i].rest))
            fail_msg("%s: %s", cases[i].settings, rest);
    }
}

/* RFC 6749 3.1: no parameter twice; what protects the login is ours alone. */
static void a_records_parameter_never_stands_in_place_of_ours(void **state) {
    static const char *const names[] = {
        "response_type", "client_id",      "redirect_uri",          "scope",   "state",
        "nonce",         "code_challenge", "code_challenge_method", "max_age", "prompt"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++) {
        const char *uri = configured_uri(
            fixture,
            arena_format(fixture->arena,
                         "max_age = 5\nprompt = login\nauthorization_parameters = %s=evil&own=1\n"
                         "offline_access = yes\noffline_access_parameters = %s=evil&own=2\n",
                         names[i], names[i]),
            &plain);
        struct form query = fixture_query(fixture, uri);
        const char *value = NULL;
        assert_works(fixture->arena, form_single(fixture->arena, &query, names[i], &value));
        assert_string_not_equal(value, "evil");
        assert_works(fixture->arena, form_single(fixture->arena, &query, "own", &value));
        assert_string_equal(value, "1");
    }
}

static void the_client_id_may_have_another_name(void **state) {
    struct fixture *fixture = *state;
    configure_oauth2(fixture, "client_id_parameter = appid\n");
    const char *uri = uri_of(fixture, &plain);
    assert_true(text_starts_with(uri, FIXTURE_ISSUER
                                 "/authorize?response_type=code&appid=client-1&redirect_uri="));
    assert_null(strstr(uri, "client_id"));
}

static void a_pushed_request_takes_the_records_parameters_along(void **state) {
    struct fixture *fixture = *state;
    answer_par(fixture, 201, "{\"request_uri\":\"urn:x\"}");
    configure_oauth2(fixture, PAR "authorization_parameters = a=b\nauthorization_fragment = f\n"
                                  "client_id_parameter = appid\n");
    assert_string_equal(uri_of(fixture, &plain),
                        FIXTURE_ISSUER "/authorize?appid=client-1&request_uri=urn%3Ax#f");
    struct form form = fixture_form(fixture, fixture->calls->form);
    assert_string_equal(form_value(&form, "a"), "b");
    assert_string_equal(form_value(&form, "appid"), FIXTURE_CLIENT);
}

/* ---- the response ---------------------------------------------------------------------------- */

static int parse(struct fixture *fixture, const char *text,
                 struct authorization_response *response) {
    struct form form = fixture_form(fixture, text);
    return authorization_response_parse(fixture->arena, &fixture->provider, &form, response);
}

static void a_response_has_a_code_or_an_error(void **state) {
    struct fixture *fixture = *state;
    struct authorization_response response;
    assert_works(fixture->arena,
                 parse(fixture, "code=c%2B1&state=s&iss=i&session_state=x&scope=y", &response));
    assert_string_equal(response.code, "c+1");
    assert_string_equal(response.state, "s");
    assert_string_equal(response.iss, "i");
    assert_null(response.error);
    assert_works(fixture->arena,
                 parse(fixture, "error=access_denied&error_description=x&state=s", &response));
    assert_string_equal(response.error, "access_denied");
    assert_null(response.code);
    assert_null(response.iss);
}

static void what_is_empty_is_absent(void **state) {
    struct fixture *fixture = *state;
    struct authorization_response response;
    assert_works(fixture->arena, parse(fixture, "code=c&error=&state=s", &response));
    assert_null(response.error);
    assert_works(fixture->arena, parse(fixture, "code=&error=server_error&state=s", &response));
    assert_null(response.code);
}

static void any_other_response_is_refused(void **state) {
    const struct {
        const char *text;
        enum error_rule rule;
    } cases[] = {
        {"", ERROR_STATE_MISSING},
        {"code=c", ERROR_STATE_MISSING},
        {"code=c&state=", ERROR_STATE_MISSING},
        {"code=c&State=s", ERROR_STATE_MISSING},
        {"error=access_denied", ERROR_STATE_MISSING},
        {"state=s", ERROR_RESPONSE_AMBIGUOUS},
        {"code=c&error=e&state=s", ERROR_RESPONSE_AMBIGUOUS},
        {"code=&error=&state=s", ERROR_RESPONSE_AMBIGUOUS},
        {"code=&state=s", ERROR_RESPONSE_AMBIGUOUS},
        {"code=c&state=s&state=s", ERROR_PARAMETER_REPEATED},
        {"code=c&state=s&state=", ERROR_PARAMETER_REPEATED},
        {"code=c&code=d&state=s", ERROR_PARAMETER_REPEATED},
        {"code=c&c%6Fde=d&state=s", ERROR_PARAMETER_REPEATED},
        {"error=e&error=e&state=s", ERROR_PARAMETER_REPEATED},
        {"code=c&state=s&iss=a&iss=a", ERROR_PARAMETER_REPEATED},
    };
    struct fixture *fixture = *state;
    struct authorization_response response;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_fails(fixture->arena, cases[i].rule, parse(fixture, cases[i].text, &response));
}

static void a_code_has_at_most_4096_characters(void **state) {
    struct fixture *fixture = *state;
    struct authorization_response response;
    char code[4100];
    memset(code, 'c', sizeof(code));
    assert_works(
        fixture->arena,
        parse(fixture, arena_format(fixture->arena, "state=s&code=%.4096s", code), &response));
    assert_fails(
        fixture->arena, ERROR_PARAMETER_WRONG,
        parse(fixture, arena_format(fixture->arena, "state=s&code=%.4097s", code), &response));
}

static int check(struct fixture *fixture, const char *text) {
    struct authorization_response response;
    assert_works(fixture->arena, parse(fixture, text, &response));
    return authorization_response_check(fixture->arena, &fixture->provider, &fixture->metadata,
                                        &response);
}

/* RFC 9207 2.4 */
static void iss_is_the_issuer_also_on_errors(void **state) {
    static const char *const others[] = {
        "https%3A%2F%2Fevil.example",
        "https%3A%2F%2Fop.example%2F",
        "https%3A%2F%2FOP.example",
        "http%3A%2F%2Fop.example",
        "op.example",
        "",
        "https%3A%2F%2Fop.example+",
    };
    struct fixture *fixture = *state;
    for (int promised = 0; promised < 2; promised++) {
        fixture->metadata.iss_parameter = promised == 1;
        assert_works(fixture->arena, check(fixture, "code=c&state=s&iss=https%3A%2F%2Fop.example"));
        for (size_t i = 0; i < FIXTURE_COUNT(others); i++) {
            assert_fails(
                fixture->arena, ERROR_ISS_WRONG,
                check(fixture, arena_format(fixture->arena, "code=c&state=s&iss=%s", others[i])));
            assert_fails(
                fixture->arena, ERROR_ISS_WRONG,
                check(fixture, arena_format(fixture->arena, "error=access_denied&state=s&iss=%s",
                                            others[i])));
        }
    }
}

static void iss_may_be_missing_only_where_it_was_not_promised(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, check(fixture, "code=c&state=s"));
    assert_fails(fixture->arena, ERROR_LOGIN_DENIED, check(fixture, "error=access_denied&state=s"));
    fixture->metadata.iss_parameter = true;
    assert_fails(fixture->arena, ERROR_ISS_MISSING, check(fixture, "code=c&state=s"));
    assert_fails(fixture->arena, ERROR_ISS_MISSING, check(fixture, "error=access_denied&state=s"));
}

static void errors_are_of_three_kinds(void **state) {
    const struct {
        const char *error;
        enum error_rule rule;
    } cases[] = {
        {"access_denied", ERROR_LOGIN_DENIED},
        {"login_required", ERROR_LOGIN_REQUIRED},
        {"interaction_required", ERROR_LOGIN_REQUIRED},
        {"consent_required", ERROR_LOGIN_REQUIRED},
        {"account_selection_required", ERROR_LOGIN_REQUIRED},
        {"server_error", ERROR_AUTHORIZATION_ERROR},
        {"temporarily_unavailable", ERROR_AUTHORIZATION_ERROR},
        {"invalid_request", ERROR_AUTHORIZATION_ERROR},
        {"unauthorized_client", ERROR_AUTHORIZATION_ERROR},
        {"invalid_scope", ERROR_AUTHORIZATION_ERROR},
        {"Access_Denied", ERROR_AUTHORIZATION_ERROR},
        {"%ED%95%9C%22%3Cscript%3E", ERROR_AUTHORIZATION_ERROR},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_fails(
            fixture->arena, cases[i].rule,
            check(fixture, arena_format(fixture->arena, "state=s&error=%s", cases[i].error)));
}

/* ---- a response as a record says ------------------------------------------------------------- */

static void a_record_says_what_no_is(void **state) {
    const struct {
        const char *denied;
        const char *text;
        enum error_rule rule; /* of parsing and checking; ERROR_NONE: a success */
    } cases[] = {
        {NULL, "error=access_denied", ERROR_LOGIN_DENIED},
        {NULL, "error=user_cancelled", ERROR_AUTHORIZATION_ERROR},
        {NULL, "usercancel=1", ERROR_RESPONSE_AMBIGUOUS},
        {NULL, "", ERROR_RESPONSE_AMBIGUOUS},
        /* name=value, exactly */
        {"error=user_cancelled", "error=user_cancelled", ERROR_LOGIN_DENIED},
        {"error=user_cancelled", "error=access_denied", ERROR_LOGIN_DENIED},
        {"error=user_cancelled", "error=user_cancelled_", ERROR_AUTHORIZATION_ERROR},
        {"error=user_cancelled", "error=User_Cancelled", ERROR_AUTHORIZATION_ERROR},
        {"error=user_cancelled", "reason=user_cancelled", ERROR_RESPONSE_AMBIGUOUS},
        {"error=a error=b", "error=b", ERROR_LOGIN_DENIED},
        {"error_reason=user_denied", "error=x&error_reason=user_denied", ERROR_LOGIN_DENIED},
        {"error_reason=user_denied", "error=x&error_reason=other", ERROR_AUTHORIZATION_ERROR},
        {"error_reason=user_denied", "error_reason=user_denied", ERROR_LOGIN_DENIED},
        /* name: there, not empty, not 0 */
        {"usercancel", "usercancel=1", ERROR_LOGIN_DENIED},
        {"usercancel", "usercancel=yes", ERROR_LOGIN_DENIED},
        {"usercancel", "usercancel=00", ERROR_LOGIN_DENIED},
        {"usercancel", "usercancel=0&error=server_error", ERROR_AUTHORIZATION_ERROR},
        {"usercancel", "usercancel=0", ERROR_RESPONSE_AMBIGUOUS},
        {"usercancel", "usercancel=", ERROR_RESPONSE_AMBIGUOUS},
        {"usercancel", "usercancel", ERROR_RESPONSE_AMBIGUOUS},
        {"usercancel", "UserCancel=1", ERROR_RESPONSE_AMBIGUOUS},
        {"usercancel", "usercancel=0&code=c", ERROR_NONE},
        {"usercancel", "usercancel=&code=c", ERROR_NONE},
        /* no-code: neither code nor error */
        {"no-code", "", ERROR_LOGIN_DENIED},
        {"no-code", "code=", ERROR_LOGIN_DENIED},
        {"no-code", "code=&error=", ERROR_LOGIN_DENIED},
        {"no-code", "code=c", ERROR_NONE},
        {"no-code", "error=server_error", ERROR_AUTHORIZATION_ERROR},
        {"no-code", "no-code=1", ERROR_LOGIN_DENIED},
        {"no-code", "no-code=1&code=c", ERROR_NONE}, /* a condition, no name */
        {"x no-code  usercancel", "", ERROR_LOGIN_DENIED},
        /* Together with a code it is neither. */
        {"usercancel", "usercancel=1&code=c", ERROR_RESPONSE_AMBIGUOUS},
        {"usercancel=1", "usercancel=1&code=c", ERROR_RESPONSE_AMBIGUOUS},
        {"error_reason=x", "error_reason=x&code=c", ERROR_RESPONSE_AMBIGUOUS},
        {"error=x", "error=x&code=c", ERROR_RESPONSE_AMBIGUOUS},
        {NULL, "error=access_denied&code=c", ERROR_RESPONSE_AMBIGUOUS},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct authorization_response response;
        struct form form =
            fixture_form(fixture, arena_format(fixture->arena, "state=s&%s", cases[i].text));
        fixture->provider.denied = cases[i].denied;
        int result =
            authorization_response_parse(fixture->arena, &fixture->provider, &form, &response);
        if (result == 0)
            result = authorization_response_check(fixture->arena, &fixture->provider,
                                                  &fixture->metadata, &response);
        if ((result == 0) != (cases[i].rule == ERROR_NONE) ||
            fixture->arena->error.rule != cases[i].rule)
            fail_msg("%s: %s: %s", cases[i].denied, cases[i].text,
                     error_meaning(fixture->arena->error.rule)->name);
        arena_forget_error(fixture->arena);
    }
}

/* Whoever says no says whose login it was; and whose answer that is, is looked at before. */
static void saying_no_is_no_way_around_the_other_rules(void **state) {
    struct fixture *fixture = *state;
    struct authorization_response response;
    fixture->provider.denied = "usercancel no-code";
    assert_fails(fixture->arena, ERROR_STATE_MISSING, parse(fixture, "usercancel=1", &response));
    assert_fails(fixture->arena, ERROR_STATE_MISSING, parse(fixture, "", &response));
    assert_fails(fixture->arena, ERROR_ISS_WRONG,
                 check(fixture, "state=s&usercancel=1&iss=https%3A%2F%2Fevil.example"));
    fixture->metadata.iss_parameter = true;
    assert_fails(fixture->arena, ERROR_ISS_MISSING, check(fixture, "state=s"));
}

static void errors_may_have_other_names(void **state) {
    const struct {
        const char *text;
        const char *error; /* NULL: none */
    } good[] = {
        {"code=c", NULL},
        {"code=c&error=&error_code=", NULL},
        {"error=e", "e"},
        {"error_code=200", "200"},
        {"error=&error_code=200", "200"},
        {"error=e&error_code=200", "e"},
        {"error_code=0", "0"}, /* not ours to excuse */
        {"errors=x&code=c", NULL},
    };
    struct fixture *fixture = *state;
    struct authorization_response response;
    fixture->provider.error_parameters = "error  error_code";
    for (size_t i = 0; i < FIXTURE_COUNT(good); i++) {
        assert_works(
            fixture->arena,
            parse(fixture, arena_format(fixture->arena, "state=s&%s", good[i].text), &response));
        assert_true(text_equal(response.error, good[i].error) ||
                    (good[i].error == NULL && response.error == NULL));
    }
    assert_fails(fixture->arena, ERROR_RESPONSE_AMBIGUOUS,
                 parse(fixture, "state=s&code=c&error_code=200", &response));
    assert_fails(fixture->arena, ERROR_PARAMETER_REPEATED,
                 parse(fixture, "state=s&error_code=1&error_code=2", &response));
    assert_fails(fixture->arena, ERROR_AUTHORIZATION_ERROR, check(fixture, "state=s&error_code=1"));
}

/* RFC 9207, where there is no discovery: of an issuer nothing may be known. */
static void without_an_issuer_iss_says_nothing(void **state) {
    struct fixture *fixture = *state;
    configure_oauth2(fixture, "");
    assert_null(fixture->metadata.issuer);
    assert_works(fixture->arena, check(fixture, "state=s&code=c"));
    assert_works(fixture->arena, check(fixture, "state=s&code=c&iss=https%3A%2F%2Fx.example"));
    struct authorization_response response;
    assert_fails(fixture->arena, ERROR_PARAMETER_REPEATED,
                 parse(fixture, "state=s&code=c&iss=a&iss=b", &response));
}

static void with_an_issuer_iss_is_compared(void **state) {
    struct fixture *fixture = *state;
    configure_oauth2(fixture,
                     "issuer = https://op.example/oauth\nissuer_alternatives = op.example\n");
    assert_works(fixture->arena, check(fixture, "state=s&code=c"));
    assert_works(fixture->arena,
                 check(fixture, "state=s&code=c&iss=https%3A%2F%2Fop.example%2Foauth"));
    assert_works(fixture->arena, check(fixture, "state=s&code=c&iss=op.example"));
    static const char *const others[] = {"", "https%3A%2F%2Fop.example", "op.example+",
                                         "https%3A%2F%2Fop.example%2Foauth%2F"};
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        assert_fails(
            fixture->arena, ERROR_ISS_WRONG,
            check(fixture, arena_format(fixture->arena, "state=s&code=c&iss=%s", others[i])));
}

/* A provider that is many issuers: any of them, unless its document names one. */
static void iss_fills_a_template(void **state) {
    static const char *const bad[] = {
        "https%3A%2F%2Fop.example%2F%7Btid%7D", "https%3A%2F%2Fop.example%2F%7Bclaim%3Atid%7D",
        "https%3A%2F%2Fop.example%2F..",        "https%3A%2F%2Fop.example%2Fa%2Fb",
        "https%3A%2F%2Fop.example%2F",          "https%3A%2F%2Fevil.example%2Fa"};
    struct fixture *fixture = *state;
    const char *good = "state=s&code=c&iss=https%3A%2F%2Fop.example%2Fa";
    fixture->provider.issuer = FIXTURE_ISSUER "/{claim:tid}";
    fixture->metadata.issuer = FIXTURE_ISSUER "/{tid}";
    assert_works(fixture->arena, check(fixture, good));
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++)
        assert_fails(fixture->arena, ERROR_ISS_WRONG,
                     check(fixture, arena_format(fixture->arena, "state=s&code=c&iss=%s", bad[i])));
    fixture->metadata.issuer = FIXTURE_ISSUER "/a";
    assert_works(fixture->arena, check(fixture, good));
    fixture->metadata.issuer = FIXTURE_ISSUER "/b";
    assert_fails(fixture->arena, ERROR_ISS_WRONG, check(fixture, good));
}

/* ---- OAuth 1.0 ------------------------------------------------------------------------------- */

static void make_oauth1(struct fixture *fixture, const char *denied) {
    fixture->provider.protocol = PROTOCOL_OAUTH1;
    fixture->provider.denied = denied;
    fixture->metadata.issuer = NULL;
}

static void a_response_of_oauth1_has_token_and_verifier(void **state) {
    struct fixture *fixture = *state;
    struct authorization_response response;
    make_oauth1(fixture, "denied");
    assert_works(
        fixture->arena,
        parse(fixture, "oauth_token=t%2B1&oauth_verifier=v%26&state=s&code=c&iss=i", &response));
    assert_string_equal(response.token, "t+1");
    assert_string_equal(response.code, "v&");
    assert_null(response.state);
    assert_null(response.error);
    assert_false(response.denied);
    assert_works(fixture->arena, check(fixture, "oauth_token=t&oauth_verifier=v"));
}

static void a_refusal_of_oauth1_is_the_providers_own(void **state) {
    static const struct {
        const char *denied;
        const char *text;
        const char *token;
    } cases[] = {
        {"denied", "denied=t", "t"},
        {"denied", "denied=t&oauth_token=other", "other"},
        {"denied", "oauth_token=t&denied=1", "t"},
        {"no denied", "denied=t", "t"},
        {"oauth_problem=user_refused", "oauth_token=t&oauth_problem=user_refused", "t"},
        {"no-code", "oauth_token=t", "t"},
        {NULL, "oauth_token=t&error=access_denied", "t"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct authorization_response response;
        make_oauth1(fixture, cases[i].denied);
        assert_works(fixture->arena, parse(fixture, cases[i].text, &response));
        assert_string_equal(response.token, cases[i].token);
        assert_true(response.denied);
        assert_fails(fixture->arena, ERROR_LOGIN_DENIED, check(fixture, cases[i].text));
    }
}

static void any_other_response_of_oauth1_is_refused(void **state) {
    static const struct {
        const char *text;
        enum error_rule rule;
    } cases[] = {
        {"", ERROR_STATE_MISSING},
        {"oauth_verifier=v", ERROR_STATE_MISSING},
        {"oauth_token=&oauth_verifier=v", ERROR_STATE_MISSING},
        {"state=s&code=c", ERROR_STATE_MISSING},
        {"token=t&verifier=v", ERROR_STATE_MISSING},
        {"denied=", ERROR_STATE_MISSING},
        {"error=access_denied", ERROR_STATE_MISSING},
        {"oauth_token=t", ERROR_RESPONSE_AMBIGUOUS},
        {"oauth_token=t&oauth_verifier=", ERROR_RESPONSE_AMBIGUOUS},
        {"oauth_token=t&code=c", ERROR_RESPONSE_AMBIGUOUS},
        {"oauth_token=t&denied=0", ERROR_RESPONSE_AMBIGUOUS},
        {"oauth_token=t&oauth_verifier=v&denied=1", ERROR_RESPONSE_AMBIGUOUS},
        {"oauth_token=t&oauth_verifier=v&error=e", ERROR_RESPONSE_AMBIGUOUS},
        {"oauth_token=t&oauth_token=u&oauth_verifier=v", ERROR_PARAMETER_REPEATED},
        {"oauth_token=t&oauth_token=t&oauth_verifier=v", ERROR_PARAMETER_REPEATED},
        {"oauth_token=t&oauth_verifier=v&oauth_verifier=v", ERROR_PARAMETER_REPEATED},
        {"denied=t&denied=u", ERROR_PARAMETER_REPEATED},
    };
    struct fixture *fixture = *state;
    make_oauth1(fixture, "denied");
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct authorization_response response;
        assert_fails(fixture->arena, cases[i].rule, parse(fixture, cases[i].text, &response));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_request_has_what_the_protocol_wants),
        fixture_test(each_setting_adds_its_parameter),
        fixture_test(what_is_switched_off_is_not_sent),
        fixture_test(the_verifier_itself_is_never_sent),
        fixture_test(hints_and_prompt_of_this_login_are_sent),
        fixture_test(who_signed_in_long_ago_is_to_do_so_again),
        fixture_test(what_is_no_openid_connect_is_asked_in_its_own_way_alone),
        fixture_test(everything_is_escaped),
        fixture_test(the_endpoints_own_query_is_kept),
        fixture_test(a_pushed_request_leaves_a_reference_in_the_browser),
        fixture_test(a_pushed_request_has_each_parameter_once),
        fixture_test(a_provider_may_demand_pushing),
        fixture_test(a_push_that_fails_sends_the_browser_nowhere),
        fixture_test(each_setting_of_a_record_says_its_part),
        fixture_test(a_records_parameter_never_stands_in_place_of_ours),
        fixture_test(the_client_id_may_have_another_name),
        fixture_test(a_pushed_request_takes_the_records_parameters_along),
        fixture_test(a_response_has_a_code_or_an_error),
        fixture_test(what_is_empty_is_absent),
        fixture_test(any_other_response_is_refused),
        fixture_test(a_code_has_at_most_4096_characters),
        fixture_test(iss_is_the_issuer_also_on_errors),
        fixture_test(iss_may_be_missing_only_where_it_was_not_promised),
        fixture_test(errors_are_of_three_kinds),
        fixture_test(a_record_says_what_no_is),
        fixture_test(saying_no_is_no_way_around_the_other_rules),
        fixture_test(errors_may_have_other_names),
        fixture_test(without_an_issuer_iss_says_nothing),
        fixture_test(with_an_issuer_iss_is_compared),
        fixture_test(iss_fills_a_template),
        fixture_test(a_response_of_oauth1_has_token_and_verifier),
        fixture_test(a_refusal_of_oauth1_is_the_providers_own),
        fixture_test(any_other_response_of_oauth1_is_refused),
    };
    return cmocka_run_group_tests_name("authorization", tests, NULL, NULL);
}

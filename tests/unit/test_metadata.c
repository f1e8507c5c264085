/* oauth/metadata: what a provider says of itself, as far as it may, and what the configuration says before it. */
#include "fixture.h"

#include "edge/document.h"

#define URL FIXTURE_ISSUER "/.well-known/openid-configuration"

static const struct fixture_member good[] = {
    {"issuer", "\"" FIXTURE_ISSUER "\""},
    {"authorization_endpoint", "\"" FIXTURE_ISSUER "/a\""},
    {"token_endpoint", "\"" FIXTURE_ISSUER "/t\""},
    {"userinfo_endpoint", "\"" FIXTURE_ISSUER "/u\""},
    {"jwks_uri", "\"" FIXTURE_ISSUER "/j\""},
    {NULL, NULL},
};

/* [provider op], discovered, with these further settings. */
static void discovered(struct fixture *fixture, const char *settings) {
    fixture_config(
        fixture, arena_format(fixture->arena, "[provider op]\n%s%s", FIXTURE_DISCOVERED, settings));
}

static int load(struct fixture *fixture) {
    return metadata_load(fixture->context, &fixture->provider, &fixture->metadata);
}

/* Forgets what was kept, so that the next load asks again. */
static void forget(struct fixture *fixture) {
    fixture->house.clock.fixed += DOCUMENT_STALE + 1;
}

/* The document with one member changed. */
static int load_with(struct fixture *fixture, const char *name, const char *raw) {
    const char *document = fixture_object(fixture->arena, good, name, raw);
    forget(fixture);
    fixture_answer_json(fixture, URL, document);
    return load(fixture);
}

static void the_document_says_where_everything_is(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "");
    fixture_answer_json(fixture, URL, fixture_object(fixture->arena, good, NULL, NULL));
    assert_works(fixture->arena, load(fixture));
    const struct metadata *metadata = &fixture->metadata;
    assert_string_equal(metadata->issuer, FIXTURE_ISSUER);
    assert_string_equal(metadata->authorization_endpoint, FIXTURE_ISSUER "/a");
    assert_string_equal(metadata->token_endpoint, FIXTURE_ISSUER "/t");
    assert_string_equal(metadata->userinfo_endpoint, FIXTURE_ISSUER "/u");
    assert_string_equal(metadata->jwks_uri, FIXTURE_ISSUER "/j");
    assert_null(metadata->end_session_endpoint);
    assert_null(metadata->pushed_authorization_request_endpoint);
    assert_null(metadata->registration_endpoint);
    assert_false(metadata->iss_parameter);
    assert_false(metadata->par_required);
    assert_null(fixture->calls->form);
}

static void the_well_known_path_follows_the_issuer(void **state) {
    const struct {
        const char *issuer;
        const char *url;
    } cases[] = {
        {"https://x.example", "https://x.example/.well-known/openid-configuration"},
        {"https://x.example/", "https://x.example/.well-known/openid-configuration"},
        {"https://x.example/a/b", "https://x.example/a/b/.well-known/openid-configuration"},
        {"https://x.example/a/", "https://x.example/a/.well-known/openid-configuration"},
        {"https://x.example:8443/t", "https://x.example:8443/t/.well-known/openid-configuration"},
        {"http://localhost:8081", "http://localhost:8081/.well-known/openid-configuration"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        fixture_config(fixture, arena_format(fixture->arena,
                                             "[provider op]\nissuer = %s\nclient_id = c\n"
                                             "client_secret = s\n",
                                             cases[i].issuer));
        forget(fixture);
        fixture_answer_json(
            fixture, cases[i].url,
            fixture_object(fixture->arena, good, "issuer",
                           arena_format(fixture->arena, "\"%s\"", cases[i].issuer)));
        assert_works(fixture->arena, load(fixture));
        assert_string_equal(fixture->metadata.issuer, cases[i].issuer);
    }
}

/* Discovery 4.3, RFC 9207: the issuer is compared character by character. */
static void the_issuer_is_exactly_the_configured_one(void **state) {
    static const char *const others[] = {
        NULL,
        "null",
        "7",
        "\"\"",
        "[\"https://op.example\"]",
        "\"https://op.example/\"",
        "\"https://OP.example\"",
        "\"HTTPS://op.example\"",
        "\"http://op.example\"",
        "\"https://op.example:443\"",
        "\"https://op.example \"",
        "\"https://evil.example\"",
        "\"https://op.example.evil.example\"",
        "\"https://op.exampl\"",
    };
    struct fixture *fixture = *state;
    discovered(fixture, "");
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        assert_fails(fixture->arena, ERROR_DISCOVERY_ISSUER,
                     load_with(fixture, "issuer", others[i]));
}

static void a_configured_slash_is_expected_too(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\nissuer = " FIXTURE_ISSUER
                            "/\nclient_id = c\nclient_secret = s\n");
    assert_fails(fixture->arena, ERROR_DISCOVERY_ISSUER, load_with(fixture, NULL, NULL));
    assert_works(fixture->arena, load_with(fixture, "issuer", "\"" FIXTURE_ISSUER "/\""));
}

/* A document cannot send us, or the browser, anywhere unsafe. */
static void every_endpoint_is_https(void **state) {
    static const char *const names[] = {
        "authorization_endpoint", "token_endpoint",
        "userinfo_endpoint",      "jwks_uri",
        "end_session_endpoint",   "pushed_authorization_request_endpoint",
        "registration_endpoint",
    };
    static const char *const addresses[] = {
        "\"http://op.example/x\"",
        "\"javascript:alert(1)\"",
        "\"javascript://op.example/%0aalert(1)\"",
        "\"data:text/html,x\"",
        "\"file:///etc/passwd\"",
        "\"ftp://op.example/\"",
        "\"//op.example/x\"",
        "\"/x\"",
        "\"https://user:pass@op.example/x\"",
        "\"https://user@op.example/x\"",
        "\"https://op.example/x#fragment\"",
        "\"https://op.example/a b\"",
        "\"https://op.example\\\\@evil.example/\"",
        "\"https:///x\"",
        "\"https://\"",
        "\"https://op.example:99999/\"",
        "\"https://op.example/\\u00e9\"",
        "\"https://op.example/%zz\"",
        "\"http://127.1/\"",
        "\"http://localhost.evil.example/\"",
        "\" https://op.example/\"",
    };
    struct fixture *fixture = *state;
    discovered(fixture, "");
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        for (size_t j = 0; j < FIXTURE_COUNT(addresses); j++)
            assert_fails(fixture->arena, ERROR_URL_NOT_ALLOWED,
                         load_with(fixture, names[i], addresses[j]));
}

static const char *const loopback[][2] = {
    {"token_endpoint", "http://127.0.0.1:8081/token"},
    {"authorization_endpoint", "http://localhost:8081/a?b=c"},
    {"jwks_uri", "http://[::1]:8081/j"},
    {"userinfo_endpoint", "https://localhost/u"},
    {"end_session_endpoint", "http://127.8.8.8/e"},
};

static void loopback_may_be_http(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(loopback); i++) {
        fixture_config(fixture, "[provider op]\nissuer = http://localhost:8081\nclient_id = c\n"
                                "client_secret = s\n");
        const char *document =
            arena_format(fixture->arena,
                         "{\"issuer\":\"http://localhost:8081\",\"authorization_endpoint\":\"%s\","
                         "\"token_endpoint\":\"%s\",\"jwks_uri\":\"%s\"}",
                         loopback[i][1], loopback[i][1], loopback[i][1]);
        assert_works(fixture->arena, metadata_parse(fixture->arena, &fixture->provider, document,
                                                    &fixture->metadata));
        assert_string_equal(fixture->metadata.token_endpoint, loopback[i][1]);
    }
}

/* Somebody else's document must not have us knock at the doors of our own machine. */
static void no_other_issuer_may_name_loopback(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "");
    for (size_t i = 0; i < FIXTURE_COUNT(loopback); i++)
        assert_fails(fixture->arena, ERROR_URL_NOT_ALLOWED,
                     load_with(fixture, loopback[i][0],
                               arena_format(fixture->arena, "\"%s\"", loopback[i][1])));
}

/* The operator may: a provider behind the same proxy, say. */
static void the_configuration_may_name_loopback(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "token_endpoint = http://127.0.0.1:8081/token\n");
    assert_works(fixture->arena, load_with(fixture, NULL, NULL));
    assert_string_equal(fixture->metadata.token_endpoint, "http://127.0.0.1:8081/token");
}

static void two_endpoints_must_be_there(void **state) {
    static const char *const missing[] = {NULL, "null", "\"\"", "7", "[\"https://op.example/\"]"};
    struct fixture *fixture = *state;
    discovered(fixture, "");
    for (size_t i = 0; i < FIXTURE_COUNT(missing); i++) {
        assert_fails(fixture->arena, ERROR_DISCOVERY_MALFORMED,
                     load_with(fixture, "authorization_endpoint", missing[i]));
        assert_fails(fixture->arena, ERROR_DISCOVERY_MALFORMED,
                     load_with(fixture, "token_endpoint", missing[i]));
        assert_works(fixture->arena, load_with(fixture, "userinfo_endpoint", missing[i]));
        assert_null(fixture->metadata.userinfo_endpoint);
    }
}

static void promises_are_the_literal_true(void **state) {
    static const char *const no[] = {"false", "null", "\"true\"", "1", "[true]"};
    struct fixture *fixture = *state;
    discovered(fixture, "");
    const char *iss = "authorization_response_iss_parameter_supported";
    const char *par = "require_pushed_authorization_requests";
    assert_works(fixture->arena, load_with(fixture, iss, "true"));
    assert_true(fixture->metadata.iss_parameter);
    assert_works(fixture->arena, load_with(fixture, par, "true"));
    assert_true(fixture->metadata.par_required);
    for (size_t i = 0; i < FIXTURE_COUNT(no); i++) {
        assert_works(fixture->arena, load_with(fixture, iss, no[i]));
        assert_false(fixture->metadata.iss_parameter);
        assert_works(fixture->arena, load_with(fixture, par, no[i]));
        assert_false(fixture->metadata.par_required);
    }
    discovered(fixture, "require_pushed_authorization_requests = yes\n");
    assert_works(fixture->arena, load_with(fixture, par, "false"));
    assert_true(fixture->metadata.par_required);
}

static void the_configuration_stands_before_the_document(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "token_endpoint = https://own.example/t\n"
                        "userinfo_endpoint = https://own.example/u\n"
                        "end_session_endpoint = https://own.example/e\n"
                        "pushed_authorization_request_endpoint = https://own.example/p\n");
    assert_works(fixture->arena,
                 load_with(fixture, "end_session_endpoint", "\"https://op.example/e\""));
    assert_string_equal(fixture->metadata.authorization_endpoint, FIXTURE_ISSUER "/a");
    assert_string_equal(fixture->metadata.token_endpoint, "https://own.example/t");
    assert_string_equal(fixture->metadata.userinfo_endpoint, "https://own.example/u");
    assert_string_equal(fixture->metadata.end_session_endpoint, "https://own.example/e");
    assert_string_equal(fixture->metadata.pushed_authorization_request_endpoint,
                        "https://own.example/p");
}

static void an_empty_end_session_endpoint_means_none(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "end_session_endpoint =\n");
    assert_works(fixture->arena,
                 load_with(fixture, "end_session_endpoint", "\"https://op.example/e\""));
    assert_null(fixture->metadata.end_session_endpoint);
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER "end_session_endpoint =\n");
    assert_works(fixture->arena, load(fixture));
    assert_null(fixture->metadata.end_session_endpoint);
}

static void who_is_configured_whole_is_never_asked(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER
                            "end_session_endpoint = https://op.example/e\n"
                            "require_pushed_authorization_requests = yes\n"
                            "pushed_authorization_request_endpoint = https://op.example/p\n");
    assert_works(fixture->arena, load(fixture));
    assert_string_equal(fixture->metadata.token_endpoint, FIXTURE_ISSUER "/token");
    assert_string_equal(fixture->metadata.jwks_uri, FIXTURE_ISSUER "/jwks");
    assert_string_equal(fixture->metadata.end_session_endpoint, "https://op.example/e");
    assert_true(fixture->metadata.par_required);
    assert_works(fixture->arena,
                 metadata_peek(fixture->context, &fixture->provider, &fixture->metadata));
    assert_works(fixture->arena,
                 metadata_refetch(fixture->context, &fixture->provider, &fixture->metadata));
    assert_int_equal(fixture->call_count, 0);
}

/* ---- as a record says ------------------------------------------------------------------------ */

static void the_document_may_be_elsewhere(void **state) {
    struct fixture *fixture = *state;
    const char *elsewhere = "https://docs.example/x?tenant=common";
    discovered(fixture, "discovery_endpoint = https://docs.example/x?tenant=common\n");
    fixture_answer_json(fixture, elsewhere, fixture_object(fixture->arena, good, NULL, NULL));
    assert_works(fixture->arena, load(fixture));
    assert_string_equal(fixture->metadata.token_endpoint, FIXTURE_ISSUER "/t");
    /* Whose it is, is still looked at. */
    forget(fixture);
    fixture_answer_json(fixture, elsewhere,
                        fixture_object(fixture->arena, good, "issuer", "\"https://docs.example\""));
    assert_fails(fixture->arena, ERROR_DISCOVERY_ISSUER, load(fixture));
}

static void a_document_may_spell_its_issuer_otherwise(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "issuer_alternatives = " FIXTURE_ISSUER "/ op.example\n");
    assert_works(fixture->arena, load_with(fixture, "issuer", "\"" FIXTURE_ISSUER "/\""));
    assert_works(fixture->arena, load_with(fixture, "issuer", "\"op.example\""));
    assert_works(fixture->arena, load_with(fixture, "issuer", "\"" FIXTURE_ISSUER "\""));
    assert_fails(fixture->arena, ERROR_DISCOVERY_ISSUER,
                 load_with(fixture, "issuer", "\"" FIXTURE_ISSUER "/ op.example\""));
}

/* A document cannot ask for what a login brings: that is the record's alone. */
static void a_document_has_no_templates(void **state) {
    static const char *const names[] = {"authorization_endpoint", "token_endpoint",
                                        "userinfo_endpoint",      "jwks_uri",
                                        "end_session_endpoint",   "revocation_endpoint"};
    static const char *const holes[] = {"client_secret", "access_token", "state", "token:x", "x"};
    struct fixture *fixture = *state;
    discovered(fixture, "");
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        for (size_t j = 0; j < FIXTURE_COUNT(holes); j++)
            assert_fails(fixture->arena, ERROR_URL_NOT_ALLOWED,
                         load_with(fixture, names[i],
                                   arena_format(fixture->arena, "\"" FIXTURE_ISSUER "/?x={%s}\"",
                                                holes[j])));
}

#define MANY                                                                                       \
    "[provider op]\nissuer = " FIXTURE_ISSUER "/{claim:tid}/v2.0\nclient_id = c\n"                 \
    "client_secret = s\ndiscovery_endpoint = " URL "\n"

/* Discovery 4.3, for a provider that is many issuers. */
static void the_issuer_of_many_has_a_hole_or_fills_it(void **state) {
    static const char *const fitting[] = {"{tenantid}", "{tid}",
                                          "9188040d-6c67-4c5b-b112-36a304b66dad", "a.b_c-D"};
    static const char *const others[] = {"",    "..", "a/b", "{}", "{a}{b}", "a{b}",
                                         "%2e", "a?", "#",   " ",  "@"};
    struct fixture *fixture = *state;
    fixture_config(fixture, MANY);
    for (size_t i = 0; i < FIXTURE_COUNT(fitting); i++) {
        const char *issuer = arena_format(fixture->arena, FIXTURE_ISSUER "/%s/v2.0", fitting[i]);
        assert_works(fixture->arena,
                     load_with(fixture, "issuer", arena_format(fixture->arena, "\"%s\"", issuer)));
        assert_string_equal(fixture->metadata.issuer, issuer);
    }
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        assert_fails(
            fixture->arena, ERROR_DISCOVERY_ISSUER,
            load_with(fixture, "issuer",
                      arena_format(fixture->arena, "\"" FIXTURE_ISSUER "/%s/v2.0\"", others[i])));
    assert_fails(fixture->arena, ERROR_DISCOVERY_ISSUER,
                 load_with(fixture, "issuer", "\"https://evil.example/a/v2.0\""));
    assert_fails(fixture->arena, ERROR_DISCOVERY_ISSUER, load_with(fixture, "issuer", NULL));
}

/* Not even where it might: OAuth 2.0 alone has no such document. */
static void oauth2_never_discovers(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\ntype = oauth2\nclient_id = c\nclient_secret = s\n"
                            "issuer = " FIXTURE_ISSUER "\n"
                            "authorization_endpoint = " FIXTURE_ISSUER "/a\n"
                            "token_endpoint = " FIXTURE_ISSUER "/t\nclaim_sub = token:uid\n");
    assert_works(fixture->arena, load(fixture));
    assert_works(fixture->arena,
                 metadata_peek(fixture->context, &fixture->provider, &fixture->metadata));
    assert_works(fixture->arena,
                 metadata_refetch(fixture->context, &fixture->provider, &fixture->metadata));
    assert_int_equal(fixture->call_count, 0);
    assert_string_equal(fixture->metadata.issuer, FIXTURE_ISSUER);
    assert_string_equal(fixture->metadata.token_endpoint, FIXTURE_ISSUER "/t");
    assert_null(fixture->metadata.userinfo_endpoint);
    assert_null(fixture->metadata.jwks_uri);
    assert_false(fixture->metadata.iss_parameter);
}

/* Who may name this machine is whoever the document comes from, not whoever it says it is. */
static void a_document_from_elsewhere_may_not_name_loopback(void **state) {
    struct fixture *fixture = *state;
    const char *document =
        fixture_object(fixture->arena, good, "jwks_uri", "\"http://127.0.0.1:8081/j\"");
    discovered(fixture, "discovery_endpoint = http://127.0.0.1:8081/d\n");
    fixture_answer_json(fixture, "http://127.0.0.1:8081/d", document);
    assert_works(fixture->arena, load(fixture));
    discovered(fixture, "discovery_endpoint = https://docs.example/d\n");
    fixture_answer_json(fixture, "https://docs.example/d", document);
    assert_fails(fixture->arena, ERROR_URL_NOT_ALLOWED, load(fixture));
}

/* ---- kept documents -------------------------------------------------------------------------- */

static void a_document_is_kept_for_an_hour(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "");
    fixture_answer_json(fixture, URL, fixture_object(fixture->arena, good, NULL, NULL));
    assert_works(fixture->arena, load(fixture));
    fixture->house.clock.fixed += DOCUMENT_AGE - 1;
    assert_works(fixture->arena, load(fixture));
    assert_int_equal(fixture->call_count, 1);
    fixture->house.clock.fixed += 1;
    fixture_answer_json(fixture, URL, fixture_object(fixture->arena, good, NULL, NULL));
    assert_works(fixture->arena, load(fixture));
}

/* Neither kept nor asked for twice in a row: the provider may put it right at any time. */
static void a_wrong_document_is_not_kept(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "");
    assert_fails(fixture->arena, ERROR_DISCOVERY_ISSUER, load_with(fixture, "issuer", "\"x\""));
    assert_int_equal(fixture->call_count, 1);
    fixture_answer_json(fixture, URL, fixture_object(fixture->arena, good, NULL, NULL));
    assert_works(fixture->arena, load(fixture));
    assert_string_equal(fixture->metadata.token_endpoint, FIXTURE_ISSUER "/t");
    assert_int_equal(fixture->call_count, 2);
}

static void peeking_never_asks(void **state) {
    struct fixture *fixture = *state;
    struct metadata metadata;
    discovered(fixture, "");
    assert_fails(fixture->arena, ERROR_DISCOVERY_MALFORMED,
                 metadata_peek(fixture->context, &fixture->provider, &metadata));
    fixture_answer_json(fixture, URL, fixture_object(fixture->arena, good, NULL, NULL));
    assert_works(fixture->arena, load(fixture));
    forget(fixture); /* however old */
    assert_works(fixture->arena, metadata_peek(fixture->context, &fixture->provider, &metadata));
    assert_string_equal(metadata.token_endpoint, FIXTURE_ISSUER "/t");
    assert_int_equal(fixture->call_count, 1);
}

static void refetching_asks_once_a_minute(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "");
    fixture_answer_json(fixture, URL, fixture_object(fixture->arena, good, NULL, NULL));
    assert_works(fixture->arena, load(fixture));
    fixture_answer_json(
        fixture, URL,
        fixture_object(fixture->arena, good, "jwks_uri", "\"https://op.example/new\""));
    assert_works(fixture->arena,
                 metadata_refetch(fixture->context, &fixture->provider, &fixture->metadata));
    assert_string_equal(fixture->metadata.jwks_uri, "https://op.example/new");
    fixture->house.clock.fixed += DOCUMENT_REFETCH_INTERVAL - 1;
    assert_works(fixture->arena,
                 metadata_refetch(fixture->context, &fixture->provider, &fixture->metadata));
    assert_int_equal(fixture->call_count, 2);
}

static void what_the_network_says_is_passed_on(void **state) {
    struct fixture *fixture = *state;
    discovered(fixture, "");
    const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {404, "{}", ERROR_HTTP_STATUS},
        {500, "", ERROR_HTTP_STATUS},
        {302, "", ERROR_HTTP_STATUS},
        {200, "", ERROR_JSON},
        {200, "<html>", ERROR_JSON},
        {200, "[]", ERROR_JSON},
        {200, "{}{}", ERROR_JSON},
        {200, "{\"issuer\":\"a\",\"issuer\":\"b\"}", ERROR_JSON},
        {200, "{\"x\":\"\xFF\"}", ERROR_JSON},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        fixture_answer(fixture, URL, cases[i].status, "application/json", cases[i].body);
        assert_fails(fixture->arena, cases[i].rule, load(fixture));
    }
    fixture_answer_failure(fixture, URL, ERROR_HTTP_TIMEOUT);
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT, load(fixture));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_document_says_where_everything_is),
        fixture_test(the_well_known_path_follows_the_issuer),
        fixture_test(the_issuer_is_exactly_the_configured_one),
        fixture_test(a_configured_slash_is_expected_too),
        fixture_test(every_endpoint_is_https),
        fixture_test(loopback_may_be_http),
        fixture_test(no_other_issuer_may_name_loopback),
        fixture_test(the_configuration_may_name_loopback),
        fixture_test(two_endpoints_must_be_there),
        fixture_test(promises_are_the_literal_true),
        fixture_test(the_configuration_stands_before_the_document),
        fixture_test(an_empty_end_session_endpoint_means_none),
        fixture_test(who_is_configured_whole_is_never_asked),
        fixture_test(the_document_may_be_elsewhere),
        fixture_test(a_document_may_spell_its_issuer_otherwise),
        fixture_test(a_document_has_no_templates),
        fixture_test(the_issuer_of_many_has_a_hole_or_fills_it),
        fixture_test(oauth2_never_discovers),
        fixture_test(a_document_from_elsewhere_may_not_name_loopback),
        fixture_test(a_document_is_kept_for_an_hour),
        fixture_test(a_wrong_document_is_not_kept),
        fixture_test(peeking_never_asks),
        fixture_test(refetching_asks_once_a_minute),
        fixture_test(what_the_network_says_is_passed_on),
    };
    return cmocka_run_group_tests_name("metadata", tests, NULL, NULL);
}

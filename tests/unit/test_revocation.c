/* oauth/revocation: a token is given back to whom it came from, as the client that we are. */
#include "fixture.h"

#include "oauth/revocation.h"

#define ENDPOINT FIXTURE_ISSUER "/revoke"
#define TOKEN "a-token/with+%=&"

static int give_back(struct fixture *fixture, enum revocable kind) {
    return revocation_request(fixture->context, &fixture->provider, &fixture->metadata, kind,
                              TOKEN);
}

static int give_back_to(struct fixture *fixture, int status, const char *type, const char *body) {
    fixture->metadata.revocation_endpoint = ENDPOINT;
    fixture_answer(fixture, ENDPOINT, status, type, body);
    return give_back(fixture, REVOCABLE_REFRESH_TOKEN);
}

static void the_token_goes_with_its_kind_and_with_who_we_are(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, give_back_to(fixture, 200, "", ""));
    const struct form form = fixture_form(fixture, fixture->calls->form);
    assert_string_equal(form_value(&form, "token"), TOKEN);
    assert_string_equal(form_value(&form, "token_type_hint"), "refresh_token");
    assert_null(form_value(&form, "client_secret"));
    assert_true(text_starts_with(fixture_field(fixture->calls, "Authorization"), "Basic "));
    assert_int_equal(fixture->calls->timeout, REVOCATION_TIMEOUT);
    assert_false(fixture->calls->public_only);
    assert_null(strstr(fixture->calls->url, TOKEN));
}

static void an_access_token_is_told_from_a_refresh_token(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.revocation_endpoint = ENDPOINT;
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    assert_works(fixture->arena, give_back(fixture, REVOCABLE_ACCESS_TOKEN));
    const struct form form = fixture_form(fixture, fixture->calls->form);
    assert_string_equal(form_value(&form, "token_type_hint"), "access_token");
}

static void the_client_authenticates_as_its_record_says(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.revocation_endpoint = ENDPOINT;
    fixture->provider.authentication = CLIENT_SECRET_POST;
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    assert_works(fixture->arena, give_back(fixture, REVOCABLE_REFRESH_TOKEN));
    struct form form = fixture_form(fixture, fixture->calls->form);
    assert_string_equal(form_value(&form, "client_id"), FIXTURE_CLIENT);
    assert_string_equal(form_value(&form, "client_secret"), FIXTURE_SECRET);
    assert_null(fixture_field(fixture->calls, "Authorization"));

    fixture->provider.authentication = CLIENT_PUBLIC;
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    assert_works(fixture->arena, give_back(fixture, REVOCABLE_REFRESH_TOKEN));
    form = fixture_form(fixture, fixture->calls->next->form);
    assert_string_equal(form_value(&form, "client_id"), FIXTURE_CLIENT);
    assert_null(form_value(&form, "client_secret"));
}

/* RFC 7009 2.2: the content of the body is ignored. */
static void with_status_200_it_is_done(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, give_back_to(fixture, 200, "text/html", "<p>OK"));
    assert_works(fixture->arena, give_back_to(fixture, 200, "application/json", "{}"));
    assert_works(fixture->arena,
                 give_back_to(fixture, 200, "application/json", "{\"error\":\"invalid_token\"}"));
}

static void any_other_status_is_a_failure(void **state) {
    static const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {400, "{\"error\":\"unsupported_token_type\"}", ERROR_REVOCATION},
        {400, "{\"error\":\"invalid_client\"}", ERROR_CLIENT_REFUSED},
        {401, "{\"error\":\"invalid_client\"}", ERROR_CLIENT_REFUSED},
        {400, "{\"error\":[\"invalid_client\"]}", ERROR_REVOCATION},
        {400, "{}", ERROR_REVOCATION},
        {401, "", ERROR_REVOCATION},
        {204, "", ERROR_REVOCATION},
        {302, "", ERROR_REVOCATION},
        {404, "<!doctype html>", ERROR_REVOCATION},
        {503, "", ERROR_REVOCATION},
        {503, "{\"error\":\"temporarily_unavailable\"}", ERROR_REVOCATION},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_fails(fixture->arena, cases[i].rule,
                     give_back_to(fixture, cases[i].status, "application/json", cases[i].body));
}

static void a_network_that_fails_is_passed_on(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.revocation_endpoint = ENDPOINT;
    fixture_answer_failure(fixture, ENDPOINT, ERROR_HTTP_TIMEOUT);
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT, give_back(fixture, REVOCABLE_REFRESH_TOKEN));
    fixture_answer_failure(fixture, ENDPOINT, ERROR_HTTP_FAILED);
    assert_fails(fixture->arena, ERROR_HTTP_FAILED, give_back(fixture, REVOCABLE_REFRESH_TOKEN));
}

static void the_log_learns_the_standards_codes_alone(void **state) {
    static const struct {
        const char *body;
        const char *detail;
    } cases[] = {
        {"{\"error\":\"unsupported_token_type\"}", "status 400, error unsupported_token_type"},
        {"{\"error\":\"" TOKEN "\"}", "status 400"},
        {"{\"error\":\"no token " TOKEN "\",\"error_description\":\"" TOKEN "\"}", "status 400"},
        {"{\"error\":\"invalid_request " TOKEN "\"}", "status 400"},
        {TOKEN, "status 400"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        assert_int_equal(give_back_to(fixture, 400, "application/json", cases[i].body), -1);
        assert_string_equal(fixture->arena->error.detail, cases[i].detail);
        arena_forget_error(fixture->arena);
    }
}

static void a_token_goes_to_no_address_that_we_may_not_call(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.revocation_endpoint = "http://op.example/revoke";
    assert_fails(fixture->arena, ERROR_URL_NOT_ALLOWED,
                 give_back(fixture, REVOCABLE_REFRESH_TOKEN));
    assert_int_equal(fixture->call_count, 0);
}

static void a_visitors_server_must_be_a_public_one(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.asks_instance = true;
    fixture->provider.instance = "social.example";
    assert_works(fixture->arena, give_back_to(fixture, 200, "", ""));
    assert_true(fixture->calls->public_only);
}

static void what_is_not_offered_is_known_before(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.revocation_endpoint = NULL;
    assert_false(revocation_is_offered(&fixture->metadata, REVOCABLE_ACCESS_TOKEN));
    assert_false(revocation_is_offered(&fixture->metadata, REVOCABLE_REFRESH_TOKEN));
    fixture->metadata.revocation_endpoint = ENDPOINT;
    assert_true(revocation_is_offered(&fixture->metadata, REVOCABLE_ACCESS_TOKEN));
    assert_true(revocation_is_offered(&fixture->metadata, REVOCABLE_REFRESH_TOKEN));
    fixture->metadata.revocation_endpoint = ENDPOINT "?token={access_token}";
    assert_true(revocation_is_offered(&fixture->metadata, REVOCABLE_ACCESS_TOKEN));
    assert_false(revocation_is_offered(&fixture->metadata, REVOCABLE_REFRESH_TOKEN));
}

static void a_record_may_have_a_way_of_its_own(void **state) {
    struct fixture *fixture = *state;
    fixture->metadata.revocation_endpoint =
        ENDPOINT "?id={client_id}&secret={client_secret}&token={access_token}";
    fixture_answer(fixture,
                   ENDPOINT "?id=client-1&secret=a%20secret%20of%20more%20than%20thirty-two%20bytes"
                            "&token=a-token%2Fwith%2B%25%3D%26",
                   200, "application/json", "{\"result\":\"success\"}");
    assert_works(fixture->arena, give_back(fixture, REVOCABLE_ACCESS_TOKEN));
    assert_true(fixture->calls->post);
    assert_null(fixture->calls->form);
    assert_null(fixture_field(fixture->calls, "Authorization"));

    fixture->metadata.revocation_endpoint = ENDPOINT "?user={userinfo:id}&token={access_token}";
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE, give_back(fixture, REVOCABLE_ACCESS_TOKEN));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_token_goes_with_its_kind_and_with_who_we_are),
        fixture_test(an_access_token_is_told_from_a_refresh_token),
        fixture_test(the_client_authenticates_as_its_record_says),
        fixture_test(with_status_200_it_is_done),
        fixture_test(any_other_status_is_a_failure),
        fixture_test(a_network_that_fails_is_passed_on),
        fixture_test(the_log_learns_the_standards_codes_alone),
        fixture_test(a_token_goes_to_no_address_that_we_may_not_call),
        fixture_test(a_visitors_server_must_be_a_public_one),
        fixture_test(what_is_not_offered_is_known_before),
        fixture_test(a_record_may_have_a_way_of_its_own),
    };
    return cmocka_run_group_tests_name("revocation", tests, NULL, NULL);
}

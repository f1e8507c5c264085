/* login/caller: who is asking, and whether a change was meant. */
#include "fixture.h"

#include "login/access_token.h"
#include "login/caller.h"

#include <string.h>

#define ORIGIN "https://www.example.org"

/* Signs the fixture's browser in. */
static void sign_in(struct fixture *fixture) {
    struct response response;
    bool replaced = false;
    struct account_ids ids;
    const struct person person = {.issuer = FIXTURE_ISSUER, .subject = "ada", .name = "Ada"};
    const struct session_origin origin = {.issuer = FIXTURE_ISSUER, .remember = true};
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
    assert_works(fixture->arena,
                 session_issue(fixture->context, &request, &response, &ids, &origin, &replaced));
    assert_works(fixture->arena, database_commit(fixture->context));
    fixture_take(fixture, &response);
}

static struct caller load(struct fixture *fixture, const struct request *request) {
    struct caller caller;
    assert_works(fixture->arena, caller_load(fixture->context, request, &caller));
    return caller;
}

static void a_session_calls_and_a_stranger_does_not(void **state) {
    struct fixture *fixture = *state;
    struct request request = fixture_request(fixture);
    assert_int_equal(load(fixture, &request).means, CALLER_NOBODY);
    assert_null(load(fixture, &request).session);
    sign_in(fixture);
    request = fixture_request(fixture);
    assert_int_equal(load(fixture, &request).means, CALLER_SESSION);
    assert_string_equal(load(fixture, &request).session->name, "Ada");
}

static void a_session_is_found_by_its_public_name(void **state) {
    struct fixture *fixture = *state;
    struct session *session = NULL;
    sign_in(fixture);
    const struct request request = fixture_request(fixture);
    const char *hash = load(fixture, &request).session->id_hash;
    assert_works(fixture->arena, session_load_by_hash(fixture->context, hash, &session));
    assert_string_equal(session->name, "Ada");
    assert_null(session->csrf_token);
    fixture->house.clock.fixed += (int64_t)7 * 86400;
    assert_works(fixture->arena, session_load_by_hash(fixture->context, hash, &session));
    assert_null(session);
}

/* ---- by token -------------------------------------------------------------------------------- */

/* A token of who is signed in, whose browser then forgets the cookie. */
static const char *token_of(struct fixture *fixture) {
    struct access_token token = {.compact = NULL};
    sign_in(fixture);
    const struct request request = fixture_request(fixture);
    const struct caller caller = load(fixture, &request);
    assert_works(fixture->arena,
                 access_token_issue(fixture->context, caller.session, ORIGIN, &token));
    return token.compact;
}

static void a_token_calls_without_a_cookie(void **state) {
    static const char *const forms[] = {"Bearer %s", "bearer %s", "BEARER   %s"};
    struct fixture *fixture = *state;
    const char *token = token_of(fixture);
    fixture->cookies = NULL;
    for (size_t i = 0; i < FIXTURE_COUNT(forms); i++) {
        struct request request = fixture_request(fixture);
        struct buffer field;
        buffer_open(fixture->arena, &field);
        buffer_add(&field, forms[i], strcspn(forms[i], "%"));
        buffer_add_text(&field, token);
        request.authorization = field.bytes;
        const struct caller caller = load(fixture, &request);
        assert_int_equal(caller.means, CALLER_TOKEN);
        assert_string_equal(caller.session->name, "Ada");
        assert_null(caller.session->csrf_token);
        assert_true(fixture->context->takes_token);
    }
}

/* A request that could be taken for two callers would be somebody's confusion, or an attack. */
static void a_wrong_token_never_falls_back_to_the_cookie(void **state) {
    struct fixture *fixture = *state;
    const char *token = token_of(fixture);
    const struct {
        const char *field;
        enum error_rule rule;
    } wrong[] = {
        {"Bearer", ERROR_ACCESS_TOKEN_MALFORMED},
        {"Bearer ", ERROR_ACCESS_TOKEN_MALFORMED},
        {"Bearer x", ERROR_ACCESS_TOKEN_MALFORMED},
        {arena_format(fixture->arena, "Bearer %s x", token), ERROR_ACCESS_TOKEN_MALFORMED},
        {arena_format(fixture->arena, "Bearer %s, Bearer %s", token, token),
         ERROR_ACCESS_TOKEN_MALFORMED},
        {arena_format(fixture->arena, "Bearer %s, Basic eDp5", token),
         ERROR_ACCESS_TOKEN_MALFORMED},
        {arena_format(fixture->arena, "Bearer %sA", token), ERROR_ACCESS_TOKEN_SIGNATURE},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(wrong); i++) {
        struct caller caller;
        struct request request = fixture_request(fixture);
        request.authorization = wrong[i].field;
        assert_fails(fixture->arena, wrong[i].rule,
                     caller_load(fixture->context, &request, &caller));
        assert_int_equal(caller.means, CALLER_NOBODY);
        assert_null(caller.session);
    }
}

/* A field that may have been cut just behind a good token. */
static void a_field_of_the_largest_size_is_refused(void **state) {
    struct fixture *fixture = *state;
    const char *token = token_of(fixture);
    struct caller caller;
    struct request request = fixture_request(fixture);
    int width = (int)(REQUEST_FIELD_LIMIT - strlen("Bearer"));
    request.authorization = arena_format(fixture->arena, "Bearer%*s", width, token);
    assert_int_equal(strlen(request.authorization), REQUEST_FIELD_LIMIT);
    assert_fails(fixture->arena, ERROR_ACCESS_TOKEN_TOO_LARGE,
                 caller_load(fixture->context, &request, &caller));
    request.authorization = arena_format(fixture->arena, "Bearer%*s", width - 1, token);
    assert_int_equal(load(fixture, &request).means, CALLER_TOKEN);
}

static void another_scheme_is_somebody_elses(void **state) {
    static const char *const others[] = {"Basic eDp5", "Bearerx y", "Digest username=\"x\"",
                                         "DPoP x",     "",          " "};
    struct fixture *fixture = *state;
    sign_in(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++) {
        struct request request = fixture_request(fixture);
        request.authorization = others[i];
        assert_int_equal(load(fixture, &request).means, CALLER_SESSION);
    }
}

/* ---- changes --------------------------------------------------------------------------------- */

/* The field that a script sends. */
static const char *sent_token(const struct gateway *gateway, const char *name) {
    return strcmp(name, "HTTP_X_CSRF_TOKEN") == 0 ? gateway->stream : NULL;
}

static int check(struct fixture *fixture, const struct caller *caller, const char *origin,
                 const char *token) {
    struct request request = fixture_request(fixture);
    const struct gateway gateway = {.variable = sent_token, .stream = (void *)token};
    request.gateway = &gateway;
    request.origin = origin;
    return caller_check_change(fixture->context, &request, caller);
}

static void a_change_takes_the_sessions_own_token(void **state) {
    struct fixture *fixture = *state;
    struct arena *arena = fixture->arena;
    const struct caller nobody = {.means = CALLER_NOBODY};
    sign_in(fixture);
    const struct request request = fixture_request(fixture);
    const struct caller caller = load(fixture, &request);
    const char *right = caller.session->csrf_token;
    assert_works(arena, check(fixture, &caller, ORIGIN, right));
    assert_works(arena, check(fixture, &caller, NULL, right));
    assert_fails(arena, ERROR_CSRF, check(fixture, &caller, ORIGIN, NULL));
    assert_fails(arena, ERROR_CSRF, check(fixture, &caller, ORIGIN, "x"));
    assert_fails(arena, ERROR_CSRF,
                 check(fixture, &caller, ORIGIN, arena_format(arena, "%sA", right)));
    assert_fails(arena, ERROR_REQUEST_ORIGIN,
                 check(fixture, &caller, "https://evil.example", right));
    assert_fails(arena, ERROR_REQUEST_ORIGIN, check(fixture, &caller, "null", right));
    assert_fails(arena, ERROR_UNAUTHENTICATED, check(fixture, &nobody, ORIGIN, right));
}

static void a_form_may_carry_it_too(void **state) {
    struct fixture *fixture = *state;
    sign_in(fixture);
    struct request request = fixture_request(fixture);
    const struct caller caller = load(fixture, &request);
    request.method = METHOD_POST;
    form_put(fixture->arena, &request.body, "csrf_token", caller.session->csrf_token);
    assert_works(fixture->arena, caller_check_change(fixture->context, &request, &caller));
}

static void a_token_means_what_it_asks_for(void **state) {
    struct fixture *fixture = *state;
    sign_in(fixture);
    const struct request request = fixture_request(fixture);
    struct caller caller = load(fixture, &request);
    caller.means = CALLER_TOKEN;
    assert_works(fixture->arena, check(fixture, &caller, "https://evil.example", NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_session_calls_and_a_stranger_does_not),
        fixture_test(a_session_is_found_by_its_public_name),
        fixture_test(a_token_calls_without_a_cookie),
        fixture_test(a_wrong_token_never_falls_back_to_the_cookie),
        fixture_test(a_field_of_the_largest_size_is_refused),
        fixture_test(another_scheme_is_somebody_elses),
        fixture_test(a_change_takes_the_sessions_own_token),
        fixture_test(a_form_may_carry_it_too),
        fixture_test(a_token_means_what_it_asks_for),
    };
    return cmocka_run_group_tests_name("caller", tests, NULL, NULL);
}

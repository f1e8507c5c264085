/* login/sign_out: to the provider and back, and the sessions that a provider ends: those meant, and no others. */
#include "fixture.h"
#include "sql.h"

#include "format/base64url.h"
#include "format/uri.h"
#include "login/sign_out.h"

#define SESSION_COOKIE "__Host-latchkey-session"
#define LOGOUT_COOKIE "__Host-latchkey-logout"
#define END_SESSION "end_session_endpoint = " FIXTURE_ISSUER "/logout\n"
#define ID_TOKEN "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"

/* A browser signed in; its cookies. */
static struct fixture_cookie *sign_in(struct fixture *fixture, const char *subject,
                                      const char *sid) {
    struct response response;
    bool replaced = false;
    struct account_ids ids;
    const struct person person = {.issuer = fixture->provider.issuer, .subject = subject};
    const struct session_origin origin = {
        .issuer = fixture->provider.issuer,
        .sid = sid,
        .id_token = ID_TOKEN,
        .id_token_alg = "ES256",
    };
    fixture->cookies = NULL;
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
    assert_works(fixture->arena,
                 session_issue(fixture->context, &request, &response, &ids, &origin, &replaced));
    assert_works(fixture->arena, database_commit(fixture->context));
    fixture_take(fixture, &response);
    return fixture->cookies;
}

static struct session *load(struct fixture *fixture, struct fixture_cookie *cookies) {
    struct session *session = NULL;
    fixture->cookies = cookies;
    const struct request request = fixture_request(fixture);
    assert_works(fixture->arena, session_load(fixture->context, &request, &session));
    return session;
}

static bool is_signed_in(struct fixture *fixture, struct fixture_cookie *cookies) {
    return load(fixture, cookies) != NULL;
}

/* ---- to the provider ------------------------------------------------------------------------- */

static const char *begin_from(struct fixture *fixture, const char *return_to) {
    struct response response;
    const char *uri = NULL;
    response_open(fixture->arena, &response);
    struct session *session = load(fixture, fixture->cookies);
    assert_non_null(session);
    assert_works(fixture->arena,
                 sign_out_begin(fixture->context, &response, session, return_to, &uri));
    fixture_take(fixture, &response);
    return uri;
}

static const char *begin(struct fixture *fixture) {
    return begin_from(fixture, NULL);
}

static void the_provider_is_told_all_it_wants_to_know(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER END_SESSION "ui_locales = ko en\n");
    sign_in(fixture, "ada", "s-1");
    const char *uri = begin(fixture);
    struct form query = fixture_query(fixture, uri);
    assert_true(text_starts_with(uri, FIXTURE_ISSUER "/logout?"));
    assert_string_equal(form_value(&query, "id_token_hint"), ID_TOKEN);
    assert_string_equal(form_value(&query, "client_id"), FIXTURE_CLIENT);
    assert_string_equal(form_value(&query, "post_logout_redirect_uri"),
                        FIXTURE_SITE "/cgi-bin/logout.cgi");
    assert_string_equal(form_value(&query, "ui_locales"), "ko en");
    assert_int_equal(strlen(form_value(&query, "state")), 43);
    assert_string_equal(fixture_cookie(fixture, LOGOUT_COOKIE)->attributes,
                        "; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax");
}

static void a_query_of_its_own_is_kept(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER
                            "end_session_endpoint = " FIXTURE_ISSUER "/logout?tenant=a%20b\n");
    sign_in(fixture, "ada", "s-1");
    assert_true(
        text_starts_with(begin(fixture), FIXTURE_ISSUER "/logout?tenant=a%20b&id_token_hint="));
}

static void without_an_endpoint_nobody_is_sent_anywhere(void **state) {
    struct fixture *fixture = *state;
    sign_in(fixture, "ada", "s-1");
    assert_null(begin(fixture));
    assert_null(fixture_cookie(fixture, LOGOUT_COOKIE));
}

static void a_provider_that_is_down_does_not_stop_a_sign_out(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\n" FIXTURE_DISCOVERED);
    sign_in(fixture, "ada", "s-1");
    fixture_answer_failure(fixture, FIXTURE_ISSUER "/.well-known/openid-configuration",
                           ERROR_HTTP_TIMEOUT);
    assert_null(begin(fixture));
    assert_int_equal(fixture->arena->error.rule, ERROR_NONE);
    assert_non_null(strstr(fixture->house.log.bytes, "rule=http_timeout"));
}

static void a_provider_no_longer_configured_does_not_either(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER END_SESSION);
    sign_in(fixture, "ada", "s-1");
    assert_works(fixture->arena,
                 fixture_config_load(fixture, "[provider other]\n" FIXTURE_PROVIDER END_SESSION));
    assert_null(begin(fixture));
    /* Nor one whose section now means somebody else: he is not to get the id_token. */
    assert_works(fixture->arena,
                 fixture_config_load(fixture, "[provider op]\n" FIXTURE_PROVIDER END_SESSION));
    struct session *session = load(fixture, fixture->cookies);
    struct response response;
    const char *uri = NULL;
    session->issuer = "https://former.example";
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, sign_out_begin(fixture->context, &response, session, NULL, &uri));
    assert_null(uri);
}

/* ---- and back -------------------------------------------------------------------------------- */

/* Comes back with this query; 0, *returned and *return_to, or -1. */
static int come_back_to(struct fixture *fixture, const char *query, bool *returned,
                        const char **return_to) {
    struct response response;
    struct request request = fixture_request(fixture);
    request.query = fixture_form(fixture, query);
    response_open(fixture->arena, &response);
    int result = sign_out_return(fixture->context, &request, &response, returned, return_to);
    fixture_take(fixture, &response);
    return result;
}

static int come_back(struct fixture *fixture, const char *query, bool *returned) {
    const char *return_to = NULL;
    int result = come_back_to(fixture, query, returned, &return_to);
    assert_null(return_to);
    return result;
}

static const char *sent_state(struct fixture *fixture, const char *return_to) {
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER END_SESSION);
    sign_in(fixture, "ada", "s-1");
    struct form query = fixture_query(fixture, begin_from(fixture, return_to));
    return form_value(&query, "state");
}

static const char *begin_with_state(struct fixture *fixture) {
    return sent_state(fixture, NULL);
}

static void the_state_comes_back_once(void **state) {
    struct fixture *fixture = *state;
    const char *sent = begin_with_state(fixture);
    const char *query = arena_format(fixture->arena, "state=%s", sent);
    bool returned = false;
    assert_works(fixture->arena, come_back(fixture, query, &returned));
    assert_true(returned);
    assert_null(fixture_cookie(fixture, LOGOUT_COOKIE)->value);
    assert_fails(fixture->arena, ERROR_LOGOUT_STATE, come_back(fixture, query, &returned));
    assert_false(returned);
}

static void the_place_comes_back_with_the_state(void **state) {
    struct fixture *fixture = *state;
    const char *longest = arena_format(fixture->arena, "/%0511d", 0);
    const char *places[] = {"/", "/members.html?a=1&b=%20", longest};
    for (size_t i = 0; i < FIXTURE_COUNT(places); i++) {
        const char *sent = sent_state(fixture, places[i]);
        const char *return_to = NULL;
        bool returned = false;
        /* The provider learns the state alone, and of the place nothing. */
        assert_int_equal(strlen(sent), 43);
        assert_works(fixture->arena,
                     come_back_to(fixture, arena_format(fixture->arena, "state=%s", sent),
                                  &returned, &return_to));
        assert_true(returned);
        assert_string_equal(return_to, places[i]);
    }
}

/* What stands behind the state in the cookie is the place, and a place alone. */
static void what_is_no_place_leads_home(void **state) {
    struct fixture *fixture = *state;
    const char *places[] = {"https://evil.example/", "//evil.example", "/a\r\nb", "/../x", ""};
    for (size_t i = 0; i < FIXTURE_COUNT(places); i++) {
        const char *sent = sent_state(fixture, places[i]);
        bool returned = false;
        assert_works(fixture->arena,
                     come_back(fixture, arena_format(fixture->arena, "state=%s", sent), &returned));
        assert_true(returned);
    }
}

static void the_place_is_no_part_of_the_state(void **state) {
    struct fixture *fixture = *state;
    const char *sent = sent_state(fixture, "/members.html");
    bool returned = true;
    const char *place = base64url_encode(fixture->arena, "/members.html", strlen("/members.html"));
    assert_fails(
        fixture->arena, ERROR_LOGOUT_STATE,
        come_back(fixture, arena_format(fixture->arena, "state=%s%s", sent, place), &returned));
    assert_false(returned);
}

static void a_wrong_state_is_refused(void **state) {
    struct fixture *fixture = *state;
    const char *sent = begin_with_state(fixture);
    struct fixture_cookie *cookie = fixture_cookie(fixture, LOGOUT_COOKIE);
    const char *value = cookie->value;
    const char *queries[] = {"state=", "state=x", arena_format(fixture->arena, "state=%.42s", sent),
                             arena_format(fixture->arena, "state=%sA", sent),
                             arena_format(fixture->arena, "state=%s%%20", sent)};
    for (size_t i = 0; i < FIXTURE_COUNT(queries); i++) {
        bool returned = true;
        cookie->value = value;
        assert_fails(fixture->arena, ERROR_LOGOUT_STATE, come_back(fixture, queries[i], &returned));
        assert_false(returned);
    }
    bool returned = true;
    assert_fails(fixture->arena, ERROR_PARAMETER_REPEATED,
                 come_back(fixture, arena_format(fixture->arena, "state=%s&state=%s", sent, sent),
                           &returned));
}

static void a_forged_cookie_is_none(void **state) {
    struct fixture *fixture = *state;
    const char *sent = begin_with_state(fixture);
    struct fixture_cookie *cookie = fixture_cookie(fixture, LOGOUT_COOKIE);
    const char *forged[] = {sent, arena_format(fixture->arena, "x.%s.x", sent),
                            arena_format(fixture->arena, "%sA", cookie->value)};
    for (size_t i = 0; i < FIXTURE_COUNT(forged); i++) {
        bool returned = true;
        fixture_set_cookie(fixture, arena_format(fixture->arena, LOGOUT_COOKIE "=%s", forged[i]));
        assert_fails(fixture->arena, ERROR_LOGOUT_STATE,
                     come_back(fixture, arena_format(fixture->arena, "state=%s", sent), &returned));
    }
}

static void who_simply_comes_by_did_not_return(void **state) {
    struct fixture *fixture = *state;
    bool returned = true;
    assert_works(fixture->arena, come_back(fixture, "a=b", &returned));
    assert_false(returned);
    begin_with_state(fixture);
    returned = true;
    assert_works(fixture->arena, come_back(fixture, "a=b", &returned));
    assert_false(returned);
    assert_null(fixture_cookie(fixture, LOGOUT_COOKIE)->value);
}

static void the_origin_is_known_without_asking_anyone(void **state) {
    struct fixture *fixture = *state;
    const char *discovery =
        "{\"issuer\":\"" FIXTURE_ISSUER "\",\"authorization_endpoint\":\"https://op.example/a\","
        "\"token_endpoint\":\"https://op.example/t\","
        "\"end_session_endpoint\":\"https://out.op.example:8443/x?y\"}";
    fixture_config(fixture, "[provider op]\n" FIXTURE_DISCOVERED);
    struct fixture_cookie *browser = sign_in(fixture, "ada", "s-1");
    assert_null(sign_out_origin(fixture->context, load(fixture, browser)));
    assert_int_equal(fixture->arena->error.rule, ERROR_NONE);

    fixture_answer_json(fixture, FIXTURE_ISSUER "/.well-known/openid-configuration", discovery);
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
    assert_string_equal(sign_out_origin(fixture->context, load(fixture, browser)),
                        "https://out.op.example:8443");
}

/* ---- from the provider ----------------------------------------------------------------------- */

struct browsers {
    struct fixture_cookie *ada_home;
    struct fixture_cookie *ada_work;
    struct fixture_cookie *ada_old; /* of a provider's session that we never heard of */
    struct fixture_cookie *grace;
    struct fixture_cookie *elsewhere; /* the same sub and sid, of another issuer */
};

static struct browsers sign_all_in(struct fixture *fixture) {
    struct browsers browsers = {
        .ada_home = sign_in(fixture, "ada", "s-home"),
        .ada_work = sign_in(fixture, "ada", "s-work"),
        .ada_old = sign_in(fixture, "ada", NULL),
        .grace = sign_in(fixture, "grace", "s-grace"),
    };
    fixture->provider.issuer = "https://other.example";
    browsers.elsewhere = sign_in(fixture, "ada", "s-home");
    fixture->provider.issuer = FIXTURE_ISSUER;
    return browsers;
}

static void assert_signed_in(struct fixture *fixture, const struct browsers *browsers,
                             const char *who) {
    const struct {
        struct fixture_cookie *cookies;
        char letter;
    } all[] = {{browsers->ada_home, 'h'},
               {browsers->ada_work, 'w'},
               {browsers->ada_old, 'o'},
               {browsers->grace, 'g'},
               {browsers->elsewhere, 'e'}};
    for (size_t i = 0; i < FIXTURE_COUNT(all); i++)
        if (is_signed_in(fixture, all[i].cookies) != (strchr(who, all[i].letter) != NULL))
            fail_msg("%c of %s", all[i].letter, who);
}

static int end(struct fixture *fixture, const char *jti, const char *subject, const char *sid) {
    const struct logout_token token = {
        .issuer = fixture->provider.issuer,
        .subject = subject,
        .sid = sid,
        .jti = jti,
        .alg = "ES256",
        .expires_at = HOUSE_TIME + 120,
    };
    return sign_out_by_token(fixture->context, &fixture->provider, &token);
}

static void a_sid_that_no_session_has_means_those_without(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    assert_works(fixture->arena, end(fixture, "1", "ada", "s-unheard-of"));
    assert_signed_in(fixture, &browsers, "hwge");
    assert_works(fixture->arena, end(fixture, "2", NULL, "s-unheard-of"));
    assert_signed_in(fixture, &browsers, "hwge");
}

static void a_sid_ends_that_session_alone(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    assert_works(fixture->arena, end(fixture, "1", NULL, "s-home"));
    assert_signed_in(fixture, &browsers, "woge");
}

static void a_sid_with_a_subject_still_means_that_session(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    assert_works(fixture->arena, end(fixture, "1", "ada", "s-work"));
    assert_signed_in(fixture, &browsers, "hoge");
}

static void a_subject_ends_all_of_his_sessions(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    assert_works(fixture->arena, end(fixture, "1", "ada", NULL));
    assert_signed_in(fixture, &browsers, "ge");
}

/* Identities are kept beside what the record says; where that is a template, beside the token's. */
static void a_subject_is_one_of_the_identity_issuer(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    fixture->provider.identity_issuer = "https://other.example";
    assert_works(fixture->arena, end(fixture, "1", "ada", NULL));
    assert_signed_in(fixture, &browsers, "hwog");
    fixture->provider.identity_issuer = "https://{claim:tid}.example";
    assert_works(fixture->arena, end(fixture, "2", "ada", NULL));
    assert_signed_in(fixture, &browsers, "g");
}

static void where_another_claim_says_who_it_is_a_sub_is_nobody(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    fixture->provider.claim_sub = "oid";
    assert_fails(fixture->arena, ERROR_LOGOUT_TOKEN, end(fixture, "1", "ada", NULL));
    assert_works(fixture->arena, end(fixture, "2", "ada", "s-unheard-of"));
    assert_signed_in(fixture, &browsers, "hwoge");
    assert_works(fixture->arena, end(fixture, "3", "ada", "s-home"));
    assert_signed_in(fixture, &browsers, "woge");
    fixture->provider.claim_sub = "id_token:sub";
    assert_works(fixture->arena, end(fixture, "1", "ada", NULL)); /* it was not used up */
    assert_signed_in(fixture, &browsers, "ge");
}

static void unknown_ones_end_nothing_and_are_no_error(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    assert_works(fixture->arena, end(fixture, "1", NULL, "s-nobody"));
    assert_works(fixture->arena, end(fixture, "2", "nobody", NULL));
    assert_works(fixture->arena, end(fixture, "3", "", NULL));
    assert_signed_in(fixture, &browsers, "hwoge");
}

static void a_token_works_once(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, end(fixture, "jti-1", "ada", NULL));
    struct browsers browsers = sign_all_in(fixture);
    assert_fails(fixture->arena, ERROR_LOGOUT_REPLAYED, end(fixture, "jti-1", "ada", NULL));
    assert_signed_in(fixture, &browsers, "hwoge");
    /* A jti is unique for its issuer only. */
    fixture->provider.issuer = "https://other.example";
    fixture->provider.identity_issuer = "https://other.example";
    assert_works(fixture->arena, end(fixture, "jti-1", "ada", NULL));
    assert_signed_in(fixture, &browsers, "hwog");
}

static void a_replay_is_remembered_until_the_token_has_expired(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, end(fixture, "jti-1", "ada", NULL));
    fixture->house.clock.fixed = HOUSE_TIME + 120 + 59; /* the last second with the leeway */
    assert_works(fixture->arena, end(fixture, "jti-2", "ada", NULL)); /* clears expired ones away */
    assert_fails(fixture->arena, ERROR_LOGOUT_REPLAYED, end(fixture, "jti-1", "ada", NULL));
}

static void a_token_signed_otherwise_than_the_id_token_ends_nothing(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    struct logout_token token = {.issuer = FIXTURE_ISSUER,
                                 .sid = "s-home",
                                 .jti = "1",
                                 .alg = "RS256",
                                 .expires_at = HOUSE_TIME + 120};
    assert_fails(fixture->arena, ERROR_JWS_ALG,
                 sign_out_by_token(fixture->context, &fixture->provider, &token));
    token.sid = NULL;
    token.subject = "ada";
    assert_fails(fixture->arena, ERROR_JWS_ALG,
                 sign_out_by_token(fixture->context, &fixture->provider, &token));
    assert_signed_in(fixture, &browsers, "hwoge");
    /* It was not counted as used. */
    assert_works(fixture->arena, end(fixture, "1", "ada", NULL));
    assert_signed_in(fixture, &browsers, "ge");
}

static void the_front_channel_ends_by_sid(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    assert_works(fixture->arena,
                 sign_out_by_sid(fixture->context, &fixture->provider, FIXTURE_ISSUER, "s-home"));
    assert_signed_in(fixture, &browsers, "woge");
    assert_works(fixture->arena,
                 sign_out_by_sid(fixture->context, &fixture->provider, FIXTURE_ISSUER, ""));
    assert_works(fixture->arena,
                 sign_out_by_sid(fixture->context, &fixture->provider, FIXTURE_ISSUER, "%"));
    assert_signed_in(fixture, &browsers, "woge");
}

static void the_log_tells_how_many(void **state) {
    struct fixture *fixture = *state;
    sign_all_in(fixture);
    assert_works(fixture->arena, end(fixture, "1", "ada", NULL));
    assert_non_null(
        strstr(fixture->house.log.bytes, "event=signed_out provider=op how=\"by sub\" sessions=3"));
    assert_null(strstr(fixture->house.log.bytes, "ada"));
}

/* An event for each session, in the account that it was of; from the provider there is no address to tell. */
static void each_session_that_is_ended_is_an_event(void **state) {
    static const char *const all =
        "SELECT a.name, e.event, e.provider, e.detail, e.address, e.user_agent FROM events e"
        " JOIN accounts a ON a.id = e.account ORDER BY e.id";
    struct fixture *fixture = *state;
    sign_all_in(fixture);
    sql(fixture, "UPDATE accounts SET name = (SELECT subject || issuer FROM identities WHERE "
                 "account = accounts.id)");
    assert_works(fixture->arena, end(fixture, "1", NULL, "s-grace"));
    assert_string_equal(sql(fixture, all),
                        "grace" FIXTURE_ISSUER "|signed_out|op|provider|NULL|NULL");
    assert_works(fixture->arena, end(fixture, "2", "ada", NULL));
    assert_works(fixture->arena, end(fixture, "3", "ada", NULL));
    assert_works(fixture->arena, sign_out_by_sid(fixture->context, &fixture->provider,
                                                 "https://other.example", "s-home"));
    assert_string_equal(
        sql(fixture, "SELECT a.name, count(*) FROM events e JOIN accounts a ON a.id = e.account"
                     " GROUP BY a.id ORDER BY a.id"),
        "ada" FIXTURE_ISSUER "|3; grace" FIXTURE_ISSUER "|1; adahttps://other.example|1");
}

/* Neither is there without the other. */
static void what_cannot_be_told_does_not_happen(void **state) {
    struct fixture *fixture = *state;
    struct browsers browsers = sign_all_in(fixture);
    sql(fixture,
        "CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'broken'); END");
    assert_fails(fixture->arena, ERROR_DATABASE, end(fixture, "1", "ada", NULL));
    assert_fails(fixture->arena, ERROR_DATABASE,
                 sign_out_by_sid(fixture->context, &fixture->provider, FIXTURE_ISSUER, "s-home"));
    assert_signed_in(fixture, &browsers, "hwoge");
    sql(fixture, "DROP TRIGGER broken");
    assert_works(fixture->arena, end(fixture, "1", "ada", NULL)); /* nor was the token used */
    assert_signed_in(fixture, &browsers, "ge");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_provider_is_told_all_it_wants_to_know),
        fixture_test(a_query_of_its_own_is_kept),
        fixture_test(without_an_endpoint_nobody_is_sent_anywhere),
        fixture_test(a_provider_that_is_down_does_not_stop_a_sign_out),
        fixture_test(a_provider_no_longer_configured_does_not_either),
        fixture_test(the_state_comes_back_once),
        fixture_test(the_place_comes_back_with_the_state),
        fixture_test(what_is_no_place_leads_home),
        fixture_test(the_place_is_no_part_of_the_state),
        fixture_test(a_wrong_state_is_refused),
        fixture_test(a_forged_cookie_is_none),
        fixture_test(who_simply_comes_by_did_not_return),
        fixture_test(the_origin_is_known_without_asking_anyone),
        fixture_test(a_sid_that_no_session_has_means_those_without),
        fixture_test(a_sid_ends_that_session_alone),
        fixture_test(a_sid_with_a_subject_still_means_that_session),
        fixture_test(a_subject_ends_all_of_his_sessions),
        fixture_test(a_subject_is_one_of_the_identity_issuer),
        fixture_test(where_another_claim_says_who_it_is_a_sub_is_nobody),
        fixture_test(unknown_ones_end_nothing_and_are_no_error),
        fixture_test(a_token_works_once),
        fixture_test(a_replay_is_remembered_until_the_token_has_expired),
        fixture_test(a_token_signed_otherwise_than_the_id_token_ends_nothing),
        fixture_test(the_front_channel_ends_by_sid),
        fixture_test(the_log_tells_how_many),
        fixture_test(each_session_that_is_ended_is_an_event),
        fixture_test(what_cannot_be_told_does_not_happen),
    };
    return cmocka_run_group_tests_name("sign_out", tests, NULL, NULL);
}

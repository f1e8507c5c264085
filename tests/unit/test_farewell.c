/* login/farewell: what was deleted is given back afterwards, as far as the provider lets us. */
#include "sql.h"

#include "login/account.h"
#include "login/farewell.h"
#include "login/tokens.h"

#define ENDPOINT FIXTURE_ISSUER "/revoke"
#define CONFIGURED                                                                                 \
    "[provider op]\n" FIXTURE_PROVIDER "offline_access = yes\nrevocation_endpoint = " ENDPOINT "\n"

static const struct person ada = {.issuer = FIXTURE_ISSUER, .subject = "ada"};
static const struct person bob = {.issuer = FIXTURE_ISSUER, .subject = "bob"};

static struct account_ids sign_in(struct fixture *fixture, const struct person *person) {
    struct account_ids ids;
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, person, true, &ids));
    return ids;
}

static void keep(struct fixture *fixture, const struct person *person, int64_t identity,
                 const struct token_response *response) {
    const struct token_grant grant = {.response = response};
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, person, identity, &grant));
}

/* Ada, with a refresh and an access token, at a provider that takes them back. */
static struct account_ids ada_with_tokens(struct fixture *fixture) {
    fixture_config(fixture, CONFIGURED);
    struct account_ids ids = sign_in(fixture, &ada);
    keep(fixture, &ada, ids.identity,
         &(struct token_response){
             .access_token = "access-ada", .refresh_token = "refresh-ada", .expires_in = 3600});
    return ids;
}

static struct account_ids link_bob(struct fixture *fixture, int64_t account) {
    struct account_ids ids;
    assert_works(fixture->arena,
                 account_link(fixture->context, account, &fixture->provider, &bob, &ids));
    keep(fixture, &bob, ids.identity, &(struct token_response){.access_token = "access-bob"});
    return ids;
}

static struct farewell prepare(struct fixture *fixture, int64_t account, int64_t identity) {
    struct farewell farewell = {.tokens = NULL};
    assert_works(fixture->arena, farewell_prepare(fixture->context, account, identity, &farewell));
    return farewell;
}

static void say(struct fixture *fixture, const struct farewell *farewell) {
    farewell_say(fixture->context, farewell);
    assert_int_equal(fixture->arena->error.rule, ERROR_NONE);
}

/* "refresh_token refresh-ada, access_token access-ada": what was given back, in order. */
static const char *given(struct fixture *fixture) {
    struct buffer text;
    buffer_open(fixture->arena, &text);
    for (const struct fixture_call *call = fixture->calls; call != NULL; call = call->next) {
        const struct form form = fixture_form(fixture, call->form);
        buffer_add_format(&text, "%s%s %s", text.length == 0 ? "" : ", ",
                          form_value(&form, "token_type_hint"), form_value(&form, "token"));
    }
    return text.bytes;
}

static size_t count_in_log(struct fixture *fixture, const char *text) {
    size_t count = 0;
    for (const char *found = strstr(fixture->house.log.bytes, text); found != NULL;
         found = strstr(found + 1, text))
        count++;
    return count;
}

static void the_refresh_token_goes_before_the_access_token(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    struct farewell farewell = prepare(fixture, ids.account, ids.identity);
    assert_int_equal(fixture->call_count, 0);
    assert_works(fixture->arena, account_delete(fixture->context, ids.account));
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    say(fixture, &farewell);
    assert_string_equal(given(fixture), "refresh_token refresh-ada, access_token access-ada");
    assert_int_equal(count_in_log(fixture, "event=token_revoked"), 2);
    assert_int_equal(count_in_log(fixture, "-ada"), 0);
}

static void of_one_identity_only_its_own_go(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    struct account_ids linked = link_bob(fixture, ids.account);
    struct farewell farewell = prepare(fixture, ids.account, linked.identity);
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    say(fixture, &farewell);
    assert_string_equal(given(fixture), "access_token access-bob");
}

static void of_an_account_all_go(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    link_bob(fixture, ids.account);
    struct farewell farewell = prepare(fixture, ids.account, TOKENS_OF_ALL);
    for (int i = 0; i < 3; i++)
        fixture_answer(fixture, ENDPOINT, 200, "", "");
    say(fixture, &farewell);
    assert_string_equal(
        given(fixture),
        "refresh_token refresh-ada, access_token access-ada, access_token access-bob");
}

static void nobody_gives_back_what_is_anothers(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    struct account_ids other = sign_in(fixture, &bob);
    struct farewell farewell = prepare(fixture, other.account, ids.identity);
    say(fixture, &farewell);
    assert_int_equal(fixture->call_count, 0);
}

static void an_access_token_that_is_over_stays_where_it_is(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    fixture->house.clock.fixed += 3600;
    struct farewell farewell = prepare(fixture, ids.account, ids.identity);
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    say(fixture, &farewell);
    assert_string_equal(given(fixture), "refresh_token refresh-ada");
}

static void what_a_provider_refuses_is_logged_and_the_next_is_tried(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    link_bob(fixture, ids.account);
    struct farewell farewell = prepare(fixture, ids.account, TOKENS_OF_ALL);
    fixture_answer(fixture, ENDPOINT, 400, "application/json",
                   "{\"error\":\"unsupported_token_type\"}");
    fixture_answer(fixture, ENDPOINT, 503, "text/html", "");
    fixture_answer(fixture, ENDPOINT, 200, "", "");
    say(fixture, &farewell);
    assert_int_equal(count_in_log(fixture, "rule=revocation"), 2);
    assert_int_equal(count_in_log(fixture, "event=token_revoked"), 1);
    assert_int_equal(count_in_log(fixture, "-ada"), 0);
}

static void who_does_not_answer_is_not_asked_twice(void **state) {
    static const enum error_rule rules[] = {ERROR_HTTP_TIMEOUT, ERROR_HTTP_FAILED};
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(rules); i++) {
        struct farewell farewell = prepare(fixture, ids.account, ids.identity);
        fixture_answer_failure(fixture, ENDPOINT, rules[i]);
        say(fixture, &farewell);
        assert_int_equal(fixture->call_count, i + 1);
    }
    assert_int_equal(count_in_log(fixture, "rule=http_timeout"), 1);
    assert_int_equal(count_in_log(fixture, "rule=http_failed"), 1);
}

/* ---- who cannot be told ---------------------------------------------------------------------- */

static void a_provider_that_takes_nothing_back_is_left_alone(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    struct farewell farewell = prepare(fixture, ids.account, ids.identity);
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER);
    say(fixture, &farewell);
    assert_int_equal(fixture->call_count, 0);
    assert_int_equal(count_in_log(fixture, "event=failed"), 0);
}

static void a_provider_that_is_configured_no_more_is_left_alone(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    struct farewell farewell = prepare(fixture, ids.account, ids.identity);
    assert_works(fixture->arena,
                 fixture_config_load(fixture, "[provider other]\n" FIXTURE_PROVIDER));
    say(fixture, &farewell);
    assert_int_equal(fixture->call_count, 0);
    assert_int_equal(count_in_log(fixture, "rule=provider_unknown"), 1);
}

/* Nobody is asked where its revocation endpoint might be. */
static void a_provider_of_whom_nothing_is_known_is_left_alone(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    struct farewell farewell = prepare(fixture, ids.account, ids.identity);
    fixture_config(fixture, "[provider op]\n" FIXTURE_DISCOVERED);
    say(fixture, &farewell);
    assert_int_equal(fixture->call_count, 0);
    assert_int_equal(count_in_log(fixture, "rule=discovery_malformed"), 1);
}

static void tokens_that_cannot_be_opened_are_forgotten(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    sql(fixture, "UPDATE tokens SET access_token = 'gone.AAAA', refresh_token = 'gone.AAAA'");
    struct farewell farewell = prepare(fixture, ids.account, ids.identity);
    say(fixture, &farewell);
    assert_int_equal(fixture->call_count, 0);
}

static void nothing_to_give_back_is_nothing_to_say(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, CONFIGURED);
    struct account_ids ids = sign_in(fixture, &ada);
    struct farewell farewell = prepare(fixture, ids.account, TOKENS_OF_ALL);
    assert_null(farewell.tokens);
    say(fixture, &farewell);
    assert_int_equal(fixture->call_count, 0);
}

/* Each of the servers that visitors name has a client of its own. */
static void a_visitors_server_is_told_as_its_own_client(void **state) {
    static const struct tokens tokens = {
        .provider = "fedi/social.example",
        .access_token = "access-ada",
    };
    const struct farewell farewell = {.tokens = &tokens};
    struct fixture *fixture = *state;
    sign_in(fixture, &ada); /* makes the database */
    assert_works(fixture->arena,
                 fixture_config_load(fixture, "[provider fedi]\ntype = oauth2\ninstance = ask\n"
                                              "email_trust = never\n"
                                              "registration = dynamic\nregistration_endpoint ="
                                              " https://{instance}/apps\nidentity_issuer ="
                                              " https://{instance}\nauthorization_endpoint ="
                                              " https://{instance}/authorize\ntoken_endpoint ="
                                              " https://{instance}/token\nuserinfo_endpoint ="
                                              " https://{instance}/me\nrevocation_endpoint ="
                                              " https://{instance}/revoke\n"));
    say(fixture, &farewell);
    assert_int_equal(fixture->call_count, 0); /* whose client we are not, or not any more */
    assert_int_equal(count_in_log(fixture, "rule=registration"), 1);

    sql(fixture, "INSERT INTO registrations VALUES ('https://social.example', '" FIXTURE_SITE
                 "/cgi-bin/callback.cgi/fedi/social.example', 'their-client', NULL, 'none',"
                 " 4000000000, 0)");
    fixture_answer(fixture, "https://social.example/revoke", 200, "", "");
    say(fixture, &farewell);
    const struct form form = fixture_form(fixture, fixture->calls->form);
    assert_string_equal(form_value(&form, "client_id"), "their-client");
    assert_true(fixture->calls->public_only);
}

/* ---- time ------------------------------------------------------------------------------------ */

/* Each look at the clock takes some seconds. */
static int64_t running(const struct clock *clock) {
    struct fixture *fixture = fixture_of_test;
    (void)clock;
    return fixture->house.clock.fixed += 4;
}

static void there_is_an_end_to_waiting(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = ada_with_tokens(fixture);
    for (int i = 0; i < 10; i++) {
        const struct person person = {
            .issuer = FIXTURE_ISSUER,
            .subject = arena_format(fixture->arena, "person-%d", i),
        };
        struct account_ids linked;
        assert_works(fixture->arena, account_link(fixture->context, ids.account, &fixture->provider,
                                                  &person, &linked));
        keep(fixture, &person, linked.identity, &(struct token_response){.access_token = "access"});
    }
    struct farewell farewell = prepare(fixture, ids.account, TOKENS_OF_ALL);
    fixture->house.clock.now = running;
    for (int i = 0; i < 2; i++)
        fixture_answer(fixture, ENDPOINT, 200, "", "");
    say(fixture, &farewell);
    assert_true(count_in_log(fixture, "no time was left for op") >= 8);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_refresh_token_goes_before_the_access_token),
        fixture_test(of_one_identity_only_its_own_go),
        fixture_test(of_an_account_all_go),
        fixture_test(nobody_gives_back_what_is_anothers),
        fixture_test(an_access_token_that_is_over_stays_where_it_is),
        fixture_test(what_a_provider_refuses_is_logged_and_the_next_is_tried),
        fixture_test(who_does_not_answer_is_not_asked_twice),
        fixture_test(a_provider_that_takes_nothing_back_is_left_alone),
        fixture_test(a_provider_that_is_configured_no_more_is_left_alone),
        fixture_test(a_provider_of_whom_nothing_is_known_is_left_alone),
        fixture_test(tokens_that_cannot_be_opened_are_forgotten),
        fixture_test(nothing_to_give_back_is_nothing_to_say),
        fixture_test(a_visitors_server_is_told_as_its_own_client),
        fixture_test(there_is_an_end_to_waiting),
    };
    return cmocka_run_group_tests_name("farewell", tests, NULL, NULL);
}

/* login/usable_token: whose token an API is called with; refreshed by one process for all, kept before
 * it is used, and never in place of a newer one. */
#include "server.h"
#include "sql.h"

#include "edge/state_dir.h"
#include "login/account.h"
#include "login/tokens.h"
#include "login/usable_token.h"

#include <sys/mman.h>
#include <sys/resource.h>

#define URL FIXTURE_ISSUER "/token"
#define CONFIGURED "[provider op]\n" FIXTURE_PROVIDER "offline_access = yes\n"
#define NEVER_SAID 0

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
    const struct token_grant grant = {.response = response, .asked_scope = "openid files"};
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, person, identity, &grant));
}

/* Ada, signed in through op, with tokens that expire after so many seconds. */
static struct session session_of(struct fixture *fixture, int64_t expires_in,
                                 const char *refresh_token) {
    fixture_config(fixture, CONFIGURED);
    struct account_ids ids = sign_in(fixture, &ada);
    keep(fixture, &ada, ids.identity,
         &(struct token_response){
             .access_token = "access-1", .refresh_token = refresh_token, .expires_in = expires_in});
    return (struct session){.account = ids.account, .identity = ids.identity, .provider = "op"};
}

static int load(struct fixture *fixture, const struct session *session,
                struct usable_token *usable) {
    return usable_token_load(fixture->context, session, "op", usable);
}

static void expect(struct fixture *fixture, const struct session *session, const char *token) {
    struct usable_token usable;
    assert_works(fixture->arena, load(fixture, session, &usable));
    assert_string_equal(usable.access_token, token);
}

static void pass(struct fixture *fixture, int64_t seconds) {
    fixture->house.clock.fixed += seconds;
}

static const struct tokens *kept(struct fixture *fixture, const struct session *session) {
    struct tokens *tokens = NULL;
    assert_works(fixture->arena,
                 tokens_load(fixture->context, session->account, TOKENS_OF_ALL, &tokens));
    return tokens;
}

/* ---- whose ----------------------------------------------------------------------------------- */

static void a_token_that_holds_is_given_as_it_is(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    pass(fixture, 3600 - USABLE_TOKEN_LEEWAY - 1);
    assert_works(fixture->arena, load(fixture, &session, &usable));
    assert_string_equal(usable.access_token, "access-1");
    assert_string_equal(usable.provider->id, "op");
    assert_int_equal(usable.identity, session.identity);
    assert_null(usable.token_secret);
    assert_string_equal(usable.scope, "openid files");
    assert_int_equal(fixture->call_count, 0);
}

static void one_without_a_known_end_holds(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, NEVER_SAID, NULL);
    pass(fixture, 3650LL * 24 * 3600);
    expect(fixture, &session, "access-1");
}

static void who_has_none_has_to_sign_in_there(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    assert_fails(fixture->arena, ERROR_NO_TOKENS,
                 usable_token_load(fixture->context, &session, "other", &usable));
    struct account_ids ids = sign_in(fixture, &bob);
    const struct session bobs = {
        .account = ids.account, .identity = ids.identity, .provider = "op"};
    assert_fails(fixture->arena, ERROR_NO_TOKENS, load(fixture, &bobs, &usable));
}

/* Two accounts of one person at one provider: the one that he signed in by, or none. */
static void it_is_that_of_the_identity_that_signed_in(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, NULL);
    struct usable_token usable;
    struct account_ids linked;
    assert_works(fixture->arena, account_link(fixture->context, session.account, &fixture->provider,
                                              &bob, &linked));
    struct session as_bob = session;
    as_bob.identity = linked.identity;
    assert_fails(fixture->arena, ERROR_NO_TOKENS, load(fixture, &as_bob, &usable));

    keep(fixture, &bob, linked.identity, &(struct token_response){.access_token = "access-bob"});
    expect(fixture, &as_bob, "access-bob");
    expect(fixture, &session, "access-1");

    /* Signed in elsewhere: the first of his there. */
    struct session elsewhere = session;
    elsewhere.identity = linked.identity + 7;
    elsewhere.provider = "other";
    expect(fixture, &elsewhere, "access-1");
}

static void a_section_whose_name_begins_alike_is_another(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, NULL);
    struct usable_token usable;
    assert_fails(fixture->arena, ERROR_NO_TOKENS,
                 usable_token_load(fixture->context, &session, "o", &usable));
    sql(fixture, "UPDATE tokens SET provider = 'op-drive'");
    assert_fails(fixture->arena, ERROR_NO_TOKENS, load(fixture, &session, &usable));
}

static void what_cannot_be_opened_is_no_token(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, NULL);
    struct usable_token usable;
    sql(fixture, "UPDATE tokens SET access_token = 'gone.AAAA'");
    assert_fails(fixture->arena, ERROR_GRANT_OVER, load(fixture, &session, &usable));
    assert_int_equal(fixture->call_count, 0);
}

static void scope_that_was_asked_for_counts_as_granted(void **state) {
    struct arena *arena = ((struct fixture *)*state)->arena;
    const struct usable_token usable = {.scope = "a b", .asked_scope = "c"};
    assert_true(usable_token_has_scope(arena, &usable, "c a"));
    assert_true(usable_token_has_scope(arena, &usable, NULL));
    assert_false(usable_token_has_scope(arena, &usable, "a d"));
    assert_false(usable_token_has_scope(arena, &(struct usable_token){.scope = NULL}, "a"));
}

/* ---- refreshed ------------------------------------------------------------------------------- */

#define ANSWER(access, rest)                                                                       \
    "{\"access_token\":\"" access "\",\"token_type\":\"Bearer\",\"expires_in\":3600" rest "}"

static void a_minute_before_its_end_it_is_refreshed(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    pass(fixture, 3600 - USABLE_TOKEN_LEEWAY);
    fixture_answer_json(fixture, URL, ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""));
    expect(fixture, &session, "access-2");
    assert_non_null(strstr(fixture->calls->form, "refresh_token=refresh-1"));
    assert_non_null(strstr(fixture->house.log.bytes, "event=token_refreshed provider=op"));
    const struct tokens *tokens = kept(fixture, &session);
    assert_string_equal(tokens->access_token, "access-2");
    assert_string_equal(tokens->refresh_token, "refresh-2");
    assert_string_equal(tokens->scope, "openid files"); /* RFC 6749 6: not said, not changed */
    assert_int_equal(tokens->expires_at, fixture->house.clock.fixed + 3600);
    assert_string_equal(sql(fixture, "SELECT refreshes, failed_at FROM tokens"), "1|NULL");
    expect(fixture, &session, "access-2"); /* nobody is asked again */
}

static void without_a_new_refresh_token_the_old_one_stays(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    for (int i = 2; i < 5; i++) {
        pass(fixture, 3600);
        fixture->calls = NULL;
        fixture_answer_json(fixture, URL, arena_format(fixture->arena, ANSWER("access-%d", ""), i));
        expect(fixture, &session, arena_format(fixture->arena, "access-%d", i));
        assert_non_null(strstr(fixture->calls->form, "refresh_token=refresh-1"));
    }
    assert_string_equal(kept(fixture, &session)->refresh_token, "refresh-1");
}

static void each_rotated_one_is_used_next(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    for (int i = 2; i < 6; i++) {
        pass(fixture, 3600);
        fixture->calls = NULL;
        fixture_answer_json(fixture, URL,
                            arena_format(fixture->arena,
                                         ANSWER("access-%d", ",\"refresh_token\":\"refresh-%d\""),
                                         i, i));
        expect(fixture, &session, arena_format(fixture->arena, "access-%d", i));
        assert_non_null(strstr(fixture->calls->form,
                               arena_format(fixture->arena, "refresh_token=refresh-%d", i - 1)));
    }
}

static void what_the_answer_says_of_scope_counts(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    pass(fixture, 3600);
    fixture_answer_json(fixture, URL, ANSWER("access-2", ",\"scope\":\"openid\""));
    expect(fixture, &session, "access-2");
    assert_string_equal(kept(fixture, &session)->scope, "openid");
    assert_string_equal(kept(fixture, &session)->asked_scope, "openid files");
}

/* Else it would be refreshed at every call. */
static void one_that_lives_for_seconds_holds_for_most_of_them(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 30, "refresh-1");
    pass(fixture, 23);
    expect(fixture, &session, "access-1");
    pass(fixture, 1);
    fixture_answer_json(fixture, URL, ANSWER("access-2", ""));
    expect(fixture, &session, "access-2");
}

static void without_a_refresh_token_it_is_over_when_it_expires(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, NULL);
    struct usable_token usable;
    pass(fixture, 3599);
    expect(fixture, &session, "access-1"); /* to its very end: there is no other */
    arena_forget_error(fixture->arena);
    pass(fixture, 1);
    assert_fails(fixture->arena, ERROR_GRANT_OVER, load(fixture, &session, &usable));
    /* What was granted is remembered: it is asked for when he comes back. */
    assert_string_equal(kept(fixture, &session)->scope, "openid files");
    assert_int_equal(fixture->call_count, 0);
}

static void what_a_refresh_needs_since_the_login_goes_along(void **state) {
    struct fixture *fixture = *state;
    struct usable_token usable;
    const char *configured = CONFIGURED "refresh_parameters = device_id={callback:device_id}\n";
    fixture_config(fixture, configured);
    struct account_ids ids = sign_in(fixture, &ada);
    const struct token_response response = {
        .access_token = "access-1", .refresh_token = "refresh-1", .expires_in = 3600};
    struct token_grant grant = {.response = &response, .refresh_parameters = "device_id=d%261"};
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, &ada, ids.identity, &grant));
    const struct session session = {
        .account = ids.account, .identity = ids.identity, .provider = "op"};
    pass(fixture, 3600);
    fixture_answer_json(fixture, URL, ANSWER("access-2", ""));
    expect(fixture, &session, "access-2");
    assert_non_null(strstr(fixture->calls->form, "&device_id=d%261"));

    /* Of a login before these were kept, nobody knows them. */
    sql(fixture, "UPDATE tokens SET refresh_parameters = NULL");
    pass(fixture, 3600);
    assert_fails(fixture->arena, ERROR_GRANT_OVER, load(fixture, &session, &usable));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM tokens"), "0");
}

/* ---- the end of a grant, and other failures -------------------------------------------------- */

static void a_grant_that_is_over_is_over_for_good(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    pass(fixture, 3600);
    fixture_answer(fixture, URL, 400, "application/json", "{\"error\":\"invalid_grant\"}");
    assert_fails(fixture->arena, ERROR_GRANT_OVER, load(fixture, &session, &usable));
    assert_non_null(strstr(fixture->house.log.bytes, "event=grant_over provider=op"));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM tokens"), "0");
    assert_fails(fixture->arena, ERROR_NO_TOKENS, load(fixture, &session, &usable)); /* not asked */
}

static void other_failures_leave_the_provider_alone_for_a_moment(void **state) {
    static const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } answers[] = {
        {503, "", ERROR_HTTP_STATUS},
        {400, "{\"error\":\"invalid_request\"}", ERROR_TOKEN_ERROR},
        {401, "{\"error\":\"invalid_client\"}", ERROR_CLIENT_REFUSED},
        {200, "{\"access_token\":\"a\",\"token_type\":\"DPoP\",\"refresh_token\":\"theirs\"}",
         ERROR_TOKEN_RESPONSE},
        {200, "<html>", ERROR_TOKEN_RESPONSE},
    };
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    pass(fixture, 3600);
    for (size_t i = 0; i < FIXTURE_COUNT(answers); i++) {
        fixture_answer(fixture, URL, answers[i].status, "application/json", answers[i].body);
        assert_fails(fixture->arena, answers[i].rule, load(fixture, &session, &usable));
        assert_fails(fixture->arena, ERROR_REFRESH_FAILED, load(fixture, &session, &usable));
        pass(fixture, USABLE_TOKEN_PAUSE - 1);
        assert_fails(fixture->arena, ERROR_REFRESH_FAILED, load(fixture, &session, &usable));
        pass(fixture, 1);
        assert_string_equal(kept(fixture, &session)->refresh_token, "refresh-1");
    }
    fixture_answer_json(fixture, URL, ANSWER("access-2", ""));
    expect(fixture, &session, "access-2");
}

/* A clock that was set back must not lock anybody out until it has caught up. */
static void a_failure_in_the_future_is_none(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    pass(fixture, 7200);
    fixture_answer(fixture, URL, 503, "text/html", "");
    assert_fails(fixture->arena, ERROR_HTTP_STATUS, load(fixture, &session, &usable));
    pass(fixture, -3600);
    fixture_answer_json(fixture, URL, ANSWER("access-2", ""));
    expect(fixture, &session, "access-2");
}

static void while_it_still_holds_a_failure_does_no_harm(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    pass(fixture, 3600 - USABLE_TOKEN_LEEWAY);
    fixture_answer_failure(fixture, URL, ERROR_HTTP_TIMEOUT);
    expect(fixture, &session, "access-1");
    assert_non_null(strstr(fixture->house.log.bytes, "rule=http_timeout"));
    expect(fixture, &session, "access-1"); /* and the provider is left alone */
    pass(fixture, USABLE_TOKEN_LEEWAY);
    fixture_answer_failure(fixture, URL, ERROR_HTTP_TIMEOUT);
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT, load(fixture, &session, &usable));
}

static void tokens_of_somebody_else_are_not_kept(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    const char *before = sql(fixture, "SELECT access_token, refresh_token FROM tokens");
    const char *id_token = fixture_token(fixture, "{\"iss\":\"" FIXTURE_ISSUER
                                                  "\",\"sub\":\"mallory\",\"aud\":\"client-1\"}");
    pass(fixture, 3600);
    fixture_answer_json(
        fixture, URL,
        arena_format(fixture->arena,
                     ANSWER("theirs", ",\"refresh_token\":\"theirs\",\"id_token\":\"%s\""),
                     id_token));
    assert_fails(fixture->arena, ERROR_ID_TOKEN_SUB, load(fixture, &session, &usable));
    assert_string_equal(sql(fixture, "SELECT access_token, refresh_token FROM tokens"), before);
}

/* What a client that registered itself was granted is gone with its registration. */
static void of_a_registration_that_is_gone_the_grant_is_over(void **state) {
    struct fixture *fixture = *state;
    struct usable_token usable;
    session_of(fixture, 3600, "refresh-1");
    fixture_config(fixture, "[provider op]\nissuer = " FIXTURE_ISSUER
                            "\nregistration = dynamic\noffline_access = yes\n"
                            "authorization_endpoint = " FIXTURE_ISSUER
                            "/authorize\ntoken_endpoint = " URL "\njwks_uri = " FIXTURE_ISSUER
                            "/jwks\nregistration_endpoint = " FIXTURE_ISSUER "/register\n");
    const struct session session = {.account = 1, .identity = 1, .provider = "op"};
    pass(fixture, 3600);
    assert_fails(fixture->arena, ERROR_GRANT_OVER, load(fixture, &session, &usable));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM tokens"), "0");
    assert_int_equal(fixture->call_count, 0);
}

/* ---- refused by an API ----------------------------------------------------------------------- */

static int renew(struct fixture *fixture, const struct session *session,
                 struct usable_token *usable) {
    return usable_token_renew(fixture->context, session, usable);
}

static void one_that_an_api_refuses_is_replaced(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, NEVER_SAID, "refresh-1");
    struct usable_token usable;
    pass(fixture, 600);
    assert_works(fixture->arena, load(fixture, &session, &usable));
    fixture_answer_json(fixture, URL, ANSWER("access-2", ""));
    assert_works(fixture->arena, renew(fixture, &session, &usable));
    assert_string_equal(usable.access_token, "access-2");
}

static void one_that_was_replaced_meanwhile_is_simply_taken(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, NEVER_SAID, "refresh-1");
    struct usable_token usable;
    assert_works(fixture->arena, load(fixture, &session, &usable));
    keep(fixture, &ada, session.identity, &(struct token_response){.access_token = "access-2"});
    assert_works(fixture->arena, renew(fixture, &session, &usable));
    assert_string_equal(usable.access_token, "access-2");
    assert_int_equal(fixture->call_count, 0);
}

/* An API that refuses everything must not make us ask the provider at every call. */
static void a_new_one_that_is_refused_is_not_replaced(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, 3600, "refresh-1");
    struct usable_token usable;
    assert_works(fixture->arena, load(fixture, &session, &usable));
    pass(fixture, 59);
    assert_fails(fixture->arena, ERROR_TOKEN_REFUSED, renew(fixture, &session, &usable));
    assert_string_equal(kept(fixture, &session)->access_token, "access-1");
    pass(fixture, 1);
    fixture_answer_json(fixture, URL, ANSWER("access-2", ""));
    assert_works(fixture->arena, renew(fixture, &session, &usable));
    assert_fails(fixture->arena, ERROR_TOKEN_REFUSED, renew(fixture, &session, &usable));
}

static void one_that_cannot_be_replaced_is_over(void **state) {
    struct fixture *fixture = *state;
    struct session session = session_of(fixture, NEVER_SAID, NULL);
    struct usable_token usable;
    assert_works(fixture->arena, load(fixture, &session, &usable));
    pass(fixture, 600);
    assert_fails(fixture->arena, ERROR_GRANT_OVER, renew(fixture, &session, &usable));
    sql(fixture, "DELETE FROM tokens");
    assert_fails(fixture->arena, ERROR_NO_TOKENS, renew(fixture, &session, &usable));
}

/* ---- what came meanwhile --------------------------------------------------------------------- */

/* What happens while the provider thinks: `meanwhile` of the test. */
struct interruption {
    struct fixture *fixture;
    struct session session;
    void (*meanwhile)(struct interruption *interruption);
    const char *answer; /* of the token endpoint */
    int calls;
};
static struct interruption *interruption_of_test;

static int interrupt(struct arena *arena, const struct http_request *request,
                     struct http_response *response) {
    struct interruption *interruption = interruption_of_test;
    const char *answer = "";
    (void)arena;
    if (strstr(request->url, "/revoke") != NULL) {
        fixture_record(interruption->fixture, request);
    } else {
        interruption->calls++;
        /* Nobody waits for the database meanwhile. */
        sql(interruption->fixture, "BEGIN IMMEDIATE");
        interruption->meanwhile(interruption);
        answer = interruption->answer;
    }
    *response = (struct http_response){
        .status = 200,
        .content_type = "application/json",
        .body = answer,
        .body_length = strlen(answer),
    };
    return 0;
}

static const struct http_transport interrupted = {.perform = interrupt};

static void begin_interrupted(struct interruption *interruption) {
    interruption_of_test = interruption;
    interruption->fixture->context->transport = &interrupted;
    pass(interruption->fixture, 3600);
}

static void a_login_comes(struct interruption *interruption) {
    keep(interruption->fixture, &ada, interruption->session.identity,
         &(struct token_response){
             .access_token = "access-login", .refresh_token = "refresh-login", .expires_in = 3600});
}

static void a_login_meanwhile_is_not_overwritten(void **state) {
    struct fixture *fixture = *state;
    struct interruption interruption = {
        .fixture = fixture,
        .session = session_of(fixture, 3600, "refresh-1"),
        .meanwhile = a_login_comes,
        .answer = ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""),
    };
    begin_interrupted(&interruption);
    expect(fixture, &interruption.session, "access-login");
    assert_string_equal(kept(fixture, &interruption.session)->refresh_token, "refresh-login");
    assert_int_equal(interruption.calls, 1);
}

static void a_login_without_refresh_token_comes(struct interruption *interruption) {
    keep(interruption->fixture, &ada, interruption->session.identity,
         &(struct token_response){.access_token = "access-login", .expires_in = 3600});
}

/* Its access token stays, and so does the one refresh token that is good from now on. */
static void a_rotated_refresh_token_is_kept_beside_a_login(void **state) {
    struct fixture *fixture = *state;
    struct interruption interruption = {
        .fixture = fixture,
        .session = session_of(fixture, 3600, "refresh-1"),
        .meanwhile = a_login_without_refresh_token_comes,
        .answer = ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""),
    };
    begin_interrupted(&interruption);
    expect(fixture, &interruption.session, "access-login");
    assert_string_equal(kept(fixture, &interruption.session)->refresh_token, "refresh-2");
}

/* An answer that a login has overtaken says nothing of what that brought. */
static void an_end_that_a_login_overtook_is_none(void **state) {
    struct fixture *fixture = *state;
    struct usable_token usable;
    struct interruption interruption = {
        .fixture = fixture,
        .session = session_of(fixture, 3600, "refresh-1"),
        .meanwhile = a_login_comes,
        .answer = "{\"error\":\"invalid_grant\"}",
    };
    begin_interrupted(&interruption);
    assert_fails(fixture->arena, ERROR_GRANT_OVER, load(fixture, &interruption.session, &usable));
    expect(fixture, &interruption.session, "access-login");
    assert_int_equal(interruption.calls, 1);
}

static void keys_are_rotated(struct interruption *interruption) {
    struct fixture *fixture = interruption->fixture;
    const struct key_needs needs = {.since = 0};
    struct key_change change;
    struct key_ring ring;
    int64_t count = 0;
    assert_works(fixture->arena,
                 state_dir_rotate_keys(fixture->context, KEY_RING_TOKEN, &needs, &change));
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_TOKEN, &ring));
    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 1);
}

static void a_new_key_meanwhile_changes_nothing(void **state) {
    struct fixture *fixture = *state;
    struct interruption interruption = {
        .fixture = fixture,
        .session = session_of(fixture, 3600, "refresh-1"),
        .meanwhile = keys_are_rotated,
        .answer = ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""),
    };
    begin_interrupted(&interruption);
    expect(fixture, &interruption.session, "access-2");
    assert_string_equal(kept(fixture, &interruption.session)->refresh_token, "refresh-2");
}

static void the_account_is_deleted(struct interruption *interruption) {
    assert_works(interruption->fixture->arena,
                 account_delete(interruption->fixture->context, interruption->session.account));
}

/* What arrives for an account that is gone is given back, as what it had was. */
static void what_comes_for_nobody_is_given_back(void **state) {
    struct fixture *fixture = *state;
    struct usable_token usable;
    struct interruption interruption = {
        .fixture = fixture,
        .session = session_of(fixture, 3600, "refresh-1"),
        .meanwhile = the_account_is_deleted,
        .answer = ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""),
    };
    fixture_config(fixture, CONFIGURED "revocation_endpoint = " FIXTURE_ISSUER "/revoke\n");
    begin_interrupted(&interruption);
    assert_fails(fixture->arena, ERROR_GRANT_OVER, load(fixture, &interruption.session, &usable));
    assert_non_null(strstr(fixture->calls->form, "token=refresh-2"));
    assert_non_null(strstr(fixture->calls->next->form, "token=access-2"));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM tokens"), "0");
}

/* ---- many processes -------------------------------------------------------------------------- */

/* Shared with the provider's process. */
struct stage {
    pid_t victim; /* gets the signal when the provider is asked; 0: nobody */
    int signal;
    int pause; /* milliseconds that the provider takes */
    const char *answer;
};

static void play(int connection, const void *closure) {
    const struct stage *stage = closure;
    if (stage->victim != 0)
        kill(stage->victim, stage->signal);
    server_pause(stage->pause);
    server_answer(connection, stage->answer);
}

#define HTTP_ANSWER(status, body)                                                                  \
    "HTTP/1.1 " status "\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n" body

static struct stage *new_stage(void) {
    struct stage *stage =
        mmap(NULL, sizeof(*stage), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(stage != MAP_FAILED);
    return stage;
}

/* A fixture whose provider is a real one. */
struct live {
    struct fixture *fixture;
    struct server server;
    struct session session;
    const char *expected; /* access token; NULL: a failure of this rule */
    enum error_rule rule;
};

static void go_live(struct live *live, struct fixture *fixture, const struct stage *stage) {
    live->fixture = fixture;
    live->session = session_of(fixture, 3600, "refresh-1");
    server_start(&live->server, &fixture->house, play, stage);
    const char *issuer = server_url(&fixture->house, &live->server, "");
    fixture_config(fixture,
                   arena_format(fixture->arena,
                                "[provider op]\nissuer = %s\nclient_id = client-1\n"
                                "client_secret = " FIXTURE_SECRET "\noffline_access = yes\n"
                                "authorization_endpoint = %s/authorize\ntoken_endpoint = %s/token\n"
                                "userinfo_endpoint = %s/userinfo\njwks_uri = %s/jwks\n",
                                issuer, issuer, issuer, issuer, issuer));
    fixture->context->transport = &http_curl;
    pass(fixture, 3600);
    database_free(fixture->context->database); /* each process has its own */
    fixture->context->database = database_new();
}

static int call_in_child(void *closure, int number) {
    struct live *live = closure;
    struct fixture *fixture = live->fixture;
    struct usable_token usable;
    (void)number;
    fixture->context->database = database_new();
    int result = load(fixture, &live->session, &usable);
    bool right = live->expected != NULL
                     ? result == 0 && text_equal(usable.access_token, live->expected)
                     : result != 0 && fixture->arena->error.rule == live->rule;
    if (!right)
        fprintf(stderr, "%s: %s\n", error_meaning(fixture->arena->error.rule)->name,
                fixture->arena->error.detail);
    database_free(fixture->context->database);
    return right ? 0 : 1;
}

static int count_calls(struct live *live) {
    int count = 0;
    for (const char *text = server_requests(&live->fixture->house, &live->server);
         (text = strstr(text, "POST /token ")) != NULL; text++)
        count++;
    return count;
}

static void of_thirty_processes_one_asks_and_all_have_it(void **state) {
    struct live live = {.expected = "access-2"};
    struct stage *stage = new_stage();
    stage->pause = 300;
    stage->answer = HTTP_ANSWER("200 OK", ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""));
    go_live(&live, *state, stage);
    house_race(30, call_in_child, &live);
    assert_int_equal(count_calls(&live), 1);
    assert_string_equal(kept(live.fixture, &live.session)->refresh_token, "refresh-2");
    server_stop(&live.server);
}

static void of_thirty_processes_all_learn_that_it_failed(void **state) {
    struct live live = {.rule = ERROR_REFRESH_FAILED};
    struct stage *stage = new_stage();
    stage->pause = 300;
    stage->answer = HTTP_ANSWER("503 Service Unavailable", "{}");
    go_live(&live, *state, stage);
    /* The one that asks is told the reason, the others that there was one. */
    int asked = 0;
    pid_t children[30];
    for (int i = 0; i < 30; i++) {
        children[i] = fork();
        assert_true(children[i] >= 0);
        if (children[i] == 0) {
            struct usable_token usable;
            live.fixture->context->database = database_new();
            int result = load(live.fixture, &live.session, &usable);
            enum error_rule rule = live.fixture->arena->error.rule;
            _exit(result == 0                    ? 1
                  : rule == ERROR_REFRESH_FAILED ? 0
                  : rule == ERROR_HTTP_STATUS    ? 2
                                                 : 3);
        }
    }
    for (int i = 0; i < 30; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_true(WEXITSTATUS(status) == 0 || WEXITSTATUS(status) == 2);
        asked += WEXITSTATUS(status) == 2;
    }
    assert_int_equal(asked, 1);
    assert_int_equal(count_calls(&live), 1);
    server_stop(&live.server);
}

static void of_thirty_processes_one_is_told_that_it_is_over(void **state) {
    struct live live = {.rule = ERROR_GRANT_OVER};
    struct stage *stage = new_stage();
    stage->pause = 300;
    stage->answer = HTTP_ANSWER("400 Bad Request", "{\"error\":\"invalid_grant\"}");
    go_live(&live, *state, stage);
    house_race(30, call_in_child, &live);
    assert_int_equal(count_calls(&live), 1);
    assert_null(kept(live.fixture, &live.session));
    server_stop(&live.server);
}

static int child_that_gets(struct live *live, struct stage *stage, int signal_number) {
    int status = 0;
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        char byte;
        close(gate[1]);
        signal(signal_number, SIG_DFL);
        ssize_t got = read(gate[0], &byte, 1);
        _exit(got == 0 ? call_in_child(live, 0) : 99);
    }
    stage->signal = signal_number;
    stage->victim = child;
    close(gate[0]);
    close(gate[1]);
    assert_int_equal(waitpid(child, &status, 0), child);
    stage->victim = 0;
    return status;
}

/* A web server ends a program whose client has gone, at any moment. */
static void who_is_told_to_end_keeps_the_answer_first(void **state) {
    static const int signals[] = {SIGTERM, SIGHUP, SIGINT};
    for (size_t i = 0; i < FIXTURE_COUNT(signals); i++) {
        struct live live = {.expected = "access-2"};
        struct stage *stage = new_stage();
        stage->pause = 100;
        stage->answer =
            HTTP_ANSWER("200 OK", ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""));
        go_live(&live, *state, stage);
        int status = child_that_gets(&live, stage, signals[i]);
        assert_true(WIFSIGNALED(status));
        assert_int_equal(WTERMSIG(status), signals[i]);
        assert_string_equal(kept(live.fixture, &live.session)->refresh_token, "refresh-2");
        server_stop(&live.server);
        pass(live.fixture, -3600);
    }
}

static void who_is_killed_leaves_nobody_stuck(void **state) {
    struct live live = {.expected = "access-2"};
    struct stage *stage = new_stage();
    stage->pause = 50;
    stage->answer = HTTP_ANSWER("200 OK", ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""));
    go_live(&live, *state, stage);
    int status = child_that_gets(&live, stage, SIGKILL);
    assert_true(WIFSIGNALED(status));
    assert_string_equal(kept(live.fixture, &live.session)->refresh_token, "refresh-1");
    assert_string_equal(sql(live.fixture, "SELECT refreshes, failed_at FROM tokens"), "1|NULL");
    house_race(5, call_in_child, &live); /* at once, and the provider is asked once more */
    assert_int_equal(count_calls(&live), 2);
    server_stop(&live.server);
}

/* ---- no room --------------------------------------------------------------------------------- */

static int call_without_room(void *closure, int number) {
    struct live *live = closure;
    const struct rlimit limit = {1024, 1024};
    signal(SIGXFSZ, SIG_IGN);
    return setrlimit(RLIMIT_FSIZE, &limit) != 0 ? 99 : call_in_child(live, number);
}

/* The provider must not replace a refresh token whose successor cannot be written down. */
static void where_nothing_can_be_written_nobody_is_asked(void **state) {
    struct live live = {.rule = ERROR_DATABASE};
    struct stage *stage = new_stage();
    stage->answer = HTTP_ANSWER("200 OK", ANSWER("access-2", ",\"refresh_token\":\"refresh-2\""));
    go_live(&live, *state, stage);
    house_race(3, call_without_room, &live);
    live.expected = "access-2";
    house_race(3, call_in_child, &live);
    assert_int_equal(count_calls(&live), 1);
    server_stop(&live.server);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_token_that_holds_is_given_as_it_is),
        fixture_test(one_without_a_known_end_holds),
        fixture_test(who_has_none_has_to_sign_in_there),
        fixture_test(it_is_that_of_the_identity_that_signed_in),
        fixture_test(a_section_whose_name_begins_alike_is_another),
        fixture_test(what_cannot_be_opened_is_no_token),
        fixture_test(scope_that_was_asked_for_counts_as_granted),
        fixture_test(a_minute_before_its_end_it_is_refreshed),
        fixture_test(without_a_new_refresh_token_the_old_one_stays),
        fixture_test(each_rotated_one_is_used_next),
        fixture_test(what_the_answer_says_of_scope_counts),
        fixture_test(one_that_lives_for_seconds_holds_for_most_of_them),
        fixture_test(without_a_refresh_token_it_is_over_when_it_expires),
        fixture_test(what_a_refresh_needs_since_the_login_goes_along),
        fixture_test(a_grant_that_is_over_is_over_for_good),
        fixture_test(other_failures_leave_the_provider_alone_for_a_moment),
        fixture_test(a_failure_in_the_future_is_none),
        fixture_test(while_it_still_holds_a_failure_does_no_harm),
        fixture_test(tokens_of_somebody_else_are_not_kept),
        fixture_test(of_a_registration_that_is_gone_the_grant_is_over),
        fixture_test(one_that_an_api_refuses_is_replaced),
        fixture_test(one_that_was_replaced_meanwhile_is_simply_taken),
        fixture_test(a_new_one_that_is_refused_is_not_replaced),
        fixture_test(one_that_cannot_be_replaced_is_over),
        fixture_test(a_login_meanwhile_is_not_overwritten),
        fixture_test(a_rotated_refresh_token_is_kept_beside_a_login),
        fixture_test(an_end_that_a_login_overtook_is_none),
        fixture_test(a_new_key_meanwhile_changes_nothing),
        fixture_test(what_comes_for_nobody_is_given_back),
        fixture_test(of_thirty_processes_one_asks_and_all_have_it),
        fixture_test(of_thirty_processes_all_learn_that_it_failed),
        fixture_test(of_thirty_processes_one_is_told_that_it_is_over),
        fixture_test(who_is_told_to_end_keeps_the_answer_first),
        fixture_test(who_is_killed_leaves_nobody_stuck),
        fixture_test(where_nothing_can_be_written_nobody_is_asked),
    };
    return cmocka_run_group_tests_name("usable_token", tests, NULL, NULL);
}

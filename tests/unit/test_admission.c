/* login/admission: what becomes of who came back from a provider: whole or not at all, and told among the events. */
#include "disk.h"
#include "fixture.h"
#include "sql.h"

#include "login/admission.h"
#include "login/event.h"

#define COOKIE "__Host-latchkey-session"
#define OTHER "https://other.example"
#define ABSOLUTE (30 * 86400)

/* ---- who comes back -------------------------------------------------------------------------- */

static struct arrival arrival_of(struct fixture *fixture, enum login_purpose purpose,
                                 const char *issuer, const char *subject) {
    return (struct arrival){
        .provider = fixture->provider,
        .transaction = {.terms = {.purpose = purpose, .remember = true}},
        .person = {.issuer = issuer, .subject = subject, .name = subject},
        .origin = {.issuer = issuer,
                   .sid = "s-1",
                   .id_token = "token",
                   .id_token_alg = "ES256",
                   .remember = true},
    };
}

static int admit_by(struct fixture *fixture, const struct arrival *arrival, enum method method) {
    struct response response;
    struct request request = fixture_request(fixture);
    request.method = method;
    response_open(fixture->arena, &response);
    int result = admission_complete(fixture->context, &request, &response, arrival);
    if (result == 0)
        fixture_take(fixture, &response);
    return result;
}

static int admit(struct fixture *fixture, const struct arrival *arrival) {
    return admit_by(fixture, arrival, METHOD_GET);
}

static struct session *load(struct fixture *fixture) {
    struct session *session = NULL;
    const struct request request = fixture_request(fixture);
    assert_works(fixture->arena, session_load(fixture->context, &request, &session));
    return session;
}

static int64_t sign_in_as(struct fixture *fixture, const char *subject) {
    const struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, subject);
    assert_works(fixture->arena, admit(fixture, &arrival));
    return load(fixture)->account;
}

/* Somebody signs in elsewhere; this browser stays as it is. */
static int64_t other_browser(struct fixture *fixture, const char *subject) {
    struct fixture_cookie *own = fixture->cookies;
    fixture->cookies = NULL;
    int64_t account = sign_in_as(fixture, subject);
    fixture->cookies = own;
    return account;
}

/* Begun in the session that this browser has now. */
static struct arrival begun_here(struct fixture *fixture, enum login_purpose purpose,
                                 const char *issuer, const char *subject) {
    struct arrival arrival = arrival_of(fixture, purpose, issuer, subject);
    const struct request request = fixture_request(fixture);
    assert_works(fixture->arena,
                 session_named(fixture->context, &request, &arrival.transaction.session));
    return arrival;
}

/* The last event: "event|account|provider|detail". */
static const char *last_event(struct fixture *fixture) {
    return sql(fixture,
               "SELECT event, account, provider, detail FROM events ORDER BY id DESC LIMIT 1");
}

static const char *count_events(struct fixture *fixture) {
    return sql(fixture, "SELECT count(*) FROM events");
}

static const char *event_text(struct fixture *fixture, const char *event, int64_t account,
                              const char *detail) {
    return arena_format(fixture->arena, "%s|%lld|op|%s", event, (long long)account, detail);
}

/* All rows but the events, and when a session was seen last. */
static const char *rows(struct fixture *fixture) {
    return sql(
        fixture,
        "SELECT (SELECT group_concat(id || ' ' || sub || ' ' || coalesce(name, ''))"
        "        FROM accounts),"
        " (SELECT group_concat(id || ' ' || account || ' ' || issuer || ' ' || subject || ' '"
        "         || coalesce(name, '') || last_login_at) FROM identities),"
        " (SELECT group_concat(hex(id_hash) || account || ' ' || identity || ' ' || created_at"
        "         || ' ' || expires_at || id_token) FROM sessions),"
        " (SELECT count(*) FROM shown), (SELECT count(*) FROM blocks)");
}

/* Refused by this rule, told so in the events of that account, and nothing is changed. */
#define assert_refused(fixture, rule, account, call)                                               \
    do {                                                                                           \
        const char *before = rows(fixture);                                                        \
        const char *cookie =                                                                       \
            fixture_cookie(fixture, COOKIE) == NULL ? "" : fixture_cookie(fixture, COOKIE)->value; \
        assert_fails((fixture)->arena, rule, call);                                                \
        assert_string_equal(rows(fixture), before);                                                \
        assert_string_equal(                                                                       \
            last_event(fixture),                                                                   \
            (account) == EVENT_NO_ACCOUNT                                                          \
                ? arena_format((fixture)->arena, "sign_in_refused|NULL|op|%s",                     \
                               error_meaning(rule)->name)                                          \
                : event_text(fixture, "sign_in_refused", account, error_meaning(rule)->name));     \
        assert_string_equal(                                                                       \
            fixture_cookie(fixture, COOKIE) == NULL ? "" : fixture_cookie(fixture, COOKIE)->value, \
            cookie);                                                                               \
    } while (0)

/* ---- signing in ------------------------------------------------------------------------------ */

static void signing_in_makes_a_session_and_tells(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    assert_string_equal(last_event(fixture), event_text(fixture, "signed_in", account, "new"));
    const char *first = load(fixture)->id_hash;
    sign_in_as(fixture, "ada");
    assert_string_equal(last_event(fixture), event_text(fixture, "signed_in", account, "NULL"));
    assert_string_not_equal(load(fixture)->id_hash, first);
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "1");
}

static void who_is_remembered_is_decided_at_the_beginning(void **state) {
    struct fixture *fixture = *state;
    struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    arrival.origin.remember = false;
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_null(strstr(fixture_cookie(fixture, COOKIE)->attributes, "Max-Age"));
}

static void somebody_else_in_the_same_browser_replaces_the_session(void **state) {
    struct fixture *fixture = *state;
    int64_t ada = sign_in_as(fixture, "ada");
    int64_t grace = sign_in_as(fixture, "grace");
    assert_int_not_equal(ada, grace);
    assert_string_equal(sql(fixture, "SELECT account FROM sessions"),
                        arena_format(fixture->arena, "%lld", (long long)grace));
}

static void who_is_joined_by_an_address_is_told_of_that_too(void **state) {
    struct fixture *fixture = *state;
    struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    arrival.person.email = "ada@example.org";
    arrival.person.email_verified = true;
    assert_works(fixture->arena, admit(fixture, &arrival));
    int64_t account = load(fixture)->account;
    arrival.provider.link_verified_email = true;
    arrival.person.subject = "ada-2";
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_int_equal(load(fixture)->account, account);
    assert_string_equal(sql(fixture, "SELECT event, detail FROM events ORDER BY id"),
                        "signed_in|new; linked|email; signed_in|NULL");
}

static void with_sign_up_closed_a_stranger_is_refused(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    fixture->cookies = NULL;
    fixture->house.config.sign_up = false;
    const struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "eve");
    assert_refused(fixture, ERROR_SIGN_UP_CLOSED, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    sign_in_as(fixture, "ada");
}

static void a_blocked_account_is_refused_and_finds_it_in_its_events(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    assert_works(fixture->arena, account_block(fixture->context, account));
    const struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    assert_refused(fixture, ERROR_ACCOUNT_BLOCKED, account, admit(fixture, &arrival));
    assert_null(load(fixture));
}

/* The policy itself is tried in test_policy.c. */
static void whom_the_policy_keeps_out_is_refused(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    fixture->house.config.policy.allowed_emails = "grace@example.org";
    const struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    const char *before = rows(fixture);
    assert_fails(fixture->arena, ERROR_POLICY, admit(fixture, &arrival));
    assert_string_equal(rows(fixture), before);
    assert_string_equal(last_event(fixture),
                        event_text(fixture, "sign_in_refused", account,
                                   "[policy] allowed_emails: there is no address"));
}

/* What is our own fault is nobody's event. */
static void a_broken_database_is_no_refusal(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    sql(fixture,
        "CREATE TRIGGER broken BEFORE INSERT ON sessions BEGIN SELECT raise(ABORT, 'broken'); END");
    const struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "grace");
    const char *before = rows(fixture);
    assert_fails(fixture->arena, ERROR_DATABASE, admit(fixture, &arrival));
    assert_string_equal(rows(fixture), before);
    assert_string_equal(count_events(fixture), "1");
}

/* Neither is there without the other. */
static void what_cannot_be_told_does_not_happen(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    sql(fixture,
        "CREATE TRIGGER broken BEFORE INSERT ON events BEGIN SELECT raise(ABORT, 'broken'); END");
    const char *before = rows(fixture);
    const struct arrival sign_in = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "grace");
    const struct arrival link = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    const struct arrival confirm = begun_here(fixture, LOGIN_CONFIRM, FIXTURE_ISSUER, "ada");
    const struct arrival *arrivals[] = {&sign_in, &link, &confirm};
    for (size_t i = 0; i < FIXTURE_COUNT(arrivals); i++) {
        assert_fails(fixture->arena, ERROR_DATABASE, admit(fixture, arrivals[i]));
        assert_string_equal(rows(fixture), before);
    }
}

/* ---- linking --------------------------------------------------------------------------------- */

static void linking_comes_back_to_the_same_account_and_session(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    const struct session *before = load(fixture);
    const char *old_cookie = fixture_cookie(fixture, COOKIE)->value;
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    assert_works(fixture->arena, admit(fixture, &arrival));
    const struct session *after = load(fixture);
    assert_int_equal(after->account, account);
    assert_int_equal(after->identity, before->identity);
    assert_string_equal(after->issuer, FIXTURE_ISSUER); /* it is still that login's */
    assert_string_not_equal(after->id_hash, before->id_hash);
    assert_true(after->remember);
    assert_string_equal(last_event(fixture), event_text(fixture, "linked", account, "NULL"));
    assert_string_equal(sql(fixture, "SELECT subject FROM identities ORDER BY id"),
                        "ada; countess");
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "1");
    fixture_cookie(fixture, COOKIE)->value = old_cookie;
    assert_null(load(fixture));
}

static void linking_what_is_linked_already_is_fine(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, FIXTURE_ISSUER, "ada");
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_string_equal(last_event(fixture), event_text(fixture, "linked", account, "again"));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM identities"), "1");
}

/* By a POST from there, without the session's cookie: it stays as long as it was to. */
static void a_link_that_comes_back_by_post_finds_its_session(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    fixture->cookies = NULL;
    assert_works(fixture->arena, admit_by(fixture, &arrival, METHOD_POST));
    assert_true(load(fixture)->remember);
    assert_non_null(strstr(fixture_cookie(fixture, COOKIE)->attributes, "Max-Age=2592000"));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "1");
}

static void a_short_session_stays_short(void **state) {
    struct fixture *fixture = *state;
    struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    arrival.origin.remember = false;
    assert_works(fixture->arena, admit(fixture, &arrival));
    arrival = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    arrival.transaction.terms.remember = false;
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_null(strstr(fixture_cookie(fixture, COOKIE)->attributes, "Max-Age"));
}

static void a_link_finished_after_signing_out_is_refused(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    const struct session *session = load(fixture);
    assert_works(fixture->arena, session_end(fixture->context, session->account, session->id_hash));
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    fixture->cookies = NULL;
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT,
                   admit_by(fixture, &arrival, METHOD_POST));
}

static void a_link_finished_in_another_session_is_refused(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    struct fixture_cookie *adas = fixture->cookies;
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    fixture->cookies = NULL;
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    sign_in_as(fixture, "grace");
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    sign_in_as(fixture, "ada"); /* the same person, but another session */
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    fixture->cookies = adas; /* in its own it is fine */
    assert_works(fixture->arena, admit(fixture, &arrival));
}

static void a_link_that_was_begun_by_nobody_is_refused(void **state) {
    struct fixture *fixture = *state;
    const struct arrival arrival = arrival_of(fixture, LOGIN_LINK, OTHER, "countess");
    sign_in_as(fixture, "ada");
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
}

/* Two tabs: the first that comes back gets a new id; the other begins anew. */
static void of_two_links_begun_at_once_the_second_begins_anew(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct arrival first = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    const struct arrival second = begun_here(fixture, LOGIN_LINK, OTHER, "lady");
    assert_works(fixture->arena, admit(fixture, &first));
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &second));
    const struct arrival again = begun_here(fixture, LOGIN_LINK, OTHER, "lady");
    assert_works(fixture->arena, admit(fixture, &again));
    assert_string_equal(sql(fixture, "SELECT count(*), count(DISTINCT account) FROM identities"),
                        "3|1");
}

static void an_identity_of_somebody_else_is_refused(void **state) {
    struct fixture *fixture = *state;
    int64_t ada = sign_in_as(fixture, "ada");
    other_browser(fixture, "grace");
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, FIXTURE_ISSUER, "grace");
    assert_refused(fixture, ERROR_IDENTITY_TAKEN, ada, admit(fixture, &arrival));
    assert_int_equal(load(fixture)->account, ada);
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "2");
}

static void whom_the_policy_keeps_out_cannot_be_linked(void **state) {
    struct fixture *fixture = *state;
    int64_t ada = sign_in_as(fixture, "ada");
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    const char *before = rows(fixture);
    fixture->house.config.policy.denied_emails = "ada@example.org";
    struct arrival denied = arrival;
    denied.person.email = "ada@example.org";
    assert_fails(fixture->arena, ERROR_POLICY, admit(fixture, &denied));
    assert_string_equal(rows(fixture), before);
    assert_true(
        text_starts_with(last_event(fixture),
                         arena_format(fixture->arena, "sign_in_refused|%lld|", (long long)ada)));
}

/* Where nobody may sign up, who is in may still connect what he has. */
static void closed_sign_up_closes_no_links(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    fixture->house.config.sign_up = false;
    const struct arrival arrival = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    assert_works(fixture->arena, admit(fixture, &arrival));
}

/* ---- confirming ------------------------------------------------------------------------------ */

static void confirming_makes_the_login_recent(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    fixture->house.clock.fixed += 86400;
    assert_false(session_is_recent(fixture->context, load(fixture)));
    const char *before = load(fixture)->id_hash;
    struct arrival arrival = begun_here(fixture, LOGIN_CONFIRM, FIXTURE_ISSUER, "ada");
    arrival.person.name = "Ada King";
    arrival.origin.sid = "s-2";
    assert_works(fixture->arena, admit(fixture, &arrival));
    const struct session *session = load(fixture);
    assert_int_equal(session->account, account);
    assert_true(session_is_recent(fixture->context, session));
    assert_string_not_equal(session->id_hash, before);
    assert_string_equal(session->sid, "s-2");
    assert_string_equal(session->name, "Ada King");
    assert_int_equal(session->expires_at, HOUSE_TIME + ABSOLUTE);
    assert_string_equal(last_event(fixture), event_text(fixture, "confirmed", account, "NULL"));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "1");
}

static void any_identity_of_the_account_can_confirm(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    const struct arrival link = begun_here(fixture, LOGIN_LINK, OTHER, "countess");
    assert_works(fixture->arena, admit(fixture, &link));
    fixture->house.clock.fixed += 86400;
    const struct arrival arrival = begun_here(fixture, LOGIN_CONFIRM, OTHER, "countess");
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_int_equal(load(fixture)->account, account);
    assert_true(session_is_recent(fixture->context, load(fixture)));
    assert_string_equal(load(fixture)->issuer, OTHER);
}

static void somebody_else_cannot_confirm(void **state) {
    struct fixture *fixture = *state;
    int64_t ada = sign_in_as(fixture, "ada");
    other_browser(fixture, "grace");
    fixture->house.clock.fixed += 86400;
    const struct arrival known = begun_here(fixture, LOGIN_CONFIRM, FIXTURE_ISSUER, "grace");
    assert_refused(fixture, ERROR_CONFIRM, ada, admit(fixture, &known));
    const struct arrival stranger = begun_here(fixture, LOGIN_CONFIRM, FIXTURE_ISSUER, "eve");
    assert_refused(fixture, ERROR_CONFIRM, ada, admit(fixture, &stranger));
    assert_false(session_is_recent(fixture->context, load(fixture)));
}

/* Nor by the same address. */
static void an_address_confirms_nothing(void **state) {
    struct fixture *fixture = *state;
    struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    arrival.person.email = "ada@example.org";
    arrival.person.email_verified = true;
    assert_works(fixture->arena, admit(fixture, &arrival));
    int64_t ada = load(fixture)->account;
    arrival = begun_here(fixture, LOGIN_CONFIRM, OTHER, "eve");
    arrival.provider.link_verified_email = true;
    arrival.person.email = "ada@example.org";
    arrival.person.email_verified = true;
    assert_refused(fixture, ERROR_CONFIRM, ada, admit(fixture, &arrival));
}

static void confirming_after_signing_out_is_refused(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct arrival arrival = begun_here(fixture, LOGIN_CONFIRM, FIXTURE_ISSUER, "ada");
    const struct session *session = load(fixture);
    assert_works(fixture->arena, session_end(fixture->context, session->account, session->id_hash));
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
}

static struct arrival confirmed_at(struct fixture *fixture, const char *auth_time) {
    struct arrival arrival = begun_here(fixture, LOGIN_CONFIRM, FIXTURE_ISSUER, "ada");
    arrival.answers.of[MAPPING_ID_TOKEN] =
        fixture_json(fixture, arena_format(fixture->arena, "{\"sub\":\"ada\"%s}", auth_time));
    return arrival;
}

/* Its prompt may have been ignored, or taken out on the way; 900 s, and 60 for the clocks. */
static void a_provider_that_tells_when_must_have_asked_lately(void **state) {
    struct fixture *fixture = *state;
    int64_t ada = sign_in_as(fixture, "ada");
    fixture->house.clock.fixed = HOUSE_TIME + 86400;
    struct arrival arrival = confirmed_at(fixture, ",\"auth_time\":1800000000");
    assert_refused(fixture, ERROR_CONFIRM, ada, admit(fixture, &arrival));
    arrival = confirmed_at(fixture, ",\"auth_time\":1800085439"); /* 961 s ago */
    assert_refused(fixture, ERROR_CONFIRM, ada, admit(fixture, &arrival));
    arrival = confirmed_at(fixture, ",\"auth_time\":1800085440");
    assert_works(fixture->arena, admit(fixture, &arrival));
    arrival = confirmed_at(fixture, "");
    assert_works(fixture->arena, admit(fixture, &arrival));
}

/* To take out what is one's own, one need not be welcome any more; but that makes no session last. */
static void who_is_no_longer_welcome_can_confirm(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    fixture->house.config.policy.allowed_emails = "grace@example.org";
    fixture->house.config.sign_up = false;
    fixture->house.clock.fixed += 86400;
    const struct arrival arrival = begun_here(fixture, LOGIN_CONFIRM, FIXTURE_ISSUER, "ada");
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_int_equal(load(fixture)->expires_at, HOUSE_TIME + ABSOLUTE);
}

/* ---- granting more --------------------------------------------------------------------------- */

#define MAIL                                                                                       \
    "[api mail]\nprovider = op\nbase_url = https://api.example/\nscope = mail.read openid\n"

/* Who has come back with tokens, for [api mail]. */
static struct arrival grant_of(struct fixture *fixture, const char *issuer, const char *subject) {
    struct arrival arrival = begun_here(fixture, LOGIN_GRANT, issuer, subject);
    arrival.transaction.terms.api = "mail";
    arrival.tokens = (struct token_response){.access_token = "access", .refresh_token = "refresh"};
    return arrival;
}

static void set_up_mail(struct fixture *fixture) {
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER MAIL);
}

static const char *tokens_kept(struct fixture *fixture) {
    return sql(fixture, "SELECT i.issuer, i.subject, t.scope, t.asked_scope FROM tokens t"
                        " JOIN identities i ON i.id = t.identity ORDER BY i.id");
}

static void granting_keeps_what_was_asked_for(void **state) {
    struct fixture *fixture = *state;
    set_up_mail(fixture);
    int64_t account = sign_in_as(fixture, "ada");
    fixture->house.clock.fixed += 86400;
    const char *before = load(fixture)->id_hash;
    struct arrival arrival = grant_of(fixture, FIXTURE_ISSUER, "ada");
    arrival.person.name = "Ada King";
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_string_equal(tokens_kept(fixture), FIXTURE_ISSUER
                        "|ada|openid email profile mail.read|openid email profile mail.read");
    assert_string_equal(last_event(fixture), event_text(fixture, "granted", account, "mail"));
    const struct session *session = load(fixture);
    assert_int_equal(session->account, account);
    assert_string_not_equal(session->id_hash, before); /* it may do more */
    assert_false(session_is_recent(fixture->context, session));
    assert_string_equal(session->name, "Ada King");
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "1");
}

static void what_the_provider_says_it_granted_counts(void **state) {
    struct fixture *fixture = *state;
    set_up_mail(fixture);
    sign_in_as(fixture, "ada");
    struct arrival arrival = grant_of(fixture, FIXTURE_ISSUER, "ada");
    arrival.tokens.scope = "openid email";
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_string_equal(tokens_kept(fixture),
                        FIXTURE_ISSUER "|ada|openid email|openid email profile mail.read");
}

/* Nobody else's tokens, no new account, no identity more; and the account learns of it. */
static void somebody_else_cannot_grant(void **state) {
    struct fixture *fixture = *state;
    set_up_mail(fixture);
    int64_t ada = sign_in_as(fixture, "ada");
    other_browser(fixture, "grace");
    const struct arrival known = grant_of(fixture, FIXTURE_ISSUER, "grace");
    assert_refused(fixture, ERROR_OTHER_IDENTITY, ada, admit(fixture, &known));
    const struct arrival stranger = grant_of(fixture, FIXTURE_ISSUER, "eve");
    assert_refused(fixture, ERROR_OTHER_IDENTITY, ada, admit(fixture, &stranger));
    struct arrival by_address = grant_of(fixture, OTHER, "eve");
    by_address.provider.link_verified_email = true;
    assert_refused(fixture, ERROR_OTHER_IDENTITY, ada, admit(fixture, &by_address));
    assert_string_equal(tokens_kept(fixture), "");
}

/* The API is called as the one that he signed in by: the other one would grant it in vain. */
static void another_identity_of_the_account_cannot_grant(void **state) {
    struct fixture *fixture = *state;
    set_up_mail(fixture);
    int64_t ada = sign_in_as(fixture, "ada");
    const struct arrival link = begun_here(fixture, LOGIN_LINK, FIXTURE_ISSUER, "countess");
    assert_works(fixture->arena, admit(fixture, &link));
    const struct arrival arrival = grant_of(fixture, FIXTURE_ISSUER, "countess");
    assert_refused(fixture, ERROR_OTHER_IDENTITY, ada, admit(fixture, &arrival));
    assert_string_equal(tokens_kept(fixture), "");
}

static void granting_after_signing_out_is_refused(void **state) {
    struct fixture *fixture = *state;
    set_up_mail(fixture);
    sign_in_as(fixture, "ada");
    const struct arrival arrival = grant_of(fixture, FIXTURE_ISSUER, "ada");
    const struct session *session = load(fixture);
    assert_works(fixture->arena, session_end(fixture->context, session->account, session->id_hash));
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    assert_string_equal(tokens_kept(fixture), "");
}

static void granting_in_another_session_is_refused(void **state) {
    struct fixture *fixture = *state;
    set_up_mail(fixture);
    sign_in_as(fixture, "ada");
    const struct arrival arrival = grant_of(fixture, FIXTURE_ISSUER, "ada");
    sign_in_as(fixture, "grace"); /* in the same browser */
    assert_refused(fixture, ERROR_LINK_SESSION, EVENT_NO_ACCOUNT, admit(fixture, &arrival));
    assert_string_equal(tokens_kept(fixture), "");
}

static void who_was_not_signed_in_grants_by_signing_in(void **state) {
    struct fixture *fixture = *state;
    set_up_mail(fixture);
    struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    arrival.transaction.terms.api = "mail";
    arrival.tokens = (struct token_response){.access_token = "access"};
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_string_equal(tokens_kept(fixture), FIXTURE_ISSUER
                        "|ada|openid email profile mail.read|openid email profile mail.read");
    /* A sign-in for nothing in particular asks for less. */
    fixture->house.clock.fixed += 1;
    arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "grace");
    arrival.tokens = (struct token_response){.access_token = "access"};
    assert_works(fixture->arena, admit(fixture, &arrival));
    assert_non_null(strstr(tokens_kept(fixture), "|grace|openid email profile|openid email"));
}

/* ---- power cuts ------------------------------------------------------------------------------ */

/* A browser without a session. How often the disk is waited for until it has one. */
static int waits_until_in(struct fixture *fixture, const struct arrival *arrival) {
    fixture->cookies = NULL;
    return waits_of(fixture->arena, admit(fixture, arrival));
}

static struct arrival ada_of(struct fixture *fixture) {
    struct arrival arrival = arrival_of(fixture, LOGIN_SIGN_IN, FIXTURE_ISSUER, "ada");
    arrival.person.email = "ada@example.org";
    arrival.person.email_verified = true;
    arrival.person.groups = fixture_json(fixture, "[\"staff\"]");
    return arrival;
}

static void a_sign_in_like_the_last_one_is_not_waited_for(void **state) {
    struct fixture *fixture = *state;
    struct arrival ada = ada_of(fixture);
    assert_int_not_equal(waits_until_in(fixture, &ada), 0); /* a new account */
    assert_int_equal(waits_until_in(fixture, &ada), 0);
    ada.person.name = "Ada, Countess";
    ada.person.picture = "https://op.example/ada.png";
    ada.person.locale = "en";
    assert_int_equal(waits_until_in(fixture, &ada), 0);
    assert_non_null(load(fixture));
}

static void what_rules_ask_about_is_kept_for_good_when_it_changes(void **state) {
    struct fixture *fixture = *state;
    const char *const groups[] = {"[]", "[\"staff\",\"board\"]", NULL, "[\"staff\"]"};
    struct arrival ada = ada_of(fixture);
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
        ada.person.groups = groups[i] == NULL ? NULL : fixture_json(fixture, groups[i]);
        assert_int_not_equal(waits_until_in(fixture, &ada), 0);
        assert_int_equal(waits_until_in(fixture, &ada), 0);
    }
    ada.person.email_verified = false;
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    ada.person.email = "ada@elsewhere.example";
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    ada.person.email = NULL;
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    ada.provider.id = "renamed";
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    assert_int_equal(waits_until_in(fixture, &ada), 0);
}

static void a_session_that_is_replaced_does_not_come_back(void **state) {
    struct fixture *fixture = *state;
    struct arrival ada = ada_of(fixture);
    const char *left = NULL;
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    const struct request request = fixture_request(fixture);
    assert_works(fixture->arena, session_named(fixture->context, &request, &left));
    assert_int_not_equal(waits_of(fixture->arena, admit(fixture, &ada)), 0); /* by its cookie */

    assert_int_equal(waits_until_in(fixture, &ada), 0);
    const struct request again = fixture_request(fixture);
    assert_works(fixture->arena, session_named(fixture->context, &again, &left));
    ada.origin.replaces = left;
    assert_int_not_equal(waits_until_in(fixture, &ada), 0); /* by what the login knows */
    assert_int_equal(waits_until_in(fixture, &ada), 0);     /* it is over */
}

static void tokens_that_are_kept_are_kept_for_good(void **state) {
    struct fixture *fixture = *state;
    struct arrival ada = ada_of(fixture);
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    ada.provider.offline_access = true;
    ada.tokens = (struct token_response){.access_token = "access", .refresh_token = "once"};
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
}

static void all_but_signing_in_is_kept_for_good(void **state) {
    struct fixture *fixture = *state;
    struct arrival ada = ada_of(fixture);
    struct account_ids ids;
    struct response response;
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    struct arrival arrival = begun_here(fixture, LOGIN_LINK, OTHER, "a");
    assert_int_not_equal(waits_of(fixture->arena, admit(fixture, &arrival)), 0);
    arrival = begun_here(fixture, LOGIN_LINK, OTHER, "a"); /* again */
    assert_int_not_equal(waits_of(fixture->arena, admit(fixture, &arrival)), 0);
    arrival = begun_here(fixture, LOGIN_CONFIRM, OTHER, "a");
    assert_int_not_equal(waits_of(fixture->arena, admit(fixture, &arrival)), 0);

    const struct session *session = load(fixture);
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena, account_link(fixture->context, session->account, &arrival.provider,
                                              &arrival.person, &ids));
    assert_works(fixture->arena, account_unlink(fixture->context, session->account, ids.identity));
    assert_int_not_equal(waits_of(fixture->arena, database_commit(fixture->context)), 0);

    assert_int_equal(waits_until_in(fixture, &ada), 0);
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_int_not_equal(
        waits_of(fixture->arena, session_revoke(fixture->context, &request, &response)), 0);

    assert_int_equal(waits_until_in(fixture, &ada), 0);
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena, account_block(fixture->context, load(fixture)->account));
    assert_int_not_equal(waits_of(fixture->arena, database_commit(fixture->context)), 0);
    assert_refused(fixture, ERROR_ACCOUNT_BLOCKED, 1, admit(fixture, &ada));
}

/* A refusal leaves commits as they were: to last. */
static void after_a_refusal_things_last_again(void **state) {
    struct fixture *fixture = *state;
    struct arrival ada = ada_of(fixture);
    struct response response;
    assert_int_not_equal(waits_until_in(fixture, &ada), 0);
    struct arrival other = begun_here(fixture, LOGIN_CONFIRM, OTHER, "stranger");
    assert_fails(fixture->arena, ERROR_CONFIRM, admit(fixture, &other));
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_int_not_equal(
        waits_of(fixture->arena, session_revoke(fixture->context, &request, &response)), 0);
}

/* Who is told that he is in, is in for good; so nobody is told, if the disk does not promise it. */
static void a_disk_that_keeps_nothing_lets_nobody_new_in(void **state) {
    struct fixture *fixture = *state;
    struct arrival ada = ada_of(fixture);
    sign_in_as(fixture, "bob");
    fixture->cookies = NULL;
    disk_fails = true;
    assert_fails(fixture->arena, ERROR_DATABASE, admit(fixture, &ada));
    disk_fails = false;
    assert_null(load(fixture));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(signing_in_makes_a_session_and_tells),
        fixture_test(who_is_remembered_is_decided_at_the_beginning),
        fixture_test(somebody_else_in_the_same_browser_replaces_the_session),
        fixture_test(who_is_joined_by_an_address_is_told_of_that_too),
        fixture_test(with_sign_up_closed_a_stranger_is_refused),
        fixture_test(a_blocked_account_is_refused_and_finds_it_in_its_events),
        fixture_test(whom_the_policy_keeps_out_is_refused),
        fixture_test(a_broken_database_is_no_refusal),
        fixture_test(what_cannot_be_told_does_not_happen),
        fixture_test(linking_comes_back_to_the_same_account_and_session),
        fixture_test(linking_what_is_linked_already_is_fine),
        fixture_test(a_link_that_comes_back_by_post_finds_its_session),
        fixture_test(a_short_session_stays_short),
        fixture_test(a_link_finished_after_signing_out_is_refused),
        fixture_test(a_link_finished_in_another_session_is_refused),
        fixture_test(a_link_that_was_begun_by_nobody_is_refused),
        fixture_test(of_two_links_begun_at_once_the_second_begins_anew),
        fixture_test(an_identity_of_somebody_else_is_refused),
        fixture_test(whom_the_policy_keeps_out_cannot_be_linked),
        fixture_test(closed_sign_up_closes_no_links),
        fixture_test(confirming_makes_the_login_recent),
        fixture_test(any_identity_of_the_account_can_confirm),
        fixture_test(somebody_else_cannot_confirm),
        fixture_test(an_address_confirms_nothing),
        fixture_test(confirming_after_signing_out_is_refused),
        fixture_test(a_provider_that_tells_when_must_have_asked_lately),
        fixture_test(who_is_no_longer_welcome_can_confirm),
        fixture_test(granting_keeps_what_was_asked_for),
        fixture_test(what_the_provider_says_it_granted_counts),
        fixture_test(somebody_else_cannot_grant),
        fixture_test(another_identity_of_the_account_cannot_grant),
        fixture_test(granting_after_signing_out_is_refused),
        fixture_test(granting_in_another_session_is_refused),
        fixture_test(who_was_not_signed_in_grants_by_signing_in),
        fixture_test(a_sign_in_like_the_last_one_is_not_waited_for),
        fixture_test(what_rules_ask_about_is_kept_for_good_when_it_changes),
        fixture_test(a_session_that_is_replaced_does_not_come_back),
        fixture_test(tokens_that_are_kept_are_kept_for_good),
        fixture_test(all_but_signing_in_is_kept_for_good),
        fixture_test(after_a_refusal_things_last_again),
        fixture_test(a_disk_that_keeps_nothing_lets_nobody_new_in),
    };
    return cmocka_run_group_tests_name("admission", tests, NULL, NULL);
}

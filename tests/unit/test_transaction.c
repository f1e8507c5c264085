/* login/transaction: a login is finished once, in time, by the browser and the provider that began it. */
#include "fixture.h"
#include "sql.h"

#include "edge/state_dir.h"
#include "format/signed_text.h"
#include "login/session.h"
#include "login/transaction.h"
#include "login/used.h"

#define TIMEOUT 600

static struct transaction begin_on(struct fixture *fixture, const struct login_terms *terms) {
    struct response response;
    struct transaction transaction;
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, transaction_begin(fixture->context, &request, &response,
                                                   &fixture->provider, terms, &transaction));
    fixture_take(fixture, &response);
    return transaction;
}

static struct transaction begin(struct fixture *fixture, const char *return_to) {
    return begin_on(fixture, &(struct login_terms){.return_to = return_to});
}

static int consume_as(struct fixture *fixture, const struct provider *provider, const char *state,
                      struct transaction *transaction) {
    struct response response;
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    int result =
        transaction_consume(fixture->context, &request, &response, provider, state, transaction);
    fixture_take(fixture, &response);
    return result;
}

static int consume(struct fixture *fixture, const char *state) {
    struct transaction transaction;
    return consume_as(fixture, &fixture->provider, state, &transaction);
}

static struct fixture_cookie *cookie_of(struct fixture *fixture,
                                        const struct transaction *transaction) {
    return fixture_cookie(
        fixture, arena_format(fixture->arena, "__Host-latchkey-login-%.8s", transaction->state));
}

static void what_was_begun_is_found_again(void **state) {
    struct fixture *fixture = *state;
    struct transaction found;
    struct transaction begun = begin(fixture, "/members/?a=b&c=%20d");
    assert_works(fixture->arena, consume_as(fixture, &fixture->provider, begun.state, &found));
    assert_string_equal(found.provider, "op");
    assert_string_equal(found.issuer, FIXTURE_ISSUER);
    assert_string_equal(found.terms.return_to, "/members/?a=b&c=%20d");
    assert_int_equal(found.begun_at, HOUSE_TIME);
    assert_string_equal(found.state, begun.state);
    assert_string_equal(found.nonce, begun.nonce);
    assert_string_equal(found.code_verifier, begun.code_verifier);
}

static void without_return_to_there_is_none(void **state) {
    struct fixture *fixture = *state;
    struct transaction found;
    struct transaction begun = begin(fixture, NULL);
    assert_works(fixture->arena, consume_as(fixture, &fixture->provider, begun.state, &found));
    assert_null(found.terms.return_to);
}

/* What it is for, and how long the session is to last, are decided when it begins. */
static void its_terms_come_back(void **state) {
    struct fixture *fixture = *state;
    static const enum login_purpose purposes[] = {LOGIN_SIGN_IN, LOGIN_LINK, LOGIN_CONFIRM,
                                                  LOGIN_GRANT};
    for (size_t i = 0; i < 2 * FIXTURE_COUNT(purposes); i++) {
        struct transaction found;
        const struct login_terms terms = {
            .return_to = i == 0 ? NULL : "/cgi-bin/me.cgi?done=linked",
            .purpose = purposes[i / 2],
            .remember = i % 2 == 1,
            .api = i % 4 < 2 ? NULL : "mail-2_x",
        };
        struct transaction begun = begin_on(fixture, &terms);
        assert_works(fixture->arena, consume_as(fixture, &fixture->provider, begun.state, &found));
        assert_int_equal(found.terms.purpose, terms.purpose);
        assert_int_equal(found.terms.remember, terms.remember);
        assert_int_equal(text_equal(found.terms.return_to, terms.return_to), i != 0);
        assert_int_equal(begun.terms.purpose, terms.purpose);
        assert_int_equal(text_equal(found.terms.api, terms.api), terms.api != NULL);
        assert_int_equal(found.terms.api == NULL, terms.api == NULL);
    }
}

/* Signed by us, like a session's cookie; `hash` is what names it. */
static void give_session_cookie(struct fixture *fixture, const char *id) {
    struct key_ring ring;
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_SESSION, &ring));
    fixture_set_cookie(fixture, arena_format(fixture->arena, "__Host-latchkey-session=%s; Path=/",
                                             signed_text_make(fixture->arena, &ring,
                                                              "latchkey session cookie v1", id)));
}

/* What is begun in a session must end in that one; signing in is nobody's before it is done. */
static void what_is_begun_in_a_session_knows_which(void **state) {
    struct fixture *fixture = *state;
    const char *named = NULL;
    give_session_cookie(fixture, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    const struct request request = fixture_request(fixture);
    assert_works(fixture->arena, session_named(fixture->context, &request, &named));
    static const enum login_purpose purposes[] = {LOGIN_LINK, LOGIN_CONFIRM};
    for (size_t i = 0; i < FIXTURE_COUNT(purposes); i++) {
        struct transaction found;
        struct transaction begun = begin_on(fixture, &(struct login_terms){.purpose = purposes[i]});
        give_session_cookie(fixture, "BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"); /* meanwhile */
        assert_works(fixture->arena, consume_as(fixture, &fixture->provider, begun.state, &found));
        assert_string_equal(found.session, named);
        give_session_cookie(fixture, "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    }
    struct transaction found;
    struct transaction begun = begin(fixture, NULL);
    assert_works(fixture->arena, consume_as(fixture, &fixture->provider, begun.state, &found));
    assert_null(found.session);
    fixture->provider.response_mode = RESPONSE_MODE_FORM_POST;
    begun = begin(fixture, NULL);
    assert_works(fixture->arena, consume_as(fixture, &fixture->provider, begun.state, &found));
    assert_string_equal(found.session, named);
}

static void assert_is_derived(const char *text) {
    assert_int_equal(strlen(text), 43);
    assert_int_equal(
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"), 43);
}

static void state_nonce_and_verifier_are_three_secrets(void **state) {
    struct fixture *fixture = *state;
    struct transaction one = begin(fixture, NULL);
    struct transaction two = begin(fixture, NULL);
    const char *texts[] = {one.state, one.nonce, one.code_verifier,
                           two.state, two.nonce, two.code_verifier};
    for (size_t i = 0; i < FIXTURE_COUNT(texts); i++) {
        assert_is_derived(texts[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(texts[i], texts[j]);
    }
}

/* The cookie may be read by anyone who sees it: none of the three is in it. */
static void the_cookie_holds_no_secret(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, "/a");
    const char *value = cookie_of(fixture, &begun)->value;
    const char *payload = strchr(value, '.') + 1;
    unsigned char *text = NULL;
    size_t length = 0;
    assert_works(fixture->arena,
                 base64url_decode(fixture->arena, payload, strcspn(payload, "."), &text, &length));
    const char *secrets[] = {begun.state, begun.nonce, begun.code_verifier};
    for (size_t i = 0; i < FIXTURE_COUNT(secrets); i++) {
        assert_null(strstr(value, secrets[i]));
        assert_null(strstr((const char *)text, secrets[i]));
    }
}

static void the_cookie_is_for_this_host_alone(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    assert_string_equal(cookie_of(fixture, &begun)->attributes,
                        "; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax");
}

static void a_form_post_comes_from_another_site(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.response_mode = RESPONSE_MODE_FORM_POST;
    struct transaction begun = begin(fixture, NULL);
    assert_string_equal(cookie_of(fixture, &begun)->attributes,
                        "; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=None");
}

static void the_cookie_goes_with_the_login(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    assert_works(fixture->arena, consume(fixture, begun.state));
    assert_int_equal(fixture_cookie_count(fixture), 0);
}

static void a_login_works_once(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    struct fixture_cookie *cookie = cookie_of(fixture, &begun);
    const char *value = cookie->value;
    assert_works(fixture->arena, consume(fixture, begun.state));
    assert_fails(fixture->arena, ERROR_LOGIN_COOKIE_MISSING, consume(fixture, begun.state));
    cookie->value = value; /* somebody kept it */
    assert_fails(fixture->arena, ERROR_LOGIN_USED, consume(fixture, begun.state));
}

struct race {
    struct fixture *fixture;
    const char *state;
    int winners; /* a pipe: a byte from each that was let in */
};

static int consume_in_a_race(void *closure, int number) {
    const struct race *race = closure;
    (void)number;
    race->fixture->context->database = database_new();
    int result = consume(race->fixture, race->state);
    if (result == 0)
        return write(race->winners, "w", 1) == 1 ? 0 : 1;
    return race->fixture->arena->error.rule == ERROR_LOGIN_USED ? 0 : 2;
}

static void of_many_at_once_one_is_let_in(void **state) {
    struct fixture *fixture = *state;
    int ends[2];
    char winners[20];
    struct transaction begun = begin(fixture, NULL);
    assert_int_equal(pipe(ends), 0);
    struct race race = {.fixture = fixture, .state = begun.state, .winners = ends[1]};
    house_race(12, consume_in_a_race, &race);
    close(ends[1]);
    assert_int_equal(read(ends[0], winners, sizeof(winners)), 1);
    close(ends[0]);
}

static void another_browser_has_no_cookie_for_it(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    fixture->cookies = NULL;
    assert_fails(fixture->arena, ERROR_LOGIN_COOKIE_MISSING, consume(fixture, begun.state));
    begin(fixture, NULL); /* nor has one that signs in itself */
    assert_fails(fixture->arena, ERROR_LOGIN_COOKIE_MISSING, consume(fixture, begun.state));
}

/* An attacker makes the victim's browser present the victim's cookie under the name that his state asks for. */
static void a_cookie_of_another_login_does_not_fit(void **state) {
    struct fixture *fixture = *state;
    struct transaction mine = begin(fixture, NULL);
    struct transaction other = begin(fixture, NULL);
    cookie_of(fixture, &other)->value = cookie_of(fixture, &mine)->value;
    assert_fails(fixture->arena, ERROR_STATE_WRONG, consume(fixture, other.state));
}

static void a_state_that_is_right_at_its_beginning_is_wrong(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    for (size_t place = 8; place < 43; place++) {
        char *changed = arena_text(fixture->arena, begun.state);
        changed[place] = changed[place] == 'A' ? 'B' : 'A';
        assert_fails(fixture->arena, ERROR_STATE_WRONG, consume(fixture, changed));
    }
    assert_works(fixture->arena, consume(fixture, begun.state));
}

static void what_is_no_state_of_ours_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    const char *states[] = {
        "",
        "x",
        arena_format(fixture->arena, "%.42s", begun.state),
        arena_format(fixture->arena, "%sA", begun.state),
        arena_format(fixture->arena, "%.42s=", begun.state),
        arena_format(fixture->arena, "%.42s;", begun.state),
        arena_format(fixture->arena, "%.42s\n", begun.state),
        arena_format(fixture->arena, " %.42s", begun.state),
        arena_format(fixture->arena, "%.41s\xC3\xA9", begun.state),
        "../../../../../../../../../../../etc/passwd",
    };
    for (size_t i = 0; i < FIXTURE_COUNT(states); i++)
        assert_fails(fixture->arena, ERROR_STATE_WRONG, consume(fixture, states[i]));
}

static void any_changed_byte_of_the_cookie_is_noticed(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, "/members");
    struct fixture_cookie *cookie = cookie_of(fixture, &begun);
    const char *value = cookie->value;
    for (size_t place = 0; place < strlen(value); place++) {
        char *changed = arena_text(fixture->arena, value);
        changed[place] = changed[place] == 'A' ? 'B' : 'A';
        cookie->value = changed;
        assert_fails(fixture->arena, ERROR_LOGIN_COOKIE_WRONG, consume(fixture, begun.state));
    }
    cookie->value = value;
    assert_works(fixture->arena, consume(fixture, begun.state));
}

static void a_cookie_there_twice_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    struct transaction transaction;
    struct response response;
    struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    request.cookies = arena_format(fixture->arena, "%s; %s", request.cookies, request.cookies);
    assert_fails(fixture->arena, ERROR_COOKIE_REPEATED,
                 transaction_consume(fixture->context, &request, &response, &fixture->provider,
                                     begun.state, &transaction));
}

/* A code of one provider must not reach another (RFC 9700 4.4); the login itself can still be finished. */
static void another_providers_answer_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct transaction transaction;
    struct transaction begun = begin(fixture, NULL);
    struct provider other = fixture->provider;
    other.id = "other";
    assert_fails(fixture->arena, ERROR_LOGIN_PROVIDER_WRONG,
                 consume_as(fixture, &other, begun.state, &transaction));
    other = fixture->provider;
    other.identity_issuer = "https://evil.example"; /* the section was changed meanwhile */
    assert_fails(fixture->arena, ERROR_LOGIN_PROVIDER_WRONG,
                 consume_as(fixture, &other, begun.state, &transaction));
    assert_works(fixture->arena, consume(fixture, begun.state));
}

/* Also where nothing else tells them apart. */
static void another_instances_answer_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct provider other;
    struct transaction transaction;
    fixture->provider.asks_instance = true;
    fixture->provider.instance = "mastodon.example";
    other = fixture->provider;
    struct transaction begun = begin(fixture, NULL);
    const char *const instances[] = {"evil.example", "mastodon.example.evil.example",
                                     "astodon.example", NULL};
    for (size_t i = 0; i < FIXTURE_COUNT(instances); i++) {
        other.instance = instances[i];
        assert_fails(fixture->arena, ERROR_LOGIN_PROVIDER_WRONG,
                     consume_as(fixture, &other, begun.state, &transaction));
    }
    assert_works(fixture->arena, consume(fixture, begun.state));
}

static void a_login_has_its_time(void **state) {
    struct fixture *fixture = *state;
    struct transaction first = begin(fixture, NULL);
    struct transaction second = begin(fixture, NULL);
    fixture->house.clock.fixed = HOUSE_TIME + TIMEOUT - 1;
    assert_works(fixture->arena, consume(fixture, first.state));
    fixture->house.clock.fixed = HOUSE_TIME + TIMEOUT;
    assert_fails(fixture->arena, ERROR_LOGIN_EXPIRED, consume(fixture, second.state));
    assert_null(cookie_of(fixture, &second)->value);
}

static void five_logins_can_be_under_way(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun[5];
    for (size_t i = 0; i < 5; i++)
        begun[i] = begin(fixture, NULL);
    assert_int_equal(fixture_cookie_count(fixture), 5);
    for (size_t i = 0; i < 5; i++)
        assert_works(fixture->arena, consume(fixture, begun[4 - i].state));
}

static void of_more_than_five_the_oldest_are_dropped(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun[9];
    for (size_t i = 0; i < 9; i++) {
        begun[i] = begin(fixture, NULL);
        fixture->house.clock.fixed++;
    }
    assert_int_equal(fixture_cookie_count(fixture), TRANSACTION_LIMIT);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(cookie_of(fixture, &begun[i])->value == NULL, i < 4);
}

/* Cookies with names like ours that we never made: those that could be ours go first, others are none of our
 * business, whatever their names. */
static void strange_cookies_do_not_get_in_the_way(void **state) {
    struct fixture *fixture = *state;
    struct response response;
    struct transaction transaction;
    struct buffer cookies;
    buffer_open(fixture->arena, &cookies);
    buffer_add_text(&cookies, "__Host-latchkey-login-=x; __Host-latchkey-login-a b=x; "
                              "__Host-latchkey-login-\xC3\xA9=x; __Host-latchkey-login-(=x; "
                              "__Host-latchkey-login-toolongtobeours=x");
    for (int i = 0; i < 400; i++)
        buffer_add_format(&cookies, "; __Host-latchkey-login-%08d=a.b.c", i);
    const struct request request = {.cookies = cookies.bytes};
    const struct login_terms terms = {.return_to = NULL};
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, transaction_begin(fixture->context, &request, &response,
                                                   &fixture->provider, &terms, &transaction));
    fixture_take(fixture, &response);
    size_t removed = 0;
    for (const struct fixture_cookie *cookie = fixture->cookies; cookie != NULL;
         cookie = cookie->next)
        removed += cookie->value == NULL;
    assert_int_equal(removed, 396);
    assert_null(strstr(fixture_sent(fixture, &response), "toolong"));
}

/* Apache and lighttpd take header fields of up to 8 KiB; all our cookies together stay well below that. */
static void all_cookies_together_fit_into_a_header(void **state) {
    struct fixture *fixture = *state;
    char return_to[513] = "/";
    memset(return_to + 1, '&', 511);
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(strlen(begin(fixture, return_to).terms.return_to), 512);
    assert_true(strlen(fixture_request(fixture).cookies) < 6 * 1024);
}

static void the_longest_return_to_comes_back(void **state) {
    struct fixture *fixture = *state;
    struct transaction found;
    char return_to[513] = "/";
    memset(return_to + 1, '%', 511);
    struct transaction begun = begin(fixture, return_to);
    assert_works(fixture->arena, consume_as(fixture, &fixture->provider, begun.state, &found));
    assert_string_equal(found.terms.return_to, return_to);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static const char *key_file(struct fixture *fixture) {
    return house_path(&fixture->house, "keys/transaction.keys");
}

static const char *read_text(struct fixture *fixture, const char *path) {
    char *text = arena_alloc(fixture->arena, 4096);
    int file = open(path, O_RDONLY);
    assert_true(file >= 0);
    assert_true(read(file, text, 4095) > 0);
    close(file);
    return text;
}

static void after_a_rotation_old_logins_can_be_finished(void **state) {
    struct fixture *fixture = *state;
    struct transaction before = begin(fixture, NULL);
    const char *old = read_text(fixture, key_file(fixture));
    const char *ring = arena_format(
        fixture->arena, "newest00 1800000000 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n%s", old);
    house_write(key_file(fixture), ring, 0600);
    struct transaction after = begin(fixture, NULL);
    assert_true(text_starts_with(cookie_of(fixture, &after)->value, "newest00."));
    assert_works(fixture->arena, consume(fixture, before.state));
    assert_works(fixture->arena, consume(fixture, after.state));
}

static void without_its_key_a_login_is_not_ours(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    assert_int_equal(unlink(key_file(fixture)), 0);
    assert_fails(fixture->arena, ERROR_LOGIN_COOKIE_WRONG, consume(fixture, begun.state));
}

static void a_session_key_signs_no_login(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    struct fixture_cookie *cookie = cookie_of(fixture, &begun);
    struct key_ring ring;
    const char *payload = strchr(cookie->value, '.') + 1;
    payload = arena_copy(fixture->arena, payload, strcspn(payload, "."));
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_TRANSACTION, &ring));
    cookie->value = signed_text_make(fixture->arena, &ring, "latchkey session cookie v1", payload);
    assert_fails(fixture->arena, ERROR_LOGIN_COOKIE_WRONG, consume(fixture, begun.state));
    cookie->value = signed_text_make(fixture->arena, &ring, "latchkey login cookie v1", payload);
    assert_works(fixture->arena, consume(fixture, begun.state));
}

/* Signed by us, but not as we write it today: a form of an older version. */
static void a_payload_of_another_form_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct transaction begun = begin(fixture, NULL);
    const char *id = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const char *payloads[] = {
        "",
        "x",
        "id=1&provider=op",
        id,
        arena_format(fixture->arena, "%s op", id),
        arena_format(fixture->arena, "%s op https://op.example", id),
        arena_format(fixture->arena, "%s op https://op.example 1800000000", id),
        arena_format(fixture->arena, "%s op https://op.example 1800000000 -", id),
        arena_format(fixture->arena, "%s op https://op.example 1800000000 - ", id),
        arena_format(fixture->arena, "%s op https://op.example 1800000000 - /members", id),
        arena_format(fixture->arena, "%s op https://op.example 1800000000 - x- ", id),
        arena_format(fixture->arena, "%s op https://op.example 1800000000 - - ", id),
        arena_format(fixture->arena, "%s op https://op.example 1800000000 -  /members", id),
        "short op https://op.example 1800000000 - ",
    };
    struct key_ring ring;
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_TRANSACTION, &ring));
    for (size_t i = 0; i < FIXTURE_COUNT(payloads); i++) {
        const char *payload = base64url_encode(fixture->arena, payloads[i], strlen(payloads[i]));
        cookie_of(fixture, &begun)->value =
            signed_text_make(fixture->arena, &ring, "latchkey login cookie v1", payload);
        assert_fails(fixture->arena, ERROR_LOGIN_COOKIE_WRONG, consume(fixture, begun.state));
    }
}

static void on_http_the_cookie_has_no_host_prefix(void **state) {
    struct fixture *fixture = *state;
    fixture->house.config.secure = false;
    struct transaction begun = begin(fixture, NULL);
    assert_non_null(
        fixture_cookie(fixture, arena_format(fixture->arena, "latchkey-login-%.8s", begun.state)));
    assert_works(fixture->arena, consume(fixture, begun.state));
}

/* A flood of strangers must not grow the database. */
static void beginning_writes_nothing_to_the_database(void **state) {
    struct fixture *fixture = *state;
    begin(fixture, NULL);
    assert_int_equal(access(house_path(&fixture->house, "latchkey.db"), F_OK), -1);
}

/* ---- used ------------------------------------------------------------------------------------ */

static bool is_first(struct fixture *fixture, const char *kind, const char *id) {
    bool first = false;
    assert_works(fixture->arena,
                 used_once(fixture->context, kind, id, strlen(id), HOUSE_TIME + 60, &first));
    return first;
}

static void things_of_each_kind_are_used_once(void **state) {
    struct fixture *fixture = *state;
    assert_true(is_first(fixture, "login", "a"));
    assert_false(is_first(fixture, "login", "a"));
    assert_true(is_first(fixture, "login", "b"));
    assert_true(is_first(fixture, "logout_token", "a"));
    assert_false(is_first(fixture, "logout_token", "a"));
    assert_true(is_first(fixture, "login", ""));
}

/* What is remembered no longer is useless by itself by then; and it does not stay for ever. */
static void used_things_are_cleared_away_when_they_have_expired(void **state) {
    struct fixture *fixture = *state;
    assert_true(is_first(fixture, "login", "a"));
    fixture->house.clock.fixed = HOUSE_TIME + 59;
    assert_true(is_first(fixture, "login", "b"));
    assert_false(is_first(fixture, "login", "a"));
    fixture->house.clock.fixed = HOUSE_TIME + 60;
    for (int i = 0; i < 200; i++)
        is_first(fixture, "login", arena_format(fixture->arena, "c%d", i));
    assert_true(is_first(fixture, "login", "a"));
    assert_true(strtol(sql(fixture, "SELECT count(*) FROM used"), NULL, 10) < 50);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(what_was_begun_is_found_again),
        fixture_test(without_return_to_there_is_none),
        fixture_test(its_terms_come_back),
        fixture_test(what_is_begun_in_a_session_knows_which),
        fixture_test(state_nonce_and_verifier_are_three_secrets),
        fixture_test(the_cookie_holds_no_secret),
        fixture_test(the_cookie_is_for_this_host_alone),
        fixture_test(a_form_post_comes_from_another_site),
        fixture_test(the_cookie_goes_with_the_login),
        fixture_test(a_login_works_once),
        fixture_test(of_many_at_once_one_is_let_in),
        fixture_test(another_browser_has_no_cookie_for_it),
        fixture_test(a_cookie_of_another_login_does_not_fit),
        fixture_test(a_state_that_is_right_at_its_beginning_is_wrong),
        fixture_test(what_is_no_state_of_ours_is_refused),
        fixture_test(any_changed_byte_of_the_cookie_is_noticed),
        fixture_test(a_cookie_there_twice_is_refused),
        fixture_test(another_providers_answer_is_refused),
        fixture_test(another_instances_answer_is_refused),
        fixture_test(a_login_has_its_time),
        fixture_test(five_logins_can_be_under_way),
        fixture_test(of_more_than_five_the_oldest_are_dropped),
        fixture_test(strange_cookies_do_not_get_in_the_way),
        fixture_test(all_cookies_together_fit_into_a_header),
        fixture_test(the_longest_return_to_comes_back),
        fixture_test(after_a_rotation_old_logins_can_be_finished),
        fixture_test(without_its_key_a_login_is_not_ours),
        fixture_test(a_session_key_signs_no_login),
        fixture_test(a_payload_of_another_form_is_refused),
        fixture_test(on_http_the_cookie_has_no_host_prefix),
        fixture_test(beginning_writes_nothing_to_the_database),
        fixture_test(things_of_each_kind_are_used_once),
        fixture_test(used_things_are_cleared_away_when_they_have_expired),
    };
    return cmocka_run_group_tests_name("transaction", tests, NULL, NULL);
}

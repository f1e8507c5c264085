/* login/session: who is signed in, for how long, and that nobody else can be. */
#include "fixture.h"
#include "sql.h"

#include "edge/state_dir.h"
#include "format/signed_text.h"
#include "login/session.h"

#include <sqlite3.h>

#define COOKIE "__Host-latchkey-session"
#define IDLE (7 * 86400)
#define ABSOLUTE (30 * 86400)
#define ID_TOKEN "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"

static const struct session_origin usual_origin = {
    .issuer = FIXTURE_ISSUER,
    .sid = "s-1",
    .id_token = ID_TOKEN,
    .id_token_alg = "ES256",
    .remember = true,
};

/* Signs the fixture's browser in. */
static void sign_in_with(struct fixture *fixture, const struct person *person,
                         const struct session_origin *origin) {
    struct response response;
    bool replaced = false;
    struct account_ids ids;
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, person, true, &ids));
    assert_works(fixture->arena,
                 session_issue(fixture->context, &request, &response, &ids, origin, &replaced));
    assert_works(fixture->arena, database_commit(fixture->context));
    fixture_take(fixture, &response);
}

static void sign_in(struct fixture *fixture, const struct person *person) {
    sign_in_with(fixture, person, &usual_origin);
}

static void sign_in_as(struct fixture *fixture, const char *subject) {
    const struct person person = {
        .issuer = FIXTURE_ISSUER, .subject = subject, .name = "Ada", .email = "ada@example.org"};
    sign_in(fixture, &person);
}

static struct session *load(struct fixture *fixture) {
    struct session *session = NULL;
    const struct request request = fixture_request(fixture);
    assert_works(fixture->arena, session_load(fixture->context, &request, &session));
    return session;
}

static const char *cookie_value_of(struct fixture *fixture) {
    return fixture_cookie(fixture, COOKIE)->value;
}

static void a_signed_in_browser_is_recognised(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    assert_non_null(session);
    assert_string_equal(session->issuer, FIXTURE_ISSUER);
    assert_string_equal(session->sid, "s-1");
    assert_string_equal(session->provider, "op");
    assert_string_equal(session->name, "Ada");
    assert_string_equal(session->email, "ada@example.org");
    assert_false(session->email_verified);
    assert_null(session->picture);
    assert_int_equal(session->created_at, HOUSE_TIME);
    assert_int_equal(session->expires_at, HOUSE_TIME + ABSOLUTE);
    assert_int_equal(strlen(session->sub), 22);
}

static void unusual_names_come_back_as_they_were(void **state) {
    static const char *const names[] = {
        "\xEA\xB9\x80\xED\x95\x98\xEB\x8A\x98",      /* Korean */
        "\xD7\xA2\xD7\x93\xD7\x94 \xD8\xB3\xD8\xA7", /* right to left */
        "\xF0\x9F\xA6\x8A",                          /* a fox */
        "<script>alert(1)</script>",
        "Robert'); DROP TABLE accounts;--",
        "\"\\%s%n{{name}}",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++) {
        const struct person person = {
            .issuer = FIXTURE_ISSUER, .subject = "ada", .name = names[i], .locale = "ko"};
        sign_in(fixture, &person);
        const struct session *session = load(fixture);
        assert_string_equal(session->name, names[i]);
        assert_string_equal(session->locale, "ko");
        assert_null(session->email);
        assert_string_equal(session_display(session), names[i]);
    }
}

static void who_has_no_name_is_shown_by_his_address(void **state) {
    struct fixture *fixture = *state;
    struct person person = {
        .issuer = FIXTURE_ISSUER, .subject = "ada", .email = "a@b", .email_verified = true};
    sign_in(fixture, &person);
    assert_string_equal(session_display(load(fixture)), "a@b");
    assert_true(load(fixture)->email_verified);
    person.email = NULL;
    person.email_verified = false;
    sign_in(fixture, &person);
    assert_null(session_display(load(fixture)));
}

static void a_browser_without_cookie_is_nobody(void **state) {
    struct fixture *fixture = *state;
    assert_null(load(fixture));
    sign_in_as(fixture, "ada");
    fixture->cookies = NULL;
    assert_null(load(fixture));
}

static void the_cookie_is_for_this_host_alone(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    assert_string_equal(fixture_cookie(fixture, COOKIE)->attributes,
                        "; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax");
}

static void any_changed_byte_of_the_cookie_makes_it_nobodys(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    struct fixture_cookie *cookie = fixture_cookie(fixture, COOKIE);
    const char *value = cookie->value;
    for (size_t place = 0; place < strlen(value); place++) {
        char *changed = arena_text(fixture->arena, value);
        changed[place] = changed[place] == 'A' ? 'B' : 'A';
        cookie->value = changed;
        assert_null(load(fixture));
    }
    const char *others[] = {"",
                            "x",
                            ".",
                            "..",
                            "a.b.c",
                            arena_format(fixture->arena, "%sA", value),
                            arena_format(fixture->arena, "\"%s\"", value)};
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++) {
        cookie->value = others[i];
        assert_null(load(fixture));
    }
    cookie->value = value;
    assert_non_null(load(fixture));
}

/* Rightly signed for another purpose, or another length of id. */
static void a_signature_of_ours_for_something_else_is_none(void **state) {
    struct fixture *fixture = *state;
    struct key_ring ring;
    sign_in_as(fixture, "ada");
    struct fixture_cookie *cookie = fixture_cookie(fixture, COOKIE);
    const char *payload = strchr(cookie->value, '.') + 1;
    payload = arena_copy(fixture->arena, payload, strcspn(payload, "."));
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_SESSION, &ring));
    const char *forged[] = {
        signed_text_make(fixture->arena, &ring, "latchkey login cookie v1", payload),
        signed_text_make(fixture->arena, &ring, "latchkey session cookie v1", ""),
        signed_text_make(fixture->arena, &ring, "latchkey session cookie v1", payload + 4),
        signed_text_make(fixture->arena, &ring, "latchkey session cookie v1",
                         "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"), /* no such session */
    };
    for (size_t i = 0; i < FIXTURE_COUNT(forged); i++) {
        cookie->value = forged[i];
        assert_null(load(fixture));
    }
    cookie->value = signed_text_make(fixture->arena, &ring, "latchkey session cookie v1", payload);
    assert_non_null(load(fixture));
}

static void a_cookie_there_twice_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct session *session = NULL;
    sign_in_as(fixture, "ada");
    struct request request = fixture_request(fixture);
    request.cookies = arena_format(fixture->arena, COOKIE "=x; %s", request.cookies);
    assert_fails(fixture->arena, ERROR_COOKIE_REPEATED,
                 session_load(fixture->context, &request, &session));
    assert_null(session);
}

static void the_absolute_timeout_ends_it(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    for (int day = 1; day < 30; day++) { /* never idle for long */
        fixture->house.clock.fixed = HOUSE_TIME + day * 86400;
        assert_non_null(load(fixture));
    }
    fixture->house.clock.fixed = HOUSE_TIME + ABSOLUTE - 1;
    assert_non_null(load(fixture));
    fixture->house.clock.fixed = HOUSE_TIME + ABSOLUTE;
    assert_null(load(fixture));
}

static void the_idle_timeout_ends_it(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    fixture->house.clock.fixed = HOUSE_TIME + IDLE - 1;
    assert_non_null(load(fixture));
    fixture->house.clock.fixed += IDLE - 1; /* that was a request */
    assert_non_null(load(fixture));
    fixture->house.clock.fixed += IDLE;
    assert_null(load(fixture));
}

static int64_t changes(struct fixture *fixture) {
    return database_changes(fixture->context);
}

/* Most requests only read: last_seen is written hourly at most. */
static void being_seen_is_written_sparingly(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const char *wal = house_path(&fixture->house, "latchkey.db-wal");
    struct stat before;
    struct stat after;
    assert_int_equal(stat(wal, &before), 0);
    for (int second = 0; second < 3600; second += 300) {
        fixture->house.clock.fixed = HOUSE_TIME + second;
        assert_non_null(load(fixture));
    }
    assert_int_equal(stat(wal, &after), 0);
    assert_int_equal(before.st_size, after.st_size);
    fixture->house.clock.fixed = HOUSE_TIME + 3600;
    assert_non_null(load(fixture));
    assert_int_equal(changes(fixture), 1);
    assert_int_equal(stat(wal, &after), 0);
    assert_true(before.st_size < after.st_size);
}

static void a_short_idle_timeout_is_noted_more_often(void **state) {
    struct fixture *fixture = *state;
    fixture->house.config.idle_timeout = 60;
    sign_in_as(fixture, "ada");
    for (int second = 0; second <= 600; second += 50) {
        fixture->house.clock.fixed = HOUSE_TIME + second;
        assert_non_null(load(fixture));
    }
    fixture->house.clock.fixed += 60;
    assert_null(load(fixture));
}

static void a_clock_set_back_signs_nobody_out(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    fixture->house.clock.fixed = HOUSE_TIME - 3600;
    assert_non_null(load(fixture));
}

static void a_new_login_gets_a_new_id_and_ends_the_old(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const char *first = cookie_value_of(fixture);
    sign_in_as(fixture, "ada");
    const char *second = cookie_value_of(fixture);
    assert_string_not_equal(first, second);
    assert_non_null(load(fixture));
    fixture_cookie(fixture, COOKIE)->value = first;
    assert_null(load(fixture));
}

static void one_person_may_use_two_browsers(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    struct fixture_cookie *first = fixture->cookies;
    fixture->cookies = NULL;
    sign_in_as(fixture, "ada");
    const char *sub = load(fixture)->sub;
    fixture->cookies = first;
    assert_string_equal(load(fixture)->sub, sub);
}

static void revoking_ends_it_and_removes_the_cookie(void **state) {
    struct fixture *fixture = *state;
    struct response response;
    sign_in_as(fixture, "ada");
    const char *value = cookie_value_of(fixture);
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, session_revoke(fixture->context, &request, &response));
    fixture_take(fixture, &response);
    assert_null(cookie_value_of(fixture));
    fixture_cookie(fixture, COOKIE)->value = value; /* somebody kept it */
    assert_null(load(fixture));
}

static void revoking_nobody_is_fine(void **state) {
    struct fixture *fixture = *state;
    struct response response;
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, session_revoke(fixture->context, &request, &response));
}

static void revoking_one_leaves_the_others(void **state) {
    struct fixture *fixture = *state;
    struct response response;
    sign_in_as(fixture, "ada");
    struct fixture_cookie *ada = fixture->cookies;
    fixture->cookies = NULL;
    sign_in_as(fixture, "grace");
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, session_revoke(fixture->context, &request, &response));
    fixture->cookies = ada;
    assert_non_null(load(fixture));
}

static void the_csrf_token_is_the_sessions_own(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const char *first = load(fixture)->csrf_token;
    assert_string_equal(load(fixture)->csrf_token, first);
    assert_int_equal(strlen(first), 43);
    assert_null(strstr(cookie_value_of(fixture), first));
    sign_in_as(fixture, "ada");
    assert_string_not_equal(load(fixture)->csrf_token, first);
}

static void rotating_the_keys_signs_nobody_out(void **state) {
    struct fixture *fixture = *state;
    const char *path = house_path(&fixture->house, "keys/session.keys");
    sign_in_as(fixture, "ada");
    const char *csrf = load(fixture)->csrf_token;
    char *old = arena_alloc(fixture->arena, 4096);
    int file = open(path, O_RDONLY);
    assert_true(read(file, old, 4095) > 0);
    close(file);
    house_write(path,
                arena_format(fixture->arena,
                             "newest00 1800000000 AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n%s",
                             old),
                0600);
    assert_non_null(load(fixture));
    assert_string_equal(load(fixture)->csrf_token, csrf);
    sign_in_as(fixture, "ada");
    assert_true(text_starts_with(cookie_value_of(fixture), "newest00."));
    house_write(path, "newest01 1800000000 BAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", 0600);
    assert_null(load(fixture));
}

/* ---- at rest --------------------------------------------------------------------------------- */

/* All files of the state folder's top, one after the other: database, WAL, shared memory. */
static void read_database(struct fixture *fixture, struct buffer *bytes) {
    const char *names[] = {"latchkey.db", "latchkey.db-wal"};
    buffer_open(fixture->arena, bytes);
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++) {
        char piece[4096];
        ssize_t got = 0;
        int file = open(house_path(&fixture->house, names[i]), O_RDONLY);
        assert_true(file >= 0);
        while ((got = read(file, piece, sizeof(piece))) > 0)
            buffer_add(bytes, piece, (size_t)got);
        close(file);
    }
}

static bool holds(const struct buffer *bytes, const void *text, size_t length) {
    return memmem(bytes->bytes, bytes->length, text, length) != NULL;
}

static void the_database_holds_no_id_and_no_token(void **state) {
    struct fixture *fixture = *state;
    struct buffer bytes;
    unsigned char id[32];
    sign_in_as(fixture, "ada");
    const char *payload = strchr(cookie_value_of(fixture), '.') + 1;
    payload = arena_copy(fixture->arena, payload, 43);
    assert_works(fixture->arena, base64url_decode_exactly(fixture->arena, payload, id, sizeof(id)));
    read_database(fixture, &bytes);
    assert_true(holds(&bytes, "ada@example.org", 15)); /* the search finds what is there */
    assert_false(holds(&bytes, payload, strlen(payload)));
    assert_false(holds(&bytes, id, sizeof(id)));
    assert_false(holds(&bytes, ID_TOKEN, strlen(ID_TOKEN)));
    assert_false(holds(&bytes, "eyJzdWIiOiJhZGEifQ", 18));
    assert_false(holds(&bytes, load(fixture)->csrf_token, 43));
}

static void the_id_token_comes_back(void **state) {
    struct fixture *fixture = *state;
    const char *id_token = NULL;
    sign_in_as(fixture, "ada");
    assert_works(fixture->arena, session_id_token(fixture->context, load(fixture), &id_token));
    assert_string_equal(id_token, ID_TOKEN);
}

static void an_id_token_moved_to_another_session_stays_closed(void **state) {
    struct fixture *fixture = *state;
    const char *id_token = NULL;
    sign_in_as(fixture, "ada");
    struct session *ada = load(fixture);
    fixture->cookies = NULL;
    sign_in_as(fixture, "grace");
    struct session *grace = load(fixture);
    grace->locked_id_token = ada->locked_id_token;
    assert_works(fixture->arena, session_id_token(fixture->context, grace, &id_token));
    assert_null(id_token);
    grace->locked_id_token = NULL;
    assert_works(fixture->arena, session_id_token(fixture->context, grace, &id_token));
    assert_null(id_token);
}

static void without_its_key_the_id_token_is_gone_but_nobody_is_signed_out(void **state) {
    struct fixture *fixture = *state;
    const char *id_token = NULL;
    sign_in_as(fixture, "ada");
    assert_int_equal(unlink(house_path(&fixture->house, "keys/token.keys")), 0);
    assert_works(fixture->arena, session_id_token(fixture->context, load(fixture), &id_token));
    assert_null(id_token);
}

static void expired_sessions_are_cleared_away(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 5; i++) {
        fixture->cookies = NULL;
        sign_in_as(fixture, "ada");
    }
    fixture->house.clock.fixed = HOUSE_TIME + ABSOLUTE;
    fixture->cookies = NULL;
    sign_in_as(fixture, "ada");
    struct query query;
    query_open(fixture->context, &query, STATEMENT_SESSION_DELETE_EXPIRED);
    query_put_integer(&query, INT64_MAX);
    assert_works(fixture->arena, query_run(&query));
    assert_int_equal(changes(fixture), 1); /* the new one alone was left */
}

/* ---- not to be remembered -------------------------------------------------------------------- */

#define SHORT (12 * 3600)

static void sign_in_briefly(struct fixture *fixture, const char *subject) {
    const struct person person = {.issuer = FIXTURE_ISSUER, .subject = subject};
    struct session_origin origin = usual_origin;
    origin.remember = false;
    sign_in_with(fixture, &person, &origin);
}

static void a_session_not_to_be_remembered_goes_with_the_browser(void **state) {
    struct fixture *fixture = *state;
    sign_in_briefly(fixture, "ada");
    assert_string_equal(fixture_cookie(fixture, COOKIE)->attributes,
                        "; Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_false(load(fixture)->remember);
    assert_int_equal(load(fixture)->expires_at, HOUSE_TIME + SHORT);
    fixture->house.clock.fixed = HOUSE_TIME + SHORT - 1;
    assert_non_null(load(fixture));
    fixture->house.clock.fixed = HOUSE_TIME + SHORT;
    assert_null(load(fixture));
    sign_in_as(fixture, "ada");
    assert_true(load(fixture)->remember);
}

/* Its cookie says so, signed: nobody can make one of the other. */
static void nobody_can_make_a_short_session_a_long_one(void **state) {
    struct fixture *fixture = *state;
    sign_in_briefly(fixture, "ada");
    struct fixture_cookie *cookie = fixture_cookie(fixture, COOKIE);
    const char *value = cookie->value;
    const char *end = strrchr(value, '.');
    const char *changes[] = {"r", ".r", "rr"};
    for (size_t i = 0; i < FIXTURE_COUNT(changes); i++) {
        cookie->value =
            arena_format(fixture->arena, "%.*s%s%s", (int)(end - value), value, changes[i], end);
        assert_null(load(fixture));
    }
}

/* ---- a new id -------------------------------------------------------------------------------- */

static const char *id_token_of(struct fixture *fixture, const struct session *session) {
    const char *id_token = NULL;
    assert_works(fixture->arena, session_id_token(fixture->context, session, &id_token));
    return id_token;
}

static void replace(struct fixture *fixture, struct session *session) {
    struct response response;
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, session_replace(fixture->context, &response, session));
    fixture_take(fixture, &response);
}

static void a_replaced_session_goes_on_under_a_new_id(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const char *old_cookie = cookie_value_of(fixture);
    struct session *before = load(fixture);
    const char *old_hash = before->id_hash;
    const char *old_csrf = before->csrf_token;
    fixture->house.clock.fixed += 3600;
    replace(fixture, before);
    struct session *after = load(fixture);
    assert_string_not_equal(cookie_value_of(fixture), old_cookie);
    assert_string_not_equal(after->id_hash, old_hash);
    assert_string_not_equal(after->csrf_token, old_csrf);
    assert_string_equal(after->id_hash, before->id_hash); /* what was passed in says it, too */
    assert_string_equal(after->csrf_token, before->csrf_token);
    assert_int_equal(after->created_at, HOUSE_TIME);
    assert_int_equal(after->expires_at, HOUSE_TIME + ABSOLUTE);
    assert_string_equal(after->sid, "s-1");
    assert_string_equal(id_token_of(fixture, after), ID_TOKEN);
    assert_string_equal(id_token_of(fixture, before), ID_TOKEN);
    assert_string_equal(fixture_cookie(fixture, COOKIE)->attributes,
                        "; Path=/; Max-Age=2588400; Secure; HttpOnly; SameSite=Lax");
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "1");
    fixture_cookie(fixture, COOKIE)->value = old_cookie;
    assert_null(load(fixture));
}

static void a_replaced_session_is_remembered_or_not_as_before(void **state) {
    struct fixture *fixture = *state;
    sign_in_briefly(fixture, "ada");
    replace(fixture, load(fixture));
    assert_string_equal(fixture_cookie(fixture, COOKIE)->attributes,
                        "; Path=/; Secure; HttpOnly; SameSite=Lax");
    assert_false(load(fixture)->remember);
    assert_int_equal(load(fixture)->expires_at, HOUSE_TIME + SHORT);
}

static void a_session_without_id_token_can_be_replaced(void **state) {
    struct fixture *fixture = *state;
    const struct person person = {.issuer = FIXTURE_ISSUER, .subject = "ada"};
    const struct session_origin origin = {.issuer = FIXTURE_ISSUER, .remember = true};
    sign_in_with(fixture, &person, &origin);
    replace(fixture, load(fixture));
    assert_null(id_token_of(fixture, load(fixture)));
    assert_null(load(fixture)->sid);
}

static void a_renewed_session_is_that_of_the_new_login(void **state) {
    struct fixture *fixture = *state;
    struct response response;
    struct account_ids ids;
    const struct person second = {.issuer = "https://other.example", .subject = "countess"};
    const struct session_origin origin = {.issuer = "https://other.example",
                                          .sid = "s-2",
                                          .id_token = "another",
                                          .id_token_alg = "RS256"};
    sign_in_as(fixture, "ada");
    struct session *session = load(fixture);
    const char *old_cookie = cookie_value_of(fixture);
    assert_works(fixture->arena, account_link(fixture->context, session->account,
                                              &fixture->provider, &second, &ids));
    fixture->house.clock.fixed += 3600;
    response_open(fixture->arena, &response);
    assert_works(fixture->arena,
                 session_renew(fixture->context, &response, ids.identity, &origin, session));
    fixture_take(fixture, &response);
    struct session *after = load(fixture);
    assert_int_equal(after->identity, ids.identity);
    assert_int_equal(session->identity, ids.identity);
    assert_string_equal(after->issuer, "https://other.example");
    assert_string_equal(after->sid, "s-2");
    assert_string_equal(id_token_of(fixture, after), "another");
    assert_string_equal(sql(fixture, "SELECT id_token_alg FROM sessions"), "RS256");
    assert_int_equal(after->created_at, HOUSE_TIME + 3600);
    assert_int_equal(after->expires_at,
                     HOUSE_TIME + ABSOLUTE); /* it does not live longer for that */
    fixture_cookie(fixture, COOKIE)->value = old_cookie;
    assert_null(load(fixture));
}

static void a_login_is_recent_for_a_while(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    struct session *session = load(fixture);
    fixture->house.clock.fixed = HOUSE_TIME + 900;
    assert_true(session_is_recent(fixture->context, session));
    fixture->house.clock.fixed = HOUSE_TIME + 901;
    assert_false(session_is_recent(fixture->context, session));
}

/* ---- back from the provider ------------------------------------------------------------------ */

static struct session *load_left(struct fixture *fixture, enum method method, const char *id_hash) {
    struct session *session = NULL;
    struct request request = fixture_request(fixture);
    request.method = method;
    assert_works(fixture->arena, session_load_left(fixture->context, &request, id_hash, &session));
    return session;
}

static void the_session_that_left_is_found_again(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    assert_int_equal(load_left(fixture, METHOD_GET, session->id_hash)->account, session->account);
    assert_int_equal(load_left(fixture, METHOD_POST, session->id_hash)->account, session->account);
}

/* A POST from another site carries no SameSite=Lax cookie; a browser that has none has closed the session. */
static void without_its_cookie_only_a_post_finds_it(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const char *hash = load(fixture)->id_hash;
    fixture->cookies = NULL;
    assert_non_null(load_left(fixture, METHOD_POST, hash));
    assert_null(load_left(fixture, METHOD_GET, hash));
}

static void another_browsers_session_is_not_that_one(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const char *hash = load(fixture)->id_hash;
    fixture->cookies = NULL;
    sign_in_as(fixture, "grace");
    assert_null(load_left(fixture, METHOD_GET, hash));
    assert_null(load_left(fixture, METHOD_POST, hash));
}

static void a_session_that_is_over_is_not_found(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    struct session *session = load(fixture);
    assert_works(fixture->arena, session_end(fixture->context, session->account, session->id_hash));
    assert_null(load_left(fixture, METHOD_GET, session->id_hash));
    assert_null(load_left(fixture, METHOD_POST, session->id_hash));
    sign_in_as(fixture, "ada");
    const char *hash = load(fixture)->id_hash;
    fixture->house.clock.fixed += IDLE;
    assert_null(load_left(fixture, METHOD_GET, hash));
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Signs in a browser of that name; returns its cookies. */
static struct fixture_cookie *other_browser(struct fixture *fixture, const char *subject) {
    struct fixture_cookie *own = fixture->cookies;
    fixture->cookies = NULL;
    sign_in_as(fixture, subject);
    struct fixture_cookie *other = fixture->cookies;
    fixture->cookies = own;
    return other;
}

static bool is_signed_in(struct fixture *fixture, struct fixture_cookie *cookies) {
    struct fixture_cookie *own = fixture->cookies;
    fixture->cookies = cookies;
    bool in = load(fixture) != NULL;
    fixture->cookies = own;
    return in;
}

static struct session_entry *list(struct fixture *fixture, int64_t account) {
    struct session_entry *entries = NULL;
    assert_works(fixture->arena, session_list(fixture->context, account, &entries));
    return entries;
}

static size_t count(const struct session_entry *entries) {
    size_t number = 0;
    for (; entries != NULL; entries = entries->next)
        number++;
    return number;
}

static void the_list_has_ones_own_sessions_the_last_used_first(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    fixture->house.clock.fixed += 10;
    other_browser(fixture, "ada");
    other_browser(fixture, "grace");
    const struct session_entry *entries = list(fixture, session->account);
    assert_int_equal(count(entries), 2);
    assert_int_equal(entries->created_at, HOUSE_TIME + 10);
    const struct session_entry *own = entries->next;
    assert_string_equal(own->id_hash, session->id_hash);
    assert_int_equal(own->created_at, HOUSE_TIME);
    assert_int_equal(own->last_seen, HOUSE_TIME);
    assert_int_equal(own->expires_at, HOUSE_TIME + ABSOLUTE);
    assert_string_equal(own->provider, "op");
    assert_string_equal(own->user_agent, "Unit/1.0");
    assert_string_equal(own->address, "192.0.2.1");
}

static void sessions_that_are_over_are_not_in_the_list(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    int64_t account = load(fixture)->account;
    fixture->house.clock.fixed = HOUSE_TIME + IDLE - 1;
    assert_int_equal(count(list(fixture, account)), 1);
    fixture->house.clock.fixed = HOUSE_TIME + IDLE;
    assert_int_equal(count(list(fixture, account)), 0);
    sql(fixture, "UPDATE sessions SET last_seen = 1900000000");
    assert_int_equal(count(list(fixture, account)), 1);
    fixture->house.clock.fixed = HOUSE_TIME + ABSOLUTE;
    assert_int_equal(count(list(fixture, account)), 0);
}

static void a_list_has_its_limit(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    sql(fixture, "WITH RECURSIVE n (i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 150)"
                 " INSERT INTO sessions SELECT randomblob(32), account, identity, created_at, "
                 "expires_at, last_seen,"
                 " issuer, sid, id_token, id_token_alg, user_agent, address FROM sessions, n");
    assert_int_equal(count(list(fixture, load(fixture)->account)), SESSION_LIST_LIMIT);
}

static void the_address_is_kept_as_the_site_says(void **state) {
    struct fixture *fixture = *state;
    fixture->house.config.audit_address = ADDRESS_KEPT_MASKED;
    sign_in_as(fixture, "ada");
    assert_string_equal(list(fixture, load(fixture)->account)->address, "192.0.2.0");
    fixture->house.config.audit_address = ADDRESS_NOT_KEPT;
    sign_in_as(fixture, "ada");
    assert_null(list(fixture, load(fixture)->account)->address);
}

/* ---- ending them ----------------------------------------------------------------------------- */

static void one_session_is_ended_and_the_others_stay(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    int64_t account = load(fixture)->account;
    struct fixture_cookie *second = other_browser(fixture, "ada");
    struct fixture_cookie *own = fixture->cookies;
    fixture->cookies = second;
    const char *hash = load(fixture)->id_hash;
    fixture->cookies = own;
    assert_works(fixture->arena, session_end(fixture->context, account, hash));
    assert_false(is_signed_in(fixture, second));
    assert_true(is_signed_in(fixture, fixture->cookies));
    assert_fails(fixture->arena, ERROR_NOT_YOURS, session_end(fixture->context, account, hash));
}

static void what_is_no_session_of_ones_own_is_none(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    struct fixture_cookie *grace = other_browser(fixture, "grace");
    struct fixture_cookie *own = fixture->cookies;
    fixture->cookies = grace;
    const char *foreign = load(fixture)->id_hash;
    fixture->cookies = own;
    const char *const hashes[] = {
        foreign,
        "",
        "x",
        "0",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "all",
        "others'--",
        arena_format(fixture->arena, "%.42s", session->id_hash),
        arena_format(fixture->arena, "%sA", session->id_hash),
        arena_format(fixture->arena, "%s=", session->id_hash),
    };
    for (size_t i = 0; i < FIXTURE_COUNT(hashes); i++)
        assert_fails(fixture->arena, ERROR_NOT_YOURS,
                     session_end(fixture->context, session->account, hashes[i]));
    assert_true(is_signed_in(fixture, grace));
    assert_true(is_signed_in(fixture, own));
}

static void all_others_are_ended_and_this_one_stays(void **state) {
    struct fixture *fixture = *state;
    int64_t number = -1;
    sign_in_as(fixture, "ada");
    struct fixture_cookie *second = other_browser(fixture, "ada");
    struct fixture_cookie *third = other_browser(fixture, "ada");
    struct fixture_cookie *grace = other_browser(fixture, "grace");
    assert_works(fixture->arena, session_end_others(fixture->context, load(fixture), &number));
    assert_int_equal(number, 2);
    assert_false(is_signed_in(fixture, second));
    assert_false(is_signed_in(fixture, third));
    assert_true(is_signed_in(fixture, grace));
    assert_true(is_signed_in(fixture, fixture->cookies));
    assert_works(fixture->arena, session_end_others(fixture->context, load(fixture), &number));
    assert_int_equal(number, 0);
}

static void all_are_ended(void **state) {
    struct fixture *fixture = *state;
    int64_t number = -1;
    sign_in_as(fixture, "ada");
    int64_t account = load(fixture)->account;
    struct fixture_cookie *second = other_browser(fixture, "ada");
    struct fixture_cookie *grace = other_browser(fixture, "grace");
    assert_works(fixture->arena, session_end_all(fixture->context, account, &number));
    assert_int_equal(number, 2);
    assert_false(is_signed_in(fixture, second));
    assert_false(is_signed_in(fixture, fixture->cookies));
    assert_true(is_signed_in(fixture, grace));
}

/* Of the sessions of an identity that is unlinked, the one at work goes on; others end with it. */
static void a_session_leaves_an_identity_that_goes(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids;
    const struct person second = {.issuer = "https://other.example", .subject = "countess"};
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    struct fixture_cookie *other = other_browser(fixture, "ada");
    assert_works(fixture->arena, account_link(fixture->context, session->account,
                                              &fixture->provider, &second, &ids));
    assert_works(fixture->arena, session_leave_identity(fixture->context, session,
                                                        session->identity, ids.identity));
    assert_works(fixture->arena,
                 account_unlink(fixture->context, session->account, session->identity));
    const struct session *after = load(fixture);
    assert_non_null(after);
    assert_int_equal(after->identity, ids.identity);
    assert_string_equal(after->issuer, "https://other.example");
    assert_null(after->sid); /* of the other provider it is none */
    assert_null(after->locked_id_token);
    assert_false(is_signed_in(fixture, other));
}

static void a_session_of_another_identity_leaves_nothing(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids;
    const struct person second = {.issuer = "https://other.example", .subject = "countess"};
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    assert_works(fixture->arena, account_link(fixture->context, session->account,
                                              &fixture->provider, &second, &ids));
    assert_works(fixture->arena, session_leave_identity(fixture->context, session, ids.identity,
                                                        session->identity));
    assert_string_equal(load(fixture)->sid, "s-1");
    assert_string_equal(id_token_of(fixture, load(fixture)), ID_TOKEN);
}

/* ---- forms ----------------------------------------------------------------------------------- */

static struct request form_of(struct fixture *fixture, const char *csrf_token) {
    struct request request = fixture_request(fixture);
    request.method = METHOD_POST;
    request.origin = FIXTURE_SITE;
    request.sec_fetch_site = "same-origin";
    if (csrf_token != NULL)
        form_put(fixture->arena, &request.body, "csrf_token", csrf_token);
    return request;
}

static void a_form_of_ours_is_taken(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    struct request request = form_of(fixture, session->csrf_token);
    assert_works(fixture->arena, session_check_form(fixture->context, &request, session));
    request.sec_fetch_site = NULL; /* an older browser */
    request.origin = NULL;
    assert_works(fixture->arena, session_check_form(fixture->context, &request, session));
}

static void a_form_without_the_sessions_token_is_refused(void **state) {
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    struct fixture_cookie *own = fixture->cookies;
    fixture->cookies = other_browser(fixture, "ada");
    const char *other = load(fixture)->csrf_token;
    fixture->cookies = own;
    const char *const tokens[] = {
        NULL,
        "",
        "x",
        other,
        session->id_hash,
        arena_format(fixture->arena, "%.42s", session->csrf_token),
        arena_format(fixture->arena, "%sA", session->csrf_token),
    };
    for (size_t i = 0; i < FIXTURE_COUNT(tokens); i++) {
        struct request request = form_of(fixture, tokens[i]);
        assert_fails(fixture->arena, ERROR_CSRF,
                     session_check_form(fixture->context, &request, session));
    }
    struct request twice = form_of(fixture, session->csrf_token);
    form_put(fixture->arena, &twice.body, "csrf_token", session->csrf_token);
    assert_fails(fixture->arena, ERROR_PARAMETER_REPEATED,
                 session_check_form(fixture->context, &twice, session));
    struct request query = form_of(fixture, NULL);
    form_put(fixture->arena, &query.query, "csrf_token", session->csrf_token);
    assert_fails(fixture->arena, ERROR_CSRF, session_check_form(fixture->context, &query, session));
}

static void a_form_from_elsewhere_is_refused(void **state) {
    static const struct {
        const char *origin;
        const char *site;
    } senders[] = {
        {"https://evil.example", "cross-site"},
        {"https://evil.example", NULL},
        {"https://other.example.org", "same-site"},
        {NULL, "same-site"},
        {NULL, "cross-site"},
        {"null", NULL},
        {"null", "cross-site"},
        {"http://www.example.org", NULL},
        {FIXTURE_SITE ".evil.example", NULL},
        {FIXTURE_SITE, "cross-site"},
        {"", NULL},
    };
    struct fixture *fixture = *state;
    sign_in_as(fixture, "ada");
    const struct session *session = load(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(senders); i++) {
        struct request request = form_of(fixture, session->csrf_token);
        request.origin = senders[i].origin;
        request.sec_fetch_site = senders[i].site;
        assert_fails(fixture->arena, ERROR_REQUEST_ORIGIN,
                     session_check_form(fixture->context, &request, session));
        assert_fails(fixture->arena, ERROR_REQUEST_ORIGIN,
                     session_check_form(fixture->context, &request, NULL));
    }
}

static void a_form_of_nobody_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct request request = form_of(fixture, "x");
    assert_fails(fixture->arena, ERROR_UNAUTHENTICATED,
                 session_check_form(fixture->context, &request, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_signed_in_browser_is_recognised),
        fixture_test(unusual_names_come_back_as_they_were),
        fixture_test(who_has_no_name_is_shown_by_his_address),
        fixture_test(a_browser_without_cookie_is_nobody),
        fixture_test(the_cookie_is_for_this_host_alone),
        fixture_test(any_changed_byte_of_the_cookie_makes_it_nobodys),
        fixture_test(a_signature_of_ours_for_something_else_is_none),
        fixture_test(a_cookie_there_twice_is_refused),
        fixture_test(the_absolute_timeout_ends_it),
        fixture_test(the_idle_timeout_ends_it),
        fixture_test(being_seen_is_written_sparingly),
        fixture_test(a_short_idle_timeout_is_noted_more_often),
        fixture_test(a_clock_set_back_signs_nobody_out),
        fixture_test(a_new_login_gets_a_new_id_and_ends_the_old),
        fixture_test(one_person_may_use_two_browsers),
        fixture_test(revoking_ends_it_and_removes_the_cookie),
        fixture_test(revoking_nobody_is_fine),
        fixture_test(revoking_one_leaves_the_others),
        fixture_test(the_csrf_token_is_the_sessions_own),
        fixture_test(rotating_the_keys_signs_nobody_out),
        fixture_test(the_database_holds_no_id_and_no_token),
        fixture_test(the_id_token_comes_back),
        fixture_test(an_id_token_moved_to_another_session_stays_closed),
        fixture_test(without_its_key_the_id_token_is_gone_but_nobody_is_signed_out),
        fixture_test(expired_sessions_are_cleared_away),
        fixture_test(a_session_not_to_be_remembered_goes_with_the_browser),
        fixture_test(nobody_can_make_a_short_session_a_long_one),
        fixture_test(a_replaced_session_goes_on_under_a_new_id),
        fixture_test(a_replaced_session_is_remembered_or_not_as_before),
        fixture_test(a_session_without_id_token_can_be_replaced),
        fixture_test(a_renewed_session_is_that_of_the_new_login),
        fixture_test(a_login_is_recent_for_a_while),
        fixture_test(the_session_that_left_is_found_again),
        fixture_test(without_its_cookie_only_a_post_finds_it),
        fixture_test(another_browsers_session_is_not_that_one),
        fixture_test(a_session_that_is_over_is_not_found),
        fixture_test(the_list_has_ones_own_sessions_the_last_used_first),
        fixture_test(sessions_that_are_over_are_not_in_the_list),
        fixture_test(a_list_has_its_limit),
        fixture_test(the_address_is_kept_as_the_site_says),
        fixture_test(one_session_is_ended_and_the_others_stay),
        fixture_test(what_is_no_session_of_ones_own_is_none),
        fixture_test(all_others_are_ended_and_this_one_stays),
        fixture_test(all_are_ended),
        fixture_test(a_session_leaves_an_identity_that_goes),
        fixture_test(a_session_of_another_identity_leaves_nothing),
        fixture_test(a_form_of_ours_is_taken),
        fixture_test(a_form_without_the_sessions_token_is_refused),
        fixture_test(a_form_from_elsewhere_is_refused),
        fixture_test(a_form_of_nobody_is_refused),
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}

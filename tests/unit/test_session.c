/* login/session: who is signed in, for how long, and that nobody else can be. */
#include "fixture.h"

#include "edge/state_dir.h"
#include "format/signed_text.h"
#include "login/session.h"

#include <sqlite3.h>

#define COOKIE "__Host-latchkey-session"
#define IDLE (7 * 86400)
#define ABSOLUTE (30 * 86400)
#define ID_TOKEN "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJl"

/* Signs the fixture's browser in. */
static void sign_in(struct fixture *fixture, const struct person *person) {
    struct response response;
    struct account_ids ids;
    const struct session_origin origin = {
        .issuer = FIXTURE_ISSUER, .sid = "s-1", .id_token = ID_TOKEN, .id_token_alg = "ES256"};
    const struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, person, &ids));
    assert_works(fixture->arena,
                 session_issue(fixture->context, &request, &response, &ids, &origin));
    assert_works(fixture->arena, database_commit(fixture->context));
    fixture_take(fixture, &response);
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

/* As linking two accounts will do. */
static void give_all_identities_to(struct fixture *fixture, int64_t account) {
    sqlite3 *database = NULL;
    const char *path = house_path(&fixture->house, "latchkey.db");
    assert_int_equal(sqlite3_open(path, &database), SQLITE_OK);
    const char *sql =
        arena_format(fixture->arena, "UPDATE identities SET account = %lld", (long long)account);
    assert_int_equal(sqlite3_exec(database, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(database);
}

static void a_session_knows_through_which_identity_it_came(void **state) {
    struct fixture *fixture = *state;
    static const char *const subjects[] = {"ada", "bob", "cleo"};
    struct session *sessions[3];
    for (int i = 0; i < 3; i++) {
        sign_in_as(fixture, subjects[i]);
        sessions[i] = load(fixture);
        fixture->cookies = NULL; /* another browser */
    }
    int64_t position = -1;
    for (int i = 0; i < 3; i++) {
        assert_works(fixture->arena, session_identity(fixture->context, sessions[i], &position));
        assert_int_equal(position, 0);
    }
    give_all_identities_to(fixture, sessions[1]->account);
    assert_works(fixture->arena, session_identity(fixture->context, sessions[1], &position));
    assert_int_equal(position, 1);
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
    assert_works(fixture->arena, state_dir_keys(fixture->context, "session", &ring));
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
    payload = arena_copy(fixture->arena, payload, strcspn(payload, "."));
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

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_signed_in_browser_is_recognised),
        fixture_test(unusual_names_come_back_as_they_were),
        fixture_test(who_has_no_name_is_shown_by_his_address),
        fixture_test(a_session_knows_through_which_identity_it_came),
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
    };
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}

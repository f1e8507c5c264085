/* login/temporary_credential: kept sealed, taken once, in time, for the provider that issued it. */
#include "fixture.h"

#include "login/temporary_credential.h"

#include <sqlite3.h>

#define TOKEN "hh5s93j4hdidpola"
#define SECRET "hdhd0244k9j7ao03"
#define STATE "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"
#define EXPIRES (HOUSE_TIME + 600)

static void keep(struct fixture *fixture, const char *token, int64_t expires_at) {
    assert_works(fixture->arena, temporary_credential_keep(fixture->context, &fixture->provider,
                                                           token, SECRET, STATE, expires_at));
}

static int take(struct fixture *fixture, const char *token) {
    const char *secret = NULL;
    const char *state = NULL;
    int result =
        temporary_credential_take(fixture->context, &fixture->provider, token, &secret, &state);
    if (result == 0) {
        assert_string_equal(secret, SECRET);
        assert_string_equal(state, STATE);
    }
    return result;
}

/* One value out of the database, as it stands there; or a statement run on it. */
static const char *look(struct fixture *fixture, const char *sql) {
    sqlite3 *file = NULL;
    sqlite3_stmt *statement = NULL;
    const char *value = NULL;
    const char *path = house_path(&fixture->house, "latchkey.db");
    assert_int_equal(sqlite3_open(path, &file), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(file, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        value = arena_text(fixture->arena, (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(file);
    return value;
}

static const char *count(struct fixture *fixture) {
    return look(fixture, "SELECT count(*) FROM temporary_credentials");
}

static void what_is_kept_is_taken_once(void **state) {
    struct fixture *fixture = *state;
    keep(fixture, TOKEN, EXPIRES);
    assert_string_equal(count(fixture), "1");
    assert_works(fixture->arena, take(fixture, TOKEN));
    assert_string_equal(count(fixture), "0");
    assert_fails(fixture->arena, ERROR_STATE_WRONG, take(fixture, TOKEN));
}

static void a_secret_with_spaces_comes_back_whole(void **state) {
    struct fixture *fixture = *state;
    const char *secret = NULL;
    const char *found = NULL;
    assert_works(fixture->arena, temporary_credential_keep(fixture->context, &fixture->provider,
                                                           "a b", " c  d ", STATE, EXPIRES));
    assert_works(fixture->arena, temporary_credential_take(fixture->context, &fixture->provider,
                                                           "a b", &secret, &found));
    assert_string_equal(secret, " c  d ");
    assert_string_equal(found, STATE);
}

static void a_token_that_nobody_kept_yields_nothing(void **state) {
    static const char *const others[] = {"", "hh5s93j4hdidpol", TOKEN "x", "HH5S93J4HDIDPOLA",
                                         ("op " TOKEN)};
    struct fixture *fixture = *state;
    keep(fixture, TOKEN, EXPIRES);
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        assert_fails(fixture->arena, ERROR_STATE_WRONG, take(fixture, others[i]));
    assert_works(fixture->arena, take(fixture, TOKEN));
}

static void another_instances_token_is_another(void **state) {
    struct fixture *fixture = *state;
    fixture->provider.asks_instance = true;
    fixture->provider.instance = "a.example";
    keep(fixture, TOKEN, EXPIRES);
    fixture->provider.instance = "b.example";
    assert_fails(fixture->arena, ERROR_STATE_WRONG, take(fixture, TOKEN));
    keep(fixture, TOKEN, EXPIRES);
    assert_string_equal(count(fixture), "2");
    fixture->provider.instance = "a.example";
    assert_works(fixture->arena, take(fixture, TOKEN));
}

static void another_providers_token_is_another(void **state) {
    struct fixture *fixture = *state;
    keep(fixture, TOKEN, EXPIRES);
    fixture->provider.id = "other";
    assert_fails(fixture->arena, ERROR_STATE_WRONG, take(fixture, TOKEN));
    fixture->provider.id = "op";
    assert_works(fixture->arena, take(fixture, TOKEN));
}

static void at_its_end_it_is_too_old_and_gone(void **state) {
    struct fixture *fixture = *state;
    keep(fixture, TOKEN, EXPIRES);
    keep(fixture, "other", EXPIRES);
    fixture->house.clock.fixed = EXPIRES - 1;
    assert_works(fixture->arena, take(fixture, TOKEN));
    fixture->house.clock.fixed = EXPIRES;
    assert_fails(fixture->arena, ERROR_LOGIN_EXPIRED, take(fixture, "other"));
    assert_fails(fixture->arena, ERROR_STATE_WRONG, take(fixture, "other"));
}

static void a_few_expired_ones_are_cleared_away_with_each_new_one(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < 25; i++)
        keep(fixture, arena_format(fixture->arena, "old %d", i), EXPIRES);
    keep(fixture, "lasting", EXPIRES + 2);
    fixture->house.clock.fixed = EXPIRES;
    keep(fixture, "new", EXPIRES + 600);
    assert_string_equal(count(fixture), "7"); /* 20 of the 25 are gone */
    keep(fixture, "newer", EXPIRES + 600);
    assert_string_equal(count(fixture), "3");
    assert_works(fixture->arena, take(fixture, "lasting"));
}

static void a_token_issued_again_means_the_newer_credentials(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, temporary_credential_keep(fixture->context, &fixture->provider,
                                                           TOKEN, "older", STATE, EXPIRES));
    keep(fixture, TOKEN, EXPIRES);
    assert_string_equal(count(fixture), "1");
    assert_works(fixture->arena, take(fixture, TOKEN));
}

static void neither_token_nor_secret_nor_state_stand_in_the_database(void **state) {
    static const char *const secrets[] = {TOKEN, SECRET, STATE};
    struct fixture *fixture = *state;
    keep(fixture, TOKEN, EXPIRES);
    const char *row = look(fixture, "SELECT CAST(id_hash AS TEXT) || sealed FROM"
                                    " temporary_credentials");
    for (size_t i = 0; i < FIXTURE_COUNT(secrets); i++)
        assert_null(strstr(row, secrets[i]));
    assert_non_null(
        look(fixture, "SELECT 1 FROM temporary_credentials WHERE length(id_hash) = 32"));
}

static void what_was_sealed_opens_in_its_own_row_alone(void **state) {
    struct fixture *fixture = *state;
    keep(fixture, TOKEN, EXPIRES);
    keep(fixture, "other", EXPIRES);
    look(fixture, "UPDATE temporary_credentials SET sealed ="
                  " (SELECT max(sealed) FROM temporary_credentials)");
    assert_int_equal(take(fixture, TOKEN) + take(fixture, "other"), -1);
    assert_int_equal(fixture->arena->error.rule, ERROR_STATE_WRONG);
    arena_forget_error(fixture->arena);
}

static void without_its_key_it_is_of_no_use(void **state) {
    struct fixture *fixture = *state;
    keep(fixture, TOKEN, EXPIRES);
    assert_int_equal(unlink(house_path(&fixture->house, "keys/token.keys")), 0);
    assert_fails(fixture->arena, ERROR_STATE_WRONG, take(fixture, TOKEN));
}

struct race {
    struct fixture *fixture;
    int winners; /* a pipe: each writes a byte */
};

static int take_in_a_race(void *closure, int number) {
    const struct race *race = closure;
    struct fixture *fixture = race->fixture;
    (void)number;
    fixture->context->database = database_new();
    if (take(fixture, TOKEN) != 0)
        return fixture->arena->error.rule == ERROR_STATE_WRONG ? 0 : 1;
    return write(race->winners, "w", 1) == 1 ? 0 : 1;
}

static void of_many_at_once_one_gets_it(void **state) {
    struct fixture *fixture = *state;
    int ends[2];
    char winners[16];
    keep(fixture, TOKEN, EXPIRES);
    assert_int_equal(pipe(ends), 0);
    struct race race = {.fixture = fixture, .winners = ends[1]};
    house_race(12, take_in_a_race, &race);
    close(ends[1]);
    assert_int_equal(read(ends[0], winners, sizeof(winners)), 1);
    close(ends[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(what_is_kept_is_taken_once),
        fixture_test(a_secret_with_spaces_comes_back_whole),
        fixture_test(a_token_that_nobody_kept_yields_nothing),
        fixture_test(another_instances_token_is_another),
        fixture_test(another_providers_token_is_another),
        fixture_test(at_its_end_it_is_too_old_and_gone),
        fixture_test(a_few_expired_ones_are_cleared_away_with_each_new_one),
        fixture_test(a_token_issued_again_means_the_newer_credentials),
        fixture_test(neither_token_nor_secret_nor_state_stand_in_the_database),
        fixture_test(what_was_sealed_opens_in_its_own_row_alone),
        fixture_test(without_its_key_it_is_of_no_use),
        fixture_test(of_many_at_once_one_gets_it),
    };
    return cmocka_run_group_tests_name("temporary_credential", tests, NULL, NULL);
}

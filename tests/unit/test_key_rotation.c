/* operate/key_rotation: what is sealed stays readable, and is sealed anew; a key goes when nothing
 * needs it. */
#include "sql.h"

#include "edge/jwt_keys.h"
#include "edge/state_dir.h"
#include "format/vault.h"
#include "operate/key_rotation.h"

#define MANY 120 /* more than two portions */

static int run(struct fixture *fixture, const char *ring, bool drop_old) {
    struct operation operation = {
        .context = fixture->context,
        .arguments = &ring,
        .count = 1,
        .quiet = true,
        .yes = true,
        .drop_old = drop_old,
    };
    return key_rotation_run(&operation);
}

static struct key_ring token_ring(struct fixture *fixture) {
    struct key_ring ring = {.count = 0};
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_TOKEN, &ring));
    return ring;
}

static const char *vault_context(struct fixture *fixture, int number) {
    return arena_format(fixture->arena,
                        "registrations.client_secret https://op.example https://site/%d", number);
}

static void add_registrations(struct fixture *fixture) {
    struct key_ring ring = token_ring(fixture);
    for (int i = 0; i < MANY; i++) {
        char *locked = NULL;
        struct query query;
        assert_works(fixture->arena,
                     vault_lock(fixture->arena, &ring, vault_context(fixture, i),
                                arena_format(fixture->arena, "secret %d", i), &locked));
        query_open(fixture->context, &query, STATEMENT_REGISTRATION_INSERT);
        query_put_text(&query, "https://op.example");
        query_put_text(&query, arena_format(fixture->arena, "https://site/%d", i));
        query_put_text(&query, "client");
        query_put_text(&query, locked);
        query_put_text(&query, "client_secret_basic");
        query_put_integer(&query, INT64_MAX);
        query_put_integer(&query, 1);
        assert_works(fixture->arena, query_run(&query));
    }
}

static const char *sealed(struct fixture *fixture, int number) {
    return sql(fixture, arena_format(fixture->arena,
                                     "SELECT client_secret FROM registrations"
                                     " WHERE redirect_uri = 'https://site/%d'",
                                     number));
}

static void assert_all_open(struct fixture *fixture) {
    struct key_ring ring = token_ring(fixture);
    for (int i = 0; i < MANY; i++) {
        const char *locked = sealed(fixture, i);
        char *secret = NULL;
        assert_true(text_starts_with(locked, ring.keys[0].id));
        assert_int_equal(
            vault_unlock(fixture->arena, &ring, vault_context(fixture, i), locked, &secret), 0);
        assert_string_equal(secret, arena_format(fixture->arena, "secret %d", i));
    }
}

static void all_registrations_are_sealed_anew(void **state) {
    struct fixture *fixture = *state;
    add_registrations(fixture);
    assert_works(fixture->arena, run(fixture, "token", false));
    assert_int_equal(token_ring(fixture).count, 2);
    assert_all_open(fixture);
}

static void with_the_old_keys_gone_they_still_open(void **state) {
    struct fixture *fixture = *state;
    add_registrations(fixture);
    assert_works(fixture->arena, run(fixture, "token", true));
    assert_int_equal(token_ring(fixture).count, 1);
    assert_all_open(fixture);
}

static void what_cannot_be_opened_is_left_and_stops_nothing(void **state) {
    struct fixture *fixture = *state;
    add_registrations(fixture);
    sql(fixture, "UPDATE registrations SET client_secret = 'AAAAAAAA.' || rowid_ FROM"
                 " (SELECT redirect_uri AS uri, 'x' AS rowid_ FROM registrations"
                 "  WHERE redirect_uri < 'https://site/5') WHERE redirect_uri = uri");
    const char *broken = sql(fixture, "SELECT count(*) FROM registrations"
                                      " WHERE client_secret = 'AAAAAAAA.x'");
    assert_true(strtol(broken, NULL, 10) > 50);
    assert_works(fixture->arena, run(fixture, "token", false));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM registrations"
                                     " WHERE client_secret = 'AAAAAAAA.x'"),
                        broken);
    struct key_ring ring = token_ring(fixture);
    assert_true(text_starts_with(sealed(fixture, 99), ring.keys[0].id));
}

/* Sealed with the older key by a process that had read the ring before it was rotated. */
static void a_key_that_something_has_stays_until_it_is_sealed_anew(void **state) {
    struct fixture *fixture = *state;
    int64_t retired = 0;
    add_registrations(fixture);
    const char *old = sealed(fixture, 7);
    assert_works(fixture->arena, run(fixture, "token", false));
    sql(fixture, arena_format(fixture->arena,
                              "UPDATE registrations SET client_secret = '%s'"
                              " WHERE redirect_uri = 'https://site/7'",
                              old));
    fixture->house.clock.fixed += 100 * 86400;
    assert_works(fixture->arena, key_rotation_retire(fixture->context, &retired));
    assert_int_equal(retired, 0);
    assert_int_equal(token_ring(fixture).count, 2);

    assert_works(fixture->arena, run(fixture, "token", false));
    fixture->house.clock.fixed += 100 * 86400;
    assert_works(fixture->arena, key_rotation_retire(fixture->context, &retired));
    assert_int_equal(retired, 2);
    assert_int_equal(token_ring(fixture).count, 1);
    assert_all_open(fixture);
}

static void a_transaction_key_goes_when_the_longest_login_is_over(void **state) {
    struct fixture *fixture = *state;
    struct key_ring ring;
    int64_t retired = 0;
    assert_works(fixture->arena, run(fixture, "transaction", false));
    fixture->house.clock.fixed += fixture->house.config.login_timeout + KEY_LINGER;
    assert_works(fixture->arena, key_rotation_retire(fixture->context, &retired));
    assert_int_equal(retired, 0);
    fixture->house.clock.fixed += 1;
    assert_works(fixture->arena, key_rotation_retire(fixture->context, &retired));
    assert_int_equal(retired, 1);
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_TRANSACTION, &ring));
    assert_int_equal(ring.count, 1);
}

static void rotation_is_an_event(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena, run(fixture, "session", false));
    assert_string_equal(sql(fixture, "SELECT event, detail, account, address FROM events"),
                        "keys_rotated|session|NULL|NULL");
}

static int setup(void **state) {
    if (fixture_setup(state) != 0)
        return -1;
    fixture_config(*state, "[provider op]\n" FIXTURE_PROVIDER);
    return 0;
}

/* Which sign access tokens; most sites have none. */
static void keys_of_access_tokens_are_rotated_where_there_are_some(void **state) {
    struct fixture *fixture = *state;
    struct jwt_keys keys;
    int64_t retired = 0;
    assert_int_equal(run(fixture, "jwt", false), OPERATION_WRONG);
    assert_works(fixture->arena, jwt_keys_load(fixture->context, &keys));
    assert_works(fixture->arena, run(fixture, "jwt", false));
    assert_works(fixture->arena, jwt_keys_load(fixture->context, &keys));
    assert_int_equal(keys.count, 2);
    assert_string_equal(sql(fixture, "SELECT event, detail FROM events"), "keys_rotated|jwt");

    fixture->house.clock.fixed += (int64_t)3 * 86400;
    assert_works(fixture->arena, key_rotation_retire(fixture->context, &retired));
    assert_int_equal(retired, 1);
    assert_works(fixture->arena, run(fixture, "jwt", true));
    assert_works(fixture->arena, jwt_keys_load(fixture->context, &keys));
    assert_int_equal(keys.count, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(all_registrations_are_sealed_anew, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(with_the_old_keys_gone_they_still_open, setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(what_cannot_be_opened_is_left_and_stops_nothing, setup,
                                        fixture_teardown),
        cmocka_unit_test_setup_teardown(a_key_that_something_has_stays_until_it_is_sealed_anew,
                                        setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(a_transaction_key_goes_when_the_longest_login_is_over,
                                        setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(rotation_is_an_event, setup, fixture_teardown),
        cmocka_unit_test_setup_teardown(keys_of_access_tokens_are_rotated_where_there_are_some,
                                        setup, fixture_teardown),
    };
    return cmocka_run_group_tests_name("key_rotation", tests, NULL, NULL);
}

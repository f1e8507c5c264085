/* edge/jwt_keys: which key signs when, and none is met that nobody could know. */
#include "house.h"

#include "base/text.h"
#include "edge/jwt_keys.h"

#define LEAD JWT_KEYS_LEAD
#define DAY ((int64_t)86400)

/* How long a key stays after another followed it. */
#define STAY (LEAD + TOKEN_LIFETIME_MAX + KEY_LINGER)

static void open_house(struct house *house, struct arena *arena, const char *algorithm) {
    house_open(house, arena);
    house->config.token = (struct token_settings){.algorithm = algorithm, .lifetime = 600};
}

static struct jwt_keys load(struct house *house) {
    struct jwt_keys keys = {.count = 0};
    assert_works(house->arena, jwt_keys_load(&house->context, &keys));
    return keys;
}

static const char *signer(struct house *house) {
    struct jwt_keys keys = load(house);
    const struct jwt_key *key =
        jwt_keys_signer(&keys, house->config.token.algorithm, house->clock.fixed);
    assert_non_null(key);
    return key->id;
}

static struct jwt_keys_change rotate(struct house *house, bool drop_old) {
    struct jwt_keys_change change;
    assert_works(house->arena, jwt_keys_rotate(&house->context, drop_old, &change));
    return change;
}

static size_t retire(struct house *house) {
    struct jwt_keys_change change;
    assert_works(house->arena, jwt_keys_retire(&house->context, &change));
    assert_false(change.made);
    return change.retired;
}

/* The ids of the published keys, separated by spaces. */
static const char *published(struct house *house) {
    struct jwt_keys keys = load(house);
    struct json *set = NULL;
    struct buffer ids;
    buffer_open(house->arena, &ids);
    assert_works(house->arena, jwt_keys_public(house->arena, &keys, &set));
    for (const struct json *jwk = json_member(set, "keys")->first; jwk != NULL; jwk = jwk->next)
        buffer_add_format(&ids, "%s%s", ids.length == 0 ? "" : " ", json_string(jwk, "kid"));
    return ids.bytes;
}

static const char *path(struct house *house) {
    return house_path(house, "keys/jwt.keys");
}

/* ---- the first ------------------------------------------------------------------------------- */

static void the_first_key_signs_at_once(void **state) {
    static const char *const algorithms[] = {"ES256", "EdDSA", "RS256", "HS256"};
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        struct house house;
        struct signing_key opened;
        open_house(&house, *state, algorithms[i]);
        struct jwt_keys keys = load(&house);
        assert_int_equal(keys.count, 1);
        assert_string_equal(keys.keys[0].algorithm, algorithms[i]);
        assert_int_equal(keys.keys[0].created_at, HOUSE_TIME);
        assert_string_equal(signer(&house), keys.keys[0].id);
        assert_works(house.arena, jwt_keys_open(house.arena, &keys.keys[0], &opened));
        assert_string_equal(opened.alg, algorithms[i]);
        assert_string_equal(opened.kid, keys.keys[0].id);
        assert_true(signing_key_fits(&opened));
        signing_key_free(&opened);
        assert_int_equal(house_mode(path(&house)), 0600);
        assert_int_equal(house_mode(house_path(&house, "keys")), 0700);
        house_close(&house);
    }
}

static void nothing_is_made_by_looking(void **state) {
    struct house house;
    struct jwt_keys keys;
    struct stat status;
    open_house(&house, *state, "ES256");
    assert_works(house.arena, jwt_keys_find(&house.context, &keys));
    assert_int_equal(keys.count, 0);
    assert_false(rotate(&house, false).made);
    assert_false(rotate(&house, true).made);
    assert_int_equal(retire(&house), 0);
    assert_null(jwt_keys_signer(&keys, "ES256", HOUSE_TIME));
    assert_int_not_equal(stat(house_path(&house, "keys"), &status), 0);
    house_close(&house);
}

static int write_key_id(void *closure, int number) {
    struct house *house = closure;
    struct jwt_keys keys;
    if (jwt_keys_load(&house->context, &keys) != 0 || keys.count != 1)
        return 1;
    house_write(house_path(house, arena_format(house->arena, "id-%d", number)), keys.keys[0].id,
                0600);
    return 0;
}

static void twenty_first_requests_agree(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    house_race(20, write_key_id, &house);
    const char *id = signer(&house);
    for (int number = 0; number < 20; number++) {
        char read_id[16] = "";
        int file = open(house_path(&house, arena_format(house.arena, "id-%d", number)), O_RDONLY);
        assert_int_equal(read(file, read_id, sizeof(read_id)), 8);
        close(file);
        assert_string_equal(read_id, id);
    }
    house_close(&house);
}

/* ---- rotation -------------------------------------------------------------------------------- */

static void a_new_key_is_published_before_it_signs(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    const char *old = signer(&house);
    house.clock.fixed += 10 * DAY;
    struct jwt_keys_change change = rotate(&house, false);
    assert_true(change.made);
    assert_int_equal(change.kept, 1);
    assert_int_equal(change.retired, 0);
    const char *new = load(&house).keys[0].id;
    assert_string_not_equal(new, old);
    assert_string_equal(published(&house), arena_format(house.arena, "%s %s", new, old));
    assert_string_equal(signer(&house), old);

    /* A copy of the set that was made just before, kept as long as it may be. */
    house.clock.fixed += JWT_KEYS_MAX_AGE;
    assert_string_equal(signer(&house), old);
    house.clock.fixed += LEAD - JWT_KEYS_MAX_AGE - 1;
    assert_string_equal(signer(&house), old);
    house.clock.fixed += 1;
    assert_string_equal(signer(&house), new);
    assert_string_equal(published(&house), arena_format(house.arena, "%s %s", new, old));
    house_close(&house);
}

static void an_old_key_stays_until_its_last_token_is_over(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    const char *old = signer(&house);
    house.clock.fixed += DAY;
    rotate(&house, false);
    house.clock.fixed += STAY;
    assert_int_equal(retire(&house), 0);
    assert_non_null(strstr(published(&house), old));
    house.clock.fixed += 1;
    assert_int_equal(retire(&house), 1);
    assert_string_equal(published(&house), signer(&house));
    assert_int_equal(retire(&house), 0);
    house_close(&house);
}

/* Twice within the time that a key needs to become known: the one that signs goes on. */
static void rotations_in_a_row_take_no_key_that_signs(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    const char *first = signer(&house);
    house.clock.fixed += DAY;
    rotate(&house, false);
    const char *second = load(&house).keys[0].id;
    house.clock.fixed += LEAD / 2;
    rotate(&house, false);
    const char *third = load(&house).keys[0].id;
    assert_string_equal(signer(&house), first);
    house.clock.fixed += LEAD / 2;
    assert_string_equal(signer(&house), second);
    house.clock.fixed += LEAD / 2;
    assert_string_equal(signer(&house), third);
    assert_int_equal(load(&house).count, 3);
    house_close(&house);
}

static void dropping_the_old_ones_leaves_one_that_signs_at_once(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    const char *old = signer(&house);
    struct jwt_keys_change change = rotate(&house, true);
    assert_true(change.made);
    assert_int_equal(change.kept, 0);
    assert_int_equal(change.retired, 1);
    assert_string_not_equal(signer(&house), old);
    assert_string_equal(published(&house), signer(&house));
    house_close(&house);
}

static void a_full_ring_is_not_rotated(void **state) {
    struct house house;
    struct jwt_keys_change change;
    open_house(&house, *state, "EdDSA");
    load(&house);
    for (int i = 1; i < JWT_KEYS_LIMIT; i++) {
        house.clock.fixed += 60;
        rotate(&house, false);
    }
    const char *before = published(&house);
    assert_fails(house.arena, ERROR_KEY_RING_FULL, jwt_keys_rotate(&house.context, false, &change));
    assert_string_equal(published(&house), before);
    house.clock.fixed += DAY + STAY;
    assert_int_equal(rotate(&house, false).retired, JWT_KEYS_LIMIT - 1);
    assert_int_equal(load(&house).count, 2);
    house_close(&house);
}

static void a_clock_that_was_set_back_stops_nothing(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    const char *old = signer(&house);
    house.clock.fixed += DAY;
    rotate(&house, false);
    house.clock.fixed = 1000;
    assert_string_equal(signer(&house), old);
    assert_int_equal(retire(&house), 0);
    house_close(&house);
}

static int rotate_once(void *closure, int number) {
    struct house *house = closure;
    struct jwt_keys_change change;
    (void)number;
    return jwt_keys_rotate(&house->context, false, &change) == 0 && change.made ? 0 : 1;
}

static void rotations_at_once_lose_no_key(void **state) {
    struct house house;
    open_house(&house, *state, "EdDSA");
    load(&house);
    house_race(JWT_KEYS_LIMIT - 1, rotate_once, &house);
    assert_int_equal(load(&house).count, JWT_KEYS_LIMIT);
    house_close(&house);
}

/* ---- algorithms ------------------------------------------------------------------------------ */

static void another_algorithm_gets_a_key_of_its_own(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    const char *old = signer(&house);
    house.clock.fixed += DAY;
    house.config.token.algorithm = "EdDSA";
    const char *new = signer(&house);
    assert_string_not_equal(new, old);
    assert_int_equal(load(&house).count, 2);
    assert_string_equal(published(&house), arena_format(house.arena, "%s %s", new, old));
    struct jwt_keys keys = load(&house);
    assert_non_null(jwt_keys_get(&keys, "EdDSA", new));
    assert_null(jwt_keys_get(&keys, "EdDSA", old));
    assert_null(jwt_keys_get(&keys, "ES256", new));
    assert_null(jwt_keys_get(&keys, "EdDSA", "AAAAAAAA"));

    house.clock.fixed += STAY + 1;
    assert_int_equal(retire(&house), 1);
    assert_string_equal(published(&house), new);
    house_close(&house);
}

/* The key that signs stays, however long ago one of another algorithm followed it. */
static void an_algorithm_that_comes_back_finds_its_key(void **state) {
    struct house house;
    open_house(&house, *state, "ES256");
    const char *first = signer(&house);
    house.config.token.algorithm = "EdDSA";
    const char *other = signer(&house);
    house.config.token.algorithm = "ES256";
    house.clock.fixed += 100 * DAY;
    assert_int_equal(retire(&house), 0);
    assert_string_equal(signer(&house), first);
    rotate(&house, false);
    assert_string_equal(signer(&house), first);
    house.clock.fixed += LEAD;
    assert_string_not_equal(signer(&house), first);
    house.clock.fixed += STAY - LEAD;
    assert_int_equal(retire(&house), 0);
    house.clock.fixed += 1;
    assert_int_equal(retire(&house), 2);
    assert_null(strstr(published(&house), other));
    house_close(&house);
}

static void a_secret_is_never_published(void **state) {
    struct house house;
    open_house(&house, *state, "HS256");
    const char *secret = signer(&house);
    assert_string_equal(published(&house), "");
    house.config.token.algorithm = "ES256";
    const char *public = signer(&house);
    assert_string_not_equal(public, secret);
    assert_string_equal(published(&house), public);
    house_close(&house);
}

static void what_is_published_holds_nothing_private(void **state) {
    static const char *const algorithms[] = {"ES256", "EdDSA", "RS256"};
    for (size_t i = 0; i < sizeof(algorithms) / sizeof(algorithms[0]); i++) {
        struct house house;
        struct json *set = NULL;
        open_house(&house, *state, algorithms[i]);
        struct jwt_keys keys = load(&house);
        assert_works(house.arena, jwt_keys_public(house.arena, &keys, &set));
        const struct json *jwk = json_member(set, "keys")->first;
        static const char *const private[] = {"d", "p", "q", "dp", "dq", "qi", "k", "oth"};
        for (size_t n = 0; n < sizeof(private) / sizeof(private[0]); n++)
            assert_null(json_member(jwk, private[n]));
        assert_string_equal(json_string(jwk, "alg"), algorithms[i]);
        house_close(&house);
    }
}

/* ---- the file -------------------------------------------------------------------------------- */

#define OCTETS "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
#define LINE "AAAAAAA1 1800000000 HS256 " OCTETS "\n"

static void a_malformed_file_is_refused(void **state) {
    static const char *const bad[] = {
        "",
        "\n",
        "x",
        "AAAAAAA1 1800000000 HS256 " OCTETS,
        LINE "\n",
        LINE "# a comment\n",
        LINE LINE,
        "AAAAAAA1 1800000000 " OCTETS "\n",
        "AAAAAAA1 1800000000 none " OCTETS "\n",
        "AAAAAAA1 1800000000 hs256 " OCTETS "\n",
        "AAAAAAA1 1800000000 PS256 " OCTETS "\n",
        "AAAAAAA1 1800000000 HS256 \n",
        "AAAAAAA1 1800000000 HS256  " OCTETS "\n",
        "AAAAAAA1 1800000000 HS256 " OCTETS "=\n",
        "AAAAAAA1 1800000000 HS256 " OCTETS "AAAA\n",
        "AAAAAAA1 1800000000 HS256 AAAA\n",
        "AAAAAAA1 1800000000 ES256 AAAA\n",
        "AAAAAAA1 -1 HS256 " OCTETS "\n",
        "AAAAAAA 1800000000 HS256 " OCTETS "\n",
        "AAAAAA.1 1800000000 HS256 " OCTETS "\n",
    };
    struct house house;
    struct jwt_keys keys;
    open_house(&house, *state, "HS256");
    assert_int_equal(mkdir(house_path(&house, "keys"), 0700), 0);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        house_write(path(&house), bad[i], 0600);
        assert_fails(house.arena, ERROR_KEY_FILE, jwt_keys_load(&house.context, &keys));
        assert_fails(house.arena, ERROR_KEY_FILE, jwt_keys_find(&house.context, &keys));
    }
    house_write(path(&house), LINE, 0600);
    assert_string_equal(signer(&house), "AAAAAAA1");
    house_close(&house);
}

static void a_file_open_to_others_is_refused(void **state) {
    struct house house;
    struct jwt_keys keys;
    open_house(&house, *state, "ES256");
    load(&house);
    assert_int_equal(chmod(path(&house), 0640), 0);
    assert_fails(house.arena, ERROR_KEY_FILE, jwt_keys_load(&house.context, &keys));
    house_close(&house);
}

static void what_is_no_key_is_noticed_when_it_is_used(void **state) {
    struct house house;
    struct signing_key opened;
    struct json *set = NULL;
    open_house(&house, *state, "ES256");
    assert_int_equal(mkdir(house_path(&house, "keys"), 0700), 0);
    house_write(path(&house), "AAAAAAA1 1800000000 ES256 " OCTETS "\n", 0600);
    struct jwt_keys keys = load(&house);
    assert_fails(house.arena, ERROR_KEY_FILE, jwt_keys_open(house.arena, &keys.keys[0], &opened));
    assert_fails(house.arena, ERROR_KEY_FILE, jwt_keys_public(house.arena, &keys, &set));
    house_close(&house);
}

static void more_keys_than_there_may_be_are_refused(void **state) {
    struct house house;
    struct jwt_keys keys;
    struct buffer text;
    open_house(&house, *state, "HS256");
    buffer_open(house.arena, &text);
    assert_int_equal(mkdir(house_path(&house, "keys"), 0700), 0);
    for (int i = 0; i < JWT_KEYS_LIMIT; i++)
        buffer_add_format(&text, "AAAAAAA%d 1800000000 HS256 " OCTETS "\n", i);
    house_write(path(&house), text.bytes, 0600);
    assert_int_equal(load(&house).count, JWT_KEYS_LIMIT);
    buffer_add_text(&text, "AAAAAAAx 1800000000 HS256 " OCTETS "\n");
    house_write(path(&house), text.bytes, 0600);
    assert_fails(house.arena, ERROR_KEY_FILE, jwt_keys_load(&house.context, &keys));
    house_close(&house);
}

/* Eight keys of the largest kind fit into the file. */
static void a_full_ring_can_be_read(void **state) {
    struct house house;
    open_house(&house, *state, "RS256");
    load(&house);
    for (int i = 1; i < JWT_KEYS_LIMIT; i++)
        rotate(&house, false);
    assert_int_equal(load(&house).count, JWT_KEYS_LIMIT);
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_first_key_signs_at_once),
        unit_test(nothing_is_made_by_looking),
        unit_test(twenty_first_requests_agree),
        unit_test(a_new_key_is_published_before_it_signs),
        unit_test(an_old_key_stays_until_its_last_token_is_over),
        unit_test(rotations_in_a_row_take_no_key_that_signs),
        unit_test(dropping_the_old_ones_leaves_one_that_signs_at_once),
        unit_test(a_full_ring_is_not_rotated),
        unit_test(a_clock_that_was_set_back_stops_nothing),
        unit_test(rotations_at_once_lose_no_key),
        unit_test(another_algorithm_gets_a_key_of_its_own),
        unit_test(an_algorithm_that_comes_back_finds_its_key),
        unit_test(a_secret_is_never_published),
        unit_test(what_is_published_holds_nothing_private),
        unit_test(a_malformed_file_is_refused),
        unit_test(a_file_open_to_others_is_refused),
        unit_test(what_is_no_key_is_noticed_when_it_is_used),
        unit_test(more_keys_than_there_may_be_are_refused),
        unit_test(a_full_ring_can_be_read),
    };
    return cmocka_run_group_tests_name("jwt_keys", tests, NULL, NULL);
}

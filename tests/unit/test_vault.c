/* format/vault: what was locked opens here and nowhere else. */
#include "unit.h"

#include "format/base64url.h"
#include "format/vault.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CONTEXT "sessions.id_token row-1"
#define SECRET "eyJhbGciOiJSUzI1NiJ9.e30.c2lnbmF0dXJl"

static struct key_ring ring_of(size_t count) {
    struct key_ring ring = {.count = count};
    for (size_t i = 0; i < count; i++) {
        snprintf(ring.keys[i].id, sizeof(ring.keys[i].id), "key-%04u", (unsigned)(i % 10000));
        memset(ring.keys[i].secret, (int)(i + 1), KEY_SIZE);
    }
    return ring;
}

static char *lock(struct arena *arena, const struct key_ring *ring, const char *text) {
    char *locked = NULL;
    assert_works(arena, vault_lock(arena, ring, CONTEXT, text, &locked));
    return locked;
}

/* Stays closed; nothing is recorded, and nothing handed out. */
static void assert_closed(struct arena *arena, const struct key_ring *ring, const char *context,
                          const char *locked) {
    char *text = NULL;
    if (vault_unlock(arena, ring, context, locked, &text) != -1)
        fail_msg("opened: %s", locked);
    assert_null(text);
    assert_int_equal(arena->error.rule, ERROR_NONE);
}

static void assert_opens(struct arena *arena, const struct key_ring *ring, const char *locked,
                         const char *expected) {
    char *text = NULL;
    assert_int_equal(vault_unlock(arena, ring, CONTEXT, locked, &text), 0);
    assert_string_equal(text, expected);
}

static void what_was_locked_opens(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    assert_opens(arena, &ring, lock(arena, &ring, SECRET), SECRET);
    assert_opens(arena, &ring, lock(arena, &ring, "\xEA\xB9\x80"), "\xEA\xB9\x80");
}

static void an_empty_text_can_be_locked(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    assert_opens(arena, &ring, lock(arena, &ring, ""), "");
}

static void texts_of_every_length_come_back(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    char text[101] = "";
    for (size_t length = 0; length < 100; length++) {
        assert_opens(arena, &ring, lock(arena, &ring, text), text);
        text[length] = (char)('a' + length % 26);
    }
    char *large = arena_alloc(arena, 32 * 1024 + 1);
    memset(large, 'x', 32 * 1024);
    assert_opens(arena, &ring, lock(arena, &ring, large), large);
}

static void the_text_cannot_be_read_in_it(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *locked = lock(arena, &ring, SECRET);
    unsigned char *box = NULL;
    size_t size = 0;
    assert_null(strstr(locked, "eyJ"));
    assert_works(arena, base64url_decode(arena, strchr(locked, '.') + 1,
                                         strlen(strchr(locked, '.') + 1), &box, &size));
    assert_int_equal(size, 12 + strlen(SECRET) + 16);
    assert_null(memmem(box, size, SECRET, 8));
}

static void any_changed_byte_keeps_it_closed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(2);
    const char *locked = lock(arena, &ring, "a text to be kept");
    for (size_t place = 0; place < strlen(locked); place++)
        for (int bit = 0; bit < 8; bit++) {
            char *changed = arena_text(arena, locked);
            changed[place] = (char)(changed[place] ^ (1 << bit));
            assert_closed(arena, &ring, CONTEXT, changed);
        }
}

/* Below the notation: each bit of nonce, ciphertext and tag. */
static void any_changed_bit_of_the_box_keeps_it_closed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *locked = lock(arena, &ring, SECRET);
    const char *dot = strchr(locked, '.');
    unsigned char *box = NULL;
    size_t size = 0;
    assert_works(arena, base64url_decode(arena, dot + 1, strlen(dot + 1), &box, &size));
    for (size_t bit = 0; bit < size * 8; bit++) {
        box[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_closed(
            arena, &ring, CONTEXT,
            arena_format(arena, "%s.%s", ring.keys[0].id, base64url_encode(arena, box, size)));
        box[bit / 8] ^= (unsigned char)(1U << bit % 8);
    }
}

static void a_text_cut_short_or_longer_stays_closed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *locked = lock(arena, &ring, SECRET);
    for (size_t length = 0; length < strlen(locked); length++)
        assert_closed(arena, &ring, CONTEXT, arena_copy(arena, locked, length));
    const char *other[] = {arena_format(arena, "%sA", locked),
                           arena_format(arena, "%sAAAA", locked),
                           arena_format(arena, "%s=", locked),
                           arena_format(arena, "%s.", locked),
                           arena_format(arena, " %s", locked),
                           arena_format(arena, ".%s", locked),
                           "",
                           ".",
                           "key-0000",
                           "key-0000.",
                           "key-0000.AAAA"};
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_closed(arena, &ring, CONTEXT, other[i]);
}

static void another_context_keeps_it_closed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *locked = lock(arena, &ring, SECRET);
    assert_closed(arena, &ring, "sessions.id_token row-2", locked);
    assert_closed(arena, &ring, CONTEXT " ", locked);
    assert_closed(arena, &ring, "", locked);
}

static void another_key_of_that_name_keeps_it_closed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *locked = lock(arena, &ring, SECRET);
    ring.keys[0].secret[0] ^= 1;
    assert_closed(arena, &ring, CONTEXT, locked);
}

static void an_older_key_of_the_ring_opens_and_the_first_locks(void **state) {
    struct arena *arena = *state;
    struct key_ring both = ring_of(2);
    struct key_ring old = {.count = 1, .keys = {both.keys[1]}};
    const char *before = lock(arena, &old, SECRET);
    const char *after = lock(arena, &both, SECRET);
    assert_opens(arena, &both, before, SECRET);
    assert_closed(arena, &old, CONTEXT, after);
    struct key_ring later = {.count = 1, .keys = {both.keys[0]}};
    assert_closed(arena, &later, CONTEXT, before);
    assert_opens(arena, &later, after, SECRET);
}

static int compare(const void *a, const void *b) {
    return memcmp(*(const char *const *)a, *(const char *const *)b, 16);
}

/* A nonce used twice would give the key stream away (NIST SP 800-38D 8). */
static void no_nonce_comes_twice(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    char *nonces[1000];
    for (size_t i = 0; i < 1000; i++)
        nonces[i] = strchr(lock(arena, &ring, "the same text"), '.') + 1;
    qsort(nonces, 1000, sizeof(nonces[0]), compare);
    for (size_t i = 1; i < 1000; i++)
        assert_memory_not_equal(nonces[i - 1], nonces[i], 16); /* base64url of 12 bytes */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(what_was_locked_opens),
        unit_test(an_empty_text_can_be_locked),
        unit_test(texts_of_every_length_come_back),
        unit_test(the_text_cannot_be_read_in_it),
        unit_test(any_changed_byte_keeps_it_closed),
        unit_test(any_changed_bit_of_the_box_keeps_it_closed),
        unit_test(a_text_cut_short_or_longer_stays_closed),
        unit_test(another_context_keeps_it_closed),
        unit_test(another_key_of_that_name_keeps_it_closed),
        unit_test(an_older_key_of_the_ring_opens_and_the_first_locks),
        unit_test(no_nonce_comes_twice),
    };
    return cmocka_run_group_tests_name("vault", tests, NULL, NULL);
}

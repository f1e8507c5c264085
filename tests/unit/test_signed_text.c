/* format/signed_text: only what we signed, for this purpose, with a key of the ring, opens. */
#include "unit.h"

#include "base/buffer.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/signed_text.h"

#include <string.h>

#define PAYLOAD "cGF5bG9hZA-_"

static struct key_ring ring_of(size_t count) {
    struct key_ring ring = {.count = count};
    for (size_t i = 0; i < count; i++) {
        memcpy(ring.keys[i].id, "key-0000", sizeof(ring.keys[i].id));
        ring.keys[i].id[7] = (char)('0' + i);
        memset(ring.keys[i].secret, (int)(i + 1), KEY_SIZE);
    }
    return ring;
}

/* Opens in vain; nothing may be recorded, and nothing handed out. */
static void assert_closed(struct arena *arena, const struct key_ring *ring, const char *purpose,
                          const char *text) {
    const char *payload = NULL;
    const struct key *key = NULL;
    if (signed_text_open(arena, ring, purpose, text, &payload, &key) != -1)
        fail_msg("opened: %s", text);
    assert_int_equal(arena->error.rule, ERROR_NONE);
    assert_null(payload);
    assert_null(key);
}

static void what_was_signed_text_opens(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(2);
    const char *text = signed_text_make(arena, &ring, "session", PAYLOAD);
    const char *payload = NULL;
    const struct key *key = NULL;
    assert_int_equal(signed_text_open(arena, &ring, "session", text, &payload, &key), 0);
    assert_string_equal(payload, PAYLOAD);
    assert_ptr_equal(key, &ring.keys[0]);
    assert_int_equal(signed_text_open(arena, &ring, "session", text, &payload, NULL), 0);
}

static void the_form_is_the_documented_one(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    unsigned char mac[DIGEST_SIZE];
    digest_hmac(ring.keys[0].secret, KEY_SIZE, "session", "key-0000." PAYLOAD,
                strlen("key-0000." PAYLOAD), mac);
    assert_string_equal(
        signed_text_make(arena, &ring, "session", PAYLOAD),
        arena_format(arena, "key-0000.%s.%s", PAYLOAD, base64url_encode(arena, mac, sizeof(mac))));
}

static void every_key_of_the_ring_opens_what_it_signed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(KEY_RING_LIMIT);
    for (size_t i = 0; i < ring.count; i++) {
        struct key_ring then = {.count = 1, .keys = {ring.keys[i]}};
        const char *text = signed_text_make(arena, &then, "session", PAYLOAD);
        const char *payload = NULL;
        const struct key *key = NULL;
        assert_int_equal(signed_text_open(arena, &ring, "session", text, &payload, &key), 0);
        assert_ptr_equal(key, &ring.keys[i]);
    }
}

static void a_key_that_left_the_ring_opens_nothing(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(2);
    const char *text = signed_text_make(arena, &ring, "session", PAYLOAD);
    struct key_ring later = {.count = 1, .keys = {ring.keys[1]}};
    assert_closed(arena, &later, "session", text);
    struct key_ring empty = {.count = 0};
    assert_closed(arena, &empty, "session", text);
}

static void another_key_of_that_name_opens_nothing(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *text = signed_text_make(arena, &ring, "session", PAYLOAD);
    ring.keys[0].secret[31] ^= 1;
    assert_closed(arena, &ring, "session", text);
}

static void another_purpose_opens_nothing(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *text = signed_text_make(arena, &ring, "session", PAYLOAD);
    assert_closed(arena, &ring, "login", text);
    assert_closed(arena, &ring, "", text);
    assert_closed(arena, &ring, "sessio", text);
}

static void any_changed_byte_keeps_it_closed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(2);
    const char *text = signed_text_make(arena, &ring, "session", PAYLOAD);
    for (size_t place = 0; place < strlen(text); place++)
        for (int value = 0; value < 256; value++) {
            char *changed = arena_text(arena, text);
            changed[place] = (char)value;
            if (changed[place] != text[place])
                assert_closed(arena, &ring, "session", changed);
        }
}

static void a_part_missing_or_added_keeps_it_closed(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *text = signed_text_make(arena, &ring, "session", PAYLOAD);
    const char *mac = strrchr(text, '.') + 1;
    for (size_t length = 0; length < strlen(text); length++)
        assert_closed(arena, &ring, "session", arena_copy(arena, text, length));
    const char *forged[] = {
        arena_format(arena, "%s.", text),
        arena_format(arena, ".%s", text),
        arena_format(arena, "%sA", text),
        arena_format(arena, "%s=", text),
        arena_format(arena, "%s ", text),
        arena_format(arena, " %s", text),
        arena_format(arena, "%s.%s", text, mac),
        arena_format(arena, "key-0000.%s.x.%s", PAYLOAD, mac),
        arena_format(arena, "key-0000..%s", mac),
        arena_format(arena, "key-0000.%s.", PAYLOAD),
        arena_format(arena, ".%s.%s", PAYLOAD, mac),
        arena_format(arena, "key-0001.%s.%s", PAYLOAD, mac),
        arena_format(arena, "key-0000%s.%s", PAYLOAD, mac),
        "",
        ".",
        "..",
        "...",
        "key-0000..",
    };
    for (size_t i = 0; i < sizeof(forged) / sizeof(*forged); i++)
        assert_closed(arena, &ring, "session", forged[i]);
    assert_closed(arena, &ring, "session", NULL);
}

/* A key slot that was never filled has an empty id and a secret that everybody knows. */
static void an_empty_key_signs_nothing_that_opens(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = {.count = 1};
    assert_closed(arena, &ring, "session", signed_text_make(arena, &ring, "session", PAYLOAD));
    assert_null(key_ring_find(&ring, ""));
}

static const char *text_of_length(struct arena *arena, const struct key_ring *ring, size_t length) {
    size_t around = strlen(signed_text_make(arena, ring, "session", ""));
    char *payload = arena_alloc(arena, length + 1);
    memset(payload, 'p', length - around);
    return signed_text_make(arena, ring, "session", payload);
}

static void texts_have_a_limit(void **state) {
    struct arena *arena = *state;
    struct key_ring ring = ring_of(1);
    const char *payload = NULL;
    const char *text = text_of_length(arena, &ring, 4096);
    assert_int_equal(strlen(text), 4096);
    assert_int_equal(signed_text_open(arena, &ring, "session", text, &payload, NULL), 0);
    assert_closed(arena, &ring, "session", text_of_length(arena, &ring, 4097));
}

static void a_key_is_found_by_its_id(void **state) {
    (void)state;
    struct key_ring ring = ring_of(3);
    assert_ptr_equal(key_ring_find(&ring, "key-0002"), &ring.keys[2]);
    assert_null(key_ring_find(&ring, "key-0003"));
    assert_null(key_ring_find(&ring, "key-000"));
    assert_null(key_ring_find(&ring, ""));
    assert_null(key_ring_find(&ring, NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(what_was_signed_text_opens),
        unit_test(the_form_is_the_documented_one),
        unit_test(every_key_of_the_ring_opens_what_it_signed),
        unit_test(a_key_that_left_the_ring_opens_nothing),
        unit_test(another_key_of_that_name_opens_nothing),
        unit_test(another_purpose_opens_nothing),
        unit_test(any_changed_byte_keeps_it_closed),
        unit_test(a_part_missing_or_added_keeps_it_closed),
        unit_test(an_empty_key_signs_nothing_that_opens),
        unit_test(texts_have_a_limit),
        unit_test(a_key_is_found_by_its_id),
    };
    return cmocka_run_group_tests_name("signed_text", tests, NULL, NULL);
}

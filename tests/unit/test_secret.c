/* base/secret: comparing, wiping, and random bytes. */
#include "unit.h"

#include "base/secret.h"

#include <string.h>

static void bytes_are_equal_or_differ_in_any_bit(void **state) {
    (void)state;
    unsigned char a[33];
    unsigned char b[33];
    memset(a, 0xA5, sizeof(a));
    memcpy(b, a, sizeof(b));
    assert_true(secret_equal(a, b, sizeof(a)));
    for (size_t bit = 0; bit < 8 * sizeof(b); bit++) {
        b[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_false(secret_equal(a, b, sizeof(a)));
        b[bit / 8] = a[bit / 8];
    }
    assert_true(secret_equal(a, "x", 0));
}

static void bytes_past_a_nul_count(void **state) {
    (void)state;
    assert_false(secret_equal("a\0b", "a\0c", 3));
    assert_true(secret_equal("a\0b", "a\0c", 2));
}

static void texts_are_equal_if_both_are_there_and_the_same(void **state) {
    (void)state;
    assert_true(secret_text_equal("", ""));
    assert_true(secret_text_equal("secret", "secret"));
    assert_false(secret_text_equal("secret", "secreT"));
    assert_false(secret_text_equal("secret", "Secret"));
    assert_false(secret_text_equal("secret", "secre"));
    assert_false(secret_text_equal("secre", "secret"));
    assert_false(secret_text_equal("", "x"));
    assert_false(secret_text_equal("x", ""));
    assert_false(secret_text_equal(NULL, "x"));
    assert_false(secret_text_equal("x", NULL));
    assert_false(secret_text_equal(NULL, NULL));
}

static void wiping_leaves_zeros_and_nothing_else_changed(void **state) {
    (void)state;
    unsigned char bytes[16];
    memset(bytes, 0xFF, sizeof(bytes));
    secret_wipe(bytes + 4, 8);
    for (size_t i = 0; i < sizeof(bytes); i++)
        assert_int_equal(bytes[i], i >= 4 && i < 12 ? 0 : 0xFF);
    secret_wipe(NULL, 0);
}

/* With 64 draws a byte stays zero each time with a chance of 2^-512. */
static void every_random_byte_is_filled(void **state) {
    (void)state;
    unsigned char seen[1000] = {0};
    for (int draw = 0; draw < 64; draw++) {
        unsigned char bytes[sizeof(seen) + 1] = {0};
        secret_random(bytes, sizeof(seen));
        assert_int_equal(bytes[sizeof(seen)], 0);
        for (size_t i = 0; i < sizeof(seen); i++)
            seen[i] |= bytes[i];
    }
    for (size_t i = 0; i < sizeof(seen); i++)
        assert_int_not_equal(seen[i], 0);
}

static void random_bytes_do_not_come_twice(void **state) {
    (void)state;
    unsigned char one[32];
    unsigned char other[32];
    secret_random(one, sizeof(one));
    secret_random(other, sizeof(other));
    assert_memory_not_equal(one, other, sizeof(one));
    secret_random(NULL, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(bytes_are_equal_or_differ_in_any_bit),
        unit_test(bytes_past_a_nul_count),
        unit_test(texts_are_equal_if_both_are_there_and_the_same),
        unit_test(wiping_leaves_zeros_and_nothing_else_changed),
        unit_test(every_random_byte_is_filled),
        unit_test(random_bytes_do_not_come_twice),
    };
    return cmocka_run_group_tests_name("secret", tests, NULL, NULL);
}

/* base/arena and base/buffer: memory that is zeroed, aligned, limited and given back. */
#include "unit.h"

#include "base/buffer.h"

#include <stdint.h>
#include <string.h>

static void memory_is_zeroed_and_aligned(void **state) {
    struct arena *arena = *state;
    for (size_t size = 0; size < 100; size++) {
        unsigned char *bytes = arena_alloc(arena, size);
        assert_int_equal((uintptr_t)bytes % _Alignof(max_align_t), 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(bytes[i], 0);
        memset(bytes, 0xA5, size);
    }
}

static void reset_wipes_what_was_given_out(void **state) {
    struct arena *arena = *state;
    char *secret = arena_text(arena, "a secret that must not stay");
    fail(arena, ERROR_INTERNAL, "something");
    arena_reset(arena);
    assert_int_equal(secret[0], 0);
    assert_int_equal(arena->error.rule, ERROR_NONE);
    assert_ptr_equal(arena_alloc(arena, 8), secret);
}

/* Texts of any length, at any place of a chunk; and what did not fit there has left nothing. */
static void a_text_stands_whole_wherever_it_began(void **state) {
    const size_t chunk = 16 * 1024;
    struct arena *arena = *state;
    assert_string_equal(arena_format(arena, "%s", ""), "");
    for (int length = 1; length < 300; length++) {
        const char *text = arena_format(arena, "%0*d", length, 7);
        assert_int_equal(strlen(text), length);
        assert_int_equal(text[length - 1], '7');
    }
    arena_reset(arena);
    for (int length = 30; length < 35; length++) {
        const unsigned char *first = arena_alloc(arena, chunk - 32);
        assert_int_equal(strlen(arena_format(arena, "%0*d", length, 7)), length);
        arena_reset(arena);
        const unsigned char *again = arena_alloc(arena, chunk);
        assert_ptr_equal(again, first);
        for (size_t i = 0; i < chunk; i++)
            assert_int_equal(again[i], 0);
        arena_reset(arena);
    }
    struct buffer buffer;
    buffer_open(arena, &buffer);
    for (int length = 0; length < 2000; length += 7)
        buffer_add_format(&buffer, "%s%0*d", length == 0 ? "" : ",", length + 1, 7);
    size_t place = 0;
    for (int length = 0; length < 2000; length += 7, place++) {
        place += strspn(buffer.bytes + place, "0");
        assert_int_equal(buffer.bytes[place++], '7');
    }
    assert_int_equal(buffer.length, place - 1);
    assert_int_equal(strlen(buffer.bytes), buffer.length);
}

static void buffer_grows_and_ends_with_nul(void **state) {
    struct buffer buffer;
    buffer_open(*state, &buffer);
    assert_string_equal(buffer.bytes, "");
    for (int i = 0; i < 5000; i++)
        buffer_add_format(&buffer, "%d,", i % 10);
    assert_int_equal(buffer.length, 10000);
    assert_int_equal(strlen(buffer.bytes), 10000);
    assert_memory_equal(buffer.bytes + 9996, "8,9,", 4);
}

static void the_first_failure_is_kept(void **state) {
    struct arena *arena = *state;
    assert_int_equal(fail(arena, ERROR_JSON, "first %d", 1), -1);
    assert_int_equal(fail(arena, ERROR_URI, "second"), -1);
    assert_int_equal(arena->error.rule, ERROR_JSON);
    assert_string_equal(arena->error.detail, "first 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(memory_is_zeroed_and_aligned),
        unit_test(reset_wipes_what_was_given_out),
        unit_test(a_text_stands_whole_wherever_it_began),
        unit_test(buffer_grows_and_ends_with_nul),
        unit_test(the_first_failure_is_kept),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}

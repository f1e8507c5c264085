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
        unit_test(buffer_grows_and_ends_with_nul),
        unit_test(the_first_failure_is_kept),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}

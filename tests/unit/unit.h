/*
 * unit: what every unit test needs. A test gets a fresh arena as *state; assert_fails() looks at the rule
 * that was recorded and makes the arena ready for the next failure.
 */
#ifndef LATCHKEY_TESTS_UNIT_H
#define LATCHKEY_TESTS_UNIT_H

#include "base/arena.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* cmocka has a fail() of its own, which its fail_msg() calls; ours records an error. */
#undef fail
#undef fail_msg
#define fail(arena, rule, ...) error_set(&(arena)->error, (rule), __FILE__, __LINE__, __VA_ARGS__)
#define fail_msg(...) (print_error(__VA_ARGS__), print_error("\n"), _fail(__FILE__, __LINE__))

#undef unit_test /* of cmocka's older interface */
#define unit_test(function) cmocka_unit_test_setup_teardown(function, unit_setup, unit_teardown)

/* The call must return -1 and record this rule. */
#define assert_fails(arena, rule_name, call)                                                       \
    do {                                                                                           \
        assert_int_equal((call), -1);                                                              \
        assert_string_equal(error_meaning((arena)->error.rule)->name,                              \
                            error_meaning(rule_name)->name);                                       \
        (arena)->error = (struct error){.rule = ERROR_NONE};                                       \
    } while (0)

/* The call must return 0; if not, the message shows what was recorded. */
#define assert_works(arena, call)                                                                  \
    do {                                                                                           \
        if ((call) != 0)                                                                           \
            fail_msg("%s: %s: %s", #call, error_meaning((arena)->error.rule)->name,                \
                     (arena)->error.detail);                                                       \
    } while (0)

int unit_setup(void **state);
int unit_teardown(void **state);

#endif

/*
 * analyser: what clang-tidy and cppcheck are told besides the source, since they see one file at a time.
 * fail() is -1, always; error.c shows it, but an analyser of another file must assume that it might be 0, and then follows
 * ways that do not exist.
 */
#ifndef LATCHKEY_TESTS_ANALYSER_H
#define LATCHKEY_TESTS_ANALYSER_H

#include "base/error.h"

#undef fail
#define fail(arena, rule, ...)                                                                     \
    (error_set(&(arena)->error, (rule), __FILE__, __LINE__, __VA_ARGS__), -1)

#endif

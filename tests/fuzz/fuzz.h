/*
 * fuzz: what every fuzz target needs.
 *
 * fuzz_NAME.c defines LLVMFuzzerTestOneInput(): it hands the bytes to a parser and looks whether what
 * must hold of every input does. libFuzzer calls it with inputs of its own making (`make fuzz`),
 * replay.c with those kept in corpus/NAME/ (`make test`). A corpus holds inputs that succeed, too.
 */
#ifndef LATCHKEY_TESTS_FUZZ_H
#define LATCHKEY_TESTS_FUZZ_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the process unless what must hold of every input holds of this one. */
static inline void must_hold(bool holds, const char *property) {
    if (holds)
        return;
    fprintf(stderr, "fuzz: this does not hold: %s\n", property);
    abort();
}

/* A call that failed must have said why, and one that worked must not have. */
static inline void must_match(const struct arena *arena, int result) {
    must_hold(result == 0 || result == -1, "0 or -1 is returned");
    must_hold((result == 0) == (arena->error.rule == ERROR_NONE), "-1 comes with an error");
}

#endif

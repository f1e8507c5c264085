/*
 * secret: what touches secret bytes besides the cryptography itself.
 */
#ifndef LATCHKEY_BASE_SECRET_H
#define LATCHKEY_BASE_SECRET_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* True if both hold the same `length` bytes; time depends on the length alone. */
bool secret_equal(const void *a, const void *b, size_t length) CHECKED;

/* True if both strings are present and equal; time depends on the lengths alone. */
bool secret_text_equal(const char *a, const char *b) CHECKED;

/* Overwrites; never optimised away. */
void secret_wipe(void *bytes, size_t length);

/* Fills with random bytes of the kernel (getrandom(2)); ends the process if there are none. */
void secret_random(void *bytes, size_t length);

#endif

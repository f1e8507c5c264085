/*
 * quantity: times and sizes as people write them in a configuration or on a command line.
 */
#ifndef LATCHKEY_FORMAT_QUANTITY_H
#define LATCHKEY_FORMAT_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* "15m" in seconds: a whole number and s, m, h or d; above 0, up to 3650 days. False for anything
 * else, and for NULL. */
bool quantity_duration(const char *text, int64_t *seconds);

/* "64k" in bytes: a whole number, alone or with k (1024) or m (1024 times that); above 0, up to
 * 1024m. False for anything else, and for NULL. */
bool quantity_size(const char *text, size_t *bytes);

#endif

/*
 * http_date: the times of HTTP's fields (RFC 9110 5.6.7).
 */
#ifndef LATCHKEY_FORMAT_HTTP_DATE_H
#define LATCHKEY_FORMAT_HTTP_DATE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

/* "Sun, 06 Nov 1994 08:49:37 GMT". Years outside 1970-9999 become the nearest of them. */
char *http_date_format(struct arena *arena, int64_t when);

/* Reads one of the three notations, to the letter: that one, "Sunday, 06-Nov-94 08:49:37 GMT" and
 * "Sun Nov  6 08:49:37 1994". The day of the week must be the date's. A year of two digits is the
 * latest that leaves the date at most 50 years after `now`. False for anything else, and for NULL. */
bool http_date_parse(const char *text, int64_t now, int64_t *when);

#endif

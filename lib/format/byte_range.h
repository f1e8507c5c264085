/*
 * byte_range: which part of a file is asked for (RFC 9110 14).
 *
 * One part is sent as it is. Of several the whole file is sent in their place, as RFC 9110 14.2
 * allows: no browser asks for several, and what adds up to many times the file, or to thousands of
 * small pieces, is then no way to keep a server busy.
 */
#ifndef LATCHKEY_FORMAT_BYTE_RANGE_H
#define LATCHKEY_FORMAT_BYTE_RANGE_H

#include <stdint.h>

enum byte_range_kind {
    BYTE_RANGE_WHOLE,         /* no range is asked for, or none that we serve */
    BYTE_RANGE_PART,          /* *range */
    BYTE_RANGE_UNSATISFIABLE, /* every range lies behind the file's end: 416 */
};

struct byte_range {
    int64_t first;  /* the offset of its first byte */
    int64_t length; /* never 0; it ends within the file */
};

/* Reads a Range field for a file of `size` bytes. One that is absent (NULL), malformed or of
 * another unit means the whole; ranges behind the end are left out. */
enum byte_range_kind byte_range_parse(const char *field, int64_t size, struct byte_range *range);

#endif

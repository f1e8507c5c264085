#include "format/byte_range.h"

#include "base/text.h"
#include "format/field.h"

#include <stdbool.h>
#include <string.h>

/* A range as it is written; -1 for a position that is left out. */
struct written_range {
    int64_t first;
    int64_t last; /* without `first`: so many bytes of the end */
};

/* A number, which is as large as can be where it is larger: no file is. -1 for no digits, -2 if
 * there is anything else. */
static int64_t read_number(struct part part) {
    int64_t number = part.length == 0 ? -1 : 0;
    for (size_t i = 0; i < part.length; i++) {
        if (!ascii_is_digit(part.text[i]))
            return -2;
        if (__builtin_mul_overflow(number, 10, &number) ||
            __builtin_add_overflow(number, part.text[i] - '0', &number))
            number = INT64_MAX;
    }
    return number;
}

/* RFC 9110 14.1.2: int-range "first-[last]", or suffix-range "-length". False if it is neither. */
static bool read_range(struct part part, struct written_range *range) {
    const char *dash = part.length == 0 ? NULL : memchr(part.text, '-', part.length);
    if (dash == NULL)
        return false;
    size_t before = (size_t)(dash - part.text);
    range->first = read_number((struct part){part.text, before});
    range->last = read_number((struct part){dash + 1, part.length - before - 1});
    if (range->first < -1 || range->last < -1 || (range->first == -1 && range->last == -1))
        return false;
    /* 14.1.1: invalid. */
    return range->first == -1 || range->last == -1 || range->last >= range->first;
}

static bool is_satisfiable(const struct written_range *written, int64_t size) {
    return written->first >= 0 ? written->first < size : written->last > 0;
}

/* What a satisfiable range is in this file. Of an empty one, a suffix is nothing. */
static struct byte_range place(const struct written_range *written, int64_t size) {
    if (written->first < 0) {
        int64_t length = written->last < size ? written->last : size;
        return (struct byte_range){size - length, length};
    }
    int64_t last = written->last < 0 || written->last >= size ? size - 1 : written->last;
    return (struct byte_range){written->first, last - written->first + 1};
}

/* 14.2: what is invalid is ignored as a whole. */
static enum byte_range_kind choose(struct part set, int64_t size, struct byte_range *range) {
    size_t written_count = 0;
    size_t satisfiable = 0;
    struct part part;
    while (field_next(&set, ',', &part)) {
        struct written_range written;
        if (part.length == 0)
            continue; /* 5.6.1.2: an empty element of a list */
        if (!read_range(part, &written))
            return BYTE_RANGE_WHOLE;
        written_count++;
        if (!is_satisfiable(&written, size))
            continue;
        satisfiable++;
        *range = place(&written, size);
    }
    if (written_count > 0 && satisfiable == 0)
        return BYTE_RANGE_UNSATISFIABLE;
    return satisfiable == 1 && range->length > 0 ? BYTE_RANGE_PART : BYTE_RANGE_WHOLE;
}

enum byte_range_kind byte_range_parse(const char *field, int64_t size, struct byte_range *range) {
    const char *equals = field == NULL ? NULL : strchr(field, '=');
    *range = (struct byte_range){0, size};
    if (equals == NULL)
        return BYTE_RANGE_WHOLE;
    /* 14.1: "Range units […] are case-insensitive". */
    struct part unit = {field, (size_t)(equals - field)};
    if (!field_part_is(unit, "bytes", strlen("bytes")))
        return BYTE_RANGE_WHOLE;
    return choose(field_whole(equals + 1), size, range);
}

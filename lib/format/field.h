/*
 * field: the pieces of an HTTP field's value: elements, parameters, weights (RFC 9110 5.6, 12.4.2).
 *
 * A piece is a stretch of the field, without the white space around it; nothing is copied. And the
 * other way round: any text as a value.
 */
#ifndef LATCHKEY_FORMAT_FIELD_H
#define LATCHKEY_FORMAT_FIELD_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

struct part {
    const char *text; /* not terminated; NULL: nothing is left */
    size_t length;
};

/* What full weight, "q=1", is counted as: RFC 9110 12.4.2 allows three decimals. */
#define FIELD_WEIGHT_FULL 1000

/* The whole field; NULL (absent) has no part. */
struct part field_whole(const char *field);

/* Takes what stands before the next separator outside of quoted strings off *rest. False if nothing
 * is left. */
bool field_next(struct part *rest, char separator, struct part *part);

/* True if the part is these `length` bytes, whatever the case of ASCII letters. */
bool field_part_is(struct part part, const char *text, size_t length);

/* Splits "name=value"; false if there is no "=". */
bool field_parameter(struct part part, struct part *name, struct part *value);

/* The weight among the parameters that follow an element ("q=0.8" and others, separated by ";"): 0
 * to FIELD_WEIGHT_FULL, which it is without one too; -1 if it is malformed. */
int field_weight(struct part parameters);

/* The text as what may stand in any field, and comes back by percent-decoding: what is not printable
 * ASCII, "%", the bytes in `also`, and white space at either end, as %XX. */
char *field_encode(struct arena *arena, const char *text, const char *also);

#endif

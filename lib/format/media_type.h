/*
 * media_type: Content-Type and Accept fields (RFC 9110 8.3, 12.5.1).
 *
 * All take NULL for an absent field. Quoted strings may hold commas and semicolons.
 */
#ifndef LATCHKEY_FORMAT_MEDIA_TYPE_H
#define LATCHKEY_FORMAT_MEDIA_TYPE_H

#include "base/arena.h"

#include <stdbool.h>

/* "text/html" of "Text/HTML; charset=utf-8": lower case, without parameters; "" if absent. */
char *media_type_name(struct arena *arena, const char *field);

/* The value of a parameter, without its quotes; NULL if it is absent. The name is compared without
 * regard to case. */
char *media_type_parameter(struct arena *arena, const char *field, const char *name);

/* How much an Accept field wants `type` ("text/html"), 0 to FIELD_WEIGHT_FULL (field.h): the range
 * that names it most closely decides. 0 if no range covers it. Ranges with a malformed weight are
 * passed over, parameters of ranges are not looked at. */
int media_type_weight(const char *accept, const char *type);

/* True if the Accept field names `type` itself, not only by a wildcard, with a weight above 0. */
bool media_type_is_listed(const char *accept, const char *type);

#endif

/*
 * form: application/x-www-form-urlencoded, as in query strings and posted forms (WHATWG URL
 * section 5, RFC 6749 appendix B), read strictly.
 *
 * Reading refuses malformed percent-encoding, NUL, CR, LF and other control bytes, invalid UTF-8,
 * and more than FORM_FIELDS_LIMIT fields; whoever asks for a protocol parameter refuses a repeated
 * one (RFC 6749 3.1) by using form_single().
 */
#ifndef LATCHKEY_FORMAT_FORM_H
#define LATCHKEY_FORMAT_FORM_H

#include "base/arena.h"

#define FORM_FIELDS_LIMIT 200

struct form_field {
    const char *name;
    const char *value; /* "" if there was none */
    struct form_field *next;
};

/* Fields in order. A zeroed form is an empty one. */
struct form {
    struct form_field *first;
    struct form_field *last;
};

/* Reads `length` bytes. 0, or -1 with ERROR_PERCENT, ERROR_UTF8 or ERROR_REQUEST_TOO_LARGE. */
int form_parse(struct arena *arena, const char *text, size_t length, struct form *form) CHECKED;

/* The first value of that name, or NULL. For names where repetition does no harm. */
const char *form_value(const struct form *form, const char *name);

/* *value = the one value of that name, or NULL if it is absent.
 * 0, or -1 with ERROR_PARAMETER_REPEATED if it stands there twice, whatever its values. */
int form_single(struct arena *arena, const struct form *form, const char *name,
                const char **value) CHECKED;

/* Appends a field; both texts are copied. A NULL value appends nothing. */
void form_put(struct arena *arena, struct form *form, const char *name, const char *value);

/* name=value&…, everything but unreserved characters percent-encoded, space as %20. */
char *form_write(struct arena *arena, const struct form *form);

#endif

/*
 * json: RFC 8259 to the letter, over jsmn.
 *
 * jsmn splits the text into tokens but accepts much that is not JSON (a missing colon, `{,}`, `01`,
 * a name twice, two documents in a row). json_parse() walks the grammar beside its tokens and
 * refuses all of that, and also: invalid UTF-8, \u0000 and lone surrogates, a byte order mark, a
 * name twice in an object, more than JSON_DEPTH_LIMIT levels or JSON_VALUES_LIMIT values.
 *
 * A document is a tree of struct json. The same tree is built for answers and templates, and
 * written with everything escaped.
 *
 * Getters take NULL, or a value of another type, for "absent".
 */
#ifndef LATCHKEY_FORMAT_JSON_H
#define LATCHKEY_FORMAT_JSON_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_SIZE_LIMIT (1024U * 1024)
#define JSON_DEPTH_LIMIT 32
#define JSON_VALUES_LIMIT 20000

enum json_type {
    JSON_NULL,
    JSON_FALSE,
    JSON_TRUE,
    JSON_NUMBER,
    JSON_STRING,
    JSON_ARRAY,
    JSON_OBJECT,
};

struct json {
    enum json_type type;
    const char *name;   /* of a member of an object, unescaped; NULL elsewhere */
    const char *text;   /* of a string, unescaped; of a number, digit by digit as written */
    struct json *first; /* of an array or object: its children, in order */
    struct json *last;
    struct json *next; /* the next child of the same parent */
    size_t count;      /* of children */
};

/* Reads `length` bytes. 0, or -1 with ERROR_JSON. */
int json_parse(struct arena *arena, const char *text, size_t length, struct json **value) CHECKED;

/* The same, and the document must be an object. */
int json_parse_object(struct arena *arena, const char *text, size_t length,
                      struct json **object) CHECKED;

/* The member of that name, or NULL. */
const struct json *json_member(const struct json *object, const char *name);

/* The member's text if it is a string, else NULL. */
const char *json_string(const struct json *object, const char *name);

/* True if the member is the literal true. */
bool json_is_true(const struct json *object, const char *name);

/* True if the member is an array that holds this string, or a string equal to it. */
bool json_has_string(const struct json *object, const char *name, const char *text);

/* True and *integer if the value is a number without fraction and exponent that fits. */
bool json_integer(const struct json *value, int64_t *integer);

/* True and *seconds if the value is a NumericDate (RFC 7519 2) between 0 and 253402300799 (the end
 * of the year 9999); a fraction or exponent is allowed and rounded down. */
bool json_seconds(const struct json *value, int64_t *seconds);

/* Building. A NULL text or value adds nothing: an unknown claim is absent, not null. That a value
 * has one parent, and an object each name once, is up to the caller. */
struct json *json_object(struct arena *arena);
struct json *json_array(struct arena *arena);
struct json *json_text(struct arena *arena, const char *text); /* a string; NULL for NULL */

void json_put(struct arena *arena, struct json *object, const char *name, struct json *value);
void json_put_string(struct arena *arena, struct json *object, const char *name, const char *text);
void json_put_integer(struct arena *arena, struct json *object, const char *name, int64_t integer);
void json_put_boolean(struct arena *arena, struct json *object, const char *name, bool truth);
void json_append(struct json *array, struct json *value);

/* The document as text, without white space. Strings are escaped so that the text may also stand in
 * a script element: besides what RFC 8259 7 demands, "<", ">", "&", U+007F, U+2028 and U+2029 as
 * \uXXXX. Bytes that are not UTF-8 become \uFFFD. */
char *json_write(struct arena *arena, const struct json *value);

#endif

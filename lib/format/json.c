#include "format/json.h"

#include "base/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define END_OF_YEAR_9999 253402300799

/* No exponent that matters is larger: a number has at most JSON_SIZE_LIMIT digits. */
#define EXPONENT_LIMIT (10L * JSON_SIZE_LIMIT)

/* ---- reading --------------------------------------------------------------------------------- */

const struct json *json_member(const struct json *object, const char *name) {
    if (object == NULL || object->type != JSON_OBJECT)
        return NULL;
    for (const struct json *member = object->first; member != NULL; member = member->next)
        if (text_equal(member->name, name))
            return member;
    return NULL;
}

const char *json_string(const struct json *object, const char *name) {
    const struct json *member = json_member(object, name);
    return member != NULL && member->type == JSON_STRING ? member->text : NULL;
}

bool json_is_true(const struct json *object, const char *name) {
    const struct json *member = json_member(object, name);
    return member != NULL && member->type == JSON_TRUE;
}

static bool is_string(const struct json *value, const char *text) {
    return value->type == JSON_STRING && text_equal(value->text, text);
}

bool json_has_string(const struct json *object, const char *name, const char *text) {
    const struct json *member = json_member(object, name);
    if (member == NULL)
        return false;
    if (member->type != JSON_ARRAY)
        return is_string(member, text);
    for (const struct json *element = member->first; element != NULL; element = element->next)
        if (is_string(element, text))
            return true;
    return false;
}

bool json_integer(const struct json *value, int64_t *integer) {
    if (value == NULL || value->type != JSON_NUMBER || strpbrk(value->text, ".eE") != NULL)
        return false;
    errno = 0;
    intmax_t parsed = strtoimax(value->text, NULL, 10);
    if (errno != 0 || parsed < INT64_MIN || parsed > INT64_MAX)
        return false;
    *integer = (int64_t)parsed;
    return true;
}

/* A number's digits, without sign, point and exponent, and where the point stands among them. */
struct decimal {
    const char *digits;
    size_t count;
    size_t whole; /* digits before the written point: there a "." is stepped over */
    long point;   /* moved by the exponent */
    bool negative;
};

static struct decimal decimal_of(const char *text) {
    struct decimal decimal = {.negative = *text == '-'};
    decimal.digits = text + decimal.negative;
    decimal.whole = strspn(decimal.digits, "0123456789");
    decimal.count = decimal.whole;
    if (decimal.digits[decimal.whole] == '.')
        decimal.count += strspn(decimal.digits + decimal.whole + 1, "0123456789");

    const char *exponent = strpbrk(text, "eE");
    long moved = exponent == NULL ? 0 : strtol(exponent + 1, NULL, 10); /* at worst LONG_MAX */
    if (moved > EXPONENT_LIMIT)
        moved = EXPONENT_LIMIT;
    if (moved < -EXPONENT_LIMIT)
        moved = -EXPONENT_LIMIT;
    decimal.point = (long)decimal.whole + moved;
    return decimal;
}

static int digit_at(const struct decimal *decimal, size_t i) {
    return decimal->digits[i < decimal->whole ? i : i + 1] - '0';
}

static bool is_zero(const struct decimal *decimal) {
    for (size_t i = 0; i < decimal->count; i++)
        if (digit_at(decimal, i) != 0)
            return false;
    return true;
}

/* Digit by digit, for a double has no room for 2^53 + 1 and its range ends somewhere else. */
bool json_seconds(const struct json *value, int64_t *seconds) {
    if (value == NULL || value->type != JSON_NUMBER)
        return false;
    struct decimal decimal = decimal_of(value->text);
    if (decimal.negative && !is_zero(&decimal))
        return false;
    int64_t floor = 0;
    for (long i = 0; i < decimal.point; i++) {
        bool written = (size_t)i < decimal.count;
        floor = floor * 10 + (written ? digit_at(&decimal, (size_t)i) : 0);
        if (floor > END_OF_YEAR_9999)
            return false;
        if (!written && floor == 0)
            break; /* "0e999999": no zero more changes it */
    }
    *seconds = floor;
    return true;
}

/* ---- building -------------------------------------------------------------------------------- */

static struct json *new_value(struct arena *arena, enum json_type type) {
    struct json *value = arena_alloc(arena, sizeof(*value));
    value->type = type;
    return value;
}

struct json *json_object(struct arena *arena) {
    return new_value(arena, JSON_OBJECT);
}

struct json *json_array(struct arena *arena) {
    return new_value(arena, JSON_ARRAY);
}

struct json *json_text(struct arena *arena, const char *text) {
    if (text == NULL)
        return NULL;
    struct json *value = new_value(arena, JSON_STRING);
    value->text = arena_text(arena, text);
    return value;
}

void json_append(struct json *array, struct json *value) {
    if (value == NULL)
        return;
    value->next = NULL;
    if (array->last == NULL)
        array->first = value;
    else
        array->last->next = value;
    array->last = value;
    array->count++;
}

void json_put(struct arena *arena, struct json *object, const char *name, struct json *value) {
    if (value == NULL)
        return;
    value->name = arena_text(arena, name);
    json_append(object, value);
}

void json_put_string(struct arena *arena, struct json *object, const char *name, const char *text) {
    json_put(arena, object, name, json_text(arena, text));
}

void json_put_integer(struct arena *arena, struct json *object, const char *name, int64_t integer) {
    struct json *value = new_value(arena, JSON_NUMBER);
    value->text = arena_format(arena, "%" PRId64, integer);
    json_put(arena, object, name, value);
}

void json_put_boolean(struct arena *arena, struct json *object, const char *name, bool truth) {
    json_put(arena, object, name, new_value(arena, truth ? JSON_TRUE : JSON_FALSE));
}

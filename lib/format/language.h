/*
 * language: which of our languages an Accept-Language field asks for (RFC 9110 12.5.4, RFC 4647).
 */
#ifndef LATCHKEY_FORMAT_LANGUAGE_H
#define LATCHKEY_FORMAT_LANGUAGE_H

#include <stdbool.h>
#include <stddef.h>

#define LANGUAGE_TAG_LIMIT 35    /* bytes: RFC 5646 4.4.1 */
#define LANGUAGE_RANGES_LIMIT 32 /* of a field; those behind are not looked at */

/* True for what has the form of a tag, "ko" or "zh-Hant-TW": a word of letters, then words of
 * letters and digits, each of at most 8 (RFC 4647 2.1). */
bool language_is_tag(const char *text);

/* The one of `count` (at least 1) tags that the field wants most: its ranges are asked in the order
 * of their weights, each as in RFC 4647 3.4: "ko-KR" is content with "ko"; and also the other way:
 * "pt" is content with "pt-BR". "*" takes the first tag that the field does not refuse (q=0). What
 * is no range, or has a malformed weight, is passed over. The first tag also if the field is NULL
 * or wants none of them. */
const char *language_choose(const char *field, const char *const *tags, size_t count);

#endif

/*
 * mapping: the small language in which a provider's record says where a claim stands in what the
 * provider answers. Pure; works on trees of struct json (json.h).
 *
 *   expression   alternatives `a | b`: the first that is not empty
 *   alternative  terms `a + b`, joined with one space, empty ones skipped; in a truth `a & b`: all;
 *                then, if wanted, `unless PATH`: empty if that is true
 *   term         a path, or "text {path} text", which is empty as a whole if one path of it is
 *   path         [source:] then `x.y[0].z`, a filter `list[k=v,k2=v2].field` (the first element
 *                that has them all), an odd name in single quotes 'https://claims.example/id', or
 *                `.` for the whole
 *   source       id_token: token: userinfo: userinfo2: callback: variable:
 *
 * A requirement is written like a truth; besides a path that must be true it may say of one
 *
 *   path = value           that it is this value
 *   path contains value    that it is this value, or a list with an element that is; never a part
 *                          of a text
 *
 * with a value that is bare or in single quotes. It never looks into callback: or variable:, which
 * nobody vouches for.
 *
 * A path without a source looks into userinfo, and into id_token if nothing but null is there.
 * A string of callback: is read as JSON when the path goes on behind it (at most
 * MAPPING_DECODED_LIMIT bytes): some providers send an object as a parameter.
 *
 * Values: a string that is not empty, and an integer, digit by digit as it was written (beyond
 * 2^53, too). Never a number with fraction or exponent, "-0", an object, an array; true and false
 * only where truth is asked for: true, "true", 1 and "1" are true, nothing else is. A filter and a
 * condition compare with a string as it is, and with true, false and integers as they are written.
 *
 * Bare names consist of letters, digits, "_" and "-". Work is bounded by the limits below and by
 * the document's size, whatever it holds.
 */
#ifndef LATCHKEY_FORMAT_MAPPING_H
#define LATCHKEY_FORMAT_MAPPING_H

#include "format/json.h"

#define MAPPING_LENGTH_LIMIT 1000  /* bytes of an expression */
#define MAPPING_PATHS_LIMIT 20     /* in an expression, everywhere together */
#define MAPPING_STEPS_LIMIT 12     /* of a path: names, indexes and filters */
#define MAPPING_INDEX_LIMIT 9999   /* of [0] */
#define MAPPING_TEXT_LIMIT 32768   /* bytes; a longer string is no text */
#define MAPPING_DECODED_LIMIT 8192 /* bytes of a callback parameter that is read as JSON */

enum mapping_source {
    MAPPING_DEFAULT, /* userinfo, then id_token: where a path without a source looks */
    MAPPING_ID_TOKEN,
    MAPPING_TOKEN, /* the token response */
    MAPPING_USERINFO,
    MAPPING_USERINFO2, /* the answer of the second_userinfo_endpoint */
    MAPPING_CALLBACK,  /* an object of the callback's parameters, all strings */
    MAPPING_VARIABLE,  /* an object of the record's variables, all strings */
    MAPPING_SOURCE_COUNT
};

/* What an expression may look into. */
struct mapping_sources {
    const struct json *of[MAPPING_SOURCE_COUNT]; /* NULL: not there; [MAPPING_DEFAULT] is unused */
    enum mapping_source plain; /* where a path without a source looks, if not MAPPING_DEFAULT */
};

/* What a setting holds. */
enum mapping_kind {
    MAPPING_TEXT,        /* an expression of `|`, `+`, "…", unless */
    MAPPING_TRUTH,       /* an expression of `|`, `&`, unless; no "…" */
    MAPPING_PATH,        /* a path, or alternatives `a | b` of paths */
    MAPPING_PATHS,       /* paths, separated by spaces */
    MAPPING_CONDITIONS,  /* `path=value`, separated by spaces; all must hold */
    MAPPING_REQUIREMENT, /* an expression of `|`, `&`, `=`, contains, unless */
};

/* What is wrong with an expression, for the message about a setting ("… needs %s"); NULL if nothing
 * is. Static text. Whoever loads a record asks this once for each such setting; the functions below
 * take an expression that is wrong for one that is empty, or does not hold. */
const char *mapping_fault(struct arena *arena, const char *expression, enum mapping_kind kind);

/* The text of a MAPPING_TEXT, or NULL if it is empty (or the expression NULL). Not cleaned. */
const char *mapping_text(struct arena *arena, const char *expression,
                         const struct mapping_sources *sources);

/* The same, and *source says where it came from; MAPPING_DEFAULT if from nowhere, from more than
 * one source, or from none but the record itself. */
const char *mapping_text_from(struct arena *arena, const char *expression,
                              const struct mapping_sources *sources, enum mapping_source *source);

/* True if a MAPPING_TRUTH is. */
bool mapping_is_true(struct arena *arena, const char *expression,
                     const struct mapping_sources *sources);

/* True if a MAPPING_REQUIREMENT is met. */
bool mapping_is_met(struct arena *arena, const char *expression,
                    const struct mapping_sources *sources);

/* The value a MAPPING_PATH leads to, the first that is there and not null; NULL if none is. */
const struct json *mapping_value(struct arena *arena, const char *path,
                                 const struct mapping_sources *sources);

/* Judging one answer, which is `source`: of the words only those count that look into it, which are
 * those with its name and, unless it is MAPPING_USERINFO2, those without a source.
 *
 * True if all these conditions hold, also if there are none (NULL: none). */
bool mapping_holds(struct arena *arena, const char *conditions, enum mapping_source source,
                   const struct json *answer);

/* The value of the first of these paths that is there, and so says that something failed: not null,
 * "", 0, "0" or false. NULL if there is none. */
const struct json *mapping_error(struct arena *arena, const char *paths, enum mapping_source source,
                                 const struct json *answer);

#endif

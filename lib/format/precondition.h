/*
 * precondition: what a client knows already of a file, and whether it wants it then (RFC 9110 13).
 *
 * For GET and HEAD alone. Whether the client may see the file at all is judged before (13.2.1).
 */
#ifndef LATCHKEY_FORMAT_PRECONDITION_H
#define LATCHKEY_FORMAT_PRECONDITION_H

#include <stdbool.h>
#include <stdint.h>

/* What a file is known by now. */
struct validators {
    const char *etag; /* strong, with its quotes: "\"x\""; NULL: it has none */
    bool has_time;
    int64_t last_modified; /* if has_time; as exact a validator as a strong one (8.8.2.2) */
};

/* The fields of a request; NULL if absent. */
struct conditions {
    const char *if_match;
    const char *if_none_match;
    const char *if_modified_since;
    const char *if_unmodified_since;
    const char *if_range;
};

enum precondition {
    PRECONDITION_HOLDS,        /* go on */
    PRECONDITION_NOT_MODIFIED, /* 304 */
    PRECONDITION_FAILED,       /* 412 */
};

/* In the order of RFC 9110 13.2.2. A date that is none, or of what has no time, is ignored; a list
 * of tags counts up to where it is malformed. `now` is for http_date_parse(). */
enum precondition precondition_judge(const struct conditions *conditions,
                                     const struct validators *validators, int64_t now);

/* Whether the Range field counts: there is no If-Range, or it names this very file (13.1.5). */
bool precondition_range_counts(const struct conditions *conditions,
                               const struct validators *validators, int64_t now);

#endif

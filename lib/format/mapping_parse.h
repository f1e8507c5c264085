/*
 * mapping_parse: an expression of a record (mapping.h says how it is written) as a tree.
 *
 * The tree points into memory of the arena alone. Lists are in the order of the text.
 */
#ifndef LATCHKEY_FORMAT_MAPPING_PARSE_H
#define LATCHKEY_FORMAT_MAPPING_PARSE_H

#include "format/mapping.h"

/* k=v of a filter. */
struct mapping_pair {
    const char *name;
    const char *value;
    struct mapping_pair *next;
};

/* One step of a path: exactly one of name, filter and index. */
struct mapping_step {
    const char *name;            /* of a member; NULL for the others */
    struct mapping_pair *filter; /* NULL for an index */
    size_t index;
    struct mapping_step *next;
};

struct mapping_path {
    enum mapping_source source; /* MAPPING_DEFAULT: written without one */
    struct mapping_step *steps; /* NULL: `.`, the whole */
};

/* A piece of a term: a path, or the text between the paths of "…". */
struct mapping_piece {
    const struct mapping_path *path; /* NULL for a text */
    const char *text;
    struct mapping_piece *next;
};

/* What a requirement says of a path. */
enum mapping_comparison {
    MAPPING_BARE,     /* nothing: it must be true */
    MAPPING_EQUALS,   /* path = value */
    MAPPING_CONTAINS, /* path contains value */
};

struct mapping_term {
    struct mapping_piece *pieces; /* a bare path is one piece */
    enum mapping_comparison comparison;
    const char *value; /* of a requirement's; NULL if bare */
    struct mapping_term *next;
};

struct mapping_alternative {
    struct mapping_term *terms;
    const struct mapping_path *unless; /* NULL: none */
    struct mapping_alternative *next;
};

/* A word of MAPPING_PATHS or MAPPING_CONDITIONS. */
struct mapping_word {
    const struct mapping_path *path;
    const char *value; /* of a condition; NULL of a mere path */
    struct mapping_word *next;
};

/* Both return what is wrong, as static text, or NULL if nothing is; the tree is then never empty.
 *
 * MAPPING_TEXT, MAPPING_TRUTH, MAPPING_PATH or MAPPING_REQUIREMENT. */
const char *mapping_parse_expression(struct arena *arena, const char *text, enum mapping_kind kind,
                                     struct mapping_alternative **alternatives) CHECKED;

/* MAPPING_PATHS or MAPPING_CONDITIONS. */
const char *mapping_parse_words(struct arena *arena, const char *text, enum mapping_kind kind,
                                struct mapping_word **words) CHECKED;

#endif

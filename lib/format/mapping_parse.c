#include "format/mapping_parse.h"

#include "base/text.h"
#include "format/utf8.h"

#include <string.h>

/* The cursor over the text. A function that reads a part returns NULL (or -1) after a fault. */
struct parser {
    struct arena *arena;
    const char *next;
    enum mapping_kind kind;
    const char *fault; /* the first; NULL: none */
    size_t paths;
};

static void *wrong(struct parser *parser, const char *fault) {
    if (parser->fault == NULL)
        parser->fault = fault;
    return NULL;
}

static void skip_spaces(struct parser *parser) {
    parser->next += strspn(parser->next, " ");
}

/* Steps over the byte if it comes next. */
static bool take(struct parser *parser, char byte) {
    if (*parser->next != byte)
        return false;
    parser->next++;
    return true;
}

/* ---- words ----------------------------------------------------------------------------------- */

#define DIGITS "0123456789"
#define NAME_BYTES DIGITS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-"
#define VALUE_BYTES NAME_BYTES ".:/@"

/* What stands between single quotes; it has no way to hold one. */
static const char *parse_quoted(struct parser *parser) {
    size_t length = strcspn(parser->next, "'");
    if (parser->next[length] == '\0')
        return wrong(parser, "a closing ' to each '");
    if (length == 0)
        return wrong(parser, "something between its quotes");
    const char *quoted = arena_copy(parser->arena, parser->next, length);
    parser->next += length + 1;
    return quoted;
}

/* A name or a value, bare or in single quotes. */
static const char *parse_word(struct parser *parser, const char *bytes) {
    if (take(parser, '\''))
        return parse_quoted(parser);
    size_t length = strspn(parser->next, bytes);
    if (length == 0)
        return wrong(parser,
                     "names of letters, digits, \"_\" and \"-\", or others in single quotes");
    const char *word = arena_copy(parser->arena, parser->next, length);
    parser->next += length;
    return word;
}

/* ---- paths ----------------------------------------------------------------------------------- */

/* k=v,k2=v2 and the closing bracket. */
static struct mapping_pair *parse_filter(struct parser *parser) {
    struct mapping_pair *first = NULL;
    struct mapping_pair **end = &first;
    do {
        struct mapping_pair *pair = arena_alloc(parser->arena, sizeof(*pair));
        pair->name = parse_word(parser, NAME_BYTES);
        if (pair->name == NULL)
            return NULL;
        if (!take(parser, '='))
            return wrong(parser, "[0] or [name=value] in brackets");
        pair->value = parse_word(parser, VALUE_BYTES);
        if (pair->value == NULL)
            return NULL;
        *end = pair;
        end = &pair->next;
    } while (take(parser, ','));
    return take(parser, ']') ? first : wrong(parser, "a closing ] to each [");
}

static bool parse_index(struct parser *parser, size_t digits, size_t *index) {
    *index = 0;
    for (; digits > 0 && *index <= MAPPING_INDEX_LIMIT; digits--)
        *index = *index * 10 + (size_t)(*parser->next++ - '0');
    if (*index > MAPPING_INDEX_LIMIT) {
        wrong(parser, "an index of at most 9999");
        return false;
    }
    return take(parser, ']');
}

/* Behind the opening bracket. */
static struct mapping_step *parse_brackets(struct parser *parser) {
    struct mapping_step *step = arena_alloc(parser->arena, sizeof(*step));
    size_t digits = strspn(parser->next, DIGITS);
    if (digits > 0 && parser->next[digits] == ']')
        return parse_index(parser, digits, &step->index) ? step : NULL;
    step->filter = parse_filter(parser);
    return step->filter == NULL ? NULL : step;
}

static struct mapping_step *parse_member(struct parser *parser) {
    struct mapping_step *step = arena_alloc(parser->arena, sizeof(*step));
    step->name = parse_word(parser, NAME_BYTES);
    return step->name == NULL ? NULL : step;
}

static const char *const source_names[] = {
    [MAPPING_ID_TOKEN] = "id_token:", [MAPPING_TOKEN] = "token:",
    [MAPPING_USERINFO] = "userinfo:", [MAPPING_USERINFO2] = "userinfo2:",
    [MAPPING_CALLBACK] = "callback:", [MAPPING_VARIABLE] = "variable:",
};

/* Only answers are judged by conditions and searched for errors (mapping_holds()); and nobody comes
 * in by what his own browser said. */
static bool source_is_allowed(const struct parser *parser, enum mapping_source source) {
    switch (parser->kind) {
    case MAPPING_PATHS:
    case MAPPING_CONDITIONS:
        return source == MAPPING_TOKEN || source == MAPPING_USERINFO || source == MAPPING_USERINFO2;
    case MAPPING_REQUIREMENT:
        return source != MAPPING_CALLBACK && source != MAPPING_VARIABLE;
    default:
        return true;
    }
}

/* A bare word and a colon; a name with a colon in it stands in quotes. */
static bool parse_source(struct parser *parser, enum mapping_source *source) {
    *source = MAPPING_DEFAULT;
    if (parser->next[strspn(parser->next, NAME_BYTES)] != ':')
        return true;
    for (*source = MAPPING_ID_TOKEN; *source < MAPPING_SOURCE_COUNT; ++*source)
        if (text_starts_with(parser->next, source_names[*source])) {
            parser->next += strlen(source_names[*source]);
            break;
        }
    if (*source < MAPPING_SOURCE_COUNT && source_is_allowed(parser, *source))
        return true;
    wrong(parser, "a source that there is before each \":\"");
    return false;
}

/* The steps behind the source; `.` has none. */
static int parse_steps(struct parser *parser, struct mapping_path *path) {
    if (take(parser, '.'))
        return 0;
    struct mapping_step **end = &path->steps;
    for (size_t count = 0;; count++) {
        bool is_bracket = take(parser, '[');
        if (!is_bracket && count > 0 && !take(parser, '.'))
            return 0;
        if (count == MAPPING_STEPS_LIMIT)
            wrong(parser, "paths of at most 12 steps");
        *end = is_bracket ? parse_brackets(parser) : parse_member(parser);
        if (*end == NULL || parser->fault != NULL)
            return -1;
        end = &(*end)->next;
    }
}

static const struct mapping_path *parse_path(struct parser *parser) {
    struct mapping_path *path = arena_alloc(parser->arena, sizeof(*path));
    if (++parser->paths > MAPPING_PATHS_LIMIT)
        return wrong(parser, "at most 20 paths");
    return parse_source(parser, &path->source) && parse_steps(parser, path) == 0 ? path : NULL;
}

/* ---- expressions ----------------------------------------------------------------------------- */

static struct mapping_piece *parse_path_piece(struct parser *parser) {
    struct mapping_piece *piece = arena_alloc(parser->arena, sizeof(*piece));
    piece->path = parse_path(parser);
    return piece->path == NULL ? NULL : piece;
}

/* {path} of a template, or the text up to the next one. */
static struct mapping_piece *parse_piece(struct parser *parser) {
    if (take(parser, '{')) {
        struct mapping_piece *piece = parse_path_piece(parser);
        if (piece != NULL && !take(parser, '}'))
            return wrong(parser, "a closing } to each {");
        return piece;
    }
    struct mapping_piece *piece = arena_alloc(parser->arena, sizeof(*piece));
    size_t length = strcspn(parser->next, "\"{}");
    if (length == 0)
        return wrong(parser, "a closing \" to each \", and paths in braces between them");
    piece->text = arena_copy(parser->arena, parser->next, length);
    parser->next += length;
    return piece;
}

/* Behind the opening quote. A template without a path would be the same text for everybody: as a
 * subject, one account for all. */
static struct mapping_piece *parse_template(struct parser *parser) {
    struct mapping_piece *first = NULL;
    struct mapping_piece **end = &first;
    size_t paths = parser->paths;
    while (!take(parser, '"')) {
        *end = parse_piece(parser);
        if (*end == NULL)
            return NULL;
        end = &(*end)->next;
    }
    return parser->paths > paths ? first : wrong(parser, "a {path} between its double quotes");
}

static enum mapping_comparison parse_comparison(struct parser *parser) {
    static const char contains[] = "contains ";
    if (take(parser, '='))
        return MAPPING_EQUALS;
    if (!text_starts_with(parser->next, contains))
        return MAPPING_BARE;
    parser->next += sizeof(contains) - 1;
    return MAPPING_CONTAINS;
}

/* What a requirement says of the path before it, whose spaces were skipped. */
static int parse_demand(struct parser *parser, struct mapping_term *term) {
    term->comparison = parse_comparison(parser);
    if (term->comparison == MAPPING_BARE)
        return 0;
    skip_spaces(parser);
    term->value = parse_word(parser, VALUE_BYTES);
    skip_spaces(parser);
    return term->value == NULL ? -1 : 0;
}

static struct mapping_term *parse_term(struct parser *parser) {
    struct mapping_term *term = arena_alloc(parser->arena, sizeof(*term));
    bool is_template = parser->kind == MAPPING_TEXT && take(parser, '"');
    term->pieces = is_template ? parse_template(parser) : parse_path_piece(parser);
    skip_spaces(parser);
    if (term->pieces == NULL ||
        (parser->kind == MAPPING_REQUIREMENT && parse_demand(parser, term) != 0))
        return NULL;
    return term;
}

/* What joins the terms of an alternative; NUL: a path stands alone. */
static char joint(enum mapping_kind kind) {
    switch (kind) {
    case MAPPING_TEXT:
        return '+';
    case MAPPING_TRUTH:
    case MAPPING_REQUIREMENT:
        return '&';
    default:
        return '\0';
    }
}

static struct mapping_term *parse_terms(struct parser *parser) {
    struct mapping_term *first = NULL;
    struct mapping_term **end = &first;
    do {
        skip_spaces(parser);
        *end = parse_term(parser);
        if (*end == NULL)
            return NULL;
        end = &(*end)->next;
    } while (joint(parser->kind) != '\0' && take(parser, joint(parser->kind)));
    return first;
}

/* "unless", a space and a path. The space before it was skipped: no other word may follow. */
static int parse_unless(struct parser *parser, const struct mapping_path **unless) {
    static const char word[] = "unless ";
    if (parser->kind == MAPPING_PATH || !text_starts_with(parser->next, word))
        return 0;
    parser->next += sizeof(word) - 1;
    skip_spaces(parser);
    *unless = parse_path(parser);
    skip_spaces(parser);
    return *unless == NULL ? -1 : 0;
}

static struct mapping_alternative *parse_alternative(struct parser *parser) {
    struct mapping_alternative *alternative = arena_alloc(parser->arena, sizeof(*alternative));
    alternative->terms = parse_terms(parser);
    if (alternative->terms == NULL || parse_unless(parser, &alternative->unless) != 0)
        return NULL;
    return alternative;
}

/* Limits come before work. */
static const char *open_parser(struct parser *parser, struct arena *arena, const char *text,
                               enum mapping_kind kind) {
    *parser = (struct parser){.arena = arena, .next = text, .kind = kind};
    if (text_is_empty(text))
        return "a value";
    if (strlen(text) > MAPPING_LENGTH_LIMIT)
        return "at most 1000 bytes";
    if (!utf8_is_valid(text, strlen(text)) || text_has_control(text))
        return "text without control characters";
    return NULL;
}

const char *mapping_parse_expression(struct arena *arena, const char *text, enum mapping_kind kind,
                                     struct mapping_alternative **alternatives) {
    struct parser parser;
    const char *fault = open_parser(&parser, arena, text, kind);
    if (fault != NULL)
        return fault;
    struct mapping_alternative **end = alternatives;
    do {
        *end = parse_alternative(&parser);
        if (*end == NULL)
            return parser.fault;
        end = &(*end)->next;
    } while (take(&parser, '|'));
    return *parser.next == '\0' ? NULL : "an expression that ends where a path ends";
}

/* ---- words of a list ------------------------------------------------------------------------- */

static struct mapping_word *parse_list_word(struct parser *parser) {
    struct mapping_word *word = arena_alloc(parser->arena, sizeof(*word));
    word->path = parse_path(parser);
    if (word->path == NULL)
        return NULL;
    if (parser->kind == MAPPING_CONDITIONS) {
        if (!take(parser, '='))
            return wrong(parser, "path=value, several separated by spaces");
        word->value = parse_word(parser, VALUE_BYTES);
        if (word->value == NULL)
            return NULL;
    }
    if (*parser->next != ' ' && *parser->next != '\0')
        return wrong(parser, "its parts separated by spaces");
    skip_spaces(parser);
    return word;
}

const char *mapping_parse_words(struct arena *arena, const char *text, enum mapping_kind kind,
                                struct mapping_word **words) {
    struct parser parser;
    const char *fault = open_parser(&parser, arena, text, kind);
    if (fault != NULL)
        return fault;
    struct mapping_word **end = words;
    skip_spaces(&parser);
    do {
        *end = parse_list_word(&parser);
        if (*end == NULL)
            return parser.fault;
        end = &(*end)->next;
    } while (*parser.next != '\0');
    return NULL;
}

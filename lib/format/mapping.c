#include "format/mapping.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/mapping_parse.h"

#include <string.h>

/* ---- values ---------------------------------------------------------------------------------- */

static bool is_integer(const struct json *value) {
    return value->type == JSON_NUMBER && strpbrk(value->text, ".eE") == NULL &&
           !text_equal(value->text, "-0");
}

/* The value as a text; NULL if it is none. */
static const char *text_of(const struct json *value) {
    if (value == NULL || (value->type != JSON_STRING && !is_integer(value)))
        return NULL;
    size_t length = strlen(value->text);
    return length == 0 || length > MAPPING_TEXT_LIMIT ? NULL : value->text;
}

static bool is_true(const struct json *value) {
    if (value != NULL && value->type == JSON_TRUE)
        return true;
    const char *text = text_of(value);
    return text_equal(text, "true") || text_equal(text, "1");
}

/* How a filter or a condition sees it. */
static bool reads(const struct json *value, const char *expected) {
    if (value == NULL)
        return false;
    if (value->type == JSON_TRUE || value->type == JSON_FALSE)
        return text_equal(value->type == JSON_TRUE ? "true" : "false", expected);
    return text_equal(text_of(value), expected);
}

static bool is_there(const struct json *value) {
    return value != NULL && value->type != JSON_NULL;
}

/* ---- paths ----------------------------------------------------------------------------------- */

static bool has_all(const struct json *element, const struct mapping_pair *pair) {
    for (; pair != NULL; pair = pair->next)
        if (!reads(json_member(element, pair->name), pair->value))
            return false;
    return true;
}

static const struct json *element_at(const struct json *array, const struct mapping_step *step) {
    if (array->type != JSON_ARRAY)
        return NULL;
    size_t index = 0;
    for (const struct json *element = array->first; element != NULL; element = element->next)
        if (step->filter != NULL ? has_all(element, step->filter) : index++ == step->index)
            return element;
    return NULL;
}

/* A parameter of the callback that is read as JSON; NULL if it is none. */
static const struct json *decoded(struct arena *arena, const struct json *parameter) {
    struct json *value = NULL;
    size_t length = strlen(parameter->text);
    if (length > MAPPING_DECODED_LIMIT)
        return NULL;
    if (json_parse(arena, parameter->text, length, &value) == 0)
        return value;
    arena_forget_error(arena); /* then it leads nowhere */
    return NULL;
}

/* Where the steps lead from `value` on. Once only a string is read as JSON: what a string in there
 * holds is text. */
static const struct json *follow(struct arena *arena, const struct mapping_step *step,
                                 const struct json *value, bool decodes) {
    for (; step != NULL && value != NULL; step = step->next) {
        if (decodes && value->type == JSON_STRING) {
            value = decoded(arena, value);
            decodes = false;
            if (value == NULL)
                return NULL;
        }
        value = step->name != NULL ? json_member(value, step->name) : element_at(value, step);
    }
    return value;
}

/* What a path finds, and where. */
struct found {
    const struct json *value;
    enum mapping_source source;
};

static struct found look_into(struct arena *arena, const struct mapping_path *path,
                              const struct mapping_sources *sources, enum mapping_source source) {
    return (struct found){
        .value = follow(arena, path->steps, sources->of[source], source == MAPPING_CALLBACK),
        .source = source,
    };
}

static struct found look_up(struct arena *arena, const struct mapping_path *path,
                            const struct mapping_sources *sources) {
    if (path->source != MAPPING_DEFAULT)
        return look_into(arena, path, sources, path->source);
    if (sources->plain != MAPPING_DEFAULT)
        return look_into(arena, path, sources, sources->plain);
    struct found found = look_into(arena, path, sources, MAPPING_USERINFO);
    return is_there(found.value) ? found : look_into(arena, path, sources, MAPPING_ID_TOKEN);
}

/* ---- texts ----------------------------------------------------------------------------------- */

/* A text that is being put together, and where its parts came from. */
struct assembly {
    struct arena *arena;
    const struct mapping_sources *sources;
    enum mapping_source source; /* of the parts so far, if `parts` is not 0 */
    size_t parts;
};

/* The text a path leads to; NULL if none. */
static const char *path_text(struct assembly *assembly, const struct mapping_path *path) {
    struct found found = look_up(assembly->arena, path, assembly->sources);
    const char *text = text_of(found.value);
    if (text == NULL)
        return NULL;
    bool is_first = assembly->parts++ == 0;
    if (is_first || assembly->source == found.source)
        assembly->source = found.source;
    else
        assembly->source = MAPPING_DEFAULT; /* and stays that: no source is called so */
    return text;
}

/* A template is empty if one of its paths is. */
static const char *template_text(struct assembly *assembly, const struct mapping_piece *piece) {
    struct buffer text;
    buffer_open(assembly->arena, &text);
    for (; piece != NULL; piece = piece->next) {
        const char *part = piece->path == NULL ? piece->text : path_text(assembly, piece->path);
        if (part == NULL)
            return NULL;
        buffer_add_text(&text, part);
    }
    return text.bytes;
}

/* A template that turns out empty leaves no trace of where its parts came from. */
static const char *term_text(struct assembly *assembly, const struct mapping_term *term) {
    const struct assembly before = *assembly;
    bool is_bare = term->pieces->path != NULL && term->pieces->next == NULL;
    const char *text =
        is_bare ? path_text(assembly, term->pieces->path) : template_text(assembly, term->pieces);
    if (text == NULL)
        *assembly = before;
    return text;
}

static bool is_ruled_out(struct arena *arena, const struct mapping_alternative *alternative,
                         const struct mapping_sources *sources) {
    return alternative->unless != NULL &&
           is_true(look_up(arena, alternative->unless, sources).value);
}

static const char *alternative_text(struct assembly *assembly,
                                    const struct mapping_alternative *alternative) {
    if (is_ruled_out(assembly->arena, alternative, assembly->sources))
        return NULL;
    struct buffer joined;
    buffer_open(assembly->arena, &joined);
    for (const struct mapping_term *term = alternative->terms; term != NULL; term = term->next) {
        const char *text = term_text(assembly, term);
        if (text == NULL)
            continue;
        if (joined.length > 0)
            buffer_add_byte(&joined, ' ');
        buffer_add_text(&joined, text);
    }
    return joined.length > 0 ? joined.bytes : NULL;
}

const char *mapping_text_from(struct arena *arena, const char *expression,
                              const struct mapping_sources *sources, enum mapping_source *source) {
    *source = MAPPING_DEFAULT;
    struct mapping_alternative *alternatives = NULL;
    if (mapping_parse_expression(arena, expression, MAPPING_TEXT, &alternatives) != NULL)
        return NULL;
    for (const struct mapping_alternative *one = alternatives; one != NULL; one = one->next) {
        struct assembly assembly = {.arena = arena, .sources = sources};
        const char *text = alternative_text(&assembly, one);
        if (text != NULL) {
            *source = assembly.source;
            return text;
        }
    }
    return NULL;
}

const char *mapping_text(struct arena *arena, const char *expression,
                         const struct mapping_sources *sources) {
    enum mapping_source source;
    return mapping_text_from(arena, expression, sources, &source);
}

/* ---- truths and values ----------------------------------------------------------------------- */

static bool all_true(struct arena *arena, const struct mapping_alternative *alternative,
                     const struct mapping_sources *sources) {
    if (is_ruled_out(arena, alternative, sources))
        return false;
    for (const struct mapping_term *term = alternative->terms; term != NULL; term = term->next)
        if (!is_true(look_up(arena, term->pieces->path, sources).value))
            return false;
    return true;
}

bool mapping_is_true(struct arena *arena, const char *expression,
                     const struct mapping_sources *sources) {
    struct mapping_alternative *alternatives = NULL;
    if (mapping_parse_expression(arena, expression, MAPPING_TRUTH, &alternatives) != NULL)
        return false;
    for (const struct mapping_alternative *one = alternatives; one != NULL; one = one->next)
        if (all_true(arena, one, sources))
            return true;
    return false;
}

/* A list of one is often written as what is in it. */
static bool contains(const struct json *value, const char *expected) {
    if (value == NULL || value->type != JSON_ARRAY)
        return reads(value, expected);
    for (const struct json *element = value->first; element != NULL; element = element->next)
        if (reads(element, expected))
            return true;
    return false;
}

static bool is_met(struct arena *arena, const struct mapping_term *term,
                   const struct mapping_sources *sources) {
    const struct json *value = look_up(arena, term->pieces->path, sources).value;
    switch (term->comparison) {
    case MAPPING_BARE:
        return is_true(value);
    case MAPPING_EQUALS:
        return reads(value, term->value);
    case MAPPING_CONTAINS:
        return contains(value, term->value);
    }
    return false;
}

static bool all_met(struct arena *arena, const struct mapping_alternative *alternative,
                    const struct mapping_sources *sources) {
    if (is_ruled_out(arena, alternative, sources))
        return false;
    for (const struct mapping_term *term = alternative->terms; term != NULL; term = term->next)
        if (!is_met(arena, term, sources))
            return false;
    return true;
}

bool mapping_is_met(struct arena *arena, const char *expression,
                    const struct mapping_sources *sources) {
    struct mapping_alternative *alternatives = NULL;
    if (mapping_parse_expression(arena, expression, MAPPING_REQUIREMENT, &alternatives) != NULL)
        return false;
    for (const struct mapping_alternative *one = alternatives; one != NULL; one = one->next)
        if (all_met(arena, one, sources))
            return true;
    return false;
}

const struct json *mapping_value(struct arena *arena, const char *path,
                                 const struct mapping_sources *sources) {
    struct mapping_alternative *alternatives = NULL;
    if (mapping_parse_expression(arena, path, MAPPING_PATH, &alternatives) != NULL)
        return NULL;
    for (const struct mapping_alternative *one = alternatives; one != NULL; one = one->next) {
        const struct json *value = look_up(arena, one->terms->pieces->path, sources).value;
        if (is_there(value))
            return value;
    }
    return NULL;
}

/* ---- judging an answer ----------------------------------------------------------------------- */

static bool is_about(const struct mapping_path *path, enum mapping_source source) {
    return path->source == source ||
           (path->source == MAPPING_DEFAULT && source != MAPPING_USERINFO2);
}

bool mapping_holds(struct arena *arena, const char *conditions, enum mapping_source source,
                   const struct json *answer) {
    struct mapping_word *words = NULL;
    if (conditions == NULL)
        return true;
    if (mapping_parse_words(arena, conditions, MAPPING_CONDITIONS, &words) != NULL)
        return false;
    for (const struct mapping_word *word = words; word != NULL; word = word->next)
        if (is_about(word->path, source) &&
            !reads(follow(arena, word->path->steps, answer, false), word->value))
            return false;
    return true;
}

/* By many an error is there always, and says 0 or nothing if all is well. */
static bool says_an_error(const struct json *value) {
    if (!is_there(value) || value->type == JSON_FALSE)
        return false;
    bool is_scalar = value->type == JSON_STRING || value->type == JSON_NUMBER;
    return !is_scalar || (*value->text != '\0' && !text_equal(value->text, "0"));
}

const struct json *mapping_error(struct arena *arena, const char *paths, enum mapping_source source,
                                 const struct json *answer) {
    static const struct json unreadable = {.type = JSON_TRUE};
    struct mapping_word *words = NULL;
    if (paths == NULL)
        return NULL;
    if (mapping_parse_words(arena, paths, MAPPING_PATHS, &words) != NULL)
        return &unreadable; /* who cannot look for errors must not say that there are none */
    for (const struct mapping_word *word = words; word != NULL; word = word->next) {
        if (!is_about(word->path, source))
            continue;
        const struct json *value = follow(arena, word->path->steps, answer, false);
        if (says_an_error(value))
            return value;
    }
    return NULL;
}

const char *mapping_fault(struct arena *arena, const char *expression, enum mapping_kind kind) {
    struct mapping_alternative *alternatives = NULL;
    struct mapping_word *words = NULL;
    return kind == MAPPING_PATHS || kind == MAPPING_CONDITIONS
               ? mapping_parse_words(arena, expression, kind, &words)
               : mapping_parse_expression(arena, expression, kind, &alternatives);
}

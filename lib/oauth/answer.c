#include "oauth/answer.h"

#include "base/text.h"
#include "format/form.h"

#include <string.h>

/* ---- notations ------------------------------------------------------------------------------- */

static const struct json *read_json(struct arena *arena, const char *text, size_t length) {
    struct json *value = NULL;
    bool reads = json_parse(arena, text, length, &value) == 0 &&
                 (value->type == JSON_OBJECT || value->type == JSON_ARRAY);
    arena_forget_error(arena);
    return reads ? value : NULL;
}

/* A name twice would leave it open which one counts. */
static struct json *object_of(struct arena *arena, const struct form *form) {
    struct json *object = json_object(arena);
    for (const struct form_field *field = form->first; field != NULL; field = field->next) {
        if (json_member(object, field->name) != NULL)
            return NULL;
        json_put_string(arena, object, field->name, field->value);
    }
    return object;
}

/* Nearly every text is a form: this one must have a "=", and not begin as other notations do. */
static const struct json *read_form(struct arena *arena, const char *text, size_t length) {
    struct form form;
    while (length > 0 && (text[length - 1] == '\r' || text[length - 1] == '\n'))
        length--;
    if (length == 0 || strchr(" {[<\"", *text) != NULL || memchr(text, '=', length) == NULL)
        return NULL;
    bool reads = form_parse(arena, text, length, &form) == 0;
    arena_forget_error(arena);
    return reads ? object_of(arena, &form) : NULL;
}

static bool is_space(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static const char *without_spaces(const char *text, const char *end) {
    while (end > text && is_space(end[-1]))
        end--;
    return end;
}

static bool is_of_name(char c) {
    return ascii_is_alnum(c) || c == '_' || c == '.' || c == '$';
}

static const struct json *read_jsonp(struct arena *arena, const char *text, size_t length) {
    const char *end = without_spaces(text, text + length);
    if (end > text && end[-1] == ';')
        end = without_spaces(text, end - 1);
    while (text < end && is_space(*text))
        text++;
    const char *name = text;
    while (text < end && is_of_name(*text))
        text++;
    if (text == name || end - text < 2 || *text != '(' || end[-1] != ')')
        return NULL;
    return read_json(arena, text + 1, (size_t)(end - text - 2));
}

static const struct json *read_as(struct arena *arena, const char *format,
                                  const struct http_response *response) {
    if (text_equal(format, "json"))
        return read_json(arena, response->body, response->body_length);
    if (text_equal(format, "form"))
        return read_form(arena, response->body, response->body_length);
    return read_jsonp(arena, response->body, response->body_length);
}

static const struct json *read_any(struct arena *arena, const char *formats,
                                   const struct http_response *response) {
    size_t length = 0;
    for (const char *word = text_next_word(&formats, &length); word != NULL;
         word = text_next_word(&formats, &length)) {
        const struct json *answer = read_as(arena, arena_copy(arena, word, length), response);
        if (answer != NULL)
            return answer;
    }
    return NULL;
}

/* ---- judging --------------------------------------------------------------------------------- */

/* RFC 6749 5.2 allows more characters, but no code in use has others: they need not be logged. */
static const char *printable(struct arena *arena, const char *code) {
    char *copy = arena_format(arena, "%.60s", code);
    for (char *c = copy; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && *c != '_' && *c != '-' && *c != '.')
            *c = '?';
    return copy;
}

/* What the failure is called; some say only that there is one. */
static const char *code_of(struct arena *arena, const struct json *error) {
    bool has_code = error->type == JSON_STRING || error->type == JSON_NUMBER;
    return has_code ? printable(arena, error->text) : "without a code";
}

static int judge(struct arena *arena, const struct answer_rules *rules,
                 const struct http_response *response, const struct json *answer) {
    const struct json *error =
        answer == NULL ? NULL : mapping_error(arena, rules->error, rules->source, answer);
    const char *code = error == NULL ? NULL : code_of(arena, error);
    if (text_equal(code, "invalid_client"))
        return fail(arena, ERROR_CLIENT_REFUSED, "status %d, error invalid_client",
                    response->status);
    if (code != NULL)
        return fail(arena, rules->refused, "status %d, error %s", response->status, code);
    if (response->status != rules->status)
        return fail(arena, ERROR_HTTP_STATUS, "the provider answered with status %d",
                    response->status);
    if (answer == NULL)
        return fail(arena, rules->malformed, "the answer cannot be read as %s", rules->formats);
    if (!mapping_holds(arena, rules->success, rules->source, answer))
        return fail(arena, rules->refused, "status %d, but it is no success", response->status);
    return 0;
}

int answer_read(struct arena *arena, const struct answer_rules *rules,
                const struct http_response *response, const struct json **answer) {
    *answer = read_any(arena, rules->formats, response);
    return judge(arena, rules, response, *answer);
}

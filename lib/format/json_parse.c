#include "format/json.h"

#include "base/text.h"
#include "format/utf8.h"

#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS /* without them it looks for each opening bracket from the start */
#include <jsmn.h>
#include <stdlib.h>
#include <string.h>

/* A name and a value for each member of an object. */
#define TOKENS_LIMIT (2 * JSON_VALUES_LIMIT)

/* The cursor over the text, and the token that must begin there. The text ends with a NUL. */
struct reader {
    struct arena *arena;
    char *text;
    size_t length;
    size_t at;
    const jsmntok_t *token;
    const jsmntok_t *tokens_end;
    size_t values;
    size_t depth;
};

static int malformed(const struct reader *reader, const char *what) {
    return fail(reader->arena, ERROR_JSON, "byte %zu: %s", reader->at + 1, what);
}

static void skip_space(struct reader *reader) { /* RFC 8259 2: ws */
    reader->at += strspn(reader->text + reader->at, " \t\n\r");
}

/* Steps over the next token if it is of that type and begins where the cursor stands; else NULL. */
static const jsmntok_t *take_token(struct reader *reader, jsmntype_t type) {
    const jsmntok_t *token = reader->token;
    if (token == NULL || token == reader->tokens_end || token->type != type)
        return NULL;
    size_t start = (size_t)token->start - (type == JSMN_STRING); /* the quote is not part of it */
    if (reader->at != start)
        return NULL;
    reader->token++;
    return token;
}

/* ---- strings (RFC 8259 7) -------------------------------------------------------------------- */

/* Four hexadecimal digits: one UTF-16 code unit. */
static bool read_unit(const char **at, const char *end, uint32_t *unit) {
    static const char digits[] = "0123456789abcdef";
    if (end - *at < 4)
        return false;
    *unit = 0;
    for (int i = 0; i < 4; i++, ++*at) {
        const char *digit = memchr(digits, ascii_lower(**at), sizeof(digits) - 1);
        if (digit == NULL)
            return false;
        *unit = *unit << 4 | (uint32_t)(digit - digits);
    }
    return true;
}

/* What follows "\u": a code point, or the first half of a surrogate pair and "\u" and the other. */
static bool read_code_point(const char **at, const char *end, uint32_t *code_point) {
    if (!read_unit(at, end, code_point) || *code_point == 0)
        return false;
    if (*code_point < 0xD800 || *code_point > 0xDFFF)
        return true;

    uint32_t low = 0;
    if (*code_point > 0xDBFF || end - *at < 2 || memcmp(*at, "\\u", 2) != 0)
        return false;
    *at += 2;
    if (!read_unit(at, end, &low) || low < 0xDC00 || low > 0xDFFF)
        return false;
    *code_point = 0x10000 + ((*code_point - 0xD800) << 10 | (low - 0xDC00));
    return true;
}

/* What follows a backslash. */
static bool read_escape(const char **at, const char *end, char **out) {
    static const char letters[] = "\"\\/bfnrt";
    static const char meanings[] = "\"\\/\b\f\n\r\t";
    if (*at == end)
        return false;
    char letter = *(*at)++;
    const char *simple = memchr(letters, letter, sizeof(letters) - 1);
    if (simple != NULL) {
        *(*out)++ = meanings[simple - letters];
        return true;
    }
    uint32_t code_point = 0;
    if (letter != 'u' || !read_code_point(at, end, &code_point))
        return false;
    *out += utf8_put(code_point, *out);
    return true;
}

/* Unescaping never makes a text longer, so it stays where it is: the copy is ours. */
static int read_string(struct reader *reader, const char **text) {
    const jsmntok_t *token = take_token(reader, JSMN_STRING);
    if (token == NULL)
        return malformed(reader, "a string is missing");
    const char *at = reader->text + token->start;
    const char *end = reader->text + token->end;
    char *out = reader->text + token->start;
    *text = out;
    while (at < end) {
        char c = *at++;
        if ((unsigned char)c < 0x20)
            return malformed(reader, "a string with a control character");
        if (c != '\\')
            *out++ = c;
        else if (!read_escape(&at, end, &out))
            return malformed(reader, "a string with an impossible escape");
    }
    *out = '\0'; /* at the closing quote at the latest */
    reader->at = (size_t)token->end + 1;
    return 0;
}

/* ---- numbers and literals (RFC 8259 6 and 3) ------------------------------------------------- */

static const char *after_digits(const char *text) {
    return text + strspn(text, "0123456789");
}

/* [ minus ] int [ frac ] [ exp ]; int is "0" or begins with another digit. */
static bool is_number(const char *text) {
    text += *text == '-';
    const char *end = *text == '0' ? text + 1 : after_digits(text);
    if (end == text)
        return false;
    if (*end == '.') {
        text = end + 1;
        end = after_digits(text);
        if (end == text)
            return false;
    }
    if (*end == 'e' || *end == 'E') {
        text = end + 1;
        text += *text == '+' || *text == '-';
        end = after_digits(text);
        if (end == text)
            return false;
    }
    return *end == '\0';
}

static int read_primitive(struct reader *reader, struct json *value) {
    const jsmntok_t *token = take_token(reader, JSMN_PRIMITIVE);
    if (token == NULL)
        return malformed(reader, "a value is missing");
    const char *text =
        arena_copy(reader->arena, reader->text + token->start, (size_t)(token->end - token->start));
    if (text_equal(text, "null")) {
        value->type = JSON_NULL;
    } else if (text_equal(text, "false")) {
        value->type = JSON_FALSE;
    } else if (text_equal(text, "true")) {
        value->type = JSON_TRUE;
    } else if (is_number(text)) {
        value->type = JSON_NUMBER;
        value->text = text;
    } else {
        return malformed(reader, "neither a number nor true, false or null");
    }
    reader->at = (size_t)token->end;
    return 0;
}

/* ---- objects and arrays (RFC 8259 4 and 5) --------------------------------------------------- */

static int compare_names(const void *a, const void *b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* RFC 8259 4 leaves open what a name twice means, so every reader of it means something else. */
static int check_names(const struct reader *reader, const struct json *object) {
    if (object->count < 2)
        return 0;
    const char **names = arena_array(reader->arena, object->count, sizeof(*names));
    size_t count = 0;
    for (const struct json *member = object->first; member != NULL; member = member->next)
        names[count++] = member->name;
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count; i++)
        if (text_equal(names[i - 1], names[i]))
            return malformed(reader, "an object with a name twice ends before this");
    return 0;
}

static int read_value(struct reader *reader, struct json *value);

static int read_child(struct reader *reader, struct json *parent) {
    struct json *child = arena_alloc(reader->arena, sizeof(*child));
    if (parent->type == JSON_OBJECT) {
        if (read_string(reader, &child->name) != 0)
            return -1;
        skip_space(reader);
        if (reader->text[reader->at] != ':')
            return malformed(reader, "a colon is missing");
        reader->at++;
        skip_space(reader);
    }
    if (read_value(reader, child) != 0)
        return -1;
    json_append(parent, child);
    return 0;
}

/* value *( "," value ), and the bracket that closes. */
static int read_children(struct reader *reader, struct json *parent, char close) {
    for (;;) {
        if (read_child(reader, parent) != 0)
            return -1;
        skip_space(reader);
        if (reader->text[reader->at] == close)
            return 0;
        if (reader->text[reader->at] != ',')
            return malformed(reader, "a comma or a closing bracket is missing");
        reader->at++;
        skip_space(reader);
    }
}

static int read_container(struct reader *reader, struct json *value) {
    value->type = reader->text[reader->at] == '{' ? JSON_OBJECT : JSON_ARRAY;
    const jsmntok_t *token =
        take_token(reader, value->type == JSON_OBJECT ? JSMN_OBJECT : JSMN_ARRAY);
    if (token == NULL)
        return malformed(reader, "a value is missing");
    if (++reader->depth > JSON_DEPTH_LIMIT)
        return malformed(reader, "nested too deeply");
    char close = value->type == JSON_OBJECT ? '}' : ']';
    reader->at++;

    skip_space(reader);
    if (reader->text[reader->at] != close && read_children(reader, value, close) != 0)
        return -1;
    reader->at++;
    if (reader->at != (size_t)token->end)
        return malformed(reader, "a bracket too many");
    reader->depth--;
    return value->type == JSON_OBJECT ? check_names(reader, value) : 0;
}

static int read_value(struct reader *reader, struct json *value) {
    if (++reader->values > JSON_VALUES_LIMIT)
        return malformed(reader, "too many values");
    switch (reader->text[reader->at]) {
    case '{':
    case '[':
        return read_container(reader, value);
    case '"':
        value->type = JSON_STRING;
        return read_string(reader, &value->text);
    default:
        return read_primitive(reader, value);
    }
}

/* ---- the document ---------------------------------------------------------------------------- */

/* True if `c`, which has a meaning outside of strings, may follow the byte `before` (NUL: the
 * beginning of the text), white space aside. */
static bool may_follow(char before, char c) {
    switch (c) {
    case '"':
    case '{':
    case '[':
        return before == '\0' || strchr("{[,:", before) != NULL;
    case ':':
        return before == '"';
    default:
        return true;
    }
}

/* Looks at the brackets before jsmn does, whose time grows with the depth, and without measure with
 * closing brackets that nothing opened. may_follow() sees to it that jsmn takes the same bytes for
 * strings and brackets. */
static int check_depth(struct reader *reader) {
    size_t depth = 0;
    bool in_string = false;
    char before = '\0';
    for (; reader->at < reader->length; reader->at++) {
        char c = reader->text[reader->at];
        if (in_string) {
            in_string = c != '"';
            reader->at += c == '\\'; /* whatever it is that is escaped */
            continue;
        }
        if (strchr(" \t\n\r", c) != NULL)
            continue;
        if (!may_follow(before, c))
            return malformed(reader, "a comma or a colon is missing");
        before = c;
        in_string = c == '"';
        depth += c == '{' || c == '[';
        if (depth > JSON_DEPTH_LIMIT)
            return malformed(reader, "nested too deeply");
        if ((c == '}' || c == ']') && depth-- == 0)
            return malformed(reader, "a bracket too many");
    }
    reader->at = 0;
    return 0;
}

static int tokenize(struct reader *reader) {
    jsmn_parser parser;
    jsmn_init(&parser);
    int count = jsmn_parse(&parser, reader->text, reader->length, NULL, 0);
    if (count <= 0 || count > TOKENS_LIMIT)
        return count > 0 ? malformed(reader, "too many values") : malformed(reader, "not JSON");

    jsmntok_t *tokens = arena_array(reader->arena, (size_t)count, sizeof(*tokens));
    jsmn_init(&parser);
    int made = jsmn_parse(&parser, reader->text, reader->length, tokens, (unsigned)count);
    if (made <= 0) {
        reader->at = parser.pos;
        return malformed(reader, "not JSON");
    }
    reader->token = tokens;
    reader->tokens_end = tokens + made;
    return 0;
}

static int read_document(struct reader *reader, struct json *value) {
    skip_space(reader);
    if (read_value(reader, value) != 0)
        return -1;
    skip_space(reader);
    if (reader->at != reader->length || reader->token != reader->tokens_end)
        return malformed(reader, "more text after the value");
    return 0;
}

int json_parse(struct arena *arena, const char *text, size_t length, struct json **value) {
    if (length > JSON_SIZE_LIMIT)
        return fail(arena, ERROR_JSON, "longer than %u bytes", JSON_SIZE_LIMIT);
    if (!utf8_is_valid(text, length)) /* RFC 8259 8.1 */
        return fail(arena, ERROR_JSON, "not UTF-8");

    /* jsmn wants something behind a number: a line feed, which changes nothing. */
    char *copy = arena_alloc(arena, length + 2);
    if (length > 0)
        memcpy(copy, text, length);
    copy[length] = '\n';

    struct reader reader = {.arena = arena, .text = copy, .length = length + 1};
    *value = arena_alloc(arena, sizeof(**value));
    if (check_depth(&reader) != 0 || tokenize(&reader) != 0)
        return -1;
    return read_document(&reader, *value);
}

int json_parse_object(struct arena *arena, const char *text, size_t length, struct json **object) {
    if (json_parse(arena, text, length, object) != 0)
        return -1;
    if ((*object)->type != JSON_OBJECT)
        return fail(arena, ERROR_JSON, "not an object");
    return 0;
}

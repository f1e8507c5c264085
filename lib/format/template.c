#include "format/template.h"

#include "base/text.h"

#include <string.h>

/* What a name is looked up in: the innermost section's value, then those around it. */
struct scope {
    const struct json *value;
    const struct scope *outer;
};

/* {{#name}}: '#', name. {{name}}, and {name} in a text: kind '='. */
struct tag {
    char kind;
    const char *name;
    size_t name_length;
};

struct renderer {
    struct arena *arena;
    const char *template;
    const char *at;
    const struct json *texts;
    struct buffer *out;
    size_t start; /* of the page in `out` */
    int depth;    /* of sections */
    int tags;     /* read so far */
};

static int mistake(const struct renderer *renderer, const char *what) {
    int line = 1;
    for (const char *c = renderer->template; c < renderer->at; c++)
        line += *c == '\n';
    return fail(renderer->arena, ERROR_TEMPLATE, "line %d: %s", line, what);
}

static void add_escaped(struct buffer *out, const char *text) {
    for (; *text != '\0'; text++) {
        switch (*text) {
        case '&':
            buffer_add_text(out, "&amp;");
            break;
        case '<':
            buffer_add_text(out, "&lt;");
            break;
        case '>':
            buffer_add_text(out, "&gt;");
            break;
        case '"':
            buffer_add_text(out, "&quot;");
            break;
        case '\'':
            buffer_add_text(out, "&#39;");
            break;
        default:
            buffer_add_byte(out, *text);
        }
    }
}

char *html_escape(struct arena *arena, const char *text) {
    struct buffer out;
    buffer_open(arena, &out);
    add_escaped(&out, text);
    return out.bytes;
}

/* ---- values ---------------------------------------------------------------------------------- */

static const struct json *look_up(struct arena *arena, const struct scope *scope,
                                  const struct tag *tag) {
    const char *name = arena_copy(arena, tag->name, tag->name_length);
    if (text_equal(name, "."))
        return scope->value;
    const struct json *found = NULL;
    for (; scope != NULL && found == NULL; scope = scope->outer)
        found = json_member(scope->value, name);
    return found;
}

static bool is_nothing(const struct json *value) {
    if (value == NULL || value->type == JSON_FALSE || value->type == JSON_NULL)
        return true;
    if (value->type == JSON_STRING)
        return text_is_empty(value->text);
    return value->type == JSON_ARRAY && value->count == 0;
}

static void add_value(struct buffer *out, const struct json *value) {
    if (value == NULL)
        return;
    if (value->type == JSON_STRING || value->type == JSON_NUMBER)
        add_escaped(out, value->text);
    else if (value->type == JSON_TRUE)
        buffer_add_text(out, "true");
    else if (value->type == JSON_FALSE)
        buffer_add_text(out, "false");
}

/* ---- tags ------------------------------------------------------------------------------------ */

static bool is_name(const char *name, size_t length) {
    if (length == 1 && name[0] == '.')
        return true;
    for (size_t i = 0; i < length; i++)
        if (!ascii_is_alnum(name[i]) && name[i] != '_' && name[i] != '-')
            return false;
    return length > 0;
}

/* Reads what stands between the braces. */
static int read_tag(struct renderer *renderer, struct tag *tag) {
    const char *inside = renderer->at + 2;
    const char *end = strstr(inside, "}}");
    if (end == NULL)
        return mistake(renderer, "a tag without its \"}}\"");

    *tag = (struct tag){.kind = '='};
    if (*inside != '\0' && strchr("#^/!$@", *inside) != NULL)
        tag->kind = *inside++;
    tag->name = inside + strspn(inside, " \t");
    tag->name_length = (size_t)(end - tag->name);
    while (tag->name_length > 0 && strchr(" \t", tag->name[tag->name_length - 1]) != NULL)
        tag->name_length--;
    if (tag->kind != '!' && !is_name(tag->name, tag->name_length))
        return mistake(renderer, "an unknown tag: there are {{name}} {{#name}} {{^name}} {{/name}} "
                                 "{{$name}} {{@name}} and {{! comment}}");
    renderer->at = end + 2;
    return 0;
}

static bool is_same_name(const struct tag *a, const struct tag *b) {
    return a->name_length == b->name_length && memcmp(a->name, b->name, a->name_length) == 0;
}

/* ---- texts ----------------------------------------------------------------------------------- */

static int check_limits(struct renderer *renderer) {
    if (++renderer->tags > TEMPLATE_TAGS_LIMIT)
        return mistake(renderer, "repeated without measure: too many tags");
    if (renderer->out->length - renderer->start > TEMPLATE_PAGE_LIMIT)
        return mistake(renderer, "the page grows too large");
    return 0;
}

/* Reads the placeholder at *text, "{name}", and steps over it. */
static int read_placeholder(struct renderer *renderer, const char **text, struct tag *placeholder) {
    const char *name = *text + 1;
    size_t length = strcspn(name, "{}");
    if (name[length] != '}' || !is_name(name, length))
        return mistake(renderer, "this text has a \"{\" that begins no {placeholder}");
    placeholder->name = name;
    placeholder->name_length = length;
    *text = name + length + 1;
    return 0;
}

/* What a placeholder stands for is written as {{name}} would write it, and never looked at again.
 * Its direction is its own (<bdi>), whatever is around it; where no element can stand, `isolate` is
 * false. */
static void add_placeholder(struct renderer *renderer, const struct scope *scope,
                            const struct tag *placeholder, bool isolate) {
    if (isolate)
        buffer_add_text(renderer->out, "<bdi>");
    add_value(renderer->out, look_up(renderer->arena, scope, placeholder));
    if (isolate)
        buffer_add_text(renderer->out, "</bdi>");
}

/* Without a scope it only looks for mistakes. */
static int render_text(struct renderer *renderer, const struct scope *scope,
                       const struct tag *tag) {
    const char *name = arena_copy(renderer->arena, tag->name, tag->name_length);
    const char *text = json_string(renderer->texts, name);
    if (text == NULL)
        return mistake(renderer, arena_format(renderer->arena, "there is no text %s", name));
    while (*text != '\0') {
        size_t length = strcspn(text, "{");
        if (scope != NULL)
            add_escaped(renderer->out, arena_copy(renderer->arena, text, length));
        text += length;
        struct tag placeholder = {.kind = '='};
        if (*text == '\0')
            break;
        if (check_limits(renderer) != 0 || read_placeholder(renderer, &text, &placeholder) != 0)
            return -1;
        if (scope != NULL)
            add_placeholder(renderer, scope, &placeholder, tag->kind == '$');
    }
    return 0;
}

/* ---- rendering ------------------------------------------------------------------------------- */

/* Renders up to the tag that closes `open`, or to the end if that is NULL. Without a scope it
 * writes nothing and only looks for mistakes. */
static int render_until(struct renderer *renderer, const struct scope *scope,
                        const struct tag *open);

static int render_with(struct renderer *renderer, const struct scope *outer,
                       const struct json *value, const struct tag *open) {
    const struct scope scope = {.value = value, .outer = outer};
    return render_until(renderer, &scope, open);
}

/* Once for each element; the text between the tags is read anew each time. */
static int render_each(struct renderer *renderer, const struct scope *scope,
                       const struct json *array, const struct tag *open) {
    const char *start = renderer->at;
    for (const struct json *element = array->first; element != NULL; element = element->next) {
        renderer->at = start;
        if (render_with(renderer, scope, element, open) != 0)
            return -1;
    }
    return 0;
}

static int render_section(struct renderer *renderer, const struct scope *scope,
                          const struct tag *open) {
    if (++renderer->depth > TEMPLATE_DEPTH_LIMIT)
        return mistake(renderer, "sections nested too deeply");
    const struct json *value = scope == NULL ? NULL : look_up(renderer->arena, scope, open);
    bool nothing = is_nothing(value);
    int result = 0;
    if (scope == NULL || nothing == (open->kind == '#'))
        result = render_until(renderer, NULL, open);
    else if (open->kind == '^')
        result = render_until(renderer, scope, open);
    else if (value->type == JSON_ARRAY)
        result = render_each(renderer, scope, value, open);
    else
        result = render_with(renderer, scope, value, open);
    renderer->depth--;
    return result;
}

/* Appends the text before the next tag, if there is a scope; false at the end of the template. */
static bool next_tag(struct renderer *renderer, const struct scope *scope) {
    const char *braces = strstr(renderer->at, "{{");
    size_t length = braces == NULL ? strlen(renderer->at) : (size_t)(braces - renderer->at);
    if (scope != NULL)
        buffer_add(renderer->out, renderer->at, length);
    renderer->at += length;
    return braces != NULL;
}

static int render_until(struct renderer *renderer, const struct scope *scope,
                        const struct tag *open) {
    while (next_tag(renderer, scope)) {
        struct tag tag = {.kind = '='};
        if (check_limits(renderer) != 0 || read_tag(renderer, &tag) != 0)
            return -1;
        if (tag.kind == '/') {
            if (open == NULL || !is_same_name(open, &tag))
                return mistake(renderer, "this tag closes a section that is not open here");
            return 0;
        }
        if ((tag.kind == '#' || tag.kind == '^') && render_section(renderer, scope, &tag) != 0)
            return -1;
        if ((tag.kind == '$' || tag.kind == '@') && render_text(renderer, scope, &tag) != 0)
            return -1;
        if (tag.kind == '=' && scope != NULL)
            add_value(renderer->out, look_up(renderer->arena, scope, &tag));
    }
    if (open == NULL)
        return 0;
    renderer->at = open->name;
    return mistake(renderer, "this section is never closed");
}

int template_render(struct arena *arena, const char *template, const struct json *values,
                    const struct json *texts, struct buffer *out) {
    struct renderer renderer = {.arena = arena,
                                .template = template,
                                .at = template,
                                .texts = texts,
                                .out = out,
                                .start = out->length};
    const struct scope scope = {.value = values};
    return render_until(&renderer, &scope, NULL);
}

#include "format/json.h"

#include "base/buffer.h"
#include "format/utf8.h"

#include <string.h>

#define LINE_SEPARATOR 0x2028
#define PARAGRAPH_SEPARATOR 0x2029

/* Besides what RFC 8259 7 demands, what could end a script element, or a line of script. */
static bool needs_escape(uint32_t code_point) {
    return code_point < 0x20 || code_point == 0x7F || code_point == LINE_SEPARATOR ||
           code_point == PARAGRAPH_SEPARATOR ||
           (code_point < 0x80 && strchr("\"\\<>&", (int)code_point) != NULL);
}

static void write_valid(struct buffer *out, const char *text) {
    while (*text != '\0') {
        const char *start = text;
        uint32_t code_point = utf8_next(&text);
        if (!needs_escape(code_point))
            buffer_add(out, start, (size_t)(text - start));
        else if (code_point == '"' || code_point == '\\')
            buffer_add_format(out, "\\%c", (char)code_point);
        else
            buffer_add_format(out, "\\u%04X", (unsigned)code_point);
    }
}

/* A text that is not UTF-8 is a mistake of ours, and no reason to send what is not JSON. */
static void write_invalid(struct buffer *out, const char *text) {
    for (; *text != '\0'; text++) {
        const char ascii[] = {*text, '\0'};
        if ((unsigned char)*text < 0x80)
            write_valid(out, ascii);
        else
            buffer_add_text(out, "\\uFFFD");
    }
}

static void write_string(struct buffer *out, const char *text) {
    buffer_add_byte(out, '"');
    if (utf8_is_valid(text, strlen(text)))
        write_valid(out, text);
    else
        write_invalid(out, text);
    buffer_add_byte(out, '"');
}

static void write_value(struct buffer *out, const struct json *value);

static void write_children(struct buffer *out, const struct json *parent) {
    for (const struct json *child = parent->first; child != NULL; child = child->next) {
        if (child != parent->first)
            buffer_add_byte(out, ',');
        if (parent->type == JSON_OBJECT) {
            write_string(out, child->name);
            buffer_add_byte(out, ':');
        }
        write_value(out, child);
    }
}

static void write_value(struct buffer *out, const struct json *value) {
    switch (value->type) {
    case JSON_NULL:
        buffer_add_text(out, "null");
        break;
    case JSON_FALSE:
        buffer_add_text(out, "false");
        break;
    case JSON_TRUE:
        buffer_add_text(out, "true");
        break;
    case JSON_NUMBER:
        buffer_add_text(out, value->text);
        break;
    case JSON_STRING:
        write_string(out, value->text);
        break;
    case JSON_ARRAY:
        buffer_add_byte(out, '[');
        write_children(out, value);
        buffer_add_byte(out, ']');
        break;
    case JSON_OBJECT:
        buffer_add_byte(out, '{');
        write_children(out, value);
        buffer_add_byte(out, '}');
        break;
    }
}

char *json_write(struct arena *arena, const struct json *value) {
    struct buffer out;
    buffer_open(arena, &out);
    write_value(&out, value);
    return out.bytes;
}

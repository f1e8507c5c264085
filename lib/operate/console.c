#include "operate/console.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/utf8.h"

#include <langinfo.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#define FIRST_SUPPLEMENTARY 0x10000

/* What changes how the text around it looks, or cannot be seen: directions, byte order marks,
 * annotations, tags. Joiners are part of words in some scripts, and stay. */
static bool is_hidden(uint32_t code_point) {
    static const struct {
        uint32_t first;
        uint32_t last;
    } ranges[] = {
        {0x00AD, 0x00AD}, {0x061C, 0x061C}, {0x180E, 0x180E}, {0x200B, 0x200B}, {0x200E, 0x200F},
        {0x2028, 0x202E}, {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE0FFF},
    };
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
        if (code_point >= ranges[i].first && code_point <= ranges[i].last)
            return true;
    return false;
}

static bool is_control(uint32_t code_point) {
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0);
}

static bool is_unicode_terminal(void) {
    return text_equal_nocase(nl_langinfo(CODESET), "UTF-8");
}

static bool is_shown(uint32_t code_point) {
    if (code_point < 0x80)
        return !is_control(code_point);
    return is_unicode_terminal() && !is_control(code_point) && !is_hidden(code_point) &&
           wcwidth((wchar_t)code_point) >= 0;
}

static void add_escaped(struct buffer *out, uint32_t code_point) {
    buffer_add_format(out, code_point < FIRST_SUPPLEMENTARY ? "\\u%04X" : "\\U%08X",
                      (unsigned)code_point);
}

char *console_text(struct arena *arena, const char *text) {
    struct buffer out;
    buffer_open(arena, &out);
    bool valid = utf8_is_valid(text, strlen(text));
    while (*text != '\0') {
        const char *start = text;
        uint32_t code_point = valid ? utf8_next(&text) : (unsigned char)*text++;
        if (!valid && code_point >= 0x80)
            buffer_add_format(&out, "\\x%02X", (unsigned)code_point);
        else if (is_shown(code_point))
            buffer_add(&out, start, (size_t)(text - start));
        else
            add_escaped(&out, code_point);
    }
    return out.bytes;
}

size_t console_width(const char *text) {
    size_t width = 0;
    while (*text != '\0') {
        int columns = wcwidth((wchar_t)utf8_next(&text));
        width += columns > 0 ? (size_t)columns : 0;
    }
    return width;
}

void console_print(struct arena *arena, const char *text) {
    fprintf(stdout, "%s\n", console_text(arena, text));
}

/* Outside of ASCII, JSON has nothing but the insides of strings: there, \u is the same. */
static void add_json_escaped(struct buffer *out, uint32_t code_point) {
    if (code_point >= FIRST_SUPPLEMENTARY) {
        uint32_t rest = code_point - FIRST_SUPPLEMENTARY;
        buffer_add_format(out, "\\u%04X\\u%04X", (unsigned)(0xD800 + (rest >> 10)),
                          (unsigned)(0xDC00 + (rest & 0x3FF)));
    } else {
        buffer_add_format(out, "\\u%04X", (unsigned)code_point);
    }
}

void console_print_json(struct arena *arena, const struct json *value) {
    const char *text = json_write(arena, value);
    struct buffer out;
    buffer_open(arena, &out);
    while (*text != '\0') {
        const char *start = text;
        uint32_t code_point = utf8_next(&text);
        if (is_control(code_point) || is_hidden(code_point))
            add_json_escaped(&out, code_point);
        else
            buffer_add(&out, start, (size_t)(text - start));
    }
    fprintf(stdout, "%s\n", out.bytes);
}

void console_complain(struct arena *arena, const char *text) {
    fflush(stdout);
    fprintf(stderr, "latchkey: %s\n", console_text(arena, text));
}

bool console_can_ask(void) {
    return isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0;
}

bool console_ask(struct arena *arena, const char *question) {
    char answer[80];
    fflush(stdout);
    fprintf(stderr, "%s [y/N] ", console_text(arena, question));
    return fgets(answer, sizeof(answer), stdin) != NULL && (*answer == 'y' || *answer == 'Y');
}

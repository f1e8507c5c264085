#include "format/utf8.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

#define ELLIPSIS "\xE2\x80\xA6"

static bool is_continuation(unsigned char byte) {
    return (byte & 0xC0) == 0x80;
}

/* How many bytes a sequence with this first byte has; 0 if none begins so (RFC 3629 4: C0, C1 and
 * F5 to FF never appear). */
static size_t sequence_length(unsigned char first) {
    if (first < 0x80)
        return 1;
    if (first < 0xC2)
        return 0;
    if (first < 0xE0)
        return 2;
    if (first < 0xF0)
        return 3;
    return first < 0xF5 ? 4 : 0;
}

/* The second byte's narrower range after some first bytes (RFC 3629 4): what keeps out overlong
 * forms, surrogates and everything past U+10FFFF. */
static bool second_fits(unsigned char first, unsigned char second) {
    switch (first) {
    case 0xE0:
        return second >= 0xA0;
    case 0xED:
        return second < 0xA0;
    case 0xF0:
        return second >= 0x90;
    case 0xF4:
        return second < 0x90;
    default:
        return true;
    }
}

static bool is_sequence(const unsigned char *bytes, size_t length) {
    for (size_t i = 1; i < length; i++)
        if (!is_continuation(bytes[i]))
            return false;
    return length < 2 || second_fits(bytes[0], bytes[1]);
}

bool utf8_is_valid(const char *bytes, size_t length) {
    const unsigned char *next = (const unsigned char *)bytes;
    while (length > 0) {
        size_t sequence = sequence_length(*next);
        if (sequence == 0 || sequence > length || !is_sequence(next, sequence))
            return false;
        next += sequence;
        length -= sequence;
    }
    return true;
}

uint32_t utf8_next(const char **text) {
    const unsigned char *bytes = (const unsigned char *)*text;
    size_t length = sequence_length(bytes[0]);
    uint32_t code_point = length < 2 ? bytes[0] : bytes[0] & (0x7FU >> length);
    for (size_t i = 1; i < length; i++)
        code_point = code_point << 6 | (bytes[i] & 0x3FU);
    *text += length == 0 ? 1 : length;
    return code_point;
}

size_t utf8_put(uint32_t code_point, char out[4]) {
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t length = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    for (size_t i = length - 1; i > 0; i--) {
        out[i] = (char)(0x80 | (code_point & 0x3F));
        code_point >>= 6;
    }
    out[0] = (char)((0xF00U >> length & 0xFF) | code_point);
    return length;
}

static bool is_between(uint32_t code_point, uint32_t first, uint32_t last) {
    return code_point >= first && code_point <= last;
}

/* Unicode's White_Space property. */
static bool is_space(uint32_t c) {
    return is_between(c, 0x09, 0x0D) || c == 0x20 || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           is_between(c, 0x2000, 0x200A) || is_between(c, 0x2028, 0x2029) || c == 0x202F ||
           c == 0x205F || c == 0x3000;
}

static bool is_control(uint32_t c) {
    return c < 0x20 || is_between(c, 0x7F, 0x9F);
}

static bool turns_direction(uint32_t c) {
    return is_between(c, 0x202A, 0x202E) || is_between(c, 0x2066, 0x2069) ||
           is_between(c, 0x200E, 0x200F) || c == 0x061C;
}

/* The cleaned text of any length; *count = its code points. */
static void clean(const char *text, struct buffer *cleaned, size_t *count) {
    bool pending_space = false;
    while (*text != '\0') {
        const char *start = text;
        uint32_t code_point = utf8_next(&text);
        if (is_space(code_point)) {
            pending_space = *count > 0;
            continue;
        }
        if (is_control(code_point) || turns_direction(code_point))
            continue;
        if (pending_space) {
            buffer_add_byte(cleaned, ' ');
            ++*count;
        }
        pending_space = false;
        buffer_add(cleaned, start, (size_t)(text - start));
        ++*count;
    }
}

/* Cuts after `keep` code points, and before the space that may stand there. */
static void cut(struct buffer *text, size_t keep) {
    const char *end = text->bytes;
    while (keep > 0 && *end != '\0') {
        utf8_next(&end);
        keep--;
    }
    text->length = (size_t)(end - text->bytes);
    if (text->length > 0 && text->bytes[text->length - 1] == ' ')
        text->length--;
    buffer_add_text(text, ELLIPSIS);
}

char *utf8_clean(struct arena *arena, const char *text, size_t limit) {
    if (text == NULL || limit == 0 || !utf8_is_valid(text, strlen(text)))
        return NULL;
    struct buffer cleaned;
    buffer_open(arena, &cleaned);
    size_t count = 0;
    clean(text, &cleaned, &count);
    if (count == 0)
        return NULL;
    if (count > limit)
        cut(&cleaned, limit - 1);
    return cleaned.bytes;
}

char *utf8_first(struct arena *arena, const char *text) {
    if (text == NULL || !utf8_is_valid(text, strlen(text)))
        return NULL;
    while (*text != '\0') {
        const char *start = text;
        uint32_t code_point = utf8_next(&text);
        if (code_point >= 0x80 || ascii_is_alnum((char)code_point))
            return arena_copy(arena, start, (size_t)(text - start));
    }
    return NULL;
}

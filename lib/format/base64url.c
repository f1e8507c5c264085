#include "format/base64url.h"

#include <b64/cdecode.h>
#include <b64/cencode.h>
#include <string.h>

/* libb64 breaks lines after 72 characters; pieces of 48 bytes give 64, without padding between. */
#define PIECE 48

/* libb64 ends each piece with a newline, which the next piece, or our NUL, overwrites. */
static size_t encode_piece(const char *bytes, size_t length, char *text) {
    base64_encodestate state;
    base64_init_encodestate(&state);
    size_t written = (size_t)base64_encode_block(bytes, (int)length, text, &state);
    base64_encode_blockend(text + written, &state);
    return (length + 2) / 3 * 4;
}

char *base64_encode(struct arena *arena, const void *bytes, size_t length) {
    char *text = arena_alloc(arena, length / 3 * 4 + 4 + 2);
    size_t written = 0;
    for (size_t done = 0; done < length; done += PIECE) {
        size_t piece = length - done < PIECE ? length - done : PIECE;
        written += encode_piece((const char *)bytes + done, piece, text + written);
    }
    text[written] = '\0';
    return text;
}

char *base64url_encode(struct arena *arena, const void *bytes, size_t length) {
    char *text = base64_encode(arena, bytes, length);
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '+')
            *c = '-';
        else if (*c == '/')
            *c = '_';
        else if (*c == '=')
            *c = '\0';
    }
    return text;
}

/* The six bits that a character stands for, or -1. */
static int character_value(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    if (c == '-')
        return 62;
    return c == '_' ? 63 : -1;
}

/* libb64 skips what it does not know and ends where it likes, so everything is checked before. */
static int check(struct arena *arena, const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (character_value(text[i]) < 0) /* RFC 4648 3.3, and 3.2: no padding */
            return fail(arena, ERROR_BASE64URL, "character %zu is not of the alphabet", i + 1);

    size_t rest = length % 4;
    if (rest == 1)
        return fail(arena, ERROR_BASE64URL, "%zu characters are no whole bytes", length);

    int unused = rest == 2 ? 0x0F : rest == 3 ? 0x03 : 0;
    if (unused != 0 && (character_value(text[length - 1]) & unused) != 0) /* RFC 4648 3.5 */
        return fail(arena, ERROR_BASE64URL, "the unused bits of the last character are not zero");
    return 0;
}

static char *standard_alphabet(struct arena *arena, const char *text, size_t length) {
    char *standard = arena_copy(arena, text, length);
    for (size_t i = 0; i < length; i++) {
        if (standard[i] == '-')
            standard[i] = '+';
        else if (standard[i] == '_')
            standard[i] = '/';
    }
    return standard;
}

int base64url_decode(struct arena *arena, const char *text, size_t length, unsigned char **bytes,
                     size_t *bytes_length) {
    if (check(arena, text, length) != 0)
        return -1;

    const char *standard = standard_alphabet(arena, text, length);
    size_t size = length / 4 * 3 + (length % 4 == 0 ? 0 : length % 4 - 1);
    char *decoded = arena_alloc(arena, size + 2); /* libb64 begins a byte more than there is */
    base64_decodestate state;
    base64_init_decodestate(&state);
    base64_decode_block(standard, (int)length, decoded, &state);
    decoded[size] = '\0';

    *bytes = (unsigned char *)decoded;
    *bytes_length = size;
    return 0;
}

int base64url_decode_exactly(struct arena *arena, const char *text, void *bytes, size_t size) {
    unsigned char *decoded = NULL;
    size_t length = 0;
    if (base64url_decode(arena, text, strlen(text), &decoded, &length) != 0)
        return -1;
    if (length != size)
        return fail(arena, ERROR_BASE64URL, "%zu bytes instead of %zu", length, size);
    if (size > 0)
        memcpy(bytes, decoded, size);
    return 0;
}

/* base64url: there is exactly one text for each sequence of bytes, and one sequence for a text. */
#include "fuzz.h"

#include "format/base64url.h"

#include <string.h>

static void text_comes_back(struct arena *arena, const uint8_t *data, size_t size) {
    unsigned char *bytes = NULL;
    size_t length = 0;
    int result = base64url_decode(arena, (const char *)data, size, &bytes, &length);
    must_match(arena, result);
    if (result != 0)
        return;
    const char *text = base64url_encode(arena, bytes, length);
    must_hold(strlen(text) == size && memcmp(text, data, size) == 0,
              "what is decoded is encoded as the same text");
}

static void bytes_come_back(struct arena *arena, const uint8_t *data, size_t size) {
    unsigned char *bytes = NULL;
    size_t length = 0;
    const char *text = base64url_encode(arena, data, size);
    must_hold(base64url_decode(arena, text, strlen(text), &bytes, &length) == 0,
              "what is encoded can be decoded");
    must_hold(length == size && memcmp(bytes, data, size) == 0, "to the same bytes");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    text_comes_back(&arena, data, size);
    bytes_come_back(&arena, data, size);
    arena_close(&arena);
    return 0;
}

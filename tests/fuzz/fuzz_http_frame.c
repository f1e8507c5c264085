/* http_frame: any bytes as a frame; a request that is read is written back as it came. */
#include "fuzz.h"

#include "edge/http_frame.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena arena;
    struct http_request request;
    struct http_response response = {.body = NULL};
    arena_open(&arena, ARENA_LIMIT);
    if (http_frame_parse_request(&arena, (const char *)bytes, size, &request) == 0) {
        struct buffer frame;
        buffer_open(&arena, &frame);
        http_frame_write_request(&request, &frame);
        must_hold(frame.length == size && memcmp(frame.bytes, bytes, size) == 0,
                  "there is one frame for a request");
        must_match(&arena, http_request_check(&arena, &request));
    }
    arena.error = (struct error){.rule = ERROR_NONE};
    if (http_frame_parse_response(&arena, (const char *)bytes, size, &response) == 0)
        must_hold(response.body != NULL && response.body[response.body_length] == '\0',
                  "a body ends with a NUL");
    arena_close(&arena);
    return 0;
}

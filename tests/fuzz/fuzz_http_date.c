/* http_date: what is read is the same again when it is written. */
#include "fuzz.h"

#include "format/http_date.h"

#define NOW 1800000000
#define YEAR_10000 253402300800

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *text = arena_copy(&arena, data, size);
    int64_t when = 0;
    if (http_date_parse(text, NOW, &when)) {
        int64_t again = -1;
        must_hold(when < YEAR_10000 + 60, "it is no later than four digits can say");
        bool writable = when >= 0 && when < YEAR_10000;
        must_hold(!writable || http_date_parse(http_date_format(&arena, when), NOW, &again),
                  "a time can be written");
        must_hold(!writable || again == when, "and is the same again");
    }
    arena_close(&arena);
    return 0;
}

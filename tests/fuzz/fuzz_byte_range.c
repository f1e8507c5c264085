/* byte_range: whatever is asked for of files of any size, what comes out lies within the file. */
#include "fuzz.h"

#include "format/byte_range.h"

static void check(const char *field, int64_t size) {
    struct byte_range range;
    enum byte_range_kind kind = byte_range_parse(field, size, &range);
    if (kind != BYTE_RANGE_PART)
        return;
    must_hold(range.length > 0, "a part is not empty");
    must_hold(range.first >= 0 && range.first < size, "it begins within the file");
    must_hold(range.length <= size - range.first, "it ends within the file");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const int64_t sizes[] = {0, 1, 10, 1000, 4294967296, INT64_MAX};
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *field = arena_copy(&arena, data, size);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        check(field, sizes[i]);
    arena_close(&arena);
    return 0;
}

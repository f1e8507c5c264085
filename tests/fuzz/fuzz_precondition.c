/* precondition: lists of tags, and dates, in each of the fields; the input is the field's value. */
#include "fuzz.h"

#include "format/precondition.h"

#include <string.h>

#define NOW 1800000000
#define ETAG "\"now\""

static const struct validators file = {.etag = ETAG, .has_time = true, .last_modified = 784111777};
static const struct validators fresh = {.etag = NULL};

static enum precondition judge(const struct conditions conditions) {
    return precondition_judge(&conditions, &file, NOW);
}

static void check(const char *field) {
    bool is_star = strcmp(field, "*") == 0;
    bool has_tag = strstr(field, ETAG) != NULL;
    bool strong = judge((struct conditions){.if_match = field}) == PRECONDITION_HOLDS;
    bool weak = judge((struct conditions){.if_none_match = field}) == PRECONDITION_NOT_MODIFIED;
    must_hold(!strong || weak, "what matches strongly matches weakly");
    must_hold(!weak || is_star || has_tag, "only the file's own tag matches");
    bool since = judge((struct conditions){.if_modified_since = field}) != PRECONDITION_HOLDS;
    bool before = judge((struct conditions){.if_unmodified_since = field}) != PRECONDITION_HOLDS;
    must_hold(!since || !before, "a date is not on both sides of another");
    struct conditions range = {.if_range = field};
    bool counts = precondition_range_counts(&range, &file, NOW);
    must_hold(!counts || strong || since, "a range counts only for this file");
    must_hold(!precondition_range_counts(&range, &fresh, NOW),
              "of a file without validators none counts");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    check(arena_copy(&arena, data, size));
    arena_close(&arena);
    return 0;
}

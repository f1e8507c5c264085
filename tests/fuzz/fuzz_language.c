/* language: any text as an Accept-Language field chooses one of our tags; a tag by itself chooses
 * itself. */
#include "fuzz.h"

#include "base/text.h"
#include "format/language.h"

static const char *const tags[] = {"en", "ar", "ko", "pt-BR", "zh-Hant"};
#define COUNT (sizeof(tags) / sizeof(tags[0]))

static bool is_ours(const char *chosen) {
    for (size_t i = 0; i < COUNT; i++)
        if (chosen == tags[i])
            return true;
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *field = arena_copy(&arena, bytes, size);
    const char *chosen = language_choose(field, tags, COUNT);
    must_hold(is_ours(chosen), "one of our languages is chosen");
    must_hold(language_choose(field, &chosen, 1) == chosen, "the only one is chosen");
    for (size_t i = 0; i < COUNT; i++)
        must_hold(!text_equal_nocase(field, tags[i]) || chosen == tags[i], "a tag asks for itself");
    arena_close(&arena);
    return 0;
}

/* mapping: an expression up to the first LF, then any JSON, {"userinfo":…,"id_token":…,…}; what it
 * finds is a text, and the same when it is asked again. */
#include "fuzz.h"

#include "base/text.h"
#include "format/mapping.h"
#include "format/utf8.h"

#include <string.h>

static struct mapping_sources sources_of(struct arena *arena, const char *text, size_t size) {
    struct json *all = NULL;
    if (json_parse(arena, text, size, &all) != 0)
        arena_forget_error(arena);
    return (struct mapping_sources){.of = {
                                        [MAPPING_ID_TOKEN] = json_member(all, "id_token"),
                                        [MAPPING_TOKEN] = json_member(all, "token"),
                                        [MAPPING_USERINFO] = json_member(all, "userinfo"),
                                        [MAPPING_USERINFO2] = json_member(all, "userinfo2"),
                                        [MAPPING_CALLBACK] = json_member(all, "callback"),
                                        [MAPPING_VARIABLE] = json_member(all, "variable"),
                                    }};
}

static void must_be_a_text(struct arena *arena, const char *expression,
                           const struct mapping_sources *sources) {
    enum mapping_source source = MAPPING_SOURCE_COUNT;
    const char *text = mapping_text_from(arena, expression, sources, &source);
    must_hold(source < MAPPING_SOURCE_COUNT, "the source is one");
    if (text == NULL) {
        must_hold(source == MAPPING_DEFAULT, "nothing comes from nowhere");
        return;
    }
    must_hold(mapping_fault(arena, expression, MAPPING_TEXT) == NULL, "a wrong one finds nothing");
    must_hold(*text != '\0' && utf8_is_valid(text, strlen(text)), "a text is UTF-8, not empty");
    must_hold(source == MAPPING_DEFAULT || sources->of[source] != NULL, "it is there");
    must_hold(text_equal(text, mapping_text(arena, expression, sources)), "always the same");
}

static void must_be_judged(struct arena *arena, const char *words,
                           const struct mapping_sources *sources, enum mapping_source source) {
    const struct json *answer = sources->of[source];
    const char *fault = mapping_fault(arena, words, MAPPING_CONDITIONS);
    must_hold(fault == NULL || !mapping_holds(arena, words, source, answer),
              "wrong conditions do not hold");
    fault = mapping_fault(arena, words, MAPPING_PATHS);
    must_hold(fault == NULL || mapping_error(arena, words, source, answer) != NULL,
              "wrong paths are an error");
}

static void must_be_careful(struct arena *arena, const char *expression,
                            const struct mapping_sources *sources) {
    bool truth = mapping_is_true(arena, expression, sources);
    const struct json *value = mapping_value(arena, expression, sources);
    must_hold(!truth || mapping_fault(arena, expression, MAPPING_TRUTH) == NULL,
              "a wrong one is not true");
    must_hold(!mapping_is_met(arena, expression, sources) ||
                  mapping_fault(arena, expression, MAPPING_REQUIREMENT) == NULL,
              "a wrong one is not met");
    must_hold(value == NULL || value->type != JSON_NULL, "null is not there");
    must_hold(value == NULL || mapping_fault(arena, expression, MAPPING_PATH) == NULL,
              "a wrong path leads nowhere");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const uint8_t *end = size == 0 ? NULL : memchr(data, '\n', size);
    size_t length = end == NULL ? size : (size_t)(end - data);
    size_t rest = end == NULL ? size : length + 1;
    const char *expression = arena_copy(&arena, data, length);
    const struct mapping_sources sources =
        sources_of(&arena, (const char *)data + rest, size - rest);

    must_be_a_text(&arena, expression, &sources);
    must_be_careful(&arena, expression, &sources);
    must_be_judged(&arena, expression, &sources, MAPPING_USERINFO);
    must_be_judged(&arena, expression, &sources, MAPPING_USERINFO2);
    must_hold(arena.error.rule == ERROR_NONE, "nothing is recorded");
    arena_close(&arena);
    return 0;
}

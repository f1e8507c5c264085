/* json: what is read is written and read again as the same, and every question can be asked. */
#include "fuzz.h"

#include "base/text.h"
#include "format/json.h"
#include "format/utf8.h"

#include <string.h>

#define END_OF_YEAR_9999 253402300799

static void ask(const struct json *value) {
    int64_t number = 0;
    int64_t seconds = 0;
    bool integer = json_integer(value, &number);
    bool time = json_seconds(value, &seconds);
    must_hold(!time || (seconds >= 0 && seconds <= END_OF_YEAR_9999), "a time is within its range");
    must_hold(!integer || time == (number >= 0 && number <= END_OF_YEAR_9999),
              "an integer within the range is a time");
    must_hold(!integer || !time || number == seconds, "and the same time");
    if (value->text != NULL)
        must_hold(utf8_is_valid(value->text, strlen(value->text)), "a text is UTF-8");
    for (const struct json *child = value->first; child != NULL; child = child->next) {
        if (value->type == JSON_OBJECT)
            must_hold(json_member(value, child->name) == child, "a name is there once");
        ask(child);
    }
}

static void check(struct arena *arena, const struct json *value) {
    struct json *again = NULL;
    const char *text = json_write(arena, value);
    size_t length = strlen(text);
    must_hold(strpbrk(text, "<>&\n") == NULL, "what is written can stand in a script element");
    if (length <= JSON_SIZE_LIMIT) {
        must_hold(json_parse(arena, text, length, &again) == 0, "what is written can be read");
        must_hold(text_equal(json_write(arena, again), text), "and is the same");
    }
    ask(value);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct json *value = NULL;
    arena_open(&arena, ARENA_LIMIT);
    int result = json_parse(&arena, (const char *)data, size, &value);
    must_match(&arena, result);
    if (result == 0)
        check(&arena, value);
    arena_close(&arena);
    return 0;
}

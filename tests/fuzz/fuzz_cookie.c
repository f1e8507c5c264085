/* cookie: any text as a Cookie field; the two ways to read it must agree. */
#include "fuzz.h"

#include "base/text.h"
#include "edge/cookie.h"

#include <string.h>

/* A name that is listed once has that value; one listed more often is refused. */
static void check_value(struct arena *arena, const struct request *request,
                        const struct cookie *list, const struct cookie *cookie) {
    size_t count = 0;
    for (const struct cookie *other = list; other != NULL; other = other->next)
        count += strcmp(other->name, cookie->name) == 0;
    const char *value = NULL;
    int result = cookie_value(arena, request, cookie->name, &value);
    must_match(arena, result);
    if (count == 1)
        must_hold(text_equal(value, cookie->value), "a cookie is found by its name");
    else
        must_hold(arena->error.rule == ERROR_COOKIE_REPEATED, "a repeated cookie is refused");
    arena->error = (struct error){.rule = ERROR_NONE};
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena arena;
    if (size > REQUEST_COOKIE_LIMIT)
        return -1;
    arena_open(&arena, ARENA_LIMIT);
    const struct request request = {.cookies = arena_copy(&arena, bytes, size)};
    const struct cookie *list = cookie_list(&arena, &request, "");
    int checked = 0;
    for (const struct cookie *cookie = list; cookie != NULL && checked < 20;
         cookie = cookie->next, checked++) {
        must_hold(*cookie->name != '\0', "a cookie has a name");
        must_hold(strpbrk(cookie->name, ";=") == NULL && strchr(cookie->value, ';') == NULL,
                  "no separator is left");
        check_value(&arena, &request, list, cookie);
    }
    arena_close(&arena);
    return 0;
}

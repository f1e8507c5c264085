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

static size_t count(const struct cookie *list) {
    size_t length = 0;
    for (; list != NULL; list = list->next)
        length++;
    return length;
}

/* Ours do not go on; all others do. */
static void check_others(struct arena *arena, const struct request *request,
                         const struct cookie *list) {
    const struct request rest = {.cookies = cookie_field_of_others(arena, request)};
    must_hold(cookie_list(arena, &rest, "latchkey-") == NULL &&
                  cookie_list(arena, &rest, "__Host-latchkey-") == NULL,
              "no cookie of ours goes on");
    must_hold(count(cookie_list(arena, &rest, "")) ==
                  count(list) - count(cookie_list(arena, request, "latchkey-")) -
                      count(cookie_list(arena, request, "__Host-latchkey-")),
              "every other cookie goes on");
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
    check_others(&arena, &request, list);
    arena_close(&arena);
    return 0;
}

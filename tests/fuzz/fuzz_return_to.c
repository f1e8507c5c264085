/* return_to: whatever is accepted is a place of this site, as we read it and as browsers do. */
#include "fuzz.h"

#include "base/text.h"
#include "format/uri.h"
#include "login/return_to.h"

#include <string.h>

#define SITE "https://www.example.org"

/* Browsers take "\" for "/" and drop control bytes: none of these may be there at all. */
static void must_stay_here(struct arena *arena, const char *path) {
    struct uri uri;
    must_hold(path[0] == '/' && path[1] != '/' && strlen(path) <= RETURN_TO_LIMIT,
              "it is a path, and not too long");
    for (const char *c = path; *c != '\0'; c++)
        must_hold(*c > ' ' && *c < 0x7F && *c != '\\' && *c != '#', "it is of plain characters");
    must_hold(uri_parse(arena, arena_format(arena, SITE "%s", path), &uri) == 0,
              "it is a URI's path and query");
    must_hold(text_equal(uri.host, "www.example.org") && uri.userinfo == NULL && uri.port == 443,
              "it stays on this host");
    must_hold(strstr(uri.path, "//") == NULL && strcasestr(uri.path, "%2f") == NULL &&
                  strcasestr(uri.path, "%5c") == NULL && strcasestr(uri.path, "%2e") == NULL,
              "it has no slash too many");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *text = arena_copy(&arena, data, size);
    const char *path = NULL;
    int result = return_to_check(&arena, text);
    must_match(&arena, result);
    if (result == 0)
        must_stay_here(&arena, text);

    arena_forget_error(&arena);
    int from_uri = return_to_from_uri(&arena, SITE, text, &path);
    must_match(&arena, from_uri);
    if (from_uri == 0)
        must_stay_here(&arena, path);

    /* Behind the site's own address, the same text is the same path. */
    arena_forget_error(&arena);
    from_uri = return_to_from_uri(&arena, SITE, arena_format(&arena, SITE "%s", text), &path);
    if (*text != '\0')
        must_hold(from_uri == result, "an absolute address is judged by its path");
    arena_close(&arena);
    return 0;
}

/* api_url: wherever a request goes, it is below the base, as we read it and as servers do. The first line is the path, the rest the query. */
#include "fuzz.h"

#include "base/text.h"
#include "format/uri.h"
#include "login/api_url.h"

#include <string.h>

#define BASE "https://api.example/v1/"

static bool has_dots(const char *path) {
    for (const char *slash = path; slash != NULL; slash = strchr(slash + 1, '/')) {
        size_t length = strcspn(slash + 1, "/");
        if (length > 0 && strspn(slash + 1, ".") == length)
            return true;
    }
    return false;
}

/* However often somebody decodes it, no segment becomes another. */
static void must_stay_below(struct arena *arena, const char *path) {
    char *text = arena_text(arena, path);
    for (size_t before = strlen(text) + 1; strlen(text) < before;) {
        before = strlen(text);
        must_hold(!has_dots(text) && strstr(text, "//") == NULL,
                  "it has no dots and no empty segment");
        must_hold(strpbrk(text, "\\;\r\n") == NULL,
                  "it is of no bytes that servers read differently");
        if (uri_decode(arena, text, before, &text) != 0) {
            arena_forget_error(arena); /* a "%" that encodes nothing: nobody decodes any further */
            return;
        }
    }
}

static void must_be_right(struct arena *arena, const char *url, const char *query) {
    struct uri uri;
    must_hold(uri_parse(arena, url, &uri) == 0, "it is a URL");
    must_hold(text_equal(uri.scheme, "https") && text_equal(uri.host, "api.example") &&
                  uri.port == 443 && uri.userinfo == NULL && uri.fragment == NULL,
              "it stays at this host");
    must_hold(text_starts_with(uri.path, "/v1/") || text_equal(uri.path, "/v1"),
              "it is below the base");
    must_stay_below(arena, uri.path);
    must_hold((uri.query == NULL) == (*query == '\0'), "a path makes no query");
    must_hold(uri.query == NULL || strcasestr(uri.query, "key=") != uri.query,
              "a parameter that is ours is not theirs");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    char *path = arena_copy(&arena, data, size);
    char *query = strchr(path, '\n');
    if (query != NULL)
        *query++ = '\0';
    const struct api_url_parts parts = {
        .base = BASE, .path = path, .query = query != NULL ? query : "", .reserved = "key"};
    char *url = NULL;
    int result = api_url(&arena, &parts, &url);
    must_match(&arena, result);
    if (result == 0)
        must_be_right(&arena, url, parts.query);
    arena_close(&arena);
    return 0;
}

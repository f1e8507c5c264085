/* uri: the parts put together again are the same URI, and a safe endpoint is one by its text. */
#include "fuzz.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/uri.h"

#include <string.h>

static bool same(const char *a, const char *b) {
    return (a == NULL && b == NULL) || text_equal(a, b);
}

static const char *put_together(struct arena *arena, const struct uri *uri) {
    struct buffer out;
    buffer_open(arena, &out);
    buffer_add_format(&out, "%s://", uri->scheme);
    if (uri->userinfo != NULL)
        buffer_add_format(&out, "%s@", uri->userinfo);
    buffer_add_text(&out, uri->host);
    if (uri->port >= 0)
        buffer_add_format(&out, ":%d", uri->port);
    buffer_add_text(&out, uri->path);
    if (uri->query != NULL)
        buffer_add_format(&out, "?%s", uri->query);
    if (uri->fragment != NULL)
        buffer_add_format(&out, "#%s", uri->fragment);
    return out.bytes;
}

static void must_read_the_same(struct arena *arena, const struct uri *uri) {
    const char *text = put_together(arena, uri);
    struct uri again;
    if (strlen(text) > URI_LIMIT) /* by the port that was not written */
        return;
    must_hold(uri_parse(arena, text, &again) == 0, "the parts give a URI");
    must_hold(same(again.scheme, uri->scheme) && same(again.userinfo, uri->userinfo) &&
                  same(again.host, uri->host) && again.port == uri->port &&
                  same(again.path, uri->path) && same(again.query, uri->query) &&
                  same(again.fragment, uri->fragment),
              "the parts give the same URI");
}

/* What a reader of the text alone would say, who knows nothing of our parser. */
static void must_look_safe(const char *text, const struct uri *uri) {
    bool http = strncasecmp(text, "http://", 7) == 0;
    must_hold(http || strncasecmp(text, "https://", 8) == 0, "safe is http or https");
    const char *authority = strchr(text, '/') + 2;
    size_t length = strcspn(authority, "/?");
    must_hold(memchr(authority, '@', length) == NULL, "safe is without userinfo");
    must_hold(strpbrk(text, "#\\ \t\r\n") == NULL, "safe is without fragment and white space");
    if (http)
        must_hold(strncasecmp(authority, "localhost", 9) == 0 ||
                      strncmp(authority, "127.", 4) == 0 || authority[0] == '[',
                  "safe http is for this machine");
    must_hold(strncasecmp(authority, uri->host, strlen(uri->host)) == 0, "the host is the host");
}

static void must_take_a_query(struct arena *arena, const char *text) {
    struct form form = {.first = NULL};
    struct uri uri;
    form_put(arena, &form, "state", "a b&c");
    const char *longer = uri_with_query(arena, text, &form);
    if (strlen(longer) > URI_LIMIT)
        return;
    must_hold(uri_parse(arena, longer, &uri) == 0, "a query can be added to a URI");
    must_hold(uri.query != NULL && strstr(uri.query, "state=a%20b%26c") != NULL, "it is there");
}

static void check(struct arena *arena, const char *text, const struct uri *uri) {
    struct uri origin;
    must_read_the_same(arena, uri);
    must_take_a_query(arena, text);
    must_hold(uri_parse(arena, uri_origin(arena, uri), &origin) == 0, "an origin is a URI");
    must_hold(text_equal(origin.host, uri->host) && origin.port == uri->port,
              "an origin has host and port");
    if (uri_is_safe_endpoint(uri))
        must_look_safe(text, uri);
}

static void decoding_is_undone_by_encoding(struct arena *arena, const uint8_t *data, size_t size) {
    char *decoded = NULL;
    char *again = NULL;
    int result = uri_decode(arena, (const char *)data, size, &decoded);
    must_match(arena, result);
    if (result != 0)
        return;
    const char *encoded = uri_encode(arena, decoded);
    must_hold(uri_decode(arena, encoded, strlen(encoded), &again) == 0 && same(again, decoded),
              "what is encoded is decoded to the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct uri uri;
    arena_open(&arena, ARENA_LIMIT);
    const char *text = arena_copy(&arena, data, size);
    int result = uri_parse(&arena, text, &uri);
    must_match(&arena, result);
    if (result == 0)
        check(&arena, text, &uri);
    arena.error = (struct error){.rule = ERROR_NONE};
    decoding_is_undone_by_encoding(&arena, data, size);
    arena_close(&arena);
    return 0;
}

/* login/api_url: below the base, and nowhere else. */
#include "unit.h"

#include "login/api_url.h"

#include "base/text.h"
#include "format/uri.h"

#include <string.h>

#define BASE "https://api.example/v1/"

static int make(struct arena *arena, const char *path, const char *query, char **url) {
    const struct api_url_parts parts = {.base = BASE, .path = path, .query = query};
    return api_url(arena, &parts, url);
}

static void assert_url(struct arena *arena, const char *path, const char *query,
                       const char *expected) {
    char *url = NULL;
    assert_works(arena, make(arena, path, query, &url));
    assert_string_equal(url, expected);
}

static void what_is_plain_goes_as_it_is(void **state) {
    const char *cases[][2] = {
        {"", BASE},
        {"/", BASE},
        {"/users/me/labels", BASE "users/me/labels"},
        {"/folder/", BASE "folder/"},
        {"/v2/things:batchGet", BASE "v2/things:batchGet"},
        {"/people/ada@example.org", BASE "people/ada@example.org"},
        {"/a,b=c+d!$&'()*", BASE "a,b=c+d!$&'()*"},
        {"/-._~", BASE "-._~"},
        {"/...x", BASE "...x"},
        {"/.hidden", BASE ".hidden"},
        {"/a..b", BASE "a..b"},
        {"/2.0", BASE "2.0"},
        {"/https:", BASE "https:"},
        {"/user:secret@evil.example", BASE "user:secret@evil.example"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_url(*state, cases[i][0], "", cases[i][1]);
}

/* A "%" was a "%25" in the browser's request. */
static void everything_else_is_encoded(void **state) {
    const char *cases[][2] = {
        {"/a b", BASE "a%20b"},
        {"/100%", BASE "100%25"},
        {"/100%25", BASE "100%2525"},
        {"/50%41", BASE "50%2541"},
        {"/a?b=c", BASE "a%3Fb=c"},
        {"/a#b", BASE "a%23b"},
        {"/caf\xC3\xA9", BASE "caf%C3%A9"},
        {"/\xF0\x9F\x97\x9D", BASE "%F0%9F%97%9D"},
        {"/\"<>[]^`{|}", BASE "%22%3C%3E%5B%5D%5E%60%7B%7C%7D"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_url(*state, cases[i][0], "", cases[i][1]);
}

static void no_segment_leads_away(void **state) {
    struct arena *arena = *state;
    const char *bad[] = {
        "/..",
        "/.",
        "/../",
        "/../admin",
        "/a/../../admin",
        "/a/./b",
        "/a/..",
        "//evil.example/",
        "/a//b",
        "/a//",
        "//",
        "///",
        "/%2e%2e",
        "/%2E%2e/admin",
        "/.%2e/admin",
        "/%2e",
        "/%252e%252e/admin",
        "/%25252e%25252E/admin",
        "/%2525252525252525252e./admin",
        "/%%32%65%2e/admin",
        "/%2%65./admin",
        "/a%2fb",
        "/a%2F..%2Fb",
        "/%252f",
        "/%255c",
        "/a\\b",
        "/..\\admin",
        "/%5c..%5c",
        "/a;b",
        "/..;/admin",
        "/..;jsessionid=1/admin",
        "/a%3bb",
        "/a%253Bb",
        "/a%00",
        "/%2500",
        "/a%0d%0aX: y",
        "/%250a",
        "/a%7f",
        "/a\tb",
        "/a\x7F",
        "/.. ",
        "/ ..",
        "/. .",
        "/...",
        "/%20..",
        "/ ",
        "/%c0%ae%c0%ae",
        "/%c0%af",
        "/%e0%80%af",
        "/%ff",
        "/%u002e%u002e",
        "/%U002F",
        "/%25u002e",
        "\\",
        "x",
        "..",
        "@evil.example/",
        ".evil.example/",
        ":8443/",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *url = NULL;
        if (make(arena, bad[i], "", &url) != -1)
            fail_msg("\"%s\" became %s", bad[i], url);
        assert_int_equal(arena->error.rule, ERROR_REQUEST_PATH);
        assert_null(strstr(arena->error.detail, "admin"));
        arena_forget_error(arena);
    }
}

static void a_path_has_a_limit(void **state) {
    struct arena *arena = *state;
    char path[API_PATH_LIMIT + 2];
    char *url = NULL;
    memset(path, 'a', sizeof(path));
    path[0] = '/';
    path[API_PATH_LIMIT] = '\0';
    assert_works(arena, make(arena, path, "", &url));
    path[API_PATH_LIMIT] = 'a';
    path[API_PATH_LIMIT + 1] = '\0';
    assert_fails(arena, ERROR_REQUEST_PATH, make(arena, path, "", &url));
}

static void a_query_goes_along(void **state) {
    const char *cases[][2] = {
        {"q=a+b&x=%20%2F%0A", BASE "?q=a+b&x=%20%2F%0A"},
        {"filter[name]=x|y", BASE "?filter%5Bname%5D=x%7Cy"},
        {"a=/?:@!$'()*,;", BASE "?a=/?:@!$'()*,;"},
        {"q=caf\xC3\xA9", BASE "?q=caf%C3%A9"},
        {"q=#x", BASE "?q=%23x"},
        {"..//..", BASE "?..//.."},
        {"x=%ff", BASE "?x=%ff"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_url(*state, "", cases[i][0], cases[i][1]);
}

static void a_query_that_is_none_is_refused(void **state) {
    struct arena *arena = *state;
    char *url = NULL;
    const char *malformed[] = {"a=%", "a=%2", "a=%zz", "a=%00", "%00"};
    for (size_t i = 0; i < sizeof(malformed) / sizeof(malformed[0]); i++)
        assert_fails(arena, ERROR_PERCENT, make(arena, "/x", malformed[i], &url));
    const char *control[] = {"a\r\nX: y", "a\nb", "a\tb", "\x7F", "\x01"};
    for (size_t i = 0; i < sizeof(control) / sizeof(control[0]); i++)
        assert_fails(arena, ERROR_REQUEST_MALFORMED, make(arena, "/x", control[i], &url));
    char *query = arena_alloc(arena, URI_LIMIT + 1);
    memset(query, 'a', URI_LIMIT);
    assert_fails(arena, ERROR_REQUEST_TOO_LARGE, make(arena, "/x", query, &url));
}

static void our_own_parameters_cannot_be_sent_along(void **state) {
    struct arena *arena = *state;
    const char *bad[] = {
        "appid=mine",      "a=b&appid=",     "a=b;appid=x",      "APPID=x",
        "appid",           "%61ppid=x",      "app%69%64=x",      "appid[]=x",
        "appid%5B0%5D=x",  "+appid=x",       "%20appid=x",       "&&appid=x",
        "access_token=x",  "access+token=x", "access.token=x",   "access%20token=x",
        "a=1&b=2&appid=3", "appid%00=x",     "access%5Ftoken=x", "Access_Token=x"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        char *url = NULL;
        const struct api_url_parts parts = {
            .base = BASE, .path = "", .query = bad[i], .reserved = "appid access_token"};
        if (api_url(arena, &parts, &url) != -1)
            fail_msg("%s", bad[i]);
        assert_int_equal(arena->error.rule, ERROR_REQUEST_MALFORMED);
        arena_forget_error(arena);
    }
    const char *good[] = {"appids=x", "app=id", "x=appid", "a=b&xappid=1", "access=token"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        char *url = NULL;
        const struct api_url_parts parts = {
            .base = BASE, .path = "", .query = good[i], .reserved = "appid access_token"};
        assert_works(arena, api_url(arena, &parts, &url));
    }
}

static void a_base_with_and_without_a_slash(void **state) {
    struct arena *arena = *state;
    const char *cases[][3] = {
        {"https://api.example", "", "https://api.example"},
        {"https://api.example", "/x", "https://api.example/x"},
        {"https://api.example/", "/x", "https://api.example/x"},
        {"https://api.example/graphql", "", "https://api.example/graphql"},
        {"https://api.example/graphql", "/", "https://api.example/graphql/"},
        {"https://api.example:8443/a/b", "/c", "https://api.example:8443/a/b/c"},
        {"http://localhost:8081/api/", "/notes", "http://localhost:8081/api/notes"},
        {"https://api.example/a%20b/", "/c", "https://api.example/a%20b/c"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char *url = NULL;
        const struct api_url_parts parts = {.base = cases[i][0], .path = cases[i][1], .query = ""};
        assert_null(api_url_base_fault(arena, cases[i][0]));
        assert_works(arena, api_url(arena, &parts, &url));
        assert_string_equal(url, cases[i][2]);
    }
}

static void a_base_is_a_place(void **state) {
    const char *bad[] = {"",
                         "/v1/",
                         "api.example",
                         "http://api.example/",
                         "ftp://api.example/",
                         "https://user:secret@api.example/",
                         "https://api.example/?key=1",
                         "https://api.example/?",
                         "https://api.example/#x",
                         "https://api.example/../x",
                         "https://api.example/a/../b",
                         "https://api.example/a/%2e%2e/",
                         "https://api.example/a//b",
                         "https://api.example/a;b",
                         "https://api.example/a%2fb",
                         "https://api.example\\@evil.example/",
                         "https://{instance}/"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (api_url_base_fault(*state, bad[i]) == NULL)
            fail_msg("\"%s\"", bad[i]);
}

/* Whatever bytes there are: it is refused, or below the base. */
static void nothing_gets_out(void **state) {
    static const char alphabet[] = "./\\%25efF;:@?#~a \x7F\xC0\xAE\xC3\xA9";
    struct arena *arena = *state;
    unsigned seed = 1;
    int made = 0;
    for (int round = 0; round < 20000; round++) {
        char path[9] = "/";
        for (size_t i = 1; i < sizeof(path) - 1; i++) {
            seed = seed * 1103515245U + 12345U;
            path[i] = alphabet[(seed >> 16) % (sizeof(alphabet) - 1)];
        }
        char *url = NULL;
        struct uri uri;
        if (make(arena, path, path + 4, &url) != 0) {
            arena_reset(arena);
            continue;
        }
        made++;
        assert_works(arena, uri_parse(arena, url, &uri));
        assert_string_equal(uri.host, "api.example");
        assert_true(text_starts_with(uri.path, "/v1/"));
        assert_null(strstr(uri.path, "//"));
        assert_null(strstr(uri.path, "/../"));
        assert_null(uri.fragment);
        arena_reset(arena);
    }
    assert_true(made > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(what_is_plain_goes_as_it_is),
        unit_test(everything_else_is_encoded),
        unit_test(no_segment_leads_away),
        unit_test(a_path_has_a_limit),
        unit_test(a_query_goes_along),
        unit_test(a_query_that_is_none_is_refused),
        unit_test(our_own_parameters_cannot_be_sent_along),
        unit_test(a_base_with_and_without_a_slash),
        unit_test(a_base_is_a_place),
        unit_test(nothing_gets_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

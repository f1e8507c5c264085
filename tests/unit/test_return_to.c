/* login/return_to: whatever is accepted stays on this site, as we read it and as a browser does. */
#include "fixture.h"

#include "format/uri.h"
#include "login/return_to.h"
#include "return_to_strings.h"

static bool is_accepted(struct arena *arena, const char *text) {
    bool accepted = return_to_check(arena, text) == 0;
    assert_int_equal(arena->error.rule, accepted ? ERROR_NONE : ERROR_RETURN_TO);
    arena_forget_error(arena);
    return accepted;
}

static void what_would_lead_elsewhere_is_refused(void **state) {
    assert_true(FIXTURE_COUNT(refused_paths) >= 150);
    for (size_t i = 0; i < FIXTURE_COUNT(refused_paths); i++)
        if (is_accepted(*state, refused_paths[i]))
            fail_msg("accepted: %s", refused_paths[i]);
}

static void places_of_this_site_are_accepted(void **state) {
    for (size_t i = 0; i < FIXTURE_COUNT(accepted_paths); i++)
        if (!is_accepted(*state, accepted_paths[i]))
            fail_msg("refused: %s", accepted_paths[i]);
}

/* A browser's reading, simplified to its dangerous side: control bytes and spaces dropped, backslashes slashes,
 * %XX decoded; then there may be no second slash, and no dots to step up with. */
static void assert_stays_here(struct arena *arena, const char *text) {
    struct uri uri;
    const char *whole = arena_format(arena, "https://www.example.org%s", text);
    if (uri_parse(arena, whole, &uri) != 0 || !text_equal(uri.host, "www.example.org") ||
        uri.userinfo != NULL || uri.fragment != NULL || uri.port != 443)
        fail_msg("another site: %s", text);
    const char *path = uri.path;
    if (path[0] != '/' || strstr(path, "//") != NULL || strchr(path, '\\') != NULL ||
        strstr(path, "/./") != NULL || strstr(path, "/../") != NULL)
        fail_msg("a path with tricks: %s", text);
    for (const char *c = text; *c != '\0'; c++)
        if ((unsigned char)*c <= ' ' || (unsigned char)*c >= 0x7F)
            fail_msg("a byte that browsers drop: %s", text);
    if (strcasestr(path, "%2f") != NULL || strcasestr(path, "%5c") != NULL ||
        strcasestr(path, "%2e") != NULL || strcasestr(path, "%25") != NULL)
        fail_msg("encoded once too often: %s", text);
}

static void whatever_is_accepted_stays_here(void **state) {
    for (size_t i = 0; i < FIXTURE_COUNT(accepted_paths); i++)
        assert_stays_here(*state, accepted_paths[i]);
}

/* Every text of up to four of the bytes that the tricks are made of. */
static void all_short_texts_of_dangerous_bytes_stay_here(void **state) {
    static const char bytes[] = "/\\.%2f5c@:?#\t\x01a";
    const size_t count = sizeof(bytes) - 1;
    size_t accepted = 0;
    for (size_t number = 0; number < count * count * count * count; number++) {
        const char text[] = {'/',
                             bytes[number % count],
                             bytes[number / count % count],
                             bytes[number / count / count % count],
                             bytes[number / count / count / count],
                             '\0'};
        if (!is_accepted(*state, text))
            continue;
        accepted++;
        assert_stays_here(*state, text);
        if (number % 100 == 0)
            arena_reset(*state);
    }
    assert_true(accepted > 1000);
}

static void every_other_byte_after_the_slash_is_judged(void **state) {
    static const char allowed[] = "-._~!$&'()*+,;=:@"
                                  "0123456789abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int byte = 1; byte < 256; byte++) {
        const char text[] = {'/', (char)byte, 'x', '\0'};
        bool good = byte == '?' || strchr(allowed, byte) != NULL;
        if (is_accepted(*state, text) != good)
            fail_msg("byte 0x%02x", (unsigned)byte);
    }
}

static void the_length_is_limited(void **state) {
    char text[RETURN_TO_LIMIT + 2] = "/";
    memset(text + 1, 'a', RETURN_TO_LIMIT - 1);
    assert_true(is_accepted(*state, text));
    text[RETURN_TO_LIMIT] = 'a';
    assert_false(is_accepted(*state, text));
}

static void nothing_is_no_path(void **state) {
    assert_false(is_accepted(*state, NULL));
}

/* ---- target_link_uri ------------------------------------------------------------------------- */

static void an_address_of_this_site_becomes_a_path(void **state) {
    const struct {
        const char *uri;
        const char *path;
    } cases[] = {
        {FIXTURE_SITE, "/"},
        {FIXTURE_SITE "/", "/"},
        {FIXTURE_SITE "/a/b?c=d", "/a/b?c=d"},
        {FIXTURE_SITE "/a?u=https://evil.example/", "/a?u=https://evil.example/"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const char *path = NULL;
        assert_works(arena, return_to_from_uri(arena, FIXTURE_SITE, cases[i].uri, &path));
        assert_string_equal(path, cases[i].path);
    }
}

static void an_address_of_any_other_site_is_refused(void **state) {
    static const char *const uris[] = {
        "",
        "/",
        "/a",
        "//www.example.org/",
        "https://",
        "https:",
        "https:/www.example.org/",
        "http://www.example.org/",
        "HTTPS://www.example.org/",
        "https://WWW.example.org/",
        "https://example.org/",
        "https://www.example.org.evil.example/",
        "https://www.example.orgevil.example/",
        "https://www.example.org@evil.example/",
        "https://www.example.org:443/",
        "https://www.example.org:8443/",
        "https://www.example.org:x@evil.example/",
        "https://www.example.org%40evil.example/",
        "https://www.example.org\\@evil.example/",
        "https://www.example.org\\evil.example",
        "https://user@www.example.org/",
        "https://www.example.org?x",
        "https://www.example.org#x",
        "https://www.example.org./",
        "https://evil.example/https://www.example.org/",
        "https://evil.example/?https://www.example.org/",
        "https://evil.example#https://www.example.org",
        " https://www.example.org/",
        "\thttps://www.example.org/",
        "https://www.example.org /",
        "https://www.example.org\t/",
        "javascript:https://www.example.org/",
        "data:,https://www.example.org/",
        "https://[::1]/",
        "https://127.0.0.1/",
        "https://www.example.org\xEF\xBC\x8F/evil.example",
        "https://www.example.org%2f/evil",
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(uris); i++) {
        const char *path = NULL;
        if (return_to_from_uri(arena, FIXTURE_SITE, uris[i], &path) == 0)
            fail_msg("accepted: %s", uris[i]);
        assert_int_equal(arena->error.rule, ERROR_RETURN_TO);
        arena_forget_error(arena);
    }
}

/* What follows the site's own address is judged like any return_to. */
static void the_path_behind_the_address_is_checked_too(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(refused_paths); i++) {
        const char *path = NULL;
        if (*refused_paths[i] == '\0')
            continue; /* the address alone is the home page */
        const char *uri = arena_format(arena, "%s%s", FIXTURE_SITE, refused_paths[i]);
        if (return_to_from_uri(arena, FIXTURE_SITE, uri, &path) == 0)
            fail_msg("accepted: %s", uri);
        arena_forget_error(arena);
    }
}

/* What the web server tells of a request: REQUEST_URI and SCRIPT_NAME. */
struct told {
    const char *uri;
    const char *program;
};

static const char *told_variable(const struct gateway *gateway, const char *name) {
    const struct told *told = gateway->stream;
    return text_equal(name, "REQUEST_URI")   ? told->uri
           : text_equal(name, "SCRIPT_NAME") ? told->program
                                             : NULL;
}

static const char *here(struct arena *arena, const struct told *told, const char *path_info,
                        const char *query) {
    const struct gateway gateway = {.variable = told_variable, .stream = (void *)told};
    const struct request request = {
        .path_info = path_info, .query_string = query, .gateway = &gateway};
    return return_to_here(arena, &request);
}

static void a_request_is_come_back_to_as_the_browser_said_it(void **state) {
    const struct told told = {"/members/%ED%95%98?a=b&c=%20d", "/cgi-bin/members.cgi"};
    assert_string_equal(here(*state, &told, "/x", "y"), told.uri);
}

static void what_would_lead_elsewhere_is_not_come_back_to(void **state) {
    for (size_t i = 0; i < FIXTURE_COUNT(refused_paths); i++) {
        const struct told told = {refused_paths[i], "/cgi-bin/members.cgi"};
        const char *place = here(*state, &told, "", "");
        assert_non_null(place);
        assert_stays_here(*state, place);
        assert_true(is_accepted(*state, place));
    }
}

static void without_its_uri_a_request_is_put_together(void **state) {
    const struct told told = {NULL, "/cgi-bin/a b.cgi"};
    assert_string_equal(here(*state, &told, "/\xED\x95\x98/", "q=1"),
                        "/cgi-bin/a%20b.cgi/%ED%95%98/?q=1");
    assert_string_equal(here(*state, &told, "", ""), "/cgi-bin/a%20b.cgi");
}

static void an_unfit_query_is_left_out(void **state) {
    struct arena *arena = *state;
    char long_query[RETURN_TO_LIMIT + 1];
    memset(long_query, 'x', sizeof(long_query) - 1);
    long_query[sizeof(long_query) - 1] = '\0';
    const struct told told = {arena_format(arena, "/a/b?%s", long_query), "/cgi-bin/c.cgi"};
    assert_string_equal(here(arena, &told, "", ""), "/a/b");
    const struct told bare = {NULL, "/cgi-bin/c.cgi"};
    assert_string_equal(here(arena, &bare, "/d", long_query), "/cgi-bin/c.cgi/d");
    assert_string_equal(here(arena, &bare, "/d", "a=\"<>\""), "/cgi-bin/c.cgi/d");
}

static void where_nothing_fits_there_is_no_way_back(void **state) {
    static const char *const paths[] = {"//evil.example", "/../x", "/%2e", "/a\\b", "/a/../b"};
    for (size_t i = 0; i < FIXTURE_COUNT(paths); i++) {
        const struct told told = {NULL, "/cgi-bin/c.cgi"};
        assert_null(here(*state, &told, paths[i], ""));
    }
    const struct told nothing = {NULL, NULL};
    assert_null(here(*state, &nothing, "", ""));
    const struct told control = {"/a\nb", "/c\nd"};
    assert_null(here(*state, &control, "", ""));
}

static void what_failed_before_is_still_known(void **state) {
    struct arena *arena = *state;
    const struct told told = {"//evil.example/", "/\x01"};
    fail(arena, ERROR_UNAUTHENTICATED, "nobody");
    assert_null(here(arena, &told, "", ""));
    assert_int_equal(arena->error.rule, ERROR_UNAUTHENTICATED);
    arena_forget_error(arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(what_would_lead_elsewhere_is_refused),
        unit_test(places_of_this_site_are_accepted),
        unit_test(whatever_is_accepted_stays_here),
        unit_test(all_short_texts_of_dangerous_bytes_stay_here),
        unit_test(every_other_byte_after_the_slash_is_judged),
        unit_test(the_length_is_limited),
        unit_test(nothing_is_no_path),
        unit_test(an_address_of_this_site_becomes_a_path),
        unit_test(an_address_of_any_other_site_is_refused),
        unit_test(the_path_behind_the_address_is_checked_too),
        unit_test(a_request_is_come_back_to_as_the_browser_said_it),
        unit_test(what_would_lead_elsewhere_is_not_come_back_to),
        unit_test(without_its_uri_a_request_is_put_together),
        unit_test(an_unfit_query_is_left_out),
        unit_test(where_nothing_fits_there_is_no_way_back),
        unit_test(what_failed_before_is_still_known),
    };
    return cmocka_run_group_tests_name("return_to", tests, NULL, NULL);
}

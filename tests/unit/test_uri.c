/* format/uri: RFC 3986 strictly, and hosts that only look like this machine. */
#include "unit.h"

#include "base/buffer.h"
#include "format/uri.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *or_absent(const char *part) {
    return part == NULL ? "-" : part;
}

/* "scheme userinfo host port path query fragment", with "-" for what is absent. */
static const char *show(struct arena *arena, const struct uri *uri) {
    return arena_format(arena, "%s %s %s %d %s %s %s", uri->scheme, or_absent(uri->userinfo),
                        uri->host, uri->port, uri->path, or_absent(uri->query),
                        or_absent(uri->fragment));
}

static struct uri read_uri(struct arena *arena, const char *text) {
    struct uri uri;
    assert_works(arena, uri_parse(arena, text, &uri));
    return uri;
}

static void the_parts_of_a_uri_are_found(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *text, *parts;
    } uris[] = {
        {"https://www.example.org", "https - www.example.org 443  - -"},
        {"https://www.example.org/", "https - www.example.org 443 / - -"},
        {"HTTPS://WWW.Example.ORG/Path", "https - www.example.org 443 /Path - -"},
        {"http://a", "http - a 80  - -"},
        {"http://a:8080/b/c?d=e&f#g", "http - a 8080 /b/c d=e&f g"},
        {"https://a?b", "https - a 443  b -"},
        {"https://a#b", "https - a 443  - b"},
        {"https://a/?#", "https - a 443 /  "},
        {"https://a/?b?c/d#e?f/g", "https - a 443 / b?c/d e?f/g"},
        {"https://a/#b?c", "https - a 443 / - b?c"},
        {"https://a:/", "https - a 443 / - -"},
        {"https://a:0/", "https - a 0 / - -"},
        {"https://a:65535/", "https - a 65535 / - -"},
        {"https://a:00443/", "https - a 443 / - -"},
        {"https://u:p@a/", "https u:p a 443 / - -"},
        {"https://@a/", "https  a 443 / - -"},
        {"https://u%40x@a/", "https u%40x a 443 / - -"},
        {"com.example.app+x-1.y://host/cb", "com.example.app+x-1.y - host -1 /cb - -"},
        {"https://[::1]/", "https - [::1] 443 / - -"},
        {"https://[2001:DB8::1]:8443/", "https - [2001:db8::1] 8443 / - -"},
        {"https://[::ffff:127.0.0.1]/", "https - [::ffff:127.0.0.1] 443 / - -"},
        {"https://127.0.0.1:9/", "https - 127.0.0.1 9 / - -"},
        {"https://example.org./", "https - example.org. 443 / - -"},
        {"https://a_b.c-d~!$&'()*+,;=/", "https - a_b.c-d~!$&'()*+,;= 443 / - -"},
        {"https://a%20b/", "https - a%20b 443 / - -"},
        {"https://a//b/../c/.;x=y@z:1", "https - a 443 //b/../c/.;x=y@z:1 - -"},
        {"https://a/%E2%82%AC%00%0a", "https - a 443 /%E2%82%AC%00%0a - -"},
    };
    for (size_t i = 0; i < COUNT(uris); i++) {
        struct uri uri = read_uri(arena, uris[i].text);
        assert_string_equal(show(arena, &uri), uris[i].parts);
    }
}

static const char *const not_absolute[] = {
    "",
    " ",
    "a",
    "/",
    "//a",
    "//a/b",
    "/a/b",
    "?a",
    "#a",
    ":",
    "://",
    "://a",
    "https",
    "https:",
    "https:/",
    "https:a",
    "https:/a",
    "https://",
    "https:///",
    "https:///a",
    "https://?a",
    "https://#a",
    "https://:443/",
    "https://@",
    "https://@/",
    "https://u@/",
    "https://u@:1/",
    "1https://a",
    "-x://a",
    "ht tp://a",
    "ht_tp://a",
    "ht%74p://a",
    " https://a",
    "\thttps://a",
    "\nhttps://a",
    "https ://a",
    "javascript:alert(1)",
    "data:text/html,x",
    "mailto:a@b",
    "urn:a:b",
    "https:\\\\a",
    "https:/\\a",
    "\\\\a",
    /* ports */
    "https://a:x/",
    "https://a:-1/",
    "https://a:+1/",
    "https://a:1 /",
    "https://a:65536/",
    "https://a:99999999999999999999/",
    "https://a:4294967739/",
    "https://a:1:2/",
    "https://a:80a/",
    "https://a:0x50/",
    "https://a:%38/",
    "https://::1/",
    "https://2001:db8::1/",
    /* userinfo */
    "https://a@b@c/",
    "https://a[b@c/",
    "https://a%@b/",
    /* IPv6 literals */
    "https://[]/",
    "https://[",
    "https://[/",
    "https://]/",
    "https://[::1/",
    "https://::1]/",
    "https://[::1]a/",
    "https://[::1]1/",
    "https://a[::1]/",
    "https://[::1]]/",
    "https://[[::1]]/",
    "https://[::g]/",
    "https://[1::2::3]/",
    "https://[:::]/",
    "https://[1:2:3:4:5:6:7]/",
    "https://[1:2:3:4:5:6:7:8:9]/",
    "https://[12345::]/",
    "https://[::1.2.3]/",
    "https://[::256.0.0.1]/",
    "https://[127.0.0.1]/",
    "https://[localhost]/",
    "https://[fe80::1%25eth0]/",
    "https://[fe80::1%eth0]/",
    "https://[v1.a]/",
    "https://[::1]:x/",
    "https://[ ::1]/",
    "https://[0000000000000000000000000000000000000000000000000000000000::1]/",
};

static void what_is_no_absolute_uri_with_a_host_is_refused(void **state) {
    struct arena *arena = *state;
    struct uri uri;
    for (size_t i = 0; i < COUNT(not_absolute); i++) {
        if (uri_parse(arena, not_absolute[i], &uri) == 0)
            fail_msg("accepted: %s", not_absolute[i]);
        assert_fails(arena, ERROR_URI, -1);
    }
    assert_fails(arena, ERROR_URI, uri_parse(arena, NULL, &uri));
}

/* A byte that RFC 3986 has no place for is refused wherever it stands. */
static void foreign_bytes_are_refused_everywhere(void **state) {
    struct arena *arena = *state;
    const char *places[] = {"https://%cexample/p?q#f",  "https://u%cu@example/p?q#f",
                            "https://exam%cple/p?q#f",  "https://example%c/p?q#f",
                            "https://example/p%c?q#f",  "https://example/p?q%c#f",
                            "https://example/p?q#f%c",  "https://example/%cp",
                            "https://example/p?q=%c&r", "%chttps://example/"};
    struct uri uri;
    for (int byte = 1; byte < 256; byte++) {
        if (byte > 0x20 && byte < 0x7F && strchr("\"<>\\^`{|}", byte) == NULL)
            continue;
        for (size_t i = 0; i < COUNT(places); i++) {
            const char *before = strstr(places[i], "%c");
            const char *text = arena_format(arena, "%.*s%c%s", (int)(before - places[i]), places[i],
                                            byte, before + 2);
            if (uri_parse(arena, text, &uri) == 0)
                fail_msg("accepted byte %02X: %s", (unsigned)byte, text);
            assert_fails(arena, ERROR_URI, -1);
        }
    }
}

static void malformed_percent_encoding_is_refused_everywhere(void **state) {
    struct arena *arena = *state;
    const char *bad[] = {"%", "%4", "%4g", "%g4", "%%41", "%u0041", "% 1", "%-1"};
    const char *before[] = {"https://a", "https://a/", "https://a/?", "https://a/#", "https://"};
    struct uri uri;
    for (size_t i = 0; i < COUNT(bad); i++)
        for (size_t k = 0; k < COUNT(before); k++) {
            const char *text = arena_format(arena, "%s%s", before[k], bad[i]);
            assert_fails(arena, ERROR_URI, uri_parse(arena, text, &uri));
        }
}

static void brackets_belong_to_ipv6_alone(void **state) {
    struct arena *arena = *state;
    struct uri uri;
    const char *bad[] = {"https://a/[b]", "https://a/?b[]=c", "https://a/#[", "https://a/]"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_fails(arena, ERROR_URI, uri_parse(arena, bad[i], &uri));
    assert_fails(arena, ERROR_URI, uri_parse(arena, "https://a/#b#c", &uri));
}

static void length_has_a_limit(void **state) {
    struct arena *arena = *state;
    char *text = arena_alloc(arena, URI_LIMIT + 2);
    memset(text, 'a', URI_LIMIT + 1);
    memcpy(text, "https://", 8);
    struct uri uri;
    assert_fails(arena, ERROR_URI, uri_parse(arena, text, &uri));
    text[URI_LIMIT] = '\0';
    assert_works(arena, uri_parse(arena, text, &uri));
}

static void this_machine_is_known_by_its_very_names(void **state) {
    struct arena *arena = *state;
    const char *loopback[] = {"http://localhost",   "http://LOCALHOST:8080/x",
                              "http://127.0.0.1/",  "http://127.255.255.254:1/",
                              "http://[::1]:8080/", "http://[0:0:0:0:0:0:0:1]/",
                              "https://127.0.0.1/", "http://127.1.2.3/"};
    const char *others[] = {"http://127.1/",
                            "http://127.0.1/",
                            "http://127/",
                            "http://0x7f.1/",
                            "http://0x7f.0.0.1/",
                            "http://0177.0.0.1/",
                            "http://127.0.0.01/",
                            "http://0127.0.0.1/",
                            "http://2130706433/",
                            "http://0x7f000001/",
                            "http://0.0.0.0/",
                            "http://0/",
                            "http://128.0.0.1/",
                            "http://126.0.0.1/",
                            "http://10.0.0.1/",
                            "http://169.254.169.254/",
                            "http://192.168.0.1/",
                            "http://localhost./",
                            "http://localhost.localdomain/",
                            "http://a.localhost/",
                            "http://localhost.example.org/",
                            "http://xlocalhost/",
                            "http://loc%61lhost/",
                            "http://127.0.0.1./",
                            "http://127.0.0.1.example.org/",
                            "http://127.0.0.1.nip.io/",
                            "http://256.0.0.1/",
                            "http://127.0.0.256/",
                            "http://127.0.0.1.1/",
                            "http://127..0.1/",
                            "http://[::]/",
                            "http://[::2]/",
                            "http://[1::1]/",
                            "http://[::ffff:127.0.0.1]/",
                            "http://[::127.0.0.1]/",
                            "http://[fe80::1]/",
                            "http://localhost@example.org/",
                            "http://127.0.0.1@example.org/"};
    for (size_t i = 0; i < COUNT(loopback); i++) {
        struct uri uri = read_uri(arena, loopback[i]);
        assert_true(uri_is_loopback(&uri));
        assert_true(uri_is_safe_endpoint(&uri));
    }
    for (size_t i = 0; i < COUNT(others); i++) {
        struct uri uri = read_uri(arena, others[i]);
        if (uri_is_loopback(&uri) || uri_is_safe_endpoint(&uri))
            fail_msg("taken for this machine: %s", others[i]);
    }
}

static void a_safe_endpoint_is_https_with_a_plain_host(void **state) {
    struct arena *arena = *state;
    const char *safe[] = {"https://a",
                          "https://a.example.org:8443/b?c=d",
                          "https://example.org./",
                          "https://xn--bcher-kva.example/",
                          "https://a_b.example/",
                          "https://[2001:db8::1]/",
                          "https://2130706433/"};
    const char *unsafe[] = {"http://a",
                            "http://a:443/",
                            "ftp://a/",
                            "wss://a/",
                            "javascript://a/%0aalert(1)",
                            "httpss://a/",
                            "https://u@a/",
                            "https://@a/",
                            "https://good.example@evil.example/",
                            "https://a/#b",
                            "https://a/#",
                            "https://a%2eb/",
                            "https://a,b/",
                            "https://a;b/",
                            "https://a!b/",
                            "https://(a)/",
                            "https://a~b/",
                            "http://u@localhost/",
                            "http://localhost/#x"};
    for (size_t i = 0; i < COUNT(safe); i++) {
        struct uri uri = read_uri(arena, safe[i]);
        assert_true(uri_is_safe_endpoint(&uri));
    }
    for (size_t i = 0; i < COUNT(unsafe); i++) {
        struct uri uri = read_uri(arena, unsafe[i]);
        if (uri_is_safe_endpoint(&uri))
            fail_msg("taken for safe: %s", unsafe[i]);
    }
}

static void an_origin_leaves_out_the_usual_port(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *uri, *origin;
    } origins[] = {
        {"https://A.example/b?c#d", "https://a.example"},
        {"https://a:443/", "https://a"},
        {"http://a:80/", "http://a"},
        {"https://a:80/", "https://a:80"},
        {"http://a:443/", "http://a:443"},
        {"http://localhost:8080/x", "http://localhost:8080"},
        {"https://u:p@[::1]:1/", "https://[::1]:1"},
        {"app://host/", "app://host"},
        {"app://host:7/", "app://host:7"},
    };
    for (size_t i = 0; i < COUNT(origins); i++) {
        struct uri uri = read_uri(arena, origins[i].uri);
        assert_string_equal(uri_origin(arena, &uri), origins[i].origin);
    }
}

static void all_but_unreserved_characters_are_encoded(void **state) {
    struct arena *arena = *state;
    const char *unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    assert_string_equal(uri_encode(arena, unreserved), unreserved);
    assert_string_equal(uri_encode(arena, ""), "");
    assert_string_equal(uri_encode_path(arena, "/a b/%2e?#;\xC3\xA9/"),
                        "/a%20b/%252e%3F%23%3B%C3%A9/");
    for (int byte = 1; byte < 256; byte++) {
        const char text[] = {(char)byte, '\0'};
        if (strchr(unreserved, byte) == NULL)
            assert_string_equal(uri_encode(arena, text),
                                arena_format(arena, "%%%02X", (unsigned)byte));
    }
}

static void fields_are_appended_to_the_query(void **state) {
    struct arena *arena = *state;
    struct form none = {NULL, NULL};
    struct form form = {NULL, NULL};
    form_put(arena, &form, "a", "1 2");
    form_put(arena, &form, "b", "&");
    const struct {
        const char *uri, *with;
    } uris[] = {
        {"https://x", "https://x?a=1%202&b=%26"},
        {"https://x/y", "https://x/y?a=1%202&b=%26"},
        {"https://x/y?", "https://x/y?a=1%202&b=%26"},
        {"https://x/y?z=1", "https://x/y?z=1&a=1%202&b=%26"},
        {"https://x/y?z=1&", "https://x/y?z=1&a=1%202&b=%26"},
        {"https://x/y#z", "https://x/y?a=1%202&b=%26#z"},
        {"https://x/y?q#z?", "https://x/y?q&a=1%202&b=%26#z?"},
        {"/local", "/local?a=1%202&b=%26"},
    };
    for (size_t i = 0; i < COUNT(uris); i++) {
        assert_string_equal(uri_with_query(arena, uris[i].uri, &form), uris[i].with);
        assert_string_equal(uri_with_query(arena, uris[i].uri, &none), uris[i].uri);
    }
}

static void percent_encoding_is_decoded_once(void **state) {
    struct arena *arena = *state;
    char *decoded = NULL;
    assert_works(arena, uri_decode(arena, "a%20%2525+%c3%A9", 16, &decoded));
    assert_string_equal(decoded, "a %25+\xC3\xA9");
    assert_works(arena, uri_decode(arena, "", 0, &decoded));
    assert_string_equal(decoded, "");
    assert_works(arena, uri_decode(arena, "abc", 1, &decoded));
    assert_string_equal(decoded, "a");
}

static void what_cannot_be_decoded_is_refused(void **state) {
    struct arena *arena = *state;
    char *decoded = NULL;
    const char *bad[] = {"%",   "%4",  "%4g", "a%",   "%%", "%00",  "a%00b", "%0a",
                         "%0D", "%1F", "%7f", "\x01", "\n", "\x7F", "%1",    "%+1"};
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_fails(arena, ERROR_PERCENT, uri_decode(arena, bad[i], strlen(bad[i]), &decoded));
    /* cut short: the digits behind the end are not read */
    assert_fails(arena, ERROR_PERCENT, uri_decode(arena, "%41", 2, &decoded));
    assert_fails(arena, ERROR_PERCENT, uri_decode(arena, "%41", 1, &decoded));
    assert_fails(arena, ERROR_PERCENT, uri_decode(arena, "a\0b", 3, &decoded));
    assert_fails(arena, ERROR_UTF8, uri_decode(arena, "%C3", 3, &decoded));
    assert_fails(arena, ERROR_UTF8, uri_decode(arena, "%ED%A0%80", 9, &decoded));
    assert_fails(arena, ERROR_UTF8, uri_decode(arena, "\xE9", 1, &decoded));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_parts_of_a_uri_are_found),
        unit_test(what_is_no_absolute_uri_with_a_host_is_refused),
        unit_test(foreign_bytes_are_refused_everywhere),
        unit_test(malformed_percent_encoding_is_refused_everywhere),
        unit_test(brackets_belong_to_ipv6_alone),
        unit_test(length_has_a_limit),
        unit_test(this_machine_is_known_by_its_very_names),
        unit_test(a_safe_endpoint_is_https_with_a_plain_host),
        unit_test(an_origin_leaves_out_the_usual_port),
        unit_test(all_but_unreserved_characters_are_encoded),
        unit_test(fields_are_appended_to_the_query),
        unit_test(percent_encoding_is_decoded_once),
        unit_test(what_cannot_be_decoded_is_refused),
    };
    return cmocka_run_group_tests_name("uri", tests, NULL, NULL);
}

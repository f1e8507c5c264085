/* format/file_type: what browsers may show, and what they may only save. */
#include "unit.h"

#include "format/file_type.h"

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define UNKNOWN "application/octet-stream"

static void the_last_suffix_decides(void **state) {
    const struct {
        const char *name, *type;
    } cases[] = {
        {"index.html", "text/html; charset=utf-8"},
        {"INDEX.HTM", "text/html; charset=utf-8"},
        {"a.b.css", "text/css; charset=utf-8"},
        {"x.Js", "text/javascript; charset=utf-8"},
        {"x.mjs", "text/javascript; charset=utf-8"},
        {"notes.txt", "text/plain; charset=utf-8"},
        {"data.json", "application/json"},
        {"pic.PNG", "image/png"},
        {"pic.svg", "image/svg+xml"},
        {"a.tar.gz", "application/gzip"},
        {"font.woff2", "font/woff2"},
        {"\xEC\x82\xAC\xEC\xA7\x84.jpeg", "image/jpeg"},
        {"page.html.txt", "text/plain; charset=utf-8"},
        {"page.txt.html", "text/html; charset=utf-8"},
        {"page.html.unknown", UNKNOWN},
        {"page.html~", UNKNOWN},
        {"page.html.", UNKNOWN},
        {"page.", UNKNOWN},
        {"html", UNKNOWN},
        {"ahtml", UNKNOWN},
        {"a.htmlx", UNKNOWN},
        {"a.ht", UNKNOWN},
        {"a.php", UNKNOWN},
        {"a.cgi", UNKNOWN},
        {"a.exe", UNKNOWN},
        {"a.swf", UNKNOWN},
        {"", UNKNOWN},
        {".", UNKNOWN},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(file_type(cases[i].name), cases[i].type);
}

int main(void) {
    const struct CMUnitTest tests[] = {unit_test(the_last_suffix_decides)};
    return cmocka_run_group_tests_name("file_type", tests, NULL, NULL);
}

/* format/ini: what is read, and what is said of a mistake. */
#include "unit.h"

#include "base/buffer.h"
#include "format/ini.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static int parse(struct arena *arena, const char *text, struct ini_section **sections) {
    return ini_parse(arena, "x.conf", text, strlen(text), sections);
}

/* "[kind|label:line name|value:line …]…" */
static const char *show(struct arena *arena, const struct ini_section *section) {
    struct buffer out;
    buffer_open(arena, &out);
    for (; section != NULL; section = section->next) {
        buffer_add_format(&out, "[%s|%s:%d", section->kind, section->label, section->line);
        for (const struct ini_setting *setting = section->settings; setting != NULL;
             setting = setting->next)
            buffer_add_format(&out, " %s|%s:%d", setting->name, setting->value, setting->line);
        buffer_add_text(&out, "]");
    }
    return out.bytes;
}

static void sections_and_settings_are_read(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *text, *sections;
    } files[] = {
        {"", ""},
        {"\n\r\n  \t \n", ""},
        {"; a comment\n# another\n   ; a third\n#4\n  #5", ""},
        {"[site]", "[site|:1]"},
        {"[site]\n", "[site|:1]"},
        {"[site]\r\na = b\r\n", "[site|:1 a|b:2]"},
        {" \t[ site ]\t \n", "[site|:1]"},
        {"[provider google]", "[provider|google:1]"},
        {"[ provider \t google ] ; comment", "[provider|google:1]"},
        {"[a] #", "[a|:1]"},
        {"[a]\nb=c", "[a|:1 b|c:2]"},
        {"[a]\n  b  =  c  d  \n", "[a|:1 b|c  d:2]"},
        {"[a]\nb=\nc =  \n", "[a|:1 b|:2 c|:3]"},
        {"[a]\nb = c ; comment\nd = e # comment", "[a|:1 b|c:2 d|e:3]"},
        {"[a]\nb = c;d#e\nf = ;\ng =;h", "[a|:1 b|c;d#e:2 f|:3 g|;h:4]"},
        {"[a]\nb = c\t;d", "[a|:1 b|c:2]"},
        {"[a]\nb = #03c75a\nc = d #e # f\ng = h #", "[a|:1 b|#03c75a:2 c|d #e:3 g|h:4]"},
        {"[a]\nb = c=d==\n", "[a|:1 b|c=d==:2]"},
        {"[a]\nb = [c]\nd = \"quoted\"\n", "[a|:1 b|[c]:2 d|\"quoted\":3]"},
        {"[a]\nb = \xEA\xB9\x80\n\xC3\xA9 = 1", "[a|:1 b|\xEA\xB9\x80:2 \xC3\xA9|1:3]"},
        {"[a]\nb = c\\\nd = e", "[a|:1 b|c\\:2 d|e:3]"},
        {"[a]\nx=1\n\n[b]\nx=2\n[a b]\nx=3\n[a c]", "[a|:1 x|1:2][b|:4 x|2:5][a|b:6 x|3:7][a|c:8]"},
        {"[a]\nname with spaces = 1", "[a|:1 name with spaces|1:2]"},
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        struct ini_section *sections = NULL;
        assert_works(arena, parse(arena, files[i].text, &sections));
        assert_string_equal(show(arena, sections), files[i].sections);
    }
}

static void mistakes_are_named_with_file_and_line(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *text, *start;
    } mistakes[] = {
        {"a = b", "x.conf:1: a setting before the first [section]"},
        {"\n\nhello\n", "x.conf:3: neither "},
        {"[a]\nclient_secret hunter2", "x.conf:2: neither "},
        {"[a]\n = b", "x.conf:2: there is no name"},
        {"[a]\n=", "x.conf:2: there is no name"},
        {"[a", "x.conf:1: a section ends with"},
        {"[a\nb = c]", "x.conf:1: a section ends with"},
        {"[a] b", "x.conf:1: a section ends with"},
        {"[a];", "x.conf:1: a section ends with"},
        {"[", "x.conf:1: a section ends with"},
        {"[]", "x.conf:1: the section has no name"},
        {"[ \t ]", "x.conf:1: the section has no name"},
        {"[a b c]", "x.conf:1: a section is "},
        {"[[a]]", "x.conf:1: a section is "},
        {"[a [b]]", "x.conf:1: a section is "},
        {"[a]b]", "x.conf:1: a section is "},
        {"[a]\n[b]\n\n[a]", "x.conf:4: this section was already there on line 1"},
        {"[a x]\n[a  x ]", "x.conf:2: this section was already there on line 1"},
        {"[a]\nb=1\nc=2\nb=3", "x.conf:4: b was already set on line 2"},
        {"[a]\nb=1\n b = 1", "x.conf:3: b was already set on line 2"},
        {"[a]\nb = c\x01", "x.conf:2: the line holds a control character"},
        {"[a]\nb = c\x7F", "x.conf:2: the line holds a control character"},
        {"[a]\nb = \x1B[31m", "x.conf:2: the line holds a control character"},
        {"[a]\rb = c", "x.conf:1: the line holds a control character"},
        {"[a]\nb = c\r\r\n", "x.conf:2: the line holds a control character"},
        {"[a]\nb = c\r", "x.conf:2: the line holds a control character"},
        {"; \x0B", "x.conf:1: the line holds a control character"},
        {"[a]\nb = \xFF", "x.conf:2: the line is not UTF-8"},
        {"[a]\nb = caf\xE9\n", "x.conf:2: the line is not UTF-8"},
        {"[a]\n# caf\xE9\n", "x.conf:2: the line is not UTF-8"},
        {"\xEF\xBB\xBF[a]\n", "x.conf:1: a byte order mark"},
        {"\xFF\xFE[", "x.conf:1: the line is not UTF-8"},
    };
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        struct ini_section *sections = NULL;
        assert_int_equal(parse(arena, mistakes[i].text, &sections), -1);
        assert_int_equal(arena->error.rule, ERROR_CONFIG);
        if (strncmp(arena->error.detail, mistakes[i].start, strlen(mistakes[i].start)) != 0)
            assert_string_equal(arena->error.detail, mistakes[i].start);
        assert_null(strstr(arena->error.detail, "hunter2"));
        arena->error = (struct error){.rule = ERROR_NONE};
    }
}

static void a_nul_byte_is_refused(void **state) {
    struct arena *arena = *state;
    struct ini_section *sections = NULL;
    assert_fails(arena, ERROR_CONFIG, ini_parse(arena, "x", "[a]\nb=c\0d", 9, &sections));
    assert_fails(arena, ERROR_CONFIG, ini_parse(arena, "x", "\0", 1, &sections));
}

/* A file with a line of that many bytes, which ends with CRLF. */
static const char *long_line(struct arena *arena, size_t length) {
    char *value = arena_alloc(arena, length);
    memset(value, 'x', length - strlen("b="));
    return arena_format(arena, "[a]\nb=%s\r\n", value);
}

static void lines_have_a_limit(void **state) {
    struct arena *arena = *state;
    struct ini_section *sections = NULL;
    assert_works(arena, parse(arena, long_line(arena, INI_LINE_LIMIT), &sections));
    assert_int_equal(strlen(sections->settings->value), INI_LINE_LIMIT - 2);
    assert_fails(arena, ERROR_CONFIG,
                 parse(arena, long_line(arena, INI_LINE_LIMIT + 1), &sections));
}

static void files_have_a_limit(void **state) {
    struct arena *arena = *state;
    struct ini_section *sections = NULL;
    char *text = arena_alloc(arena, INI_SIZE_LIMIT + 2);
    memset(text, '\n', INI_SIZE_LIMIT + 1);
    assert_works(arena, ini_parse(arena, "x", text, INI_SIZE_LIMIT, &sections));
    assert_null(sections);
    assert_fails(arena, ERROR_CONFIG, ini_parse(arena, "x", text, INI_SIZE_LIMIT + 1, &sections));
}

/* A file of `count` lines: `before`, a number, `after`. */
static int parse_many(struct arena *arena, const char *before, const char *after, int count) {
    struct ini_section *sections = NULL;
    struct buffer text;
    buffer_open(arena, &text);
    buffer_add_text(&text, "[first]\n");
    for (int i = 0; i < count; i++)
        buffer_add_format(&text, "%s%d%s\n", before, i, after);
    return parse(arena, text.bytes, &sections);
}

static void sections_and_settings_have_a_limit(void **state) {
    struct arena *arena = *state;
    assert_works(arena, parse_many(arena, "[s", "]", INI_SECTIONS_LIMIT - 1));
    assert_fails(arena, ERROR_CONFIG, parse_many(arena, "[s", "]", INI_SECTIONS_LIMIT));
    assert_works(arena, parse_many(arena, "n", " = v", INI_SETTINGS_LIMIT));
    assert_fails(arena, ERROR_CONFIG, parse_many(arena, "n", " = v", INI_SETTINGS_LIMIT + 1));
}

static void sections_and_settings_are_found(void **state) {
    struct arena *arena = *state;
    struct ini_section *sections = NULL;
    assert_works(arena, parse(arena, "[a]\nn=1\n[a x]\nn=2\n[b]\n", &sections));
    assert_int_equal(ini_section(sections, "a", "")->line, 1);
    assert_int_equal(ini_section(sections, "a", "x")->line, 3);
    assert_string_equal(ini_section(sections, "b", "")->file, "x.conf");
    assert_null(ini_section(sections, "a", "y"));
    assert_null(ini_section(sections, "c", ""));
    assert_null(ini_section(NULL, "a", ""));
    assert_string_equal(ini_setting(ini_section(sections, "a", "x"), "n")->value, "2");
    assert_null(ini_setting(ini_section(sections, "a", "x"), "N"));
    assert_null(ini_setting(ini_section(sections, "b", ""), "n"));
    assert_null(ini_setting(NULL, "n"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(sections_and_settings_are_read),
        unit_test(mistakes_are_named_with_file_and_line),
        unit_test(a_nul_byte_is_refused),
        unit_test(lines_have_a_limit),
        unit_test(files_have_a_limit),
        unit_test(sections_and_settings_have_a_limit),
        unit_test(sections_and_settings_are_found),
    };
    return cmocka_run_group_tests_name("ini", tests, NULL, NULL);
}

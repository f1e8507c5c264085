/* operate/console: what strangers wrote, as a terminal may be given it. */
#include "unit.h"

#include "operate/console.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void in_utf8(void) {
    assert_non_null(setlocale(LC_CTYPE, "C.UTF-8"));
}

static void what_commands_a_terminal_is_escaped(void **state) {
    const struct {
        const char *text;
        const char *shown;
    } cases[] = {
        {"", ""},
        {"Ada Lovelace", "Ada Lovelace"},
        {"a\tb\nc\r", "a\\u0009b\\u000Ac\\u000D"},
        {"\x1b[2J\a\b\x7f", "\\u001B[2J\\u0007\\u0008\\u007F"},
        {"\xC2\x80\xC2\x9B\xC2\x9F\xC2\xA0", "\\u0080\\u009B\\u009F\xC2\xA0"},
        {"\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F\xD8\x9C", "\\u202E\\u2066\\u200F\\u061C"},
        {"\xE2\x80\xA8\xE2\x80\xA9\xEF\xBB\xBF\xE2\x80\x8B", "\\u2028\\u2029\\uFEFF\\u200B"},
        {"\xF3\xA0\x81\x81", "\\U000E0041"},                    /* a tag */
        {"\xEA\xB9\x80 \xC3\x89va", "\xEA\xB9\x80 \xC3\x89va"}, /* letters */
        {"\xE0\xA4\x95\xE2\x80\x8D\xE0\xA4\xB7",
         "\xE0\xA4\x95\xE2\x80\x8D\xE0\xA4\xB7"}, /* a joiner */
        {"no\xFFutf-8\xC3", "no\\xFFutf-8\\xC3"},
        {"\x1b\xFF", "\\u001B\\xFF"},
    };
    in_utf8();
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(console_text(*state, cases[i].text), cases[i].shown);
}

/* Whatever the bytes: nothing is left that is not a character to be seen, and it has a width. */
static void whatever_the_bytes_nothing_else_is_left(void **state) {
    uint32_t random = 1;
    in_utf8();
    for (int round = 0; round < 2000; round++) {
        char bytes[17] = "";
        for (size_t i = 0; i + 1 < sizeof(bytes); i++) {
            random = random * 1664525 + 1013904223;
            bytes[i] = (char)(1 + (random >> 16) % 255);
        }
        const char *shown = console_text(*state, bytes);
        for (const char *c = shown; *c != '\0'; c++)
            assert_false((unsigned char)*c < 0x20 || *c == 0x7F);
        assert_true(console_width(shown) <= strlen(shown));
    }
}

static void another_character_set_gets_ascii(void **state) {
    assert_non_null(setlocale(LC_CTYPE, "C"));
    assert_string_equal(console_text(*state, "\xC3\x89va \xF0\x9F\x8E\x88"),
                        "\\u00C9va \\U0001F388");
}

static void a_width_counts_columns(void **state) {
    (void)state;
    in_utf8();
    assert_int_equal(console_width(""), 0);
    assert_int_equal(console_width("Ada"), 3);
    assert_int_equal(console_width("\xEA\xB9\x80\xEC\x97\x90"), 4);
    assert_int_equal(console_width("e\xCC\x81"), 1);
}

/* What console_print_json() writes, read back. */
static char *printed_json(struct arena *arena, const struct json *value) {
    static char text[4096];
    int out[2];
    assert_int_equal(pipe(out), 0);
    fflush(stdout);
    int kept = dup(STDOUT_FILENO);
    dup2(out[1], STDOUT_FILENO);
    console_print_json(arena, value);
    fflush(stdout);
    dup2(kept, STDOUT_FILENO);
    close(kept);
    close(out[1]);
    ssize_t length = read(out[0], text, sizeof(text) - 1);
    close(out[0]);
    assert_true(length > 0);
    text[length] = '\0';
    return text;
}

static void json_is_escaped_and_the_same(void **state) {
    const char *name = "\x1b[m \xC2\x9B \xE2\x80\xAE \xF3\xA0\x81\x81 \xEA\xB9\x80 \"\\";
    struct json *object = json_object(*state);
    struct json *read = NULL;
    json_put_string(*state, object, "name", name);
    char *text = printed_json(*state, object);
    assert_non_null(strstr(text, "\\u009B \\u202E \\uDB40\\uDC41 \xEA\xB9\x80"));
    assert_works((struct arena *)*state,
                 json_parse_object(*state, text, strcspn(text, "\n"), &read));
    assert_string_equal(json_string(read, "name"), name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(what_commands_a_terminal_is_escaped),
        unit_test(whatever_the_bytes_nothing_else_is_left),
        unit_test(another_character_set_gets_ascii),
        unit_test(a_width_counts_columns),
        unit_test(json_is_escaped_and_the_same),
    };
    return cmocka_run_group_tests_name("console", tests, NULL, NULL);
}

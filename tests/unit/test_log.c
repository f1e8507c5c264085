/* base/log: one line an event, and no foreign byte that could break or colour it. */
#include "unit.h"

#include "base/buffer.h"
#include "base/log.h"

#include <string.h>

#define START "latchkey time=2026-11-20T08:15:30Z request=r1 program=me.cgi "

static int64_t fixed_now(const struct clock *clock) {
    return clock->fixed;
}

static const struct clock fixed_clock = {.now = fixed_now, .fixed = 1795162530};

static void gather(const struct log *log, const char *line, size_t length) {
    buffer_add(log->stream, line, length);
}

/* A log that writes into `lines`. */
static struct log log_into(struct arena *arena, struct buffer *lines) {
    buffer_open(arena, lines);
    return (struct log){.write = gather,
                        .stream = lines,
                        .clock = &fixed_clock,
                        .program = "me.cgi",
                        .request_id = "r1"};
}

/* The line of an event "seen" with one field "v". */
static const char *line_of(struct arena *arena, const char *value) {
    struct buffer lines;
    struct log log = log_into(arena, &lines);
    const struct log_field fields[] = {{"v", value}, {NULL, NULL}};
    log_event(arena, &log, "seen", fields);
    return lines.bytes;
}

static void an_event_is_one_line(void **state) {
    struct arena *arena = *state;
    struct buffer lines;
    struct log log = log_into(arena, &lines);
    const struct log_field fields[] = {
        {"provider", "corp"}, {"absent", NULL}, {"n", "1"}, {NULL, NULL}};
    log_event(arena, &log, "signed_in", fields);
    log_event(arena, &log, "signed_out", NULL);
    assert_string_equal(lines.bytes,
                        START "event=signed_in provider=corp n=1\n" START "event=signed_out\n");
}

static void values_are_quoted_when_they_need_it(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *value, *written;
    } values[] = {
        {"plain", "plain"},
        {"https://a/b?c", "https://a/b?c"},
        {"", "\"\""},
        {"two words", "\"two words\""},
        {"a=b", "\"a=b\""},
        {"say \"hi\"", "\"say \\\"hi\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"x\nlatchkey event=forged", "\"x\\x0Alatchkey event=forged\""},
        {"\r\n", "\"\\x0D\\x0A\""},
        {"\x1B[31m", "\"\\x1B[31m\""},
        {"\xEA\xB9\x80", "\"\\xEA\\xB9\\x80\""},
        {"\x7F\xFF", "\"\\x7F\\xFF\""},
        {"\" event=\"forged", "\"\\\" event=\\\"forged\""},
    };
    for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++)
        assert_string_equal(line_of(arena, values[i].value),
                            arena_format(arena, START "event=seen v=%s\n", values[i].written));
}

static void no_byte_comes_out_that_is_not_printable_ascii(void **state) {
    struct arena *arena = *state;
    for (int byte = 1; byte < 256; byte++) {
        const char value[] = {'a', (char)byte, 'b', '\0'};
        const char *line = line_of(arena, value);
        size_t length = strlen(line);
        assert_int_equal(line[length - 1], '\n');
        for (size_t i = 0; i + 1 < length; i++)
            assert_in_range((unsigned char)line[i], 0x20, 0x7E);
    }
}

static void the_frame_of_a_line_is_escaped_too(void **state) {
    struct arena *arena = *state;
    struct buffer lines;
    struct log log = log_into(arena, &lines);
    log.request_id = "r\n1";
    log.program = "me cgi";
    log_event(arena, &log, "an event", NULL);
    assert_string_equal(lines.bytes, "latchkey time=2026-11-20T08:15:30Z request=\"r\\x0A1\" "
                                     "program=\"me cgi\" event=\"an event\"\n");
}

static void a_long_line_is_cut_and_still_ends(void **state) {
    struct arena *arena = *state;
    char *value = arena_alloc(arena, 10001);
    memset(value, '\n', 10000);
    const char *line = line_of(arena, value);
    size_t length = strlen(line);
    assert_in_range(length, 1000, 4096); /* PIPE_BUF: in one piece */
    assert_ptr_equal(strchr(line, '\n'), line + length - 1);
}

static void an_error_tells_rule_detail_paragraph_and_place(void **state) {
    struct arena *arena = *state;
    struct buffer lines;
    struct log log = log_into(arena, &lines);
    struct error error = {.rule = ERROR_NONE};
    error_set(&error, ERROR_ID_TOKEN_NONCE, "oauth/id_token.c", 42, "not the \"%s\" sent", "one");
    const struct log_field fields[] = {{"provider", "corp"}, {NULL, NULL}};
    log_error(arena, &log, &error, fields);
    assert_string_equal(lines.bytes,
                        START "event=failed rule=id_token_nonce provider=corp "
                              "detail=\"not the \\\"one\\\" sent\" "
                              "see=\"OpenID Connect Core 3.1.3.7 (11)\" at=oauth/id_token.c:42\n");
}

static void an_error_without_paragraph_and_place_leaves_them_out(void **state) {
    struct arena *arena = *state;
    struct buffer lines;
    struct log log = log_into(arena, &lines);
    const struct error error = {.rule = ERROR_INTERNAL};
    log_error(arena, &log, &error, NULL);
    assert_string_equal(lines.bytes, START "event=failed rule=internal detail=\"\"\n");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(an_event_is_one_line),
        unit_test(values_are_quoted_when_they_need_it),
        unit_test(no_byte_comes_out_that_is_not_printable_ascii),
        unit_test(the_frame_of_a_line_is_escaped_too),
        unit_test(a_long_line_is_cut_and_still_ends),
        unit_test(an_error_tells_rule_detail_paragraph_and_place),
        unit_test(an_error_without_paragraph_and_place_leaves_them_out),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}

/* serve/first_line: what a closed script's first line says, and that nothing else is believed. */
#include "house.h"

#include "base/text.h"
#include "serve/first_line.h"

static struct first_line parse(struct arena *arena, const char *argument) {
    struct first_line line;
    assert_works(arena, first_line_parse(arena, argument, &line));
    return line;
}

static void an_interpreter_is_enough(void **state) {
    struct first_line line = parse(*state, "/usr/bin/perl");
    assert_int_equal(line.word_count, 1);
    assert_string_equal(line.interpreter[0], "/usr/bin/perl");
    assert_null(line.require);
    assert_null(line.conf);
    assert_false(line.any_origin);
}

static void options_stand_before_it_and_its_own_behind(void **state) {
    struct first_line line =
        parse(*state, "--require=staff,admins \t--any-origin --conf=/etc/a.conf  /usr/bin/perl -T "
                      "--require=x -w ");
    assert_string_equal(line.require, "staff admins");
    assert_string_equal(line.conf, "/etc/a.conf");
    assert_true(line.any_origin);
    assert_int_equal(line.word_count, 4);
    assert_string_equal(line.interpreter[0], "/usr/bin/perl");
    assert_string_equal(line.interpreter[1], "-T");
    assert_string_equal(line.interpreter[2], "--require=x");
    assert_string_equal(line.interpreter[3], "-w");
}

static void what_is_not_understood_closes_the_script(void **state) {
    static const char *const arguments[] = {
        "",
        " ",
        "perl",
        "./perl",
        "usr/bin/perl",
        "~/perl",
        "--any-origin",
        "--require=staff",
        "--require= /bin/sh",
        "--require /bin/sh",
        "--require staff /bin/sh",
        "--require=a --require=b /bin/sh",
        "--Require=staff /bin/sh",
        "-require=staff /bin/sh",
        "--requires=staff /bin/sh",
        "--any-origin --any-origin /bin/sh",
        "--any-origin=yes /bin/sh",
        "--any-origins /bin/sh",
        "--conf= /bin/sh",
        "--conf=latchkey.conf /bin/sh",
        "--conf=/a --conf=/b /bin/sh",
        "-- /bin/sh",
        "- /bin/sh",
        "--help /bin/sh",
        "/bin/sh\r",
        "/bin/sh -e\r",
        "/bin/\x01sh",
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < sizeof(arguments) / sizeof(arguments[0]); i++) {
        struct first_line line;
        if (first_line_parse(arena, arguments[i], &line) == 0)
            fail_msg("understood: %s", arguments[i]);
        assert_int_equal(arena->error.rule, ERROR_CONFIG);
        arena_forget_error(arena);
    }
}

/* A script with this text, started with this argument. */
static int check(struct house *house, const char *text, const char *argument) {
    const char *path = house_path(house, "script");
    house_write(path, text, 0755);
    return first_line_check(house->arena, path, argument);
}

static void the_script_says_just_what_the_kernel_handed_over(void **state) {
    struct arena *arena = *state;
    struct house house;
    house_open(&house, arena);
    static const struct {
        const char *text;
        const char *argument;
    } scripts[] = {
        {"#!/bin/signed-in /bin/sh\necho\n", "/bin/sh"},
        {"#!/bin/signed-in /bin/sh", "/bin/sh"},
        {"#! \t/bin/signed-in \t --require=a  /bin/sh -e \t\n", "--require=a  /bin/sh -e"},
        {"#!/bin/signed-in /bin/sh\r\n", "/bin/sh\r"},
    };
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
        assert_works(arena, check(&house, scripts[i].text, scripts[i].argument));
    house_close(&house);
}

static void what_stands_elsewhere_is_no_first_line(void **state) {
    struct arena *arena = *state;
    struct house house;
    house_open(&house, arena);
    static const char *const texts[] = {
        "",
        "#",
        "#!",
        "#!\n",
        "#!/bin/signed-in\n",
        "#!/bin/sh\n",
        "#!/bin/signed-in\n/bin/sh\n",
        "#!/bin/signed-in /bin/sh -e\n",
        "#!/bin/signed-in --any-origin /bin/sh\n",
        "#!/bin/signed-in /bin/shell\n",
        "#!/bin/signed-in /bin/s\n",
        " #!/bin/signed-in /bin/sh\n",
        "\n#!/bin/signed-in /bin/sh\n",
        "\177ELF #!/bin/signed-in /bin/sh\n",
        "/bin/signed-in /bin/sh\n",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (check(&house, texts[i], "/bin/sh") == 0)
            fail_msg("believed: %s", texts[i]);
        assert_int_equal(arena->error.rule, ERROR_CONFIG);
        arena_forget_error(arena);
    }
    house_close(&house);
}

/* The kernel reads 255 bytes, and cuts off what may have been a rule's name, or all but one rule. */
static void a_line_that_the_kernel_cut_is_refused(void **state) {
    struct arena *arena = *state;
    struct house house;
    char long_line[2 * FIRST_LINE_LIMIT];
    house_open(&house, arena);
    memset(long_line, 'x', sizeof(long_line));
    long_line[sizeof(long_line) - 1] = '\0';
    memcpy(long_line, "#!/bin/signed-in /bin/sh ", 25);
    assert_fails(arena, ERROR_CONFIG, check(&house, long_line, "/bin/sh"));
    assert_fails(arena, ERROR_CONFIG,
                 check(&house, long_line, arena_copy(arena, long_line + 17, 255 - 17)));
    long_line[FIRST_LINE_LIMIT / 2] = '\n';
    assert_fails(arena, ERROR_CONFIG,
                 check(&house, long_line, arena_copy(arena, long_line + 17, 255 - 17)));
    assert_works(arena, check(&house, long_line,
                              arena_copy(arena, long_line + 17, FIRST_LINE_LIMIT / 2 - 17)));
    house_close(&house);
}

static void what_is_no_readable_file_is_no_script(void **state) {
    struct arena *arena = *state;
    struct house house;
    house_open(&house, arena);
    assert_fails(arena, ERROR_CONFIG,
                 first_line_check(arena, house_path(&house, "gone"), "/bin/sh"));
    assert_fails(arena, ERROR_CONFIG, first_line_check(arena, house.folder, "/bin/sh"));
    assert_fails(arena, ERROR_CONFIG, first_line_check(arena, "", "/bin/sh"));
    const char *pipe = house_path(&house, "pipe");
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_fails(arena, ERROR_CONFIG, first_line_check(arena, pipe, "/bin/sh"));
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(an_interpreter_is_enough),
        unit_test(options_stand_before_it_and_its_own_behind),
        unit_test(what_is_not_understood_closes_the_script),
        unit_test(the_script_says_just_what_the_kernel_handed_over),
        unit_test(what_stands_elsewhere_is_no_first_line),
        unit_test(a_line_that_the_kernel_cut_is_refused),
        unit_test(what_is_no_readable_file_is_no_script),
    };
    return cmocka_run_group_tests_name("first_line", tests, NULL, NULL);
}

/* edge/private_file: secrets are read from files that nobody else may touch, and from nothing else. */
#include "fixture.h"

#include "edge/private_file.h"

static int read_file(struct fixture *fixture, const char *path, const char **text) {
    return private_file_read(fixture->arena, fixture->house.config.file, path, text);
}

static void the_whole_text_is_read(void **state) {
    struct fixture *fixture = *state;
    const char *text = NULL;
    const char *path = house_path(&fixture->house, "secret");
    house_write(path, "two\nlines\n", 0600);
    assert_works(fixture->arena, read_file(fixture, path, &text));
    assert_string_equal(text, "two\nlines\n");
}

static void a_relative_path_starts_beside_the_configuration(void **state) {
    struct fixture *fixture = *state;
    const char *text = NULL;
    house_write(house_path(&fixture->house, "secret"), "here", 0600);
    assert_works(fixture->arena, read_file(fixture, "secret", &text));
    assert_string_equal(text, "here");
    assert_works(fixture->arena, read_file(fixture, "./secret", &text));
}

static void owner_and_group_may_read_it_and_nobody_else(void **state) {
    struct fixture *fixture = *state;
    const char *text = NULL;
    const mode_t good[] = {0400, 0440, 0600, 0640, 0660};
    const mode_t bad[] = {0604, 0602, 0601, 0644, 0666, 0777};
    for (size_t i = 0; i < FIXTURE_COUNT(good); i++) {
        unlink(house_path(&fixture->house, "secret"));
        house_write(house_path(&fixture->house, "secret"), "x", good[i]);
        assert_works(fixture->arena, read_file(fixture, "secret", &text));
    }
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++) {
        unlink(house_path(&fixture->house, "secret"));
        house_write(house_path(&fixture->house, "secret"), "x", bad[i]);
        assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, "secret", &text));
    }
}

static void the_message_names_the_file_and_not_its_text(void **state) {
    struct fixture *fixture = *state;
    const char *text = NULL;
    house_write(house_path(&fixture->house, "secret"), "hush", 0644);
    assert_int_equal(read_file(fixture, "secret", &text), -1);
    assert_non_null(strstr(fixture->arena->error.detail, "chmod o-rwx"));
    assert_non_null(strstr(fixture->arena->error.detail, "/secret"));
    assert_null(strstr(fixture->arena->error.detail, "hush"));
}

static void what_is_no_file_is_refused(void **state) {
    struct fixture *fixture = *state;
    const char *text = NULL;
    const char *fifo = house_path(&fixture->house, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0); /* and nobody waits for its writer */
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, "fifo", &text));
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, fixture->house.folder, &text));
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, "nowhere", &text));
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, "/dev/zero", &text));
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, "", &text));
}

static void the_size_is_limited(void **state) {
    struct fixture *fixture = *state;
    const char *path = house_path(&fixture->house, "secret");
    const char *text = NULL;
    char *large = arena_alloc(fixture->arena, PRIVATE_FILE_LIMIT + 2);
    memset(large, 'x', PRIVATE_FILE_LIMIT);
    house_write(path, large, 0600);
    assert_works(fixture->arena, read_file(fixture, path, &text));
    assert_string_equal(text, large);
    large[PRIVATE_FILE_LIMIT] = 'x';
    house_write(path, large, 0600);
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, path, &text));
    house_write(path, "", 0600);
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, path, &text));
}

static void a_file_with_a_nul_is_refused(void **state) {
    struct fixture *fixture = *state;
    const char *path = house_path(&fixture->house, "secret");
    const char *text = NULL;
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(file, "a\0b", 3), 3);
    close(file);
    assert_fails(fixture->arena, ERROR_KEY_FILE, read_file(fixture, path, &text));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_whole_text_is_read),
        fixture_test(a_relative_path_starts_beside_the_configuration),
        fixture_test(owner_and_group_may_read_it_and_nobody_else),
        fixture_test(the_message_names_the_file_and_not_its_text),
        fixture_test(what_is_no_file_is_refused),
        fixture_test(the_size_is_limited),
        fixture_test(a_file_with_a_nul_is_refused),
    };
    return cmocka_run_group_tests_name("private_file", tests, NULL, NULL);
}

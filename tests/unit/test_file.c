/* edge/file: whole or not at all, and nothing is waited for. */
#include "fixture.h"

#include "edge/file.h"

#include <errno.h>

static int open_file(struct fixture *fixture, const char *name) {
    struct stat status;
    return file_open(AT_FDCWD, house_path(&fixture->house, name), 0, &status);
}

static void a_file_is_opened_and_known(void **state) {
    struct fixture *fixture = *state;
    struct stat status;
    house_write(house_path(&fixture->house, "here"), "12345", 0640);
    int folder = open(fixture->house.folder, O_RDONLY | O_DIRECTORY);
    int file = file_open(folder, "here", O_NOFOLLOW, &status);
    assert_true(file >= 0);
    assert_int_equal(status.st_size, 5);
    assert_int_equal(status.st_mode & 0777, 0640);
    close(file);
    close(folder);
}

static void what_is_no_regular_file_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct stat status;
    assert_int_equal(mkfifo(house_path(&fixture->house, "fifo"), 0600), 0);
    assert_int_equal(open_file(fixture, "fifo"), -1); /* nobody writes into it */
    assert_int_equal(errno, EINVAL);
    assert_int_equal(open_file(fixture, "."), -1);
    assert_int_equal(errno, EISDIR);
    assert_int_equal(open_file(fixture, "nowhere"), -1);
    assert_int_equal(errno, ENOENT);

    house_write(house_path(&fixture->house, "here"), "x", 0600);
    assert_int_equal(symlink("here", house_path(&fixture->house, "link")), 0);
    assert_int_equal(file_open(AT_FDCWD, house_path(&fixture->house, "link"), O_NOFOLLOW, &status),
                     -1);
    assert_int_equal(errno, ELOOP);
}

static void all_is_read_up_to_the_limit(void **state) {
    struct fixture *fixture = *state;
    const size_t size = 10000; /* more than one read(2) takes */
    char *text = arena_alloc(fixture->arena, size + 1);
    memset(text, 'x', size);
    house_write(house_path(&fixture->house, "long"), text, 0600);

    struct buffer content;
    buffer_open(fixture->arena, &content);
    int file = open_file(fixture, "long");
    assert_int_equal(file_read(file, size, &content), 0);
    assert_string_equal(content.bytes, text);
    assert_int_equal(lseek(file, 0, SEEK_SET), 0);
    assert_int_equal(file_read(file, size - 1, &content), -1);
    assert_int_equal(errno, EFBIG);
    close(file);
    assert_int_equal(file_read(file, size, &content), -1);
    assert_int_equal(errno, EBADF);
}

static void an_empty_file_is_empty(void **state) {
    struct fixture *fixture = *state;
    struct buffer content;
    buffer_open(fixture->arena, &content);
    house_write(house_path(&fixture->house, "empty"), "", 0600);
    int file = open_file(fixture, "empty");
    assert_int_equal(file_read(file, 0, &content), 0);
    assert_int_equal(content.length, 0);
    close(file);
}

static void all_is_written_or_the_failure_told(void **state) {
    struct fixture *fixture = *state;
    struct buffer content;
    const size_t size = 60000;
    char *bytes = arena_alloc(fixture->arena, size);
    memset(bytes, 'y', size);
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(file_write(ends[1], bytes, size), 0);
    close(ends[1]);
    buffer_open(fixture->arena, &content);
    assert_int_equal(file_read(ends[0], size, &content), 0);
    assert_int_equal(content.length, size);
    assert_memory_equal(content.bytes, bytes, size);
    assert_int_equal(file_write(ends[0], bytes, size), -1);
    assert_int_equal(errno, EBADF);
    close(ends[0]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_file_is_opened_and_known),
        fixture_test(what_is_no_regular_file_is_refused),
        fixture_test(all_is_read_up_to_the_limit),
        fixture_test(an_empty_file_is_empty),
        fixture_test(all_is_written_or_the_failure_told),
    };
    return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}

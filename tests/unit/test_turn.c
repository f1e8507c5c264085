/* edge/turn: one at a time, for each number; nobody is held up by who is dead. */
#include "house.h"

#include "edge/turn.h"

#include <signal.h>
#include <sys/stat.h>

#define NAME "test.turns"

static int take(struct house *house, int64_t number, int seconds, struct turn *turn) {
    return turn_take(&house->context, NAME, number, seconds, turn);
}

/* In a process of its own, which has the turn when this returns and keeps it until it is killed. */
static pid_t take_elsewhere(struct house *house, int64_t number) {
    int ready[2];
    char byte = 0;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct turn turn;
        bool taken = take(house, number, 5, &turn) == 0;
        if (write(ready[1], taken ? "y" : "n", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    close(ready[0]);
    close(ready[1]);
    return child;
}

static void end_elsewhere(pid_t child) {
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
}

static void one_has_it_and_the_next_gets_it(void **state) {
    struct house house;
    struct turn first;
    struct turn second;
    house_open(&house, *state);
    assert_int_equal(take(&house, 7, 0, &first), 0);
    assert_int_equal(take(&house, 7, 0, &second), 1);
    turn_end(&second); /* there is none: harmless */
    assert_int_equal(take(&house, 7, 0, &second), 1);
    turn_end(&first);
    turn_end(&first);
    assert_int_equal(take(&house, 7, 0, &second), 0);
    turn_end(&second);
    house_close(&house);
}

static void other_numbers_do_not_wait(void **state) {
    struct house house;
    struct turn turns[3];
    house_open(&house, *state);
    assert_int_equal(take(&house, 1, 0, &turns[0]), 0);
    assert_int_equal(take(&house, 2, 0, &turns[1]), 0);
    assert_int_equal(take(&house, INT64_MAX - 1, 0, &turns[2]), 0);
    for (int i = 0; i < 3; i++)
        turn_end(&turns[i]);
    house_close(&house);
}

static void who_was_killed_holds_nobody_up(void **state) {
    struct house house;
    struct turn turn;
    house_open(&house, *state);
    pid_t child = take_elsewhere(&house, 7);
    assert_int_equal(take(&house, 7, 0, &turn), 1);
    end_elsewhere(child);
    assert_int_equal(take(&house, 7, 5, &turn), 0);
    turn_end(&turn);
    house_close(&house);
}

static void a_program_that_is_started_meanwhile_does_not_keep_it(void **state) {
    struct house house;
    struct turn turn;
    house_open(&house, *state);
    assert_int_equal(take(&house, 7, 0, &turn), 0);
    assert_int_not_equal(fcntl(turn.file, F_GETFD) & FD_CLOEXEC, 0);
    turn_end(&turn);
    house_close(&house);
}

static void the_file_is_for_us_alone(void **state) {
    struct house house;
    struct turn turn;
    mode_t before = umask(0);
    house_open(&house, *state);
    assert_int_equal(take(&house, 7, 0, &turn), 0);
    umask(before);
    turn_end(&turn);
    assert_int_equal(house_mode(house_path(&house, NAME)), 0600);
    house_close(&house);
}

static void what_cannot_be_a_turn_is_an_error(void **state) {
    struct house house;
    struct turn turn;
    house_open(&house, *state);
    assert_int_equal(symlink("/dev/null", house_path(&house, NAME)), 0);
    assert_fails(house.arena, ERROR_STATE_DIR, take(&house, 7, 0, &turn));
    assert_int_equal(unlink(house_path(&house, NAME)), 0);
    assert_int_equal(mkdir(house_path(&house, NAME), 0700), 0);
    assert_fails(house.arena, ERROR_STATE_DIR, take(&house, 7, 0, &turn));
    assert_int_equal(chmod(house.folder, 0777), 0);
    assert_fails(house.arena, ERROR_STATE_DIR, take(&house, 7, 0, &turn));
    house_close(&house);
}

/* Adds one to a number in a file, by reading it and writing it: without turns, some get lost. */
static int count_up(void *closure, int number) {
    struct house *house = closure;
    struct turn turn;
    char text[16] = "";
    (void)number;
    if (take(house, 7, 20, &turn) != 0)
        return 1;
    int file = open(house_path(house, "count"), O_RDWR);
    if (file < 0 || read(file, text, sizeof(text) - 1) < 0)
        return 1;
    long count = strtol(text, NULL, 10) + 1;
    usleep(1000);
    if (lseek(file, 0, SEEK_SET) != 0 || dprintf(file, "%ld\n", count) < 0)
        return 1;
    close(file);
    turn_end(&turn);
    return 0;
}

static void of_many_at_once_one_after_the_other_has_it(void **state) {
    struct house house;
    char text[16] = "";
    house_open(&house, *state);
    house_write(house_path(&house, "count"), "0\n", 0600);
    house_race(30, count_up, &house);
    int file = open(house_path(&house, "count"), O_RDONLY);
    assert_true(read(file, text, sizeof(text) - 1) > 0);
    close(file);
    assert_int_equal(strtol(text, NULL, 10), 30);
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(one_has_it_and_the_next_gets_it),
        unit_test(other_numbers_do_not_wait),
        unit_test(who_was_killed_holds_nobody_up),
        unit_test(a_program_that_is_started_meanwhile_does_not_keep_it),
        unit_test(the_file_is_for_us_alone),
        unit_test(what_cannot_be_a_turn_is_an_error),
        unit_test(of_many_at_once_one_after_the_other_has_it),
    };
    return cmocka_run_group_tests_name("turn", tests, NULL, NULL);
}

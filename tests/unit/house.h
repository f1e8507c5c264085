/*
 * house: a context in a folder of its own, for tests of what touches files, clock and network.
 *
 * house_open() makes the folder and a context in the test's arena; its clock stands still until the
 * test moves it, its log is kept. house_close() removes the folder.
 */
#ifndef LATCHKEY_TESTS_HOUSE_H
#define LATCHKEY_TESTS_HOUSE_H

#include "unit.h"

#include "base/buffer.h"
#include "edge/config.h"
#include "edge/context.h"
#include "edge/database.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HOUSE_TIME 1800000000

struct house {
    struct arena *arena;
    const char *folder;
    struct config config;
    struct clock clock;
    struct context context;
    struct buffer log;
};

static inline int64_t house_now(const struct clock *clock) {
    return clock->fixed;
}

static inline void house_log(const struct log *log, const char *line, size_t length) {
    buffer_add(log->stream, line, length);
}

static inline void house_open(struct house *house, struct arena *arena) {
    char *folder = arena_text(arena, "/tmp/latchkey-unit-XXXXXX");
    assert_non_null(mkdtemp(folder));
    *house = (struct house){.arena = arena, .folder = folder};
    house->clock = (struct clock){.now = house_now, .fixed = HOUSE_TIME};
    house->config.state_dir = folder;
    buffer_open(arena, &house->log);
    house->context = (struct context){
        .arena = arena,
        .config = &house->config,
        .database = database_new(),
        .clock = &house->clock,
        .log = {.write = house_log,
                .stream = &house->log,
                .clock = &house->clock,
                .program = "unit",
                .request_id = "-"},
    };
}

static inline char *house_path(struct house *house, const char *name) {
    return arena_format(house->arena, "%s/%s", house->folder, name);
}

static inline int house_remove(const char *path, const struct stat *status, int kind,
                               struct FTW *place) {
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static inline void house_close(struct house *house) {
    database_free(house->context.database);
    house->context.database = NULL;
    assert_int_equal(nftw(house->folder, house_remove, 8, FTW_DEPTH | FTW_PHYS), 0);
}

/* A file with exactly this mode, whatever the umask. */
static inline void house_write(const char *path, const char *text, mode_t mode) {
    int descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(descriptor, mode), 0);
    close(descriptor);
}

static inline mode_t house_mode(const char *path) {
    struct stat status;
    assert_int_equal(lstat(path, &status), 0);
    return status.st_mode & 07777;
}

/* Runs `work` in `count` processes at once; each must return 0. They wait for one another behind a
 * pipe, so that they really meet. */
static inline void house_race(int count, int (*work)(void *closure, int number), void *closure) {
    int gate[2];
    assert_int_equal(pipe(gate), 0);
    for (int number = 0; number < count; number++) {
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            char byte;
            close(gate[1]);
            ssize_t got = read(gate[0], &byte, 1);
            _exit(got == 0 ? work(closure, number) : 99);
        }
    }
    close(gate[0]);
    close(gate[1]);
    int failed = 0;
    for (int number = 0; number < count; number++) {
        int status = 0;
        assert_true(wait(&status) > 0);
        failed += status != 0;
    }
    assert_int_equal(failed, 0);
}

#endif

/*
 * processes: how long programs take from start to end, compared fairly.
 *
 *   processes ROUNDS PROGRAM...      prints: PROGRAM median-in-microseconds lower-quartile upper-quartile
 *
 * Each round starts every program once, in turn, so that whatever the machine does meanwhile falls on all of
 * them alike. The programs get this process's environment and /dev/null as their three streams. One that does not
 * end with status 0 ends the measurement.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_LIMIT 100000

static int64_t microseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* The time it took, or -1 if it failed. */
static int64_t run(char *program, const posix_spawn_file_actions_t *streams) {
    char *arguments[] = {program, NULL};
    pid_t child = 0;
    int status = 0;
    int64_t start = microseconds();
    if (posix_spawn(&child, program, streams, NULL, arguments, environ) != 0)
        return -1;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return -1;
    return microseconds() - start;
}

static bool measure(char **programs, size_t count, size_t rounds, int64_t *times) {
    posix_spawn_file_actions_t streams;
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_addopen(&streams, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&streams, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&streams, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    bool measured = true;
    for (size_t round = 0; measured && round < rounds; round++)
        for (size_t i = 0; measured && i < count; i++) {
            times[i * rounds + round] = run(programs[i], &streams);
            measured = times[i * rounds + round] >= 0;
            if (!measured)
                fprintf(stderr, "processes: %s failed\n", programs[i]);
        }
    posix_spawn_file_actions_destroy(&streams);
    return measured;
}

static int by_size(const void *a, const void *b) {
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

int main(int count, char **arguments) {
    size_t rounds = count > 2 ? (size_t)strtoul(arguments[1], NULL, 10) : 0;
    if (rounds == 0 || rounds > ROUNDS_LIMIT) {
        fputs("usage: processes ROUNDS PROGRAM...\n", stderr);
        return EXIT_FAILURE;
    }
    char **programs = arguments + 2;
    size_t programs_count = (size_t)count - 2;
    int64_t *times = calloc(programs_count * rounds, sizeof(*times));
    if (times == NULL || !measure(programs, programs_count, rounds, times)) {
        free(times);
        return EXIT_FAILURE;
    }
    for (size_t i = 0; i < programs_count; i++) {
        int64_t *own = times + i * rounds;
        qsort(own, rounds, sizeof(*own), by_size);
        printf("%s %lld %lld %lld\n", programs[i], (long long)own[rounds / 2],
               (long long)own[rounds / 4], (long long)own[rounds * 3 / 4]);
    }
    free(times);
    return EXIT_SUCCESS;
}

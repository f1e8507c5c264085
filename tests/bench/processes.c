/*
 * processes: what programs cost from start to end, compared fairly.
 *
 *   processes ROUNDS PLAN [--from-memory]      a line for each run: CASE TIME CPU MEMORY MINOR MAJOR
 *
 * PLAN names the cases, one after the other, in lines:
 *
 *   run PROGRAM                begins a case, the first being number 0
 *   argument TEXT              one more argument of it
 *   set NAME=VALUE             one more variable of its environment, which has no others
 *   input FILE                 its standard input, instead of /dev/null
 *
 * Each round starts every case once, in turn, so that whatever the machine does meanwhile falls on all of them
 * alike. TIME passed from start to end, CPU of it at work in the program and for it in the kernel, in nanoseconds; MEMORY
 * is the most that was resident at once, in KB; MINOR and MAJOR are its page faults. A program that ends by a signal
 * ends the measurement.
 *
 * Linux lets a process begin with the peak of the one that started it (the memory that both share until exec), so
 * this one is static, small, and keeps nothing of what it measures. And how much of a program's file becomes resident
 * depends on how it lies in the page cache: --from-memory starts copies that lie there in single pages, so that
 * MEMORY is the same each time.
 */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS_LIMIT 100000
#define CASES_LIMIT 2048
#define WORDS_LIMIT 32 /* of arguments, and of variables, with the NULL */

struct program_case {
    const char *file;
    char copy[sizeof("/proc/self/fd/2147483647")];
    char *arguments[WORDS_LIMIT];
    char *variables[WORDS_LIMIT];
    const char *input;
};

static int64_t nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* ---- the plan -------------------------------------------------------------------------------- */

static bool add(char **words, char *word) {
    size_t count = 0;
    while (words[count] != NULL)
        count++;
    if (count + 1 == WORDS_LIMIT)
        return false;
    words[count] = word;
    return true;
}

static bool read_line(struct program_case *cases, size_t *count, char *line) {
    char *text = strchr(line, ' ');
    if (text == NULL)
        return false;
    *text++ = '\0';
    if (strcmp(line, "run") == 0) {
        if (*count == CASES_LIMIT)
            return false;
        cases[(*count)++] =
            (struct program_case){.file = text, .arguments = {text}, .input = "/dev/null"};
        return true;
    }
    struct program_case *current = *count == 0 ? NULL : &cases[*count - 1];
    if (current == NULL)
        return false;
    if (strcmp(line, "argument") == 0)
        return add(current->arguments, text);
    if (strcmp(line, "set") == 0)
        return add(current->variables, text);
    if (strcmp(line, "input") != 0)
        return false;
    current->input = text;
    return true;
}

static char *read_text(const char *path) {
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return NULL;
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

/* The cases point into the text. */
static bool read_plan(char *text, struct program_case *cases, size_t *count) {
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (!read_line(cases, count, line)) {
            fprintf(stderr, "processes: not understood: %s\n", line);
            return false;
        }
    }
    return *count > 0;
}

/* The program is copied into memory, where it stays for as long as we run. Whether it was. */
static bool copy(struct program_case *program) {
    struct stat status;
    int from = open(program->arguments[0], O_RDONLY | O_CLOEXEC);
    int to = memfd_create("program", MFD_CLOEXEC);
    bool copied = from >= 0 && to >= 0 && fstat(from, &status) == 0;
    for (off_t left = copied ? status.st_size : 0; copied && left > 0;) {
        ssize_t sent = sendfile(to, from, NULL, (size_t)left);
        copied = sent > 0;
        left -= sent;
    }
    if (from >= 0)
        close(from);
    snprintf(program->copy, sizeof(program->copy), "/proc/self/fd/%d", to);
    program->file = program->copy;
    return copied;
}

/* One copy of each program, however many cases there are of it. */
static bool copy_programs(struct program_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++) {
        size_t same = 0;
        while (strcmp(cases[same].arguments[0], cases[i].arguments[0]) != 0)
            same++;
        if (same < i) {
            cases[i].file = cases[same].file;
        } else if (!copy(&cases[i])) {
            fprintf(stderr, "processes: %s: %s\n", cases[i].arguments[0], strerror(errno));
            return false;
        }
    }
    return true;
}

static long long nanoseconds_of(const struct timeval *time) {
    return (long long)time->tv_sec * 1000000000 + (long long)time->tv_usec * 1000;
}

/* ---- running --------------------------------------------------------------------------------- */

static bool run(size_t number, const struct program_case *program) {
    posix_spawn_file_actions_t streams;
    struct rusage usage;
    pid_t child = 0;
    int status = 0;
    posix_spawn_file_actions_init(&streams);
    posix_spawn_file_actions_addopen(&streams, STDIN_FILENO, program->input, O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&streams, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&streams, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int64_t start = nanoseconds();
    int error =
        posix_spawn(&child, program->file, &streams, NULL, program->arguments, program->variables);
    bool ended = error == 0 && wait4(child, &status, 0, &usage) == child && WIFEXITED(status);
    int64_t end = nanoseconds();
    posix_spawn_file_actions_destroy(&streams);
    if (!ended) {
        fprintf(stderr, "processes: %s failed\n", program->arguments[0]);
        return false;
    }
    printf("%zu %lld %lld %ld %ld %ld\n", number, (long long)(end - start),
           nanoseconds_of(&usage.ru_utime) + nanoseconds_of(&usage.ru_stime), usage.ru_maxrss,
           usage.ru_minflt, usage.ru_majflt);
    return true;
}

static bool run_all(const struct program_case *cases, size_t count, size_t rounds) {
    for (size_t round = 0; round < rounds; round++)
        for (size_t i = 0; i < count; i++)
            if (!run(i, &cases[i]))
                return false;
    return true;
}

int main(int argc, char **argv) {
    static struct program_case cases[CASES_LIMIT];
    size_t count = 0;
    size_t rounds = argc >= 3 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
    bool from_memory = argc == 4 && strcmp(argv[3], "--from-memory") == 0;
    if (rounds == 0 || rounds > ROUNDS_LIMIT || argc != (from_memory ? 4 : 3)) {
        fputs("usage: processes ROUNDS PLAN [--from-memory]\n", stderr);
        return EX_USAGE;
    }
    char *text = read_text(argv[2]);
    int status = EX_DATAERR;
    if (text != NULL && read_plan(text, cases, &count) &&
        (!from_memory || copy_programs(cases, count)))
        status = run_all(cases, count, rounds) ? EXIT_SUCCESS : EXIT_FAILURE;
    free(text);
    return status;
}

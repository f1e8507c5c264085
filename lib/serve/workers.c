#include "serve/workers.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define VARIABLE "LATCHKEY_PROCESSES"
#define PAUSE 1 /* seconds before a new one takes the place of one that ended */

struct workers {
    int count;
    pid_t processes[WORKERS_LIMIT];
    sigset_t before; /* what was blocked when we came */
};

int workers_wanted(void) {
    const char *text = getenv(VARIABLE);
    char *end = NULL;
    long count = text == NULL ? 1 : strtol(text, &end, 10);
    bool is_number = end != NULL && end != text && *end == '\0';
    return is_number && count >= 1 && count <= WORKERS_LIMIT ? (int)count : 1;
}

/* 0 in the worker. It ends with us: also if we are killed, even before it could say so. */
static pid_t start(const struct workers *workers) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0)
        return child;
    sigprocmask(SIG_SETMASK, &workers->before, NULL);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    unsetenv(VARIABLE);
    if (getppid() != parent)
        _exit(EXIT_SUCCESS);
    return 0;
}

static void pass_on(const struct workers *workers, int signal_number) {
    for (int i = 0; i < workers->count; i++)
        if (workers->processes[i] > 0)
            kill(workers->processes[i], signal_number);
}

/* Its place is free for another one. False if there was none to be waited for. */
static bool reap(struct workers *workers, int options) {
    pid_t ended = waitpid(-1, NULL, options);
    for (int i = 0; ended > 0 && i < workers->count; i++)
        if (workers->processes[i] == ended)
            workers->processes[i] = 0;
    return ended > 0 || (ended < 0 && errno == EINTR);
}

/* True in a worker. */
static bool fill(struct workers *workers) {
    for (int i = 0; i < workers->count; i++) {
        if (workers->processes[i] != 0)
            continue;
        pid_t process = start(workers);
        if (process == 0)
            return true;
        workers->processes[i] = process > 0 ? process : 0;
    }
    return false;
}

static bool is_full(const struct workers *workers) {
    for (int i = 0; i < workers->count; i++)
        if (workers->processes[i] == 0)
            return false;
    return true;
}

/* The next signal; 0 after a pause, while there is a place to be filled. */
static int next_signal(const struct workers *workers, const sigset_t *signals) {
    const struct timespec pause = {.tv_sec = PAUSE};
    int signal_number = -1;
    do
        signal_number =
            is_full(workers) ? sigwaitinfo(signals, NULL) : sigtimedwait(signals, NULL, &pause);
    while (signal_number < 0 && errno == EINTR);
    return signal_number < 0 ? 0 : signal_number;
}

/* True in a worker; false when all have been told to end, and have. */
static bool look_after(struct workers *workers, const sigset_t *signals) {
    if (fill(workers))
        return true;
    for (;;) {
        int signal_number = next_signal(workers, signals);
        if (signal_number == SIGCHLD) {
            while (reap(workers, WNOHANG))
                ;
        } else if (signal_number != 0) {
            pass_on(workers, signal_number);
            while (reap(workers, 0))
                ;
            return false;
        } else if (fill(workers)) {
            return true;
        }
    }
}

int workers_run(int count, int (*work)(void *closure), void *closure) {
    struct workers workers = {.count = count < WORKERS_LIMIT ? count : WORKERS_LIMIT};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGCHLD);
    if (sigprocmask(SIG_BLOCK, &signals, &workers.before) != 0)
        return EX_OSERR;
    return look_after(&workers, &signals) ? work(closure) : EXIT_SUCCESS;
}

#include "edge/turn.h"

#include "edge/state_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define PAUSE 20 /* milliseconds between two looks */

static int refuse(struct context *context, const char *name, const char *what) {
    return fail(context->arena, ERROR_STATE_DIR, "%s cannot be %s by user %u: %s",
                state_dir_path(context, name), what, geteuid(), strerror(errno));
}

/* 0 if it is ours, 1 if somebody else has it, -1. */
static int try_lock(int file, int64_t number) {
    struct flock lock = {
        .l_type = F_WRLCK,
        .l_whence = SEEK_SET,
        .l_start = number,
        .l_len = 1,
    };
    int result = 0;
    do
        result = fcntl(file, F_OFD_SETLK, &lock);
    while (result != 0 && errno == EINTR);
    if (result == 0)
        return 0;
    return errno == EAGAIN || errno == EACCES ? 1 : -1;
}

static int wait_for(int file, int64_t number, int seconds) {
    const struct timespec pause = {.tv_nsec = PAUSE * 1000L * 1000};
    int result = try_lock(file, number);
    for (int waited = 0; result == 1 && waited < seconds * 1000; waited += PAUSE) {
        nanosleep(&pause, NULL);
        result = try_lock(file, number);
    }
    return result;
}

int turn_take(struct context *context, const char *name, int64_t number, int seconds,
              struct turn *turn) {
    turn->file = -1;
    if (state_dir_check(context) != 0)
        return -1;
    int file = open(state_dir_path(context, name), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC,
                    S_IRUSR | S_IWUSR);
    if (file < 0)
        return refuse(context, name, "opened");
    int result = wait_for(file, number, seconds);
    if (result < 0)
        refuse(context, name, "locked");
    if (result == 0)
        turn->file = file;
    else
        close(file);
    return result;
}

void turn_end(struct turn *turn) {
    if (turn->file >= 0)
        close(turn->file);
    turn->file = -1;
}

/*
 * disk: how often the disk was waited for. A test that includes this answers in place of the C library when SQLite asks
 * that something be kept for good, counts, and passes the question on.
 */
#ifndef LATCHKEY_TESTS_DISK_H
#define LATCHKEY_TESTS_DISK_H

#include <errno.h>
#include <stdbool.h>
#include <sys/syscall.h>
#include <unistd.h>

static int disk_waits;
static bool disk_fails;

__attribute__((visibility("default"))) int fdatasync(int descriptor) {
    disk_waits++;
    if (disk_fails) {
        errno = EIO;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, descriptor);
}

/* How often the disk was waited for during the call, which must succeed. */
#define waits_of(arena, call)                                                                      \
    ({                                                                                             \
        int waits_before = disk_waits;                                                             \
        assert_works(arena, call);                                                                 \
        disk_waits - waits_before;                                                                 \
    })

#endif

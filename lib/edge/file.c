#include "edge/file.h"

#include "base/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int file_open(int folder, const char *path, int flags, struct stat *status) {
    int descriptor = openat(folder, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | flags);
    if (descriptor < 0)
        return -1;
    if (fstat(descriptor, status) == 0 && S_ISREG(status->st_mode))
        return descriptor;
    close(descriptor);
    errno = S_ISDIR(status->st_mode) ? EISDIR : EINVAL;
    return -1;
}

/* What was read may be a secret, and a piece of it stays on the stack otherwise. */
int file_read(int descriptor, size_t limit, struct buffer *content) {
    char piece[4096];
    size_t taken = 0;
    int result = 1;
    while (result > 0) {
        ssize_t got = read(descriptor, piece, sizeof(piece));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            result = (int)got;
        } else if ((size_t)got > limit - taken) {
            errno = EFBIG;
            result = -1;
        } else {
            buffer_add(content, piece, (size_t)got);
            taken += (size_t)got;
        }
    }
    secret_wipe(piece, sizeof(piece));
    return result;
}

int file_write(int descriptor, const void *bytes, size_t length) {
    const char *next = bytes;
    while (length > 0) {
        ssize_t written = write(descriptor, next, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return -1;
        next += written;
        length -= (size_t)written;
    }
    return 0;
}

bool file_is_same(const struct stat *a, const struct stat *b) {
    return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec &&
           a->st_ctim.tv_sec == b->st_ctim.tv_sec && a->st_ctim.tv_nsec == b->st_ctim.tv_nsec;
}

#include "edge/still_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The bytes that SQLite locks (https://www.sqlite.org/lockingv3.html 5, walformat.html 2.3.1). */
#define PENDING_BYTE 0x40000000
#define SHARED_FIRST (PENDING_BYTE + 2)
#define SHARED_SIZE 510
#define WAL_READ_LOCK_0 (120 + 3)
#define INDEX_FRAMES 16      /* where mxFrame stands */
#define WAL_IN_USE (120 + 8) /* whoever has the index open; SQLite calls it DMS */

/* The head of the file (https://www.sqlite.org/fileformat2.html 1.3). */
#define HEAD_SIZE 100
#define MAGIC "SQLite format 3"
#define WRITE_VERSION 18
#define READ_VERSION 19
#define VERSION_WAL 2
#define USER_VERSION 60

/* ---- locks ----------------------------------------------------------------------------------- */

/* Of the open file, not of the process: SQLite's own, in this process too, are others to it. Never
 * waits. */
static bool lock(int file, short type, off_t start, off_t length) {
    struct flock range = {
        .l_type = type,
        .l_whence = SEEK_SET,
        .l_start = start,
        .l_len = length,
    };
    return fcntl(file, F_OFD_SETLK, &range) == 0;
}

/* Nobody but us may be there, then. */
static bool is_free(int file, off_t start) {
    struct flock range = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = start, .l_len = 1};
    return fcntl(file, F_OFD_GETLK, &range) == 0 && range.l_type == F_UNLCK;
}

/* Past PENDING, as every reader: who waits for all readers to leave lets no more in. */
static bool lock_shared(int file) {
    return lock(file, F_RDLCK, PENDING_BYTE, 1) && lock(file, F_RDLCK, SHARED_FIRST, SHARED_SIZE) &&
           lock(file, F_UNLCK, PENDING_BYTE, 1);
}

/* ---- is it plain? ---------------------------------------------------------------------------- */

static bool is_absent(struct arena *arena, const char *path, const char *suffix) {
    return access(arena_format(arena, "%s%s", path, suffix), F_OK) != 0 && errno == ENOENT;
}

/* An empty one counts as none: it is emptied when all of it is in the database. */
static bool is_filled(struct arena *arena, const char *path) {
    struct stat status;
    if (stat(arena_format(arena, "%s-wal", path), &status) != 0)
        return errno != ENOENT;
    return status.st_size > 0;
}

static int32_t read_int32(const unsigned char *bytes) {
    return (int32_t)((uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
                     (uint32_t)bytes[3]);
}

static bool read_head(struct still_file *still) {
    unsigned char head[HEAD_SIZE];
    if (pread(still->file, head, sizeof(head), 0) != (ssize_t)sizeof(head) ||
        memcmp(head, MAGIC, sizeof(MAGIC)) != 0 || head[WRITE_VERSION] != VERSION_WAL ||
        head[READ_VERSION] != VERSION_WAL)
        return false;
    still->version = read_int32(head + USER_VERSION);
    return true;
}

static bool hold_file(const char *path, struct still_file *still) {
    struct stat status;
    still->file = open(path, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (still->file < 0 || fstat(still->file, &status) != 0)
        return false;
    still->device = status.st_dev;
    still->inode = status.st_ino;
    return lock_shared(still->file);
}

/* Once nobody can put another in its place, as the last one out of SQLite's may: SHARED keeps him
 * from it. */
static bool hold_index(struct arena *arena, const char *path, struct still_file *still) {
    still->index =
        open(arena_format(arena, "%s-shm", path), O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    return still->index >= 0 && lock(still->index, F_RDLCK, WAL_READ_LOCK_0, 1);
}

/* How many frames whoever is at work has put into the WAL (https://www.sqlite.org/walformat.html 2.1).
 * If there are any, an empty file is not the one that he writes to. */
static bool has_frames(int index) {
    uint32_t frames = 0;
    return pread(index, &frames, sizeof(frames), INDEX_FRAMES) != (ssize_t)sizeof(frames) ||
           frames != 0;
}

/* The locks first: what is looked at afterwards stays as it was seen. */
static bool hold(struct arena *arena, const char *path, struct still_file *still) {
    if (!hold_file(path, still) || !hold_index(arena, path, still))
        return false;
    bool alone = is_free(still->index, WAL_IN_USE);
    if (is_filled(arena, path)) {
        still->wal_left = alone;
        return false;
    }
    return (alone || !has_frames(still->index)) && is_absent(arena, path, "-journal") &&
           read_head(still);
}

bool still_file_hold(struct arena *arena, const char *path, struct still_file *still) {
    *still = STILL_FILE_NONE;
    if (hold(arena, path, still))
        return true;
    still_file_release(still);
    return false;
}

/* The locks go with the open files. */
void still_file_release(struct still_file *still) {
    if (still->index >= 0)
        close(still->index);
    if (still->file >= 0)
        close(still->file);
    still->index = -1;
    still->file = -1;
}

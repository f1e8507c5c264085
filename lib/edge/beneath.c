#include "edge/beneath.h"

#include "base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* O_NONBLOCK: a FIFO that nobody writes to, or a device, is not waited for. */
#define FILE_FLAGS (O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)
#define FOLDER_FLAGS (O_PATH | O_CLOEXEC | O_NOFOLLOW | O_DIRECTORY)

/* ---- names ----------------------------------------------------------------------------------- */

/* The length of the name at the beginning of `path`; -1 if it is not plain. */
static int name_length(const char *path) {
    int length = 0;
    if (*path == '.')
        return -1;
    for (; path[length] != '\0' && path[length] != '/'; length++)
        if (ascii_is_control(path[length]) || path[length] == '\\' || length == NAME_MAX)
            return -1;
    return length;
}

bool beneath_is_plain(const char *path) {
    while (*path != '\0') {
        int length = name_length(path);
        if (length <= 0)
            return false;
        path += length;
        if (*path == '/')
            path++;
    }
    return true;
}

/* ---- opening --------------------------------------------------------------------------------- */

int beneath_open_folder(const char *path) {
    return open(path, O_PATH | O_CLOEXEC | O_DIRECTORY);
}

/* errno stays that of the failure before. */
static void close_quietly(int descriptor) {
    int reason = errno;
    close(descriptor);
    errno = reason;
}

/* What was opened is looked at itself, not what now bears its name. */
static int examine(int descriptor, struct stat *status) {
    if (descriptor < 0)
        return -1;
    bool known = fstat(descriptor, status) == 0;
    if (known && (S_ISREG(status->st_mode) || S_ISDIR(status->st_mode)))
        return descriptor;
    close(descriptor);
    errno = ENXIO;
    return -1;
}

/* glibc has no function for it. The folder itself is ".", for an empty path is none. */
static int open_at_once(int folder, const char *path) {
    const struct open_how how = {
        .flags = FILE_FLAGS,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS,
    };
    return (int)syscall(SYS_openat2, folder, *path == '\0' ? "." : path, &how, sizeof(how));
}

/* Opens the folder whose name the path begins with, and steps over both. */
static int enter(int folder, const char **path) {
    char name[NAME_MAX + 1];
    size_t length = strcspn(*path, "/");
    memcpy(name, *path, length);
    name[length] = '\0';
    *path += length + 1;
    return openat(folder, name, FOLDER_FLAGS);
}

/* O_NOFOLLOW is about the last name of a path alone: so each is the last of its own. `folder` is
 * closed. */
static int walk_on(int folder, const char *path) {
    while (folder >= 0 && strchr(path, '/') != NULL) {
        int outer = folder;
        folder = enter(outer, &path);
        close_quietly(outer);
    }
    if (folder < 0)
        return -1;
    int descriptor = openat(folder, *path == '\0' ? "." : path, FILE_FLAGS);
    close_quietly(folder);
    return descriptor;
}

int beneath_walk(int folder, const char *path, struct stat *status) {
    if (!beneath_is_plain(path)) {
        errno = ENOENT;
        return -1;
    }
    return examine(walk_on(fcntl(folder, F_DUPFD_CLOEXEC, 0), path), status);
}

int beneath_open(int folder, const char *path, struct stat *status) {
    if (!beneath_is_plain(path)) {
        errno = ENOENT;
        return -1;
    }
    int descriptor = open_at_once(folder, path);
    if (descriptor < 0 && (errno == ENOSYS || errno == EPERM))
        return beneath_walk(folder, path, status);
    return examine(descriptor, status);
}

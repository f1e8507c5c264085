#include "edge/private_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *beside(struct arena *arena, const char *config_file, const char *path) {
    const char *slash = strrchr(config_file, '/');
    if (*path == '/' || slash == NULL)
        return path;
    return arena_format(arena, "%.*s%s", (int)(slash + 1 - config_file), config_file, path);
}

/* *length = how many bytes were read: at most `size`. */
static int read_all(int file, char *bytes, size_t size, size_t *length) {
    for (*length = 0; *length < size;) {
        ssize_t got = read(file, bytes + *length, size - *length);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return (int)got;
        *length += (size_t)got;
    }
    return 0;
}

static int read_open_file(struct arena *arena, int file, const char *path, const char **text) {
    struct stat status;
    if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode))
        return fail(arena, ERROR_KEY_FILE, "%s is not a file", path);
    if ((status.st_mode & S_IRWXO) != 0)
        return fail(arena, ERROR_KEY_FILE, "%s is open to everyone: chmod o-rwx %s", path, path);

    char *bytes = arena_alloc(arena, PRIVATE_FILE_LIMIT + 2);
    size_t length = 0;
    if (read_all(file, bytes, PRIVATE_FILE_LIMIT + 1, &length) != 0)
        return fail(arena, ERROR_KEY_FILE, "cannot read %s: %s", path, strerror(errno));
    if (length == 0 || length > PRIVATE_FILE_LIMIT)
        return fail(arena, ERROR_KEY_FILE, "%s is empty or larger than %d bytes", path,
                    PRIVATE_FILE_LIMIT);
    if (strlen(bytes) != length)
        return fail(arena, ERROR_KEY_FILE, "%s is not a text file", path);
    *text = bytes;
    return 0;
}

int private_file_read(struct arena *arena, const char *config_file, const char *path,
                      const char **text) {
    path = beside(arena, config_file, path);
    /* O_NONBLOCK: a FIFO must not keep us waiting. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0)
        return fail(arena, ERROR_KEY_FILE, "cannot open %s: %s", path, strerror(errno));
    int result = read_open_file(arena, file, path, text);
    close(file);
    return result;
}

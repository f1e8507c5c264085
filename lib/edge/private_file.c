#include "edge/private_file.h"

#include "edge/file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

const char *private_file_path(struct arena *arena, const char *config_file, const char *path) {
    const char *slash = strrchr(config_file, '/');
    if (*path == '/' || slash == NULL)
        return path;
    return arena_format(arena, "%.*s%s", (int)(slash + 1 - config_file), config_file, path);
}

static int read_open_file(struct arena *arena, int file, const char *path, const char **text) {
    struct buffer content;
    buffer_open(arena, &content);
    if (file_read(file, PRIVATE_FILE_LIMIT, &content) != 0)
        return errno == EFBIG
                   ? fail(arena, ERROR_KEY_FILE, "%s is larger than %d bytes", path,
                          PRIVATE_FILE_LIMIT)
                   : fail(arena, ERROR_KEY_FILE, "cannot read %s: %s", path, strerror(errno));
    if (content.length == 0)
        return fail(arena, ERROR_KEY_FILE, "%s is empty", path);
    if (strlen(content.bytes) != content.length)
        return fail(arena, ERROR_KEY_FILE, "%s is not a text file", path);
    *text = content.bytes;
    return 0;
}

int private_file_read(struct arena *arena, const char *config_file, const char *path,
                      const char **text) {
    struct stat status;
    path = private_file_path(arena, config_file, path);
    int file = file_open(AT_FDCWD, path, 0, &status);
    if (file < 0)
        return fail(arena, ERROR_KEY_FILE, "cannot open %s: %s", path, strerror(errno));
    int result =
        (status.st_mode & S_IRWXO) == 0
            ? read_open_file(arena, file, path, text)
            : fail(arena, ERROR_KEY_FILE, "%s is open to everyone: chmod o-rwx %s", path, path);
    close(file);
    return result;
}

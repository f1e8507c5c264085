#include "serve/executable.h"

#include "edge/file.h"

#include <string.h>
#include <unistd.h>

void executable_open(struct executable *executable) {
    ssize_t length = readlink("/proc/self/exe", executable->path, sizeof(executable->path));
    bool whole = length > 0 && length < (ssize_t)sizeof(executable->path);
    executable->path[whole ? length : 0] = '\0';
    if (!whole || stat("/proc/self/exe", &executable->status) != 0)
        executable->path[0] = '\0';
}

bool executable_is_replaced(const struct executable *executable) {
    struct stat status;
    return executable->path[0] != '\0' && stat(executable->path, &status) == 0 &&
           S_ISREG(status.st_mode) && !file_is_same(&status, &executable->status);
}

void executable_restart(const struct executable *executable) {
    char path[sizeof(executable->path)];
    char *arguments[] = {path, NULL};
    memcpy(path, executable->path, sizeof(path));
    execv(executable->path, arguments);
}

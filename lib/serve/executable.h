/*
 * executable: the file that this process runs, which an update may replace while it is at work.
 */
#ifndef LATCHKEY_SERVE_EXECUTABLE_H
#define LATCHKEY_SERVE_EXECUTABLE_H

#include <stdbool.h>
#include <sys/stat.h>

struct executable {
    char path[4096]; /* "": it cannot be found out */
    struct stat status;
};

/* Remembers which file it is. */
void executable_open(struct executable *executable);

/* True if there is another file at its path now. */
bool executable_is_replaced(const struct executable *executable);

/* Becomes what lies at its path now: the same process, with its open descriptors that are not
 * close-on-exec. Comes back only if that cannot be started (it is being written, perhaps). */
void executable_restart(const struct executable *executable);

#endif

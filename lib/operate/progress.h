/*
 * progress: a bar on the standard error stream while something takes long; nothing where that is no
 * terminal, or for --quiet.
 */
#ifndef LATCHKEY_OPERATE_PROGRESS_H
#define LATCHKEY_OPERATE_PROGRESS_H

#include "operate/operation.h"

struct progress {
    struct arena *arena;
    bool shown;
    int64_t total;
    int64_t done;
};

void progress_open(struct progress *progress, const struct operation *operation, int64_t total);

/* `done` of the total, and what is at work now. */
void progress_show(struct progress *progress, int64_t done, const char *what);

/* Takes the bar away: before anything else is written, and at the end. */
void progress_hide(struct progress *progress);

#endif

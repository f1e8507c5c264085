/*
 * spool: bytes that come in before it is known how many they are, and are too many for memory: in a
 * file of the state folder that has no name, and is gone with the process.
 */
#ifndef LATCHKEY_EDGE_SPOOL_H
#define LATCHKEY_EDGE_SPOOL_H

#include "edge/context.h"

#include <sys/types.h>

struct spool {
    int file; /* -1: not open */
    off_t length;
};

#define SPOOL_CLOSED ((struct spool){.file = -1})

/* 0, or -1 with ERROR_STATE_DIR; so below. */
int spool_open(struct context *context, struct spool *spool) CHECKED;

int spool_write(struct context *context, struct spool *spool, const void *bytes,
                size_t length) CHECKED;

/* Harmless for one that is closed. */
void spool_close(struct spool *spool);

#endif

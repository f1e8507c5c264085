/*
 * turn: of all processes, one at a time does the thing of a number; the others wait for it.
 *
 * A turn is a lock on one byte of a file in the state folder (open file description locks, fcntl(2)),
 * the byte at that number. Not a row of the database: a row would stay when its process is killed,
 * so it would need a time after which it does not count, and that time would be too long for those
 * who wait or too short for whoever is slow. A lock is gone with its process, at whatever moment,
 * and it holds nobody up who is after another number, or writes to the database.
 *
 * Processes of other machines are no part of it; nor do they share the database.
 */
#ifndef LATCHKEY_EDGE_TURN_H
#define LATCHKEY_EDGE_TURN_H

#include "edge/context.h"

struct turn {
    int file; /* -1: it is nobody's */
};

/* Waits for the turn, at most `seconds`. `name` is that of the file, made at first use.
 * 0; 1 if the time was up, and then it is not ours; or -1 with ERROR_STATE_DIR. */
int turn_take(struct context *context, const char *name, int64_t number, int seconds,
              struct turn *turn) CHECKED;

/* The next one's turn. Harmless without one. */
void turn_end(struct turn *turn);

#endif

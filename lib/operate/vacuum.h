/*
 * vacuum: everything that is over goes at once, where requests take only a few rows each, and the
 * file shrinks to what is left.
 */
#ifndef LATCHKEY_OPERATE_VACUUM_H
#define LATCHKEY_OPERATE_VACUUM_H

#include "operate/operation.h"

/* vacuum: deletes expired rows in portions, so that no request waits for long, and keys that
 * nothing needs; then SQLite writes the file anew. That needs as much free disk space as the file
 * has. */
int vacuum_run(struct operation *operation) CHECKED;

#endif

/*
 * state_dir: the one folder we may write to: the database, the key rings.
 *
 * It may be empty at first. Two first requests at once agree: a file is written whole under a name
 * of its own, and then linked to its real name, which only one of them can do; the other reads that
 * one's.
 */
#ifndef LATCHKEY_EDGE_STATE_DIR_H
#define LATCHKEY_EDGE_STATE_DIR_H

#include "edge/context.h"
#include "format/key_ring.h"

/* The path of a file in the folder. */
char *state_dir_path(struct context *context, const char *name);

/* The key ring of that purpose, from `keys/PURPOSE.keys` (0600, in a folder of 0700), made with one
 * new key at first use; read anew each time, so that a FastCGI process notices a rotation. One key a
 * line, the newest first:
 *
 *   id created-at secret        8 characters of base64url, seconds, base64url of 32 bytes
 *
 * 0, or -1 with ERROR_STATE_DIR (a folder missing, not writable, or open to others) or
 * ERROR_KEY_FILE (malformed, not ours, or readable by group or others). */
int state_dir_keys(struct context *context, enum key_ring_purpose purpose,
                   struct key_ring *ring) CHECKED;

#endif

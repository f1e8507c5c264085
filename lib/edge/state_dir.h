/*
 * state_dir: the one folder we may write to: the database, the keys (key_file.h), which are made at
 * first use.
 */
#ifndef LATCHKEY_EDGE_STATE_DIR_H
#define LATCHKEY_EDGE_STATE_DIR_H

#include "edge/context.h"
#include "format/key_ring.h"

/* The path of a file in the folder. */
char *state_dir_path(struct context *context, const char *name);

/* Whether the folder is there, and not open to anyone. 0, or -1 with ERROR_STATE_DIR. */
int state_dir_check(struct context *context) CHECKED;

/* The key ring of that purpose, from `keys/PURPOSE.keys` (0600, in a folder of 0700), made with one
 * new key at first use. What context->key_rings has of it is used as long as state folder, keys folder
 * and file are untouched, which is looked at each time: so a FastCGI process notices a rotation with
 * the next request. One key a line, the newest first:
 *
 *   id created-at secret        8 characters of base64url, seconds, base64url of 32 bytes
 *
 * 0, or -1 with ERROR_STATE_DIR (a folder missing, not writable, or open to others) or
 * ERROR_KEY_FILE (malformed, not ours, or readable by group or others). */
int state_dir_keys(struct context *context, enum key_ring_purpose purpose,
                   struct key_ring *ring) CHECKED;

/* The same, but makes nothing: ring->count is 0 if there is no such ring yet. */
int state_dir_find_keys(struct context *context, enum key_ring_purpose purpose,
                        struct key_ring *ring) CHECKED;

/* The rings that a process has read, for its next requests. NULL if memory is out: then each request
 * reads them. */
struct key_rings *key_rings_new(void);

/* Wipes them, too. NULL is fine. */
void key_rings_free(struct key_rings *rings);

/* Which of a ring's older keys must stay: those that something may be signed or sealed with. */
struct key_needs {
    int64_t since;   /* nothing was signed before: a key that was followed by a newer one
                        KEY_LINGER before that may go. INT64_MAX: by their time, all may */
    const char *ids; /* keys of these ids stay all the same; separated by spaces, NULL: none */
};

/* How long a process may go on with the ring that it has read, in seconds. */
#define KEY_LINGER 3600

/* How many older keys a change left, and how many it took. */
struct key_change {
    size_t kept;
    size_t retired;
};

/* Puts a new key before the others, which verify and open what they did; those that are not needed
 * any more go.
 * 0, or -1 as above, or with ERROR_KEY_RING_FULL: KEY_RING_LIMIT keys are still needed. */
int state_dir_rotate_keys(struct context *context, enum key_ring_purpose purpose,
                          const struct key_needs *needs, struct key_change *change) CHECKED;

/* Only takes away what is not needed any more; never the newest. 0, or -1 as above. */
int state_dir_retire_keys(struct context *context, enum key_ring_purpose purpose,
                          const struct key_needs *needs, struct key_change *change) CHECKED;

#endif

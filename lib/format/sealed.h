/*
 * sealed: texts that carry a signature of ours, for cookies.
 *
 *   key id "." payload "." base64url(HMAC-SHA-256(key, purpose, key id "." payload))
 *
 * The payload is plain to read and safe from change. The key id says which key of the ring signed:
 * the first key signs, all verify, so a rotation breaks nothing.
 */
#ifndef LATCHKEY_FORMAT_SEALED_H
#define LATCHKEY_FORMAT_SEALED_H

#include "base/arena.h"

#include <stdint.h>

#define KEY_SIZE 32
#define KEY_RING_LIMIT 8

struct key {
    char id[9]; /* 8 characters of base64url */
    int64_t created_at;
    unsigned char secret[KEY_SIZE];
};

/* Never empty once loaded; the first is the newest and signs. */
struct key_ring {
    size_t count;
    struct key keys[KEY_RING_LIMIT];
};

/* Signs `payload`, which must consist of base64url characters, "-" and "_". */
char *sealed_make(struct arena *arena, const struct key_ring *ring, const char *purpose,
                  const char *payload);

/* *payload = what stands in `text` if its signature is ours for this purpose, and *key = the key
 * that signed (may be NULL if not wanted). Returns 0; or -1 WITHOUT recording an error, for the
 * caller knows what it means: also for NULL, and for more bytes than fit in a cookie (4096). */
int sealed_open(struct arena *arena, const struct key_ring *ring, const char *purpose,
                const char *text, const char **payload, const struct key **key) CHECKED;

/* The key with that id, or NULL. */
const struct key *key_ring_find(const struct key_ring *ring, const char *id);

#endif

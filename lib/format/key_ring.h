/*
 * key_ring: secret keys of our own: the newest signs and seals, all of them verify and open, so
 * that a rotation signs nobody out. edge/state_dir keeps them.
 */
#ifndef LATCHKEY_FORMAT_KEY_RING_H
#define LATCHKEY_FORMAT_KEY_RING_H

#include <stddef.h>
#include <stdint.h>

#define KEY_SIZE 32
#define KEY_RING_LIMIT 8

/* What a ring protects. */
enum key_ring_purpose {
    KEY_RING_SESSION,     /* session cookies, and the forms of a session */
    KEY_RING_TRANSACTION, /* cookies of logins and sign-outs under way */
    KEY_RING_TOKEN,       /* what the database keeps sealed */
    KEY_RING_COUNT
};

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

/* "session", "transaction", "token". */
const char *key_ring_name(enum key_ring_purpose purpose);

/* The key with that id, or NULL. */
const struct key *key_ring_find(const struct key_ring *ring, const char *id);

#endif

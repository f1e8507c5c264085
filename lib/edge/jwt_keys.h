/*
 * jwt_keys: the keys that sign our access tokens (login/access_token.h).
 *
 * Whoever verifies our tokens keeps our JWK Set for a while (JWT_KEYS_MAX_AGE). So that nobody meets
 * a token of a key that he cannot know yet, a new key is published at once, and signs as soon as
 * every copy of the set without it is too old. An old one stays published until the last token that
 * it may have signed is over. The first key of an algorithm signs at once: there is no other.
 *
 * Kept in `keys/jwt.keys` (key_file.h), one key a line, the newest first:
 *
 *   id created-at algorithm key       8 characters of base64url (the `kid`), seconds, "ES256",
 *                                     base64url of PKCS #8 in DER; of HS256, of 32 bytes
 */
#ifndef LATCHKEY_EDGE_JWT_KEYS_H
#define LATCHKEY_EDGE_JWT_KEYS_H

#include "edge/context.h"
#include "edge/state_dir.h"
#include "format/signing_key.h"

#define JWT_KEYS_LIMIT 8
#define JWT_KEYS_NAME "jwt" /* as the operator calls the ring */

/* How long others may keep the JWK Set, in seconds. */
#define JWT_KEYS_MAX_AGE 900
/* When a new key begins to sign: an answer may have been on its way for a while. */
#define JWT_KEYS_LEAD (JWT_KEYS_MAX_AGE + 60)

struct jwt_key {
    const char *id;
    int64_t created_at;
    const char *algorithm; /* static text */
    const unsigned char *octets;
    size_t length;
};

struct jwt_keys {
    size_t count;
    struct jwt_key keys[JWT_KEYS_LIMIT]; /* the newest first */
};

/* The keys, with at least one of [token] algorithm, which is made at first use; read anew each time.
 * 0, or -1 with ERROR_STATE_DIR, ERROR_KEY_FILE, or ERROR_KEY_RING_FULL (no room for a key of an
 * algorithm that was just configured). */
int jwt_keys_load(struct context *context, struct jwt_keys *keys) CHECKED;

/* The same, but makes nothing: keys->count is 0 if there are none yet. */
int jwt_keys_find(struct context *context, struct jwt_keys *keys) CHECKED;

/* The key of that algorithm that signs at this time: the newest of those that everybody knows, else
 * the oldest; NULL if there is none. */
const struct jwt_key *jwt_keys_signer(const struct jwt_keys *keys, const char *algorithm,
                                      int64_t now);

/* The key of that algorithm and id, or NULL. */
const struct jwt_key *jwt_keys_get(const struct jwt_keys *keys, const char *algorithm,
                                   const char *id);

/* The key made usable, for signing_key_free(). Its kid is the id.
 * 0, or -1 with ERROR_KEY_FILE: the octets are none for its algorithm. */
int jwt_keys_open(struct arena *arena, const struct jwt_key *key,
                  struct signing_key *opened) CHECKED;

/* The JWK Set of the public halves, of all algorithms.
 * 0, or -1 with ERROR_KEY_FILE or ERROR_INTERNAL. */
int jwt_keys_public(struct arena *arena, const struct jwt_keys *keys, struct json **set) CHECKED;

struct jwt_keys_change {
    bool made;   /* a new one; never where there was none yet: the first is made by who needs it */
    size_t kept; /* of the older ones */
    size_t retired;
};

/* A new key of [token] algorithm before the others; those that nothing can need any more go. With
 * `drop_old` all others go at once, so that the new one signs at once.
 * 0, or -1 as jwt_keys_load(); ERROR_KEY_RING_FULL: JWT_KEYS_LIMIT keys are still needed. */
int jwt_keys_rotate(struct context *context, bool drop_old, struct jwt_keys_change *change) CHECKED;

/* Only takes away what nothing can need any more. 0, or -1 as jwt_keys_load(). */
int jwt_keys_retire(struct context *context, struct jwt_keys_change *change) CHECKED;

#endif

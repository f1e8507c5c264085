/*
 * vault: texts that only we can read again, for tokens at rest: AES-256-GCM (NIST SP 800-38D).
 *
 *   key id "." base64url(nonce (12 bytes), ciphertext, tag (16 bytes))
 *
 * The context (which row, which purpose) is authenticated with it: a text moved to another row does
 * not open there. The first key of the ring seals, all open. The cipher's key is derived from the
 * ring's secret for this use alone.
 */
#ifndef LATCHKEY_FORMAT_VAULT_H
#define LATCHKEY_FORMAT_VAULT_H

#include "base/arena.h"
#include "format/key_ring.h"

/* *locked = the text, sealed with a fresh nonce. 0, or -1 with ERROR_INTERNAL. */
int vault_lock(struct arena *arena, const struct key_ring *ring, const char *context,
               const char *text, char **locked) CHECKED;

/* *text = what was locked with that context.
 * 0; or -1 WITHOUT recording an error: changed, moved, or locked with a key that is gone. */
int vault_unlock(struct arena *arena, const struct key_ring *ring, const char *context,
                 const char *locked, char **text) CHECKED;

#endif

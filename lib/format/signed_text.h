/*
 * signed_text: texts that carry a signature of ours, for cookies.
 *
 *   key id "." payload "." base64url(HMAC-SHA-256(key, purpose, key id "." payload))
 *
 * The payload is plain to read and safe from change. The key id says which key of the ring signed:
 * the first key signs, all verify, so a rotation breaks nothing.
 */
#ifndef LATCHKEY_FORMAT_SIGNED_TEXT_H
#define LATCHKEY_FORMAT_SIGNED_TEXT_H

#include "base/arena.h"
#include "format/key_ring.h"

/* Signs `payload`, which must be base64url: a "." would end it. */
char *signed_text_make(struct arena *arena, const struct key_ring *ring, const char *purpose,
                       const char *payload);

/* *payload = what stands in `text` if its signature is ours for this purpose, and *key = the key
 * that signed (may be NULL if not wanted).
 * 0; or -1 WITHOUT recording an error, for the
 * caller knows what it means: also for NULL, and for more bytes than fit in a cookie (4096). */
int signed_text_open(struct arena *arena, const struct key_ring *ring, const char *purpose,
                     const char *text, const char **payload, const struct key **key) CHECKED;

#endif

/*
 * key_rotation: new keys, without signing anyone out, and which old ones may go.
 *
 * An old key stays as long as something needs it. Cookies are with the browsers, so their keys go
 * by time: a session key, once no live session is older than the key that followed it (whatever the
 * timeouts were when it began); a transaction key, once each login and sign-out under way is over.
 * What the database keeps sealed tells the key's id: a token key goes when nothing there has it. So
 * that this comes to pass, what lives long (registrations, tokens for APIs) is sealed anew with the
 * newest key at each rotation; id_tokens are as short-lived as their sessions and are left. The keys
 * of access tokens go when every token is over that they may have signed (edge/jwt_keys.h).
 */
#ifndef LATCHKEY_OPERATE_KEY_ROTATION_H
#define LATCHKEY_OPERATE_KEY_ROTATION_H

#include "operate/operation.h"

/* rotate-keys [RING…] [--drop-old]: a new key for the rings named, or for all. --drop-old also
 * takes the others away at once, for a key that somebody may have seen: what they signed is void.
 */
int key_rotation_run(struct operation *operation) CHECKED;

/* Takes away, in all rings, the keys that nothing needs any more; *retired of them.
 * 0, or -1 with a key or database error. */
int key_rotation_retire(struct context *context, int64_t *retired) CHECKED;

#endif

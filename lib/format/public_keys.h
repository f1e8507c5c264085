/*
 * public_keys: handles of OpenSSL for public keys that were opened, kept for the next signatures: to
 * make one takes half as long as to judge a signature by it.
 *
 * A handle is found by all that it was made of. So nothing is ever out of date: a key that its owner has
 * replaced is in no JWK Set any more, and nobody asks for it. The last few are kept.
 */
#ifndef LATCHKEY_FORMAT_PUBLIC_KEYS_H
#define LATCHKEY_FORMAT_PUBLIC_KEYS_H

#include <openssl/evp.h>

#define PUBLIC_KEYS_LIMIT 16

struct public_keys;

/* None is kept yet. NULL if memory is out: then each is made when it is needed. */
struct public_keys *public_keys_new(void);
void public_keys_free(struct public_keys *keys);

/* The handle made of this, for EVP_PKEY_free(), or NULL. `keys` may be NULL; so below. */
EVP_PKEY *public_keys_find(const struct public_keys *keys, const char *made_of);

/* Keeps it, too, maybe in place of the oldest. */
void public_keys_keep(struct public_keys *keys, const char *made_of, EVP_PKEY *pkey);

#endif

/*
 * public_key: a JWK's key material as a handle of OpenSSL, once it has been found sound.
 */
#ifndef LATCHKEY_FORMAT_PUBLIC_KEY_H
#define LATCHKEY_FORMAT_PUBLIC_KEY_H

#include "format/jose.h"
#include "format/jwk.h"
#include "format/public_keys.h"

#include <openssl/evp.h>

/* *pkey = the public key of a JWK that fits this algorithm (jwk_fits()), for EVP_PKEY_free(); maybe
 * one that is kept (NULL: none are), and kept from now on.
 * Returns ERROR_NONE; or the rule it breaks (ERROR_JWK_MALFORMED, ERROR_JWK_WEAK), WITHOUT
 * recording an error, for another key of the set may do. */
enum error_rule public_key_open(struct arena *arena, const struct jwk *key,
                                const struct jose_algorithm *algorithm, struct public_keys *kept,
                                EVP_PKEY **pkey) CHECKED;

#endif

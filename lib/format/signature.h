/*
 * signature: the octets of a JWS signature, made and judged by OpenSSL.
 */
#ifndef LATCHKEY_FORMAT_SIGNATURE_H
#define LATCHKEY_FORMAT_SIGNATURE_H

#include "format/jose.h"
#include "format/jws.h"

#include <openssl/evp.h>

/* True if the signature of this JWS is that of this key, which serves the algorithm (its kind is
 * not JOSE_HMAC). Its length and form must be exactly those of RFC 7518. */
bool signature_is_valid(EVP_PKEY *pkey, const struct jose_algorithm *algorithm,
                        const struct jws *jws) CHECKED;

/* Signs `input`, a string. 0, or -1 with ERROR_INTERNAL: the key is none for its algorithm. */
int signature_make(struct arena *arena, const struct signing_key *key, const char *input,
                   unsigned char **signature, size_t *length) CHECKED;

#endif

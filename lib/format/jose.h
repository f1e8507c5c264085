/*
 * jose: what jwk, signing_key, signature and jws share: the table of algorithms.
 *
 * One row says everything that an algorithm demands of keys and signatures, so that no other place
 * compares names (RFC 8725 3.1: an algorithm is used only with the keys that were made for it).
 */
#ifndef LATCHKEY_FORMAT_JOSE_H
#define LATCHKEY_FORMAT_JOSE_H

#include "base/arena.h"

#define JOSE_ED25519_SIZE 32 /* of a public key (RFC 8032 5.1.5) */

enum jose_kind {
    JOSE_HMAC,
    JOSE_RSA,     /* RSASSA-PKCS1-v1_5 (RFC 7518 3.3) */
    JOSE_RSA_PSS, /* RSASSA-PSS (RFC 7518 3.5) */
    JOSE_ECDSA,   /* RFC 7518 3.4 */
    JOSE_EDDSA,   /* RFC 8037 3.1 */
};

struct jose_algorithm {
    const char *name; /* "RS256" */
    enum jose_kind kind;
    const char *kty;         /* of its keys */
    const char *crv;         /* of its keys; NULL where there are no curves */
    const char *group;       /* the curve in OpenSSL's words */
    const char *hash;        /* in OpenSSL's words */
    size_t signature_length; /* the only one accepted; 0: that of the key's modulus */
};

/* The algorithm of that name, in exactly that spelling; NULL for others, "none" and NULL. */
const struct jose_algorithm *jose_algorithm(const char *name);

/* For a part whose notation was refused: records `rule` with that refusal as its detail, in place
 * of the refusal. `before` is the arena's error as it was before the part was read. Returns -1. */
int jose_malformed(struct arena *arena, const struct error *before, enum error_rule rule,
                   const char *part);

#endif

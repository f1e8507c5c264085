/*
 * signing_key: private keys of our own, to sign with.
 *
 * A key made by signing_key_generate() or signing_key_parse() owns a handle of OpenSSL, which
 * signing_key_free() closes. For HS256 the caller fills in alg and octets; nothing is to be freed.
 */
#ifndef LATCHKEY_FORMAT_SIGNING_KEY_H
#define LATCHKEY_FORMAT_SIGNING_KEY_H

#include "format/json.h"

struct signing_key {
    void *pkey;      /* EVP_PKEY; NULL for an octet key */
    const char *alg; /* "RS256", "ES256", "EdDSA", … static text */
    const char *kid; /* NULL: none in the header; the caller's, for as long as the key */
    const unsigned char *octets; /* HS256: the secret, in the caller's arena */
    size_t octets_length;
};

/* True if the key is one for its algorithm: it could sign. */
bool signing_key_fits(const struct signing_key *key);

/* Makes a new key for this algorithm (RSA keys get 2048 bits). 0, or -1 with ERROR_INTERNAL. */
int signing_key_generate(struct arena *arena, const char *alg, const char *kid,
                         struct signing_key *key) CHECKED;

/* Reads a private key in PEM form (PKCS #8 or the traditional forms, without pass phrase).
 * 0, or -1 with ERROR_KEY_FILE: unreadable, encrypted, or not a key for this algorithm. */
int signing_key_parse(struct arena *arena, const char *pem, const char *alg, const char *kid,
                      struct signing_key *key) CHECKED;

/* The key in PEM form (PKCS #8). 0, or -1 with ERROR_INTERNAL (HS256: it has none). */
int signing_key_write(struct arena *arena, const struct signing_key *key, char **pem) CHECKED;

/* The key in the fewest octets: PKCS #8 in DER; of HS256, the secret itself.
 * 0, or -1 with ERROR_INTERNAL. */
int signing_key_octets(struct arena *arena, const struct signing_key *key,
                       const unsigned char **octets, size_t *length) CHECKED;

/* Reads what signing_key_octets() gave; of HS256, `octets` must live as long as the key.
 * 0, or -1 with ERROR_KEY_FILE: not a key for this algorithm, or octets are left over. */
int signing_key_open(struct arena *arena, const unsigned char *octets, size_t length,
                     const char *alg, struct signing_key *key) CHECKED;

/* Its public half as a JWK with kid, use "sig" and alg. 0, or -1 with ERROR_INTERNAL (HS256). */
int signing_key_public(struct arena *arena, const struct signing_key *key,
                       struct json **jwk) CHECKED;

/* Closes the handle. Any key, also a zeroed one. */
void signing_key_free(struct signing_key *key);

#endif

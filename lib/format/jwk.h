/*
 * jwk: public keys of others (RFC 7517, RFC 7518 section 6, RFC 8037), and private keys of our own.
 *
 * A struct jwk is plain bytes in the arena; OpenSSL's handles live only inside jws.c and jwk.c.
 * Keys are judged when they are used, not when they are read: a key that we do not understand or
 * that is too weak is stepped over, so that one odd key does not spoil a provider's set.
 */
#ifndef LATCHKEY_FORMAT_JWK_H
#define LATCHKEY_FORMAT_JWK_H

#include "format/json.h"

#define JWK_SET_LIMIT 100     /* keys in a set; more is refused */
#define JWK_RSA_BITS_MIN 2048 /* RFC 7518 3.3 */
#define JWK_RSA_BITS_MAX 8192 /* limits the work that a stranger's key can cause */

struct jwk {
    const char *kty; /* "RSA", "EC", "OKP", "oct"; never NULL */
    const char *kid; /* NULL if absent; so all below */
    const char *alg;
    const char *use;
    const char *crv;
    const struct json *key_ops;
    const struct json *members; /* all of them, for the key material */
};

struct jwk_set {
    size_t count;
    struct jwk *keys;
};

/* Reads a JWK Set document. 0, or -1 with ERROR_JWK_MALFORMED (not an object, no "keys" array, too
 * many). Elements that are not keys are left out. */
int jwk_set_parse(struct arena *arena, const char *text, size_t length,
                  struct jwk_set *set) CHECKED;

/* A key of our own to sign with. Owns an OpenSSL handle: signing_key_free(). */
struct signing_key {
    void *pkey;                  /* EVP_PKEY; NULL for an octet key */
    const char *alg;             /* "RS256", "ES256", "EdDSA", … static text */
    const char *kid;             /* NULL: none in the header */
    const unsigned char *octets; /* HS256: the secret, in the caller's arena */
    size_t octets_length;
};

/* Makes a new key for this algorithm (RSA keys get 2048 bits). 0, or -1 with ERROR_INTERNAL. */
int signing_key_generate(struct arena *arena, const char *alg, const char *kid,
                         struct signing_key *key) CHECKED;

/* Reads a private key in PEM form (PKCS #8 or the traditional forms, without pass phrase).
 * 0, or -1 with ERROR_KEY_FILE: unreadable, or not a key for this algorithm. */
int signing_key_parse(struct arena *arena, const char *pem, const char *alg, const char *kid,
                      struct signing_key *key) CHECKED;

/* The key in PEM form (PKCS #8). */
int signing_key_write(struct arena *arena, const struct signing_key *key, char **pem) CHECKED;

/* Its public half as a JWK with kid, use "sig" and alg. */
int signing_key_public(struct arena *arena, const struct signing_key *key,
                       struct json **jwk) CHECKED;

void signing_key_free(struct signing_key *key);

#endif

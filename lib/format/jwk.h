/*
 * jwk: public keys of others (RFC 7517, RFC 7518 section 6, RFC 8037).
 *
 * A struct jwk is plain bytes in the arena; OpenSSL's handles live only where a signature is
 * judged. The key material is judged when it is used, not when it is read: a key that we do not
 * understand or that is too weak is stepped over, so that one odd key does not spoil a provider's
 * set.
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

struct public_keys;

struct jwk_set {
    size_t count;
    struct jwk *keys;
    struct public_keys *opened; /* handles that are kept (public_keys.h); NULL: none are */
};

/* Reads a JWK Set document; set->opened is NULL.
 * 0, or -1 with ERROR_JWK_MALFORMED (not a JSON object, no "keys" array, too many keys). Elements
 * that are not keys (no object, no "kty", or one of the members above with a value of another type)
 * are left out. */
int jwk_set_parse(struct arena *arena, const char *text, size_t length,
                  struct jwk_set *set) CHECKED;

/* True if this key may verify signatures of that algorithm: kty, crv, alg, use and key_ops all fit.
 * A set of public keys holds none for HS256. The key material may still turn out to be unusable. */
bool jwk_fits(const struct jwk *key, const char *alg);

#endif

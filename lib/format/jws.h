/*
 * jws: JSON Web Signature, compact serialization (RFC 7515), signatures of RFC 7518 and RFC 8037.
 *
 * Algorithms: RS256/384/512, PS256/384/512, ES256/384/512, EdDSA (Ed25519), HS256. There is no
 * "none". What is accepted is the caller's list alone, never what a token, key or document says
 * (RFC 8725 3.1). Header members jwk, jku, x5u, x5c and x5t are not looked at; "crit" is refused.
 *
 * What a payload says and whether "typ" is the expected one are the caller's to judge; an empty
 * payload is legal here.
 */
#ifndef LATCHKEY_FORMAT_JWS_H
#define LATCHKEY_FORMAT_JWS_H

#include "format/jwk.h"
#include "format/signing_key.h"

#include <stdbool.h>

#define JWS_SIZE_LIMIT (32U * 1024) /* characters; checked before any work */
#define JWS_HS256_SECRET_MIN 32     /* bytes (RFC 7518 3.2) */

struct jws {
    const char *alg;           /* never NULL */
    const char *kid;           /* NULL if absent */
    const char *typ;           /* NULL if absent */
    const struct json *header; /* the protected header */
    const char *payload;       /* with a NUL behind it */
    size_t payload_length;
    const char *signing_input; /* header "." payload, as sent: the beginning of the caller's text */
    size_t signing_input_length;
    const unsigned char *signature;
    size_t signature_length;
};

/* Splits and decodes; says nothing yet about the signature.
 * 0, or -1 with ERROR_JWS_TOO_LARGE, ERROR_JWS_MALFORMED, ERROR_JWS_ALG (missing, none, unknown) or
 * ERROR_JWS_CRIT. */
int jws_parse(struct arena *arena, const char *compact, struct jws *jws) CHECKED;

/* True if `alg` is an algorithm we know; "none" is not. */
bool jws_alg_is_known(const char *alg);

/* True if the set holds a key that jws_verify() would try (right kid, fitting): if not, the set may
 * be out of date. */
bool jws_has_key(const struct jws *jws, const struct jwk_set *set);

/* Verifies against a JWK Set. `algs` are the accepted algorithms, separated by spaces; HS* never
 * verifies here, even if listed. Keys are chosen as OpenID Connect Core 10.1 says: those with the
 * token's kid that fit its alg; for a token without kid, every key that fits. At most 8 are tried;
 * one that is malformed or weak is stepped over, and only told of if no other could be tried.
 * 0, or -1 with ERROR_JWS_ALG, ERROR_JWS_KEY_UNKNOWN, ERROR_JWK_MALFORMED, ERROR_JWK_WEAK or
 * ERROR_JWS_SIGNATURE. */
int jws_verify(struct arena *arena, const struct jws *jws, const char *algs,
               const struct jwk_set *set) CHECKED;

/* Verifies HS256 with a shared secret of at least JWS_HS256_SECRET_MIN bytes.
 * 0, or -1 with ERROR_JWS_ALG, ERROR_JWK_WEAK or ERROR_JWS_SIGNATURE. */
int jws_verify_secret(struct arena *arena, const struct jws *jws, const void *secret,
                      size_t length) CHECKED;

/* Verifies by one key of our own, whose algorithm is the only one accepted.
 * 0, or -1 with ERROR_JWS_ALG, ERROR_JWK_WEAK (as above), ERROR_JWS_SIGNATURE or ERROR_INTERNAL (the
 * key is none for its algorithm). */
int jws_verify_own(struct arena *arena, const struct jws *jws,
                   const struct signing_key *key) CHECKED;

/* *claims = the payload of a JWT, which must be a JSON object (RFC 7519 7.2 (10)).
 * 0, or -1 with `rule`, which is that of the kind of token. */
int jws_claims(struct arena *arena, const struct jws *jws, enum error_rule rule,
               const struct json **claims) CHECKED;

/* Signs: the header gets alg, typ (if not NULL) and the key's kid (if not NULL).
 * 0, or -1 with ERROR_INTERNAL: the key is none for its algorithm. */
int jws_sign(struct arena *arena, const struct signing_key *key, const char *typ,
             const struct json *payload, char **compact) CHECKED;

/* The left half of the hash of `text` by the hash function of `alg`, base64url: at_hash, c_hash
 * (OpenID Connect Core 3.1.3.6).
 * 0, or -1 with ERROR_JWS_ALG (unknown), or ERROR_INTERNAL if OpenSSL lacks the hash. */
int jws_half_hash(struct arena *arena, const char *alg, const char *text, char **hash) CHECKED;

#endif

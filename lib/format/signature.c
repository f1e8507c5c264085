#include "format/signature.h"

#include "format/digest.h"

#include <openssl/ecdsa.h>
#include <openssl/err.h>
#include <openssl/rsa.h>
#include <string.h>

/* A SEQUENCE of two INTEGERs of 66 octets each takes 141 octets at most. */
#define ECDSA_DER_MAX 144

static bool set_padding(EVP_PKEY_CTX *options, const struct jose_algorithm *algorithm) {
    if (algorithm->kind == JOSE_RSA)
        return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PADDING) == 1;
    /* RFC 7518 3.5: the salt is as long as the hash, and MGF1 uses the same hash (the default). */
    if (algorithm->kind == JOSE_RSA_PSS)
        return EVP_PKEY_CTX_set_rsa_padding(options, RSA_PKCS1_PSS_PADDING) == 1 &&
               EVP_PKEY_CTX_set_rsa_pss_saltlen(options, RSA_PSS_SALTLEN_DIGEST) == 1;
    return true;
}

/* Ed25519 hashes by itself, and OpenSSL wants none named then. */
static const char *separate_hash(const struct jose_algorithm *algorithm) {
    return algorithm->kind == JOSE_EDDSA ? NULL : algorithm->hash;
}

static bool verify(EVP_PKEY *pkey, const struct jose_algorithm *algorithm, const struct jws *jws,
                   const unsigned char *signature, size_t length) {
    EVP_PKEY_CTX *options = NULL; /* the digest's own, not to be freed */
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool valid =
        digest != NULL &&
        EVP_DigestVerifyInit_ex(digest, &options, separate_hash(algorithm), NULL, NULL, pkey,
                                NULL) == 1 &&
        set_padding(options, algorithm) &&
        EVP_DigestVerify(digest, signature, length, (const unsigned char *)jws->signing_input,
                         jws->signing_input_length) == 1;
    EVP_MD_CTX_free(digest);
    ERR_clear_error();
    return valid;
}

/* r and s side by side (RFC 7518 3.4), as the DER that OpenSSL wants. Returns its length, or 0. */
static size_t ecdsa_to_der(const unsigned char *raw, size_t half, unsigned char *der) {
    int length = 0;
    ECDSA_SIG *pair = ECDSA_SIG_new();
    BIGNUM *r = BN_bin2bn(raw, (int)half, NULL);
    BIGNUM *s = BN_bin2bn(raw + half, (int)half, NULL);
    if (pair != NULL && ECDSA_SIG_set0(pair, r, s) == 1) {
        length = i2d_ECDSA_SIG(pair, &der);
    } else {
        BN_free(r);
        BN_free(s);
    }
    ECDSA_SIG_free(pair);
    return length > 0 ? (size_t)length : 0;
}

/* The other way round. */
static bool ecdsa_from_der(const unsigned char *der, size_t length, unsigned char *raw,
                           size_t half) {
    const unsigned char *next = der;
    ECDSA_SIG *pair = d2i_ECDSA_SIG(NULL, &next, (long)length);
    bool done = pair != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(pair), raw, (int)half) > 0 &&
                BN_bn2binpad(ECDSA_SIG_get0_s(pair), raw + half, (int)half) > 0;
    ECDSA_SIG_free(pair);
    return done;
}

bool signature_is_valid(EVP_PKEY *pkey, const struct jose_algorithm *algorithm,
                        const struct jws *jws) {
    /* RFC 8017 8.1.2 and 8.2.2 (1): an RSA signature is as long as the modulus. */
    size_t expected = algorithm->signature_length;
    if (expected == 0)
        expected = (size_t)EVP_PKEY_get_size(pkey);
    if (jws->signature_length != expected)
        return false;
    if (algorithm->kind != JOSE_ECDSA)
        return verify(pkey, algorithm, jws, jws->signature, jws->signature_length);

    unsigned char der[ECDSA_DER_MAX];
    size_t length = ecdsa_to_der(jws->signature, expected / 2, der);
    return length > 0 && verify(pkey, algorithm, jws, der, length);
}

/* Any kind but JOSE_HMAC; ECDSA in DER. */
static bool sign(struct arena *arena, const struct signing_key *key, const char *input,
                 unsigned char **signature, size_t *length) {
    const struct jose_algorithm *algorithm = jose_algorithm(key->alg);
    *length = (size_t)EVP_PKEY_get_size(key->pkey);
    *signature = arena_alloc(arena, *length);

    EVP_PKEY_CTX *options = NULL; /* the digest's own, not to be freed */
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done = digest != NULL &&
                EVP_DigestSignInit_ex(digest, &options, separate_hash(algorithm), NULL, NULL,
                                      key->pkey, NULL) == 1 &&
                set_padding(options, algorithm) &&
                EVP_DigestSign(digest, *signature, length, (const unsigned char *)input,
                               strlen(input)) == 1;
    EVP_MD_CTX_free(digest);
    ERR_clear_error();
    return done;
}

static int sign_hmac(struct arena *arena, const struct signing_key *key, const char *input,
                     unsigned char **signature, size_t *length) {
    *length = DIGEST_SIZE;
    *signature = arena_alloc(arena, DIGEST_SIZE);
    digest_hmac_sha256(key->octets, key->octets_length, input, strlen(input), *signature);
    return 0;
}

int signature_make(struct arena *arena, const struct signing_key *key, const char *input,
                   unsigned char **signature, size_t *length) {
    if (!signing_key_fits(key))
        return fail(arena, ERROR_INTERNAL, "not a key for %s", key->alg);
    const struct jose_algorithm *algorithm = jose_algorithm(key->alg);
    if (algorithm->kind == JOSE_HMAC)
        return sign_hmac(arena, key, input, signature, length);
    if (!sign(arena, key, input, signature, length))
        return fail(arena, ERROR_INTERNAL, "cannot sign by %s", key->alg);
    if (algorithm->kind != JOSE_ECDSA)
        return 0;

    unsigned char *raw = arena_alloc(arena, algorithm->signature_length);
    if (!ecdsa_from_der(*signature, *length, raw, algorithm->signature_length / 2))
        return fail(arena, ERROR_INTERNAL, "cannot sign by %s", key->alg);
    *signature = raw;
    *length = algorithm->signature_length;
    return 0;
}

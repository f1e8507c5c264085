#include "format/public_key.h"

#include "format/base64url.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <string.h>

#define RSA_EXPONENT_BITS_MAX 64    /* more is of no use to anyone but to cost time */
#define EC_POINT_SIZE_MAX (1 + 132) /* P-521 */

struct octets {
    unsigned char *bytes;
    size_t length;
};

/* The member's octets. False if it is absent or not base64url: this key is stepped over then, so
 * the arena's error stays as it was. */
static bool read_octets(struct arena *arena, const struct jwk *key, const char *name,
                        struct octets *octets) {
    const char *text = json_string(key->members, name);
    if (text == NULL)
        return false;
    struct error before = arena->error;
    if (base64url_decode(arena, text, strlen(text), &octets->bytes, &octets->length) == 0)
        return true;
    arena->error = before;
    return false;
}

/* A Base64urlUInt (RFC 7518 2). Leading zero octets are refused: the number must stand in the
 * fewest octets, and one number has one notation. */
static bool read_number(struct arena *arena, const struct jwk *key, const char *name,
                        BIGNUM **number) {
    struct octets octets;
    if (!read_octets(arena, key, name, &octets))
        return false;
    if (octets.length == 0 || octets.bytes[0] == 0)
        return false;
    *number = BN_bin2bn(octets.bytes, (int)octets.length, NULL);
    return *number != NULL;
}

/* True if the modulus is neither easy to factor (RFC 7518 3.3) nor made to cost time, and the
 * exponent is one: e = 1 would let anyone sign. */
static bool rsa_is_sound(const BIGNUM *n, const BIGNUM *e) {
    int bits = BN_num_bits(n);
    return bits >= JWK_RSA_BITS_MIN && bits <= JWK_RSA_BITS_MAX && BN_is_odd(n) && BN_is_odd(e) &&
           !BN_is_one(e) && BN_num_bits(e) <= RSA_EXPONENT_BITS_MAX;
}

static EVP_PKEY *pkey_make(const char *type, OSSL_PARAM *params) {
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (maker != NULL && EVP_PKEY_fromdata_init(maker) == 1 &&
        EVP_PKEY_fromdata(maker, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(maker);
    return pkey;
}

static EVP_PKEY *rsa_make(const BIGNUM *n, const BIGNUM *e) {
    EVP_PKEY *pkey = NULL;
    OSSL_PARAM *params = NULL;
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    if (builder == NULL || OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_N, n) != 1 ||
        OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_RSA_E, e) != 1)
        goto out;
    params = OSSL_PARAM_BLD_to_param(builder);
    if (params != NULL)
        pkey = pkey_make("RSA", params);
out:
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(builder);
    return pkey;
}

/* RFC 7518 6.3.1. */
static enum error_rule rsa_open(struct arena *arena, const struct jwk *key, EVP_PKEY **pkey) {
    enum error_rule broken = ERROR_JWK_MALFORMED;
    BIGNUM *n = NULL;
    BIGNUM *e = NULL;
    if (!read_number(arena, key, "n", &n) || !read_number(arena, key, "e", &e))
        goto out;
    broken = ERROR_JWK_WEAK;
    if (!rsa_is_sound(n, e))
        goto out;
    *pkey = rsa_make(n, e);
    broken = *pkey == NULL ? ERROR_JWK_MALFORMED : ERROR_NONE;
out:
    BN_free(n);
    BN_free(e);
    return broken;
}

/* RFC 7518 6.2.1: both coordinates in full length. OpenSSL refuses a point that is not on the
 * curve; these curves have the cofactor 1, so no small subgroup is left to ask for, and infinity
 * has no coordinates. */
static enum error_rule ec_open(struct arena *arena, const struct jwk *key,
                               const struct jose_algorithm *algorithm, EVP_PKEY **pkey) {
    size_t size = algorithm->signature_length / 2;
    struct octets x;
    struct octets y;
    if (!read_octets(arena, key, "x", &x) || !read_octets(arena, key, "y", &y) ||
        x.length != size || y.length != size)
        return ERROR_JWK_MALFORMED;

    unsigned char point[EC_POINT_SIZE_MAX] = {POINT_CONVERSION_UNCOMPRESSED};
    memcpy(point + 1, x.bytes, size);
    memcpy(point + 1 + size, y.bytes, size);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME,
                                         arena_text(arena, algorithm->group), 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, 1 + 2 * size),
        OSSL_PARAM_construct_end(),
    };
    *pkey = pkey_make("EC", params);
    return *pkey == NULL ? ERROR_JWK_MALFORMED : ERROR_NONE;
}

/* The points of small order, by their y (little-endian, without the sign of x; the last two are
 * 0 and 1 again, not reduced). Under such a key anyone can sign, and OpenSSL lets them pass. */
static const unsigned char small_order[][JOSE_ED25519_SIZE] = {
    {0},
    {1},
    {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4,
     0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6,
     0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05},
    {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
     0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
     0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
    {0xec, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xed, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
    {0xee, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
     0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f},
};

/* True if anyone could sign under this key. */
static bool has_small_order(const unsigned char x[JOSE_ED25519_SIZE]) {
    unsigned char y[JOSE_ED25519_SIZE];
    memcpy(y, x, sizeof(y));
    y[JOSE_ED25519_SIZE - 1] &= 0x7F;
    for (size_t i = 0; i < sizeof(small_order) / sizeof(*small_order); i++)
        if (memcmp(y, small_order[i], sizeof(y)) == 0)
            return true;
    return false;
}

/* RFC 8037 2. */
static enum error_rule okp_open(struct arena *arena, const struct jwk *key, EVP_PKEY **pkey) {
    struct octets x;
    if (!read_octets(arena, key, "x", &x) || x.length != JOSE_ED25519_SIZE)
        return ERROR_JWK_MALFORMED;
    if (has_small_order(x.bytes))
        return ERROR_JWK_WEAK;
    *pkey = EVP_PKEY_new_raw_public_key_ex(NULL, "ED25519", NULL, x.bytes, x.length);
    return *pkey == NULL ? ERROR_JWK_MALFORMED : ERROR_NONE;
}

static enum error_rule open_by_kind(struct arena *arena, const struct jwk *key,
                                    const struct jose_algorithm *algorithm, EVP_PKEY **pkey) {
    switch (algorithm->kind) {
    case JOSE_RSA:
    case JOSE_RSA_PSS:
        return rsa_open(arena, key, pkey);
    case JOSE_ECDSA:
        return ec_open(arena, key, algorithm, pkey);
    case JOSE_EDDSA:
        return okp_open(arena, key, pkey);
    case JOSE_HMAC:
        break;
    }
    return ERROR_JWK_MALFORMED;
}

static const char *member(const struct jwk *key, const char *name) {
    const char *text = json_string(key->members, name);
    return text == NULL ? "" : text;
}

/* All that open_by_kind() goes by. Two keys have the same text only if they are the same, or if both
 * are none: base64url has no line breaks. */
static const char *made_of(struct arena *arena, const struct jwk *key,
                           const struct jose_algorithm *algorithm) {
    return arena_format(arena, "%s\n%s\n%s\n%s\n%s", algorithm->name, member(key, "n"),
                        member(key, "e"), member(key, "x"), member(key, "y"));
}

enum error_rule public_key_open(struct arena *arena, const struct jwk *key,
                                const struct jose_algorithm *algorithm, struct public_keys *kept,
                                EVP_PKEY **pkey) {
    const char *text = kept == NULL ? NULL : made_of(arena, key, algorithm);
    *pkey = public_keys_find(kept, text);
    if (*pkey != NULL)
        return ERROR_NONE;
    enum error_rule broken = open_by_kind(arena, key, algorithm, pkey);
    if (broken == ERROR_NONE)
        public_keys_keep(kept, text, *pkey);
    ERR_clear_error();
    return broken;
}

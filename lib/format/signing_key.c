#include "format/signing_key.h"

#include "base/text.h"
#include "format/base64url.h"
#include "format/jose.h"
#include "format/jwk.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

#define GROUP_NAME_SIZE 64

void signing_key_free(struct signing_key *key) {
    EVP_PKEY_free(key->pkey);
    *key = (struct signing_key){.pkey = NULL};
}

static bool is_on_curve(const EVP_PKEY *pkey, const char *group) {
    char name[GROUP_NAME_SIZE];
    return EVP_PKEY_get_group_name(pkey, name, sizeof(name), NULL) == 1 && text_equal(name, group);
}

bool signing_key_fits(const struct signing_key *key) {
    const struct jose_algorithm *algorithm = jose_algorithm(key->alg);
    if (algorithm == NULL || (algorithm->kind != JOSE_HMAC && key->pkey == NULL))
        return false;
    switch (algorithm->kind) {
    case JOSE_RSA:
    case JOSE_RSA_PSS:
        return EVP_PKEY_is_a(key->pkey, "RSA") &&
               EVP_PKEY_get_bits(key->pkey) >= JWK_RSA_BITS_MIN &&
               EVP_PKEY_get_bits(key->pkey) <= JWK_RSA_BITS_MAX;
    case JOSE_ECDSA:
        return EVP_PKEY_is_a(key->pkey, "EC") && is_on_curve(key->pkey, algorithm->group);
    case JOSE_EDDSA:
        return EVP_PKEY_is_a(key->pkey, "ED25519");
    case JOSE_HMAC:
        return key->octets != NULL;
    }
    return false;
}

static EVP_PKEY *generate(const struct jose_algorithm *algorithm) {
    switch (algorithm->kind) {
    case JOSE_RSA:
    case JOSE_RSA_PSS:
        return EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)JWK_RSA_BITS_MIN);
    case JOSE_ECDSA:
        return EVP_PKEY_Q_keygen(NULL, NULL, "EC", algorithm->group);
    case JOSE_EDDSA:
        return EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
    case JOSE_HMAC:
        break;
    }
    return NULL;
}

int signing_key_generate(struct arena *arena, const char *alg, const char *kid,
                         struct signing_key *key) {
    const struct jose_algorithm *algorithm = jose_algorithm(alg);
    if (algorithm == NULL || algorithm->kind == JOSE_HMAC)
        return fail(arena, ERROR_INTERNAL, "no algorithm %s to make a key for", alg);
    *key = (struct signing_key){.alg = algorithm->name, .kid = kid, .pkey = generate(algorithm)};
    ERR_clear_error();
    return key->pkey != NULL ? 0 : fail(arena, ERROR_INTERNAL, "cannot make a key for %s", alg);
}

/* OpenSSL's own callback would ask on the terminal. */
static int no_pass_phrase(char *buffer, int size, int for_writing, void *unused) {
    (void)buffer;
    (void)size;
    (void)for_writing;
    (void)unused;
    return -1;
}

static EVP_PKEY *read_pem(const char *pem) {
    BIO *source = BIO_new_mem_buf(pem, -1);
    if (source == NULL)
        return NULL;
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(source, NULL, no_pass_phrase, NULL);
    BIO_free(source);
    return pkey;
}

int signing_key_parse(struct arena *arena, const char *pem, const char *alg, const char *kid,
                      struct signing_key *key) {
    const struct jose_algorithm *algorithm = jose_algorithm(alg);
    if (algorithm == NULL)
        return fail(arena, ERROR_KEY_FILE, "no algorithm %s", alg);
    *key = (struct signing_key){.alg = algorithm->name, .kid = kid, .pkey = read_pem(pem)};
    bool fits = signing_key_fits(key);
    ERR_clear_error();
    if (fits)
        return 0;
    bool read = key->pkey != NULL;
    signing_key_free(key);
    if (read)
        return fail(arena, ERROR_KEY_FILE, "not a key for %s", alg);
    return fail(arena, ERROR_KEY_FILE, "not a private key in PEM form without pass phrase");
}

int signing_key_write(struct arena *arena, const struct signing_key *key, char **pem) {
    char *text = NULL;
    BIO *target = BIO_new(BIO_s_mem());
    if (target != NULL && key->pkey != NULL &&
        PEM_write_bio_PKCS8PrivateKey(target, key->pkey, NULL, NULL, 0, NULL, NULL) == 1) {
        long length = BIO_get_mem_data(target, &text);
        *pem = arena_copy(arena, text, (size_t)length);
    }
    BIO_free(target);
    ERR_clear_error();
    return text != NULL ? 0 : fail(arena, ERROR_INTERNAL, "cannot write a key for %s", key->alg);
}

int signing_key_octets(struct arena *arena, const struct signing_key *key,
                       const unsigned char **octets, size_t *length) {
    unsigned char *der = NULL;
    if (key->octets != NULL) {
        *octets = key->octets;
        *length = key->octets_length;
        return 0;
    }
    PKCS8_PRIV_KEY_INFO *info = key->pkey == NULL ? NULL : EVP_PKEY2PKCS8(key->pkey);
    int size = info == NULL ? -1 : i2d_PKCS8_PRIV_KEY_INFO(info, &der);
    PKCS8_PRIV_KEY_INFO_free(info);
    ERR_clear_error();
    if (size <= 0)
        return fail(arena, ERROR_INTERNAL, "cannot write a key for %s", key->alg);
    *octets = (const unsigned char *)arena_copy(arena, der, (size_t)size);
    *length = (size_t)size;
    OPENSSL_clear_free(der, (size_t)size);
    return 0;
}

/* All octets must be of the key. */
static EVP_PKEY *read_der(const unsigned char *octets, size_t length) {
    const unsigned char *next = octets;
    PKCS8_PRIV_KEY_INFO *info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &next, (long)length);
    EVP_PKEY *pkey = info == NULL || next != octets + length ? NULL : EVP_PKCS82PKEY(info);
    PKCS8_PRIV_KEY_INFO_free(info);
    return pkey;
}

int signing_key_open(struct arena *arena, const unsigned char *octets, size_t length,
                     const char *alg, struct signing_key *key) {
    const struct jose_algorithm *algorithm = jose_algorithm(alg);
    if (algorithm == NULL)
        return fail(arena, ERROR_KEY_FILE, "no algorithm %s", alg);
    *key = (struct signing_key){.alg = algorithm->name};
    if (algorithm->kind == JOSE_HMAC) {
        key->octets = octets;
        key->octets_length = length;
    } else {
        key->pkey = read_der(octets, length);
    }
    bool fits = signing_key_fits(key);
    ERR_clear_error();
    if (fits)
        return 0;
    signing_key_free(key);
    return fail(arena, ERROR_KEY_FILE, "not a key for %s", alg);
}

/* Puts a number of the key in base64url: in `size` octets, or in the fewest if size is 0. */
static bool put_number(struct arena *arena, const EVP_PKEY *pkey, const char *parameter,
                       size_t size, const char *name, struct json *jwk) {
    BIGNUM *number = NULL;
    if (EVP_PKEY_get_bn_param(pkey, parameter, &number) != 1)
        return false;
    if (size == 0)
        size = (size_t)BN_num_bytes(number);
    unsigned char *octets = arena_alloc(arena, size);
    int written = BN_bn2binpad(number, octets, (int)size);
    BN_free(number);
    if (written < 0)
        return false;
    json_put_string(arena, jwk, name, base64url_encode(arena, octets, size));
    return true;
}

static bool put_ed25519(struct arena *arena, const EVP_PKEY *pkey, struct json *jwk) {
    unsigned char x[JOSE_ED25519_SIZE];
    size_t size = sizeof(x);
    if (EVP_PKEY_get_raw_public_key(pkey, x, &size) != 1)
        return false;
    json_put_string(arena, jwk, "x", base64url_encode(arena, x, size));
    return true;
}

/* RFC 7518 6.2.1 and 6.3.1, RFC 8037 2. */
static bool put_material(struct arena *arena, const EVP_PKEY *pkey,
                         const struct jose_algorithm *algorithm, struct json *jwk) {
    size_t coordinate = algorithm->signature_length / 2;
    switch (algorithm->kind) {
    case JOSE_RSA:
    case JOSE_RSA_PSS:
        return put_number(arena, pkey, OSSL_PKEY_PARAM_RSA_N, 0, "n", jwk) &&
               put_number(arena, pkey, OSSL_PKEY_PARAM_RSA_E, 0, "e", jwk);
    case JOSE_ECDSA:
        return put_number(arena, pkey, OSSL_PKEY_PARAM_EC_PUB_X, coordinate, "x", jwk) &&
               put_number(arena, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate, "y", jwk);
    case JOSE_EDDSA:
        return put_ed25519(arena, pkey, jwk);
    case JOSE_HMAC:
        break;
    }
    return false;
}

int signing_key_public(struct arena *arena, const struct signing_key *key, struct json **jwk) {
    const struct jose_algorithm *algorithm = jose_algorithm(key->alg);
    if (algorithm == NULL || key->pkey == NULL)
        return fail(arena, ERROR_INTERNAL, "a key for %s has no public half", key->alg);

    struct json *object = json_object(arena);
    json_put_string(arena, object, "kty", algorithm->kty);
    json_put_string(arena, object, "crv", algorithm->crv);
    json_put_string(arena, object, "kid", key->kid);
    json_put_string(arena, object, "use", "sig");
    json_put_string(arena, object, "alg", algorithm->name);
    bool complete = put_material(arena, key->pkey, algorithm, object);
    ERR_clear_error();
    if (!complete)
        return fail(arena, ERROR_INTERNAL, "cannot read the public half of a key for %s", key->alg);
    *jwk = object;
    return 0;
}

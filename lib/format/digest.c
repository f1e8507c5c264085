/* OpenSSL 3 deprecates SHA256_Init() and its sisters in favour of EVP, whose first fetch of a
 * process costs more than the whole of me.cgi (see the header). They are part of its ABI still. */
#define OPENSSL_SUPPRESS_DEPRECATED

#include "format/digest.h"

#include "base/secret.h"

#include <openssl/sha.h>
#include <string.h>

#define BLOCK_SIZE 64

_Static_assert(DIGEST_SIZE == SHA256_DIGEST_LENGTH, "the size of SHA-256");

void digest_sha256(const void *bytes, size_t length, unsigned char digest[DIGEST_SIZE]) {
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, bytes, length);
    SHA256_Final(digest, &context);
    secret_wipe(&context, sizeof(context));
}

/* Starts a hash with the key's block, every byte of it changed by `pad` (RFC 2104 2). */
static void start(SHA256_CTX *context, const unsigned char block[BLOCK_SIZE], unsigned char pad) {
    unsigned char padded[BLOCK_SIZE];
    for (size_t i = 0; i < BLOCK_SIZE; i++)
        padded[i] = block[i] ^ pad;
    SHA256_Init(context);
    SHA256_Update(context, padded, sizeof(padded));
    secret_wipe(padded, sizeof(padded));
}

static void mac_start(SHA256_CTX *inner, SHA256_CTX *outer, const unsigned char *key,
                      size_t key_length) {
    unsigned char block[BLOCK_SIZE] = {0};
    if (key_length > BLOCK_SIZE)
        digest_sha256(key, key_length, block); /* RFC 2104 2: a longer key is hashed first */
    else if (key_length > 0)
        memcpy(block, key, key_length);
    start(inner, block, 0x36);
    start(outer, block, 0x5C);
    secret_wipe(block, sizeof(block));
}

static void mac_finish(SHA256_CTX *inner, SHA256_CTX *outer, unsigned char mac[DIGEST_SIZE]) {
    unsigned char digest[DIGEST_SIZE];
    SHA256_Final(digest, inner);
    SHA256_Update(outer, digest, sizeof(digest));
    SHA256_Final(mac, outer);
    secret_wipe(digest, sizeof(digest));
    secret_wipe(inner, sizeof(*inner));
    secret_wipe(outer, sizeof(*outer));
}

void digest_hmac(const unsigned char *key, size_t key_length, const char *purpose,
                 const void *bytes, size_t length, unsigned char mac[DIGEST_SIZE]) {
    SHA256_CTX inner;
    SHA256_CTX outer;
    mac_start(&inner, &outer, key, key_length);
    SHA256_Update(&inner, purpose, strlen(purpose) + 1);
    SHA256_Update(&inner, bytes, length);
    mac_finish(&inner, &outer, mac);
}

void digest_hmac_sha256(const unsigned char *key, size_t key_length, const void *bytes,
                        size_t length, unsigned char mac[DIGEST_SIZE]) {
    SHA256_CTX inner;
    SHA256_CTX outer;
    mac_start(&inner, &outer, key, key_length);
    SHA256_Update(&inner, bytes, length);
    mac_finish(&inner, &outer, mac);
}

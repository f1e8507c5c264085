/*
 * digest: SHA-256 and HMAC-SHA-256 (FIPS 180-4, RFC 2104, RFC 4231) for the hot path.
 *
 * Built on OpenSSL's SHA256_* primitives, not on EVP: the first EVP fetch of a process costs more
 * than everything else that a small CGI program does.
 */
#ifndef LATCHKEY_FORMAT_DIGEST_H
#define LATCHKEY_FORMAT_DIGEST_H

#include <stddef.h>

#define DIGEST_SIZE 32

void digest_sha256(const void *bytes, size_t length, unsigned char digest[DIGEST_SIZE]);

/* MAC of `purpose`, a NUL, then `bytes`: the purpose keeps the uses of one key apart. */
void digest_hmac(const unsigned char *key, size_t key_length, const char *purpose,
                 const void *bytes, size_t length, unsigned char mac[DIGEST_SIZE]);

/* Plain RFC 2104, for the vectors and for JWS HS256. */
void digest_hmac_sha256(const unsigned char *key, size_t key_length, const void *bytes,
                        size_t length, unsigned char mac[DIGEST_SIZE]);

#endif

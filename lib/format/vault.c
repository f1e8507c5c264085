#include "format/vault.h"

#include "base/secret.h"
#include "format/base64url.h"
#include "format/digest.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#define NONCE_SIZE 12
#define TAG_SIZE 16
#define KEY_PURPOSE "latchkey vault v1"

/* One direction of the cipher over `length` bytes: locking writes the tag, unlocking checks it. */
struct work {
    bool locking;
    const unsigned char *nonce;
    const char *context;
    const unsigned char *input;
    size_t length;
    unsigned char *output;
    unsigned char *tag;
};

static bool run_cipher(EVP_CIPHER_CTX *cipher, const struct work *work, const unsigned char *key) {
    int written = 0;
    int direction = work->locking ? 1 : 0;
    if (EVP_CipherInit_ex(cipher, EVP_aes_256_gcm(), NULL, key, work->nonce, direction) != 1)
        return false;
    if (!work->locking &&
        EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, TAG_SIZE, work->tag) != 1)
        return false;
    if (EVP_CipherUpdate(cipher, NULL, &written, (const unsigned char *)work->context,
                         (int)strlen(work->context)) != 1 ||
        EVP_CipherUpdate(cipher, work->output, &written, work->input, (int)work->length) != 1 ||
        EVP_CipherFinal_ex(cipher, work->output + written, &written) != 1)
        return false;
    return !work->locking ||
           EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, TAG_SIZE, work->tag) == 1;
}

static bool run(const struct work *work, const struct key *key) {
    unsigned char derived[DIGEST_SIZE];
    EVP_CIPHER_CTX *cipher = EVP_CIPHER_CTX_new();
    digest_hmac(key->secret, sizeof(key->secret), KEY_PURPOSE, "", 0, derived);
    bool worked = cipher != NULL && work->length < INT_MAX / 2 && run_cipher(cipher, work, derived);
    EVP_CIPHER_CTX_free(cipher);
    ERR_clear_error();
    secret_wipe(derived, sizeof(derived));
    return worked;
}

int vault_lock(struct arena *arena, const struct key_ring *ring, const char *context,
               const char *text, char **locked) {
    size_t length = strlen(text);
    unsigned char *box = arena_alloc(arena, NONCE_SIZE + length + TAG_SIZE);
    secret_random(box, NONCE_SIZE);
    struct work work = {
        .locking = true,
        .nonce = box,
        .context = context,
        .input = (const unsigned char *)text,
        .length = length,
        .output = box + NONCE_SIZE,
        .tag = box + NONCE_SIZE + length,
    };
    if (!run(&work, &ring->keys[0]))
        return fail(arena, ERROR_INTERNAL, "AES-256-GCM does not work");
    *locked = arena_format(arena, "%s.%s", ring->keys[0].id,
                           base64url_encode(arena, box, NONCE_SIZE + length + TAG_SIZE));
    return 0;
}

int vault_unlock(struct arena *arena, const struct key_ring *ring, const char *context,
                 const char *locked, char **text) {
    const char *dot = strchr(locked, '.');
    unsigned char *box = NULL;
    size_t size = 0;
    if (dot == NULL)
        return -1;
    const struct key *key = key_ring_find(ring, arena_copy(arena, locked, (size_t)(dot - locked)));
    if (base64url_decode(arena, dot + 1, strlen(dot + 1), &box, &size) != 0) {
        arena_forget_error(arena);
        return -1;
    }
    if (key == NULL || size < NONCE_SIZE + TAG_SIZE)
        return -1;

    size_t length = size - NONCE_SIZE - TAG_SIZE;
    char *output = arena_alloc(arena, length + 1);
    struct work work = {
        .nonce = box,
        .context = context,
        .input = box + NONCE_SIZE,
        .length = length,
        .output = (unsigned char *)output,
        .tag = box + NONCE_SIZE + length,
    };
    if (!run(&work, key))
        return -1;
    *text = output;
    return 0;
}

#include "format/signed_text.h"

#include "base/secret.h"
#include "format/base64url.h"
#include "format/digest.h"

#include <string.h>

/* A browser keeps no longer cookie (RFC 6265 6.1), so we never made a longer text. */
#define TEXT_LIMIT 4096

static char *signature(struct arena *arena, const struct key *key, const char *purpose,
                       const char *text, size_t length) {
    unsigned char mac[DIGEST_SIZE];
    digest_hmac(key->secret, sizeof(key->secret), purpose, text, length, mac);
    char *encoded = base64url_encode(arena, mac, sizeof(mac));
    secret_wipe(mac, sizeof(mac));
    return encoded;
}

char *signed_text_make(struct arena *arena, const struct key_ring *ring, const char *purpose,
                       const char *payload) {
    const struct key *key = &ring->keys[0];
    char *text = arena_format(arena, "%s.%s", key->id, payload);
    return arena_format(arena, "%s.%s", text, signature(arena, key, purpose, text, strlen(text)));
}

int signed_text_open(struct arena *arena, const struct key_ring *ring, const char *purpose,
                     const char *text, const char **payload, const struct key **key) {
    if (text == NULL || strnlen(text, TEXT_LIMIT + 1) > TEXT_LIMIT)
        return -1;
    const char *first_dot = strchr(text, '.');
    const char *second_dot = first_dot == NULL ? NULL : strchr(first_dot + 1, '.');
    if (second_dot == NULL || strchr(second_dot + 1, '.') != NULL)
        return -1;

    const char *id = arena_copy(arena, text, (size_t)(first_dot - text));
    const struct key *signer = key_ring_find(ring, id);
    if (signer == NULL)
        return -1;

    /* base64url has one text for each MAC, so the texts can be compared, in constant time. */
    const char *expected = signature(arena, signer, purpose, text, (size_t)(second_dot - text));
    if (!secret_text_equal(expected, second_dot + 1))
        return -1;

    *payload = arena_copy(arena, first_dot + 1, (size_t)(second_dot - first_dot - 1));
    if (key != NULL)
        *key = signer;
    return 0;
}

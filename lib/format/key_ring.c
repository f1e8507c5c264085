#include "format/key_ring.h"

#include "base/text.h"

static const char *const names[KEY_RING_COUNT] = {
    [KEY_RING_SESSION] = "session",
    [KEY_RING_TRANSACTION] = "transaction",
    [KEY_RING_TOKEN] = "token",
};

const char *key_ring_name(enum key_ring_purpose purpose) {
    return names[purpose];
}

const struct key *key_ring_find(const struct key_ring *ring, const char *id) {
    if (text_is_empty(id))
        return NULL;
    for (size_t i = 0; i < ring->count; i++)
        if (text_equal(ring->keys[i].id, id))
            return &ring->keys[i];
    return NULL;
}

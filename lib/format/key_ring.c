#include "format/key_ring.h"

#include "base/text.h"

const struct key *key_ring_find(const struct key_ring *ring, const char *id) {
    if (text_is_empty(id))
        return NULL;
    for (size_t i = 0; i < ring->count; i++)
        if (text_equal(ring->keys[i].id, id))
            return &ring->keys[i];
    return NULL;
}

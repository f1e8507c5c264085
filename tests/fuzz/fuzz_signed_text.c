/* signed_text: whatever opens is, byte for byte, what we would have made. */
#include "fuzz.h"

#include "base/text.h"
#include "format/signed_text.h"

/* The corpus holds texts signed with these. */
static const struct key_ring ring = {
    .count = 2,
    .keys = {{.id = "newest00", .secret = "the newest secret of this ring"},
             {.id = "older000", .secret = "an older secret, still opening"}},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *text = arena_copy(&arena, data, size);
    const char *payload = NULL;
    const struct key *key = NULL;
    int result = signed_text_open(&arena, &ring, "session", text, &payload, &key);
    must_hold(result == 0 || result == -1, "0 or -1 is returned");
    must_hold(arena.error.rule == ERROR_NONE, "nothing is recorded");
    if (result == 0) {
        const struct key_ring signer = {.count = 1, .keys = {*key}};
        must_hold(text_equal(signed_text_make(&arena, &signer, "session", payload), text),
                  "what opens is what was made");
    } else {
        must_hold(payload == NULL && key == NULL, "what stays closed gives nothing");
    }
    arena_close(&arena);
    return 0;
}

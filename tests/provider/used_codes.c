#include "used_codes.h"

#include "shared_lock.h"

struct used_code {
    uint64_t id;
    int64_t redeemed_at; /* 0: a slot not yet used */
    bool revoked;
};

struct used_codes {
    pthread_mutex_t lock;
    size_t next; /* the slot to fill next: the oldest */
    struct used_code codes[USED_CODES_LIMIT];
};

struct used_codes *used_codes_open(void) {
    return shared_memory_open(sizeof(struct used_codes));
}

void used_codes_close(struct used_codes *used) {
    shared_memory_close(used, sizeof(*used));
}

static struct used_code *find(struct used_codes *used, uint64_t id) {
    for (size_t i = 0; i < USED_CODES_LIMIT; i++)
        if (used->codes[i].redeemed_at != 0 && used->codes[i].id == id)
            return &used->codes[i];
    return NULL;
}

static enum redemption redeem(struct used_codes *used, uint64_t id, int64_t now) {
    struct used_code *code = find(used, id);
    if (code != NULL) {
        code->revoked = true;
        return REDEMPTION_REPEATED;
    }
    code = &used->codes[used->next];
    if (code->redeemed_at != 0 && now - code->redeemed_at <= CODE_AGE)
        return REDEMPTION_FULL;
    *code = (struct used_code){.id = id};
    code->redeemed_at = now;
    used->next = (used->next + 1) % USED_CODES_LIMIT;
    return REDEMPTION_FIRST;
}

enum redemption used_codes_redeem(struct used_codes *used, uint64_t id, int64_t now) {
    if (!shared_lock_take(&used->lock))
        return REDEMPTION_FULL;
    enum redemption redemption = redeem(used, id, now);
    shared_lock_give(&used->lock);
    return redemption;
}

bool used_codes_is_revoked(struct used_codes *used, uint64_t id) {
    if (!shared_lock_take(&used->lock))
        return true;
    const struct used_code *code = find(used, id);
    bool revoked = code != NULL && code->revoked;
    shared_lock_give(&used->lock);
    return revoked;
}

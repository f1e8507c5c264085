#include "used_codes.h"

#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <sys/mman.h>

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

/* Robust: a process may be ended by its time limit with the lock in its hand. What it left behind is
 * whole, for a slot counts from its last store on. */
static int lock_open(pthread_mutex_t *lock) {
    pthread_mutexattr_t attributes;
    if (pthread_mutexattr_init(&attributes) != 0)
        return -1;
    int result = pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0 &&
                         pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0 &&
                         pthread_mutex_init(lock, &attributes) == 0
                     ? 0
                     : -1;
    pthread_mutexattr_destroy(&attributes);
    return result;
}

struct used_codes *used_codes_open(void) {
    struct used_codes *used =
        mmap(NULL, sizeof(*used), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (used == MAP_FAILED)
        return NULL;
    if (lock_open(&used->lock) == 0)
        return used;
    munmap(used, sizeof(*used));
    return NULL;
}

void used_codes_close(struct used_codes *used) {
    if (used != NULL)
        munmap(used, sizeof(*used));
}

static bool lock(struct used_codes *used) {
    int result = pthread_mutex_lock(&used->lock);
    return result == 0 || (result == EOWNERDEAD && pthread_mutex_consistent(&used->lock) == 0);
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
    if (!lock(used))
        return REDEMPTION_FULL;
    enum redemption redemption = redeem(used, id, now);
    pthread_mutex_unlock(&used->lock);
    return redemption;
}

bool used_codes_is_revoked(struct used_codes *used, uint64_t id) {
    if (!lock(used))
        return true;
    const struct used_code *code = find(used, id);
    bool revoked = code != NULL && code->revoked;
    pthread_mutex_unlock(&used->lock);
    return revoked;
}

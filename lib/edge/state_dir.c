#include "edge/state_dir.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/file.h"
#include "edge/key_file.h"
#include "format/base64url.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* Far more than KEY_RING_LIMIT lines take. */
#define KEY_FILE_LIMIT 4096

#define SETTLING_TIME 100 /* milliseconds */

char *state_dir_path(struct context *context, const char *name) {
    return arena_format(context->arena, "%s/%s", context->config->state_dir, name);
}

/* Whoever may write into the state folder could put another database or key in place. A group may:
 * root:www-data 0770 is one usual way to let the web server in. */
int state_dir_check(struct context *context) {
    struct arena *arena = context->arena;
    const char *path = context->config->state_dir;
    struct stat status;
    if (stat(path, &status) != 0)
        return fail(arena, ERROR_STATE_DIR, "state_dir %s: %s", path, strerror(errno));
    if (!S_ISDIR(status.st_mode))
        return fail(arena, ERROR_STATE_DIR, "state_dir %s is not a folder", path);
    if ((status.st_mode & S_IWOTH) != 0)
        return fail(arena, ERROR_STATE_DIR, "anyone can write to state_dir: chmod o-w %s", path);
    return 0;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int parse_key(const struct key_file *file, const struct key_line *line, struct key *key) {
    if (base64url_decode_exactly(file->arena, line->rest, key->secret, sizeof(key->secret)) != 0)
        return key_file_malformed(file, line);
    memcpy(key->id, line->id, sizeof(key->id));
    key->created_at = line->created_at;
    return 0;
}

static int add_line(const struct key_file *file, const struct key_line *line,
                    struct key_ring *ring) {
    struct key key = {0};
    if (parse_key(file, line, &key) != 0)
        return -1;
    if (ring->count == KEY_RING_LIMIT)
        return fail(file->arena, ERROR_KEY_FILE, "%s holds more than %d keys", file->path,
                    KEY_RING_LIMIT);
    /* The id says which key signed: two of one id would make one of them useless. */
    if (key_ring_find(ring, key.id) != NULL)
        return fail(file->arena, ERROR_KEY_FILE, "%s:%d: the key's id stands there twice",
                    file->path, line->number);
    ring->keys[ring->count++] = key;
    secret_wipe(&key, sizeof(key));
    return 0;
}

static int parse_ring(const struct key_file *file, char *text, struct key_ring *ring) {
    struct key_line line = {.number = 0};
    int found = 1;
    while (found == 1) {
        found = key_file_next(file, &text, &line);
        if (found < 0 || (found == 1 && add_line(file, &line, ring) != 0))
            return -1;
    }
    return 0;
}

static int load_ring(const struct key_file *file, const struct key_maker *maker,
                     struct key_ring *ring) {
    struct buffer text;
    buffer_open(file->arena, &text);
    ring->count = 0;
    return key_file_read(file, maker, &text) != 0 ? -1 : parse_ring(file, text.bytes, ring);
}

/* ---- making ---------------------------------------------------------------------------------- */

static void make_key(struct arena *arena, int64_t now, struct key *key) {
    secret_random(key->secret, sizeof(key->secret));
    memcpy(key->id, key_file_make_id(arena), sizeof(key->id));
    key->created_at = now;
}

static void add_key(struct buffer *text, const struct key *key) {
    buffer_add_format(text, "%s %lld %s\n", key->id, (long long)key->created_at,
                      base64url_encode(text->arena, key->secret, sizeof(key->secret)));
}

static char *ring_text(struct arena *arena, const struct key_ring *ring) {
    struct buffer text;
    buffer_open(arena, &text);
    for (size_t i = 0; i < ring->count; i++)
        add_key(&text, &ring->keys[i]);
    return text.bytes;
}

/* A new ring, of one key. */
static int make_ring(void *closure, struct buffer *text) {
    const int64_t *now = closure;
    struct key key;
    make_key(text->arena, *now, &key);
    add_key(text, &key);
    secret_wipe(&key, sizeof(key));
    return 0;
}

static int load_or_make(const struct key_file *file, int64_t now, struct key_ring *ring) {
    const struct key_maker maker = {.make = make_ring, .closure = &now};
    return load_ring(file, &maker, ring);
}

/* ---- changing -------------------------------------------------------------------------------- */

static bool is_needed(const struct key *key, int64_t followed_at, const struct key_needs *needs) {
    return followed_at + KEY_LINGER >= needs->since || text_has_word(needs->ids, key->id);
}

/* Moves the needed ones together. The first has no successor, but for the one that comes now. */
static void retire(struct key_ring *ring, const struct key_needs *needs, bool keep_first,
                   int64_t now, struct key_change *change) {
    size_t left = 0;
    int64_t followed_at = now;
    for (size_t i = 0; i < ring->count; i++) {
        int64_t created_at = ring->keys[i].created_at;
        if ((keep_first && i == 0) || is_needed(&ring->keys[i], followed_at, needs))
            ring->keys[left++] = ring->keys[i];
        followed_at = created_at;
    }
    *change = (struct key_change){
        .kept = keep_first ? left - 1 : left,
        .retired = ring->count - left,
    };
    ring->count = left;
}

static int prepend(const struct key_file *file, int64_t now, struct key_ring *ring) {
    if (ring->count == KEY_RING_LIMIT)
        return fail(file->arena, ERROR_KEY_RING_FULL,
                    "%s holds %d keys, and all are still needed: one more would make the oldest "
                    "useless, and sign people out",
                    file->path, KEY_RING_LIMIT);
    memmove(&ring->keys[1], &ring->keys[0], ring->count * sizeof(ring->keys[0]));
    make_key(file->arena, now, &ring->keys[0]);
    ring->count++;
    return 0;
}

struct change {
    const struct key_needs *needs;
    bool rotate;
};

static int change_ring(const struct key_file *file, const struct change *change, int64_t now,
                       struct key_change *done) {
    struct key_ring ring = {.count = 0};
    if (key_file_lock(file) != 0 || load_or_make(file, now, &ring) != 0)
        return -1;
    retire(&ring, change->needs, !change->rotate, now, done);
    int result = change->rotate ? prepend(file, now, &ring) : 0;
    if (result == 0 && (change->rotate || done->retired > 0))
        result = key_file_replace(file, ring_text(file->arena, &ring));
    secret_wipe(&ring, sizeof(ring));
    return result;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static const char *file_name(struct context *context, enum key_ring_purpose purpose) {
    return arena_format(context->arena, "%s.keys", key_ring_name(purpose));
}

static int read_keys(struct context *context, enum key_ring_purpose purpose,
                     struct key_ring *ring) {
    struct key_file file;
    if (key_file_open(context, file_name(context, purpose), KEY_FILE_LIMIT, &file) != 0)
        return -1;
    int result = load_or_make(&file, context_now(context), ring);
    key_file_close(&file);
    return result;
}

/* ---- keeping what was read ------------------------------------------------------------------- */

/* What is known of the state folder, the folder of keys, and the file. */
struct traces {
    struct stat of[3];
};

struct key_rings {
    struct kept_ring {
        bool kept;
        struct traces traces;
        struct key_ring ring;
    } of[KEY_RING_COUNT];
};

struct key_rings *key_rings_new(void) {
    return calloc(1, sizeof(struct key_rings));
}

void key_rings_free(struct key_rings *rings) {
    if (rings != NULL)
        secret_wipe(rings, sizeof(*rings));
    free(rings);
}

static bool look(struct context *context, enum key_ring_purpose purpose, struct traces *traces) {
    return stat(context->config->state_dir, &traces->of[0]) == 0 &&
           lstat(state_dir_path(context, KEY_FILE_FOLDER), &traces->of[1]) == 0 &&
           lstat(key_file_path(context, file_name(context, purpose)), &traces->of[2]) == 0;
}

static bool is_untouched(const struct traces *before, const struct traces *now) {
    return file_is_same(&before->of[0], &now->of[0]) && file_is_same(&before->of[1], &now->of[1]) &&
           file_is_same(&before->of[2], &now->of[2]);
}

/* A file system's clock goes in steps of up to ten milliseconds: what was touched within the same step
 * could be touched again without a trace. */
static bool is_settled(const struct traces *traces) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    for (size_t i = 0; i < sizeof(traces->of) / sizeof(traces->of[0]); i++) {
        const struct timespec *then = &traces->of[i].st_ctim;
        int64_t age = (int64_t)(now.tv_sec - then->tv_sec) * 1000 +
                      (now.tv_nsec - then->tv_nsec) / (1000 * 1000);
        if (age < SETTLING_TIME)
            return false;
    }
    return true;
}

/* Reads the ring, and keeps it if nothing was touched meanwhile: then it is that file's. */
static int renew(struct context *context, enum key_ring_purpose purpose,
                 const struct traces *before, struct key_ring *ring) {
    struct kept_ring *kept = &context->key_rings->of[purpose];
    secret_wipe(kept, sizeof(*kept));
    if (read_keys(context, purpose, ring) != 0)
        return -1;
    if (look(context, purpose, &kept->traces) && is_untouched(before, &kept->traces) &&
        is_settled(&kept->traces)) {
        kept->ring = *ring;
        kept->kept = true;
    }
    return 0;
}

int state_dir_keys(struct context *context, enum key_ring_purpose purpose, struct key_ring *ring) {
    struct traces now = {0};
    if (context->key_rings == NULL)
        return read_keys(context, purpose, ring);
    const struct kept_ring *kept = &context->key_rings->of[purpose];
    if (!look(context, purpose, &now) || !kept->kept || !is_untouched(&kept->traces, &now))
        return renew(context, purpose, &now, ring);
    *ring = kept->ring;
    return 0;
}

/* ---- changing, from outside ------------------------------------------------------------------ */

int state_dir_find_keys(struct context *context, enum key_ring_purpose purpose,
                        struct key_ring *ring) {
    struct key_file file;
    ring->count = 0;
    if (key_file_find(context, file_name(context, purpose), KEY_FILE_LIMIT, &file) != 0)
        return -1;
    int result = load_ring(&file, NULL, ring);
    key_file_close(&file);
    return result;
}

static int change_keys(struct context *context, enum key_ring_purpose purpose,
                       const struct change *change, struct key_change *done) {
    struct key_file file;
    *done = (struct key_change){.kept = 0};
    if (key_file_open(context, file_name(context, purpose), KEY_FILE_LIMIT, &file) != 0)
        return -1;
    int result = change_ring(&file, change, context_now(context), done);
    key_file_close(&file);
    return result;
}

int state_dir_rotate_keys(struct context *context, enum key_ring_purpose purpose,
                          const struct key_needs *needs, struct key_change *change) {
    return change_keys(context, purpose, &(struct change){needs, true}, change);
}

int state_dir_retire_keys(struct context *context, enum key_ring_purpose purpose,
                          const struct key_needs *needs, struct key_change *change) {
    return change_keys(context, purpose, &(struct change){needs, false}, change);
}

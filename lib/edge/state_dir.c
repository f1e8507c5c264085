#include "edge/state_dir.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/file.h"
#include "format/base64url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEYS_FOLDER "keys"

/* Far more than KEY_RING_LIMIT lines take. */
#define KEY_FILE_LIMIT 4096

/* A key file at work: its folder is open, so that nothing can be slipped in between two steps. */
struct key_file {
    struct arena *arena;
    int folder;
    const char *name; /* in the folder */
    const char *path; /* for messages */
};

char *state_dir_path(struct context *context, const char *name) {
    return arena_format(context->arena, "%s/%s", context->config->state_dir, name);
}

/* ---- the folders ----------------------------------------------------------------------------- */

static bool is_ours(const struct stat *status) {
    return status->st_uid == geteuid() || geteuid() == 0;
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

static int check_keys_folder(struct arena *arena, const char *path, int folder) {
    struct stat status;
    if (fstat(folder, &status) != 0)
        return fail(arena, ERROR_STATE_DIR, "%s: %s", path, strerror(errno));
    if (!is_ours(&status))
        return fail(arena, ERROR_STATE_DIR, "%s belongs to user %u, but this program is user %u",
                    path, status.st_uid, geteuid());
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(arena, ERROR_STATE_DIR, "%s is open to others: chmod 700 %s", path, path);
    return 0;
}

/* The open folder, made at first use; -1 if it cannot be had. */
static int open_keys_folder(struct context *context) {
    struct arena *arena = context->arena;
    const char *path = state_dir_path(context, KEYS_FOLDER);
    if (state_dir_check(context) != 0)
        return -1;
    if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST)
        return fail(arena, ERROR_STATE_DIR, "%s cannot be made by user %u: %s", path, geteuid(),
                    strerror(errno));
    int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return fail(arena, ERROR_STATE_DIR, "%s cannot be opened by user %u: %s", path, geteuid(),
                    strerror(errno));
    if (check_keys_folder(arena, path, folder) != 0) {
        close(folder);
        return -1;
    }
    return folder;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int malformed(const struct key_file *file, int line) {
    arena_forget_error(file->arena); /* what a notation's parser said */
    return fail(file->arena, ERROR_KEY_FILE, "%s:%d: not a key", file->path, line);
}

static int check_key_file(const struct key_file *file, const struct stat *status) {
    if (!is_ours(status))
        return fail(file->arena, ERROR_KEY_FILE,
                    "%s belongs to user %u, but this program is user %u", file->path,
                    status->st_uid, geteuid());
    if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(file->arena, ERROR_KEY_FILE, "%s is open to others: chmod 600 %s", file->path,
                    file->path);
    return 0;
}

/* Only digits, and few enough of them that nothing overflows. */
static bool parse_time(const char *text, int64_t *time) {
    size_t length = strlen(text);
    if (length == 0 || length > 12)
        return false;
    *time = 0;
    for (; *text != '\0'; text++) {
        if (!ascii_is_digit(*text))
            return false;
        *time = *time * 10 + (*text - '0');
    }
    return true;
}

static int parse_key(const struct key_file *file, char *line, int number, struct key *key) {
    char *rest = line;
    const char *id = text_cut(&rest, ' ');
    const char *created_at = id == NULL ? NULL : text_cut(&rest, ' ');
    unsigned char id_bytes[6];
    if (created_at == NULL || strlen(id) != sizeof(key->id) - 1 ||
        base64url_decode_exactly(file->arena, id, id_bytes, sizeof(id_bytes)) != 0)
        return malformed(file, number);
    if (!parse_time(created_at, &key->created_at))
        return malformed(file, number);
    if (base64url_decode_exactly(file->arena, rest, key->secret, sizeof(key->secret)) != 0)
        return malformed(file, number);
    memcpy(key->id, id, sizeof(key->id));
    return 0;
}

static int parse_keys(const struct key_file *file, const struct buffer *text,
                      struct key_ring *ring) {
    char *rest = text->bytes;
    int number = 0;
    ring->count = 0;
    if (strlen(text->bytes) != text->length)
        return malformed(file, 1);
    while (*rest != '\0') {
        char *line = text_cut(&rest, '\n');
        struct key key = {0};
        number++;
        if (line == NULL || parse_key(file, line, number, &key) != 0)
            return malformed(file, number);
        if (ring->count == KEY_RING_LIMIT)
            return fail(file->arena, ERROR_KEY_FILE, "%s holds more than %d keys", file->path,
                        KEY_RING_LIMIT);
        /* The id says which key signed: two of one id would make one of them useless. */
        if (key_ring_find(ring, key.id) != NULL)
            return fail(file->arena, ERROR_KEY_FILE, "%s:%d: the key's id stands there twice",
                        file->path, number);
        ring->keys[ring->count++] = key;
        secret_wipe(&key, sizeof(key));
    }
    if (ring->count == 0)
        return fail(file->arena, ERROR_KEY_FILE, "%s is empty", file->path);
    return 0;
}

static int read_keys(const struct key_file *file, int descriptor, struct key_ring *ring) {
    struct buffer text;
    buffer_open(file->arena, &text);
    if (file_read(descriptor, KEY_FILE_LIMIT, &text) != 0)
        return fail(file->arena, ERROR_KEY_FILE, "%s: %s", file->path, strerror(errno));
    return parse_keys(file, &text, ring);
}

/* *found = whether there is such a file. */
static int load_keys(const struct key_file *file, struct key_ring *ring, bool *found) {
    struct stat status;
    int descriptor = file_open(file->folder, file->name, O_NOFOLLOW, &status);
    *found = descriptor >= 0 || errno != ENOENT;
    if (!*found)
        return 0;
    if (descriptor < 0)
        return fail(file->arena, ERROR_KEY_FILE, "%s cannot be opened by user %u: %s", file->path,
                    geteuid(), strerror(errno));
    int result = check_key_file(file, &status);
    if (result == 0)
        result = read_keys(file, descriptor, ring);
    close(descriptor);
    return result;
}

/* ---- making ---------------------------------------------------------------------------------- */

static void make_key(struct arena *arena, int64_t now, struct key *key) {
    unsigned char id[6];
    secret_random(id, sizeof(id));
    secret_random(key->secret, sizeof(key->secret));
    memcpy(key->id, base64url_encode(arena, id, sizeof(id)), sizeof(key->id));
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

/* Whole and on the disk before it gets its name: no reader ever meets half a key. */
static int write_file(const struct key_file *file, const char *name, const char *text) {
    int descriptor =
        openat(file->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0)
        return fail(file->arena, ERROR_STATE_DIR, "%s cannot be made by user %u: %s", file->path,
                    geteuid(), strerror(errno));
    bool written = fchmod(descriptor, S_IRUSR | S_IWUSR) == 0 &&
                   file_write(descriptor, text, strlen(text)) == 0 && fsync(descriptor) == 0;
    int cause = errno;
    bool closed = close(descriptor) == 0;
    if (!written || !closed)
        return fail(file->arena, ERROR_STATE_DIR, "%s cannot be written: %s", file->path,
                    strerror(written ? errno : cause));
    return 0;
}

static int sync_folder(const struct key_file *file) {
    return fsync(file->folder) == 0 ? 0
                                    : fail(file->arena, ERROR_STATE_DIR, "%s cannot be kept: %s",
                                           file->path, strerror(errno));
}

/* EEXIST: another process was first; its key is the one. */
static int publish(const struct key_file *file, const char *name) {
    if (linkat(file->folder, name, file->folder, file->name, 0) != 0 && errno != EEXIST)
        return fail(file->arena, ERROR_STATE_DIR, "%s cannot be made: %s", file->path,
                    strerror(errno));
    return sync_folder(file);
}

static int make_keys(const struct key_file *file, int64_t now) {
    unsigned char random[12];
    secret_random(random, sizeof(random));
    const char *name = arena_format(file->arena, ".%s.%s", file->name,
                                    base64url_encode(file->arena, random, sizeof(random)));
    struct key_ring ring = {.count = 1};
    make_key(file->arena, now, &ring.keys[0]);
    int result = write_file(file, name, ring_text(file->arena, &ring));
    if (result == 0)
        result = publish(file, name);
    unlinkat(file->folder, name, 0);
    secret_wipe(&ring, sizeof(ring));
    return result;
}

static int load_or_make(const struct key_file *file, int64_t now, struct key_ring *ring) {
    bool found = false;
    if (load_keys(file, ring, &found) != 0)
        return -1;
    if (found)
        return 0;
    if (make_keys(file, now) != 0 || load_keys(file, ring, &found) != 0)
        return -1;
    if (!found)
        return fail(file->arena, ERROR_STATE_DIR, "%s disappears", file->path);
    return 0;
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

/* Under the lock, so the name is ours: what stands there was left by somebody who was killed. The
 * administrator may do it for the user that the ring belongs to. */
static int replace(const struct key_file *file, const struct key_ring *ring) {
    const char *name = arena_format(file->arena, ".%s.new", file->name);
    struct stat status;
    unlinkat(file->folder, name, 0);
    if (write_file(file, name, ring_text(file->arena, ring)) != 0)
        return -1;
    bool replaced =
        fstatat(file->folder, file->name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
        (status.st_uid == geteuid() ||
         fchownat(file->folder, name, status.st_uid, status.st_gid, AT_SYMLINK_NOFOLLOW) == 0) &&
        renameat(file->folder, name, file->folder, file->name) == 0;
    if (replaced)
        return sync_folder(file);
    fail(file->arena, ERROR_STATE_DIR, "%s cannot be replaced: %s", file->path, strerror(errno));
    unlinkat(file->folder, name, 0);
    return -1;
}

/* One after the other: each begins with what the one before left. */
static int lock_folder(const struct key_file *file) {
    int result = 0;
    do
        result = flock(file->folder, LOCK_EX);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0
                       : fail(file->arena, ERROR_STATE_DIR, "%s cannot be locked: %s", file->path,
                              strerror(errno));
}

struct change {
    const struct key_needs *needs;
    bool rotate;
};

static int change_ring(const struct key_file *file, const struct change *change, int64_t now,
                       struct key_change *done) {
    struct key_ring ring = {.count = 0};
    if (lock_folder(file) != 0 || load_or_make(file, now, &ring) != 0)
        return -1;
    retire(&ring, change->needs, !change->rotate, now, done);
    int result = change->rotate ? prepend(file, now, &ring) : 0;
    if (result == 0 && (change->rotate || done->retired > 0))
        result = replace(file, &ring);
    secret_wipe(&ring, sizeof(ring));
    return result;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static struct key_file key_file(struct context *context, enum key_ring_purpose purpose) {
    struct arena *arena = context->arena;
    const char *name = arena_format(arena, "%s.keys", key_ring_name(purpose));
    return (struct key_file){
        .arena = arena,
        .name = name,
        .path = state_dir_path(context, arena_format(arena, KEYS_FOLDER "/%s", name)),
    };
}

int state_dir_keys(struct context *context, enum key_ring_purpose purpose, struct key_ring *ring) {
    struct key_file file = key_file(context, purpose);
    file.folder = open_keys_folder(context);
    if (file.folder < 0)
        return -1;
    int result = load_or_make(&file, context_now(context), ring);
    close(file.folder);
    return result;
}

int state_dir_find_keys(struct context *context, enum key_ring_purpose purpose,
                        struct key_ring *ring) {
    struct key_file file = key_file(context, purpose);
    struct stat status;
    bool found = false;
    ring->count = 0;
    if (lstat(state_dir_path(context, KEYS_FOLDER), &status) != 0 && errno == ENOENT)
        return state_dir_check(context);
    file.folder = open_keys_folder(context);
    if (file.folder < 0)
        return -1;
    int result = load_keys(&file, ring, &found);
    close(file.folder);
    return result;
}

static int change_keys(struct context *context, enum key_ring_purpose purpose,
                       const struct change *change, struct key_change *done) {
    struct key_file file = key_file(context, purpose);
    *done = (struct key_change){.kept = 0};
    file.folder = open_keys_folder(context);
    if (file.folder < 0)
        return -1;
    int result = change_ring(&file, change, context_now(context), done);
    close(file.folder);
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

#include "edge/state_dir.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/file.h"
#include "format/base64url.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
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
static int check_state_dir(struct arena *arena, const char *path) {
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
    if (check_state_dir(arena, context->config->state_dir) != 0)
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

static char *new_key_line(struct arena *arena, int64_t now) {
    unsigned char id[6];
    unsigned char secret[KEY_SIZE];
    secret_random(id, sizeof(id));
    secret_random(secret, sizeof(secret));
    char *line = arena_format(arena, "%s %lld %s\n", base64url_encode(arena, id, sizeof(id)),
                              (long long)now, base64url_encode(arena, secret, sizeof(secret)));
    secret_wipe(secret, sizeof(secret));
    return line;
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

/* EEXIST: another process was first; its key is the one. */
static int publish(const struct key_file *file, const char *name) {
    if (linkat(file->folder, name, file->folder, file->name, 0) != 0 && errno != EEXIST)
        return fail(file->arena, ERROR_STATE_DIR, "%s cannot be made: %s", file->path,
                    strerror(errno));
    if (fsync(file->folder) != 0)
        return fail(file->arena, ERROR_STATE_DIR, "%s cannot be kept: %s", file->path,
                    strerror(errno));
    return 0;
}

static int make_keys(const struct key_file *file, int64_t now) {
    unsigned char random[12];
    secret_random(random, sizeof(random));
    const char *name = arena_format(file->arena, ".%s.%s", file->name,
                                    base64url_encode(file->arena, random, sizeof(random)));
    int result = write_file(file, name, new_key_line(file->arena, now));
    if (result == 0)
        result = publish(file, name);
    unlinkat(file->folder, name, 0);
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

int state_dir_keys(struct context *context, enum key_ring_purpose purpose, struct key_ring *ring) {
    struct key_file file = {
        .arena = context->arena,
        .name = arena_format(context->arena, "%s.keys", key_ring_name(purpose)),
    };
    file.path = state_dir_path(context, arena_format(context->arena, KEYS_FOLDER "/%s", file.name));
    file.folder = open_keys_folder(context);
    if (file.folder < 0)
        return -1;
    int result = load_or_make(&file, context_now(context), ring);
    close(file.folder);
    return result;
}

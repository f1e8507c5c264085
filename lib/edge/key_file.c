#include "edge/key_file.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/file.h"
#include "edge/state_dir.h"
#include "format/base64url.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define ID_SIZE 6 /* bytes */

/* ---- the folder ------------------------------------------------------------------------------ */

static bool is_ours(const struct stat *status) {
    return status->st_uid == geteuid() || geteuid() == 0;
}

static int check_folder(struct arena *arena, const char *path, int folder) {
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

char *key_file_path(struct context *context, const char *name) {
    return state_dir_path(context, arena_format(context->arena, KEY_FILE_FOLDER "/%s", name));
}

static struct key_file closed_file(struct context *context, const char *name, size_t limit) {
    return (struct key_file){
        .arena = context->arena,
        .folder = -1,
        .name = name,
        .path = key_file_path(context, name),
        .limit = limit,
    };
}

static int open_folder(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

int key_file_open(struct context *context, const char *name, size_t limit, struct key_file *file) {
    struct arena *arena = context->arena;
    const char *path = state_dir_path(context, KEY_FILE_FOLDER);
    *file = closed_file(context, name, limit);
    if (state_dir_check(context) != 0)
        return -1;
    file->folder = open_folder(path);
    if (file->folder < 0 && errno == ENOENT) {
        if (mkdir(path, S_IRWXU) != 0 && errno != EEXIST)
            return fail(arena, ERROR_STATE_DIR, "%s cannot be made by user %u: %s", path, geteuid(),
                        strerror(errno));
        file->folder = open_folder(path);
    }
    if (file->folder < 0)
        return fail(arena, ERROR_STATE_DIR, "%s cannot be opened by user %u: %s", path, geteuid(),
                    strerror(errno));
    if (check_folder(arena, path, file->folder) != 0) {
        key_file_close(file);
        return -1;
    }
    return 0;
}

int key_file_find(struct context *context, const char *name, size_t limit, struct key_file *file) {
    struct stat status;
    *file = closed_file(context, name, limit);
    if (lstat(state_dir_path(context, KEY_FILE_FOLDER), &status) != 0 && errno == ENOENT)
        return state_dir_check(context);
    return key_file_open(context, name, limit, file);
}

void key_file_close(struct key_file *file) {
    if (file->folder >= 0)
        close(file->folder);
    file->folder = -1;
}

/* ---- reading --------------------------------------------------------------------------------- */

static int check_file(const struct key_file *file, const struct stat *status) {
    if (!is_ours(status))
        return fail(file->arena, ERROR_KEY_FILE,
                    "%s belongs to user %u, but this program is user %u", file->path,
                    status->st_uid, geteuid());
    if ((status->st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return fail(file->arena, ERROR_KEY_FILE, "%s is open to others: chmod 600 %s", file->path,
                    file->path);
    return 0;
}

static int read_open_file(const struct key_file *file, int descriptor, struct buffer *text) {
    size_t before = text->length;
    if (file_read(descriptor, file->limit, text) != 0)
        return fail(file->arena, ERROR_KEY_FILE, "%s: %s", file->path, strerror(errno));
    if (text->length == before)
        return fail(file->arena, ERROR_KEY_FILE, "%s is empty", file->path);
    if (strlen(text->bytes + before) != text->length - before)
        return fail(file->arena, ERROR_KEY_FILE, "%s is not a text file", file->path);
    return 0;
}

/* *found = whether there is such a file. */
static int read_existing(const struct key_file *file, struct buffer *text, bool *found) {
    struct stat status;
    int descriptor = file_open(file->folder, file->name, O_NOFOLLOW, &status);
    *found = descriptor >= 0 || errno != ENOENT;
    if (!*found)
        return 0;
    if (descriptor < 0)
        return fail(file->arena, ERROR_KEY_FILE, "%s cannot be opened by user %u: %s", file->path,
                    geteuid(), strerror(errno));
    int result = check_file(file, &status);
    if (result == 0)
        result = read_open_file(file, descriptor, text);
    close(descriptor);
    return result;
}

/* ---- making ---------------------------------------------------------------------------------- */

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

static int make_file(const struct key_file *file, const struct key_maker *maker) {
    struct buffer text;
    buffer_open(file->arena, &text);
    if (maker->make(maker->closure, &text) != 0)
        return -1;
    unsigned char random[12];
    secret_random(random, sizeof(random));
    const char *name = arena_format(file->arena, ".%s.%s", file->name,
                                    base64url_encode(file->arena, random, sizeof(random)));
    int result = write_file(file, name, text.bytes);
    if (result == 0)
        result = publish(file, name);
    unlinkat(file->folder, name, 0);
    return result;
}

int key_file_read(const struct key_file *file, const struct key_maker *maker, struct buffer *text) {
    bool found = false;
    if (maker == NULL && file->folder < 0)
        return 0;
    if (read_existing(file, text, &found) != 0)
        return -1;
    if (found || maker == NULL)
        return 0;
    if (make_file(file, maker) != 0 || read_existing(file, text, &found) != 0)
        return -1;
    return found ? 0 : fail(file->arena, ERROR_STATE_DIR, "%s disappears", file->path);
}

/* ---- changing -------------------------------------------------------------------------------- */

/* One after the other: each begins with what the one before left. */
int key_file_lock(const struct key_file *file) {
    int result = 0;
    do
        result = flock(file->folder, LOCK_EX);
    while (result != 0 && errno == EINTR);
    return result == 0 ? 0
                       : fail(file->arena, ERROR_STATE_DIR, "%s cannot be locked: %s", file->path,
                              strerror(errno));
}

/* Under the lock, so the name is ours: what stands there was left by somebody who was killed. The
 * administrator may do it for the user that the file belongs to. */
int key_file_replace(const struct key_file *file, const char *text) {
    const char *name = arena_format(file->arena, ".%s.new", file->name);
    struct stat status;
    unlinkat(file->folder, name, 0);
    if (write_file(file, name, text) != 0)
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

/* ---- lines ----------------------------------------------------------------------------------- */

int key_file_malformed(const struct key_file *file, const struct key_line *line) {
    arena_forget_error(file->arena); /* what a notation's parser said */
    return fail(file->arena, ERROR_KEY_FILE, "%s:%d: not a key", file->path, line->number);
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

int key_file_next(const struct key_file *file, char **text, struct key_line *line) {
    unsigned char id[ID_SIZE];
    if (**text == '\0')
        return 0;
    line->number++;
    line->rest = text_cut(text, '\n');
    line->id = line->rest == NULL ? NULL : text_cut(&line->rest, ' ');
    const char *created_at = line->id == NULL ? NULL : text_cut(&line->rest, ' ');
    if (created_at == NULL || strlen(line->id) != KEY_ID_LENGTH ||
        base64url_decode_exactly(file->arena, line->id, id, sizeof(id)) != 0 ||
        !parse_time(created_at, &line->created_at))
        return key_file_malformed(file, line);
    return 1;
}

char *key_file_make_id(struct arena *arena) {
    unsigned char id[ID_SIZE];
    secret_random(id, sizeof(id));
    return base64url_encode(arena, id, sizeof(id));
}

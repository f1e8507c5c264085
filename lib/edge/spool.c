#include "edge/spool.h"

#include "edge/config.h"
#include "edge/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* For file systems that have no files without names. */
static int open_and_unlink(struct context *context) {
    char *path = arena_format(context->arena, "%s/spool-XXXXXX", context->config->state_dir);
    int file = mkostemp(path, O_CLOEXEC);
    if (file >= 0)
        unlink(path);
    return file;
}

int spool_open(struct context *context, struct spool *spool) {
    const char *folder = context->config->state_dir;
    *spool = SPOOL_CLOSED;
    spool->file = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (spool->file < 0 && (errno == EOPNOTSUPP || errno == EISDIR))
        spool->file = open_and_unlink(context);
    return spool->file >= 0 ? 0
                            : fail(context->arena, ERROR_STATE_DIR, "%s: no file can be made: %s",
                                   folder, strerror(errno));
}

int spool_write(struct context *context, struct spool *spool, const void *bytes, size_t length) {
    if (file_write(spool->file, bytes, length) != 0)
        return fail(context->arena, ERROR_STATE_DIR, "%s: an answer cannot be written: %s",
                    context->config->state_dir, strerror(errno));
    spool->length += (off_t)length;
    return 0;
}

void spool_close(struct spool *spool) {
    if (spool->file >= 0)
        close(spool->file);
    *spool = SPOOL_CLOSED;
}

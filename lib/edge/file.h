/*
 * file: reading and writing open files whole.
 *
 * Neither records an error: what a failure means (which rule, which hint) the caller knows. errno
 * says why.
 */
#ifndef LATCHKEY_EDGE_FILE_H
#define LATCHKEY_EDGE_FILE_H

#include "base/buffer.h"

#include <stdbool.h>

#include <sys/stat.h>

/* Opens a regular file to be read, in `folder` (AT_FDCWD: the current one), and tells what is known
 * of it. Anything else is refused (a folder with EISDIR, the rest with EINVAL), and never waited
 * for, as a FIFO would have it. `flags` may add O_NOFOLLOW. The descriptor, or -1. */
int file_open(int folder, const char *path, int flags, struct stat *status) CHECKED;

/* Appends all that is left of the file, or of a pipe or socket, to `content`: at most `limit`
 * bytes, of more -1 with EFBIG. 0 or -1. */
int file_read(int descriptor, size_t limit, struct buffer *content) CHECKED;

/* True if both tell of one file, which has not changed between them: neither its content, nor whose it
 * is, nor who may open it, nor its name. */
bool file_is_same(const struct stat *a, const struct stat *b);

/* Writes all `length` bytes. 0 or -1. */
int file_write(int descriptor, const void *bytes, size_t length) CHECKED;

#endif

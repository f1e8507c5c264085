/*
 * private_file: files of the site owner that hold a secret: a client secret, a private key.
 */
#ifndef LATCHKEY_EDGE_PRIVATE_FILE_H
#define LATCHKEY_EDGE_PRIVATE_FILE_H

#include "base/arena.h"

#define PRIVATE_FILE_LIMIT (16 * 1024)

/* *text = the file's content. A path that does not begin with "/" is looked up beside
 * `config_file`.
 * 0, or -1 with ERROR_KEY_FILE: it cannot be read, is empty, larger than PRIVATE_FILE_LIMIT, has a
 * NUL, or others than owner and group may touch it. */
int private_file_read(struct arena *arena, const char *config_file, const char *path,
                      const char **text) CHECKED;

/* Where a path of the configuration leads: one that does not begin with "/", beside that file. */
const char *private_file_path(struct arena *arena, const char *config_file, const char *path);

#endif

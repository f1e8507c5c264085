/*
 * key_file: the files of our own secrets, `keys/NAME` (0600, in a folder of 0700) in the state
 * folder.
 *
 * Such a file is made at first use, and then changed whole or not at all. Two first requests at once
 * agree: a file is written whole under a name of its own, and then linked to its real name, which
 * only one of them can do; the other reads that one's. A file that changes is written whole beside
 * the old one and takes its name: a reader meets either, and whoever is killed in between leaves the
 * old one. Changes wait for one another.
 *
 * One key a line, the newest first:
 *
 *   id created-at …        8 characters of base64url, seconds, and what the kind of key needs
 */
#ifndef LATCHKEY_EDGE_KEY_FILE_H
#define LATCHKEY_EDGE_KEY_FILE_H

#include "base/buffer.h"
#include "edge/context.h"

#include <stdbool.h>

#define KEY_ID_LENGTH 8
#define KEY_FILE_FOLDER "keys" /* in the state folder */

/* The path of the file of that name. */
char *key_file_path(struct context *context, const char *name);

/* A file at work: its folder is open, so that nothing can be slipped in between two steps. */
struct key_file {
    struct arena *arena;
    int folder;       /* -1: there is none */
    const char *name; /* in the folder */
    const char *path; /* for messages */
    size_t limit;     /* bytes that it may have */
};

/* Opens the folder, made at first use; key_file_close() closes it.
 * 0, or -1 with ERROR_STATE_DIR: a folder missing, not writable, or open to others. */
int key_file_open(struct context *context, const char *name, size_t limit,
                  struct key_file *file) CHECKED;

/* The same, but makes nothing: without a folder, the file is one that nothing is in, to be read
 * without a maker. */
int key_file_find(struct context *context, const char *name, size_t limit,
                  struct key_file *file) CHECKED;

void key_file_close(struct key_file *file);

/* What to put into a new file. 0, or -1 with an error. */
struct key_maker {
    int (*make)(void *closure, struct buffer *text);
    void *closure;
};

/* Appends the file's content, which is text. If there is no such file, what `maker` makes, or what
 * another process made meanwhile, is there from now on; without a maker (NULL), nothing is appended.
 * 0, or -1 with ERROR_STATE_DIR or ERROR_KEY_FILE (not ours, open to group or others, empty, too
 * long, a NUL in it), or with the maker's error. */
int key_file_read(const struct key_file *file, const struct key_maker *maker,
                  struct buffer *text) CHECKED;

/* Waits until nobody else changes a file of the folder; until key_file_close().
 * 0, or -1 with ERROR_STATE_DIR. */
int key_file_lock(const struct key_file *file) CHECKED;

/* Puts `text` in place of the content of a file that is there, under the lock; who owns it stays the
 * owner. 0, or -1 with ERROR_STATE_DIR. */
int key_file_replace(const struct key_file *file, const char *text) CHECKED;

/* One line, taken apart. */
struct key_line {
    const char *id;
    int64_t created_at;
    char *rest; /* what stands behind; the caller's to take apart */
    int number; /* from 1 */
};

/* Cuts the next line off *text; zero *line before the first.
 * 1, 0 if none is left, or -1 with ERROR_KEY_FILE. */
int key_file_next(const struct key_file *file, char **text, struct key_line *line) CHECKED;

/* Records that a line is wrong, in place of what a notation's parser said. Returns -1. */
int key_file_malformed(const struct key_file *file, const struct key_line *line);

/* A new id, random. */
char *key_file_make_id(struct arena *arena);

#endif

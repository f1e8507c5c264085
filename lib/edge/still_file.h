/*
 * still_file: SQLite's file, held still for as long as it is read.
 *
 * Under CGI each process is often the only one that has the database open, and SQLite then makes the
 * index of the WAL anew before it reads a row: thirty system calls, and a file written. Where the WAL
 * is empty there is nothing to index: all that was committed is in the database file itself. Two locks
 * see to it that it stays as it is, those that any reader of SQLite's takes:
 *
 *   SHARED, on the database file: nobody does away with the WAL, or with WAL mode
 *     (https://www.sqlite.org/lockingv3.html 5);
 *   WAL_READ_LOCK(0), on the index: "reads the database file alone"; nobody copies pages of the WAL
 *     into it (https://www.sqlite.org/walformat.html 2.3.1).
 *
 * Others go on writing meanwhile: to the WAL, which is not looked at again. Who holds the file reads
 * what was committed before, as in any transaction.
 */
#ifndef LATCHKEY_EDGE_STILL_FILE_H
#define LATCHKEY_EDGE_STILL_FILE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stdint.h>

#include <sys/types.h>

struct still_file {
    int file;  /* -1: nothing is held */
    int index; /* the file at -shm */
    dev_t device;
    ino_t inode;
    int32_t version; /* PRAGMA user_version */
    /* Told if nothing is held: something waits in the WAL, and who wrote it is gone. */
    bool wal_left;
};

#define STILL_FILE_NONE ((struct still_file){.file = -1, .index = -1})

/* Holds the database at `path`. False, and nothing is held, wherever it is not that plain: no WAL mode,
 * something in the WAL, a journal to be rolled back, somebody at work, a file system without locks.
 * Then SQLite's own way in is the way, and tells what there is to tell. */
bool still_file_hold(struct arena *arena, const char *path, struct still_file *still);

/* Harmless if nothing is held. */
void still_file_release(struct still_file *still);

#endif

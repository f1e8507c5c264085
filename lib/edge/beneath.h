/*
 * beneath: opening what lies in a folder, and nothing outside of it, whatever the path.
 *
 * No symbolic link is followed on the way, not even one that stays within: what a path leads to is
 * then what its names say, and no link can turn a hidden name into a plain one. The folder itself
 * may be reached by links: its path is the operator's.
 *
 * openat2(2) does that in one step (Linux 5.6). Where the kernel lacks it, or a filter of system
 * calls forbids it, each name is opened by itself; what can be opened is the same.
 */
#ifndef LATCHKEY_EDGE_BENEATH_H
#define LATCHKEY_EDGE_BENEATH_H

#include "base/error.h"

#include <stdbool.h>
#include <sys/stat.h>

/* True for a path of plain names, separated by single slashes, without one before them: no name is
 * empty (the last may be: a folder's), begins with a dot (so neither "." nor ".." nor what is
 * hidden), is longer than 255 bytes, or holds a control byte or a backslash. "" is the folder
 * itself. */
bool beneath_is_plain(const char *path);

/* Opens a folder to look beneath it. The descriptor, or -1 and errno says why. */
int beneath_open_folder(const char *path) CHECKED;

/* Opens the file of that path beneath the open folder for reading, and tells what is known of the
 * very file that was opened. Nothing is waited for, and what is neither a regular file nor a folder
 * is not opened.
 * The descriptor, or -1 and errno says why: ENOENT for a path that is not plain, ENXIO for what is
 * no file, ELOOP, ENOTDIR or EXDEV for a link, and those of open(2). */
int beneath_open(int folder, const char *path, struct stat *status) CHECKED;

/* The same, name by name: what beneath_open() does without openat2(2). */
int beneath_walk(int folder, const char *path, struct stat *status) CHECKED;

#endif

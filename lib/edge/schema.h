/*
 * schema: makes the tables, and brings those of an earlier version up to date. The texts are schema.sql
 * and migrations/N.sql.
 *
 * To change the schema: change schema.sql, write migrations/N.sql for what was made before, add it
 * in schema.c, and raise SCHEMA_VERSION to N. A test (test_database.c) holds a file of each earlier
 * version that was migrated against a new one: they must be equal, to the comments.
 */
#ifndef LATCHKEY_EDGE_SCHEMA_H
#define LATCHKEY_EDGE_SCHEMA_H

#include "edge/context.h"

#include <sqlite3.h>

/* Of the tables that this program works with; the file says its own in PRAGMA user_version. */
#define SCHEMA_VERSION 5

/* Makes the tables of an empty file, or those of an earlier version what they are now: under a lock,
 * whole or not at all; whoever else began, too, waits and finds it done. *written becomes true if it was
 * tried. 0, or -1 with a database error, or ERROR_DATABASE_NEWER: a later version has been here. */
int schema_bring_up_to_date(struct context *context, sqlite3 *handle, bool *written) CHECKED;

/* *version = what the file says. 0, or -1 with a database error. */
int schema_read_version(struct context *context, sqlite3 *handle, int *version) CHECKED;

#endif

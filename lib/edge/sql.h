/*
 * sql: calls to SQLite whose failure is recorded: for database.c and schema.c alone. All others ask
 * by name: database.h.
 */
#ifndef LATCHKEY_EDGE_SQL_H
#define LATCHKEY_EDGE_SQL_H

#include "edge/context.h"

#include <sqlite3.h>

#define DATABASE_FILE "latchkey.db" /* in the state folder */

/* Records what SQLite said by this code (`handle` may be NULL), and what can be done about it: -1 with
 * ERROR_DATABASE or ERROR_DATABASE_BUSY. */
int sql_fail(struct context *context, sqlite3 *handle, int code);

/* Runs statements that give no rows. 0, or -1 as sql_fail(). */
int sql_run(struct context *context, sqlite3 *handle, const char *sql) CHECKED;

#endif

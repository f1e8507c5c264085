/*
 * database: one SQLite file in the state folder; statement.h has all its SQL.
 *
 * Opened by the first query, in WAL mode with a busy timeout, made from schema.sql (0600) at
 * first use under a lock, kept open under FastCGI, and opened anew when the file was replaced. A
 * file of an earlier schema version is brought up to date (schema.h), under a lock and whole or not
 * at all. One of a newer version, or open to anyone, is refused.
 *
 * What is committed survives the end of a process, always, and a power cut, unless
 * database_make_last() says that it need not: a power cut takes back the last commits in their order,
 * never one from among others, and never one that somebody has waited for.
 *
 *     struct query query;
 *     query_open(context, &query, STATEMENT_SESSION_LOAD);
 *     query_put_bytes(&query, id_hash, sizeof(id_hash));
 *     int found = query_next(&query);            1: a row, 0: no (more) row, -1: failed, recorded
 *     if (found == 1)
 *         account = query_integer(&query);       columns in the order of the SELECT
 *     query_close(&query);                       always
 *
 * A failure sticks to the query, so that only query_next() and query_run() need to be looked at.
 */
#ifndef LATCHKEY_EDGE_DATABASE_H
#define LATCHKEY_EDGE_DATABASE_H

#include "base/buffer.h"
#include "edge/context.h"
#include "edge/statement.h"

#include <stdbool.h>

/* How long a query waits for another process's lock, in milliseconds. */
#define DATABASE_BUSY_TIMEOUT 5000

struct connection;

struct query {
    struct context *context;
    struct connection *connection;
    void *handle; /* sqlite3_stmt */
    enum statement statement;
    int parameter; /* the next to bind */
    int column;    /* the next to read */
    bool failed;
};

/* A closed database; it lives beside the context, and outlives requests under FastCGI. NULL if
 * memory is out: every query then fails. */
struct database;
struct database *database_new(void);
void database_free(struct database *database);

/* For a process that serves one request and mostly reads: as long as it does, and nothing waits in the
 * WAL, it reads the file as it lies (still_file.h), which saves a third of what the answer takes. With
 * the first write the database is opened as usual. No other database_new() beside it in this process:
 * the one that is closed first would drop the other's locks. */
void database_read_first(struct database *database);

/* For a process that serves many requests: more stays in memory, and the WAL gets longer before it is
 * moved to the database. */
void database_stay(struct database *database);

/* Before anything that may have to wait for somebody else, a client or a provider: lets go of the file, so
 * that nobody's writing is held up meanwhile. The next query looks at it anew. Does nothing where a
 * query is open, or the database is open as usual (then nothing is held between two queries). */
void database_rest(struct context *context);

/* For a process that is about to end: the same as database_free() if it has written, or found what
 * somebody left in the WAL who is gone. One that has only read leaves the rest to
 * the system, which gives up its locks; to close the last connection to a database in good order takes
 * a fifth as long as all that me.cgi does. */
void database_leave(struct database *database);

/* Before the first database_new() of a process that uses SQLite for itself too, maybe in several
 * threads: leaves its settings alone. */
void database_share(void);

/* *version = the file's schema version; -1 if there is no file yet. Neither makes the file nor
 * brings it up to date. 0, or -1 with a database error. */
int database_version(struct context *context, int *version) CHECKED;

void query_open(struct context *context, struct query *query, enum statement statement);

/* Bind the next parameter; texts and bytes must live until query_close(). NULL binds NULL. */
void query_put_integer(struct query *query, int64_t integer);
void query_put_text(struct query *query, const char *text);
void query_put_bytes(struct query *query, const void *bytes, size_t length);

/* Steps. 1 row, 0 done, -1 with ERROR_DATABASE, ERROR_DATABASE_BUSY or ERROR_DATABASE_NEWER. */
int query_next(struct query *query) CHECKED;

/* Read the next column of the row; texts are copies in the request's arena, NULL for NULL. */
int64_t query_integer(struct query *query);
const char *query_text(struct query *query);

/* The same for a BLOB of exactly that length; NULL for anything else. */
const unsigned char *query_bytes(struct query *query, size_t length);

/* Appends the next column, a BLOB of any length, to the buffer. */
void query_blob(struct query *query, struct buffer *bytes);

/* Gives the statement back. Harmless after a failure. */
void query_close(struct query *query);

/* Steps once, for statements without rows, and closes. 0 or -1 as query_next(). */
int query_run(struct query *query) CHECKED;

/* How many rows the last statement of this context changed. */
int64_t database_changes(struct context *context);

/* A write transaction (BEGIN IMMEDIATE). Every begin is followed by exactly one commit or rollback;
 * commit rolls back when it fails. 0 or -1 as query_next(). */
int database_begin(struct context *context) CHECKED;
int database_commit(struct context *context) CHECKED;
void database_rollback(struct context *context);

/* Whether a commit is to survive a power cut (it is, unless this says otherwise) or just the end of a
 * process. For what is worth nothing by itself: it saves waiting for the disk. The next commit that is
 * to last takes those before it along. A transaction goes by what held when it began. Whoever says
 * false says true again. */
void database_make_last(struct context *context, bool last);

/* Waits until all that was committed so far survives a power cut: for a transaction begun after
 * database_make_last(context, false) that turned out to be one that has to last. The file is not locked
 * meanwhile, so one wait does for all who wait at once; others may read already what may yet be lost,
 * but nobody has been told that it is done. 0, or -1 with ERROR_DATABASE: it is committed all the same. */
int database_sync(struct context *context) CHECKED;

#endif

#include "edge/schema.h"

#include "edge/database.h"
#include "edge/sql.h"
#include "edge/state_dir.h"

#include <time.h>

#define WAL_PAUSE 10 /* milliseconds */

static const char schema[] =
#include "schema.inc"
    ;

static const char to_version_2[] =
#include "migration-2.inc"
    ;

static const char to_version_3[] =
#include "migration-3.inc"
    ;

static const char to_version_4[] =
#include "migration-4.inc"
    ;

static const char to_version_5[] =
#include "migration-5.inc"
    ;

static const char *const migrations[SCHEMA_VERSION + 1] = {
    [2] = to_version_2,
    [3] = to_version_3,
    [4] = to_version_4,
    [5] = to_version_5,
};

int schema_read_version(struct context *context, sqlite3 *handle, int *version) {
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(handle, "PRAGMA user_version", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code == SQLITE_ROW)
        *version = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    return code == SQLITE_ROW ? 0 : sql_fail(context, handle, code);
}

/* The switch to WAL needs the file for itself, and SQLite does not always call the busy handler for
 * it: two processes at first use would fail each other. So it is tried until the time is up. */
static int switch_to_wal(struct context *context, sqlite3 *handle) {
    const struct timespec pause = {.tv_nsec = WAL_PAUSE * 1000 * 1000};
    int code = SQLITE_BUSY;
    for (int waited = 0; code == SQLITE_BUSY && waited < DATABASE_BUSY_TIMEOUT;
         waited += WAL_PAUSE) {
        if (waited > 0)
            nanosleep(&pause, NULL);
        code = sqlite3_exec(handle, "PRAGMA journal_mode = WAL", NULL, NULL, NULL) & 0xFF;
    }
    return code == SQLITE_OK ? 0 : sql_fail(context, handle, code);
}

/* From version `from` on (0: an empty file), and says so in the file. */
static int make_tables(struct context *context, sqlite3 *handle, int from) {
    if (from == 0 && sql_run(context, handle, schema) != 0)
        return -1;
    for (int version = from + 1; from != 0 && version <= SCHEMA_VERSION; version++)
        if (sql_run(context, handle, migrations[version]) != 0)
            return -1;
    return sql_run(context, handle,
                   arena_format(context->arena, "PRAGMA user_version = %d", SCHEMA_VERSION));
}

static void log_migration(struct context *context, int from) {
    context_log(context, "database_migrated",
                (struct log_field[]){{"from", arena_format(context->arena, "%d", from)},
                                     {"to", arena_format(context->arena, "%d", SCHEMA_VERSION)},
                                     {.name = NULL}});
}

/* Under a write lock, whole or not at all. Another process may have done it while we waited for the
 * lock: so the version is read again, and judged by who called. */
static int migrate(struct context *context, sqlite3 *handle) {
    int from = SCHEMA_VERSION;
    if (sql_run(context, handle, "BEGIN IMMEDIATE") != 0)
        return -1;
    if (schema_read_version(context, handle, &from) != 0 ||
        (from < SCHEMA_VERSION && make_tables(context, handle, from) != 0) ||
        sql_run(context, handle, "COMMIT") != 0) {
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
        return -1;
    }
    if (from > 0 && from < SCHEMA_VERSION)
        log_migration(context, from);
    return 0;
}

int schema_bring_up_to_date(struct context *context, sqlite3 *handle, bool *written) {
    int version = 0;
    if (schema_read_version(context, handle, &version) != 0)
        return -1;
    *written = *written || version < SCHEMA_VERSION;
    if (version == 0 && switch_to_wal(context, handle) != 0)
        return -1;
    if (version >= 0 && version < SCHEMA_VERSION &&
        (migrate(context, handle) != 0 || schema_read_version(context, handle, &version) != 0))
        return -1;
    if (version == SCHEMA_VERSION)
        return 0;
    return fail(
        context->arena, ERROR_DATABASE_NEWER,
        "%s has schema version %d, this program knows %d: install the newer Latchkey again, "
        "or put a backup of before in its place",
        state_dir_path(context, DATABASE_FILE), version, SCHEMA_VERSION);
}

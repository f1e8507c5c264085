#include "edge/sql.h"

#include "edge/state_dir.h"

#include <unistd.h>

/* Records what SQLite said, and what can be done about it. Its messages name columns, no values. */
int sql_fail(struct context *context, sqlite3 *handle, int code) {
    struct arena *arena = context->arena;
    const char *path = state_dir_path(context, DATABASE_FILE);
    const char *message = handle == NULL ? sqlite3_errstr(code) : sqlite3_errmsg(handle);
    switch (code & 0xFF) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(arena, ERROR_DATABASE_BUSY, "%s: another process keeps it locked", path);
    case SQLITE_FULL:
        return fail(arena, ERROR_DATABASE, "%s: the disk is full: make room", path);
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_PERM:
        return fail(arena, ERROR_DATABASE,
                    "%s: %s: user %u must be able to write the file and its folder", path, message,
                    geteuid());
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return fail(arena, ERROR_DATABASE,
                    "%s: %s: put a backup in its place, or move it away to begin anew", path,
                    message);
    default:
        return fail(arena, ERROR_DATABASE, "%s: %s", path, message);
    }
}

int sql_run(struct context *context, sqlite3 *handle, const char *sql) {
    int code = sqlite3_exec(handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : sql_fail(context, handle, code);
}

#include "edge/database.h"

#include "edge/schema.h"
#include "edge/sql.h"
#include "edge/state_dir.h"
#include "edge/still_file.h"
#include "format/uri.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Of who stays: how many pages gather in the WAL, 16 MB, before a commit moves them to the database,
 * which waits for the disk three times (SQLite's own 1000 are sixty logins); and what the file keeps
 * then, for to write over what is there takes less than to make it longer again. And 8 MiB of pages at
 * most in memory: of a million sessions that is all but the leaves. */
#define STAYING_SETTINGS                                                                           \
    "PRAGMA wal_autocheckpoint = 4000; PRAGMA journal_size_limit = 20000000;"                      \
    "PRAGMA cache_size = -8192"

struct connection {
    sqlite3 *handle; /* NULL: closed */
    sqlite3_stmt *statements[STATEMENT_COUNT];
    bool in_use[STATEMENT_COUNT];
    int queries; /* open at the moment */
};

struct database {
    struct connection main;
    dev_t device;
    ino_t inode;  /* of the file that main has open */
    bool written; /* or tried to */
    bool brief;   /* what is committed now need not last */
    bool told;    /* main, so */

    bool stays;
    bool reads_first;
    struct connection reader; /* of the file held still; used until main is open */
    struct still_file still;
};

/* A process has one thread, so SQLite need not lock its memory against others, nor count it: a sixth
 * of what a request costs. Nor need it lay out room for twenty pages where half of them are read.
 * Where it is at work already (a test's own use), that stays as it is. */
struct database *database_new(void) {
    sqlite3_config(SQLITE_CONFIG_SINGLETHREAD);
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
    struct database *database = malloc(sizeof(*database));
    if (database != NULL)
        *database = (struct database){.still = STILL_FILE_NONE};
    return database;
}

void database_read_first(struct database *database) {
    if (database != NULL)
        database->reads_first = true;
}

void database_stay(struct database *database) {
    if (database != NULL)
        database->stays = true;
}

/* Once it is at work, its settings can no longer be changed. */
void database_share(void) {
    sqlite3_initialize();
}

static void close_connection(struct connection *connection) {
    for (size_t i = 0; i < STATEMENT_COUNT; i++)
        sqlite3_finalize(connection->statements[i]);
    sqlite3_close(connection->handle);
    *connection = (struct connection){.handle = NULL};
}

static void close_main(struct database *database) {
    close_connection(&database->main);
    database->written = false;
    database->told = false;
}

/* Never while main is open: to close a file drops the locks that SQLite has on it (fcntl(2)). */
static void close_reader(struct database *database) {
    close_connection(&database->reader);
    still_file_release(&database->still);
}

void database_free(struct database *database) {
    if (database == NULL)
        return;
    close_main(database);
    close_reader(database);
    free(database);
}

#if defined(__SANITIZE_ADDRESS__)
#define IS_WATCHED true
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define IS_WATCHED true
#endif
#endif
#ifndef IS_WATCHED
#define IS_WATCHED false /* nobody looks for memory that was not freed */
#endif

void database_leave(struct database *database) {
    if (database != NULL && (database->written || database->still.wal_left || IS_WATCHED))
        database_free(database);
}

/* ---- opening --------------------------------------------------------------------------------- */

/* Makes an empty file of 0600 if there is none: SQLite gives -wal and -shm the mode of the
 * database. A file that is there is never opened here, for closing it would drop SQLite's
 * locks on it. */
static int make_file(struct context *context, const char *path) {
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (descriptor < 0 && errno == EEXIST)
        return 0;
    if (descriptor < 0)
        return fail(context->arena, ERROR_DATABASE, "%s cannot be made by user %u: %s", path,
                    geteuid(), strerror(errno));
    close(descriptor);
    return 0;
}

static int check_file(struct context *context, const char *path, struct stat *status) {
    if (lstat(path, status) != 0 &&
        (errno != ENOENT || make_file(context, path) != 0 || lstat(path, status) != 0))
        return fail(context->arena, ERROR_DATABASE, "%s: %s", path, strerror(errno));
    if (!S_ISREG(status->st_mode))
        return fail(context->arena, ERROR_DATABASE, "%s is not a file", path);
    if ((status->st_mode & S_IRWXO) != 0)
        return fail(context->arena, ERROR_DATABASE, "%s is open to anyone: chmod o-rwx %s", path,
                    path);
    return 0;
}

/* Whatever a file says of itself, it makes nothing run. */
static void distrust(sqlite3 *handle) {
    sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
}

/* What holds for each connection that may write.
 *
 * synchronous = FULL: in WAL mode, NORMAL would survive a killed process too, but a power cut
 * could bring back a session that was signed out. What need not last says so: database_make_last().
 *
 * The WAL file is kept, but emptied, when the last connection closes: under plain CGI each
 * process is the last one, and would delete it, make it again, or read through what an earlier
 * one left. */
static int set_up(struct context *context, sqlite3 *handle) {
    int keep = 1;
    distrust(handle);
    sqlite3_busy_timeout(handle, DATABASE_BUSY_TIMEOUT);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, NULL);
    sqlite3_file_control(handle, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
    if (sql_run(context, handle, "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 0") != 0)
        return -1;
    return context->database->stays ? sql_run(context, handle, STAYING_SETTINGS) : 0;
}

static int open_main(struct context *context) {
    struct database *database = context->database;
    sqlite3 **handle = &database->main.handle;
    const char *path = state_dir_path(context, DATABASE_FILE);
    struct stat status;
    if (check_file(context, path, &status) != 0)
        return -1;

    int code = sqlite3_open_v2(path, handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK) {
        sql_fail(context, *handle, code);
    } else if (set_up(context, *handle) == 0 &&
               schema_bring_up_to_date(context, *handle, &database->written) == 0) {
        database->device = status.st_dev;
        database->inode = status.st_ino;
        return 0;
    }
    close_main(database);
    return -1;
}

/* With `immutable`, SQLite neither locks the file nor looks for a WAL: the first is done already, and
 * there is none (https://www.sqlite.org/c3ref/open.html). */
static bool open_immutable(struct context *context, const char *path) {
    struct database *database = context->database;
    const struct still_file *still = &database->still;
    struct stat status;
    int code = sqlite3_open_v2(
        arena_format(context->arena, "file:%s?immutable=1", uri_encode_path(context->arena, path)),
        &database->reader.handle, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX,
        NULL);
    if (code != SQLITE_OK)
        return false;
    distrust(database->reader.handle);
    /* It opened a name: of the file that is held, or of one just put in its place? */
    return lstat(path, &status) == 0 && status.st_dev == still->device &&
           status.st_ino == still->inode;
}

/* False, and nothing is open, wherever the file is not that plain: main then tells what is wrong. */
static bool open_reader(struct context *context) {
    struct database *database = context->database;
    const char *path = state_dir_path(context, DATABASE_FILE);
    struct stat status;
    if (lstat(path, &status) != 0 || !S_ISREG(status.st_mode) || (status.st_mode & S_IRWXO) != 0)
        return false;
    if (still_file_hold(context->arena, path, &database->still) &&
        database->still.version == SCHEMA_VERSION && open_immutable(context, path))
        return true;
    close_reader(database);
    return false;
}

int database_version(struct context *context, int *version) {
    const char *path = state_dir_path(context, DATABASE_FILE);
    struct stat status;
    sqlite3 *handle = NULL;
    *version = -1;
    if (lstat(path, &status) != 0 && errno == ENOENT)
        return 0;
    if (check_file(context, path, &status) != 0)
        return -1;
    int code = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    int result = code != SQLITE_OK              ? sql_fail(context, handle, code)
                 : set_up(context, handle) != 0 ? -1
                                                : schema_read_version(context, handle, version);
    sqlite3_close(handle);
    return result;
}

/* Under FastCGI the file may be replaced under our feet, by a backup or by an empty folder. */
static bool was_replaced(struct context *context) {
    const struct database *database = context->database;
    struct stat status;
    return lstat(state_dir_path(context, DATABASE_FILE), &status) != 0 ||
           status.st_dev != database->device || status.st_ino != database->inode;
}

static bool main_is_idle(const struct database *database) {
    const struct connection *main = &database->main;
    return main->handle != NULL && main->queries == 0 && sqlite3_get_autocommit(main->handle) != 0;
}

/* A file that was let go of may have changed: it is opened anew. */
static bool can_read_still(struct context *context) {
    struct database *database = context->database;
    if (!database->reads_first)
        return false;
    if (database->reader.handle != NULL && database->still.file >= 0)
        return true;
    close_reader(database);
    return open_reader(context);
}

/* The connection to read by, or (`writes`) also to write by; NULL with the failure recorded. */
static struct connection *connect_to(struct context *context, bool writes) {
    struct database *database = context->database;
    if (database == NULL) {
        fail(context->arena, ERROR_INTERNAL, "this program has no database");
        return NULL;
    }
    if (!writes && can_read_still(context))
        return &database->reader;
    if (main_is_idle(database) && was_replaced(context))
        close_main(database);
    if (database->main.handle != NULL)
        return &database->main;
    if (database->reader.queries == 0)
        close_reader(database);
    database->reads_first = false;
    return open_main(context) == 0 ? &database->main : NULL;
}

void database_rest(struct context *context) {
    struct database *database = context->database;
    if (database != NULL && database->main.handle == NULL && database->reader.queries == 0)
        still_file_release(&database->still);
}

/* Before each write, outside of a transaction: a connection begins with commits that last, and is told
 * only when that has changed. */
static int tell_lasting(struct context *context) {
    struct database *database = context->database;
    sqlite3 *main = database->main.handle;
    if (database->told == database->brief || sqlite3_get_autocommit(main) == 0)
        return 0;
    database->told = true; /* unless it is sure that commits last */
    if (sql_run(context, main,
                database->brief ? "PRAGMA synchronous = NORMAL" : "PRAGMA synchronous = FULL") != 0)
        return -1;
    database->told = database->brief;
    return 0;
}

/* ---- queries --------------------------------------------------------------------------------- */

static int fail_query(struct query *query, int code) {
    query->failed = true;
    return sql_fail(query->context, query->connection->handle, code);
}

/* The statement is prepared once a connection: under FastCGI that is most of a query's work. */
static int take_statement(struct query *query, enum statement statement) {
    struct connection *connection = query->connection;
    if (connection->in_use[statement])
        return fail(query->context->arena, ERROR_INTERNAL, "a query within the same query");
    if (connection->statements[statement] == NULL) {
        int code =
            sqlite3_prepare_v3(connection->handle, statement_sql(statement), -1,
                               SQLITE_PREPARE_PERSISTENT, &connection->statements[statement], NULL);
        if (code != SQLITE_OK)
            return fail_query(query, code);
    }
    connection->in_use[statement] = true;
    connection->queries++;
    query->statement = statement;
    query->handle = connection->statements[statement];
    return 0;
}

void query_open(struct context *context, struct query *query, enum statement statement) {
    *query = (struct query){.context = context, .parameter = 1};
    query->connection = connect_to(context, statement_writes(statement));
    query->failed = query->connection == NULL || take_statement(query, statement) != 0;
}

void query_put_integer(struct query *query, int64_t integer) {
    if (query->failed)
        return;
    int code = sqlite3_bind_int64(query->handle, query->parameter++, integer);
    if (code != SQLITE_OK)
        fail_query(query, code);
}

void query_put_text(struct query *query, const char *text) {
    if (query->failed)
        return;
    int code = sqlite3_bind_text(query->handle, query->parameter++, text, -1, SQLITE_STATIC);
    if (code != SQLITE_OK)
        fail_query(query, code);
}

void query_put_bytes(struct query *query, const void *bytes, size_t length) {
    if (query->failed)
        return;
    int code = sqlite3_bind_blob64(query->handle, query->parameter++, bytes, length, SQLITE_STATIC);
    if (code != SQLITE_OK)
        fail_query(query, code);
}

int query_next(struct query *query) {
    if (query->failed)
        return -1;
    struct database *database = query->context->database;
    if (!sqlite3_stmt_readonly(query->handle)) {
        database->written = true;
        query->failed = tell_lasting(query->context) != 0;
        if (query->failed)
            return -1;
    }
    int code = sqlite3_step(query->handle);
    query->column = 0;
    if (code == SQLITE_ROW)
        return 1;
    return code == SQLITE_DONE ? 0 : fail_query(query, code);
}

int64_t query_integer(struct query *query) {
    return query->failed ? 0 : sqlite3_column_int64(query->handle, query->column++);
}

const char *query_text(struct query *query) {
    if (query->failed)
        return NULL;
    int column = query->column++;
    const unsigned char *text = sqlite3_column_text(query->handle, column);
    if (text == NULL)
        return NULL;
    return arena_copy(query->context->arena, text,
                      (size_t)sqlite3_column_bytes(query->handle, column));
}

const unsigned char *query_bytes(struct query *query, size_t length) {
    if (query->failed)
        return NULL;
    int column = query->column++;
    const void *bytes = sqlite3_column_blob(query->handle, column);
    if (bytes == NULL || (size_t)sqlite3_column_bytes(query->handle, column) != length)
        return NULL;
    return (unsigned char *)arena_copy(query->context->arena, bytes, length);
}

void query_blob(struct query *query, struct buffer *bytes) {
    if (query->failed)
        return;
    int column = query->column++;
    const void *blob = sqlite3_column_blob(query->handle, column);
    if (blob != NULL) /* NULL also for an empty one */
        buffer_add(bytes, blob, (size_t)sqlite3_column_bytes(query->handle, column));
}

void query_close(struct query *query) {
    if (query->handle == NULL)
        return;
    sqlite3_reset(query->handle);
    sqlite3_clear_bindings(query->handle);
    query->connection->in_use[query->statement] = false;
    query->connection->queries--;
    query->handle = NULL;
    query->failed = true;
}

int query_run(struct query *query) {
    int result = query_next(query);
    query_close(query);
    return result < 0 ? -1 : 0;
}

int64_t database_changes(struct context *context) {
    const struct database *database = context->database;
    return database == NULL || database->main.handle == NULL
               ? 0
               : sqlite3_changes64(database->main.handle);
}

/* ---- transactions ---------------------------------------------------------------------------- */

int database_begin(struct context *context) {
    const struct connection *main = connect_to(context, true);
    return main == NULL || tell_lasting(context) != 0
               ? -1
               : sql_run(context, main->handle, "BEGIN IMMEDIATE");
}

void database_make_last(struct context *context, bool last) {
    if (context->database != NULL)
        context->database->brief = !last;
}

/* SQLite has no call for it, but gives out the file that commits are written to. In WAL mode that is
 * all that a commit at FULL waits for; a checkpoint, by whomever, has waited for more before it lets
 * go of the file's content. Without a WAL (somebody has switched it off), NORMAL has waited already. */
int database_sync(struct context *context) {
    sqlite3 *handle = context->database == NULL ? NULL : context->database->main.handle;
    sqlite3_file *wal = NULL;
    if (handle == NULL || sqlite3_get_autocommit(handle) == 0)
        return fail(context->arena, ERROR_INTERNAL, "nothing is committed");
    int code = sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (code == SQLITE_OK && wal != NULL && wal->pMethods != NULL)
        code = wal->pMethods->xSync(wal, SQLITE_SYNC_NORMAL);
    return code == SQLITE_OK ? 0 : sql_fail(context, NULL, code);
}

int database_commit(struct context *context) {
    sqlite3 *handle = context->database == NULL ? NULL : context->database->main.handle;
    if (handle == NULL || sqlite3_get_autocommit(handle) != 0)
        return fail(context->arena, ERROR_INTERNAL, "a commit without a transaction");
    if (sql_run(context, handle, "COMMIT") == 0)
        return 0;
    database_rollback(context);
    return -1;
}

/* Some failures (a full disk) have rolled back already: then there is nothing to do. */
void database_rollback(struct context *context) {
    sqlite3 *handle = context->database == NULL ? NULL : context->database->main.handle;
    if (handle != NULL && sqlite3_get_autocommit(handle) == 0)
        sqlite3_exec(handle, "ROLLBACK", NULL, NULL, NULL);
}

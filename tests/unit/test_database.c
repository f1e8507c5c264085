/* edge/database: made once, whoever comes first; each failure with its rule and a word on what
 * to do. */
#include "disk.h"
#include "house.h"

#include "edge/database.h"
#include "edge/file.h"
#include "edge/schema.h"

#include <sqlite3.h>

static int insert_used(struct context *context, const char *id, int64_t expires_at) {
    struct query query;
    query_open(context, &query, STATEMENT_USED_INSERT);
    query_put_bytes(&query, id, strlen(id));
    query_put_integer(&query, expires_at);
    return query_run(&query);
}

static int save_document(struct context *context, const char *url, const char *body) {
    struct query query;
    query_open(context, &query, STATEMENT_DOCUMENT_SAVE);
    query_put_text(&query, url);
    query_put_text(&query, body);
    query_put_integer(&query, 5);
    return query_run(&query);
}

static int insert_from_many(void *closure, int number) {
    struct house *house = closure;
    char id[16];
    for (int i = 0; i < 5; i++) {
        snprintf(id, sizeof(id), "%d-%d", number, i);
        house->context.database = database_new();
        int result = insert_used(&house->context, id, 1);
        database_free(house->context.database);
        if (result != 0) {
            fprintf(stderr, "%s\n", house->arena->error.detail);
            return 1;
        }
    }
    return 0;
}

/* Runs SQL beside the library; *integer is the last column it gave. */
static void run_sql(const char *path, const char *sql, int *integer) {
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    int code = sqlite3_step(statement);
    assert_true(code == SQLITE_ROW || code == SQLITE_DONE);
    if (integer != NULL)
        *integer = sqlite3_column_int(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(handle);
}

static void first_use_makes_a_file_for_us_alone(void **state) {
    struct house house;
    int version = 0;
    mode_t umask_before = umask(0);
    house_open(&house, *state);
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    umask(umask_before);
    assert_int_equal(house_mode(house_path(&house, "latchkey.db")), 0600);
    assert_int_equal(house_mode(house_path(&house, "latchkey.db-wal")), 0600);
    assert_int_equal(house_mode(house_path(&house, "latchkey.db-shm")), 0600);
    run_sql(house_path(&house, "latchkey.db"), "PRAGMA user_version", &version);
    assert_int_equal(version, SCHEMA_VERSION);
    house_close(&house);
}

static void every_statement_can_be_prepared(void **state) {
    struct house house;
    house_open(&house, *state);
    for (int i = 0; i < STATEMENT_COUNT; i++) {
        struct query query;
        query_open(&house.context, &query, (enum statement)i);
        if (query.failed)
            fail_msg("%s: %s", statement_sql((enum statement)i), house.arena->error.detail);
        query_close(&query);
    }
    house_close(&house);
}

static void values_come_back_as_they_went_in(void **state) {
    struct house house;
    struct query query;
    house_open(&house, *state);
    assert_works(house.arena, save_document(&house.context, "https://x'; --", "\xEA\xB9\x80\n"));
    assert_int_equal(database_changes(&house.context), 1);
    for (int round = 0; round < 2; round++) {
        query_open(&house.context, &query, STATEMENT_DOCUMENT_LOAD);
        query_put_text(&query, "https://x'; --");
        assert_int_equal(query_next(&query), 1);
        assert_string_equal(query_text(&query), "\xEA\xB9\x80\n");
        assert_int_equal(query_integer(&query), 5);
        assert_int_equal(query_integer(&query), 0);
        assert_int_equal(query_next(&query), 0);
        query_close(&query);
        query_close(&query);
    }
    house_close(&house);
}

static void a_closed_query_leaves_nothing_bound(void **state) {
    struct house house;
    struct query query;
    house_open(&house, *state);
    assert_works(house.arena, save_document(&house.context, "u", "{}"));
    query_open(&house.context, &query, STATEMENT_DOCUMENT_LOAD);
    query_put_text(&query, "u");
    query_close(&query);
    query_open(&house.context, &query, STATEMENT_DOCUMENT_LOAD);
    assert_int_equal(query_next(&query), 0);
    query_close(&query);
    house_close(&house);
}

static void a_failure_sticks_to_its_query(void **state) {
    struct house house;
    struct query query;
    house_open(&house, *state);
    query_open(&house.context, &query, STATEMENT_DOCUMENT_LOAD);
    query_put_text(&query, "u");
    query_put_text(&query, "one too many");
    query_put_integer(&query, 3);
    assert_fails(house.arena, ERROR_DATABASE, query_next(&query));
    assert_null(query_text(&query));
    assert_int_equal(query_integer(&query), 0);
    query_close(&query);
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    house_close(&house);
}

static void a_broken_rule_of_the_schema_is_a_failure(void **state) {
    struct house house;
    struct query query;
    house_open(&house, *state);
    assert_fails(house.arena, ERROR_DATABASE, save_document(&house.context, "u", NULL));
    query_open(&house.context, &query, STATEMENT_IDENTITY_INSERT);
    query_put_integer(&query, 4711); /* no such account: foreign keys are looked at */
    query_put_text(&query, "https://op");
    query_put_text(&query, "1");
    query_put_text(&query, "op");
    query_put_text(&query, NULL);
    query_put_text(&query, NULL);
    query_put_integer(&query, 0);
    query_put_text(&query, NULL);
    query_put_integer(&query, 1);
    query_put_integer(&query, 1);
    int result = query_next(&query);
    if (result == 1)
        result = query_next(&query);
    query_close(&query);
    assert_fails(house.arena, ERROR_DATABASE, result);
    house_close(&house);
}

static void a_query_within_the_same_query_is_refused(void **state) {
    struct house house;
    struct query outer;
    struct query inner;
    house_open(&house, *state);
    query_open(&house.context, &outer, STATEMENT_DOCUMENT_LOAD);
    query_open(&house.context, &inner, STATEMENT_DOCUMENT_LOAD);
    assert_fails(house.arena, ERROR_INTERNAL, query_next(&inner));
    query_close(&inner);
    query_put_text(&outer, "u");
    assert_int_equal(query_next(&outer), 0);
    query_close(&outer);
    house_close(&house);
}

static void a_rollback_undoes_and_a_commit_keeps(void **state) {
    struct house house;
    int count = -1;
    house_open(&house, *state);
    assert_works(house.arena, database_begin(&house.context));
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    database_rollback(&house.context);
    assert_works(house.arena, database_begin(&house.context));
    assert_works(house.arena, insert_used(&house.context, "b", 1));
    assert_works(house.arena, insert_used(&house.context, "c", 1));
    assert_works(house.arena, database_commit(&house.context));
    database_rollback(&house.context);
    run_sql(house_path(&house, "latchkey.db"), "SELECT count(*) FROM used", &count);
    assert_int_equal(count, 2);
    assert_fails(house.arena, ERROR_INTERNAL, database_commit(&house.context));
    house_close(&house);
}

static void a_newer_schema_is_refused(void **state) {
    struct house house;
    house_open(&house, *state);
    const char *path = house_path(&house, "latchkey.db");
    house_write(path, "", 0600);
    run_sql(path, arena_format(house.arena, "PRAGMA user_version = %d", SCHEMA_VERSION + 1), NULL);
    assert_fails(house.arena, ERROR_DATABASE_NEWER, insert_used(&house.context, "a", 1));
    run_sql(path, "PRAGMA user_version = -1", NULL);
    assert_fails(house.arena, ERROR_DATABASE_NEWER, insert_used(&house.context, "a", 1));
    house_close(&house);
}

static void the_version_can_be_told_without_opening(void **state) {
    struct house house;
    int version = 0;
    house_open(&house, *state);
    const char *path = house_path(&house, "latchkey.db");
    assert_works(house.arena, database_version(&house.context, &version));
    assert_int_equal(version, -1);
    assert_int_equal(access(path, F_OK), -1);

    house_write(path, "", 0600);
    run_sql(path, "PRAGMA user_version = 1", NULL);
    assert_works(house.arena, database_version(&house.context, &version));
    assert_int_equal(version, 1);
    run_sql(path, "PRAGMA user_version", &version);
    assert_int_equal(version, 1);

    house_write(path, "this is no database, however long a text it may be", 0600);
    assert_fails(house.arena, ERROR_DATABASE, database_version(&house.context, &version));
    assert_int_equal(chmod(path, 0604), 0);
    assert_fails(house.arena, ERROR_DATABASE, database_version(&house.context, &version));
    house_close(&house);
}

/* Not kept for good yet; but there for others. */
static void what_need_not_last_is_written_all_the_same(void **state) {
    struct house house;
    struct context other;
    house_open(&house, *state);
    assert_works(house.arena, insert_used(&house.context, "0", 1));
    database_make_last(&house.context, false);
    assert_int_equal(waits_of(house.arena, insert_used(&house.context, "a", 1)), 0);
    database_make_last(&house.context, true);
    assert_works(house.arena, database_begin(&house.context));
    database_make_last(&house.context, false); /* not now: nothing */
    assert_works(house.arena, insert_used(&house.context, "b", 1));
    assert_int_equal(waits_of(house.arena, database_commit(&house.context)), 1);
    other = house.context;
    other.database = database_new();
    assert_works(house.arena, insert_used(&other, "a", 1));
    assert_int_equal(database_changes(&other), 0); /* it was there */
    database_free(other.database);
    house_close(&house);
}

/* Also where nothing lasts by itself, the WAL stays short. */
static void the_wal_stays_short(void **state) {
    struct house house;
    struct stat status;
    house_open(&house, *state);
    database_stay(house.context.database);
    database_make_last(&house.context, false);
    assert_works(house.arena, insert_used(&house.context, "0", 1));
    int waits = disk_waits;
    for (int i = 0; i < 6000; i++)
        assert_works(house.arena,
                     insert_used(&house.context, arena_format(house.arena, "%d", i), 1));
    assert_int_equal(stat(house_path(&house, "latchkey.db-wal"), &status), 0);
    assert_in_range(status.st_size, 0, 20 * 1000 * 1000);
    assert_in_range(disk_waits - waits, 1, 20);
    house_close(&house);
}

static void what_was_committed_can_be_waited_for_afterwards(void **state) {
    struct house house;
    house_open(&house, *state);
    assert_fails(house.arena, ERROR_INTERNAL, database_sync(&house.context)); /* not open */
    assert_works(house.arena, insert_used(&house.context, "0", 1));
    database_make_last(&house.context, false);
    assert_works(house.arena, database_begin(&house.context));
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    assert_fails(house.arena, ERROR_INTERNAL, database_sync(&house.context)); /* not committed */
    assert_int_equal(waits_of(house.arena, database_commit(&house.context)), 0);
    assert_int_equal(waits_of(house.arena, database_sync(&house.context)), 1);
    disk_fails = true;
    assert_fails(house.arena, ERROR_DATABASE, database_sync(&house.context));
    disk_fails = false;
    database_make_last(&house.context, true);
    house_close(&house);
}

/* Somebody has switched the WAL off: a commit waits by itself. */
static void without_a_wal_all_is_waited_for(void **state) {
    struct house house;
    house_open(&house, *state);
    assert_works(house.arena, insert_used(&house.context, "0", 1));
    database_free(house.context.database);
    run_sql(house_path(&house, "latchkey.db"), "PRAGMA journal_mode = DELETE", NULL);
    house.context.database = database_new();
    database_make_last(&house.context, false);
    assert_int_not_equal(waits_of(house.arena, insert_used(&house.context, "a", 1)), 0);
    assert_works(house.arena, database_sync(&house.context));
    database_make_last(&house.context, true);
    house_close(&house);
}

/* ---- bringing up to date --------------------------------------------------------------------- */

/* Lays a file of that version into the house, with rows in each table: databases/N.sql. */
static const char *lay_old_file(struct house *house, int version) {
    const char *path = house_path(house, "latchkey.db");
    struct buffer sql;
    sqlite3 *handle = NULL;
    buffer_open(house->arena, &sql);
    int file = open(arena_format(house->arena, "tests/unit/databases/%d.sql", version), O_RDONLY);
    assert_true(file >= 0);
    assert_int_equal(file_read(file, 65536, &sql), 0);
    close(file);
    house_write(path, "", 0600);
    assert_int_equal(sqlite3_open(path, &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql.bytes, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(handle), SQLITE_OK);
    return path;
}

static int add_line(void *closure, int count, char **columns, char **names) {
    struct buffer *text = closure;
    (void)names;
    for (int i = 0; i < count; i++)
        buffer_add_format(text, "%s|", columns[i] == NULL ? "(null)" : columns[i]);
    buffer_add_byte(text, '\n');
    return 0;
}

/* The rows that a query gives, as a text. */
static const char *rows(struct house *house, const char *sql) {
    struct buffer text;
    sqlite3 *handle = NULL;
    buffer_open(house->arena, &text);
    assert_int_equal(sqlite3_open(house_path(house, "latchkey.db"), &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, sql, add_line, &text, NULL), SQLITE_OK);
    sqlite3_close(handle);
    return text.bytes;
}

static const char *tables(struct house *house) {
    return rows(house, "SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY name");
}

/* All that a file of version 1 can hold. */
static const char *rows_of_1(struct house *house) {
    struct buffer text;
    const char *names[] = {"accounts", "identities", "sessions",
                           "used",     "documents",  "registrations"};
    buffer_open(house->arena, &text);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *found =
            rows(house, arena_format(house->arena, "SELECT * FROM %s ORDER BY 1", names[i]));
        assert_true(*found != '\0');
        buffer_add_format(&text, "%s\n%s", names[i], found);
    }
    return text.bytes;
}

static void an_older_file_becomes_like_a_new_one_and_keeps_its_rows(void **state) {
    struct house house;
    struct house fresh;
    int version = 0;
    house_open(&fresh, *state);
    assert_works(fresh.arena, insert_used(&fresh.context, "a", 1));
    for (int from = 1; from < SCHEMA_VERSION; from++) {
        house_open(&house, *state);
        const char *path = lay_old_file(&house, from);
        const char *before = rows_of_1(&house);
        assert_string_not_equal(tables(&house), tables(&fresh));
        struct query query;
        query_open(&house.context, &query, STATEMENT_DOCUMENT_LOAD);
        query_put_text(&query, "https://op.example/.well-known/openid-configuration");
        assert_int_equal(query_next(&query), 1);
        query_close(&query);
        assert_string_equal(rows_of_1(&house), before);
        assert_string_equal(tables(&house), tables(&fresh));
        run_sql(path, "PRAGMA user_version", &version);
        assert_int_equal(version, SCHEMA_VERSION);
        assert_string_equal(rows(&house, "PRAGMA integrity_check"), "ok|\n");
        assert_string_equal(rows(&house, "PRAGMA foreign_key_check"), "");
        assert_non_null(strstr(house.log.bytes, "event=database_migrated"));
        house_close(&house);
    }
    assert_null(strstr(fresh.log.bytes, "event=database_migrated"));
    house_close(&fresh);
}

static void of_many_at_once_one_brings_it_up_to_date(void **state) {
    struct house house;
    struct house fresh;
    house_open(&fresh, *state);
    assert_works(fresh.arena, insert_used(&fresh.context, "a", 1));
    for (int round = 0; round < 5; round++) {
        house_open(&house, *state);
        lay_old_file(&house, 1);
        house_race(20, insert_from_many, &house);
        assert_string_equal(rows(&house, "SELECT count(*) FROM used"), "101|\n");
        assert_string_equal(tables(&house), tables(&fresh));
        house_close(&house);
    }
    house_close(&fresh);
}

static void a_step_that_fails_leaves_the_old_file_whole(void **state) {
    struct house house;
    int version = 0;
    house_open(&house, *state);
    const char *path = lay_old_file(&house, 1);
    run_sql(path, "CREATE TABLE instance_attempts (somebody_elses)", NULL);
    const char *tables_before = tables(&house);
    const char *rows_before = rows_of_1(&house);
    assert_fails(house.arena, ERROR_DATABASE, insert_used(&house.context, "a", 1));
    assert_string_equal(tables(&house), tables_before);
    assert_string_equal(rows_of_1(&house), rows_before);
    run_sql(path, "PRAGMA user_version", &version);
    assert_int_equal(version, 1);
    run_sql(path, "DROP TABLE instance_attempts", NULL);
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    house_close(&house);
}

static void a_damaged_file_is_told(void **state) {
    struct house house;
    house_open(&house, *state);
    const char *path = house_path(&house, "latchkey.db");
    house_write(path, "This is not a database at all, whatever its name may say of it.", 0600);
    assert_int_equal(insert_used(&house.context, "a", 1), -1);
    assert_int_equal(house.arena->error.rule, ERROR_DATABASE);
    assert_non_null(strstr(house.arena->error.detail, "put a backup in its place"));
    house.arena->error = (struct error){.rule = ERROR_NONE};
    assert_int_equal(unlink(path), 0);
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    house_close(&house);
}

static void a_file_that_is_none_or_open_to_anyone_is_refused(void **state) {
    struct house house;
    house_open(&house, *state);
    const char *path = house_path(&house, "latchkey.db");
    assert_int_equal(mkdir(path, 0700), 0);
    assert_fails(house.arena, ERROR_DATABASE, insert_used(&house.context, "a", 1));
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(symlink("elsewhere", path), 0);
    assert_fails(house.arena, ERROR_DATABASE, insert_used(&house.context, "a", 1));
    assert_int_equal(unlink(path), 0);
    house_write(path, "", 0644);
    assert_fails(house.arena, ERROR_DATABASE, insert_used(&house.context, "a", 1));
    house_close(&house);
}

static void a_missing_folder_is_told(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.state_dir = house_path(&house, "nowhere");
    assert_fails(house.arena, ERROR_DATABASE, insert_used(&house.context, "a", 1));
    house_close(&house);
}

/* As nobody, whom a test run by root becomes: the file may be read but not written. */
static int fail_read_only(void *closure, int number) {
    struct house *house = closure;
    (void)number;
    if (geteuid() == 0 && (setgid(65534) != 0 || setuid(65534) != 0))
        return 1;
    if (insert_used(&house->context, "b", 1) == 0)
        return 2;
    return house->arena->error.rule == ERROR_DATABASE &&
                   strstr(house->arena->error.detail, "must be able to write") != NULL
               ? 0
               : 3;
}

static void a_file_we_cannot_write_is_told(void **state) {
    struct house house;
    house_open(&house, *state);
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    database_free(house.context.database);
    house.context.database = database_new();
    const char *path = house_path(&house, "latchkey.db");
    if (geteuid() == 0) {
        assert_int_equal(chown(path, 65534, 65534), 0);
        assert_int_equal(chmod(house.folder, 0755), 0);
    } else {
        assert_int_equal(chmod(house.folder, 0500), 0);
    }
    unlink(house_path(&house, "latchkey.db-wal"));
    assert_int_equal(chmod(path, 0400), 0);
    house_race(1, fail_read_only, &house);
    assert_int_equal(chmod(house.folder, 0700), 0);
    house_close(&house);
}

static void a_lock_is_waited_for_and_then_told(void **state) {
    struct house house;
    struct house other;
    house_open(&house, *state);
    other = house;
    other.context.database = database_new();
    assert_works(house.arena, database_begin(&house.context));
    assert_fails(house.arena, ERROR_DATABASE_BUSY, database_begin(&other.context));
    database_rollback(&house.context);
    assert_works(house.arena, insert_used(&other.context, "a", 1));
    database_free(other.context.database);
    house_close(&house);
}

static void a_replaced_file_is_opened_anew(void **state) {
    struct house house;
    int count = -1;
    house_open(&house, *state);
    const char *path = house_path(&house, "latchkey.db");
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    assert_int_equal(unlink(path), 0);
    unlink(house_path(&house, "latchkey.db-wal"));
    unlink(house_path(&house, "latchkey.db-shm"));
    assert_works(house.arena, insert_used(&house.context, "b", 1));
    run_sql(path, "SELECT count(*) FROM used", &count);
    assert_int_equal(count, 1);
    house_close(&house);
}

static void a_program_without_database_fails_softly(void **state) {
    struct house house;
    house_open(&house, *state);
    database_free(house.context.database);
    house.context.database = NULL;
    assert_fails(house.arena, ERROR_INTERNAL, insert_used(&house.context, "a", 1));
    assert_fails(house.arena, ERROR_INTERNAL, database_begin(&house.context));
    assert_fails(house.arena, ERROR_INTERNAL, database_commit(&house.context));
    database_rollback(&house.context);
    assert_int_equal(database_changes(&house.context), 0);
    house_close(&house);
}

static void twenty_first_requests_make_one_database(void **state) {
    for (int round = 0; round < 5; round++) {
        struct house house;
        int count = -1;
        house_open(&house, *state);
        house_race(20, insert_from_many, &house);
        run_sql(house_path(&house, "latchkey.db"), "SELECT count(*) FROM used", &count);
        assert_int_equal(count, 100);
        run_sql(house_path(&house, "latchkey.db"), "PRAGMA user_version", &count);
        assert_int_equal(count, SCHEMA_VERSION);
        house_close(&house);
    }
}

/* The last to close empties the WAL, so that the next process has nothing to read through. */
static void a_closed_database_leaves_an_empty_wal(void **state) {
    struct house house;
    struct stat status;
    house_open(&house, *state);
    database_stay(house.context.database); /* then the file keeps its size; but not for good */
    assert_works(house.arena, insert_used(&house.context, "a", 1));
    database_make_last(&house.context, false);
    assert_works(house.arena, insert_used(&house.context, "b", 1));
    database_free(house.context.database);
    house.context.database = NULL;
    assert_int_equal(stat(house_path(&house, "latchkey.db-wal"), &status), 0);
    assert_int_equal(status.st_size, 0);
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(first_use_makes_a_file_for_us_alone),
        unit_test(every_statement_can_be_prepared),
        unit_test(values_come_back_as_they_went_in),
        unit_test(a_closed_query_leaves_nothing_bound),
        unit_test(a_failure_sticks_to_its_query),
        unit_test(a_broken_rule_of_the_schema_is_a_failure),
        unit_test(a_query_within_the_same_query_is_refused),
        unit_test(a_rollback_undoes_and_a_commit_keeps),
        unit_test(a_newer_schema_is_refused),
        unit_test(the_version_can_be_told_without_opening),
        unit_test(what_need_not_last_is_written_all_the_same),
        unit_test(the_wal_stays_short),
        unit_test(what_was_committed_can_be_waited_for_afterwards),
        unit_test(without_a_wal_all_is_waited_for),
        unit_test(an_older_file_becomes_like_a_new_one_and_keeps_its_rows),
        unit_test(of_many_at_once_one_brings_it_up_to_date),
        unit_test(a_step_that_fails_leaves_the_old_file_whole),
        unit_test(a_damaged_file_is_told),
        unit_test(a_file_that_is_none_or_open_to_anyone_is_refused),
        unit_test(a_missing_folder_is_told),
        unit_test(a_file_we_cannot_write_is_told),
        unit_test(a_lock_is_waited_for_and_then_told),
        unit_test(a_replaced_file_is_opened_anew),
        unit_test(a_program_without_database_fails_softly),
        unit_test(twenty_first_requests_make_one_database),
        unit_test(a_closed_database_leaves_an_empty_wal),
    };
    return cmocka_run_group_tests_name("database", tests, NULL, NULL);
}

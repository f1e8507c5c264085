/* edge/still_file and who reads by it: what is held does not change, what is not plain is not held, and nobody
 * who reads so sees less than was committed.
 *
 * Whoever writes does so in a process of its own, as in life: two in one would drop each other's
 * locks. */
#include "house.h"

#include "edge/http_client.h"
#include "edge/schema.h"
#include "edge/still_file.h"

#include <sqlite3.h>
#include <sys/mman.h>

#define CHILD 42 /* anything but a status of house_race() */

/* ---- the other process ----------------------------------------------------------------------- */

static const char *database(struct house *house) {
    return house_path(house, "latchkey.db");
}

/* Opens the database and runs the SQL; the file as the last statement leaves it. */
static sqlite3 *run(const char *path, const char *sql) {
    sqlite3 *handle = NULL;
    int keep = 1;
    if (sqlite3_open(path, &handle) != SQLITE_OK)
        _exit(CHILD);
    sqlite3_busy_timeout(handle, DATABASE_BUSY_TIMEOUT);
    sqlite3_file_control(handle, NULL, SQLITE_FCNTL_PERSIST_WAL, &keep);
    if (sqlite3_exec(handle, "PRAGMA journal_size_limit = 0", NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_exec(handle, sql, NULL, NULL, NULL) != SQLITE_OK) {
        fprintf(stderr, "%s: %s\n", sql, sqlite3_errmsg(handle));
        _exit(CHILD);
    }
    return handle;
}

struct other {
    const char *path;
    const char *sql;
    bool close; /* in good order; otherwise killed */
};

static int act(void *closure, int number) {
    const struct other *other = closure;
    (void)number;
    sqlite3 *handle = run(other->path, other->sql);
    if (other->close)
        sqlite3_close(handle);
    return 0;
}

/* Somebody does this and goes. */
static void does(struct house *house, const char *sql) {
    house_race(1, act, &(struct other){database(house), sql, .close = true});
}

/* Somebody does this and is killed: what was committed stays in the WAL. */
static void does_and_dies(struct house *house, const char *sql) {
    house_race(1, act, &(struct other){database(house), sql, .close = false});
}

/* Somebody who has done this and is still there, until stop(). */
struct sitter {
    pid_t process;
    int leave;
};

static struct sitter sits(struct house *house, const char *sql) {
    int ready[2];
    int leave[2];
    char byte = '\0';
    assert_int_equal(pipe(ready), 0);
    assert_int_equal(pipe(leave), 0);
    pid_t process = fork();
    assert_true(process >= 0);
    if (process == 0) {
        close(ready[0]);
        close(leave[1]);
        run(database(house), sql);
        bool met = write(ready[1], "r", 1) == 1 && read(leave[0], &byte, 1) == 0;
        _exit(met ? 0 : CHILD);
    }
    close(ready[1]);
    close(leave[0]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return (struct sitter){process, leave[1]};
}

static void stop(struct sitter *sitter) {
    int status = 0;
    close(sitter->leave);
    assert_int_equal(waitpid(sitter->process, &status, 0), sitter->process);
    assert_int_equal(status, 0);
}

/* ---- the file -------------------------------------------------------------------------------- */

static void open_used(struct house *house, struct arena *arena) {
    house_open(house, arena);
    struct query query;
    query_open(&house->context, &query, STATEMENT_USED_INSERT);
    query_put_bytes(&query, "first", 5);
    query_put_integer(&query, 1);
    assert_works(arena, query_run(&query));
    database_free(house->context.database);
    house->context.database = NULL;
}

static bool can_hold(struct house *house, struct still_file *still) {
    return still_file_hold(house->arena, database(house), still);
}

static void assert_not_held(struct house *house) {
    struct still_file still;
    assert_false(can_hold(house, &still));
    assert_int_equal(still.file, -1);
    assert_int_equal(still.index, -1);
}

static int64_t size_of(struct house *house, const char *name) {
    struct stat status;
    return stat(house_path(house, name), &status) == 0 ? status.st_size : -1;
}

static char *content(struct house *house, size_t *length) {
    FILE *file = fopen(database(house), "rb");
    assert_non_null(file);
    *length = (size_t)size_of(house, "latchkey.db");
    char *bytes = arena_alloc(house->arena, *length);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    fclose(file);
    return bytes;
}

#define INSERT "INSERT INTO used (id_hash, expires_at) VALUES (randomblob(32), 7)"
#define MANY                                                                                       \
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20000)"             \
    " INSERT INTO used (id_hash, expires_at) SELECT randomblob(32), i FROM n"

static void a_plain_database_is_held(void **state) {
    struct house house;
    struct still_file still;
    struct stat status;
    open_used(&house, *state);
    assert_true(can_hold(&house, &still));
    assert_int_equal(still.version, SCHEMA_VERSION);
    assert_false(still.wal_left);
    assert_int_equal(stat(database(&house), &status), 0);
    assert_true(still.inode == status.st_ino && still.device == status.st_dev);
    still_file_release(&still);
    still_file_release(&still);
    assert_int_equal(still.file, -1);
    house_close(&house);
}

static void two_hold_it_at_once(void **state) {
    struct house house;
    struct still_file one;
    struct still_file two;
    open_used(&house, *state);
    assert_true(can_hold(&house, &one));
    assert_true(can_hold(&house, &two));
    still_file_release(&one);
    still_file_release(&two);
    house_close(&house);
}

/* They write, copy the WAL into the file as far as SQLite lets them, and go: the last one out, too. */
static void what_is_held_does_not_change(void **state) {
    static const char *const others[] = {
        INSERT,
        MANY,
        MANY "; PRAGMA wal_checkpoint(PASSIVE)",
        "PRAGMA busy_timeout = 10; " INSERT "; PRAGMA wal_checkpoint(TRUNCATE)",
        "PRAGMA busy_timeout = 10; " INSERT "; VACUUM; PRAGMA wal_checkpoint(RESTART)",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        struct house house;
        struct still_file still;
        size_t before_length = 0;
        size_t length = 0;
        open_used(&house, *state);
        assert_true(can_hold(&house, &still));
        const char *before = content(&house, &before_length);
        does(&house, others[i]);
        const char *after = content(&house, &length);
        assert_int_equal(length, before_length);
        assert_memory_equal(after, before, length);
        assert_true(size_of(&house, "latchkey.db-wal") > 0);

        still_file_release(&still);
        assert_not_held(&house); /* what was committed meanwhile waits in the WAL */
        does(&house, "SELECT 1 FROM used");
        assert_int_equal(size_of(&house, "latchkey.db-wal"), 0);
        assert_true(can_hold(&house, &still));
        still_file_release(&still);
        house_close(&house);
    }
}

/* Not even by who wants the WAL away: it is what the others write to. */
static void wal_mode_stays_while_it_is_held(void **state) {
    struct house house;
    struct still_file still;
    open_used(&house, *state);
    assert_true(can_hold(&house, &still));
    pid_t process = fork();
    if (process == 0) {
        sqlite3 *handle = run(database(&house), "PRAGMA busy_timeout = 10");
        _exit(sqlite3_exec(handle, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL) & 0xFF);
    }
    int status = 0;
    assert_int_equal(waitpid(process, &status, 0), process);
    assert_int_equal(WEXITSTATUS(status), SQLITE_BUSY);
    still_file_release(&still);
    does(&house, "PRAGMA journal_mode = DELETE");
    assert_not_held(&house);
    house_close(&house);
}

/* Whoever is still there takes care of it. */
static void what_was_left_in_the_wal_is_told(void **state) {
    struct house house;
    struct still_file still;
    open_used(&house, *state);
    struct sitter sitter = sits(&house, INSERT);
    assert_false(can_hold(&house, &still));
    assert_false(still.wal_left);
    stop(&sitter);
    assert_false(can_hold(&house, &still));
    assert_true(still.wal_left);
    house_close(&house);
}

/* By a hand that should not: who is at work still writes to the one that is gone. */
static void an_empty_wal_beside_one_that_is_in_use_is_not_believed(void **state) {
    struct house house;
    struct still_file still;
    open_used(&house, *state);
    const char *wal = house_path(&house, "latchkey.db-wal");
    struct sitter sitter = sits(&house, INSERT);
    assert_int_equal(truncate(wal, 0), 0);
    assert_not_held(&house);
    assert_int_equal(unlink(wal), 0);
    assert_not_held(&house);
    house_write(wal, "", 0600);
    assert_not_held(&house);
    stop(&sitter);

    sitter = sits(&house, "SELECT * FROM used"); /* nothing of whom is in the WAL */
    does(&house, "PRAGMA wal_checkpoint(TRUNCATE)");
    assert_true(can_hold(&house, &still));
    still_file_release(&still);
    stop(&sitter);
    house_close(&house);
}

static void nobody_holds_it_while_somebody_has_it_alone(void **state) {
    struct house house;
    open_used(&house, *state);
    struct sitter sitter = sits(&house, "PRAGMA locking_mode = EXCLUSIVE; SELECT * FROM used");
    assert_not_held(&house);
    stop(&sitter);
    house_close(&house);
}

/* As SQLite does while it copies the WAL into the file, or waits for all who read to be gone. */
static void nobody_holds_it_past_a_lock(void **state) {
    static const struct {
        const char *name;
        off_t byte;
    } locks[] = {
        {"latchkey.db", 0x40000000},
        {"latchkey.db", 0x40000002 + 100},
        {"latchkey.db-shm", 120 + 3},
    };
    for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
        struct house house;
        struct still_file still;
        open_used(&house, *state);
        struct flock lock = {
            .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = locks[i].byte, .l_len = 1};
        int file = open(house_path(&house, locks[i].name), O_RDWR);
        assert_int_equal(fcntl(file, F_OFD_SETLK, &lock), 0);
        assert_not_held(&house);
        close(file);
        assert_true(can_hold(&house, &still));
        still_file_release(&still);
        house_close(&house);
    }
}

static void a_journal_to_be_rolled_back_is_left_to_sqlite(void **state) {
    struct house house;
    open_used(&house, *state);
    house_write(house_path(&house, "latchkey.db-journal"), "", 0600);
    assert_not_held(&house);
    house_close(&house);
}

static void replace(struct house *house, off_t offset, const char *bytes, size_t length) {
    int file = open(database(house), O_RDWR);
    assert_int_equal(pwrite(file, bytes, length, offset), length);
    close(file);
}

static void what_is_no_such_file_is_not_held(void **state) {
    struct house house;
    open_used(&house, *state);
    const char *aside = house_path(&house, "aside");
    assert_int_equal(rename(database(&house), aside), 0);
    assert_not_held(&house); /* none */
    assert_int_equal(symlink(aside, database(&house)), 0);
    assert_not_held(&house);
    assert_int_equal(unlink(database(&house)), 0);
    assert_int_equal(mkdir(database(&house), 0700), 0);
    assert_not_held(&house);
    assert_int_equal(rmdir(database(&house)), 0);
    assert_int_equal(mkfifo(database(&house), 0600), 0);
    assert_not_held(&house); /* nor waited for */
    assert_int_equal(unlink(database(&house)), 0);
    house_write(database(&house), "SQLite format 3", 0600);
    assert_not_held(&house); /* too short */
    assert_int_equal(rename(aside, database(&house)), 0);

    replace(&house, 0, "S0Lite", 6);
    assert_not_held(&house);
    replace(&house, 0, "SQLite", 6);
    replace(&house, 18, "\1", 1);
    assert_not_held(&house);
    replace(&house, 18, "\2\3", 2);
    assert_not_held(&house);
    replace(&house, 18, "\2\2", 2);
    assert_int_equal(unlink(house_path(&house, "latchkey.db-shm")), 0);
    assert_not_held(&house);
    house_close(&house);
}

/* ---- who reads by it ------------------------------------------------------------------------- */

static void begin_to_read(struct house *house) {
    database_free(house->context.database);
    house->context.database = database_new();
    database_read_first(house->context.database);
}

static int64_t is_blocked(struct house *house, int64_t account) {
    struct query query;
    query_open(&house->context, &query, STATEMENT_BLOCK_FIND);
    query_put_integer(&query, account);
    int found = query_next(&query);
    int64_t at = found == 1 ? query_integer(&query) : found;
    query_close(&query);
    return at;
}

static int block(struct house *house, int64_t account, int64_t at) {
    struct query query;
    query_open(&house->context, &query, STATEMENT_BLOCK_INSERT);
    query_put_integer(&query, account);
    query_put_integer(&query, at);
    return query_run(&query);
}

#define ACCOUNTS                                                                                   \
    "INSERT INTO accounts (id, sub, created_at, updated_at) VALUES (1, 'a', 1, 1), (2, 'b', 1, 1)"

static void who_reads_leaves_no_trace(void **state) {
    struct house house;
    struct stat before;
    struct stat after;
    open_used(&house, *state);
    does(&house, ACCOUNTS "; INSERT INTO blocks VALUES (1, 5)");
    assert_int_equal(stat(house_path(&house, "latchkey.db-shm"), &before), 0);
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), 5);
    assert_int_equal(is_blocked(&house, 2), 0);
    database_leave(house.context.database);
    house.context.database = NULL;
    assert_int_equal(stat(house_path(&house, "latchkey.db-shm"), &after), 0);
    assert_true(before.st_mtim.tv_sec == after.st_mtim.tv_sec &&
                before.st_mtim.tv_nsec == after.st_mtim.tv_nsec);
    house_close(&house);
}

static void who_reads_sees_what_is_in_the_wal(void **state) {
    struct house house;
    open_used(&house, *state);
    does(&house, ACCOUNTS);
    struct sitter sitter = sits(&house, "INSERT INTO blocks VALUES (1, 5)");
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), 5);
    database_free(house.context.database);
    house.context.database = NULL;
    stop(&sitter);

    does_and_dies(&house, "INSERT INTO blocks VALUES (2, 6)");
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 2), 6);
    house_close(&house);
}

/* Nobody else may come for a long time: the next ones need not read through it again. */
static int read_and_leave(void *closure, int number) {
    struct house *house = closure;
    (void)number;
    begin_to_read(house);
    bool right = is_blocked(house, 1) == 5;
    database_leave(house->context.database);
    return right ? 0 : 1;
}

static void who_reads_empties_a_wal_that_was_left(void **state) {
    struct house house;
    open_used(&house, *state);
    does_and_dies(&house, ACCOUNTS "; INSERT INTO blocks VALUES (1, 5)");
    assert_true(size_of(&house, "latchkey.db-wal") > 0);
    house_race(1, read_and_leave, &house);
    assert_int_equal(size_of(&house, "latchkey.db-wal"), 0);
    house_close(&house);
}

static void who_reads_may_write_after_all(void **state) {
    struct house house;
    open_used(&house, *state);
    does(&house, ACCOUNTS);
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), 0);
    assert_works(house.arena, block(&house, 1, 5));
    assert_int_equal(database_changes(&house.context), 1);
    assert_int_equal(is_blocked(&house, 1), 5);

    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), 5);
    assert_works(house.arena, database_begin(&house.context));
    assert_works(house.arena, block(&house, 2, 6));
    database_rollback(&house.context);
    assert_int_equal(is_blocked(&house, 2), 0);
    house_close(&house);
}

/* What an open query has not read yet stays as it was; the next one sees what was written. */
static void who_reads_may_write_in_between(void **state) {
    struct house house;
    struct query query;
    open_used(&house, *state);
    does(&house, ACCOUNTS "; INSERT INTO events (at, account, event) VALUES (1, 1, 'x'), "
                          "(2, 1, 'y')");
    begin_to_read(&house);
    query_open(&house.context, &query, STATEMENT_EVENT_LIST);
    query_put_integer(&query, 1);
    query_put_integer(&query, 10);
    assert_int_equal(query_next(&query), 1);
    assert_int_equal(query_integer(&query), 2);
    assert_works(house.arena, block(&house, 1, 5));
    assert_int_equal(is_blocked(&house, 1), 5);
    assert_int_equal(query_next(&query), 1);
    assert_int_equal(query_integer(&query), 1);
    assert_int_equal(query_next(&query), 0);
    query_close(&query);
    assert_int_equal(is_blocked(&house, 1), 5);
    house_close(&house);
}

/* Whoever writes meanwhile empties the WAL; and the next query sees it. */
static void who_rests_holds_up_nobody(void **state) {
    struct house house;
    open_used(&house, *state);
    does(&house, ACCOUNTS);
    begin_to_read(&house);
    database_rest(&house.context);
    assert_int_equal(is_blocked(&house, 1), 0);
    does(&house, "INSERT INTO blocks VALUES (1, 5)");
    assert_true(size_of(&house, "latchkey.db-wal") > 0);
    assert_int_equal(is_blocked(&house, 1), 0);

    database_rest(&house.context);
    does(&house, "INSERT INTO blocks VALUES (2, 6)");
    assert_int_equal(size_of(&house, "latchkey.db-wal"), 0);
    assert_int_equal(is_blocked(&house, 1), 5);
    assert_int_equal(is_blocked(&house, 2), 6);

    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 2), 6);
    database_rest(&house.context);
    assert_works(house.arena, block(&house, 1, 7));
    database_rest(&house.context); /* it is open as usual */
    assert_int_equal(is_blocked(&house, 1), 5);
    house_close(&house);
}

static struct house *writing; /* while somebody else is asked */

static int take_time(struct arena *arena, const struct http_request *request,
                     struct http_response *response) {
    (void)arena;
    (void)request;
    does(writing, "INSERT INTO blocks VALUES (1, 5)");
    response->status = 200;
    return 0;
}

/* A provider may not answer for a long time. */
static void who_calls_out_holds_up_nobody(void **state) {
    static const struct http_transport slow = {.perform = take_time};
    struct house house;
    struct http_request request = {.url = "http://localhost/"};
    struct http_response response;
    open_used(&house, *state);
    does(&house, ACCOUNTS);
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), 0);
    house.context.transport = &slow;
    writing = &house;
    assert_works(house.arena, http_request_send(&house.context, &request, &response));
    assert_int_equal(response.status, 200);
    assert_int_equal(size_of(&house, "latchkey.db-wal"), 0);
    assert_int_equal(is_blocked(&house, 1), 5);
    house_close(&house);
}

/* An open query is read to its end. */
static void who_is_reading_does_not_rest(void **state) {
    struct house house;
    struct query query;
    open_used(&house, *state);
    does(&house, ACCOUNTS "; INSERT INTO blocks VALUES (1, 5)");
    begin_to_read(&house);
    query_open(&house.context, &query, STATEMENT_BLOCK_FIND);
    query_put_integer(&query, 1);
    database_rest(&house.context);
    does(&house, "DELETE FROM blocks");
    assert_true(size_of(&house, "latchkey.db-wal") > 0);
    assert_int_equal(query_next(&query), 1);
    query_close(&query);
    database_rest(&house.context);
    assert_int_equal(is_blocked(&house, 1), 0);
    house_close(&house);
}

/* What is refused is refused in the same words as ever. */
static void who_reads_is_told_what_is_wrong(void **state) {
    struct house house;
    open_used(&house, *state);
    does(&house, arena_format(house.arena, "PRAGMA user_version = %d", SCHEMA_VERSION + 1));
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), -1);
    assert_int_equal(house.arena->error.rule, ERROR_DATABASE_NEWER);
    arena_forget_error(house.arena);
    does(&house, arena_format(house.arena, "PRAGMA user_version = %d", SCHEMA_VERSION));

    assert_int_equal(chmod(database(&house), 0604), 0);
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), -1);
    assert_int_equal(house.arena->error.rule, ERROR_DATABASE);
    assert_non_null(strstr(house.arena->error.detail, "open to anyone"));
    arena_forget_error(house.arena);
    assert_int_equal(chmod(database(&house), 0600), 0);

    size_t length = 0;
    content(&house, &length);
    char *rubbish = arena_alloc(house.arena, length - 4096);
    memset(rubbish, 'x', length - 4096);
    replace(&house, 4096, rubbish, length - 4096);
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), -1);
    assert_int_equal(house.arena->error.rule, ERROR_DATABASE);
    assert_non_null(strstr(house.arena->error.detail, "put a backup in its place"));
    arena_forget_error(house.arena);
    house_close(&house);
}

static void who_reads_first_makes_the_database(void **state) {
    struct house house;
    house_open(&house, *state);
    begin_to_read(&house);
    assert_int_equal(is_blocked(&house, 1), 0);
    assert_int_equal(house_mode(database(&house)), 0600);
    house_close(&house);
}

/* ---- all at once ----------------------------------------------------------------------------- */

#define ROUNDS 150
#define READERS 6

struct watch {
    struct house *house;
    int64_t *last; /* seen in the other row, by the process before */
};

/* Moves both rows in each transaction, each in a process's life of its own. */
static int move_both(struct house *house) {
    for (int round = 1; round <= ROUNDS; round++) {
        struct other other = {
            .path = database(house),
            .sql = arena_format(house->arena,
                                "UPDATE blocks SET blocked_at = %d WHERE account IN (1, 2)", round),
            .close = round % 3 != 0,
        };
        house_race(1, act, &other);
    }
    return 0;
}

/* What one process has read, the next one sees, too, and no row before the other. */
static int look_at_both(void *closure, int number) {
    struct watch *watch = closure;
    (void)number;
    int64_t seen[2] = {-1, -1};
    begin_to_read(watch->house);
    for (int i = 0; i < 2; i++)
        seen[i] = is_blocked(watch->house, i + 1);
    if (seen[0] < *watch->last || seen[1] < seen[0]) {
        fprintf(stderr, "saw %d, then %d and %d: %s\n", (int)*watch->last, (int)seen[0],
                (int)seen[1], watch->house->arena->error.detail);
        return 1;
    }
    *watch->last = seen[1];
    database_leave(watch->house->context.database);
    return 0;
}

static int one_moves_and_others_watch(void *closure, int number) {
    struct watch watch = *(struct watch *)closure;
    if (number == 0)
        return move_both(watch.house);
    watch.last += number;
    while (*watch.last < ROUNDS)
        house_race(1, look_at_both, &watch);
    return 0;
}

static void what_is_seen_never_goes_back(void **state) {
    struct house house;
    size_t size = (1 + READERS) * sizeof(int64_t);
    int64_t *last = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    assert_true(last != MAP_FAILED);
    open_used(&house, *state);
    does(&house, ACCOUNTS "; INSERT INTO blocks VALUES (1, 0), (2, 0)");
    house_race(1 + READERS, one_moves_and_others_watch, &(struct watch){&house, last});
    house_close(&house);
    munmap(last, size);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_plain_database_is_held),
        unit_test(two_hold_it_at_once),
        unit_test(what_is_held_does_not_change),
        unit_test(wal_mode_stays_while_it_is_held),
        unit_test(what_was_left_in_the_wal_is_told),
        unit_test(an_empty_wal_beside_one_that_is_in_use_is_not_believed),
        unit_test(nobody_holds_it_while_somebody_has_it_alone),
        unit_test(nobody_holds_it_past_a_lock),
        unit_test(a_journal_to_be_rolled_back_is_left_to_sqlite),
        unit_test(what_is_no_such_file_is_not_held),
        unit_test(who_reads_leaves_no_trace),
        unit_test(who_reads_sees_what_is_in_the_wal),
        unit_test(who_reads_empties_a_wal_that_was_left),
        unit_test(who_reads_may_write_after_all),
        unit_test(who_reads_may_write_in_between),
        unit_test(who_rests_holds_up_nobody),
        unit_test(who_calls_out_holds_up_nobody),
        unit_test(who_is_reading_does_not_rest),
        unit_test(who_reads_is_told_what_is_wrong),
        unit_test(who_reads_first_makes_the_database),
        unit_test(what_is_seen_never_goes_back),
    };
    return cmocka_run_group_tests_name("still_file", tests, NULL, NULL);
}

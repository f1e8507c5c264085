/*
 * fill: a database of a busy site: so many accounts, each with an identity and a session.
 *
 *   LATCHKEY_CONF=FILE fill COUNT SAMPLES
 *
 * The state folder must be one without a database. It is made as the programs make it, then filled by a few statements,
 * whole tables at once; a million takes some seconds. Prints the session cookies of SAMPLES people, from all over
 * the tables, one a line.
 */
#include "base/buffer.h"
#include "edge/config.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/signed_text.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#define COUNT_LIMIT 100000000
#define PURPOSE "latchkey session cookie v1" /* as in login/session.c */
#define ISSUER "https://op.example"

/* An ID Token, sealed, takes some 800 bytes; what stands there does not matter here. */
static const char *const statements[] = {
    "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -400000",
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < people())"
    " INSERT INTO accounts (id, sub, name, email, email_verified, picture, locale, created_at,"
    "  updated_at) SELECT i, lower(hex(randomblob(16))), 'Ada Person ' || i,"
    "  'ada.' || i || '@example.org', 1, 'https://op.example/pictures/' || i, 'en',"
    "  unixepoch(), unixepoch() FROM n",
    "INSERT INTO identities (id, account, issuer, subject, provider, name, email, email_verified,"
    "  picture, created_at, last_login_at) SELECT id, id, '" ISSUER "', 'person-' || id, 'one',"
    "  name, email, 1, picture, created_at, created_at FROM accounts",
    "INSERT INTO sessions (id_hash, account, identity, created_at, expires_at, last_seen, issuer,"
    "  sid, id_token, id_token_alg, user_agent, address)"
    " SELECT hash, id, id, unixepoch(), unixepoch() + 86400 + id % 86400, unixepoch(), '" ISSUER
    "',"
    "  'sid-' || id, printf('%.*c', 800, 'x'), 'ES256', 'Mozilla/5.0 (X11; Linux x86_64)',"
    "  '192.0.2.1' FROM (SELECT id, session_hash(id) AS hash FROM accounts) ORDER BY hash",
};

static int complain(const char *what) {
    fprintf(stderr, "fill: %s\n", what);
    return -1;
}

/* ---- who has which session ------------------------------------------------------------------- */

static void session_id(int64_t person, unsigned char id[DIGEST_SIZE]) {
    digest_sha256(&person, sizeof(person), id);
}

static void sql_session_hash(sqlite3_context *context, int count, sqlite3_value **values) {
    unsigned char id[DIGEST_SIZE];
    unsigned char hash[DIGEST_SIZE];
    (void)count;
    session_id(sqlite3_value_int64(values[0]), id);
    digest_sha256(id, sizeof(id), hash);
    sqlite3_result_blob(context, hash, sizeof(hash), SQLITE_TRANSIENT);
}

static void sql_people(sqlite3_context *context, int count, sqlite3_value **values) {
    const int64_t *people = sqlite3_user_data(context);
    (void)count;
    (void)values;
    sqlite3_result_int64(context, *people);
}

static int print_cookies(struct context *context, int64_t people, int64_t samples) {
    struct key_ring ring;
    if (state_dir_keys(context, KEY_RING_SESSION, &ring) != 0)
        return complain(context->arena->error.detail);
    for (int64_t i = 0; i < samples; i++) {
        unsigned char id[DIGEST_SIZE];
        session_id(1 + i * people / samples, id);
        printf("latchkey-session=%s\n",
               signed_text_make(context->arena, &ring, PURPOSE,
                                base64url_encode(context->arena, id, sizeof(id))));
    }
    return 0;
}

/* ---- the tables ------------------------------------------------------------------------------ */

/* The indexes that the schema makes by name; sorted at the end they take less than one by one. */
static char *read_indexes(struct arena *arena, sqlite3 *handle, const char *column) {
    struct buffer text;
    sqlite3_stmt *statement = NULL;
    const char *sql = arena_format(
        arena, "SELECT %s FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL", column);
    buffer_open(arena, &text);
    if (sqlite3_prepare_v2(handle, sql, -1, &statement, NULL) == SQLITE_OK)
        while (sqlite3_step(statement) == SQLITE_ROW)
            buffer_add_format(&text, "%s;", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return text.bytes;
}

static int run(sqlite3 *handle, const char *sql) {
    return sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : complain(sqlite3_errmsg(handle));
}

static int fill(struct arena *arena, sqlite3 *handle, int64_t *people) {
    if (sqlite3_create_function(handle, "people", 0, SQLITE_UTF8, people, sql_people, NULL, NULL) !=
            SQLITE_OK ||
        sqlite3_create_function(handle, "session_hash", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                sql_session_hash, NULL, NULL) != SQLITE_OK)
        return complain(sqlite3_errmsg(handle));
    const char *indexes = read_indexes(arena, handle, "sql");
    if (run(handle, read_indexes(arena, handle, "'DROP INDEX ' || name")) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(statements) / sizeof(statements[0]); i++)
        if (run(handle, statements[i]) != 0)
            return -1;
    return run(handle, indexes) != 0 ? -1 : run(handle, "PRAGMA journal_mode = WAL");
}

/* Made by the programs' own way; a transaction of nothing suffices. */
static int make_database(struct context *context) {
    if (database_begin(context) != 0 || database_commit(context) != 0)
        return complain(context->arena->error.detail);
    database_free(context->database);
    context->database = NULL;
    return 0;
}

static int fill_file(struct context *context, int64_t people) {
    sqlite3 *handle = NULL;
    const char *path = state_dir_path(context, "latchkey.db");
    if (make_database(context) != 0)
        return -1;
    int result = sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE, NULL) == SQLITE_OK
                     ? fill(context->arena, handle, &people)
                     : complain(path);
    sqlite3_close(handle);
    return result;
}

int main(int argc, char **argv) {
    struct arena arena;
    struct config config;
    int64_t people = argc == 3 ? strtoll(argv[1], NULL, 10) : 0;
    int64_t samples = argc == 3 ? strtoll(argv[2], NULL, 10) : 0;
    if (people <= 0 || people > COUNT_LIMIT || samples <= 0 || samples > people) {
        fputs("usage: fill COUNT SAMPLES\n", stderr);
        return EX_USAGE;
    }
    arena_open(&arena, ARENA_LIMIT);
    struct context context = {.arena = &arena,
                              .config = &config,
                              .database = database_new(),
                              .clock = &clock_system,
                              .log = {.write = log_write_stderr, .clock = &clock_system}};
    int result =
        config_load(&arena, config_path(), &config) == 0 ? 0 : complain(arena.error.detail);
    if (result == 0)
        result = fill_file(&context, people);
    if (result == 0)
        result = print_cookies(&context, people, samples);
    database_free(context.database);
    arena_close(&arena);
    return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

/* edge/statement: however many rows there are, a request reads those that it is about. SQLite is asked
 * for its plan of each statement; the database is an empty one, so that the plan is that of the schema
 * and not of what happens to be in it. */
#include "fixture.h"

#include "edge/statement.h"

#include <sqlite3.h>
#include <string.h>

/* The database of a fixture, by a connection of our own. */
static sqlite3 *open_database(struct fixture *fixture) {
    sqlite3 *handle = NULL;
    struct query query;
    query_open(fixture->context, &query, STATEMENT_EVENT_LIST); /* makes the tables */
    query_close(&query);
    assert_int_equal(sqlite3_open(house_path(&fixture->house, "latchkey.db"), &handle), SQLITE_OK);
    return handle;
}

/* Writes the plan's lines into `plan`. */
static void read_plan(sqlite3 *handle, struct arena *arena, const char *sql, struct buffer *plan) {
    sqlite3_stmt *statement = NULL;
    const char *explain = arena_format(arena, "EXPLAIN QUERY PLAN %s", sql);
    buffer_open(arena, plan);
    if (sqlite3_prepare_v2(handle, explain, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", sql, sqlite3_errmsg(handle));
    while (sqlite3_step(statement) == SQLITE_ROW)
        buffer_add_format(plan, "%s\n", (const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
}

/* True if the plan reads a table from end to end. What is made on the way ("SCAN CONSTANT ROW", a
 * subquery's own rows) is none. */
static bool scans_table(sqlite3 *handle, const char *plan) {
    for (const char *line = plan; (line = strstr(line, "SCAN ")) != NULL; line++) {
        char name[64] = "";
        if (sscanf(line, "SCAN %63s", name) == 1 && strcmp(name, "CONSTANT") != 0 &&
            sqlite3_table_column_metadata(handle, NULL, name, NULL, NULL, NULL, NULL, NULL, NULL) ==
                SQLITE_OK)
            return true;
        /* An alias is one letter. */
        if (strlen(name) == 1)
            return true;
    }
    return false;
}

/* Those that may, for the table is small at all times: it is they who keep it so. */
static bool is_of_small_table(enum statement statement) {
    return statement == STATEMENT_DOCUMENT_DELETE_SURPLUS ||
           statement == STATEMENT_API_ANSWER_DELETE_SURPLUS;
}

static void a_request_reads_what_it_is_about(void **state) {
    struct fixture *fixture = *state;
    sqlite3 *handle = open_database(fixture);
    struct buffer plan;
    int searched = 0;
    int scanning = 0;
    for (int i = 0; i < (int)STATEMENT_OPERATOR_FIND_USER; i++) {
        read_plan(handle, fixture->arena, statement_sql((enum statement)i), &plan);
        if (scans_table(handle, plan.bytes) && !is_of_small_table((enum statement)i)) {
            fprintf(stderr, "%s\nreads a whole table:\n%s\n", statement_sql((enum statement)i),
                    plan.bytes);
            scanning++;
        }
        searched += strstr(plan.bytes, "SEARCH ") != NULL;
    }
    assert_int_equal(scanning, 0);
    assert_true(searched > 40);
    sqlite3_close(handle);
}

/* Otherwise this test would find nothing, whatever there is. */
static void a_scan_is_recognised(void **state) {
    struct fixture *fixture = *state;
    sqlite3 *handle = open_database(fixture);
    struct buffer plan;
    static const char *const scanning[] = {
        "SELECT 1 FROM accounts WHERE email = ?",
        "SELECT 1 FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.address = ?",
        "DELETE FROM used WHERE id_hash || 'x' = ?",
        "UPDATE events SET account = NULL WHERE detail = ?",
    };
    for (size_t i = 0; i < sizeof(scanning) / sizeof(scanning[0]); i++) {
        read_plan(handle, fixture->arena, scanning[i], &plan);
        if (!scans_table(handle, plan.bytes))
            fail_msg("%s\nis not recognised:\n%s", scanning[i], plan.bytes);
    }
    sqlite3_close(handle);
}

/* Deleting an account looks for what hangs on it in every table, behind any plan. */
static void what_hangs_on_a_row_is_found_by_an_index(void **state) {
    struct fixture *fixture = *state;
    sqlite3 *handle = open_database(fixture);
    sqlite3_stmt *keys = NULL;
    struct buffer plan;
    int count = 0;
    assert_int_equal(sqlite3_prepare_v2(handle,
                                        "SELECT t.name, k.\"from\" FROM sqlite_schema t,"
                                        " pragma_foreign_key_list(t.name) k WHERE t.type = 'table'",
                                        -1, &keys, NULL),
                     SQLITE_OK);
    while (sqlite3_step(keys) == SQLITE_ROW) {
        const char *sql = arena_format(fixture->arena, "SELECT 1 FROM %s WHERE %s = ?",
                                       (const char *)sqlite3_column_text(keys, 0),
                                       (const char *)sqlite3_column_text(keys, 1));
        read_plan(handle, fixture->arena, sql, &plan);
        if (strstr(plan.bytes, "SEARCH ") == NULL)
            fail_msg("%s\nhas no index:\n%s", sql, plan.bytes);
        count++;
    }
    assert_true(count > 5);
    sqlite3_finalize(keys);
    sqlite3_close(handle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_request_reads_what_it_is_about),
        fixture_test(a_scan_is_recognised),
        fixture_test(what_hangs_on_a_row_is_found_by_an_index),
    };
    return cmocka_run_group_tests_name("statement", tests, NULL, NULL);
}

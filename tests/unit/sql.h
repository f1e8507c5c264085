/*
 * sql: SQL beside the library, on the database of a fixture: to look at what is really there, and to
 * change it as somebody else might.
 */
#ifndef LATCHKEY_TESTS_SQL_H
#define LATCHKEY_TESTS_SQL_H

#include "fixture.h"

#include <sqlite3.h>

/* What the statement gives: columns separated by "|", rows by "; ", "NULL" for NULL. */
static inline const char *sql(struct fixture *fixture, const char *text) {
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    struct buffer rows;
    buffer_open(fixture->arena, &rows);
    assert_int_equal(sqlite3_open(house_path(&fixture->house, "latchkey.db"), &handle), SQLITE_OK);
    assert_int_equal(sqlite3_exec(handle, "PRAGMA foreign_keys = ON", NULL, NULL, NULL), SQLITE_OK);
    if (sqlite3_prepare_v2(handle, text, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", text, sqlite3_errmsg(handle));
    int code = sqlite3_step(statement);
    for (; code == SQLITE_ROW; code = sqlite3_step(statement)) {
        buffer_add_text(&rows, rows.length == 0 ? "" : "; ");
        for (int i = 0; i < sqlite3_column_count(statement); i++) {
            const unsigned char *value = sqlite3_column_text(statement, i);
            buffer_add_format(&rows, "%s%s", i == 0 ? "" : "|",
                              value == NULL ? "NULL" : (const char *)value);
        }
    }
    if (code != SQLITE_DONE)
        fail_msg("%s: %s", text, sqlite3_errmsg(handle));
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    return rows.bytes;
}

#endif

/*
 * table: results, a row each: in columns for people, or as JSON for programs, an object a line.
 *
 *     struct table table;
 *     table_open(&table, operation, columns, COUNT);
 *     …  query_open(table_context(&table), &query, …)        values of a row live until its end
 *         table_text(&table, query_text(&query));
 *         table_time(&table, query_integer(&query));
 *         table_end_row(&table);
 *     return table_close(&table, query_next() said);
 *
 * JSON is written row by row. Columns are as wide as their widest value, so rows are kept until the
 * end; however many, they take no more than the terminal's reader can look through.
 */
#ifndef LATCHKEY_OPERATE_TABLE_H
#define LATCHKEY_OPERATE_TABLE_H

#include "format/json.h"
#include "operate/operation.h"

#define TABLE_COLUMNS_LIMIT 12

struct table_row;

struct table {
    const struct operation *operation;
    const char *const *names; /* of the columns: in JSON, and as headings */
    size_t columns;
    size_t column; /* the next */
    struct context row_context;
    struct arena row;  /* what belongs to the row at hand */
    struct arena rows; /* what is kept */
    struct json *object;
    const char *cells[TABLE_COLUMNS_LIMIT];
    size_t widths[TABLE_COLUMNS_LIMIT];
    struct table_row *first;
    struct table_row *last;
};

void table_open(struct table *table, const struct operation *operation, const char *const names[],
                size_t columns);

/* A context whose arena is wiped at each row's end: for the query that brings the rows. */
struct context *table_context(struct table *table);

/* The next value of the row. What is unknown (NULL, a time of 0) is absent in JSON, and "-" in a
 * column. Times are seconds, shown as RFC 3339. */
void table_text(struct table *table, const char *text);
void table_integer(struct table *table, int64_t integer);
void table_time(struct table *table, int64_t seconds);
void table_boolean(struct table *table, bool truth);

void table_end_row(struct table *table);

/* Writes what was kept and gives all memory back. Passes `result` on, with the failure that
 * table_context() recorded. */
int table_close(struct table *table, int result) CHECKED;

#endif

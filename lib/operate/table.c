#include "operate/table.h"

#include "base/clock.h"
#include "operate/console.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define ROWS_LIMIT ((size_t)1024 * 1024 * 1024) /* bytes */
#define GAP 2

struct table_row {
    const char **cells;
    struct table_row *next;
};

void table_open(struct table *table, const struct operation *operation, const char *const names[],
                size_t columns) {
    *table = (struct table){.operation = operation, .names = names, .columns = columns};
    arena_open(&table->row, ARENA_LIMIT);
    arena_open(&table->rows, ROWS_LIMIT);
    table->row_context = *operation->context;
    table->row_context.arena = &table->row;
    for (size_t i = 0; i < columns; i++)
        table->widths[i] = operation->quiet ? 0 : strlen(names[i]);
}

struct context *table_context(struct table *table) {
    return &table->row_context;
}

/* ---- values ---------------------------------------------------------------------------------- */

static void put(struct table *table, const char *cell) {
    table->cells[table->column++] = cell == NULL || *cell == '\0' ? "-" : cell;
}

static struct json *object_of(struct table *table) {
    if (table->object == NULL)
        table->object = json_object(&table->row);
    return table->object;
}

void table_text(struct table *table, const char *text) {
    if (table->operation->json)
        json_put_string(&table->row, object_of(table), table->names[table->column], text);
    put(table, text == NULL ? NULL : console_text(&table->row, text));
}

void table_integer(struct table *table, int64_t integer) {
    if (table->operation->json)
        json_put_integer(&table->row, object_of(table), table->names[table->column], integer);
    put(table, arena_format(&table->row, "%lld", (long long)integer));
}

void table_time(struct table *table, int64_t seconds) {
    if (table->operation->json && seconds != 0)
        json_put_integer(&table->row, object_of(table), table->names[table->column], seconds);
    put(table, seconds == 0 ? NULL : clock_format(&table->row, seconds));
}

void table_boolean(struct table *table, bool truth) {
    if (table->operation->json)
        json_put_boolean(&table->row, object_of(table), table->names[table->column], truth);
    put(table, truth ? "yes" : NULL);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static void keep_row(struct table *table) {
    struct table_row *row = arena_alloc(&table->rows, sizeof(*row));
    row->cells = arena_array(&table->rows, table->columns, sizeof(*row->cells));
    for (size_t i = 0; i < table->columns; i++) {
        size_t width = console_width(table->cells[i]);
        row->cells[i] = arena_text(&table->rows, table->cells[i]);
        if (width > table->widths[i])
            table->widths[i] = width;
    }
    if (table->last == NULL)
        table->first = row;
    else
        table->last->next = row;
    table->last = row;
}

void table_end_row(struct table *table) {
    if (table->operation->json)
        console_print_json(&table->row, object_of(table));
    else
        keep_row(table);
    struct error error = table->row.error;
    arena_reset(&table->row);
    table->row.error = error;
    table->object = NULL;
    table->column = 0;
}

static void print_cell(const struct table *table, const char *cell, size_t column) {
    fputs(cell, stdout);
    if (column + 1 == table->columns)
        fputc('\n', stdout);
    else
        printf("%*s", (int)(table->widths[column] - console_width(cell) + GAP), "");
}

static void print_heading(const struct table *table) {
    char heading[64];
    for (size_t column = 0; column < table->columns; column++) {
        size_t length = strlen(table->names[column]);
        for (size_t i = 0; i <= length; i++) {
            char c = table->names[column][i];
            heading[i] = c == '_' ? ' ' : (char)toupper((unsigned char)c);
        }
        print_cell(table, heading, column);
    }
}

static void print_rows(const struct table *table) {
    if (table->first != NULL && !table->operation->quiet)
        print_heading(table);
    for (const struct table_row *row = table->first; row != NULL; row = row->next)
        for (size_t column = 0; column < table->columns; column++)
            print_cell(table, row->cells[column], column);
}

int table_close(struct table *table, int result) {
    struct arena *arena = table->operation->context->arena;
    print_rows(table);
    if (result != 0 && arena->error.rule == ERROR_NONE)
        arena->error = table->row.error;
    arena_close(&table->row);
    arena_close(&table->rows);
    return result;
}

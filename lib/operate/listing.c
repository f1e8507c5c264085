#include "operate/listing.h"

#include "base/text.h"
#include "edge/config.h"
#include "edge/database.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/quantity.h"
#include "login/event.h"
#include "operate/table.h"
#include "operate/who.h"

#include <time.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* 0 is no account: all of them. */
static void put_account(struct query *query, int64_t account) {
    if (account == 0)
        query_put_text(query, NULL);
    else
        query_put_integer(query, account);
}

/* What makes a session live: see session.h. */
static void put_now(struct context *context, struct query *query) {
    query_put_integer(query, context_now(context));
    query_put_integer(query, context_now(context) - context->config->idle_timeout);
}

/* *account = whom the first argument names; 0 without one. */
static int find_user(const struct operation *operation, int64_t *account) {
    const char *named = operation_argument(operation, 0);
    struct who who = {.account = 0};
    int result = named == NULL ? OPERATION_DONE : who_find(operation, named, &who);
    *account = who.account;
    return result;
}

/* ---- users ----------------------------------------------------------------------------------- */

static void add_user(struct table *table, struct query *query) {
    table_text(table, query_text(query));
    table_text(table, query_text(query));
    table_text(table, query_text(query));
    table_boolean(table, query_integer(query) != 0);
    table_text(table, query_text(query));
    table_integer(table, query_integer(query));
    table_time(table, query_integer(query));
    table_time(table, query_integer(query));
    table_boolean(table, query_integer(query) != 0);
    table_end_row(table);
}

int listing_users(struct operation *operation) {
    static const char *const names[] = {"user",       "name",          "email",
                                        "verified",   "providers",     "sessions",
                                        "created_at", "last_login_at", "blocked"};
    struct table table;
    struct query query;
    table_open(&table, operation, names, COUNT(names));
    query_open(table_context(&table), &query, STATEMENT_OPERATOR_USERS);
    put_now(operation->context, &query);
    query_put_text(&query, operation_argument(operation, 0));
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query))
        add_user(&table, &query);
    query_close(&query);
    return table_close(&table, found);
}

/* ---- sessions -------------------------------------------------------------------------------- */

static void add_session(struct table *table, struct query *query) {
    const unsigned char *hash = query_bytes(query, DIGEST_SIZE);
    table_text(table, hash == NULL
                          ? NULL
                          : base64url_encode(table_context(table)->arena, hash, DIGEST_SIZE));
    table_text(table, query_text(query));
    table_text(table, query_text(query));
    table_text(table, query_text(query));
    table_time(table, query_integer(query));
    table_time(table, query_integer(query));
    table_time(table, query_integer(query));
    table_text(table, query_text(query));
    table_text(table, query_text(query));
    table_end_row(table);
}

int listing_sessions(struct operation *operation) {
    static const char *const names[] = {"session",    "user",       "name",
                                        "provider",   "created_at", "last_seen",
                                        "expires_at", "address",    "user_agent"};
    struct table table;
    struct query query;
    int64_t account = 0;
    int result = find_user(operation, &account);
    if (result != OPERATION_DONE)
        return result;
    table_open(&table, operation, names, COUNT(names));
    query_open(table_context(&table), &query, STATEMENT_OPERATOR_SESSIONS);
    put_now(operation->context, &query);
    put_account(&query, account);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query))
        add_session(&table, &query);
    query_close(&query);
    return table_close(&table, found);
}

/* ---- events ---------------------------------------------------------------------------------- */

static bool parse_moment(const char *text, const char *format, int64_t *seconds) {
    struct tm moment = {.tm_year = 0};
    const char *end = strptime(text, format, &moment);
    *seconds = (int64_t)timegm(&moment);
    return end != NULL && *end == '\0';
}

/* True and *since, also without --since. */
static bool read_since(const struct operation *operation, int64_t *since) {
    int64_t ago = 0;
    *since = 0;
    if (operation->since == NULL)
        return true;
    if (quantity_duration(operation->since, &ago)) {
        *since = context_now(operation->context) - ago;
        return true;
    }
    return parse_moment(operation->since, "%Y-%m-%d", since) ||
           parse_moment(operation->since, "%Y-%m-%dT%H:%M:%SZ", since);
}

static bool is_event(const char *name) {
    for (enum event_kind kind = 0; kind < EVENT_COUNT; kind++)
        if (text_equal(event_name(kind), name))
            return true;
    return false;
}

static void add_event(struct table *table, struct query *query) {
    table_time(table, query_integer(query));
    for (size_t i = 1; i < table->columns; i++)
        table_text(table, query_text(query));
    table_end_row(table);
}

int listing_events(struct operation *operation) {
    static const char *const names[] = {"at",     "event",   "user",    "provider",
                                        "detail", "request", "address", "user_agent"};
    struct table table;
    struct query query;
    int64_t account = 0;
    int64_t since = 0;
    if (!read_since(operation, &since))
        return operation_misuse(operation,
                                "--since wants a time like 7d, 2026-11-20 or "
                                "2026-11-20T08:15:30Z, not %s",
                                operation->since);
    if (operation->event != NULL && !is_event(operation->event))
        return operation_misuse(operation, "there is no event %s", operation->event);
    int result = find_user(operation, &account);
    if (result != OPERATION_DONE)
        return result;
    table_open(&table, operation, names, COUNT(names));
    query_open(table_context(&table), &query, STATEMENT_OPERATOR_EVENTS);
    query_put_integer(&query, since);
    put_account(&query, account);
    query_put_text(&query, operation->event);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query))
        add_event(&table, &query);
    query_close(&query);
    return table_close(&table, found);
}

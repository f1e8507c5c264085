#include "operate/vacuum.h"

#include "edge/config.h"
#include "edge/database.h"
#include "format/json.h"
#include "login/instance.h"
#include "operate/key_rotation.h"
#include "operate/progress.h"

#define PORTION 500 /* rows a transaction */

/* What is over, by what time. */
struct clearing {
    enum statement statement;
    const char *what;
    int64_t time;
    int64_t second_time; /* of sessions: when they were last seen */
};

#define CLEARINGS 7

/* The work's steps behind the clearing. */
enum { STEP_KEYS = CLEARINGS, STEP_FILE, STEPS };

static void list_clearings(const struct context *context, struct clearing clearings[CLEARINGS]) {
    const struct config *config = context->config;
    int64_t now = context_now(context);
    const struct clearing all[CLEARINGS] = {
        {STATEMENT_OPERATOR_CLEAR_SESSIONS, "sessions", now, now - config->idle_timeout},
        {STATEMENT_OPERATOR_CLEAR_USED, "used logins", now, 0},
        {STATEMENT_OPERATOR_CLEAR_EVENTS, "events", now - config->audit_keep, 0},
        {STATEMENT_OPERATOR_CLEAR_TEMPORARY_CREDENTIALS, "temporary credentials", now, 0},
        {STATEMENT_OPERATOR_CLEAR_INSTANCE_ATTEMPTS, "attempts", now - INSTANCE_WINDOW, 0},
        {STATEMENT_OPERATOR_CLEAR_REGISTRATIONS, "registrations", now, 0},
        {STATEMENT_OPERATOR_CLEAR_API_ANSWERS, "answers of APIs", now, 0},
    };
    for (size_t i = 0; i < CLEARINGS; i++)
        clearings[i] = all[i];
}

/* Adds to *count until a portion is not full. Each is a transaction of its own, between which
 * requests have their turn. */
static int clear(struct context *context, const struct clearing *clearing, int64_t *count) {
    int64_t changes = PORTION;
    while (changes == PORTION) {
        struct query query;
        query_open(context, &query, clearing->statement);
        query_put_integer(&query, clearing->time);
        query_put_integer(&query, PORTION);
        if (clearing->second_time != 0)
            query_put_integer(&query, clearing->second_time);
        if (query_run(&query) != 0)
            return -1;
        changes = database_changes(context);
        *count += changes;
    }
    return 0;
}

static int run(struct context *context, enum statement statement) {
    struct query query;
    query_open(context, &query, statement);
    return query_run(&query);
}

static int measure(struct context *context, int64_t *bytes) {
    struct query query;
    query_open(context, &query, STATEMENT_OPERATOR_PAGES);
    int found = query_next(&query);
    *bytes = found == 1 ? query_integer(&query) : 0;
    query_close(&query);
    return found < 0 ? -1 : 0;
}

/* The log is emptied before, for what was deleted is in it, and after, for so is the new file. */
static int rewrite_file(struct context *context) {
    return run(context, STATEMENT_OPERATOR_CHECKPOINT) != 0 ||
                   run(context, STATEMENT_OPERATOR_VACUUM) != 0
               ? -1
               : run(context, STATEMENT_OPERATOR_CHECKPOINT);
}

struct outcome {
    int64_t rows;
    int64_t keys;
    int64_t bytes_before;
    int64_t bytes_after;
};

static int work(struct operation *operation, struct progress *progress, struct outcome *outcome) {
    struct context *context = operation->context;
    struct clearing clearings[CLEARINGS];
    list_clearings(context, clearings);
    if (measure(context, &outcome->bytes_before) != 0)
        return -1;
    for (size_t i = 0; i < CLEARINGS; i++) {
        progress_show(progress, (int64_t)i, clearings[i].what);
        if (clear(context, &clearings[i], &outcome->rows) != 0)
            return -1;
    }
    progress_show(progress, STEP_KEYS, "keys");
    if (key_rotation_retire(context, &outcome->keys) != 0)
        return -1;
    progress_show(progress, STEP_FILE, "writing the file anew");
    return rewrite_file(context) != 0 ? -1 : measure(context, &outcome->bytes_after);
}

int vacuum_run(struct operation *operation) {
    struct arena *arena = operation->context->arena;
    struct outcome outcome = {.rows = 0};
    struct progress progress;
    progress_open(&progress, operation, STEPS);
    int result = work(operation, &progress, &outcome);
    progress_hide(&progress);
    if (result != 0)
        return -1;
    struct json *object = json_object(arena);
    json_put_integer(arena, object, "rows", outcome.rows);
    json_put_integer(arena, object, "keys", outcome.keys);
    json_put_integer(arena, object, "bytes_before", outcome.bytes_before);
    json_put_integer(arena, object, "bytes_after", outcome.bytes_after);
    operation_report(operation, object,
                     "%lld rows and %lld keys cleared away; the file had %lld bytes, has %lld",
                     (long long)outcome.rows, (long long)outcome.keys,
                     (long long)outcome.bytes_before, (long long)outcome.bytes_after);
    return OPERATION_DONE;
}

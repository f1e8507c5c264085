#include "edge/document.h"

#include "edge/database.h"
#include "format/json.h"

#include <stdbool.h>
#include <time.h>

/* How long another process's fetch is waited for: in pauses of a tenth of a second. */
#define WAIT_PAUSES 30

/* What the database has of a document; `body` is NULL if there is nothing. */
struct kept {
    const char *body;
    int64_t fetched_at;
    int64_t refetched_at;
};

/* ---- the cache ------------------------------------------------------------------------------- */

static void load_kept(struct context *context, const char *url, struct kept *kept) {
    struct query query;
    *kept = (struct kept){.body = NULL};
    query_open(context, &query, STATEMENT_DOCUMENT_LOAD);
    query_put_text(&query, url);
    int found = query_next(&query);
    if (found == 1) {
        kept->body = query_text(&query);
        kept->fetched_at = query_integer(&query);
        kept->refetched_at = query_integer(&query);
    }
    query_close(&query);
    if (found < 0)
        context_forgive(context);
}

/* A provider that names another jwks_uri each time must not fill the disk. */
static void delete_surplus(struct context *context) {
    struct query query;
    query_open(context, &query, STATEMENT_DOCUMENT_DELETE_SURPLUS);
    query_put_integer(&query, DOCUMENTS_LIMIT);
    if (query_run(&query) != 0)
        context_forgive(context);
}

static void save(struct context *context, const char *url, const char *body) {
    struct query query;
    query_open(context, &query, STATEMENT_DOCUMENT_SAVE);
    query_put_text(&query, url);
    query_put_text(&query, body);
    query_put_integer(&query, context_now(context));
    if (query_run(&query) == 0)
        delete_surplus(context);
    else
        context_forgive(context);
}

/* True if `time` lies in the last `seconds`. One in the future (a clock was set back) does not. */
static bool is_within(int64_t now, int64_t time, int64_t seconds) {
    return time <= now && now - time < seconds;
}

/* ---- fetching -------------------------------------------------------------------------------- */

static int fetch(struct context *context, const struct http_request *asked, const char **text) {
    struct http_request request = *asked;
    struct http_response response;
    struct json *object = NULL;
    if (http_request_send(context, &request, &response) != 0)
        return -1;
    /* OpenID Connect Discovery 4.2: a successful response is 200, and a JSON object. */
    if (response.status != 200)
        return fail(context->arena, ERROR_HTTP_STATUS, "%s answered with status %d",
                    http_host_for_log(context->arena, request.url), response.status);
    if (json_parse_object(context->arena, response.body, response.body_length, &object) != 0)
        return -1;
    *text = response.body;
    save(context, request.url, *text);
    return 0;
}

/* What may pass while a provider is down or restarting; an answer that is wrong may not. */
static bool is_out_of_reach(const struct error *error) {
    return error->rule == ERROR_HTTP_FAILED || error->rule == ERROR_HTTP_TIMEOUT ||
           error->rule == ERROR_HTTP_STATUS;
}

int document_load(struct context *context, const struct http_request *request, const char **text) {
    struct kept kept;
    int64_t now = context_now(context);
    *text = NULL;
    load_kept(context, request->url, &kept);
    if (kept.body != NULL && is_within(now, kept.fetched_at, DOCUMENT_AGE)) {
        *text = kept.body;
        return 0;
    }
    if (fetch(context, request, text) == 0)
        return 0;
    if (kept.body == NULL || !is_within(now, kept.fetched_at, DOCUMENT_STALE) ||
        !is_out_of_reach(&context->arena->error))
        return -1;
    context_forgive(context);
    *text = kept.body;
    return 0;
}

void document_peek(struct context *context, const char *url, const char **text) {
    struct kept kept;
    load_kept(context, url, &kept);
    *text = kept.body;
}

void document_forget(struct context *context, const char *url) {
    struct error first = context->arena->error;
    struct query query;
    arena_forget_error(context->arena);
    query_open(context, &query, STATEMENT_DOCUMENT_DELETE);
    query_put_text(&query, url);
    if (query_run(&query) != 0)
        context_forgive(context);
    context->arena->error = first;
}

/* ---- fetching again -------------------------------------------------------------------------- */

static int mark_refetched(struct context *context, const char *url) {
    struct query query;
    query_open(context, &query, STATEMENT_DOCUMENT_REFETCHED);
    query_put_integer(&query, context_now(context));
    query_put_text(&query, url);
    return query_run(&query);
}

/* True if this process is the one to fetch: looked up and marked under one write lock, so that
 * of many logins that meet a new key at once, one asks the provider. *kept is what was there
 * before. */
static bool take_turn(struct context *context, const char *url, struct kept *kept) {
    bool locked = database_begin(context) == 0;
    context_forgive(context);
    load_kept(context, url, kept);
    bool ours = !is_within(context_now(context), kept->refetched_at, DOCUMENT_REFETCH_INTERVAL);
    if (!locked)
        return ours;
    if (ours && mark_refetched(context, url) != 0)
        context_forgive(context);
    if (database_commit(context) != 0)
        context_forgive(context);
    return ours;
}

/* Another process asked: waits for what it gets, as long as it may still be on its way. */
static void wait_for_other(struct context *context, const char *url, struct kept *kept) {
    const struct timespec pause = {.tv_nsec = 100 * 1000 * 1000};
    for (int i = 0; i < WAIT_PAUSES && kept->fetched_at < kept->refetched_at &&
                    is_within(context_now(context), kept->refetched_at, HTTP_TOTAL_TIMEOUT);
         i++) {
        database_rest(context);
        nanosleep(&pause, NULL);
        load_kept(context, url, kept);
    }
}

int document_refetch(struct context *context, const struct http_request *request,
                     const char **text) {
    struct kept kept;
    *text = NULL;
    if (take_turn(context, request->url, &kept))
        return fetch(context, request, text);
    wait_for_other(context, request->url, &kept);
    if (kept.fetched_at >= kept.refetched_at)
        *text = kept.body;
    return 0;
}

#include "login/event.h"

#include "edge/config.h"
#include "edge/database.h"
#include "login/visitor.h"

static const char *const names[EVENT_COUNT] = {
    [EVENT_SIGNED_IN] = "signed_in",
    [EVENT_SIGN_IN_REFUSED] = "sign_in_refused",
    [EVENT_SIGNED_OUT] = "signed_out",
    [EVENT_SESSIONS_ENDED] = "sessions_ended",
    [EVENT_LINKED] = "linked",
    [EVENT_UNLINKED] = "unlinked",
    [EVENT_CONFIRMED] = "confirmed",
    [EVENT_GRANTED] = "granted",
    [EVENT_PROFILE_CHANGED] = "profile_changed",
    [EVENT_EXPORTED] = "exported",
    [EVENT_DELETED] = "deleted",
    [EVENT_BLOCKED] = "blocked",
    [EVENT_UNBLOCKED] = "unblocked",
    [EVENT_KEYS_ROTATED] = "keys_rotated",
};

const char *event_name(enum event_kind kind) {
    return names[kind];
}

static int delete_old(struct context *context) {
    struct query query;
    query_open(context, &query, STATEMENT_EVENT_DELETE_OLD);
    query_put_integer(&query, context_now(context) - context->config->audit_keep);
    return query_run(&query);
}

int event_record(struct context *context, const struct request *request,
                 const struct event *event) {
    struct query query;
    if (delete_old(context) != 0)
        return -1;
    query_open(context, &query, STATEMENT_EVENT_INSERT);
    query_put_integer(&query, context_now(context));
    if (event->account == EVENT_NO_ACCOUNT)
        query_put_text(&query, NULL);
    else
        query_put_integer(&query, event->account);
    query_put_text(&query, names[event->kind]);
    query_put_text(&query, event->provider);
    query_put_text(&query, event->detail);
    query_put_text(&query, context->request_id);
    query_put_text(&query, request == NULL ? NULL : visitor_address(context, request));
    query_put_text(&query, request == NULL ? NULL : request->user_agent);
    return query_run(&query);
}

int event_list(struct context *context, int64_t account, int limit, struct json **events) {
    struct arena *arena = context->arena;
    struct query query;
    *events = json_array(arena);
    query_open(context, &query, STATEMENT_EVENT_LIST);
    query_put_integer(&query, account);
    query_put_integer(&query, limit);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct json *event = json_object(arena);
        json_put_integer(arena, event, "at", query_integer(&query));
        json_put_string(arena, event, "event", query_text(&query));
        json_put_string(arena, event, "provider", query_text(&query));
        json_put_string(arena, event, "detail", query_text(&query));
        json_put_string(arena, event, "request", query_text(&query));
        json_put_string(arena, event, "address", query_text(&query));
        json_put_string(arena, event, "user_agent", query_text(&query));
        json_append(*events, event);
    }
    query_close(&query);
    return found;
}

int event_anonymise(struct context *context, int64_t account) {
    struct query query;
    query_open(context, &query, STATEMENT_EVENT_ANONYMISE);
    query_put_integer(&query, account);
    return query_run(&query);
}

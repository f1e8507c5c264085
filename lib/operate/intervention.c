#include "operate/intervention.h"

#include "base/text.h"
#include "edge/database.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "login/account.h"
#include "login/event.h"
#include "login/export.h"
#include "login/farewell.h"
#include "login/session.h"
#include "login/tokens.h"
#include "operate/console.h"
#include "operate/who.h"

/* What a command works on, and what came of it. */
struct work {
    struct who who;
    int64_t count;
    struct json *document;
    struct farewell farewell; /* of who was deleted */
};

static int record(struct operation *operation, enum event_kind kind, int64_t account,
                  const char *detail) {
    const struct event event = {.kind = kind, .account = account, .detail = detail};
    return event_record(operation->context, NULL, &event);
}

static const char *number(struct operation *operation, int64_t count) {
    return arena_format(operation->context->arena, "%lld", (long long)count);
}

static const char *sessions_text(struct operation *operation, int64_t count) {
    return arena_format(operation->context->arena, "%lld session%s", (long long)count,
                        count == 1 ? "" : "s");
}

/* {"user": SUB}: what a report begins with. */
static struct json *report_of(struct operation *operation, const struct who *who) {
    struct arena *arena = operation->context->arena;
    struct json *object = json_object(arena);
    json_put_string(arena, object, "user", who->sub);
    return object;
}

static int find_user(struct operation *operation, struct who *who) {
    return who_find(operation, operation_argument(operation, 0), who);
}

/* ---- revoke ---------------------------------------------------------------------------------- */

static int end_sessions_of(struct operation *operation, void *closure) {
    struct context *context = operation->context;
    struct work *work = closure;
    struct query query;
    query_open(context, &query, STATEMENT_SESSION_DELETE_ALL);
    query_put_integer(&query, work->who.account);
    if (query_run(&query) != 0)
        return -1;
    work->count = database_changes(context);
    return work->count == 0 ? 0
                            : record(operation, EVENT_SESSIONS_ENDED, work->who.account,
                                     number(operation, work->count));
}

static int revoke_user(struct operation *operation) {
    struct work work = {.count = 0};
    int result = find_user(operation, &work.who);
    if (result == OPERATION_DONE)
        result = operation_in_transaction(operation, end_sessions_of, &work);
    if (result != OPERATION_DONE)
        return result;
    struct json *report = report_of(operation, &work.who);
    json_put_integer(operation->context->arena, report, "sessions", work.count);
    operation_report(operation, report, "%s: %s ended", work.who.display,
                     sessions_text(operation, work.count));
    return OPERATION_DONE;
}

/* 1 and whose it is, 0 if there is no such session, -1. */
static int find_session(struct operation *operation, int64_t *account) {
    struct arena *arena = operation->context->arena;
    unsigned char hash[DIGEST_SIZE];
    struct query query;
    if (base64url_decode_exactly(arena, operation->session, hash, sizeof(hash)) != 0) {
        arena_forget_error(arena);
        return 0;
    }
    query_open(operation->context, &query, STATEMENT_OPERATOR_SESSION_ACCOUNT);
    query_put_bytes(&query, hash, sizeof(hash));
    int found = query_next(&query);
    if (found == 1)
        *account = query_integer(&query);
    query_close(&query);
    return found;
}

static int end_one_session(struct operation *operation, void *closure) {
    struct work *work = closure;
    if (session_end(operation->context, work->who.account, operation->session) != 0)
        return -1;
    return record(operation, EVENT_SESSIONS_ENDED, work->who.account, "1");
}

static int revoke_session(struct operation *operation) {
    struct arena *arena = operation->context->arena;
    struct work work = {.count = 1};
    int found = find_session(operation, &work.who.account);
    if (found < 0)
        return -1;
    if (found == 0)
        return operation_refuse(operation, "there is no session %s", operation->session);
    if (operation_in_transaction(operation, end_one_session, &work) != 0)
        return -1;
    struct json *report = json_object(arena);
    json_put_string(arena, report, "session", operation->session);
    json_put_integer(arena, report, "sessions", work.count);
    operation_report(operation, report, "session %s ended", operation->session);
    return OPERATION_DONE;
}

/* The events first: they tell how many there were of each. */
static int end_everybodys_sessions(struct operation *operation, void *closure) {
    struct context *context = operation->context;
    struct work *work = closure;
    struct query query;
    query_open(context, &query, STATEMENT_OPERATOR_END_ALL_EVENTS);
    query_put_integer(&query, context_now(context));
    query_put_text(&query, event_name(EVENT_SESSIONS_ENDED));
    query_put_text(&query, context->request_id);
    if (query_run(&query) != 0)
        return -1;
    query_open(context, &query, STATEMENT_OPERATOR_END_ALL);
    if (query_run(&query) != 0)
        return -1;
    work->count = database_changes(context);
    return 0;
}

static int revoke_all(struct operation *operation) {
    struct arena *arena = operation->context->arena;
    struct work work = {.count = 0};
    if (!operation_is_agreed(operation, "End the sessions of all users?"))
        return OPERATION_WRONG;
    if (operation_in_transaction(operation, end_everybodys_sessions, &work) != 0)
        return -1;
    struct json *report = json_object(arena);
    json_put_integer(arena, report, "sessions", work.count);
    operation_report(operation, report, "%s ended", sessions_text(operation, work.count));
    return OPERATION_DONE;
}

int intervention_revoke(struct operation *operation) {
    int ways = (operation->count > 0) + (operation->session != NULL) + operation->all;
    if (ways != 1)
        return operation_misuse(operation, "revoke wants a USER, --session SESSION or --all");
    if (operation->all)
        return revoke_all(operation);
    return operation->session != NULL ? revoke_session(operation) : revoke_user(operation);
}

/* ---- block, unblock -------------------------------------------------------------------------- */

static int block(struct operation *operation, void *closure) {
    struct work *work = closure;
    if (account_block(operation->context, work->who.account) != 0)
        return -1;
    work->count = database_changes(operation->context);
    return record(operation, EVENT_BLOCKED, work->who.account, NULL);
}

int intervention_block(struct operation *operation) {
    struct work work = {.count = 0};
    int result = find_user(operation, &work.who);
    if (result == OPERATION_DONE)
        result = operation_in_transaction(operation, block, &work);
    if (result != OPERATION_DONE)
        return result;
    struct json *report = report_of(operation, &work.who);
    json_put_boolean(operation->context->arena, report, "blocked", true);
    json_put_integer(operation->context->arena, report, "sessions", work.count);
    operation_report(operation, report, "%s: blocked, %s ended", work.who.display,
                     sessions_text(operation, work.count));
    return OPERATION_DONE;
}

static int unblock(struct operation *operation, void *closure) {
    struct work *work = closure;
    if (account_unblock(operation->context, work->who.account) != 0)
        return -1;
    work->count = database_changes(operation->context);
    return work->count == 0 ? 0 : record(operation, EVENT_UNBLOCKED, work->who.account, NULL);
}

int intervention_unblock(struct operation *operation) {
    struct work work = {.count = 0};
    int result = find_user(operation, &work.who);
    if (result == OPERATION_DONE)
        result = operation_in_transaction(operation, unblock, &work);
    if (result != OPERATION_DONE)
        return result;
    struct json *report = report_of(operation, &work.who);
    json_put_boolean(operation->context->arena, report, "blocked", false);
    operation_report(operation, report, "%s: %s", work.who.display,
                     work.count == 0 ? "was not blocked" : "not blocked any more");
    return OPERATION_DONE;
}

/* ---- delete, export -------------------------------------------------------------------------- */

static int delete_account(struct operation *operation, void *closure) {
    struct work *work = closure;
    return farewell_prepare(operation->context, work->who.account, TOKENS_OF_ALL,
                            &work->farewell) != 0 ||
                   record(operation, EVENT_DELETED, work->who.account, NULL) != 0
               ? -1
               : account_delete(operation->context, work->who.account);
}

int intervention_delete(struct operation *operation) {
    struct arena *arena = operation->context->arena;
    struct work work = {.count = 0};
    int result = find_user(operation, &work.who);
    if (result != OPERATION_DONE)
        return result;
    const char *question =
        arena_format(arena, "Delete %s, with all that is stored of them? This cannot be undone.",
                     work.who.display);
    if (!operation_is_agreed(operation, question))
        return OPERATION_WRONG;
    if (operation_in_transaction(operation, delete_account, &work) != 0)
        return -1;
    farewell_say(operation->context, &work.farewell);
    struct json *report = report_of(operation, &work.who);
    json_put_boolean(arena, report, "deleted", true);
    operation_report(operation, report, "%s: deleted", work.who.display);
    return OPERATION_DONE;
}

static int export(struct operation *operation, void *closure) {
    struct work *work = closure;
    return export_account(operation->context, work->who.account, &work->document) != 0
               ? -1
               : record(operation, EVENT_EXPORTED, work->who.account, NULL);
}

int intervention_export(struct operation *operation) {
    struct work work = {.document = NULL};
    int result = find_user(operation, &work.who);
    if (result == OPERATION_DONE)
        result = operation_in_transaction(operation, export, &work);
    if (result == OPERATION_DONE)
        console_print_json(operation->context->arena, work.document);
    return result;
}

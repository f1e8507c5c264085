#include "login/export.h"

#include "edge/config.h"
#include "edge/database.h"
#include "login/account.h"
#include "login/event.h"
#include "login/membership.h"

/* The document while it grows. */
struct exported {
    struct context *context;
    int64_t account;
    struct json *document;
};

/* Reads the columns of a row into an object. */
typedef void read_row(struct arena *arena, struct query *query, struct json *row);

static void put_text(struct arena *arena, struct query *query, struct json *row, const char *name) {
    json_put_string(arena, row, name, query_text(query));
}

static void put_integer(struct arena *arena, struct query *query, struct json *row,
                        const char *name) {
    json_put_integer(arena, row, name, query_integer(query));
}

static void put_boolean(struct arena *arena, struct query *query, struct json *row,
                        const char *name) {
    json_put_boolean(arena, row, name, query_integer(query) != 0);
}

/* A time that may be unknown. */
static void put_time(struct arena *arena, struct query *query, struct json *row, const char *name) {
    int64_t time = query_integer(query);
    if (time != 0)
        json_put_integer(arena, row, name, time);
}

static void open_query(const struct exported *exported, struct query *query,
                       enum statement statement) {
    query_open(exported->context, query, statement);
    query_put_integer(query, exported->account);
}

/* One row, into `row`. 1, 0 if there is none, -1. */
static int put_row(const struct exported *exported, enum statement statement, read_row *read,
                   struct json *row) {
    struct query query;
    open_query(exported, &query, statement);
    int found = query_next(&query);
    if (found == 1)
        read(exported->context->arena, &query, row);
    query_close(&query);
    return found;
}

/* The statement takes the account and how many. */
static int put_rows(const struct exported *exported, enum statement statement, read_row *read,
                    const char *name) {
    struct arena *arena = exported->context->arena;
    struct json *list = json_array(arena);
    struct query query;
    open_query(exported, &query, statement);
    query_put_integer(&query, EXPORT_LIMIT);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct json *row = json_object(arena);
        read(arena, &query, row);
        json_append(list, row);
    }
    query_close(&query);
    json_put(arena, exported->document, name, list);
    return found;
}

/* ---- the account ----------------------------------------------------------------------------- */

static void read_account(struct arena *arena, struct query *query, struct json *row) {
    put_text(arena, query, row, "sub");
    put_text(arena, query, row, "name");
    put_text(arena, query, row, "email");
    put_boolean(arena, query, row, "email_verified");
    put_text(arena, query, row, "picture");
    put_text(arena, query, row, "locale");
    put_integer(arena, query, row, "created_at");
    put_integer(arena, query, row, "updated_at");
}

static void read_block(struct arena *arena, struct query *query, struct json *row) {
    put_integer(arena, query, row, "blocked_at");
}

static int put_account(const struct exported *exported) {
    struct arena *arena = exported->context->arena;
    struct json *row = json_object(arena);
    json_put(arena, exported->document, "account", row);
    int found = put_row(exported, STATEMENT_ACCOUNT_LOAD, read_account, row);
    if (found == 0)
        return fail(arena, ERROR_NOT_YOURS, "there is no such account");
    return found < 0 || put_row(exported, STATEMENT_BLOCK_FIND, read_block, row) < 0 ? -1 : 0;
}

/* An identity that was chosen and is no more is no choice. */
static void read_shown(struct arena *arena, struct query *query, struct json *row) {
    put_time(arena, query, row, "name_identity");
    put_time(arena, query, row, "email_identity");
}

static int put_shown(const struct exported *exported) {
    struct arena *arena = exported->context->arena;
    struct json *row = json_object(arena);
    int found = put_row(exported, STATEMENT_SHOWN_LOAD, read_shown, row);
    if (found == 1)
        json_put(arena, exported->document, "shown", row);
    return found < 0 ? -1 : 0;
}

/* ---- what it has ----------------------------------------------------------------------------- */

static int add_identity(struct arena *arena, const struct identity *identity, struct json *list) {
    struct json *row = json_object(arena);
    struct json *groups = NULL;
    if (membership_groups(arena, identity->groups, &groups) != 0)
        return -1;
    json_put_integer(arena, row, "id", identity->id);
    json_put_string(arena, row, "provider", identity->provider);
    json_put_string(arena, row, "issuer", identity->issuer);
    json_put_string(arena, row, "subject", identity->subject);
    json_put_string(arena, row, "name", identity->name);
    json_put_string(arena, row, "email", identity->email);
    json_put_boolean(arena, row, "email_verified", identity->email_verified);
    json_put_string(arena, row, "picture", identity->picture);
    json_put(arena, row, "groups", groups);
    json_put_integer(arena, row, "created_at", identity->created_at);
    json_put_integer(arena, row, "last_login_at", identity->last_login_at);
    json_append(list, row);
    return 0;
}

static int put_identities(const struct exported *exported) {
    struct arena *arena = exported->context->arena;
    struct json *list = json_array(arena);
    struct identity *identities = NULL;
    if (account_identities(exported->context, exported->account, &identities) != 0)
        return -1;
    for (; identities != NULL; identities = identities->next)
        if (add_identity(arena, identities, list) != 0)
            return -1;
    json_put(arena, exported->document, "identities", list);
    return 0;
}

static void read_session(struct arena *arena, struct query *query, struct json *row) {
    put_integer(arena, query, row, "identity");
    put_text(arena, query, row, "provider");
    put_text(arena, query, row, "issuer");
    put_text(arena, query, row, "sid");
    put_integer(arena, query, row, "created_at");
    put_integer(arena, query, row, "last_seen");
    put_integer(arena, query, row, "expires_at");
    put_text(arena, query, row, "user_agent");
    put_text(arena, query, row, "address");
    put_boolean(arena, query, row, "id_token");
    put_text(arena, query, row, "id_token_alg");
}

static void read_tokens(struct arena *arena, struct query *query, struct json *row) {
    put_integer(arena, query, row, "identity");
    put_text(arena, query, row, "provider");
    put_text(arena, query, row, "scope");
    put_text(arena, query, row, "asked_scope");
    put_time(arena, query, row, "expires_at");
    put_integer(arena, query, row, "updated_at");
    put_boolean(arena, query, row, "refresh_token");
    put_integer(arena, query, row, "refreshes");
    put_time(arena, query, row, "failed_at");
}

static int put_events(const struct exported *exported) {
    struct json *events = NULL;
    if (event_list(exported->context, exported->account, EXPORT_LIMIT, &events) != 0)
        return -1;
    json_put(exported->context->arena, exported->document, "events", events);
    return 0;
}

int export_account(struct context *context, int64_t account, struct json **document) {
    struct arena *arena = context->arena;
    const struct exported exported = {context, account, json_object(arena)};
    *document = exported.document;
    json_put_string(arena, *document, "site", context->config->base_url);
    json_put_integer(arena, *document, "exported_at", context_now(context));
    return put_account(&exported) != 0 || put_shown(&exported) != 0 ||
                   put_identities(&exported) != 0 ||
                   put_rows(&exported, STATEMENT_EXPORT_SESSIONS, read_session, "sessions") != 0 ||
                   put_rows(&exported, STATEMENT_EXPORT_TOKENS, read_tokens, "tokens") != 0 ||
                   put_events(&exported) != 0
               ? -1
               : 0;
}

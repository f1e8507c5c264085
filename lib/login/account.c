#include "login/account.h"

#include "base/secret.h"
#include "edge/database.h"
#include "format/base64url.h"

/* OpenID Connect Core 2 wants `sub` never reassigned: 128 random bits will not be. */
static char *new_sub(struct arena *arena) {
    unsigned char bytes[16];
    secret_random(bytes, sizeof(bytes));
    return base64url_encode(arena, bytes, sizeof(bytes));
}

/* The id that an INSERT … RETURNING gave. */
static int run_returning(struct query *query, int64_t *id) {
    int found = query_next(query);
    if (found == 1) {
        *id = query_integer(query);
        found = query_next(query); /* to its end, so that the row is written */
    }
    query_close(query);
    return found < 0 ? -1 : 0;
}

/* 1 and the ids, 0 if nobody has this identity, -1. */
static int find(struct context *context, const struct person *person, struct account_ids *ids) {
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_FIND);
    query_put_text(&query, person->issuer);
    query_put_text(&query, person->subject);
    int found = query_next(&query);
    if (found == 1) {
        ids->identity = query_integer(&query);
        ids->account = query_integer(&query);
    }
    query_close(&query);
    return found;
}

/* name, email, email_verified, picture: in this order in every statement that has them. */
static void put_claims(struct query *query, const struct person *person) {
    query_put_text(query, person->name);
    query_put_text(query, person->email);
    query_put_integer(query, person->email_verified);
    query_put_text(query, person->picture);
}

static int insert_account(struct context *context, const struct person *person, int64_t now,
                          int64_t *account) {
    struct query query;
    query_open(context, &query, STATEMENT_ACCOUNT_INSERT);
    query_put_text(&query, new_sub(context->arena));
    put_claims(&query, person);
    query_put_text(&query, person->locale);
    query_put_integer(&query, now);
    query_put_integer(&query, now);
    return run_returning(&query, account);
}

static int insert_identity(struct context *context, const struct provider *provider,
                           const struct person *person, int64_t now, struct account_ids *ids) {
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_INSERT);
    query_put_integer(&query, ids->account);
    query_put_text(&query, person->issuer);
    query_put_text(&query, person->subject);
    query_put_text(&query, provider->id);
    put_claims(&query, person);
    query_put_integer(&query, now);
    query_put_integer(&query, now);
    return run_returning(&query, &ids->identity);
}

static int update_account(struct context *context, const struct person *person, int64_t now,
                          int64_t account) {
    struct query query;
    query_open(context, &query, STATEMENT_ACCOUNT_UPDATE);
    put_claims(&query, person);
    query_put_text(&query, person->locale);
    query_put_integer(&query, now);
    query_put_integer(&query, account);
    return query_run(&query);
}

static int update_identity(struct context *context, const struct provider *provider,
                           const struct person *person, int64_t now, int64_t identity) {
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_UPDATE);
    query_put_text(&query, provider->id);
    put_claims(&query, person);
    query_put_integer(&query, now);
    query_put_integer(&query, identity);
    return query_run(&query);
}

int account_sign_in(struct context *context, const struct provider *provider,
                    const struct person *person, struct account_ids *ids) {
    int64_t now = context_now(context);
    *ids = (struct account_ids){.created = false};
    int found = find(context, person, ids);
    if (found < 0)
        return -1;
    if (found == 1) {
        if (update_account(context, person, now, ids->account) != 0)
            return -1;
        return update_identity(context, provider, person, now, ids->identity);
    }

    ids->created = true;
    if (insert_account(context, person, now, &ids->account) != 0)
        return -1;
    return insert_identity(context, provider, person, now, ids);
}

int account_identities(struct context *context, int64_t account, struct json **identities) {
    struct arena *arena = context->arena;
    struct query query;
    *identities = json_array(arena);
    query_open(context, &query, STATEMENT_IDENTITY_LIST);
    query_put_integer(&query, account);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct json *identity = json_object(arena);
        json_put_string(arena, identity, "provider", query_text(&query));
        json_put_string(arena, identity, "sub", query_text(&query));
        json_put_string(arena, identity, "email", query_text(&query));
        json_append(*identities, identity);
    }
    query_close(&query);
    return found;
}

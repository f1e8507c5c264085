#include "login/tokens.h"

#include "base/secret.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/vault.h"

#define SEALED_AT_ONCE 50 /* rows a transaction */

/* ---- sealing --------------------------------------------------------------------------------- */

/* Whose tokens: a row's number may be given to another row after it, this never. */
struct owner {
    const char *issuer;
    const char *subject;
};

static char *vault_context(struct arena *arena, const struct owner *owner, const char *kind) {
    return arena_format(arena, "tokens.%s %s %s", kind, owner->issuer, owner->subject);
}

/* *locked = NULL for NULL. */
static int lock(struct arena *arena, const struct key_ring *ring, const struct owner *owner,
                const char *kind, const char *token, char **locked) {
    *locked = NULL;
    return token == NULL
               ? 0
               : vault_lock(arena, ring, vault_context(arena, owner, kind), token, locked);
}

static const char *unlock(struct arena *arena, const struct key_ring *ring,
                          const struct owner *owner, const char *kind, const char *locked) {
    char *token = NULL;
    if (locked == NULL ||
        vault_unlock(arena, ring, vault_context(arena, owner, kind), locked, &token) != 0)
        return NULL;
    return token;
}

/* ---- keeping --------------------------------------------------------------------------------- */

static int save(struct context *context, const struct provider *provider, int64_t identity,
                const struct token_response *response, const char *access_token,
                const char *refresh_token) {
    int64_t now = context_now(context);
    struct query query;
    query_open(context, &query, STATEMENT_TOKENS_SAVE);
    query_put_integer(&query, identity);
    query_put_text(&query, provider_path(context->arena, provider));
    query_put_text(&query, access_token);
    query_put_text(&query, refresh_token);
    query_put_text(&query, response->scope);
    if (response->expires_in > 0)
        query_put_integer(&query, now + response->expires_in);
    else
        query_put_text(&query, NULL);
    query_put_integer(&query, now);
    return query_run(&query);
}

int tokens_keep(struct context *context, const struct provider *provider,
                const struct person *person, int64_t identity,
                const struct token_response *response) {
    struct arena *arena = context->arena;
    const struct owner owner = {person->issuer, person->subject};
    struct key_ring ring;
    char *access_token = NULL;
    char *refresh_token = NULL;
    if (!provider->offline_access || response->access_token == NULL)
        return 0;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    int result =
        lock(arena, &ring, &owner, "access_token", response->access_token, &access_token) != 0 ||
                lock(arena, &ring, &owner, "refresh_token", response->refresh_token,
                     &refresh_token) != 0
            ? -1
            : 0;
    secret_wipe(&ring, sizeof(ring));
    return result != 0 ? -1
                       : save(context, provider, identity, response, access_token, refresh_token);
}

/* ---- reading --------------------------------------------------------------------------------- */

/* A row as it is, sealed. */
struct row {
    struct tokens tokens;
    struct owner owner;
    struct row *next;
};

static int load_rows(struct context *context, int64_t account, int64_t identity,
                     struct row **rows) {
    struct row **end = rows;
    struct query query;
    *rows = NULL;
    query_open(context, &query, STATEMENT_TOKENS_LOAD);
    query_put_integer(&query, account);
    query_put_integer(&query, identity);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct row *row = arena_alloc(context->arena, sizeof(*row));
        row->tokens.identity = query_integer(&query);
        row->owner.issuer = query_text(&query);
        row->owner.subject = query_text(&query);
        row->tokens.provider = query_text(&query);
        row->tokens.access_token = query_text(&query);
        row->tokens.refresh_token = query_text(&query);
        row->tokens.scope = query_text(&query);
        row->tokens.expires_at = query_integer(&query);
        *end = row;
        end = &row->next;
    }
    query_close(&query);
    return found;
}

int tokens_load(struct context *context, int64_t account, int64_t identity, struct tokens **list) {
    struct arena *arena = context->arena;
    struct tokens **end = list;
    struct row *rows = NULL;
    struct key_ring ring;
    *list = NULL;
    if (load_rows(context, account, identity, &rows) != 0)
        return -1;
    if (rows == NULL)
        return 0;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    for (struct row *row = rows; row != NULL; row = row->next) {
        struct tokens *tokens = &row->tokens;
        tokens->access_token =
            unlock(arena, &ring, &row->owner, "access_token", tokens->access_token);
        tokens->refresh_token =
            unlock(arena, &ring, &row->owner, "refresh_token", tokens->refresh_token);
        *end = tokens;
        end = &tokens->next;
    }
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

/* ---- a new key ------------------------------------------------------------------------------- */

/* The next rows behind *last that another key has sealed; *count of them. */
static int find_to_seal(struct context *context, const struct key_ring *ring, int64_t last,
                        struct row rows[SEALED_AT_ONCE], int *count) {
    struct query query;
    *count = 0;
    query_open(context, &query, STATEMENT_TOKENS_TO_SEAL);
    query_put_text(&query, ring->keys[0].id);
    query_put_integer(&query, last);
    query_put_integer(&query, SEALED_AT_ONCE);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct row *row = &rows[(*count)++];
        row->tokens.identity = query_integer(&query);
        row->owner.issuer = query_text(&query);
        row->owner.subject = query_text(&query);
        row->tokens.access_token = query_text(&query);
        row->tokens.refresh_token = query_text(&query);
    }
    query_close(&query);
    return found;
}

static int seal_row(struct context *context, const struct key_ring *ring, const struct row *row,
                    int64_t *count) {
    struct arena *arena = context->arena;
    const struct tokens *sealed = &row->tokens;
    const struct owner *owner = &row->owner;
    const char *access_token = unlock(arena, ring, owner, "access_token", sealed->access_token);
    const char *refresh_token = unlock(arena, ring, owner, "refresh_token", sealed->refresh_token);
    char *access_locked = NULL;
    char *refresh_locked = NULL;
    struct query query;
    if (access_token == NULL || (refresh_token == NULL && sealed->refresh_token != NULL))
        return 0;
    if (lock(arena, ring, owner, "access_token", access_token, &access_locked) != 0 ||
        lock(arena, ring, owner, "refresh_token", refresh_token, &refresh_locked) != 0)
        return -1;
    query_open(context, &query, STATEMENT_TOKENS_SEALED);
    query_put_text(&query, access_locked);
    query_put_text(&query, refresh_locked);
    query_put_integer(&query, sealed->identity);
    (*count)++;
    return query_run(&query);
}

/* Goes on behind *last, and leaves it at the portion's last row; *rows = how many it saw. */
static int seal_portion(struct context *context, const struct key_ring *ring, int64_t *last,
                        int *rows, int64_t *count) {
    struct row portion[SEALED_AT_ONCE];
    if (find_to_seal(context, ring, *last, portion, rows) != 0)
        return -1;
    for (int i = 0; i < *rows; i++) {
        if (seal_row(context, ring, &portion[i], count) != 0)
            return -1;
        *last = portion[i].tokens.identity;
    }
    return 0;
}

int tokens_seal_anew(struct context *context, const struct key_ring *ring, int64_t *count) {
    int64_t last = 0;
    int rows = SEALED_AT_ONCE;
    *count = 0;
    while (rows == SEALED_AT_ONCE) {
        if (database_begin(context) != 0)
            return -1;
        if (seal_portion(context, ring, &last, &rows, count) != 0) {
            database_rollback(context);
            return -1;
        }
        if (database_commit(context) != 0)
            return -1;
    }
    return 0;
}

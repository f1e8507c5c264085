#include "login/tokens.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/vault.h"
#include "oauth/scope.h"

#include <string.h>

#define SEALED_AT_ONCE 50 /* rows a transaction */

/* ---- sealing --------------------------------------------------------------------------------- */

/* What is sealed of a row, in the order of the columns in every statement that has them. */
enum sealed { ACCESS_TOKEN, REFRESH_TOKEN, TOKEN_SECRET, REFRESH_PARAMETERS, SEALED_COUNT };

/* Whose tokens: a row's number may be given to another row after it, this never. */
static char *vault_context(struct arena *arena, const struct tokens *owner, enum sealed kind) {
    static const char *const names[SEALED_COUNT] = {
        [ACCESS_TOKEN] = "access_token",
        [REFRESH_TOKEN] = "refresh_token",
        [TOKEN_SECRET] = "token_secret",
        [REFRESH_PARAMETERS] = "refresh_parameters",
    };
    return arena_format(arena, "tokens.%s %s %s", names[kind], owner->issuer, owner->subject);
}

/* Where a kind stands in the struct. */
static const char **place_of(struct tokens *tokens, enum sealed kind) {
    const char **const places[SEALED_COUNT] = {
        [ACCESS_TOKEN] = &tokens->access_token,
        [REFRESH_TOKEN] = &tokens->refresh_token,
        [TOKEN_SECRET] = &tokens->token_secret,
        [REFRESH_PARAMETERS] = &tokens->refresh_parameters,
    };
    return places[kind];
}

static int lock_all(struct arena *arena, const struct key_ring *ring, struct tokens *tokens) {
    for (int kind = 0; kind < SEALED_COUNT; kind++) {
        const char **place = place_of(tokens, (enum sealed)kind);
        char *locked = NULL;
        if (*place != NULL &&
            vault_lock(arena, ring, vault_context(arena, tokens, (enum sealed)kind), *place,
                       &locked) != 0)
            return -1;
        *place = locked;
    }
    return 0;
}

static const char *unlock(struct arena *arena, const struct key_ring *ring,
                          const struct tokens *tokens, enum sealed kind, const char *locked) {
    char *opened = NULL;
    if (locked == NULL ||
        vault_unlock(arena, ring, vault_context(arena, tokens, kind), locked, &opened) != 0)
        return NULL;
    return opened;
}

static void unlock_all(struct arena *arena, const struct key_ring *ring, struct tokens *tokens) {
    for (int kind = 0; kind < SEALED_COUNT; kind++) {
        const char **place = place_of(tokens, (enum sealed)kind);
        *place = unlock(arena, ring, tokens, (enum sealed)kind, *place);
    }
}

/* *sealed = the same, sealed with the newest key. */
static int seal(struct context *context, const struct tokens *tokens, struct tokens *sealed) {
    struct key_ring ring;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    *sealed = *tokens;
    int result = lock_all(context->arena, &ring, sealed);
    secret_wipe(&ring, sizeof(ring));
    return result;
}

/* ---- reading --------------------------------------------------------------------------------- */

static void read_sealed(struct query *query, struct tokens *tokens) {
    for (int kind = 0; kind < SEALED_COUNT; kind++)
        *place_of(tokens, (enum sealed)kind) = query_text(query);
}

static struct tokens *read_row(struct context *context, struct query *query) {
    struct tokens *row = arena_alloc(context->arena, sizeof(*row));
    row->identity = query_integer(query);
    row->issuer = query_text(query);
    row->subject = query_text(query);
    row->provider = query_text(query);
    read_sealed(query, row);
    row->scope = query_text(query);
    row->asked_scope = query_text(query);
    row->expires_at = query_integer(query);
    row->updated_at = query_integer(query);
    row->failed_at = query_integer(query);
    return row;
}

/* All rows of a query, opened; closes it. */
static int read_rows(struct context *context, struct query *query, struct tokens **list) {
    struct tokens **end = list;
    struct key_ring ring;
    *list = NULL;
    int found = query_next(query);
    for (; found == 1; found = query_next(query)) {
        *end = read_row(context, query);
        end = &(*end)->next;
    }
    query_close(query);
    if (found != 0 || *list == NULL)
        return found;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    for (struct tokens *tokens = *list; tokens != NULL; tokens = tokens->next)
        unlock_all(context->arena, &ring, tokens);
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

int tokens_load(struct context *context, int64_t account, int64_t identity, struct tokens **list) {
    struct query query;
    query_open(context, &query, STATEMENT_TOKENS_LOAD);
    query_put_integer(&query, account);
    query_put_integer(&query, identity);
    return read_rows(context, &query, list);
}

/* *tokens = the identity's, whosesoever it is; NULL: there are none. */
static int load_of(struct context *context, int64_t identity, struct tokens **tokens) {
    struct query query;
    query_open(context, &query, STATEMENT_TOKENS_OF_IDENTITY);
    query_put_integer(&query, identity);
    return read_rows(context, &query, tokens);
}

/* "ID", or "ID/INSTANCE". */
bool tokens_are_of(const struct tokens *tokens, const char *provider) {
    size_t length = strlen(provider);
    return text_starts_with(tokens->provider, provider) &&
           (tokens->provider[length] == '\0' || tokens->provider[length] == '/');
}

int tokens_load_provider(struct context *context, const struct tokens *tokens,
                         struct provider *provider) {
    char *instance = arena_text(context->arena, tokens->provider);
    const char *id = text_cut(&instance, '/');
    return id == NULL ? provider_load(context, instance, NULL, provider)
                      : provider_load(context, id, instance, provider);
}

/* ---- keeping --------------------------------------------------------------------------------- */

bool tokens_are_kept(const struct config *config, const struct provider *provider) {
    if (provider->offline_access)
        return true;
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next) {
        const struct ini_setting *named =
            text_equal(section->kind, "api") ? ini_setting(section, "provider") : NULL;
        if (named != NULL && text_equal(named->value, provider->id))
            return true;
    }
    return false;
}

static void put_time(struct query *query, int64_t time) {
    if (time > 0)
        query_put_integer(query, time);
    else
        query_put_text(query, NULL);
}

static int save(struct context *context, const struct tokens *tokens) {
    struct tokens sealed;
    struct query query;
    if (seal(context, tokens, &sealed) != 0)
        return -1;
    query_open(context, &query, STATEMENT_TOKENS_SAVE);
    query_put_integer(&query, sealed.identity);
    query_put_text(&query, sealed.provider);
    for (int kind = 0; kind < SEALED_COUNT; kind++)
        query_put_text(&query, *place_of(&sealed, (enum sealed)kind));
    query_put_text(&query, sealed.scope);
    query_put_text(&query, sealed.asked_scope);
    put_time(&query, sealed.expires_at);
    query_put_integer(&query, sealed.updated_at);
    return query_run(&query);
}

static int64_t end_of(int64_t now, const struct token_response *response) {
    return response->expires_in > 0 ? now + response->expires_in : 0;
}

/* Of use still: it has not ended, or can be had anew. */
static bool is_alive(const struct tokens *tokens, int64_t now) {
    bool holds = tokens->expires_at == 0 || tokens->expires_at > now;
    return tokens->refresh_token != NULL || (tokens->access_token != NULL && holds);
}

static bool is_wider(const struct tokens *earlier, const struct tokens *tokens) {
    return text_equal(earlier->provider, tokens->provider) &&
           !scope_covers(tokens->scope, earlier->scope);
}

int tokens_keep(struct context *context, const struct provider *provider,
                const struct person *person, int64_t identity, const struct token_grant *grant) {
    const struct token_response *response = grant->response;
    const int64_t now = context_now(context);
    struct tokens *earlier = NULL;
    const struct tokens tokens = {
        .identity = identity,
        .issuer = person->issuer,
        .subject = person->subject,
        .provider = provider_path(context->arena, provider),
        .access_token = response->access_token,
        .refresh_token = response->refresh_token,
        .token_secret = response->token_secret,
        .refresh_parameters = grant->refresh_parameters,
        .scope = response->scope != NULL ? response->scope : grant->asked_scope,
        .asked_scope = grant->asked_scope,
        .expires_at = end_of(now, response),
        .updated_at = now,
    };
    if (!tokens_are_kept(context->config, provider) || response->access_token == NULL)
        return 0;
    if (load_of(context, identity, &earlier) != 0)
        return -1;
    bool stays = earlier != NULL && !grant->is_for_api && is_alive(earlier, now) &&
                 is_wider(earlier, &tokens);
    return stays ? 0 : save(context, &tokens);
}

/* ---- refreshing ------------------------------------------------------------------------------ */

static int run_on(struct context *context, enum statement statement, int64_t identity) {
    struct query query;
    query_open(context, &query, statement);
    query_put_integer(&query, identity);
    return query_run(&query);
}

int tokens_begin_refresh(struct context *context, int64_t identity) {
    return run_on(context, STATEMENT_TOKENS_BEGIN_REFRESH, identity);
}

int tokens_refresh_failed(struct context *context, int64_t identity) {
    struct query query;
    query_open(context, &query, STATEMENT_TOKENS_REFRESH_FAILED);
    query_put_integer(&query, context_now(context));
    query_put_integer(&query, identity);
    return query_run(&query);
}

/* Whether what is there now still goes back to the same refresh token. */
static bool is_of_same_grant(const struct tokens *now, const struct tokens *used) {
    return now != NULL && text_equal(now->provider, used->provider) &&
           secret_text_equal(now->refresh_token, used->refresh_token);
}

static int save_refreshed(struct context *context, const struct tokens *tokens) {
    struct tokens sealed;
    struct query query;
    if (seal(context, tokens, &sealed) != 0)
        return -1;
    query_open(context, &query, STATEMENT_TOKENS_REFRESHED);
    query_put_text(&query, sealed.access_token);
    query_put_text(&query, sealed.refresh_token);
    query_put_text(&query, sealed.scope);
    put_time(&query, sealed.expires_at);
    query_put_integer(&query, sealed.updated_at);
    query_put_integer(&query, sealed.identity);
    return query_run(&query);
}

static int save_rotated(struct context *context, const struct tokens *tokens) {
    struct tokens sealed;
    struct query query;
    if (seal(context, tokens, &sealed) != 0)
        return -1;
    query_open(context, &query, STATEMENT_TOKENS_ROTATED);
    query_put_text(&query, sealed.refresh_token);
    query_put_integer(&query, sealed.identity);
    return query_run(&query);
}

int tokens_keep_refreshed(struct context *context, const struct tokens *used,
                          const struct token_response *response, struct tokens **kept) {
    const int64_t now = context_now(context);
    if (load_of(context, used->identity, kept) != 0)
        return -1;
    struct tokens *tokens = *kept;
    if (!is_of_same_grant(tokens, used))
        return 0;
    /* RFC 6749 6: without a new one, the one that was used goes on. */
    if (response->refresh_token != NULL)
        tokens->refresh_token = response->refresh_token;
    tokens->failed_at = 0;
    /* An access token that cannot be opened (any more) is not another one. */
    if (tokens->access_token != NULL &&
        !secret_text_equal(tokens->access_token, used->access_token))
        return save_rotated(context, tokens);
    tokens->access_token = response->access_token;
    tokens->scope = response->scope != NULL ? response->scope : tokens->scope;
    tokens->expires_at = end_of(now, response);
    tokens->updated_at = now;
    return save_refreshed(context, tokens);
}

int tokens_forget(struct context *context, const struct tokens *used) {
    struct tokens *tokens = NULL;
    if (load_of(context, used->identity, &tokens) != 0)
        return -1;
    return is_of_same_grant(tokens, used) ? run_on(context, STATEMENT_TOKENS_DELETE, used->identity)
                                          : 0;
}

/* ---- a new key ------------------------------------------------------------------------------- */

/* The next rows behind *last that another key has sealed; *count of them. */
static int find_to_seal(struct context *context, const struct key_ring *ring, int64_t last,
                        struct tokens rows[SEALED_AT_ONCE], int *count) {
    struct query query;
    *count = 0;
    query_open(context, &query, STATEMENT_TOKENS_TO_SEAL);
    query_put_text(&query, ring->keys[0].id);
    query_put_integer(&query, last);
    query_put_integer(&query, SEALED_AT_ONCE);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct tokens *row = &rows[(*count)++];
        row->identity = query_integer(&query);
        row->issuer = query_text(&query);
        row->subject = query_text(&query);
        read_sealed(&query, row);
    }
    query_close(&query);
    return found;
}

static int save_sealed(struct context *context, struct tokens *sealed) {
    struct query query;
    query_open(context, &query, STATEMENT_TOKENS_SEALED);
    for (int kind = 0; kind < SEALED_COUNT; kind++)
        query_put_text(&query, *place_of(sealed, (enum sealed)kind));
    query_put_integer(&query, sealed->identity);
    return query_run(&query);
}

/* What there was of a row must all have been opened: else it is left. */
static int seal_row(struct context *context, const struct key_ring *ring, const struct tokens *row,
                    int64_t *count) {
    struct tokens sealed = *row;
    struct tokens opened = *row;
    unlock_all(context->arena, ring, &opened);
    for (int kind = 0; kind < SEALED_COUNT; kind++)
        if (*place_of(&sealed, (enum sealed)kind) != NULL &&
            *place_of(&opened, (enum sealed)kind) == NULL)
            return 0;
    if (lock_all(context->arena, ring, &opened) != 0)
        return -1;
    (*count)++;
    return save_sealed(context, &opened);
}

/* Goes on behind *last, and leaves it at the portion's last row; *rows = how many it saw. */
static int seal_portion(struct context *context, const struct key_ring *ring, int64_t *last,
                        int *rows, int64_t *count) {
    struct tokens portion[SEALED_AT_ONCE] = {{.identity = 0}};
    if (find_to_seal(context, ring, *last, portion, rows) != 0)
        return -1;
    for (int i = 0; i < *rows; i++) {
        if (seal_row(context, ring, &portion[i], count) != 0)
            return -1;
        *last = portion[i].identity;
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

#include "login/client.h"

#include "base/secret.h"
#include "edge/config.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/vault.h"
#include "login/grant.h"
#include "login/instance.h"
#include "login/sign_out.h"
#include "login/tokens.h"
#include "oauth/registration.h"
#include "oauth/scope.h"

#define SEALED_AT_ONCE 50 /* rows a transaction */

static char *vault_context(struct arena *arena, const char *issuer, const char *redirect_uri) {
    return arena_format(arena, "registrations.client_secret %s %s", issuer, redirect_uri);
}

/* 1 if there is one that still holds, 0 if not, -1. */
static int find(struct context *context, struct provider *provider, const char *redirect_uri,
                const struct key_ring *ring) {
    struct arena *arena = context->arena;
    struct query query;
    const char *locked = NULL;
    query_open(context, &query, STATEMENT_REGISTRATION_LOAD);
    query_put_text(&query, provider->identity_issuer);
    query_put_text(&query, redirect_uri);
    query_put_integer(&query, context_now(context));
    int found = query_next(&query);
    if (found == 1) {
        provider->client_id = query_text(&query);
        locked = query_text(&query);
        if (!provider_authentication_parse(query_text(&query), &provider->authentication))
            found = 0;
    }
    query_close(&query);
    if (found != 1 || locked == NULL)
        return found;

    char *secret = NULL;
    if (vault_unlock(arena, ring, vault_context(arena, provider->identity_issuer, redirect_uri),
                     locked, &secret) != 0)
        return 0;
    provider->client_secret = secret;
    return 1;
}

/* Only the one with that client_id, if it is not NULL: another process may have registered anew. */
static int delete_kept(struct context *context, const struct provider *provider,
                       const char *redirect_uri, const char *client_id) {
    struct query query;
    query_open(context, &query, STATEMENT_REGISTRATION_DELETE);
    query_put_text(&query, provider->identity_issuer);
    query_put_text(&query, redirect_uri);
    query_put_text(&query, client_id);
    return query_run(&query);
}

static int insert(struct context *context, const struct provider *provider,
                  const char *redirect_uri, const struct key_ring *ring,
                  const struct registration *registration) {
    struct arena *arena = context->arena;
    char *locked = NULL;
    if (registration->client_secret != NULL &&
        vault_lock(arena, ring, vault_context(arena, provider->identity_issuer, redirect_uri),
                   registration->client_secret, &locked) != 0)
        return -1;
    struct query query;
    query_open(context, &query, STATEMENT_REGISTRATION_INSERT);
    query_put_text(&query, provider->identity_issuer);
    query_put_text(&query, redirect_uri);
    query_put_text(&query, registration->client_id);
    query_put_text(&query, locked);
    query_put_text(&query, provider_authentication_name(registration->authentication));
    query_put_integer(&query, registration->expires_at);
    query_put_integer(&query, context_now(context));
    return query_run(&query);
}

/* A server that a visitor named is known by its redirect URI alone: what else it might send a
 * browser to us for says only which provider, not which of its instances. */
static struct registration_uris our_uris(struct context *context, const struct provider *provider,
                                         const char *redirect_uri) {
    struct arena *arena = context->arena;
    const struct config *config = context->config;
    struct registration_uris uris = {
        .redirect_uri = redirect_uri,
        .post_logout_redirect_uri = sign_out_return_uri(context),
    };
    if (provider->asks_instance)
        return uris;
    uris.backchannel_logout_uri = config_program_uri(
        arena, config, arena_format(arena, "logout.cgi/backchannel/%s", provider->id));
    uris.frontchannel_logout_uri = config_program_uri(
        arena, config, arena_format(arena, "logout.cgi/frontchannel/%s", provider->id));
    uris.initiate_login_uri = config_program_uri(arena, config, "login.cgi");
    return uris;
}

/* RFC 7591 2: what a client does not name when it registers it may not ask for later. */
static struct provider with_apis(struct context *context, const struct provider *provider) {
    struct provider wanted = *provider;
    wanted.scope = scope_union(context->arena, provider->scope,
                               grant_scope_of_all(context->arena, context->config, provider->id));
    wanted.offline_access = tokens_are_kept(context->config, provider);
    return wanted;
}

static int make(struct context *context, const struct provider *provider,
                const struct metadata *metadata, const char *redirect_uri,
                const struct key_ring *ring) {
    struct registration registration;
    const struct registration_uris uris = our_uris(context, provider, redirect_uri);
    const struct provider wanted = with_apis(context, provider);
    if (registration_request(context, &wanted, metadata, &uris, &registration) != 0)
        return -1;
    context_log(context, "registered",
                (struct log_field[]){
                    {"provider", provider->id}, {"instance", provider->instance}, {.name = NULL}});
    return insert(context, provider, redirect_uri, ring, &registration);
}

/* What is there has expired or cannot be opened: it makes room. Of several at once, the first
 * insert is the one that all use. */
static int find_or_make(struct context *context, struct provider *provider,
                        const struct metadata *metadata, const char *redirect_uri,
                        const struct key_ring *ring) {
    int found = find(context, provider, redirect_uri, ring);
    if (found != 0)
        return found;
    if (delete_kept(context, provider, redirect_uri, NULL) != 0 ||
        make(context, provider, metadata, redirect_uri, ring) != 0)
        return -1;
    return find(context, provider, redirect_uri, ring);
}

int client_load(struct context *context, struct provider *provider,
                const struct metadata *metadata) {
    struct key_ring ring;
    if (provider->registration == REGISTRATION_MANUAL)
        return 0;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    int found =
        find_or_make(context, provider, metadata, provider_redirect_uri(context, provider), &ring);
    secret_wipe(&ring, sizeof(ring));
    if (found == 0)
        return fail(context->arena, ERROR_REGISTRATION, "the registration is already over");
    return found < 0 ? -1 : 0;
}

/* As find(). */
static int look_up(struct context *context, struct provider *provider) {
    struct key_ring ring;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    int found = find(context, provider, provider_redirect_uri(context, provider), &ring);
    secret_wipe(&ring, sizeof(ring));
    return found;
}

int client_admit(struct context *context, const struct provider *provider) {
    struct provider known = *provider;
    if (!provider_is_strangers_choice(provider))
        return 0;
    int found = look_up(context, &known);
    if (found == 0)
        return instance_admit(context, provider->instance);
    return found < 0 ? -1 : 0;
}

int client_find(struct context *context, struct provider *provider) {
    if (provider->registration == REGISTRATION_MANUAL)
        return 0;
    int found = look_up(context, provider);
    if (found == 0)
        return fail(context->arena, ERROR_REGISTRATION, "we are not registered with %s",
                    provider->id);
    return found < 0 ? -1 : 0;
}

void client_forget(struct context *context, const struct provider *provider) {
    struct error first = context->arena->error;
    if (provider->registration == REGISTRATION_MANUAL)
        return;
    arena_forget_error(context->arena);
    if (delete_kept(context, provider, provider_redirect_uri(context, provider),
                    provider->client_id) != 0)
        context_forgive(context);
    context->arena->error = first;
}

/* ---- a new key ------------------------------------------------------------------------------- */

struct sealed_row {
    const char *issuer;
    const char *redirect_uri;
    const char *client_secret;
};

/* The next rows behind *last that another key has sealed; *count of them. */
static int find_to_seal(struct context *context, const struct key_ring *ring,
                        const struct sealed_row *last, struct sealed_row rows[SEALED_AT_ONCE],
                        int *count) {
    struct query query;
    *count = 0;
    query_open(context, &query, STATEMENT_OPERATOR_REGISTRATIONS_TO_SEAL);
    query_put_text(&query, ring->keys[0].id);
    query_put_text(&query, last->issuer);
    query_put_text(&query, last->redirect_uri);
    query_put_integer(&query, SEALED_AT_ONCE);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct sealed_row *row = &rows[(*count)++];
        row->issuer = query_text(&query);
        row->redirect_uri = query_text(&query);
        row->client_secret = query_text(&query);
    }
    query_close(&query);
    return found;
}

static int seal_row(struct context *context, const struct key_ring *ring,
                    const struct sealed_row *row, int64_t *count) {
    struct arena *arena = context->arena;
    const char *where = vault_context(arena, row->issuer, row->redirect_uri);
    char *secret = NULL;
    char *locked = NULL;
    struct query query;
    if (vault_unlock(arena, ring, where, row->client_secret, &secret) != 0)
        return 0;
    if (vault_lock(arena, ring, where, secret, &locked) != 0)
        return -1;
    query_open(context, &query, STATEMENT_OPERATOR_REGISTRATION_SEALED);
    query_put_text(&query, locked);
    query_put_text(&query, row->issuer);
    query_put_text(&query, row->redirect_uri);
    (*count)++;
    return query_run(&query);
}

/* Goes on behind *last, and leaves it at the portion's last row; *rows = how many it saw. */
static int seal_portion(struct context *context, const struct key_ring *ring,
                        struct sealed_row *last, int *rows, int64_t *count) {
    struct sealed_row portion[SEALED_AT_ONCE];
    if (find_to_seal(context, ring, last, portion, rows) != 0)
        return -1;
    for (int i = 0; i < *rows; i++)
        if (seal_row(context, ring, &portion[i], count) != 0)
            return -1;
    if (*rows > 0)
        *last = portion[*rows - 1];
    return 0;
}

int client_seal_anew(struct context *context, const struct key_ring *ring, int64_t *count) {
    struct sealed_row last = {.issuer = "", .redirect_uri = ""};
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

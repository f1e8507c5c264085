#include "login/temporary_credential.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/vault.h"

#include <string.h>

/* A token means nothing but to the provider, or the instance of it, that issued it; the path of one
 * holds no space. */
static void hash_id(struct arena *arena, const struct provider *provider, const char *token,
                    unsigned char hash[DIGEST_SIZE]) {
    const char *id = arena_format(arena, "%s %s", provider_path(arena, provider), token);
    digest_sha256(id, strlen(id), hash);
}

static char *vault_context(struct arena *arena, const unsigned char hash[DIGEST_SIZE]) {
    return arena_format(arena, "temporary_credentials.sealed %s",
                        base64url_encode(arena, hash, DIGEST_SIZE));
}

/* A state of ours is base64url: the first space ends it. */
static int lock(struct context *context, const unsigned char hash[DIGEST_SIZE], const char *secret,
                const char *state, char **sealed) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    int result = vault_lock(arena, &ring, vault_context(arena, hash),
                            arena_format(arena, "%s %s", state, secret), sealed);
    secret_wipe(&ring, sizeof(ring));
    return result;
}

static int unlock(struct context *context, const unsigned char hash[DIGEST_SIZE],
                  const char *sealed, const char **secret, const char **state) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    char *text = NULL;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    int result = vault_unlock(arena, &ring, vault_context(arena, hash), sealed, &text);
    secret_wipe(&ring, sizeof(ring));
    *state = result == 0 ? text_cut(&text, ' ') : NULL;
    *secret = text;
    return *state != NULL
               ? 0
               : fail(arena, ERROR_STATE_WRONG, "the temporary credentials cannot be opened");
}

/* More than one insert adds, so that logins that nobody finishes cannot make the table grow for
 * long. */
static int delete_expired(struct context *context) {
    struct query query;
    query_open(context, &query, STATEMENT_TEMPORARY_CREDENTIAL_DELETE_EXPIRED);
    query_put_integer(&query, context_now(context));
    return query_run(&query);
}

int temporary_credential_keep(struct context *context, const struct provider *provider,
                              const char *token, const char *secret, const char *state,
                              int64_t expires_at) {
    unsigned char hash[DIGEST_SIZE];
    char *sealed = NULL;
    hash_id(context->arena, provider, token, hash);
    if (lock(context, hash, secret, state, &sealed) != 0)
        return -1;

    struct query query;
    query_open(context, &query, STATEMENT_TEMPORARY_CREDENTIAL_SAVE);
    query_put_bytes(&query, hash, sizeof(hash));
    query_put_text(&query, sealed);
    query_put_integer(&query, expires_at);
    return query_run(&query) != 0 ? -1 : delete_expired(context);
}

/* 1 and the row, which is deleted as it is read; 0 if there is none; -1. */
static int take_row(struct context *context, const unsigned char hash[DIGEST_SIZE],
                    const char **sealed, int64_t *expires_at) {
    struct query query;
    query_open(context, &query, STATEMENT_TEMPORARY_CREDENTIAL_TAKE);
    query_put_bytes(&query, hash, DIGEST_SIZE);
    int found = query_next(&query);
    if (found == 1) {
        *sealed = query_text(&query);
        *expires_at = query_integer(&query);
        if (query_next(&query) < 0) /* to its end, so that the row is really gone */
            found = -1;
    }
    query_close(&query);
    return found;
}

int temporary_credential_take(struct context *context, const struct provider *provider,
                              const char *token, const char **secret, const char **state) {
    struct arena *arena = context->arena;
    unsigned char hash[DIGEST_SIZE];
    const char *sealed = NULL;
    int64_t expires_at = 0;
    hash_id(arena, provider, token, hash);
    int found = take_row(context, hash, &sealed, &expires_at);
    if (found < 0)
        return -1;
    if (found == 0)
        return fail(arena, ERROR_STATE_WRONG, "the oauth_token belongs to no login under way");
    if (context_now(context) >= expires_at)
        return fail(arena, ERROR_LOGIN_EXPIRED, "the temporary credentials are too old");
    return unlock(context, hash, sealed, secret, state);
}

#include "login/session.h"

#include "base/secret.h"
#include "edge/config.h"
#include "edge/cookie.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/signed_text.h"
#include "format/vault.h"

#define ID_SIZE 32
#define SEEN_PER_IDLE_TIMEOUT 20
#define SEEN_INTERVAL_MAX 3600 /* seconds */
#define COOKIE "session"
#define PURPOSE "latchkey session cookie v1"
#define CSRF_PURPOSE "latchkey csrf token v1"

/* The hash of an id: what the table knows it by. */
struct id_hash {
    unsigned char bytes[DIGEST_SIZE];
};

static struct id_hash hash_of(const unsigned char id[ID_SIZE]) {
    struct id_hash hash;
    digest_sha256(id, ID_SIZE, hash.bytes);
    return hash;
}

static char *hash_text(struct arena *arena, const struct id_hash *hash) {
    return base64url_encode(arena, hash->bytes, sizeof(hash->bytes));
}

static char *csrf_token(struct arena *arena, const struct key *key,
                        const unsigned char id[ID_SIZE]) {
    unsigned char mac[DIGEST_SIZE];
    digest_hmac(key->secret, sizeof(key->secret), CSRF_PURPOSE, id, ID_SIZE, mac);
    return base64url_encode(arena, mac, sizeof(mac));
}

static void set_cookie(struct context *context, struct response *response, const char *value) {
    response_cookie(response,
                    &(struct set_cookie){
                        .name = cookie_name(context->arena, context->config->secure, COOKIE),
                        .value = value,
                        .max_age = value == NULL ? 0 : context->config->absolute_timeout,
                        .secure = context->config->secure,
                    });
}

/* What a cookie that we signed says: which session, be it over or not. */
struct named_session {
    struct id_hash hash;
    const char *csrf_token;
};

/* *named = the session that this browser's cookie names; NULL also if it is not one of ours. */
static int read_cookie(struct context *context, const struct request *request,
                       struct named_session **named) {
    struct arena *arena = context->arena;
    const char *name = cookie_name(arena, context->config->secure, COOKIE);
    const char *value = NULL;
    *named = NULL;
    if (cookie_value(arena, request, name, &value) != 0)
        return -1;
    if (value == NULL)
        return 0;

    struct key_ring ring;
    const struct key *key = NULL;
    const char *payload = NULL;
    unsigned char id[ID_SIZE];
    if (state_dir_keys(context, "session", &ring) != 0)
        return -1;
    if (signed_text_open(arena, &ring, PURPOSE, value, &payload, &key) == 0 &&
        base64url_decode_exactly(arena, payload, id, sizeof(id)) == 0) {
        *named = arena_alloc(arena, sizeof(**named));
        (*named)->hash = hash_of(id);
        (*named)->csrf_token = csrf_token(arena, key, id);
    }
    arena_forget_error(arena);
    secret_wipe(id, sizeof(id));
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

/* ---- issuing --------------------------------------------------------------------------------- */

static int delete_row(struct context *context, const struct id_hash *hash) {
    struct query query;
    query_open(context, &query, STATEMENT_SESSION_DELETE);
    query_put_bytes(&query, hash->bytes, sizeof(hash->bytes));
    return query_run(&query);
}

/* Ends the session that this browser's cookie names. */
static int end_named(struct context *context, const struct request *request) {
    struct named_session *named = NULL;
    if (read_cookie(context, request, &named) != 0)
        return -1;
    return named == NULL ? 0 : delete_row(context, &named->hash);
}

/* The same for one that a form_post response, coming from another site, brings no cookie of. */
static int end_replaced(struct context *context, const struct session_origin *origin) {
    struct id_hash hash;
    if (origin->replaces == NULL)
        return 0;
    if (base64url_decode_exactly(context->arena, origin->replaces, hash.bytes,
                                 sizeof(hash.bytes)) != 0)
        return -1;
    return delete_row(context, &hash);
}

static int delete_expired(struct context *context) {
    struct query query;
    query_open(context, &query, STATEMENT_SESSION_DELETE_EXPIRED);
    query_put_integer(&query, context_now(context));
    return query_run(&query);
}

/* Tokens at rest are sealed, and open only in their own row. */
static char *vault_context(struct arena *arena, const char *id_hash) {
    return arena_format(arena, "sessions.id_token %s", id_hash);
}

static int lock_id_token(struct context *context, const struct session_origin *origin,
                         const struct id_hash *hash, char **locked) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    if (origin->id_token == NULL)
        return 0;
    if (state_dir_keys(context, "token", &ring) != 0)
        return -1;
    int result = vault_lock(arena, &ring, vault_context(arena, hash_text(arena, hash)),
                            origin->id_token, locked);
    secret_wipe(&ring, sizeof(ring));
    return result;
}

static int insert_row(struct context *context, const struct request *request,
                      const struct account_ids *ids, const struct session_origin *origin,
                      const struct id_hash *hash) {
    int64_t now = context_now(context);
    char *locked_id_token = NULL;
    if (lock_id_token(context, origin, hash, &locked_id_token) != 0)
        return -1;

    struct query query;
    query_open(context, &query, STATEMENT_SESSION_INSERT);
    query_put_bytes(&query, hash->bytes, sizeof(hash->bytes));
    query_put_integer(&query, ids->account);
    query_put_integer(&query, ids->identity);
    query_put_integer(&query, now);
    query_put_integer(&query, now + context->config->absolute_timeout);
    query_put_integer(&query, now);
    query_put_text(&query, origin->issuer);
    query_put_text(&query, origin->sid);
    query_put_text(&query, locked_id_token);
    query_put_text(&query, origin->id_token_alg);
    query_put_text(&query, request->user_agent);
    query_put_text(&query, request->remote_addr);
    return query_run(&query);
}

int session_issue(struct context *context, const struct request *request, struct response *response,
                  const struct account_ids *ids, const struct session_origin *origin) {
    struct key_ring ring;
    /* A new login leaves no older session of this browser behind (session fixation). */
    if (state_dir_keys(context, "session", &ring) != 0 || end_named(context, request) != 0 ||
        end_replaced(context, origin) != 0 || delete_expired(context) != 0)
        return -1;

    unsigned char id[ID_SIZE];
    secret_random(id, sizeof(id));
    struct id_hash hash = hash_of(id);
    int result = insert_row(context, request, ids, origin, &hash);
    if (result == 0)
        set_cookie(context, response,
                   signed_text_make(context->arena, &ring, PURPOSE,
                                    base64url_encode(context->arena, id, sizeof(id))));
    secret_wipe(id, sizeof(id));
    secret_wipe(&ring, sizeof(ring));
    return result;
}

/* ---- loading --------------------------------------------------------------------------------- */

/* 1 and the row, 0 if it is gone, -1. The columns are those of STATEMENT_SESSION_LOAD. */
static int load_row(struct context *context, const struct id_hash *hash, struct session *session,
                    int64_t *last_seen) {
    struct query query;
    query_open(context, &query, STATEMENT_SESSION_LOAD);
    query_put_bytes(&query, hash->bytes, sizeof(hash->bytes));
    int found = query_next(&query);
    if (found == 1) {
        session->account = query_integer(&query);
        session->created_at = query_integer(&query);
        session->expires_at = query_integer(&query);
        *last_seen = query_integer(&query);
        session->issuer = query_text(&query);
        session->sid = query_text(&query);
        session->locked_id_token = query_text(&query);
        session->provider = query_text(&query);
        session->sub = query_text(&query);
        session->name = query_text(&query);
        session->email = query_text(&query);
        session->email_verified = query_integer(&query) != 0;
        session->picture = query_text(&query);
        session->locale = query_text(&query);
    }
    query_close(&query);
    return found;
}

/* Written once in a twentieth of the idle timeout, but at least hourly: reading must not mean
 * writing. Where it cannot be written, the answer is right all the same; the log tells. */
static void note_seen(struct context *context, const struct id_hash *hash, int64_t last_seen) {
    int64_t interval = context->config->idle_timeout / SEEN_PER_IDLE_TIMEOUT;
    int64_t now = context_now(context);
    if (now - last_seen < (interval < SEEN_INTERVAL_MAX ? interval : SEEN_INTERVAL_MAX))
        return;
    struct query query;
    query_open(context, &query, STATEMENT_SESSION_SEEN);
    query_put_integer(&query, now);
    query_put_bytes(&query, hash->bytes, sizeof(hash->bytes));
    if (query_run(&query) != 0)
        context_forgive(context);
}

int session_load(struct context *context, const struct request *request, struct session **session) {
    struct named_session *named = NULL;
    *session = NULL;
    if (read_cookie(context, request, &named) != 0)
        return -1;
    if (named == NULL)
        return 0;

    struct session *loaded = arena_alloc(context->arena, sizeof(*loaded));
    int64_t last_seen = 0;
    int found = load_row(context, &named->hash, loaded, &last_seen);
    if (found != 1)
        return found;

    int64_t now = context_now(context);
    int64_t idle_end = last_seen + context->config->idle_timeout;
    if (now >= loaded->expires_at || now >= idle_end)
        return 0;
    note_seen(context, &named->hash, last_seen);
    loaded->csrf_token = named->csrf_token;
    loaded->id_hash = hash_text(context->arena, &named->hash);
    *session = loaded;
    return 0;
}

int session_named(struct context *context, const struct request *request, const char **id_hash) {
    struct named_session *named = NULL;
    *id_hash = NULL;
    if (read_cookie(context, request, &named) != 0)
        return -1;
    if (named != NULL)
        *id_hash = hash_text(context->arena, &named->hash);
    return 0;
}

/* Not a column of STATEMENT_SESSION_LOAD: me.cgi's JSON has no use for it, and a column costs a
 * hundredth of it. */
int session_identity(struct context *context, const struct session *session, int64_t *position) {
    struct id_hash hash;
    struct query query;
    if (base64url_decode_exactly(context->arena, session->id_hash, hash.bytes,
                                 sizeof(hash.bytes)) != 0)
        return -1;
    query_open(context, &query, STATEMENT_SESSION_IDENTITY);
    query_put_bytes(&query, hash.bytes, sizeof(hash.bytes));
    int found = query_next(&query);
    *position = found == 1 ? query_integer(&query) : 0;
    query_close(&query);
    return found < 0 ? -1 : 0;
}

const char *session_display(const struct session *session) {
    return session->name != NULL ? session->name : session->email;
}

int session_id_token(struct context *context, const struct session *session,
                     const char **id_token) {
    struct key_ring ring;
    char *text = NULL;
    *id_token = NULL;
    if (session->locked_id_token == NULL)
        return 0;
    if (state_dir_keys(context, "token", &ring) != 0)
        return -1;
    if (vault_unlock(context->arena, &ring, vault_context(context->arena, session->id_hash),
                     session->locked_id_token, &text) == 0)
        *id_token = text;
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

/* ---- revoking -------------------------------------------------------------------------------- */

int session_revoke(struct context *context, const struct request *request,
                   struct response *response) {
    if (end_named(context, request) != 0)
        return -1;
    set_cookie(context, response, NULL);
    return 0;
}

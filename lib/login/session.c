#include "login/session.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/cookie.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/signed_text.h"
#include "format/vault.h"
#include "login/visitor.h"

#include <string.h>

#define ID_SIZE 32
#define SEEN_PER_IDLE_TIMEOUT 20
#define SEEN_INTERVAL_MAX 3600 /* seconds */
#define COOKIE "session"
#define PURPOSE "latchkey session cookie v1"
#define CSRF_PURPOSE "latchkey csrf token v1"
#define ID_LENGTH 43   /* base64url of an id */
#define REMEMBERED 'r' /* behind it, in the cookie of a session that outlives the browser */

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

static int hash_parse(struct arena *arena, const char *text, struct id_hash *hash) {
    return base64url_decode_exactly(arena, text, hash->bytes, sizeof(hash->bytes));
}

static char *csrf_token(struct arena *arena, const struct key *key,
                        const unsigned char id[ID_SIZE]) {
    unsigned char mac[DIGEST_SIZE];
    digest_hmac(key->secret, sizeof(key->secret), CSRF_PURPOSE, id, ID_SIZE, mac);
    return base64url_encode(arena, mac, sizeof(mac));
}

/* Without Max-Age, it goes when the browser closes (RFC 6265 5.3). */
static void set_cookie(struct context *context, struct response *response, const char *value,
                       int64_t max_age) {
    response_cookie(response,
                    &(struct set_cookie){
                        .name = cookie_name(context->arena, context->config->secure, COOKIE),
                        .value = value,
                        .max_age = max_age,
                        .secure = context->config->secure,
                    });
}

void session_remove_cookie(struct context *context, struct response *response) {
    set_cookie(context, response, NULL, 0);
}

static void set_id(struct context *context, struct response *response, const struct key_ring *ring,
                   const unsigned char id[ID_SIZE], int64_t max_age) {
    struct arena *arena = context->arena;
    const char *text = base64url_encode(arena, id, ID_SIZE);
    const char *payload = max_age > 0 ? arena_format(arena, "%s%c", text, REMEMBERED) : text;
    set_cookie(context, response, signed_text_make(arena, ring, PURPOSE, payload), max_age);
}

/* What a cookie that we signed says: which session, be it over or not. */
struct named_session {
    struct id_hash hash;
    const char *csrf_token;
    bool remember;
};

static bool is_remembered(const char *payload) {
    return strlen(payload) == ID_LENGTH + 1 && payload[ID_LENGTH] == REMEMBERED;
}

static const char *id_of(struct arena *arena, const char *payload) {
    return is_remembered(payload) ? arena_copy(arena, payload, ID_LENGTH) : payload;
}

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
    if (state_dir_keys(context, KEY_RING_SESSION, &ring) != 0)
        return -1;
    if (signed_text_open(arena, &ring, PURPOSE, value, &payload, &key) == 0 &&
        base64url_decode_exactly(arena, id_of(arena, payload), id, sizeof(id)) == 0) {
        *named = arena_alloc(arena, sizeof(**named));
        (*named)->remember = is_remembered(payload);
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

static int end_session(struct context *context, const struct id_hash *hash, bool *ended) {
    if (delete_row(context, hash) != 0)
        return -1;
    *ended = *ended || database_changes(context) != 0;
    return 0;
}

/* Ends the session that this browser's cookie names; *ended becomes true if there was one. */
static int end_named(struct context *context, const struct request *request, bool *ended) {
    struct named_session *named = NULL;
    if (read_cookie(context, request, &named) != 0)
        return -1;
    return named == NULL ? 0 : end_session(context, &named->hash, ended);
}

/* The same for one that a form_post response, coming from another site, brings no cookie of. */
static int end_replaced(struct context *context, const struct session_origin *origin, bool *ended) {
    struct id_hash hash;
    if (origin->replaces == NULL)
        return 0;
    if (hash_parse(context->arena, origin->replaces, &hash) != 0)
        return -1;
    return end_session(context, &hash, ended);
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

static int lock_id_token(struct context *context, const char *id_token, const struct id_hash *hash,
                         char **locked) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    if (id_token == NULL)
        return 0;
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    int result =
        vault_lock(arena, &ring, vault_context(arena, hash_text(arena, hash)), id_token, locked);
    secret_wipe(&ring, sizeof(ring));
    return result;
}

static int64_t lifetime(struct context *context, bool remember) {
    return remember ? context->config->absolute_timeout : context->config->short_timeout;
}

static int insert_row(struct context *context, const struct request *request,
                      const struct account_ids *ids, const struct session_origin *origin,
                      const struct id_hash *hash) {
    int64_t now = context_now(context);
    char *locked_id_token = NULL;
    if (lock_id_token(context, origin->id_token, hash, &locked_id_token) != 0)
        return -1;

    struct query query;
    query_open(context, &query, STATEMENT_SESSION_INSERT);
    query_put_bytes(&query, hash->bytes, sizeof(hash->bytes));
    query_put_integer(&query, ids->account);
    query_put_integer(&query, ids->identity);
    query_put_integer(&query, now);
    query_put_integer(&query, now + lifetime(context, origin->remember));
    query_put_integer(&query, now);
    query_put_text(&query, origin->issuer);
    query_put_text(&query, origin->sid);
    query_put_text(&query, locked_id_token);
    query_put_text(&query, origin->id_token_alg);
    query_put_text(&query, request->user_agent);
    query_put_text(&query, visitor_address(context, request));
    return query_run(&query);
}

int session_issue(struct context *context, const struct request *request, struct response *response,
                  const struct account_ids *ids, const struct session_origin *origin,
                  bool *replaced) {
    struct key_ring ring;
    *replaced = false;
    /* A new login leaves no older session of this browser behind (session fixation). */
    if (state_dir_keys(context, KEY_RING_SESSION, &ring) != 0 ||
        end_named(context, request, replaced) != 0 ||
        end_replaced(context, origin, replaced) != 0 || delete_expired(context) != 0)
        return -1;

    unsigned char id[ID_SIZE];
    secret_random(id, sizeof(id));
    struct id_hash hash = hash_of(id);
    int result = insert_row(context, request, ids, origin, &hash);
    if (result == 0)
        set_id(context, response, &ring, id, origin->remember ? lifetime(context, true) : 0);
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
        session->identity = query_integer(&query);
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

/* *session = the one of that hash, or NULL if it is over. */
static int load_live(struct context *context, const struct id_hash *hash,
                     struct session **session) {
    struct session *loaded = arena_alloc(context->arena, sizeof(*loaded));
    int64_t last_seen = 0;
    *session = NULL;
    int found = load_row(context, hash, loaded, &last_seen);
    if (found != 1)
        return found;

    int64_t now = context_now(context);
    int64_t idle_end = last_seen + context->config->idle_timeout;
    if (now >= loaded->expires_at || now >= idle_end)
        return 0;
    note_seen(context, hash, last_seen);
    loaded->id_hash = hash_text(context->arena, hash);
    *session = loaded;
    return 0;
}

int session_load(struct context *context, const struct request *request, struct session **session) {
    struct named_session *named = NULL;
    *session = NULL;
    if (read_cookie(context, request, &named) != 0)
        return -1;
    if (named == NULL)
        return 0;

    if (load_live(context, &named->hash, session) != 0)
        return -1;
    if (*session != NULL) {
        (*session)->csrf_token = named->csrf_token;
        (*session)->remember = named->remember;
    }
    return 0;
}

int session_load_left(struct context *context, const struct request *request, const char *id_hash,
                      struct session **session) {
    struct named_session *named = NULL;
    struct id_hash hash;
    *session = NULL;
    if (read_cookie(context, request, &named) != 0 ||
        hash_parse(context->arena, id_hash, &hash) != 0)
        return -1;
    /* A form_post response brings no cookie of the session's; any other must bring this one. */
    if (named == NULL ? request->method != METHOD_POST
                      : memcmp(named->hash.bytes, hash.bytes, sizeof(hash.bytes)) != 0)
        return 0;
    return load_live(context, &hash, session);
}

int session_load_by_hash(struct context *context, const char *id_hash, struct session **session) {
    struct id_hash hash;
    *session = NULL;
    return hash_parse(context->arena, id_hash, &hash) != 0 ? -1
                                                           : load_live(context, &hash, session);
}

bool session_is_recent(struct context *context, const struct session *session) {
    return context_now(context) - session->created_at <= context->config->confirm_after;
}

int session_check_form(struct context *context, const struct request *request,
                       const struct session *session) {
    const char *token = NULL;
    if (!request_is_same_origin(request, context->config->base_url))
        return fail(context->arena, ERROR_REQUEST_ORIGIN, "another site sent this");
    if (session == NULL)
        return fail(context->arena, ERROR_UNAUTHENTICATED, "nobody is signed in");
    if (form_single(context->arena, &request->body, "csrf_token", &token) != 0)
        return -1;
    if (!secret_text_equal(token, session->csrf_token))
        return fail(context->arena, ERROR_CSRF, "csrf_token is not that of this session");
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
    if (state_dir_keys(context, KEY_RING_TOKEN, &ring) != 0)
        return -1;
    if (vault_unlock(context->arena, &ring, vault_context(context->arena, session->id_hash),
                     session->locked_id_token, &text) == 0)
        *id_token = text;
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

/* ---- replacing ------------------------------------------------------------------------------- */

/* A new id, and what is sealed for it. */
struct replacement {
    unsigned char id[ID_SIZE];
    struct id_hash from;
    struct id_hash to;
    char *locked_id_token;
};

static int prepare(struct context *context, const struct session *session, const char *id_token,
                   struct replacement *new) {
    *new = (struct replacement){.locked_id_token = NULL};
    if (hash_parse(context->arena, session->id_hash, &new->from) != 0)
        return -1;
    secret_random(new->id, sizeof(new->id));
    new->to = hash_of(new->id);
    return lock_id_token(context, id_token, &new->to, &new->locked_id_token);
}

/* Gives the browser the new id, once it is in the database. */
static int hand_out(struct context *context, struct response *response, struct replacement *new,
                    struct session *session) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    if (state_dir_keys(context, KEY_RING_SESSION, &ring) != 0)
        return -1;
    set_id(context, response, &ring, new->id,
           session->remember ? session->expires_at - context_now(context) : 0);
    session->id_hash = hash_text(arena, &new->to);
    session->locked_id_token = new->locked_id_token;
    session->csrf_token = csrf_token(arena, &ring.keys[0], new->id);
    secret_wipe(new->id, sizeof(new->id));
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

int session_replace(struct context *context, struct response *response, struct session *session) {
    const char *id_token = NULL;
    struct replacement new;
    struct query query;
    if (session_id_token(context, session, &id_token) != 0 ||
        prepare(context, session, id_token, &new) != 0)
        return -1;
    query_open(context, &query, STATEMENT_SESSION_REPLACE);
    query_put_bytes(&query, new.to.bytes, sizeof(new.to.bytes));
    query_put_text(&query, new.locked_id_token);
    query_put_integer(&query, context_now(context));
    query_put_bytes(&query, new.from.bytes, sizeof(new.from.bytes));
    return query_run(&query) != 0 ? -1 : hand_out(context, response, &new, session);
}

int session_renew(struct context *context, struct response *response, int64_t identity,
                  const struct session_origin *origin, struct session *session) {
    int64_t now = context_now(context);
    struct replacement new;
    struct query query;
    if (prepare(context, session, origin->id_token, &new) != 0)
        return -1;
    query_open(context, &query, STATEMENT_SESSION_RENEW);
    query_put_bytes(&query, new.to.bytes, sizeof(new.to.bytes));
    query_put_integer(&query, identity);
    query_put_integer(&query, now);
    query_put_integer(&query, now);
    query_put_text(&query, origin->issuer);
    query_put_text(&query, origin->sid);
    query_put_text(&query, new.locked_id_token);
    query_put_text(&query, origin->id_token_alg);
    query_put_bytes(&query, new.from.bytes, sizeof(new.from.bytes));
    if (query_run(&query) != 0 || hand_out(context, response, &new, session) != 0)
        return -1;
    session->identity = identity;
    session->created_at = now;
    session->issuer = origin->issuer;
    session->sid = origin->sid;
    return 0;
}

int session_leave_identity(struct context *context, const struct session *session, int64_t identity,
                           int64_t other) {
    struct id_hash hash;
    struct query query;
    if (hash_parse(context->arena, session->id_hash, &hash) != 0)
        return -1;
    query_open(context, &query, STATEMENT_SESSION_LEAVE_IDENTITY);
    query_put_integer(&query, other);
    query_put_bytes(&query, hash.bytes, sizeof(hash.bytes));
    query_put_integer(&query, identity);
    return query_run(&query);
}

/* ---- the list -------------------------------------------------------------------------------- */

static struct session_entry *read_entry(struct context *context, struct query *query) {
    struct session_entry *entry = arena_alloc(context->arena, sizeof(*entry));
    const unsigned char *hash = query_bytes(query, DIGEST_SIZE);
    entry->id_hash = hash == NULL ? "" : base64url_encode(context->arena, hash, DIGEST_SIZE);
    entry->created_at = query_integer(query);
    entry->last_seen = query_integer(query);
    entry->expires_at = query_integer(query);
    entry->provider = query_text(query);
    entry->user_agent = query_text(query);
    entry->address = query_text(query);
    return entry;
}

int session_list(struct context *context, int64_t account, struct session_entry **entries) {
    struct session_entry **end = entries;
    struct query query;
    int64_t now = context_now(context);
    *entries = NULL;
    query_open(context, &query, STATEMENT_SESSION_LIST);
    query_put_integer(&query, account);
    query_put_integer(&query, now);
    query_put_integer(&query, now - context->config->idle_timeout);
    query_put_integer(&query, SESSION_LIST_LIMIT);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        *end = read_entry(context, &query);
        end = &(*end)->next;
    }
    query_close(&query);
    return found;
}

int session_end(struct context *context, int64_t account, const char *id_hash) {
    struct arena *arena = context->arena;
    struct id_hash hash;
    struct query query;
    if (hash_parse(arena, id_hash, &hash) != 0) {
        arena_forget_error(arena);
        return fail(arena, ERROR_NOT_YOURS, "that is no session");
    }
    query_open(context, &query, STATEMENT_SESSION_DELETE_OF_ACCOUNT);
    query_put_bytes(&query, hash.bytes, sizeof(hash.bytes));
    query_put_integer(&query, account);
    if (query_run(&query) != 0)
        return -1;
    return database_changes(context) == 1
               ? 0
               : fail(arena, ERROR_NOT_YOURS, "the account has no such session");
}

int session_end_others(struct context *context, const struct session *session, int64_t *count) {
    struct id_hash hash;
    struct query query;
    if (hash_parse(context->arena, session->id_hash, &hash) != 0)
        return -1;
    query_open(context, &query, STATEMENT_SESSION_DELETE_OTHERS);
    query_put_integer(&query, session->account);
    query_put_bytes(&query, hash.bytes, sizeof(hash.bytes));
    if (query_run(&query) != 0)
        return -1;
    *count = database_changes(context);
    return 0;
}

int session_end_all(struct context *context, int64_t account, int64_t *count) {
    struct query query;
    query_open(context, &query, STATEMENT_SESSION_DELETE_ALL);
    query_put_integer(&query, account);
    if (query_run(&query) != 0)
        return -1;
    *count = database_changes(context);
    return 0;
}

/* ---- revoking -------------------------------------------------------------------------------- */

int session_revoke(struct context *context, const struct request *request,
                   struct response *response) {
    bool ended = false;
    if (end_named(context, request, &ended) != 0)
        return -1;
    session_remove_cookie(context, response);
    return 0;
}

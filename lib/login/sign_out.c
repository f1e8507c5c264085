#include "login/sign_out.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/cookie.h"
#include "edge/database.h"
#include "edge/state_dir.h"
#include "format/base64url.h"
#include "format/placeholder.h"
#include "format/signed_text.h"
#include "format/uri.h"
#include "login/client.h"
#include "login/event.h"
#include "login/return_to.h"
#include "login/used.h"
#include "oauth/issuer.h"
#include "oauth/login_values.h"

#include <string.h>

#define COOKIE "logout"
#define PURPOSE "latchkey logout cookie v1"
#define STATE_SIZE 32
#define STATE_LENGTH 43U /* in base64url */

/* ---- to the provider and back ---------------------------------------------------------------- */

char *sign_out_return_uri(struct context *context) {
    return config_program_uri(context->arena, context->config, "logout.cgi");
}

static void set_cookie(struct context *context, struct response *response, const char *value) {
    response_cookie(response,
                    &(struct set_cookie){
                        .name = cookie_name(context->arena, context->config->secure, COOKIE),
                        .value = value,
                        .max_age = value == NULL ? 0 : SIGN_OUT_TIMEOUT,
                        .secure = context->config->secure,
                    });
}

/* The cookie holds the state, and behind it, encoded too, where to go in the end. */
static int new_state(struct context *context, struct response *response, const char *return_to,
                     const char **state) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    unsigned char bytes[STATE_SIZE];
    if (state_dir_keys(context, KEY_RING_TRANSACTION, &ring) != 0)
        return -1;
    secret_random(bytes, sizeof(bytes));
    *state = base64url_encode(arena, bytes, sizeof(bytes));
    const char *place =
        return_to == NULL ? "" : base64url_encode(arena, return_to, strlen(return_to));
    const char *payload = arena_format(arena, "%s%s", *state, place);
    set_cookie(context, response, signed_text_make(arena, &ring, PURPOSE, payload));
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

/* The session's provider and where it signs out; false if it cannot or need not be told. */
static bool find_endpoint(struct context *context, const struct session *session,
                          int (*load)(struct context *, const struct provider *, struct metadata *),
                          struct provider *provider, struct metadata *metadata) {
    bool found = provider_load(context, session->provider, NULL, provider) == 0 &&
                 issuer_fits(provider, session->issuer) && load(context, provider, metadata) == 0 &&
                 metadata->end_session_endpoint != NULL;
    context_forgive(context);
    return found;
}

/* RP-Initiated Logout 2, or the provider's own way if its record has one. */
static int end_session_uri(struct context *context, const struct provider *provider,
                           const struct metadata *metadata, struct login_values *values,
                           const char **uri) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    if (strchr(metadata->end_session_endpoint, '{') != NULL)
        return login_values_uri(arena, values, metadata->end_session_endpoint, uri);
    form_put(arena, &form, "id_token_hint", values->id_token);
    form_put(arena, &form, "client_id", provider->client_id);
    form_put(arena, &form, "post_logout_redirect_uri", values->post_logout_redirect_uri);
    form_put(arena, &form, "state", values->state);
    form_put(arena, &form, "ui_locales", provider->ui_locales);
    *uri = uri_with_query(arena, metadata->end_session_endpoint, &form);
    return 0;
}

int sign_out_begin(struct context *context, struct response *response,
                   const struct session *session, const char *return_to, const char **uri) {
    struct provider provider;
    struct metadata metadata;
    const char *state = NULL;
    const char *id_token = NULL;
    *uri = NULL;
    if (!find_endpoint(context, session, metadata_load, &provider, &metadata))
        return 0;
    if (client_find(context, &provider) != 0) {
        context_forgive(context);
        return 0;
    }
    if (session_id_token(context, session, &id_token) != 0 ||
        new_state(context, response, return_to, &state) != 0)
        return -1;

    struct login_values values = {
        .provider = &provider,
        .id_token = id_token,
        .state = state,
        .post_logout_redirect_uri = sign_out_return_uri(context),
    };
    if (end_session_uri(context, &provider, &metadata, &values, uri) != 0) {
        context_forgive(context);
        *uri = NULL;
    }
    return 0;
}

/* What this browser was sent away with. */
struct ticket {
    const char *state; /* NULL: it was not */
    const char *return_to;
};

/* Ours by its signature, so it is as it was written; and yet nobody is sent to what is no path. */
static void read_ticket(struct arena *arena, const char *payload, struct ticket *ticket) {
    size_t length = strlen(payload);
    unsigned char *place = NULL;
    if (length < STATE_LENGTH)
        return;
    ticket->state = arena_copy(arena, payload, STATE_LENGTH);
    if (base64url_decode(arena, payload + STATE_LENGTH, length - STATE_LENGTH, &place, &length) ==
            0 &&
        return_to_check(arena, (const char *)place) == 0)
        ticket->return_to = (const char *)place;
    arena_forget_error(arena);
}

static int open_cookie(struct context *context, const struct request *request,
                       struct ticket *ticket) {
    struct arena *arena = context->arena;
    const char *value = NULL;
    const char *payload = NULL;
    struct key_ring ring;
    if (cookie_value(arena, request, cookie_name(arena, context->config->secure, COOKIE), &value) !=
        0)
        return -1;
    if (value == NULL)
        return 0;
    if (state_dir_keys(context, KEY_RING_TRANSACTION, &ring) != 0)
        return -1;
    if (signed_text_open(arena, &ring, PURPOSE, value, &payload, NULL) == 0)
        read_ticket(arena, payload, ticket);
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

int sign_out_return(struct context *context, const struct request *request,
                    struct response *response, bool *returned, const char **return_to) {
    struct arena *arena = context->arena;
    struct ticket ticket = {.state = NULL};
    const char *state = NULL;
    *returned = false;
    *return_to = NULL;
    if (form_single(arena, &request->query, "state", &state) != 0 ||
        open_cookie(context, request, &ticket) != 0)
        return -1;
    if (ticket.state != NULL)
        set_cookie(context, response, NULL);
    if (state == NULL)
        return 0;
    /* RP-Initiated Logout 3: the value passed back is the value sent. */
    if (!secret_text_equal(state, ticket.state))
        return fail(arena, ERROR_LOGOUT_STATE, "the state is not that of this browser's sign-out");
    *returned = true;
    *return_to = ticket.return_to;
    return 0;
}

const char *sign_out_origin(struct context *context, const struct session *session) {
    struct provider provider;
    struct metadata metadata;
    struct uri uri;
    if (!find_endpoint(context, session, metadata_peek, &provider, &metadata))
        return NULL;
    const char *example = placeholder_example(context->arena, metadata.end_session_endpoint);
    bool parsed = uri_parse(context->arena, example, &uri) == 0;
    context_forgive(context);
    return parsed ? uri_origin(context->arena, &uri) : NULL;
}

/* ---- from the provider ----------------------------------------------------------------------- */

/* 1 if a session that the token means was begun with an id_token of another algorithm; 0 or -1. */
static int other_alg(struct context *context, const struct logout_token *token) {
    struct query query;
    query_open(context, &query, STATEMENT_SESSION_OTHER_ALG);
    query_put_text(&query, token->issuer);
    query_put_text(&query, token->sid);
    query_put_text(&query, token->subject);
    query_put_text(&query, token->alg);
    int found = query_next(&query);
    query_close(&query);
    return found;
}

/* An account, for each of its sessions that were ended. */
struct ended {
    int64_t account;
    struct ended *next;
};

static int delete_by(struct context *context, enum statement statement, const char *issuer,
                     const char *value, struct ended **ended) {
    struct query query;
    *ended = NULL;
    query_open(context, &query, statement);
    query_put_text(&query, issuer);
    query_put_text(&query, value);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct ended *one = arena_alloc(context->arena, sizeof(*one));
        *one = (struct ended){.account = query_integer(&query), .next = *ended};
        *ended = one;
    }
    query_close(&query);
    return found;
}

/* No browser did this, so there is no request to tell of. */
static int record(struct context *context, const struct provider *provider,
                  const struct ended *ended, int64_t *count) {
    *count = 0;
    for (; ended != NULL; ended = ended->next, (*count)++) {
        const struct event event = {
            .kind = EVENT_SIGNED_OUT,
            .account = ended->account,
            .provider = provider->id,
            .detail = "provider",
        };
        if (event_record(context, NULL, &event) != 0)
            return -1;
    }
    return 0;
}

/* 1 if there were any, 0 or -1. */
static int end_by(struct context *context, const struct provider *provider,
                  enum statement statement, const char *issuer, const char *value) {
    struct ended *ended = NULL;
    int64_t count = 0;
    if (delete_by(context, statement, issuer, value, &ended) != 0 ||
        record(context, provider, ended, &count) != 0)
        return -1;
    const char *how = statement == STATEMENT_SESSION_DELETE_BY_SID ? "by sid" : "by sub";
    context_log(
        context, "signed_out",
        (struct log_field[]){{"provider", provider->id},
                             {"how", how},
                             {"sessions", arena_format(context->arena, "%lld", (long long)count)},
                             {.name = NULL}});
    return count > 0;
}

int sign_out_by_sid(struct context *context, const struct provider *provider, const char *issuer,
                    const char *sid) {
    if (database_begin(context) != 0)
        return -1;
    if (end_by(context, provider, STATEMENT_SESSION_DELETE_BY_SID, issuer, sid) < 0) {
        database_rollback(context);
        return -1;
    }
    return database_commit(context);
}

/* A token names `sub`: where another claim says who it is, nobody can tell whom it means. */
static bool is_known_by_sub(const struct provider *provider) {
    return text_equal(provider->claim_sub, "sub") ||
           text_equal(provider->claim_sub, "id_token:sub");
}

/* Ends the subject's sessions, by this statement. */
static int end_by_subject(struct context *context, const struct provider *provider,
                          const struct logout_token *token, enum statement statement) {
    const char *issuer =
        issuer_is_template(provider->identity_issuer) ? token->issuer : provider->identity_issuer;
    return end_by(context, provider, statement, issuer, token->subject) < 0 ? -1 : 0;
}

/* Back-Channel Logout 2.7: the session named; if none has that sid, the subject's without any. */
static int end_by_sid(struct context *context, const struct provider *provider,
                      const struct logout_token *token) {
    int ended =
        end_by(context, provider, STATEMENT_SESSION_DELETE_BY_SID, token->issuer, token->sid);
    if (ended != 0 || token->subject == NULL || !is_known_by_sub(provider))
        return ended < 0 ? -1 : 0;
    return end_by_subject(context, provider, token,
                          STATEMENT_SESSION_DELETE_BY_SUBJECT_WITHOUT_SID);
}

static int end_by_token(struct context *context, const struct provider *provider,
                        const struct logout_token *token) {
    struct arena *arena = context->arena;
    /* Back-Channel Logout 2.6 (2, 3): signed as the id_token was. */
    int other = other_alg(context, token);
    if (other < 0)
        return -1;
    if (other == 1)
        return fail(arena, ERROR_JWS_ALG, "signed with %s, but the id_token was not", token->alg);

    bool first = false;
    const char *id = arena_format(arena, "%s %s", token->issuer, token->jti);
    int64_t until = token->expires_at + context->config->clock_leeway;
    if (used_once(context, "logout_token", id, strlen(id), until, &first) != 0)
        return -1;
    if (!first)
        return fail(arena, ERROR_LOGOUT_REPLAYED, "this logout_token was already used");

    if (token->sid != NULL)
        return end_by_sid(context, provider, token);
    if (!is_known_by_sub(provider))
        return fail(arena, ERROR_LOGOUT_TOKEN, "a sub alone, but people are known by claim_sub");
    return end_by_subject(context, provider, token, STATEMENT_SESSION_DELETE_BY_SUBJECT);
}

int sign_out_by_token(struct context *context, const struct provider *provider,
                      const struct logout_token *token) {
    if (database_begin(context) != 0)
        return -1;
    if (end_by_token(context, provider, token) != 0) {
        database_rollback(context);
        return -1;
    }
    return database_commit(context);
}

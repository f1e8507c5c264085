#include "login/transaction.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/cookie.h"
#include "edge/state_dir.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/signed_text.h"
#include "login/session.h"
#include "login/used.h"

#include <stdlib.h>
#include <string.h>

#define ID_SIZE 32
#define STATE_LENGTH 43 /* base64url of 32 bytes */
#define SUFFIX_LENGTH 8 /* of the state, in the cookie's name */
#define COOKIE_PREFIX "login-"
#define PURPOSE "latchkey login cookie v1"
#define NO_SESSION "-"
#define PURPOSES "slcg" /* the letters of enum login_purpose */

/* ---- what is derived ------------------------------------------------------------------------- */

static char *derive(struct arena *arena, const struct key *key, const char *purpose,
                    const unsigned char id[ID_SIZE]) {
    unsigned char mac[DIGEST_SIZE];
    digest_hmac(key->secret, sizeof(key->secret), purpose, id, ID_SIZE, mac);
    char *text = base64url_encode(arena, mac, sizeof(mac));
    secret_wipe(mac, sizeof(mac));
    return text;
}

static void derive_all(struct arena *arena, const struct key *key, const unsigned char id[ID_SIZE],
                       struct transaction *transaction) {
    transaction->state = derive(arena, key, "latchkey state v1", id);
    transaction->nonce = derive(arena, key, "latchkey nonce v1", id);
    transaction->code_verifier = derive(arena, key, "latchkey code_verifier v1", id);
}

static bool is_base64url(const char *text) {
    for (; *text != '\0'; text++)
        if (!ascii_is_alnum(*text) && *text != '-' && *text != '_')
            return false;
    return true;
}

/* ---- the cookie ------------------------------------------------------------------------------ */

static char *name_of_cookie(struct context *context, const char *state) {
    return cookie_name(context->arena, context->config->secure,
                       arena_format(context->arena, COOKIE_PREFIX "%.*s", SUFFIX_LENGTH, state));
}

/* A form_post response comes by a cross-site POST, which carries SameSite=None cookies alone: not
 * the session's, so which one is to be replaced is asked now. And what is begun for a session must
 * end in that very one, whoever has signed in meanwhile. */
static int session_to_keep(struct context *context, const struct request *request,
                           const struct provider *provider, const struct login_terms *terms,
                           const char **session) {
    *session = NULL;
    if (provider->response_mode != RESPONSE_MODE_FORM_POST && terms->purpose == LOGIN_SIGN_IN)
        return 0;
    return session_named(context, request, session);
}

static enum same_site same_site_for(const struct provider *provider) {
    return provider->response_mode == RESPONSE_MODE_FORM_POST ? SAME_SITE_NONE : SAME_SITE_LAX;
}

/* Words between spaces, in this order; none of them holds one. No further encoding, so that five
 * logins under way fit into the 8 KiB that web servers allow for a browser's cookies in all. */
static char *write_payload(struct arena *arena, const struct transaction *transaction,
                           const unsigned char id[ID_SIZE]) {
    const char *text =
        arena_format(arena, "%s %s %s %lld %s %c%c%s %s", base64url_encode(arena, id, ID_SIZE),
                     transaction->provider, transaction->issuer, (long long)transaction->begun_at,
                     transaction->session != NULL ? transaction->session : NO_SESSION,
                     PURPOSES[transaction->terms.purpose], transaction->terms.remember ? 'r' : '-',
                     transaction->terms.api != NULL ? transaction->terms.api : "",
                     transaction->terms.return_to != NULL ? transaction->terms.return_to : "");
    return base64url_encode(arena, text, strlen(text));
}

static int read_terms(const char *text, struct login_terms *terms) {
    const char *purpose = *text == '\0' ? NULL : strchr(PURPOSES, *text);
    if (purpose == NULL)
        return -1;
    terms->purpose = (enum login_purpose)(purpose - PURPOSES);
    terms->remember = text[1] == 'r';
    terms->api = text[1] == '\0' || text[2] == '\0' ? NULL : text + 2;
    return 0;
}

/* Only ever called on what we signed ourselves: what does not read is an older format of ours. */
static int read_payload(struct arena *arena, const char *payload, struct transaction *transaction,
                        unsigned char id[ID_SIZE]) {
    unsigned char *text = NULL;
    size_t length = 0;
    if (base64url_decode(arena, payload, strlen(payload), &text, &length) != 0)
        return -1;

    char *rest = (char *)text;
    const char *id_text = text_cut(&rest, ' ');
    transaction->provider = id_text == NULL ? NULL : text_cut(&rest, ' ');
    transaction->issuer = transaction->provider == NULL ? NULL : text_cut(&rest, ' ');
    const char *at = transaction->issuer == NULL ? NULL : text_cut(&rest, ' ');
    const char *session = at == NULL ? NULL : text_cut(&rest, ' ');
    if (session == NULL)
        return -1;
    const char *terms = text_cut(&rest, ' ');
    if (terms == NULL || read_terms(terms, &transaction->terms) != 0)
        return -1;
    transaction->session = text_equal(session, NO_SESSION) ? NULL : session;
    transaction->begun_at = strtoll(at, NULL, 10);
    transaction->terms.return_to = *rest == '\0' ? NULL : rest;
    return base64url_decode_exactly(arena, id_text, id, ID_SIZE);
}

static void remove_cookie(struct context *context, struct response *response, const char *name) {
    response_cookie(response, &(struct set_cookie){
                                  .name = name,
                                  .secure = context->config->secure,
                              });
}

/* When a cookie's login was begun; 0, older than all, for one that is not ours. */
static int64_t begun_at(struct arena *arena, const struct key_ring *ring, const char *value) {
    struct transaction transaction = {.begun_at = 0};
    unsigned char id[ID_SIZE];
    const char *payload = NULL;
    bool ours = signed_text_open(arena, ring, PURPOSE, value, &payload, NULL) == 0 &&
                read_payload(arena, payload, &transaction, id) == 0;
    arena_forget_error(arena);
    return ours ? transaction.begun_at : 0;
}

struct aged_cookie {
    const char *name;
    int64_t begun_at;
};

static int by_age(const void *a, const void *b) {
    const struct aged_cookie *left = a;
    const struct aged_cookie *right = b;
    return (left->begun_at > right->begun_at) - (left->begun_at < right->begun_at);
}

/* Whether name_of_cookie() could have made this name. Others are not ours to remove; nor could they
 * be: a name that somebody sent need not be one that can be written. */
static bool is_our_name(const char *name, const char *prefix) {
    const char *suffix = name + strlen(prefix);
    return strlen(suffix) == SUFFIX_LENGTH && is_base64url(suffix);
}

/* The cookies of logins under way, with their age; returns how many. */
static size_t list_logins(struct context *context, const struct request *request,
                          const struct key_ring *ring, struct aged_cookie **list) {
    struct arena *arena = context->arena;
    const char *prefix = cookie_name(arena, context->config->secure, COOKIE_PREFIX);
    const struct cookie *cookies = cookie_list(arena, request, prefix);
    size_t count = 0;
    for (const struct cookie *cookie = cookies; cookie != NULL; cookie = cookie->next)
        count++;

    *list = arena_array(arena, count, sizeof(**list));
    count = 0;
    for (const struct cookie *cookie = cookies; cookie != NULL; cookie = cookie->next)
        if (is_our_name(cookie->name, prefix))
            (*list)[count++] = (struct aged_cookie){
                .name = cookie->name,
                .begun_at = begun_at(arena, ring, cookie->value),
            };
    return count;
}

/* Makes room for one more: removes the oldest beyond the limit. */
static void drop_oldest(struct context *context, const struct request *request,
                        const struct key_ring *ring, struct response *response) {
    struct aged_cookie *logins = NULL;
    size_t count = list_logins(context, request, ring, &logins);
    qsort(logins, count, sizeof(*logins), by_age);
    for (size_t i = 0; i + TRANSACTION_LIMIT <= count; i++)
        remove_cookie(context, response, logins[i].name);
}

/* ---- beginning ------------------------------------------------------------------------------- */

int transaction_begin(struct context *context, const struct request *request,
                      struct response *response, const struct provider *provider,
                      const struct login_terms *terms, struct transaction *transaction) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    const char *session = NULL;
    if (session_to_keep(context, request, provider, terms, &session) != 0 ||
        state_dir_keys(context, KEY_RING_TRANSACTION, &ring) != 0)
        return -1;

    unsigned char id[ID_SIZE];
    secret_random(id, sizeof(id));
    *transaction = (struct transaction){
        .provider = provider_path(arena, provider),
        .issuer = provider->identity_issuer,
        .terms = *terms,
        .begun_at = context_now(context),
        .session = session,
    };
    derive_all(arena, &ring.keys[0], id, transaction);

    drop_oldest(context, request, &ring, response);
    response_cookie(response, &(struct set_cookie){
                                  .name = name_of_cookie(context, transaction->state),
                                  .value = signed_text_make(arena, &ring, PURPOSE,
                                                            write_payload(arena, transaction, id)),
                                  .max_age = context->config->login_timeout,
                                  .same_site = same_site_for(provider),
                                  .secure = context->config->secure,
                              });
    secret_wipe(&ring, sizeof(ring));
    return 0;
}

/* ---- consuming ------------------------------------------------------------------------------- */

static bool is_state(const char *state) {
    return strlen(state) == STATE_LENGTH && is_base64url(state);
}

/* The cookie of this state: signed by us, and with a state that is this one, whole. */
static int open_cookie(struct context *context, const char *value, const char *state,
                       struct transaction *transaction, unsigned char id[ID_SIZE]) {
    struct arena *arena = context->arena;
    struct key_ring ring;
    const struct key *key = NULL;
    const char *payload = NULL;
    if (state_dir_keys(context, KEY_RING_TRANSACTION, &ring) != 0)
        return -1;

    int result = 0;
    if (signed_text_open(arena, &ring, PURPOSE, value, &payload, &key) != 0 ||
        read_payload(arena, payload, transaction, id) != 0) {
        arena_forget_error(arena);
        result = fail(arena, ERROR_LOGIN_COOKIE_WRONG, "the login cookie is not signed by us");
    }
    if (result == 0) {
        derive_all(arena, key, id, transaction);
        if (!secret_text_equal(transaction->state, state))
            result = fail(arena, ERROR_STATE_WRONG, "the state is not that of the login cookie");
    }
    secret_wipe(&ring, sizeof(ring));
    return result;
}

int transaction_consume(struct context *context, const struct request *request,
                        struct response *response, const struct provider *provider,
                        const char *state, struct transaction *transaction) {
    struct arena *arena = context->arena;
    const char *value = NULL;
    unsigned char id[ID_SIZE];
    *transaction = (struct transaction){.state = NULL};

    if (!is_state(state))
        return fail(arena, ERROR_STATE_WRONG, "the state is not one of ours");
    const char *name = name_of_cookie(context, state);
    if (cookie_value(arena, request, name, &value) != 0)
        return -1;

    /* RFC 9700 4.7: a response without this browser's own cookie is somebody else's. */
    if (value == NULL)
        return fail(arena, ERROR_LOGIN_COOKIE_MISSING, "this browser has no login cookie for it");
    if (open_cookie(context, value, state, transaction, id) != 0)
        return -1;

    /* RFC 9700 4.4: the response came to another provider's redirection endpoint. The login stays
     * as it is: its own provider may still answer. */
    if (!text_equal(transaction->provider, provider_path(arena, provider)) ||
        !text_equal(transaction->issuer, provider->identity_issuer))
        return fail(arena, ERROR_LOGIN_PROVIDER_WRONG,
                    "this login was begun with another provider");

    remove_cookie(context, response, name);
    int64_t expires_at = transaction->begun_at + context->config->login_timeout;
    if (context_now(context) >= expires_at)
        return fail(arena, ERROR_LOGIN_EXPIRED, "the login took more than %lld s",
                    (long long)context->config->login_timeout);

    bool first = false;
    if (used_once(context, "login", id, sizeof(id), expires_at, &first) != 0)
        return -1;
    return first ? 0 : fail(arena, ERROR_LOGIN_USED, "this login was already finished");
}

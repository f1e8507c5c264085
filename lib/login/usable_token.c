#include "login/usable_token.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/database.h"
#include "edge/turn.h"
#include "login/client.h"
#include "login/farewell.h"
#include "login/tokens.h"
#include "oauth/refresh.h"
#include "oauth/scope.h"

#include <signal.h>
#include <time.h>

#define TURNS "refresh.turns" /* in the state folder */
#define FRESH 60              /* seconds that a token is refused for other reasons than its age */
#define TRIES 4               /* of a transaction */
#define TRY_PAUSE 100         /* milliseconds between them */

/* ---- whose, and how good --------------------------------------------------------------------- */

/* *found = the tokens to call with; NULL: there are none. */
static int find(struct context *context, const struct session *session, const char *provider,
                struct tokens **found) {
    struct tokens *list = NULL;
    struct tokens *first = NULL;
    *found = NULL;
    if (tokens_load(context, session->account, TOKENS_OF_ALL, &list) != 0)
        return -1;
    for (struct tokens *tokens = list; tokens != NULL; tokens = tokens->next) {
        if (!tokens_are_of(tokens, provider))
            continue;
        if (tokens->identity == session->identity)
            *found = tokens;
        else if (first == NULL)
            first = tokens;
    }
    /* Who signed in there is not called for as somebody else, whom he may be there, too. */
    if (*found == NULL && !text_equal(session->provider, provider))
        *found = first;
    return 0;
}

/* A minute before its end it is as good as expired: a call takes a while, and clocks differ. One that
 * lives for minutes only must not be expired as soon as it is there; and where there will be no other,
 * it is used to its end. */
static int64_t leeway(const struct tokens *tokens) {
    int64_t lifetime = tokens->expires_at - tokens->updated_at;
    if (tokens->refresh_token == NULL)
        return 0;
    return lifetime / 5 < USABLE_TOKEN_LEEWAY ? lifetime / 5 : USABLE_TOKEN_LEEWAY;
}

/* `early` seconds before it does. */
static bool has_expired(struct context *context, const struct tokens *tokens, int64_t early) {
    return tokens->expires_at != 0 && context_now(context) >= tokens->expires_at - early;
}

static bool is_usable(struct context *context, const struct tokens *tokens) {
    return tokens->access_token != NULL && !has_expired(context, tokens, leeway(tokens));
}

static int give(struct context *context, const struct tokens *tokens, struct usable_token *usable) {
    struct provider *provider = arena_alloc(context->arena, sizeof(*provider));
    if (tokens->access_token == NULL)
        return fail(context->arena, ERROR_NO_TOKENS, "they cannot be opened: the key is gone");
    if (tokens_load_provider(context, tokens, provider) != 0)
        return -1;
    *usable = (struct usable_token){
        .provider = provider,
        .identity = tokens->identity,
        .access_token = tokens->access_token,
        .token_secret = tokens->token_secret,
        .scope = tokens->scope,
        .asked_scope = tokens->asked_scope,
    };
    return 0;
}

/* ---- writing --------------------------------------------------------------------------------- */

/* What is written about one refresh. */
struct note {
    const struct tokens *used;
    const struct token_response *response;
    struct tokens *kept;
};

typedef int work_on(struct context *context, struct note *note);

static int try_once(struct context *context, work_on *work, struct note *note) {
    if (database_begin(context) != 0)
        return -1;
    if (work(context, note) == 0)
        return database_commit(context);
    database_rollback(context);
    return -1;
}

/* A database that is busy, or full, may be neither a moment later, and what is to be written here is
 * nowhere else. */
static int in_transaction(struct context *context, work_on *work, struct note *note) {
    const struct timespec pause = {.tv_nsec = TRY_PAUSE * 1000L * 1000};
    int result = try_once(context, work, note);
    for (int tries = 1; result != 0 && tries < TRIES; tries++) {
        enum error_rule rule = context->arena->error.rule;
        if (rule != ERROR_DATABASE && rule != ERROR_DATABASE_BUSY)
            break;
        arena_forget_error(context->arena);
        nanosleep(&pause, NULL);
        result = try_once(context, work, note);
    }
    return result;
}

static int begin(struct context *context, struct note *note) {
    return tokens_begin_refresh(context, note->used->identity);
}

static int keep(struct context *context, struct note *note) {
    return tokens_keep_refreshed(context, note->used, note->response, &note->kept);
}

static int forget(struct context *context, struct note *note) {
    return tokens_forget(context, note->used);
}

static int mark_failed(struct context *context, struct note *note) {
    return tokens_refresh_failed(context, note->used->identity);
}

/* Whatever becomes of this goes to the log: the error that led here is the one that counts. */
static void write_down(struct context *context, work_on *work, const struct tokens *used) {
    struct note note = {.used = used};
    struct error first = context->arena->error;
    arena_forget_error(context->arena);
    if (in_transaction(context, work, &note) != 0)
        context_forgive(context);
    context->arena->error = first;
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* A web server ends a program whose client has gone. Here that waits until the answer is kept: the
 * provider may have replaced the refresh token. */
static void hold_signals(sigset_t *before) {
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGHUP);
    sigaddset(&held, SIGALRM);
    sigaddset(&held, SIGUSR1);
    sigprocmask(SIG_BLOCK, &held, before);
}

static void let_signals(const sigset_t *before) {
    sigprocmask(SIG_SETMASK, before, NULL);
}

/* The identity is gone, with its tokens, which were given back (farewell.h); these must be, too. */
static int give_back(struct context *context, const struct tokens *used,
                     const struct token_response *response) {
    struct tokens tokens = *used;
    tokens.access_token = response->access_token;
    tokens.refresh_token = response->refresh_token;
    tokens.expires_at = 0;
    tokens.next = NULL;
    farewell_say(context, &(struct farewell){.tokens = &tokens});
    return fail(context->arena, ERROR_GRANT_OVER, "the identity was taken out meanwhile");
}

/* What some refreshes need only the login knew (refresh.h): of one that was before this was kept. */
static int find_parameters(struct context *context, const struct provider *provider,
                           const struct tokens *tokens, const char **parameters) {
    const struct login_values values = {
        .provider = provider,
        .redirect_uri = provider_redirect_uri(context, provider),
        .answers.of = {[MAPPING_VARIABLE] = provider_variables(context->arena, provider)},
    };
    *parameters = tokens->refresh_parameters;
    if (*parameters != NULL || refresh_parameters(context->arena, &values, parameters) == 0)
        return 0;
    arena_forget_error(context->arena);
    return fail(context->arena, ERROR_GRANT_OVER, "what its refresh_parameters need was not kept");
}

/* *response = what the provider gave. */
static int request(struct context *context, const struct tokens *tokens,
                   struct token_response *response) {
    struct provider provider;
    struct metadata metadata;
    struct note note = {.used = tokens};
    struct refresh refresh = {
        .refresh_token = tokens->refresh_token,
        .issuer = tokens->issuer,
        .subject = tokens->subject,
    };
    if (tokens_load_provider(context, tokens, &provider) != 0 ||
        metadata_load(context, &provider, &metadata) != 0 || client_find(context, &provider) != 0 ||
        find_parameters(context, &provider, tokens, &refresh.parameters) != 0 ||
        in_transaction(context, begin, &note) != 0)
        return -1;
    if (refresh_request(context, &provider, &metadata, &refresh, response) == 0)
        return 0;
    if (context->arena->error.rule == ERROR_CLIENT_REFUSED)
        client_forget(context, &provider);
    return -1;
}

/* Of a client that we registered ourselves nothing is left of the grant when it is gone: the next
 * login registers anew (client.h). */
static bool is_over(struct context *context, const struct tokens *tokens) {
    struct provider provider;
    const struct error error = context->arena->error;
    if (error.rule == ERROR_GRANT_OVER)
        return true;
    if (error.rule != ERROR_CLIENT_REFUSED && error.rule != ERROR_REGISTRATION)
        return false;
    arena_forget_error(context->arena);
    bool registers = tokens_load_provider(context, tokens, &provider) == 0 &&
                     provider.registration != REGISTRATION_MANUAL;
    context->arena->error = error;
    return registers;
}

/* Does what follows from a failure; the failure stays. */
static int end_failed(struct context *context, const struct tokens *tokens) {
    const struct error error = context->arena->error;
    if (error.rule == ERROR_DATABASE || error.rule == ERROR_DATABASE_BUSY)
        return -1;
    if (!is_over(context, tokens)) {
        write_down(context, mark_failed, tokens);
        return -1;
    }
    write_down(context, forget, tokens);
    context_log(context, "grant_over",
                (struct log_field[]){{"provider", tokens->provider}, {.name = NULL}});
    arena_forget_error(context->arena);
    return fail(context->arena, ERROR_GRANT_OVER, "%s", error.detail);
}

/* It is our turn, and these are the tokens. */
static int refresh(struct context *context, const struct tokens *tokens,
                   struct usable_token *usable) {
    struct token_response response;
    struct note note = {.used = tokens, .response = &response};
    if (request(context, tokens, &response) != 0)
        return end_failed(context, tokens);
    if (in_transaction(context, keep, &note) != 0)
        return -1;
    if (note.kept == NULL)
        return give_back(context, tokens, &response);
    context_log(context, "token_refreshed",
                (struct log_field[]){{"provider", tokens->provider}, {.name = NULL}});
    return give(context, note.kept, usable);
}

/* ---- one at a time --------------------------------------------------------------------------- */

/* A moment ago: a clock that was set back is no reason to wait. */
static bool is_recent(struct context *context, int64_t at, int64_t seconds) {
    int64_t now = context_now(context);
    return at != 0 && at <= now && now - at < seconds;
}

/* Our turn has come; what has become of the tokens meanwhile? `seen` are those that will not do. */
static int go_on(struct context *context, const struct session *session, const struct tokens *seen,
                 struct usable_token *usable) {
    struct arena *arena = context->arena;
    struct tokens *tokens = NULL;
    if (tokens_load(context, session->account, seen->identity, &tokens) != 0)
        return -1;
    if (tokens == NULL)
        return fail(arena, ERROR_GRANT_OVER, "another process was told that it is over");
    bool is_another = tokens->access_token != NULL &&
                      !secret_text_equal(tokens->access_token, seen->access_token);
    if (is_another && !has_expired(context, tokens, 0))
        return give(context, tokens, usable);
    if (tokens->refresh_token == NULL)
        return fail(arena, ERROR_GRANT_OVER, "it has expired, and there is no refresh token");
    if (is_recent(context, tokens->failed_at, USABLE_TOKEN_PAUSE))
        return fail(arena, ERROR_REFRESH_FAILED, "a refresh has just come to nothing");

    sigset_t before;
    hold_signals(&before);
    int result = refresh(context, tokens, usable);
    let_signals(&before);
    return result;
}

static int replace(struct context *context, const struct session *session,
                   const struct tokens *seen, struct usable_token *usable) {
    struct arena *arena = context->arena;
    struct turn turn;
    /* Nothing to wait for. */
    if (seen->refresh_token == NULL)
        return fail(arena, ERROR_GRANT_OVER, "it has expired, and there is no refresh token");
    int taken = turn_take(context, TURNS, seen->identity, USABLE_TOKEN_WAIT, &turn);
    if (taken != 0)
        return taken < 0 ? -1
                         : fail(arena, ERROR_REFRESH_WAIT, "another process took more than %d s",
                                USABLE_TOKEN_WAIT);
    int result = go_on(context, session, seen, usable);
    turn_end(&turn);
    return result;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* It could not be replaced for now; but for some seconds it may still do. */
static int use_to_its_end(struct context *context, const struct tokens *tokens,
                          struct usable_token *usable) {
    enum error_rule rule = context->arena->error.rule;
    if (rule == ERROR_GRANT_OVER || rule == ERROR_NO_TOKENS || tokens->access_token == NULL ||
        has_expired(context, tokens, 0))
        return -1;
    context_forgive(context);
    return give(context, tokens, usable);
}

int usable_token_load(struct context *context, const struct session *session, const char *provider,
                      struct usable_token *usable) {
    struct tokens *tokens = NULL;
    if (find(context, session, provider, &tokens) != 0)
        return -1;
    if (tokens == NULL)
        return fail(context->arena, ERROR_NO_TOKENS, "none of %s are kept of this account",
                    provider);
    if (is_usable(context, tokens))
        return give(context, tokens, usable);
    return replace(context, session, tokens, usable) == 0 ? 0
                                                          : use_to_its_end(context, tokens, usable);
}

int usable_token_renew(struct context *context, const struct session *session,
                       struct usable_token *usable) {
    struct tokens *tokens = NULL;
    const char *refused = usable->access_token;
    if (tokens_load(context, session->account, usable->identity, &tokens) != 0)
        return -1;
    if (tokens == NULL)
        return fail(context->arena, ERROR_NO_TOKENS, "they are gone meanwhile");
    if (!secret_text_equal(tokens->access_token, refused))
        return is_usable(context, tokens) ? give(context, tokens, usable)
                                          : replace(context, session, tokens, usable);
    if (is_recent(context, tokens->updated_at, FRESH))
        return fail(context->arena, ERROR_TOKEN_REFUSED, "an access token that is new is refused");
    return replace(context, session, tokens, usable);
}

bool usable_token_has_scope(struct arena *arena, const struct usable_token *usable,
                            const char *needed) {
    return scope_covers(scope_union(arena, usable->scope, usable->asked_scope), needed);
}

#include "login/admission.h"

#include "edge/config.h"
#include "edge/database.h"
#include "login/account.h"
#include "login/event.h"
#include "login/grant.h"
#include "login/policy.h"
#include "login/tokens.h"
#include "oauth/authorization.h"

/* What every step here needs. */
struct admission {
    struct context *context;
    const struct request *request;
    struct response *response;
    const struct arrival *arrival;
    bool may_be_lost; /* by a power cut: who was let in just signs in again */
};

static int record(const struct admission *admission, enum event_kind kind, int64_t account,
                  const char *detail) {
    const struct event event = {
        .kind = kind,
        .account = account,
        .provider = admission->arrival->provider.id,
        .detail = detail,
    };
    return event_record(admission->context, admission->request, &event);
}

/* ---- signing in ------------------------------------------------------------------------------ */

static int check_policy(const struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    return policy_check(context, &arrival->provider, &arrival->person, &arrival->answers);
}

/* `session` is that of a LOGIN_GRANT, as of grant_scope(): what was asked for depends on it. */
static int keep_tokens(const struct admission *admission, const struct session *session,
                       int64_t identity) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    const struct provider *provider = &arrival->provider;
    const struct login_terms *terms = &arrival->transaction.terms;
    const char *more = NULL;
    if (grant_scope(context, session, provider, terms, &more) != 0)
        return -1;
    const struct token_grant grant = {
        .response = &arrival->tokens,
        .asked_scope = authorization_scope(context->arena, provider, more),
        .refresh_parameters = arrival->refresh_parameters,
        .is_for_api = terms->api != NULL,
    };
    return tokens_keep(context, provider, &arrival->person, identity, &grant);
}

/* One more sign-in of an identity that is known, and nothing else: what a power cut would take back is
 * a session and its event, the time and the name and picture of that login. What is told only once
 * (tokens), what is denied from now on (another session's end; what rules ask about), and what others
 * depend on (an account or identity that is new) must last. */
static bool may_be_lost(const struct admission *admission, const struct account_ids *ids,
                        bool replaced) {
    return !ids->created && !ids->linked && !ids->changed && !replaced &&
           !tokens_are_kept(admission->context->config, &admission->arrival->provider);
}

static int sign_in(struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    struct account_ids ids;
    bool replaced = false;
    if (check_policy(admission) != 0 ||
        account_sign_in(context, &arrival->provider, &arrival->person, context->config->sign_up,
                        &ids) != 0 ||
        keep_tokens(admission, NULL, ids.identity) != 0 ||
        session_issue(context, admission->request, admission->response, &ids, &arrival->origin,
                      &replaced) != 0)
        return -1;
    /* By a verified address (`link_verified_email`). */
    if (ids.linked && !ids.created && record(admission, EVENT_LINKED, ids.account, "email") != 0)
        return -1;
    if (record(admission, EVENT_SIGNED_IN, ids.account, ids.created ? "new" : NULL) != 0)
        return -1;
    context_log(context, "signed_in",
                (struct log_field[]){{"provider", arrival->provider.id},
                                     {"account", ids.created ? "new" : "known"},
                                     {.name = NULL}});
    admission->may_be_lost = may_be_lost(admission, &ids, replaced);
    return 0;
}

/* ---- for a session that is there already ----------------------------------------------------- */

/* The session that the browser left with; it must still be there, and be this browser's. */
static int load_session(const struct admission *admission, struct session **session) {
    struct context *context = admission->context;
    const char *left = admission->arrival->transaction.session;
    *session = NULL;
    if (left != NULL && session_load_left(context, admission->request, left, session) != 0)
        return -1;
    if (*session == NULL)
        return fail(context->arena, ERROR_LINK_SESSION,
                    "the session that this was begun in is over");
    (*session)->remember = admission->arrival->transaction.terms.remember;
    return 0;
}

static int link_identity(const struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    struct session *session = NULL;
    struct account_ids ids;
    if (load_session(admission, &session) != 0 || check_policy(admission) != 0 ||
        account_link(context, session->account, &arrival->provider, &arrival->person, &ids) != 0 ||
        keep_tokens(admission, NULL, ids.identity) != 0 ||
        session_replace(context, admission->response, session) != 0 ||
        record(admission, EVENT_LINKED, session->account, ids.linked ? NULL : "again") != 0)
        return -1;
    context_log(context, "linked",
                (struct log_field[]){{"provider", arrival->provider.id}, {.name = NULL}});
    return 0;
}

/* OpenID Connect Core 2: max_age was asked for, so a provider that knows when the person signed in
 * there says so; and it may have ignored that, or the browser may have left it out. */
static int check_signed_in_lately(const struct admission *admission) {
    struct context *context = admission->context;
    const struct json *id_token = admission->arrival->answers.of[MAPPING_ID_TOKEN];
    int64_t at = 0;
    int64_t age = context->config->confirm_after + context->config->clock_leeway;
    if (json_integer(json_member(id_token, "auth_time"), &at) && context_now(context) - at > age)
        return fail(context->arena, ERROR_CONFIRM, "the provider did not ask the person again");
    return 0;
}

/* Any identity of the account will do: each could have signed in. Who may come in (policy.h) is not
 * asked again: the session ends when it would have, and until then its owner can take out or delete
 * what is his. */
static int confirm(const struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    struct session *session = NULL;
    struct account_ids ids;
    int64_t account = 0;
    if (load_session(admission, &session) != 0 || check_signed_in_lately(admission) != 0 ||
        account_find(context, &arrival->person, &account) != 0)
        return -1;
    if (account != session->account)
        return fail(context->arena, ERROR_CONFIRM, "somebody else signed in to confirm");
    if (account_sign_in(context, &arrival->provider, &arrival->person, false, &ids) != 0 ||
        keep_tokens(admission, NULL, ids.identity) != 0 ||
        session_renew(context, admission->response, ids.identity, &arrival->origin, session) != 0 ||
        record(admission, EVENT_CONFIRMED, account, NULL) != 0)
        return -1;
    context_log(context, "confirmed",
                (struct log_field[]){{"provider", arrival->provider.id}, {.name = NULL}});
    return 0;
}

/* It must be the identity that was asked for: nothing is kept of anybody else, and no account is made
 * or found by it. Who may come in is not asked again, as above; whoever is blocked has no session. */
static int grant_more(const struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    struct session *session = NULL;
    struct account_ids ids;
    int64_t account = 0;
    if (load_session(admission, &session) != 0 ||
        account_find(context, &arrival->person, &account) != 0)
        return -1;
    if (account != session->account)
        return fail(context->arena, ERROR_OTHER_IDENTITY, "somebody else came back");
    if (account_sign_in(context, &arrival->provider, &arrival->person, false, &ids) != 0 ||
        grant_check_identity(context, session, &arrival->provider, ids.identity) != 0 ||
        keep_tokens(admission, session, ids.identity) != 0 ||
        session_replace(context, admission->response, session) != 0 ||
        record(admission, EVENT_GRANTED, account, arrival->transaction.terms.api) != 0)
        return -1;
    context_log(context, "granted",
                (struct log_field[]){{"provider", arrival->provider.id},
                                     {"api", arrival->transaction.terms.api},
                                     {.name = NULL}});
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int complete(struct admission *admission) {
    switch (admission->arrival->transaction.terms.purpose) {
    case LOGIN_SIGN_IN:
        return sign_in(admission);
    case LOGIN_LINK:
        return link_identity(admission);
    case LOGIN_CONFIRM:
        return confirm(admission);
    case LOGIN_GRANT:
        return grant_more(admission);
    }
    return fail(admission->context->arena, ERROR_INTERNAL, "no such purpose");
}

/* The account to note a refusal with; EVENT_NO_ACCOUNT if there is none. Who signs in learns of it
 * in his own account. Of a link that is the account it was to be added to: whose identity it is, is
 * nobody else's business, and he did nothing. */
static int find_refused(const struct admission *admission, int64_t *account) {
    struct context *context = admission->context;
    struct session *session = NULL;
    *account = EVENT_NO_ACCOUNT;
    if (admission->arrival->transaction.terms.purpose == LOGIN_SIGN_IN)
        return account_find(context, &admission->arrival->person, account);
    if (load_session(admission, &session) == 0)
        *account = session->account;
    else if (context->arena->error.rule != ERROR_LINK_SESSION)
        return -1;
    arena_forget_error(context->arena);
    return 0;
}

/* Of a failure that is no fault of ours: the operator wants to know who was turned away and why. */
static void record_refusal(const struct admission *admission) {
    struct context *context = admission->context;
    struct error first = context->arena->error;
    const struct error_meaning *meaning = error_meaning(first.rule);
    int64_t account = EVENT_NO_ACCOUNT;
    if (meaning->answer == ANSWER_SERVER_ERROR || meaning->answer == ANSWER_UNAVAILABLE)
        return;
    arena_forget_error(context->arena);
    /* Of the rules of who may come in, the detail is which one: see policy.h. */
    const char *detail = first.rule == ERROR_POLICY ? first.detail : meaning->name;
    if (find_refused(admission, &account) != 0 ||
        record(admission, EVENT_SIGN_IN_REFUSED, account, detail) != 0)
        context_forgive(context);
    context->arena->error = first;
}

static int complete_or_not_at_all(struct admission *admission) {
    struct context *context = admission->context;
    if (database_begin(context) != 0)
        return -1;
    if (complete(admission) == 0)
        return database_commit(context);
    database_rollback(context);
    return -1;
}

/* Whether it has to last turns out inside of it, where SQLite lets nobody say so any more. So it is
 * committed without waiting for the disk, and that is waited for behind, before the answer, unless it
 * surely need not be. */
int admission_complete(struct context *context, const struct request *request,
                       struct response *response, const struct arrival *arrival) {
    struct admission admission = {context, request, response, arrival, .may_be_lost = false};
    database_make_last(context, false);
    int result = complete_or_not_at_all(&admission);
    if (result == 0 && !admission.may_be_lost)
        result = database_sync(context);
    database_make_last(context, true);
    if (result != 0)
        record_refusal(&admission);
    return result;
}

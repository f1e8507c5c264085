#include "login/admission.h"

#include "edge/config.h"
#include "edge/database.h"
#include "login/account.h"
#include "login/event.h"
#include "login/policy.h"

/* What every step here needs. */
struct admission {
    struct context *context;
    const struct request *request;
    struct response *response;
    const struct arrival *arrival;
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

static int sign_in(const struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    struct account_ids ids;
    if (check_policy(admission) != 0 ||
        account_sign_in(context, &arrival->provider, &arrival->person, context->config->sign_up,
                        &ids) != 0 ||
        session_issue(context, admission->request, admission->response, &ids, &arrival->origin) !=
            0 ||
        record(admission, EVENT_SIGNED_IN, ids.account, ids.created ? "new" : NULL) != 0)
        return -1;
    context_log(context, "signed_in",
                (struct log_field[]){{"provider", arrival->provider.id},
                                     {"account", ids.created ? "new" : "known"},
                                     {.name = NULL}});
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
    return *session != NULL ? 0
                            : fail(context->arena, ERROR_LINK_SESSION,
                                   "the session that this was begun in is over");
}

static int link_identity(const struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    struct session *session = NULL;
    struct account_ids ids;
    if (load_session(admission, &session) != 0 || check_policy(admission) != 0 ||
        account_link(context, session->account, &arrival->provider, &arrival->person, &ids) != 0 ||
        session_replace(context, admission->response, false, session) != 0 ||
        record(admission, EVENT_LINKED, session->account, ids.linked ? NULL : "again") != 0)
        return -1;
    context_log(context, "linked",
                (struct log_field[]){{"provider", arrival->provider.id}, {.name = NULL}});
    return 0;
}

/* Any identity of the account will do: each could have signed in. */
static int confirm(const struct admission *admission) {
    struct context *context = admission->context;
    const struct arrival *arrival = admission->arrival;
    struct session *session = NULL;
    int64_t account = 0;
    if (load_session(admission, &session) != 0 ||
        account_find(context, &arrival->person, &account) != 0)
        return -1;
    if (account != session->account)
        return fail(context->arena, ERROR_CONFIRM, "somebody else signed in to confirm");
    if (session_replace(context, admission->response, true, session) != 0 ||
        record(admission, EVENT_CONFIRMED, account, NULL) != 0)
        return -1;
    context_log(context, "confirmed",
                (struct log_field[]){{"provider", arrival->provider.id}, {.name = NULL}});
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int complete(const struct admission *admission) {
    switch (admission->arrival->transaction.terms.purpose) {
    case LOGIN_SIGN_IN:
        return sign_in(admission);
    case LOGIN_LINK:
        return link_identity(admission);
    case LOGIN_CONFIRM:
        return confirm(admission);
    }
    return fail(admission->context->arena, ERROR_INTERNAL, "no such purpose");
}

/* Who signs in learns of it in his own account, if he has one. Whose identity somebody wanted to
 * link is nobody else's business. */
static int64_t refused_account(const struct admission *admission) {
    int64_t account = EVENT_NO_ACCOUNT;
    if (admission->arrival->transaction.terms.purpose == LOGIN_SIGN_IN &&
        account_find(admission->context, &admission->arrival->person, &account) != 0)
        context_forgive(admission->context);
    return account;
}

/* Of a failure that is no fault of ours: the operator wants to know who was turned away and why. */
static void record_refusal(const struct admission *admission) {
    struct context *context = admission->context;
    struct error first = context->arena->error;
    const struct error_meaning *meaning = error_meaning(first.rule);
    if (meaning->answer == ANSWER_SERVER_ERROR || meaning->answer == ANSWER_UNAVAILABLE)
        return;
    arena_forget_error(context->arena);
    /* Of the rules of who may come in, the detail is which one: see policy.h. */
    const char *detail = first.rule == ERROR_POLICY ? first.detail : meaning->name;
    if (record(admission, EVENT_SIGN_IN_REFUSED, refused_account(admission), detail) != 0)
        context_forgive(context);
    context->arena->error = first;
}

int admission_complete(struct context *context, const struct request *request,
                       struct response *response, const struct arrival *arrival) {
    const struct admission admission = {context, request, response, arrival};
    if (database_begin(context) != 0)
        return -1;
    if (complete(&admission) == 0)
        return database_commit(context);
    database_rollback(context);
    record_refusal(&admission);
    return -1;
}

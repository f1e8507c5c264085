/* The sign-in page's form: who is there, or nobody. */
#include "authorization_response.h"
#include "endpoints.h"
#include "session.h"

#include "base/text.h"

static const struct refusal denied = {.error = "access_denied",
                                      .description = "the person said no"};
static const struct refusal broken = {.error = "server_error",
                                      .description = "on purpose: a misbehaviour was asked for"};

static int read_form(struct exchange *exchange, struct grant *grant) {
    const char *request;
    const char *misbehaviour;
    const struct form *form = &exchange->request.body;
    if (form_single(exchange->arena, form, "request", &request) != 0 ||
        form_single(exchange->arena, form, "misbehaviour", &misbehaviour) != 0 ||
        grant_open(exchange->arena, exchange->op, PURPOSE_REQUEST, request, grant) != 0)
        return -1;
    if (misbehaviour_find(misbehaviour, &grant->misbehaviour) != 0)
        return fail(exchange->arena, ERROR_PARAMETER_WRONG, "no misbehaviour of that name");
    return 0;
}

/* The session's person again, if that sign-in is recent enough for the request. */
static int continue_session(struct exchange *exchange, const struct grant *request,
                            struct grant *session) {
    if (session_load(exchange, session) && session->auth_time >= request->auth_time)
        return 0;
    return fail(exchange->arena, ERROR_PARAMETER_WRONG, "nobody is signed in: choose a person");
}

static int sign_in(struct exchange *exchange, struct grant *session) {
    const struct person *person = person_find(form_value(&exchange->request.body, "person"));
    if (person == NULL)
        return fail(exchange->arena, ERROR_PARAMETER_WRONG, "no person of that name");
    session_begin(exchange, person, session);
    return 0;
}

int decide(struct exchange *exchange) {
    struct grant grant;
    struct grant session = {.person = NULL};
    const char *decision = form_value(&exchange->request.body, "decision");
    if (read_form(exchange, &grant) != 0)
        return -1;
    if (text_equal(decision, "deny"))
        return authorization_response_error(exchange, &grant, &denied);
    if (grant.misbehaviour == MISBEHAVIOUR_SERVER_ERROR)
        return authorization_response_error(exchange, &grant, &broken);

    int found = text_equal(decision, "continue") ? continue_session(exchange, &grant, &session)
                                                 : sign_in(exchange, &session);
    if (found != 0)
        return -1;
    grant.person = session.person;
    grant.auth_time = session.auth_time;
    grant.sid = session.sid;
    return authorization_response_code(exchange, &grant);
}

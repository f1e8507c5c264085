#include "login/api_call.h"

#include "edge/turn.h"
#include "login/api_answer.h"
#include "login/api_cache.h"
#include "login/api_request.h"
#include "login/usable_token.h"

#include <string.h>

/* ---- one call -------------------------------------------------------------------------------- */

/* A failure of the API's, and none of a provider's: the person and the operator are to know which. */
static int tell_apart(struct arena *arena) {
    struct error error = arena->error;
    enum error_rule rule = ERROR_API_FAILED;
    switch (error.rule) {
    case ERROR_HTTP_TIMEOUT:
        rule = ERROR_API_TIMEOUT;
        break;
    case ERROR_HTTP_FAILED:
    case ERROR_HTTP_TOO_LARGE:
    case ERROR_ADDRESS:
    case ERROR_URL_NOT_ALLOWED:
        break;
    default:
        return -1;
    }
    arena_forget_error(arena);
    return fail(arena, rule, "%s", error.detail);
}

/* `made` is complete but for what gives access, and stays so: it may be sent twice. */
static int send_once(struct context *context, const struct api_call *call,
                     const struct http_request *made, struct api_answer *answer) {
    struct http_request request = *made;
    request.fields = NULL;
    for (const struct http_field *field = made->fields; field != NULL; field = field->next)
        http_request_field(context->arena, &request, field->name, field->value);
    if (api_request_authorize(context, call, &request) != 0)
        return -1;
    api_answer_open(answer);
    answer->host = http_host_for_log(context->arena, request.url);
    answer->is_conditional = api_request_is_conditional(&request);
    answer->as_user = call->token != NULL;
    const struct http_sink sink = api_answer_sink(answer);
    if (http_request_stream(context, &request, &sink) != 0)
        return tell_apart(context->arena);
    return 0;
}

/* ---- as a person ----------------------------------------------------------------------------- */

static int send_as(struct context *context, const struct session *session,
                   const struct api_call *call, struct usable_token *token,
                   struct api_answer *answer) {
    struct http_request *made = NULL;
    if (api_request_make(context, call, &made) != 0)
        return -1;
    int result = send_once(context, call, made, answer);
    if (result == 0 || !answer->is_refused)
        return result;
    if (usable_token_renew(context, session, token) != 0)
        return -1;
    result = send_once(context, call, made, answer);
    if (result != 0 && answer->is_refused)
        return fail(context->arena, ERROR_TOKEN_REFUSED, "%s refuses a new access token, too",
                    answer->host);
    return result;
}

static int call_as_person(struct context *context, const struct session *session,
                          struct api_call *call, struct api_answer *answer) {
    const struct api_record *record = call->record;
    struct usable_token *token = arena_alloc(context->arena, sizeof(*token));
    if (usable_token_load(context, session, record->provider, token) != 0)
        return -1;
    if (record->scope != NULL && !usable_token_has_scope(context->arena, token, record->scope))
        return fail(context->arena, ERROR_API_SCOPE, "[api %s] needs a scope that was not granted",
                    record->name);
    call->token = token;
    return send_as(context, session, call, token, answer);
}

/* ---- as nobody in particular ----------------------------------------------------------------- */

/* That of a question: those of two others are the same once in a blue moon, and then one of them
 * waits for nothing. */
static int64_t turn_number(const struct api_question *question) {
    uint32_t number = 0;
    memcpy(&number, question->hash, sizeof(number));
    return number;
}

/* In our turn: somebody may have asked meanwhile. What cannot be kept is an answer all the same. */
static int ask(struct context *context, const struct api_call *call,
               const struct http_request *made, const struct api_question *question,
               struct api_answer *answer) {
    bool found = false;
    if (api_cache_load(context, question, answer, &found) != 0)
        return -1;
    if (found)
        return 0;
    if (send_once(context, call, made, answer) != 0)
        return -1;
    if (api_cache_save(context, question, answer, call->record->cache) != 0)
        context_forgive(context);
    return 0;
}

static int ask_in_turn(struct context *context, const struct api_call *call,
                       const struct http_request *made, const struct api_question *question,
                       struct api_answer *answer) {
    struct turn turn;
    int waited = turn_take(context, "api.turns", turn_number(question), API_CALL_WAIT, &turn);
    if (waited < 0)
        return -1;
    int result = ask(context, call, made, question, answer);
    turn_end(&turn);
    return result;
}

static int call_as_nobody(struct context *context, const struct api_call *call,
                          struct api_answer *answer) {
    struct http_request *made = NULL;
    struct api_question question;
    bool found = false;
    if (api_request_make(context, call, &made) != 0)
        return -1;
    if (call->record->cache == 0 || call->request->method != METHOD_GET)
        return send_once(context, call, made, answer);
    api_question_make(context->arena, call->record->name, made->url, made, &question);
    if (api_cache_load(context, &question, answer, &found) != 0)
        return -1;
    return found ? 0 : ask_in_turn(context, call, made, &question, answer);
}

/* ---- the whole ------------------------------------------------------------------------------- */

/* -1 without an error once the response is begun: the browser is gone, and the frame says so. */
int api_call(struct context *context, const struct api_visit *visit) {
    struct api_call call = {
        .record = visit->record,
        .request = visit->request,
        .path = visit->path,
    };
    struct api_answer answer = {.context = context, .response = visit->response};
    if (api_request_read(context, &call) != 0 ||
        api_record_key(context, visit->record, &call.key) != 0)
        return -1;
    api_answer_open(&answer);
    int result = visit->record->provider != NULL
                     ? call_as_person(context, visit->caller->session, &call, &answer)
                     : call_as_nobody(context, &call, &answer);
    if (result == 0)
        result = api_answer_end(&answer);
    api_answer_close(&answer);
    return result;
}

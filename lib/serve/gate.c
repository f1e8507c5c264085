#include "serve/gate.h"

#include "base/text.h"
#include "edge/database.h"
#include "login/return_to.h"
#include "login/rule.h"
#include "serve/page.h"

/* ---- who asks -------------------------------------------------------------------------------- */

void gate_open(struct gate *gate, const struct gateway *gateway, const char *program) {
    *gate = (struct gate){.gateway = gateway, .request = {.method = METHOD_OTHER}};
    arena_open(&gate->arena, ARENA_LIMIT);
    struct context *context = &gate->context;
    context->arena = &gate->arena;
    context->database = database_new();
    context->clock = &clock_system;
    context_make_request_id(context->request_id);
    context->log = (struct log){
        .write = log_write_stderr,
        .clock = &clock_system,
        .program = program,
        .request_id = context->request_id,
    };
}

static void read_config(struct gate *gate, const char *config_file) {
    const struct error earlier = gate->arena.error;
    arena_forget_error(&gate->arena);
    if (config_load(&gate->arena, config_file, &gate->config) == 0)
        gate->context.config = &gate->config;
    if (earlier.rule != ERROR_NONE)
        gate->arena.error = earlier;
}

/* Read even where something is wrong already: it says in which form that is told. */
static void read_request(struct gate *gate) {
    const struct error earlier = gate->arena.error;
    arena_forget_error(&gate->arena);
    int result = request_read(&gate->arena, gate->gateway, REQUEST_RAW, &gate->request);
    if (earlier.rule != ERROR_NONE || result == 0)
        gate->arena.error = earlier;
}

void gate_read(struct gate *gate, const char *config_file) {
    read_config(gate, config_file);
    read_request(gate);
    if (gate->arena.error.rule == ERROR_NONE &&
        caller_load(&gate->context, &gate->request, &gate->caller) != 0)
        gate->caller = (struct caller){.means = CALLER_NOBODY};
}

/* ---- may he pass ----------------------------------------------------------------------------- */

/* RFC 9110 9.2.1. TRACE has no business here. */
static bool is_safe(const struct gate *gate) {
    enum method method = gate->request.method;
    return method == METHOD_GET || method == METHOD_HEAD ||
           text_equal(gate->gateway->variable(gate->gateway, "REQUEST_METHOD"), "OPTIONS");
}

/* A cookie comes along with whatever another site makes a browser send; a token does not. */
static int check_origin(struct gate *gate, const struct gate_terms *terms) {
    if (terms->any_origin || is_safe(gate) || gate->caller.means == CALLER_TOKEN)
        return 0;
    return request_is_same_origin(&gate->request, gate->config.base_url)
               ? 0
               : fail(&gate->arena, ERROR_REQUEST_ORIGIN, "another site sent this");
}

int gate_check(struct gate *gate, const struct gate_terms *terms) {
    if (gate->arena.error.rule != ERROR_NONE ||
        rule_check(&gate->context, terms->require, &gate->caller) != 0)
        return -1;
    return check_origin(gate, terms);
}

/* ---- if not ---------------------------------------------------------------------------------- */

/* A rule's `recent`, which a provider that does not ask again would not satisfy. */
static bool must_sign_in_anew(const struct gate *gate) {
    return gate->caller.session != NULL && gate->arena.error.rule == ERROR_UNAUTHENTICATED;
}

const char *gate_login_url(struct gate *gate, const char *return_to) {
    struct arena *arena = &gate->arena;
    const char *place = return_to != NULL ? return_to : return_to_here(arena, &gate->request);
    return return_to_login_url(arena, &gate->config, place != NULL ? place : gate->config.home,
                               must_sign_in_anew(gate));
}

/* That nobody is signed in is an answer, not an event. */
static void log_failure(struct gate *gate) {
    struct context *context = &gate->context;
    const char *script = NULL;
    struct error error = gate->arena.error;
    if (error.rule == ERROR_UNAUTHENTICATED)
        return;
    if (request_variable(context->arena, &gate->request, "SCRIPT_NAME", &script) != 0)
        script = NULL;
    log_error(context->arena, &context->log, &error,
              (struct log_field[]){{"script", script}, {.name = NULL}});
}

static void answer(struct gate *gate, struct response *response) {
    struct context *context = &gate->context;
    bool stranger = gate->arena.error.rule == ERROR_UNAUTHENTICATED;
    if (stranger)
        context->login_url = gate_login_url(gate, NULL);
    if (stranger && return_to_is_possible(&gate->request)) {
        response_redirect(response,
                          config_site_uri(&gate->arena, &gate->config, context->login_url));
        return;
    }
    if (gate->caller.session != NULL)
        context->tried = session_display(gate->caller.session);
    log_failure(gate);
    page_respond_error(context, &gate->request, response);
}

void gate_refuse(struct gate *gate) {
    struct response response;
    if (gate->arena.error.rule == ERROR_NONE)
        fail(&gate->arena, ERROR_INTERNAL, "a failure without a reason");
    response_open(&gate->arena, &response);
    response.head_only = gate->request.method == METHOD_HEAD;
    answer(gate, &response);
    arena_forget_error(&gate->arena); /* it is in the answer by now */
    database_rest(&gate->context);
    request_body_discard(&gate->arena, &gate->request);
    if (response_send(&response, gate->gateway) != 0)
        context_log(&gate->context, "client_gone", NULL);
}

void gate_release(struct gate *gate) {
    database_free(gate->context.database);
    gate->context.database = NULL;
}

void gate_close(struct gate *gate) {
    gate_release(gate);
    arena_close(&gate->arena);
    *gate = (struct gate){.gateway = NULL};
}

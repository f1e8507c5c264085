/*
 * check.cgi: may this request pass? For a web server that asks before it serves something.
 *
 *   any method check.cgi[?require=RULE …]
 *
 * In the sub-request of a web server (auth_request, forward_auth):
 *
 *   204   it may. X-Auth-Request-User (the `sub`), -Email (only a verified one), -Name, -Groups
 *         (separated by commas), -Provider; empty where nothing is known, so that they replace what a
 *         client made up. Percent-encoded: what is not printable ASCII, "%", in groups ","
 *   401   nobody is signed in, or not lately enough for a rule's `recent`. A browser that can come
 *         back here is told by X-Auth-Request-Login where to sign in; redirect=yes sends it there, by
 *         303
 *   403   it is not for this person
 *   else  something is wrong: nobody passes
 *
 * As an authorizer (FastCGI 1.0, 6.3): 200 and "Variable-…" fields: the environment that programs
 * behind signed-in get (serve/handover.h), and X_AUTH_REQUEST_… as above; anything else is shown to
 * the person as it is.
 *
 * Which rules are asked for says the web server, by the variable LATCHKEY_REQUIRE; the query does only
 * where there is none, and never that of an authorizer: it is the client's own. With forwarded=yes
 * the place to come back to is what the web server says in X-Forwarded-Uri.
 *
 * The method does not matter, and the body is never touched: it is another program's.
 */
#include "base/text.h"
#include "edge/config.h"
#include "format/field.h"
#include "login/caller.h"
#include "login/membership.h"
#include "login/return_to.h"
#include "login/rule.h"
#include "serve/handover.h"
#include "serve/page.h"
#include "serve/serve.h"

#include <string.h>

#define REQUIRE "LATCHKEY_REQUIRE"
/* Web servers have room for 4 or 8 KiB of all fields together, and refuse what is longer. */
#define GROUPS_LIMIT 2048

/* What is asked. */
struct question {
    const char *require; /* NULL: being signed in suffices */
    bool redirect;
    bool forwarded;
};

static bool is_authorizer(const struct request *request) {
    return request->gateway->role == GATEWAY_AUTHORIZER;
}

/* ---- the question ---------------------------------------------------------------------------- */

static int read_yes(struct arena *arena, const struct form *form, const char *name, bool *yes) {
    const char *value = NULL;
    if (form_single(arena, form, name, &value) != 0)
        return -1;
    *yes = text_equal(value, "yes");
    return value == NULL || *yes ? 0 : fail(arena, ERROR_PARAMETER_WRONG, "%s is not yes", name);
}

/* A parameter that is not known may be a rule misspelt. */
static int check_names(struct arena *arena, const struct form *form) {
    for (const struct form_field *field = form->first; field != NULL; field = field->next)
        if (!text_has_word("require redirect forwarded", field->name))
            return fail(arena, ERROR_PARAMETER_WRONG, "a parameter that check.cgi does not know");
    return 0;
}

static int read_query(struct arena *arena, const struct request *request,
                      struct question *question) {
    struct form form = {.first = NULL};
    return form_parse(arena, request->query_string, strlen(request->query_string), &form) != 0 ||
                   check_names(arena, &form) != 0 ||
                   form_single(arena, &form, "require", &question->require) != 0 ||
                   read_yes(arena, &form, "redirect", &question->redirect) != 0 ||
                   read_yes(arena, &form, "forwarded", &question->forwarded) != 0
               ? -1
               : 0;
}

/* An empty LATCHKEY_REQUIRE is a variable of the web server's that was never set: rule_check()
 * refuses it. */
static int read_question(struct arena *arena, const struct request *request,
                         struct question *question) {
    const char *required = request->gateway->variable(request->gateway, REQUIRE);
    *question = (struct question){.redirect = is_authorizer(request)};
    if (required != NULL) {
        question->require = arena_text(arena, required);
        return 0;
    }
    if (is_authorizer(request))
        return 0;
    if (*request->path_info != '\0')
        return fail(arena, ERROR_REQUEST_PATH, "nothing is below this program");
    return read_query(arena, request, question);
}

/* ---- he may pass ----------------------------------------------------------------------------- */

/* As many as fit, whole: who is not said to be in a group is not in it. */
static struct json *fitting(struct arena *arena, const struct json *groups, size_t limit) {
    struct json *some = json_array(arena);
    size_t length = 0;
    for (const struct json *each = groups == NULL ? NULL : groups->first; each != NULL;
         each = each->next) {
        size_t more = strlen(field_encode(arena, each->text, ",")) + 1;
        if (length + more > limit)
            continue;
        length += more;
        json_append(some, json_text(arena, each->text));
    }
    return some;
}

static const char *join(struct arena *arena, const struct json *groups) {
    struct buffer text;
    buffer_open(arena, &text);
    for (const struct json *each = groups->first; each != NULL; each = each->next) {
        buffer_add_text(&text, text.length == 0 ? "" : ",");
        buffer_add_text(&text, field_encode(arena, each->text, ","));
    }
    return text.bytes;
}

enum { USER, NAME, EMAIL, PROVIDER, GROUPS, TOLD_COUNT };

/* What is told of the person, fit for a field; "" where nothing is known. */
struct told {
    const char *values[TOLD_COUNT];
};

static const char *encode(struct arena *arena, const char *value) {
    return value == NULL ? "" : field_encode(arena, value, "");
}

static struct told told_of(struct arena *arena, const struct session *session,
                           const struct membership *membership) {
    return (struct told){{
        [USER] = encode(arena, session->sub),
        [NAME] = encode(arena, session->name),
        /* An address that nobody has verified is anybody's. */
        [EMAIL] = encode(arena, session->email_verified ? session->email : NULL),
        [PROVIDER] = encode(arena, membership->provider),
        [GROUPS] = join(arena, fitting(arena, membership->groups, GROUPS_LIMIT)),
    }};
}

static void answer_sub_request(struct response *response, const struct told *told) {
    static const char *const names[TOLD_COUNT] = {
        [USER] = "X-Auth-Request-User",     [NAME] = "X-Auth-Request-Name",
        [EMAIL] = "X-Auth-Request-Email",   [PROVIDER] = "X-Auth-Request-Provider",
        [GROUPS] = "X-Auth-Request-Groups",
    };
    response->status = 204;
    for (size_t i = 0; i < TOLD_COUNT; i++)
        response_field(response, names[i], told->values[i]);
}

static void put_environment(struct arena *arena, struct response *response,
                            const struct caller *caller, const struct membership *membership) {
    char *nothing[] = {NULL};
    const struct handover handover = {
        .caller = caller,
        .provider = membership->provider,
        .groups = fitting(arena, membership->groups, GROUPS_LIMIT),
    };
    for (char **entry = handover_environment(arena, nothing, &handover); *entry != NULL; entry++) {
        size_t length = strcspn(*entry, "=");
        response_field(response,
                       arena_format(arena, "Variable-%s", arena_copy(arena, *entry, length)),
                       *entry + length + 1);
    }
}

/* FastCGI 1.0, 6.3. Other fields would become those of what is behind the gate. X_AUTH_REQUEST_… are
 * for a server that passes the request on to another. */
static int answer_authorizer(struct response *response, const struct told *told) {
    static const char *const names[TOLD_COUNT] = {
        [USER] = "Variable-X_AUTH_REQUEST_USER",
        [NAME] = "Variable-X_AUTH_REQUEST_NAME",
        [EMAIL] = "Variable-X_AUTH_REQUEST_EMAIL",
        [PROVIDER] = "Variable-X_AUTH_REQUEST_PROVIDER",
        [GROUPS] = "Variable-X_AUTH_REQUEST_GROUPS",
    };
    response->bare = true;
    for (size_t i = 0; i < TOLD_COUNT; i++)
        response_field(response, names[i], told->values[i]);
    return response_start(response);
}

static int let_pass(struct context *context, const struct request *request,
                    struct response *response, const struct caller *caller) {
    struct arena *arena = context->arena;
    struct membership membership;
    if (membership_load(context, caller->session, &membership) != 0)
        return -1;
    const struct told told = told_of(arena, caller->session, &membership);
    if (is_authorizer(request)) {
        put_environment(arena, response, caller, &membership);
        return answer_authorizer(response, &told);
    }
    answer_sub_request(response, &told);
    return 0;
}

/* ---- he may not ------------------------------------------------------------------------------ */

static const char *forwarded_place(struct arena *arena, const struct request *request) {
    const char *uri = NULL;
    bool fits = request_variable(arena, request, "HTTP_X_FORWARDED_URI", &uri) == 0 &&
                uri != NULL && return_to_check(arena, uri) == 0;
    arena_forget_error(arena);
    return fits ? uri : NULL;
}

/* Where the request came to that is asked about; NULL if that is not known. What a web server asks
 * that does not tell, came to this very program: nobody wants to come back here. */
static const char *place(struct context *context, const struct request *request,
                         const struct question *question) {
    struct arena *arena = context->arena;
    const char *here =
        question->forwarded ? forwarded_place(arena, request) : return_to_here(arena, request);
    const char *ours = arena_format(arena, "%s/check.cgi", context->config->cgi_path);
    return here == NULL || text_starts_with(here, ours) ? NULL : here;
}

static int turn_away(struct context *context, const struct request *request,
                     struct response *response, const struct question *question,
                     const struct caller *caller) {
    struct arena *arena = context->arena;
    bool is_known = caller->session != NULL;
    if (is_known)
        context->tried = session_display(caller->session);
    if (arena->error.rule != ERROR_UNAUTHENTICATED)
        return -1;

    struct error unauthenticated = arena->error;
    arena_forget_error(arena);
    context->login_url =
        return_to_login_url(arena, context->config, place(context, request, question), is_known);
    const char *uri = config_site_uri(arena, context->config, context->login_url);
    if (question->redirect && return_to_is_possible(request)) {
        response_redirect(response, uri);
        return 0;
    }
    arena->error = unauthenticated;
    page_respond_error(context, request, response);
    if (return_to_is_possible(request))
        response_field(response, "X-Auth-Request-Login", uri);
    return 0;
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct question question;
    struct caller caller = {.session = NULL};
    if (read_question(context->arena, request, &question) != 0)
        return -1;
    return caller_load(context, request, &caller) == 0 &&
                   rule_check(context, question.require, &caller) == 0
               ? let_pass(context, request, response, &caller)
               : turn_away(context, request, response, &question, &caller);
}

int main(void) {
    const struct program program = {
        .name = "check.cgi",
        .handle = handle,
        .any_method = true,
        .body = REQUEST_RAW,
        .has_paths = true, /* an authorizer is told those of others */
        .short_pages = true,
        .mostly_reads = true,
    };
    return serve(&program);
}

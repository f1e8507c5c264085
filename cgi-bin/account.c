/*
 * account.cgi: what the forms of the account page (me.cgi) do. POST alone, from our own pages, each
 * with the session's CSRF token; ids of others' sessions and identities are 404.
 *
 *   account.cgi/link      provider [instance]               to the provider, to connect it
 *   account.cgi/unlink    identity                          takes one out; never the last
 *   account.cgi/profile   name_identity, email_identity     chooses what is shown
 *   account.cgi/sessions  end: one of the list, "others", "all"
 *   account.cgi/confirm   provider                          to the provider, to sign in once more
 *   account.cgi/export                                      everything stored, as a JSON file
 *   account.cgi/delete    [confirm=yes]                     asks again, then removes the account
 *
 * What cannot be undone asks for a fresh login first ([account] confirm_after).
 */
#include "login/account.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/database.h"
#include "edge/http_client.h"
#include "format/uri.h"
#include "login/departure.h"
#include "login/event.h"
#include "login/export.h"
#include "login/farewell.h"
#include "login/instance.h"
#include "login/session.h"
#include "login/tokens.h"
#include "serve/account_page.h"
#include "serve/serve.h"
#include "serve/sign_in_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct visit {
    struct context *context;
    const struct request *request;
    struct response *response;
    struct session *session;
    struct farewell *farewell; /* what a deletion leaves to be given back */
};

/* ---- parameters and answers ------------------------------------------------------------------ */

static int parameter(const struct visit *visit, const char *name, const char **value) {
    struct arena *arena = visit->context->arena;
    if (form_single(arena, &visit->request->body, name, value) != 0)
        return -1;
    return text_is_empty(*value) ? fail(arena, ERROR_PARAMETER_WRONG, "%s is missing", name) : 0;
}

/* An id of ours. What is none can be nobody's. */
static int id_parameter(const struct visit *visit, const char *name, int64_t *id) {
    const char *text = NULL;
    char *end = NULL;
    if (parameter(visit, name, &text) != 0)
        return -1;
    errno = 0;
    *id = ascii_is_digit(*text) ? strtoll(text, &end, 10) : 0;
    if (end == NULL || *end != '\0' || errno != 0)
        return fail(visit->context->arena, ERROR_NOT_YOURS, "%s is not a number", name);
    return 0;
}

/* Back to the account page, which says what was done. */
static void respond_done(const struct visit *visit, const char *done) {
    struct arena *arena = visit->context->arena;
    struct form form = {.first = NULL};
    form_put(arena, &form, "done", done);
    response_redirect(
        visit->response,
        uri_with_query(arena, config_program_uri(arena, visit->context->config, "me.cgi"), &form));
}

static int record(const struct visit *visit, enum event_kind kind, const char *provider,
                  const char *detail) {
    const struct event event = {
        .kind = kind,
        .account = visit->session->account,
        .provider = provider,
        .detail = detail,
    };
    return event_record(visit->context, visit->request, &event);
}

/* Another tab may have ended the session, or deleted the account, since the request came in. */
static int check_still_there(const struct visit *visit) {
    struct session *session = NULL;
    if (session_load(visit->context, visit->request, &session) != 0)
        return -1;
    return session != NULL ? 0
                           : fail(visit->context->arena, ERROR_UNAUTHENTICATED,
                                  "the session was ended meanwhile");
}

/* What is done, whole or not at all. */
static int in_transaction(const struct visit *visit, int (*work)(const struct visit *visit)) {
    if (database_begin(visit->context) != 0)
        return -1;
    if (check_still_there(visit) != 0 || work(visit) != 0) {
        database_rollback(visit->context);
        return -1;
    }
    return database_commit(visit->context);
}

/* ---- to a provider --------------------------------------------------------------------------- */

static int depart(const struct visit *visit, enum login_purpose purpose) {
    struct context *context = visit->context;
    const char *id = NULL;
    const char *typed = NULL;
    const char *instance = NULL;
    const char *uri = NULL;
    struct provider provider;
    if (parameter(visit, "provider", &id) != 0 ||
        form_single(context->arena, &visit->request->body, "instance", &typed) != 0)
        return -1;
    if (typed != NULL && instance_parse(context->arena, typed, &instance) != 0)
        return -1;
    if (provider_load(context, id, instance, &provider) != 0)
        return -1;
    if (provider.asks_instance && instance == NULL)
        return fail(context->arena, ERROR_INSTANCE, "no instance was named");
    if (!provider.asks_instance && instance != NULL)
        return fail(context->arena, ERROR_PARAMETER_WRONG, "%s has no instances", provider.id);
    const struct departure departure = {
        .terms = {.return_to =
                      arena_format(context->arena, "%s/me.cgi?done=%s", context->config->cgi_path,
                                   purpose == LOGIN_LINK ? "linked" : "confirmed"),
                  .purpose = purpose,
                  .remember = visit->session->remember},
    };
    if (departure_begin(context, visit->request, visit->response, &provider, &departure, &uri) != 0)
        return -1;
    return sign_in_page_lead(context, visit->request, visit->response, &provider, uri);
}

static int link_provider(const struct visit *visit) {
    return depart(visit, LOGIN_LINK);
}

/* The provider asks who it is, whoever is signed in there: see login/departure.h. */
static int confirm(const struct visit *visit) {
    return depart(visit, LOGIN_CONFIRM);
}

/* ---- identities ------------------------------------------------------------------------------ */

/* The first identity that is another one; 0 if there is none. */
static int64_t other_than(const struct identity *identities, int64_t id) {
    while (identities != NULL && identities->id == id)
        identities = identities->next;
    return identities == NULL ? 0 : identities->id;
}

static const char *provider_of(const struct identity *identities, int64_t id) {
    while (identities != NULL && identities->id != id)
        identities = identities->next;
    return identities == NULL ? NULL : identities->provider;
}

static int unlink_one(const struct visit *visit) {
    struct context *context = visit->context;
    struct identity *identities = NULL;
    int64_t id = 0;
    if (id_parameter(visit, "identity", &id) != 0 ||
        account_identities(context, visit->session->account, &identities) != 0)
        return -1;
    const char *provider = provider_of(identities, id);
    int64_t other = other_than(identities, id);
    if (other != 0 && session_leave_identity(context, visit->session, id, other) != 0)
        return -1;
    if (farewell_prepare(context, visit->session->account, id, visit->farewell) != 0 ||
        account_unlink(context, visit->session->account, id) != 0)
        return -1;
    context_log(context, "unlinked", (struct log_field[]){{"provider", provider}, {.name = NULL}});
    return record(visit, EVENT_UNLINKED, provider, NULL);
}

static int unlink_identity(const struct visit *visit) {
    if (in_transaction(visit, unlink_one) != 0)
        return -1;
    farewell_say(visit->context, visit->farewell);
    respond_done(visit, "unlinked");
    return 0;
}

static int choose(const struct visit *visit) {
    int64_t name = 0;
    int64_t email = 0;
    if (id_parameter(visit, "name_identity", &name) != 0 ||
        id_parameter(visit, "email_identity", &email) != 0 ||
        account_show(visit->context, visit->session->account, name, email) != 0)
        return -1;
    return record(visit, EVENT_PROFILE_CHANGED, NULL, NULL);
}

static int choose_profile(const struct visit *visit) {
    if (in_transaction(visit, choose) != 0)
        return -1;
    respond_done(visit, "profile");
    return 0;
}

/* ---- sessions -------------------------------------------------------------------------------- */

static int end_some(const struct visit *visit) {
    struct context *context = visit->context;
    const char *which = NULL;
    int64_t count = 1;
    int result = parameter(visit, "end", &which);
    if (result != 0)
        return -1;
    if (text_equal(which, "others"))
        result = session_end_others(context, visit->session, &count);
    else if (text_equal(which, "all"))
        result = session_end_all(context, visit->session->account, &count);
    else
        result = session_end(context, visit->session->account, which);
    if (result != 0)
        return -1;
    const char *sessions = arena_format(context->arena, "%lld", (long long)count);
    context_log(context, "sessions_ended",
                (struct log_field[]){{"sessions", sessions}, {.name = NULL}});
    return record(visit, EVENT_SESSIONS_ENDED, NULL, sessions);
}

/* Not to the account page, which would lead on to a provider and, where that knows the person still,
 * straight back in. */
static void respond_signed_out(const struct visit *visit) {
    struct context *context = visit->context;
    session_remove_cookie(context, visit->response);
    response_redirect(visit->response,
                      config_site_uri(context->arena, context->config, context->config->home));
}

static int end_sessions(const struct visit *visit) {
    struct session *left = NULL;
    if (in_transaction(visit, end_some) != 0 ||
        session_load(visit->context, visit->request, &left) != 0)
        return -1;
    if (left == NULL) /* this one was among them */
        respond_signed_out(visit);
    else
        respond_done(visit, "sessions");
    return 0;
}

/* ---- export and delete ----------------------------------------------------------------------- */

/* With the event that tells of it, and all of one moment. */
static int export_all(const struct visit *visit) {
    struct json *document = NULL;
    if (record(visit, EVENT_EXPORTED, NULL, NULL) != 0 ||
        export_account(visit->context, visit->session->account, &document) != 0)
        return -1;
    response_json(visit->response, 200, document);
    response_field(visit->response, "Content-Disposition", "attachment; filename=\"account.json\"");
    return 0;
}

static int export(const struct visit *visit) {
    struct context *context = visit->context;
    if (in_transaction(visit, export_all) != 0)
        return -1;
    context_log(context, "exported", (struct log_field[]){{.name = NULL}});
    return 0;
}

static int delete_all(const struct visit *visit) {
    struct context *context = visit->context;
    struct session *session = visit->session;
    int64_t count = 0;
    if (farewell_prepare(context, session->account, TOKENS_OF_ALL, visit->farewell) != 0 ||
        record(visit, EVENT_DELETED, session->provider, NULL) != 0 ||
        session_end_all(context, session->account, &count) != 0 ||
        account_delete(context, session->account) != 0)
        return -1;
    context_log(context, "deleted",
                (struct log_field[]){{"provider", session->provider}, {.name = NULL}});
    return 0;
}

static int delete_account(const struct visit *visit) {
    struct context *context = visit->context;
    const char *sure = NULL;
    if (form_single(context->arena, &visit->request->body, "confirm", &sure) != 0)
        return -1;
    if (!text_equal(sure, "yes"))
        return account_page_respond_delete(context, visit->request, visit->response,
                                           visit->session);
    if (in_transaction(visit, delete_all) != 0)
        return -1;
    farewell_say(context, visit->farewell);
    respond_signed_out(visit);
    return 0;
}

/* A browser gets the page that offers it; a script learns what is missing. */
static int ask_to_confirm(const struct visit *visit) {
    if (request_wants_page(visit->request))
        return account_page_respond_confirm(visit->context, visit->request, visit->response,
                                            visit->session);
    return fail(visit->context->arena, ERROR_CONFIRM, "the login is older than confirm_after");
}

/* ---- the whole ------------------------------------------------------------------------------- */

static const struct action {
    const char *path;
    int (*act)(const struct visit *visit);
    bool needs_fresh_login;
} actions[] = {
    {"/link", link_provider, false},     {"/unlink", unlink_identity, true},
    {"/profile", choose_profile, false}, {"/sessions", end_sessions, false},
    {"/confirm", confirm, false},        {"/export", export, false},
    {"/delete", delete_account, true},
};

static const struct action *find_action(const char *path) {
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
        if (text_equal(actions[i].path, path))
            return &actions[i];
    return NULL;
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct farewell farewell = {.tokens = NULL};
    struct visit visit = {context, request, response, NULL, &farewell};
    const struct action *action = find_action(request->path_info);
    context->retry = config_program_uri(context->arena, context->config, "me.cgi");
    if (action == NULL)
        return fail(context->arena, ERROR_REQUEST_PATH, "nothing is at this path");
    if (session_load(context, request, &visit.session) != 0 ||
        session_check_form(context, request, visit.session) != 0)
        return -1;
    if (action->needs_fresh_login && !session_is_recent(context, visit.session))
        return ask_to_confirm(&visit);
    return action->act(&visit);
}

int main(void) {
    const struct program program = {
        .name = "account.cgi",
        .handle = handle,
        .allow = "POST",
        .has_paths = true,
        .transport = &http_curl,
    };
    return serve(&program);
}

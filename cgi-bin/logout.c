/*
 * logout.cgi: the way out.
 *
 *   GET logout.cgi                    a page with the button; also where a provider sends the
 *                                     browser back to (post_logout_redirect_uri)
 *   POST logout.cgi                   ends this browser's session; 303 to the provider's
 *                                     end_session_endpoint; in the end to return_to, a path of
 *                                     this site, which both take, or home
 *   POST logout.cgi/backchannel/ID    the provider ends sessions (Back-Channel Logout 1.0)
 *   GET logout.cgi/frontchannel/ID    the same, in a frame of the provider's page
 *                                     (Front-Channel Logout 1.0)
 */
#include "base/text.h"
#include "edge/config.h"
#include "edge/database.h"
#include "edge/http_client.h"
#include "format/uri.h"
#include "format/utf8.h"
#include "login/client.h"
#include "login/event.h"
#include "login/return_to.h"
#include "login/session.h"
#include "login/sign_out.h"
#include "oauth/issuer.h"
#include "serve/page.h"
#include "serve/serve.h"

#include <string.h>

/* ---- this browser ---------------------------------------------------------------------------- */

static struct json *user_values(struct arena *arena, const struct session *session) {
    struct json *user = json_object(arena);
    json_put_string(arena, user, "display", session_display(session));
    json_put_string(arena, user, "email", session->email);
    json_put_string(arena, user, "initial", utf8_first(arena, session->name));
    return user;
}

/* Where to go when it is done: nowhere but on this site. NULL: home. */
static int read_return_to(struct context *context, const struct request *request,
                          const char **return_to) {
    struct arena *arena = context->arena;
    if (form_single(arena, request_parameters(request), "return_to", return_to) != 0)
        return -1;
    return *return_to == NULL ? 0 : return_to_check(arena, *return_to);
}

static void go_on(struct context *context, struct response *response, const char *return_to) {
    const struct config *config = context->config;
    response_redirect(response, config_site_uri(context->arena, config,
                                                return_to != NULL ? return_to : config->home));
}

static int show_page(struct context *context, const struct request *request,
                     struct response *response) {
    struct arena *arena = context->arena;
    struct session *session = NULL;
    const char *return_to = NULL;
    bool returned = false;
    context->retry = sign_out_return_uri(context); /* this page, without a state */
    if (sign_out_return(context, request, response, &returned, &return_to) != 0)
        return -1;
    if (returned) {
        go_on(context, response, return_to);
        return 0;
    }
    if (read_return_to(context, request, &return_to) != 0 ||
        session_load(context, request, &session) != 0)
        return -1;

    struct page page;
    if (page_open(context, request, "sign-out.html", &page) != 0)
        return -1;
    if (session != NULL) {
        page.form_origins = sign_out_origin(context, session);
        json_put(arena, page.values, "user", user_values(arena, session));
        json_put_string(arena, page.values, "csrf_token", session->csrf_token);
    }
    json_put_string(arena, page.values, "return_to", return_to);
    json_put_string(arena, page.values, "logout", sign_out_return_uri(context));
    json_put_string(arena, page.values, "sign_in",
                    config_program_uri(arena, context->config, "login.cgi"));
    return page_respond(context, response, &page);
}

/* The session, and the event that tells of it. */
static int end_recorded(struct context *context, const struct request *request,
                        const struct session *session) {
    const struct event event = {
        .kind = EVENT_SIGNED_OUT,
        .account = session->account,
        .provider = session->provider,
    };
    if (database_begin(context) != 0)
        return -1;
    if (session_end(context, session->account, session->id_hash) == 0 &&
        event_record(context, request, &event) == 0)
        return database_commit(context);
    database_rollback(context);
    if (context->arena->error.rule != ERROR_NOT_YOURS)
        return -1;
    arena_forget_error(context->arena); /* another tab was quicker */
    return 0;
}

static int end_session(struct context *context, const struct request *request,
                       struct response *response) {
    struct session *session = NULL;
    const char *return_to = NULL;
    const char *uri = NULL;
    /* A form on a static page has no token to send; that it is a page of this site, the browser
     * says. And it sends a SameSite=Lax cookie with no other site's POST. */
    if (!request_is_same_origin(request, context->config->base_url))
        return fail(context->arena, ERROR_REQUEST_ORIGIN, "another site sent this");
    if (read_return_to(context, request, &return_to) != 0 ||
        session_load(context, request, &session) != 0 ||
        (session != NULL && end_recorded(context, request, session) != 0) ||
        session_revoke(context, request, response) != 0)
        return -1;
    if (session != NULL) {
        context_log(context, "signed_out",
                    (struct log_field[]){{"provider", session->provider}, {.name = NULL}});
        if (sign_out_begin(context, response, session, return_to, &uri) != 0)
            return -1;
    }
    if (uri != NULL)
        response_redirect(response, uri);
    else
        go_on(context, response, return_to);
    return 0;
}

static int handle_browser(struct context *context, const struct request *request,
                          struct response *response) {
    return request->method == METHOD_POST ? end_session(context, request, response)
                                          : show_page(context, request, response);
}

/* ---- the provider, directly ------------------------------------------------------------------ */

static int end_by_logout_token(struct context *context, const struct request *request,
                               struct provider *provider) {
    struct arena *arena = context->arena;
    struct metadata metadata;
    struct logout_token token;
    const char *compact = NULL;
    if (form_single(arena, &request->body, "logout_token", &compact) != 0)
        return -1;
    if (compact == NULL)
        return fail(arena, ERROR_LOGOUT_TOKEN, "there is no logout_token");
    if (client_find(context, provider) != 0 || metadata_load(context, provider, &metadata) != 0 ||
        logout_token_verify(context, provider, &metadata, compact, &token) != 0)
        return -1;
    return sign_out_by_token(context, provider, &token);
}

/* Back-Channel Logout 2.8: 400, whatever was wrong with the token; the log tells. */
static void respond_refused(struct context *context, struct response *response) {
    struct arena *arena = context->arena;
    struct json *document = json_object(arena);
    context_forgive(context);
    json_put_string(arena, document, "error", "invalid_request");
    json_put_string(arena, document, "error_description", "The logout_token was refused.");
    json_put_string(arena, document, "request_id", context->request_id);
    response_json(response, 400, document);
}

static int handle_backchannel(struct context *context, const struct request *request,
                              struct response *response, const char *id) {
    struct arena *arena = context->arena;
    struct provider provider;
    context->allow = "POST";
    if (request->method != METHOD_POST)
        return fail(arena, ERROR_REQUEST_METHOD, "a logout_token comes by POST");
    if (provider_load(context, id, NULL, &provider) != 0)
        return -1;
    if (end_by_logout_token(context, request, &provider) == 0)
        return 0;

    /* What is our own fault is no verdict on the token: the provider may send it again. */
    enum answer answer = error_meaning(arena->error.rule)->answer;
    if (answer == ANSWER_SERVER_ERROR || answer == ANSWER_UNAVAILABLE)
        return -1;
    respond_refused(context, response);
    return 0;
}

/* ---- the provider, in a frame ---------------------------------------------------------------- */

/* This page alone may be framed, and by the provider alone. */
static int respond_in_frame(struct context *context, struct response *response, const char *iss) {
    struct uri issuer;
    if (uri_parse(context->arena, iss, &issuer) != 0)
        return -1;
    response_frame(response, "<!doctype html>\n<title>Signed out</title>\n",
                   uri_origin(context->arena, &issuer));
    return 0;
}

/* A frame's request carries no cookie of ours (SameSite), so the session is found by iss and sid;
 * both are there or neither (Front-Channel Logout 2). */
static int handle_frontchannel(struct context *context, const struct request *request,
                               struct response *response, const char *id) {
    struct arena *arena = context->arena;
    struct provider provider;
    const char *iss = NULL;
    const char *sid = NULL;
    context->allow = "GET";
    if (request->method != METHOD_GET)
        return fail(arena, ERROR_REQUEST_METHOD, "a front-channel logout comes by GET");
    if (provider_load(context, id, NULL, &provider) != 0 ||
        form_single(arena, &request->query, "iss", &iss) != 0 ||
        form_single(arena, &request->query, "sid", &sid) != 0)
        return -1;
    if (!issuer_fits(&provider, iss) || issuer_is_template(iss) || text_is_empty(sid))
        return fail(arena, ERROR_LOGOUT_TOKEN, "iss is not this provider's issuer, or no sid");
    if (sign_out_by_sid(context, &provider, iss, sid) != 0)
        return -1;
    return respond_in_frame(context, response, iss);
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    static const char backchannel[] = "/backchannel/";
    static const char frontchannel[] = "/frontchannel/";
    const char *path = request->path_info;
    if (*path == '\0')
        return handle_browser(context, request, response);
    if (text_starts_with(path, backchannel))
        return handle_backchannel(context, request, response, path + strlen(backchannel));
    if (text_starts_with(path, frontchannel))
        return handle_frontchannel(context, request, response, path + strlen(frontchannel));
    return fail(context->arena, ERROR_REQUEST_PATH, "nothing is at this path");
}

int main(void) {
    const struct program program = {
        .name = "logout.cgi",
        .handle = handle,
        .allow = "GET, HEAD, POST",
        .has_paths = true,
        .transport = &http_helper,
    };
    return serve(&program);
}

/*
 * token.cgi: an access token for an API, for who is signed in.
 *
 *   POST token.cgi    {"access_token":…,"token_type":"Bearer","expires_in":600}, or 401
 *
 * Asked for by this browser's session, and by a page of this site: by the session's csrf_token
 * (X-CSRF-Token, or csrf_token of a form), or as a script of this origin, which the browser says
 * (Sec-Fetch-Site). The parameter `resource` (RFC 8707 2), or `audience`, says which API it is for,
 * out of those of [token] audience. A token cannot ask for another one.
 */
#include "base/text.h"
#include "edge/config.h"
#include "login/access_token.h"
#include "login/caller.h"
#include "serve/serve.h"

/* Fetch Metadata 2.3: nobody but a browser can set that field. A link or a form is no script. */
static bool is_own_script(struct context *context, const struct request *request) {
    return text_equal(request->sec_fetch_site, "same-origin") &&
           !text_equal(request->sec_fetch_mode, "navigate") &&
           request_is_same_origin(request, context->config->base_url);
}

static int load_session(struct context *context, const struct request *request,
                        struct session **session) {
    if (session_load(context, request, session) != 0)
        return -1;
    const struct caller caller = {
        .means = *session == NULL ? CALLER_NOBODY : CALLER_SESSION,
        .session = *session,
    };
    return *session != NULL && is_own_script(context, request)
               ? 0
               : caller_check_change(context, request, &caller);
}

/* Both names mean the same; who sends both must mean it, too. */
static int read_audience(struct context *context, const struct request *request,
                         const char **audience) {
    struct arena *arena = context->arena;
    const char *resource = NULL;
    const char *asked = NULL;
    if (form_single(arena, &request->body, "resource", &resource) != 0 ||
        form_single(arena, &request->body, "audience", &asked) != 0)
        return -1;
    if (resource != NULL && asked != NULL && !text_equal(resource, asked))
        return fail(arena, ERROR_AUDIENCE, "resource and audience are not the same");
    return access_token_audience(context, resource != NULL ? resource : asked, audience);
}

static struct json *describe(struct arena *arena, const struct access_token *token) {
    struct json *document = json_object(arena);
    json_put_string(arena, document, "access_token", token->compact);
    json_put_string(arena, document, "token_type", "Bearer");
    json_put_integer(arena, document, "expires_in", token->expires_in);
    return document;
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct session *session = NULL;
    struct access_token token;
    const char *audience = NULL;
    if (load_session(context, request, &session) != 0 ||
        read_audience(context, request, &audience) != 0 ||
        access_token_issue(context, session, audience, &token) != 0)
        return -1;
    context_log(context, "token_issued",
                (struct log_field[]){{"audience", audience}, {.name = NULL}});
    response_json(response, 200, describe(context->arena, &token));
    return 0;
}

int main(void) {
    const struct program program = {
        .name = "token.cgi",
        .handle = handle,
        .allow = "POST",
        .mostly_reads = true,
    };
    return serve(&program);
}

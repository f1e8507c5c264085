/*
 * api.cgi: third-party APIs, for the pages of this site.
 *
 *   GET, HEAD           api.cgi/NAME/path?query    [api NAME] of the configuration, below its base_url
 *   POST, PUT, PATCH,   likewise, where `methods` has them: with the session's csrf_token in the
 *   DELETE              field X-CSRF-Token, or with a token of ours
 *
 * The request goes out with the access token of the person who is signed in, or with the site's own
 * key, neither of which a browser ever sees. The answer comes back as it is: status, type, body
 * (login/api_answer.h).
 *
 * Where it cannot be made because of the person, the answer says where to go, in login_url: 401
 * `unauthenticated` (nobody is signed in) and `sign_in_again`, 403 `insufficient_scope`.
 */
#include "base/text.h"
#include "edge/config.h"
#include "edge/http_client.h"
#include "format/form.h"
#include "login/api_call.h"
#include "login/return_to.h"
#include "login/rule.h"
#include "serve/serve.h"

#include <string.h>

/* ---- what is asked for ----------------------------------------------------------------------- */

/* "/NAME/rest": the name, and what stands behind it. */
static int find_record(struct context *context, const struct request *request,
                       struct api_record *record, const char **path) {
    const char *name = request->path_info + (*request->path_info == '/' ? 1 : 0);
    size_t length = strcspn(name, "/");
    *path = name + length;
    return api_record_load(context, arena_copy(context->arena, name, length), record);
}

static int check_method(struct context *context, const struct request *request,
                        const struct api_record *record) {
    if (request->method != METHOD_OTHER && record->methods[request->method])
        return 0;
    context->allow = api_record_methods(context->arena, record);
    return fail(context->arena, ERROR_REQUEST_METHOD, "[api %s] methods: %s", record->name,
                context->allow);
}

/* Fetch Metadata 2.1: an answer is for a script that reads it, to look at, or to be shown by itself.
 * As a script, a style sheet, a worker or a frame it would act as a part of our site. */
static int check_destination(struct context *context, const struct request *request) {
    const char *destination = NULL;
    const char *worker = NULL;
    if (request_variable(context->arena, request, "HTTP_SEC_FETCH_DEST", &destination) != 0 ||
        request_variable(context->arena, request, "HTTP_SERVICE_WORKER", &worker) != 0)
        return -1;
    if (worker == NULL &&
        (destination == NULL || text_has_word("empty document image audio video", destination)))
        return 0;
    return fail(context->arena, ERROR_API_DESTINATION, "a page wants it as a part of itself");
}

/* ---- who asks -------------------------------------------------------------------------------- */

/* Where the page that asks is, or the browser itself: to come back to. NULL: not known. */
static const char *place_of(struct context *context, const struct request *request) {
    struct arena *arena = context->arena;
    const char *referer = NULL;
    const char *path = NULL;
    if (request_wants_page(request))
        return return_to_here(arena, request);
    if (request_variable(arena, request, "HTTP_REFERER", &referer) != 0 || referer == NULL ||
        return_to_from_uri(arena, context->config->base_url, referer, &path) != 0) {
        arena_forget_error(arena);
        return NULL;
    }
    return path;
}

/* For an API with a provider, that is where to sign in, and what to ask for there. */
static char *login_url(struct context *context, const struct request *request,
                       const struct api_record *record) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    if (record->provider != NULL) {
        form_put(arena, &form, "provider", record->provider);
        form_put(arena, &form, "api", record->name);
    }
    form_put(arena, &form, "return_to", place_of(context, request));
    return arena_format(arena, "%s/login.cgi%s%s", context->config->cgi_path,
                        form.first == NULL ? "" : "?", form_write(arena, &form));
}

/* A page of another site must not use the session of this one's, nor make a browser spend the site's
 * key. A token (RFC 6750) is not sent by itself. */
static int check_origin(struct context *context, const struct request *request,
                        const struct caller *caller) {
    if (caller->means == CALLER_TOKEN || request_is_same_origin(request, context->config->base_url))
        return 0;
    return fail(context->arena, ERROR_REQUEST_ORIGIN, "another site sent this");
}

static bool is_safe(const struct request *request) {
    return request->method == METHOD_GET || request->method == METHOD_HEAD; /* RFC 9110 9.2.1 */
}

/* Where anyone may ask, nobody is asked who it is: there is nothing that could be done in somebody's
 * name. */
static int check_caller(struct context *context, const struct request *request,
                        const struct api_record *record, struct caller *caller) {
    if (record->access == API_ANYONE)
        return check_origin(context, request, caller);
    if (caller_load(context, request, caller) != 0 || check_origin(context, request, caller) != 0 ||
        rule_check(context, record->require, caller) != 0)
        return -1;
    return is_safe(request) ? 0 : caller_check_change(context, request, caller);
}

/* ---- the whole ------------------------------------------------------------------------------- */

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct api_record record;
    struct caller caller = {.means = CALLER_NOBODY};
    const char *path = NULL;
    if (find_record(context, request, &record, &path) != 0)
        return -1;
    context->login_url = login_url(context, request, &record);
    context->scope = record.scope;
    if (check_method(context, request, &record) != 0 || check_destination(context, request) != 0 ||
        check_caller(context, request, &record, &caller) != 0)
        return -1;
    const struct api_visit visit = {
        .request = request,
        .response = response,
        .record = &record,
        .caller = &caller,
        .path = path,
    };
    return api_call(context, &visit);
}

int main(void) {
    const struct program program = {
        .name = "api.cgi",
        .handle = handle,
        .allow = "GET, HEAD, POST, PUT, PATCH, DELETE",
        .has_paths = true,
        .body = REQUEST_RAW,
        .transport = &http_curl,
    };
    return serve(&program);
}

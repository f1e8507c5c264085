#include "login/caller.h"

#include "base/secret.h"
#include "edge/config.h"

int caller_load(struct context *context, const struct request *request, struct caller *caller) {
    struct session *session = NULL;
    *caller = (struct caller){.means = CALLER_NOBODY};
    if (session_load(context, request, &session) != 0)
        return -1;
    if (session != NULL)
        *caller = (struct caller){.means = CALLER_SESSION, .session = session};
    return 0;
}

/* The field comes from scripts, which no other site can make send it; the form from pages. */
static int read_csrf_token(struct context *context, const struct request *request,
                           const char **token) {
    if (request_variable(context->arena, request, "HTTP_X_CSRF_TOKEN", token) != 0)
        return -1;
    return *token != NULL ? 0 : form_single(context->arena, &request->body, "csrf_token", token);
}

int caller_check_change(struct context *context, const struct request *request,
                        const struct caller *caller) {
    struct arena *arena = context->arena;
    const char *token = NULL;
    if (caller->session == NULL)
        return fail(arena, ERROR_UNAUTHENTICATED, "nobody is signed in");
    if (caller->means == CALLER_TOKEN)
        return 0;
    if (!request_is_same_origin(request, context->config->base_url))
        return fail(arena, ERROR_REQUEST_ORIGIN, "another site sent this");
    if (read_csrf_token(context, request, &token) != 0)
        return -1;
    if (!secret_text_equal(token, caller->session->csrf_token))
        return fail(arena, ERROR_CSRF, "X-CSRF-Token is not that of this session");
    return 0;
}

#include "login/caller.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "login/access_token.h"

#include <string.h>

/* What stands behind "Bearer" and spaces (RFC 6750 2.1, RFC 9110 11.4), "" if nothing does; NULL for
 * another scheme. */
static const char *bearer_token(struct arena *arena, const char *authorization) {
    if (authorization == NULL)
        return NULL;
    size_t scheme = strcspn(authorization, " ");
    if (!text_equal_nocase(arena_copy(arena, authorization, scheme), "Bearer"))
        return NULL;
    return authorization + scheme + strspn(authorization + scheme, " ");
}

static int load_by_token(struct context *context, const char *token, struct caller *caller) {
    struct session *session = NULL;
    if (access_token_authenticate(context, token, &session) != 0)
        return -1;
    *caller = (struct caller){.means = CALLER_TOKEN, .session = session};
    return 0;
}

int caller_load(struct context *context, const struct request *request, struct caller *caller) {
    const char *token = bearer_token(context->arena, request->authorization);
    struct session *session = NULL;
    *caller = (struct caller){.means = CALLER_NOBODY};
    context->takes_token = true;
    /* Something may have stood behind it: request.h. */
    if (token != NULL && strlen(request->authorization) >= REQUEST_FIELD_LIMIT)
        return fail(context->arena, ERROR_ACCESS_TOKEN_TOO_LARGE, "Authorization is too long");
    if (token != NULL)
        return load_by_token(context, token, caller);
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

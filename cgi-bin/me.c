/*
 * me.cgi: who is signed in?
 *
 *   GET me.cgi    as JSON: the claims of OpenID Connect Core 5.1, or 401 if nobody is.
 *                 To a browser that navigates: the account page, or 303 to the sign-in page.
 *                 By an access token (Authorization: Bearer): as JSON, without csrf_token.
 */
#include "edge/config.h"
#include "format/uri.h"
#include "login/account.h"
#include "login/caller.h"
#include "serve/account_page.h"
#include "serve/serve.h"

/* ---- JSON ------------------------------------------------------------------------------------ */

static struct json *claims_of(struct arena *arena, const struct session *session) {
    struct json *claims = json_object(arena);
    json_put_string(arena, claims, "sub", session->sub);
    json_put_string(arena, claims, "name", session->name);
    json_put_string(arena, claims, "email", session->email);
    if (session->email != NULL)
        json_put_boolean(arena, claims, "email_verified", session->email_verified);
    json_put_string(arena, claims, "picture", session->picture);
    json_put_string(arena, claims, "locale", session->locale);
    json_put_string(arena, claims, "provider", session->provider);
    return claims;
}

static struct json *times_of(struct arena *arena, const struct session *session) {
    struct json *times = json_object(arena);
    json_put_integer(arena, times, "created_at", session->created_at);
    json_put_integer(arena, times, "expires_at", session->expires_at);
    return times;
}

static int respond_with_claims(struct context *context, struct response *response,
                               const struct session *session) {
    struct arena *arena = context->arena;
    struct json *claims = claims_of(arena, session);
    struct json *identities = NULL;
    if (account_identities_json(context, session->account, &identities) != 0)
        return -1;
    json_put(arena, claims, "identities", identities);
    json_put(arena, claims, "session", times_of(arena, session));
    json_put_string(arena, claims, "csrf_token", session->csrf_token);
    response_json(response, 200, claims);
    return 0;
}

/* ---- pages ----------------------------------------------------------------------------------- */

static void redirect_to_login(struct context *context, struct response *response) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    form_put(arena, &form, "return_to",
             arena_format(arena, "%s/me.cgi", context->config->cgi_path));
    response_redirect(
        response,
        uri_with_query(arena, config_program_uri(arena, context->config, "login.cgi"), &form));
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct caller caller;
    if (caller_load(context, request, &caller) != 0)
        return -1;
    /* The page is for the person, with forms that a token has no csrf_token for. */
    bool page = caller.means != CALLER_TOKEN && request_wants_page(request);
    if (caller.session == NULL && page) {
        redirect_to_login(context, response);
        return 0;
    }
    if (caller.session == NULL)
        return fail(context->arena, ERROR_UNAUTHENTICATED, "nobody is signed in");

    return page ? account_page_respond(context, request, response, caller.session)
                : respond_with_claims(context, response, caller.session);
}

int main(void) {
    const struct program program = {
        .name = "me.cgi",
        .handle = handle,
        .allow = "GET, HEAD",
        .mostly_reads = true,
    };
    return serve(&program);
}

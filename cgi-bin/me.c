/*
 * me.cgi: who is signed in?
 *
 *   GET me.cgi    as JSON: the claims of OpenID Connect Core 5.1, or 401 if nobody is.
 *                 To a browser that navigates: the account page, or 303 to the sign-in page.
 */
#include "edge/config.h"
#include "format/uri.h"
#include "format/utf8.h"
#include "login/account.h"
#include "login/session.h"
#include "login/sign_out.h"
#include "oauth/provider.h"
#include "serve/page.h"
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

static void respond_with_claims(struct arena *arena, struct response *response,
                                const struct session *session, struct json *identities) {
    struct json *claims = claims_of(arena, session);
    json_put(arena, claims, "identities", identities);
    json_put(arena, claims, "session", times_of(arena, session));
    json_put_string(arena, claims, "csrf_token", session->csrf_token);
    response_json(response, 200, claims);
}

/* ---- the account page ------------------------------------------------------------------------ */

/* "2026-11-20 08:15 UTC" and the form for machines. */
static void put_time(struct arena *arena, struct json *object, const char *name, int64_t time) {
    const char *iso = clock_format(arena, time);
    json_put_string(arena, object, arena_format(arena, "%s_iso", name), iso);
    json_put_string(arena, object, name, arena_format(arena, "%.10s %.5s UTC", iso, iso + 11));
}

static struct json *user_values(struct arena *arena, const struct session *session) {
    struct json *user = json_object(arena);
    json_put_string(arena, user, "sub", session->sub);
    json_put_string(arena, user, "name", session->name);
    json_put_string(arena, user, "email", session->email);
    json_put_boolean(arena, user, "email_verified", session->email_verified);
    json_put_string(arena, user, "display", session_display(session));
    json_put_string(arena, user, "initial", utf8_first(arena, session->name));
    return user;
}

/* What people call the provider; its id if it is no longer configured. */
static const char *label_of(struct context *context, const char *id) {
    struct provider provider;
    if (provider_load(context, id, NULL, &provider) == 0)
        return provider.label;
    arena_forget_error(context->arena);
    return id;
}

static struct json *identity_values(struct context *context, const struct session *session,
                                    const struct identity *identities) {
    struct arena *arena = context->arena;
    struct json *list = json_array(arena);
    for (const struct identity *one = identities; one != NULL; one = one->next) {
        struct json *values = json_object(arena);
        json_put_string(arena, values, "provider", label_of(context, one->provider));
        json_put_string(arena, values, "subject", one->subject);
        json_put_string(arena, values, "email", one->email);
        json_put_boolean(arena, values, "current", one->id == session->identity);
        json_append(list, values);
    }
    return list;
}

static int respond_with_page(struct context *context, struct response *response,
                             const struct session *session, const struct identity *identities) {
    struct arena *arena = context->arena;
    struct json *times = json_object(arena);
    put_time(arena, times, "created_at", session->created_at);
    put_time(arena, times, "expires_at", session->expires_at);

    struct json *values = json_object(arena);
    json_put(arena, values, "user", user_values(arena, session));
    json_put_string(arena, values, "provider", label_of(context, session->provider));
    json_put(arena, values, "identities", identity_values(context, session, identities));
    json_put(arena, values, "session", times);
    json_put_string(arena, values, "logout",
                    config_program_uri(arena, context->config, "logout.cgi"));
    json_put_string(arena, values, "csrf_token", session->csrf_token);
    return page_respond(context, response, 200, "account.html", values,
                        sign_out_origin(context, session));
}

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
    struct session *session = NULL;
    struct identity *identities = NULL;
    bool page = request_wants_page(request);
    if (session_load(context, request, &session) != 0)
        return -1;
    if (session == NULL && page) {
        redirect_to_login(context, response);
        return 0;
    }
    if (session == NULL)
        return fail(context->arena, ERROR_UNAUTHENTICATED, "nobody is signed in");

    if (account_identities(context, session->account, &identities) != 0)
        return -1;
    if (page)
        return respond_with_page(context, response, session, identities);
    respond_with_claims(context->arena, response, session,
                        account_identities_json(context->arena, identities));
    return 0;
}

int main(void) {
    const struct program program = {.name = "me.cgi", .handle = handle, .allow = "GET, HEAD"};
    return serve(&program);
}

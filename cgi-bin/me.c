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

/* The parts of a time, for the text that puts them together, and the form for machines. */
static struct json *time_values(struct arena *arena, int64_t time) {
    const char *iso = clock_format(arena, time);
    struct json *values = json_object(arena);
    json_put_string(arena, values, "iso", iso);
    json_put_string(arena, values, "year", arena_copy(arena, iso, 4));
    json_put_string(arena, values, "month", arena_copy(arena, iso + 5, 2));
    json_put_string(arena, values, "day", arena_copy(arena, iso + 8, 2));
    json_put_string(arena, values, "time", arena_copy(arena, iso + 11, 5));
    return values;
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
static const char *label_of(struct context *context, const char *id, const char *language) {
    struct provider provider;
    if (provider_load(context, id, NULL, &provider) == 0)
        return provider_label(&provider, language);
    arena_forget_error(context->arena);
    return id;
}

/* `position`: which of them is the session's. */
static struct json *identity_values(struct context *context, const struct json *identities,
                                    int64_t position, const char *language) {
    struct arena *arena = context->arena;
    struct json *list = json_array(arena);
    for (const struct json *one = identities->first; one != NULL; one = one->next) {
        struct json *values = json_object(arena);
        json_put_string(arena, values, "label",
                        label_of(context, json_string(one, "provider"), language));
        json_put_string(arena, values, "subject", json_string(one, "sub"));
        json_put_string(arena, values, "email", json_string(one, "email"));
        json_put_boolean(arena, values, "current", position-- == 0);
        json_append(list, values);
    }
    return list;
}

static int respond_with_page(struct context *context, const struct request *request,
                             struct response *response, const struct session *session,
                             const struct json *identities) {
    struct arena *arena = context->arena;
    struct page page;
    int64_t position = 0;
    if (session_identity(context, session, &position) != 0 ||
        page_open(context, request, "account.html", &page) != 0)
        return -1;
    const char *language = page.texts.language;
    json_put(arena, page.values, "user", user_values(arena, session));
    json_put_string(arena, page.values, "label", label_of(context, session->provider, language));
    json_put(arena, page.values, "identities",
             identity_values(context, identities, position, language));
    json_put(arena, page.values, "created_at", time_values(arena, session->created_at));
    json_put(arena, page.values, "expires_at", time_values(arena, session->expires_at));
    json_put_string(arena, page.values, "logout",
                    config_program_uri(arena, context->config, "logout.cgi"));
    json_put_string(arena, page.values, "csrf_token", session->csrf_token);
    page.form_origins = sign_out_origin(context, session);
    return page_respond(context, response, &page);
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
    struct json *identities = NULL;
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
        return respond_with_page(context, request, response, session, identities);
    respond_with_claims(context->arena, response, session, identities);
    return 0;
}

int main(void) {
    const struct program program = {.name = "me.cgi", .handle = handle, .allow = "GET, HEAD"};
    return serve(&program);
}

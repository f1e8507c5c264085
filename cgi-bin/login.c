/*
 * login.cgi: the way in.
 *
 *   GET login.cgi                       the sign-in page: one button a provider. Exactly one
 *                                       provider, and nothing else to choose: straight to it
 *   GET login.cgi?provider=ID           303 to the provider's authorization endpoint; or, if it has
 *                                       many instances, the page that asks which
 *   GET login.cgi?provider=ID&instance=HOST
 *                                       303 to that instance's; or the page again if it is none, or
 *                                       another site's link names it
 *   GET login.cgi?provider=ID&api=NAME  303 to that provider's, asking for what [api NAME] needs, too;
 *                                       who is signed in must come back as the same one
 *                                       (login/grant.h)
 *   GET or POST login.cgi?iss=ISSUER    the same, started by somebody else (OpenID Connect
 *                                       Core 4)
 *
 * Further parameters: return_to, a path of this site, or target_link_uri, the same as an absolute
 * URI; login_hint; prompt; remember=yes, where the site leaves that to the person; via=form where a
 * form of the page asks (sign_in_page_lead()).
 *
 * Nothing is stored: a login under way is a signed cookie (login/transaction.h). The provider's
 * metadata comes from the database; only where there is none yet, fetch.cgi is started to get it.
 * OAuth 1.0 alone has to ask the provider before each login, and to keep what it answers
 * (login/temporary_credential.h).
 */
#include "base/text.h"
#include "edge/config.h"
#include "edge/http_client.h"
#include "format/uri.h"
#include "login/departure.h"
#include "login/grant.h"
#include "login/instance.h"
#include "login/return_to.h"
#include "serve/serve.h"
#include "serve/sign_in_page.h"

#include <string.h>

#define LOGIN_HINT_LIMIT 256 /* bytes */

struct login {
    const char *provider;
    const char *instance; /* as somebody typed it */
    const char *iss;
    const char *target_link_uri;
    bool from_form; /* of the sign-in page */
    struct departure departure;
};

/* OpenID Connect Core 4: a login may also be initiated by POST, but then it names the issuer. */
static int check_method(struct context *context, const struct request *request) {
    if (request->method != METHOD_POST || form_value(&request->body, "iss") != NULL)
        return 0;
    context->allow = "GET, HEAD";
    return fail(context->arena, ERROR_REQUEST_METHOD, "a POST, but without iss");
}

/* Whether the session outlives the browser: the operator decides, or leaves it to the person. */
static bool wants_remembering(struct context *context, const char *remember) {
    switch (context->config->remember) {
    case REMEMBER_ALWAYS:
        return true;
    case REMEMBER_NEVER:
        return false;
    case REMEMBER_ASK:
        break;
    }
    return text_equal(remember, "yes");
}

static int read_parameters(struct context *context, const struct request *request,
                           struct login *login) {
    struct arena *arena = context->arena;
    const struct form *form = request_parameters(request);
    const char *via = NULL;
    const char *remember = NULL;
    if (form_single(arena, form, "provider", &login->provider) != 0 ||
        form_single(arena, form, "instance", &login->instance) != 0 ||
        form_single(arena, form, "iss", &login->iss) != 0 ||
        form_single(arena, form, "target_link_uri", &login->target_link_uri) != 0 ||
        form_single(arena, form, "return_to", &login->departure.terms.return_to) != 0 ||
        form_single(arena, form, "api", &login->departure.terms.api) != 0 ||
        form_single(arena, form, "login_hint", &login->departure.login_hint) != 0 ||
        form_single(arena, form, "prompt", &login->departure.prompt) != 0 ||
        form_single(arena, form, "remember", &remember) != 0 ||
        form_single(arena, form, "via", &via) != 0)
        return -1;
    login->departure.terms.remember = wants_remembering(context, remember);
    login->from_form = text_equal(via, "form");
    if (login->provider != NULL && login->iss != NULL)
        return fail(arena, ERROR_PARAMETER_WRONG, "both provider and iss");
    if (login->provider == NULL && login->instance != NULL)
        return fail(arena, ERROR_PARAMETER_WRONG, "an instance, but of which provider?");
    if (login->provider == NULL && login->departure.terms.api != NULL)
        return fail(arena, ERROR_PARAMETER_WRONG, "an api, but of which provider?");
    return 0;
}

/* Where to go afterwards; nowhere but on this site. */
static int check_return_to(struct context *context, struct login *login) {
    struct arena *arena = context->arena;
    if (login->target_link_uri != NULL && login->departure.terms.return_to == NULL)
        return return_to_from_uri(arena, context->config->base_url, login->target_link_uri,
                                  &login->departure.terms.return_to);
    return login->departure.terms.return_to == NULL
               ? 0
               : return_to_check(arena, login->departure.terms.return_to);
}

static int check_hints(struct context *context, struct login *login) {
    /* OpenID Connect Core 3.1.2.1: four words, and none stands alone. */
    static const char *const prompts[] = {"none",
                                          "login",
                                          "consent",
                                          "select_account",
                                          "login consent",
                                          "select_account consent",
                                          "consent login",
                                          "consent select_account",
                                          "login select_account"};
    if (text_is_empty(login->departure.login_hint))
        login->departure.login_hint = NULL;
    if (login->departure.login_hint != NULL &&
        strlen(login->departure.login_hint) > LOGIN_HINT_LIMIT)
        return fail(context->arena, ERROR_PARAMETER_WRONG, "login_hint is too long");
    if (login->departure.prompt == NULL)
        return 0;
    for (size_t i = 0; i < sizeof(prompts) / sizeof(prompts[0]); i++)
        if (text_equal(login->departure.prompt, prompts[i]))
            return 0;
    return fail(context->arena, ERROR_PARAMETER_WRONG, "no such prompt");
}

/* ---- the sign-in page ------------------------------------------------------------------------ */

static int show_all(struct context *context, const struct request *request,
                    struct response *response, const struct provider_list *list,
                    const struct login *login) {
    const struct sign_in_page page = {.departure = &login->departure};
    return sign_in_page_respond(context, request, response, list, &page);
}

/* Asks which server has the person's account; or which other one, if what was gathered on the way
 * to this one ends here. The log keeps why. */
static int ask_instance(struct context *context, const struct request *request,
                        struct response *response, struct provider *provider,
                        const struct login *login) {
    const struct provider_list list = {.count = 1, .providers = provider};
    const struct sign_in_page page = {
        .departure = &login->departure,
        .asks = true,
        .instance = login->instance,
        .wrong = context->arena->error.rule,
    };
    context_forgive(context);
    response_reset(response);
    return sign_in_page_respond(context, request, response, &list, &page);
}

/* ---- the way to the provider ----------------------------------------------------------------- */

static int begin(struct context *context, const struct request *request, struct response *response,
                 struct provider *provider, const struct login *login) {
    const char *uri = NULL;
    if (departure_begin(context, request, response, provider, &login->departure, &uri) != 0)
        return -1;
    if (login->from_form)
        return sign_in_page_lead(context, request, response, provider, uri);
    response_redirect(response, uri);
    return 0;
}

static int begin_at_host(struct context *context, const struct request *request,
                         struct response *response, struct provider *provider,
                         const struct login *login) {
    const char *host = NULL;
    if (instance_parse(context->arena, login->instance, &host) != 0 ||
        provider_load(context, provider->id, host, provider) != 0)
        return -1;
    return begin(context, request, response, provider, login);
}

/* A service with many servers: which one has his account, the person says. Another site's link could
 * name one that leads him wherever it likes, and signs him in as whomever it likes: that he sees
 * first. */
static int begin_at_instance(struct context *context, const struct request *request,
                             struct response *response, struct provider *provider,
                             const struct login *login) {
    if (text_is_empty(login->instance) ||
        !request_is_same_origin(request, context->config->base_url))
        return ask_instance(context, request, response, provider, login);
    if (begin_at_host(context, request, response, provider, login) == 0)
        return 0;
    return request_wants_page(request) && sign_in_page_can_help(context->arena->error.rule)
               ? ask_instance(context, request, response, provider, login)
               : -1;
}

static int begin_with(struct context *context, const struct request *request,
                      struct response *response, struct provider *provider,
                      const struct login *login) {
    if (provider->asks_instance)
        return begin_at_instance(context, request, response, provider, login);
    if (login->instance != NULL)
        return fail(context->arena, ERROR_PARAMETER_WRONG, "%s has no instances", provider->id);
    return begin(context, request, response, provider, login);
}

/* Who is signed in goes to where his own account is, and is asked for nothing else. */
static int begin_for_api(struct context *context, const struct request *request,
                         struct response *response, struct provider *provider,
                         struct login *login) {
    struct session *session = NULL;
    if (grant_check(context, login->departure.terms.api, provider->id) != 0 ||
        session_load(context, request, &session) != 0)
        return -1;
    context->retry = config_program_uri(context->arena, context->config, "me.cgi");
    if (grant_begin(context, session, provider, &login->departure) != 0)
        return -1;
    context->retry = NULL;
    return session != NULL ? begin(context, request, response, provider, login)
                           : begin_with(context, request, response, provider, login);
}

static int begin_with_named(struct context *context, const struct request *request,
                            struct response *response, struct login *login) {
    struct provider provider;
    int found = login->iss != NULL ? provider_load_by_issuer(context, login->iss, &provider)
                                   : provider_load(context, login->provider, NULL, &provider);
    if (found != 0)
        return -1;
    return login->departure.terms.api != NULL
               ? begin_for_api(context, request, response, &provider, login)
               : begin_with(context, request, response, &provider, login);
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct login login = {.provider = NULL};
    struct provider_list list;
    if (check_method(context, request) != 0 || read_parameters(context, request, &login) != 0 ||
        check_return_to(context, &login) != 0 || check_hints(context, &login) != 0)
        return -1;
    if (login.iss != NULL || login.provider != NULL)
        return begin_with_named(context, request, response, &login);

    if (provider_load_all(context, &list) != 0)
        return -1;
    bool has_choice = list.count > 1 || context->config->remember == REMEMBER_ASK;
    return has_choice ? show_all(context, request, response, &list, &login)
                      : begin_with(context, request, response, &list.providers[0], &login);
}

int main(void) {
    const struct program program = {
        .name = "login.cgi",
        .handle = handle,
        .allow = "GET, HEAD, POST",
        .transport = &http_helper,
        .mostly_reads = true,
    };
    return serve(&program);
}

/*
 * callback.cgi/ID: the redirection endpoint of provider ID (RFC 6749 3.1.2), by GET, or by POST for
 * a provider whose response_mode is form_post. callback.cgi/ID/HOST: of one of its instances, where
 * a visitor named it.
 *
 * Reads like the protocol: the response is ours and in time; it is this provider's; the code (of
 * OAuth 1.0, the verifier) becomes tokens; the id_token is checked; UserInfo is asked; what the
 * login was begun for is done (login/admission.h); on to return_to. The first check that fails ends it:
 * nothing further is asked of the provider, and nobody is signed in.
 */
#include "base/text.h"
#include "edge/config.h"
#include "edge/http_client.h"
#include "format/uri.h"
#include "login/admission.h"
#include "login/client.h"
#include "login/instance.h"
#include "login/last_provider.h"
#include "login/temporary_credential.h"
#include "oauth/authorization.h"
#include "serve/serve.h"

static int load_provider(struct context *context, const char *id, const char *instance,
                         struct provider *provider) {
    if (provider_load(context, id, instance, provider) != 0)
        return -1;
    if (provider->asks_instance != (instance != NULL))
        return fail(context->arena, ERROR_PROVIDER_UNKNOWN, "%s has no such redirect URI", id);
    return 0;
}

/* PATH_INFO names the provider, and one of its instances if it has many: each has a redirect URI of
 * its own (RFC 9700 4.4.2.2), written in one way alone. */
static int read_provider(struct context *context, const struct request *request,
                         struct provider *provider) {
    struct arena *arena = context->arena;
    if (request->path_info[0] != '/' || request->path_info[1] == '\0')
        return fail(arena, ERROR_PROVIDER_UNKNOWN, "callback.cgi needs /ID behind it");
    char *instance = arena_text(arena, request->path_info + 1);
    const char *id = text_cut(&instance, '/');
    if (id == NULL)
        return load_provider(context, instance, NULL, provider);
    if (!instance_is_host(arena, instance))
        return fail(arena, ERROR_PROVIDER_UNKNOWN, "callback.cgi needs /ID/HOST, as we wrote it");
    return load_provider(context, id, instance, provider);
}

/* OAuth 2.0 Form Post Response Mode 2: the mode asked for is the mode of the answer. */
static int check_mode(struct context *context, const struct request *request,
                      const struct provider *provider) {
    struct arena *arena = context->arena;
    if (request->method == METHOD_POST && provider->response_mode != RESPONSE_MODE_FORM_POST)
        return fail(arena, ERROR_RESPONSE_MODE, "a POST, but response_mode is query");
    if (request->method == METHOD_GET && provider->response_mode == RESPONSE_MODE_FORM_POST)
        return fail(arena, ERROR_RESPONSE_MODE, "a GET, but response_mode is form_post");
    return 0;
}

/* RFC 5849 2.2: an OAuth 1.0 response has no state. What it names are the temporary credentials,
 * which are used up with that, and kept beside them is the state of the login they belong to. */
static int find_state(struct context *context, struct arrival *arrival,
                      struct authorization_response *answer) {
    if (arrival->provider.protocol != PROTOCOL_OAUTH1)
        return 0;
    arrival->temporary.token = answer->token;
    return temporary_credential_take(context, &arrival->provider, answer->token,
                                     &arrival->temporary.secret, &answer->state);
}

/* "Try again" on an error page begins the same login anew; what was begun on the account page, there. */
static void set_retry(struct context *context, const struct arrival *arrival, const char *prompt) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    enum login_purpose purpose = arrival->transaction.terms.purpose;
    if (purpose == LOGIN_LINK || purpose == LOGIN_CONFIRM) {
        context->retry = config_program_uri(arena, context->config, "me.cgi");
        return;
    }
    form_put(arena, &form, "provider", arrival->provider.id);
    if (arrival->provider.asks_instance)
        form_put(arena, &form, "instance", arrival->provider.instance);
    form_put(arena, &form, "api", arrival->transaction.terms.api);
    form_put(arena, &form, "prompt", prompt);
    form_put(arena, &form, "return_to", arrival->transaction.terms.return_to);
    context->retry =
        uri_with_query(arena, config_program_uri(arena, context->config, "login.cgi"), &form);
}

/* Whoever is turned away may have another account there (OpenID Connect Core 3.1.2.1), and learns
 * which one it was: the address tells two apart better than the name. */
static void explain_refusal(struct context *context, const struct arrival *arrival) {
    const struct person *person = &arrival->person;
    enum answer answer = error_meaning(context->arena->error.rule)->answer;
    if (answer != ANSWER_NOT_ADMITTED && answer != ANSWER_BLOCKED &&
        answer != ANSWER_OTHER_IDENTITY)
        return;
    context->tried = person->email != NULL ? person->email : person->name;
    set_retry(context, arrival, "select_account");
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct arena *arena = context->arena;
    struct arrival arrival = {.provider.id = NULL};
    struct provider *provider = &arrival.provider;
    struct authorization_response answer;
    if (read_provider(context, request, provider) != 0 ||
        check_mode(context, request, provider) != 0 ||
        authorization_response_parse(arena, provider, request_parameters(request), &answer) != 0 ||
        find_state(context, &arrival, &answer) != 0)
        return -1;
    if (transaction_consume(context, request, response, provider, answer.state,
                            &arrival.transaction) != 0)
        return -1;
    set_retry(context, &arrival, NULL);
    if (metadata_load(context, provider, &arrival.metadata) != 0 ||
        client_find(context, provider) != 0 ||
        authorization_response_check(arena, provider, &arrival.metadata, &answer) != 0)
        return -1;

    if (arrival_identify(context, request, &arrival, answer.code) != 0)
        return -1;
    if (admission_complete(context, request, response, &arrival) != 0) {
        explain_refusal(context, &arrival);
        return -1;
    }
    last_provider_remember(context, response, provider);

    const char *path = arrival.transaction.terms.return_to != NULL
                           ? arrival.transaction.terms.return_to
                           : context->config->home;
    response_redirect(response, config_site_uri(arena, context->config, path));
    return 0;
}

int main(void) {
    const struct program program = {
        .name = "callback.cgi",
        .handle = handle,
        .allow = "GET, POST",
        .has_paths = true,
        .transport = &http_curl,
    };
    return serve(&program);
}

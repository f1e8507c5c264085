/*
 * callback.cgi/ID: the redirection endpoint of provider ID (RFC 6749 3.1.2), by GET, or by POST for
 * a provider whose response_mode is form_post.
 *
 * Reads like the protocol: the response is ours and in time; it is this provider's; the code (of
 * OAuth 1.0, the verifier) becomes tokens; the id_token is checked; UserInfo is asked; the account
 * is found or made; the session is issued; on to return_to. The first check that fails ends it:
 * nothing further is asked of the provider, and nobody is signed in.
 */
#include "edge/config.h"
#include "edge/database.h"
#include "edge/http_client.h"
#include "format/uri.h"
#include "login/account.h"
#include "login/client.h"
#include "login/session.h"
#include "login/temporary_credential.h"
#include "login/transaction.h"
#include "oauth/authorization.h"
#include "oauth/id_token.h"
#include "oauth/issuer.h"
#include "oauth/oauth1.h"
#include "oauth/person.h"
#include "oauth/token.h"
#include "oauth/userinfo.h"
#include "serve/serve.h"

/* A login on its last step. */
struct login {
    struct provider provider;
    struct metadata metadata;
    struct oauth1_credentials temporary; /* of OAuth 1.0 alone */
    struct transaction transaction;
    const char *subject; /* of the id_token; NULL if there is none */
    /* Who comes out of it. */
    struct person person;
    struct session_origin origin;
};

/* PATH_INFO names the provider: each has a redirect URI of its own (RFC 9700 4.4.2.2). */
static int read_provider(struct context *context, const struct request *request,
                         struct provider *provider) {
    if (request->path_info[0] != '/' || request->path_info[1] == '\0')
        return fail(context->arena, ERROR_PROVIDER_UNKNOWN, "callback.cgi needs /ID behind it");
    return provider_load(context, request->path_info + 1, NULL, provider);
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
static int find_state(struct context *context, struct login *login,
                      struct authorization_response *answer) {
    if (login->provider.protocol != PROTOCOL_OAUTH1)
        return 0;
    login->temporary.token = answer->token;
    return temporary_credential_take(context, &login->provider, answer->token,
                                     &login->temporary.secret, &answer->state);
}

/* "Try again" on an error page begins the same login anew. */
static void set_retry(struct context *context, const struct login *login) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    form_put(arena, &form, "provider", login->provider.id);
    form_put(arena, &form, "return_to", login->transaction.return_to);
    context->retry =
        uri_with_query(arena, config_program_uri(arena, context->config, "login.cgi"), &form);
}

/* The parameters of the response, for records that need one of them again. */
static struct json *callback_values(struct arena *arena, const struct form *parameters) {
    struct json *object = json_object(arena);
    for (const struct form_field *field = parameters->first; field != NULL; field = field->next)
        if (json_member(object, field->name) == NULL)
            json_put_string(arena, object, field->name, field->value);
    return object;
}

static int exchange_code(struct context *context, const struct login *login, const char *code,
                         struct login_values *values, struct token_response *tokens) {
    const struct token_request request = {
        .code = code,
        .code_verifier = login->transaction.code_verifier,
        .values = values,
    };
    if (token_request(context, &login->provider, &login->metadata, &request, tokens) != 0) {
        if (context->arena->error.rule == ERROR_CLIENT_REFUSED)
            client_forget(context, &login->provider);
        return -1;
    }
    values->access_token = tokens->access_token;
    values->id_token = tokens->id_token;
    values->answers.of[MAPPING_TOKEN] = tokens->answer;
    return 0;
}

/* RFC 5849 2.3. */
static int exchange_verifier(struct context *context, const struct login *login,
                             const char *verifier, struct login_values *values) {
    struct oauth1_credentials credentials;
    if (oauth1_token_request(context, &login->provider, &login->temporary, verifier, &credentials,
                             &values->answers.of[MAPPING_TOKEN]) != 0)
        return -1;
    values->access_token = credentials.token;
    values->token_secret = credentials.secret;
    return 0;
}

/* OpenID Connect alone: who it is, signed. */
static int verify_id_token(struct context *context, struct login *login, const char *code,
                           const struct token_response *tokens, struct login_values *values) {
    const struct id_token_expectation expected = {
        .nonce = login->provider.nonce ? login->transaction.nonce : NULL,
        .access_token = tokens->access_token,
        .code = code,
    };
    struct id_token id_token;
    if (id_token_verify(context, &login->provider, &login->metadata, tokens->id_token, &expected,
                        &id_token) != 0)
        return -1;
    values->answers.of[MAPPING_ID_TOKEN] = id_token.claims;
    login->subject = id_token.subject;
    login->origin = (struct session_origin){
        .issuer = id_token.issuer,
        .sid = id_token.sid,
        .id_token = tokens->id_token,
        .id_token_alg = id_token.alg,
    };
    return 0;
}

/* Where one provider is many issuers, it is the id_token that says which. */
static const char *identity_issuer(const struct login *login) {
    const char *issuer = login->provider.identity_issuer;
    return issuer_is_template(issuer) ? login->origin.issuer : issuer;
}

static void log_dropped(struct context *context, const struct login *login) {
    for (const char *const *claim = login->person.dropped; *claim != NULL; claim++)
        context_log(context, "claim_dropped",
                    (struct log_field[]){
                        {"provider", login->provider.id}, {"claim", *claim}, {.name = NULL}});
}

/* From the code to a person whom the provider vouches for. */
static int identify(struct context *context, const struct request *request, struct login *login,
                    const char *code) {
    struct arena *arena = context->arena;
    const struct provider *provider = &login->provider;
    struct token_response tokens;
    struct login_values values = {
        .provider = provider,
        .redirect_uri = provider_redirect_uri(context, provider),
        .state = login->transaction.state,
        .answers.of = {[MAPPING_CALLBACK] = callback_values(arena, request_parameters(request)),
                       [MAPPING_VARIABLE] = provider_variables(arena, provider)},
    };
    login->origin.issuer = provider->identity_issuer;
    int exchanged = provider->protocol == PROTOCOL_OAUTH1
                        ? exchange_verifier(context, login, code, &values)
                        : exchange_code(context, login, code, &values, &tokens);
    if (exchanged != 0)
        return -1;
    if (provider->protocol == PROTOCOL_OIDC &&
        verify_id_token(context, login, code, &tokens, &values) != 0)
        return -1;
    if (userinfo_request(context, &login->metadata, login->subject, &values) != 0)
        return -1;

    if (person_read(arena, provider, identity_issuer(login), &values.answers, &login->person) != 0)
        return -1;
    log_dropped(context, login);
    login->origin.replaces = login->transaction.session;
    return 0;
}

/* Account and session in one transaction: both or neither. */
static int sign_in(struct context *context, const struct request *request,
                   struct response *response, const struct login *login) {
    struct account_ids ids;
    if (database_begin(context) != 0)
        return -1;
    if (account_sign_in(context, &login->provider, &login->person, &ids) != 0 ||
        session_issue(context, request, response, &ids, &login->origin) != 0) {
        database_rollback(context);
        return -1;
    }
    if (database_commit(context) != 0)
        return -1;
    context_log(context, "signed_in",
                (struct log_field[]){{"provider", login->provider.id},
                                     {"account", ids.created ? "new" : "known"},
                                     {.name = NULL}});
    return 0;
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct arena *arena = context->arena;
    struct login login = {.subject = NULL};
    struct provider *provider = &login.provider;
    struct authorization_response answer;
    if (read_provider(context, request, provider) != 0 ||
        check_mode(context, request, provider) != 0 ||
        authorization_response_parse(arena, provider, request_parameters(request), &answer) != 0 ||
        find_state(context, &login, &answer) != 0)
        return -1;
    if (transaction_consume(context, request, response, provider, answer.state,
                            &login.transaction) != 0)
        return -1;
    set_retry(context, &login);
    if (metadata_load(context, provider, &login.metadata) != 0 ||
        client_load(context, provider, &login.metadata) != 0 ||
        authorization_response_check(arena, provider, &login.metadata, &answer) != 0)
        return -1;

    if (identify(context, request, &login, answer.code) != 0 ||
        sign_in(context, request, response, &login) != 0)
        return -1;

    const char *path =
        login.transaction.return_to != NULL ? login.transaction.return_to : context->config->home;
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

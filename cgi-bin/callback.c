/*
 * callback.cgi/ID: the redirection endpoint of provider ID (RFC 6749 3.1.2), by GET, or by POST for
 * a provider whose response_mode is form_post.
 *
 * Reads like the protocol: the response is ours and in time; it is this provider's; the code
 * becomes tokens; the id_token is checked; UserInfo is asked; the account is found or made; the
 * session is issued; on to return_to. The first check that fails ends it: nothing further is asked
 * of the provider, and nobody is signed in.
 */
#include "edge/config.h"
#include "edge/database.h"
#include "edge/http_client.h"
#include "format/uri.h"
#include "login/account.h"
#include "login/client.h"
#include "login/session.h"
#include "login/transaction.h"
#include "oauth/authorization.h"
#include "oauth/id_token.h"
#include "oauth/person.h"
#include "oauth/token.h"
#include "oauth/userinfo.h"
#include "serve/serve.h"

/* PATH_INFO names the provider: each has a redirect URI of its own (RFC 9700 4.4.2.2). */
static int read_provider(struct context *context, const struct request *request,
                         struct provider *provider) {
    if (request->path_info[0] != '/' || request->path_info[1] == '\0')
        return fail(context->arena, ERROR_PROVIDER_UNKNOWN, "callback.cgi needs /ID behind it");
    return provider_load(context, request->path_info + 1, provider);
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

/* "Try again" on an error page begins the same login anew. */
static void set_retry(struct context *context, const struct provider *provider,
                      const struct transaction *transaction) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    form_put(arena, &form, "provider", provider->id);
    form_put(arena, &form, "return_to", transaction->return_to);
    context->retry =
        uri_with_query(arena, config_program_uri(arena, context->config, "login.cgi"), &form);
}

/* Who comes out of a login that succeeds. */
struct visitor {
    struct person person;
    struct session_origin origin;
};

static int exchange_code(struct context *context, const struct provider *provider,
                         const struct metadata *metadata, const struct transaction *transaction,
                         const char *code, struct token_response *tokens) {
    const struct token_request request = {
        .code = code,
        .redirect_uri = provider_redirect_uri(context, provider),
        .code_verifier = transaction->code_verifier,
    };
    if (token_request(context, provider, metadata, &request, tokens) == 0)
        return 0;
    if (context->arena->error.rule == ERROR_CLIENT_REFUSED)
        client_forget(context, provider);
    return -1;
}

/* From the code to a person whom the provider vouches for. */
static int identify(struct context *context, const struct provider *provider,
                    const struct transaction *transaction, const char *code,
                    struct metadata *metadata, struct visitor *visitor) {
    struct token_response tokens;
    if (exchange_code(context, provider, metadata, transaction, code, &tokens) != 0)
        return -1;

    const struct id_token_expectation expected = {
        .nonce = provider->nonce ? transaction->nonce : NULL,
        .access_token = tokens.access_token,
        .code = code,
    };
    const struct json *userinfo = NULL;
    struct id_token id_token;
    if (id_token_verify(context, provider, metadata, tokens.id_token, &expected, &id_token) != 0 ||
        userinfo_request(context, provider, metadata, tokens.access_token, id_token.subject,
                         &userinfo) != 0)
        return -1;

    person_from_claims(context->arena, provider, id_token.claims, userinfo, &visitor->person);
    visitor->origin = (struct session_origin){
        .issuer = provider->issuer,
        .sid = id_token.sid,
        .id_token = tokens.id_token,
        .id_token_alg = id_token.alg,
        .replaces = transaction->session,
    };
    return 0;
}

/* Account and session in one transaction: both or neither. */
static int sign_in(struct context *context, const struct request *request,
                   struct response *response, const struct provider *provider,
                   const struct visitor *visitor) {
    struct account_ids ids;
    if (database_begin(context) != 0)
        return -1;
    if (account_sign_in(context, provider, &visitor->person, &ids) != 0 ||
        session_issue(context, request, response, &ids, &visitor->origin) != 0) {
        database_rollback(context);
        return -1;
    }
    if (database_commit(context) != 0)
        return -1;
    context_log(context, "signed_in",
                (struct log_field[]){{"provider", provider->id},
                                     {"account", ids.created ? "new" : "known"},
                                     {.name = NULL}});
    return 0;
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct arena *arena = context->arena;
    struct provider provider;
    struct authorization_response answer;
    struct transaction transaction;
    struct metadata metadata;
    if (read_provider(context, request, &provider) != 0 ||
        check_mode(context, request, &provider) != 0 ||
        authorization_response_parse(arena, request_parameters(request), &answer) != 0)
        return -1;
    if (transaction_consume(context, request, response, &provider, answer.state, &transaction) != 0)
        return -1;
    set_retry(context, &provider, &transaction);
    if (metadata_load(context, &provider, &metadata) != 0 ||
        client_load(context, &provider, &metadata) != 0 ||
        authorization_response_check(arena, &metadata, &answer) != 0)
        return -1;

    struct visitor visitor;
    if (identify(context, &provider, &transaction, answer.code, &metadata, &visitor) != 0 ||
        sign_in(context, request, response, &provider, &visitor) != 0)
        return -1;

    const char *path =
        transaction.return_to != NULL ? transaction.return_to : context->config->home;
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

#include "login/departure.h"

#include "edge/config.h"
#include "login/client.h"
#include "login/temporary_credential.h"
#include "login/transaction.h"
#include "oauth/authorization.h"
#include "oauth/oauth1.h"

/* RFC 6749 4.1.1. */
static int request_authorization(struct context *context, const struct provider *provider,
                                 const struct metadata *metadata, const struct departure *departure,
                                 const struct transaction *transaction, const char **uri) {
    const struct authorization_request authorization = {
        .redirect_uri = provider_redirect_uri(context, provider),
        .state = transaction->state,
        .nonce = transaction->nonce,
        .code_verifier = transaction->code_verifier,
        .login_hint = departure->login_hint,
        .prompt = departure->prompt,
        .more_scope = departure->more_scope,
        .signed_in_within =
            departure->terms.purpose == LOGIN_CONFIRM ? context->config->confirm_after : 0,
    };
    if (authorization_request_uri(context, provider, metadata, &authorization, uri) == 0)
        return 0;
    /* A pushed request may be the first to learn that the provider has forgotten us. */
    if (context->arena->error.rule == ERROR_CLIENT_REFUSED)
        client_forget(context, provider);
    return -1;
}

/* RFC 5849 2.1 and 2.2: the secret of the credentials stays here. */
static int request_oauth1(struct context *context, const struct provider *provider,
                          const struct transaction *transaction, const char **uri) {
    struct oauth1_credentials temporary;
    int64_t expires_at = transaction->begun_at + context->config->login_timeout;
    if (oauth1_temporary_request(context, provider, &temporary) != 0 ||
        temporary_credential_keep(context, provider, temporary.token, temporary.secret,
                                  transaction->state, expires_at) != 0)
        return -1;
    *uri = oauth1_authorization_uri(context->arena, provider, &temporary);
    return 0;
}

int departure_begin(struct context *context, const struct request *request,
                    struct response *response, struct provider *provider,
                    const struct departure *departure, const char **uri) {
    struct metadata metadata;
    struct transaction transaction;
    if (client_admit(context, provider) != 0 || metadata_load(context, provider, &metadata) != 0 ||
        client_load(context, provider, &metadata) != 0 ||
        transaction_begin(context, request, response, provider, &departure->terms, &transaction) !=
            0)
        return -1;

    int requested =
        provider->protocol == PROTOCOL_OAUTH1
            ? request_oauth1(context, provider, &transaction, uri)
            : request_authorization(context, provider, &metadata, departure, &transaction, uri);
    if (requested != 0)
        return -1;
    context_log(context, "login_begun",
                (struct log_field[]){{"provider", provider->id}, {.name = NULL}});
    return 0;
}

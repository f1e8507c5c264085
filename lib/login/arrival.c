#include "login/arrival.h"

#include "login/client.h"
#include "login/tokens.h"
#include "oauth/id_token.h"
#include "oauth/issuer.h"
#include "oauth/refresh.h"
#include "oauth/token.h"
#include "oauth/userinfo.h"

/* The parameters of the response, for records that need one of them again. */
static struct json *callback_values(struct arena *arena, const struct form *parameters) {
    struct json *object = json_object(arena);
    for (const struct form_field *field = parameters->first; field != NULL; field = field->next)
        if (json_member(object, field->name) == NULL)
            json_put_string(arena, object, field->name, field->value);
    return object;
}

static int exchange_code(struct context *context, struct arrival *arrival, const char *code,
                         struct login_values *values) {
    struct token_response *tokens = &arrival->tokens;
    const struct token_request request = {
        .code = code,
        .code_verifier = arrival->transaction.code_verifier,
        .values = values,
    };
    if (token_request(context, &arrival->provider, &arrival->metadata, &request, tokens) != 0) {
        if (context->arena->error.rule == ERROR_CLIENT_REFUSED)
            client_forget(context, &arrival->provider);
        return -1;
    }
    values->access_token = tokens->access_token;
    values->id_token = tokens->id_token;
    values->answers.of[MAPPING_TOKEN] = tokens->answer;
    return 0;
}

/* RFC 5849 2.3. */
static int exchange_verifier(struct context *context, struct arrival *arrival, const char *verifier,
                             struct login_values *values) {
    struct oauth1_credentials credentials;
    if (oauth1_token_request(context, &arrival->provider, &arrival->temporary, verifier,
                             &credentials, &values->answers.of[MAPPING_TOKEN]) != 0)
        return -1;
    arrival->tokens = (struct token_response){
        .access_token = credentials.token,
        .token_secret = credentials.secret,
        .answer = values->answers.of[MAPPING_TOKEN],
    };
    values->access_token = credentials.token;
    values->token_secret = credentials.secret;
    return 0;
}

/* OpenID Connect alone: who it is, signed. */
static int verify_id_token(struct context *context, struct arrival *arrival, const char *code,
                           struct login_values *values) {
    const struct token_response *tokens = &arrival->tokens;
    const struct id_token_expectation expected = {
        .nonce = arrival->provider.nonce ? arrival->transaction.nonce : NULL,
        .access_token = tokens->access_token,
        .code = code,
    };
    struct id_token id_token;
    if (id_token_verify(context, &arrival->provider, &arrival->metadata, tokens->id_token,
                        &expected, &id_token) != 0)
        return -1;
    values->answers.of[MAPPING_ID_TOKEN] = id_token.claims;
    arrival->origin = (struct session_origin){
        .issuer = id_token.issuer,
        .sid = id_token.sid,
        .id_token = tokens->id_token,
        .id_token_alg = id_token.alg,
    };
    return 0;
}

/* Where one provider is many issuers, it is the id_token that says which. */
static const char *identity_issuer(const struct arrival *arrival) {
    const char *issuer = arrival->provider.identity_issuer;
    return issuer_is_template(issuer) ? arrival->origin.issuer : issuer;
}

static void log_dropped(struct context *context, const struct arrival *arrival) {
    for (const char *const *claim = arrival->person.dropped; *claim != NULL; claim++)
        context_log(context, "claim_dropped",
                    (struct log_field[]){
                        {"provider", arrival->provider.id}, {"claim", *claim}, {.name = NULL}});
}

/* What a refresh needs and only this login knows. Without it people have to come back sooner, but
 * they can come in. */
static void prepare_refresh(struct context *context, struct arrival *arrival,
                            const struct login_values *values) {
    if (tokens_are_kept(context->config, &arrival->provider) &&
        refresh_parameters(context->arena, values, &arrival->refresh_parameters) != 0)
        context_forgive(context);
}

/* The id_token's; NULL if there is none. */
static const char *subject_of(const struct login_values *values) {
    return json_string(values->answers.of[MAPPING_ID_TOKEN], "sub");
}

int arrival_identify(struct context *context, const struct request *request,
                     struct arrival *arrival, const char *code) {
    struct arena *arena = context->arena;
    const struct provider *provider = &arrival->provider;
    struct login_values values = {
        .provider = provider,
        .redirect_uri = provider_redirect_uri(context, provider),
        .state = arrival->transaction.state,
        .answers.of = {[MAPPING_CALLBACK] = callback_values(arena, request_parameters(request)),
                       [MAPPING_VARIABLE] = provider_variables(arena, provider)},
    };
    arrival->origin.issuer = provider->identity_issuer;
    int exchanged = provider->protocol == PROTOCOL_OAUTH1
                        ? exchange_verifier(context, arrival, code, &values)
                        : exchange_code(context, arrival, code, &values);
    if (exchanged != 0)
        return -1;
    if (provider->protocol == PROTOCOL_OIDC &&
        verify_id_token(context, arrival, code, &values) != 0)
        return -1;
    if (userinfo_request(context, &arrival->metadata, subject_of(&values), &values) != 0)
        return -1;

    if (person_read(arena, provider, identity_issuer(arrival), &values.answers, &arrival->person) !=
        0)
        return -1;
    log_dropped(context, arrival);
    prepare_refresh(context, arrival, &values);
    arrival->origin.replaces = arrival->transaction.session;
    arrival->origin.remember = arrival->transaction.terms.remember;
    arrival->answers = values.answers;
    return 0;
}

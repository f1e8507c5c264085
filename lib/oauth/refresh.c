#include "oauth/refresh.h"

#include "base/text.h"
#include "format/jws.h"
#include "oauth/endpoint.h"
#include "oauth/issuer.h"

#include <string.h>

/* RFC 6749 5.2; and OpenID Connect Core 3.1.2.6, which some say here, too: it cannot be done without
 * the person. */
#define ALWAYS_OVER                                                                                \
    "error = invalid_grant | error = interaction_required | error = login_required"                \
    " | error = consent_required"

int refresh_parameters(struct arena *arena, const struct login_values *values,
                       const char **parameters) {
    struct form form = {.first = NULL};
    *parameters = NULL;
    if (values->provider->refresh_parameters == NULL)
        return 0;
    if (login_values_put(arena, values, values->provider->refresh_parameters, &form) != 0)
        return -1;
    *parameters = form_write(arena, &form);
    return 0;
}

/* 6; the record's own do not stand in place of these (3.1). */
static int put_grant(struct arena *arena, const struct refresh *refresh, struct form *form) {
    struct form own = {.first = NULL};
    form_put(arena, form, "grant_type", "refresh_token");
    form_put(arena, form, "refresh_token", refresh->refresh_token);
    if (refresh->parameters != NULL &&
        form_parse(arena, refresh->parameters, strlen(refresh->parameters), &own) != 0)
        return -1;
    for (const struct form_field *field = own.first; field != NULL; field = field->next)
        if (form_value(form, field->name) == NULL)
            form_put(arena, form, field->name, field->value);
    return 0;
}

/* ---- failing --------------------------------------------------------------------------------- */

static bool says_over(struct arena *arena, const struct provider *provider,
                      const struct json *answer) {
    const struct mapping_sources sources = {
        .of = {[MAPPING_TOKEN] = answer},
        .plain = MAPPING_TOKEN,
    };
    return mapping_is_met(arena, ALWAYS_OVER, &sources) ||
           mapping_is_met(arena, provider->grant_over, &sources);
}

/* A refusal that cannot be mended by asking again later is told apart from those that can. */
static int judge_failure(struct arena *arena, const struct provider *provider,
                         const struct json *answer) {
    const struct error refusal = arena->error;
    if ((refusal.rule != ERROR_TOKEN_ERROR && refusal.rule != ERROR_HTTP_STATUS) ||
        answer == NULL || !says_over(arena, provider, answer))
        return -1;
    arena_forget_error(arena);
    return fail(arena, ERROR_GRANT_OVER, "%s", refusal.detail);
}

/* ---- an id_token that comes along ------------------------------------------------------------ */

/* It need not be the claim `sub` that accounts hang on: but it is read as at the login, as far as the
 * id_token alone tells it. */
static int check_subject(struct arena *arena, const struct provider *provider,
                         const struct refresh *refresh, const struct json *claims) {
    const struct mapping_sources sources = {.of = {[MAPPING_ID_TOKEN] = claims}};
    const char *subject = mapping_text(arena, provider->claim_sub, &sources);
    if (!text_equal(subject, refresh->subject))
        return fail(arena, ERROR_ID_TOKEN_SUB, "the new id_token is about somebody else");
    return 0;
}

static int check_issuer(struct arena *arena, const struct provider *provider,
                        const struct metadata *metadata, const struct refresh *refresh,
                        const struct json *claims) {
    const char *issuer = issuer_of_claims(arena, provider, metadata->issuer, claims);
    bool is_many = issuer_is_template(provider->identity_issuer);
    if (issuer == NULL || (is_many && !text_equal(issuer, refresh->issuer)))
        return fail(arena, ERROR_ID_TOKEN_ISS, "the new id_token is another issuer's");
    return 0;
}

/* OpenID Connect Core 12.2: iss, sub and aud as before. It came from the token endpoint itself, so
 * its signature need not be checked (3.1.3.7 (6)): keys may have to be fetched for that, and until
 * the answer is kept, nothing is done that takes time or may fail for other reasons. */
static int check_id_token(struct arena *arena, const struct provider *provider,
                          const struct metadata *metadata, const struct refresh *refresh,
                          const char *id_token) {
    struct jws jws;
    const struct json *claims = NULL;
    if (id_token == NULL || provider->protocol != PROTOCOL_OIDC)
        return 0;
    if (jws_parse(arena, id_token, &jws) != 0 ||
        jws_claims(arena, &jws, ERROR_ID_TOKEN_MALFORMED, &claims) != 0 ||
        check_issuer(arena, provider, metadata, refresh, claims) != 0 ||
        check_subject(arena, provider, refresh, claims) != 0)
        return -1;
    return json_has_string(claims, "aud", provider->client_id)
               ? 0
               : fail(arena, ERROR_ID_TOKEN_AUD, "the new id_token is for another client");
}

/* ---- the whole ------------------------------------------------------------------------------- */

int refresh_request(struct context *context, const struct provider *provider,
                    const struct metadata *metadata, const struct refresh *refresh,
                    struct token_response *response) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    const struct json *answer = NULL;
    const struct answer_rules rules = token_answer_rules(provider);
    struct endpoint_call call = token_endpoint_call(provider, metadata, &rules);
    if (provider->refresh_endpoint != NULL)
        call.url = provider->refresh_endpoint;
    if (put_grant(arena, refresh, &form) != 0)
        return -1;
    if (endpoint_send(context, &call, &form, &answer) != 0)
        return judge_failure(arena, provider, answer);
    if (token_response_parse(arena, provider, answer, response) != 0)
        return -1;
    return check_id_token(arena, provider, metadata, refresh, response->id_token);
}

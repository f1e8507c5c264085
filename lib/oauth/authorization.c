#include "oauth/authorization.h"

#include "base/text.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/uri.h"
#include "oauth/endpoint.h"

#include <string.h>

#define CODE_LIMIT 4096 /* characters of a code: real ones have up to about 2000 */

/* RFC 7636 4.2: BASE64URL(SHA256(ASCII(code_verifier))). */
static char *code_challenge(struct arena *arena, const char *code_verifier) {
    unsigned char digest[DIGEST_SIZE];
    digest_sha256(code_verifier, strlen(code_verifier), digest);
    return base64url_encode(arena, digest, sizeof(digest));
}

/* RFC 8707 2: one "resource" parameter each. */
static void put_resources(struct arena *arena, struct form *form, const char *resources) {
    size_t length = 0;
    for (const char *word = text_next_word(&resources, &length); word != NULL;
         word = text_next_word(&resources, &length))
        form_put(arena, form, "resource", arena_copy(arena, word, length));
}

static struct form request_parameters(struct arena *arena, const struct provider *provider,
                                      const struct authorization_request *request) {
    struct form form = {.first = NULL};
    form_put(arena, &form, "response_type", "code");
    form_put(arena, &form, "client_id", provider->client_id);
    form_put(arena, &form, "redirect_uri", request->redirect_uri);
    form_put(arena, &form, "scope", provider->scope);
    form_put(arena, &form, "state", request->state);
    if (provider->nonce)
        form_put(arena, &form, "nonce", request->nonce);
    if (provider->pkce) {
        form_put(arena, &form, "code_challenge", code_challenge(arena, request->code_verifier));
        form_put(arena, &form, "code_challenge_method", "S256");
    }
    if (provider->response_mode == RESPONSE_MODE_FORM_POST)
        form_put(arena, &form, "response_mode", "form_post");
    form_put(arena, &form, "prompt", request->prompt != NULL ? request->prompt : provider->prompt);
    if (provider->max_age >= 0)
        form_put(arena, &form, "max_age",
                 arena_format(arena, "%lld", (long long)provider->max_age));
    form_put(arena, &form, "login_hint", request->login_hint);
    form_put(arena, &form, "acr_values", provider->acr_values);
    form_put(arena, &form, "ui_locales", provider->ui_locales);
    form_put(arena, &form, "claims", provider->claims);
    put_resources(arena, &form, provider->resource);
    return form;
}

/* RFC 9126 2: the parameters go to the provider directly; the browser carries only a reference. */
static int push(struct context *context, const struct provider *provider,
                const struct metadata *metadata, struct form *parameters, struct form *reference) {
    struct arena *arena = context->arena;
    if (metadata->pushed_authorization_request_endpoint == NULL)
        return fail(arena, ERROR_DISCOVERY_MALFORMED,
                    "pushed requests are demanded, but there is no "
                    "pushed_authorization_request_endpoint");

    const struct endpoint_call call = {
        .provider = provider,
        .metadata = metadata,
        .url = metadata->pushed_authorization_request_endpoint,
        .success = 201,
    };
    struct json *answer = NULL;
    if (endpoint_post(context, &call, parameters, &answer) != 0)
        return -1;
    const char *request_uri = json_string(answer, "request_uri");
    if (text_is_empty(request_uri))
        return fail(arena, ERROR_TOKEN_RESPONSE, "the pushed request got no request_uri");

    form_put(arena, reference, "client_id", provider->client_id);
    form_put(arena, reference, "request_uri", request_uri);
    return 0;
}

int authorization_request_uri(struct context *context, const struct provider *provider,
                              const struct metadata *metadata,
                              const struct authorization_request *request, const char **uri) {
    struct form parameters = request_parameters(context->arena, provider, request);
    struct form reference = {.first = NULL};
    if (metadata->par_required) {
        if (push(context, provider, metadata, &parameters, &reference) != 0)
            return -1;
        parameters = reference;
    }
    *uri = uri_with_query(context->arena, metadata->authorization_endpoint, &parameters);
    return 0;
}

/* RFC 6749 3.1: sent without a value is as good as omitted. */
static int value_of(struct arena *arena, const struct form *parameters, const char *name,
                    const char **value) {
    if (form_single(arena, parameters, name, value) != 0)
        return -1;
    if (text_is_empty(*value))
        *value = NULL;
    return 0;
}

int authorization_response_parse(struct arena *arena, const struct form *parameters,
                                 struct authorization_response *response) {
    *response = (struct authorization_response){.state = NULL};
    if (value_of(arena, parameters, "state", &response->state) != 0 ||
        value_of(arena, parameters, "code", &response->code) != 0 ||
        value_of(arena, parameters, "error", &response->error) != 0 ||
        form_single(arena, parameters, "iss", &response->iss) != 0)
        return -1;

    if (response->state == NULL)
        return fail(arena, ERROR_STATE_MISSING, "the response has no state");
    if ((response->code == NULL) == (response->error == NULL))
        return fail(arena, ERROR_RESPONSE_AMBIGUOUS,
                    "the response has both or neither of code and error");
    if (response->code != NULL && strlen(response->code) > CODE_LIMIT)
        return fail(arena, ERROR_PARAMETER_WRONG, "the code is longer than %d characters",
                    CODE_LIMIT);
    return 0;
}

/* RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6: some are the person's or the provider's choice. */
static int response_error(struct arena *arena, const char *error) {
    if (text_equal(error, "access_denied"))
        return fail(arena, ERROR_LOGIN_DENIED, "the provider answered access_denied");
    if (text_equal(error, "login_required") || text_equal(error, "interaction_required") ||
        text_equal(error, "consent_required") || text_equal(error, "account_selection_required"))
        return fail(arena, ERROR_LOGIN_REQUIRED, "the provider answered %s", error);
    return fail(arena, ERROR_AUTHORIZATION_ERROR, "the provider answered %.60s", error);
}

int authorization_response_check(struct arena *arena, const struct metadata *metadata,
                                 const struct authorization_response *response) {
    /* RFC 9207 2.4: compared also on error responses, and demanded where it was promised. */
    if (response->iss == NULL && metadata->iss_parameter)
        return fail(arena, ERROR_ISS_MISSING, "the response has no iss although it was promised");
    if (response->iss != NULL && !text_equal(response->iss, metadata->issuer))
        return fail(arena, ERROR_ISS_WRONG, "the response is another issuer's");
    if (response->error != NULL)
        return response_error(arena, response->error);
    return 0;
}

#include "oauth/authorization.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/uri.h"
#include "oauth/endpoint.h"
#include "oauth/issuer.h"
#include "oauth/login_values.h"
#include "oauth/scope.h"

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

const char *authorization_scope(struct arena *arena, const struct provider *provider,
                                const char *more) {
    const char *offline = provider->offline_access ? provider->offline_access_scope : NULL;
    return scope_union(arena, scope_union(arena, provider->scope, more), offline);
}

/* RFC 6749 3.3 separates by spaces; some providers by commas. */
static const char *scope_of(struct arena *arena, const struct provider *provider,
                            const char *more) {
    struct buffer scope;
    const char *words = authorization_scope(arena, provider, more);
    size_t length = 0;
    buffer_open(arena, &scope);
    for (const char *word = text_next_word(&words, &length); word != NULL;
         word = text_next_word(&words, &length)) {
        if (scope.length > 0)
            buffer_add_text(&scope, provider->scope_separator);
        buffer_add(&scope, word, length);
    }
    return scope.length == 0 ? NULL : scope.bytes;
}

/* What the protocol's own security is made of. */
static void put_protection(struct arena *arena, const struct provider *provider,
                           const struct authorization_request *request, struct form *form) {
    form_put(arena, form, "state", request->state);
    if (provider->nonce && provider->protocol == PROTOCOL_OIDC)
        form_put(arena, form, "nonce", request->nonce);
    if (provider->pkce) {
        form_put(arena, form, "code_challenge", code_challenge(arena, request->code_verifier));
        form_put(arena, form, "code_challenge_method", "S256");
    }
}

/* The record's own parameters; none of them can stand in place of ours (RFC 6749 3.1). */
static int put_own(struct arena *arena, const struct provider *provider,
                   const struct authorization_request *request, struct form *form) {
    const struct login_values values = {
        .provider = provider,
        .redirect_uri = request->redirect_uri,
        .state = request->state,
    };
    if (request->signed_in_within > 0 &&
        login_values_put(arena, &values, provider->reauthentication_parameters, form) != 0)
        return -1;
    if (login_values_put(arena, &values, provider->authorization_parameters, form) != 0)
        return -1;
    if (provider->offline_access &&
        login_values_put(arena, &values, provider->offline_access_parameters, form) != 0)
        return -1;
    return request->more_scope != NULL
               ? login_values_put(arena, &values, provider->incremental_authorization_parameters,
                                  form)
               : 0;
}

/* OpenID Connect Core 3.1.2.1: where the person must have signed in lately, the provider is to ask
 * who it is, whoever is signed in there, and to tell when it did. A record may know another way
 * (put_own()), and what is no OpenID Connect has none. */
static void put_freshness(struct arena *arena, const struct provider *provider,
                          const struct authorization_request *request, struct form *form) {
    bool has_own = provider->reauthentication_parameters != NULL;
    bool again = request->signed_in_within > 0;
    bool is_asked = again && !has_own && provider->protocol == PROTOCOL_OIDC;
    int64_t max_age = provider->max_age;
    const char *prompt = request->prompt != NULL ? request->prompt : provider->prompt;
    if (is_asked && (max_age < 0 || max_age > request->signed_in_within))
        max_age = request->signed_in_within;
    form_put(arena, form, "prompt", is_asked ? "login" : again && has_own ? NULL : prompt);
    if (max_age >= 0)
        form_put(arena, form, "max_age", arena_format(arena, "%lld", (long long)max_age));
}

static int request_parameters(struct arena *arena, const struct provider *provider,
                              const struct authorization_request *request, struct form *result) {
    struct form form = {.first = NULL};
    form_put(arena, &form, "response_type", "code");
    form_put(arena, &form, provider->client_id_parameter, provider->client_id);
    form_put(arena, &form, "redirect_uri", request->redirect_uri);
    form_put(arena, &form, "scope", scope_of(arena, provider, request->more_scope));
    put_protection(arena, provider, request, &form);
    if (provider->response_mode == RESPONSE_MODE_FORM_POST)
        form_put(arena, &form, "response_mode", "form_post");
    put_freshness(arena, provider, request, &form);
    form_put(arena, &form, "login_hint", request->login_hint);
    form_put(arena, &form, "acr_values", provider->acr_values);
    form_put(arena, &form, "ui_locales", provider->ui_locales);
    form_put(arena, &form, "claims", provider->claims);
    put_resources(arena, &form, provider->resource);
    *result = form;
    return put_own(arena, provider, request, result);
}

/* RFC 9126 2: the parameters go to the provider directly; the browser carries only a reference. */
static int push(struct context *context, const struct provider *provider,
                const struct metadata *metadata, struct form *parameters, struct form *reference) {
    struct arena *arena = context->arena;
    if (metadata->pushed_authorization_request_endpoint == NULL)
        return fail(arena, ERROR_DISCOVERY_MALFORMED,
                    "pushed requests are demanded, but there is no "
                    "pushed_authorization_request_endpoint");

    static const struct answer_rules rules = {
        .formats = "json",
        .error = "error",
        .source = MAPPING_TOKEN,
        .status = 201,
        .refused = ERROR_TOKEN_ERROR,
        .malformed = ERROR_TOKEN_RESPONSE,
    };
    const struct endpoint_call call = {
        .provider = provider,
        .metadata = metadata,
        .url = metadata->pushed_authorization_request_endpoint,
        .rules = &rules,
    };
    const struct json *answer = NULL;
    if (endpoint_send(context, &call, parameters, &answer) != 0)
        return -1;
    const char *request_uri = json_string(answer, "request_uri");
    if (text_is_empty(request_uri))
        return fail(arena, ERROR_TOKEN_RESPONSE, "the pushed request got no request_uri");

    form_put(arena, reference, provider->client_id_parameter, provider->client_id);
    form_put(arena, reference, "request_uri", request_uri);
    return 0;
}

int authorization_request_uri(struct context *context, const struct provider *provider,
                              const struct metadata *metadata,
                              const struct authorization_request *request, const char **uri) {
    struct arena *arena = context->arena;
    struct form parameters;
    struct form reference = {.first = NULL};
    if (request_parameters(arena, provider, request, &parameters) != 0)
        return -1;
    if (metadata->par_required) {
        if (push(context, provider, metadata, &parameters, &reference) != 0)
            return -1;
        parameters = reference;
    }
    *uri = uri_with_query(arena, metadata->authorization_endpoint, &parameters);
    if (provider->authorization_fragment != NULL)
        *uri = arena_format(arena, "%s#%s", *uri, provider->authorization_fragment);
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

/* RFC 6749 4.1.2.1: error; some providers have further names for it. */
static int read_error(struct arena *arena, const struct provider *provider,
                      const struct form *parameters, const char **error) {
    const char *names = provider->error_parameters;
    size_t length = 0;
    *error = NULL;
    for (const char *name = text_next_word(&names, &length); name != NULL && *error == NULL;
         name = text_next_word(&names, &length))
        if (value_of(arena, parameters, arena_copy(arena, name, length), error) != 0)
            return -1;
    return 0;
}

/* Whether one word of the record's `denied` is true of the response. */
static bool says_no(struct arena *arena, const struct authorization_response *response,
                    const struct form *parameters, const char *word) {
    const char *equals = strchr(word, '=');
    if (text_equal(word, "no-code"))
        return response->code == NULL && response->error == NULL;
    if (equals == NULL) {
        const char *value = form_value(parameters, word);
        return !text_is_empty(value) && !text_equal(value, "0");
    }
    const char *name = arena_copy(arena, word, (size_t)(equals - word));
    return text_equal(form_value(parameters, name), equals + 1);
}

static bool is_denied(struct arena *arena, const struct provider *provider,
                      const struct authorization_response *response,
                      const struct form *parameters) {
    const char *words = provider->denied;
    size_t length = 0;
    if (text_equal(response->error, "access_denied"))
        return true;
    for (const char *word = words == NULL ? NULL : text_next_word(&words, &length); word != NULL;
         word = text_next_word(&words, &length))
        if (says_no(arena, response, parameters, arena_copy(arena, word, length)))
            return true;
    return false;
}

/* RFC 5849 2.2: oauth_token and oauth_verifier. A refusal is the provider's own invention, and may
 * name the token in a parameter of its own. */
static int read_oauth1(struct arena *arena, const struct provider *provider,
                       const struct form *parameters, struct authorization_response *response) {
    const char *words = provider->denied != NULL ? provider->denied : "";
    size_t length = 0;
    if (value_of(arena, parameters, "oauth_token", &response->token) != 0 ||
        value_of(arena, parameters, "oauth_verifier", &response->code) != 0)
        return -1;
    for (const char *word = text_next_word(&words, &length);
         word != NULL && response->token == NULL; word = text_next_word(&words, &length))
        if (value_of(arena, parameters, arena_copy(arena, word, length), &response->token) != 0)
            return -1;
    return response->token != NULL
               ? 0
               : fail(arena, ERROR_STATE_MISSING, "the response has no oauth_token");
}

static int read_oauth2(struct arena *arena, const struct form *parameters,
                       struct authorization_response *response) {
    if (value_of(arena, parameters, "state", &response->state) != 0 ||
        value_of(arena, parameters, "code", &response->code) != 0 ||
        form_single(arena, parameters, "iss", &response->iss) != 0)
        return -1;
    return response->state != NULL ? 0
                                   : fail(arena, ERROR_STATE_MISSING, "the response has no state");
}

int authorization_response_parse(struct arena *arena, const struct provider *provider,
                                 const struct form *parameters,
                                 struct authorization_response *response) {
    *response = (struct authorization_response){.state = NULL};
    int read = provider->protocol == PROTOCOL_OAUTH1
                   ? read_oauth1(arena, provider, parameters, response)
                   : read_oauth2(arena, parameters, response);
    if (read != 0 || read_error(arena, provider, parameters, &response->error) != 0)
        return -1;

    response->denied = is_denied(arena, provider, response, parameters);
    if (response->code != NULL && (response->error != NULL || response->denied))
        return fail(arena, ERROR_RESPONSE_AMBIGUOUS, "the response has both code and error");
    if (response->code == NULL && response->error == NULL && !response->denied)
        return fail(arena, ERROR_RESPONSE_AMBIGUOUS, "the response has neither code nor error");
    if (response->code != NULL && strlen(response->code) > CODE_LIMIT)
        return fail(arena, ERROR_PARAMETER_WRONG, "the code is longer than %d characters",
                    CODE_LIMIT);
    return 0;
}

/* RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6: some are the provider's choice. */
static int response_error(struct arena *arena, const char *error) {
    if (text_equal(error, "login_required") || text_equal(error, "interaction_required") ||
        text_equal(error, "consent_required") || text_equal(error, "account_selection_required"))
        return fail(arena, ERROR_LOGIN_REQUIRED, "the provider answered %s", error);
    return fail(arena, ERROR_AUTHORIZATION_ERROR, "the provider answered %.60s", error);
}

/* RFC 9207 2.4: compared also on error responses, and demanded where it was promised. An issuer of
 * which nothing is known cannot be compared; each provider has a redirect URI of its own. */
static int check_iss(struct arena *arena, const struct provider *provider,
                     const struct metadata *metadata,
                     const struct authorization_response *response) {
    if (response->iss == NULL && metadata->iss_parameter)
        return fail(arena, ERROR_ISS_MISSING, "the response has no iss although it was promised");
    if (response->iss == NULL || metadata->issuer == NULL)
        return 0;
    if (!issuer_is_known(provider, response->iss) || issuer_is_template(response->iss) ||
        !issuer_is_discovered(provider, metadata->issuer, response->iss))
        return fail(arena, ERROR_ISS_WRONG, "the response is another issuer's");
    return 0;
}

int authorization_response_check(struct arena *arena, const struct provider *provider,
                                 const struct metadata *metadata,
                                 const struct authorization_response *response) {
    if (check_iss(arena, provider, metadata, response) != 0)
        return -1;
    if (response->denied)
        return fail(arena, ERROR_LOGIN_DENIED, "the provider says that the person said no");
    return response->error == NULL ? 0 : response_error(arena, response->error);
}

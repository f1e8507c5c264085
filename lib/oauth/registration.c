#include "oauth/registration.h"

#include "base/text.h"
#include "edge/config.h"
#include "format/form.h"
#include "format/json.h"
#include "oauth/authorization.h"
#include "oauth/endpoint.h"

#include <string.h>

#define CLIENT_ID_LIMIT 1024
#define CLIENT_SECRET_LIMIT 4096

static struct json *one_text(struct arena *arena, const char *text) {
    struct json *array = json_array(arena);
    json_append(array, json_text(arena, text));
    return array;
}

/* The first of an allow-list is what we ask for. */
static const char *first_word(struct arena *arena, const char *list) {
    return list == NULL ? NULL : arena_copy(arena, list, strcspn(list, " "));
}

/* RFC 7591 2: what is not named here may not be used. */
static struct json *grant_types(struct arena *arena, const struct provider *provider) {
    struct json *types = one_text(arena, "authorization_code");
    if (provider->offline_access)
        json_append(types, json_text(arena, "refresh_token"));
    return types;
}

/* RFC 7591 2, OpenID Connect Dynamic Client Registration 2 and the logout specifications. */
static struct json *client_metadata(struct context *context, const struct provider *provider,
                                    const struct registration_uris *uris) {
    struct arena *arena = context->arena;
    struct json *client = json_object(arena);
    json_put(arena, client, "redirect_uris", one_text(arena, uris->redirect_uri));
    json_put(arena, client, "response_types", one_text(arena, "code"));
    json_put(arena, client, "grant_types", grant_types(arena, provider));
    json_put_string(arena, client, "application_type", "web");
    json_put_string(arena, client, "client_name", context->config->title);
    json_put_string(arena, client, "scope", authorization_scope(arena, provider, NULL));
    json_put_string(arena, client, "token_endpoint_auth_method",
                    provider_authentication_name(provider->authentication));
    json_put_string(arena, client, "token_endpoint_auth_signing_alg", provider->authentication_alg);
    json_put_string(arena, client, "id_token_signed_response_alg",
                    first_word(arena, provider->id_token_algs));
    json_put_string(arena, client, "userinfo_signed_response_alg",
                    first_word(arena, provider->userinfo_algs));
    json_put_string(arena, client, "initiate_login_uri", uris->initiate_login_uri);
    json_put(arena, client, "post_logout_redirect_uris",
             one_text(arena, uris->post_logout_redirect_uri));
    json_put_string(arena, client, "backchannel_logout_uri", uris->backchannel_logout_uri);
    json_put_string(arena, client, "frontchannel_logout_uri", uris->frontchannel_logout_uri);
    if (uris->frontchannel_logout_uri != NULL)
        json_put_boolean(arena, client, "frontchannel_logout_session_required", true);
    return client;
}

static struct http_request dynamic_request(struct context *context, const struct provider *provider,
                                           const char *url, const struct registration_uris *uris) {
    struct arena *arena = context->arena;
    struct http_request request = endpoint_request(provider, url);
    request.json = json_write(arena, client_metadata(context, provider, uris));
    if (provider->initial_access_token != NULL)
        http_request_field(arena, &request, "Authorization",
                           arena_format(arena, "Bearer %s", provider->initial_access_token));
    return request;
}

static struct http_request mastodon_request(struct context *context,
                                            const struct provider *provider, const char *url,
                                            const struct registration_uris *uris) {
    struct arena *arena = context->arena;
    struct http_request request = endpoint_request(provider, url);
    struct form form = {.first = NULL};
    form_put(arena, &form, "client_name", context->config->title);
    form_put(arena, &form, "redirect_uris", uris->redirect_uri);
    form_put(arena, &form, "scopes", provider->scope);
    form_put(arena, &form, "website", context->config->base_url);
    request.form = form_write(arena, &form);
    return request;
}

/* The way of client authentication must be one that we can go: it need not be the one asked for. */
static int check_authentication(struct arena *arena, const struct provider *provider,
                                const struct registration *registration) {
    switch (registration->authentication) {
    case CLIENT_SECRET_BASIC:
    case CLIENT_SECRET_POST:
    case CLIENT_SECRET_JWT:
        if (text_is_empty(registration->client_secret))
            return fail(arena, ERROR_REGISTRATION, "the answer has no client_secret");
        break;
    case PRIVATE_KEY_JWT:
        if (provider->private_key_file == NULL)
            return fail(arena, ERROR_REGISTRATION, "private_key_jwt, but we have no private key");
        break;
    case CLIENT_PUBLIC:
        if (!provider->pkce) /* RFC 9700 2.1.1 */
            return fail(arena, ERROR_REGISTRATION, "neither client authentication nor PKCE");
        break;
    }
    return 0;
}

/* What the provider made of it: RFC 7591 3.2.1 lets it change anything, and what it says holds. */
static int parse(struct arena *arena, const struct provider *provider, const struct json *answer,
                 struct registration *registration) {
    const struct json *expires = json_member(answer, "client_secret_expires_at");
    const char *method = provider->registration == REGISTRATION_DYNAMIC
                             ? json_string(answer, "token_endpoint_auth_method")
                             : NULL;
    *registration = (struct registration){
        .client_id = json_string(answer, "client_id"),
        .client_secret = json_string(answer, "client_secret"),
        .authentication = provider->authentication,
    };
    if (text_is_empty(registration->client_id) || strlen(registration->client_id) > CLIENT_ID_LIMIT)
        return fail(arena, ERROR_REGISTRATION, "the answer has no client_id");
    if (registration->client_secret != NULL &&
        strlen(registration->client_secret) > CLIENT_SECRET_LIMIT)
        return fail(arena, ERROR_REGISTRATION, "the client_secret is too long");
    if (method != NULL && !provider_authentication_parse(method, &registration->authentication))
        return fail(arena, ERROR_REGISTRATION, "a token_endpoint_auth_method that we do not know");
    if (check_authentication(arena, provider, registration) != 0)
        return -1;
    if (expires != NULL && !json_seconds(expires, &registration->expires_at))
        return fail(arena, ERROR_REGISTRATION, "client_secret_expires_at is not a time");
    if (registration->expires_at == 0)
        registration->expires_at = REGISTRATION_NEVER_EXPIRES;
    return 0;
}

int registration_request(struct context *context, const struct provider *provider,
                         const struct metadata *metadata, const struct registration_uris *uris,
                         struct registration *registration) {
    struct arena *arena = context->arena;
    struct http_response response;
    struct json *answer = NULL;
    if (metadata->registration_endpoint == NULL)
        return fail(arena, ERROR_DISCOVERY_MALFORMED,
                    "registration = dynamic, but there is no registration_endpoint");

    const char *url = metadata->registration_endpoint;
    struct http_request request = provider->registration == REGISTRATION_MASTODON
                                      ? mastodon_request(context, provider, url, uris)
                                      : dynamic_request(context, provider, url, uris);
    if (http_request_send(context, &request, &response) != 0)
        return -1;
    /* RFC 7591 3.2.1 says 201; some providers, and the fediverse, say 200. */
    if (response.status != 201 && response.status != 200)
        return fail(arena, ERROR_REGISTRATION, "the provider answered with status %d",
                    response.status);
    if (json_parse_object(arena, response.body, response.body_length, &answer) != 0) {
        arena_forget_error(arena);
        return fail(arena, ERROR_REGISTRATION, "the answer is not a JSON object");
    }
    return parse(arena, provider, answer, registration);
}

#include "oauth/userinfo.h"

#include "base/text.h"
#include "edge/http_client.h"
#include "oauth/provider_keys.h"

static int ask(struct context *context, const struct metadata *metadata, const char *access_token,
               struct http_response *response) {
    struct arena *arena = context->arena;
    struct http_request request = {
        .url = metadata->userinfo_endpoint,
        .accept = "application/json, application/jwt",
    };
    http_request_field(arena, &request, "Authorization",
                       arena_format(arena, "Bearer %s", access_token));
    if (http_request_send(context, &request, response) != 0)
        return -1;
    if (response->status != 200)
        return fail(arena, ERROR_HTTP_STATUS, "UserInfo: the provider answered with status %d",
                    response->status);
    return 0;
}

static int read_plain(struct arena *arena, const struct http_response *response,
                      const struct json **claims) {
    struct json *object = NULL;
    if (json_parse_object(arena, response->body, response->body_length, &object) != 0) {
        arena_forget_error(arena);
        return fail(arena, ERROR_USERINFO_MALFORMED, "the UserInfo response is not a JSON object");
    }
    *claims = object;
    return 0;
}

/* 5.3.2: a signed answer names issuer and audience, and they must be the provider and us. */
static int read_signed(struct context *context, const struct provider *provider,
                       struct metadata *metadata, const struct http_response *response,
                       const struct json **claims) {
    struct arena *arena = context->arena;
    struct jws jws;
    const char *algs =
        provider->userinfo_algs != NULL ? provider->userinfo_algs : provider->id_token_algs;
    if (provider_keys_verify(context, provider, metadata, algs, response->body, &jws) != 0 ||
        jws_claims(arena, &jws, ERROR_USERINFO_MALFORMED, claims) != 0)
        return -1;
    if (!text_equal(json_string(*claims, "iss"), provider->issuer))
        return fail(arena, ERROR_ID_TOKEN_ISS, "UserInfo: iss is not this provider's issuer");
    if (!json_has_string(*claims, "aud", provider->client_id))
        return fail(arena, ERROR_ID_TOKEN_AUD, "UserInfo: aud is not our client_id");
    return 0;
}

int userinfo_request(struct context *context, const struct provider *provider,
                     struct metadata *metadata, const char *access_token, const char *subject,
                     const struct json **claims) {
    struct arena *arena = context->arena;
    *claims = NULL;
    if (!provider->userinfo || metadata->userinfo_endpoint == NULL)
        return 0;

    struct http_response response;
    const struct json *answer = NULL;
    if (ask(context, metadata, access_token, &response) != 0)
        return -1;
    bool is_signed = text_equal(response.content_type, "application/jwt");
    int result = is_signed ? read_signed(context, provider, metadata, &response, &answer)
                           : read_plain(arena, &response, &answer);
    if (result != 0)
        return -1;

    /* 5.3.2: without this check, another person's answer could be slipped in. */
    if (!text_equal(json_string(answer, "sub"), subject))
        return fail(arena, ERROR_USERINFO_SUB, "sub is not that of the id_token");
    *claims = answer;
    return 0;
}

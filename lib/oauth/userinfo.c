#include "oauth/userinfo.h"

#include "base/text.h"
#include "edge/http_client.h"
#include "format/uri.h"
#include "oauth/endpoint.h"
#include "oauth/issuer.h"
#include "oauth/oauth1.h"
#include "oauth/provider_keys.h"

#include <string.h>

/* ---- the request ----------------------------------------------------------------------------- */

/* One "Name: value" of the record, filled in. */
static int put_header(struct arena *arena, const struct login_values *values, const char *header,
                      struct http_request *request) {
    const char *text = NULL;
    if (login_values_text(arena, values, header, &text) != 0)
        return -1;
    size_t length = strcspn(text, ":");
    const char *name = arena_copy(arena, text, length);
    const char *value = text + length + strlen(": "); /* so it was when the record was read */
    if (text_equal_nocase(name, "Accept"))
        request->accept = value;
    else
        http_request_field(arena, request, name, value);
    return 0;
}

static int put_headers(struct arena *arena, const struct login_values *values,
                       struct http_request *request) {
    const char *rest = values->provider->userinfo_headers;
    while (rest != NULL) {
        const char *end = strstr(rest, PROVIDER_HEADERS_SEPARATOR);
        size_t length = end == NULL ? strlen(rest) : (size_t)(end - rest);
        if (put_header(arena, values, arena_copy(arena, rest, length), request) != 0)
            return -1;
        rest = end == NULL ? NULL : end + strlen(PROVIDER_HEADERS_SEPARATOR);
    }
    return 0;
}

/* The parameters travel in the query, but those of a POST, and its token, in its body. */
static int put_parameters(struct arena *arena, const struct login_values *values,
                          struct http_request *request) {
    const struct provider *provider = values->provider;
    struct form query = {.first = NULL};
    struct form body = {.first = NULL};
    bool in_body = provider->userinfo_post && provider->userinfo_json == NULL;
    if (login_values_put(arena, values, provider->userinfo_parameters, in_body ? &body : &query) !=
        0)
        return -1;
    endpoint_put_token(arena, provider, values->access_token,
                       provider->userinfo_token == TOKEN_IN_FORM ? &body : &query, request);
    if (query.first != NULL)
        request->url = uri_with_query(arena, request->url, &query);
    if (body.first != NULL)
        request->form = form_write(arena, &body);
    else if (provider->userinfo_post)
        request->json = provider->userinfo_json;
    request->post = provider->userinfo_post;
    return 0;
}

/* RFC 5849 3.1: last of all, since the signature covers the address and a form. */
static int sign(struct context *context, const struct login_values *values,
                struct http_request *request) {
    const struct oauth1_credentials credentials = {
        .token = values->access_token,
        .secret = values->token_secret,
    };
    return values->provider->protocol == PROTOCOL_OAUTH1
               ? oauth1_sign(context, values->provider, &credentials, request)
               : 0;
}

static int ask(struct context *context, const struct login_values *values, const char *endpoint,
               struct http_response *response) {
    struct arena *arena = context->arena;
    const char *url = NULL;
    if (login_values_uri(arena, values, endpoint, &url) != 0)
        return -1;
    struct http_request request = endpoint_request(values->provider, url);
    if (values->provider->protocol == PROTOCOL_OIDC)
        request.accept = "application/json, application/jwt";
    if (put_headers(arena, values, &request) != 0 || put_parameters(arena, values, &request) != 0 ||
        sign(context, values, &request) != 0)
        return -1;
    return http_request_send(context, &request, response);
}

/* ---- the answer ------------------------------------------------------------------------------ */

static int read_plain(struct arena *arena, const struct provider *provider,
                      enum mapping_source source, const struct http_response *response,
                      const struct json **answer) {
    const struct answer_rules rules = {
        .formats = provider->userinfo_response_format,
        .error = provider->userinfo_error,
        .success = provider->userinfo_success,
        .source = source,
        .status = 200,
        .refused = ERROR_USERINFO_ERROR,
        .malformed = ERROR_USERINFO_MALFORMED,
    };
    return answer_read(arena, &rules, response, answer);
}

/* 5.3.2: a signed answer names issuer and audience, and they must be the provider and us. */
static int read_signed(struct context *context, const struct provider *provider,
                       struct metadata *metadata, const struct http_response *response,
                       const struct json **claims) {
    struct arena *arena = context->arena;
    struct jws jws;
    const char *algs =
        provider->userinfo_algs != NULL ? provider->userinfo_algs : provider->id_token_algs;
    if (response->status != 200)
        return fail(arena, ERROR_HTTP_STATUS, "UserInfo: the provider answered with status %d",
                    response->status);
    if (provider_keys_verify(context, provider, metadata, algs, response->body, &jws) != 0 ||
        jws_claims(arena, &jws, ERROR_USERINFO_MALFORMED, claims) != 0)
        return -1;
    if (issuer_of_claims(arena, provider, metadata->issuer, *claims) == NULL)
        return fail(arena, ERROR_ID_TOKEN_ISS, "UserInfo: iss is not this provider's issuer");
    if (!json_has_string(*claims, "aud", provider->client_id))
        return fail(arena, ERROR_ID_TOKEN_AUD, "UserInfo: aud is not our client_id");
    return 0;
}

static int read_first(struct context *context, const struct provider *provider,
                      struct metadata *metadata, const struct http_response *response,
                      const struct json **answer) {
    struct arena *arena = context->arena;
    if (provider->protocol == PROTOCOL_OIDC &&
        text_equal(response->content_type, "application/jwt"))
        return read_signed(context, provider, metadata, response, answer);
    if (read_plain(arena, provider, MAPPING_USERINFO, response, answer) != 0)
        return -1;
    return (*answer)->type == JSON_OBJECT
               ? 0
               : fail(arena, ERROR_USERINFO_MALFORMED, "the answer is a list, not an object");
}

/* A `sub` is a string (Core 2); what a record names in its place may be a number. */
static const char *said_subject(struct arena *arena, const struct provider *provider,
                                const struct json *answer) {
    const struct mapping_sources sources = {
        .of = {[MAPPING_USERINFO] = answer},
        .plain = MAPPING_USERINFO,
    };
    return text_equal(provider->userinfo_sub, "sub")
               ? json_string(answer, "sub")
               : mapping_text(arena, provider->userinfo_sub, &sources);
}

/* 5.3.2: without this check, another person's answer could be slipped in. */
static int check_subject(struct arena *arena, const struct provider *provider,
                         const struct json *answer, const char *subject) {
    if (subject == NULL || text_equal(said_subject(arena, provider, answer), subject))
        return 0;
    return fail(arena, ERROR_USERINFO_SUB, "the subject is not that of the id_token");
}

/* Permission for the second call is often not given; the record says whether that matters. */
static bool may_be_refused(const struct provider *provider, int status) {
    return provider->second_userinfo_optional && (status == 401 || status == 403 || status == 404);
}

static int ask_second(struct context *context, const struct login_values *values,
                      const struct json **answer) {
    const struct provider *provider = values->provider;
    struct http_response response;
    if (ask(context, values, provider->second_userinfo_endpoint, &response) != 0)
        return -1;
    if (may_be_refused(provider, response.status))
        return 0;
    return read_plain(context->arena, provider, MAPPING_USERINFO2, &response, answer);
}

int userinfo_request(struct context *context, struct metadata *metadata, const char *subject,
                     struct login_values *values) {
    const struct provider *provider = values->provider;
    const struct json *first = NULL;
    const struct json *second = NULL;
    struct http_response response;
    if (!provider->userinfo || metadata->userinfo_endpoint == NULL)
        return 0;
    if (ask(context, values, metadata->userinfo_endpoint, &response) != 0 ||
        read_first(context, provider, metadata, &response, &first) != 0 ||
        check_subject(context->arena, provider, first, subject) != 0)
        return -1;
    values->answers.of[MAPPING_USERINFO] = first;
    if (provider->second_userinfo_endpoint != NULL && ask_second(context, values, &second) != 0)
        return -1;
    values->answers.of[MAPPING_USERINFO2] = second;
    return 0;
}

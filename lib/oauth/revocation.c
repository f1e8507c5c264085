#include "oauth/revocation.h"

#include "base/text.h"
#include "oauth/client_authentication.h"
#include "oauth/endpoint.h"
#include "oauth/login_values.h"

#include <string.h>

static bool is_template(const struct metadata *metadata) {
    return strchr(metadata->revocation_endpoint, '{') != NULL;
}

bool revocation_is_offered(const struct metadata *metadata, enum revocable kind) {
    if (metadata->revocation_endpoint == NULL)
        return false;
    return kind == REVOCABLE_ACCESS_TOKEN || !is_template(metadata);
}

/* The provider's own way. */
static int fill_template(struct context *context, const struct provider *provider,
                         const struct metadata *metadata, const char *token,
                         struct http_request *request) {
    const struct login_values values = {.provider = provider, .access_token = token};
    request->post = true;
    return login_values_uri(context->arena, &values, metadata->revocation_endpoint, &request->url);
}

/* 2.1 */
static int fill_form(struct context *context, const struct provider *provider,
                     const struct metadata *metadata, enum revocable kind, const char *token,
                     struct http_request *request) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    form_put(arena, &form, "token", token);
    form_put(arena, &form, "token_type_hint",
             kind == REVOCABLE_REFRESH_TOKEN ? "refresh_token" : "access_token");
    if (client_authentication_add(context, provider, metadata, &form, request) != 0)
        return -1;
    request->form = form_write(arena, &form);
    return 0;
}

/* The code of RFC 6749 5.2 or 2.2.1; NULL if it says none of them. Another text might quote what we
 * sent, and must not come into the log. */
static const char *code_of(struct arena *arena, const struct http_response *response) {
    struct json *answer = NULL;
    if (json_parse_object(arena, response->body, response->body_length, &answer) != 0)
        arena_forget_error(arena);
    const char *code = json_string(answer, "error");
    return text_has_word("invalid_request invalid_client invalid_grant unauthorized_client "
                         "unsupported_grant_type invalid_scope unsupported_token_type",
                         code)
               ? code
               : NULL;
}

/* 2.2: 200, whatever the body says. 2.2.1: else, why. */
static int judge(struct arena *arena, const struct http_response *response) {
    if (response->status == 200)
        return 0;
    const char *code = code_of(arena, response);
    if (text_equal(code, "invalid_client"))
        return fail(arena, ERROR_CLIENT_REFUSED, "status %d, error %s", response->status, code);
    return fail(arena, ERROR_REVOCATION, "status %d%s%s", response->status,
                code == NULL ? "" : ", error ", code == NULL ? "" : code);
}

int revocation_request(struct context *context, const struct provider *provider,
                       const struct metadata *metadata, enum revocable kind, const char *token) {
    struct http_request request = endpoint_request(provider, metadata->revocation_endpoint);
    struct http_response response;
    request.timeout = REVOCATION_TIMEOUT;
    int filled = is_template(metadata)
                     ? fill_template(context, provider, metadata, token, &request)
                     : fill_form(context, provider, metadata, kind, token, &request);
    if (filled != 0 || http_request_send(context, &request, &response) != 0)
        return -1;
    return judge(context->arena, &response);
}

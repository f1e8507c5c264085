#include "oauth/endpoint.h"

#include "base/text.h"
#include "edge/http_client.h"
#include "oauth/client_authentication.h"

/* RFC 6749 5.2 allows more characters, but no code in use has others: they need not be logged. */
static const char *error_code(struct arena *arena, const struct json *answer) {
    const char *code = json_string(answer, "error");
    if (text_is_empty(code))
        return NULL;
    char *printable = arena_format(arena, "%.60s", code);
    for (char *c = printable; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && *c != '_' && *c != '-' && *c != '.')
            *c = '?';
    return printable;
}

static int judge(struct arena *arena, const struct endpoint_call *call,
                 const struct http_response *response, struct json **answer) {
    *answer = NULL;
    bool is_json = json_parse_object(arena, response->body, response->body_length, answer) == 0;
    arena_forget_error(arena);

    const char *refusal = is_json ? error_code(arena, *answer) : NULL;
    if (text_equal(refusal, "invalid_client"))
        return fail(arena, ERROR_CLIENT_REFUSED, "status %d, error invalid_client",
                    response->status);
    if (refusal != NULL)
        return fail(arena, ERROR_TOKEN_ERROR, "status %d, error %s", response->status, refusal);
    if (response->status != call->success)
        return fail(arena, ERROR_HTTP_STATUS, "the provider answered with status %d",
                    response->status);
    if (!is_json)
        return fail(arena, ERROR_TOKEN_RESPONSE, "the answer is not a JSON object");
    return 0;
}

int endpoint_post(struct context *context, const struct endpoint_call *call,
                  struct form *parameters, struct json **answer) {
    struct http_request request = {.url = call->url};
    struct http_response response;
    if (client_authentication_add(context, call->provider, call->metadata, parameters, &request) !=
        0)
        return -1;
    request.form = form_write(context->arena, parameters);
    if (http_request_send(context, &request, &response) != 0)
        return -1;
    return judge(context->arena, call, &response, answer);
}

#include "oauth/endpoint.h"

#include "base/text.h"
#include "format/uri.h"
#include "oauth/client_authentication.h"

#include <string.h>

/* Milliseconds. Whoever names a server can have it dawdle, and a process of ours waits with it. */
#define STRANGERS_TIMEOUT 5000

#define QUOTED 8 /* characters of a secret that must not be in the log */

struct http_request endpoint_request(const struct provider *provider, const char *url) {
    return (struct http_request){
        .url = url,
        .user_agent = provider->user_agent,
        .public_only = provider_is_strangers_choice(provider),
        .timeout = provider_is_strangers_choice(provider) ? STRANGERS_TIMEOUT : 0,
    };
}

void endpoint_put_token(struct arena *arena, const struct provider *provider, const char *token,
                        struct form *parameters, struct http_request *request) {
    const char *name = provider->userinfo_token_name;
    if (provider->protocol == PROTOCOL_OAUTH1)
        return;
    if (provider->userinfo_token == TOKEN_IN_HEADER)
        http_request_field(arena, request, "Authorization",
                           arena_format(arena, "%s %s", name, token));
    else
        form_put(arena, parameters, name, token);
}

static char *json_of(struct arena *arena, const struct form *parameters) {
    struct json *object = json_object(arena);
    for (const struct form_field *field = parameters->first; field != NULL; field = field->next)
        json_put_string(arena, object, field->name, field->value);
    return json_write(arena, object);
}

static bool is_public(const char *name) {
    return text_has_word("client_id grant_type redirect_uri scope client_assertion_type", name);
}

/* True if a piece of the value stands in the text. */
static bool quotes(const char *text, const char *value) {
    char piece[QUOTED + 1] = "";
    for (size_t length = strlen(value); length >= QUOTED; value++, length--) {
        memcpy(piece, value, QUOTED);
        if (strstr(text, piece) != NULL)
            return true;
    }
    return false;
}

/* The name of a secret that the text quotes; NULL: none. */
static const char *quoted(const struct endpoint_call *call, const struct form *parameters,
                          const char *text) {
    const char *secret = call->provider->client_secret;
    for (const struct form_field *field = parameters->first; field != NULL; field = field->next)
        if (!is_public(field->name) && quotes(text, field->value))
            return field->name;
    return secret != NULL && quotes(text, secret) ? "client_secret" : NULL;
}

/* What a provider calls a failure goes to the log, and some write into it what they were sent. */
static int hide_quotes(struct arena *arena, const struct endpoint_call *call,
                       const struct form *parameters) {
    const struct error error = arena->error;
    const char *name =
        error.rule == call->rules->refused ? quoted(call, parameters, error.detail) : NULL;
    if (name == NULL)
        return -1;
    arena_forget_error(arena);
    return fail(arena, error.rule, "the error's name quotes the %s that was sent", name);
}

int endpoint_send(struct context *context, const struct endpoint_call *call,
                  struct form *parameters, const struct json **answer) {
    struct arena *arena = context->arena;
    struct http_request request = endpoint_request(call->provider, call->url);
    struct http_response response;
    if (client_authentication_add(context, call->provider, call->metadata, parameters, &request) !=
        0)
        return -1;
    if (call->get)
        request.url = uri_with_query(arena, call->url, parameters);
    else if (call->json)
        request.json = json_of(arena, parameters);
    else
        request.form = form_write(arena, parameters);
    if (http_request_send(context, &request, &response) != 0)
        return -1;
    return answer_read(arena, call->rules, &response, answer) == 0
               ? 0
               : hide_quotes(arena, call, parameters);
}

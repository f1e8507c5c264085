#include "oauth/token.h"

#include "base/text.h"
#include "oauth/endpoint.h"

#include <string.h>

#define TOKEN_LIMIT (32 * 1024) /* characters of any token */

/* RFC 6750 2.1 has less: these, too, are seen in the wild, and none of them can end a field. */
static bool is_bearer_token(const char *token) {
    for (const char *c = token; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && strchr("-._~+/=", *c) == NULL &&
            strchr("!#$%&'()*,:;<>?@[]^`{|}", *c) == NULL)
            return false;
    return *token != '\0' && strlen(token) <= TOKEN_LIMIT;
}

/* *text = the member, or NULL if it is absent or null; another type is an error. */
static int optional_token(struct arena *arena, const struct json *answer, const char *name,
                          const char **text) {
    const struct json *member = json_member(answer, name);
    *text = json_string(answer, name);
    if (member == NULL || member->type == JSON_NULL || (*text != NULL && is_bearer_token(*text)))
        return 0;
    return fail(arena, ERROR_TOKEN_RESPONSE, "%s is not a token", name);
}

int token_response_parse(struct arena *arena, const struct json *answer,
                         struct token_response *response) {
    *response = (struct token_response){.access_token = NULL};
    if (optional_token(arena, answer, "access_token", &response->access_token) != 0 ||
        optional_token(arena, answer, "id_token", &response->id_token) != 0 ||
        optional_token(arena, answer, "refresh_token", &response->refresh_token) != 0)
        return -1;
    if (response->access_token == NULL)
        return fail(arena, ERROR_TOKEN_RESPONSE, "there is no access_token");

    /* RFC 6749 7.1: a type that we do not understand is of no use; 5.1: case does not matter. */
    if (!text_equal_nocase(json_string(answer, "token_type"), "Bearer"))
        return fail(arena, ERROR_TOKEN_RESPONSE, "token_type is not Bearer");
    return 0;
}

int token_request(struct context *context, const struct provider *provider,
                  const struct metadata *metadata, const struct token_request *request,
                  struct token_response *response) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    form_put(arena, &form, "grant_type", "authorization_code");
    form_put(arena, &form, "code", request->code);
    form_put(arena, &form, "redirect_uri", request->redirect_uri);
    if (provider->pkce)
        form_put(arena, &form, "code_verifier", request->code_verifier);

    const struct endpoint_call call = {
        .provider = provider,
        .metadata = metadata,
        .url = metadata->token_endpoint,
        .success = 200,
    };
    struct json *answer = NULL;
    if (endpoint_post(context, &call, &form, &answer) != 0)
        return -1;
    return token_response_parse(arena, answer, response);
}

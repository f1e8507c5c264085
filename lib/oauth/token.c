#include "oauth/token.h"

#include "base/text.h"
#include "oauth/endpoint.h"
#include "oauth/scope.h"

#include <string.h>

#define TOKEN_LIMIT (32 * 1024)             /* characters of any token */
#define LIFETIME_LIMIT (3650LL * 24 * 3600) /* seconds */

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

/* RFC 6749 5.1: a number; some write it as a text. It decides nothing now: no reason to fail. */
static int64_t lifetime(const struct json *answer) {
    const struct json *member = json_member(answer, "expires_in");
    struct json number = {.type = JSON_NUMBER, .text = json_string(answer, "expires_in")};
    int64_t seconds = 0;
    if (!json_integer(number.text != NULL ? &number : member, &seconds) || seconds < 0 ||
        seconds > LIFETIME_LIMIT)
        return 0;
    return seconds;
}

static const char *granted_scope(struct arena *arena, const struct provider *provider,
                                 const struct json *answer) {
    const struct mapping_sources sources = {
        .of = {[MAPPING_TOKEN] = answer},
        .plain = MAPPING_TOKEN,
    };
    return scope_of_answer(arena, mapping_value(arena, provider->token_scope, &sources));
}

/* RFC 6749 7.1: a type that we do not understand is of no use; 5.1: case does not matter. Where
 * there is no id_token, the type is often missing, too: then it can only be a bearer token. */
static int check_type(struct arena *arena, const struct provider *provider,
                      const struct json *answer) {
    const struct json *type = json_member(answer, "token_type");
    if (type == NULL && provider->protocol == PROTOCOL_OAUTH2)
        return 0;
    if (!text_equal_nocase(json_string(answer, "token_type"), "Bearer"))
        return fail(arena, ERROR_TOKEN_RESPONSE, "token_type is not Bearer");
    return 0;
}

/* The object that holds the tokens: the answer, or where the record says, if anything is there. */
static const struct json *root_of(struct arena *arena, const struct provider *provider,
                                  const struct json *answer) {
    const struct mapping_sources sources = {
        .of = {[MAPPING_TOKEN] = answer},
        .plain = MAPPING_TOKEN,
    };
    if (provider->token_response_root == NULL)
        return answer;
    const struct json *root = mapping_value(arena, provider->token_response_root, &sources);
    return root != NULL && root->type == JSON_OBJECT ? root : answer;
}

int token_response_parse(struct arena *arena, const struct provider *provider,
                         const struct json *answer, struct token_response *response) {
    answer = root_of(arena, provider, answer);
    *response = (struct token_response){
        .scope = granted_scope(arena, provider, answer),
        .expires_in = lifetime(answer),
        .answer = answer,
    };
    if (optional_token(arena, answer, "access_token", &response->access_token) != 0 ||
        optional_token(arena, answer, "id_token", &response->id_token) != 0 ||
        optional_token(arena, answer, "refresh_token", &response->refresh_token) != 0)
        return -1;
    if (response->access_token == NULL)
        return fail(arena, ERROR_TOKEN_RESPONSE, "there is no access_token");
    return check_type(arena, provider, answer);
}

/* RFC 6749 4.1.3, RFC 7636 4.5, and what the record adds. */
static int put_grant(struct arena *arena, const struct provider *provider,
                     const struct token_request *request, struct form *form) {
    form_put(arena, form, "grant_type", "authorization_code");
    form_put(arena, form, "code", request->code);
    form_put(arena, form, "redirect_uri", request->values->redirect_uri);
    if (provider->pkce)
        form_put(arena, form, "code_verifier", request->code_verifier);
    return login_values_put(arena, request->values, provider->token_parameters, form);
}

struct answer_rules token_answer_rules(const struct provider *provider) {
    return (struct answer_rules){
        .formats = provider->token_response_format,
        .error = provider->token_error,
        .success = provider->token_success,
        .source = MAPPING_TOKEN,
        .status = 200,
        .refused = ERROR_TOKEN_ERROR,
        .malformed = ERROR_TOKEN_RESPONSE,
    };
}

struct endpoint_call token_endpoint_call(const struct provider *provider,
                                         const struct metadata *metadata,
                                         const struct answer_rules *rules) {
    return (struct endpoint_call){
        .provider = provider,
        .metadata = metadata,
        .url = metadata->token_endpoint,
        .rules = rules,
        .get = provider->token_get,
        .json = provider->token_json,
    };
}

int token_request(struct context *context, const struct provider *provider,
                  const struct metadata *metadata, const struct token_request *request,
                  struct token_response *response) {
    struct arena *arena = context->arena;
    struct form form = {.first = NULL};
    const struct json *answer = NULL;
    const struct answer_rules rules = token_answer_rules(provider);
    const struct endpoint_call call = token_endpoint_call(provider, metadata, &rules);
    if (put_grant(arena, provider, request, &form) != 0 ||
        endpoint_send(context, &call, &form, &answer) != 0)
        return -1;
    return token_response_parse(arena, provider, answer, response);
}

/*
 * token: the code becomes tokens (RFC 6749 4.1.3-5.1, OpenID Connect Core 3.1.3).
 */
#ifndef LATCHKEY_OAUTH_TOKEN_H
#define LATCHKEY_OAUTH_TOKEN_H

#include "format/json.h"
#include "oauth/answer.h"
#include "oauth/endpoint.h"
#include "oauth/login_values.h"
#include "oauth/metadata.h"

struct token_request {
    const char *code;
    const char *code_verifier;
    const struct login_values *values; /* redirect_uri: the very one of the authorization request */
};

struct token_response {
    const char *access_token;
    const char *token_secret; /* of OAuth 1.0 alone (RFC 5849 1.1): it signs, beside access_token */
    const char *id_token;     /* NULL if absent; so below */
    const char *refresh_token;
    const char *scope;         /* granted: scope.h; absent: what was asked for (RFC 6749 5.1) */
    int64_t expires_in;        /* seconds, of the access token; 0: not said, or not sensibly */
    const struct json *answer; /* all that it says */
};

/* Sends the code to this provider's token endpoint and reads the answer, as its record says.
 * 0, or -1 with endpoint_send()'s and login_values_put()'s errors or ERROR_TOKEN_RESPONSE. */
int token_request(struct context *context, const struct provider *provider,
                  const struct metadata *metadata, const struct token_request *request,
                  struct token_response *response) CHECKED;

/* How this provider's token endpoint answers. */
struct answer_rules token_answer_rules(const struct provider *provider);

/* A call to it; `rules` must live as long. */
struct endpoint_call token_endpoint_call(const struct provider *provider,
                                         const struct metadata *metadata,
                                         const struct answer_rules *rules);

/* Reads a token response.
 * 0, or -1 with ERROR_TOKEN_RESPONSE: no access token, a token type other than Bearer (absent is
 * allowed for OAuth 2.0 alone), or a member of the wrong type. */
int token_response_parse(struct arena *arena, const struct provider *provider,
                         const struct json *answer, struct token_response *response) CHECKED;

#endif

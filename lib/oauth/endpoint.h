/*
 * endpoint: requests to one of the provider's endpoints: any at all, and those as the client that
 * we are: the token endpoint (RFC 6749 3.2), the pushed authorization request endpoint (RFC 9126
 * 2).
 */
#ifndef LATCHKEY_OAUTH_ENDPOINT_H
#define LATCHKEY_OAUTH_ENDPOINT_H

#include "format/form.h"
#include "oauth/answer.h"
#include "oauth/metadata.h"

/* What every request to this provider has in common: all of them begin here. */
struct http_request endpoint_request(const struct provider *provider, const char *url);

/* Puts the access token where this provider's APIs look for it (RFC 6750 2, or a way of its own): in
 * the field Authorization, or among these parameters, which are the query's or a form's as
 * provider->userinfo_token says. Nothing for OAuth 1.0, which signs: oauth1_sign(). */
void endpoint_put_token(struct arena *arena, const struct provider *provider, const char *token,
                        struct form *parameters, struct http_request *request);

struct endpoint_call {
    const struct provider *provider;
    const struct metadata *metadata;
    const char *url;
    const struct answer_rules *rules;
    bool get;  /* the parameters travel in the query */
    bool json; /* … in a JSON document */
};

/* Sends the parameters, with client authentication added to them, and reads the answer. *answer of a
 * failure is what it says, if it can be read; else it stays as it was.
 * 0, or -1 with ERROR_HTTP_*, answer_read()'s errors or ERROR_KEY_FILE. */
int endpoint_send(struct context *context, const struct endpoint_call *call,
                  struct form *parameters, const struct json **answer) CHECKED;

#endif

/*
 * endpoint: a POST to one of the provider's endpoints as the client that we are: the token endpoint
 * (RFC 6749 3.2), the pushed authorization request endpoint (RFC 9126 2).
 */
#ifndef LATCHKEY_OAUTH_ENDPOINT_H
#define LATCHKEY_OAUTH_ENDPOINT_H

#include "format/form.h"
#include "format/json.h"
#include "oauth/metadata.h"

struct endpoint_call {
    const struct provider *provider;
    const struct metadata *metadata;
    const char *url;
    int success; /* the status of a success: 200, or 201 */
};

/* Posts the parameters, with client authentication added to them, and reads the JSON object that is
 * the answer.
 * 0, or -1 with ERROR_HTTP_*, ERROR_CLIENT_REFUSED (RFC 6749 5.2: it does not take us for its
 * client), ERROR_TOKEN_ERROR (it refused, and says how), ERROR_TOKEN_RESPONSE (not JSON) or
 * ERROR_KEY_FILE. */
int endpoint_post(struct context *context, const struct endpoint_call *call,
                  struct form *parameters, struct json **answer) CHECKED;

#endif

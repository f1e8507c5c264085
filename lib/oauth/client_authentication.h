/*
 * client_authentication: how we prove to a provider's endpoint who we are (RFC 6749 2.3.1,
 * RFC 7523 2.2, OpenID Connect Core 9).
 *
 * One way a provider, as its record says; never is a second one tried.
 */
#ifndef LATCHKEY_OAUTH_CLIENT_AUTHENTICATION_H
#define LATCHKEY_OAUTH_CLIENT_AUTHENTICATION_H

#include "edge/http_client.h"
#include "format/form.h"
#include "oauth/metadata.h"

/* Adds what the provider's token_endpoint_auth_method needs to the parameters or to the request's
 * fields.
 * 0, or -1 with ERROR_KEY_FILE or ERROR_INTERNAL from signing. */
int client_authentication_add(struct context *context, const struct provider *provider,
                              const struct metadata *metadata, struct form *parameters,
                              struct http_request *request) CHECKED;

#endif

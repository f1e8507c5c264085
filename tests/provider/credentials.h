/*
 * credentials: what a request proves in HTTP: a client with its secret (RFC 6749 2.3.1), or a bearer
 * token (RFC 6750 2).
 */
#ifndef LATCHKEY_PROVIDER_CREDENTIALS_H
#define LATCHKEY_PROVIDER_CREDENTIALS_H

#include "exchange.h"

/* *client = who sent this, by client_secret_basic or client_secret_post. 0, or -1 with the refusal
 * (invalid_request or invalid_client), and WWW-Authenticate where RFC 6749 5.2 asks for it. */
int credentials_client(struct exchange *exchange, const struct client **client,
                       struct refusal *refusal) CHECKED;

/* *token = the bearer token, from the field or from the posted form; NULL if there is none. 0, or -1 with the
 * refusal if there are two. */
int credentials_bearer(struct exchange *exchange, const char **token,
                       struct refusal *refusal) CHECKED;

#endif

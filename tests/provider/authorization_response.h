/*
 * authorization_response: what the browser carries back to the client (OpenID Connect Core 3.1.2.5-6,
 * RFC 9207; Form Post Response Mode 1.0).
 *
 * The grant says where to and how; its misbehaviour, if it is one of this message, is done here.
 */
#ifndef LATCHKEY_PROVIDER_AUTHORIZATION_RESPONSE_H
#define LATCHKEY_PROVIDER_AUTHORIZATION_RESPONSE_H

#include "exchange.h"
#include "grant.h"

/* Responds with a code for what the grant holds. 0 or -1 as an endpoint. */
int authorization_response_code(struct exchange *exchange, const struct grant *grant) CHECKED;

/* Responds with the error. 0 or -1 as an endpoint. */
int authorization_response_error(struct exchange *exchange, const struct grant *grant,
                                 const struct refusal *refusal) CHECKED;

#endif

/*
 * bearer: access to what a token is for (RFC 6750).
 */
#ifndef LATCHKEY_PROVIDER_BEARER_H
#define LATCHKEY_PROVIDER_BEARER_H

#include "exchange.h"
#include "grant.h"

/* *grant = what the access token of this request was granted for; `scope` (NULL: any) must be among
 * it. 0, or -1 with the refusal. */
int bearer_read(struct exchange *exchange, const char *scope, struct grant *grant,
                struct refusal *refusal) CHECKED;

/* Replies with the refusal, and how to do better (RFC 6750 3). Returns 0. */
int bearer_refuse(struct exchange *exchange, const char *scope, const struct refusal *refusal);

#endif

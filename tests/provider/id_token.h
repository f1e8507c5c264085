/*
 * id_token: OpenID Connect Core 2, with its at_hash (3.1.3.6); and what can be wrong with one.
 */
#ifndef LATCHKEY_PROVIDER_ID_TOKEN_H
#define LATCHKEY_PROVIDER_ID_TOKEN_H

#include "grant.h"

#define ID_TOKEN_AGE 600 /* seconds */

/* Signs the ID Token of the grant, to be sent with this access token; does the grant's misbehaviour if it is
 * one of the ID Token. 0, or -1 with ERROR_INTERNAL. */
int id_token_make(struct arena *arena, const struct op *op, const struct grant *grant,
                  const char *access_token, char **id_token) CHECKED;

/* *client = whom an ID Token of ours, perhaps an old one, was made for: id_token_hint (RP-Initiated Logout 2).
 * 0, or -1 with ERROR_PARAMETER_WRONG if it is none of ours. */
int id_token_read(struct arena *arena, const struct op *op, const char *id_token,
                  const struct client **client) CHECKED;

#endif

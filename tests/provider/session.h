/*
 * session: who signed in with this browser last, in a signed cookie.
 */
#ifndef LATCHKEY_PROVIDER_SESSION_H
#define LATCHKEY_PROVIDER_SESSION_H

#include "exchange.h"
#include "grant.h"

/* True if somebody is signed in: person, auth_time and sid of *session are set. */
bool session_load(struct exchange *exchange, struct grant *session);

/* Signs this person in, now, with a new sid. */
void session_begin(struct exchange *exchange, const struct person *person, struct grant *session);

/* Signs out. */
void session_end(struct exchange *exchange);

#endif

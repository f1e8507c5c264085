/*
 * client: which client we are at a provider, where we registered ourselves (oauth/registration.h).
 *
 * A registration is made once, at the first login, and kept in the database with its secret sealed.
 */
#ifndef LATCHKEY_LOGIN_CLIENT_H
#define LATCHKEY_LOGIN_CLIENT_H

#include "format/key_ring.h"
#include "oauth/metadata.h"

/* Fills in client_id, client_secret and authentication of a provider whose record says
 * `registration = dynamic` or `mastodon`, registering first if need be; does nothing for others.
 * 0, or -1 with registration_request()'s errors, a key or database error. */
int client_load(struct context *context, struct provider *provider,
                const struct metadata *metadata) CHECKED;

/* Before anything is asked of a provider whose host a visitor chose: we are its client already, or it
 * is one of the new ones that may be tried now (instance.h). Does nothing for others.
 * 0, or -1 with instance_admit()'s errors, or a key error. */
int client_admit(struct context *context, const struct provider *provider) CHECKED;

/* The same as client_load(), but never registers: for signing out, which a client that nobody ever signed in through
 * has no part in, and which strangers may ask for.
 * 0, or -1 with ERROR_REGISTRATION if there is no registration that still holds, a key or database
 * error. */
int client_find(struct context *context, struct provider *provider) CHECKED;

/* The provider does not know us any more: the next login registers anew. Does nothing for others; a
 * failure goes to the log. */
void client_forget(struct context *context, const struct provider *provider);

/* Seals the client secrets of all registrations with the newest key of the ring, a few in each
 * transaction; *count of them. One that cannot be opened is left: the next login registers anew.
 * 0, or -1 with a database error. */
int client_seal_anew(struct context *context, const struct key_ring *ring, int64_t *count) CHECKED;

#endif

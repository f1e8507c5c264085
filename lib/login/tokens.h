/*
 * tokens: a provider's tokens for its APIs, kept where the site asks for them (`offline_access =
 * yes`), sealed (format/vault.h), for as long as the identity is linked.
 *
 * The seal holds for one identity and one kind of token: what is moved to another row does not open
 * there.
 */
#ifndef LATCHKEY_LOGIN_TOKENS_H
#define LATCHKEY_LOGIN_TOKENS_H

#include "format/key_ring.h"
#include "oauth/person.h"
#include "oauth/token.h"

/* The tokens of an identity. */
struct tokens {
    int64_t identity;
    const char *provider;      /* provider_path(): whose client they were given to */
    const char *access_token;  /* NULL: it cannot be opened (any more) */
    const char *refresh_token; /* NULL: there is none, or it cannot be opened */
    const char *scope;         /* NULL: not said */
    int64_t expires_at;        /* of the access token; 0: not said */
    struct tokens *next;
};

/* Keeps the tokens of a login, in place of the earlier ones; does nothing if the site does not ask
 * for them. Where this login brought no refresh token, the one that the same client has got before
 * stays: some give it but once. Call inside database_begin().
 * 0, or -1 with a key or database error. */
int tokens_keep(struct context *context, const struct provider *provider,
                const struct person *person, int64_t identity,
                const struct token_response *response) CHECKED;

#define TOKENS_OF_ALL 0

/* *list = the tokens of one of the account's identities, or TOKENS_OF_ALL; NULL: there are none.
 * 0, or -1 with a key or database error. */
int tokens_load(struct context *context, int64_t account, int64_t identity,
                struct tokens **list) CHECKED;

/* Seals all of them with the newest key of the ring, a few in each transaction; *count of them. What
 * cannot be opened is left.
 * 0, or -1 with a database error. */
int tokens_seal_anew(struct context *context, const struct key_ring *ring, int64_t *count) CHECKED;

#endif

/*
 * tokens: a provider's tokens for its APIs, sealed (format/vault.h), for as long as the identity is
 * linked. They are kept where the site asks for them (`offline_access = yes`) or an [api NAME] is
 * called with them. usable_token.h finds the one to call with.
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
    const char *issuer; /* with the subject: whose they are */
    const char *subject;
    const char *provider;           /* provider_path(): whose client they were given to */
    const char *access_token;       /* NULL: it cannot be opened (any more) */
    const char *refresh_token;      /* NULL: there is none, or it cannot be opened */
    const char *token_secret;       /* of OAuth 1.0 alone */
    const char *refresh_parameters; /* refresh.h; NULL: none */
    const char *scope;              /* granted: scope.h; NULL: not known */
    const char *asked_scope;        /* asked for at the login that brought them */
    int64_t expires_at;             /* of the access token; 0: not said */
    int64_t updated_at;             /* when the access token was got */
    int64_t failed_at;              /* when the last refresh came to nothing; 0: it did not */
    struct tokens *next;
};

/* What a login has brought. */
struct token_grant {
    const struct token_response *response;
    const char *asked_scope; /* granted, too, where the response does not say (RFC 6749 5.1) */
    const char *refresh_parameters; /* refresh_parameters(); NULL: none */
    bool is_for_api;                /* the login was begun for an [api NAME] */
};

/* Whether this provider's tokens are kept. */
bool tokens_are_kept(const struct config *config, const struct provider *provider);

/* Keeps the tokens of a login, in place of the earlier ones, if they are kept. Where this login
 * brought no refresh token, the one that the same client has got before stays: some give it but
 * once. And where it was granted less than before (a sign-in asks for less than an API does), and
 * was not begun for an API, the earlier ones stay as long as they are of use. Call inside
 * database_begin().
 * 0, or -1 with a key or database error. */
int tokens_keep(struct context *context, const struct provider *provider,
                const struct person *person, int64_t identity,
                const struct token_grant *grant) CHECKED;

#define TOKENS_OF_ALL 0

/* *list = the tokens of one of the account's identities, or TOKENS_OF_ALL; NULL: there are none.
 * 0, or -1 with a key or database error. */
int tokens_load(struct context *context, int64_t account, int64_t identity,
                struct tokens **list) CHECKED;

/* True if they are of the [provider ID] of that id, or of one of its instances. */
bool tokens_are_of(const struct tokens *tokens, const char *provider);

/* The provider that gave them, with its instance.
 * 0, or -1 with provider_load()'s errors. */
int tokens_load_provider(struct context *context, const struct tokens *tokens,
                         struct provider *provider) CHECKED;

/* Keeps what was got for the refresh token of `used`; call inside database_begin(). Nothing is
 * written over that came later: if a login has brought another refresh token, that stays; if it
 * brought but another access token, that stays, and only the refresh token is replaced. *kept = what
 * is there now; NULL: the identity is gone.
 * 0, or -1 with a key or database error. */
int tokens_keep_refreshed(struct context *context, const struct tokens *used,
                          const struct token_response *response, struct tokens **kept) CHECKED;

/* Forgets tokens whose grant is over; call inside database_begin(). Does nothing if a login has
 * brought another refresh token than that of `used` meanwhile.
 * 0, or -1 with a key or database error. */
int tokens_forget(struct context *context, const struct tokens *used) CHECKED;

/* Notes that a refresh of this identity's tokens begins: a real write, which shows that what it
 * brings can be written, too. And that it came to nothing. 0, or -1 with a database error. */
int tokens_begin_refresh(struct context *context, int64_t identity) CHECKED;
int tokens_refresh_failed(struct context *context, int64_t identity) CHECKED;

/* Seals all of them with the newest key of the ring, a few in each transaction; *count of them. What
 * cannot be opened is left.
 * 0, or -1 with a database error. */
int tokens_seal_anew(struct context *context, const struct key_ring *ring, int64_t *count) CHECKED;

#endif

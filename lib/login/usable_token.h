/*
 * usable_token: the access token that a third-party API is called with as the person who is signed
 * in; refreshed (RFC 6749 6) when it has expired or the API refused it.
 *
 * Whose: the session's own identity, if it is one at that provider; else the account's oldest there
 * that has tokens. Never another person's, and never another one of his own than he signed in as.
 *
 * Of all processes, one refreshes a token (turn.h); the others wait for USABLE_TOKEN_WAIT seconds at
 * most and take what it got. Meanwhile no transaction is open: the provider may take its time, and
 * whoever writes to the database does not wait for it. Before the provider is called, a write shows
 * that the answer can be kept; and it is kept before anything else is done with it, also if the
 * process is told to end meanwhile. A provider that does not answer, or not sensibly, is left alone
 * for USABLE_TOKEN_PAUSE seconds. One that says that the grant is over is believed: the tokens are
 * forgotten, so that nobody asks again until the person has signed in there anew.
 *
 * A process that is killed after the provider has replaced the refresh token and before the new one
 * is written loses it. There is no way around that: the grant is over then, and says so once.
 */
#ifndef LATCHKEY_LOGIN_USABLE_TOKEN_H
#define LATCHKEY_LOGIN_USABLE_TOKEN_H

#include "login/session.h"
#include "oauth/provider.h"

#define USABLE_TOKEN_WAIT 20   /* seconds, for a refresh by another process */
#define USABLE_TOKEN_PAUSE 10  /* seconds, after a refresh that came to nothing */
#define USABLE_TOKEN_LEEWAY 60 /* seconds before its end, when a token is as good as expired */

struct usable_token {
    const struct provider *provider; /* its record; of the instance that gave the token */
    int64_t identity;
    const char *access_token;
    const char *token_secret; /* of OAuth 1.0 alone: oauth1_sign() */
    const char *scope;        /* what it is good for: scope.h; NULL: not known */
    const char *asked_scope;  /* what was asked for when it was granted; NULL: not known */
};

/* The token for the [provider ID] of that id. Not inside a transaction: it may have to be refreshed.
 * 0; or -1 with
 *   ERROR_NO_TOKENS       the person has to sign in there (401 sign_in_again): nothing is kept
 *   ERROR_GRANT_OVER      likewise: it cannot be refreshed, or not any more
 *   ERROR_REFRESH_WAIT    another process is at it and does not come to an end
 *   ERROR_REFRESH_FAILED  that has just been tried, and came to nothing
 * refresh_request()'s, metadata_load()'s or client_find()'s errors, or a key or database error. */
int usable_token_load(struct context *context, const struct session *session, const char *provider,
                      struct usable_token *usable) CHECKED;

/* Another one, after an API has refused `usable` with 401 (RFC 6750 3.1 invalid_token). If another
 * process has got one meanwhile, that is it.
 * 0, or -1 with the same errors, or ERROR_TOKEN_REFUSED: the one that was refused has just been got,
 * so its age is not the reason, and a new one would not be better. */
int usable_token_renew(struct context *context, const struct session *session,
                       struct usable_token *usable) CHECKED;

/* True if the token is good for all words of `needed`, as far as anybody knows: they were granted;
 * or asked for at that login, so that asking once more would not help. */
bool usable_token_has_scope(struct arena *arena, const struct usable_token *usable,
                            const char *needed);

#endif

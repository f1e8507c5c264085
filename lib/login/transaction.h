/*
 * transaction: a login under way, from login.cgi to callback.cgi.
 *
 * All of it rides in one signed cookie of the browser that began it: a random id, provider, issuer,
 * return_to, purpose, API, time, and where that will be needed which session the browser had. `state`, `nonce` and
 * `code_verifier` are HMACs of the id under the transaction key, each for a purpose of its own:
 * nothing secret is in the cookie, and beginning a login writes nothing, so that a flood of
 * strangers cannot grow the database. The callback needs the cookie and the state that belongs to
 * it, for this very provider, in time; and records the id as used before anything else happens, so
 * that a login works once.
 *
 * The cookie's name ends with the first characters of its state, so that several tabs can sign in
 * at once; of more than TRANSACTION_LIMIT the oldest are dropped.
 */
#ifndef LATCHKEY_LOGIN_TRANSACTION_H
#define LATCHKEY_LOGIN_TRANSACTION_H

#include "edge/request.h"
#include "edge/response.h"
#include "oauth/provider.h"

#define TRANSACTION_LIMIT 5 /* logins under way in one browser */

/* What a login is for. */
enum login_purpose {
    LOGIN_SIGN_IN,
    LOGIN_LINK,    /* the identity becomes another one of the account that is signed in */
    LOGIN_CONFIRM, /* whoever is signed in shows once more that it is he */
    LOGIN_GRANT,   /* whoever is signed in lets this site do more there: grant.h */
};

/* What its beginning decides. */
struct login_terms {
    const char *return_to; /* a checked local path, or NULL: the site's home */
    enum login_purpose purpose;
    bool remember;   /* the session outlives the browser */
    const char *api; /* the [api NAME] that it was begun for; NULL: for none */
};

struct transaction {
    const char *provider; /* provider_path() */
    const char *issuer;   /* the provider's identity_issuer */
    struct login_terms terms;
    int64_t begun_at;
    const char *session; /* session_named() of the browser, where it will be needed; else NULL:
                          * for form_post, and to link, to confirm, to grant */
    const char *state;
    const char *nonce;
    const char *code_verifier; /* RFC 7636 4.1: 43 characters */
};

/* Begins a login: fills in *transaction and adds its cookie to the response, and the removal of the
 * oldest ones beyond the limit.
 * 0, or -1 with session_named()'s errors, ERROR_STATE_DIR or ERROR_KEY_FILE. */
int transaction_begin(struct context *context, const struct request *request,
                      struct response *response, const struct provider *provider,
                      const struct login_terms *terms, struct transaction *transaction) CHECKED;

/* Ends it: finds the cookie that belongs to `state`, removes it, checks it, and records it as used.
 * 0; or -1 with ERROR_STATE_WRONG (malformed), ERROR_LOGIN_COOKIE_MISSING,
 * ERROR_LOGIN_COOKIE_WRONG, ERROR_LOGIN_PROVIDER_WRONG, ERROR_LOGIN_EXPIRED, ERROR_LOGIN_USED, or a
 * database error. */
int transaction_consume(struct context *context, const struct request *request,
                        struct response *response, const struct provider *provider,
                        const char *state, struct transaction *transaction) CHECKED;

#endif

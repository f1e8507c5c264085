/*
 * session: a browser that is signed in.
 *
 * The cookie holds a random id, signed: forgeries are turned away before the database is asked. The
 * table holds the id's SHA-256: whoever reads it cannot become anyone; deleting the row is the
 * logout. A new id comes with every login.
 */
#ifndef LATCHKEY_LOGIN_SESSION_H
#define LATCHKEY_LOGIN_SESSION_H

#include "edge/context.h"
#include "edge/request.h"
#include "edge/response.h"
#include "login/account.h"

struct session {
    int64_t account;
    int64_t created_at;
    int64_t expires_at; /* the absolute timeout's end */
    const char *issuer;
    const char *sid;             /* the provider's session; NULL if unknown */
    const char *id_hash;         /* base64url: names the session where its id must not stand */
    const char *locked_id_token; /* NULL if not kept; session_id_token() reads it */
    const char *provider;        /* the [provider …] it came through */
    /* of the account; NULL if unknown */
    const char *sub;
    const char *name;
    const char *email;
    bool email_verified;
    const char *picture;
    const char *locale;
    const char *csrf_token; /* for the forms of our own pages */
};

/* What is known of a login that has just succeeded. */
struct session_origin {
    const char *issuer;
    const char *sid;      /* NULL if absent */
    const char *id_token; /* kept, sealed, for id_token_hint */
    const char *id_token_alg;
    const char *replaces; /* the session_named() where the login was begun; NULL if none */
};

/* Signs the browser in: a new id, its cookie, its row; the session it had before is ended, by its
 * cookie or, where that does not come along, by origin->replaces. Clears away a few expired
 * sessions. Call inside database_begin().
 * 0, or -1 with a key or database error. */
int session_issue(struct context *context, const struct request *request, struct response *response,
                  const struct account_ids *ids, const struct session_origin *origin) CHECKED;

/* *session = this browser's, or NULL if nobody is signed in: no cookie, a forged one, ended, timed
 * out. Notes that it was seen, sparingly.
 * 0, or -1 with ERROR_COOKIE_REPEATED, a key or database error. */
int session_load(struct context *context, const struct request *request,
                 struct session **session) CHECKED;

/* *id_hash = which session the browser's cookie names, be it over or not; NULL if none.
 * 0, or -1 with ERROR_COOKIE_REPEATED or a key error. */
int session_named(struct context *context, const struct request *request,
                  const char **id_hash) CHECKED;

/* *position = which of account_identities() the session came through, counted from 0.
 * 0, or -1 with a database error. */
int session_identity(struct context *context, const struct session *session,
                     int64_t *position) CHECKED;

/* What to call the person on a page: the name, else the address, else NULL. */
const char *session_display(const struct session *session);

/* Ends this browser's session, if there is one, and removes the cookie.
 * 0, or -1 with a key or database error; ERROR_COOKIE_REPEATED. */
int session_revoke(struct context *context, const struct request *request,
                   struct response *response) CHECKED;

/* *id_token = the one that the session was begun with, for id_token_hint; NULL if it was not kept
 * or cannot be opened any more.
 * 0, or -1 with a key error. */
int session_id_token(struct context *context, const struct session *session,
                     const char **id_token) CHECKED;

#endif

/*
 * session: a browser that is signed in.
 *
 * The cookie holds a random id, signed: forgeries are turned away before the database is asked. The
 * table holds the id's SHA-256: whoever reads it cannot become anyone; deleting the row is the
 * logout. A new id comes with every login, and whenever what the session may do grows.
 *
 * It ends by itself after idle_timeout without a request, and after absolute_timeout in any case;
 * one that is not to be remembered after short_timeout, or when the browser closes.
 */
#ifndef LATCHKEY_LOGIN_SESSION_H
#define LATCHKEY_LOGIN_SESSION_H

#include "edge/context.h"
#include "edge/request.h"
#include "edge/response.h"
#include "login/account.h"

struct session {
    int64_t account;
    int64_t identity;   /* the one it was begun through */
    int64_t created_at; /* when the person last signed in to it */
    int64_t expires_at; /* the absolute timeout's end */
    bool remember;      /* the cookie outlives the browser */
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
    bool remember;
};

/* Signs the browser in: a new id, its cookie, its row; the session it had before is ended, by its
 * cookie or, where that does not come along, by origin->replaces: *replaced = whether there was one.
 * Clears away a few expired sessions. Call inside database_begin().
 * 0, or -1 with a key or database error. */
int session_issue(struct context *context, const struct request *request, struct response *response,
                  const struct account_ids *ids, const struct session_origin *origin,
                  bool *replaced) CHECKED;

/* *session = this browser's, or NULL if nobody is signed in: no cookie, a forged one, ended, timed
 * out. Notes that it was seen, sparingly.
 * 0, or -1 with ERROR_COOKIE_REPEATED, a key or database error. */
int session_load(struct context *context, const struct request *request,
                 struct session **session) CHECKED;

/* *session = the one of that hash, which was this browser's when it left for the provider; NULL if
 * it is over, or the browser has another one or none by now (a POST from there brings none along).
 * `remember` and `csrf_token` are not known.
 * 0, or -1 as session_load(). */
int session_load_left(struct context *context, const struct request *request, const char *id_hash,
                      struct session **session) CHECKED;

/* *session = the one of that hash, for who has proved otherwise that it is his (login/caller.h); NULL
 * if it is over. `remember` and `csrf_token` are not known.
 * 0, or -1 with a database error. */
int session_load_by_hash(struct context *context, const char *id_hash,
                         struct session **session) CHECKED;

/* The session goes on under a new id (session fixation), until the same end. *session changes with
 * it; `remember` must be right. Call inside database_begin(); so below.
 * 0, or -1 with a key or database error. */
int session_replace(struct context *context, struct response *response,
                    struct session *session) CHECKED;

/* The same after the person has signed in to it once more, by this identity of the account: from now
 * on it is that login's. */
int session_renew(struct context *context, struct response *response, int64_t identity,
                  const struct session_origin *origin, struct session *session) CHECKED;

/* True if the person signed in so lately that it need not be asked again ([account]
 * confirm_after). */
bool session_is_recent(struct context *context, const struct session *session);

/* A form of our own pages: sent by one of them (its origin), and for this session (its csrf_token).
 * 0, or -1 with ERROR_REQUEST_ORIGIN, ERROR_UNAUTHENTICATED (session is NULL) or ERROR_CSRF. */
int session_check_form(struct context *context, const struct request *request,
                       const struct session *session) CHECKED;

/* *id_hash = which session the browser's cookie names, be it over or not; NULL if none.
 * 0, or -1 with ERROR_COOKIE_REPEATED or a key error. */
int session_named(struct context *context, const struct request *request,
                  const char **id_hash) CHECKED;

/* What to call the person on a page: the name, else the address, else NULL. */
const char *session_display(const struct session *session);

/* One line of the list of sessions. */
struct session_entry {
    const char *id_hash; /* names it in forms; no one can sign in with it */
    int64_t created_at;
    int64_t last_seen;
    int64_t expires_at;
    const char *provider;
    const char *user_agent; /* NULL if unknown; so below */
    const char *address;    /* as [audit] address kept it */
    struct session_entry *next;
};

#define SESSION_LIST_LIMIT 100

/* *entries = the account's live sessions, the one used last first; at most SESSION_LIST_LIMIT.
 * 0, or -1 with a database error. */
int session_list(struct context *context, int64_t account, struct session_entry **entries) CHECKED;

/* Ends one session of the account.
 * 0, or -1 with ERROR_NOT_YOURS (it has no such session) or a database error. */
int session_end(struct context *context, int64_t account, const char *id_hash) CHECKED;

/* Ends all sessions of the account but this one; *count of them.
 * 0, or -1 with a database error. */
int session_end_others(struct context *context, const struct session *session,
                       int64_t *count) CHECKED;

/* Ends all sessions of the account; *count of them. 0, or -1 with a database error. */
int session_end_all(struct context *context, int64_t account, int64_t *count) CHECKED;

/* Takes the cookie away from a browser whose session is over. Call after database_commit(): an
 * answer that fails keeps the removal. */
void session_remove_cookie(struct context *context, struct response *response);

/* The session goes on as one of another identity: its own is about to be unlinked.
 * 0, or -1 with a database error. */
int session_leave_identity(struct context *context, const struct session *session, int64_t identity,
                           int64_t other) CHECKED;

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

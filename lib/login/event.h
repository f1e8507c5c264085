/*
 * event: what happened to an account, kept in the database for the person and for the operator.
 *
 * Kept for as long as [audit] keep says, then cleared away a few at a time by later events. An
 * event tells when, what, through which provider, from where, and the request id that leads to the
 * log; never a name, an e-mail address or a token.
 */
#ifndef LATCHKEY_LOGIN_EVENT_H
#define LATCHKEY_LOGIN_EVENT_H

#include "edge/context.h"
#include "edge/request.h"
#include "format/json.h"

enum event_kind {
    EVENT_SIGNED_IN,
    EVENT_SIGN_IN_REFUSED, /* the detail is the rule */
    EVENT_SIGNED_OUT,
    EVENT_SESSIONS_ENDED, /* the detail says how many */
    EVENT_LINKED,
    EVENT_UNLINKED,
    EVENT_CONFIRMED, /* signed in once more, before something that matters */
    EVENT_GRANTED,   /* this site may do more at the provider; the detail is the [api NAME] */
    EVENT_PROFILE_CHANGED,
    EVENT_EXPORTED,
    EVENT_DELETED,
    EVENT_BLOCKED,
    EVENT_UNBLOCKED,
    EVENT_KEYS_ROTATED,
    EVENT_COUNT
};

#define EVENT_NO_ACCOUNT 0

struct event {
    enum event_kind kind;
    int64_t account;      /* EVENT_NO_ACCOUNT: none, or none any more */
    const char *provider; /* NULL: none */
    const char *detail;   /* NULL: none */
};

/* The name in the database: "signed_in". */
const char *event_name(enum event_kind kind);

/* Records it; `request` is NULL for what no browser did. Call inside the transaction of what it
 * tells of, if there is one, so that neither is there without the other.
 * 0, or -1 with a database error. */
int event_record(struct context *context, const struct request *request,
                 const struct event *event) CHECKED;

/* *events = the account's last `limit` events, the newest first, as a JSON array of {"at", "event",
 * "provider"?, "detail"?, "request"?, "address"?, "user_agent"?}; `at` in seconds.
 * 0, or -1 with a database error. */
int event_list(struct context *context, int64_t account, int limit, struct json **events) CHECKED;

/* Takes an account out of its events. 0, or -1 with a database error. */
int event_anonymise(struct context *context, int64_t account) CHECKED;

#endif

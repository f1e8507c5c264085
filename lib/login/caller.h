/*
 * caller: who is asking, for programs that answer people and other programs alike.
 *
 * A browser brings the session's cookie. A script or another program may bring a token of ours
 * (`Authorization: Bearer`, RFC 6750 2.1; login/access_token.h): then that alone is judged, and one
 * that is wrong is an error, never a reason to look at the cookie. A token lives no longer than the
 * session it was issued for, and who its bearer is, is what the database says now. `Authorization`
 * of any other scheme is somebody else's, and not looked at.
 */
#ifndef LATCHKEY_LOGIN_CALLER_H
#define LATCHKEY_LOGIN_CALLER_H

#include "edge/context.h"
#include "edge/request.h"
#include "login/session.h"

enum caller_means {
    CALLER_NOBODY,
    CALLER_SESSION,
    CALLER_TOKEN,
};

struct caller {
    enum caller_means means;
    const struct session *session; /* NULL: nobody. By token, without `remember`, `csrf_token` */
};

/* Finds out. A 401 says from now on that a token would do (context->takes_token).
 * 0 (also if it is nobody), or -1 with session_load()'s or access_token_authenticate()'s errors. */
int caller_load(struct context *context, const struct request *request,
                struct caller *caller) CHECKED;

/* Whether a request that changes something was meant by the caller. A token says so by itself. A
 * session's cookie comes along with whatever a page makes its browser send: so it takes our own
 * origin, and the session's csrf_token, in the field X-CSRF-Token or in a posted form.
 * 0, or -1 with ERROR_UNAUTHENTICATED (nobody), ERROR_REQUEST_ORIGIN or ERROR_CSRF. */
int caller_check_change(struct context *context, const struct request *request,
                        const struct caller *caller) CHECKED;

#endif

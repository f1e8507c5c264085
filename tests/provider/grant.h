/*
 * grant: what was asked for and what was decided, in a signed text of its own.
 *
 * The request on its way through the sign-in page, the authorization code, the access token, the
 * session cookie and the sign-out on its way through its page are all the same members, signed for
 * different purposes. So the provider keeps no table of any of them.
 */
#ifndef LATCHKEY_PROVIDER_GRANT_H
#define LATCHKEY_PROVIDER_GRANT_H

#include "misbehaviour.h"
#include "op.h"
#include "people.h"

/* What a text is signed for; one is never taken for another. Ages in seconds. */
enum purpose {
    PURPOSE_REQUEST,      /* an hour: a sign-in page left open */
    PURPOSE_CODE,         /* CODE_AGE */
    PURPOSE_ACCESS_TOKEN, /* ACCESS_TOKEN_AGE */
    PURPOSE_SESSION,      /* a day */
    PURPOSE_SIGN_OUT,     /* an hour */
};

#define ACCESS_TOKEN_AGE 600

struct grant {
    const char *client_id;
    const char *redirect_uri;  /* or where to go after signing out */
    const char *response_mode; /* "query" or "form_post" */
    const char *state;         /* NULL if absent; so all below */
    const char *scope;
    const char *nonce;
    const char *code_challenge;
    const char *sid; /* the session's id, as in Back-Channel Logout 2.1 */
    const struct person *person;
    enum misbehaviour misbehaviour;
    int64_t auth_time; /* when the person signed in; in a request: an older sign-in will not do */
    int64_t issued_at; /* set when it is signed */
    uint64_t code_id;  /* of the code, and of what came of it */
};

/* The signed text of the grant. */
char *grant_seal(struct arena *arena, const struct op *op, enum purpose purpose,
                 const struct grant *grant);

/* Reads a text signed for this purpose. 0, or -1 (NULL, not ours, for another purpose, too old) with
 * ERROR_PARAMETER_WRONG. */
int grant_open(struct arena *arena, const struct op *op, enum purpose purpose, const char *text,
               struct grant *grant) CHECKED;

#endif

/*
 * misbehaviour: what this provider does wrong on demand, one thing a sign-in, so that anyone can see
 * how a relying party takes it.
 *
 * Chosen on the sign-in page (or by a script: misbehaviour=NAME in the form of /decide), carried
 * inside the code and the access token, done by whoever writes the message concerned.
 */
#ifndef LATCHKEY_PROVIDER_MISBEHAVIOUR_H
#define LATCHKEY_PROVIDER_MISBEHAVIOUR_H

#include "base/error.h"

#include <stddef.h>

enum misbehaviour {
    MISBEHAVIOUR_NONE,
    /* the authorization response */
    MISBEHAVIOUR_WRONG_STATE,
    MISBEHAVIOUR_MISSING_STATE,
    MISBEHAVIOUR_WRONG_ISS,
    MISBEHAVIOUR_MISSING_ISS,
    MISBEHAVIOUR_CODE_TWICE, /* the parameter stands there twice (RFC 6749 3.1) */
    MISBEHAVIOUR_SERVER_ERROR,
    /* the token response */
    MISBEHAVIOUR_CODE_USED, /* the code has been redeemed before the client gets it */
    MISBEHAVIOUR_INVALID_GRANT,
    MISBEHAVIOUR_TOKEN_500,
    MISBEHAVIOUR_TOKEN_NOT_JSON,
    MISBEHAVIOUR_TOKEN_HUGE, /* 5 MB */
    MISBEHAVIOUR_TOKEN_SLOW, /* 20 seconds */
    /* the id_token */
    MISBEHAVIOUR_WRONG_NONCE,
    MISBEHAVIOUR_MISSING_NONCE,
    MISBEHAVIOUR_EXPIRED,
    MISBEHAVIOUR_BAD_SIGNATURE,
    MISBEHAVIOUR_ALG_NONE,
    MISBEHAVIOUR_WRONG_AUDIENCE,
    MISBEHAVIOUR_WRONG_ISSUER,
    MISBEHAVIOUR_MISSING_SUB,
    MISBEHAVIOUR_UNKNOWN_KID,
    /* the UserInfo response */
    MISBEHAVIOUR_USERINFO_OTHER_SUB,
    MISBEHAVIOUR_USERINFO_500,
    MISBEHAVIOUR_COUNT
};

/* How a misbehaviour is called. All texts are static. */
struct misbehaviour_meaning {
    const char *name;  /* in forms and scripts: "wrong_nonce"; "" for none */
    const char *group; /* the message that is wrong */
    const char *label; /* on the sign-in page */
};

/* Never NULL. */
const struct misbehaviour_meaning *misbehaviour_meaning(enum misbehaviour misbehaviour);

/* *misbehaviour = the one of that name; NULL and "" are none. 0, or -1: no such name (nothing is
 * recorded). */
int misbehaviour_find(const char *name, enum misbehaviour *misbehaviour) CHECKED;

#endif

/*
 * membership: what the identity that somebody signed in by says of him: for gates.
 *
 * A session whose identity was unlinked goes on as one of another identity of the account, by which
 * nobody signed in: maybe years ago, before its provider took it away from the person. Such an
 * identity vouches for nothing. It does again when somebody signs in by it.
 */
#ifndef LATCHKEY_LOGIN_MEMBERSHIP_H
#define LATCHKEY_LOGIN_MEMBERSHIP_H

#include "format/json.h"
#include "login/session.h"

/* As told at that login. All NULL where nobody signed in to the session by its identity. */
struct membership {
    const char *provider; /* the [provider …] */
    const char *subject;  /* the provider's */
    const char *email;    /* NULL if unknown */
    bool email_verified;  /* as the provider's record allows */
    struct json *groups;  /* an array of strings; NULL if nothing was told */
};

/* 0, or -1 with a database error. */
int membership_load(struct context *context, const struct session *session,
                    struct membership *membership) CHECKED;

/* Keeps what was told of the groups of an identity, until it is told anew; NULL: nothing was. Call
 * inside database_begin(). Where that is what is kept already, database_changes() is 0.
 * 0, or -1 with a database error. */
int membership_save(struct context *context, int64_t identity, const struct json *groups) CHECKED;

/* The array of which membership_save() wrote this text; NULL for NULL.
 * 0, or -1 with ERROR_DATABASE. */
int membership_groups(struct arena *arena, const char *text, struct json **groups) CHECKED;

/* True if `group` is one of these, whole and byte for byte. NULL: there are none. */
bool membership_has(const struct json *groups, const char *group);

#endif

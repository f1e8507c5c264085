/*
 * account: a user of this site, and the identities that lead to it.
 *
 * An identity is (issuer, subject), never an e-mail address (OpenID Connect Core 5.7). No account is
 * found by its address, but where the operator says so of a provider (`link_verified_email`), and
 * then only if the address is verified on both sides and belongs to one account alone.
 *
 * What an account shows (name and picture, e-mail address) is what one of its identities says: the
 * first, or the one chosen by the person. It follows that identity's changes, and no other's.
 *
 * Everything that changes more than one row is called inside database_begin().
 */
#ifndef LATCHKEY_LOGIN_ACCOUNT_H
#define LATCHKEY_LOGIN_ACCOUNT_H

#include "edge/context.h"
#include "format/json.h"
#include "oauth/person.h"

#include <stdbool.h>

struct account_ids {
    int64_t account;
    int64_t identity;
    bool created; /* the account, by this login */
    bool linked;  /* the identity, by this login or link */
    bool changed; /* of it, what rules ask about (login/rule.h): provider, address or groups */
    bool renamed; /* of it, name or picture */
};

/* One way in. Texts are NULL if unknown. */
struct identity {
    int64_t id;
    const char *provider;
    const char *issuer;
    const char *subject;
    const char *name;
    const char *email;
    bool email_verified;
    const char *picture;
    int64_t created_at;
    int64_t last_login_at;
    const char *groups; /* a JSON array of strings */
    struct identity *next;
};

/* The account of this person, made if there is none, with what the provider now says of name,
 * address, picture and groups.
 * 0, or -1 with ERROR_ACCOUNT_BLOCKED, ERROR_SIGN_UP_CLOSED (there is none, and `may_create` is
 * false) or a database error. */
int account_sign_in(struct context *context, const struct provider *provider,
                    const struct person *person, bool may_create, struct account_ids *ids) CHECKED;

/* *account = whose identity this is; 0 if nobody's. 0, or -1 with a database error. */
int account_find(struct context *context, const struct person *person, int64_t *account) CHECKED;

/* Makes this person another identity of the account; ids->linked is false if it was one already.
 * 0, or -1 with ERROR_IDENTITY_TAKEN (it is another account's; nobody learns whose) or a database
 * error. */
int account_link(struct context *context, int64_t account, const struct provider *provider,
                 const struct person *person, struct account_ids *ids) CHECKED;

/* Takes an identity out of the account.
 * 0, or -1 with ERROR_NOT_YOURS (the account has no such identity), ERROR_LAST_IDENTITY (there would
 * be no way in) or a database error. */
int account_unlink(struct context *context, int64_t account, int64_t identity) CHECKED;

/* Chooses what is shown. 0, or -1 with ERROR_NOT_YOURS or a database error. */
int account_show(struct context *context, int64_t account, int64_t name_identity,
                 int64_t email_identity) CHECKED;

/* What is chosen; without a choice, the first identity. 0, or -1 with a database error. */
int account_shown(struct context *context, int64_t account, int64_t *name_identity,
                  int64_t *email_identity) CHECKED;

/* *identities = the account's, the oldest first. 0, or -1 with a database error. */
int account_identities(struct context *context, int64_t account,
                       struct identity **identities) CHECKED;

/* The same as me.cgi tells them: a JSON array of {"provider", "sub", "email"?}.
 * 0, or -1 with a database error. */
int account_identities_json(struct context *context, int64_t account,
                            struct json **identities) CHECKED;

/* Keeps the account out until it is unblocked, and ends its sessions. 0, or -1 with a database
 * error. */
int account_block(struct context *context, int64_t account) CHECKED;
int account_unblock(struct context *context, int64_t account) CHECKED;

/* Removes the account and all its rows; its events stay, without it.
 * 0, or -1 with a database error. */
int account_delete(struct context *context, int64_t account) CHECKED;

#endif

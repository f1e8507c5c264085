/*
 * export: everything that is stored about a person, as one JSON document: for the person
 * (account.cgi/export) and for the operator who must answer a request for it.
 *
 *   site, exported_at
 *   account     sub, name, email, email_verified, picture, locale, created_at, updated_at;
 *               blocked_at, if the operator keeps it out
 *   shown       name_identity, email_identity: what the person chose; absent if nothing was
 *   identities  id, provider, issuer, subject, name, email, email_verified, picture, created_at,
 *               last_login_at; groups, an array of strings, as told at that login
 *   sessions    identity (an id of those), provider, issuer, sid, created_at, last_seen, expires_at,
 *               user_agent, address, id_token (true: one is kept), id_token_alg
 *   tokens      identity, provider, scope, expires_at, updated_at, refresh_token (true: one is kept)
 *   events      at, event, provider, detail, request, address, user_agent
 *
 * What is not known is absent. Times are seconds since 1970-01-01T00:00:00Z. With nothing of it can
 * anyone sign in: ids of sessions, their hashes and tokens are not in it. README.md documents these
 * names; they stay, and others may be added.
 *
 * Identities come in the order in which they were linked, other lists with the newest first, and of
 * those at most EXPORT_LIMIT each.
 */
#ifndef LATCHKEY_LOGIN_EXPORT_H
#define LATCHKEY_LOGIN_EXPORT_H

#include "edge/context.h"
#include "format/json.h"

#define EXPORT_LIMIT 5000

/* *document = all that is there of the account. Call inside database_begin(), so that it is of one
 * moment.
 * 0, or -1 with a database error; ERROR_NOT_YOURS if there is no such account. */
int export_account(struct context *context, int64_t account, struct json **document) CHECKED;

#endif

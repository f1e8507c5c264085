/*
 * export: everything that is stored about a person, as one JSON document: for the person
 * (account.cgi/export) and for the operator who must answer a request for it.
 */
#ifndef LATCHKEY_LOGIN_EXPORT_H
#define LATCHKEY_LOGIN_EXPORT_H

#include "edge/context.h"
#include "format/json.h"

/* *document = the account with its identities, sessions, events and what tokens there are (not the
 * tokens themselves). 0, or -1 with a database error. */
int export_account(struct context *context, int64_t account, struct json **document) CHECKED;

#endif

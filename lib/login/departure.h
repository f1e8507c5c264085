/*
 * departure: the browser is sent to the provider (the way back: arrival.h).
 */
#ifndef LATCHKEY_LOGIN_DEPARTURE_H
#define LATCHKEY_LOGIN_DEPARTURE_H

#include "edge/request.h"
#include "edge/response.h"
#include "login/transaction.h"

/* What the login is to be like; NULL: not said, or nothing. */
struct departure {
    struct login_terms terms;
    const char *login_hint;
    const char *prompt;
    const char *more_scope; /* besides the provider's: grant.h */
};

/* Begins a login at this provider: its metadata, our registration with it, the login's cookie in the
 * response, the request; *uri = where the browser is to go.
 * 0, or -1 with client_admit()'s, metadata_load()'s, client_load()'s, transaction_begin()'s,
 * authorization_request_uri()'s or oauth1_temporary_request()'s errors. */
int departure_begin(struct context *context, const struct request *request,
                    struct response *response, struct provider *provider,
                    const struct departure *departure, const char **uri) CHECKED;

#endif

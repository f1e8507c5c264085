/*
 * api_call: an API is called for the browser that is here, and its answer becomes ours.
 *
 * As a person: with the access token of usable_token.h. If the API refuses it (401), it is renewed
 * once, and the call made once more. What then is still refused, or cannot be renewed, is a matter
 * of signing in at the provider again. A scope that the person was not asked for yet, too.
 *
 * As nobody in particular: an answer may be kept for all who ask for the same. Of those who ask at
 * once, one asks the API, and the others wait for API_CALL_WAIT seconds at most.
 */
#ifndef LATCHKEY_LOGIN_API_CALL_H
#define LATCHKEY_LOGIN_API_CALL_H

#include "edge/response.h"
#include "login/api_record.h"
#include "login/caller.h"

#define API_CALL_WAIT 5 /* seconds */

struct api_visit {
    const struct request *request;
    struct response *response;
    const struct api_record *record;
    const struct caller *caller; /* somebody, if the record has a provider */
    const char *path;            /* below the base: "", or from its "/" on */
};

/* Makes the call and answers. Whether it is allowed is the caller's to know: nothing of that is
 * checked here.
 * 0, also if the answer is one that says that something is wrong; or -1 with ERROR_API_SCOPE,
 * ERROR_API_FAILED, ERROR_API_TIMEOUT, ERROR_API_STATUS, ERROR_TOKEN_REFUSED, usable_token_load()'s
 * and _renew()'s errors, api_request_read()'s, _make()'s and _authorize()'s, ERROR_KEY_FILE,
 * ERROR_STATE_DIR, or a database error. If the response is started then, it has broken off. */
int api_call(struct context *context, const struct api_visit *visit) CHECKED;

#endif

/*
 * arrival: the browser is back from the provider (the way there: departure.h). What is known of the
 * login so far, and the last steps to the person whom the provider vouches for.
 */
#ifndef LATCHKEY_LOGIN_ARRIVAL_H
#define LATCHKEY_LOGIN_ARRIVAL_H

#include "edge/request.h"
#include "login/session.h"
#include "login/transaction.h"
#include "oauth/metadata.h"
#include "oauth/oauth1.h"
#include "oauth/person.h"
#include "oauth/token.h"

struct arrival {
    struct provider provider;
    struct metadata metadata;
    struct oauth1_credentials temporary; /* of OAuth 1.0 alone */
    struct transaction transaction;
    /* Who comes out of it. */
    struct person person;
    struct session_origin origin;
    struct token_response tokens;   /* of OAuth 1.0 its credentials */
    const char *refresh_parameters; /* oauth/refresh.h; NULL: none, or the tokens are not kept */
    struct mapping_sources answers; /* all that the provider said */
};

/* From the code (of OAuth 1.0, the verifier) to a person: the tokens, the id_token's checks,
 * UserInfo. Fills in person, origin and tokens, and logs what of the person was left out.
 * 0, or -1 with token_request()'s, id_token_verify()'s, userinfo_request()'s, person_read()'s and
 * oauth1_token_request()'s errors. */
int arrival_identify(struct context *context, const struct request *request,
                     struct arrival *arrival, const char *code) CHECKED;

#endif

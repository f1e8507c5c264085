/*
 * endpoints: the addresses of the provider. Each function stands in the file of its name, and returns
 * what exchange.h says.
 */
#ifndef LATCHKEY_PROVIDER_ENDPOINTS_H
#define LATCHKEY_PROVIDER_ENDPOINTS_H

#include "exchange.h"

struct endpoint {
    const char *path; /* one that ends in "/" stands for all below it, too, but for "/" itself */
    const char *methods;
    const char *allow; /* the same, for the field Allow */
    int (*handle)(struct exchange *exchange);
};

/* NULL: none. */
const struct endpoint *endpoint_find(const char *path);

/* What this is, for people. home.c */
int home(struct exchange *exchange);

/* OpenID Connect Discovery 4, RFC 8414; the JWK Set. metadata.c */
int metadata(struct exchange *exchange);
int jwks(struct exchange *exchange);

/* The authorization endpoint (OpenID Connect Core 3.1.2): checks the request, shows the sign-in page. */
int authorize(struct exchange *exchange);

/* The sign-in page's form:
 *   request        as it stands in the page
 *   person         an id of people.c, or
 *   decision       "deny", or "continue" as the person of the session cookie
 *   misbehaviour   a name of misbehaviour.c, or nothing */
int decide(struct exchange *exchange);

/* The token endpoint (OpenID Connect Core 3.1.3). */
int token(struct exchange *exchange);

/* The UserInfo endpoint (OpenID Connect Core 5.3). */
int userinfo(struct exchange *exchange);

/* The end_session_endpoint (RP-Initiated Logout 1.0), and its page's form. logout.c */
int logout(struct exchange *exchange);
int logout_decide(struct exchange *exchange);

/* The people's pictures. */
int picture(struct exchange *exchange);

/* An API of the provider's. api.c */
int api_notes(struct exchange *exchange);
int api_note(struct exchange *exchange);
int api_time(struct exchange *exchange);

#endif

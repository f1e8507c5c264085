/*
 * sign_out: signing out at the provider too, and being signed out by it (OpenID Connect
 * RP-Initiated, Back-Channel and Front-Channel Logout 1.0).
 */
#ifndef LATCHKEY_LOGIN_SIGN_OUT_H
#define LATCHKEY_LOGIN_SIGN_OUT_H

#include "edge/request.h"
#include "edge/response.h"
#include "login/session.h"
#include "oauth/logout_token.h"

/* How long somebody may stay at the provider's sign-out page, in seconds. */
#define SIGN_OUT_TIMEOUT 600

/* Where a provider sends the browser back to after signing out there: post_logout_redirect_uri. */
char *sign_out_return_uri(struct context *context);

/* *uri = the provider's end_session_endpoint with all it wants to know, and a cookie for the way
 * back, which leads to `return_to` (checked by the caller; NULL: home) in the end; NULL if the
 * session's provider has none, or cannot be asked now: signing out here must not depend on it.
 * 0, or -1 with a key error. */
int sign_out_begin(struct context *context, struct response *response,
                   const struct session *session, const char *return_to, const char **uri) CHECKED;

/* The way back. *returned = whether the browser comes from there with the state it was sent with,
 * and then *return_to = what sign_out_begin() was given; false if it simply came by. Removes the
 * cookie.
 * 0, or -1 with ERROR_LOGOUT_STATE (a state that is not the one sent), ERROR_PARAMETER_REPEATED,
 * ERROR_COOKIE_REPEATED or a key error. */
int sign_out_return(struct context *context, const struct request *request,
                    struct response *response, bool *returned, const char **return_to) CHECKED;

/* The origin that signing out of this session may lead to, for the Content-Security-Policy of a
 * page with that form; NULL if none. Never asks the network. */
const char *sign_out_origin(struct context *context, const struct session *session);

/* Ends the sessions that a logout_token means: those of its sid (if there are none, those of its
 * subject that have no sid), else all of its subject. Once a token.
 * 0, or -1 with ERROR_LOGOUT_REPLAYED, ERROR_JWS_ALG (signed otherwise than these sessions'
 * id_token), ERROR_LOGOUT_TOKEN (a sub alone, but the record's claim_sub is another claim) or a
 * database error. */
int sign_out_by_token(struct context *context, const struct provider *provider,
                      const struct logout_token *token) CHECKED;

/* Ends the sessions of the session `sid` at this issuer, which is the provider's.
 * 0, or -1 with a database error. */
int sign_out_by_sid(struct context *context, const struct provider *provider, const char *issuer,
                    const char *sid) CHECKED;

#endif

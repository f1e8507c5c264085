/*
 * authorization: the request that a browser carries to the provider, and the response that it
 * carries back (RFC 6749 4.1.1-4.1.2, OpenID Connect Core 3.1.2, RFC 7636, 9126, 9207). The
 * response of OAuth 1.0, too (RFC 5849 2.2); its request is oauth1.h's.
 */
#ifndef LATCHKEY_OAUTH_AUTHORIZATION_H
#define LATCHKEY_OAUTH_AUTHORIZATION_H

#include "format/form.h"
#include "oauth/metadata.h"

struct authorization_request {
    const char *redirect_uri;
    const char *state;
    const char *nonce;
    const char *code_verifier; /* its S256 challenge is sent */
    const char *login_hint;    /* NULL: not sent */
    const char *prompt;        /* NULL: the provider's setting, if any */
    const char *more_scope;    /* besides the provider's: scope.h; NULL: none */
    int64_t signed_in_within;  /* seconds: who signed in there longer ago is to do so again; 0: no
                                * matter when */
};

struct authorization_response {
    const char *state; /* NULL in OAuth 1.0, which has in its place */
    const char *token; /* the temporary credentials' oauth_token; they know the state */
    const char *code;  /* NULL if there is an error; of OAuth 1.0 the oauth_verifier */
    const char *error; /* NULL if there is a code, or the record's own way of saying no */
    const char *iss;   /* NULL if absent */
    bool denied;       /* the person said no */
};

/* What is asked for: the provider's scope, `more` (NULL: nothing), and what it takes to get a
 * refresh token if the site wants one. Words between spaces, each once; NULL: nothing. */
const char *authorization_scope(struct arena *arena, const struct provider *provider,
                                const char *more);

/* *uri = where to send the browser. Pushes the request first where the provider demands or is
 * configured for that (RFC 9126).
 * 0, or -1 with endpoint_send()'s errors, ERROR_TOKEN_RESPONSE (no request_uri) or
 * ERROR_DISCOVERY_MALFORMED (no endpoint for it). */
int authorization_request_uri(struct context *context, const struct provider *provider,
                              const struct metadata *metadata,
                              const struct authorization_request *request,
                              const char **uri) CHECKED;

/* Reads the response's parameters; unknown ones are ignored (RFC 6749 4.1.2). The record tells
 * where errors stand (`error_parameters`), and what besides error=access_denied means that the
 * person said no (`denied`): words `name=value`; `name`, if it is there, not empty and not 0; and
 * "no-code" for a response with neither code nor error. In OAuth 1.0, a refusal `name` may have the
 * oauth_token as its value.
 * 0, or -1 with ERROR_PARAMETER_REPEATED, ERROR_STATE_MISSING, ERROR_RESPONSE_AMBIGUOUS (both or
 * neither of code and error) or ERROR_PARAMETER_WRONG (a code of more than 4096 characters). */
int authorization_response_parse(struct arena *arena, const struct provider *provider,
                                 const struct form *parameters,
                                 struct authorization_response *response) CHECKED;

/* Judges a response whose state is known to be ours: first whose it is (RFC 9207), then whether it
 * is a success.
 * 0, or -1 with ERROR_ISS_MISSING, ERROR_ISS_WRONG, ERROR_LOGIN_DENIED, ERROR_LOGIN_REQUIRED or
 * ERROR_AUTHORIZATION_ERROR. */
int authorization_response_check(struct arena *arena, const struct provider *provider,
                                 const struct metadata *metadata,
                                 const struct authorization_response *response) CHECKED;

#endif

/*
 * login_values: what the templates of a record may ask for in the course of a login.
 *
 *   {client_id} {client_secret} {redirect_uri} {state} {access_token} {id_token}
 *   {post_logout_redirect_uri}
 *   {callback:NAME}                       a parameter of the authorization response
 *   {token:PATH} {userinfo:PATH} …        out of the provider's answers (format/mapping.h)
 *   {hmac_sha256:NAME:OTHER}              HMAC-SHA-256 of the value OTHER with the key NAME, in hex
 *
 * A template that asks for what is not there fails: nothing is left out silently. A name that is
 * none is a mistake of the record, found when it is read.
 */
#ifndef LATCHKEY_OAUTH_LOGIN_VALUES_H
#define LATCHKEY_OAUTH_LOGIN_VALUES_H

#include "format/form.h"
#include "format/mapping.h"
#include "oauth/provider.h"

/* NULL: not known yet. */
struct login_values {
    const struct provider *provider;
    const char *redirect_uri;
    const char *state;
    const char *access_token;
    const char *token_secret; /* of OAuth 1.0 alone: signs, beside access_token; in no template */
    const char *id_token;
    const char *post_logout_redirect_uri;
    struct mapping_sources answers;
};

/* True if a template may ask for that. */
bool login_values_has_name(struct arena *arena, const char *name);

/* *uri = the address that is the template filled in, every value percent-encoded. No value can take
 * the place of a "." or ".." segment (RFC 3986 5.2.4).
 * 0, or -1 with ERROR_TOKEN_RESPONSE, naming what is not there. */
int login_values_uri(struct arena *arena, const struct login_values *values, const char *template,
                     const char **uri) CHECKED;

/* Adds the parameters of an urlencoded template (NULL: none) to the form; but none that is there
 * already, so that none can stand beside or in place of what the protocol sends (RFC 6749 3.1).
 * 0, or -1 with ERROR_TOKEN_RESPONSE. */
int login_values_put(struct arena *arena, const struct login_values *values, const char *template,
                     struct form *form) CHECKED;

/* *text = the template with the values as they are; one with a control character is none.
 * 0, or -1 with ERROR_TOKEN_RESPONSE. */
int login_values_text(struct arena *arena, const struct login_values *values, const char *template,
                      const char **text) CHECKED;

#endif

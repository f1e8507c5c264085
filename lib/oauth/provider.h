/*
 * provider: what is known of a provider: its [provider ID] section laid over the preset of that
 * name.
 *
 * Settings bear the names of OpenID Connect Discovery, RFC 8414 and RFC 7591 wherever one exists.
 * README.md lists them all (a test compares with provider.c's table).
 */
#ifndef LATCHKEY_OAUTH_PROVIDER_H
#define LATCHKEY_OAUTH_PROVIDER_H

#include "edge/context.h"

#include <stdbool.h>
#include <stdint.h>

#define PROVIDER_LIMIT 100 /* in one configuration */

enum client_authentication {
    CLIENT_SECRET_BASIC, /* RFC 6749 2.3.1 */
    CLIENT_SECRET_POST,
    CLIENT_SECRET_JWT, /* RFC 7523, OpenID Connect Core 9 */
    PRIVATE_KEY_JWT,
    CLIENT_PUBLIC, /* "none": PKCE alone */
};

enum response_mode {
    RESPONSE_MODE_QUERY,
    RESPONSE_MODE_FORM_POST, /* OAuth 2.0 Form Post Response Mode 1.0 */
};

/* When an e-mail address that this provider tells counts as verified (OpenID Connect Core 5.1). */
enum email_trust {
    EMAIL_TRUST_CLAIM, /* when its email_verified says so */
    EMAIL_TRUST_NEVER,
};

struct provider {
    const char *id;
    const char *label; /* on the button */
    const char *issuer;
    const char *client_id;            /* NULL until registered, if `dynamic`: see registration.h */
    const char *client_secret;        /* NULL for a client that has none */
    bool dynamic;                     /* we register ourselves (RFC 7591) */
    const char *initial_access_token; /* for registering; NULL: none */
    const char *private_key_file;     /* PEM; for private_key_jwt */
    const char *private_key_id;       /* its kid, as registered; NULL: none */
    enum client_authentication authentication;
    const char *authentication_alg; /* of the two JWT methods */
    enum response_mode response_mode;

    /* Of the authorization request; NULL: not sent. */
    const char *scope;
    const char *prompt;
    const char *acr_values;
    const char *ui_locales;
    const char *claims;   /* JSON (OpenID Connect Core 5.5) */
    const char *resource; /* RFC 8707; several, separated by spaces */
    int64_t max_age;      /* -1: not sent */
    bool nonce;
    bool pkce;
    bool par; /* the request is pushed (RFC 9126) */

    /* Of the answers. */
    const char *id_token_algs;     /* accepted, separated by spaces; never widened by anyone else */
    const char *userinfo_algs;     /* of a signed UserInfo response */
    const char *trusted_audiences; /* besides our client_id; separated by spaces */
    bool userinfo;                 /* ask the UserInfo endpoint */
    enum email_trust email_trust;

    /* Stand before what discovery says; NULL: discovery's. "" (end_session_endpoint only): none. */
    const char *authorization_endpoint;
    const char *token_endpoint;
    const char *userinfo_endpoint;
    const char *jwks_uri;
    const char *end_session_endpoint;
    const char *pushed_authorization_request_endpoint;
    const char *registration_endpoint;
};

struct provider_list {
    size_t count;
    struct provider *providers; /* in the order of the configuration */
};

/* The configured provider of that id.
 * 0, or -1 with ERROR_PROVIDER_UNKNOWN, or ERROR_CONFIG with file and line of the mistake in its
 * section. */
int provider_load(struct context *context, const char *id, struct provider *provider) CHECKED;

/* All of them. 0, or -1 with ERROR_CONFIG, or ERROR_PROVIDER_MISSING if there is none. */
int provider_load_all(struct context *context, struct provider_list *list) CHECKED;

/* The configured provider with exactly this issuer.
 * 0, or -1 with ERROR_ISSUER_UNKNOWN, or provider_load_all()'s errors. */
int provider_load_by_issuer(struct context *context, const char *issuer,
                            struct provider *provider) CHECKED;

/* True and *method if `name` is a token_endpoint_auth_method that we know. */
bool provider_authentication_parse(const char *name, enum client_authentication *method);

/* Its name (RFC 7591 2). */
const char *provider_authentication_name(enum client_authentication method);

/* Our redirection endpoint for this provider: one each, a mix-up defence (RFC 9700 4.4.2.2). */
char *provider_redirect_uri(struct context *context, const struct provider *provider);

#endif

/*
 * provider: what is known of a provider: its [provider ID] section laid over the preset of that
 * name.
 *
 * Settings bear the names of OpenID Connect Discovery, RFC 8414 and RFC 7591 wherever one exists.
 * README.md lists them all (a test compares with provider_setting.c's table).
 *
 * Some are templates. What stands in braces is either a variable, a setting that the record itself
 * invents ({tenant}) and that is filled in here; or it is known only in the course of a login
 * ({state}, {token:uid}): see placeholder.h. Others are expressions over a provider's answers: see
 * format/mapping.h.
 */
#ifndef LATCHKEY_OAUTH_PROVIDER_H
#define LATCHKEY_OAUTH_PROVIDER_H

#include "edge/config.h"
#include "edge/context.h"
#include "format/json.h"

#include <stdbool.h>
#include <stdint.h>

#define PROVIDER_LIMIT 100 /* in one configuration */

/* Between the fields of userinfo_headers. */
#define PROVIDER_HEADERS_SEPARATOR " | "

enum protocol {
    PROTOCOL_OIDC,   /* OpenID Connect: an id_token says who it is */
    PROTOCOL_OAUTH2, /* RFC 6749 alone: a profile, asked for with the access token, says it */
    PROTOCOL_OAUTH1, /* RFC 5849; again a profile */
};

enum client_authentication {
    CLIENT_SECRET_BASIC, /* RFC 6749 2.3.1 */
    CLIENT_SECRET_POST,
    CLIENT_SECRET_JWT, /* RFC 7523, OpenID Connect Core 9 */
    PRIVATE_KEY_JWT,
    CLIENT_PUBLIC, /* "none": PKCE alone */
};

/* How we become the provider's client. */
enum client_registration {
    REGISTRATION_MANUAL,   /* somebody registered the site and copied client_id and secret */
    REGISTRATION_DYNAMIC,  /* RFC 7591 */
    REGISTRATION_MASTODON, /* POST /api/v1/apps, which is older */
};

enum response_mode {
    RESPONSE_MODE_QUERY,
    RESPONSE_MODE_FORM_POST, /* OAuth 2.0 Form Post Response Mode 1.0 */
};

/* RFC 5849 3.4 */
enum signature_method {
    SIGNATURE_HMAC_SHA1,
    SIGNATURE_RSA_SHA1,
};

/* How the access token travels to the UserInfo endpoint (RFC 6750 2). */
enum token_carrier {
    TOKEN_IN_HEADER, /* 2.1: Authorization: SCHEME TOKEN */
    TOKEN_IN_FORM,   /* 2.2, under a name of the provider's own */
    TOKEN_IN_QUERY,  /* 2.3, likewise */
};

/* When an e-mail address that this provider tells counts as verified (OpenID Connect Core 5.1). */
enum email_trust {
    EMAIL_TRUST_CLAIM,   /* when claim_email_verified says so */
    EMAIL_TRUST_ALWAYS,  /* it tells verified addresses alone */
    EMAIL_TRUST_DOMAINS, /* in the email_domains, whose mailboxes it owns */
    EMAIL_TRUST_NEVER,
};

/* A setting that the record's own templates ask for. */
struct variable {
    const char *name;
    const char *value;
    bool used;
    struct variable *next;
};

/* The label in another language. */
struct translation {
    const char *language; /* a tag of BCP 47 */
    const char *text;
    struct translation *next;
};

/* What is not set is NULL, unless a default is named in the README. */
struct provider {
    const char *id;
    enum protocol protocol;
    const char *unsupported; /* why this one cannot be spoken to yet; NULL: it can */
    struct variable *variables;
    const char *instance; /* the host that serves the person, once known */
    bool asks_instance;   /* which the person types */

    /* On the sign-in page. */
    const char *label;
    struct translation *labels;
    const char *button_background; /* "#rrggbb" */
    const char *button_color;
    const char *button_mark;
    const char *service_documentation; /* where a client is registered; URL */

    /* Who it is. */
    const char *issuer; /* NULL: one without (oauth2, oauth1). May hold {claim:NAME}: issuer.h */
    const char *issuer_alternatives; /* separated by spaces */
    const char *identity_issuer;     /* never NULL: what subjects are unique beside */
    bool identity_is_derived;        /* it is the token endpoint's origin, for want of a better */

    /* Who we are to it. */
    enum client_registration registration;
    const char *client_id;            /* NULL until registered: see registration.h */
    const char *client_secret;        /* NULL for a client that has none */
    const char *client_secret_issuer; /* the secret is a JWT by this issuer, made when needed */
    const char *initial_access_token; /* for registering; NULL: none */
    const char *private_key_file;     /* PEM */
    const char *private_key_id;       /* its kid, as registered; NULL: none */
    enum client_authentication authentication;
    const char *authentication_alg; /* of JWTs that we sign */
    enum signature_method signature_method;
    const char *client_id_parameter;
    const char *client_secret_parameter;
    const char *user_agent; /* NULL: the program's own */

    /* Of the authorization request; NULL: not sent. */
    enum response_mode response_mode;
    const char *scope;
    const char *scope_separator; /* " " or "," */
    const char *prompt;
    const char *acr_values;
    const char *ui_locales;
    const char *claims;                   /* JSON (OpenID Connect Core 5.5) */
    const char *resource;                 /* RFC 8707; several, separated by spaces */
    const char *authorization_parameters; /* urlencoded template */
    const char *authorization_fragment;
    int64_t max_age;                         /* -1: not sent */
    const char *reauthentication_parameters; /* urlencoded: they make it ask again who it is */
    bool nonce;
    bool pkce;
    bool par;            /* the request is pushed (RFC 9126) */
    bool offline_access; /* the site wants refresh tokens: */
    const char *offline_access_scope;
    const char *offline_access_parameters;
    const char *incremental_authorization_parameters; /* urlencoded: more is asked for than before */

    /* Of the authorization response. */
    const char *denied;           /* how it says that the person said no: see authorization.h */
    const char *error_parameters; /* names */

    /* Of the token request and response. */
    bool token_get;                    /* the parameters travel in the query */
    bool token_json;                   /* … in a JSON document */
    const char *token_parameters;      /* urlencoded template */
    const char *token_response_format; /* words: see answer.h */
    const char *token_response_root;   /* expression */
    const char *token_success;         /* conditions */
    const char *token_error;           /* paths */
    const char *token_scope;           /* expression: where the granted scope stands */
    const char *id_token_algs;     /* accepted, separated by spaces; never widened by anyone else */
    const char *trusted_audiences; /* besides our client_id; separated by spaces */

    /* Of the refresh request and its response (refresh.h). */
    const char *refresh_parameters; /* urlencoded template */
    const char *grant_over;         /* requirement: what says that it cannot be refreshed any more */

    /* Of the UserInfo endpoint, or whatever tells a profile. */
    bool userinfo;      /* it is asked */
    bool userinfo_post; /* by a POST */
    enum token_carrier userinfo_token;
    const char *userinfo_token_name; /* the scheme or the parameter */
    const char *userinfo_headers;    /* "Name: value | Name: value", template */
    const char *userinfo_parameters; /* urlencoded template */
    const char *userinfo_json;       /* the body */
    const char *userinfo_response_format;
    const char *userinfo_success; /* conditions */
    const char *userinfo_error;   /* paths */
    const char *userinfo_sub;     /* expression: where it repeats the id_token's subject */
    const char *userinfo_algs;    /* of a signed UserInfo response; NULL: id_token_algs */
    bool second_userinfo_optional;

    /* Who signed in: expressions over the answers (person.h). */
    const char *claim_sub;
    const char *claim_name;
    const char *claim_preferred_username;
    const char *claim_email;
    const char *claim_email_verified;
    const char *claim_picture;
    const char *claim_locale;
    const char *claim_groups; /* a path */
    enum email_trust email_trust;
    const char *email_domains;     /* separated by spaces */
    const char *email_owner_claim; /* expression */
    bool link_verified_email;      /* its verified addresses lead to the accounts that have them */
    struct policy_rules policy;    /* whom it may let in, besides what [policy] says */

    /* Templates that stand before what discovery says; NULL: discovery's. "" (end_session_endpoint
     * only): none. */
    const char *discovery_endpoint;
    const char *authorization_endpoint;
    const char *token_endpoint;
    const char *refresh_endpoint; /* NULL: the token endpoint */
    const char *userinfo_endpoint;
    const char *second_userinfo_endpoint;
    const char *jwks_uri;
    const char *end_session_endpoint;
    const char *revocation_endpoint;
    const char *pushed_authorization_request_endpoint;
    const char *registration_endpoint;
    const char *temporary_credential_endpoint; /* RFC 5849 2.1 */
};

struct provider_list {
    size_t count;
    struct provider *providers; /* in the order of the configuration */
};

/* The host in the templates of a provider whose instance is not known yet: it can never be called
 * (RFC 6761 6.4). */
#define PROVIDER_NO_INSTANCE "instance.invalid"

/* The configured provider of that id. `instance` is the checked host name that the person typed, or
 * NULL; it is of no meaning for a provider that does not ask for one.
 * 0, or -1 with ERROR_PROVIDER_UNKNOWN, or ERROR_CONFIG with file and line of the mistake in its
 * section. */
int provider_load(struct context *context, const char *id, const char *instance,
                  struct provider *provider) CHECKED;

/* All of them. 0, or -1 with ERROR_CONFIG, or ERROR_PROVIDER_MISSING if there is none. */
int provider_load_all(struct context *context, struct provider_list *list) CHECKED;

/* The configured provider with exactly this issuer.
 * 0, or -1 with ERROR_ISSUER_UNKNOWN, or provider_load_all()'s errors. */
int provider_load_by_issuer(struct context *context, const char *issuer,
                            struct provider *provider) CHECKED;

/* Its name in that language (a tag of BCP 47; NULL: none in particular), else its label. */
const char *provider_label(const struct provider *provider, const char *language);

/* The value of one of its variables, or NULL. */
const char *provider_variable(const struct provider *provider, const char *name);

/* All of them, and the instance, as an object of strings: for expressions (format/mapping.h). */
struct json *provider_variables(struct arena *arena, const struct provider *provider);

/* True if a visitor chose the host that we call: then it must be one of the public Internet. */
bool provider_is_strangers_choice(const struct provider *provider);

/* True and *method if `name` is a token_endpoint_auth_method that we know. */
bool provider_authentication_parse(const char *name, enum client_authentication *method);

/* Its name (RFC 7591 2). */
const char *provider_authentication_name(enum client_authentication method);

/* "ID", or "ID/INSTANCE" where a visitor named the instance: what a login is begun with. */
const char *provider_path(struct arena *arena, const struct provider *provider);

/* Our redirection endpoint for this provider, and for each of its instances: one each, a mix-up
 * defence (RFC 9700 4.4.2.2). */
char *provider_redirect_uri(struct context *context, const struct provider *provider);

#endif

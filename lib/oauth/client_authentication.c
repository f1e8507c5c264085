#include "oauth/client_authentication.h"

#include "base/secret.h"
#include "edge/config.h"
#include "edge/private_file.h"
#include "format/base64url.h"
#include "format/jws.h"
#include "format/uri.h"
#include "oauth/issuer.h"

#include <string.h>

#define ASSERTION_LIFETIME 60      /* seconds */
#define SIGNED_SECRET_LIFETIME 300 /* seconds: it is made anew for each request */

/* RFC 6749 2.3.1: both halves are urlencoded before they are joined: a colon divides but once. */
static void authenticate_basic(struct arena *arena, const struct provider *provider,
                               struct http_request *request) {
    char *pair = arena_format(arena, "%s:%s", uri_encode(arena, provider->client_id),
                              uri_encode(arena, provider->client_secret));
    http_request_field(arena, request, "Authorization",
                       arena_format(arena, "Basic %s", base64_encode(arena, pair, strlen(pair))));
}

/* RFC 6749 3.1: no parameter twice; a pushed authorization request has its client_id already. */
static void put_client_id(struct arena *arena, const struct provider *provider,
                          struct form *parameters) {
    if (form_value(parameters, provider->client_id_parameter) == NULL)
        form_put(arena, parameters, provider->client_id_parameter, provider->client_id);
}

static void authenticate_post(struct arena *arena, const struct provider *provider,
                              struct form *parameters) {
    put_client_id(arena, provider, parameters);
    form_put(arena, parameters, provider->client_secret_parameter, provider->client_secret);
}

/* A provider without an issuer of its own is known by its token endpoint (RFC 7523 3). */
static const char *audience_of(const struct metadata *metadata) {
    bool has_issuer = metadata->issuer != NULL && !issuer_is_template(metadata->issuer);
    return has_issuer ? metadata->issuer : metadata->token_endpoint;
}

/* The claims of RFC 7523 3. The audience is the issuer: a string that no other endpoint shares. */
static struct json *assertion_claims(struct context *context, const struct provider *provider,
                                     const struct metadata *metadata) {
    struct arena *arena = context->arena;
    unsigned char id[16];
    secret_random(id, sizeof(id));

    int64_t now = context_now(context);
    struct json *claims = json_object(arena);
    json_put_string(arena, claims, "iss", provider->client_id);
    json_put_string(arena, claims, "sub", provider->client_id);
    json_put_string(arena, claims, "aud", audience_of(metadata));
    json_put_string(arena, claims, "jti", base64url_encode(arena, id, sizeof(id)));
    json_put_integer(arena, claims, "iat", now);
    json_put_integer(arena, claims, "exp", now + ASSERTION_LIFETIME);
    return claims;
}

static int assertion_key(struct context *context, const struct provider *provider,
                         struct signing_key *key) {
    if (provider->authentication == CLIENT_SECRET_JWT) {
        *key = (struct signing_key){
            .alg = "HS256",
            .octets = (const unsigned char *)provider->client_secret,
            .octets_length = strlen(provider->client_secret),
        };
        return 0;
    }
    const char *pem = NULL;
    const char *alg = provider->authentication_alg != NULL ? provider->authentication_alg : "RS256";
    if (private_file_read(context->arena, context->config->file, provider->private_key_file,
                          &pem) != 0)
        return -1;
    return signing_key_parse(context->arena, pem, alg, provider->private_key_id, key);
}

static int sign(struct context *context, const struct provider *provider, const struct json *claims,
                char **compact) {
    struct signing_key key = {.pkey = NULL};
    if (assertion_key(context, provider, &key) != 0)
        return -1;
    int result = jws_sign(context->arena, &key, NULL, claims, compact);
    signing_key_free(&key);
    return result;
}

static int authenticate_jwt(struct context *context, const struct provider *provider,
                            const struct metadata *metadata, struct form *parameters) {
    struct arena *arena = context->arena;
    char *assertion = NULL;
    if (sign(context, provider, assertion_claims(context, provider, metadata), &assertion) != 0)
        return -1;

    put_client_id(arena, provider, parameters);
    form_put(arena, parameters, "client_assertion_type",
             "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form_put(arena, parameters, "client_assertion", assertion);
    return 0;
}

/* Some providers want a JWT for the secret: signed by our key, issued by our team there. */
static int make_secret(struct context *context, const struct provider *provider,
                       const struct metadata *metadata, char **secret) {
    struct arena *arena = context->arena;
    int64_t now = context_now(context);
    struct json *claims = json_object(arena);
    json_put_string(arena, claims, "iss", provider->client_secret_issuer);
    json_put_string(arena, claims, "sub", provider->client_id);
    json_put_string(arena, claims, "aud", audience_of(metadata));
    json_put_integer(arena, claims, "iat", now);
    json_put_integer(arena, claims, "exp", now + SIGNED_SECRET_LIFETIME);
    return sign(context, provider, claims, secret);
}

int client_authentication_add(struct context *context, const struct provider *provider,
                              const struct metadata *metadata, struct form *parameters,
                              struct http_request *request) {
    struct provider with_secret = *provider;
    if (provider->client_secret_issuer != NULL) {
        char *secret = NULL;
        if (make_secret(context, provider, metadata, &secret) != 0)
            return -1;
        with_secret.client_secret = secret;
        provider = &with_secret;
    }
    switch (provider->authentication) {
    case CLIENT_SECRET_BASIC:
        authenticate_basic(context->arena, provider, request);
        return 0;
    case CLIENT_SECRET_POST:
        authenticate_post(context->arena, provider, parameters);
        return 0;
    case CLIENT_SECRET_JWT:
    case PRIVATE_KEY_JWT:
        return authenticate_jwt(context, provider, metadata, parameters);
    case CLIENT_PUBLIC:
        put_client_id(context->arena, provider, parameters);
        return 0;
    }
    return fail(context->arena, ERROR_INTERNAL, "no such client authentication");
}

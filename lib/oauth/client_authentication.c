#include "oauth/client_authentication.h"

#include "base/secret.h"
#include "edge/config.h"
#include "edge/private_file.h"
#include "format/base64url.h"
#include "format/jws.h"
#include "format/uri.h"

#include <string.h>

#define ASSERTION_LIFETIME 60 /* seconds */

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
    if (form_value(parameters, "client_id") == NULL)
        form_put(arena, parameters, "client_id", provider->client_id);
}

static void authenticate_post(struct arena *arena, const struct provider *provider,
                              struct form *parameters) {
    put_client_id(arena, provider, parameters);
    form_put(arena, parameters, "client_secret", provider->client_secret);
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
    json_put_string(arena, claims, "aud", metadata->issuer);
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

static int authenticate_jwt(struct context *context, const struct provider *provider,
                            const struct metadata *metadata, struct form *parameters) {
    struct arena *arena = context->arena;
    struct signing_key key = {.pkey = NULL};
    if (assertion_key(context, provider, &key) != 0)
        return -1;
    char *assertion = NULL;
    int result =
        jws_sign(arena, &key, NULL, assertion_claims(context, provider, metadata), &assertion);
    signing_key_free(&key);
    if (result != 0)
        return -1;

    put_client_id(arena, provider, parameters);
    form_put(arena, parameters, "client_assertion_type",
             "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    form_put(arena, parameters, "client_assertion", assertion);
    return 0;
}

int client_authentication_add(struct context *context, const struct provider *provider,
                              const struct metadata *metadata, struct form *parameters,
                              struct http_request *request) {
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

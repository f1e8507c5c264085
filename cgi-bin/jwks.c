/*
 * jwks.cgi: the public keys that our access tokens are verified by, as a JWK Set (RFC 7517 5).
 *
 *   GET jwks.cgi    {"keys":[…]}: the one that signs, the one that will, and those that did
 *
 * They are for everybody, whatever site asks, and may be kept for JWT_KEYS_MAX_AGE; with
 * If-None-Match, 304 while they are the same.
 */
#include "edge/jwt_keys.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/precondition.h"
#include "serve/serve.h"

#include <string.h>

static char *etag_of(struct arena *arena, const char *text) {
    unsigned char digest[DIGEST_SIZE];
    digest_sha256(text, strlen(text), digest);
    return arena_format(arena, "\"%s\"", base64url_encode(arena, digest, sizeof(digest)));
}

/* RFC 9110 15.4.5: a 304 says what a 200 would have said of itself. */
static void put_fields(struct response *response, const char *etag) {
    response_field(response, "Cache-Control",
                   arena_format(response->arena, "public, max-age=%d", JWT_KEYS_MAX_AGE));
    response_field(response, "ETag", etag);
    response_field(response, "Access-Control-Allow-Origin", "*");
}

static int handle(struct context *context, const struct request *request,
                  struct response *response) {
    struct arena *arena = context->arena;
    struct conditions conditions = {.if_none_match = NULL};
    struct json *set = NULL;
    struct jwt_keys keys;
    if (request_variable(arena, request, "HTTP_IF_NONE_MATCH", &conditions.if_none_match) != 0 ||
        jwt_keys_load(context, &keys) != 0 || jwt_keys_public(arena, &keys, &set) != 0)
        return -1;

    const struct validators validators = {.etag = etag_of(arena, json_write(arena, set))};
    if (precondition_judge(&conditions, &validators, context_now(context)) ==
        PRECONDITION_NOT_MODIFIED) {
        response->status = 304;
    } else {
        response_json(response, 200, set);
        response_field(response, "Content-Type", "application/jwk-set+json"); /* RFC 7517 8.5.2 */
    }
    put_fields(response, validators.etag);
    return 0;
}

int main(void) {
    const struct program program = {.name = "jwks.cgi", .handle = handle, .allow = "GET, HEAD"};
    return serve(&program);
}

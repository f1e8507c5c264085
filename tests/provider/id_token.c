#include "id_token.h"

#include "base/clock.h"
#include "base/text.h"
#include "format/base64url.h"
#include "format/jws.h"

#include <string.h>

static void put_identity(struct arena *arena, const struct op *op, const struct grant *grant,
                         struct json *claims) {
    enum misbehaviour misbehaviour = grant->misbehaviour;
    json_put_string(arena, claims, "iss",
                    misbehaviour == MISBEHAVIOUR_WRONG_ISSUER ? "https://another-provider.example"
                                                              : op->issuer);
    json_put_string(arena, claims, "sub",
                    misbehaviour == MISBEHAVIOUR_MISSING_SUB ? NULL : grant->person->sub);
    json_put_string(arena, claims, "aud",
                    misbehaviour == MISBEHAVIOUR_WRONG_AUDIENCE ? "another-client"
                                                                : grant->client_id);
    json_put_string(arena, claims, "sid", grant->sid);
    if (misbehaviour == MISBEHAVIOUR_WRONG_NONCE)
        json_put_string(arena, claims, "nonce", "not-the-nonce-that-was-sent");
    else if (misbehaviour != MISBEHAVIOUR_MISSING_NONCE)
        json_put_string(arena, claims, "nonce", grant->nonce);
}

/* An expired one is a whole day old. */
static void put_times(struct arena *arena, const struct grant *grant, struct json *claims) {
    int64_t now = clock_system.now(&clock_system);
    if (grant->misbehaviour == MISBEHAVIOUR_EXPIRED)
        now -= (int64_t)24 * 3600;
    json_put_integer(arena, claims, "iat", now);
    json_put_integer(arena, claims, "exp", now + ID_TOKEN_AGE);
    json_put_integer(arena, claims, "auth_time", grant->auth_time);
}

static int put_at_hash(struct arena *arena, const char *alg, const char *access_token,
                       struct json *claims) {
    char *hash;
    if (jws_half_hash(arena, alg, access_token, &hash) != 0)
        return -1;
    json_put_string(arena, claims, "at_hash", hash);
    return 0;
}

/* RFC 7519 6: an unsecured JWT. jws_sign() rightly cannot make one. */
static char *unsecured(struct arena *arena, const struct json *claims) {
    static const char header[] = "{\"alg\":\"none\"}";
    const char *payload = json_write(arena, claims);
    return arena_format(arena, "%s.%s.", base64url_encode(arena, header, strlen(header)),
                        base64url_encode(arena, payload, strlen(payload)));
}

/* Changes bits of the signature's first byte. */
static void spoil_signature(char *compact) {
    char *first = strrchr(compact, '.') + 1;
    *first = *first == 'A' ? 'Q' : 'A';
}

static int sign(struct arena *arena, const struct op *op, const struct grant *grant,
                const struct json *claims, char **id_token) {
    struct signing_key key = *op_signing_key(op);
    if (grant->misbehaviour == MISBEHAVIOUR_UNKNOWN_KID)
        key.kid = "not-in-the-jwk-set";
    if (grant->misbehaviour == MISBEHAVIOUR_ALG_NONE) {
        *id_token = unsecured(arena, claims);
        return 0;
    }
    if (jws_sign(arena, &key, "JWT", claims, id_token) != 0)
        return -1;
    if (grant->misbehaviour == MISBEHAVIOUR_BAD_SIGNATURE)
        spoil_signature(*id_token);
    return 0;
}

int id_token_make(struct arena *arena, const struct op *op, const struct grant *grant,
                  const char *access_token, char **id_token) {
    struct json *claims = json_object(arena);
    put_identity(arena, op, grant, claims);
    put_times(arena, grant, claims);
    if (put_at_hash(arena, op->id_token_alg, access_token, claims) != 0)
        return -1;
    return sign(arena, op, grant, claims, id_token);
}

static int verify(struct arena *arena, const struct op *op, const struct jws *jws) {
    struct json *document;
    struct jwk_set set;
    if (op_jwk_set(arena, op, &document) != 0)
        return -1;
    const char *text = json_write(arena, document);
    if (jwk_set_parse(arena, text, strlen(text), &set) != 0)
        return -1;
    return jws_verify(arena, jws, "RS256 ES256", &set);
}

static int read_aud(struct arena *arena, const struct op *op, const char *id_token,
                    const struct client **client) {
    struct jws jws;
    struct json *claims;
    if (jws_parse(arena, id_token, &jws) != 0 || verify(arena, op, &jws) != 0 ||
        json_parse_object(arena, jws.payload, jws.payload_length, &claims) != 0)
        return -1;
    *client = op_client(op, json_string(claims, "aud"));
    return *client != NULL && text_equal(json_string(claims, "iss"), op->issuer) ? 0 : -1;
}

int id_token_read(struct arena *arena, const struct op *op, const char *id_token,
                  const struct client **client) {
    if (read_aud(arena, op, id_token, client) == 0)
        return 0;
    /* What jws.c found wrong is said of providers; here the one who sent the hint is wrong. */
    arena->error = (struct error){.rule = ERROR_NONE};
    return fail(arena, ERROR_PARAMETER_WRONG, "the ID Token is not of this provider");
}

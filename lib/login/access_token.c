#include "login/access_token.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/jwt_keys.h"
#include "edge/private_file.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/jws.h"
#include "login/membership.h"

#include <string.h>

#define TYPE "at+jwt" /* RFC 9068 2.1 */
#define JTI_SIZE 16   /* bytes */

/* ---- for whom -------------------------------------------------------------------------------- */

/* RFC 8707 2: compared as they are. */
int access_token_audience(struct context *context, const char *asked, const char **audience) {
    const struct config *config = context->config;
    const char *rest = config->token.audience;
    size_t length = 0;
    const char *first = text_next_word(&rest, &length);
    if (asked == NULL) {
        *audience = first == NULL ? config->base_url : arena_copy(context->arena, first, length);
        return 0;
    }
    *audience = asked;
    if (text_equal(asked, config->base_url) || text_has_word(config->token.audience, asked))
        return 0;
    return fail(context->arena, ERROR_AUDIENCE, "[token] audience does not have %s", asked);
}

/* ---- issuing --------------------------------------------------------------------------------- */

static char *make_jti(struct arena *arena) {
    unsigned char jti[JTI_SIZE];
    secret_random(jti, sizeof(jti));
    return base64url_encode(arena, jti, sizeof(jti));
}

static struct json *copy_texts(struct arena *arena, const struct json *texts) {
    struct json *copy = json_array(arena);
    for (const struct json *text = texts->first; text != NULL; text = text->next)
        json_append(copy, json_text(arena, text->text));
    return copy;
}

/* RFC 9068 2.2.3.1. */
static int put_groups(struct context *context, const struct session *session, struct json *claims) {
    struct membership membership;
    if (membership_load(context, session, &membership) != 0)
        return -1;
    if (membership.groups != NULL)
        json_put(context->arena, claims, "groups", copy_texts(context->arena, membership.groups));
    return 0;
}

static int put_configured(struct context *context, const struct session *session,
                          struct json *claims) {
    struct arena *arena = context->arena;
    const char *wanted = context->config->token.claims;
    if (text_has_word(wanted, "name"))
        json_put_string(arena, claims, "name", session->name);
    if (text_has_word(wanted, "email") && session->email != NULL) {
        json_put_string(arena, claims, "email", session->email);
        json_put_boolean(arena, claims, "email_verified", session->email_verified);
    }
    if (text_has_word(wanted, "picture"))
        json_put_string(arena, claims, "picture", session->picture);
    if (text_has_word(wanted, "locale"))
        json_put_string(arena, claims, "locale", session->locale);
    if (text_has_word(wanted, "auth_time"))
        json_put_integer(arena, claims, "auth_time", session->created_at);
    return text_has_word(wanted, "groups") ? put_groups(context, session, claims) : 0;
}

/* RFC 9068 2.2. */
static struct json *required_claims(struct context *context, const struct session *session,
                                    const char *audience, int64_t lifetime) {
    struct arena *arena = context->arena;
    const struct config *config = context->config;
    int64_t now = context_now(context);
    struct json *claims = json_object(arena);
    json_put_string(arena, claims, "iss", config->base_url);
    json_put_string(arena, claims, "sub", session->sub);
    json_put_string(arena, claims, "aud", audience);
    json_put_integer(arena, claims, "exp", now + lifetime);
    json_put_integer(arena, claims, "iat", now);
    json_put_string(arena, claims, "jti", make_jti(arena));
    json_put_string(arena, claims, "client_id",
                    config->token.client_id != NULL ? config->token.client_id : config->base_url);
    json_put_string(arena, claims, "sid", session->id_hash);
    return claims;
}

/* The first line of the file, as the configuration would have it. */
static int open_shared(struct context *context, struct signing_key *key) {
    const struct config *config = context->config;
    const char *secret = config->token.secret;
    if (secret == NULL &&
        private_file_read(context->arena, config->file, config->token.secret_file, &secret) != 0)
        return -1;
    *key = (struct signing_key){
        .alg = "HS256",
        .octets = (const unsigned char *)secret,
        .octets_length = strcspn(secret, "\r\n"),
    };
    return key->octets_length >= JWS_HS256_SECRET_MIN
               ? 0
               : fail(context->arena, ERROR_CONFIG,
                      "%s: the first line of %s has less than %d bytes", config->file,
                      config->token.secret_file, JWS_HS256_SECRET_MIN);
}

int access_token_check_secret(struct context *context) {
    struct signing_key key;
    return text_equal(context->config->token.algorithm, "HS256") ? open_shared(context, &key) : 0;
}

static int open_signer(struct context *context, const char *audience, struct signing_key *key) {
    const char *algorithm = context->config->token.algorithm;
    struct jwt_keys keys;
    if (text_equal(algorithm, "HS256") && !text_equal(audience, context->config->base_url))
        return open_shared(context, key);
    if (jwt_keys_load(context, &keys) != 0)
        return -1;
    return jwt_keys_open(context->arena, jwt_keys_signer(&keys, algorithm, context_now(context)),
                         key);
}

int access_token_issue(struct context *context, const struct session *session, const char *audience,
                       struct access_token *token) {
    int64_t left = session->expires_at - context_now(context);
    int64_t lifetime = context->config->token.lifetime;
    struct signing_key key;
    char *compact = NULL;
    if (lifetime > left)
        lifetime = left;
    struct json *claims = required_claims(context, session, audience, lifetime);
    if (put_configured(context, session, claims) != 0 || open_signer(context, audience, &key) != 0)
        return -1;
    int result = jws_sign(context->arena, &key, TYPE, claims, &compact);
    signing_key_free(&key);
    if (result != 0)
        return -1;
    if (strlen(compact) > ACCESS_TOKEN_LIMIT)
        return fail(context->arena, ERROR_CONFIG,
                    "[token] claims make a token of %zu characters, which are more than %d",
                    strlen(compact), ACCESS_TOKEN_LIMIT);
    *token = (struct access_token){.compact = compact, .expires_in = lifetime};
    return 0;
}

/* ---- judging: the signature ------------------------------------------------------------------ */

/* What was wrong with the notation, as what it means here. */
static int refuse(struct arena *arena, enum error_rule rule) {
    struct error cause = arena->error;
    arena_forget_error(arena);
    return fail(arena, rule, "%s", cause.detail);
}

static int parse(struct context *context, const char *compact, struct jws *jws) {
    struct arena *arena = context->arena;
    if (strnlen(compact, ACCESS_TOKEN_LIMIT + 1) > ACCESS_TOKEN_LIMIT)
        return fail(arena, ERROR_ACCESS_TOKEN_TOO_LARGE, "a token of more than %d characters",
                    ACCESS_TOKEN_LIMIT);
    if (jws_parse(arena, compact, jws) != 0)
        return refuse(arena, arena->error.rule == ERROR_JWS_ALG ? ERROR_ACCESS_TOKEN_ALG
                                                                : ERROR_ACCESS_TOKEN_MALFORMED);
    /* RFC 8725 3.1: the configuration alone says how we sign. */
    if (!text_equal(jws->alg, context->config->token.algorithm))
        return fail(arena, ERROR_ACCESS_TOKEN_ALG, "signed by %s, not by %s", jws->alg,
                    context->config->token.algorithm);
    /* RFC 9068 4: what is signed for another purpose, an id_token above all, is none. */
    if (!text_equal_nocase(jws->typ, TYPE) && !text_equal_nocase(jws->typ, "application/" TYPE))
        return fail(arena, ERROR_ACCESS_TOKEN_TYP, "typ is not " TYPE);
    return 0;
}

static int verify_by(struct arena *arena, const struct jws *jws, const struct jwt_key *key) {
    struct signing_key opened;
    if (jwt_keys_open(arena, key, &opened) != 0)
        return -1;
    int result = jws_verify_own(arena, jws, &opened);
    signing_key_free(&opened);
    return result == 0 ? 0 : refuse(arena, ERROR_ACCESS_TOKEN_SIGNATURE);
}

/* A stranger's token makes no key of ours. */
static int verify(struct context *context, const struct jws *jws) {
    struct jwt_keys keys;
    if (jwt_keys_find(context, &keys) != 0)
        return -1;
    const struct jwt_key *key = jws->kid == NULL ? NULL : jwt_keys_get(&keys, jws->alg, jws->kid);
    return key != NULL ? verify_by(context->arena, jws, key)
                       : fail(context->arena, ERROR_ACCESS_TOKEN_KEY, "kid names no key of ours");
}

/* ---- judging: the claims --------------------------------------------------------------------- */

static int check_times(struct arena *arena, const struct access_token_check *check,
                       const struct json *claims) {
    const struct json *not_before = json_member(claims, "nbf");
    int64_t seconds = 0;
    if (!json_seconds(json_member(claims, "exp"), &seconds))
        return fail(arena, ERROR_ACCESS_TOKEN_EXP, "exp is missing or not a time");
    /* RFC 7519 4.1.4: on or after. The clock that set it was our own, so there is no leeway. */
    if (check->now >= seconds)
        return fail(arena, ERROR_ACCESS_TOKEN_EXP, "expired %lld s ago",
                    (long long)(check->now - seconds));
    if (!json_seconds(json_member(claims, "iat"), &seconds) || seconds > check->now + check->leeway)
        return fail(arena, ERROR_ACCESS_TOKEN_IAT, "iat is missing, not a time or in the future");
    if (not_before != NULL &&
        (!json_seconds(not_before, &seconds) || seconds > check->now + check->leeway))
        return fail(arena, ERROR_ACCESS_TOKEN_NBF, "nbf is not a time or in the future");
    return 0;
}

/* RFC 9068 2.2: what a token of ours always has. */
static int check_required(struct arena *arena, const struct json *claims) {
    static const char *const names[] = {"sub", "jti", "client_id", "sid"};
    unsigned char hash[DIGEST_SIZE];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (text_is_empty(json_string(claims, names[i])))
            return fail(arena, ERROR_ACCESS_TOKEN_CLAIMS, "%s is missing, empty or not a string",
                        names[i]);
    if (base64url_decode_exactly(arena, json_string(claims, "sid"), hash, sizeof(hash)) != 0)
        return refuse(arena, ERROR_ACCESS_TOKEN_CLAIMS);
    return 0;
}

int access_token_check(struct arena *arena, const struct access_token_check *check,
                       const struct json *claims) {
    if (!text_equal(json_string(claims, "iss"), check->base_url))
        return fail(arena, ERROR_ACCESS_TOKEN_ISS, "iss is not this site");
    /* RFC 9068 4: a token for an API of ours proves nothing here, or that API could use it. */
    if (!text_equal(json_string(claims, "aud"), check->base_url))
        return fail(arena, ERROR_ACCESS_TOKEN_AUD, "aud is not this site alone");
    return check_times(arena, check, claims) != 0 ? -1 : check_required(arena, claims);
}

/* ---- judging: the session -------------------------------------------------------------------- */

/* Who signed out, was blocked or deleted has no session, whatever the token says. */
static int load_session(struct context *context, const struct json *claims,
                        struct session **session) {
    struct arena *arena = context->arena;
    struct session *found = NULL;
    if (session_load_by_hash(context, json_string(claims, "sid"), &found) != 0)
        return -1;
    if (found == NULL)
        return fail(arena, ERROR_ACCESS_TOKEN_SESSION, "the session that it was issued in is over");
    if (!text_equal(found->sub, json_string(claims, "sub")))
        return fail(arena, ERROR_ACCESS_TOKEN_SESSION, "the session is somebody else's");
    *session = found;
    return 0;
}

int access_token_authenticate(struct context *context, const char *compact,
                              struct session **session) {
    const struct access_token_check check = {
        .base_url = context->config->base_url,
        .now = context_now(context),
        .leeway = context->config->clock_leeway,
    };
    const struct json *claims = NULL;
    struct jws jws;
    *session = NULL;
    if (parse(context, compact, &jws) != 0 || verify(context, &jws) != 0 ||
        jws_claims(context->arena, &jws, ERROR_ACCESS_TOKEN_MALFORMED, &claims) != 0 ||
        access_token_check(context->arena, &check, claims) != 0)
        return -1;
    return load_session(context, claims, session);
}

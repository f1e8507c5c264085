#include "oauth/logout_token.h"

#include "base/text.h"
#include "edge/config.h"
#include "format/jws.h"
#include "oauth/id_token.h"
#include "oauth/issuer.h"
#include "oauth/provider_keys.h"

#include <string.h>

#define EVENT "http://schemas.openid.net/event/backchannel-logout"
#define JTI_LIMIT 255 /* characters */

/* 2.4: explicitly typed, or as older providers do it; then the claims tell it from an id_token. */
static int check_type(struct arena *arena, const struct jws *jws) {
    if (jws->typ == NULL || text_equal_nocase(jws->typ, "logout+jwt") ||
        text_equal_nocase(jws->typ, "application/logout+jwt") || text_equal_nocase(jws->typ, "JWT"))
        return 0;
    return fail(arena, ERROR_JWS_TYP, "typ is that of another kind of token");
}

/* A claim that is absent, or a string that is not empty. */
static int optional_text(struct arena *arena, const struct json *claims, const char *name,
                         const char **text) {
    *text = json_string(claims, name);
    if (json_member(claims, name) != NULL && text_is_empty(*text))
        return fail(arena, ERROR_LOGOUT_TOKEN, "%s is empty or not a string", name);
    return 0;
}

static int read_claims(struct arena *arena, const struct json *claims, struct logout_token *token) {
    if (optional_text(arena, claims, "sub", &token->subject) != 0 ||
        optional_text(arena, claims, "sid", &token->sid) != 0 ||
        optional_text(arena, claims, "jti", &token->jti) != 0)
        return -1;
    /* 2.6 (5) */
    if (token->subject == NULL && token->sid == NULL)
        return fail(arena, ERROR_LOGOUT_TOKEN, "neither sub nor sid");
    /* 2.6 (6) */
    const struct json *event = json_member(json_member(claims, "events"), EVENT);
    if (event == NULL || event->type != JSON_OBJECT)
        return fail(arena, ERROR_LOGOUT_TOKEN, "events has no backchannel-logout object");
    /* 2.6 (7): what has a nonce is an id_token. */
    if (json_member(claims, "nonce") != NULL)
        return fail(arena, ERROR_LOGOUT_TOKEN, "a logout_token must not have a nonce");
    /* 2.4: jti is what makes a replay recognisable. */
    if (token->jti == NULL || strlen(token->jti) > JTI_LIMIT)
        return fail(arena, ERROR_LOGOUT_TOKEN, "jti is missing or too long");
    if (!json_seconds(json_member(claims, "exp"), &token->expires_at))
        return fail(arena, ERROR_ID_TOKEN_EXP, "exp is not a time");
    return 0;
}

int logout_token_verify(struct context *context, const struct provider *provider,
                        struct metadata *metadata, const char *compact,
                        struct logout_token *token) {
    struct arena *arena = context->arena;
    const char *algs = provider->id_token_algs;
    const struct json *claims = NULL;
    struct jws jws;
    if (provider_keys_verify(context, provider, metadata, algs, compact, &jws) != 0 ||
        check_type(arena, &jws) != 0 || jws_claims(arena, &jws, ERROR_LOGOUT_TOKEN, &claims) != 0)
        return -1;

    const struct id_token_check check = {
        .provider = provider,
        .issuer = metadata->issuer,
        .alg = jws.alg,
        .now = context_now(context),
        .leeway = context->config->clock_leeway,
    };
    *token = (struct logout_token){
        .issuer = issuer_of_claims(arena, provider, metadata->issuer, claims),
        .alg = jws.alg,
    };
    if (id_token_check_common(arena, &check, claims) != 0)
        return -1;
    return read_claims(arena, claims, token);
}

#include "oauth/id_token.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "format/jws.h"
#include "oauth/issuer.h"
#include "oauth/provider_keys.h"

#include <string.h>

static int check_issuer(struct arena *arena, const struct id_token_check *check,
                        const struct json *claims) {
    /* 3.1.3.7 (2): exactly the issuer that discovery gave, which is the configured one. */
    if (issuer_of_claims(arena, check->provider, check->issuer, claims) == NULL)
        return fail(arena, ERROR_ID_TOKEN_ISS, "iss is not this provider's issuer");
    return 0;
}

static int check_subject(struct arena *arena, const struct json *claims) {
    /* Core 2: a string of at most 255 ASCII characters, case-sensitive. */
    const char *subject = json_string(claims, "sub");
    if (text_is_empty(subject))
        return fail(arena, ERROR_ID_TOKEN_SUB, "sub is missing, empty or not a string");
    if (strlen(subject) > SUBJECT_LIMIT)
        return fail(arena, ERROR_ID_TOKEN_SUB, "sub is longer than %d characters", SUBJECT_LIMIT);
    return 0;
}

static bool is_trusted_audience(const struct provider *provider, const char *audience) {
    return text_equal(audience, provider->client_id) ||
           text_has_word(provider->trusted_audiences, audience);
}

static int check_audience(struct arena *arena, const struct provider *provider,
                          const struct json *claims) {
    /* 3.1.3.7 (3): we are among the audiences, and there is none that we do not trust. */
    if (!json_has_string(claims, "aud", provider->client_id))
        return fail(arena, ERROR_ID_TOKEN_AUD, "aud is not our client_id");
    const struct json *audiences = json_member(claims, "aud");
    if (audiences->type != JSON_ARRAY)
        return 0;
    for (const struct json *one = audiences->first; one != NULL; one = one->next)
        if (one->type != JSON_STRING || !is_trusted_audience(provider, one->text))
            return fail(arena, ERROR_ID_TOKEN_AUD, "aud names an audience that is not trusted");
    return 0;
}

static int check_authorized_party(struct arena *arena, const struct provider *provider,
                                  const struct json *claims) {
    /* 3.1.3.7 (4, 5): demanded with several audiences; ours whenever it is there. */
    const struct json *audiences = json_member(claims, "aud");
    const struct json *party = json_member(claims, "azp");
    if (party == NULL && audiences->type == JSON_ARRAY && audiences->count > 1)
        return fail(arena, ERROR_ID_TOKEN_AZP, "several audiences, but no azp");
    if (party != NULL && !text_equal(json_string(claims, "azp"), provider->client_id))
        return fail(arena, ERROR_ID_TOKEN_AZP, "azp is another client");
    return 0;
}

/* *seconds = the time claim. 1 if it is there, 0 if it is absent, -1 if it is no NumericDate. */
static int time_claim(const struct json *claims, const char *name, int64_t *seconds) {
    const struct json *claim = json_member(claims, name);
    if (claim == NULL)
        return 0;
    return json_seconds(claim, seconds) ? 1 : -1;
}

static int check_times(struct arena *arena, const struct id_token_check *check,
                       const struct json *claims) {
    int64_t expires = 0;
    int64_t issued = 0;
    int64_t not_before = 0;

    /* 3.1.3.7 (9) */
    if (time_claim(claims, "exp", &expires) != 1)
        return fail(arena, ERROR_ID_TOKEN_EXP, "exp is missing or not a time");
    if (check->now >= expires + check->leeway)
        return fail(arena, ERROR_ID_TOKEN_EXP, "expired %lld s ago",
                    (long long)(check->now - expires));

    /* 3.1.3.7 (10): a token from the future is no more to be trusted than an old one. */
    if (time_claim(claims, "iat", &issued) != 1)
        return fail(arena, ERROR_ID_TOKEN_IAT, "iat is missing or not a time");
    if (issued > check->now + check->leeway)
        return fail(arena, ERROR_ID_TOKEN_IAT, "issued %lld s in the future: compare the clocks",
                    (long long)(issued - check->now));

    int found = time_claim(claims, "nbf", &not_before);
    if (found < 0 || (found == 1 && not_before > check->now + check->leeway))
        return fail(arena, ERROR_ID_TOKEN_NBF, "nbf is in the future or not a time");
    return 0;
}

int id_token_check_common(struct arena *arena, const struct id_token_check *check,
                          const struct json *claims) {
    if (check_issuer(arena, check, claims) != 0 ||
        check_audience(arena, check->provider, claims) != 0 ||
        check_times(arena, check, claims) != 0)
        return -1;
    return 0;
}

static int check_nonce(struct arena *arena, const char *expected, const struct json *claims) {
    /* 3.1.3.7 (11): ours, whole; and none where none was sent. */
    if (expected == NULL && json_member(claims, "nonce") == NULL)
        return 0;
    if (expected == NULL || !secret_text_equal(json_string(claims, "nonce"), expected))
        return fail(arena, ERROR_ID_TOKEN_NONCE, "nonce is not the one of this login");
    return 0;
}

/* A hash claim that is there must be right, whatever the flow. */
static int check_hash(struct arena *arena, const struct id_token_check *check,
                      const struct json *claim, const char *text, enum error_rule rule) {
    char *hash = NULL;
    if (claim == NULL)
        return 0;
    if (text == NULL || claim->type != JSON_STRING)
        return fail(arena, rule, "a hash that does not belong here");
    if (jws_half_hash(arena, check->alg, text, &hash) != 0)
        return -1;
    if (!secret_text_equal(claim->text, hash))
        return fail(arena, rule, "the hash is not that of what came with the token");
    return 0;
}

static int check_authentication(struct arena *arena, const struct id_token_check *check,
                                const struct json *claims) {
    const struct provider *provider = check->provider;
    int64_t authenticated = 0;
    int found = time_claim(claims, "auth_time", &authenticated);

    /* 3.1.3.7 (13): what max_age asked for must be shown to have happened. */
    if (found < 0 || (found == 0 && provider->max_age >= 0))
        return fail(arena, ERROR_ID_TOKEN_AUTH_TIME, "auth_time is missing or not a time");
    if (provider->max_age >= 0 && (check->now - authenticated > provider->max_age + check->leeway ||
                                   authenticated > check->now + check->leeway))
        return fail(arena, ERROR_ID_TOKEN_AUTH_TIME, "auth_time does not fit max_age %lld",
                    (long long)provider->max_age);

    /* 3.1.3.7 (12): who configures acr_values wants no other. */
    if (provider->acr_values != NULL &&
        !text_has_word(provider->acr_values, json_string(claims, "acr")))
        return fail(arena, ERROR_ID_TOKEN_ACR, "acr is not one of acr_values");
    return 0;
}

int id_token_check(struct arena *arena, const struct id_token_check *check,
                   const struct json *claims) {
    const struct id_token_expectation *expected = check->expected;
    if (id_token_check_common(arena, check, claims) != 0 || check_subject(arena, claims) != 0 ||
        check_authorized_party(arena, check->provider, claims) != 0 ||
        check_nonce(arena, expected->nonce, claims) != 0 ||
        check_hash(arena, check, json_member(claims, "at_hash"), expected->access_token,
                   ERROR_ID_TOKEN_AT_HASH) != 0 ||
        check_hash(arena, check, json_member(claims, "c_hash"), expected->code,
                   ERROR_ID_TOKEN_C_HASH) != 0)
        return -1;
    return check_authentication(arena, check, claims);
}

/* RFC 8725 3.11: a JWT made for another purpose says so; an id_token says "JWT" or nothing. */
static int check_type(struct arena *arena, const struct jws *jws) {
    if (jws->typ != NULL && !text_equal_nocase(jws->typ, "JWT") &&
        !text_equal_nocase(jws->typ, "application/jwt"))
        return fail(arena, ERROR_JWS_TYP, "typ is that of another kind of token");
    return 0;
}

int id_token_verify(struct context *context, const struct provider *provider,
                    struct metadata *metadata, const char *compact,
                    const struct id_token_expectation *expected, struct id_token *token) {
    struct arena *arena = context->arena;
    if (compact == NULL)
        return fail(arena, ERROR_ID_TOKEN_MISSING, "the token response has no id_token");

    const char *algs = provider->id_token_algs;
    const struct json *claims = NULL;
    struct jws jws;
    if (provider_keys_verify(context, provider, metadata, algs, compact, &jws) != 0 ||
        check_type(arena, &jws) != 0 ||
        jws_claims(arena, &jws, ERROR_ID_TOKEN_MALFORMED, &claims) != 0)
        return -1;

    const struct id_token_check check = {
        .provider = provider,
        .issuer = metadata->issuer,
        .expected = expected,
        .alg = jws.alg,
        .now = context_now(context),
        .leeway = context->config->clock_leeway,
    };
    if (id_token_check(arena, &check, claims) != 0)
        return -1;
    *token = (struct id_token){
        .claims = claims,
        .issuer = issuer_of_claims(arena, provider, metadata->issuer, claims),
        .subject = json_string(claims, "sub"),
        .sid = json_string(claims, "sid"),
        .alg = jws.alg,
    };
    return 0;
}

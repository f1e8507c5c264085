/* id_token: any JSON as the claims of an id_token; who is believed has said the right things. */
#include "fuzz.h"

#include "base/text.h"
#include "oauth/id_token.h"

#include <string.h>

#define NOW 1800000000
#define LEEWAY 60

static const struct provider providers[] = {
    {.issuer = "https://op.example", .client_id = "client-1", .max_age = -1},
    {.issuer = "https://op.example",
     .client_id = "client-1",
     .max_age = 3600,
     .acr_values = "gold silver",
     .trusted_audiences = "api"},
};

static void must_be_true(const struct provider *provider, const struct json *claims) {
    int64_t time = 0;
    const char *subject = json_string(claims, "sub");
    must_hold(text_equal(json_string(claims, "iss"), provider->issuer), "iss is the provider");
    must_hold(subject != NULL && *subject != '\0' && strlen(subject) <= SUBJECT_LIMIT,
              "sub is somebody");
    must_hold(json_has_string(claims, "aud", provider->client_id), "aud is us");
    must_hold(text_equal(json_string(claims, "nonce"), "n-1"), "nonce is this login's");
    must_hold(json_seconds(json_member(claims, "exp"), &time) && time > NOW - LEEWAY,
              "it has not expired");
    must_hold(json_seconds(json_member(claims, "iat"), &time) && time <= NOW + LEEWAY,
              "it was issued before now");
    if (provider->max_age >= 0)
        must_hold(json_seconds(json_member(claims, "auth_time"), &time) &&
                      time >= NOW - provider->max_age - LEEWAY,
                  "the sign-in is not too long ago");
    if (provider->acr_values != NULL)
        must_hold(json_string(claims, "acr") != NULL, "acr is one of those asked for");
}

static void check(struct arena *arena, const struct provider *provider, const struct json *claims) {
    const struct id_token_expectation expected = {
        .nonce = "n-1", .access_token = "an-access-token", .code = "a-code"};
    const struct id_token_check question = {
        .provider = provider,
        .expected = &expected,
        .alg = "RS256",
        .now = NOW,
        .leeway = LEEWAY,
    };
    arena_forget_error(arena);
    int result = id_token_check(arena, &question, claims);
    must_match(arena, result);
    if (result == 0)
        must_be_true(provider, claims);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct json *claims = NULL;
    arena_open(&arena, ARENA_LIMIT);
    if (json_parse_object(&arena, (const char *)data, size, &claims) == 0)
        for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
            check(&arena, &providers[i], claims);
    arena_close(&arena);
    return 0;
}

/* authorization_response: any query as the answer of a provider's authorization endpoint. */
#include "fuzz.h"

#include "base/text.h"
#include "oauth/authorization.h"

#include <string.h>

#define ISSUER "https://op.example"

static const struct provider provider = {
    .issuer = ISSUER,
    .error_parameters = "error error_code",
    .denied = "error=user_cancelled usercancel no-code",
};

static const struct provider oauth1 = {
    .protocol = PROTOCOL_OAUTH1,
    .error_parameters = "oauth_problem",
    .denied = "oauth_problem=user_refused denied no-code",
};

static void check(struct arena *arena, const struct authorization_response *response,
                  bool promised) {
    const struct metadata metadata = {.issuer = ISSUER, .iss_parameter = promised};
    arena_forget_error(arena);
    int result = authorization_response_check(arena, &provider, &metadata, response);
    must_match(arena, result);
    if (result != 0)
        return;
    must_hold(response->code != NULL && response->error == NULL && !response->denied,
              "a success has a code");
    must_hold(response->iss == NULL || text_equal(response->iss, metadata.issuer),
              "it is nobody else's");
    must_hold(response->iss != NULL || !promised, "a promised iss is there");
}

static void try_oauth2(struct arena *arena, const struct form *form) {
    struct authorization_response response;
    int result = authorization_response_parse(arena, &provider, form, &response);
    must_match(arena, result);
    if (result != 0)
        return;
    must_hold(!text_is_empty(response.state), "there is a state");
    must_hold((response.code == NULL) != (response.error == NULL && !response.denied),
              "there is a code, or an error");
    check(arena, &response, false);
    check(arena, &response, true);
}

static void try_oauth1(struct arena *arena, const struct form *form) {
    struct authorization_response response;
    int result = authorization_response_parse(arena, &oauth1, form, &response);
    must_match(arena, result);
    if (result != 0)
        return;
    must_hold(!text_is_empty(response.token) && response.state == NULL, "there is a token");
    must_hold((response.code == NULL) != (response.error == NULL && !response.denied),
              "there is a verifier, or an error");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct form form;
    arena_open(&arena, ARENA_LIMIT);
    if (form_parse(&arena, (const char *)data, size, &form) == 0) {
        try_oauth2(&arena, &form);
        arena_forget_error(&arena);
        try_oauth1(&arena, &form);
    }
    arena_close(&arena);
    return 0;
}

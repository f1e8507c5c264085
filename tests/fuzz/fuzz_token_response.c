/* token_response: any JSON as the answer of a token endpoint; what is believed can stand in a header field. */
#include "fuzz.h"

#include "base/text.h"
#include "oauth/scope.h"
#include "oauth/token.h"

#include <string.h>

static const struct provider oidc = {.protocol = PROTOCOL_OIDC, .token_scope = "scope"};
static const struct provider oauth2 = {
    .protocol = PROTOCOL_OAUTH2,
    .token_scope = "permissions | scopes | scope",
    .token_response_root = "data[0] | data",
};

static void must_be_plain(const char *token) {
    if (token == NULL)
        return;
    must_hold(*token != '\0' && strlen(token) <= 32 * 1024, "a token is not empty, nor too long");
    for (const char *c = token; *c != '\0'; c++)
        must_hold(*c > ' ' && *c < 0x7F && *c != '"' && *c != '\\', "a token is of visible ASCII");
}

/* It is asked for again, and stands in a URL then. */
static void must_be_scope(struct arena *arena, const char *scope) {
    if (scope == NULL)
        return;
    must_hold(*scope != '\0' && strlen(scope) <= SCOPE_LIMIT, "a scope has words, not too many");
    for (const char *c = scope; *c != '\0'; c++)
        must_hold(*c >= ' ' && *c <= '~' && *c != '"' && *c != '\\', "words of scope-tokens");
    must_hold(text_equal(scope_union(arena, scope, scope), scope), "each once, between spaces");
    must_hold(scope_covers(scope, scope), "which it covers");
}

static void parse(struct arena *arena, const struct provider *provider, const struct json *answer) {
    struct token_response response;
    arena_forget_error(arena);
    int result = token_response_parse(arena, provider, answer, &response);
    must_match(arena, result);
    if (result != 0)
        return;
    bool may_lack_type = provider->protocol == PROTOCOL_OAUTH2;
    const struct json *type = json_member(response.answer, "token_type");
    must_hold(response.access_token != NULL, "there is an access token");
    must_hold((type == NULL && may_lack_type) ||
                  text_equal_nocase(json_string(response.answer, "token_type"), "bearer"),
              "it is a bearer token");
    must_be_plain(response.access_token);
    must_be_plain(response.id_token);
    must_be_plain(response.refresh_token);
    must_be_scope(arena, response.scope);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct json *answer = NULL;
    arena_open(&arena, ARENA_LIMIT);
    if (json_parse(&arena, (const char *)data, size, &answer) == 0) {
        parse(&arena, &oidc, answer);
        parse(&arena, &oauth2, answer);
    }
    arena_close(&arena);
    return 0;
}

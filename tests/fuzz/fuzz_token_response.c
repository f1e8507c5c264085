/* token_response: any JSON as the answer of a token endpoint; what is believed can stand in a header field. */
#include "fuzz.h"

#include "base/text.h"
#include "oauth/token.h"

#include <string.h>

static const struct provider provider = {.protocol = PROTOCOL_OIDC};

static void must_be_plain(const char *token) {
    if (token == NULL)
        return;
    must_hold(*token != '\0' && strlen(token) <= 32 * 1024, "a token is not empty, nor too long");
    for (const char *c = token; *c != '\0'; c++)
        must_hold(*c > ' ' && *c < 0x7F && *c != '"' && *c != '\\', "a token is of visible ASCII");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct json *answer = NULL;
    arena_open(&arena, ARENA_LIMIT);
    if (json_parse_object(&arena, (const char *)data, size, &answer) == 0) {
        struct token_response response;
        int result = token_response_parse(&arena, &provider, answer, &response);
        must_match(&arena, result);
        if (result == 0) {
            must_hold(response.access_token != NULL, "there is an access token");
            must_hold(text_equal_nocase(json_string(answer, "token_type"), "bearer"),
                      "it is a bearer token");
            must_be_plain(response.access_token);
            must_be_plain(response.id_token);
            must_be_plain(response.refresh_token);
        }
    }
    arena_close(&arena);
    return 0;
}

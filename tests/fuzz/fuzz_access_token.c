/* access_token: any JSON as the claims of a token that we signed; what is believed is for us, in time,
 * and names a session. */
#include "fuzz.h"

#include "base/text.h"
#include "format/base64url.h"
#include "login/access_token.h"

#include <string.h>

#define SITE "https://www.example.org"
#define NOW 1800000000
#define LEEWAY 60

static void must_be_true(struct arena *arena, const struct json *claims) {
    static const char *const texts[] = {"sub", "jti", "client_id", "sid"};
    unsigned char hash[32];
    int64_t time = 0;
    must_hold(text_equal(json_string(claims, "iss"), SITE), "iss is us");
    must_hold(text_equal(json_string(claims, "aud"), SITE), "aud is us, and nobody else");
    must_hold(json_seconds(json_member(claims, "exp"), &time) && time > NOW, "it has not expired");
    must_hold(json_seconds(json_member(claims, "iat"), &time) && time <= NOW + LEEWAY,
              "it was issued before now");
    must_hold(json_member(claims, "nbf") == NULL ||
                  (json_seconds(json_member(claims, "nbf"), &time) && time <= NOW + LEEWAY),
              "it may be used by now");
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        must_hold(!text_is_empty(json_string(claims, texts[i])), "who and where is said");
    must_hold(base64url_decode_exactly(arena, json_string(claims, "sid"), hash, sizeof(hash)) == 0,
              "sid is the name of a session");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct access_token_check check = {.base_url = SITE, .now = NOW, .leeway = LEEWAY};
    struct arena arena;
    struct json *claims = NULL;
    arena_open(&arena, ARENA_LIMIT);
    if (json_parse_object(&arena, (const char *)data, size, &claims) == 0) {
        int result = access_token_check(&arena, &check, claims);
        must_match(&arena, result);
        must_hold(result == 0 || error_meaning(arena.error.rule)->answer == ANSWER_TOKEN,
                  "a wrong token is the bearer's mistake");
        if (result == 0)
            must_be_true(&arena, claims);
    }
    arena_close(&arena);
    return 0;
}

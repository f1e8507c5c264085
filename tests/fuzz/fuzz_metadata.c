/* metadata: any text as a discovery document; wherever it sends us, it is the provider's word and https. */
#include "fuzz.h"

#include "base/text.h"
#include "format/json.h"
#include "format/uri.h"
#include "oauth/metadata.h"

#include <string.h>

static const struct provider discovered = {.issuer = "https://op.example"};

static const struct provider configured = {
    .issuer = "https://op.example",
    .token_endpoint = "https://own.example/token",
    .end_session_endpoint = "",
    .par = true,
};

static void must_be_safe(struct arena *arena, const char *url) {
    struct uri uri;
    if (url == NULL)
        return;
    must_hold(uri_parse(arena, url, &uri) == 0 && uri_is_safe_endpoint(&uri),
              "an endpoint is https");
}

static void must_be_usable(struct arena *arena, const struct metadata *metadata) {
    must_hold(text_equal(metadata->issuer, "https://op.example"),
              "the issuer is the configured one");
    must_hold(metadata->authorization_endpoint != NULL && metadata->token_endpoint != NULL,
              "two endpoints are there");
    const char *urls[] = {
        metadata->authorization_endpoint, metadata->token_endpoint,
        metadata->userinfo_endpoint,      metadata->jwks_uri,
        metadata->end_session_endpoint,   metadata->pushed_authorization_request_endpoint,
        metadata->registration_endpoint,
    };
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
        must_be_safe(arena, urls[i]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct metadata metadata;
    arena_open(&arena, ARENA_LIMIT);
    const char *text = arena_copy(&arena, data, size);
    int result = metadata_parse(&arena, &discovered, text, &metadata);
    must_match(&arena, result);
    if (result == 0)
        must_be_usable(&arena, &metadata);

    arena_forget_error(&arena);
    result = metadata_parse(&arena, &configured, text, &metadata);
    must_match(&arena, result);
    if (result == 0) {
        must_be_usable(&arena, &metadata);
        must_hold(text_equal(metadata.token_endpoint, "https://own.example/token") &&
                      metadata.end_session_endpoint == NULL && metadata.par_required,
                  "the configuration stands before the document");
    }
    arena_close(&arena);
    return 0;
}

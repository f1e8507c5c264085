/* instance: whatever is accepted is one bare host of the public DNS, as every reader of a URL sees
 * it. */
#include "fuzz.h"

#include "base/text.h"
#include "edge/address.h"
#include "format/uri.h"
#include "login/instance.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct uri uri;
    const char *host = NULL;
    arena_open(&arena, ARENA_LIMIT);
    const char *typed = arena_copy(&arena, data, size);
    int result = instance_parse(&arena, typed, &host);
    must_match(&arena, result);
    must_hold((result == 0) == (host != NULL), "there is a host exactly if it works");
    must_hold(!instance_is_host(&arena, typed) || text_equal(typed, host), "a host stays as it is");
    if (result == 0) {
        const char *url = arena_format(&arena, "https://%s/x", host);
        must_hold(address_is_public_name(host), "it may be public");
        must_hold(instance_is_host(&arena, host), "it is a host itself");
        for (const char *c = host; *c != '\0'; c++)
            must_hold(ascii_lower(*c) == *c, "it is lower case");
        must_hold(uri_parse(&arena, url, &uri) == 0 && text_equal(uri.host, host) &&
                      uri.port == 443 && uri.userinfo == NULL && text_equal(uri.path, "/x"),
                  "in a URL it is the host and nothing else");
        must_hold(strcasestr(typed, host) != NULL, "it was typed so");
    }
    arena_close(&arena);
    return 0;
}

/*
 * registration: becoming a provider's client by asking: OpenID Connect Dynamic Client Registration
 * 1.0 and RFC 7591; or what servers of the fediverse have in its place, POST /api/v1/apps
 * (`registration = mastodon`), a form with a few of the same things.
 */
#ifndef LATCHKEY_OAUTH_REGISTRATION_H
#define LATCHKEY_OAUTH_REGISTRATION_H

#include "oauth/metadata.h"

/* RFC 7591 3.2.1: an answer without an end is one for good: the end of the year 9999. */
#define REGISTRATION_NEVER_EXPIRES 253402300799

struct registration {
    const char *client_id;
    const char *client_secret; /* NULL for a client without one */
    enum client_authentication authentication;
    int64_t expires_at; /* of the secret */
};

/* Where a registered client may be reached; NULL, but for the first two: there is none. */
struct registration_uris {
    const char *redirect_uri;
    const char *post_logout_redirect_uri;
    const char *backchannel_logout_uri;
    const char *frontchannel_logout_uri;
    const char *initiate_login_uri;
};

/* Registers us, with what the provider's record says of algorithms and client authentication.
 * 0, or -1 with ERROR_HTTP_*, ERROR_REGISTRATION (refused, or an answer without what we need) or
 * ERROR_DISCOVERY_MALFORMED (no registration_endpoint). */
int registration_request(struct context *context, const struct provider *provider,
                         const struct metadata *metadata, const struct registration_uris *uris,
                         struct registration *registration) CHECKED;

#endif

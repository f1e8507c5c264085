#include "oauth/metadata.h"

#include "base/text.h"
#include "edge/document.h"
#include "format/json.h"
#include "format/uri.h"
#include "oauth/endpoint.h"
#include "oauth/issuer.h"

#include <string.h>

/* OpenID Connect Discovery 4.1: the well-known path follows the issuer, less a final slash. */
static const char *discovery_url(struct arena *arena, const struct provider *provider) {
    if (provider->discovery_endpoint != NULL)
        return provider->discovery_endpoint;
    size_t length = strlen(provider->issuer);
    if (provider->issuer[length - 1] == '/')
        length--;
    return arena_format(arena, "%.*s/.well-known/openid-configuration", (int)length,
                        provider->issuer);
}

/* Only a provider on this machine may name an address on it: anyone else's document would have us
 * call, or send the browser to, what listens here for nobody else. */
static bool may_name(struct arena *arena, const struct provider *provider, const char *url) {
    struct uri uri;
    struct uri own;
    bool allowed =
        uri_parse(arena, url, &uri) == 0 && uri_is_safe_endpoint(&uri) &&
        (!uri_is_loopback(&uri) ||
         (uri_parse(arena, discovery_url(arena, provider), &own) == 0 && uri_is_loopback(&own)));
    arena_forget_error(arena);
    return allowed;
}

/* The configuration's endpoint, which was judged when it was read, else the document's. */
static int endpoint(struct arena *arena, const struct provider *provider,
                    const struct json *document, const char *name, const char *configured,
                    const char **url) {
    *url = configured != NULL ? configured : json_string(document, name);
    if (text_is_empty(*url))
        *url = NULL;
    if (*url == NULL || configured != NULL || may_name(arena, provider, *url))
        return 0;
    return fail(arena, ERROR_URL_NOT_ALLOWED, "discovery: %s is not an https address elsewhere",
                name);
}

static int read_endpoints(struct arena *arena, const struct provider *provider,
                          const struct json *document, struct metadata *metadata) {
    const struct {
        const char *name;
        const char *configured;
        const char **url;
    } endpoints[] = {
        {"authorization_endpoint", provider->authorization_endpoint,
         &metadata->authorization_endpoint},
        {"token_endpoint", provider->token_endpoint, &metadata->token_endpoint},
        {"userinfo_endpoint", provider->userinfo_endpoint, &metadata->userinfo_endpoint},
        {"jwks_uri", provider->jwks_uri, &metadata->jwks_uri},
        {"end_session_endpoint", provider->end_session_endpoint, &metadata->end_session_endpoint},
        {"revocation_endpoint", provider->revocation_endpoint, &metadata->revocation_endpoint},
        {"pushed_authorization_request_endpoint", provider->pushed_authorization_request_endpoint,
         &metadata->pushed_authorization_request_endpoint},
        {"registration_endpoint", provider->registration_endpoint,
         &metadata->registration_endpoint},
    };
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
        if (endpoint(arena, provider, document, endpoints[i].name, endpoints[i].configured,
                     endpoints[i].url) != 0)
            return -1;
    return 0;
}

int metadata_parse(struct arena *arena, const struct provider *provider, const char *text,
                   struct metadata *metadata) {
    struct json *document = NULL;
    *metadata = (struct metadata){.issuer = NULL};
    if (json_parse_object(arena, text, strlen(text), &document) != 0)
        return -1;

    /* Discovery 4.3: exactly identical, no normalisation. */
    metadata->issuer = json_string(document, "issuer");
    if (!issuer_is_known(provider, metadata->issuer))
        return fail(arena, ERROR_DISCOVERY_ISSUER,
                    "the document's issuer is not the configured one (compare every character, "
                    "also a slash at the end)");
    if (read_endpoints(arena, provider, document, metadata) != 0)
        return -1;
    if (metadata->authorization_endpoint == NULL || metadata->token_endpoint == NULL)
        return fail(arena, ERROR_DISCOVERY_MALFORMED,
                    "authorization_endpoint or token_endpoint is missing");

    metadata->iss_parameter =
        json_is_true(document, "authorization_response_iss_parameter_supported");
    metadata->par_required =
        provider->par || json_is_true(document, "require_pushed_authorization_requests");
    return 0;
}

/* A provider without discovery: the configuration says where everything is. */
static bool is_configured_whole(const struct provider *provider) {
    if (provider->protocol != PROTOCOL_OIDC)
        return true;
    return provider->authorization_endpoint != NULL && provider->token_endpoint != NULL &&
           provider->jwks_uri != NULL;
}

static void metadata_from_configuration(const struct provider *provider,
                                        struct metadata *metadata) {
    *metadata = (struct metadata){
        .issuer = provider->issuer,
        .authorization_endpoint = provider->authorization_endpoint,
        .token_endpoint = provider->token_endpoint,
        .userinfo_endpoint = provider->userinfo_endpoint,
        .jwks_uri = provider->jwks_uri,
        .end_session_endpoint =
            text_is_empty(provider->end_session_endpoint) ? NULL : provider->end_session_endpoint,
        .revocation_endpoint = provider->revocation_endpoint,
        .pushed_authorization_request_endpoint = provider->pushed_authorization_request_endpoint,
        .registration_endpoint = provider->registration_endpoint,
        .par_required = provider->par,
    };
}

int metadata_load(struct context *context, const struct provider *provider,
                  struct metadata *metadata) {
    struct arena *arena = context->arena;
    if (is_configured_whole(provider)) {
        metadata_from_configuration(provider, metadata);
        return 0;
    }

    const struct http_request request = endpoint_request(provider, discovery_url(arena, provider));
    const char *text = NULL;
    if (document_load(context, &request, &text) != 0)
        return -1;
    if (metadata_parse(arena, provider, text, metadata) == 0)
        return 0;

    /* A wrong document is not kept: once the provider has put it right, the next login finds it. */
    document_forget(context, request.url);
    return -1;
}

int metadata_peek(struct context *context, const struct provider *provider,
                  struct metadata *metadata) {
    struct arena *arena = context->arena;
    const char *text = NULL;
    if (is_configured_whole(provider)) {
        metadata_from_configuration(provider, metadata);
        return 0;
    }
    document_peek(context, discovery_url(arena, provider), &text);
    if (text == NULL)
        return fail(arena, ERROR_DISCOVERY_MALFORMED, "nothing is known of the provider yet");
    return metadata_parse(arena, provider, text, metadata);
}

int metadata_refetch(struct context *context, const struct provider *provider,
                     struct metadata *metadata) {
    const char *text = NULL;
    if (is_configured_whole(provider))
        return 0;
    const struct http_request request =
        endpoint_request(provider, discovery_url(context->arena, provider));
    if (document_refetch(context, &request, &text) != 0)
        return -1;
    return text == NULL ? 0 : metadata_parse(context->arena, provider, text, metadata);
}

#include "oauth/provider_keys.h"

#include "base/text.h"
#include "edge/document.h"
#include "oauth/endpoint.h"

#include <string.h>

/* What is no set is not kept: once the provider has put it right, the next login finds it. */
static int parse_set(struct context *context, const char *url, const char *text,
                     struct jwk_set *set) {
    if (jwk_set_parse(context->arena, text, strlen(text), set) == 0) {
        set->opened = context->public_keys;
        return 0;
    }
    document_forget(context, url);
    return -1;
}

static int load_set(struct context *context, const struct provider *provider,
                    const struct metadata *metadata, struct jwk_set *set) {
    const struct http_request request = endpoint_request(provider, metadata->jwks_uri);
    const char *text = NULL;
    if (metadata->jwks_uri == NULL)
        return fail(context->arena, ERROR_DISCOVERY_MALFORMED, "the provider has no jwks_uri");
    if (document_load(context, &request, &text) != 0)
        return -1;
    return parse_set(context, request.url, text, set);
}

/* A newer set if there is one to be had now; else *set stays. */
static int refetch_set(struct context *context, const struct provider *provider,
                       const struct metadata *metadata, struct jwk_set *set) {
    const struct http_request request = endpoint_request(provider, metadata->jwks_uri);
    const char *text = NULL;
    if (document_refetch(context, &request, &text) != 0)
        return -1;
    return text == NULL ? 0 : parse_set(context, request.url, text, set);
}

/* A token without kid may be signed by any key of the set: only trying tells. */
static bool is_signed_by(struct arena *arena, const struct jws *jws, const char *algs,
                         const struct jwk_set *set) {
    if (!jws_has_key(jws, set))
        return false;
    bool verified = jws_verify(arena, jws, algs, set) == 0;
    arena_forget_error(arena);
    return verified;
}

static bool may_be_newer_key(const struct jws *jws, const struct jwk_set *set) {
    return jws->kid == NULL || !jws_has_key(jws, set);
}

/* Looks for newer keys where they were; and if they are not there, or nothing is, where the
 * provider now says they are. */
static int renew_set(struct context *context, const struct provider *provider,
                     struct metadata *metadata, const char *algs, const struct jws *jws,
                     struct jwk_set *set) {
    struct arena *arena = context->arena;
    int refetched = refetch_set(context, provider, metadata, set);
    if (refetched == 0 && (is_signed_by(arena, jws, algs, set) || !may_be_newer_key(jws, set)))
        return 0;

    struct error first = arena->error;
    const char *jwks_uri = metadata->jwks_uri;
    arena_forget_error(arena);
    if (metadata_refetch(context, provider, metadata) != 0)
        return -1;
    if (!text_equal(jwks_uri, metadata->jwks_uri))
        return load_set(context, provider, metadata, set);
    arena->error = first;
    return refetched;
}

static int verify_by_set(struct context *context, const struct provider *provider,
                         struct metadata *metadata, const char *algs, const struct jws *jws) {
    struct arena *arena = context->arena;
    struct jwk_set set;
    if (load_set(context, provider, metadata, &set) != 0)
        return -1;
    if (is_signed_by(arena, jws, algs, &set))
        return 0;
    if (may_be_newer_key(jws, &set) && renew_set(context, provider, metadata, algs, jws, &set) != 0)
        return -1;
    return jws_verify(arena, jws, algs, &set);
}

int provider_keys_verify(struct context *context, const struct provider *provider,
                         struct metadata *metadata, const char *algs, const char *compact,
                         struct jws *jws) {
    struct arena *arena = context->arena;
    if (jws_parse(arena, compact, jws) != 0)
        return -1;
    /* RFC 8725 3.1: judged by our list before any key is looked for. */
    if (!text_has_word(algs, jws->alg))
        return fail(arena, ERROR_JWS_ALG, "signed with %s, but only %s is accepted", jws->alg,
                    algs);
    if (text_equal(jws->alg, "HS256"))
        return provider->client_secret == NULL
                   ? fail(arena, ERROR_JWS_ALG, "HS256 without a client secret")
                   : jws_verify_secret(arena, jws, provider->client_secret,
                                       strlen(provider->client_secret));
    return verify_by_set(context, provider, metadata, algs, jws);
}

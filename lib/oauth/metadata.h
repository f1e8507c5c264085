/*
 * metadata: where a provider's endpoints are, and what it promises (OpenID Connect Discovery 1.0,
 * RFC 8414), with the configuration's own settings before it.
 *
 * The document comes from the cache or from the provider. Its issuer must be exactly the one
 * configured (Discovery 4.3; issuer.h on other spellings, and on those that are many in one), and
 * every endpoint https, and not on this machine unless the document is from there, too (then http
 * will do): a document cannot send us to what is not meant for it. OpenID Connect alone has one.
 */
#ifndef LATCHKEY_OAUTH_METADATA_H
#define LATCHKEY_OAUTH_METADATA_H

#include "oauth/provider.h"

struct metadata {
    const char *issuer; /* the document's; NULL if there is neither that nor a configured one */
    const char *authorization_endpoint;
    const char *token_endpoint;
    const char *userinfo_endpoint; /* NULL: none; so all below */
    const char *jwks_uri;
    const char *end_session_endpoint;
    const char *revocation_endpoint;
    const char *pushed_authorization_request_endpoint;
    const char *registration_endpoint;
    bool iss_parameter; /* RFC 9207: iss must be on every authorization response */
    bool par_required;  /* RFC 9126 5 */
};

/* What the configuration says; where that is not all, the document's word besides it.
 * 0, or -1 with document_load()'s or metadata_parse()'s errors. */
int metadata_load(struct context *context, const struct provider *provider,
                  struct metadata *metadata) CHECKED;

/* Reads a discovery document, the provider's own settings before it.
 * 0, or -1 with ERROR_JSON, ERROR_DISCOVERY_ISSUER, ERROR_DISCOVERY_MALFORMED or
 * ERROR_URL_NOT_ALLOWED. */
int metadata_parse(struct arena *arena, const struct provider *provider, const char *text,
                   struct metadata *metadata) CHECKED;

/* What is known without asking anyone, however old.
 * 0, or -1 with ERROR_DISCOVERY_MALFORMED if nothing is, or metadata_parse()'s errors. */
int metadata_peek(struct context *context, const struct provider *provider,
                  struct metadata *metadata) CHECKED;

/* Asks the provider again, because something it names turned out to be gone. If that was done a
 * moment ago, or if there is no document, *metadata stays as it was.
 * 0, or -1 with document_refetch()'s or metadata_parse()'s errors. */
int metadata_refetch(struct context *context, const struct provider *provider,
                     struct metadata *metadata) CHECKED;

#endif

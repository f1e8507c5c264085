#include "login/grant.h"

#include "base/text.h"
#include "login/account.h"
#include "login/api_record.h"
#include "login/tokens.h"
#include "oauth/issuer.h"
#include "oauth/scope.h"

#include <string.h>

#define SCHEME "https://"

/* ---- the API --------------------------------------------------------------------------------- */

int grant_check(struct context *context, const char *api, const char *provider) {
    struct arena *arena = context->arena;
    struct api_record record;
    if (config_section(context->config, "api", api) == NULL)
        return fail(arena, ERROR_PARAMETER_WRONG, "there is no such [api ...]");
    if (api_record_load(context, api, &record) != 0)
        return -1;
    return text_equal(record.provider, provider)
               ? 0
               : fail(arena, ERROR_PARAMETER_WRONG, "[api %s] is not called by tokens of it",
                      record.name);
}

/* One that has gone, or gone elsewhere, since the login was begun, asks for nothing. */
static int scope_of_api(struct context *context, const char *api, const char *provider,
                        const char **scope) {
    struct api_record record;
    *scope = NULL;
    if (api == NULL || config_section(context->config, "api", api) == NULL)
        return 0;
    if (api_record_load(context, api, &record) != 0)
        return -1;
    if (text_equal(record.provider, provider))
        *scope = record.scope;
    return 0;
}

static const char *setting_of(const struct ini_section *section, const char *name) {
    const struct ini_setting *setting = ini_setting(section, name);
    return setting == NULL ? NULL : setting->value;
}

const char *grant_scope_of_all(struct arena *arena, const struct config *config,
                               const char *provider) {
    const char *scope = NULL;
    for (const struct ini_section *section = config->sections; section != NULL;
         section = section->next)
        if (text_equal(section->kind, "api") &&
            text_equal(setting_of(section, "provider"), provider))
            scope = scope_union(arena, scope, setting_of(section, "scope"));
    return scope;
}

/* ---- the person ------------------------------------------------------------------------------ */

/* The same person can come through two sections that are clients of one provider. */
static bool is_at(const struct identity *identity, const struct provider *provider) {
    return text_equal(identity->provider, provider->id) ||
           (!issuer_is_template(provider->identity_issuer) &&
            text_equal(identity->issuer, provider->identity_issuer));
}

static bool has_tokens(const struct tokens *list, const struct identity *identity,
                       const struct provider *provider) {
    for (; list != NULL; list = list->next)
        if (list->identity == identity->id && tokens_are_of(list, provider->id))
            return true;
    return false;
}

/* As usable_token.c chooses; *found = NULL: nobody of the account is there. */
static int find_identity(struct context *context, const struct session *session,
                         const struct provider *provider, const struct identity **found) {
    struct identity *identities = NULL;
    struct tokens *tokens = NULL;
    const struct identity *first = NULL;
    const struct identity *called = NULL;
    *found = NULL;
    if (account_identities(context, session->account, &identities) != 0 ||
        tokens_load(context, session->account, TOKENS_OF_ALL, &tokens) != 0)
        return -1;
    for (const struct identity *one = identities; one != NULL; one = one->next) {
        if (!is_at(one, provider))
            continue;
        if (one->id == session->identity)
            *found = one;
        if (called == NULL && has_tokens(tokens, one, provider))
            called = one;
        if (first == NULL)
            first = one;
    }
    if (*found == NULL)
        *found = called != NULL ? called : first;
    return 0;
}

int grant_check_identity(struct context *context, const struct session *session,
                         const struct provider *provider, int64_t identity) {
    const struct identity *expected = NULL;
    if (find_identity(context, session, provider, &expected) != 0)
        return -1;
    return expected != NULL && expected->id == identity
               ? 0
               : fail(context->arena, ERROR_OTHER_IDENTITY,
                      "another identity came back than the API is called as");
}

/* ---- what is asked for ----------------------------------------------------------------------- */

/* *scope = what the person has granted to this very client. */
static int scope_of_person(struct context *context, const struct session *session,
                           const struct provider *provider, const char **scope) {
    const struct identity *identity = NULL;
    struct tokens *tokens = NULL;
    *scope = NULL;
    if (find_identity(context, session, provider, &identity) != 0)
        return -1;
    if (identity == NULL)
        return 0;
    if (tokens_load(context, session->account, identity->id, &tokens) != 0)
        return -1;
    if (tokens != NULL && text_equal(tokens->provider, provider_path(context->arena, provider)))
        *scope = tokens->scope;
    return 0;
}

int grant_scope(struct context *context, const struct session *session,
                const struct provider *provider, const struct login_terms *terms,
                const char **scope) {
    const char *granted = NULL;
    const char *needed = NULL;
    *scope = NULL;
    if (terms->api == NULL)
        return 0;
    if (scope_of_api(context, terms->api, provider->id, &needed) != 0 ||
        (session != NULL && scope_of_person(context, session, provider, &granted) != 0))
        return -1;
    *scope = scope_union(context->arena, granted, needed);
    return 0;
}

/* ---- the way there --------------------------------------------------------------------------- */

/* Of a service with many servers: the one that vouches for this identity. */
static int go_to_instance(struct context *context, const struct identity *identity,
                          struct provider *provider) {
    if (!provider->asks_instance || !text_starts_with(identity->issuer, SCHEME))
        return 0;
    const char *host = identity->issuer + strlen(SCHEME);
    return provider_load(context, provider->id,
                         arena_copy(context->arena, host, strcspn(host, "/")), provider);
}

int grant_begin(struct context *context, const struct session *session, struct provider *provider,
                struct departure *departure) {
    const struct identity *identity = NULL;
    if (session == NULL)
        return grant_scope(context, NULL, provider, &departure->terms, &departure->more_scope);
    if (find_identity(context, session, provider, &identity) != 0)
        return -1;
    if (identity == NULL)
        return fail(context->arena, ERROR_NOT_CONNECTED, "the account has no identity at %s",
                    provider->id);
    if (go_to_instance(context, identity, provider) != 0)
        return -1;
    departure->terms.purpose = LOGIN_GRANT;
    departure->terms.remember = session->remember;
    /* OpenID Connect Core 3.1.2.1: the person may have several accounts there. */
    if (departure->login_hint == NULL && provider->protocol == PROTOCOL_OIDC)
        departure->login_hint = identity->email;
    return grant_scope(context, session, provider, &departure->terms, &departure->more_scope);
}

#include "login/farewell.h"

#include "login/client.h"
#include "login/tokens.h"
#include "oauth/revocation.h"

int farewell_prepare(struct context *context, int64_t account, int64_t identity,
                     struct farewell *farewell) {
    struct tokens *tokens = NULL;
    if (tokens_load(context, account, identity, &tokens) != 0)
        return -1;
    farewell->tokens = tokens;
    return 0;
}

/* ---- whose client we were -------------------------------------------------------------------- */

/* Nothing is asked of anyone for it: what is known since the login will do. */
static int find_client(struct context *context, const struct tokens *tokens,
                       struct provider *provider, struct metadata *metadata) {
    if (tokens_load_provider(context, tokens, provider) != 0 ||
        metadata_peek(context, provider, metadata) != 0)
        return -1;
    return client_find(context, provider);
}

/* ---- giving back ----------------------------------------------------------------------------- */

struct gift {
    enum revocable kind;
    const char *token; /* NULL: none */
};

static int give_back(struct context *context, const struct provider *provider,
                     const struct metadata *metadata, const struct gift *gift) {
    const char *kind = gift->kind == REVOCABLE_REFRESH_TOKEN ? "refresh_token" : "access_token";
    if (gift->token == NULL || !revocation_is_offered(metadata, gift->kind))
        return 0;
    if (revocation_request(context, provider, metadata, gift->kind, gift->token) != 0)
        return -1;
    context_log(context, "token_revoked",
                (struct log_field[]){{"provider", provider->id}, {"token", kind}, {.name = NULL}});
    return 0;
}

/* One that is over by itself need not be given back. */
static const char *live_access_token(struct context *context, const struct tokens *tokens) {
    bool is_over = tokens->expires_at != 0 && tokens->expires_at <= context_now(context);
    return is_over ? NULL : tokens->access_token;
}

/* Who did not answer is not asked twice; who refused one kind of token may take the other. */
static void say_for(struct context *context, const struct tokens *tokens) {
    const struct gift gifts[] = {
        {REVOCABLE_REFRESH_TOKEN, tokens->refresh_token},
        {REVOCABLE_ACCESS_TOKEN, live_access_token(context, tokens)},
    };
    struct provider provider;
    struct metadata metadata;
    bool is_there = find_client(context, tokens, &provider, &metadata) == 0;
    for (size_t i = 0; is_there && i < sizeof(gifts) / sizeof(gifts[0]); i++) {
        if (give_back(context, &provider, &metadata, &gifts[i]) == 0)
            continue;
        enum error_rule rule = context->arena->error.rule;
        is_there = rule != ERROR_HTTP_FAILED && rule != ERROR_HTTP_TIMEOUT;
        context_forgive(context);
    }
    context_forgive(context);
}

void farewell_say(struct context *context, const struct farewell *farewell) {
    int64_t end = context_now(context) + FAREWELL_TIMEOUT;
    for (const struct tokens *tokens = farewell->tokens; tokens != NULL; tokens = tokens->next) {
        if (context_now(context) < end)
            say_for(context, tokens);
        else
            fail(context->arena, ERROR_REVOCATION, "no time was left for %s", tokens->provider);
        context_forgive(context);
    }
}

#include "bearer.h"

#include "base/text.h"
#include "credentials.h"

/* RFC 6750 3: who brought nothing learns the scheme alone, who brought something wrong also why. */
int bearer_refuse(struct exchange *exchange, const char *scope, const struct refusal *refusal) {
    const char *field = "Bearer realm=\"demo provider\"";
    if (refusal->error != NULL)
        field = arena_format(exchange->arena, "%s, error=\"%s\", error_description=\"%s\"", field,
                             refusal->error, refusal->description);
    if (refusal->status == 403) /* 3.1, insufficient_scope */
        field = arena_format(exchange->arena, "%s, scope=\"%s\"", field, scope);
    reply_field(&exchange->reply, "WWW-Authenticate", field);
    return exchange_refuse(exchange, refusal);
}

int bearer_read(struct exchange *exchange, const char *scope, struct grant *grant,
                struct refusal *refusal) {
    const char *token;
    if (credentials_bearer(exchange, &token, refusal) != 0)
        return -1;
    if (token == NULL)
        return refuse(refusal, 401, NULL, NULL);
    if (grant_open(exchange->arena, exchange->op, PURPOSE_ACCESS_TOKEN, token, grant) != 0)
        return refuse(refusal, 401, "invalid_token", "no access token of ours, or an old one");
    if (used_codes_is_revoked(exchange->op->used_codes, grant->code_id))
        return refuse(refusal, 401, "invalid_token", "revoked: its code was sent twice");
    if (scope != NULL && !text_has_word(grant->scope, scope))
        return refuse(refusal, 403, "insufficient_scope", "the person was not asked for that");
    return 0;
}

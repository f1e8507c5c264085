/* The UserInfo endpoint: OpenID Connect Core 5.3, RFC 6750. */
#include "credentials.h"
#include "endpoints.h"
#include "grant.h"

/* RFC 6750 3: who brought nothing learns the scheme alone, who brought something wrong also why. */
static int challenge(struct exchange *exchange, const struct refusal *refusal) {
    const char *field = "Bearer realm=\"demo provider\"";
    if (refusal->error != NULL)
        field = arena_format(exchange->arena, "%s, error=\"%s\", error_description=\"%s\"", field,
                             refusal->error, refusal->description);
    reply_field(&exchange->reply, "WWW-Authenticate", field);
    return exchange_refuse(exchange, refusal);
}

static int read_token(struct exchange *exchange, struct grant *grant, struct refusal *refusal) {
    const char *token;
    if (credentials_bearer(exchange, &token, refusal) != 0)
        return -1;
    if (token == NULL)
        return refuse(refusal, 401, NULL, NULL);
    if (grant_open(exchange->arena, exchange->op, PURPOSE_ACCESS_TOKEN, token, grant) != 0)
        return refuse(refusal, 401, "invalid_token", "no access token of ours, or an old one");
    if (used_codes_is_revoked(exchange->op->used_codes, grant->code_id))
        return refuse(refusal, 401, "invalid_token", "revoked: its code was sent twice");
    return 0;
}

int userinfo(struct exchange *exchange) {
    struct grant grant;
    struct refusal refusal;
    if (read_token(exchange, &grant, &refusal) != 0)
        return challenge(exchange, &refusal);
    if (grant.misbehaviour == MISBEHAVIOUR_USERINFO_500) {
        reply_body(&exchange->reply, 500, "text/html", "<h1>Internal Server Error</h1>\n");
        return 0;
    }

    struct person person = *grant.person;
    struct json *claims = json_object(exchange->arena);
    if (grant.misbehaviour == MISBEHAVIOUR_USERINFO_OTHER_SUB)
        person.sub = "somebody-else";
    person_put_claims(exchange->arena, &person, exchange->op->issuer, grant.scope, claims);
    return exchange_json(exchange, 200, claims);
}

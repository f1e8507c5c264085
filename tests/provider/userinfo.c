/* The UserInfo endpoint: OpenID Connect Core 5.3, RFC 6750. */
#include "bearer.h"
#include "endpoints.h"

int userinfo(struct exchange *exchange) {
    struct grant grant;
    struct refusal refusal;
    if (bearer_read(exchange, NULL, &grant, &refusal) != 0)
        return bearer_refuse(exchange, NULL, &refusal);
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

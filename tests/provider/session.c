#include "session.h"

#include "base/secret.h"
#include "base/text.h"
#include "format/base64url.h"

#include <string.h>

#define COOKIE "latchkey-demo-provider"

/* The cookie's value, or NULL (RFC 6265 4.2.1). */
static const char *cookie_value(struct exchange *exchange) {
    const char *cookies = incoming_header(&exchange->request, "cookie");
    while (cookies != NULL) {
        cookies += strspn(cookies, "; ");
        if (text_starts_with(cookies, COOKIE "=")) {
            const char *value = cookies + strlen(COOKIE "=");
            return arena_copy(exchange->arena, value, strcspn(value, ";"));
        }
        cookies = strchr(cookies, ';');
    }
    return NULL;
}

bool session_load(struct exchange *exchange, struct grant *session) {
    const char *cookie = cookie_value(exchange);
    if (cookie == NULL)
        return false;
    if (grant_open(exchange->arena, exchange->op, PURPOSE_SESSION, cookie, session) == 0)
        return session->person != NULL;
    /* Of an earlier run of this provider: nobody is signed in, and nothing is wrong. */
    exchange->arena->error = (struct error){.rule = ERROR_NONE};
    return false;
}

void session_begin(struct exchange *exchange, const struct person *person, struct grant *session) {
    unsigned char sid[16];
    secret_random(sid, sizeof(sid));
    *session = (struct grant){.person = person,
                              .auth_time = exchange_now(),
                              .sid = base64url_encode(exchange->arena, sid, sizeof(sid))};
    const char *cookie = grant_seal(exchange->arena, exchange->op, PURPOSE_SESSION, session);
    reply_field(
        &exchange->reply, "Set-Cookie",
        arena_format(exchange->arena, COOKIE "=%s; Path=/; HttpOnly; SameSite=Lax", cookie));
}

void session_end(struct exchange *exchange) {
    reply_field(&exchange->reply, "Set-Cookie",
                COOKIE "=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
}

/*
 * exchange: one request to the provider and the reply to it: what every endpoint works on.
 *
 * An endpoint gathers the reply and returns 0, or -1 with the arena's error filled (a mistake of ours, or a
 * request that makes no sense to a person): then the frame replies with an error page.
 */
#ifndef LATCHKEY_PROVIDER_EXCHANGE_H
#define LATCHKEY_PROVIDER_EXCHANGE_H

#include "format/json.h"
#include "http_message.h"
#include "op.h"

struct exchange {
    struct arena *arena;
    const struct op *op;
    struct incoming request;
    struct reply reply;
};

/* An error in the words of the standards: RFC 6749 4.1.2.1 and 5.2, RFC 6750 3.1. */
struct refusal {
    int status; /* of a reply that is not a redirect */
    const char *error;
    const char *description;
};

/* Fills *refusal. Always -1: `return refuse(refusal, 400, "invalid_request", "…")`. */
static inline int refuse(struct refusal *refusal, int status, const char *error,
                         const char *description) {
    *refusal = (struct refusal){.status = status, .error = error, .description = description};
    return -1;
}

/* Reads one connection's request, has it answered and sends the reply. For http_server. */
void exchange_handle(const void *op, int socket);

/* Replies with a JSON document. Returns 0. */
int exchange_json(struct exchange *exchange, int status, const struct json *document);

/* Replies with the refusal as JSON (RFC 6749 5.2). Returns 0. */
int exchange_refuse(struct exchange *exchange, const struct refusal *refusal);

int64_t exchange_now(void);

#endif

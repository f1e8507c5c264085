#include "exchange.h"

#include "base/clock.h"
#include "base/text.h"
#include "endpoints.h"
#include "pages.h"

#include <stdio.h>

int exchange_json(struct exchange *exchange, int status, const struct json *document) {
    reply_body(&exchange->reply, status, "application/json", json_write(exchange->arena, document));
    return 0;
}

int exchange_refuse(struct exchange *exchange, const struct refusal *refusal) {
    struct json *document = json_object(exchange->arena);
    json_put_string(exchange->arena, document, "error", refusal->error);
    json_put_string(exchange->arena, document, "error_description", refusal->description);
    return exchange_json(exchange, refusal->status, document);
}

int64_t exchange_now(void) {
    return clock_system.now(&clock_system);
}

/* What went wrong inside is for whoever started the provider; the page names the kind. */
static void answer_failure(struct exchange *exchange) {
    const struct error *error = &exchange->arena->error;
    const struct answer_meaning *meaning = answer_meaning(error_meaning(error->rule)->answer);
    fprintf(stderr, "provider: %s: %s\n", error_meaning(error->rule)->name, error->detail);
    reply_open(exchange->arena, &exchange->reply);
    page_message(exchange, meaning->status,
                 &(struct page_text){.title = "That did not work",
                                     .text = meaning->description,
                                     .detail = error->detail});
}

static void answer(struct exchange *exchange) {
    const struct endpoint *endpoint = endpoint_find(exchange->request.path);
    if (endpoint == NULL) {
        page_message(exchange, 404,
                     &(struct page_text){.title = "Nothing here",
                                         .text = "This provider has no such address."});
    } else if (!text_has_word(endpoint->methods, exchange->request.method)) {
        /* RFC 9110 15.5.6 */
        reply_field(&exchange->reply, "Allow", endpoint->allow);
        page_message(exchange, 405,
                     &(struct page_text){.title = "Not that way",
                                         .text = "This address does not take that method."});
    } else if (endpoint->handle(exchange) != 0) {
        answer_failure(exchange);
    }
}

static void finish(struct exchange *exchange, int socket) {
    if (!exchange->op->quiet)
        fprintf(stderr, "provider: %s %s %d\n", exchange->request.method, exchange->request.path,
                exchange->reply.status);
    reply_send(&exchange->reply, socket, exchange->request.head_only);
}

void exchange_handle(const void *op, int socket) {
    struct arena arena;
    int status;
    arena_open(&arena, ARENA_LIMIT);
    struct exchange exchange = {.arena = &arena, .op = op};
    reply_open(&arena, &exchange.reply);
    if (incoming_read(&arena, socket, &exchange.request, &status) == 0) {
        answer(&exchange);
        finish(&exchange, socket);
    } else if (status != 0) {
        page_message(&exchange, status,
                     &(struct page_text){.title = "Not understood",
                                         .text = "This is not a request that HTTP allows, or that "
                                                 "this provider is ready to read."});
        finish(&exchange, socket);
    }
    arena_close(&arena);
}

#include "edge/context.h"

#include "base/secret.h"

void context_make_request_id(char id[REQUEST_ID_LENGTH + 1]) {
    static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
    unsigned char bytes[REQUEST_ID_LENGTH];
    secret_random(bytes, sizeof(bytes));
    for (size_t i = 0; i < sizeof(bytes); i++)
        id[i] = alphabet[bytes[i] % (sizeof(alphabet) - 1)];
    id[REQUEST_ID_LENGTH] = '\0';
}

int64_t context_now(const struct context *context) {
    return context->clock->now(context->clock);
}

void context_log(struct context *context, const char *event, const struct log_field *fields) {
    log_event(context->arena, &context->log, event, fields);
}

void context_forgive(struct context *context) {
    if (context->arena->error.rule != ERROR_NONE)
        log_error(context->arena, &context->log, &context->arena->error, NULL);
    arena_forget_error(context->arena);
}

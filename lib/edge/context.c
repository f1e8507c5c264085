#include "edge/context.h"

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

#include "operate/finding.h"

#include "base/text.h"
#include "format/json.h"
#include "operate/console.h"

#include <stdarg.h>
#include <stdio.h>

#define TEXT_LIMIT 1000

static void report(struct findings *findings, const char *status, const char *subject,
                   const char *text) {
    const struct operation *operation = findings->operation;
    struct arena *arena = operation->context->arena;
    progress_hide(&findings->progress);
    if (operation->json) {
        struct json *object = json_object(arena);
        json_put_string(arena, object, "status", status);
        json_put_string(arena, object, "subject", subject);
        json_put_string(arena, object, "text", text);
        console_print_json(arena, object);
    } else {
        console_print(
            arena, arena_format(arena, "%-5s  %-*s  %s", status, findings->width, subject, text));
    }
}

void finding_ok(struct findings *findings, const char *subject, const char *format, ...) {
    char text[TEXT_LIMIT];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (!findings->operation->quiet)
        report(findings, "ok", subject, text);
}

void finding_note(struct findings *findings, const char *subject, const char *format, ...) {
    char text[TEXT_LIMIT];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    if (!findings->operation->quiet)
        report(findings, "note", subject, text);
}

void finding_wrong(struct findings *findings, const char *subject, const char *format, ...) {
    char text[TEXT_LIMIT];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof(text), format, values);
    va_end(values);
    findings->wrong++;
    report(findings, "wrong", subject, text);
}

void finding_failure(struct findings *findings, const char *subject) {
    struct arena *arena = findings->operation->context->arena;
    const char *detail = arena_text(arena, arena->error.detail);
    arena_forget_error(arena);
    finding_wrong(findings, subject, "%s", text_is_empty(detail) ? "failed" : detail);
}

#include "operate/operation.h"

#include "edge/database.h"
#include "format/json.h"
#include "operate/console.h"

#include <stdarg.h>
#include <stdio.h>

#define SENTENCE_LIMIT 4096

const char *operation_argument(const struct operation *operation, int n) {
    return n < operation->count ? operation->arguments[n] : NULL;
}

static void say(const struct operation *operation, const char *format, va_list values)
    __attribute__((format(printf, 2, 0)));

static void say(const struct operation *operation, const char *format, va_list values) {
    char sentence[SENTENCE_LIMIT];
    vsnprintf(sentence, sizeof(sentence), format, values);
    console_complain(operation->context->arena, sentence);
}

int operation_refuse(const struct operation *operation, const char *format, ...) {
    va_list values;
    va_start(values, format);
    say(operation, format, values);
    va_end(values);
    return OPERATION_WRONG;
}

int operation_misuse(const struct operation *operation, const char *format, ...) {
    va_list values;
    va_start(values, format);
    say(operation, format, values);
    va_end(values);
    return OPERATION_USAGE;
}

bool operation_is_agreed(const struct operation *operation, const char *question) {
    if (operation->yes)
        return true;
    if (console_can_ask())
        return console_ask(operation->context->arena, question);
    operation_refuse(operation, "nobody is at a terminal to be asked: say --yes");
    return false;
}

void operation_report(const struct operation *operation, const struct json *object,
                      const char *format, ...) {
    struct arena *arena = operation->context->arena;
    char sentence[SENTENCE_LIMIT];
    va_list values;
    va_start(values, format);
    vsnprintf(sentence, sizeof(sentence), format, values);
    va_end(values);
    if (operation->json)
        console_print_json(arena, object);
    else if (!operation->quiet)
        console_print(arena, sentence);
}

int operation_in_transaction(struct operation *operation,
                             int (*work)(struct operation *operation, void *closure),
                             void *closure) {
    struct context *context = operation->context;
    if (database_begin(context) != 0)
        return -1;
    if (work(operation, closure) != 0) {
        database_rollback(context);
        return -1;
    }
    return database_commit(context);
}

/*
 * operation: what a command of the operator's program (cgi-bin/latchkey.c) is given, and how it
 * ends.
 *
 * A command returns its exit status, or -1 with the error of the context's arena filled, which the
 * program tells and exits with OPERATION_WRONG.
 */
#ifndef LATCHKEY_OPERATE_OPERATION_H
#define LATCHKEY_OPERATE_OPERATION_H

#include "edge/context.h"

#include <stdbool.h>

enum {
    OPERATION_DONE = 0,
    OPERATION_WRONG = 1, /* something is wrong, was not found or was refused */
    OPERATION_USAGE = 2  /* the command was not called rightly */
};

struct operation {
    struct context *context;
    const char *config_file;      /* its path */
    const char *const *arguments; /* those that are no options */
    int count;
    /* options; NULL or false: not given */
    bool json;  /* results as JSON, an object a line */
    bool quiet; /* no headings, no messages but failures */
    bool yes;   /* nothing is asked */
    bool all;
    bool offline;
    bool drop_old;
    const char *session;
    const char *since;
    const char *event;
};

/* The n-th argument (from 0), or NULL. */
const char *operation_argument(const struct operation *operation, int n);

/* Tells what went wrong, or (the second) what was called wrongly; returns OPERATION_WRONG or
 * OPERATION_USAGE. */
int operation_refuse(const struct operation *operation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
int operation_misuse(const struct operation *operation, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* True if the person at the terminal agrees, or --yes was given. False with a message that says so
 * if nobody can be asked. */
bool operation_is_agreed(const struct operation *operation, const char *question);

/* What was done: for --json, the object as a line; else the sentence, unless --quiet. */
struct json;
void operation_report(const struct operation *operation, const struct json *object,
                      const char *format, ...) __attribute__((format(printf, 3, 4)));

/* Does the work inside a transaction: whole or not at all. 0, or -1 as the work or with a database
 * error. */
int operation_in_transaction(struct operation *operation,
                             int (*work)(struct operation *operation, void *closure),
                             void *closure) CHECKED;

#endif

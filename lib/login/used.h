/*
 * used: things that work once: logins, logout tokens.
 */
#ifndef LATCHKEY_LOGIN_USED_H
#define LATCHKEY_LOGIN_USED_H

#include "edge/context.h"

#include <stdbool.h>
#include <stdint.h>

/* *first = whether this is the first time that the thing of that kind is seen, deciding for all
 * processes at once. It is remembered until `expires_at`, when it must have become useless by
 * itself.
 * 0, or -1 with a database error. */
int used_once(struct context *context, const char *kind, const void *id, size_t length,
              int64_t expires_at, bool *first) CHECKED;

#endif

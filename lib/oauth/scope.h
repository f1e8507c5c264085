/*
 * scope: what an access token is good for (RFC 6749 3.3), as words between single spaces, each once.
 * NULL: none.
 */
#ifndef LATCHKEY_OAUTH_SCOPE_H
#define LATCHKEY_OAUTH_SCOPE_H

#include "format/json.h"

#include <stdbool.h>

#define SCOPE_LIMIT 4096 /* bytes */

/* The words of both, the first's before the second's; either may be NULL. What is no scope-token is
 * left out, and so is what does not fit into SCOPE_LIMIT. NULL if no word is left. */
const char *scope_union(struct arena *arena, const char *first, const char *second);

/* True if every word of `needed` is among those of `scope`. */
bool scope_covers(const char *scope, const char *needed);

/* What a token response says was granted: a string, its words separated by spaces or, as some do it,
 * by commas; or an array of strings. NULL if it says nothing, or nothing sensible. */
const char *scope_of_answer(struct arena *arena, const struct json *value);

#endif

/*
 * placeholder: texts with holes, "https://{host}/{path}", filled from elsewhere.
 *
 * A hole is `{name}`; a name holds no brace. A text without holes is a text. What stands in a hole
 * is never looked at again: a value cannot bring further holes.
 */
#ifndef LATCHKEY_FORMAT_PLACEHOLDER_H
#define LATCHKEY_FORMAT_PLACEHOLDER_H

#include "base/arena.h"

/* The value for a hole; NULL if there is none. */
typedef const char *placeholder_lookup(struct arena *arena, const char *name, void *closure);

/* The text with each hole that `lookup` knows filled in as it is; the others stay. An unclosed "{"
 * is text. */
char *placeholder_fill_some(struct arena *arena, const char *text, placeholder_lookup *lookup,
                            void *closure);

/* *filled = the text with every hole filled in, percent-encoded if the text is (part of) a URI, as
 * it is if not.
 * NULL, or the name of the first hole that `lookup` does not know. */
const char *placeholder_fill_uri(struct arena *arena, const char *text, placeholder_lookup *lookup,
                                 void *closure, char **filled);
const char *placeholder_fill_text(struct arena *arena, const char *text, placeholder_lookup *lookup,
                                  void *closure, char **filled);

/* The name of the first hole from *text on, which is stepped over; NULL if none is left. */
const char *placeholder_next(struct arena *arena, const char **text);

/* The text with "x" in every hole: what its notation can be judged by. */
char *placeholder_example(struct arena *arena, const char *text);

#endif

/*
 * console: the terminal that the operator sits at.
 *
 * What is shown may come from strangers: names, addresses, user agents. So everything passes
 * console_text(): control characters (also those of the second half of Latin-1), marks that turn
 * the direction of the text, and bytes that are no UTF-8 appear as \u001B or \xFF, and what the
 * terminal's character set does not have, too. Data goes to the standard output, messages to
 * the standard error stream.
 */
#ifndef LATCHKEY_OPERATE_CONSOLE_H
#define LATCHKEY_OPERATE_CONSOLE_H

#include "format/json.h"

#include <stddef.h>

/* The text as it may be shown; line breaks are escaped, too. */
char *console_text(struct arena *arena, const char *text);

/* How many columns a text takes that console_text() made. */
size_t console_width(const char *text);

/* Data: a line. JSON is escaped by its own rules: it is the same value to whoever parses it. */
void console_print(struct arena *arena, const char *text);
void console_print_json(struct arena *arena, const struct json *value);

/* A message: "latchkey: TEXT". */
void console_complain(struct arena *arena, const char *text);

/* True if somebody is at a terminal, who can be asked. */
bool console_can_ask(void);

/* Asks; true for an answer that begins with "y". */
bool console_ask(struct arena *arena, const char *question);

#endif

/*
 * first_line: what the first line of a closed script says.
 *
 *     #!/usr/local/bin/signed-in --require=staff,admins /usr/bin/perl -T
 *
 * The kernel starts the interpreter of such a line with all that stands behind it as one argument,
 * then the script's path, then the script's own arguments. A web server makes arguments of the words of
 * a query without "=" (RFC 3875 4.4): those must never become options. So nothing is believed that
 * does not stand in the script itself.
 */
#ifndef LATCHKEY_SERVE_FIRST_LINE_H
#define LATCHKEY_SERVE_FIRST_LINE_H

#include "base/arena.h"

#include <stdbool.h>
#include <stddef.h>

#define FIRST_LINE_LIMIT 4096 /* bytes; of Linux it is 255 */

struct first_line {
    const char *require; /* --require=NAMES: rules, separated by spaces here; NULL: none */
    bool any_origin;     /* --any-origin */
    const char *conf;    /* --conf=FILE: an absolute path; NULL: not said */
    char **interpreter;  /* an absolute path and its own options; word_count of them */
    size_t word_count;
};

/* Reads what the kernel handed over: words, separated by spaces and tabs; options of ours first.
 * 0, or -1 with ERROR_CONFIG: an unknown or repeated option, a value that is missing, or no interpreter
 * with an absolute path. */
int first_line_parse(struct arena *arena, const char *argument, struct first_line *line) CHECKED;

/* Whether the script's first line has exactly this argument, so that the kernel started us for it,
 * and with all of it: a longer line than the kernel's limit would lose its end.
 * 0, or -1 with ERROR_CONFIG. */
int first_line_check(struct arena *arena, const char *script, const char *argument) CHECKED;

#endif

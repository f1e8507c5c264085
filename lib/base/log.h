/*
 * log: one line an event, for the operator.
 *
 * A line is `latchkey time=… request=… program=… event=… key=value …`; a value with spaces or
 * quotes is quoted, and every byte outside printable ASCII is written \xNN, so that foreign text
 * can neither break a line nor colour a terminal. Escaping happens here, never at the caller.
 *
 * NEVER LOGGED, not even in part: code, state, nonce, code_verifier, code_challenge, access_token,
 * refresh_token, id_token, logout_token, client_secret, client_assertion, cookies, QUERY_STRING,
 * the request body, e-mail addresses, names. A test greps the log of a whole login for each.
 */
#ifndef LATCHKEY_BASE_LOG_H
#define LATCHKEY_BASE_LOG_H

#include "base/arena.h"
#include "base/clock.h"

/* Where lines go. `write` gets one whole line with its newline. */
struct log {
    void (*write)(const struct log *log, const char *line, size_t length);
    void *stream; /* of `write` alone */
    const struct clock *clock;
    const char *program;    /* "me.cgi" */
    const char *request_id; /* "-" outside a request */
};

struct log_field {
    const char *name;
    const char *value; /* NULL: the field is left out */
};

/* To the standard error stream, where every web server collects it: one write(2) a line. */
void log_write_stderr(const struct log *log, const char *line, size_t length);

/* Writes one event; `fields` ends with one whose name is NULL. */
void log_event(struct arena *arena, const struct log *log, const char *event,
               const struct log_field *fields);

/* Writes event "failed" with rule, detail, paragraph and place of an error. */
void log_error(struct arena *arena, const struct log *log, const struct error *error,
               const struct log_field *fields);

#endif

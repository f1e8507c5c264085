/*
 * answer: what a provider answers at its token or UserInfo endpoint, read and judged by its record.
 *
 * Some answer in other notations than JSON, and some tell of failures with status 200: so the
 * record says which notations are read (in the order they are tried), what says that something went
 * wrong, and what must hold.
 *
 *   json    RFC 8259: an object or an array
 *   form    application/x-www-form-urlencoded: an object of strings
 *   jsonp   name(JSON) with nothing but a semicolon and white space around it
 */
#ifndef LATCHKEY_OAUTH_ANSWER_H
#define LATCHKEY_OAUTH_ANSWER_H

#include "edge/http_client.h"
#include "format/mapping.h"

struct answer_rules {
    const char *formats;        /* words */
    const char *error;          /* paths (MAPPING_PATHS); NULL: none */
    const char *success;        /* conditions (MAPPING_CONDITIONS); NULL: none */
    enum mapping_source source; /* what the answer is called in these */
    int status;                 /* of a success */
    enum error_rule refused;    /* the rule if it says that it failed … */
    enum error_rule malformed;  /* … and if it cannot be read */
};

/* Reads one answer. 0, or -1 with ERROR_CLIENT_REFUSED (RFC 6749 5.2: invalid_client), the rules'
 * `refused` or `malformed`, or ERROR_HTTP_STATUS (another status, and it does not say why). */
int answer_read(struct arena *arena, const struct answer_rules *rules,
                const struct http_response *response, const struct json **answer) CHECKED;

#endif

/*
 * http_message: one HTTP/1.1 request read from a socket, and the reply gathered for it (RFC 9112).
 *
 * As much of HTTP as a browser and a relying party on this machine need: no chunked bodies, no
 * persistent connections. Everything read lives in the connection's arena.
 */
#ifndef LATCHKEY_PROVIDER_HTTP_MESSAGE_H
#define LATCHKEY_PROVIDER_HTTP_MESSAGE_H

#include "base/buffer.h"
#include "format/form.h"

#include <stdbool.h>

#define INCOMING_HEAD_LIMIT (32U * 1024) /* request line and fields, in bytes */
#define INCOMING_BODY_LIMIT (64U * 1024)

struct header {
    const char *name; /* lower case */
    const char *value;
    struct header *next;
};

/* A request. HEAD is told as GET, with head_only set. */
struct incoming {
    const char *method;
    const char *path;  /* as sent, without the query */
    struct form query; /* empty if there was none */
    struct form body;  /* of a posted form */
    const char *json;  /* of a document posted to the API; not parsed. NULL: there is none */
    struct header *headers;
    bool head_only;
};

/* Reads a whole request. 0, or -1 with *status the status code to refuse it with (0: nobody is left
 * to be told). A body must be application/x-www-form-urlencoded, and below /api/ it may also be
 * application/json; the Host must be a loopback name,
 * so that no page of another site can reach us by a name of its own (DNS rebinding). */
int incoming_read(struct arena *arena, int socket, struct incoming *incoming, int *status) CHECKED;

/* The field's value, or NULL. `name` in lower case. */
const char *incoming_header(const struct incoming *incoming, const char *name);

/* The parameters of the protocol: the query's of a GET, the body's of a POST. */
const struct form *incoming_parameters(const struct incoming *incoming);

struct reply {
    struct arena *arena;
    int status;
    struct buffer fields; /* whole lines */
    struct buffer body;
};

/* An empty 200 that nobody may store. */
void reply_open(struct arena *arena, struct reply *reply);

/* Adds a field. A value with a control byte ends the process: it is our own bug, and must not reach
 * the wire. */
void reply_field(struct reply *reply, const char *name, const char *value);

/* 303 See Other: the browser follows with a GET and leaves the form's content behind
 * (RFC 9700 2.1, 4.12). */
void reply_redirect(struct reply *reply, const char *uri);

/* Sets status, type and body. */
void reply_body(struct reply *reply, int status, const char *type, const char *text);

/* Sends all of it, unless the client is gone. */
void reply_send(const struct reply *reply, int socket, bool head_only);

#endif

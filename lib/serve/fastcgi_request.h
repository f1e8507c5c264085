/*
 * fastcgi_request: one request over a FastCGI connection, as a gateway.
 *
 * The other side is the web server; still, nothing it says is believed: what breaks off, comes too
 * slowly or lies about its length ends this connection and nothing else. A request whose parameters
 * are too long or malformed has none at all, which is answered as a bad request.
 */
#ifndef LATCHKEY_SERVE_FASTCGI_REQUEST_H
#define LATCHKEY_SERVE_FASTCGI_REQUEST_H

#include "base/arena.h"
#include "base/buffer.h"
#include "edge/gateway.h"

#include <stdbool.h>
#include <stdint.h>

/* All parameters of a request together, in bytes: request.h refuses what is a fraction of it. */
#define FASTCGI_PARAMS_LIMIT (256U * 1024)

#define FASTCGI_HEAD_TIMEOUT 10000  /* milliseconds: a web server sends its parameters at once */
#define FASTCGI_BODY_TIMEOUT 60000  /* … a body comes from the browser, maybe as it types it */
#define FASTCGI_WRITE_TIMEOUT 60000 /* … in which nothing of an answer is taken */

#define FASTCGI_INPUT_SIZE (16U * 1024)
#define FASTCGI_OUTPUT_SIZE (32U * 1024)

/* Large: one a process, used again for each request. */
struct fastcgi_request {
    struct arena arena; /* of the parameters; its limit is the opener's */
    int socket;         /* non-blocking */
    uint16_t id;        /* 0: no request has begun */
    bool keep;          /* the connection stays open after it */
    enum gateway_role role;
    struct buffer params;
    struct fastcgi_variable *variables;
    bool refused; /* its parameters are too long, or none: it has no variables */
    bool ended;   /* all of the input has come */
    bool broken;
    size_t content_left; /* of the record that is being read */
    size_t padding_left;
    int64_t deadline;
    size_t input_start;
    size_t input_end;
    size_t output_length; /* of the record that is being gathered */
    unsigned char input[FASTCGI_INPUT_SIZE];
    unsigned char output[FASTCGI_OUTPUT_SIZE];
};

/* What came over a connection. */
enum fastcgi_arrival {
    FASTCGI_READY,   /* a request: fastcgi_request_gateway(), then fastcgi_request_finish() */
    FASTCGI_NOTHING, /* not a byte yet */
    FASTCGI_OVER,    /* it is closed, broken, or of no use: close it */
};

/* Reads up to the end of the parameters. The arena must be open and empty. Answers what is no
 * request by itself. */
enum fastcgi_arrival fastcgi_request_receive(struct fastcgi_request *request, int socket);

/* Valid until fastcgi_request_finish(). */
struct gateway fastcgi_request_gateway(struct fastcgi_request *request);

/* Sends what is left of the answer, and its end; wipes what was received. True if the connection may
 * be used again. */
bool fastcgi_request_finish(struct fastcgi_request *request);

/* Wipes all that is left of a connection that is over. */
void fastcgi_request_drop(struct fastcgi_request *request);

/* True if more has come already, which the next fastcgi_request_receive() must read: it is of the
 * same connection. */
bool fastcgi_request_has_input(const struct fastcgi_request *request);

#endif

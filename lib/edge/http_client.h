/*
 * http_client: requests to providers.
 *
 * https only (http to loopback hosts excepted), certificates verified, no redirect followed, no
 * proxy taken from the environment, no cookies; connect and total time limits; answers of at most
 * HTTP_ANSWER_LIMIT bytes after decompression. What an API answers may be larger, and is handed
 * over as it comes: http_request_stream().
 *
 * Where a stranger chose the host (`public_only`), the request must not become a way into our own
 * network: https to a DNS name at port 443, and to an address that anyone on the Internet could
 * call (address.h). That address is judged at the moment of connecting to it, whatever the name
 * meant before.
 *
 * How the bytes travel is the transport's business: http_curl calls libcurl in this process;
 * http_helper starts the program fetch.cgi that does, so that a program on the hot path need not
 * link libcurl; tests bring their own.
 */
#ifndef LATCHKEY_EDGE_HTTP_CLIENT_H
#define LATCHKEY_EDGE_HTTP_CLIENT_H

#include "edge/context.h"

#include <stdbool.h>
#include <stdint.h>

#define HTTP_ANSWER_LIMIT (1024U * 1024)
#define HTTP_CONNECT_TIMEOUT 5 /* seconds */
#define HTTP_TOTAL_TIMEOUT 15  /* seconds */
#define HTTP_STALL_TIMEOUT 60  /* seconds without a byte of an answer that is streamed */
#define HTTP_FIELDS_LIMIT 32

struct http_field {
    const char *name;
    const char *value;
    struct http_field *next;
};

struct http_request {
    const char *url;
    struct http_field *fields; /* besides Accept, User-Agent and Content-Type */
    const char *accept;        /* NULL: application/json */
    const char *user_agent;    /* NULL: the program's own */
    const char *form;          /* a POST of this urlencoded body; without form and json: a GET */
    const char *json;          /* a POST of this JSON document */
    bool post;                 /* a POST, although there is no body */
    const char *method;        /* NULL: GET or POST, as said above. So far of streams alone: */
    const char *body;          /* of any type: Content-Type stands in the fields. NULL: none */
    size_t body_length;
    bool uncompressed;   /* ask for the bytes as they are: of a part, say (RFC 9110 14) */
    bool public_only;    /* a stranger chose the host: see above */
    const char *ca_file; /* filled in by http_request_send(); so is the next */
    struct http_connections *connections; /* NULL: one of its own */
    uint32_t timeout;      /* milliseconds in all; 0 or too much: HTTP_TOTAL_TIMEOUT */
    uint32_t answer_limit; /* bytes; 0 or too much: HTTP_ANSWER_LIMIT */
};

struct http_response {
    int status;
    const char *content_type; /* lower case, without parameters; "" if absent */
    const char *body;         /* with a NUL behind it */
    size_t body_length;
    /* over http_curl alone: */
    const char *location; /* NULL if absent; nobody follows it */
    int64_t date; /* when the provider says that it answered, in seconds; 0 if it does not */
    /* of streams alone: */
    struct http_field *fields; /* all, in order; without control bytes */
    int64_t length;            /* of the body as the sink will get it; -1: not known */
};

/* Takes an answer as it comes. A function that returns -1 ends the transfer, with an error recorded
 * or, if there is none, because the sink has enough. */
struct http_sink {
    /* What stands above the body; called once, before body(). The response is valid during the
     * call, what it points to as long as the arena. */
    int (*head)(void *closure, const struct http_response *response);
    /* The next bytes, decompressed. The time that this takes is nobody's delay. */
    int (*body)(void *closure, const char *bytes, size_t length);
    void *closure;
};

/* Connections that stay open after a request, for the next one to the same host: the calls of one
 * login share one, and under FastCGI many logins do. One that a `public_only` request would use is
 * always new, for its address must be judged. */
struct http_connections;

/* Gets requests that http_request_check() has passed. */
struct http_transport {
    /* 0, or -1 with ERROR_HTTP_FAILED, ERROR_HTTP_TIMEOUT, ERROR_HTTP_TOO_LARGE, ERROR_ADDRESS, or
     * ERROR_INTERNAL if our own side is not set up for it. */
    int (*perform)(struct arena *arena, const struct http_request *request,
                   struct http_response *response);
    /* The same for a stream. NULL: this one has none. */
    int (*stream)(struct arena *arena, const struct http_request *request,
                  const struct http_sink *sink);
    /* None are open yet. NULL: this one keeps none (or memory is out). */
    struct http_connections *(*open)(void);
    void (*close)(struct http_connections *connections);
};

extern const struct http_transport http_curl;   /* http_curl.c; links libcurl */
extern const struct http_transport http_helper; /* http_helper.c; starts fetch.cgi */

/* Adds a field to the request, after those that are there. A name that is no token, or a value
 * with a control byte (CR, LF …), ends the process: it is our own bug, and must not reach the
 * wire. */
void http_request_field(struct arena *arena, struct http_request *request, const char *name,
                        const char *value);

/* What holds for every request, whatever its way: a URL we are willing to call (uri.h), fields that
 * are fields, and not more than HTTP_FIELDS_LIMIT; for `public_only`, a name and a port that it may
 * have.
 * 0, or -1 with ERROR_URL_NOT_ALLOWED or ERROR_ADDRESS. */
int http_request_check(struct arena *arena, const struct http_request *request) CHECKED;

/* The request's limits, with the default in place of 0 and of more than that. */
uint32_t http_request_timeout(const struct http_request *request); /* milliseconds */
uint32_t http_request_answer_limit(const struct http_request *request);

/* "https://host:port" of the URL: all of it that may stand in an error's detail. */
char *http_host_for_log(struct arena *arena, const char *url);

/* Sends. Any status is a success here: the caller judges it.
 * 0, or -1 with http_request_check()'s errors or the transport's. */
int http_request_send(struct context *context, struct http_request *request,
                      struct http_response *response) CHECKED;

/* Sends, and hands over what comes. `timeout` and `answer_limit` must be set and hold as they are.
 * 0 if the sink has got all of it, and it was whole; or -1 with http_request_check()'s errors, the
 * transport's (then the answer broke off, maybe after the sink got some of it), or the sink's. */
int http_request_stream(struct context *context, struct http_request *request,
                        const struct http_sink *sink) CHECKED;

#endif

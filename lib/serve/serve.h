/*
 * serve: the frame around a handler: one request under CGI, many under FastCGI.
 *
 *     int main(void) {
 *         const struct program program = {.name = "me.cgi", .handle = handle, .allow = "GET"};
 *         return serve(&program);
 *     }
 *
 * For each request: the configuration is there (read once, again when its file changed), the
 * request is read and checked, the handler runs down its list of checks and gathers the response,
 * or returns -1 with the error of the arena filled. Then the frame writes one log line and answers
 * with an error page, or JSON to those who ask for it. The response is sent once, and the arena is
 * wiped.
 */
#ifndef LATCHKEY_SERVE_SERVE_H
#define LATCHKEY_SERVE_SERVE_H

#include "edge/context.h"
#include "edge/request.h"
#include "edge/response.h"

struct program {
    const char *name; /* "me.cgi": in log lines and links */
    /* 0, with the response gathered; or -1 with the error recorded. Cookies that the response
     * removes are removed by the error's answer too. */
    int (*handle)(struct context *context, const struct request *request,
                  struct response *response);
    const char *allow;      /* methods, for 405: "GET, HEAD" */
    bool any_method;        /* it judges all methods alike, also those that have no name here */
    enum request_body body; /* REQUEST_FORM, unless it says otherwise */
    bool has_paths;         /* it looks at PATH_INFO; others answer 404 to any */
    bool short_pages;       /* its errors are short pages (edge/context.h) */
    bool mostly_reads;      /* few of its requests write to the database (edge/database.h) */
    const struct http_transport *transport; /* NULL: never calls out */
};

/* Serves one request (CGI), or requests until it is told to stop (FastCGI). The exit status for
 * main(). */
int serve(const struct program *program);

/* One request, over any gateway: what serve() does for each, and what tests call.
 * The context's arena must be open; its request id, log and config are set up by the caller. */
void serve_request(const struct program *program, struct context *context,
                   const struct gateway *gateway);

#endif

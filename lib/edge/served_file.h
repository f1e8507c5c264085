/*
 * served_file: the answer that is a file (RFC 9110 8.8, 13, 14).
 *
 * Type by its name; ETag and Last-Modified, so that a client asks again each time, but gets again
 * only what changed; one range of it. The file is the operator's own: a page with scripts is served
 * as it is.
 *
 * A file that changed less than two seconds ago has no ETag and no Last-Modified yet: it may change
 * once more without its times showing. So those that it has are exact, and both are good for ranges
 * (8.8.2.2).
 */
#ifndef LATCHKEY_EDGE_SERVED_FILE_H
#define LATCHKEY_EDGE_SERVED_FILE_H

#include "edge/context.h"
#include "edge/request.h"
#include "edge/response.h"

#include <sys/stat.h>

struct served_file {
    int descriptor; /* of a regular file, open for reading; stays open */
    const struct stat *status;
    const char *path; /* any that ends with its name */
    bool is_public;   /* to anyone; else caches between us and the client may not keep it */
};

/* Sends it, or what a conditional request or a range wants of it: 200, 206, 304, 412 or 416.
 * 0, or -1 with request_variable()'s errors; ERROR_FILE_CUT if the file became shorter while it was
 * sent (the connection then ends before its time); without an error if the client is gone. */
int served_file_respond(struct context *context, const struct request *request,
                        struct response *response, const struct served_file *file) CHECKED;

/* Leaves that to the web server, conditions and ranges too: it is told the file in this field.
 * 0, or -1 if the client is gone. */
int served_file_hand_over(struct response *response, const struct served_file *file,
                          const char *field, const char *value) CHECKED;

#endif

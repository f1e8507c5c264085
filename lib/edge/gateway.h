/*
 * gateway: the web server in front of us, as four functions; CGI, FastCGI and the tests are three
 * of them (serve/ has the first two).
 */
#ifndef LATCHKEY_EDGE_GATEWAY_H
#define LATCHKEY_EDGE_GATEWAY_H

#include <stddef.h>
#include <sys/types.h>

/* What the web server wants of us (FastCGI 1.0, 6). CGI knows responders alone. */
enum gateway_role {
    GATEWAY_RESPONDER,
    GATEWAY_AUTHORIZER, /* may this request go on? There is no body, and the answer's is shown only if not */
};

struct gateway {
    /* The value of a meta-variable (RFC 3875 4.1), or NULL. Valid during the request. */
    const char *(*variable)(const struct gateway *gateway, const char *name);
    /* Reads up to `size` bytes of the body: how many, 0 at its end, -1 on failure. */
    ssize_t (*read)(const struct gateway *gateway, void *bytes, size_t size);
    /* Writes all of the answer: 0, or -1 if the other side is gone. */
    int (*write)(const struct gateway *gateway, const void *bytes, size_t length);
    /* Writes `length` bytes of a file from `offset` on: 0; -1 if the other side is gone, or the
     * file ends before. */
    int (*send_file)(const struct gateway *gateway, int descriptor, off_t offset, off_t length);
    /* What write() has gathered goes out now: 0, or -1 if the other side is gone. NULL: it gathers
     * nothing (CGI). */
    int (*flush)(const struct gateway *gateway);
    /* The answer ends here, before its time: the web server is not told that it were complete. NULL
     * where there is no way to tell it apart (CGI). */
    void (*break_off)(const struct gateway *gateway);
    enum gateway_role role;
    void *stream; /* of these functions alone */
};

/* A send_file() by way of write(). */
int gateway_copy_file(const struct gateway *gateway, int descriptor, off_t offset, off_t length);

#endif

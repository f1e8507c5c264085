/*
 * gateway: the web server in front of us, as four functions; CGI, FastCGI and the tests are three
 * of them (serve/ has the first two).
 */
#ifndef LATCHKEY_EDGE_GATEWAY_H
#define LATCHKEY_EDGE_GATEWAY_H

#include <stddef.h>
#include <sys/types.h>

struct gateway {
    /* The value of a meta-variable (RFC 3875 4.1), or NULL. Valid during the request. */
    const char *(*variable)(const struct gateway *gateway, const char *name);
    /* Reads up to `size` bytes of the body: how many, 0 at its end, -1 on failure. */
    ssize_t (*read)(const struct gateway *gateway, void *bytes, size_t size);
    /* Writes all of the answer: 0, or -1 if the other side is gone. */
    int (*write)(const struct gateway *gateway, const void *bytes, size_t length);
    void *stream; /* of these functions alone */
};

#endif

#include "serve/gateways.h"

#include "edge/file.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

static const char *cgi_variable(const struct gateway *gateway, const char *name) {
    (void)gateway;
    return getenv(name);
}

static ssize_t cgi_read(const struct gateway *gateway, void *bytes, size_t size) {
    (void)gateway;
    ssize_t got = -1;
    do
        got = read(STDIN_FILENO, bytes, size);
    while (got < 0 && errno == EINTR);
    return got;
}

static int cgi_write(const struct gateway *gateway, const void *bytes, size_t length) {
    (void)gateway;
    return file_write(STDOUT_FILENO, bytes, length);
}

const struct gateway gateway_cgi = {
    .variable = cgi_variable,
    .read = cgi_read,
    .write = cgi_write,
};

static const char *fastcgi_variable(const struct gateway *gateway, const char *name) {
    const FCGX_Request *request = gateway->stream;
    return FCGX_GetParam(name, request->envp);
}

static int clamp(size_t size) {
    return size < INT_MAX ? (int)size : INT_MAX;
}

static ssize_t fastcgi_read(const struct gateway *gateway, void *bytes, size_t size) {
    const FCGX_Request *request = gateway->stream;
    int got = FCGX_GetStr(bytes, clamp(size), request->in);
    return got == 0 && FCGX_GetError(request->in) != 0 ? -1 : got;
}

static int fastcgi_write(const struct gateway *gateway, const void *bytes, size_t length) {
    const FCGX_Request *request = gateway->stream;
    const char *next = bytes;
    while (length > 0) {
        int written = FCGX_PutStr(next, clamp(length), request->out);
        if (written <= 0)
            return -1;
        next += written;
        length -= (size_t)written;
    }
    return 0;
}

struct gateway gateway_fastcgi(struct FCGX_Request *request) {
    return (struct gateway){
        .variable = fastcgi_variable,
        .read = fastcgi_read,
        .write = fastcgi_write,
        .stream = request,
    };
}

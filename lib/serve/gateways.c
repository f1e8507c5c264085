#include "serve/gateways.h"

#include "edge/file.h"

#include <errno.h>
#include <fcgiapp.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* What is sent at once of a file. */
#define SEND_SIZE (1024 * 1024)
#define COPY_SIZE (64 * 1024)

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

/* From here on as a copy: what standard output is may not take sendfile(2). */
static int copy_file(const struct gateway *gateway, int descriptor, off_t offset, off_t length) {
    char piece[COPY_SIZE];
    while (length > 0) {
        size_t size = length < COPY_SIZE ? (size_t)length : COPY_SIZE;
        ssize_t got = pread(descriptor, piece, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || gateway->write(gateway, piece, (size_t)got) != 0)
            return -1;
        offset += got;
        length -= got;
    }
    return 0;
}

static int cgi_send_file(const struct gateway *gateway, int descriptor, off_t offset,
                         off_t length) {
    while (length > 0) {
        size_t size = length < SEND_SIZE ? (size_t)length : SEND_SIZE;
        ssize_t sent = sendfile(STDOUT_FILENO, descriptor, &offset, size);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EINVAL || errno == ENOSYS))
            return copy_file(gateway, descriptor, offset, length);
        if (sent <= 0)
            return -1;
        length -= sent;
    }
    return 0;
}

const struct gateway gateway_cgi = {
    .variable = cgi_variable,
    .read = cgi_read,
    .write = cgi_write,
    .send_file = cgi_send_file,
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

static enum gateway_role role_of(const struct FCGX_Request *request) {
    const char *role = FCGX_GetParam("FCGI_ROLE", request->envp);
    return role != NULL && strcmp(role, "AUTHORIZER") == 0 ? GATEWAY_AUTHORIZER : GATEWAY_RESPONDER;
}

struct gateway gateway_fastcgi(struct FCGX_Request *request) {
    return (struct gateway){
        .variable = fastcgi_variable,
        .read = fastcgi_read,
        .write = fastcgi_write,
        .send_file = copy_file,
        .role = role_of(request),
        .stream = request,
    };
}

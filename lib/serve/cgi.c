#include "serve/cgi.h"

#include "edge/file.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/sendfile.h>
#include <unistd.h>

/* What is sent at once of a file. */
#define SEND_SIZE (1024 * 1024)

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

/* What standard output is may not take sendfile(2): then it goes on as a copy. */
static int cgi_send_file(const struct gateway *gateway, int descriptor, off_t offset,
                         off_t length) {
    while (length > 0) {
        size_t size = length < SEND_SIZE ? (size_t)length : SEND_SIZE;
        ssize_t sent = sendfile(STDOUT_FILENO, descriptor, &offset, size);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent < 0 && (errno == EINVAL || errno == ENOSYS))
            return gateway_copy_file(gateway, descriptor, offset, length);
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

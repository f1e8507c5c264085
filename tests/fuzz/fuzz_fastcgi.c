/* fastcgi_request: any bytes as what a web server sends; whatever they are, it comes to an end, and
 * what is handed on is text. */
#include "fuzz.h"

#include "serve/fastcgi_request.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SIZE_MAX_SENT 60000 /* what a socket takes without a reader */
#define BODY_LIMIT 4096

static const char *const names[] = {"REQUEST_METHOD", "PATH_INFO", "QUERY_STRING", "HTTP_COOKIE"};

/* Answers as a program would, and a little more than one record holds. */
static void answer(struct fastcgi_request *request) {
    const struct gateway gateway = fastcgi_request_gateway(request);
    char body[64];
    size_t total = 0;
    ssize_t got = 0;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *value = gateway.variable(&gateway, names[i]);
        must_hold(value == NULL || strlen(value) <= FASTCGI_PARAMS_LIMIT, "a variable is a text");
    }
    do {
        got = gateway.read(&gateway, body, sizeof(body));
        must_hold(got <= (ssize_t)sizeof(body), "no more is read than asked for");
        total += got > 0 ? (size_t)got : 0;
    } while (got > 0 && total < BODY_LIMIT);
    for (int i = 0; i < 600; i++)
        if (gateway.write(&gateway, body, sizeof(body)) != 0)
            break;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static struct fastcgi_request request;
    int sockets[2];
    if (size > SIZE_MAX_SENT || socketpair(AF_UNIX, SOCK_STREAM, 0, sockets) != 0)
        return 0;
    fcntl(sockets[1], F_SETFL, O_NONBLOCK);
    must_hold(send(sockets[0], bytes, size, MSG_NOSIGNAL) == (ssize_t)size, "it is sent whole");
    shutdown(sockets[0], SHUT_WR);

    memset(&request, 0, sizeof(request));
    arena_open(&request.arena, 4U * FASTCGI_PARAMS_LIMIT);
    /* Eight bytes are a record at least, so there are no more rounds than that. */
    size_t rounds = 0;
    while (fastcgi_request_receive(&request, sockets[1]) == FASTCGI_READY) {
        must_hold(request.id != 0, "a request has an id");
        answer(&request);
        /* The other side reads nothing: what it was sent must not fill the socket. */
        close(sockets[0]);
        sockets[0] = -1;
        must_hold(rounds++ <= size / 8, "it comes to an end");
        if (!fastcgi_request_finish(&request))
            break;
    }
    fastcgi_request_drop(&request);
    arena_close(&request.arena);
    if (sockets[0] >= 0)
        close(sockets[0]);
    close(sockets[1]);
    return 0;
}

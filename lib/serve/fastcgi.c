#include "serve/fastcgi.h"

#include "serve/fastcgi_request.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define LISTENER 0
#define REQUEST_ARENA_LIMIT (4U * FASTCGI_PARAMS_LIMIT)

/* Connections that are kept open and idle; of more, the one that is idle longest is closed. */
#define IDLE_LIMIT 32

/* In the set that poll() watches: the signals, the listener, then the idle connections. */
enum {
    WATCHED_SIGNALS,
    WATCHED_LISTENER,
    WATCHED_IDLE,
};

struct loop {
    const struct fastcgi_loop *of;
    struct pollfd watched[WATCHED_IDLE + IDLE_LIMIT];
    size_t idle; /* how many */
    struct fastcgi_request *request;
};

static bool socket_option_is(int socket, int option, int wanted) {
    int value = 0;
    socklen_t size = sizeof(value);
    return getsockopt(socket, SOL_SOCKET, option, &value, &size) == 0 && value == wanted;
}

bool fastcgi_is_listening(void) {
    return socket_option_is(LISTENER, SO_ACCEPTCONN, 1);
}

/* ---- connections ----------------------------------------------------------------------------- */

static void forget(struct loop *loop, size_t place) {
    loop->idle--;
    memmove(&loop->watched[place], &loop->watched[place + 1],
            (WATCHED_IDLE + loop->idle - place) * sizeof(loop->watched[0]));
}

static void keep(struct loop *loop, int socket) {
    if (loop->idle == IDLE_LIMIT) {
        close(loop->watched[WATCHED_IDLE].fd);
        forget(loop, WATCHED_IDLE);
    }
    loop->watched[WATCHED_IDLE + loop->idle] = (struct pollfd){.fd = socket, .events = POLLIN};
    loop->idle++;
}

/* Serves what has come over this connection, which is then kept, or closed. */
static void serve_connection(struct loop *loop, int socket) {
    struct fastcgi_request *request = loop->request;
    enum fastcgi_arrival arrival = FASTCGI_OVER;
    bool usable = true;
    do {
        arrival = fastcgi_request_receive(request, socket);
        if (arrival == FASTCGI_READY) {
            const struct gateway gateway = fastcgi_request_gateway(request);
            loop->of->serve(loop->of->closure, &gateway);
            usable = fastcgi_request_finish(request);
        }
    } while (arrival == FASTCGI_READY && usable && fastcgi_request_has_input(request));

    if (arrival == FASTCGI_OVER || !usable) {
        close(socket);
        fastcgi_request_drop(request);
    } else {
        keep(loop, socket);
    }
}

/* True if the address is one of those of FCGI_WEB_SERVER_ADDRS (3.2), which are separated by commas.
 * Without that variable, and over a socket in the file system, anyone may speak to us who can. */
static bool may_speak(const struct sockaddr_storage *address) {
    const char *allowed = getenv("FCGI_WEB_SERVER_ADDRS");
    char text[INET6_ADDRSTRLEN] = "";
    if (allowed == NULL || *allowed == '\0' || address->ss_family == AF_UNIX)
        return true;
    const void *bytes = address->ss_family == AF_INET6
                            ? (const void *)&((const struct sockaddr_in6 *)address)->sin6_addr
                            : (const void *)&((const struct sockaddr_in *)address)->sin_addr;
    if (inet_ntop(address->ss_family, bytes, text, sizeof(text)) == NULL)
        return false;
    size_t length = strlen(text);
    for (const char *item = allowed; *item != '\0'; item += *item == ',') {
        size_t size = strcspn(item, ",");
        if (size == length && memcmp(item, text, length) == 0)
            return true;
        item += size;
    }
    return false;
}

/* Another process may have been quicker, or the other side has gone: then there is nothing to do. */
static void accept_connection(struct loop *loop) {
    struct sockaddr_storage address = {.ss_family = AF_UNSPEC};
    socklen_t size = sizeof(address);
    int socket =
        accept4(LISTENER, (struct sockaddr *)&address, &size, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0)
        return;
    if (may_speak(&address))
        serve_connection(loop, socket);
    else
        close(socket);
}

/* ---- waiting --------------------------------------------------------------------------------- */

static bool is_ready(const struct pollfd *watched) {
    return watched->revents != 0;
}

/* The first idle connection that something came over. It goes to the end of the line. */
static void serve_first_idle(struct loop *loop) {
    for (size_t place = WATCHED_IDLE; place < WATCHED_IDLE + loop->idle; place++)
        if (is_ready(&loop->watched[place])) {
            int socket = loop->watched[place].fd;
            forget(loop, place);
            serve_connection(loop, socket);
            return;
        }
}

/* One of each kind: neither may keep the other waiting for good. */
static void serve_ready(struct loop *loop) {
    serve_first_idle(loop);
    if (is_ready(&loop->watched[WATCHED_LISTENER]))
        accept_connection(loop);
}

/* Takes the signal, which would else be delivered as soon as it is not blocked any more. */
static bool is_told_to_stop(struct loop *loop) {
    struct signalfd_siginfo signal;
    return is_ready(&loop->watched[WATCHED_SIGNALS]) &&
           read(loop->watched[WATCHED_SIGNALS].fd, &signal, sizeof(signal)) == sizeof(signal);
}

static void run(struct loop *loop) {
    for (;;) {
        loop->of->between(loop->of->closure);
        int ready = poll(loop->watched, WATCHED_IDLE + loop->idle, -1);
        if (ready < 0 && errno != EINTR)
            return;
        if (ready > 0 && is_told_to_stop(loop))
            return;
        if (ready > 0)
            serve_ready(loop);
    }
}

/* ---- beginning and end ----------------------------------------------------------------------- */

/* Signals wait in a descriptor until the request in hand is done; *before = what was blocked. */
static int open_signals(sigset_t *before) {
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1); /* what mod_fastcgi sends */
    if (sigprocmask(SIG_BLOCK, &signals, before) != 0)
        return -1;
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Of many processes at one socket each is woken, and one of them gets the connection. */
static bool do_not_block(int socket) {
    int flags = fcntl(socket, F_GETFL);
    return flags >= 0 && fcntl(socket, F_SETFL, flags | O_NONBLOCK) == 0;
}

static void watch(struct loop *loop, size_t place, int descriptor) {
    loop->watched[place] = (struct pollfd){.fd = descriptor, .events = POLLIN};
}

int fastcgi_serve(const struct fastcgi_loop *loop) {
    struct loop own = {.of = loop, .request = calloc(1, sizeof(*own.request))};
    sigset_t before;
    sigemptyset(&before);
    if (own.request == NULL || !do_not_block(LISTENER)) {
        free(own.request);
        return -1;
    }
    int signals = open_signals(&before);
    if (signals < 0) {
        free(own.request);
        return -1;
    }
    arena_open(&own.request->arena, REQUEST_ARENA_LIMIT);
    watch(&own, WATCHED_SIGNALS, signals);
    watch(&own, WATCHED_LISTENER, LISTENER);
    run(&own);
    for (size_t i = 0; i < own.idle; i++)
        close(own.watched[WATCHED_IDLE + i].fd);
    close(signals);
    sigprocmask(SIG_SETMASK, &before, NULL);
    arena_close(&own.request->arena);
    free(own.request);
    return 0;
}

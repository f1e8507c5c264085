#include "http_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a running server needs besides its listeners. */
struct running {
    int signals; /* a signalfd */
    int children;
    bool ended;
    sigset_t mask_before;
};

/* *listener = a listening socket, or -1 if the machine does not have this address. */
static int listen_on(const struct sockaddr *address, socklen_t length, int *listener) {
    int yes = 1;
    *listener = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*listener < 0)
        return errno == EAFNOSUPPORT ? 0 : -1;
    if (setsockopt(*listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        (address->sa_family != AF_INET6 ||
         setsockopt(*listener, IPPROTO_IPV6, IPV6_V6ONLY, &yes, sizeof(yes)) == 0) &&
        bind(*listener, address, length) == 0 && listen(*listener, SOMAXCONN) == 0)
        return 0;

    int error = errno;
    close(*listener);
    *listener = -1;
    errno = error;
    return error == EADDRNOTAVAIL ? 0 : -1;
}

int http_server_listen(struct http_server *server, int port) {
    const struct sockaddr_in ipv4 = {.sin_family = AF_INET,
                                     .sin_port = htons((uint16_t)port),
                                     .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6,
                                      .sin6_port = htons((uint16_t)port),
                                      .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    server->listeners[1] = -1;
    if (listen_on((const struct sockaddr *)&ipv4, sizeof(ipv4), &server->listeners[0]) != 0 ||
        listen_on((const struct sockaddr *)&ipv6, sizeof(ipv6), &server->listeners[1]) != 0)
        return -1;
    return server->listeners[0] < 0 && server->listeners[1] < 0 ? -1 : 0;
}

/* Without this, closing with unread bytes would reset the connection under the reply (RFC 9112 9.6). */
static void close_gently(int connection) {
    const struct timeval patience = {.tv_sec = 1};
    char rest[4096];
    shutdown(connection, SHUT_WR);
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    for (int i = 0; i < 64 && recv(connection, rest, sizeof(rest), 0) > 0; i++)
        continue;
    close(connection);
}

static void close_listeners(struct http_server *server) {
    for (int i = 0; i < 2; i++)
        if (server->listeners[i] >= 0)
            close(server->listeners[i]);
}

/* A child dies with its parent, and after its time by SIGALRM. */
static _Noreturn void run_child(struct http_server *server, const struct running *running,
                                int connection) {
    const struct timeval timeout = {.tv_sec = HTTP_SERVER_READ_TIMEOUT};
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    alarm(HTTP_SERVER_CONNECTION_TIME);
    sigprocmask(SIG_SETMASK, &running->mask_before, NULL);
    close_listeners(server);
    close(running->signals);
    setsockopt(connection, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(connection, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    server->handle(server->subject, connection);
    close_gently(connection);
    _exit(0);
}

static void accept_one(struct http_server *server, struct running *running, int listener) {
    int connection = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
    if (connection < 0)
        return; /* the client gave up already */
    pid_t child = fork();
    if (child == 0)
        run_child(server, running, connection);
    if (child > 0)
        running->children++;
    else
        fprintf(stderr, "provider: fork: %s\n", strerror(errno));
    close(connection);
}

static void take_signal(struct running *running) {
    struct signalfd_siginfo signal;
    if (read(running->signals, &signal, sizeof(signal)) != (ssize_t)sizeof(signal))
        return;
    if (signal.ssi_signo != SIGCHLD) {
        running->ended = true;
        return;
    }
    /* One SIGCHLD may stand for several children. */
    while (waitpid(-1, NULL, WNOHANG) > 0)
        running->children--;
}

/* Waits for something to happen, and does it. With all children busy, only for signals. */
static int run_once(struct http_server *server, struct running *running) {
    bool full = running->children >= HTTP_SERVER_CHILDREN;
    struct pollfd polled[3] = {{.fd = running->signals, .events = POLLIN},
                               {.fd = full ? -1 : server->listeners[0], .events = POLLIN},
                               {.fd = full ? -1 : server->listeners[1], .events = POLLIN}};
    if (poll(polled, 3, -1) < 0)
        return errno == EINTR ? 0 : -1;
    if (polled[0].revents != 0)
        take_signal(running);
    for (int i = 1; i < 3; i++)
        if (polled[i].revents != 0)
            accept_one(server, running, polled[i].fd);
    return 0;
}

int http_server_run(struct http_server *server) {
    struct running running = {.children = 0};
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &running.mask_before);

    running.signals = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
    int result = running.signals < 0 ? -1 : 0;
    while (result == 0 && !running.ended)
        result = run_once(server, &running);
    close_listeners(server);
    return result;
}

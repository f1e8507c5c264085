/*
 * server: a web server on loopback that does what a script says, for tests of calls to providers.
 *
 * It runs in a process of its own, answers each connection with the same script, and writes down
 * what it was asked in a file.
 */
#ifndef LATCHKEY_TESTS_SERVER_H
#define LATCHKEY_TESTS_SERVER_H

#include "house.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>

struct server {
    pid_t process;
    int port;
    const char *requests; /* the path of what was asked, one request after the other */
};

static inline void server_write(int connection, const void *bytes, size_t length) {
    const char *next = bytes;
    while (length > 0) {
        ssize_t written = send(connection, next, length, MSG_NOSIGNAL);
        if (written <= 0)
            return;
        next += written;
        length -= (size_t)written;
    }
}

static inline void server_pause(int milliseconds) {
    const struct timespec pause = {.tv_sec = milliseconds / 1000,
                                   .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

/* The script for an answer known beforehand: `closure` is its text. */
static inline void server_answer(int connection, const void *closure) {
    server_write(connection, closure, strlen(closure));
}

/* Reads the head and as much body as it announces. */
static inline void server_read(int connection, FILE *requests) {
    char bytes[65536];
    size_t length = 0;
    size_t wanted = sizeof(bytes) - 1;
    while (length < wanted) {
        ssize_t got = read(connection, bytes + length, wanted - length);
        if (got <= 0)
            break;
        length += (size_t)got;
        bytes[length] = '\0';
        const char *end = strstr(bytes, "\r\n\r\n");
        const char *field = strstr(bytes, "Content-Length: ");
        if (end != NULL && field != NULL && field < end)
            wanted = (size_t)(end - bytes) + 4 + strtoul(field + 16, NULL, 10);
        else if (end != NULL)
            break;
    }
    fwrite(bytes, 1, length, requests);
    fflush(requests);
}

/* For a server's own process: a test that fails does not come to server_stop(). */
static inline void server_die_with_test(void) {
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        _exit(1);
}

/* `script` answers one connection, whose request has been read. */
static inline void server_start(struct server *server, struct house *house,
                                void (*script)(int connection, const void *closure),
                                const void *closure) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, size), 0);
    assert_int_equal(listen(listener, 16), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &size), 0);
    server->port = ntohs(address.sin_port);
    server->requests = house_path(house, "requests");
    server->process = fork();
    assert_true(server->process >= 0);
    if (server->process == 0) {
        server_die_with_test();
        FILE *requests = fopen(server->requests, "a");
        for (;;) {
            int connection = accept(listener, NULL, NULL);
            if (connection < 0 || requests == NULL)
                _exit(1);
            server_read(connection, requests);
            script(connection, closure);
            close(connection);
        }
    }
    close(listener);
}

static inline void server_stop(const struct server *server) {
    kill(server->process, SIGKILL);
    assert_int_equal(waitpid(server->process, NULL, 0), server->process);
}

static inline char *server_url(struct house *house, const struct server *server, const char *path) {
    return arena_format(house->arena, "http://localhost:%d%s", server->port, path);
}

/* All it was asked. */
static inline const char *server_requests(struct house *house, const struct server *server) {
    struct buffer text;
    char piece[4096];
    buffer_open(house->arena, &text);
    int file = open(server->requests, O_RDONLY);
    assert_true(file >= 0);
    for (ssize_t got = read(file, piece, sizeof(piece)); got > 0;
         got = read(file, piece, sizeof(piece)))
        buffer_add(&text, piece, (size_t)got);
    close(file);
    return text.bytes;
}

#endif

/*
 * http_server: listens on loopback, and nowhere else; a child process for each connection.
 *
 * A browser opens connections ahead of need and leaves them idle: with a process each, they hold
 * nobody up. The parent never reads a byte of what strangers send.
 */
#ifndef LATCHKEY_PROVIDER_HTTP_SERVER_H
#define LATCHKEY_PROVIDER_HTTP_SERVER_H

#include "base/error.h"

#define HTTP_SERVER_CHILDREN 64        /* more connections wait in the kernel's queue */
#define HTTP_SERVER_READ_TIMEOUT 10    /* seconds without a byte */
#define HTTP_SERVER_CONNECTION_TIME 60 /* seconds for all of one connection */

struct http_server {
    int listeners[2]; /* 127.0.0.1 and [::1]; -1 where the machine has none */
    /* Answers one connection; runs in a process of its own. */
    void (*handle)(const void *subject, int socket);
    const void *subject;
};

/* Binds 127.0.0.1 and, where there is IPv6, [::1]. 0, or -1 with errno set: neither could be bound, or
 * one of them is another program's. */
int http_server_listen(struct http_server *server, int port) CHECKED;

/* Serves until SIGTERM or SIGINT; then returns 0, or -1 with errno set. The listeners are closed. */
int http_server_run(struct http_server *server) CHECKED;

#endif

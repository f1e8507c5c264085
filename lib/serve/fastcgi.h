/*
 * fastcgi: requests that come over a listening socket, one after the other.
 *
 * The web server (mod_fcgid, lighttpd) or who stands in for it (spawn-fcgi, systemd) starts the
 * program with a listening socket as descriptor 0. Many processes may wait at one socket. A
 * connection that the web server keeps open is kept, beside others: an idle one holds up nobody.
 *
 * SIGTERM and SIGUSR1 end the loop after the request in hand. They are blocked while it is at work,
 * and so is everything that it starts, unless it says otherwise.
 */
#ifndef LATCHKEY_SERVE_FASTCGI_H
#define LATCHKEY_SERVE_FASTCGI_H

#include "base/error.h"
#include "edge/gateway.h"

#include <stdbool.h>

/* True if descriptor 0 is a listening socket (FastCGI 1.0, 2.2): what tells FastCGI from CGI. */
bool fastcgi_is_listening(void);

struct fastcgi_loop {
    void (*serve)(void *closure, const struct gateway *gateway); /* answers one request */
    void (*between)(void *closure); /* called each time before it waits */
    void *closure;
};

/* Serves until it is told to stop. 0, or -1 with errno if it cannot be begun. */
int fastcgi_serve(const struct fastcgi_loop *loop) CHECKED;

#endif

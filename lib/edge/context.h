/*
 * context: everything outside the program that a request may touch, in one place.
 *
 * A function that takes a `struct context *` first may reach the network, the database, the clock
 * or the log; one that takes a `struct arena *` cannot. The context lives in serve() (or in a
 * test), is never stored, and there is no other way to reach these parts.
 */
#ifndef LATCHKEY_EDGE_CONTEXT_H
#define LATCHKEY_EDGE_CONTEXT_H

#include "base/arena.h"
#include "base/clock.h"
#include "base/log.h"

#include <stdbool.h>

struct config;
struct database;
struct http_connections;
struct http_transport;
struct key_rings;
struct public_keys;

#define REQUEST_ID_LENGTH 16 /* characters */

struct context {
    struct arena *arena; /* of this request; its error is the request's error */
    const struct config *config;
    struct database *database;              /* opened by the first query: database.h */
    const struct http_transport *transport; /* how to call out; NULL: this program never does */
    struct http_connections *connections;   /* kept from one call to the next; NULL: none are */
    struct key_rings *key_rings;            /* kept from one request to the next; NULL: none are */
    struct public_keys *public_keys;        /* of providers; so, too */
    const struct clock *clock;
    struct log log;
    const char *retry;     /* where an error page's "Try again" leads; NULL: to the sign-in page */
    const char *login_url; /* told with a 401: "/cgi-bin/login.cgi?…"; NULL: to sign in, go home */
    const char *scope;     /* told with insufficient_scope: what has to be granted; NULL */
    const char *tried;     /* who asked to come in and may not, for that person's own page; NULL */
    const char *allow;     /* for 405, where it differs from the program's; NULL */
    bool takes_token;      /* who asks may bring an access token: a 401 says so */
    bool short_pages; /* errors are told in 2 KiB: web servers pass on no long ones at a gate */
    char request_id[REQUEST_ID_LENGTH + 1]; /* base32; in the log and on error pages */
};

/* A new request id, random. */
void context_make_request_id(char id[REQUEST_ID_LENGTH + 1]);

/* The time of the context's clock. */
int64_t context_now(const struct context *context);

/* Logs an event of this request. */
void context_log(struct context *context, const char *event, const struct log_field *fields);

/* Logs the failure recorded in the arena, if there is one, and forgets it: of work on which the
 * answer does not depend. */
void context_forgive(struct context *context);

#endif

/*
 * crowd: many visitors at once, over HTTP/1.1 on this machine: what load.c and logins.c measure with.
 *
 * Each visitor asks, waits for the answer, and asks again: so many connections are at work at any
 * time. One thread serves them all. Connections are kept alive as a browser keeps them; one that the
 * server closed meanwhile, before a byte of the answer came, is opened anew and asked once more
 * (RFC 9112 9.3.1), which is counted. Whatever else goes wrong is a failure, and told as one.
 */
#ifndef LATCHKEY_BENCH_CROWD_H
#define LATCHKEY_BENCH_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CROWD_LIMIT 1024            /* visitors */
#define CROWD_ANSWER_LIMIT 0x100000 /* bytes of one answer */

/* What a visitor asks: a whole request as it goes over the wire, to 127.0.0.1. The text is the
 * caller's, and stays as it is until the answer came. */
struct ask {
    int port;
    const char *text;
    size_t length;
    bool fresh; /* as somebody new, over a new connection */
};

struct reply {
    const char *failure; /* NULL; or why no answer came, a static text */
    int status;          /* 0 if none came */
    const char *head; /* status line and fields, with a NUL behind; the crowd's, until the next */
    const char *body; /* as it came over the wire: chunks with their sizes */
    size_t body_length;
    int64_t microseconds; /* from asking to the last byte; the time of a connection included */
};

struct crowd {
    size_t count; /* of visitors, up to CROWD_LIMIT */
    /* What this visitor asks next; false: nothing any more. */
    bool (*next)(struct crowd *crowd, size_t visitor, struct ask *ask);
    void (*came)(struct crowd *crowd, size_t visitor, const struct reply *answer);
    void *closure;
    int64_t patience;   /* microseconds to wait for one answer */
    int64_t reconnects; /* counted: closed by the server while nobody asked */
};

/* Lets all visitors ask until none of them has anything to ask. False, with errno set, if that could
 * not begin. */
bool crowd_run(struct crowd *crowd);

/* The time, in microseconds, from some moment on. */
int64_t crowd_now(void);

/* The value of the first field of that name ("Location: ") in a head at or behind `from`; *length its
 * length. NULL if there is none. To look for the next one, go on from what came back. */
const char *crowd_field(const char *from, const char *name, size_t *length);

#endif

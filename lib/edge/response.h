/*
 * response: the answer, gathered whole and sent once, so that an error can still replace it.
 *
 * One whose body is too large to gather is streamed: response_start() sends what stands above the
 * body, and what follows goes out as it comes. From then on nothing can be replaced: what fails
 * later can only break off.
 *
 * Every response carries `Cache-Control: no-store`, `Referrer-Policy: no-referrer` and
 * `X-Content-Type-Options: nosniff` unless the field is set to something else.
 */
#ifndef LATCHKEY_EDGE_RESPONSE_H
#define LATCHKEY_EDGE_RESPONSE_H

#include "base/buffer.h"
#include "edge/gateway.h"
#include "format/json.h"

#include <stdbool.h>

struct response_field; /* of response.c */

struct response {
    struct arena *arena;
    int status;
    struct response_field *fields;
    struct buffer body;
    const struct gateway *gateway; /* where a streamed one goes; the frame sets it */
    bool started;                  /* streamed: the head is out */
    bool bare;                     /* for the web server alone: with no fields but those set */
    bool head_only; /* a HEAD request: the body's length is told, the body is not sent */
};

enum same_site {
    SAME_SITE_LAX,
    SAME_SITE_NONE, /* for the login cookie of a form_post provider; without Secure it is Lax */
};

/* What a Set-Cookie field says. HttpOnly and Path=/ always. */
struct set_cookie {
    const char *name;
    const char *value; /* NULL: the cookie is removed */
    int64_t max_age;   /* seconds; 0: until the browser closes */
    enum same_site same_site;
    bool secure;
};

/* An empty 200. */
void response_open(struct arena *arena, struct response *response);

/* Drops everything gathered so far but the cookies removed (a failed login's cookie stays removed)
 * and head_only. */
void response_reset(struct response *response);

/* Sets a field, replacing one of that name. A name that is no token or is Set-Cookie, or a
 * value with a control byte (CR, LF …), ends the process: it is our own bug, and must not
 * reach the wire. */
void response_field(struct response *response, const char *name, const char *value);

/* Adds a Set-Cookie field, replacing one for the same cookie. A name or value of other than cookie
 * characters (RFC 6265 4.1.1) ends the process. */
void response_cookie(struct response *response, const struct set_cookie *cookie);

/* 303 See Other to an absolute URI, with a small body: the "client redirect response with document"
 * of RFC 3875 6.2.4. (A bare path would be an internal redirect, 6.2.2: it ends the process.) */
void response_redirect(struct response *response, const char *uri);

/* A JSON document. */
void response_json(struct response *response, int status, const struct json *document);

/* A page: UTF-8, not to be framed, with the Content-Security-Policy for our pages, in which styles
 * carry `style_nonce` (base64url) and forms may go to ourselves, and also to the space-separated
 * `form_origins` (NULL: none). An origin that could change the policy's meaning is left out. */
void response_page(struct response *response, int status, const char *html, const char *style_nonce,
                   const char *form_origins);

/* A bare page that the origin `ancestor` may show in a frame (Front-Channel Logout 1.0). */
void response_frame(struct response *response, const char *html, const char *ancestor);

/* Begins to stream: status line and fields go out now; Content-Length only if it was set. Call once.
 * 0, or -1 if the client is gone; so below. */
int response_start(struct response *response) CHECKED;

/* More of the body, after response_start(). Of a HEAD request nothing is sent. */
int response_write(struct response *response, const void *bytes, size_t length) CHECKED;

/* What was written goes out now, for whoever reads bit by bit. */
int response_flush(struct response *response) CHECKED;

/* `length` bytes of the open file from `offset` on. -1 also if the file ends before. */
int response_send_file(struct response *response, int descriptor, off_t offset,
                       off_t length) CHECKED;

/* The status line, the fields in the order they were set, and the body, in one write.
 * 0, or -1 if the client is gone. */
int response_send(const struct response *response, const struct gateway *gateway) CHECKED;

#endif

/*
 * request: what the web server handed over (RFC 3875), read whole, checked, copied.
 *
 * Every field is a copy in the arena and valid UTF-8 without control bytes (a tab within a field
 * has become a space). Only `cookies` may hold bytes that are not UTF-8: other programs of the
 * host set cookies too. Nothing here is to be trusted but remote_addr: fields of HTTP are the
 * client's word. HTTP_HOST and the like are not even read: our own address is the
 * configuration's.
 *
 * An empty meta-variable is an absent one (RFC 3875 4.1).
 */
#ifndef LATCHKEY_EDGE_REQUEST_H
#define LATCHKEY_EDGE_REQUEST_H

#include "base/buffer.h"
#include "edge/gateway.h"
#include "format/form.h"

#include <stdbool.h>

#define REQUEST_BODY_LIMIT (64U * 1024)
#define REQUEST_QUERY_LIMIT (16U * 1024)
#define REQUEST_COOKIE_LIMIT (16U * 1024)
#define REQUEST_FIELD_LIMIT (8U * 1024)

enum method {
    METHOD_GET,
    METHOD_HEAD,
    METHOD_POST,
    METHOD_PUT,
    METHOD_PATCH,
    METHOD_DELETE,
    METHOD_OTHER, /* everything else */
};

/* What becomes of a request's body. */
enum request_body {
    REQUEST_FORM,    /* a posted form is read and parsed */
    REQUEST_NO_BODY, /* left alone, and no business of ours */
    REQUEST_RAW, /* left for request_body_read(); the query, too, is somebody else's: not parsed */
};

struct request {
    enum method method;
    const char *path_info;    /* "" or "/forum": decoded by the server */
    struct form query;        /* QUERY_STRING; empty for REQUEST_RAW */
    const char *query_string; /* as it came; "" if absent */
    struct form body;         /* of a posted form; empty otherwise */
    const char *cookies;      /* the Cookie field, or NULL; read it with cookie.h */
    const char *accept;       /* NULL if absent; so all below */
    const char *accept_language;
    const char *authorization; /* at most REQUEST_FIELD_LIMIT bytes: a longer one is cut */
    const char *origin;
    const char *sec_fetch_site;
    const char *sec_fetch_mode;
    const char *user_agent; /* cleaned and cut to 200 characters, for session lists */
    const char *remote_addr;
    const struct gateway *gateway; /* for request_variable() and request_body_read() */
};

/* Reads meta-variables and body. Checks, in this order: REQUEST_METHOD; each field's size, control
 * bytes and UTF-8; CONTENT_LENGTH (digits only, at most REQUEST_BODY_LIMIT); of a POST, that the
 * body has as many bytes as promised (what follows them is not read) and is of the type
 * application/x-www-form-urlencoded (one without body is fine); then body and query as forms. The
 * body of any other method is not read. For the other kinds neither the body nor its length is
 * looked at.
 * 0, or -1 with ERROR_REQUEST_*, ERROR_PERCENT or ERROR_UTF8. Fields read so far are valid even on
 * failure (so that the error can be answered in the right form); the others are zero. */
int request_read(struct arena *arena, const struct gateway *gateway, enum request_body kind,
                 struct request *request) CHECKED;

/* *value = another meta-variable of this request, checked and copied as the fields above; NULL if
 * absent. For what a single program needs.
 * 0, or -1 with ERROR_REQUEST_TOO_LARGE, ERROR_REQUEST_MALFORMED or ERROR_UTF8. */
int request_variable(struct arena *arena, const struct request *request, const char *name,
                     const char **value) CHECKED;

/* Appends the body of a REQUEST_RAW request, of any method: exactly CONTENT_LENGTH bytes (absent:
 * none), at most `limit`. Call once.
 * 0, or -1 with ERROR_REQUEST_LENGTH or ERROR_REQUEST_TOO_LARGE. */
int request_body_read(struct arena *arena, const struct request *request, size_t limit,
                      struct buffer *body) CHECKED;

/* Takes the body of a REQUEST_RAW request that is refused before anybody read it, and throws it away:
 * what web servers then do of the connection is otherwise up to them. Cannot fail. */
void request_body_discard(struct arena *arena, const struct request *request);

/* "GET" …; "" for METHOD_OTHER. Static text. */
const char *method_name(enum method method);

/* True if the client would rather have a page than JSON: it navigates (Sec-Fetch-Mode), or,
 * where that field is absent, its Accept field names text/html (a wildcard does not count)
 * with a weight not below application/json's. */
bool request_wants_page(const struct request *request);

/* True unless the browser says that another site sent this: Origin is absent or equal to
 * `base_url`, and Sec-Fetch-Site is absent, "same-origin" or "none". The origin "null" counts
 * as ours only where Sec-Fetch-Site says so. */
bool request_is_same_origin(const struct request *request, const char *base_url);

/* The parameters of the protocol: the query's of a GET, the body's of a POST. */
const struct form *request_parameters(const struct request *request);

#endif

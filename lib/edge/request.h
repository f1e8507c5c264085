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
    METHOD_OTHER, /* everything else */
};

struct request {
    enum method method;
    const char *path_info; /* "" or "/forum": decoded by the server */
    struct form query;     /* QUERY_STRING */
    struct form body;      /* of a posted form; empty otherwise */
    const char *cookies;   /* the Cookie field, or NULL; read it with cookie.h */
    const char *accept;    /* NULL if absent; so all below */
    const char *accept_language;
    const char *authorization;
    const char *origin;
    const char *sec_fetch_site;
    const char *sec_fetch_mode;
    const char *user_agent; /* cleaned and cut to 200 characters, for session lists */
    const char *remote_addr;
};

/* Reads meta-variables and body. Checks, in this order: REQUEST_METHOD; each field's size, control
 * bytes and UTF-8; CONTENT_LENGTH (digits only, at most REQUEST_BODY_LIMIT); of a POST, that the
 * body has as many bytes as promised (what follows them is not read) and is of the type
 * application/x-www-form-urlencoded (one without body is fine); then body and query as forms. The
 * body of any other method is not read.
 * 0, or -1 with ERROR_REQUEST_*, ERROR_PERCENT or ERROR_UTF8. Fields read so far are valid even on
 * failure (so that the error can be answered in the right form); the others are zero. */
int request_read(struct arena *arena, const struct gateway *gateway,
                 struct request *request) CHECKED;

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

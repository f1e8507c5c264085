/*
 * uri: RFC 3986, strictly: only its characters, well-formed percent-encoding, absolute URIs with an
 * authority (`scheme://host[:port]/path?query#fragment`).
 */
#ifndef LATCHKEY_FORMAT_URI_H
#define LATCHKEY_FORMAT_URI_H

#include "format/form.h"

#include <stdbool.h>

/* The longest URI we read. */
#define URI_LIMIT 8192

struct uri {
    const char *scheme;   /* lower case */
    const char *userinfo; /* NULL if absent */
    const char *host;     /* lower case; an IPv6 literal with its brackets; never empty */
    int port;             /* as written, or the scheme's (http 80, https 443), else -1 */
    const char *path;     /* "" or from its "/" on */
    const char *query;    /* NULL if absent */
    const char *fragment; /* NULL if absent */
};

/* 0, or -1 with ERROR_URI, also for NULL. The parts are copies, percent-encoded as they were. An
 * IPv6 address with a zone (RFC 6874) and IPvFuture are refused; a port without digits is none. */
int uri_parse(struct arena *arena, const char *text, struct uri *uri) CHECKED;

/* True if the host is this machine by its very name: localhost, 127.0.0.0/8 in the usual four
 * decimal numbers, [::1]. Nothing is resolved. */
bool uri_is_loopback(const struct uri *uri);

/* True for https, and for http to a loopback host; without userinfo and fragment, with a host of
 * letters, digits, "-", "." and "_" or an IPv6 address: what we are willing to call or to send a
 * browser to. */
bool uri_is_safe_endpoint(const struct uri *uri);

/* "https://host" or "https://host:port" (no port if it is the scheme's own). */
char *uri_origin(struct arena *arena, const struct uri *uri);

/* Percent-encodes everything but the unreserved characters (RFC 3986 2.3). */
char *uri_encode(struct arena *arena, const char *text);

/* The same for a path: its slashes stay. */
char *uri_encode_path(struct arena *arena, const char *path);

/* The URI with the form's fields appended to its query (RFC 6749 3.1 keeps what stands there). */
char *uri_with_query(struct arena *arena, const char *uri, const struct form *form);

/* The byte that "%XX", at the beginning of `length` characters, stands for; -1 if none is there. */
int uri_percent_byte(const char *text, size_t length);

/* Decodes %XX. 0, or -1 with ERROR_PERCENT (malformed, or a control byte appears) or ERROR_UTF8. */
int uri_decode(struct arena *arena, const char *text, size_t length, char **decoded) CHECKED;

#endif

/*
 * api_url: where a request to api.cgi/NAME/… goes: below the base_url of [api NAME], and nowhere
 * else.
 *
 * The path comes decoded from the web server (RFC 3875 4.1.5), so it is written anew: what RFC 3986
 * 3.3 allows in a segment stands for itself, but ";", and everything else is percent-encoded, "%"
 * too. A segment that a server behind could take for something else is refused, however often it
 * would have to be decoded for that: an empty one, "." and "..", and any with a slash, a backslash,
 * a ";" (which begins a parameter, "..;"), or a control byte.
 */
#ifndef LATCHKEY_LOGIN_API_URL_H
#define LATCHKEY_LOGIN_API_URL_H

#include "base/arena.h"

#define API_PATH_LIMIT 2048 /* bytes of the path below the base */

struct api_url_parts {
    const char *base;     /* absolute, without query; see api_url_base_fault() */
    const char *path;     /* "", or from its "/" on: decoded */
    const char *query;    /* as it came, still encoded; "": none */
    const char *reserved; /* names of parameters that are ours, words; NULL: none */
};

/* Whether a query, or an urlencoded form, sets one of these parameters, however it is spelt and
 * whatever servers make of it. 0, or -1 with ERROR_REQUEST_MALFORMED. */
int api_url_check_names(struct arena *arena, const char *query, const char *reserved) CHECKED;

/* What a base_url would need to be one ("must …"); NULL if nothing. An https URL, or an http one of
 * this machine, without userinfo, query and fragment, whose segments are as those of a path. */
const char *api_url_base_fault(struct arena *arena, const char *base);

/* *url = the base as it is written, for an empty path; else without the slash at its end, and the
 * path behind it. The query goes along: what is not allowed there (RFC 3986 3.4) is percent-encoded.
 * 0, or -1 with ERROR_REQUEST_PATH (the path, or that it is longer than API_PATH_LIMIT),
 * ERROR_PERCENT (the query: malformed, or with a NUL), ERROR_REQUEST_MALFORMED (a control byte, or
 * a parameter that is ours), or ERROR_REQUEST_TOO_LARGE (longer than a URL may be). */
int api_url(struct arena *arena, const struct api_url_parts *parts, char **url) CHECKED;

#endif

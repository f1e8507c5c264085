/*
 * return_to: where to go after signing in: a place on this site, by allow-list (RFC 9700 4.11).
 */
#ifndef LATCHKEY_LOGIN_RETURN_TO_H
#define LATCHKEY_LOGIN_RETURN_TO_H

#include "base/arena.h"

#define RETURN_TO_LIMIT 512 /* bytes: it rides in a cookie, of which a browser may have several */

/* A local path: "/" alone, or "/" and a character other than "/", then only the characters of RFC
 * 3986's path and query. In the path no empty, "." or ".." segment; nothing percent-encoded that
 * would be a slash, backslash, dot, "?", "#", "%" or control byte; and it decodes to UTF-8. No
 * fragment.
 * 0, or -1 with ERROR_RETURN_TO. */
int return_to_check(struct arena *arena, const char *text) CHECKED;

/* An absolute URI of this site (OpenID Connect Core 4, target_link_uri) as a local path in *path.
 * 0, or -1 with ERROR_RETURN_TO if it is not exactly below `base_url`. */
int return_to_from_uri(struct arena *arena, const char *base_url, const char *uri,
                       const char **path) CHECKED;

#endif

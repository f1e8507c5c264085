/*
 * return_to: where to go after signing in: a place on this site, by allow-list (RFC 9700 4.11).
 */
#ifndef LATCHKEY_LOGIN_RETURN_TO_H
#define LATCHKEY_LOGIN_RETURN_TO_H

#include "edge/config.h"
#include "edge/request.h"

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

/* Where this very request came to, to come back to: as the browser said it (REQUEST_URI), else the
 * program with the path and query behind it. Without the query if that is unfit or too long; NULL if
 * nothing fits. An error that is recorded already stays. */
const char *return_to_here(struct arena *arena, const struct request *request);

/* Whether the request can be made again by coming back: a person's, who looks at something. */
bool return_to_is_possible(const struct request *request);

/* "/cgi-bin/login.cgi?return_to=…": where to sign in, and then come back to the local path
 * `return_to` (NULL: home). `again`: who is signed in and must do so again, must not be sent back by
 * a provider that remembers him. */
char *return_to_login_url(struct arena *arena, const struct config *config, const char *return_to,
                          bool again);

#endif

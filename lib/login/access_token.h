/*
 * access_token: tokens for APIs, which tell who is signed in here (RFC 9068), and what is asked of
 * one that comes back.
 *
 * A token is a JWT: the header's typ is at+jwt; the claims are iss (base_url), sub, aud (one), exp,
 * iat, jti, client_id, sid, and those of [token] claims: name, email (with email_verified), picture,
 * locale, groups (of the identity that signed in) and auth_time. `sid` is the public name of the
 * session, `id_hash` in session.h.
 *
 * An API verifies it by our JWK Set; for HS256, by the secret that it shares with us. Whoever shares
 * a secret could sign with it as well, so a token for this site itself (aud is base_url) never is:
 * under HS256, too, it has a key of ours alone.
 */
#ifndef LATCHKEY_LOGIN_ACCESS_TOKEN_H
#define LATCHKEY_LOGIN_ACCESS_TOKEN_H

#include "format/json.h"
#include "login/session.h"

/* Characters of a token; it must fit into a field of HTTP, with room to spare. */
#define ACCESS_TOKEN_LIMIT 4096

struct access_token {
    const char *compact;
    int64_t expires_in; /* seconds: [token] lifetime, or less: it ends with the session */
};

/* *audience = `asked` if it is allowed ([token] audience; base_url always is), byte for byte; the
 * default for NULL. 0, or -1 with ERROR_AUDIENCE. */
int access_token_audience(struct context *context, const char *asked,
                          const char **audience) CHECKED;

/* Issues one for who is signed in, for one audience of those allowed.
 * 0, or -1 with a key error, ERROR_CONFIG ([token] claims make it larger than the limit, or the
 * shared secret is none) or a database error. */
int access_token_issue(struct context *context, const struct session *session, const char *audience,
                       struct access_token *token) CHECKED;

/* *session = the session that the token was issued in, as it is now.
 *
 * The algorithm is the configured one, whatever the token says; the key is ours; the audience is
 * this site; and the session is still there. 0, or -1 with ERROR_ACCESS_TOKEN_*, a key or database
 * error. */
int access_token_authenticate(struct context *context, const char *compact,
                              struct session **session) CHECKED;

/* Whether the shared secret of [token], if one is configured, could sign: for `latchkey check`.
 * 0, or -1 with ERROR_CONFIG or ERROR_KEY_FILE. */
int access_token_check_secret(struct context *context) CHECKED;

/* What claims are judged by. */
struct access_token_check {
    const char *base_url;
    int64_t now;
    int64_t leeway; /* for what must not be in the future; nothing lives longer by it */
};

/* Judges the claims of a token whose signature is ours.
 * 0, or -1 with ERROR_ACCESS_TOKEN_ISS, _AUD, _EXP, _IAT, _NBF or _CLAIMS. */
int access_token_check(struct arena *arena, const struct access_token_check *check,
                       const struct json *claims) CHECKED;

#endif

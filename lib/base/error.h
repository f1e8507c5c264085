/*
 * error: what went wrong, said once, where it is noticed.
 *
 * A function that can fail returns 0 or -1. Who notices a failure fills the error of the arena at
 * hand and returns: `return fail(arena, ERROR_NONCE_WRONG, "...")`. Everything above passes the -1
 * on. The frame (serve/) writes one log line and one answer from it. The first failure wins: a
 * later one, met while cleaning up, does not hide the cause.
 *
 * The rule is the stable name of what was broken ("nonce_wrong" in the log; `README.md` lists
 * them), the detail is for the operator. A detail never holds a code, token, cookie, secret or
 * e-mail address (log.h says which), and what it quotes of foreign text is escaped by the log.
 */
#ifndef LATCHKEY_BASE_ERROR_H
#define LATCHKEY_BASE_ERROR_H

/* On functions whose result decides something: ignoring it is a compiler warning. */
#define CHECKED __attribute__((warn_unused_result))

/* What the person or script in front is told; many rules share one answer, so that an answer
 * does not tell an attacker which check failed. */
enum answer {
    ANSWER_SERVER_ERROR,     /* 500 server_error: configuration or our own fault */
    ANSWER_UNAVAILABLE,      /* 503 temporarily_unavailable: database busy, disk full */
    ANSWER_BAD_REQUEST,      /* 400 invalid_request */
    ANSWER_TOO_LARGE,        /* 413 request_too_large */
    ANSWER_METHOD,           /* 405 method_not_allowed, with Allow */
    ANSWER_NOT_FOUND,        /* 404 not_found */
    ANSWER_UNAUTHENTICATED,  /* 401 unauthenticated */
    ANSWER_FORBIDDEN,        /* 403 forbidden */
    ANSWER_INSTANCE,         /* 400 invalid_instance: no server that one could sign in with */
    ANSWER_INSTANCE_LIMIT,   /* 503 too_many_servers: that nobody here has used before */
    ANSWER_LOGIN_STALE,      /* 400 login_expired: too old, used, or another browser's */
    ANSWER_LOGIN_DENIED,     /* 403 access_denied: the person or the provider said no */
    ANSWER_LOGIN_NEEDED,     /* 403 login_required: prompt=none, but the provider must ask */
    ANSWER_NOT_ADMITTED,     /* 403 not_admitted: the site does not let this person in */
    ANSWER_NOT_ALLOWED,      /* 403 not_allowed: a part of the site that is not for this account */
    ANSWER_BLOCKED,          /* 403 account_blocked */
    ANSWER_FORM_STALE,       /* 403 form_expired: a form of another session's */
    ANSWER_CONFIRM,          /* 403 confirmation_required: sign in once more first */
    ANSWER_LINK_OVER,        /* 400 link_expired: the session that it was begun for is over */
    ANSWER_IDENTITY_TAKEN,   /* 409 identity_taken: by another account */
    ANSWER_LAST_IDENTITY,    /* 409 last_identity: there would be no way in */
    ANSWER_NOT_CONNECTED,    /* 409 not_connected: no identity of the account is that provider's */
    ANSWER_OTHER_IDENTITY,   /* 403 other_identity: came back as another one than was asked for */
    ANSWER_LOGOUT_STATE,     /* 400 logout_state: back from a sign-out with another state */
    ANSWER_PROVIDER_WRONG,   /* 502 provider_error: what the provider sent cannot be trusted */
    ANSWER_PROVIDER_DOWN,    /* 502 provider_unavailable: unreachable, broken or failing */
    ANSWER_PROVIDER_TIMEOUT, /* 504 provider_timeout */
    ANSWER_SIGN_IN_AGAIN,    /* 401 sign_in_again: a provider has to be asked anew */
    ANSWER_TOKEN,            /* 401 invalid_token: an access token that is not good here */
    ANSWER_TARGET,           /* 400 invalid_target: no token for such an audience */
    ANSWER_SCOPE,            /* 403 insufficient_scope: the person was not asked for that yet */
    ANSWER_API_DOWN,         /* 502 api_unavailable: a third-party API, unreachable or wrong */
    ANSWER_API_TIMEOUT,      /* 504 api_timeout */
    ANSWER_COUNT
};

/* Every rule that can be broken. Names, answers and specification paragraphs: error.c. */
enum error_rule {
    ERROR_NONE,
    /* our own house */
    ERROR_INTERNAL,
    ERROR_CONFIG,
    ERROR_TEMPLATE,
    ERROR_STATE_DIR,
    ERROR_KEY_FILE,
    ERROR_KEY_RING_FULL,
    ERROR_DATABASE,
    ERROR_DATABASE_BUSY,
    ERROR_DATABASE_NEWER,
    ERROR_FOLDER,
    /* the request (RFC 3875, RFC 9110) */
    ERROR_REQUEST_MALFORMED,
    ERROR_REQUEST_LENGTH,
    ERROR_REQUEST_TOO_LARGE,
    ERROR_REQUEST_TYPE,
    ERROR_REQUEST_METHOD,
    ERROR_REQUEST_PATH,
    ERROR_REQUEST_ORIGIN,
    ERROR_COOKIE_REPEATED,
    ERROR_PARAMETER_REPEATED,
    ERROR_PARAMETER_WRONG,
    ERROR_RETURN_TO,
    /* private files */
    ERROR_FILE,
    ERROR_FILE_CUT,
    /* notations */
    ERROR_BASE64URL,
    ERROR_UTF8,
    ERROR_PERCENT,
    ERROR_URI,
    ERROR_JSON,
    /* the session */
    ERROR_UNAUTHENTICATED,
    ERROR_CSRF,
    ERROR_NOT_YOURS,
    ERROR_CONFIRM,
    ERROR_LINK_SESSION,
    ERROR_IDENTITY_TAKEN,
    ERROR_LAST_IDENTITY,
    ERROR_NOT_CONNECTED,
    ERROR_OTHER_IDENTITY,
    ERROR_ACCOUNT_BLOCKED,
    ERROR_SIGN_UP_CLOSED,
    ERROR_POLICY,
    ERROR_RULE,
    /* a login's way there and back */
    ERROR_PROVIDER_UNKNOWN,
    ERROR_PROVIDER_MISSING,
    ERROR_ISSUER_UNKNOWN,
    ERROR_INSTANCE,
    ERROR_INSTANCE_LIMIT,
    ERROR_STATE_MISSING,
    ERROR_STATE_WRONG,
    ERROR_LOGIN_COOKIE_MISSING,
    ERROR_LOGIN_COOKIE_WRONG,
    ERROR_LOGIN_PROVIDER_WRONG,
    ERROR_LOGIN_EXPIRED,
    ERROR_LOGIN_USED,
    ERROR_RESPONSE_AMBIGUOUS,
    ERROR_RESPONSE_MODE,
    ERROR_ISS_MISSING,
    ERROR_ISS_WRONG,
    ERROR_LOGIN_DENIED,
    ERROR_LOGIN_REQUIRED,
    ERROR_AUTHORIZATION_ERROR,
    /* calls to the provider */
    ERROR_URL_NOT_ALLOWED,
    ERROR_ADDRESS,
    ERROR_HTTP_FAILED,
    ERROR_HTTP_TIMEOUT,
    ERROR_HTTP_TOO_LARGE,
    ERROR_HTTP_STATUS,
    ERROR_DISCOVERY_MALFORMED,
    ERROR_DISCOVERY_ISSUER,
    ERROR_TOKEN_RESPONSE,
    ERROR_TOKEN_ERROR,
    ERROR_CLIENT_REFUSED,
    ERROR_REGISTRATION,
    ERROR_REVOCATION,
    ERROR_NO_TOKENS,
    ERROR_GRANT_OVER,
    ERROR_REFRESH_WAIT,
    ERROR_REFRESH_FAILED,
    ERROR_TOKEN_REFUSED,
    ERROR_USERINFO_ERROR,
    ERROR_USERINFO_MALFORMED,
    ERROR_USERINFO_SUB,
    ERROR_SUBJECT,
    /* calls of third-party APIs */
    ERROR_API_UNKNOWN,
    ERROR_API_DESTINATION,
    ERROR_API_SCOPE,
    ERROR_API_FAILED,
    ERROR_API_TIMEOUT,
    ERROR_API_STATUS,
    /* JOSE (RFC 7515, 7517, 7518) */
    ERROR_JWS_MALFORMED,
    ERROR_JWS_TOO_LARGE,
    ERROR_JWS_ALG,
    ERROR_JWS_CRIT,
    ERROR_JWS_TYP,
    ERROR_JWS_KEY_UNKNOWN,
    ERROR_JWS_SIGNATURE,
    ERROR_JWK_MALFORMED,
    ERROR_JWK_WEAK,
    /* id_token (OpenID Connect Core 3.1.3.7) */
    ERROR_ID_TOKEN_MISSING,
    ERROR_ID_TOKEN_MALFORMED,
    ERROR_ID_TOKEN_ISS,
    ERROR_ID_TOKEN_SUB,
    ERROR_ID_TOKEN_AUD,
    ERROR_ID_TOKEN_AZP,
    ERROR_ID_TOKEN_EXP,
    ERROR_ID_TOKEN_IAT,
    ERROR_ID_TOKEN_NBF,
    ERROR_ID_TOKEN_NONCE,
    ERROR_ID_TOKEN_AT_HASH,
    ERROR_ID_TOKEN_C_HASH,
    ERROR_ID_TOKEN_AUTH_TIME,
    ERROR_ID_TOKEN_ACR,
    /* access tokens of our own (RFC 9068, RFC 6750) */
    ERROR_AUDIENCE,
    ERROR_ACCESS_TOKEN_TOO_LARGE,
    ERROR_ACCESS_TOKEN_MALFORMED,
    ERROR_ACCESS_TOKEN_ALG,
    ERROR_ACCESS_TOKEN_TYP,
    ERROR_ACCESS_TOKEN_KEY,
    ERROR_ACCESS_TOKEN_SIGNATURE,
    ERROR_ACCESS_TOKEN_ISS,
    ERROR_ACCESS_TOKEN_AUD,
    ERROR_ACCESS_TOKEN_EXP,
    ERROR_ACCESS_TOKEN_IAT,
    ERROR_ACCESS_TOKEN_NBF,
    ERROR_ACCESS_TOKEN_CLAIMS,
    ERROR_ACCESS_TOKEN_SESSION,
    /* sign-out from afar (OpenID Connect Back-Channel, Front-Channel and RP-Initiated Logout) */
    ERROR_LOGOUT_TOKEN,
    ERROR_LOGOUT_REPLAYED,
    ERROR_LOGOUT_STATE,
    ERROR_RULE_COUNT
};

struct error {
    enum error_rule rule; /* ERROR_NONE: nothing went wrong yet */
    const char *file;     /* where it was noticed; static storage */
    int line;
    char detail[240]; /* for the operator; cut with an ellipsis when longer */
};

/* What error.c knows of a rule. All texts are static. */
struct error_meaning {
    const char *name; /* stable; stands in the log and in README.md */
    enum answer answer;
    const char *paragraph; /* of the specification it comes from, or "" */
};

/* What an answer says. All texts are static. */
struct answer_meaning {
    int status;       /* HTTP status code */
    const char *code; /* the "error" member of a JSON answer */
    const char *description;
};

/* Fills *error unless it already tells of a failure. Always returns -1. Called through fail(). */
int error_set(struct error *error, enum error_rule rule, const char *file, int line,
              const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Ends the process with status 70 (EX_SOFTWARE) and a line on stderr: for our own mistakes that
 * must not reach the wire, and where nothing sensible is left to do (no memory, no randomness). */
_Noreturn void error_give_up(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The meaning of a rule; never NULL. */
const struct error_meaning *error_meaning(enum error_rule rule);

/* The meaning of an answer; never NULL. */
const struct answer_meaning *answer_meaning(enum answer answer);

/* `return fail(arena, ERROR_..., "printf format", ...)`: records the failure in the arena's error
 * and is -1. The one macro of the headers that looks like a function: it notes file and line. */
#define fail(arena, rule, ...) error_set(&(arena)->error, (rule), __FILE__, __LINE__, __VA_ARGS__)

#endif

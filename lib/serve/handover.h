/*
 * handover: the environment of a program behind a gate: that of the web server, without what a client
 * could have made up about who he is, without our own cookies and tokens, and with what we know of
 * the person.
 *
 *   REMOTE_USER, AUTH_TYPE     the account's `sub`; "Latchkey" (RFC 3875 4.1.11, 4.1.1)
 *   LATCHKEY_USER              `sub` again; the others below are absent where nothing is known
 *   LATCHKEY_NAME, _EMAIL, _PICTURE, _LOCALE, _PROVIDER
 *   LATCHKEY_EMAIL_VERIFIED    "1", or absent
 *   LATCHKEY_GROUPS            separated by commas; "%" and "," in a name are percent-encoded
 *   LATCHKEY_SIGNED_IN_AT      seconds since 1970
 *   LATCHKEY_CSRF_TOKEN        for forms of the program's own; absent where a token of ours came
 *   LATCHKEY_CONF              as it was, or by which configuration it was decided
 */
#ifndef LATCHKEY_SERVE_HANDOVER_H
#define LATCHKEY_SERVE_HANDOVER_H

#include "format/json.h"
#include "login/caller.h"

struct handover {
    const struct caller *caller; /* who has passed */
    const char *provider;        /* that he signed in by (login/membership.h); NULL: not known */
    const struct json *groups;   /* an array of strings; NULL: not known */
    const char *cookies;         /* the Cookie field that goes on; NULL: none */
    const char *conf;            /* LATCHKEY_CONF; NULL: as it was */
};

/* The new environment, for execve(2), out of the one given. */
char **handover_environment(struct arena *arena, char *const *given, const struct handover *what);

#endif

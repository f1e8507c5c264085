/*
 * cookie: reading the Cookie field, and the names of our own cookies (RFC 6265bis).
 *
 * Our cookies are `__Host-latchkey-…; Secure; HttpOnly; Path=/; SameSite=Lax`: the prefix makes
 * browsers refuse them from anyone but this very host. Over http:// on loopback (for trying out)
 * the same without prefix and Secure.
 *
 * The field is split at ";", each part at its first "=", white space around both is dropped; a
 * part without a name is passed over; names are compared byte for byte.
 */
#ifndef LATCHKEY_EDGE_COOKIE_H
#define LATCHKEY_EDGE_COOKIE_H

#include "edge/request.h"

struct cookie {
    const char *name;  /* whole, with its prefix */
    const char *value; /* as sent; quotes are part of it */
    struct cookie *next;
};

/* The whole name of our cookie: "__Host-latchkey-" or "latchkey-" and `suffix`. */
char *cookie_name(struct arena *arena, bool secure, const char *suffix);

/* *value = the cookie's value, or NULL if there is none.
 * 0, or -1 with ERROR_COOKIE_REPEATED if the name stands there twice: one of them is not ours. */
int cookie_value(struct arena *arena, const struct request *request, const char *name,
                 const char **value) CHECKED;

/* Every cookie whose name starts with `prefix`, in order; NULL if none. */
struct cookie *cookie_list(struct arena *arena, const struct request *request, const char *prefix);

/* The field as it is, but without our own cookies: for a program that is to know nothing of them.
 * NULL if none is left. */
char *cookie_field_of_others(struct arena *arena, const struct request *request);

#endif

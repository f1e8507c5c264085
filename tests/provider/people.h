/*
 * people: who can be signed in as, and what is told about them.
 *
 * Each is there for something that a relying party has to get right: names in any script, claims that
 * are absent, an address that is not verified.
 */
#ifndef LATCHKEY_PROVIDER_PEOPLE_H
#define LATCHKEY_PROVIDER_PEOPLE_H

#include "format/json.h"

#include <stdbool.h>

struct person {
    const char *id; /* in forms and scripts: "ada" */
    const char *sub;
    const char *name; /* NULL: the claim is absent; so all below */
    const char *given_name;
    const char *family_name;
    const char *preferred_username;
    const char *email;
    const char *locale;
    bool email_verified;
    bool picture;
    const char *note; /* what the person is good for, on the sign-in page */
};

extern const struct person people[];
extern const size_t people_count;

/* The person of that id, or NULL. */
const struct person *person_find(const char *id);

/* Puts the claims that these scopes ask for (OpenID Connect Core 5.4) into `claims`. */
void person_put_claims(struct arena *arena, const struct person *person, const char *issuer,
                       const char *scope, struct json *claims);

/* Where the person's picture is, or NULL. */
char *person_picture(struct arena *arena, const struct person *person, const char *issuer);

#endif

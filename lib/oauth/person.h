/*
 * person: who signed in, read out of a provider's answers as its record says (format/mapping.h),
 * and cleaned.
 *
 * Strangers write these: names are cleaned and cut, a picture must be an https URL, an address must
 * look like one, and what does not pass is left out. The subject alone is never cleaned or guessed:
 * it is right, or there is no login. Groups open gates, so none is ever made to look like another:
 * a name that cleaning would change is left out.
 *
 * What came through the browser unsigned (callback:) is good for name, picture and locale alone.
 */
#ifndef LATCHKEY_OAUTH_PERSON_H
#define LATCHKEY_OAUTH_PERSON_H

#include "format/mapping.h"
#include "oauth/provider.h"

#define PERSON_SUBJECT_LIMIT 255  /* bytes (OpenID Connect Core 2) */
#define PERSON_NAME_LIMIT 100     /* code points */
#define PERSON_EMAIL_LIMIT 254    /* bytes (RFC 5321 4.5.3.1.3) */
#define PERSON_PICTURE_LIMIT 2048 /* bytes */
#define PERSON_GROUPS_LIMIT 100   /* of a person; others are left out */
#define PERSON_GROUP_LIMIT 128    /* bytes of a group's name */
#define PERSON_GROUPS_BYTES 8192  /* of all names together */
#define PERSON_CLAIMS 5           /* that can be left out: name, email, picture, locale, groups */

struct person {
    const char *issuer;
    const char *subject;
    const char *name; /* NULL if unknown; so all below */
    const char *email;
    bool email_verified; /* only as the provider's record allows */
    const char *picture;
    const char *locale;
    const struct json
        *groups; /* an array of different strings, perhaps empty; NULL: not told, or by
                                  a server that a visitor chose (provider.h), who would tell his own */
    const char *dropped[PERSON_CLAIMS + 1]; /* names of claims that were told, but left out; then
                                               NULL */
};

/* The person of whom these answers tell. `issuer` is what the subject is unique beside: the
 * provider's identity_issuer, or that of the id_token where there are many.
 *
 * The subject is an expression's text, at most PERSON_SUBJECT_LIMIT bytes, without control
 * characters; of OpenID Connect it is read from the id_token alone. An address counts as verified
 * by the record's email_trust; a claim that says so, or who owns the mailbox, is read from the
 * source that the address itself came from, unless the record names another.
 *
 * 0, or -1 with ERROR_SUBJECT: nobody. */
int person_read(struct arena *arena, const struct provider *provider, const char *issuer,
                const struct mapping_sources *sources, struct person *person) CHECKED;

#endif

/*
 * person: what we take over of somebody's claims (OpenID Connect Core 5.1), cleaned.
 *
 * Strangers write these: names are cleaned and cut, a picture must be an https URL, an address must
 * look like one, and what does not pass is left out.
 */
#ifndef LATCHKEY_OAUTH_PERSON_H
#define LATCHKEY_OAUTH_PERSON_H

#include "format/json.h"
#include "oauth/provider.h"

#define PERSON_NAME_LIMIT 100     /* code points */
#define PERSON_EMAIL_LIMIT 254    /* bytes (RFC 5321 4.5.3.1.3) */
#define PERSON_PICTURE_LIMIT 2048 /* bytes */

struct person {
    const char *issuer;
    const char *subject;
    const char *name; /* NULL if unknown; so all below */
    const char *email;
    bool email_verified; /* only as the provider's record allows */
    const char *picture;
    const char *locale;
};

/* The person of an id_token, and of the UserInfo response (NULL: none), which goes before it. */
void person_from_claims(struct arena *arena, const struct provider *provider,
                        const struct json *id_token, const struct json *userinfo,
                        struct person *person);

#endif

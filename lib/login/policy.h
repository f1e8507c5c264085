/*
 * policy: who may come in, as the site ([policy]) and a provider's section say.
 *
 * A rule that is set must hold; of several kinds, all. Addresses count only where they are verified
 * (person.h), and are compared as mail addresses are (format/email_address.h).
 */
#ifndef LATCHKEY_LOGIN_POLICY_H
#define LATCHKEY_LOGIN_POLICY_H

#include "format/mapping.h"
#include "oauth/person.h"

/* Whether the site lets this person in, who is vouched for by these answers.
 * 0, or -1 with ERROR_POLICY. */
int policy_check(struct context *context, const struct provider *provider,
                 const struct person *person, const struct mapping_sources *answers) CHECKED;

#endif

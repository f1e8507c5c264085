/*
 * grant: a login that is begun for an [api NAME], so that the person grants what it needs besides
 * what was granted before (incremental authorization). It asks for the provider's scope and the
 * API's; from somebody who is signed in also for what he has granted already, for some providers
 * forget that otherwise.
 *
 * Who is signed in grants it as the identity that the API is called as (usable_token.h), and has to
 * come back as that one: else an API would be called as somebody else than he thinks, and a link on
 * another site could bring that about. No identity is added to an account so: that is linking, which
 * no link on another site may begin.
 */
#ifndef LATCHKEY_LOGIN_GRANT_H
#define LATCHKEY_LOGIN_GRANT_H

#include "login/departure.h"
#include "login/session.h"

/* Whether a login at this provider may be begun for that API.
 * 0, or -1 with ERROR_PARAMETER_WRONG (there is none of that name, or it is another provider's) or
 * ERROR_CONFIG. */
int grant_check(struct context *context, const char *api, const char *provider) CHECKED;

/* Sets the departure up for departure->terms.api, and the provider, if it has many instances, to the
 * one of the person; `session` is NULL if nobody is signed in.
 * 0, or -1 with ERROR_NOT_CONNECTED (nobody of the account is there), provider_load()'s errors,
 * ERROR_CONFIG, or a key or database error. */
int grant_begin(struct context *context, const struct session *session, struct provider *provider,
                struct departure *departure) CHECKED;

/* Whether the identity that came back is the one that was to grant it.
 * 0, or -1 with ERROR_OTHER_IDENTITY or a key or database error. */
int grant_check_identity(struct context *context, const struct session *session,
                         const struct provider *provider, int64_t identity) CHECKED;

/* *scope = what a login on these terms asks for besides the provider's own scope; NULL: nothing.
 * `session` is that of a LOGIN_GRANT, NULL for others.
 * 0, or -1 with ERROR_CONFIG, or a key or database error. */
int grant_scope(struct context *context, const struct session *session,
                const struct provider *provider, const struct login_terms *terms,
                const char **scope) CHECKED;

/* What all [api NAME] of this provider need together; NULL: nothing. */
const char *grant_scope_of_all(struct arena *arena, const struct config *config,
                               const char *provider);

#endif

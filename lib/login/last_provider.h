/*
 * last_provider: which provider somebody signed in through last in this browser, so that the
 * sign-in page can point it out.
 *
 * A cookie of no consequence, "latchkey-last" (cookie.h has the prefix): it holds the provider's id,
 * unsigned. It outlives the session, and nothing but a hint to a person is ever made of it.
 */
#ifndef LATCHKEY_LOGIN_LAST_PROVIDER_H
#define LATCHKEY_LOGIN_LAST_PROVIDER_H

#include "edge/request.h"
#include "edge/response.h"
#include "oauth/provider.h"

#define LAST_PROVIDER_AGE (365 * 24 * 3600) /* seconds */

/* Adds the cookie to the response. */
void last_provider_remember(struct context *context, struct response *response,
                            const struct provider *provider);

/* The id of the one of these that the browser remembers; NULL for anything else in the cookie, and
 * without one. */
const char *last_provider_recall(struct context *context, const struct request *request,
                                 const struct provider_list *list);

#endif

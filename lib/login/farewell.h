/*
 * farewell: what is given back to a provider when an identity leaves: its tokens are revoked (RFC
 * 7009) as far as the provider allows. That it fails stops nothing: the log tells, and our copy is
 * deleted with the identity.
 */
#ifndef LATCHKEY_LOGIN_FAREWELL_H
#define LATCHKEY_LOGIN_FAREWELL_H

#include "edge/context.h"

/* Of one identity of the account, and of all. 0, or -1 with a key or database error. */
int farewell_to_identity(struct context *context, int64_t account, int64_t identity) CHECKED;
int farewell_to_account(struct context *context, int64_t account) CHECKED;

#endif

/*
 * admission: what becomes of a person whom a provider has vouched for (arrival.h): the end of a
 * login, of linking an identity, of confirming that it is still the same person, of granting more.
 */
#ifndef LATCHKEY_LOGIN_ADMISSION_H
#define LATCHKEY_LOGIN_ADMISSION_H

#include "edge/response.h"
#include "login/arrival.h"

/* Does what the login was begun for, whole or not at all, and records it among the events; a
 * refusal, too.
 * 0, or -1 with ERROR_POLICY, ERROR_SIGN_UP_CLOSED, ERROR_ACCOUNT_BLOCKED, ERROR_LINK_SESSION (who
 * began it is no longer signed in), ERROR_IDENTITY_TAKEN, ERROR_CONFIRM or ERROR_OTHER_IDENTITY (it
 * is somebody else), or a key or database error. */
int admission_complete(struct context *context, const struct request *request,
                       struct response *response, const struct arrival *arrival) CHECKED;

#endif

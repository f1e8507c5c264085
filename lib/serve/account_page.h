/*
 * account_page: what a person sees of the own account: who it is, the ways in, the sessions, what
 * happened lately, and the forms that account.cgi answers.
 */
#ifndef LATCHKEY_SERVE_ACCOUNT_PAGE_H
#define LATCHKEY_SERVE_ACCOUNT_PAGE_H

#include "edge/request.h"
#include "edge/response.h"
#include "login/session.h"

/* 0, or -1 with ERROR_TEMPLATE, ERROR_CONFIG or a database error. */
int account_page_respond(struct context *context, const struct request *request,
                         struct response *response, const struct session *session) CHECKED;

/* The page that asks for one more sign-in, by any identity of the account, before something that
 * cannot be undone. 0, or -1 as above. */
int account_page_respond_confirm(struct context *context, const struct request *request,
                                 struct response *response, const struct session *session) CHECKED;

/* The page that asks whether the account is really to be deleted. 0, or -1 as above. */
int account_page_respond_delete(struct context *context, const struct request *request,
                                struct response *response, const struct session *session) CHECKED;

#endif

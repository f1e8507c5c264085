/*
 * pages: what a person sees: the templates of pages/, filled in.
 *
 * Every page has a Content-Security-Policy that lets nothing in but its own style sheet and pictures,
 * and lets forms go to us and to where the reply to them redirects.
 */
#ifndef LATCHKEY_PROVIDER_PAGES_H
#define LATCHKEY_PROVIDER_PAGES_H

#include "exchange.h"
#include "grant.h"

/* All return 0, or -1 with ERROR_TEMPLATE. */

/* Who do you want to be? `session` is who could go on without choosing, or NULL; so is login_hint. */
int page_sign_in(struct exchange *exchange, const struct grant *request,
                 const struct grant *session, const char *login_hint) CHECKED;

/* Do you want to sign out? `session` is who is signed in. */
int page_sign_out(struct exchange *exchange, const struct grant *request,
                  const struct grant *session) CHECKED;

/* The response in a form that sends itself (Form Post Response Mode 1.0): the one page with a script,
 * and with a button for who has none. */
int page_form_post(struct exchange *exchange, const char *uri, const struct form *response) CHECKED;

/* What this provider is. */
int page_home(struct exchange *exchange) CHECKED;

struct page_text {
    const char *title;
    const char *text;
    const char *detail; /* NULL: none */
};

/* A page that says something; used for errors, too. */
int page_message(struct exchange *exchange, int status, const struct page_text *text);

/* The first letter of the name, for a picture; "?" without a name. */
char *person_initial(struct arena *arena, const struct person *person);

#endif

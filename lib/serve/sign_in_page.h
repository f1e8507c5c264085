/*
 * sign_in_page: the page with a button for each provider.
 *
 * A button is a link to login.cgi. Where the person has to name a server (provider->asks_instance)
 * it is a small form instead, and where he may say whether to be remembered ([session] remember =
 * ask) all are buttons of forms; login.cgi answers these by sign_in_page_lead().
 */
#ifndef LATCHKEY_SERVE_SIGN_IN_PAGE_H
#define LATCHKEY_SERVE_SIGN_IN_PAGE_H

#include "edge/context.h"
#include "edge/request.h"
#include "edge/response.h"
#include "login/departure.h"
#include "oauth/provider.h"

struct sign_in_page {
    const struct departure *departure; /* what is passed on to login.cgi */
    /* Of the page that asks for a server of the one provider that was chosen. */
    bool asks;
    const char *instance;  /* what was typed, as it was; NULL: nothing yet */
    enum error_rule wrong; /* why that will not do; ERROR_NONE: nothing is wrong */
};

/* True if the failure is one that naming another server may mend, so that the page is shown again
 * and says so. */
bool sign_in_page_can_help(enum error_rule rule);

/* Gathers the page for these providers.
 * 0, or -1 with ERROR_TEMPLATE. */
int sign_in_page_respond(struct context *context, const struct request *request,
                         struct response *response, const struct provider_list *list,
                         const struct sign_in_page *sign_in) CHECKED;

/* Gathers a page that leads the browser on to the provider at `uri`, at once and without a script:
 * the answer to the form, in place of a redirect. The form's page allows forms to this site alone
 * (form-action 'self'), and browsers hold a redirect that follows a form to that too; the origin of
 * a server that has not been typed yet cannot be allowed there. What a page by itself leads to is no
 * form's business.
 * 0, or -1 with ERROR_TEMPLATE. */
int sign_in_page_lead(struct context *context, const struct request *request,
                      struct response *response, const struct provider *provider,
                      const char *uri) CHECKED;

#endif

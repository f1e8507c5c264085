/*
 * page: HTML pages from the templates folder.
 *
 * A template may include others of the folder by `{{> name}}` (layout, style sheet): text, read
 * before the values are filled in. Every page gets these values besides its own: title (the
 * site's), home (URL path), lang, nonce (for style elements).
 */
#ifndef LATCHKEY_SERVE_PAGE_H
#define LATCHKEY_SERVE_PAGE_H

#include "edge/context.h"
#include "edge/request.h"
#include "edge/response.h"

/* Gathers the page `template` ("account.html") with these values into the response. `form_origins`
 * as in response_page().
 * 0, or -1 with ERROR_TEMPLATE. */
int page_respond(struct context *context, struct response *response, int status,
                 const char *template, struct json *values, const char *form_origins) CHECKED;

/* Gathers the answer to the failure recorded in the context's arena: a page or JSON. Cannot fail:
 * without a usable template it is a small page of its own. */
void page_respond_error(struct context *context, const struct request *request,
                        struct response *response);

#endif

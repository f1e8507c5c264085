/*
 * page: HTML pages from the templates folder, in the visitor's language.
 *
 *     struct page page;
 *     if (page_open(context, request, "account.html", &page) != 0)
 *         return -1;
 *     json_put_string(arena, page.values, "provider", label);
 *     return page_respond(context, response, &page);
 *
 * A template may include others of the folder by `{{> name}}` (layout, style sheet): text, read
 * before the values are filled in. Every page gets these values besides its own: title (the
 * site's), home (URL path), lang and dir (of its language), nonce (for style elements). Its words
 * are not in the templates but in the language's file: see texts.h.
 */
#ifndef LATCHKEY_SERVE_PAGE_H
#define LATCHKEY_SERVE_PAGE_H

#include "edge/context.h"
#include "edge/request.h"
#include "edge/response.h"
#include "serve/texts.h"

struct page {
    const char *template;
    struct texts texts;
    struct json *values;
    int status;               /* 200, unless the caller says otherwise */
    const char *form_origins; /* as in response_page(); NULL: none */
};

/* Begins a page: chooses its language.
 * 0, or -1 with ERROR_TEMPLATE. */
int page_open(struct context *context, const struct request *request, const char *template,
              struct page *page) CHECKED;

/* Gathers the page into the response, with Content-Language and Vary.
 * 0, or -1 with ERROR_TEMPLATE. */
int page_respond(struct context *context, struct response *response,
                 const struct page *page) CHECKED;

/* Gathers the answer to the failure recorded in the context's arena: a page or JSON. Cannot fail:
 * without usable templates it is a small page of its own, in English. */
void page_respond_error(struct context *context, const struct request *request,
                        struct response *response);

#endif

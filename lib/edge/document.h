/*
 * document: JSON documents of providers (discovery, JWK Sets), fetched and kept in the database.
 *
 * Kept for DOCUMENT_AGE; an older one is used, until it is DOCUMENT_STALE old, when the provider
 * cannot be reached or answers with an error. Documents are kept as received: whoever asks checks
 * them each time. The cache never stands in the way: if the database fails, that is logged, and
 * the document fetched.
 */
#ifndef LATCHKEY_EDGE_DOCUMENT_H
#define LATCHKEY_EDGE_DOCUMENT_H

#include "edge/http_client.h"

#define DOCUMENTS_LIMIT 256            /* kept; of more, the oldest go */
#define DOCUMENT_AGE 3600              /* seconds */
#define DOCUMENT_STALE (3 * 24 * 3600) /* seconds since it was fetched */
#define DOCUMENT_REFETCH_INTERVAL 60   /* seconds between refetches forced by an unknown key */

/* *text = the document that `request` asks for: from the database if it is younger than
 * DOCUMENT_AGE, else fetched and kept, by its URL.
 * 0, or -1 with http_request_send()'s errors. A status other than 200, or an answer that
 * is not a JSON object, is ERROR_HTTP_STATUS or ERROR_JSON and is not kept. */
int document_load(struct context *context, const struct http_request *request,
                  const char **text) CHECKED;

/* *text = the kept document, however old, or NULL: never asks the network. */
void document_peek(struct context *context, const char *url, const char **text);

/* Keeps it no longer, because it turned out to be useless: the next load fetches. The arena's error
 * stays as it is; a failure here goes to the log. */
void document_forget(struct context *context, const char *url);

/* Fetches although there may be a fresh one, because something in it was not found. If that
 * was done less than DOCUMENT_REFETCH_INTERVAL ago, nothing is fetched: *text is what was
 * fetched then (a fetch under way in another process is waited for, a moment), or NULL if that
 * failed; 0 in either case. */
int document_refetch(struct context *context, const struct http_request *request,
                     const char **text) CHECKED;

#endif

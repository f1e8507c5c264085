/*
 * document: JSON documents of providers (discovery, JWK Sets), fetched and kept in the database.
 *
 * Kept for DOCUMENT_AGE; a stale one is used for up to DOCUMENT_STALE when the provider cannot be
 * reached. Documents are kept as received: whoever asks checks them each time.
 */
#ifndef LATCHKEY_EDGE_DOCUMENT_H
#define LATCHKEY_EDGE_DOCUMENT_H

#include "edge/context.h"

#include <stdbool.h>

#define DOCUMENT_AGE (24 * 3600)     /* seconds */
#define DOCUMENT_REFETCH_INTERVAL 60 /* seconds between refetches forced by an unknown key */

/* *text = the document at `url`: from the database if it is younger than DOCUMENT_AGE, else fetched and kept.
 * 0, or -1 with ERROR_HTTP_*, ERROR_URL_NOT_ALLOWED or ERROR_DATABASE. A status other than 200, or an answer that is not a JSON
 * object, is ERROR_HTTP_STATUS or ERROR_JSON and is not kept. */
int document_load(struct context *context, const char *url, const char **text) CHECKED;

/* *text = the kept document, however old, or NULL: never asks the network. 0, or -1 with ERROR_DATABASE*. */
int document_peek(struct context *context, const char *url, const char **text) CHECKED;

/* Fetches although there may be a fresh one, because something in it was not found. *text = NULL (and 0) if
 * that was done less than DOCUMENT_REFETCH_INTERVAL ago. */
int document_refetch(struct context *context, const char *url, const char **text) CHECKED;

#endif

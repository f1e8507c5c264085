/*
 * api_request: what goes out to an API: the browser's request, less what is none of the API's
 * business, and with what gives access to it.
 *
 * Of the browser's fields an allow-list goes along: what it accepts, what it sends, conditions and
 * ranges. Never Cookie, Authorization, its address, our own fields, or what is about the connection.
 */
#ifndef LATCHKEY_LOGIN_API_REQUEST_H
#define LATCHKEY_LOGIN_API_REQUEST_H

#include "edge/http_client.h"
#include "login/api_record.h"
#include "login/usable_token.h"

/* A call of an API: what is asked, and in whose name. */
struct api_call {
    const struct api_record *record;
    const struct request *request;
    const char *path;         /* below the base: "", or from its "/" on */
    const char *content_type; /* NULL if absent */
    struct buffer body;
    const struct usable_token *token; /* NULL: in nobody's name */
    const char *key;                  /* the site's own; NULL: none */
};

/* The body, if the method has one, and its type.
 * 0, or -1 with ERROR_REQUEST_LENGTH, ERROR_REQUEST_TOO_LARGE, or request_variable()'s errors. */
int api_request_read(struct context *context, struct api_call *call) CHECKED;

/* *made = the request, but for what gives access. Pure but for the meta-variables.
 * 0, or -1 with api_url()'s errors, ERROR_CONFIG (base_url and provider do not fit) or
 * request_variable()'s. */
int api_request_make(struct context *context, const struct api_call *call,
                     struct http_request **made) CHECKED;

/* Adds the key and the access token, or signs with it. 0, or -1 with oauth1_sign()'s errors. */
int api_request_authorize(struct context *context, const struct api_call *call,
                          struct http_request *made) CHECKED;

/* True if the API may answer that nothing has changed. */
bool api_request_is_conditional(const struct http_request *request);

#endif

/*
 * visitor: what is kept of where a request came from, as [audit] address says.
 */
#ifndef LATCHKEY_LOGIN_VISITOR_H
#define LATCHKEY_LOGIN_VISITOR_H

#include "edge/context.h"
#include "edge/request.h"

/* The address to keep: whole; masked, the last 8 bits of IPv4 or the last 80 of IPv6 being 0 (NULL
 * for what is no address); or NULL. */
const char *visitor_address(struct context *context, const struct request *request);

#endif

/*
 * gateways: the two ways a web server speaks to us: CGI (RFC 3875), one process a request, and
 * FastCGI, one process for many.
 */
#ifndef LATCHKEY_SERVE_GATEWAYS_H
#define LATCHKEY_SERVE_GATEWAYS_H

#include "edge/gateway.h"

/* Environment, standard input, standard output. */
extern const struct gateway gateway_cgi;

/* Over an accepted FastCGI request (FCGX_Request *). */
struct FCGX_Request;
struct gateway gateway_fastcgi(struct FCGX_Request *request);

#endif

/*
 * cgi: the web server as CGI hands it over (RFC 3875): one process a request, its environment,
 * standard input and standard output.
 */
#ifndef LATCHKEY_SERVE_CGI_H
#define LATCHKEY_SERVE_CGI_H

#include "edge/gateway.h"

extern const struct gateway gateway_cgi;

#endif

/*
 * instance: a server that a visitor names, of a service that has many (a provider whose record says
 * `instance = ask`).
 *
 * Whoever can name servers could let us call hosts that he must not reach, or many of them. So a
 * name is one of the public DNS (edge/address.h judges what it leads to when we call), and servers
 * that nobody has used here before are called only so often within an hour.
 */
#ifndef LATCHKEY_LOGIN_INSTANCE_H
#define LATCHKEY_LOGIN_INSTANCE_H

#include "edge/context.h"

#include <stdbool.h>

#define INSTANCE_TYPED_LIMIT 512   /* bytes */
#define INSTANCE_WINDOW 3600       /* seconds in which new ones are counted */
#define INSTANCE_RETRY_INTERVAL 60 /* seconds between two attempts with the same one */

/* *host = the host in what a person typed: "social.example", also out of the address of a page
 * ("https://Social.Example/@ada"), or of a name ("@ada@social.example"). Lower case.
 * 0, or -1 with ERROR_INSTANCE: no name of the public DNS, or with a port or a password. */
int instance_parse(struct arena *arena, const char *typed, const char **host) CHECKED;

/* True if `host` is what instance_parse() makes of it: a name that came back in a URL. */
bool instance_is_host(struct arena *arena, const char *host);

/* True for a name with other letters than those of the DNS: RFC 5891 has it typed as "xn--…". */
bool instance_is_international(const char *typed);

/* Before we call a host whose client we are not yet: counts it.
 * 0, or -1 with ERROR_INSTANCE_LIMIT (too many within INSTANCE_WINDOW over all visitors, or this one
 * again too soon) or a database error. */
int instance_admit(struct context *context, const char *host) CHECKED;

#endif

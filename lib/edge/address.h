/*
 * address: who is out on the Internet, where anyone could call them, and who is in somebody's own
 * network: this machine, the one it stands in, what is reserved or means something else.
 *
 * For hosts that a stranger chose. It is an allow-list: what is not known to be public is not.
 */
#ifndef LATCHKEY_EDGE_ADDRESS_H
#define LATCHKEY_EDGE_ADDRESS_H

#include <stdbool.h>
#include <sys/socket.h>

/* The longest name (RFC 1035 2.3.4, as a text without the dot at the end). */
#define ADDRESS_NAME_LIMIT 253

/* True for an IPv4 or IPv6 address that is globally routed unicast and in no block of IANA's
 * registries of special-purpose addresses (RFC 6890). One that carries an IPv4 address, because it
 * is mapped (::ffff:0:0/96) or translated (64:ff9b::/96), is judged by that. */
bool address_is_public(const struct sockaddr *address);

/* True for a name of at least two labels of letters, digits and "-" (RFC 1123 2.1), in either case,
 * that may stand in the public DNS: no IPv4 address in any notation, and below no top-level domain
 * that is kept for other uses (RFC 6761: "localhost", "onion", "internal" …). Nothing is resolved. */
bool address_is_public_name(const char *name);

#endif

/*
 * email_address: what may pass for an e-mail address (RFC 5321, RFC 6531), and when two are the
 * same.
 *
 * Strict where it matters to us: an address is compared and shown, never sent to. One "@", no
 * quoting, nothing that people take for an "@" or do not see, a host name behind it. The part before
 * the "@" is compared as it is, the domain without regard to the case of its letters (RFC 5321 2.4)
 * and to how they are written, "bücher.example" or "xn--bcher-kva.example" (format/idna.h); whole:
 * what is below a domain does not belong to it.
 */
#ifndef LATCHKEY_FORMAT_EMAIL_ADDRESS_H
#define LATCHKEY_FORMAT_EMAIL_ADDRESS_H

#include "base/arena.h"

#include <stdbool.h>

#define EMAIL_ADDRESS_LIMIT 254 /* bytes (RFC 5321 4.5.3.1.3) */

/* False also for NULL. All functions below want addresses for which this is true. */
bool email_address_is_valid(struct arena *arena, const char *text);

/* What stands behind the "@". */
const char *email_address_domain(const char *address);

/* True if the address's domain is one of these words. NULL: there are none. */
bool email_address_is_in(struct arena *arena, const char *address, const char *domains);

bool email_address_equal(struct arena *arena, const char *a, const char *b);

/* True if the address is equal to one of these words, all of them addresses. NULL: there are
 * none. */
bool email_address_is_among(struct arena *arena, const char *address, const char *addresses);

/* For settings: true if all of these words are domains (with a dot), or addresses. "*@example.org" is
 * none, though RFC 5321 has it: who writes it takes it for a pattern. */
bool email_address_are_domains(struct arena *arena, const char *words);
bool email_address_are_valid(struct arena *arena, const char *words);

#endif

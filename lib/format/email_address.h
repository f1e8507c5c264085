/*
 * email_address: what may pass for an e-mail address (RFC 5321, RFC 6531), and when two are the
 * same.
 *
 * Strict where it matters to us: an address is compared and shown, never sent to. One "@", no
 * quoting, nothing that people take for an "@" or do not see. The part before the "@" is compared as
 * it is, the domain without regard to the case of ASCII letters (RFC 5321 2.4), whole: what is below
 * a domain does not belong to it. A domain in another script must be written the way it was told;
 * "xn--" and its letters are not the same.
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

/* True if the address's domain is one of these words. */
bool email_address_is_in(struct arena *arena, const char *address, const char *domains);

bool email_address_equal(const char *a, const char *b);

#endif

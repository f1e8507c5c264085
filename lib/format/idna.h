/*
 * idna: host names in other letters than those of the DNS, in the one form that can be compared
 * (RFC 5890-5892, RFC 3492).
 *
 * A browser or a mail program maps what people type (RFC 5895) with tables of all of Unicode; we do
 * not have them. Only letters that have a small form at a fixed place are folded: ASCII, Latin-1,
 * Latin Extended-A, Greek, Cyrillic, Armenian. What is written in yet another way is another name:
 * too strict, never too lax.
 */
#ifndef LATCHKEY_FORMAT_IDNA_H
#define LATCHKEY_FORMAT_IDNA_H

#include "base/arena.h"

#define IDNA_NAME_LIMIT 253 /* bytes, of the form for the DNS (RFC 1035 2.3.4) */

/* "Bücher.example" (UTF-8) as "xn--bcher-kva.example": labels of small letters, digits and "-",
 * separated by single dots. NULL for what is no host name: an empty or overlong label, one that
 * begins or ends with "-", any other character. */
char *idna_to_ascii(struct arena *arena, const char *name);

#endif

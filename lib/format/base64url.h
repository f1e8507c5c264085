/*
 * base64url: RFC 4648 section 5, without padding, strictly (as RFC 7515 section 2 demands).
 *
 * Decoding refuses padding, white space, any other stray byte, an impossible length, and trailing
 * bits that are not zero: there is exactly one text for each sequence of bytes.
 * The standard alphabet with padding (for HTTP Basic authentication) is base64_encode().
 */
#ifndef LATCHKEY_FORMAT_BASE64URL_H
#define LATCHKEY_FORMAT_BASE64URL_H

#include "base/arena.h"

/* The text of `length` bytes. */
char *base64url_encode(struct arena *arena, const void *bytes, size_t length);

/* RFC 4648 section 4, with padding. */
char *base64_encode(struct arena *arena, const void *bytes, size_t length);

/* Decodes `length` characters into new bytes (with a NUL behind them).
 * 0, or -1 with ERROR_BASE64URL. */
int base64url_decode(struct arena *arena, const char *text, size_t length, unsigned char **bytes,
                     size_t *bytes_length) CHECKED;

/* Decodes a string that must give exactly `size` bytes. 0, or -1 with ERROR_BASE64URL. */
int base64url_decode_exactly(struct arena *arena, const char *text, void *bytes,
                             size_t size) CHECKED;

#endif

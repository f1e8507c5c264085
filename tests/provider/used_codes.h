/*
 * used_codes: which authorization codes have been redeemed, known to all processes.
 *
 * A ring in shared memory under a lock: the codes themselves are signed texts that carry everything,
 * so all there is to remember is that one was here.
 */
#ifndef LATCHKEY_PROVIDER_USED_CODES_H
#define LATCHKEY_PROVIDER_USED_CODES_H

#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#define USED_CODES_LIMIT 16384 /* within CODE_AGE; then codes are refused */
#define CODE_AGE 60            /* seconds that a code can be redeemed (RFC 6749 4.1.2) */

enum redemption {
    REDEMPTION_FIRST,
    REDEMPTION_REPEATED, /* and what was issued for it is revoked (RFC 6749 4.1.2) */
    REDEMPTION_FULL,     /* too many codes to remember one more */
};

struct used_codes;

/* NULL if there is no memory. */
struct used_codes *used_codes_open(void);
void used_codes_close(struct used_codes *used);

/* Redeems the code with this id, once. */
enum redemption used_codes_redeem(struct used_codes *used, uint64_t id, int64_t now) CHECKED;

/* True if somebody tried to redeem it twice. */
bool used_codes_is_revoked(struct used_codes *used, uint64_t id) CHECKED;

#endif

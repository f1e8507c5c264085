/* fuzz jws: any text as a token, before keys for which the seeds verify. */
#include "format/base64url.h"
#include "format/jws.h"

#include <stdlib.h>
#include <string.h>

#define EVERY_ALG "RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* The public keys of RFC 7515 A.2, A.3, A.4, of RFC 8037 A.2 and of RFC 7520 3.3. */
static const char keys[] =
    "{\"keys\":[{\"kty\":\"RSA\",\"n\":\"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPdd"
    "xHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ"
    "47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg66"
    "5xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2eth"
    "FkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ\",\"e\":\"AQAB\"},{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
    "\"f83OJ3"
    "D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\",\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI"
    "5a0\"},{\"kty\":\"EC\",\"crv\":\"P-521\",\"x\":"
    "\"AekpBQ8ST8a8VcfVOTNl353vSrDCLLJXmPk06wTjxrrjcBp"
    "Xp5EOnYG_NjFZ6OvLFV1jSfS9tsz4qUxcWceqwQGk\",\"y\":\"ADSmRA43Z1DSNx_RvcLI87cdL07l6jQyyBXM"
    "oxVg_l2Th-x3S1WDhjDly79ajL4Kkd0AZMaZmh9ubmf63e3kyMj2\"},{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
    "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"},{\"kty\":\"RSA\",\"kid\":\"bilbo."
    "baggins"
    "@hobbiton.example\",\"use\":\"sig\",\"n\":\"n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4"
    "rHVTeT-O-XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-QtiWN2lbzcE"
    "e6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHpPI9bT"
    "wJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_"
    "qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw\",\"e\":\"AQAB\"}]}";

/* The secret of RFC 7515 A.1. */
static const char secret[] =
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow";

/* What was decoded is written again as it was sent: there is one text for a token. */
static void check_notation(struct arena *arena, const struct jws *jws, const char *token) {
    const char *payload = base64url_encode(arena, jws->payload, jws->payload_length);
    const char *signature = base64url_encode(arena, jws->signature, jws->signature_length);
    const char *sent = strchr(token, '.') + 1;
    if (strcmp(sent, arena_format(arena, "%s.%s", payload, signature)) != 0)
        abort();
}

static void verify(struct arena *arena, const struct jws *jws) {
    struct jwk_set set;
    unsigned char *octets;
    size_t length;
    if (jwk_set_parse(arena, keys, strlen(keys), &set) != 0 ||
        base64url_decode(arena, secret, strlen(secret), &octets, &length) != 0)
        abort();
    int by_key = jws_verify(arena, jws, EVERY_ALG, &set);
    int by_secret = jws_verify_secret(arena, jws, octets, length);
    if (by_key == 0 && (by_secret == 0 || !jws_has_key(jws, &set)))
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *token = arena_copy(&arena, bytes, size);
    struct jws jws;
    if (jws_parse(&arena, token, &jws) == 0) {
        check_notation(&arena, &jws, token);
        verify(&arena, &jws);
    } else if (arena.error.rule == ERROR_NONE) {
        abort();
    }
    arena_close(&arena);
    return 0;
}

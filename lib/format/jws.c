#include "format/jws.h"

#include "base/secret.h"
#include "base/text.h"
#include "format/base64url.h"
#include "format/digest.h"
#include "format/public_key.h"
#include "format/signature.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#define TRIES_MAX 8 /* bounds the work for one token */

/* One segment of the compact serialization, as sent. */
struct segment {
    const char *text;
    size_t length;
};

/* RFC 7515 7.1: three segments, two dots. */
static bool split(const char *compact, struct segment segments[3]) {
    for (int i = 0; i < 3; i++) {
        segments[i] = (struct segment){compact, strcspn(compact, ".")};
        compact += segments[i].length;
        if (*compact != (i < 2 ? '.' : '\0'))
            return false;
        compact += i < 2;
    }
    return true;
}

static int decode(struct arena *arena, const struct segment *segment, const char *part,
                  unsigned char **bytes, size_t *length) {
    struct error before = arena->error;
    if (base64url_decode(arena, segment->text, segment->length, bytes, length) == 0)
        return 0;
    return jose_malformed(arena, &before, ERROR_JWS_MALFORMED, part);
}

static int read_header(struct arena *arena, const struct segment *segment,
                       const struct json **header) {
    unsigned char *bytes;
    size_t length;
    if (decode(arena, segment, "JWS header", &bytes, &length) != 0)
        return -1;
    struct error before = arena->error;
    struct json *object;
    if (json_parse_object(arena, (const char *)bytes, length, &object) != 0)
        return jose_malformed(arena, &before, ERROR_JWS_MALFORMED, "JWS header");
    *header = object;
    return 0;
}

/* *text = the header's member, or NULL if it is absent; anything but a string is malformed. */
static int read_member(struct arena *arena, const struct json *header, const char *name,
                       const char **text) {
    *text = json_string(header, name);
    if (*text == NULL && json_member(header, name) != NULL)
        return fail(arena, ERROR_JWS_MALFORMED, "JWS header: \"%s\" is not a string", name);
    return 0;
}

/* What the header asks for. Its members jwk, jku, x5u, x5c and x5t are keys by the sender's own
 * word, and are passed over like any unknown member (RFC 7515 4); so is "zip", which is of JWE: a
 * payload is never inflated. */
static int check_header(struct arena *arena, struct jws *jws) {
    const char *alg = json_string(jws->header, "alg");
    const struct jose_algorithm *algorithm = jose_algorithm(alg);
    if (algorithm == NULL)
        return fail(arena, ERROR_JWS_ALG, "JWS header: alg is %s", alg == NULL ? "missing" : alg);
    jws->alg = algorithm->name;

    /* RFC 7515 4.1.11: an extension that must be understood; we understand none. */
    if (json_member(jws->header, "crit") != NULL)
        return fail(arena, ERROR_JWS_CRIT, "JWS header: crit");
    /* RFC 7797 6: "b64" must be listed in crit; else a payload could be read in two ways. */
    if (json_member(jws->header, "b64") != NULL && !json_is_true(jws->header, "b64"))
        return fail(arena, ERROR_JWS_CRIT, "JWS header: b64 without crit");

    if (read_member(arena, jws->header, "typ", &jws->typ) != 0)
        return -1;
    return read_member(arena, jws->header, "kid", &jws->kid);
}

int jws_parse(struct arena *arena, const char *compact, struct jws *jws) {
    if (strnlen(compact, JWS_SIZE_LIMIT + 1) > JWS_SIZE_LIMIT)
        return fail(arena, ERROR_JWS_TOO_LARGE, "a JWS of more than %u characters", JWS_SIZE_LIMIT);
    struct segment segments[3];
    if (!split(compact, segments))
        return fail(arena, ERROR_JWS_MALFORMED, "a JWS has three segments");

    *jws = (struct jws){
        .signing_input = compact,
        .signing_input_length = segments[0].length + 1 + segments[1].length,
    };
    unsigned char *payload;
    unsigned char *signature;
    if (read_header(arena, &segments[0], &jws->header) != 0 || check_header(arena, jws) != 0 ||
        decode(arena, &segments[1], "JWS payload", &payload, &jws->payload_length) != 0 ||
        decode(arena, &segments[2], "JWS signature", &signature, &jws->signature_length) != 0)
        return -1;
    jws->payload = (const char *)payload;
    jws->signature = signature;
    return 0;
}

bool jws_alg_is_known(const char *alg) {
    return jose_algorithm(alg) != NULL;
}

/* OpenID Connect Core 10.1: the kid decides. A key without one does not answer to a token's kid. */
static bool is_candidate(const struct jws *jws, const struct jwk *key) {
    if (jws->kid != NULL && !text_equal(jws->kid, key->kid))
        return false;
    return jwk_fits(key, jws->alg);
}

bool jws_has_key(const struct jws *jws, const struct jwk_set *set) {
    for (size_t i = 0; i < set->count; i++)
        if (is_candidate(jws, &set->keys[i]))
            return true;
    return false;
}

/* ERROR_NONE, or the rule that this key or the signature breaks. */
static enum error_rule try_key(struct arena *arena, const struct jws *jws, const struct jwk *key,
                               struct public_keys *opened) {
    const struct jose_algorithm *algorithm = jose_algorithm(jws->alg);
    EVP_PKEY *pkey;
    enum error_rule broken = public_key_open(arena, key, algorithm, opened, &pkey);
    if (broken != ERROR_NONE)
        return broken;
    bool valid = signature_is_valid(pkey, algorithm, jws);
    EVP_PKEY_free(pkey);
    return valid ? ERROR_NONE : ERROR_JWS_SIGNATURE;
}

/* Tries the candidates in order. A wrong signature says more than a key that could not be used. */
static enum error_rule try_keys(struct arena *arena, const struct jws *jws,
                                const struct jwk_set *set) {
    enum error_rule verdict = ERROR_JWS_KEY_UNKNOWN;
    int tries = 0;
    for (size_t i = 0; i < set->count && tries < TRIES_MAX; i++) {
        if (!is_candidate(jws, &set->keys[i]))
            continue;
        enum error_rule broken = try_key(arena, jws, &set->keys[i], set->opened);
        if (broken == ERROR_NONE)
            return ERROR_NONE;
        if (broken == ERROR_JWS_SIGNATURE)
            tries++;
        if (verdict != ERROR_JWS_SIGNATURE)
            verdict = broken;
    }
    return verdict;
}

int jws_verify(struct arena *arena, const struct jws *jws, const char *algs,
               const struct jwk_set *set) {
    /* RFC 8725 3.1: the caller's list decides. A MAC under a public key would prove nothing. */
    const struct jose_algorithm *algorithm = jose_algorithm(jws->alg);
    if (algorithm == NULL || algorithm->kind == JOSE_HMAC || !text_has_word(algs, jws->alg))
        return fail(arena, ERROR_JWS_ALG, "signed by %s, accepted: %s", jws->alg, algs);
    enum error_rule broken = try_keys(arena, jws, set);
    if (broken == ERROR_NONE)
        return 0;
    return fail(arena, broken, "%s, kid %s, %zu keys in the set", jws->alg,
                jws->kid == NULL ? "absent" : jws->kid, set->count);
}

int jws_verify_secret(struct arena *arena, const struct jws *jws, const void *secret,
                      size_t length) {
    if (!text_equal(jws->alg, "HS256"))
        return fail(arena, ERROR_JWS_ALG, "signed by %s, accepted: HS256", jws->alg);
    if (length < JWS_HS256_SECRET_MIN)
        return fail(arena, ERROR_JWK_WEAK, "a secret of %zu bytes for HS256", length);

    unsigned char mac[DIGEST_SIZE];
    digest_hmac_sha256(secret, length, jws->signing_input, jws->signing_input_length, mac);
    bool valid =
        jws->signature_length == sizeof(mac) && secret_equal(jws->signature, mac, sizeof(mac));
    secret_wipe(mac, sizeof(mac));
    return valid ? 0 : fail(arena, ERROR_JWS_SIGNATURE, "HS256");
}

int jws_verify_own(struct arena *arena, const struct jws *jws, const struct signing_key *key) {
    if (!signing_key_fits(key))
        return fail(arena, ERROR_INTERNAL, "not a key for %s", key->alg);
    /* RFC 8725 3.1: the key decides, never the token. */
    if (!text_equal(jws->alg, key->alg))
        return fail(arena, ERROR_JWS_ALG, "signed by %s, accepted: %s", jws->alg, key->alg);
    const struct jose_algorithm *algorithm = jose_algorithm(key->alg);
    if (algorithm->kind == JOSE_HMAC)
        return jws_verify_secret(arena, jws, key->octets, key->octets_length);
    return signature_is_valid(key->pkey, algorithm, jws)
               ? 0
               : fail(arena, ERROR_JWS_SIGNATURE, "%s", key->alg);
}

int jws_claims(struct arena *arena, const struct jws *jws, enum error_rule rule,
               const struct json **claims) {
    struct error before = arena->error;
    struct json *object;
    if (json_parse_object(arena, jws->payload, jws->payload_length, &object) != 0)
        return jose_malformed(arena, &before, rule, "claims");
    *claims = object;
    return 0;
}

static char *encode_json(struct arena *arena, const struct json *value) {
    const char *text = json_write(arena, value);
    return base64url_encode(arena, text, strlen(text));
}

int jws_sign(struct arena *arena, const struct signing_key *key, const char *typ,
             const struct json *payload, char **compact) {
    struct json *header = json_object(arena);
    json_put_string(arena, header, "alg", key->alg);
    json_put_string(arena, header, "typ", typ);
    json_put_string(arena, header, "kid", key->kid);
    const char *input =
        arena_format(arena, "%s.%s", encode_json(arena, header), encode_json(arena, payload));
    unsigned char *signature;
    size_t length;
    if (signature_make(arena, key, input, &signature, &length) != 0)
        return -1;
    *compact = arena_format(arena, "%s.%s", input, base64url_encode(arena, signature, length));
    return 0;
}

int jws_half_hash(struct arena *arena, const char *alg, const char *text, char **hash) {
    const struct jose_algorithm *algorithm = jose_algorithm(alg);
    if (algorithm == NULL)
        return fail(arena, ERROR_JWS_ALG, "no hash of %s", alg == NULL ? "no alg" : alg);
    unsigned char digest[EVP_MAX_MD_SIZE];
    size_t length = 0;
    int done = EVP_Q_digest(NULL, algorithm->hash, NULL, text, strlen(text), digest, &length);
    ERR_clear_error();
    if (done != 1)
        return fail(arena, ERROR_INTERNAL, "no digest %s", algorithm->hash);
    *hash = base64url_encode(arena, digest, length / 2);
    return 0;
}

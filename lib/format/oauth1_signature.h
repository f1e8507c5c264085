/*
 * oauth1_signature: what a request of OAuth 1.0 signs, how, and the field that carries it
 * (RFC 5849 3).
 *
 * Pure: nonce and timestamp are the caller's. The caller also fills in oauth_signature_method, and
 * appends the oauth_signature that one of these methods made. PLAINTEXT, which would send the
 * secrets themselves, is not here.
 */
#ifndef LATCHKEY_FORMAT_OAUTH1_SIGNATURE_H
#define LATCHKEY_FORMAT_OAUTH1_SIGNATURE_H

#include "format/form.h"
#include "format/signing_key.h"

/* The request that is signed, as it will be sent. */
struct oauth1_message {
    const char *method;      /* "GET", in capitals */
    const char *url;         /* absolute, with its query */
    const struct form *body; /* if it is urlencoded; NULL: no body, or another one */
};

/* *base = the signature base string (3.4.1). `protocol` are the parameters of the Authorization
 * field, without oauth_signature and realm.
 * 0, or -1 with ERROR_URI, or form_parse()'s errors of the URL's query. */
int oauth1_signature_base(struct arena *arena, const struct oauth1_message *message,
                          const struct form *protocol, char **base) CHECKED;

/* *signature = HMAC-SHA1 (3.4.2), in base64. `token_secret` is NULL where there is no token yet.
 * 0, or -1 with ERROR_INTERNAL. */
int oauth1_signature_hmac_sha1(struct arena *arena, const char *base, const char *client_secret,
                               const char *token_secret, char **signature) CHECKED;

/* *signature = RSA-SHA1 (3.4.3), in base64, with a key that signing_key_parse() read for "RS256":
 * RSA, and of a size that is still safe.
 * 0, or -1 with ERROR_INTERNAL. */
int oauth1_signature_rsa_sha1(struct arena *arena, const char *base, const struct signing_key *key,
                              char **signature) CHECKED;

/* The value of the Authorization field (3.5.1), in the order of the form. */
char *oauth1_signature_field(struct arena *arena, const struct form *protocol);

#endif

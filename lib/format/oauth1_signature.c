#include "format/oauth1_signature.h"

#include "base/buffer.h"
#include "format/base64url.h"
#include "format/uri.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>
#include <string.h>

/* ---- the base string ------------------------------------------------------------------------- */

/* A parameter as it is signed: both halves percent-encoded. */
struct parameter {
    const char *name;
    const char *value;
};

struct parameters {
    struct parameter *list;
    size_t count;
};

static size_t count_fields(const struct form *form) {
    size_t count = 0;
    for (const struct form_field *field = form->first; field != NULL; field = field->next)
        count++;
    return count;
}

static void add(struct arena *arena, struct parameters *parameters, const struct form *form) {
    for (const struct form_field *field = form->first; field != NULL; field = field->next)
        parameters->list[parameters->count++] = (struct parameter){
            .name = uri_encode(arena, field->name),
            .value = uri_encode(arena, field->value),
        };
}

/* 3.4.1.3.2 (2): by the encoded name, byte by byte; of equal names, by the encoded value. */
static int by_bytes(const void *a, const void *b) {
    const struct parameter *left = a;
    const struct parameter *right = b;
    int order = strcmp(left->name, right->name);
    return order != 0 ? order : strcmp(left->value, right->value);
}

/* 3.4.1.3: of the query, the body and the Authorization field; in one row. */
static char *normalize(struct arena *arena, const struct form *query, const struct form *body,
                       const struct form *protocol) {
    size_t count = count_fields(query) + count_fields(body) + count_fields(protocol);
    struct parameters parameters = {
        .list = arena_array(arena, count, sizeof(*parameters.list)),
    };
    add(arena, &parameters, query);
    add(arena, &parameters, body);
    add(arena, &parameters, protocol);
    qsort(parameters.list, count, sizeof(*parameters.list), by_bytes);

    struct buffer row;
    buffer_open(arena, &row);
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_add_byte(&row, '&');
        buffer_add_text(&row, parameters.list[i].name);
        buffer_add_byte(&row, '=');
        buffer_add_text(&row, parameters.list[i].value);
    }
    return row.bytes;
}

int oauth1_signature_base(struct arena *arena, const struct oauth1_message *message,
                          const struct form *protocol, char **base) {
    static const struct form empty = {.first = NULL};
    struct uri uri;
    struct form query = empty;
    if (uri_parse(arena, message->url, &uri) != 0)
        return -1;
    if (uri.query != NULL && form_parse(arena, uri.query, strlen(uri.query), &query) != 0)
        return -1;

    /* 3.4.1.2: scheme and host in small letters, without the scheme's own port. A path that is not
     * there is "/" in the request line (RFC 9112 3.2.1), and so it is here. */
    const char *address =
        arena_format(arena, "%s%s", uri_origin(arena, &uri), *uri.path == '\0' ? "/" : uri.path);
    const struct form *body = message->body != NULL ? message->body : &empty;
    *base = arena_format(arena, "%s&%s&%s", message->method, uri_encode(arena, address),
                         uri_encode(arena, normalize(arena, &query, body, protocol)));
    return 0;
}

/* ---- the methods ----------------------------------------------------------------------------- */

int oauth1_signature_hmac_sha1(struct arena *arena, const char *base, const char *client_secret,
                               const char *token_secret, char **signature) {
    /* 3.4.2: the "&" stands there also if a secret is empty. */
    const char *key = arena_format(arena, "%s&%s", uri_encode(arena, client_secret),
                                   token_secret != NULL ? uri_encode(arena, token_secret) : "");
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int length = 0;
    bool done = HMAC(EVP_sha1(), key, (int)strlen(key), (const unsigned char *)base, strlen(base),
                     mac, &length) != NULL;
    ERR_clear_error();
    if (!done)
        return fail(arena, ERROR_INTERNAL, "cannot sign by HMAC-SHA1");
    *signature = base64_encode(arena, mac, length);
    return 0;
}

/* RSASSA-PKCS1-v1_5 with SHA-1, which is OpenSSL's padding unless told otherwise. */
static bool sign(EVP_PKEY *pkey, const char *base, unsigned char *octets, size_t *length) {
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    bool done =
        digest != NULL && EVP_PKEY_is_a(pkey, "RSA") &&
        EVP_DigestSignInit_ex(digest, NULL, "SHA1", NULL, NULL, pkey, NULL) == 1 &&
        EVP_DigestSign(digest, octets, length, (const unsigned char *)base, strlen(base)) == 1;
    EVP_MD_CTX_free(digest);
    ERR_clear_error();
    return done;
}

int oauth1_signature_rsa_sha1(struct arena *arena, const char *base, const struct signing_key *key,
                              char **signature) {
    size_t length = (size_t)EVP_PKEY_get_size(key->pkey);
    unsigned char *octets = arena_alloc(arena, length);
    if (!sign(key->pkey, base, octets, &length))
        return fail(arena, ERROR_INTERNAL, "cannot sign by RSA-SHA1");
    *signature = base64_encode(arena, octets, length);
    return 0;
}

/* ---- the field ------------------------------------------------------------------------------- */

char *oauth1_signature_field(struct arena *arena, const struct form *protocol) {
    struct buffer value;
    buffer_open(arena, &value);
    for (const struct form_field *field = protocol->first; field != NULL; field = field->next)
        buffer_add_format(&value, "%s%s=\"%s\"", field == protocol->first ? "OAuth " : ", ",
                          uri_encode(arena, field->name), uri_encode(arena, field->value));
    return value.bytes;
}

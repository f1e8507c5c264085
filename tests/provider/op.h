/*
 * op: the OpenID Provider itself: who it is, its clients, its keys.
 *
 * Made once at start, read-only afterwards but for the memory of used codes, which all processes share.
 */
#ifndef LATCHKEY_PROVIDER_OP_H
#define LATCHKEY_PROVIDER_OP_H

#include "format/signing_key.h"
#include "notes.h"
#include "templates.h"
#include "used_codes.h"

#define OP_CLIENTS_LIMIT 16
#define OP_URIS_LIMIT 16 /* of each client, and of post-logout URIs */

struct uri_list {
    size_t count;
    const char *uris[OP_URIS_LIMIT];
};

struct client {
    const char *id;
    const char *secret;
    struct uri_list redirect_uris;
};

struct op {
    int port;
    const char *issuer;
    bool quiet;
    const char *pages; /* the folder of the templates */
    size_t clients_count;
    struct client clients[OP_CLIENTS_LIMIT];
    struct uri_list post_logout_uris;
    const char *id_token_alg; /* "RS256" or "ES256" */
    struct signing_key rsa;
    struct signing_key ec;
    unsigned char secret[32]; /* what grants are signed with */
    struct used_codes *used_codes;
    struct notes *notes;
    const char *api_key; /* of /api/time; NULL: it asks for none */
    const char *templates[TEMPLATE_COUNT];
};

/* Reads the templates, makes keys, secret and shared memory for an op whose settings are there.
 * 0, or -1 with ERROR_TEMPLATE or ERROR_INTERNAL. */
int op_open(struct arena *arena, struct op *op) CHECKED;
void op_close(struct op *op);

/* The registered client, or NULL. */
const struct client *op_client(const struct op *op, const char *id);

/* Registered URIs are compared character by character (RFC 9700 2.1). */
bool uri_list_has(const struct uri_list *list, const char *uri);

/* The key that ID Tokens are signed with. */
const struct signing_key *op_signing_key(const struct op *op);

/* The JWK Set of both public keys. 0, or -1 with ERROR_INTERNAL. */
int op_jwk_set(struct arena *arena, const struct op *op, struct json **set) CHECKED;

/* "http://localhost:8081/authorize" for "/authorize". */
char *op_uri(struct arena *arena, const struct op *op, const char *path);

#endif

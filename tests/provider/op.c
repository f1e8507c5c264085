#include "op.h"

#include "base/secret.h"
#include "base/text.h"
#include "format/base64url.h"

/* New keys with every start have new names: whoever kept the old ones must notice. */
static char *new_kid(struct arena *arena, const char *kind) {
    unsigned char bytes[6];
    secret_random(bytes, sizeof(bytes));
    return arena_format(arena, "%s-%s", kind, base64url_encode(arena, bytes, sizeof(bytes)));
}

int op_open(struct arena *arena, struct op *op) {
    if (templates_load(arena, op->pages, op->templates) != 0)
        return -1;
    secret_random(op->secret, sizeof(op->secret));
    op->used_codes = used_codes_open();
    op->notes = notes_open();
    if (op->used_codes == NULL || op->notes == NULL)
        return fail(arena, ERROR_INTERNAL, "no shared memory");
    if (signing_key_generate(arena, "RS256", new_kid(arena, "rsa"), &op->rsa) != 0)
        return -1;
    return signing_key_generate(arena, "ES256", new_kid(arena, "ec"), &op->ec);
}

void op_close(struct op *op) {
    signing_key_free(&op->rsa);
    signing_key_free(&op->ec);
    used_codes_close(op->used_codes);
    notes_close(op->notes);
    secret_wipe(op->secret, sizeof(op->secret));
}

const struct client *op_client(const struct op *op, const char *id) {
    for (size_t i = 0; i < op->clients_count; i++)
        if (text_equal(op->clients[i].id, id))
            return &op->clients[i];
    return NULL;
}

bool uri_list_has(const struct uri_list *list, const char *uri) {
    for (size_t i = 0; i < list->count; i++)
        if (text_equal(list->uris[i], uri))
            return true;
    return false;
}

const struct signing_key *op_signing_key(const struct op *op) {
    return text_equal(op->id_token_alg, "ES256") ? &op->ec : &op->rsa;
}

int op_jwk_set(struct arena *arena, const struct op *op, struct json **set) {
    struct json *rsa;
    struct json *ec;
    if (signing_key_public(arena, &op->rsa, &rsa) != 0 ||
        signing_key_public(arena, &op->ec, &ec) != 0)
        return -1;
    struct json *keys = json_array(arena);
    json_append(keys, rsa);
    json_append(keys, ec);
    *set = json_object(arena);
    json_put(arena, *set, "keys", keys);
    return 0;
}

char *op_uri(struct arena *arena, const struct op *op, const char *path) {
    return arena_format(arena, "%s%s", op->issuer, path);
}

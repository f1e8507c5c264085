#include "format/jwk.h"

#include "base/text.h"
#include "format/jose.h"

/* *text = the member's string, or NULL if there is none. False if it is something else. */
static bool read_text(const struct json *object, const char *name, const char **text) {
    *text = json_string(object, name);
    return *text != NULL || json_member(object, name) == NULL;
}

/* RFC 7517 4. Members with private halves (d, p, q …) are not looked at: a provider that publishes
 * them has given its key away, but its users' sign-in is not ours to judge by that. */
static bool read_key(const struct json *object, struct jwk *key) {
    *key = (struct jwk){.members = object, .key_ops = json_member(object, "key_ops")};
    if (!read_text(object, "kty", &key->kty) || key->kty == NULL)
        return false;
    if (key->key_ops != NULL && key->key_ops->type != JSON_ARRAY)
        return false;
    return read_text(object, "kid", &key->kid) && read_text(object, "alg", &key->alg) &&
           read_text(object, "use", &key->use) && read_text(object, "crv", &key->crv);
}

int jwk_set_parse(struct arena *arena, const char *text, size_t length, struct jwk_set *set) {
    struct error before = arena->error;
    struct json *document;
    if (json_parse_object(arena, text, length, &document) != 0)
        return jose_malformed(arena, &before, ERROR_JWK_MALFORMED, "JWK Set");

    /* RFC 7517 5.1. */
    const struct json *keys = json_member(document, "keys");
    if (keys == NULL || keys->type != JSON_ARRAY)
        return fail(arena, ERROR_JWK_MALFORMED, "JWK Set: no array \"keys\"");
    if (keys->count > JWK_SET_LIMIT)
        return fail(arena, ERROR_JWK_MALFORMED, "JWK Set: %zu keys, more than %d", keys->count,
                    JWK_SET_LIMIT);

    *set = (struct jwk_set){.keys = arena_array(arena, keys->count, sizeof(*set->keys))};
    for (const struct json *key = keys->first; key != NULL; key = key->next)
        if (read_key(key, &set->keys[set->count]))
            set->count++;
    return 0;
}

bool jwk_fits(const struct jwk *key, const char *alg) {
    const struct jose_algorithm *algorithm = jose_algorithm(alg);
    if (algorithm == NULL || algorithm->kind == JOSE_HMAC)
        return false;
    if (!text_equal(key->kty, algorithm->kty))
        return false;
    if (algorithm->crv != NULL && !text_equal(key->crv, algorithm->crv))
        return false;
    /* RFC 7517 4.2-4.4: each of these, if present, restricts the key. */
    if (key->alg != NULL && !text_equal(key->alg, alg))
        return false;
    if (key->use != NULL && !text_equal(key->use, "sig"))
        return false;
    return key->key_ops == NULL || json_has_string(key->members, "key_ops", "verify");
}

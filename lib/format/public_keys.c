#include "format/public_keys.h"

#include "base/text.h"

#include <stdlib.h>
#include <string.h>

struct public_keys {
    struct kept_key {
        char *made_of;
        EVP_PKEY *pkey;
    } of[PUBLIC_KEYS_LIMIT];
    size_t next; /* to be replaced */
};

struct public_keys *public_keys_new(void) {
    return calloc(1, sizeof(struct public_keys));
}

static void drop(struct kept_key *key) {
    EVP_PKEY_free(key->pkey);
    free(key->made_of);
    *key = (struct kept_key){.pkey = NULL};
}

void public_keys_free(struct public_keys *keys) {
    for (size_t i = 0; keys != NULL && i < PUBLIC_KEYS_LIMIT; i++)
        drop(&keys->of[i]);
    free(keys);
}

EVP_PKEY *public_keys_find(const struct public_keys *keys, const char *made_of) {
    for (size_t i = 0; keys != NULL && i < PUBLIC_KEYS_LIMIT; i++)
        if (keys->of[i].pkey != NULL && text_equal(keys->of[i].made_of, made_of) &&
            EVP_PKEY_up_ref(keys->of[i].pkey) == 1)
            return keys->of[i].pkey;
    return NULL;
}

void public_keys_keep(struct public_keys *keys, const char *made_of, EVP_PKEY *pkey) {
    if (keys == NULL || EVP_PKEY_up_ref(pkey) != 1)
        return;
    struct kept_key *place = &keys->of[keys->next];
    keys->next = (keys->next + 1) % PUBLIC_KEYS_LIMIT;
    drop(place);
    *place = (struct kept_key){.made_of = strdup(made_of), .pkey = pkey};
    if (place->made_of == NULL)
        drop(place);
}

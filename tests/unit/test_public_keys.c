/* format/public_keys: handles that are found again by all that they were made of, the last few of them. */
#include "unit.h"

#include "format/public_key.h"
#include "format/signing_key.h"

#include <string.h>

/* The public half of a new key, with this kid; of ES256, EdDSA or RS256. */
static struct jwk new_key(struct arena *arena, const char *alg, struct jwk_set *set) {
    struct signing_key key;
    struct json *jwk = NULL;
    assert_works(arena, signing_key_generate(arena, alg, "k", &key));
    assert_works(arena, signing_key_public(arena, &key, &jwk));
    signing_key_free(&key);
    struct json *list = json_array(arena);
    json_append(list, jwk);
    struct json *object = json_object(arena);
    json_put(arena, object, "keys", list);
    const char *text = json_write(arena, object);
    assert_works(arena, jwk_set_parse(arena, text, strlen(text), set));
    assert_int_equal(set->count, 1);
    return set->keys[0];
}

static EVP_PKEY *open_key(struct arena *arena, const struct jwk *key, const char *alg,
                          struct public_keys *kept) {
    EVP_PKEY *pkey = NULL;
    assert_int_equal(public_key_open(arena, key, jose_algorithm(alg), kept, &pkey), ERROR_NONE);
    EVP_PKEY_free(pkey);
    return pkey; /* to be compared alone */
}

static void a_key_is_opened_once(void **state) {
    static const char *const algs[] = {"ES256", "EdDSA", "RS256"};
    struct arena *arena = *state;
    struct public_keys *kept = public_keys_new();
    for (size_t i = 0; i < sizeof(algs) / sizeof(algs[0]); i++) {
        struct jwk_set set;
        struct jwk_set other_set;
        const struct jwk key = new_key(arena, algs[i], &set);
        const struct jwk other = new_key(arena, algs[i], &other_set);
        EVP_PKEY *pkey = open_key(arena, &key, algs[i], kept);
        assert_ptr_equal(open_key(arena, &key, algs[i], kept), pkey);
        assert_ptr_not_equal(open_key(arena, &other, algs[i], kept), pkey);
        assert_ptr_equal(open_key(arena, &key, algs[i], kept), pkey);
    }
    public_keys_free(kept);
}

/* What is no key is none after one, either: a coordinate that is missing, or that holds two. */
static void what_is_no_key_is_not_found(void **state) {
    static const char *const texts[] = {
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\\n%s\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"%s\\n%s\",\"y\":\"\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"y\":\"%s\\n%s\"}]}",
        "{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"e\":\"%s\\n%s\"}]}",
    };
    struct arena *arena = *state;
    struct jwk_set set;
    struct public_keys *kept = public_keys_new();
    const struct jwk key = new_key(arena, "ES256", &set);
    const char *x = json_string(key.members, "x");
    const char *y = json_string(key.members, "y");
    open_key(arena, &key, "ES256", kept);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        EVP_PKEY *pkey = NULL;
        struct jwk_set forged;
        const char *text = arena_format(arena, texts[i], x, y);
        assert_works(arena, jwk_set_parse(arena, text, strlen(text), &forged));
        assert_int_equal(
            public_key_open(arena, &forged.keys[0], jose_algorithm("ES256"), kept, &pkey),
            ERROR_JWK_MALFORMED);
        assert_null(pkey);
    }
    public_keys_free(kept);
}

static void the_last_few_are_kept(void **state) {
    struct arena *arena = *state;
    struct public_keys *kept = public_keys_new();
    struct jwk_set set;
    const struct jwk first = new_key(arena, "EdDSA", &set);
    EVP_PKEY *pkey = NULL;
    assert_int_equal(public_key_open(arena, &first, jose_algorithm("EdDSA"), kept, &pkey),
                     ERROR_NONE);
    for (int i = 0; i < PUBLIC_KEYS_LIMIT; i++) {
        assert_ptr_equal(open_key(arena, &first, "EdDSA", kept), pkey);
        const struct jwk other = new_key(arena, "EdDSA", &set);
        open_key(arena, &other, "EdDSA", kept);
    }
    assert_ptr_not_equal(open_key(arena, &first, "EdDSA", kept), pkey);
    EVP_PKEY_free(pkey);
    public_keys_free(kept);
}

static void nobody_has_to_keep_any(void **state) {
    struct arena *arena = *state;
    struct jwk_set set;
    const struct jwk key = new_key(arena, "ES256", &set);
    assert_non_null(open_key(arena, &key, "ES256", NULL));
    public_keys_free(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_key_is_opened_once),
        unit_test(what_is_no_key_is_not_found),
        unit_test(the_last_few_are_kept),
        unit_test(nobody_has_to_keep_any),
    };
    return cmocka_run_group_tests_name("public_keys", tests, NULL, NULL);
}

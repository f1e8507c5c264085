/* format/jwk: sets of keys, good and odd, and what a key may serve. */
#include "unit.h"

#include "base/buffer.h"
#include "format/jwk.h"

#include <string.h>

static void parse(struct arena *arena, const char *text, struct jwk_set *set) {
    assert_works(arena, jwk_set_parse(arena, text, strlen(text), set));
}

/* The one key of a set, from its members. */
static const struct jwk *one_key(struct arena *arena, const char *members) {
    struct jwk_set set;
    parse(arena, arena_format(arena, "{\"keys\":[{%s}]}", members), &set);
    assert_int_equal(set.count, 1);
    return &set.keys[0];
}

static void members_are_read_as_they_stand(void **state) {
    const struct jwk *key =
        one_key(*state, "\"kty\":\"EC\",\"kid\":\"a b\",\"alg\":\"ES256\",\"use\":\"sig\","
                        "\"crv\":\"P-256\",\"key_ops\":[\"verify\"],\"x\":\"AA\"");
    assert_string_equal(key->kty, "EC");
    assert_string_equal(key->kid, "a b");
    assert_string_equal(key->alg, "ES256");
    assert_string_equal(key->use, "sig");
    assert_string_equal(key->crv, "P-256");
    assert_int_equal(key->key_ops->count, 1);
    assert_string_equal(json_string(key->members, "x"), "AA");
}

static void absent_members_are_null(void **state) {
    const struct jwk *key = one_key(*state, "\"kty\":\"RSA\"");
    assert_null(key->kid);
    assert_null(key->alg);
    assert_null(key->use);
    assert_null(key->crv);
    assert_null(key->key_ops);
}

static void an_empty_set_and_one_with_other_members_are_sets(void **state) {
    struct jwk_set set;
    parse(*state, "{\"keys\":[]}", &set);
    assert_int_equal(set.count, 0);
    parse(*state, "{\"issued\":1,\"keys\":[{\"kty\":\"RSA\",\"x\":{}}],\"x\":null}", &set);
    assert_int_equal(set.count, 1);
}

static void elements_that_are_no_keys_are_left_out(void **state) {
    static const char *const elements[] = {
        "null",
        "true",
        "7",
        "\"RSA\"",
        "[]",
        "[{\"kty\":\"RSA\"}]",
        "{}",
        "{\"kty\":null}",
        "{\"kty\":1}",
        "{\"kty\":[\"RSA\"]}",
        "{\"kid\":\"a\"}",
        "{\"kty\":\"RSA\",\"kid\":1}",
        "{\"kty\":\"RSA\",\"kid\":null}",
        "{\"kty\":\"RSA\",\"alg\":256}",
        "{\"kty\":\"RSA\",\"use\":[\"sig\"]}",
        "{\"kty\":\"EC\",\"crv\":256}",
        "{\"kty\":\"RSA\",\"key_ops\":\"verify\"}",
        "{\"kty\":\"RSA\",\"key_ops\":{\"verify\":true}}",
    };
    for (size_t i = 0; i < sizeof(elements) / sizeof(*elements); i++) {
        struct jwk_set set;
        parse(*state,
              arena_format(*state, "{\"keys\":[{\"kty\":\"a\"},%s,{\"kty\":\"b\"}]}", elements[i]),
              &set);
        if (set.count != 2)
            fail_msg("%s is taken for a key", elements[i]);
        assert_string_equal(set.keys[1].kty, "b");
    }
}

static void what_is_no_set_is_refused(void **state) {
    struct arena *arena = *state;
    static const char *const texts[] = {
        "",
        " ",
        "null",
        "[]",
        "\"keys\"",
        "{}",
        "{\"keys\":null}",
        "{\"keys\":{}}",
        "{\"keys\":\"\"}",
        "{\"Keys\":[]}",
        "{\"keys\":[]",
        "{\"keys\":[]}]",
        "{\"keys\":[]}{\"keys\":[]}",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[,]}",
        "{\"keys\":[{\"kty\":\"RSA\",\"kty\":\"RSA\"}]}",
        "{\"keys\":[{\"kty\":\"\xff\"}]}",
        "\xEF\xBB\xBF{\"keys\":[]}",
        "<html>",
        "{\"kty\":\"RSA\",\"n\":\"AQ\",\"e\":\"AQAB\"}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct jwk_set set;
        assert_fails(arena, ERROR_JWK_MALFORMED,
                     jwk_set_parse(arena, texts[i], strlen(texts[i]), &set));
    }
}

static const char *set_of(struct arena *arena, int count) {
    struct buffer text;
    buffer_open(arena, &text);
    buffer_add_text(&text, "{\"keys\":[");
    for (int i = 0; i < count; i++)
        buffer_add_format(&text, "%s{\"kty\":\"RSA\",\"kid\":\"%d\"}", i == 0 ? "" : ",", i);
    buffer_add_text(&text, "]}");
    return text.bytes;
}

static void a_hundred_keys_are_read_and_no_more(void **state) {
    struct arena *arena = *state;
    struct jwk_set set;
    parse(arena, set_of(arena, JWK_SET_LIMIT), &set);
    assert_int_equal(set.count, JWK_SET_LIMIT);
    assert_string_equal(set.keys[JWK_SET_LIMIT - 1].kid, "99");
    const char *text = set_of(arena, JWK_SET_LIMIT + 1);
    assert_fails(arena, ERROR_JWK_MALFORMED, jwk_set_parse(arena, text, strlen(text), &set));
}

static void only_given_bytes_are_read(void **state) {
    struct jwk_set set;
    struct arena *arena = *state;
    assert_works(arena, jwk_set_parse(arena, "{\"keys\":[]}, and more", 11, &set));
    assert_fails(arena, ERROR_JWK_MALFORMED, jwk_set_parse(arena, "{\"keys\":[]}", 10, &set));
}

/* Each member, if present, restricts what the key may serve. */
static void a_key_serves_what_all_its_members_allow(void **state) {
    static const struct {
        const char *members;
        const char *alg;
        bool fits;
    } cases[] = {
        {"\"kty\":\"RSA\"", "RS256", true},
        {"\"kty\":\"RSA\"", "PS512", true},
        {"\"kty\":\"RSA\"", "ES256", false},
        {"\"kty\":\"RSA\"", "EdDSA", false},
        {"\"kty\":\"RSA\"", "HS256", false},
        {"\"kty\":\"RSA\"", "none", false},
        {"\"kty\":\"RSA\"", "", false},
        {"\"kty\":\"RSA\",\"crv\":\"P-256\"", "RS256", true},
        {"\"kty\":\"rsa\"", "RS256", false},
        {"\"kty\":\"EC\",\"crv\":\"P-256\"", "ES256", true},
        {"\"kty\":\"EC\",\"crv\":\"P-256\"", "ES384", false},
        {"\"kty\":\"EC\",\"crv\":\"P-384\"", "ES384", true},
        {"\"kty\":\"EC\",\"crv\":\"P-521\"", "ES512", true},
        {"\"kty\":\"EC\",\"crv\":\"P-512\"", "ES512", false},
        {"\"kty\":\"EC\",\"crv\":\"p-256\"", "ES256", false},
        {"\"kty\":\"EC\",\"crv\":\"secp256k1\"", "ES256", false},
        {"\"kty\":\"EC\"", "ES256", false},
        {"\"kty\":\"OKP\",\"crv\":\"Ed25519\"", "EdDSA", true},
        {"\"kty\":\"OKP\",\"crv\":\"Ed448\"", "EdDSA", false},
        {"\"kty\":\"OKP\",\"crv\":\"X25519\"", "EdDSA", false},
        {"\"kty\":\"EC\",\"crv\":\"Ed25519\"", "EdDSA", false},
        {"\"kty\":\"oct\"", "HS256", false},
        {"\"kty\":\"oct\"", "RS256", false},
        {"\"kty\":\"RSA\",\"alg\":\"RS256\"", "RS256", true},
        {"\"kty\":\"RSA\",\"alg\":\"RS256\"", "RS384", false},
        {"\"kty\":\"RSA\",\"alg\":\"\"", "RS256", false},
        {"\"kty\":\"RSA\",\"alg\":\"none\"", "none", false},
        {"\"kty\":\"RSA\",\"use\":\"sig\"", "RS256", true},
        {"\"kty\":\"RSA\",\"use\":\"enc\"", "RS256", false},
        {"\"kty\":\"RSA\",\"use\":\"SIG\"", "RS256", false},
        {"\"kty\":\"RSA\",\"key_ops\":[\"verify\"]", "RS256", true},
        {"\"kty\":\"RSA\",\"key_ops\":[\"encrypt\",\"verify\"]", "RS256", true},
        {"\"kty\":\"RSA\",\"key_ops\":[\"sign\"]", "RS256", false},
        {"\"kty\":\"RSA\",\"key_ops\":[]", "RS256", false},
        {"\"kty\":\"RSA\",\"key_ops\":[null,1,[\"verify\"]]", "RS256", false},
        {"\"kty\":\"RSA\",\"use\":\"sig\",\"key_ops\":[\"sign\"]", "RS256", false},
        {"\"kty\":\"RSA\",\"use\":\"enc\",\"key_ops\":[\"verify\"]", "RS256", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
        if (jwk_fits(one_key(*state, cases[i].members), cases[i].alg) != cases[i].fits)
            fail_msg("%s and %s", cases[i].members, cases[i].alg);
    assert_false(jwk_fits(one_key(*state, "\"kty\":\"RSA\""), NULL));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(members_are_read_as_they_stand),
        unit_test(absent_members_are_null),
        unit_test(an_empty_set_and_one_with_other_members_are_sets),
        unit_test(elements_that_are_no_keys_are_left_out),
        unit_test(what_is_no_set_is_refused),
        unit_test(a_hundred_keys_are_read_and_no_more),
        unit_test(only_given_bytes_are_read),
        unit_test(a_key_serves_what_all_its_members_allow),
    };
    return cmocka_run_group_tests_name("jwk", tests, NULL, NULL);
}

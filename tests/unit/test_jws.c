/* format/jws: published and hand-made tokens, forgeries, our own signatures. */
#include "unit.h"

#include "base/text.h"
#include "format/base64url.h"
#include "format/jws.h"

#include <stdio.h>
#include <string.h>

/* Made by tests/vectors/jose/make.py; the tests run in the top folder. */
#define VECTORS "tests/vectors/jose/jws.json"

static const char *const asymmetric[] = {
    "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA",
};
#define ASYMMETRIC_COUNT (sizeof(asymmetric) / sizeof(*asymmetric))

static const struct json *read_vectors(struct arena *arena) {
    char *text = arena_alloc(arena, JSON_SIZE_LIMIT);
    FILE *file = fopen(VECTORS, "rb");
    if (file == NULL)
        fail_msg("cannot open %s", VECTORS);
    size_t length = fread(text, 1, JSON_SIZE_LIMIT, file);
    fclose(file);
    struct json *vectors;
    assert_works(arena, json_parse(arena, text, length, &vectors));
    assert_true(vectors->count > 300);
    return vectors;
}

static const struct json *find_vector(const struct json *vectors, const char *name) {
    for (const struct json *vector = vectors->first; vector != NULL; vector = vector->next)
        if (text_equal(json_string(vector, "name"), name))
            return vector;
    fail_msg("no vector \"%s\"", name);
    return NULL;
}

static void read_set(struct arena *arena, const struct json *vector, struct jwk_set *set) {
    const char *text = json_write(arena, json_member(vector, "keys"));
    assert_works(arena, jwk_set_parse(arena, text, strlen(text), set));
}

/* The whole way of one token: parse, then verify by the vector's keys or its secret. */
static int judge(struct arena *arena, const struct json *vector, const char *token) {
    struct jws jws;
    if (jws_parse(arena, token, &jws) != 0)
        return -1;
    const char *secret = json_string(vector, "secret");
    if (secret != NULL) {
        unsigned char *bytes;
        size_t length;
        assert_works(arena, base64url_decode(arena, secret, strlen(secret), &bytes, &length));
        return jws_verify_secret(arena, &jws, bytes, length);
    }
    struct jwk_set set;
    read_set(arena, vector, &set);
    return jws_verify(arena, &jws, json_string(vector, "algs"), &set);
}

/* True if the vector ends as it says; else says what happened. */
static bool ends_as_told(const struct json *vector) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const char *expected = json_string(vector, "rule");
    bool verified = judge(&arena, vector, json_string(vector, "token")) == 0;
    const char *broken = error_meaning(arena.error.rule)->name;
    bool told = expected == NULL ? verified && arena.error.rule == ERROR_NONE
                                 : !verified && text_equal(broken, expected);
    if (!told)
        print_error("%s: %s, not %s\n", json_string(vector, "name"), verified ? "works" : broken,
                    expected == NULL ? "works" : expected);
    arena_close(&arena);
    return told;
}

static void every_vector_ends_as_told(void **state) {
    size_t wrong = 0;
    for (const struct json *vector = read_vectors(*state)->first; vector != NULL;
         vector = vector->next)
        wrong += !ends_as_told(vector);
    assert_int_equal(wrong, 0);
}

/* Published tokens of each kind, one bit of the signature wrong in each octet. */
static void every_changed_octet_of_a_signature_is_noticed(void **state) {
    static const char *const names[] = {"RFC 7515 A.1", "RFC 7515 A.2", "RFC 7515 A.3",
                                        "RFC 7515 A.4", "RFC 7520 4.2", "RFC 8037 A.4"};
    const struct json *vectors = read_vectors(*state);
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
        const struct json *vector = find_vector(vectors, names[n]);
        const char *token = json_string(vector, "token");
        struct jws jws;
        assert_works(&arena, jws_parse(&arena, token, &jws));
        size_t length = jws.signature_length;
        unsigned char *signature = (unsigned char *)arena_copy(*state, jws.signature, length);
        char *input = arena_copy(*state, jws.signing_input, jws.signing_input_length);
        for (size_t i = 0; i < length; i++) {
            arena_reset(&arena);
            signature[i] ^= (unsigned char)(1U << (i % 8));
            const char *forged =
                arena_format(&arena, "%s.%s", input, base64url_encode(&arena, signature, length));
            assert_fails(&arena, ERROR_JWS_SIGNATURE, judge(&arena, vector, forged));
            signature[i] ^= (unsigned char)(1U << (i % 8));
        }
    }
    arena_close(&arena);
}

/* Each character of a token by another of the alphabet, by a dot, by a stray one. */
static void every_changed_character_of_a_token_is_noticed(void **state) {
    static const char others[] = {'A', 'B', '_', '.', '=', ' ', '\n', '+', '\x80'};
    const struct json *vector = find_vector(read_vectors(*state), "RFC 7515 A.3");
    char *token = arena_text(*state, json_string(vector, "token"));
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    for (size_t i = 0; token[i] != '\0'; i++) {
        char right = token[i];
        for (size_t n = 0; n < sizeof(others); n++) {
            token[i] = others[n];
            if (others[n] != right)
                assert_int_equal(judge(&arena, vector, token), -1);
            arena_reset(&arena);
        }
        token[i] = right;
    }
    assert_works(&arena, judge(&arena, vector, token));
    arena_close(&arena);
}

static void a_token_cut_anywhere_is_refused(void **state) {
    const struct json *vector = find_vector(read_vectors(*state), "RFC 7515 A.3");
    const char *token = json_string(vector, "token");
    for (size_t length = 0; length < strlen(token); length++) {
        struct arena arena;
        arena_open(&arena, ARENA_LIMIT);
        assert_int_equal(judge(&arena, vector, arena_copy(&arena, token, length)), -1);
        arena_close(&arena);
    }
}

static void parsing_gives_the_parts_as_sent(void **state) {
    struct arena *arena = *state;
    struct jws jws;
    const char *token = "eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCIsImtpZCI6ImsxIn0.eyJhIjoxfQ.AAH_";
    assert_works(arena, jws_parse(arena, token, &jws));
    assert_string_equal(jws.alg, "ES256");
    assert_string_equal(jws.typ, "at+jwt");
    assert_string_equal(jws.kid, "k1");
    assert_string_equal(json_string(jws.header, "typ"), "at+jwt");
    assert_string_equal(jws.payload, "{\"a\":1}");
    assert_int_equal(jws.payload_length, 7);
    assert_ptr_equal(jws.signing_input, token);
    assert_int_equal(jws.signing_input_length, strlen(token) - strlen(".AAH_"));
    assert_int_equal(jws.signature_length, 3);
    assert_memory_equal(jws.signature, "\x00\x01\xFF", 3);
}

static void what_is_not_in_the_header_is_null(void **state) {
    struct arena *arena = *state;
    struct jws jws;
    assert_works(arena, jws_parse(arena, "eyJhbGciOiJFUzI1NiJ9..", &jws));
    assert_null(jws.typ);
    assert_null(jws.kid);
    assert_int_equal(jws.payload_length, 0);
    assert_string_equal(jws.payload, "");
    assert_int_equal(jws.signature_length, 0);
}

static void a_refusal_keeps_an_earlier_failure(void **state) {
    struct arena *arena = *state;
    struct jws jws;
    fail(arena, ERROR_STATE_WRONG, "earlier");
    assert_int_equal(jws_parse(arena, "e30=..", &jws), -1);
    assert_int_equal(arena->error.rule, ERROR_STATE_WRONG);
    assert_string_equal(arena->error.detail, "earlier");
}

static void the_size_limit_is_exact(void **state) {
    struct arena *arena = *state;
    struct jws jws;
    static const char head[] = "eyJhbGciOiJFUzI1NiJ9.";
    char *token = arena_alloc(arena, JWS_SIZE_LIMIT + 2);
    memset(token, 'A', JWS_SIZE_LIMIT);
    memcpy(token, head, strlen(head));
    /* A payload whose length leaves no trailing bits, and an empty signature. */
    size_t payload = (JWS_SIZE_LIMIT - strlen(head) - 1) / 4 * 4;
    size_t signature = JWS_SIZE_LIMIT - strlen(head) - 1 - payload;
    assert_true(signature != 1);
    token[strlen(head) + payload] = '.';
    assert_works(arena, jws_parse(arena, token, &jws));
    token[JWS_SIZE_LIMIT] = 'A';
    assert_fails(arena, ERROR_JWS_TOO_LARGE, jws_parse(arena, token, &jws));
}

static void only_spelled_algorithms_are_known(void **state) {
    (void)state;
    for (size_t i = 0; i < ASYMMETRIC_COUNT; i++)
        assert_true(jws_alg_is_known(asymmetric[i]));
    assert_true(jws_alg_is_known("HS256"));
    static const char *const unknown[] = {"none",  "None",  "",       "rs256",  "RS256 ",
                                          "HS384", "HS512", "ES256K", "RSA1_5", "RS1"};
    for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
        assert_false(jws_alg_is_known(unknown[i]));
    assert_false(jws_alg_is_known(NULL));
}

static void a_set_without_the_kid_may_be_out_of_date(void **state) {
    struct arena *arena = *state;
    const struct json *vectors = read_vectors(arena);
    static const struct {
        const char *name;
        bool has_key;
    } cases[] = {
        {"several keys with one kid", true},
        {"another kid", false},
        {"kid in the token, keys without", false},
        {"use enc", false},
        {"key with a kid, token without", true},
        {"another key", true},
        {"RSA of 1024 bits", true},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        const struct json *vector = find_vector(vectors, cases[i].name);
        struct jwk_set set;
        struct jws jws;
        read_set(arena, vector, &set);
        assert_works(arena, jws_parse(arena, json_string(vector, "token"), &jws));
        if (jws_has_key(&jws, &set) != cases[i].has_key)
            fail_msg("%s", cases[i].name);
    }
}

static struct json *some_claims(struct arena *arena) {
    struct json *claims = json_object(arena);
    json_put_string(arena, claims, "sub", "에이다 <ada>");
    json_put_integer(arena, claims, "iat", 1795210996);
    return claims;
}

/* The set that holds this key's public half. */
static void publish(struct arena *arena, const struct signing_key *key, struct jwk_set *set) {
    struct json *document = json_object(arena);
    struct json *keys = json_array(arena);
    struct json *jwk;
    assert_works(arena, signing_key_public(arena, key, &jwk));
    json_append(keys, jwk);
    json_put(arena, document, "keys", keys);
    const char *text = json_write(arena, document);
    assert_works(arena, jwk_set_parse(arena, text, strlen(text), set));
}

static void what_we_sign_verifies_by_the_published_key_alone(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < ASYMMETRIC_COUNT; i++) {
        struct signing_key key;
        struct signing_key other;
        struct jwk_set set;
        struct jwk_set other_set;
        char *token;
        struct jws jws;
        assert_works(arena, signing_key_generate(arena, asymmetric[i], "k", &key));
        assert_works(arena, signing_key_generate(arena, asymmetric[i], "k", &other));
        publish(arena, &key, &set);
        publish(arena, &other, &other_set);
        assert_works(arena, jws_sign(arena, &key, "JWT", some_claims(arena), &token));
        assert_works(arena, jws_parse(arena, token, &jws));
        assert_works(arena, jws_verify(arena, &jws, asymmetric[i], &set));
        assert_fails(arena, ERROR_JWS_SIGNATURE,
                     jws_verify(arena, &jws, asymmetric[i], &other_set));
        assert_fails(arena, ERROR_JWS_ALG, jws_verify(arena, &jws, "none", &set));

        assert_string_equal(jws.alg, asymmetric[i]);
        assert_string_equal(jws.typ, "JWT");
        assert_string_equal(jws.kid, "k");
        struct json *payload;
        assert_works(arena, json_parse_object(arena, jws.payload, jws.payload_length, &payload));
        assert_string_equal(json_string(payload, "sub"), "에이다 <ada>");
        signing_key_free(&key);
        signing_key_free(&other);
    }
}

static void ecdsa_signatures_have_their_full_length_every_time(void **state) {
    struct signing_key key;
    struct jwk_set set;
    assert_works((struct arena *)*state, signing_key_generate(*state, "ES256", NULL, &key));
    publish(*state, &key, &set);
    /* One of 128 has a leading zero in r or s. */
    for (int i = 0; i < 1000; i++) {
        struct arena arena;
        char *token;
        struct jws jws;
        arena_open(&arena, ARENA_LIMIT);
        assert_works(&arena, jws_sign(&arena, &key, NULL, some_claims(&arena), &token));
        assert_works(&arena, jws_parse(&arena, token, &jws));
        assert_int_equal(jws.signature_length, 64);
        assert_works(&arena, jws_verify(&arena, &jws, "ES256", &set));
        arena_close(&arena);
    }
    signing_key_free(&key);
}

static void without_typ_and_kid_the_header_has_alg_alone(void **state) {
    struct arena *arena = *state;
    struct signing_key key;
    char *token;
    struct jws jws;
    assert_works(arena, signing_key_generate(arena, "EdDSA", NULL, &key));
    assert_works(arena, jws_sign(arena, &key, NULL, some_claims(arena), &token));
    assert_works(arena, jws_parse(arena, token, &jws));
    assert_int_equal(jws.header->count, 1);
    signing_key_free(&key);
}

static void hs256_is_signed_with_octets(void **state) {
    struct arena *arena = *state;
    static const unsigned char secret[] = "0123456789abcdef0123456789abcdef";
    struct signing_key key = {.alg = "HS256", .octets = secret, .octets_length = 32};
    char *token;
    struct jws jws;
    assert_works(arena, jws_sign(arena, &key, "JWT", some_claims(arena), &token));
    assert_works(arena, jws_parse(arena, token, &jws));
    assert_works(arena, jws_verify_secret(arena, &jws, secret, 32));
    assert_fails(arena, ERROR_JWS_SIGNATURE, jws_verify_secret(arena, &jws, secret + 1, 32));
    assert_fails(arena, ERROR_JWK_WEAK, jws_verify_secret(arena, &jws, secret, 31));
}

static void signing_without_a_fitting_key_fails(void **state) {
    struct arena *arena = *state;
    struct json *claims = some_claims(arena);
    char *token;
    struct signing_key key = {.alg = "HS256"};
    assert_fails(arena, ERROR_INTERNAL, jws_sign(arena, &key, NULL, claims, &token));
    key = (struct signing_key){.alg = "RS256"};
    assert_fails(arena, ERROR_INTERNAL, jws_sign(arena, &key, NULL, claims, &token));
    assert_works(arena, signing_key_generate(arena, "ES256", NULL, &key));
    static const char *const wrong[] = {"none", "RS256", "PS256", "EdDSA", "ES384", "ES512"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
        key.alg = wrong[i];
        assert_fails(arena, ERROR_INTERNAL, jws_sign(arena, &key, NULL, claims, &token));
    }
    signing_key_free(&key);
}

static void our_own_key_verifies_what_it_signed_and_nothing_else(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < ASYMMETRIC_COUNT; i++) {
        struct signing_key key;
        struct signing_key other;
        char *token;
        struct jws jws;
        assert_works(arena, signing_key_generate(arena, asymmetric[i], "k", &key));
        assert_works(arena, signing_key_generate(arena, asymmetric[i], "k", &other));
        assert_works(arena, jws_sign(arena, &key, "JWT", some_claims(arena), &token));
        assert_works(arena, jws_parse(arena, token, &jws));
        assert_works(arena, jws_verify_own(arena, &jws, &key));
        assert_fails(arena, ERROR_JWS_SIGNATURE, jws_verify_own(arena, &jws, &other));
        char *changed = token + strlen(token) - 10;
        *changed = *changed == 'A' ? 'B' : 'A';
        assert_works(arena, jws_parse(arena, token, &jws));
        assert_fails(arena, ERROR_JWS_SIGNATURE, jws_verify_own(arena, &jws, &key));
        signing_key_free(&key);
        signing_key_free(&other);
    }
}

/* RFC 8725 2.1: the public half, which everybody knows, as the secret of a MAC. */
static void our_own_key_decides_on_the_algorithm(void **state) {
    struct arena *arena = *state;
    static const unsigned char secret[] = "0123456789abcdef0123456789abcdef";
    const struct signing_key shared = {.alg = "HS256", .octets = secret, .octets_length = 32};
    struct signing_key key;
    struct json *jwk;
    char *token;
    struct jws jws;
    assert_works(arena, signing_key_generate(arena, "RS256", "k", &key));
    assert_works(arena, signing_key_public(arena, &key, &jwk));
    const char *public = json_write(arena, jwk);
    const struct signing_key confused = {
        .alg = "HS256",
        .octets = (const unsigned char *)public,
        .octets_length = strlen(public),
    };
    assert_works(arena, jws_sign(arena, &confused, "JWT", some_claims(arena), &token));
    assert_works(arena, jws_parse(arena, token, &jws));
    assert_fails(arena, ERROR_JWS_ALG, jws_verify_own(arena, &jws, &key));

    assert_works(arena, jws_sign(arena, &key, "JWT", some_claims(arena), &token));
    assert_works(arena, jws_parse(arena, token, &jws));
    assert_fails(arena, ERROR_JWS_ALG, jws_verify_own(arena, &jws, &shared));
    key.alg = "PS256";
    assert_fails(arena, ERROR_JWS_ALG, jws_verify_own(arena, &jws, &key));
    key.alg = "ES256";
    assert_fails(arena, ERROR_INTERNAL, jws_verify_own(arena, &jws, &key));
    signing_key_free(&key);

    assert_works(arena, jws_sign(arena, &shared, "JWT", some_claims(arena), &token));
    assert_works(arena, jws_parse(arena, token, &jws));
    assert_works(arena, jws_verify_own(arena, &jws, &shared));
}

/* Half of each hash of "abc" (FIPS 180-4), and the at_hash of an access token in
 * OpenID Connect Core A.3. */
static void half_hashes_are_those_of_the_alg(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *alg;
        const char *text;
        const char *hash;
    } cases[] = {
        {"RS256", "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", "77QmUPtjPfzWtF2AnpK9RQ"},
        {"RS256", "abc", "ungWv48Bz-pBQUDeXa4iIw"},
        {"PS256", "abc", "ungWv48Bz-pBQUDeXa4iIw"},
        {"ES256", "abc", "ungWv48Bz-pBQUDeXa4iIw"},
        {"HS256", "abc", "ungWv48Bz-pBQUDeXa4iIw"},
        {"ES384", "abc", "ywB1P0WjXou1oD1pmsZQBycsMqsO3tFj"},
        {"RS512", "abc", "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o"},
        {"EdDSA", "abc", "3a81oZNherrMQXNJriBBMRLm-k6JqX6iCp7u5ktV05o"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char *hash;
        assert_works(arena, jws_half_hash(arena, cases[i].alg, cases[i].text, &hash));
        assert_string_equal(hash, cases[i].hash);
    }
    char *hash;
    assert_fails(arena, ERROR_JWS_ALG, jws_half_hash(arena, "none", "abc", &hash));
    assert_fails(arena, ERROR_JWS_ALG, jws_half_hash(arena, NULL, "abc", &hash));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(every_vector_ends_as_told),
        unit_test(every_changed_octet_of_a_signature_is_noticed),
        unit_test(every_changed_character_of_a_token_is_noticed),
        unit_test(a_token_cut_anywhere_is_refused),
        unit_test(parsing_gives_the_parts_as_sent),
        unit_test(what_is_not_in_the_header_is_null),
        unit_test(a_refusal_keeps_an_earlier_failure),
        unit_test(the_size_limit_is_exact),
        unit_test(only_spelled_algorithms_are_known),
        unit_test(a_set_without_the_kid_may_be_out_of_date),
        unit_test(what_we_sign_verifies_by_the_published_key_alone),
        unit_test(ecdsa_signatures_have_their_full_length_every_time),
        unit_test(without_typ_and_kid_the_header_has_alg_alone),
        unit_test(hs256_is_signed_with_octets),
        unit_test(signing_without_a_fitting_key_fails),
        unit_test(our_own_key_verifies_what_it_signed_and_nothing_else),
        unit_test(our_own_key_decides_on_the_algorithm),
        unit_test(half_hashes_are_those_of_the_alg),
    };
    return cmocka_run_group_tests_name("jws", tests, NULL, NULL);
}

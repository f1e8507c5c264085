/* format/signing_key: keys of our own, made, read in every form, written, published. */
#include "unit.h"

#include "base/text.h"
#include "format/jws.h"

#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Made by tests/vectors/jose/make-keys.sh; the tests run in the top folder. */
#define KEYS "tests/vectors/jose/keys"

static char *read_key(struct arena *arena, const char *name) {
    char text[8192];
    FILE *file = fopen(arena_format(arena, KEYS "/%s.pem", name), "rb");
    if (file == NULL)
        fail_msg("no key %s", name);
    size_t length = fread(text, 1, sizeof(text), file);
    fclose(file);
    return arena_copy(arena, text, length);
}

/* A set with the key's public half and no other. */
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

static void assert_signs(struct arena *arena, const struct signing_key *key,
                         const struct jwk_set *set) {
    char *token;
    struct jws jws;
    assert_works(arena, jws_sign(arena, key, "JWT", json_object(arena), &token));
    assert_works(arena, jws_parse(arena, token, &jws));
    assert_works(arena, jws_verify(arena, &jws, key->alg, set));
}

static void every_usual_form_is_read_and_signs(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *name;
        const char *alg;
    } cases[] = {
        {"rsa-pkcs8", "RS256"},
        {"rsa-pkcs1", "RS384"},
        {"rsa-pkcs8", "PS512"},
        {"rsa-behind-certificate", "RS512"},
        {"rsa-crlf", "PS256"},
        {"p256-sec1", "ES256"},
        {"p256-sec1-with-parameters", "ES256"},
        {"p256-pkcs8", "ES256"},
        {"p384", "ES384"},
        {"p521", "ES512"},
        {"ed25519", "EdDSA"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct signing_key key;
        struct jwk_set set;
        const char *pem = read_key(arena, cases[i].name);
        assert_works(arena, signing_key_parse(arena, pem, cases[i].alg, "k", &key));
        assert_string_equal(key.alg, cases[i].alg);
        publish(arena, &key, &set);
        assert_signs(arena, &key, &set);
        signing_key_free(&key);
    }
}

static void what_is_no_key_for_the_algorithm_is_refused(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *name;
        const char *alg;
    } cases[] = {
        {"rsa-pkcs8", "ES256"},   {"rsa-pkcs8", "EdDSA"},  {"rsa-pkcs8", "HS256"},
        {"rsa-pkcs8", "none"},    {"rsa-pkcs8", "RS1"},    {"rsa-1024", "RS256"},
        {"rsa-1024", "PS256"},    {"rsa-pss", "RS256"},    {"p256-pkcs8", "RS256"},
        {"p256-pkcs8", "ES384"},  {"p256-pkcs8", "ES512"}, {"p256-pkcs8", "EdDSA"},
        {"p384", "ES256"},        {"secp256k1", "ES256"},  {"ed25519", "ES256"},
        {"ed448", "EdDSA"},       {"x25519", "EdDSA"},     {"rsa-public", "RS256"},
        {"certificate", "RS256"}, {"rsa-cut", "RS256"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct signing_key key;
        const char *pem = read_key(arena, cases[i].name);
        assert_fails(arena, ERROR_KEY_FILE,
                     signing_key_parse(arena, pem, cases[i].alg, NULL, &key));
    }
}

/* Reads the key in a process that has a terminal; true if it is refused and nothing is written there. */
static bool is_refused_without_asking(struct arena *arena, const char *name, const char *alg) {
    const char *pem = read_key(arena, name);
    int terminal;
    pid_t child = forkpty(&terminal, NULL, NULL, NULL);
    assert_true(child >= 0);
    if (child == 0) {
        struct signing_key key;
        _exit(signing_key_parse(arena, pem, alg, NULL, &key) == -1 ? 0 : 1);
    }
    char asked;
    bool quiet = read(terminal, &asked, 1) <= 0;
    if (!quiet)
        kill(child, SIGKILL);
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    return quiet && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* OpenSSL would ask for the pass phrase on the terminal if it were let. */
static void encrypted_keys_are_refused_without_asking(void **state) {
    assert_true(is_refused_without_asking(*state, "rsa-pkcs8-encrypted", "RS256"));
    assert_true(is_refused_without_asking(*state, "rsa-pkcs1-encrypted", "RS256"));
    assert_true(is_refused_without_asking(*state, "p256-sec1-encrypted", "ES256"));
}

static void garbage_is_refused(void **state) {
    struct arena *arena = *state;
    static const char *const texts[] = {
        "",
        "\n",
        "secret",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
        "-----BEGIN PRIVATE KEY-----\n!!!!\n-----END PRIVATE KEY-----\n",
        "{\"kty\":\"RSA\"}",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
        struct signing_key key;
        assert_fails(arena, ERROR_KEY_FILE,
                     signing_key_parse(arena, texts[i], "ES256", NULL, &key));
    }
}

static void a_written_key_is_read_again(void **state) {
    struct arena *arena = *state;
    static const char *const algs[] = {"RS256", "PS256", "ES256", "ES384", "ES512", "EdDSA"};
    for (size_t i = 0; i < sizeof(algs) / sizeof(*algs); i++) {
        struct signing_key made;
        struct signing_key read;
        struct jwk_set set;
        char *pem;
        assert_works(arena, signing_key_generate(arena, algs[i], "k", &made));
        assert_works(arena, signing_key_write(arena, &made, &pem));
        assert_true(text_starts_with(pem, "-----BEGIN PRIVATE KEY-----\n"));
        assert_works(arena, signing_key_parse(arena, pem, algs[i], "k", &read));
        publish(arena, &made, &set);
        assert_signs(arena, &read, &set);
        signing_key_free(&made);
        signing_key_free(&read);
    }
}

static void a_key_of_octets_is_the_same_key(void **state) {
    struct arena *arena = *state;
    static const char *const algs[] = {"RS256", "ES256", "ES512", "EdDSA"};
    for (size_t i = 0; i < sizeof(algs) / sizeof(*algs); i++) {
        struct signing_key made;
        struct signing_key read;
        struct jwk_set set;
        const unsigned char *octets = NULL;
        size_t length = 0;
        assert_works(arena, signing_key_generate(arena, algs[i], "k", &made));
        assert_works(arena, signing_key_octets(arena, &made, &octets, &length));
        assert_works(arena, signing_key_open(arena, octets, length, algs[i], &read));
        assert_null(read.kid);
        read.kid = "k";
        publish(arena, &made, &set);
        assert_signs(arena, &read, &set);
        signing_key_free(&made);
        signing_key_free(&read);
    }
}

static void octets_of_something_else_are_refused(void **state) {
    struct arena *arena = *state;
    struct signing_key key;
    const unsigned char *octets = NULL;
    size_t length = 0;
    assert_works(arena, signing_key_generate(arena, "ES256", NULL, &key));
    assert_works(arena, signing_key_octets(arena, &key, &octets, &length));
    signing_key_free(&key);
    static const char *const others[] = {"ES384", "EdDSA", "RS256", "none"};
    for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
        assert_fails(arena, ERROR_KEY_FILE,
                     signing_key_open(arena, octets, length, others[i], &key));
    for (size_t cut = 0; cut < length; cut++)
        assert_fails(arena, ERROR_KEY_FILE, signing_key_open(arena, octets, cut, "ES256", &key));
    unsigned char *longer = arena_alloc(arena, length + 1);
    memcpy(longer, octets, length);
    assert_fails(arena, ERROR_KEY_FILE, signing_key_open(arena, longer, length + 1, "ES256", &key));
}

static void a_secret_is_its_own_octets(void **state) {
    struct arena *arena = *state;
    static const unsigned char secret[32] = "a secret";
    struct signing_key key;
    const unsigned char *octets = NULL;
    size_t length = 0;
    assert_works(arena, signing_key_open(arena, secret, sizeof(secret), "HS256", &key));
    assert_works(arena, signing_key_octets(arena, &key, &octets, &length));
    assert_int_equal(length, sizeof(secret));
    assert_memory_equal(octets, secret, sizeof(secret));
    signing_key_free(&key);
}

static void generating_makes_another_key_each_time(void **state) {
    struct arena *arena = *state;
    struct signing_key first;
    struct signing_key second;
    char *first_pem;
    char *second_pem;
    assert_works(arena, signing_key_generate(arena, "ES256", NULL, &first));
    assert_works(arena, signing_key_generate(arena, "ES256", NULL, &second));
    assert_works(arena, signing_key_write(arena, &first, &first_pem));
    assert_works(arena, signing_key_write(arena, &second, &second_pem));
    assert_string_not_equal(first_pem, second_pem);
    signing_key_free(&first);
    signing_key_free(&second);
}

static void the_public_half_holds_nothing_private(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *alg;
        const char *members; /* in order */
    } cases[] = {
        {"RS256", "kty kid use alg n e"},
        {"ES256", "kty crv kid use alg x y"},
        {"ES512", "kty crv kid use alg x y"},
        {"EdDSA", "kty crv kid use alg x"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct signing_key key;
        struct json *jwk;
        assert_works(arena, signing_key_generate(arena, cases[i].alg, "2026", &key));
        assert_works(arena, signing_key_public(arena, &key, &jwk));
        const char *members = "";
        for (const struct json *member = jwk->first; member != NULL; member = member->next)
            members =
                arena_format(arena, "%s%s%s", members, *members == '\0' ? "" : " ", member->name);
        assert_string_equal(members, cases[i].members);
        assert_string_equal(json_string(jwk, "alg"), cases[i].alg);
        assert_string_equal(json_string(jwk, "use"), "sig");
        assert_string_equal(json_string(jwk, "kid"), "2026");
        signing_key_free(&key);
    }
}

/* RFC 7518 6.2.1.2: a coordinate keeps its leading zeros. One of 128 keys has some. */
static void coordinates_have_their_full_length_every_time(void **state) {
    (void)state;
    for (int i = 0; i < 1000; i++) {
        struct arena arena;
        struct signing_key key;
        struct json *jwk;
        arena_open(&arena, ARENA_LIMIT);
        assert_works(&arena, signing_key_generate(&arena, "ES256", NULL, &key));
        assert_works(&arena, signing_key_public(&arena, &key, &jwk));
        assert_int_equal(strlen(json_string(jwk, "x")), 43);
        assert_int_equal(strlen(json_string(jwk, "y")), 43);
        signing_key_free(&key);
        arena_close(&arena);
    }
}

static void without_a_kid_the_public_half_has_none(void **state) {
    struct arena *arena = *state;
    struct signing_key key;
    struct json *jwk;
    assert_works(arena, signing_key_generate(arena, "EdDSA", NULL, &key));
    assert_works(arena, signing_key_public(arena, &key, &jwk));
    assert_null(json_member(jwk, "kid"));
    signing_key_free(&key);
}

static void shared_secrets_are_neither_made_nor_published(void **state) {
    struct arena *arena = *state;
    static const unsigned char secret[32] = "a secret";
    struct signing_key key;
    struct json *jwk;
    char *pem;
    assert_fails(arena, ERROR_INTERNAL, signing_key_generate(arena, "HS256", NULL, &key));
    assert_fails(arena, ERROR_INTERNAL, signing_key_generate(arena, "none", NULL, &key));
    key = (struct signing_key){.alg = "HS256", .octets = secret, .octets_length = sizeof(secret)};
    assert_true(signing_key_fits(&key));
    assert_fails(arena, ERROR_INTERNAL, signing_key_public(arena, &key, &jwk));
    assert_fails(arena, ERROR_INTERNAL, signing_key_write(arena, &key, &pem));
    signing_key_free(&key);
}

static void a_zeroed_key_fits_nothing_and_can_be_freed(void **state) {
    (void)state;
    struct signing_key key = {.alg = NULL};
    assert_false(signing_key_fits(&key));
    key.alg = "RS256";
    assert_false(signing_key_fits(&key));
    signing_key_free(&key);
    signing_key_free(&key);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(every_usual_form_is_read_and_signs),
        unit_test(what_is_no_key_for_the_algorithm_is_refused),
        unit_test(encrypted_keys_are_refused_without_asking),
        unit_test(garbage_is_refused),
        unit_test(a_written_key_is_read_again),
        unit_test(a_key_of_octets_is_the_same_key),
        unit_test(octets_of_something_else_are_refused),
        unit_test(a_secret_is_its_own_octets),
        unit_test(generating_makes_another_key_each_time),
        unit_test(the_public_half_holds_nothing_private),
        unit_test(coordinates_have_their_full_length_every_time),
        unit_test(without_a_kid_the_public_half_has_none),
        unit_test(shared_secrets_are_neither_made_nor_published),
        unit_test(a_zeroed_key_fits_nothing_and_can_be_freed),
    };
    return cmocka_run_group_tests_name("signing_key", tests, NULL, NULL);
}

/* oauth/provider_keys: signed by the provider? And how often it is asked for its keys. */
#include "fixture.h"

#include "edge/document.h"
#include "format/public_keys.h"
#include "oauth/provider_keys.h"

#define DISCOVERY FIXTURE_ISSUER "/.well-known/openid-configuration"
#define JWKS FIXTURE_ISSUER "/jwks"
#define ALGS "RS256 ES256"

static int verify_with(struct fixture *fixture, const char *algs, const char *compact) {
    struct jws jws;
    return provider_keys_verify(fixture->context, &fixture->provider, &fixture->metadata, algs,
                                compact, &jws);
}

static int verify(struct fixture *fixture, const char *compact) {
    return verify_with(fixture, ALGS, compact);
}

/* A token by a new key, and the set that holds that key alone. */
static const char *other_key(struct fixture *fixture, const char *kid, const char **token) {
    struct signing_key key;
    assert_works(fixture->arena, signing_key_generate(fixture->arena, "ES256", kid, &key));
    const char *header =
        kid == NULL ? "{\"alg\":\"ES256\"}"
                    : arena_format(fixture->arena, "{\"alg\":\"ES256\",\"kid\":\"%s\"}", kid);
    *token = fixture_sign(fixture, &key, header, "{}");
    const char *set = fixture_jwks(fixture, (const struct signing_key *const[]){&key, NULL});
    signing_key_free(&key);
    return set;
}

static const char *discovery(struct fixture *fixture, const char *jwks_uri) {
    return arena_format(fixture->arena,
                        "{\"issuer\":\"" FIXTURE_ISSUER
                        "\",\"authorization_endpoint\":\"https://op.example/a\","
                        "\"token_endpoint\":\"https://op.example/t\",\"jwks_uri\":\"%s\"}",
                        jwks_uri);
}

/* The provider is discovered, and its keys are known. */
static void warm_up(struct fixture *fixture) {
    fixture_config(fixture, "[provider op]\n" FIXTURE_DISCOVERED);
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, JWKS));
    fixture_answer_json(fixture, JWKS, fixture_own_jwks(fixture));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
    assert_works(fixture->arena, verify(fixture, fixture_token(fixture, "{}")));
    assert_int_equal(fixture->call_count, 2);
}

static void a_signature_of_the_provider_is_one(void **state) {
    struct fixture *fixture = *state;
    struct jws jws;
    fixture_answer_json(fixture, JWKS, fixture_own_jwks(fixture));
    assert_works(fixture->arena,
                 provider_keys_verify(fixture->context, &fixture->provider, &fixture->metadata,
                                      ALGS, fixture_token(fixture, "{\"a\":1}"), &jws));
    assert_string_equal(jws.alg, "ES256");
    assert_string_equal(jws.payload, "{\"a\":1}");
}

static void the_keys_are_kept(void **state) {
    struct fixture *fixture = *state;
    warm_up(fixture);
    for (int i = 0; i < 10; i++)
        assert_works(fixture->arena, verify(fixture, fixture_token(fixture, "{}")));
    assert_int_equal(fixture->call_count, 2);
}

/* Under FastCGI: handles of OpenSSL outlive requests, but no key outlives its set. */
static void an_opened_key_verifies_what_it_did_and_nothing_else(void **state) {
    struct fixture *fixture = *state;
    const char *forged = NULL;
    const char *other = NULL;
    other_key(fixture, "k1", &forged); /* by the kid of another */
    fixture->context->public_keys = public_keys_new();
    warm_up(fixture);
    for (int i = 0; i < 3; i++) {
        assert_works(fixture->arena, verify(fixture, fixture_token(fixture, "{}")));
        assert_fails(fixture->arena, ERROR_JWS_SIGNATURE, verify(fixture, forged));
    }
    const char *set = other_key(fixture, "k2", &other);
    fixture_answer_json(fixture, JWKS, set);
    assert_works(fixture->arena, verify(fixture, other)); /* the set of now, without the first */
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, JWKS));
    assert_fails(fixture->arena, ERROR_JWS_KEY_UNKNOWN,
                 verify(fixture, fixture_token(fixture, "{}")));
    public_keys_free(fixture->context->public_keys);
}

/* RFC 8725 3.1: what is not on the list is not worth a question. */
static void an_algorithm_not_listed_asks_nobody(void **state) {
    static const char *const headers[] = {
        "{\"alg\":\"none\"}",  "{\"alg\":\"None\"}",  "{\"alg\":\"HS256\"}", "{\"alg\":\"RS384\"}",
        "{\"alg\":\"EdDSA\"}", "{\"alg\":\"es256\"}", "{\"alg\":\"PS256\"}", "{}",
        "{\"alg\":null}",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(headers); i++) {
        assert_int_equal(verify(fixture, fixture_sign(fixture, &fixture->key, headers[i], "{}")),
                         -1);
        enum error_rule rule = fixture->arena->error.rule;
        assert_true(rule == ERROR_JWS_ALG || rule == ERROR_JWS_MALFORMED);
        arena_forget_error(fixture->arena);
    }
    assert_fails(fixture->arena, ERROR_JWS_ALG,
                 verify_with(fixture, "RS256", fixture_token(fixture, "{}")));
    assert_fails(fixture->arena, ERROR_JWS_MALFORMED, verify(fixture, "a.b"));
    assert_fails(
        fixture->arena, ERROR_JWS_CRIT,
        verify(fixture, fixture_sign(fixture, &fixture->key,
                                     "{\"alg\":\"ES256\",\"crit\":[\"x\"],\"x\":1}", "{}")));
    assert_int_equal(fixture->call_count, 0);
}

static void a_forged_signature_of_a_known_key_asks_nobody(void **state) {
    struct fixture *fixture = *state;
    const char *forged = NULL;
    warm_up(fixture);
    other_key(fixture, "k1", &forged);
    assert_fails(fixture->arena, ERROR_JWS_SIGNATURE, verify(fixture, forged));
    assert_int_equal(fixture->call_count, 2);
}

static void an_unknown_key_is_looked_for_once_a_minute(void **state) {
    struct fixture *fixture = *state;
    const char *unknown = NULL;
    warm_up(fixture);
    other_key(fixture, "k2", &unknown);
    fixture_answer_json(fixture, JWKS, fixture_own_jwks(fixture));
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, JWKS));
    assert_fails(fixture->arena, ERROR_JWS_KEY_UNKNOWN, verify(fixture, unknown));
    assert_int_equal(fixture->call_count, 4);
    for (int i = 0; i < 10; i++) {
        fixture->house.clock.fixed = HOUSE_TIME + i * (DOCUMENT_REFETCH_INTERVAL - 1) / 9;
        assert_fails(fixture->arena, ERROR_JWS_KEY_UNKNOWN, verify(fixture, unknown));
    }
    assert_int_equal(fixture->call_count, 4);
    fixture->house.clock.fixed = HOUSE_TIME + DOCUMENT_REFETCH_INTERVAL;
    fixture_answer_json(fixture, JWKS, fixture_own_jwks(fixture));
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, JWKS));
    assert_fails(fixture->arena, ERROR_JWS_KEY_UNKNOWN, verify(fixture, unknown));
}

static void a_new_key_is_found(void **state) {
    struct fixture *fixture = *state;
    const char *token = NULL;
    warm_up(fixture);
    fixture_answer_json(fixture, JWKS, other_key(fixture, "k2", &token));
    assert_works(fixture->arena, verify(fixture, token));
    assert_int_equal(fixture->call_count, 3);
    assert_works(fixture->arena, verify(fixture, token));
    assert_int_equal(fixture->call_count, 3);
    /* The old key has been withdrawn with that. */
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, JWKS));
    assert_fails(fixture->arena, ERROR_JWS_KEY_UNKNOWN,
                 verify(fixture, fixture_token(fixture, "{}")));
}

static void a_token_without_kid_may_be_by_a_newer_key(void **state) {
    struct fixture *fixture = *state;
    const char *token = NULL;
    warm_up(fixture);
    fixture_answer_json(fixture, JWKS, other_key(fixture, NULL, &token));
    assert_works(fixture->arena, verify(fixture, token));
    assert_int_equal(fixture->call_count, 3);
}

static void keys_that_moved_are_found(void **state) {
    struct fixture *fixture = *state;
    const char *token = NULL;
    warm_up(fixture);
    const char *set = other_key(fixture, "k2", &token);
    fixture_answer_json(fixture, JWKS, fixture_own_jwks(fixture));
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, FIXTURE_ISSUER "/moved"));
    fixture_answer_json(fixture, FIXTURE_ISSUER "/moved", set);
    assert_works(fixture->arena, verify(fixture, token));
    assert_string_equal(fixture->metadata.jwks_uri, FIXTURE_ISSUER "/moved");
}

static void keys_that_moved_are_found_also_if_nothing_is_left_behind(void **state) {
    struct fixture *fixture = *state;
    const char *token = NULL;
    warm_up(fixture);
    const char *set = other_key(fixture, "k2", &token);
    fixture_answer(fixture, JWKS, 404, "text/html", "gone");
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, FIXTURE_ISSUER "/moved"));
    fixture_answer_json(fixture, FIXTURE_ISSUER "/moved", set);
    assert_works(fixture->arena, verify(fixture, token));
}

/* A document that is renewed is judged like the first one. */
static void keys_do_not_move_to_where_we_may_not_call(void **state) {
    struct fixture *fixture = *state;
    const char *token = NULL;
    warm_up(fixture);
    other_key(fixture, "k2", &token);
    fixture_answer_json(fixture, JWKS, fixture_own_jwks(fixture));
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, "http://evil.example/jwks"));
    assert_fails(fixture->arena, ERROR_URL_NOT_ALLOWED, verify(fixture, token));
}

static void a_provider_that_is_down_is_told_from_a_forgery(void **state) {
    struct fixture *fixture = *state;
    const char *unknown = NULL;
    warm_up(fixture);
    other_key(fixture, "k2", &unknown);
    fixture_answer_failure(fixture, JWKS, ERROR_HTTP_TIMEOUT);
    fixture_answer_json(fixture, DISCOVERY, discovery(fixture, JWKS));
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT, verify(fixture, unknown));
    assert_works(fixture->arena, verify(fixture, fixture_token(fixture, "{}")));
}

static void without_any_keys_nothing_is_verified(void **state) {
    struct fixture *fixture = *state;
    fixture_answer_failure(fixture, JWKS, ERROR_HTTP_FAILED);
    assert_fails(fixture->arena, ERROR_HTTP_FAILED, verify(fixture, fixture_token(fixture, "{}")));
}

static void a_set_that_is_none_is_refused(void **state) {
    static const char *const sets[] = {"{}", "{\"keys\":7}", "{\"keys\":null}", "{\"keys\":{}}"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(sets); i++) {
        fixture->house.clock.fixed += DOCUMENT_AGE;
        fixture_answer_json(fixture, JWKS, sets[i]);
        assert_fails(fixture->arena, ERROR_JWK_MALFORMED,
                     verify(fixture, fixture_token(fixture, "{}")));
    }
    fixture->metadata.jwks_uri = NULL;
    assert_fails(fixture->arena, ERROR_DISCOVERY_MALFORMED,
                 verify(fixture, fixture_token(fixture, "{}")));
}

/* ---- HS256 ----------------------------------------------------------------------------------- */

static const char *hs256(struct fixture *fixture, const char *secret) {
    const struct signing_key key = {
        .alg = "HS256",
        .octets = (const unsigned char *)secret,
        .octets_length = strlen(secret),
    };
    return fixture_sign(fixture, &key, "{\"alg\":\"HS256\"}", "{}");
}

static void hs256_is_verified_with_the_secret_if_it_is_listed(void **state) {
    struct fixture *fixture = *state;
    const char *token = hs256(fixture, FIXTURE_SECRET);
    assert_works(fixture->arena, verify_with(fixture, "HS256", token));
    assert_works(fixture->arena, verify_with(fixture, "ES256 HS256", token));
    assert_fails(fixture->arena, ERROR_JWS_ALG, verify_with(fixture, ALGS, token));
    assert_fails(fixture->arena, ERROR_JWS_SIGNATURE,
                 verify_with(fixture, "HS256", hs256(fixture, FIXTURE_SECRET "x")));
    assert_int_equal(fixture->call_count, 0);
}

static void hs256_needs_a_secret_that_is_a_key(void **state) {
    struct fixture *fixture = *state;
    const char *empty = hs256(fixture, "");
    fixture->provider.client_secret = "short";
    assert_fails(fixture->arena, ERROR_JWK_WEAK,
                 verify_with(fixture, "HS256", hs256(fixture, "short")));
    fixture->provider.client_secret = "";
    assert_fails(fixture->arena, ERROR_JWK_WEAK, verify_with(fixture, "HS256", empty));
    fixture->provider.client_secret = NULL;
    assert_fails(fixture->arena, ERROR_JWS_ALG, verify_with(fixture, "HS256", empty));
}

/* The classic: a MAC under what everybody can read. */
static void hs256_under_the_public_key_is_a_forgery(void **state) {
    struct fixture *fixture = *state;
    const char *set = fixture_own_jwks(fixture);
    fixture->provider.id_token_algs = "ES256 HS256";
    assert_fails(fixture->arena, ERROR_JWS_SIGNATURE,
                 verify_with(fixture, "ES256 HS256", hs256(fixture, set)));
    assert_int_equal(fixture->call_count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_signature_of_the_provider_is_one),
        fixture_test(the_keys_are_kept),
        fixture_test(an_opened_key_verifies_what_it_did_and_nothing_else),
        fixture_test(an_algorithm_not_listed_asks_nobody),
        fixture_test(a_forged_signature_of_a_known_key_asks_nobody),
        fixture_test(an_unknown_key_is_looked_for_once_a_minute),
        fixture_test(a_new_key_is_found),
        fixture_test(a_token_without_kid_may_be_by_a_newer_key),
        fixture_test(keys_that_moved_are_found),
        fixture_test(keys_that_moved_are_found_also_if_nothing_is_left_behind),
        fixture_test(keys_do_not_move_to_where_we_may_not_call),
        fixture_test(a_provider_that_is_down_is_told_from_a_forgery),
        fixture_test(without_any_keys_nothing_is_verified),
        fixture_test(a_set_that_is_none_is_refused),
        fixture_test(hs256_is_verified_with_the_secret_if_it_is_listed),
        fixture_test(hs256_needs_a_secret_that_is_a_key),
        fixture_test(hs256_under_the_public_key_is_a_forgery),
    };
    return cmocka_run_group_tests_name("provider_keys", tests, NULL, NULL);
}

/* oauth/client_authentication: who we are, said in the one way that the provider's record names. */
#include "fixture.h"

#include "oauth/client_authentication.h"

static struct http_request authenticate(struct fixture *fixture, struct form *parameters) {
    struct http_request request = {.url = FIXTURE_ISSUER "/token"};
    assert_works(fixture->arena,
                 client_authentication_add(fixture->context, &fixture->provider, &fixture->metadata,
                                           parameters, &request));
    return request;
}

static int authentication_fails(struct fixture *fixture) {
    struct form form = {.first = NULL};
    struct http_request request = {.url = FIXTURE_ISSUER "/token"};
    return client_authentication_add(fixture->context, &fixture->provider, &fixture->metadata,
                                     &form, &request);
}

static const char *authorization(const struct http_request *request) {
    assert_non_null(request->fields);
    assert_string_equal(request->fields->name, "Authorization");
    assert_null(request->fields->next);
    return request->fields->value;
}

/* RFC 6749 2.3.1 and appendix B: each half urlencoded, then joined by a colon. */
static void basic_encodes_both_halves(void **state) {
    const struct {
        const char *id;
        const char *secret;
        const char *pair;
    } cases[] = {
        {"s6BhdRkqt3", "gX1fBat3bV", "s6BhdRkqt3:gX1fBat3bV"},
        {"a:b", "c:d", "a%3Ab:c%3Ad"},
        {"a b", "100%", "a%20b:100%25"},
        {"a&b=c", "d+e/f", "a%26b%3Dc:d%2Be%2Ff"},
        {"https://x.example/y", "~-._", "https%3A%2F%2Fx.example%2Fy:~-._"},
        {"\xEA\xB9\x80", "\xC3\xA9", "%EA%B9%80:%C3%A9"},
        {"x", "a\"b'c<d>\\e", "x:a%22b%27c%3Cd%3E%5Ce"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct form form = {.first = NULL};
        fixture->provider.client_id = cases[i].id;
        fixture->provider.client_secret = cases[i].secret;
        struct http_request request = authenticate(fixture, &form);
        assert_string_equal(
            authorization(&request),
            arena_format(fixture->arena, "Basic %s",
                         base64_encode(fixture->arena, cases[i].pair, strlen(cases[i].pair))));
        assert_null(form.first); /* never both ways at once (RFC 6749 2.3) */
    }
}

/* The example of RFC 6749 2.3.1. */
static void basic_is_that_of_the_specification(void **state) {
    struct fixture *fixture = *state;
    struct form form = {.first = NULL};
    fixture->provider.client_id = "s6BhdRkqt3";
    fixture->provider.client_secret = "7Fjfp0ZBr1KtDRbnfVdmIw";
    struct http_request request = authenticate(fixture, &form);
    assert_string_equal(authorization(&request),
                        "Basic czZCaGRSa3F0Mzo3RmpmcDBaQnIxS3REUmJuZlZkbUl3");
}

static void post_puts_both_into_the_form(void **state) {
    struct fixture *fixture = *state;
    struct form form = {.first = NULL};
    fixture->provider.authentication = CLIENT_SECRET_POST;
    fixture->provider.client_secret = "a&b=c+d%";
    form_put(fixture->arena, &form, "grant_type", "authorization_code");
    struct http_request request = authenticate(fixture, &form);
    assert_null(request.fields);
    assert_string_equal(
        form_write(fixture->arena, &form),
        "grant_type=authorization_code&client_id=client-1&client_secret=a%26b%3Dc%2Bd%25");
}

static void a_public_client_says_its_name_alone(void **state) {
    struct fixture *fixture = *state;
    struct form form = {.first = NULL};
    fixture->provider.authentication = CLIENT_PUBLIC;
    struct http_request request = authenticate(fixture, &form);
    assert_null(request.fields);
    assert_string_equal(form_write(fixture->arena, &form), "client_id=client-1");
}

static void a_client_id_that_is_there_is_not_put_twice(void **state) {
    static const enum client_authentication methods[] = {CLIENT_SECRET_POST, CLIENT_SECRET_JWT,
                                                         CLIENT_PUBLIC};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(methods); i++) {
        struct form form = {.first = NULL};
        const char *id = NULL;
        fixture->provider.authentication = methods[i];
        form_put(fixture->arena, &form, "client_id", FIXTURE_CLIENT);
        authenticate(fixture, &form);
        assert_works(fixture->arena, form_single(fixture->arena, &form, "client_id", &id));
    }
}

/* ---- assertions (RFC 7523) ------------------------------------------------------------------- */

static struct jws read_assertion(struct fixture *fixture, const struct form *form) {
    struct jws jws;
    assert_null(form_value(form, "client_secret"));
    assert_string_equal(form_value(form, "client_assertion_type"),
                        "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
    assert_works(fixture->arena,
                 jws_parse(fixture->arena, form_value(form, "client_assertion"), &jws));
    return jws;
}

/* RFC 7523 3, OpenID Connect Core 9: all the claims, and no other. */
static const char *assert_claims(struct fixture *fixture, const struct jws *jws) {
    struct json *claims = NULL;
    int64_t time = 0;
    assert_works(fixture->arena,
                 json_parse_object(fixture->arena, jws->payload, jws->payload_length, &claims));
    assert_int_equal(claims->count, 6);
    assert_string_equal(json_string(claims, "iss"), FIXTURE_CLIENT);
    assert_string_equal(json_string(claims, "sub"), FIXTURE_CLIENT);
    assert_string_equal(json_string(claims, "aud"), FIXTURE_ISSUER);
    assert_true(json_integer(json_member(claims, "iat"), &time));
    assert_int_equal(time, HOUSE_TIME);
    assert_true(json_integer(json_member(claims, "exp"), &time));
    assert_int_equal(time, HOUSE_TIME + 60);
    assert_int_equal(strlen(json_string(claims, "jti")), 22);
    return json_string(claims, "jti");
}

static void client_secret_jwt_is_signed_with_the_secret(void **state) {
    struct fixture *fixture = *state;
    struct form form = {.first = NULL};
    fixture->provider.authentication = CLIENT_SECRET_JWT;
    struct http_request request = authenticate(fixture, &form);
    assert_null(request.fields);
    struct jws jws = read_assertion(fixture, &form);
    assert_string_equal(jws.alg, "HS256");
    assert_null(jws.kid);
    assert_works(fixture->arena,
                 jws_verify_secret(fixture->arena, &jws, FIXTURE_SECRET, strlen(FIXTURE_SECRET)));
    assert_claims(fixture, &jws);
    assert_null(strstr(form_write(fixture->arena, &form), FIXTURE_SECRET));
}

static void every_assertion_has_an_id_of_its_own(void **state) {
    struct fixture *fixture = *state;
    const char *first = NULL;
    fixture->provider.authentication = CLIENT_SECRET_JWT;
    for (int i = 0; i < 2; i++) {
        struct form form = {.first = NULL};
        authenticate(fixture, &form);
        struct jws jws = read_assertion(fixture, &form);
        const char *jti = assert_claims(fixture, &jws);
        if (i == 0)
            first = jti;
        else
            assert_string_not_equal(jti, first);
    }
}

/* A key of this algorithm, its private half in `client.pem`, its public half in *set. */
static void make_key(struct fixture *fixture, const char *alg, mode_t mode, struct jwk_set *set) {
    struct signing_key key;
    char *pem = NULL;
    assert_works(fixture->arena, signing_key_generate(fixture->arena, alg, "mine", &key));
    assert_works(fixture->arena, signing_key_write(fixture->arena, &key, &pem));
    const char *jwks = fixture_jwks(fixture, (const struct signing_key *const[]){&key, NULL});
    signing_key_free(&key);
    const char *path = house_path(&fixture->house, "client.pem");
    unlink(path);
    house_write(path, pem, mode);
    assert_works(fixture->arena, jwk_set_parse(fixture->arena, jwks, strlen(jwks), set));
    fixture->provider.authentication = PRIVATE_KEY_JWT;
    fixture->provider.private_key_file = "client.pem"; /* beside the configuration */
    fixture->provider.private_key_id = "mine";
    fixture->provider.authentication_alg = alg;
}

static void private_key_jwt_is_signed_with_the_key(void **state) {
    static const char *const algs[] = {"RS256", "PS256", "ES256", "ES384", "EdDSA"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(algs); i++) {
        struct form form = {.first = NULL};
        struct jwk_set set;
        make_key(fixture, algs[i], 0600, &set);
        authenticate(fixture, &form);
        struct jws jws = read_assertion(fixture, &form);
        assert_string_equal(jws.alg, algs[i]);
        assert_string_equal(jws.kid, "mine");
        assert_works(fixture->arena, jws_verify(fixture->arena, &jws, algs[i], &set));
        assert_claims(fixture, &jws);
    }
}

static void without_an_algorithm_it_is_rs256_and_without_a_kid_none(void **state) {
    struct fixture *fixture = *state;
    struct form form = {.first = NULL};
    struct jwk_set set;
    make_key(fixture, "RS256", 0600, &set);
    fixture->provider.authentication_alg = NULL;
    fixture->provider.private_key_id = NULL;
    authenticate(fixture, &form);
    struct jws jws = read_assertion(fixture, &form);
    assert_string_equal(jws.alg, "RS256");
    assert_null(jws.kid);
}

static void a_key_that_others_may_read_is_not_used(void **state) {
    struct fixture *fixture = *state;
    struct jwk_set set;
    make_key(fixture, "ES256", 0644, &set);
    assert_fails(fixture->arena, ERROR_KEY_FILE, authentication_fails(fixture));
    make_key(fixture, "ES256", 0640, &set);
    assert_works(fixture->arena, authentication_fails(fixture));
}

static void a_key_that_is_none_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct jwk_set set;
    make_key(fixture, "ES256", 0600, &set);
    fixture->provider.authentication_alg = "RS256"; /* not for this key */
    assert_fails(fixture->arena, ERROR_KEY_FILE, authentication_fails(fixture));
    fixture->provider.authentication_alg = "ES384";
    assert_fails(fixture->arena, ERROR_KEY_FILE, authentication_fails(fixture));
    house_write(house_path(&fixture->house, "client.pem"), "no key\n", 0600);
    assert_fails(fixture->arena, ERROR_KEY_FILE, authentication_fails(fixture));
    fixture->provider.private_key_file = "nowhere.pem";
    assert_fails(fixture->arena, ERROR_KEY_FILE, authentication_fails(fixture));
}

/* ---- a secret that is signed ----------------------------------------------------------------- */

static void post_may_have_other_names(void **state) {
    struct fixture *fixture = *state;
    struct form form = {.first = NULL};
    fixture->provider.authentication = CLIENT_SECRET_POST;
    fixture->provider.client_id_parameter = "appid";
    fixture->provider.client_secret_parameter = "secret";
    fixture->provider.client_secret = "s&t";
    struct http_request request = authenticate(fixture, &form);
    assert_null(request.fields);
    assert_string_equal(form_write(fixture->arena, &form), "appid=client-1&secret=s%26t");
}

/* Whose secret is a JWT, issued by the team, signed with its key. */
static void make_team(struct fixture *fixture, const char *alg, struct jwk_set *set) {
    make_key(fixture, alg, 0600, set);
    fixture->provider.authentication = CLIENT_SECRET_POST;
    fixture->provider.client_secret = NULL;
    fixture->provider.client_secret_issuer = "team-1";
}

static void assert_signed_secret(struct fixture *fixture, const char *secret, const char *alg,
                                 const struct jwk_set *set, const char *audience) {
    struct jws jws;
    struct json *claims = NULL;
    int64_t time = 0;
    assert_works(fixture->arena, jws_parse(fixture->arena, secret, &jws));
    assert_string_equal(jws.alg, alg);
    assert_string_equal(jws.kid, "mine");
    assert_works(fixture->arena, jws_verify(fixture->arena, &jws, alg, set));
    assert_works(fixture->arena,
                 json_parse_object(fixture->arena, jws.payload, jws.payload_length, &claims));
    assert_int_equal(claims->count, 5);
    assert_string_equal(json_string(claims, "iss"), "team-1");
    assert_string_equal(json_string(claims, "sub"), FIXTURE_CLIENT);
    assert_string_equal(json_string(claims, "aud"), audience);
    assert_true(json_integer(json_member(claims, "iat"), &time));
    assert_int_equal(time, HOUSE_TIME);
    assert_true(json_integer(json_member(claims, "exp"), &time));
    assert_int_equal(time, HOUSE_TIME + 300);
}

static void a_signed_secret_goes_into_the_form(void **state) {
    static const char *const algs[] = {"ES256", "RS256", "EdDSA"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(algs); i++) {
        struct form form = {.first = NULL};
        struct jwk_set set;
        make_team(fixture, algs[i], &set);
        struct http_request request = authenticate(fixture, &form);
        assert_null(request.fields);
        assert_string_equal(form_value(&form, "client_id"), FIXTURE_CLIENT);
        assert_null(form_value(&form, "client_assertion"));
        assert_signed_secret(fixture, form_value(&form, "client_secret"), algs[i], &set,
                             FIXTURE_ISSUER);
        assert_null(fixture->provider.client_secret); /* made anew each time */
    }
}

static void a_signed_secret_may_go_by_basic(void **state) {
    struct fixture *fixture = *state;
    struct form form = {.first = NULL};
    struct jwk_set set;
    make_team(fixture, "ES256", &set);
    fixture->provider.authentication = CLIENT_SECRET_BASIC;
    struct http_request request = authenticate(fixture, &form);
    assert_null(form.first);
    const char *field = authorization(&request);
    assert_true(text_starts_with(field, "Basic "));
    /* base64 to base64url, which is what we can read */
    char *encoded = arena_copy(fixture->arena, field + 6, strcspn(field + 6, "="));
    for (char *c = encoded; *c != '\0'; c++)
        *c = *c == '+' ? '-' : *c == '/' ? '_' : *c;
    unsigned char *pair = NULL;
    size_t length = 0;
    assert_works(fixture->arena,
                 base64url_decode(fixture->arena, encoded, strlen(encoded), &pair, &length));
    assert_true(text_starts_with((const char *)pair, FIXTURE_CLIENT ":"));
    /* A JWT holds nothing that percent-encoding would change. */
    assert_signed_secret(fixture, (const char *)pair + strlen(FIXTURE_CLIENT ":"), "ES256", &set,
                         FIXTURE_ISSUER);
}

static void a_secret_that_cannot_be_signed_is_none(void **state) {
    struct fixture *fixture = *state;
    struct jwk_set set;
    make_team(fixture, "ES256", &set);
    fixture->provider.authentication_alg = "RS256"; /* not for this key */
    assert_fails(fixture->arena, ERROR_KEY_FILE, authentication_fails(fixture));
    fixture->provider.private_key_file = "nowhere.pem";
    assert_fails(fixture->arena, ERROR_KEY_FILE, authentication_fails(fixture));
}

/* RFC 7523 3: without an issuer of its own, the token endpoint; a template names nobody. */
static void without_an_issuer_the_token_endpoint_is_meant(void **state) {
    static const char *const issuers[] = {NULL, FIXTURE_ISSUER "/{claim:tid}",
                                          FIXTURE_ISSUER "/{tenantid}"};
    struct fixture *fixture = *state;
    struct jwk_set set;
    make_team(fixture, "ES256", &set);
    for (size_t i = 0; i < FIXTURE_COUNT(issuers); i++) {
        struct form form = {.first = NULL};
        fixture->metadata.issuer = issuers[i];
        authenticate(fixture, &form);
        assert_signed_secret(fixture, form_value(&form, "client_secret"), "ES256", &set,
                             FIXTURE_ISSUER "/token");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(basic_encodes_both_halves),
        fixture_test(basic_is_that_of_the_specification),
        fixture_test(post_puts_both_into_the_form),
        fixture_test(a_public_client_says_its_name_alone),
        fixture_test(a_client_id_that_is_there_is_not_put_twice),
        fixture_test(client_secret_jwt_is_signed_with_the_secret),
        fixture_test(every_assertion_has_an_id_of_its_own),
        fixture_test(private_key_jwt_is_signed_with_the_key),
        fixture_test(without_an_algorithm_it_is_rs256_and_without_a_kid_none),
        fixture_test(a_key_that_others_may_read_is_not_used),
        fixture_test(a_key_that_is_none_is_refused),
        fixture_test(post_may_have_other_names),
        fixture_test(a_signed_secret_goes_into_the_form),
        fixture_test(a_signed_secret_may_go_by_basic),
        fixture_test(a_secret_that_cannot_be_signed_is_none),
        fixture_test(without_an_issuer_the_token_endpoint_is_meant),
    };
    return cmocka_run_group_tests_name("client_authentication", tests, NULL, NULL);
}

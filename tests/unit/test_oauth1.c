/* oauth/oauth1: what is asked in each leg, how it is signed, and what of the answers is believed. */
#include "fixture.h"

#include "format/oauth1_signature.h"
#include "format/uri.h"
#include "oauth/oauth1.h"
#include "oauth/userinfo.h"

#include <openssl/bio.h>
#include <openssl/pem.h>

#define INITIATE FIXTURE_ISSUER "/initiate"
#define TOKEN FIXTURE_ISSUER "/token"
#define PROFILE FIXTURE_ISSUER "/profile?a=%C3%BC%20b&c"
#define FORM "application/x-www-form-urlencoded"
#define CONFIRMED "&oauth_callback_confirmed=true"

#define WITHOUT_SECRET                                                                             \
    "[provider op]\ntype = oauth1\nclient_id = key&id\ntemporary_credential_endpoint = " INITIATE  \
    "\nauthorization_endpoint = " FIXTURE_ISSUER "/authorize?lang=en\ntoken_endpoint = " TOKEN     \
    "\nuserinfo_endpoint = " PROFILE "\nclaim_sub = id\n"
#define CONFIG WITHOUT_SECRET "client_secret = the%secret\n"

static const struct oauth1_credentials temporary = {.token = "t+1", .secret = "s&1"};

/* ---- what was asked -------------------------------------------------------------------------- */

/* The parameters of a call's Authorization field, in order, decoded. */
static struct form protocol_of(struct fixture *fixture, const struct fixture_call *call) {
    struct arena *arena = fixture->arena;
    struct form form = {.first = NULL};
    const char *field = fixture_field(call, "Authorization");
    assert_true(text_starts_with(field, "OAuth "));
    for (const char *next = field + strlen("OAuth "); *next != '\0';) {
        size_t name = strcspn(next, "=");
        char *value = NULL;
        assert_int_equal(next[name + 1], '"');
        const char *start = next + name + 2;
        size_t length = strcspn(start, "\"");
        assert_works(arena, uri_decode(arena, start, length, &value));
        form_put(arena, &form, arena_copy(arena, next, name), value);
        next = start + length + 1;
        if (*next != '\0') {
            assert_int_equal(strncmp(next, ", ", 2), 0);
            next += 2;
        }
    }
    return form;
}

static struct form without_signature(struct fixture *fixture, const struct form *form) {
    struct form rest = {.first = NULL};
    for (const struct form_field *field = form->first; field != NULL; field = field->next)
        if (!text_equal(field->name, "oauth_signature"))
            form_put(fixture->arena, &rest, field->name, field->value);
    return rest;
}

static char *base_of(struct fixture *fixture, const struct fixture_call *call) {
    char *base = NULL;
    struct form body = {.first = NULL};
    const struct form protocol = protocol_of(fixture, call);
    const struct form rest = without_signature(fixture, &protocol);
    bool is_post = call->post || call->form != NULL || call->json != NULL;
    if (call->form != NULL)
        body = fixture_form(fixture, call->form);
    const struct oauth1_message message = {
        .method = is_post ? "POST" : "GET", .url = call->url, .body = &body};
    assert_works(fixture->arena, oauth1_signature_base(fixture->arena, &message, &rest, &base));
    return base;
}

/* The call is signed by HMAC-SHA1 with these secrets, and says all that RFC 5849 3.1 asks for. */
static void assert_signed(struct fixture *fixture, const struct fixture_call *call,
                          const char *token, const char *token_secret) {
    char *signature = NULL;
    const struct form protocol = protocol_of(fixture, call);
    assert_works(fixture->arena,
                 oauth1_signature_hmac_sha1(fixture->arena, base_of(fixture, call), "the%secret",
                                            token_secret, &signature));
    assert_string_equal(form_value(&protocol, "oauth_signature"), signature);
    assert_string_equal(form_value(&protocol, "oauth_consumer_key"), "key&id");
    assert_string_equal(form_value(&protocol, "oauth_signature_method"), "HMAC-SHA1");
    assert_string_equal(form_value(&protocol, "oauth_timestamp"), "1800000000");
    assert_string_equal(form_value(&protocol, "oauth_version"), "1.0");
    assert_int_equal(strlen(form_value(&protocol, "oauth_nonce")), 24);
    if (token == NULL)
        assert_null(form_value(&protocol, "oauth_token"));
    else
        assert_string_equal(form_value(&protocol, "oauth_token"), token);
}

/* ---- the legs -------------------------------------------------------------------------------- */

static int ask_temporary(struct fixture *fixture, int status, const char *body,
                         struct oauth1_credentials *credentials) {
    fixture_answer(fixture, INITIATE, status, FORM, body);
    return oauth1_temporary_request(fixture->context, &fixture->provider, credentials);
}

static int ask_token(struct fixture *fixture, int status, const char *body,
                     struct oauth1_credentials *credentials, const struct json **answer) {
    fixture_answer(fixture, TOKEN, status, FORM, body);
    return oauth1_token_request(fixture->context, &fixture->provider, &temporary, "v/1",
                                credentials, answer);
}

static void temporary_credentials_are_asked_for_with_our_callback(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    fixture_config(fixture, CONFIG);
    assert_works(fixture->arena,
                 ask_temporary(fixture, 200, "oauth_token=hh5s&oauth_token_secret=hd%26h" CONFIRMED,
                               &credentials));
    assert_string_equal(credentials.token, "hh5s");
    assert_string_equal(credentials.secret, "hd&h");

    const struct fixture_call *call = fixture->calls;
    const struct form protocol = protocol_of(fixture, call);
    assert_true(call->post);
    assert_null(call->form);
    assert_null(call->json);
    assert_signed(fixture, call, NULL, NULL);
    assert_string_equal(form_value(&protocol, "oauth_callback"),
                        FIXTURE_SITE "/cgi-bin/callback.cgi/op");
}

static void the_browser_carries_the_token_alone(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, CONFIG);
    assert_string_equal(oauth1_authorization_uri(fixture->arena, &fixture->provider, &temporary),
                        FIXTURE_ISSUER "/authorize?lang=en&oauth_token=t%2B1");
}

static void the_verifier_becomes_token_credentials(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    const struct json *answer = NULL;
    fixture_config(fixture, CONFIG);
    assert_works(fixture->arena,
                 ask_token(fixture, 200,
                           "oauth_token=nnch&oauth_token_secret=pfkk&user_id=38&screen_name=a+b%26"
                           "\r\n",
                           &credentials, &answer));
    assert_string_equal(credentials.token, "nnch");
    assert_string_equal(credentials.secret, "pfkk");
    assert_string_equal(json_write(fixture->arena, answer),
                        "{\"user_id\":\"38\",\"screen_name\":\"a b\\u0026\"}");

    const struct form protocol = protocol_of(fixture, fixture->calls);
    assert_true(fixture->calls->post);
    assert_signed(fixture, fixture->calls, "t+1", "s&1");
    assert_string_equal(form_value(&protocol, "oauth_verifier"), "v/1");
}

static void no_nonce_comes_twice(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    fixture_config(fixture, CONFIG);
    for (int i = 0; i < 2; i++)
        assert_works(fixture->arena,
                     ask_temporary(fixture, 200, "oauth_token=a&oauth_token_secret=b" CONFIRMED,
                                   &credentials));
    const struct form first = protocol_of(fixture, fixture->calls);
    const struct form second = protocol_of(fixture, fixture->calls->next);
    assert_string_not_equal(form_value(&first, "oauth_nonce"), form_value(&second, "oauth_nonce"));
}

/* ---- the profile ----------------------------------------------------------------------------- */

static void ask_profile(struct fixture *fixture, const char *url) {
    struct login_values values = {
        .provider = &fixture->provider,
        .access_token = "nnch",
        .token_secret = "pf%kk",
    };
    fixture->metadata.userinfo_endpoint = fixture->provider.userinfo_endpoint;
    fixture_answer_json(fixture, url, "{\"id\":7}");
    assert_works(fixture->arena,
                 userinfo_request(fixture->context, &fixture->metadata, NULL, &values));
    assert_non_null(json_member(values.answers.of[MAPPING_USERINFO], "id"));
    assert_signed(fixture, fixture->calls, "nnch", "pf%kk");
}

static void the_profile_is_asked_for_by_a_signed_request(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, CONFIG);
    ask_profile(fixture, PROFILE);
    assert_non_null(strstr(base_of(fixture, fixture->calls), "&a%3D%25C3%25BC%2520b%26c%3D%26"));
    assert_null(strstr(fixture->calls->url, "nnch"));
}

static void the_records_own_parameters_are_signed_too(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, CONFIG "userinfo_parameters = z=1&b=%26\n");
    ask_profile(fixture, PROFILE "&z=1&b=%26");
    assert_non_null(strstr(base_of(fixture, fixture->calls), "%26b%3D%2526%26c%3D%26"));
}

static void so_is_the_form_of_a_post(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture,
                   CONFIG "userinfo_endpoint_method = POST\nuserinfo_parameters = z=1&b=%26\n");
    ask_profile(fixture, PROFILE);
    assert_string_equal(fixture->calls->form, "z=1&b=%26");
    assert_non_null(strstr(base_of(fixture, fixture->calls), "%26b%3D%2526%26c%3D%26"));
}

/* ---- RSA-SHA1 -------------------------------------------------------------------------------- */

/* A private key of this kind in client.pem, and the setting that names it. */
static EVP_PKEY *use_key(struct fixture *fixture, const char *alg, mode_t mode) {
    struct signing_key key;
    char *pem = NULL;
    assert_works(fixture->arena, signing_key_generate(fixture->arena, alg, NULL, &key));
    assert_works(fixture->arena, signing_key_write(fixture->arena, &key, &pem));
    house_write(house_path(&fixture->house, "client.pem"), pem, mode);
    fixture_config(fixture,
                   WITHOUT_SECRET "signature_method = RSA-SHA1\nprivate_key_file = client.pem\n");
    return key.pkey;
}

static bool verifies(EVP_PKEY *pkey, const char *base, const char *signature) {
    unsigned char octets[258]; /* 256, and 2 of its padding */
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    assert_int_equal(strlen(signature), 344);
    EVP_DecodeBlock(octets, (const unsigned char *)signature, (int)strlen(signature));
    bool valid =
        EVP_DigestVerifyInit(digest, NULL, EVP_sha1(), NULL, pkey) == 1 &&
        EVP_DigestVerify(digest, octets, 256, (const unsigned char *)base, strlen(base)) == 1;
    EVP_MD_CTX_free(digest);
    return valid;
}

static void a_private_key_signs_where_the_record_says_so(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    const struct json *answer = NULL;
    EVP_PKEY *pkey = use_key(fixture, "RS256", 0600);
    assert_works(fixture->arena, ask_token(fixture, 200, "oauth_token=a&oauth_token_secret=b",
                                           &credentials, &answer));
    const struct form protocol = protocol_of(fixture, fixture->calls);
    assert_string_equal(form_value(&protocol, "oauth_signature_method"), "RSA-SHA1");
    assert_true(
        verifies(pkey, base_of(fixture, fixture->calls), form_value(&protocol, "oauth_signature")));
    EVP_PKEY_free(pkey);
}

/* RFC 5849 3.4.3: no secret signs, so that an empty one does no harm. */
static void then_an_empty_secret_is_allowed(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    const struct json *answer = NULL;
    EVP_PKEY_free(use_key(fixture, "RS256", 0600));
    assert_works(
        fixture->arena,
        ask_temporary(fixture, 200, "oauth_token=a&oauth_token_secret=" CONFIRMED, &credentials));
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                 ask_token(fixture, 200, "oauth_token=a", &credentials, &answer));
}

static void a_key_that_cannot_be_used_asks_nobody(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    EVP_PKEY_free(use_key(fixture, "RS256", 0644));
    assert_fails(fixture->arena, ERROR_KEY_FILE,
                 oauth1_temporary_request(fixture->context, &fixture->provider, &credentials));
    EVP_PKEY_free(use_key(fixture, "ES256", 0600));
    assert_fails(fixture->arena, ERROR_KEY_FILE,
                 oauth1_temporary_request(fixture->context, &fixture->provider, &credentials));
    assert_int_equal(unlink(house_path(&fixture->house, "client.pem")), 0);
    assert_fails(fixture->arena, ERROR_KEY_FILE,
                 oauth1_temporary_request(fixture->context, &fixture->provider, &credentials));
    assert_int_equal(fixture->call_count, 0);
}

/* ---- answers --------------------------------------------------------------------------------- */

struct answer_case {
    int status;
    const char *body;
    enum error_rule temporary;
    enum error_rule token;
};

static void assert_rule(struct fixture *fixture, const char *leg, int result,
                        const struct answer_case *expected, enum error_rule rule) {
    if (result == 0)
        fail_msg("%s: accepted: %d %s", leg, expected->status, expected->body);
    if (fixture->arena->error.rule != rule)
        fail_msg("%s: %d %s: %s", leg, expected->status, expected->body,
                 error_meaning(fixture->arena->error.rule)->name);
    arena_forget_error(fixture->arena);
}

#define BOTH(rule) rule, rule
#define GOOD "oauth_token=a&oauth_token_secret=b"

static void each_answer_is_told_from_the_others(void **state) {
    static const struct answer_case cases[] = {
        {200, "", BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "oauth_token=a" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "oauth_token_secret=b" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "oauth_token=&oauth_token_secret=b" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "oauth_token&oauth_token_secret=b" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "oauth_token=a&oauth_token_secret=" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "OAuth_Token=a&oauth_token_secret=b" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, GOOD "&oauth_token=c" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, GOOD "&oauth_token_secret=b" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, GOOD "&x=%00" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, GOOD "&x=%0A" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, GOOD "&x=%FF" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, GOOD "&x=%4" CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "{\"oauth_token\":\"a\",\"oauth_token_secret\":\"b\"}", BOTH(ERROR_TOKEN_RESPONSE)},
        {200, "<html>" GOOD CONFIRMED, BOTH(ERROR_TOKEN_RESPONSE)},
        {200, GOOD "&oauth_problem=token_expired" CONFIRMED, BOTH(ERROR_TOKEN_ERROR)},
        {200, GOOD "&error=x" CONFIRMED, BOTH(ERROR_TOKEN_ERROR)},
        {200, "oauth_problem=signature_invalid", BOTH(ERROR_TOKEN_ERROR)},
        {401, "", ERROR_CLIENT_REFUSED, ERROR_TOKEN_ERROR},
        {401, "<html>no</html>", ERROR_CLIENT_REFUSED, ERROR_TOKEN_ERROR},
        {401, "oauth_problem=signature_invalid", ERROR_CLIENT_REFUSED, ERROR_TOKEN_ERROR},
        {401, "{\"errors\":[{\"code\":32}]}", ERROR_CLIENT_REFUSED, ERROR_TOKEN_ERROR},
        {401, "{\"error\":\"x\"}", ERROR_CLIENT_REFUSED, ERROR_TOKEN_ERROR},
        {401, "error=invalid_client", BOTH(ERROR_CLIENT_REFUSED)},
        {401, GOOD CONFIRMED, ERROR_CLIENT_REFUSED, ERROR_TOKEN_ERROR},
        {400, "oauth_problem=parameter_absent", BOTH(ERROR_TOKEN_ERROR)},
        {400, "error=invalid_request", BOTH(ERROR_TOKEN_ERROR)},
        {400, "{\"error\":\"x\"}", BOTH(ERROR_TOKEN_ERROR)},
        {400, "", BOTH(ERROR_HTTP_STATUS)},
        {403, "no", BOTH(ERROR_HTTP_STATUS)},
        {500, "", BOTH(ERROR_HTTP_STATUS)},
        {503, GOOD CONFIRMED, BOTH(ERROR_HTTP_STATUS)},
        {201, GOOD CONFIRMED, BOTH(ERROR_HTTP_STATUS)},
        {302, GOOD CONFIRMED, BOTH(ERROR_HTTP_STATUS)},
    };
    struct fixture *fixture = *state;
    fixture_config(fixture, CONFIG);
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct oauth1_credentials credentials;
        const struct json *answer = NULL;
        assert_rule(fixture, "temporary",
                    ask_temporary(fixture, cases[i].status, cases[i].body, &credentials), &cases[i],
                    cases[i].temporary);
        assert_rule(fixture, "token",
                    ask_token(fixture, cases[i].status, cases[i].body, &credentials, &answer),
                    &cases[i], cases[i].token);
    }
}

/* RFC 5849 2.1: a server that does not say so may let an attacker choose the callback. */
static void a_callback_that_is_not_confirmed_is_none(void **state) {
    static const char *const bodies[] = {
        GOOD,
        GOOD "&oauth_callback_confirmed=",
        GOOD "&oauth_callback_confirmed=false",
        GOOD "&oauth_callback_confirmed=1",
        GOOD "&oauth_callback_confirmed=TRUE",
        GOOD "&oauth_callback_confirmed=true+",
        GOOD "&callback_confirmed=true",
        GOOD "&oauth_callback_confirmed=true&oauth_callback_confirmed=true",
    };
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    fixture_config(fixture, CONFIG);
    for (size_t i = 0; i < FIXTURE_COUNT(bodies); i++)
        assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                     ask_temporary(fixture, 200, bodies[i], &credentials));
}

static void credentials_have_at_most_1024_bytes(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    const struct json *answer = NULL;
    char *text = arena_alloc(fixture->arena, OAUTH1_CREDENTIAL_LIMIT + 2);
    memset(text, 't', OAUTH1_CREDENTIAL_LIMIT);
    const char *format = "oauth_token=%s&oauth_token_secret=%s";
    fixture_config(fixture, CONFIG);
    assert_works(fixture->arena,
                 ask_token(fixture, 200, arena_format(fixture->arena, format, text, text),
                           &credentials, &answer));
    text[OAUTH1_CREDENTIAL_LIMIT] = 't';
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                 ask_token(fixture, 200, arena_format(fixture->arena, format, text, "s"),
                           &credentials, &answer));
    assert_fails(fixture->arena, ERROR_TOKEN_RESPONSE,
                 ask_token(fixture, 200, arena_format(fixture->arena, format, "t", text),
                           &credentials, &answer));
}

static void the_records_own_conditions_hold_for_the_token_answer(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    const struct json *answer = NULL;
    fixture_config(fixture, CONFIG "token_success = ok=1\ntoken_error = whoops\n");
    assert_works(fixture->arena, ask_token(fixture, 200, GOOD "&ok=1", &credentials, &answer));
    assert_fails(fixture->arena, ERROR_TOKEN_ERROR,
                 ask_token(fixture, 200, GOOD "&ok=2", &credentials, &answer));
    assert_fails(fixture->arena, ERROR_TOKEN_ERROR,
                 ask_token(fixture, 200, GOOD "&ok=1&whoops=yes", &credentials, &answer));
    assert_fails(fixture->arena, ERROR_TOKEN_ERROR,
                 ask_token(fixture, 200, GOOD "&ok=1&oauth_problem=yes", &credentials, &answer));
}

static void the_log_learns_the_problem_alone(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    fixture_config(fixture, CONFIG);
    assert_int_equal(ask_temporary(fixture, 401,
                                   "oauth_problem=a%20secret%3Dx&oauth_problem_advice=hd9",
                                   &credentials),
                     -1);
    assert_string_equal(fixture->arena->error.detail, "status 401, error a?secret?x");
}

static void a_network_that_fails_is_passed_on(void **state) {
    struct fixture *fixture = *state;
    struct oauth1_credentials credentials;
    fixture_config(fixture, CONFIG);
    fixture_answer_failure(fixture, INITIATE, ERROR_HTTP_TIMEOUT);
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT,
                 oauth1_temporary_request(fixture->context, &fixture->provider, &credentials));
}

/* ---- the record ------------------------------------------------------------------------------ */

static void a_record_that_does_not_suffice_is_refused(void **state) {
    static const char *const configurations[] = {
        WITHOUT_SECRET, /* nothing to sign with */
        WITHOUT_SECRET "signature_method = RSA-SHA1\nclient_secret = s\n",
        CONFIG "signature_method = PLAINTEXT\n", /* it would send the secrets themselves */
        CONFIG "signature_method = HMAC-SHA256\n",
        CONFIG "signature_method = hmac-sha1\n",
        "[provider op]\ntype = oauth1\nclient_id = a\nclient_secret = b\nclaim_sub = id\n"
        "authorization_endpoint = " FIXTURE_ISSUER "/a\ntoken_endpoint = " FIXTURE_ISSUER
        "/t\nuserinfo_endpoint = " FIXTURE_ISSUER "/u\n",
        "[provider op]\ntype = oauth1\nclient_id = a\nclient_secret = b\nclaim_sub = id\n"
        "authorization_endpoint = " FIXTURE_ISSUER "/a\ntoken_endpoint = " FIXTURE_ISSUER
        "/t\nuserinfo_endpoint = " FIXTURE_ISSUER
        "/u\ntemporary_credential_endpoint = http://op.example/initiate\n",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(configurations); i++) {
        assert_works(fixture->arena, fixture_config_load(fixture, configurations[i]));
        if (provider_load(fixture->context, "op", NULL, &fixture->provider) == 0)
            fail_msg("accepted: %s", configurations[i]);
        assert_int_equal(fixture->arena->error.rule, ERROR_CONFIG);
        arena_forget_error(fixture->arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(temporary_credentials_are_asked_for_with_our_callback),
        fixture_test(the_browser_carries_the_token_alone),
        fixture_test(the_verifier_becomes_token_credentials),
        fixture_test(no_nonce_comes_twice),
        fixture_test(the_profile_is_asked_for_by_a_signed_request),
        fixture_test(the_records_own_parameters_are_signed_too),
        fixture_test(so_is_the_form_of_a_post),
        fixture_test(a_private_key_signs_where_the_record_says_so),
        fixture_test(then_an_empty_secret_is_allowed),
        fixture_test(a_key_that_cannot_be_used_asks_nobody),
        fixture_test(each_answer_is_told_from_the_others),
        fixture_test(a_callback_that_is_not_confirmed_is_none),
        fixture_test(credentials_have_at_most_1024_bytes),
        fixture_test(the_records_own_conditions_hold_for_the_token_answer),
        fixture_test(the_log_learns_the_problem_alone),
        fixture_test(a_network_that_fails_is_passed_on),
        fixture_test(a_record_that_does_not_suffice_is_refused),
    };
    return cmocka_run_group_tests_name("oauth1", tests, NULL, NULL);
}

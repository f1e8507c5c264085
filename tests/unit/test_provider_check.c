/* oauth/provider_check: what a record needs to be of use, and what does not go together. */
#include "fixture.h"

#define OAUTH2                                                                                     \
    "type = oauth2\nclient_id = c\nclient_secret = s\n"                                            \
    "authorization_endpoint = https://x.example/a\ntoken_endpoint = https://x.example/t\n"

#define PROFILE OAUTH2 "userinfo_endpoint = https://x.example/u\n"

#define OIDC "issuer = https://x.example\nclient_id = c\nclient_secret = s\n"

#define OAUTH1                                                                                     \
    "type = oauth1\nclient_id = c\nauthorization_endpoint = https://x.example/a\n"                 \
    "token_endpoint = https://x.example/t\nuserinfo_endpoint = https://x.example/u\n"

/* Apple's way: the secret is signed. */
#define SIGNED                                                                                     \
    "issuer = https://x.example\nclient_id = c\nclient_secret_issuer = team\n"                     \
    "token_endpoint_auth_signing_alg = ES256\n"

static int load(struct fixture *fixture, const char *settings) {
    struct provider provider;
    assert_works(
        fixture->arena,
        fixture_config_load(fixture, arena_format(fixture->arena, "[provider op]\n%s", settings)));
    return provider_load(fixture->context, "op", NULL, &provider);
}

static void each_protocol_needs_its_own(void **state) {
    const struct {
        const char *settings;
        const char *needs;
    } cases[] = {
        /* Perhaps the slip of a pen in the name of a preset. */
        {"client_id = c\n", "issuer = https://..., or the name of a preset there is"},
        {"type = oauth2\n", "authorization_endpoint = https://..."},
        {"type = oauth2\nclient_id = c\nclient_secret = s\nissuer = https://x.example\n",
         "authorization_endpoint = https://..."},
        {"type = oauth2\nauthorization_endpoint = https://x.example/a\n",
         "token_endpoint = https://..."},
        {"type = oauth1\nauthorization_endpoint = https://x.example/a\n"
         "token_endpoint = https://x.example/t\n",
         "temporary_credential_endpoint = https://..."},
        {PROFILE "discovery_endpoint = https://x.example/d\n",
         "type = oidc for its discovery_endpoint"},
        {OAUTH1 "temporary_credential_endpoint = https://x.example/r\n",
         "client_secret or client_secret_file"},
        {OAUTH1 "temporary_credential_endpoint = https://x.example/r\nclient_secret = s\n"
                "signature_method = RSA-SHA1\n",
         "private_key_file for RSA-SHA1"},
        /* Nobody says who it is. */
        {OAUTH2, "userinfo_endpoint = https://..., or a claim_sub from the token response"},
        {PROFILE "userinfo = no\n", "or a claim_sub from the token response"},
        {OAUTH2 "claim_sub = uid\n", "or a claim_sub from the token response"},
        {OAUTH2 "claim_sub = callback:uid\n", "or a claim_sub from the token response"},
        {OAUTH2 "claim_sub = uid | token:uid\n", "or a claim_sub from the token response"},
        {OAUTH2 "claim_sub = token:uid\nsecond_userinfo_endpoint = https://x.example/2\n",
         "userinfo_endpoint = https://..., which is called before the second"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        if (load(fixture, cases[i].settings) == 0)
            fail_msg("accepted: %s", cases[i].settings);
        if (strstr(fixture->arena->error.detail, cases[i].needs) == NULL ||
            strstr(fixture->arena->error.detail, ":4: [provider op] needs ") == NULL)
            fail_msg("%s: %s", cases[i].settings, fixture->arena->error.detail);
        arena_forget_error(fixture->arena);
    }
}

static void what_does_not_go_together_is_refused(void **state) {
    const struct {
        const char *settings;
        const char *needs;
    } cases[] = {
        {PROFILE "token_endpoint_method = GET\ntoken_request_format = json\n",
         "either token_endpoint_method = GET or token_request_format = json"},
        /* RFC 6750 2.2: a GET has no body. */
        {PROFILE "userinfo_token = form:access_token\n", "userinfo_endpoint_method = POST"},
        {PROFILE "userinfo_json = {}\n", "userinfo_endpoint_method = POST"},
        {PROFILE "userinfo_json = {}\nuserinfo_token = form:t\nuserinfo_endpoint_method = POST\n",
         "either userinfo_json or the access token in a form"},
        {OIDC "email_trust = domains\n", "email_domains for email_trust = domains"},
        /* One provider that is many. */
        {"issuer = https://x.example/{claim:tid}\nclient_id = c\nclient_secret = s\n",
         "discovery_endpoint = https://...: its issuer is many"},
        {"issuer = https://x.example/{claim:tid}\nclient_id = c\nclient_secret = s\n"
         "authorization_endpoint = https://x.example/a\ntoken_endpoint = https://x.example/t\n",
         "discovery_endpoint = https://...: its issuer is many"},
        {PROFILE "issuer = https://x.example/{claim:tid}\n",
         "type = oidc for a {claim:NAME} in its issuer"},
        /* A secret that is signed. */
        {SIGNED "token_endpoint_auth_method = client_secret_post\n",
         "private_key_file, to sign the client secret with"},
        {SIGNED "private_key_file = k\nclient_secret = s\n",
         "either client_secret or client_secret_issuer"},
        {SIGNED "private_key_file = k\ntoken_endpoint_auth_method = none\n",
         "client_secret_post for a client secret that is signed"},
        {SIGNED "private_key_file = k\ntoken_endpoint_auth_method = private_key_jwt\n",
         "client_secret_post for a client secret that is signed"},
        {SIGNED "private_key_file = k\ntoken_endpoint_auth_method = client_secret_jwt\n",
         "client_secret_post for a client secret that is signed"},
        {"issuer = https://x.example\nclient_id = c\nclient_secret_issuer = team\n"
         "private_key_file = k\ntoken_endpoint_auth_signing_alg = HS256\n",
         "HS256 has none"},
        {SIGNED "private_key_file = k\nid_token_signed_response_alg = HS256\n",
         "a client_secret to verify HS256 with"},
        {"issuer = https://x.example\nregistration = dynamic\nclient_secret_issuer = team\n",
         "registration = manual for client_secret_issuer"},
        /* Each instance is a provider of its own. */
        {PROFILE "instance = ask\n", "registration = dynamic or mastodon"},
        {"type = oauth2\ninstance = ask\nregistration = mastodon\n"
         "authorization_endpoint = https://{instance}/a\n"
         "token_endpoint = https://{instance}/t\n",
         "registration_endpoint = https://..."},
        {"type = oidc\nissuer = https://{instance}\ninstance = ask\nregistration = dynamic\n"
         "initial_access_token = hush\n",
         "any server would be told it"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        if (load(fixture, cases[i].settings) == 0)
            fail_msg("accepted: %s", cases[i].settings);
        if (strstr(fixture->arena->error.detail, cases[i].needs) == NULL ||
            strstr(fixture->arena->error.detail, ":4: [provider op] needs ") == NULL)
            fail_msg("%s: %s", cases[i].settings, fixture->arena->error.detail);
        arena_forget_error(fixture->arena);
    }
}

static void what_goes_together_is_accepted(void **state) {
    static const char *const settings[] = {
        PROFILE,
        OAUTH2 "claim_sub = token:uid\n",
        OAUTH2 "claim_sub = token:uid | userinfo:id\nuserinfo = no\n",
        OAUTH2 "claim_sub = token:uid\nuserinfo = no\n"
               "second_userinfo_endpoint = https://x.example/2\n",
        PROFILE "second_userinfo_endpoint = https://x.example/{userinfo:id}\n",
        OIDC "second_userinfo_endpoint = https://x.example/2\n",
        PROFILE "issuer = https://x.example\n",
        PROFILE "token_endpoint_method = GET\n",
        PROFILE "token_request_format = json\n",
        PROFILE "userinfo_endpoint_method = POST\nuserinfo_token = form:t\n",
        PROFILE "userinfo_endpoint_method = POST\nuserinfo_token = query:t\nuserinfo_json = null\n",
        PROFILE "userinfo_endpoint_method = POST\n",
        PROFILE "token_endpoint_auth_method = none\n",
        OIDC "email_trust = domains\nemail_domains = x.example\n",
        "issuer = https://x.example\nregistration = dynamic\ninitial_access_token = hush\n",
        "issuer = https://x.example/{claim:tid}\nclient_id = c\nclient_secret = s\n"
        "discovery_endpoint = https://x.example/d\n",
        "issuer = https://x.example/{claim:tid}\nclient_id = c\nclient_secret = s\n"
        "authorization_endpoint = https://x.example/a\ntoken_endpoint = https://x.example/t\n"
        "jwks_uri = https://x.example/j\n",
        SIGNED "private_key_file = k\ntoken_endpoint_auth_method = client_secret_post\n",
        SIGNED "private_key_file = k\n",
        OAUTH1 "temporary_credential_endpoint = https://x.example/r\nclient_secret = s\n",
        OAUTH1 "temporary_credential_endpoint = https://x.example/r\n"
               "signature_method = RSA-SHA1\nprivate_key_file = k\n",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(settings); i++)
        if (load(fixture, settings[i]) != 0)
            fail_msg("%s: %s", settings[i], fixture->arena->error.detail);
}

static void what_cannot_be_spoken_to_yet_says_why(void **state) {
    struct fixture *fixture = *state;
    struct provider_list list;
    assert_int_equal(load(fixture, "unsupported = it whispers\n"), -1);
    assert_int_equal(fixture->arena->error.rule, ERROR_CONFIG);
    assert_non_null(
        strstr(fixture->arena->error.detail, ":4: [provider op] cannot be used yet: it whispers"));
    arena_forget_error(fixture->arena);
    /* Before anything else that it may lack, and whatever else is configured. */
    assert_works(fixture->arena,
                 fixture_config_load(fixture, "[provider own]\n" OIDC "[provider steam]\n"));
    assert_fails(fixture->arena, ERROR_CONFIG, provider_load_all(fixture->context, &list));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(each_protocol_needs_its_own),
        fixture_test(what_does_not_go_together_is_refused),
        fixture_test(what_goes_together_is_accepted),
        fixture_test(what_cannot_be_spoken_to_yet_says_why),
    };
    return cmocka_run_group_tests_name("provider_check", tests, NULL, NULL);
}

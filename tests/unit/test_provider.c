/* oauth/provider: every setting of a [provider …] section, what it may be, and what goes together. */
#include "fixture.h"

#define MINIMAL "issuer = https://x.example\nclient_id = c\nclient_secret = s\n"

/* Line of the first setting of [provider op] in the file that fixture_config_load() writes, less one. */
#define SECTION_LINE 4

static int load_id(struct fixture *fixture, const char *text, const char *id,
                   struct provider *provider) {
    assert_works(fixture->arena, fixture_config_load(fixture, text));
    return provider_load(fixture->context, id, NULL, provider);
}

static struct provider load(struct fixture *fixture, const char *settings) {
    struct provider provider;
    assert_works(fixture->arena,
                 load_id(fixture, arena_format(fixture->arena, "[provider op]\n%s", settings), "op",
                         &provider));
    return provider;
}

/* Refused, and the message begins with the file and has this in it. */
static void assert_refused(struct fixture *fixture, const char *settings, const char *message) {
    struct provider provider;
    const char *text = arena_format(fixture->arena, "[provider op]\n%s", settings);
    if (load_id(fixture, text, "op", &provider) == 0)
        fail_msg("accepted: %s", settings);
    const struct error *error = &fixture->arena->error;
    if (error->rule != ERROR_CONFIG || strstr(error->detail, message) == NULL ||
        !text_starts_with(error->detail, fixture->house.config.file))
        fail_msg("%s: %s: %s, not %s", settings, error_meaning(error->rule)->name, error->detail,
                 message);
    arena_forget_error(fixture->arena);
}

static void three_settings_are_enough(void **state) {
    struct provider provider = load(*state, MINIMAL);
    assert_string_equal(provider.id, "op");
    assert_string_equal(provider.label, "op");
    assert_string_equal(provider.issuer, "https://x.example");
    assert_string_equal(provider.client_id, "c");
    assert_string_equal(provider.client_secret, "s");
    assert_int_equal(provider.authentication, CLIENT_SECRET_BASIC);
    assert_int_equal(provider.response_mode, RESPONSE_MODE_QUERY);
    assert_string_equal(provider.scope, "openid email profile");
    assert_string_equal(provider.claim_groups, "groups");
    assert_null(provider.prompt);
    assert_int_equal(provider.max_age, -1);
    assert_true(provider.nonce);
    assert_true(provider.pkce);
    assert_false(provider.par);
    assert_int_equal(provider.registration, REGISTRATION_MANUAL);
    assert_string_equal(provider.id_token_algs, "RS256 ES256");
    assert_true(provider.userinfo);
    assert_int_equal(provider.email_trust, EMAIL_TRUST_CLAIM);
    assert_null(provider.trusted_audiences);
    assert_null(provider.authorization_endpoint);
    assert_null(provider.end_session_endpoint);
}

static void every_setting_is_taken_over(void **state) {
    struct provider provider = load(
        *state, "type = oidc\nlabel = X & Co\nissuer = https://x.example/t\nclient_id = c d\n"
                "client_secret = s;e#c\nprivate_key_file = k.pem\nprivate_key_id = kid\n"
                "token_endpoint_auth_method = private_key_jwt\n"
                "token_endpoint_auth_signing_alg = ES256\nresponse_mode = form_post\n"
                "scope = openid a b\nprompt = login\nmax_age = 60\nacr_values = p q\n"
                "ui_locales = ko en\nclaims = {\"userinfo\":{}}\nresource = https://r.example\n"
                "nonce = no\ncode_challenge_method = none\n"
                "require_pushed_authorization_requests = yes\n"
                "id_token_signed_response_alg = PS256 EdDSA\n"
                "userinfo_signed_response_alg = ES512\ntrusted_audiences = t u\nuserinfo = no\n"
                "email_trust = never\nauthorization_endpoint = https://x.example/a?b=c\n"
                "token_endpoint = https://x.example/t\nuserinfo_endpoint = https://x.example/u\n"
                "jwks_uri = https://x.example/j\nend_session_endpoint = https://x.example/e\n"
                "pushed_authorization_request_endpoint = https://x.example/p\n"
                "registration_endpoint = https://x.example/r\n");
    assert_string_equal(provider.label, "X & Co");
    assert_string_equal(provider.issuer, "https://x.example/t");
    assert_string_equal(provider.client_id, "c d");
    assert_string_equal(provider.client_secret, "s;e#c");
    assert_string_equal(provider.private_key_file, "k.pem");
    assert_string_equal(provider.private_key_id, "kid");
    assert_int_equal(provider.authentication, PRIVATE_KEY_JWT);
    assert_string_equal(provider.authentication_alg, "ES256");
    assert_int_equal(provider.response_mode, RESPONSE_MODE_FORM_POST);
    assert_string_equal(provider.scope, "openid a b");
    assert_string_equal(provider.prompt, "login");
    assert_int_equal(provider.max_age, 60);
    assert_string_equal(provider.acr_values, "p q");
    assert_string_equal(provider.ui_locales, "ko en");
    assert_string_equal(provider.claims, "{\"userinfo\":{}}");
    assert_string_equal(provider.resource, "https://r.example");
    assert_false(provider.nonce);
    assert_false(provider.pkce);
    assert_true(provider.par);
    assert_string_equal(provider.id_token_algs, "PS256 EdDSA");
    assert_string_equal(provider.userinfo_algs, "ES512");
    assert_string_equal(provider.trusted_audiences, "t u");
    assert_false(provider.userinfo);
    assert_int_equal(provider.email_trust, EMAIL_TRUST_NEVER);
    assert_string_equal(provider.authorization_endpoint, "https://x.example/a?b=c");
    assert_string_equal(provider.token_endpoint, "https://x.example/t");
    assert_string_equal(provider.userinfo_endpoint, "https://x.example/u");
    assert_string_equal(provider.jwks_uri, "https://x.example/j");
    assert_string_equal(provider.end_session_endpoint, "https://x.example/e");
    assert_string_equal(provider.pushed_authorization_request_endpoint, "https://x.example/p");
    assert_string_equal(provider.registration_endpoint, "https://x.example/r");
}

/* Each refused with its line and its name. */
static void bad_values_are_refused_with_their_line(void **state) {
    static const char *const bad[] = {
        "type = oauth3",
        "type = OIDC",
        "type =",
        "label =",
        "issuer =",
        "issuer = x.example",
        "issuer = http://x.example",
        "issuer = https://x.example?y",
        "issuer = https://x.example#y",
        "issuer = https://user@x.example",
        "issuer = https:///",
        "issuer = https://x.example/a b",
        "issuer = javascript:alert(1)",
        "client_id =",
        "client_secret =",
        "private_key_file =",
        "private_key_id =",
        "token_endpoint_auth_method = basic",
        "token_endpoint_auth_method =",
        "token_endpoint_auth_method = CLIENT_SECRET_BASIC",
        "token_endpoint_auth_method = tls_client_auth",
        "token_endpoint_auth_signing_alg = none",
        "token_endpoint_auth_signing_alg = RS256 ES256",
        "token_endpoint_auth_signing_alg =",
        "response_mode = fragment",
        "response_mode =",
        "scope =",
        "prompt =",
        "max_age =",
        "max_age = -1",
        "max_age = +1",
        "max_age = 1.5",
        "max_age = 1h",
        "max_age = 0x10",
        "max_age = 1 2",
        "max_age = 315360001",
        "max_age = 9223372036854775807",
        "max_age = 99999999999999999999",
        "acr_values =",
        "ui_locales =",
        "claims =",
        "claims = userinfo",
        "claims = []",
        "claims = {\"a\":1,}",
        "claims = {\"a\":1,\"a\":2}",
        "resource =",
        "nonce = true",
        "nonce = 1",
        "nonce = No",
        "nonce =",
        "code_challenge_method = plain",
        "code_challenge_method = s256",
        "code_challenge_method =",
        "require_pushed_authorization_requests = true",
        "id_token_signed_response_alg = none",
        "id_token_signed_response_alg =",
        "id_token_signed_response_alg = RS256,ES256",
        "id_token_signed_response_alg = RS256 none",
        "id_token_signed_response_alg = rs256",
        "id_token_signed_response_alg = HS512",
        "id_token_signed_response_alg = RS256 ES256K",
        "id_token_signed_response_alg = RS256RS256RS256RS256",
        "userinfo_signed_response_alg = none",
        "userinfo_signed_response_alg =",
        "trusted_audiences =",
        "user_agent =",
        "user_agent = op/{state}",
        "user_agent = op/{callback:x}",
        "userinfo = maybe",
        "email_trust = sometimes",
        "email_trust =",
        "registration = yes",
        "registration =",
        "initial_access_token =",
        "authorization_endpoint =",
        "authorization_endpoint = http://x.example/a",
        "authorization_endpoint = /a",
        "authorization_endpoint = javascript:alert(1)",
        "token_endpoint =",
        "token_endpoint = ftp://x.example",
        "token_endpoint = https://x y",
        "userinfo_endpoint = //x.example",
        "jwks_uri = https://u:p@x.example/",
        "jwks_uri = data:application/json,{}",
        "end_session_endpoint = x",
        "end_session_endpoint = http://x.example",
        "registration_endpoint = http://x.example",
        "pushed_authorization_request_endpoint = http://x.example",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++) {
        size_t name = strcspn(bad[i], " ");
        const char *message =
            arena_format(fixture->arena, ":%d: %.*s needs ", SECTION_LINE + 1, (int)name, bad[i]);
        assert_refused(fixture, arena_format(fixture->arena, "%s\nx = y\n", bad[i]), message);
    }
}

/* A setting that a browser carries, and what it may be filled with. */
static void what_a_browser_carries_holds_no_secret(void **state) {
    static const char *const bad[] = {"client_secret",      "access_token",
                                      "token:access_token", "callback:state",
                                      "userinfo:sub",       "hmac_sha256:client_secret:state"};
    static const char *const names[] = {
        "authorization_endpoint = https://x.example/", "authorization_parameters = a=b&c=",
        "offline_access_parameters = c=", "end_session_endpoint = https://x.example/?c="};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        for (size_t j = 0; j < FIXTURE_COUNT(bad); j++) {
            assert_refused(
                fixture, arena_format(fixture->arena, MINIMAL "%s{%s}\n", names[i], bad[j]),
                arena_format(fixture->arena, "%.*s needs ", (int)strcspn(names[i], " "), names[i]));
        }
    load(fixture, MINIMAL "authorization_parameters = a={client_id}&b={redirect_uri}&c={state}\n"
                          "end_session_endpoint = https://x.example/{client_id}?"
                          "a={post_logout_redirect_uri}&b={id_token}&c={state}\n");
}

static void unknown_names_are_refused_with_their_line(void **state) {
    static const char *const names[] = {"clientid", "Client_Id", "client_secrets", "redirect_uri",
                                        "timeout",  "id",        "base_url",       "response_type"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        assert_refused(fixture, arena_format(fixture->arena, MINIMAL "%s = x\n", names[i]),
                       arena_format(fixture->arena, ":%d: a provider has no setting \"%s\"",
                                    SECTION_LINE + 4, names[i]));
}

static void a_user_agent_is_made_of_variables(void **state) {
    struct provider provider =
        load(*state, MINIMAL "user_agent = web:{app}:1 (by {developer})\napp = a\ndeveloper = d\n");
    assert_string_equal(provider.user_agent, "web:a:1 (by d)");
    assert_refused(*state, MINIMAL "user_agent = web:{app}\n", "needs app = ...");
}

/* ---- templates ------------------------------------------------------------------------------- */

/* An OAuth 2.0 provider made of two variables, in six lines. */
#define MADE                                                                                       \
    "type = oauth2\nclient_id = c\nclient_secret = s\n"                                            \
    "authorization_endpoint = {base}/{version}/a\ntoken_endpoint = {base}/{version}/t\n"           \
    "userinfo_endpoint = {base}/u?v={version}&s={state}\n"

static void variables_are_filled_in(void **state) {
    struct fixture *fixture = *state;
    struct provider provider =
        load(fixture, MADE "base = https://x.example\nversion = v2\n"
                           "issuer_alternatives = {base}/ x\n"
                           "userinfo_headers = X-Version: {version} | X-Id: {client_id}\n"
                           "userinfo_parameters = v={version}&t={token:x}\n");
    assert_string_equal(provider.authorization_endpoint, "https://x.example/v2/a");
    assert_string_equal(provider.token_endpoint, "https://x.example/v2/t");
    assert_string_equal(provider.userinfo_endpoint, "https://x.example/u?v=v2&s={state}");
    assert_string_equal(provider.issuer_alternatives, "https://x.example/ x");
    assert_string_equal(provider.userinfo_headers, "X-Version: v2 | X-Id: {client_id}");
    assert_string_equal(provider.userinfo_parameters, "v=v2&t={token:x}");
    assert_string_equal(provider.identity_issuer, "https://x.example");
    assert_string_equal(provider_variable(&provider, "version"), "v2");
    assert_null(provider_variable(&provider, "Version"));
    assert_null(provider_variable(&provider, "instance"));
    const struct json *variables = provider_variables(fixture->arena, &provider);
    assert_int_equal(variables->count, 2);
    assert_string_equal(json_string(variables, "base"), "https://x.example");
    assert_string_equal(json_string(variables, "version"), "v2");
}

static void a_missing_variable_is_told(void **state) {
    assert_refused(*state, MADE "base = https://x.example\n",
                   ":4: [provider op] needs version = ..., of which its authorization_endpoint is "
                   "made");
    assert_refused(*state, MADE "version = v2\n", "needs base = ...");
    assert_refused(*state, MINIMAL "claim_picture = \"{variable:cdn}/{id}\"\n",
                   ":4: [provider op] needs cdn = ..., of which its claim_picture is made");
    assert_refused(*state, MINIMAL "email_owner_claim = variable:owner\n", "needs owner = ...");
    assert_refused(*state, MINIMAL "claim_name = variable:instance\n", "needs instance = ...");
}

static void a_variable_that_nothing_asks_for_is_a_slip(void **state) {
    assert_refused(*state, MADE "base = https://x.example\nversion = v2\nregion = eu\n",
                   ":13: a provider has no setting \"region\"");
    /* Shorter than the one that is asked for. */
    assert_refused(*state,
                   MINIMAL "claim_picture = \"{variable:app_key}/{id}\"\napp_key = k\napp = a\n",
                   ":10: a provider has no setting \"app\"");
    assert_refused(*state, MINIMAL "label = {tenant}\ntenant = t\n", /* no template */
                   ":9: a provider has no setting \"tenant\"");
    assert_refused(*state, MINIMAL "tenant =\n", ":8: tenant needs a value");
    assert_refused(*state, MINIMAL "2fa = x\n", ":8: a provider has no setting \"2fa\"");
}

/* A fixed state would be nobody's, a fixed token everybody's. */
static void what_a_login_brings_is_no_variable(void **state) {
    static const char *const names[] = {"state", "access_token", "post_logout_redirect_uri",
                                        "id_token", "redirect_uri"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        assert_refused(
            fixture,
            arena_format(fixture->arena, MINIMAL "token_parameters = x={%s}\n%s = fixed\n",
                         names[i], names[i]),
            arena_format(fixture->arena, ":9: a provider has no setting \"%s\"", names[i]));
}

static void every_expression_may_name_a_variable(void **state) {
    static const char *const names[] = {
        "claim_sub",    "claim_name",        "claim_preferred_username",
        "claim_email",  "claim_picture",     "claim_email_verified",
        "claim_locale", "email_owner_claim", "userinfo_sub"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        load(fixture,
             arena_format(fixture->arena, MINIMAL "%s = a | variable:v_2\nv_2 = x\n", names[i]));
}

/* What a variable's value holds is filled in, but judged with the whole. */
static void a_variable_cannot_bring_what_is_refused(void **state) {
    struct fixture *fixture = *state;
    static const char *const bases[] = {"http://x.example",           "x.example",
                                        "https://x.example/a b",      "https://u@x.example",
                                        "https://x.example#",         "https://{state}",
                                        "https://x.example/{token:a}"};
    for (size_t i = 0; i < FIXTURE_COUNT(bases); i++)
        assert_refused(fixture,
                       arena_format(fixture->arena, MADE "base = %s\nversion = v2\n", bases[i]),
                       ":8: authorization_endpoint needs ");
    /* A name in braces that a value brings is still no variable's. */
    assert_refused(fixture, MADE "base = https://x.example/{version}\nversion = v2\n",
                   "needs version = ..., of which its authorization_endpoint is made");
}

static void a_template_of_a_preset_is_judged_with_the_sections_variables(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    const char *file = house_path(&fixture->house, "latchkey.conf");
    assert_int_equal(load_id(fixture,
                             "[provider okta]\nclient_id = c\nclient_secret = s\n"
                             "domain = my company\n",
                             "okta", &provider),
                     -1);
    assert_string_equal(
        fixture->arena->error.detail,
        arena_format(fixture->arena,
                     "%s:4: [provider okta] makes a wrong issuer of its variables: it needs an "
                     "https:// address without \"?\" (http:// only on this machine)",
                     file));
    arena_forget_error(fixture->arena);
    assert_int_equal(load_id(fixture,
                             "[provider okta]\nclient_id = c\nclient_secret = s\n"
                             "domain = x.example\nissuer = {domain}\n",
                             "okta", &provider),
                     -1);
    assert_true(text_starts_with(fixture->arena->error.detail,
                                 arena_format(fixture->arena, "%s:8: issuer needs ", file)));
    arena_forget_error(fixture->arena);
}

static void a_preset_may_have_variables(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    const char *text = "[provider %s]\nclient_id = c\nclient_secret = s\n%s";
    const struct {
        const char *id;
        const char *settings;
        const char *issuer;
    } cases[] = {
        {"salesforce", "", "https://login.salesforce.com"},
        {"salesforce", "domain = my.example\n", "https://my.example"},
        /* Another template has taken the place of the one that its variable was for. */
        {"salesforce", "issuer = https://my.example\n", "https://my.example"},
        {"salesforce", "issuer = https://{host}\nhost = my.example\n", "https://my.example"},
        {"keycloak", "base = https://x.example\nrealm = r\n", "https://x.example/realms/r"},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const char *id = cases[i].id;
        assert_works(fixture->arena,
                     load_id(fixture, arena_format(fixture->arena, text, id, cases[i].settings), id,
                             &provider));
        assert_string_equal(provider.issuer, cases[i].issuer);
    }
    assert_int_equal(load_id(fixture,
                             arena_format(fixture->arena, text, "salesforce",
                                          "issuer = https://my.example\ndomain = my.example\n"),
                             "salesforce", &provider),
                     -1);
    assert_non_null(
        strstr(fixture->arena->error.detail, ":8: a provider has no setting \"domain\""));
    arena_forget_error(fixture->arena);
}

/* ---- labels ---------------------------------------------------------------------------------- */

/* RFC 4647 3.4 */
static void a_label_is_looked_up_by_language(void **state) {
    struct fixture *fixture = *state;
    struct provider provider =
        load(fixture, MINIMAL "label = Kakao\nlabel#ko = \xEC\xB9\xB4\xEC\xB9\xB4\xEC\x98\xA4\n"
                              "label#zh-Hant = Traditional\nlabel#zh = Simplified\n"
                              "label#EN-gb = British\n");
    static const char *const cases[][2] = {
        {"ko", "\xEC\xB9\xB4\xEC\xB9\xB4\xEC\x98\xA4"},
        {"KO", "\xEC\xB9\xB4\xEC\xB9\xB4\xEC\x98\xA4"},
        {"ko-KR", "\xEC\xB9\xB4\xEC\xB9\xB4\xEC\x98\xA4"},
        {"ko-Kore-KR", "\xEC\xB9\xB4\xEC\xB9\xB4\xEC\x98\xA4"},
        {"kor", "Kakao"},
        {"k", "Kakao"},
        {"zh", "Simplified"},
        {"zh-Hans-CN", "Simplified"},
        {"zh-hant-tw", "Traditional"},
        {"zh-Han", "Simplified"},
        {"en-GB", "British"},
        {"en", "Kakao"},
        {"-", "Kakao"},
        {"-ko", "Kakao"},
        {"", "Kakao"},
        {NULL, "Kakao"},
    };
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        if (!text_equal(provider_label(&provider, cases[i][0]), cases[i][1]))
            fail_msg("%s: %s", cases[i][0], provider_label(&provider, cases[i][0]));
}

static void a_label_has_a_language(void **state) {
    static const char *const bad[] = {"label#",    "label#-ko",          "label#ko_KR", "label# ko",
                                      "label#k o", "label#\xEC\xB9\xB4", "label#ko#x",  "label#1"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++)
        assert_refused(fixture, arena_format(fixture->arena, MINIMAL "%s = x\n", bad[i]),
                       ":8: label# needs a language");
    assert_refused(fixture, MINIMAL "label#ko =\n", ":8: label#ko needs a value");
}

static void a_sites_label_goes_before_the_presets(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    assert_works(fixture->arena,
                 load_id(fixture,
                         "[provider kakao]\nclient_id = c\nclient_secret = s\nlabel#ko = own\n"
                         "label#ja = eigen\n",
                         "kakao", &provider));
    assert_string_equal(provider_label(&provider, "ko-KR"), "own");
    assert_string_equal(provider_label(&provider, "ja"), "eigen");
    assert_string_equal(provider_label(&provider, "de"), "Kakao");
}

static void a_message_shows_no_secret(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    assert_int_equal(
        load_id(fixture, "[provider op]\nissuer = https://x.example\nclient_secret = hush-hush\n",
                "op", &provider),
        -1);
    assert_null(strstr(fixture->arena->error.detail, "hush"));
}

static void what_is_missing_is_told_with_the_section(void **state) {
    const struct {
        const char *settings;
        const char *message;
    } cases[] = {
        {"client_id = c\nclient_secret = s\n", "issuer"},
        {"issuer = https://x.example\nclient_secret = s\n", "client_id"},
        {"issuer = https://x.example\nclient_id = c\n", "client_secret"},
        {"issuer = https://x.example\nclient_id = c\ntoken_endpoint_auth_method = "
         "client_secret_post\n",
         "client_secret"},
        {"issuer = https://x.example\nclient_id = c\ntoken_endpoint_auth_method = "
         "private_key_jwt\n",
         "private_key_file"},
        {MINIMAL "token_endpoint_auth_method = private_key_jwt\nprivate_key_file = k\n"
                 "token_endpoint_auth_signing_alg = HS256\n",
         "HS256 has none"},
        {MINIMAL "token_endpoint_auth_method = client_secret_jwt\n", "32 characters"},
        {"issuer = https://x.example\nclient_id = c\nclient_secret = " FIXTURE_SECRET
         "\ntoken_endpoint_auth_method = client_secret_jwt\n"
         "token_endpoint_auth_signing_alg = RS256\n",
         "HS256 for client_secret_jwt"},
        {"issuer = https://x.example\nclient_id = c\ntoken_endpoint_auth_method = none\n"
         "code_challenge_method = none\n",
         "code_challenge_method = S256"},
        {"issuer = https://x.example\nclient_id = c\ntoken_endpoint_auth_method = none\n"
         "id_token_signed_response_alg = HS256\n",
         "HS256"},
        {"issuer = https://x.example\nclient_id = c\ntoken_endpoint_auth_method = none\n"
         "userinfo_signed_response_alg = RS256 HS256\n",
         "HS256"},
        {MINIMAL "scope = email\n", "openid"},
        {MINIMAL "scope = openidx email\n", "openid"},
        {MINIMAL "registration = dynamic\n", "registration = dynamic"},
    };
    struct fixture *fixture = *state;
    const char *place = arena_format(fixture->arena, ":%d: [provider op] needs ", SECTION_LINE);
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        assert_refused(fixture, cases[i].settings, place);
        assert_refused(fixture, cases[i].settings, cases[i].message);
    }
}

#define EVERY_ALG                                                                                  \
    "id_token_signed_response_alg = RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA "  \
    "HS256\n"

static void what_goes_together_is_accepted(void **state) {
    static const char *const settings[] = {
        "client_id = c\ntoken_endpoint_auth_method = none\n",
        "client_id = c\ntoken_endpoint_auth_method = private_key_jwt\nprivate_key_file = k\n",
        "client_id = c\nclient_secret = " FIXTURE_SECRET
        "\ntoken_endpoint_auth_method = client_secret_jwt\n",
        "client_id = c\nclient_secret = " FIXTURE_SECRET
        "\ntoken_endpoint_auth_method = client_secret_jwt\n"
        "token_endpoint_auth_signing_alg = HS256\n",
        "client_id = c\nclient_secret = s\ncode_challenge_method = none\n",
        "client_id = c\nclient_secret = s\nid_token_signed_response_alg = HS256\n",
        "registration = dynamic\n",
        "registration = dynamic\nid_token_signed_response_alg = HS256\n",
        "registration = dynamic\ninitial_access_token = t\n",
        "registration = manual\nclient_id = c\nclient_secret = s\n",
        "client_id = c\nclient_secret = s\nmax_age = 0\n",
        "client_id = c\nclient_secret = s\nmax_age = 315360000\n",
        "client_id = c\nclient_secret = s\nend_session_endpoint =\n",
        "client_id = c\nclient_secret = s\njwks_uri = http://localhost:8081/j\n",
        "client_id = c\nclient_secret = s\n" EVERY_ALG,
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(settings); i++)
        load(fixture, arena_format(fixture->arena, "issuer = https://x.example\n%s", settings[i]));
}

static void methods_of_authentication_have_names(void **state) {
    (void)state;
    static const char *const names[] = {"client_secret_basic", "client_secret_post",
                                        "client_secret_jwt", "private_key_jwt", "none"};
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++) {
        enum client_authentication method = CLIENT_SECRET_BASIC;
        assert_true(provider_authentication_parse(names[i], &method));
        assert_string_equal(provider_authentication_name(method), names[i]);
    }
    enum client_authentication method = CLIENT_PUBLIC;
    assert_false(provider_authentication_parse("", &method));
    assert_false(provider_authentication_parse(NULL, &method));
    assert_false(provider_authentication_parse("None", &method));
}

/* ---- presets --------------------------------------------------------------------------------- */

static void a_preset_needs_the_registration_alone(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    assert_works(fixture->arena,
                 load_id(fixture, "[provider google]\nclient_id = c\nclient_secret = s\n", "google",
                         &provider));
    assert_string_equal(provider.issuer, "https://accounts.google.com");
    assert_string_equal(provider.label, "Google");
    assert_int_equal(provider.authentication, CLIENT_SECRET_POST);
}

static void settings_lie_over_the_preset(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    assert_works(fixture->arena,
                 load_id(fixture,
                         "[provider google]\nclient_id = c\nclient_secret = s\nlabel = G\n"
                         "token_endpoint_auth_method = client_secret_basic\n"
                         "issuer = https://other.example\n",
                         "google", &provider));
    assert_string_equal(provider.label, "G");
    assert_string_equal(provider.issuer, "https://other.example");
    assert_int_equal(provider.authentication, CLIENT_SECRET_BASIC);
    assert_string_equal(provider.scope, "openid email profile");
}

/* Whoever runs the same software elsewhere can write any address into it. */
static void a_preset_that_is_moved_is_not_trusted_with_addresses(void **state) {
    const struct {
        const char *id;
        const char *settings;
        enum email_trust trust;
    } cases[] = {
        {"gitlab", "", EMAIL_TRUST_CLAIM},
        {"gitlab", "base = https://gitlab.com\n", EMAIL_TRUST_CLAIM},
        {"gitlab", "base = https://git.example.org\n", EMAIL_TRUST_NEVER},
        {"gitlab", "base = https://git.example.org\nemail_trust = claim\n", EMAIL_TRUST_CLAIM},
        {"gitlab", "issuer = https://git.example.org\n", EMAIL_TRUST_NEVER},
        {"google", "issuer = https://accounts.google.com.evil.example\n", EMAIL_TRUST_NEVER},
        {"github", "second_userinfo_endpoint = https://evil.example/emails\n", EMAIL_TRUST_NEVER},
        {"github", "second_userinfo_endpoint = https://api.github.com/v2/emails\n",
         EMAIL_TRUST_CLAIM},
        {"microsoft", "tenant = contoso.example\n", EMAIL_TRUST_CLAIM},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct provider provider;
        const char *text =
            arena_format(fixture->arena, "[provider %s]\nclient_id = c\nclient_secret = s\n%s",
                         cases[i].id, cases[i].settings);
        assert_works(fixture->arena, load_id(fixture, text, cases[i].id, &provider));
        if (provider.email_trust != cases[i].trust)
            fail_msg("%s %s", cases[i].id, cases[i].settings);
    }
}

/* Somebody's number there is somebody else's here. */
static void a_preset_that_is_moved_has_other_people(void **state) {
    const struct {
        const char *preset;
        const char *settings;
        const char *needs; /* NULL: nothing */
        const char *identity;
    } cases[] = {
        {"github", "token_endpoint = https://git.example.org/t\n", "issuer", NULL},
        {"github", "userinfo_endpoint = https://git.example.org/u\n", "issuer", NULL},
        {"github",
         "token_endpoint = https://git.example.org/t\nidentity_issuer = https://git.example.org\n",
         NULL, "https://git.example.org"},
        {"github", "token_endpoint = https://git.example.org/t\nissuer = https://git.example.org\n",
         NULL, "https://git.example.org"},
        {"github", "userinfo_endpoint = https://api.github.com/v2/user\n", NULL,
         "https://github.com/login/oauth"},
        {"x", "userinfo_endpoint = https://api.x.example/me\n", "identity_issuer", NULL},
        /* What the preset says of itself stands before an issuer. */
        {"x", "userinfo_endpoint = https://api.x.example/me\nissuer = https://x.example\n",
         "identity_issuer", NULL},
        {"x", "userinfo_endpoint = https://x.example/me\nidentity_issuer = https://x.example\n",
         NULL, "https://x.example"},
        {"microsoft", "discovery_endpoint = https://x.example/d\n", "issuer", NULL},
        {"microsoft", "discovery_endpoint = https://x.example/d\nissuer = https://x.example\n",
         NULL, "https://x.example"},
        /* An id_token says who it is, wherever it was fetched. */
        {"google", "token_endpoint = https://x.example/t\n", NULL, "https://accounts.google.com"},
        {"gitlab", "base = https://git.example.org\n", NULL, "https://git.example.org"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct provider provider;
        const char *text = arena_format(
            fixture->arena, "[provider work]\npreset = %s\nclient_id = c\nclient_secret = s\n%s",
            cases[i].preset, cases[i].settings);
        int loaded = load_id(fixture, text, "work", &provider);
        if (cases[i].needs == NULL) {
            assert_works(fixture->arena, loaded);
            assert_string_equal(provider.identity_issuer, cases[i].identity);
            continue;
        }
        const char *place =
            arena_format(fixture->arena, ":4: [provider work] needs %s = https://", cases[i].needs);
        if (loaded == 0 || strstr(fixture->arena->error.detail, place) == NULL)
            fail_msg("%s %s", cases[i].settings, fixture->arena->error.detail);
        arena_forget_error(fixture->arena);
    }
}

#define TENANT                                                                                     \
    "type = oauth2\nclient_id = c\nclient_secret = s\n"                                            \
    "authorization_endpoint = https://x.example/a\nuserinfo_endpoint = https://x.example/u\n"

static void two_at_one_host_do_not_share_their_people_unasked(void **state) {
    const struct {
        const char *other; /* of [provider b], beside [provider a] */
        bool works;
    } cases[] = {
        {TENANT "token_endpoint = https://x.example/b/t\n", false},
        {TENANT "token_endpoint = https://x.example:443/t2\n", false},
        /* The same place, for another client. */
        {TENANT "token_endpoint = https://x.example/a/t\n", true},
        {TENANT "token_endpoint = https://x.example:8443/b/t\n", true},
        {TENANT "token_endpoint = https://b.x.example/t\n", true},
        {TENANT "token_endpoint = https://x.example/b/t\n"
                "identity_issuer = https://x.example/b\n",
         true},
        /* Who says that they are the same means it. */
        {TENANT "token_endpoint = https://x.example/b/t\nidentity_issuer = https://x.example\n",
         true},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct provider_list list;
        const char *text = arena_format(fixture->arena,
                                        "[provider a]\n" TENANT
                                        "token_endpoint = https://x.example/a/t\n[provider b]\n%s",
                                        cases[i].other);
        assert_works(fixture->arena, fixture_config_load(fixture, text));
        if ((provider_load_all(fixture->context, &list) == 0) != cases[i].works)
            fail_msg("%s", cases[i].other);
        if (!cases[i].works)
            assert_non_null(
                strstr(fixture->arena->error.detail, ":11: [provider b] needs identity_issuer = "));
        arena_forget_error(fixture->arena);
    }
}

/* Two realms of one kind; and a name that happens to be a preset's. */
static void a_section_may_name_its_preset_or_none(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    assert_works(fixture->arena, load_id(fixture,
                                         "[provider work]\npreset = gitlab\nclient_id = c\n"
                                         "client_secret = s\nbase = https://git.example.org\n",
                                         "work", &provider));
    assert_string_equal(provider.id, "work");
    assert_string_equal(provider.label, "GitLab");
    assert_string_equal(provider.issuer, "https://git.example.org");
    assert_works(fixture->arena, load_id(fixture,
                                         "[provider x]\npreset = none\nclient_id = c\n"
                                         "client_secret = s\nissuer = https://x.example\n",
                                         "x", &provider));
    assert_int_equal(provider.protocol, PROTOCOL_OIDC);
    assert_string_equal(provider.label, "x");
    assert_fails(fixture->arena, ERROR_CONFIG,
                 load_id(fixture, "[provider x]\npreset = nobody\n" MINIMAL, "x", &provider));
    assert_fails(fixture->arena, ERROR_CONFIG,
                 load_id(fixture, "[provider x]\npreset =\n" MINIMAL, "x", &provider));
}

static void a_preset_without_its_section_is_not_offered(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    assert_fails(fixture->arena, ERROR_PROVIDER_UNKNOWN,
                 load_id(fixture, "[provider op]\n" MINIMAL, "google", &provider));
}

/* ---- secrets in files ------------------------------------------------------------------------ */

#define FROM_FILE "issuer = https://x.example\nclient_id = c\nclient_secret_file = x.secret\n"

static void a_secret_may_be_the_first_line_of_a_file(void **state) {
    static const char *const texts[] = {"hush", "hush\n", "hush\r\n", "hush\nmore\n"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(texts); i++) {
        house_write(house_path(&fixture->house, "x.secret"), texts[i], 0600);
        assert_string_equal(load(fixture, FROM_FILE).client_secret, "hush");
    }
    house_write(house_path(&fixture->house, "x.secret"), " with spaces \t", 0640);
    assert_string_equal(load(fixture, FROM_FILE).client_secret, " with spaces \t");
}

static void an_absolute_path_is_one(void **state) {
    struct fixture *fixture = *state;
    const char *path = house_path(&fixture->house, "elsewhere");
    house_write(path, "hush\n", 0600);
    struct provider provider =
        load(fixture, arena_format(fixture->arena,
                                   "issuer = https://x.example\nclient_id = c\n"
                                   "client_secret_file = %s\n",
                                   path));
    assert_string_equal(provider.client_secret, "hush");
}

static void a_file_that_is_no_secret_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    const char *text = "[provider op]\n" FROM_FILE;
    const char *path = house_path(&fixture->house, "x.secret");
    assert_fails(fixture->arena, ERROR_KEY_FILE, load_id(fixture, text, "op", &provider));
    house_write(path, "hush\n", 0644);
    assert_fails(fixture->arena, ERROR_KEY_FILE, load_id(fixture, text, "op", &provider));
    house_write(path, "", 0600);
    assert_fails(fixture->arena, ERROR_KEY_FILE, load_id(fixture, text, "op", &provider));
    house_write(path, "\nhush\n", 0600);
    assert_refused(fixture, FROM_FILE, ":7: the first line of x.secret is empty");
}

/* ---- several --------------------------------------------------------------------------------- */

static void all_are_loaded_in_their_order(void **state) {
    struct fixture *fixture = *state;
    struct provider_list list;
    assert_works(fixture->arena,
                 fixture_config_load(fixture, "[provider b]\n" MINIMAL "[session]\n[provider a]\n"
                                              "issuer = https://y.example\nclient_id = c\n"
                                              "client_secret = s\n"));
    assert_works(fixture->arena, provider_load_all(fixture->context, &list));
    assert_int_equal(list.count, 2);
    assert_string_equal(list.providers[0].id, "b");
    assert_string_equal(list.providers[1].id, "a");
}

static void one_bad_section_spoils_the_list_but_not_the_others(void **state) {
    struct fixture *fixture = *state;
    struct provider_list list;
    struct provider provider;
    assert_works(fixture->arena,
                 fixture_config_load(fixture, "[provider a]\n" MINIMAL "[provider b]\nx = y\n"));
    assert_fails(fixture->arena, ERROR_CONFIG, provider_load_all(fixture->context, &list));
    assert_works(fixture->arena, provider_load(fixture->context, "a", NULL, &provider));
}

static void without_any_section_nobody_can_sign_in(void **state) {
    struct fixture *fixture = *state;
    struct provider_list list;
    assert_works(fixture->arena, fixture_config_load(fixture, ""));
    assert_fails(fixture->arena, ERROR_PROVIDER_MISSING,
                 provider_load_all(fixture->context, &list));
}

static void there_may_be_a_hundred(void **state) {
    struct fixture *fixture = *state;
    struct provider_list list;
    struct buffer text;
    buffer_open(fixture->arena, &text);
    for (int i = 0; i < PROVIDER_LIMIT; i++)
        buffer_add_format(&text, "[provider p%d]\n" MINIMAL, i);
    assert_works(fixture->arena, fixture_config_load(fixture, text.bytes));
    assert_works(fixture->arena, provider_load_all(fixture->context, &list));
    assert_int_equal(list.count, PROVIDER_LIMIT);
    buffer_add_text(&text, "[provider one-more]\n" MINIMAL);
    assert_works(fixture->arena, fixture_config_load(fixture, text.bytes));
    assert_fails(fixture->arena, ERROR_CONFIG, provider_load_all(fixture->context, &list));
}

static void unknown_ids_are_told(void **state) {
    static const char *const ids[] = {"", "OP", "o", "op ", "op/", "../op", "op\n", "o%70"};
    struct fixture *fixture = *state;
    struct provider provider;
    for (size_t i = 0; i < FIXTURE_COUNT(ids); i++)
        assert_fails(fixture->arena, ERROR_PROVIDER_UNKNOWN,
                     load_id(fixture, "[provider op]\n" MINIMAL, ids[i], &provider));
}

static void an_issuer_is_found_character_by_character(void **state) {
    static const char *const others[] = {
        "https://x.example/", "https://X.example", "https://x.example:443", "x.example", "",
        "https://y"};
    struct fixture *fixture = *state;
    struct provider provider;
    assert_works(fixture->arena,
                 fixture_config_load(fixture,
                                     "[provider a]\nissuer = https://a.example\n"
                                     "client_id = c\nclient_secret = s\n[provider op]\n" MINIMAL));
    assert_works(fixture->arena,
                 provider_load_by_issuer(fixture->context, "https://x.example", &provider));
    assert_string_equal(provider.id, "op");
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        assert_fails(fixture->arena, ERROR_ISSUER_UNKNOWN,
                     provider_load_by_issuer(fixture->context, others[i], &provider));
}

static void each_provider_has_a_redirect_uri_of_its_own(void **state) {
    struct fixture *fixture = *state;
    struct provider provider = load(fixture, MINIMAL);
    assert_string_equal(provider_redirect_uri(fixture->context, &provider),
                        FIXTURE_SITE "/cgi-bin/callback.cgi/op");
}

/* ---- instances ------------------------------------------------------------------------------- */

#define TRUSTING_INSTANCE(identity_issuer)                                                         \
    "type = oauth2\ninstance = ask\nregistration = mastodon\n"                                     \
    "registration_endpoint = https://{instance}/apps\nidentity_issuer = " identity_issuer          \
    "\nauthorization_endpoint = https://{instance}/a\ntoken_endpoint = "                           \
    "https://t.example/{instance}"                                                                 \
    "\nuserinfo_endpoint = https://{instance}/u\n"
#define AT_INSTANCE(identity_issuer) TRUSTING_INSTANCE(identity_issuer) "email_trust = never\n"

static void an_instance_fills_the_templates_and_the_redirect_uri(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    const char *text = "[provider op]\n" AT_INSTANCE("https://{instance}");
    assert_works(fixture->arena, fixture_config_load(fixture, text));
    assert_works(fixture->arena,
                 provider_load(fixture->context, "op", "mastodon.example", &provider));
    assert_true(provider_is_strangers_choice(&provider));
    assert_string_equal(provider.identity_issuer, "https://mastodon.example");
    assert_string_equal(provider.registration_endpoint, "https://mastodon.example/apps");
    assert_string_equal(provider_path(fixture->arena, &provider), "op/mastodon.example");
    assert_string_equal(provider_redirect_uri(fixture->context, &provider),
                        FIXTURE_SITE "/cgi-bin/callback.cgi/op/mastodon.example");

    /* Which one is not known yet. */
    assert_works(fixture->arena, provider_load(fixture->context, "op", NULL, &provider));
    assert_true(provider_is_strangers_choice(&provider));
    assert_string_equal(provider.registration_endpoint, "https://instance.invalid/apps");

    /* The site chose it. */
    provider =
        load(fixture, "type = oauth2\ninstance = mastodon.example\n"
                      "registration = mastodon\nregistration_endpoint = https://{instance}/r\n"
                      "authorization_endpoint = https://{instance}/a\n"
                      "token_endpoint = https://{instance}/t\n"
                      "userinfo_endpoint = https://{instance}/u\n");
    assert_false(provider_is_strangers_choice(&provider));
    assert_string_equal(provider.token_endpoint, "https://mastodon.example/t");
    assert_string_equal(provider_path(fixture->arena, &provider), "op");
}

/* Else the owner of one could be anybody of another. */
static void subjects_of_an_instance_are_its_own(void **state) {
    const char *message = "needs identity_issuer = https://{instance}";
    assert_refused(*state, AT_INSTANCE("https://mastodon.example"), message);
    assert_refused(*state, AT_INSTANCE("https://all.example/{instance}"), message);
    assert_refused(*state, AT_INSTANCE("https://{instance}.example"), message);
    assert_refused(*state, AT_INSTANCE(""), "identity_issuer");
    load(*state, AT_INSTANCE("https://{instance}/people"));
}

/* Else the owner of one could vouch for any address, and be let in, or joined, by that. */
static void an_instance_vouches_for_no_address(void **state) {
    const char *message = "needs email_trust = never";
    struct provider provider = load(*state, TRUSTING_INSTANCE("https://{instance}"));
    assert_int_equal(provider.email_trust, EMAIL_TRUST_NEVER);
    assert_refused(*state, TRUSTING_INSTANCE("https://{instance}") "email_trust = claim\n",
                   message);
    assert_refused(*state, TRUSTING_INSTANCE("https://{instance}") "email_trust = always\n",
                   message);
    assert_refused(*state,
                   TRUSTING_INSTANCE(
                       "https://{instance}") "email_trust = domains\nemail_domains = example.org\n",
                   message);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(three_settings_are_enough),
        fixture_test(every_setting_is_taken_over),
        fixture_test(bad_values_are_refused_with_their_line),
        fixture_test(what_a_browser_carries_holds_no_secret),
        fixture_test(unknown_names_are_refused_with_their_line),
        fixture_test(a_user_agent_is_made_of_variables),
        fixture_test(variables_are_filled_in),
        fixture_test(a_missing_variable_is_told),
        fixture_test(a_variable_that_nothing_asks_for_is_a_slip),
        fixture_test(what_a_login_brings_is_no_variable),
        fixture_test(every_expression_may_name_a_variable),
        fixture_test(a_variable_cannot_bring_what_is_refused),
        fixture_test(a_template_of_a_preset_is_judged_with_the_sections_variables),
        fixture_test(a_preset_may_have_variables),
        fixture_test(a_label_is_looked_up_by_language),
        fixture_test(a_label_has_a_language),
        fixture_test(a_sites_label_goes_before_the_presets),
        fixture_test(a_message_shows_no_secret),
        fixture_test(what_is_missing_is_told_with_the_section),
        fixture_test(what_goes_together_is_accepted),
        fixture_test(methods_of_authentication_have_names),
        fixture_test(a_preset_needs_the_registration_alone),
        fixture_test(settings_lie_over_the_preset),
        fixture_test(a_preset_that_is_moved_is_not_trusted_with_addresses),
        fixture_test(a_preset_that_is_moved_has_other_people),
        fixture_test(two_at_one_host_do_not_share_their_people_unasked),
        fixture_test(a_section_may_name_its_preset_or_none),
        fixture_test(a_preset_without_its_section_is_not_offered),
        fixture_test(a_secret_may_be_the_first_line_of_a_file),
        fixture_test(an_absolute_path_is_one),
        fixture_test(a_file_that_is_no_secret_is_refused),
        fixture_test(all_are_loaded_in_their_order),
        fixture_test(one_bad_section_spoils_the_list_but_not_the_others),
        fixture_test(without_any_section_nobody_can_sign_in),
        fixture_test(there_may_be_a_hundred),
        fixture_test(unknown_ids_are_told),
        fixture_test(an_issuer_is_found_character_by_character),
        fixture_test(each_provider_has_a_redirect_uri_of_its_own),
        fixture_test(an_instance_fills_the_templates_and_the_redirect_uri),
        fixture_test(subjects_of_an_instance_are_its_own),
        fixture_test(an_instance_vouches_for_no_address),
    };
    return cmocka_run_group_tests_name("provider", tests, NULL, NULL);
}

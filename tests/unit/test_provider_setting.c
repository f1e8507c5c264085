/* oauth/provider_setting: each setting of a record beyond those of plain OpenID Connect, what it may be, and where it goes. */
#include "fixture.h"

#include "oauth/provider_setting.h"

#define MINIMAL "issuer = https://x.example\nclient_id = c\nclient_secret = s\n"

/* An OAuth 2.0 provider; whatever stands before it is laid under. */
#define OAUTH2                                                                                     \
    "type = oauth2\nclient_id = c\nclient_secret = s\n"                                            \
    "authorization_endpoint = https://x.example/a\ntoken_endpoint = https://x.example/t\n"         \
    "userinfo_endpoint = https://x.example/u\n"

static int load_text(struct fixture *fixture, const char *settings, struct provider *provider) {
    const char *text = arena_format(fixture->arena, "[provider own]\n%s", settings);
    assert_works(fixture->arena, fixture_config_load(fixture, text));
    return provider_load(fixture->context, "own", NULL, provider);
}

static struct provider load(struct fixture *fixture, const char *settings) {
    struct provider provider;
    assert_works(fixture->arena, load_text(fixture, settings, &provider));
    return provider;
}

static void what_is_not_said_has_a_default(void **state) {
    struct provider provider = load(*state, OAUTH2);
    assert_int_equal(provider.protocol, PROTOCOL_OAUTH2);
    assert_null(provider.unsupported);
    assert_null(provider.variables);
    assert_null(provider.instance);
    assert_false(provider.asks_instance);
    assert_false(provider_is_strangers_choice(&provider));
    assert_null(provider.labels);
    assert_null(provider.issuer);
    assert_null(provider.issuer_alternatives);
    assert_string_equal(provider.identity_issuer, "https://x.example");
    assert_null(provider.client_secret_issuer);
    assert_int_equal(provider.signature_method, SIGNATURE_HMAC_SHA1);
    assert_string_equal(provider.client_id_parameter, "client_id");
    assert_string_equal(provider.client_secret_parameter, "client_secret");
    assert_null(provider.user_agent);
    assert_null(provider.scope); /* "openid" means nothing here */
    assert_string_equal(provider.scope_separator, " ");
    assert_null(provider.authorization_parameters);
    assert_null(provider.authorization_fragment);
    assert_false(provider.offline_access);
    assert_null(provider.denied);
    assert_string_equal(provider.error_parameters, "error");
    assert_false(provider.token_get);
    assert_false(provider.token_json);
    assert_null(provider.token_parameters);
    assert_string_equal(provider.token_response_format, "json");
    assert_null(provider.token_response_root);
    assert_null(provider.token_success);
    assert_string_equal(provider.token_error, "error");
    assert_false(provider.userinfo_post);
    assert_int_equal(provider.userinfo_token, TOKEN_IN_HEADER);
    assert_string_equal(provider.userinfo_token_name, "Bearer");
    assert_null(provider.userinfo_headers);
    assert_null(provider.userinfo_parameters);
    assert_null(provider.userinfo_json);
    assert_string_equal(provider.userinfo_response_format, "json");
    assert_null(provider.userinfo_success);
    assert_string_equal(provider.userinfo_error, "error userinfo2:error");
    assert_string_equal(provider.userinfo_sub, "sub");
    assert_null(provider.second_userinfo_endpoint);
    assert_false(provider.second_userinfo_optional);
    assert_string_equal(provider.claim_sub, "sub");
    assert_string_equal(provider.claim_name, "name");
    assert_string_equal(provider.claim_preferred_username, "preferred_username");
    assert_string_equal(provider.claim_email, "email");
    assert_string_equal(provider.claim_email_verified, "email_verified");
    assert_string_equal(provider.claim_picture, "picture");
    assert_string_equal(provider.claim_locale, "locale");
    assert_null(provider.claim_groups);
    assert_null(provider.email_domains);
    assert_null(provider.email_owner_claim);
}

/* ---- taken over ------------------------------------------------------------------------------ */

#define TEXT(name, value)                                                                          \
    { #name " = " value, offsetof(struct provider, name), value }

/* Every setting that is a text, and that it is that text. */
static void texts_are_taken_over_as_they_are(void **state) {
    static const struct {
        const char *setting;
        size_t field;
        const char *text;
    } cases[] = {
        TEXT(label, "X & Co <b>"),
        TEXT(button_background, "#24292f"),
        TEXT(button_color, "#FFFFFF"),
        TEXT(button_mark, "X"),
        TEXT(button_mark, "\xE5\xBE\xAE\xE5\x8D\x9A"),
        TEXT(service_documentation, "https://x.example/developers?a=b"),
        TEXT(issuer_alternatives, "x.example https://x.example/"),
        TEXT(identity_issuer, "https://accounts.x.example/y"),
        TEXT(client_id_parameter, "appid"),
        TEXT(client_secret_parameter, "secret"),
        TEXT(user_agent, "web:x:1.0 (by /u/y)"),
        TEXT(authorization_parameters, "a=b&c={state}&d=%26"),
        TEXT(authorization_fragment, "wechat_redirect"),
        TEXT(offline_access_scope, "offline_access"),
        TEXT(offline_access_parameters, "access_type=offline&prompt=consent"),
        TEXT(denied, "error=user_cancelled usercancel no-code"),
        TEXT(error_parameters, "error error_code"),
        TEXT(token_parameters, "state={state}&device_id={callback:device_id}"),
        TEXT(token_response_format, "json form jsonp"),
        TEXT(token_response_root, "data[0] | data"),
        TEXT(token_success, "code=0 ok=true"),
        TEXT(token_error, "error errcode token:data.error"),
        TEXT(userinfo_headers, "Client-Id: {client_id} | X-Version: 2 | Accept: application/x"),
        TEXT(userinfo_parameters, "uid={token:uid}&proof={hmac_sha256:client_secret:access_token}"),
        TEXT(userinfo_response_format, "json jsonp"),
        TEXT(userinfo_success, "ret=0 userinfo2:ret=0"),
        TEXT(userinfo_error, "error.message userinfo2:message"),
        TEXT(userinfo_sub, "id"),
        TEXT(claim_sub, "userinfo:unionid | userinfo:openid"),
        TEXT(claim_name, "first_name + last_name"),
        TEXT(claim_preferred_username, "'cognito:username'"),
        TEXT(claim_email, "userinfo2:[primary=true,verified=true].email"),
        TEXT(claim_email_verified, "a & b | c unless d"),
        TEXT(claim_picture, "\"https://cdn.example/{id}/{avatar}.png\" unless none"),
        TEXT(claim_locale, "\"{locale.language}-{locale.country}\" | locale"),
        TEXT(claim_groups, "realm_access.roles | id_token:'https://x.example/groups'"),
        TEXT(email_domains, "x.example mail.x.example"),
        TEXT(email_owner_claim, "id_token:hd"),
        TEXT(userinfo_endpoint, "https://x.example/u/{token:uid}?s={state}"),
        TEXT(second_userinfo_endpoint, "https://x.example/u/{userinfo:login}/emails"),
        TEXT(revocation_endpoint, "https://x.example/r?t={access_token}&s={client_secret}"),
        TEXT(end_session_endpoint, "https://x.example/e?c={client_id}"),
        TEXT(end_session_endpoint, ""),
        TEXT(registration_endpoint, "https://x.example/r"),
        TEXT(jwks_uri, "http://127.0.0.1:8081/jwks"),
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct provider provider =
            load(fixture, arena_format(fixture->arena, "%s\n%s", cases[i].setting,
                                       text_starts_with(cases[i].setting, "userinfo_endpoint")
                                           ? "type = oauth2\nclient_id = c\nclient_secret = s\n"
                                             "authorization_endpoint = https://x.example/a\n"
                                             "token_endpoint = https://x.example/t\n"
                                           : OAUTH2));
        const char *text = *(const char **)(void *)((char *)&provider + cases[i].field);
        if (!text_equal(text, cases[i].text))
            fail_msg("%s: %s", cases[i].setting, text == NULL ? "absent" : text);
    }
}

static void words_are_taken_over_as_what_they_mean(void **state) {
    struct fixture *fixture = *state;
    struct provider provider =
        load(fixture, OAUTH2 "scope_separator = comma\ntoken_endpoint_method = GET\n"
                             "userinfo_endpoint_method = POST\noffline_access = yes\n"
                             "second_userinfo_optional = yes\nsignature_method = RSA-SHA1\n"
                             "userinfo_json = null\n");
    assert_string_equal(provider.scope_separator, ",");
    assert_true(provider.token_get);
    assert_true(provider.userinfo_post);
    assert_true(provider.offline_access);
    assert_true(provider.second_userinfo_optional);
    assert_int_equal(provider.signature_method, SIGNATURE_RSA_SHA1);
    assert_string_equal(provider.userinfo_json, "null");
    provider = load(fixture, OAUTH2 "scope_separator = space\ntoken_endpoint_method = POST\n"
                                    "userinfo_endpoint_method = GET\noffline_access = no\n"
                                    "token_request_format = json\nsignature_method = HMAC-SHA1\n");
    assert_string_equal(provider.scope_separator, " ");
    assert_false(provider.token_get);
    assert_false(provider.userinfo_post);
    assert_false(provider.offline_access);
    assert_true(provider.token_json);
    assert_int_equal(provider.signature_method, SIGNATURE_HMAC_SHA1);
    assert_false(load(fixture, OAUTH2 "token_request_format = form\n").token_json);
}

static void the_access_token_has_one_place(void **state) {
    static const struct {
        const char *value;
        enum token_carrier carrier;
        const char *name;
    } cases[] = {
        {"header", TOKEN_IN_HEADER, "Bearer"},
        {"header:Bearer", TOKEN_IN_HEADER, "Bearer"},
        {"header:OAuth", TOKEN_IN_HEADER, "OAuth"},
        {"query:access_token", TOKEN_IN_QUERY, "access_token"},
        {"query:oauth_token", TOKEN_IN_QUERY, "oauth_token"},
        {"form:access_token", TOKEN_IN_FORM, "access_token"},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct provider provider =
            load(fixture, arena_format(fixture->arena,
                                       OAUTH2 "userinfo_endpoint_method = POST\n"
                                              "userinfo_token = %s\n",
                                       cases[i].value));
        assert_int_equal(provider.userinfo_token, cases[i].carrier);
        assert_string_equal(provider.userinfo_token_name, cases[i].name);
    }
}

static void trust_is_one_of_four(void **state) {
    struct fixture *fixture = *state;
    assert_int_equal(load(fixture, MINIMAL "email_trust = claim\n").email_trust, EMAIL_TRUST_CLAIM);
    assert_int_equal(load(fixture, MINIMAL "email_trust = always\n").email_trust,
                     EMAIL_TRUST_ALWAYS);
    assert_int_equal(load(fixture, MINIMAL "email_trust = never\n").email_trust, EMAIL_TRUST_NEVER);
    assert_int_equal(
        load(fixture, MINIMAL "email_trust = domains\nemail_domains = x.example\n").email_trust,
        EMAIL_TRUST_DOMAINS);
}

/* ---- refused --------------------------------------------------------------------------------- */

/* Each is refused with the line and the name of the setting, whatever else stands there. */
static void bad_values_are_refused_with_their_line(void **state) {
    static const char *const bad[] = {
        "unsupported =",
        "label#ko =",
        "button_background =",
        "button_background = red",
        "button_background = #fff",
        "button_background = #24292g",
        "button_background = 24292f",
        "button_background = #24292f;",
        "button_background = #24292f00",
        "button_background = #24292\xC3\xA9",
        "button_color = white",
        "button_color =",
        "button_mark =",
        "button_mark = ABC",
        "button_mark = \xEA\xB0\x80\xEA\xB0\x80\xEA\xB0\x80",
        "service_documentation = x.example",
        "service_documentation = http://x.example",
        "service_documentation = javascript:alert(1)",
        "service_documentation = https://x.example/{state}",
        "instance =",
        "instance = https://x.example",
        "instance = x.example/path",
        "instance = x.example?",
        "instance = x.example#",
        "instance = user@x.example",
        "instance = x example",
        "instance = x.example:99999",
        "instance = {state}",
        "issuer_alternatives =",
        "issuer_alternatives = x.example/{claim:tid}",
        "identity_issuer =",
        "identity_issuer = x.example",
        "identity_issuer = http://x.example",
        "identity_issuer = https://x.example?y",
        "identity_issuer = https://x.example/{claim:tid}",
        "identity_issuer = https://x.example/{state}",
        "client_secret_issuer =",
        "client_secret_issuer = {state}",
        "client_id_parameter =",
        "client_id_parameter = a b",
        "client_id_parameter = a=b",
        "client_secret_parameter =",
        "client_secret_parameter = a&b=",
        "user_agent =",
        "user_agent = x/{state}",
        "signature_method = PLAINTEXT",
        "signature_method = hmac-sha1",
        "signature_method =",
        "scope_separator = ,",
        "scope_separator = semicolon",
        "scope_separator =",
        "authorization_parameters =",
        "authorization_parameters = a=%zz",
        "authorization_parameters = a=%0d%0a",
        "authorization_parameters = a={token:x}",
        "authorization_parameters = a={code_verifier:x}",
        "authorization_fragment =",
        "authorization_fragment = a b",
        "authorization_fragment = a?b",
        "authorization_fragment = a#b",
        "authorization_fragment = {state}",
        "authorization_fragment = \xC3\xA9",
        "offline_access = true",
        "offline_access =",
        "offline_access_scope =",
        "offline_access_parameters =",
        "offline_access_parameters = a=%",
        "denied =",
        "error_parameters =",
        "token_endpoint_method = PUT",
        "token_endpoint_method = post",
        "token_endpoint_method =",
        "token_request_format = xml",
        "token_request_format =",
        "token_parameters =",
        "token_parameters = a=%zz",
        "token_parameters = a={tokens:x}",
        "token_parameters = a={claim:x}",
        "token_parameters = a={callback:}",
        "token_parameters = a={variable:x}",
        "token_parameters = a={hmac_sha256:client_secret}",
        "token_response_format =",
        "token_response_format = xml",
        "token_response_format = json,form",
        "token_response_format = JSON",
        "token_response_root =",
        "token_response_root = data[",
        "token_response_root = a + b",
        "token_success =",
        "token_success = code",
        "token_success = code =0",
        "token_success = code=0 and",
        "token_success = id_token:code=0",
        "token_error =",
        "token_error = error=1",
        "token_error = error[",
        "token_error = callback:error",
        "userinfo_endpoint_method = HEAD",
        "userinfo_endpoint_method =",
        "userinfo_token =",
        "userinfo_token = cookie",
        "userinfo_token = cookie:x",
        "userinfo_token = query",
        "userinfo_token = query:",
        "userinfo_token = query:a=b",
        "userinfo_token = query:a b",
        "userinfo_token = form",
        "userinfo_token = form:",
        "userinfo_token = header:",
        "userinfo_token = header:Bearer x",
        "userinfo_token = header:Bearer:x",
        "userinfo_token = Header",
        "userinfo_token = :x",
        "userinfo_headers =",
        "userinfo_headers = X",
        "userinfo_headers = X:",
        "userinfo_headers = X:y",
        "userinfo_headers = : y",
        "userinfo_headers = X Y: z",
        "userinfo_headers = {state}: z",
        "userinfo_headers = X: y | Z",
        "userinfo_headers = X: y | | Z: z",
        "userinfo_headers = X: {tokens:y}",
        "userinfo_headers = X: {claim:y}",
        "userinfo_headers = Host: evil.example",
        "userinfo_headers = host: evil.example",
        "userinfo_headers = Content-Length: 0",
        "userinfo_headers = Transfer-Encoding: chunked",
        "userinfo_headers = Content-Type: text/plain",
        "userinfo_headers = Authorization: Basic x",
        "userinfo_headers = X: y | AUTHORIZATION: z",
        "userinfo_headers = Cookie: a=b",
        "userinfo_headers = Connection: X-Y",
        "userinfo_headers = User-Agent: x",
        "userinfo_headers = Expect: 100-continue",
        "userinfo_parameters =",
        "userinfo_parameters = a=%0a",
        "userinfo_parameters = a={tokens:x}",
        "userinfo_json =",
        "userinfo_json = {",
        "userinfo_json = {} {}",
        "userinfo_json = {'a':1}",
        "userinfo_response_format = html",
        "userinfo_response_format =",
        "userinfo_success =",
        "userinfo_success = ret",
        "userinfo_error =",
        "userinfo_error = a | b",
        "userinfo_sub =",
        "userinfo_sub = \"text\"",
        "second_userinfo_optional = maybe",
        "second_userinfo_optional =",
        "claim_sub =",
        "claim_sub = a |",
        "claim_sub = \"the same for all\"",
        "claim_sub = nobody:x",
        "claim_name = a & b",
        "claim_email = a[",
        "claim_email_verified = a + b",
        "claim_email_verified =",
        "claim_picture = \"https://x.example",
        "claim_locale = a.",
        "claim_groups = a + b",
        "claim_groups = \"{groups}\"",
        "claim_preferred_username = a b",
        "email_domains =",
        "email_domains = localhost",
        "email_domains = @x.example",
        "email_domains = ada@x.example",
        "email_domains = .example",
        "email_domains = example.",
        "email_owner_claim =",
        "email_owner_claim = [",
        "discovery_endpoint =",
        "discovery_endpoint = /x",
        "discovery_endpoint = https://x.example/{state}",
        "token_endpoint = https://x.example/{state}",
        "token_endpoint = https://x.example/{callback:x}",
        "jwks_uri = https://x.example/{token:x}",
        "registration_endpoint = https://x.example/{state}",
        "pushed_authorization_request_endpoint = https://x.example/{state}",
        "temporary_credential_endpoint = https://x.example/{state}",
        "temporary_credential_endpoint =",
        "userinfo_endpoint = https://x.example/{claim:x}",
        "userinfo_endpoint = https://x.example/{tokens:x}",
        "userinfo_endpoint = https://x.example/#{token:x}",
        "second_userinfo_endpoint = https://x.example/{x:y}",
        "revocation_endpoint = https://x.example/{x:y}",
        "issuer = https://x.example/{state}",
        "issuer = https://x.example/{token:tid}",
        "issuer = https://x.example/{claim:}",
        "issuer = https://x.example/{claim:a b}",
        "issuer = https://x.example/{claim:a}/{claim:b}",
        "issuer = https://x.example/{claim:a}/{claim:a}",
        "issuer = https://x.example/{client_id}/{claim:a}",
        "issuer = https://x.example?t={claim:a}",
        "issuer = https://x.example//realms/a",
        "issuer = https://x.example/a//",
        /* Who sits at the browser would choose whose profile is read. */
        "userinfo_endpoint = https://x.example/{callback:uid}",
        "userinfo_endpoint = https://x.example/?token={access_token}&uid={callback:uid}",
        "second_userinfo_endpoint = https://x.example/{callback:uid}",
        "userinfo_parameters = uid={callback:uid}",
        "userinfo_headers = X-User: {callback:uid}",
        "userinfo_headers = X: y | X-User: {callback:uid}",
        /* Here quotes are part of a value. */
        "client_id = \"c\"",
        "client_secret = \"s\"",
        "client_secret = 's'",
        "client_secret_file = \"file\"",
        "label = \"Label\"",
        "label#ko = 'Label'",
        "realm = \"staff\"",
        "issuer = \"https://x.example\"",
        "scope = \"openid\"",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++) {
        struct provider provider;
        /* On the line behind [site], its two settings and the section's head. */
        const char *place = arena_format(fixture->arena, "%s:5: %.*s needs ",
                                         house_path(&fixture->house, "latchkey.conf"),
                                         (int)strcspn(bad[i], " "), bad[i]);
        const char *client = text_starts_with(bad[i], "client_id") ? "" : "client_id = c\n";
        if (load_text(fixture, arena_format(fixture->arena, "%s\n%s", bad[i], client), &provider) ==
            0)
            fail_msg("accepted: %s", bad[i]);
        const struct error *error = &fixture->arena->error;
        if (error->rule != ERROR_CONFIG || !text_starts_with(error->detail, place))
            fail_msg("%s: %s", bad[i], error->detail);
        arena_forget_error(fixture->arena);
    }
}

/* Whatever is filled in later, the host is the one that is written there: our token goes nowhere
 * else. */
static void no_hole_chooses_the_host(void **state) {
    static const char *const addresses[] = {
        "https://{token:host}/x",
        "https://{token:host}.example/x",
        "https://x.example{token:host}/x",
        "https://x.example:{token:port}/x",
        "https://{userinfo:user}@x.example/x",
        "https://x{token:a/b}.example/x",
        "https://x{token:a?b}.example/x",
        "https://x{token:a#b}.example/x",
        "{token:scheme}://x.example/x",
        "https{token:x}://x.example/x",
        "{token:whole}",
        "https:{token:rest}",
        "https:/{token:rest}",
        "https://",
        "https://{token:rest}",
        "https://x.example@{token:host}/",
        "https://[{token:host}]/",
    };
    static const char *const names[] = {
        "userinfo_endpoint",
        "second_userinfo_endpoint",
        "revocation_endpoint",
        "token_endpoint",
        "end_session_endpoint",
        "authorization_endpoint",
        "jwks_uri",
        "issuer",
        "discovery_endpoint",
        "registration_endpoint",
        "identity_issuer",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        for (size_t j = 0; j < FIXTURE_COUNT(addresses); j++) {
            struct provider provider;
            const char *text =
                arena_format(fixture->arena, "%s = %s\nclient_id = c\n", names[i], addresses[j]);
            if (load_text(fixture, text, &provider) == 0)
                fail_msg("accepted: %s", text);
            const char *place = arena_format(fixture->arena, ":5: %s needs ", names[i]);
            if (strstr(fixture->arena->error.detail, place) == NULL)
                fail_msg("%s: %s", text, fixture->arena->error.detail);
            arena_forget_error(fixture->arena);
        }
}

/* ---- the table ------------------------------------------------------------------------------- */

static void settings_are_found_by_their_whole_name(void **state) {
    static const char *const others[] = {
        "", "Issuer", "issuer ", "issue", "issuers", "label#ko", "client_secret_file", "tenant"};
    (void)state;
    for (size_t i = 0; provider_setting_at(i) != NULL; i++)
        assert_ptr_equal(provider_setting_find(provider_setting_name(provider_setting_at(i))),
                         provider_setting_at(i));
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        assert_null(provider_setting_find(others[i]));
    assert_null(provider_setting_find(NULL));
    assert_null(provider_setting_at(SIZE_MAX));
}

static void a_setting_is_a_template_or_an_expression_or_neither(void **state) {
    (void)state;
    struct provider provider = {.claim_sub = "a", .claim_email_verified = "b", .issuer = "c"};
    size_t templates = 0;
    size_t expressions = 0;
    for (size_t i = 0; provider_setting_at(i) != NULL; i++) {
        const struct provider_setting *setting = provider_setting_at(i);
        templates += provider_setting_template(setting, &provider) != NULL;
        expressions += provider_setting_expression(setting, &provider) != NULL;
    }
    assert_true(templates > 20);
    assert_int_equal(expressions, 2); /* the others are not set */
    const struct provider_setting *issuer = provider_setting_find("issuer");
    assert_ptr_equal(provider_setting_template(issuer, &provider), &provider.issuer);
    assert_null(provider_setting_template(provider_setting_find("client_secret"), &provider));
    assert_null(provider_setting_template(provider_setting_find("type"), &provider));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(what_is_not_said_has_a_default),
        fixture_test(texts_are_taken_over_as_they_are),
        fixture_test(words_are_taken_over_as_what_they_mean),
        fixture_test(the_access_token_has_one_place),
        fixture_test(trust_is_one_of_four),
        fixture_test(bad_values_are_refused_with_their_line),
        fixture_test(no_hole_chooses_the_host),
        fixture_test(settings_are_found_by_their_whole_name),
        fixture_test(a_setting_is_a_template_or_an_expression_or_neither),
    };
    return cmocka_run_group_tests_name("provider_setting", tests, NULL, NULL);
}

/* login/grant: a login for an API: what it asks for, of whom, and where. */
#include "fixture.h"
#include "sql.h"

#include "login/account.h"
#include "login/grant.h"
#include "login/tokens.h"

#define APIS                                                                                       \
    "[api mail]\nprovider = op\nbase_url = https://api.example/mail\nscope = mail.read openid\n"   \
    "[api files]\nprovider = op\nbase_url = https://api.example/files\nscope = files mail.read\n"  \
    "[api plain]\nprovider = op\nbase_url = https://api.example/\n"                                \
    "[api weather]\nbase_url = https://weather.example/\n"

static const struct person ada = {
    .issuer = FIXTURE_ISSUER, .subject = "ada", .email = "ada@example.org"};
static const struct person bob = {.issuer = FIXTURE_ISSUER, .subject = "bob"};
static const struct person elsewhere = {.issuer = "https://other.example", .subject = "ada"};

static void set_up(struct fixture *fixture) {
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER "scope = openid email\n" APIS);
}

static struct session session_of(struct fixture *fixture, const struct person *person,
                                 const char *provider) {
    struct account_ids ids;
    struct provider through = fixture->provider;
    through.id = provider;
    assert_works(fixture->arena, account_sign_in(fixture->context, &through, person, true, &ids));
    return (struct session){
        .account = ids.account, .identity = ids.identity, .provider = provider, .remember = true};
}

static void keep(struct fixture *fixture, const struct person *person, int64_t identity,
                 const char *scope) {
    const struct token_response response = {.access_token = "access", .scope = scope};
    const struct token_grant grant = {.response = &response, .is_for_api = true};
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, person, identity, &grant));
}

static struct departure begin(struct fixture *fixture, const struct session *session,
                              const char *api) {
    struct departure departure = {.terms = {.api = api}};
    assert_works(fixture->arena,
                 grant_begin(fixture->context, session, &fixture->provider, &departure));
    return departure;
}

static void an_api_must_be_there_and_of_that_provider(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    struct context *context = fixture->context;
    assert_works(fixture->arena, grant_check(context, "mail", "op"));
    assert_fails(fixture->arena, ERROR_PARAMETER_WRONG, grant_check(context, "none", "op"));
    assert_fails(fixture->arena, ERROR_PARAMETER_WRONG, grant_check(context, "", "op"));
    assert_fails(fixture->arena, ERROR_PARAMETER_WRONG, grant_check(context, "mail", "other"));
    assert_fails(fixture->arena, ERROR_PARAMETER_WRONG, grant_check(context, "weather", "op"));
}

static void a_stranger_is_asked_for_what_the_api_needs(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    struct departure departure = begin(fixture, NULL, "mail");
    assert_string_equal(departure.more_scope, "mail.read openid");
    assert_int_equal(departure.terms.purpose, LOGIN_SIGN_IN);
    assert_null(departure.login_hint);
    assert_null(begin(fixture, NULL, "plain").more_scope);
}

static void who_is_signed_in_also_for_what_was_granted(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    struct session session = session_of(fixture, &ada, "op");
    keep(fixture, &ada, session.identity, "openid calendar files");
    struct departure departure = begin(fixture, &session, "mail");
    assert_string_equal(departure.more_scope, "openid calendar files mail.read");
    assert_int_equal(departure.terms.purpose, LOGIN_GRANT);
    assert_true(departure.terms.remember);
    assert_string_equal(departure.login_hint, "ada@example.org");

    /* To another client nothing was granted. */
    sql(fixture, "UPDATE tokens SET provider = 'op-drive'");
    assert_string_equal(begin(fixture, &session, "mail").more_scope, "mail.read openid");
}

static void a_hint_that_was_given_stays(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    struct session session = session_of(fixture, &ada, "op");
    struct departure departure = {.terms = {.api = "mail"}, .login_hint = "lovelace"};
    assert_works(fixture->arena,
                 grant_begin(fixture->context, &session, &fixture->provider, &departure));
    assert_string_equal(departure.login_hint, "lovelace");
}

static int check(struct fixture *fixture, const struct session *session, int64_t identity) {
    return grant_check_identity(fixture->context, session, &fixture->provider, identity);
}

/* The same that usable_token.c finds. */
static void it_is_the_identity_that_the_api_is_called_as(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    struct account_ids linked;
    struct session session = session_of(fixture, &ada, "op");
    assert_works(fixture->arena, account_link(fixture->context, session.account, &fixture->provider,
                                              &bob, &linked));
    assert_works(fixture->arena, check(fixture, &session, session.identity));
    assert_fails(fixture->arena, ERROR_OTHER_IDENTITY, check(fixture, &session, linked.identity));
    /* Also if the other one has tokens, and this one none. */
    keep(fixture, &bob, linked.identity, "openid mail.read");
    assert_fails(fixture->arena, ERROR_OTHER_IDENTITY, check(fixture, &session, linked.identity));
    assert_string_equal(begin(fixture, &session, "mail").more_scope, "mail.read openid");

    struct session as_bob = session;
    as_bob.identity = linked.identity;
    assert_works(fixture->arena, check(fixture, &as_bob, linked.identity));
    assert_fails(fixture->arena, ERROR_OTHER_IDENTITY, check(fixture, &as_bob, session.identity));
}

static void who_came_from_elsewhere_grants_as_the_one_that_has_tokens(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    struct account_ids first;
    struct account_ids second;
    struct session session = session_of(fixture, &elsewhere, "other");
    struct departure departure = {.terms = {.api = "mail"}};
    assert_fails(fixture->arena, ERROR_NOT_CONNECTED,
                 grant_begin(fixture->context, &session, &fixture->provider, &departure));
    assert_fails(fixture->arena, ERROR_OTHER_IDENTITY, check(fixture, &session, session.identity));

    assert_works(fixture->arena,
                 account_link(fixture->context, session.account, &fixture->provider, &ada, &first));
    assert_works(fixture->arena, account_link(fixture->context, session.account, &fixture->provider,
                                              &bob, &second));
    assert_works(fixture->arena, check(fixture, &session, first.identity));
    keep(fixture, &bob, second.identity, "openid files");
    assert_works(fixture->arena, check(fixture, &session, second.identity));
    assert_fails(fixture->arena, ERROR_OTHER_IDENTITY, check(fixture, &session, first.identity));
    assert_string_equal(begin(fixture, &session, "mail").more_scope, "openid files mail.read");
}

/* Two sections that are clients of one provider: its people are the same. */
static void another_section_of_the_same_provider_will_do(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    struct session session = session_of(fixture, &ada, "op-sign-in");
    assert_works(fixture->arena, check(fixture, &session, session.identity));
    assert_int_equal(begin(fixture, &session, "mail").terms.purpose, LOGIN_GRANT);
}

/* Of a service with many servers, nobody need say again which one has his account; and a link of
 * another site cannot say another. */
static void it_leads_to_the_server_of_the_identity(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[provider op]\ntype = oauth2\ninstance = ask\n"
                            "registration = dynamic\nidentity_issuer = https://{instance}\n"
                            "authorization_endpoint = https://{instance}/authorize\n"
                            "token_endpoint = https://{instance}/token\n"
                            "userinfo_endpoint = https://{instance}/me\nemail_trust = never\n"
                            "registration_endpoint = https://{instance}/apps\n" APIS);
    const struct person at_instance = {.issuer = "https://social.example", .subject = "7"};
    struct session session = session_of(fixture, &at_instance, "op");
    assert_works(fixture->arena,
                 provider_load(fixture->context, "op", "evil.example", &fixture->provider));
    begin(fixture, &session, "mail");
    assert_string_equal(fixture->provider.instance, "social.example");
    assert_string_equal(fixture->provider.token_endpoint, "https://social.example/token");
}

static void an_api_that_is_gone_asks_for_nothing(void **state) {
    struct fixture *fixture = *state;
    const char *scope = "unset";
    set_up(fixture);
    const struct login_terms gone = {.api = "gone"};
    assert_works(fixture->arena,
                 grant_scope(fixture->context, NULL, &fixture->provider, &gone, &scope));
    assert_null(scope);
    const struct login_terms other = {.api = "weather"};
    assert_works(fixture->arena,
                 grant_scope(fixture->context, NULL, &fixture->provider, &other, &scope));
    assert_null(scope);
    const struct login_terms none = {.api = NULL};
    assert_works(fixture->arena,
                 grant_scope(fixture->context, NULL, &fixture->provider, &none, &scope));
    assert_null(scope);
}

static void all_apis_of_a_provider_need(void **state) {
    struct fixture *fixture = *state;
    set_up(fixture);
    const struct config *config = fixture->context->config;
    assert_string_equal(grant_scope_of_all(fixture->arena, config, "op"), "mail.read openid files");
    assert_null(grant_scope_of_all(fixture->arena, config, "other"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(an_api_must_be_there_and_of_that_provider),
        fixture_test(a_stranger_is_asked_for_what_the_api_needs),
        fixture_test(who_is_signed_in_also_for_what_was_granted),
        fixture_test(a_hint_that_was_given_stays),
        fixture_test(it_is_the_identity_that_the_api_is_called_as),
        fixture_test(who_came_from_elsewhere_grants_as_the_one_that_has_tokens),
        fixture_test(another_section_of_the_same_provider_will_do),
        fixture_test(it_leads_to_the_server_of_the_identity),
        fixture_test(an_api_that_is_gone_asks_for_nothing),
        fixture_test(all_apis_of_a_provider_need),
    };
    return cmocka_run_group_tests_name("grant", tests, NULL, NULL);
}

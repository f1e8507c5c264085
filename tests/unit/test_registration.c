/* oauth/registration and login/client: becoming a client by asking, once. */
#include "fixture.h"

#include "login/client.h"
#include "oauth/registration.h"

#define URL FIXTURE_ISSUER "/register"
#define DYNAMIC                                                                                    \
    "[provider op]\nissuer = " FIXTURE_ISSUER "\nregistration = dynamic\n"                         \
    "authorization_endpoint = " FIXTURE_ISSUER "/a\ntoken_endpoint = " FIXTURE_ISSUER              \
    "/t\njwks_uri = " FIXTURE_ISSUER "/j\nregistration_endpoint = " URL "\n"
#define MASTODON                                                                                   \
    "[provider op]\ntype = oauth2\ninstance = ask\nregistration = mastodon\nemail_trust = never\n" \
    "registration_endpoint = https://{instance}/api/v1/apps\n"                                     \
    "authorization_endpoint = https://{instance}/a\ntoken_endpoint = https://{instance}/t\n"       \
    "userinfo_endpoint = https://{instance}/u\nscope = read:accounts\n"                            \
    "token_endpoint_auth_method = client_secret_post\n"
#define GOOD "{\"client_id\":\"new-1\",\"client_secret\":\"the-new-secret\"}"

static const struct registration_uris uris = {
    .redirect_uri = FIXTURE_SITE "/cgi-bin/callback.cgi/op",
    .post_logout_redirect_uri = FIXTURE_SITE "/cgi-bin/logout.cgi",
    .backchannel_logout_uri = FIXTURE_SITE "/cgi-bin/logout.cgi/backchannel/op",
    .frontchannel_logout_uri = FIXTURE_SITE "/cgi-bin/logout.cgi/frontchannel/op",
    .initiate_login_uri = FIXTURE_SITE "/cgi-bin/login.cgi",
};

static void configure(struct fixture *fixture, const char *settings) {
    fixture_config(fixture, arena_format(fixture->arena, "%s%s", DYNAMIC, settings));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
}

static int ask(struct fixture *fixture, int status, const char *body,
               struct registration *registration) {
    fixture_answer(fixture, URL, status, "application/json", body);
    return registration_request(fixture->context, &fixture->provider, &fixture->metadata, &uris,
                                registration);
}

static void we_say_who_we_are_and_where(void **state) {
    struct fixture *fixture = *state;
    struct registration registration;
    configure(fixture, "scope = openid email\ntoken_endpoint_auth_method = client_secret_post\n"
                       "id_token_signed_response_alg = ES256 RS256\n");
    assert_works(fixture->arena, ask(fixture, 201, GOOD, &registration));
    assert_null(fixture->calls->form);
    assert_null(fixture_field(fixture->calls, "Authorization"));
    assert_string_equal(
        fixture->calls->json,
        "{\"redirect_uris\":[\"https://www.example.org/cgi-bin/callback.cgi/op\"],"
        "\"response_types\":[\"code\"],\"grant_types\":[\"authorization_code\"],"
        "\"application_type\":\"web\",\"client_name\":\"www.example.org\","
        "\"scope\":\"openid email\",\"token_endpoint_auth_method\":\"client_secret_post\","
        "\"id_token_signed_response_alg\":\"ES256\","
        "\"initiate_login_uri\":\"https://www.example.org/cgi-bin/login.cgi\","
        "\"post_logout_redirect_uris\":[\"https://www.example.org/cgi-bin/logout.cgi\"],"
        "\"backchannel_logout_uri\":\"https://www.example.org/cgi-bin/logout.cgi/backchannel/op\","
        "\"frontchannel_logout_uri\":"
        "\"https://www.example.org/cgi-bin/logout.cgi/frontchannel/op\","
        "\"frontchannel_logout_session_required\":true}");
    assert_string_equal(registration.client_id, "new-1");
    assert_string_equal(registration.client_secret, "the-new-secret");
    assert_int_equal(registration.authentication, CLIENT_SECRET_POST);
    assert_int_equal(registration.expires_at, REGISTRATION_NEVER_EXPIRES);
}

static void an_initial_access_token_goes_along(void **state) {
    struct fixture *fixture = *state;
    struct registration registration;
    configure(fixture, "initial_access_token = t-1\n");
    assert_works(fixture->arena, ask(fixture, 201, GOOD, &registration));
    assert_string_equal(fixture_field(fixture->calls, "Authorization"), "Bearer t-1");
}

/* RFC 7591 3.2.1: what the answer says holds. */
static void the_answer_decides(void **state) {
    struct fixture *fixture = *state;
    struct registration registration;
    configure(fixture, "");
    assert_works(fixture->arena,
                 ask(fixture, 200,
                     "{\"client_id\":\"c\",\"client_secret\":\"s\",\"client_secret_expires_at\":"
                     "1800001000,\"token_endpoint_auth_method\":\"client_secret_jwt\","
                     "\"registration_client_uri\":\"x\",\"more\":{}}",
                     &registration));
    assert_int_equal(registration.authentication, CLIENT_SECRET_JWT);
    assert_int_equal(registration.expires_at, 1800001000);
    assert_works(fixture->arena,
                 ask(fixture, 201, "{\"client_id\":\"c\",\"token_endpoint_auth_method\":\"none\"}",
                     &registration));
    assert_int_equal(registration.authentication, CLIENT_PUBLIC);
    assert_null(registration.client_secret);
    assert_works(fixture->arena,
                 ask(fixture, 201,
                     "{\"client_id\":\"c\",\"client_secret\":\"s\",\"client_secret_expires_at\":0}",
                     &registration));
    assert_int_equal(registration.expires_at, REGISTRATION_NEVER_EXPIRES);
}

static void any_other_answer_is_refused(void **state) {
    const struct {
        int status;
        const char *body;
    } cases[] = {
        {201, ""},
        {201, "<html>"},
        {201, "[]"},
        {201, "null"},
        {201, GOOD GOOD},
        {201, "{}"},
        {201, "{\"client_secret\":\"s\"}"},
        {201, "{\"client_id\":\"c\"}"},
        {201, "{\"client_id\":\"\",\"client_secret\":\"s\"}"},
        {201, "{\"client_id\":7,\"client_secret\":\"s\"}"},
        {201, "{\"client_id\":null,\"client_secret\":\"s\"}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":\"\"}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":7}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":\"s\",\"client_secret_expires_at\":\"0\"}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":\"s\",\"client_secret_expires_at\":-1}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":\"s\",\"client_secret_expires_at\":1e400}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":\"s\",\"client_secret_expires_at\":null}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":\"s\","
              "\"token_endpoint_auth_method\":\"tls_client_auth\"}"},
        {201, "{\"client_id\":\"c\",\"client_secret\":\"s\","
              "\"token_endpoint_auth_method\":\"private_key_jwt\"}"}, /* we have no key */
        {400, "{\"error\":\"invalid_redirect_uri\"}"},
        {401, "{\"error\":\"invalid_token\"}"},
        {403, GOOD},
        {500, GOOD},
        {302, GOOD},
    };
    struct fixture *fixture = *state;
    configure(fixture, "");
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        struct registration registration;
        if (ask(fixture, cases[i].status, cases[i].body, &registration) == 0)
            fail_msg("accepted: %d %s", cases[i].status, cases[i].body);
        assert_int_equal(fixture->arena->error.rule, ERROR_REGISTRATION);
        arena_forget_error(fixture->arena);
    }
}

static void a_client_without_secret_needs_pkce(void **state) {
    struct fixture *fixture = *state;
    struct registration registration;
    configure(fixture, "code_challenge_method = none\n");
    assert_fails(fixture->arena, ERROR_REGISTRATION,
                 ask(fixture, 201, "{\"client_id\":\"c\",\"token_endpoint_auth_method\":\"none\"}",
                     &registration));
}

static void id_and_secret_are_limited(void **state) {
    struct fixture *fixture = *state;
    struct registration registration;
    char text[4100];
    memset(text, 'x', sizeof(text));
    const char *format = "{\"client_id\":\"%.*s\",\"client_secret\":\"%.*s\"}";
    configure(fixture, "");
    assert_works(fixture->arena,
                 ask(fixture, 201, arena_format(fixture->arena, format, 1024, text, 4096, text),
                     &registration));
    assert_fails(fixture->arena, ERROR_REGISTRATION,
                 ask(fixture, 201, arena_format(fixture->arena, format, 1025, text, 1, text),
                     &registration));
    assert_fails(fixture->arena, ERROR_REGISTRATION,
                 ask(fixture, 201, arena_format(fixture->arena, format, 1, text, 4097, text),
                     &registration));
}

static void without_an_endpoint_there_is_no_registration(void **state) {
    struct fixture *fixture = *state;
    struct registration registration;
    configure(fixture, "");
    fixture->metadata.registration_endpoint = NULL;
    assert_fails(fixture->arena, ERROR_DISCOVERY_MALFORMED,
                 registration_request(fixture->context, &fixture->provider, &fixture->metadata,
                                      &uris, &registration));
}

/* ---- Mastodon -------------------------------------------------------------------------------- */

#define APPS "https://mastodon.example/api/v1/apps"

static void configure_instance(struct fixture *fixture, const char *host) {
    assert_works(fixture->arena, fixture_config_load(fixture, MASTODON));
    assert_works(fixture->arena, provider_load(fixture->context, "op", host, &fixture->provider));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
}

static int ask_apps(struct fixture *fixture, int status, const char *body,
                    struct registration *registration) {
    fixture_answer(fixture, APPS, status, "application/json", body);
    return registration_request(fixture->context, &fixture->provider, &fixture->metadata, &uris,
                                registration);
}

static void mastodon_gets_a_form(void **state) {
    struct fixture *fixture = *state;
    struct registration registration;
    configure_instance(fixture, "mastodon.example");
    assert_works(fixture->arena,
                 ask_apps(fixture, 200,
                          "{\"id\":\"563419\",\"name\":\"x\",\"website\":null,"
                          "\"scopes\":[\"read:accounts\"],\"client_id\":\"TWhM-tNSuncnqN7\","
                          "\"client_secret\":\"YEB0-sfSuncmQxR\",\"client_secret_expires_at\":0,"
                          "\"token_endpoint_auth_method\":\"none\"}",
                          &registration));
    assert_null(fixture->calls->json);
    assert_true(fixture->calls->public_only);
    struct form form = fixture_form(fixture, fixture->calls->form);
    assert_string_equal(form_value(&form, "client_name"), "www.example.org");
    assert_string_equal(form_value(&form, "redirect_uris"), uris.redirect_uri);
    assert_string_equal(form_value(&form, "scopes"), "read:accounts");
    assert_string_equal(form_value(&form, "website"), FIXTURE_SITE);
    assert_null(form.first->next->next->next->next);
    assert_string_equal(registration.client_id, "TWhM-tNSuncnqN7");
    assert_string_equal(registration.client_secret, "YEB0-sfSuncmQxR");
    assert_int_equal(registration.expires_at, REGISTRATION_NEVER_EXPIRES);
    /* RFC 7591's, which this is not. */
    assert_int_equal(registration.authentication, CLIENT_SECRET_POST);
}

static void mastodon_must_give_id_and_secret(void **state) {
    const struct {
        int status;
        const char *body;
    } cases[] = {
        {200, "{\"client_secret\":\"s\"}"},
        {200, "{\"client_id\":\"c\"}"},
        {200, "{\"client_id\":7,\"client_secret\":\"s\"}"},
        {200, "{\"client_id\":\"c\",\"client_secret\":\"s\",\"client_secret_expires_at\":\"0\"}"},
        {200, "<html>"},
        {202, GOOD},
        {302, GOOD},
        {422, "{\"error\":\"Validation failed: Redirect URI must be an absolute URI.\"}"},
    };
    struct fixture *fixture = *state;
    struct registration registration;
    configure_instance(fixture, "mastodon.example");
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_fails(fixture->arena, ERROR_REGISTRATION,
                     ask_apps(fixture, cases[i].status, cases[i].body, &registration));
}

/* ---- client ---------------------------------------------------------------------------------- */

/* What the next login, in another process, makes of it. */
static int load(struct fixture *fixture, struct provider *provider) {
    assert_works(fixture->arena, provider_load(fixture->context, "op", NULL, provider));
    return client_load(fixture->context, provider, &fixture->metadata);
}

static void a_registration_is_made_once(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    configure(fixture, "");
    fixture_answer(fixture, URL, 201, "application/json", GOOD);
    for (int i = 0; i < 3; i++) {
        assert_works(fixture->arena, load(fixture, &provider));
        assert_string_equal(provider.client_id, "new-1");
        assert_string_equal(provider.client_secret, "the-new-secret");
        assert_int_equal(provider.authentication, CLIENT_SECRET_BASIC);
    }
    assert_int_equal(fixture->call_count, 1);
    assert_non_null(strstr(fixture->calls->json, uris.backchannel_logout_uri));
    assert_non_null(strstr(fixture->house.log.bytes, "event=registered provider=op"));
    assert_null(strstr(fixture->house.log.bytes, "the-new-secret"));
}

static void a_registered_elsewhere_client_is_left_alone(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena,
                 client_load(fixture->context, &fixture->provider, &fixture->metadata));
    assert_string_equal(fixture->provider.client_id, FIXTURE_CLIENT);
    client_forget(fixture->context, &fixture->provider);
    assert_int_equal(fixture->call_count, 0);
}

static void the_secret_is_sealed_at_rest(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    static const char *const files[] = {"latchkey.db", "latchkey.db-wal"};
    configure(fixture, "");
    fixture_answer(fixture, URL, 201, "application/json", GOOD);
    assert_works(fixture->arena, load(fixture, &provider));
    bool seen_id = false;
    for (size_t i = 0; i < FIXTURE_COUNT(files); i++) {
        char *bytes = arena_alloc(fixture->arena, 1 << 20);
        int file = open(house_path(&fixture->house, files[i]), O_RDONLY);
        ssize_t length = read(file, bytes, 1 << 20);
        close(file);
        assert_true(length >= 0);
        seen_id = seen_id || memmem(bytes, (size_t)length, "new-1", 5) != NULL;
        assert_null(memmem(bytes, (size_t)length, "the-new-secret", 14));
    }
    assert_true(seen_id);
}

static void an_expired_registration_is_made_anew(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    configure(fixture, "");
    fixture_answer(fixture, URL, 201, "application/json",
                   "{\"client_id\":\"a\",\"client_secret\":\"s\","
                   "\"client_secret_expires_at\":1800001000}");
    assert_works(fixture->arena, load(fixture, &provider));
    fixture->house.clock.fixed = 1800000999;
    assert_works(fixture->arena, load(fixture, &provider));
    assert_string_equal(provider.client_id, "a");
    fixture->house.clock.fixed = 1800001000;
    fixture_answer(fixture, URL, 201, "application/json", GOOD);
    assert_works(fixture->arena, load(fixture, &provider));
    assert_string_equal(provider.client_id, "new-1");
}

static void one_that_is_over_at_once_is_none(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    configure(fixture, "");
    fixture_answer(fixture, URL, 201, "application/json",
                   "{\"client_id\":\"a\",\"client_secret\":\"s\","
                   "\"client_secret_expires_at\":1700000000}");
    assert_fails(fixture->arena, ERROR_REGISTRATION, load(fixture, &provider));
}

static void a_forgotten_registration_is_made_anew(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    configure(fixture, "");
    fixture_answer(fixture, URL, 201, "application/json", GOOD);
    assert_works(fixture->arena, load(fixture, &provider));
    fail(fixture->arena, ERROR_CLIENT_REFUSED, "why it is forgotten");
    client_forget(fixture->context, &provider);
    assert_int_equal(fixture->arena->error.rule, ERROR_CLIENT_REFUSED); /* is not hidden */
    arena_forget_error(fixture->arena);
    fixture_answer(fixture, URL, 201, "application/json",
                   "{\"client_id\":\"new-2\",\"client_secret\":\"s\"}");
    assert_works(fixture->arena, load(fixture, &provider));
    assert_string_equal(provider.client_id, "new-2");
}

static void without_its_key_a_registration_is_made_anew(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    configure(fixture, "");
    fixture_answer(fixture, URL, 201, "application/json", GOOD);
    assert_works(fixture->arena, load(fixture, &provider));
    assert_int_equal(unlink(house_path(&fixture->house, "keys/token.keys")), 0);
    fixture_answer(fixture, URL, 201, "application/json", GOOD);
    assert_works(fixture->arena, load(fixture, &provider));
}

static void a_refusal_keeps_nothing(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    configure(fixture, "");
    fixture_answer(fixture, URL, 400, "application/json", "{\"error\":\"x\"}");
    assert_fails(fixture->arena, ERROR_REGISTRATION, load(fixture, &provider));
    assert_null(provider.client_id);
    fixture_answer_failure(fixture, URL, ERROR_HTTP_TIMEOUT);
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT, load(fixture, &provider));
    fixture_answer(fixture, URL, 201, "application/json", GOOD);
    assert_works(fixture->arena, load(fixture, &provider));
}

/* ---- instances ------------------------------------------------------------------------------- */

static int load_at(struct fixture *fixture, const char *host) {
    configure_instance(fixture, host);
    fixture->house.config.new_instances_per_hour = 2;
    return client_admit(fixture->context, &fixture->provider) == 0
               ? client_load(fixture->context, &fixture->provider, &fixture->metadata)
               : -1;
}

static void each_instance_has_its_registration(void **state) {
    struct fixture *fixture = *state;
    const char *other = "https://other.example/api/v1/apps";
    fixture_answer(fixture, APPS, 200, "application/json", GOOD);
    assert_works(fixture->arena, load_at(fixture, "mastodon.example"));
    assert_non_null(
        strstr(fixture->house.log.bytes, "event=registered provider=op instance=mastodon.example"));
    fixture_answer(fixture, other, 200, "application/json",
                   "{\"client_id\":\"other-1\",\"client_secret\":\"s\"}");
    assert_works(fixture->arena, load_at(fixture, "other.example"));
    assert_string_equal(fixture->provider.client_id, "other-1");
    for (int i = 0; i < 5; i++) {
        assert_works(fixture->arena, load_at(fixture, "mastodon.example"));
        assert_string_equal(fixture->provider.client_id, "new-1");
        assert_works(fixture->arena, load_at(fixture, "other.example"));
        assert_string_equal(fixture->provider.client_id, "other-1");
    }
    assert_int_equal(fixture->call_count, 2);
    struct form form = fixture_form(fixture, fixture->calls->form);
    assert_string_equal(form_value(&form, "redirect_uris"),
                        FIXTURE_SITE "/cgi-bin/callback.cgi/op/mastodon.example");
    form = fixture_form(fixture, fixture->calls->next->form);
    assert_string_equal(form_value(&form, "redirect_uris"),
                        FIXTURE_SITE "/cgi-bin/callback.cgi/op/other.example");
}

static void only_so_many_new_ones_are_asked(void **state) {
    struct fixture *fixture = *state;
    fixture_answer(fixture, APPS, 200, "application/json", GOOD);
    assert_works(fixture->arena, load_at(fixture, "mastodon.example"));
    fixture_answer_failure(fixture, "https://b.example/api/v1/apps", ERROR_HTTP_TIMEOUT);
    assert_fails(fixture->arena, ERROR_HTTP_TIMEOUT, load_at(fixture, "b.example"));
    assert_fails(fixture->arena, ERROR_INSTANCE_LIMIT, load_at(fixture, "b.example"));
    assert_fails(fixture->arena, ERROR_INSTANCE_LIMIT, load_at(fixture, "c.example"));
    assert_int_equal(fixture->call_count, 2);
    /* Whoever has an account where somebody had one before is let in. */
    assert_works(fixture->arena, load_at(fixture, "mastodon.example"));
}

/* It would tell a browser of one instance to come back for another. */
static void an_instance_is_told_of_no_address_but_its_own(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena,
                 fixture_config_load(
                     fixture,
                     "[provider op]\nissuer = https://{instance}\ninstance = ask\n"
                     "email_trust = never\nregistration = dynamic\nauthorization_endpoint = "
                     "https://{instance}/a\n"
                     "token_endpoint = https://{instance}/t\njwks_uri = https://{instance}/j\n"
                     "registration_endpoint = https://{instance}/register\n"));
    assert_works(fixture->arena,
                 provider_load(fixture->context, "op", "mastodon.example", &fixture->provider));
    assert_works(fixture->arena,
                 metadata_load(fixture->context, &fixture->provider, &fixture->metadata));
    fixture_answer(fixture, "https://mastodon.example/register", 201, "application/json", GOOD);
    assert_works(fixture->arena,
                 client_load(fixture->context, &fixture->provider, &fixture->metadata));
    assert_non_null(strstr(fixture->calls->json, "callback.cgi/op/mastodon.example"));
    assert_null(strstr(fixture->calls->json, "channel"));
    assert_null(strstr(fixture->calls->json, "initiate_login_uri"));
}

static void where_we_chose_the_host_everyone_is_admitted(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "");
    fixture->house.config.new_instances_per_hour = 0;
    assert_works(fixture->arena, client_admit(fixture->context, &fixture->provider));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(we_say_who_we_are_and_where),
        fixture_test(an_initial_access_token_goes_along),
        fixture_test(the_answer_decides),
        fixture_test(any_other_answer_is_refused),
        fixture_test(a_client_without_secret_needs_pkce),
        fixture_test(id_and_secret_are_limited),
        fixture_test(without_an_endpoint_there_is_no_registration),
        fixture_test(mastodon_gets_a_form),
        fixture_test(mastodon_must_give_id_and_secret),
        fixture_test(a_registration_is_made_once),
        fixture_test(a_registered_elsewhere_client_is_left_alone),
        fixture_test(the_secret_is_sealed_at_rest),
        fixture_test(an_expired_registration_is_made_anew),
        fixture_test(one_that_is_over_at_once_is_none),
        fixture_test(a_forgotten_registration_is_made_anew),
        fixture_test(without_its_key_a_registration_is_made_anew),
        fixture_test(a_refusal_keeps_nothing),
        fixture_test(each_instance_has_its_registration),
        fixture_test(only_so_many_new_ones_are_asked),
        fixture_test(an_instance_is_told_of_no_address_but_its_own),
        fixture_test(where_we_chose_the_host_everyone_is_admitted),
    };
    return cmocka_run_group_tests_name("registration", tests, NULL, NULL);
}

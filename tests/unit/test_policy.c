/* login/policy: who may come in, by each rule, and all that only looks as if it were allowed. */
#include "fixture.h"

#include "format/email_address.h"
#include "login/policy.h"

#define OP "\n[provider op]\n" FIXTURE_PROVIDER

/* The rules of [policy], then those of the provider. */
static void configure(struct fixture *fixture, const char *site, const char *provider) {
    fixture_config(fixture, arena_format(fixture->arena, "[policy]\n%s" OP "%s", site, provider));
}

static struct person ada(const char *email) {
    return (struct person){
        .issuer = FIXTURE_ISSUER,
        .subject = "ada-1",
        .email = email,
        .email_verified = email != NULL,
    };
}

static int check(struct fixture *fixture, const struct person *person) {
    const struct mapping_sources nothing = {.plain = MAPPING_DEFAULT};
    return policy_check(fixture->context, &fixture->provider, person, &nothing);
}

static void assert_in(struct fixture *fixture, const char *email) {
    const struct person person = ada(email);
    if (check(fixture, &person) != 0)
        fail_msg("%s is refused: %s", email, fixture->arena->error.detail);
}

/* Refused by this rule, in these words: the address is not among them. */
static void assert_person_out(struct fixture *fixture, const struct person *person,
                              const char *detail) {
    if (check(fixture, person) == 0)
        fail_msg("%s is let in", person->email);
    assert_int_equal(fixture->arena->error.rule, ERROR_POLICY);
    assert_string_equal(fixture->arena->error.detail, detail);
    arena_forget_error(fixture->arena);
}

static void assert_out(struct fixture *fixture, const char *email, const char *detail) {
    const struct person person = ada(email);
    assert_person_out(fixture, &person, detail);
}

/* ---- domains --------------------------------------------------------------------------------- */

static void without_rules_everybody_may_come(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada(NULL);
    assert_works(fixture->arena, check(fixture, &person));
    person.email = "mallory@evil.example";
    assert_works(fixture->arena, check(fixture, &person));
}

static void an_address_in_the_domain_is_let_in(void **state) {
    static const char *const emails[] = {
        "ada@example.org", "Ada.Lovelace+news@example.org",
        "ada@EXAMPLE.org", "\xED\x95\x9C@example.org",
        "ada@example.net",
    };
    struct fixture *fixture = *state;
    configure(fixture, "allowed_email_domains = example.org  example.NET", "");
    for (size_t i = 0; i < FIXTURE_COUNT(emails); i++)
        assert_in(fixture, emails[i]);
}

static void what_only_looks_like_the_domain_is_not(void **state) {
    static const char *const emails[] = {
        "ada@sub.example.org",
        "ada@example.org.evil.example",
        "ada@evil-example.org",
        "ada@evilexample.org",
        "ada@xample.org",
        "ada@example.or",
        "ada@org",
        "ada@example.org.",
        "ada@.example.org",
        "example.org@evil.example",
        "ada@examp\xC3\xA9le.org",
        "ada@ex\xD0\xB0mple.org",       /* Cyrillic a */
        "ada@example\xE3\x80\x82org",   /* ideographic full stop */
        "ada@\xEF\xBD\x85xample.org",   /* fullwidth e */
        "ada@xn--exmple-4nf.org",       /* the Cyrillic one, in ASCII */
        "ada@evil.example@example.org", /* two */
        "ada@example.org@evil.example",
        "ada\xEF\xBC\xA0"
        "example.org", /* fullwidth @ */
        "ada@evil.example\xEF\xBC\xA0"
        "example.org",
        "ada\xEF\xB9\xAB"
        "example.org", /* small @ */
        "ada@evil.example,x@example.org",
        "ada@evil.example x@example.org",
        "\"ada@evil.example\"@example.org",
        "<ada@example.org>",
        "ada@evil.example(@example.org)",
        "ada@example.org\n",
        "ada@example.org\xE2\x80\x8B", /* zero width space */
        "ada@exam\xC2\xADple.org",     /* soft hyphen */
        "@example.org",
        "example.org",
        "ada@",
        "",
    };
    struct fixture *fixture = *state;
    configure(fixture, "allowed_email_domains = example.org", "");
    for (size_t i = 0; i < FIXTURE_COUNT(emails); i++)
        assert_out(fixture, emails[i],
                   email_address_is_valid(fixture->arena, emails[i])
                       ? "[policy] allowed_email_domains"
                       : "[policy] allowed_email_domains: there is no address");
}

static void an_address_that_nobody_verified_is_anybodys(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada("ada@example.org");
    person.email_verified = false;
    configure(fixture, "allowed_email_domains = example.org\nallowed_emails = ada@example.org", "");
    assert_person_out(fixture, &person,
                      "[policy] allowed_email_domains: the address is not verified");
    assert_out(fixture, NULL, "[policy] allowed_email_domains: there is no address");
    configure(fixture, "allowed_emails = ada@example.org", "");
    assert_person_out(fixture, &person, "[policy] allowed_emails: the address is not verified");
}

static void a_domain_in_another_script_is_its_form_in_ascii(void **state) {
    struct fixture *fixture = *state;
    configure(fixture,
              "allowed_email_domains = b\xC3\xBC"
              "cher.example xn--3e0b707e.example",
              "");
    assert_in(fixture, "ada@b\xC3\xBC"
                       "cher.example");
    assert_in(fixture, "ada@xn--bcher-kva.example");
    assert_in(fixture, "ada@XN--BCHER-KVA.example");
    assert_in(fixture, "ada@\xED\x95\x9C\xEA\xB5\xAD.example");
    assert_out(fixture, "ada@bucher.example", "[policy] allowed_email_domains");
    assert_out(fixture,
               "ada@bu\xCC\x88"
               "cher.example",
               "[policy] allowed_email_domains");
    assert_out(fixture, "ada@xn--bcher.example", "[policy] allowed_email_domains");
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void a_listed_address_is_let_in(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "allowed_emails = ada@example.org Bob@Example.net", "");
    assert_in(fixture, "ada@example.org");
    assert_in(fixture, "ADA@EXAMPLE.ORG");
    assert_in(fixture, "bob@example.net");
    assert_out(fixture, "ada@example.net", "[policy] allowed_emails");
    assert_out(fixture, "ada+1@example.org", "[policy] allowed_emails");
    assert_out(fixture, "ad.a@example.org", "[policy] allowed_emails");
    assert_out(fixture, "ad\xC3\xA0@example.org", "[policy] allowed_emails");
    assert_out(fixture, "xada@example.org", "[policy] allowed_emails");
}

static void one_of_the_lists_is_enough(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "allowed_email_domains = example.org\nallowed_emails = guest@example.net",
              "");
    assert_in(fixture, "ada@example.org");
    assert_in(fixture, "guest@example.net");
    assert_out(fixture, "ada@example.net", "[policy] allowed_email_domains");
}

static void write_list(struct fixture *fixture, const char *text, mode_t mode) {
    house_write(house_path(&fixture->house, "guests.txt"), text, mode);
}

static void a_file_lists_one_a_line(void **state) {
    struct fixture *fixture = *state;
    write_list(fixture,
               "# guests\n\n  ada@example.org \r\n; more\n\tbob@example.net\neve@example.org",
               0644);
    configure(fixture, "allowed_emails_file = guests.txt", "");
    assert_works(fixture->arena,
                 policy_check_file(fixture->context, &fixture->context->config->policy));
    assert_in(fixture, "ada@example.org");
    assert_in(fixture, "Bob@example.net");
    assert_in(fixture, "eve@example.org");
    assert_out(fixture, "guests@example.org", "[policy] allowed_emails_file");
    configure(fixture, "allowed_emails_file = guests.txt\nallowed_emails = x@example.org", "");
    assert_in(fixture, "ada@example.org");
    assert_in(fixture, "x@example.org");
    assert_out(fixture, "y@example.org", "[policy] allowed_emails");
    write_list(fixture, "", 0644);
    assert_out(fixture, "ada@example.org", "[policy] allowed_emails");
}

/* Who comes in must not depend on who reads a broken file. */
static void a_file_that_is_wrong_lets_nobody_in(void **state) {
    static const struct {
        const char *text;
        mode_t mode;
        const char *says;
    } cases[] = {
        {"ada@example.org\nada example.org\n", 0644, ":2: not an e-mail address"},
        {"nobody\nada@example.org\n", 0644, ":1: not an e-mail address"},
        {"ada@example.org bob@example.org\n", 0644, ":1: not"},
        {"ada@example.org\n@example.org\n", 0644, ":2: not"},
        {"ada@example.org\n*@example.org\n", 0644, ":2: not"},
        {"ada@example.org\n", 0646, "can be changed by anyone"},
        {"ada@example.org\n", 0666, "can be changed by anyone"},
    };
    struct fixture *fixture = *state;
    struct person person = ada("ada@example.org");
    configure(fixture, "allowed_emails_file = guests.txt", "");
    assert_fails(fixture->arena, ERROR_CONFIG, check(fixture, &person)); /* there is none */
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        write_list(fixture, cases[i].text, cases[i].mode);
        assert_int_equal(check(fixture, &person), -1);
        assert_non_null(strstr(fixture->arena->error.detail, cases[i].says));
        assert_null(strstr(fixture->arena->error.detail, "@"));
        assert_fails(fixture->arena, ERROR_CONFIG, -1);
        assert_fails(fixture->arena, ERROR_CONFIG,
                     policy_check_file(fixture->context, &fixture->context->config->policy));
    }
}

static void a_file_has_an_end(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada("ada@example.org");
    static const char address[] = "ada@example.org";
    char *long_text = arena_alloc(fixture->arena, POLICY_FILE_LIMIT + 2);
    for (size_t i = 0; i <= POLICY_FILE_LIMIT; i++)
        long_text[i] = i < sizeof(address) - 1 ? address[i] : '\n';
    configure(fixture, "allowed_emails_file = guests.txt", "");
    write_list(fixture, long_text, 0600);
    assert_fails(fixture->arena, ERROR_CONFIG, check(fixture, &person));
    write_list(fixture, long_text + 1, 0600);
    assert_out(fixture, "ada@example.org", "[policy] allowed_emails_file");
}

static void no_file_is_no_mistake(void **state) {
    struct fixture *fixture = *state;
    assert_works(fixture->arena,
                 policy_check_file(fixture->context, &fixture->context->config->policy));
}

/* ---- who is denied --------------------------------------------------------------------------- */

static void a_denied_address_is_refused_verified_or_not(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada("Mallory@EXAMPLE.org");
    configure(fixture, "denied_emails = mallory@example.org\nallowed_email_domains = example.org",
              "");
    assert_person_out(fixture, &person, "[policy] denied_emails");
    person.email_verified = false;
    assert_person_out(fixture, &person, "[policy] denied_emails");
    assert_in(fixture, "ada@example.org");
    configure(fixture, "denied_emails = mallory@example.org", "");
    assert_in(fixture, NULL);
}

static void a_denied_subject_is_refused_at_its_provider(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada(NULL);
    configure(fixture, "denied_emails = x@example.org", "denied_subjects = bob ada-1");
    assert_person_out(fixture, &person, "[provider op] denied_subjects");
    static const char *const others[] = {"ada-11", "ada", "Ada-1", "ada-1 ", "1", "bob ada-1"};
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++) {
        person.subject = others[i];
        assert_works(fixture->arena, check(fixture, &person));
    }
}

/* ---- claims ---------------------------------------------------------------------------------- */

static void assert_requirement(struct fixture *fixture, const char *userinfo, const char *id_token,
                               bool is_met) {
    const struct person person = ada(NULL);
    const struct mapping_sources answers = {
        .of = {[MAPPING_USERINFO] = userinfo == NULL ? NULL : fixture_json(fixture, userinfo),
               [MAPPING_ID_TOKEN] = id_token == NULL ? NULL : fixture_json(fixture, id_token),
               [MAPPING_CALLBACK] = fixture_json(fixture, "{\"groups\":\"staff\",\"hd\":"
                                                          "\"example.org\"}"),
               [MAPPING_VARIABLE] = fixture_json(fixture, "{\"groups\":\"staff\"}")},
    };
    int result = policy_check(fixture->context, &fixture->provider, &person, &answers);
    if (is_met && result != 0)
        fail_msg("%s, %s: refused", userinfo, id_token);
    if (!is_met && result == 0)
        fail_msg("%s, %s: let in", userinfo, id_token);
    if (!is_met)
        assert_string_equal(fixture->arena->error.detail, "[policy] require");
    arena_forget_error(fixture->arena);
}

static void a_group_is_required(void **state) {
    static const struct {
        const char *userinfo;
        bool is_met;
    } cases[] = {
        {"{\"groups\":[\"guests\",\"staff\"]}", true},
        {"{\"groups\":\"staff\"}", true},
        {"{\"groups\":[\"Staff\"]}", false},
        {"{\"groups\":[\"staff2\",\"not staff\",\"staff,admins\"]}", false},
        {"{\"groups\":\"guests staff\"}", false},
        {"{\"groups\":{\"staff\":true}}", false},
        {"{\"groups\":[{\"name\":\"staff\"}]}", false},
        {"{\"groups\":[[\"staff\"]]}", false},
        {"{\"groups\":1}", false},
        {"{\"groups\":true}", false},
        {"{\"groups\":null}", false},
        {"{\"groups\":[]}", false},
        {"{\"Groups\":[\"staff\"]}", false},
        {"{\"user\":{\"groups\":[\"staff\"]}}", false},
        {"{}", false},
        {NULL, false},
    };
    struct fixture *fixture = *state;
    configure(fixture, "require = groups contains staff", "");
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_requirement(fixture, cases[i].userinfo, NULL, cases[i].is_met);
}

/* What the profile says does not pass for what the id_token, which is signed, would have to. */
static void a_claim_counts_where_the_rule_looks(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "require = id_token:hd = example.org", "");
    assert_requirement(fixture, "{\"hd\":\"evil.example\"}", "{\"hd\":\"example.org\"}", true);
    assert_requirement(fixture, "{\"hd\":\"example.org\"}", "{}", false);
    assert_requirement(fixture, "{\"hd\":\"example.org\"}", NULL, false);
    assert_requirement(fixture, NULL, "{\"hd\":\"sub.example.org\"}", false);
    assert_requirement(fixture, NULL, "{\"hd\":\"Example.org\"}", false);
    assert_requirement(fixture, NULL, "{\"hd\":[\"example.org\"]}", false);
    configure(fixture, "require = hd = example.org", "");
    assert_requirement(fixture, "{\"hd\":\"evil.example\"}", "{\"hd\":\"example.org\"}", false);
    assert_requirement(fixture, "{}", "{\"hd\":\"example.org\"}", true);
}

/* ---- together -------------------------------------------------------------------------------- */

static void all_kinds_of_rules_must_hold(void **state) {
    const struct mapping_sources none = {.plain = MAPPING_DEFAULT};
    struct fixture *fixture = *state;
    const struct mapping_sources staff = {
        .of = {[MAPPING_USERINFO] = fixture_json(fixture, "{\"groups\":[\"staff\"]}")},
    };
    const struct person inside = ada("ada@example.org");
    const struct person outside = ada("ada@example.net");
    configure(fixture, "allowed_email_domains = example.org\nrequire = groups contains staff", "");
    const struct provider *provider = &fixture->provider;
    assert_works(fixture->arena, policy_check(fixture->context, provider, &inside, &staff));
    assert_fails(fixture->arena, ERROR_POLICY,
                 policy_check(fixture->context, provider, &inside, &none));
    assert_fails(fixture->arena, ERROR_POLICY,
                 policy_check(fixture->context, provider, &outside, &staff));
}

static void site_and_provider_must_agree(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "allowed_email_domains = example.org example.net",
              "allowed_email_domains = example.org example.com\ndenied_emails = eve@example.org\n"
              "allowed_emails = guest@example.net");
    assert_in(fixture, "ada@example.org");
    assert_in(fixture, "guest@example.net");
    assert_out(fixture, "ada@example.net", "[provider op] allowed_email_domains");
    assert_out(fixture, "ada@example.com", "[policy] allowed_email_domains");
    assert_out(fixture, "eve@example.org", "[provider op] denied_emails");
}

static void a_providers_rules_are_its_own(void **state) {
    struct fixture *fixture = *state;
    struct provider other;
    const struct person person = ada("ada@example.net");
    const struct mapping_sources none = {.plain = MAPPING_DEFAULT};
    configure(fixture, "denied_emails = x@example.org",
              "require = staff\n[provider other]\n" FIXTURE_PROVIDER
              "allowed_email_domains = example.net");
    assert_works(fixture->arena, provider_load(fixture->context, "other", NULL, &other));
    assert_works(fixture->arena, policy_check(fixture->context, &other, &person, &none));
    assert_person_out(fixture, &person, "[provider op] require");
}

/* ---- settings -------------------------------------------------------------------------------- */

static void mistakes_are_told_with_file_and_line(void **state) {
    static const char *const settings[] = {
        "allowed_email_domains =",
        "allowed_email_domains = @example.org",
        "allowed_email_domains = ada@example.org",
        "allowed_email_domains = localhost",
        "allowed_email_domains = *.example.org",
        "allowed_email_domains = example.org, example.net",
        "allowed_email_domains = example..org",
        "allowed_email_domains = .example.org",
        "allowed_emails =",
        "allowed_emails = example.org",
        "allowed_emails = ada@example.org, bob@example.org",
        "allowed_emails = ada@example.org bob",
        "allowed_emails = ada\357\274\240example.org", /* fullwidth @ */
        "allowed_emails_file =",
        "denied_emails =",
        "denied_emails = *@example.org",
        "require =",
        "require = groups has staff",
        "require = groups contains",
        "require = callback:user = ada",
        "require = variable:tenant = a",
        "require = a = b c",
        "require = groups == staff",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(settings); i++) {
        const char *site = arena_format(fixture->arena, "[policy]\n%s" OP, settings[i]);
        if (fixture_config_load(fixture, site) == 0)
            fail_msg("[policy] %s", settings[i]);
        assert_non_null(strstr(fixture->arena->error.detail, "latchkey.conf:5: "));
        assert_fails(fixture->arena, ERROR_CONFIG, -1);

        const char *provider =
            arena_format(fixture->arena, "[provider op]\n%s\n" FIXTURE_PROVIDER, settings[i]);
        assert_works(fixture->arena, fixture_config_load(fixture, provider));
        if (provider_load(fixture->context, "op", NULL, &fixture->provider) == 0)
            fail_msg("[provider op] %s", settings[i]);
        assert_non_null(strstr(fixture->arena->error.detail, "latchkey.conf:5: "));
        assert_fails(fixture->arena, ERROR_CONFIG, -1);
    }
    assert_fails(fixture->arena, ERROR_CONFIG,
                 fixture_config_load(fixture, "[policy]\ndenied_subjects = 1" OP));
    assert_fails(fixture->arena, ERROR_CONFIG,
                 fixture_config_load(fixture, "[policy]\nallowed_email_domain = example.org" OP));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(without_rules_everybody_may_come),
        fixture_test(an_address_in_the_domain_is_let_in),
        fixture_test(what_only_looks_like_the_domain_is_not),
        fixture_test(an_address_that_nobody_verified_is_anybodys),
        fixture_test(a_domain_in_another_script_is_its_form_in_ascii),
        fixture_test(a_listed_address_is_let_in),
        fixture_test(one_of_the_lists_is_enough),
        fixture_test(a_file_lists_one_a_line),
        fixture_test(a_file_that_is_wrong_lets_nobody_in),
        fixture_test(a_file_has_an_end),
        fixture_test(no_file_is_no_mistake),
        fixture_test(a_denied_address_is_refused_verified_or_not),
        fixture_test(a_denied_subject_is_refused_at_its_provider),
        fixture_test(a_group_is_required),
        fixture_test(a_claim_counts_where_the_rule_looks),
        fixture_test(all_kinds_of_rules_must_hold),
        fixture_test(site_and_provider_must_agree),
        fixture_test(a_providers_rules_are_its_own),
        fixture_test(mistakes_are_told_with_file_and_line),
    };
    return cmocka_run_group_tests_name("policy", tests, NULL, NULL);
}

/* login/rule: whom a gate lets pass, by each setting, and that a mistake opens none. */
#include "fixture.h"
#include "sql.h"

#include "login/membership.h"
#include "login/rule.h"

#define OP "\n[provider op]\n" FIXTURE_PROVIDER
#define OTHER "\n[provider other]\n" FIXTURE_PROVIDER "identity_issuer = https://other.example\n"

static const char *const everybody_named[] = {"staff", NULL};

/* A site with this [rule gate], and one provider. */
static void configure(struct fixture *fixture, const char *rule) {
    fixture_config(fixture, arena_format(fixture->arena, "[rule gate]\n%s" OP, rule));
}

static struct person ada(const char *email) {
    return (struct person){
        .issuer = FIXTURE_ISSUER,
        .subject = "ada-1",
        .email = email,
        .email_verified = email != NULL,
    };
}

static const struct json *groups_of(struct arena *arena, const char *const *names) {
    struct json *groups = json_array(arena);
    for (; *names != NULL; names++)
        json_append(groups, json_text(arena, *names));
    return groups;
}

static void take_session(struct fixture *fixture, const struct account_ids *ids) {
    const struct session_origin origin = {.issuer = FIXTURE_ISSUER};
    const struct request request = fixture_request(fixture);
    struct response response;
    bool replaced = false;
    response_open(fixture->arena, &response);
    assert_works(fixture->arena,
                 session_issue(fixture->context, &request, &response, ids, &origin, &replaced));
    fixture_take(fixture, &response);
}

/* Signs in; `groups` ends with NULL. */
static struct account_ids sign_in(struct fixture *fixture, const struct person *person,
                                  const char *const *groups) {
    struct account_ids ids;
    assert_works(fixture->arena, database_begin(fixture->context));
    struct person whole = *person;
    whole.groups = groups == NULL ? NULL : groups_of(fixture->arena, groups);
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &whole, true, &ids));
    take_session(fixture, &ids);
    assert_works(fixture->arena, database_commit(fixture->context));
    return ids;
}

static struct caller caller(struct fixture *fixture) {
    const struct request request = fixture_request(fixture);
    struct caller caller;
    assert_works(fixture->arena, caller_load(fixture->context, &request, &caller));
    return caller;
}

static int check(struct fixture *fixture, const char *names) {
    const struct caller who = caller(fixture);
    return rule_check(fixture->context, names, &who);
}

static void assert_passes(struct fixture *fixture) {
    assert_works(fixture->arena, check(fixture, "gate"));
}

static void assert_refused(struct fixture *fixture, const char *detail) {
    if (check(fixture, "gate") == 0)
        fail_msg("passes where this should refuse: %s", detail);
    assert_int_equal(fixture->arena->error.rule, ERROR_RULE);
    assert_string_equal(fixture->arena->error.detail, detail);
    arena_forget_error(fixture->arena);
}

/* ---- without rules --------------------------------------------------------------------------- */

static void being_signed_in_suffices_where_no_rule_is_asked_for(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    assert_fails(fixture->arena, ERROR_UNAUTHENTICATED, check(fixture, NULL));
    sign_in(fixture, &person, NULL);
    assert_works(fixture->arena, check(fixture, NULL));
}

static void strangers_pass_no_rule(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "denied_emails = mallory@example.org");
    assert_fails(fixture->arena, ERROR_UNAUTHENTICATED, check(fixture, "gate"));
}

/* ---- addresses ------------------------------------------------------------------------------- */

static void an_allowed_address_passes(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("Ada@example.org");
    sign_in(fixture, &person, NULL);
    configure(fixture, "allowed_email_domains = example.com EXAMPLE.org");
    assert_passes(fixture);
    configure(fixture, "allowed_emails = ada@example.org");
    assert_passes(fixture);
    configure(fixture, "allowed_email_domains = example.com\nallowed_emails = ada@example.org");
    assert_passes(fixture);
}

static void other_addresses_do_not(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@sub.example.org");
    sign_in(fixture, &person, NULL);
    configure(fixture, "allowed_email_domains = example.org");
    assert_refused(fixture, "[rule gate] allowed_email_domains");
    configure(fixture, "allowed_emails = ada@example.org");
    assert_refused(fixture, "[rule gate] allowed_emails");
}

static void an_address_that_nobody_verified_does_not(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada("ada@example.org");
    person.email_verified = false;
    sign_in(fixture, &person, NULL);
    configure(fixture, "allowed_email_domains = example.org");
    assert_refused(fixture, "[rule gate] allowed_email_domains: the address is not verified");
}

static void a_file_of_addresses_is_read(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    const char *path = house_path(&fixture->house, "guests.txt");
    sign_in(fixture, &person, NULL);
    configure(fixture, "allowed_emails_file = guests.txt");
    assert_fails(fixture->arena, ERROR_CONFIG, check(fixture, "gate"));
    house_write(path, "; guests\nbob@example.org\n", 0600);
    assert_refused(fixture, "[rule gate] allowed_emails_file");
    house_write(path, "; guests\nada@example.org\n", 0600);
    assert_passes(fixture);
}

/* ---- subjects -------------------------------------------------------------------------------- */

static void our_own_subject_is_judged_and_not_the_providers(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, NULL);
    const char *sub = caller(fixture).session->sub;
    configure(fixture, arena_format(fixture->arena, "allowed_subjects = x %s", sub));
    assert_passes(fixture);
    configure(fixture, "allowed_subjects = ada-1");
    assert_refused(fixture, "[rule gate] allowed_subjects");
    configure(fixture, arena_format(fixture->arena, "denied_subjects = x %s", sub));
    assert_refused(fixture, "[rule gate] denied_subjects");
    configure(fixture, "denied_subjects = ada-1");
    assert_passes(fixture);
}

static void a_subject_may_stand_beside_a_domain(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("guest@example.net");
    sign_in(fixture, &person, NULL);
    const char *sub = caller(fixture).session->sub;
    const char *rule = "allowed_email_domains = example.org\nallowed_subjects = %s";
    configure(fixture, arena_format(fixture->arena, rule, sub));
    assert_passes(fixture);
    configure(fixture, arena_format(fixture->arena, rule, "somebody-else"));
    assert_refused(fixture, "[rule gate] allowed_email_domains");
}

static void denied_is_denied_though_allowed(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, NULL);
    configure(fixture,
              arena_format(fixture->arena, "allowed_subjects = %s\ndenied_emails = ADA@example.org",
                           caller(fixture).session->sub));
    assert_refused(fixture, "[rule gate] denied_emails");
}

/* ---- providers and groups -------------------------------------------------------------------- */

static void the_provider_that_one_came_by_is_judged(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, NULL);
    configure(fixture, "providers = op" OTHER);
    assert_passes(fixture);
    configure(fixture, "providers = other" OTHER);
    assert_refused(fixture, "[rule gate] providers");
    configure(fixture, "providers = other op" OTHER);
    assert_passes(fixture);
}

static void one_of_the_groups_is_enough(void **state) {
    static const char *const told[] = {"staff", "IT admins", NULL};
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, told);
    configure(fixture, "groups = board staff");
    assert_passes(fixture);
    configure(fixture, "groups = board 'IT admins'");
    assert_passes(fixture);
    configure(fixture, "groups = 'staff'");
    assert_passes(fixture);
}

static void what_only_looks_like_a_group_is_not(void **state) {
    static const char *const told[] = {"staffer", "Staff",  "staf", "IT",
                                       "admins",  " staff", "",     NULL};
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, told);
    configure(fixture, "groups = staff 'IT admins'");
    assert_refused(fixture, "[rule gate] groups");
}

static void who_was_told_no_groups_is_in_none(void **state) {
    static const char *const none[] = {NULL};
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    configure(fixture, "groups = staff");
    sign_in(fixture, &person, NULL);
    assert_refused(fixture, "[rule gate] groups");
    sign_in(fixture, &person, none);
    assert_refused(fixture, "[rule gate] groups");
}

static void groups_are_those_of_the_last_login(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    configure(fixture, "groups = staff");
    sign_in(fixture, &person, everybody_named);
    assert_passes(fixture);
    sign_in(fixture, &person, NULL);
    assert_refused(fixture, "[rule gate] groups");
}

/* ---- identities that nobody signed in by ----------------------------------------------------- */

/* Two identities of one account: the old one may all, and signed in years ago. */
static struct account_ids two_identities(struct fixture *fixture, int64_t *old) {
    const struct person person = ada("ada@example.org");
    struct person other = ada("ada@example.net");
    struct account_ids ids;
    other.issuer = "https://other.example";
    *old = sign_in(fixture, &person, everybody_named).identity;
    const int64_t account = caller(fixture).session->account;
    fixture->house.clock.fixed += 86400;
    assert_works(fixture->arena,
                 account_link(fixture->context, account, &fixture->provider, &other, &ids));
    return sign_in(fixture, &other, NULL);
}

static void an_identity_that_only_fell_to_the_session_vouches_for_nothing(void **state) {
    static const char *const rules[] = {"allowed_email_domains = example.org", "providers = op",
                                        "groups = staff"};
    struct fixture *fixture = *state;
    int64_t old = 0;
    struct account_ids ids = two_identities(fixture, &old);
    struct caller who = caller(fixture);
    assert_works(fixture->arena,
                 session_leave_identity(fixture->context, who.session, ids.identity, old));
    assert_works(fixture->arena, account_unlink(fixture->context, ids.account, ids.identity));
    assert_int_equal(caller(fixture).session->identity, old);
    for (size_t i = 0; i < FIXTURE_COUNT(rules); i++) {
        configure(fixture, rules[i]);
        assert_fails(fixture->arena, ERROR_RULE, check(fixture, "gate"));
    }
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, everybody_named);
    for (size_t i = 0; i < FIXTURE_COUNT(rules); i++) {
        configure(fixture, rules[i]);
        assert_passes(fixture);
    }
}

static void another_identity_of_the_account_vouches_for_nothing_either(void **state) {
    struct fixture *fixture = *state;
    int64_t old = 0;
    two_identities(fixture, &old);
    configure(fixture, "groups = staff");
    assert_refused(fixture, "[rule gate] groups");
    configure(fixture, "allowed_email_domains = example.org");
    assert_refused(fixture, "[rule gate] allowed_email_domains");
}

static void but_each_of_them_can_be_denied(void **state) {
    struct fixture *fixture = *state;
    int64_t old = 0;
    two_identities(fixture, &old);
    configure(fixture, "denied_emails = ada@example.org");
    assert_refused(fixture, "[rule gate] denied_emails");
    configure(fixture, "denied_emails = ada@example.net");
    assert_refused(fixture, "[rule gate] denied_emails");
}

/* ---- time, and several rules ----------------------------------------------------------------- */

static void a_login_that_is_too_old_is_to_be_repeated(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    configure(fixture, "recent = 15m");
    sign_in(fixture, &person, NULL);
    fixture->house.clock.fixed += 900;
    assert_passes(fixture);
    fixture->house.clock.fixed += 1;
    assert_fails(fixture->arena, ERROR_UNAUTHENTICATED, check(fixture, "gate"));
    sign_in(fixture, &person, NULL);
    assert_passes(fixture);
}

static void all_rules_that_are_named_must_hold(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, everybody_named);
    configure(fixture, "groups = staff\n[rule lately]\nrecent = 15m\n[rule board]\ngroups = board");
    assert_works(fixture->arena, check(fixture, "gate lately"));
    assert_works(fixture->arena, check(fixture, " lately  gate "));
    assert_fails(fixture->arena, ERROR_RULE, check(fixture, "gate board"));
    assert_fails(fixture->arena, ERROR_RULE, check(fixture, "board gate"));
    fixture->house.clock.fixed += 901;
    assert_fails(fixture->arena, ERROR_UNAUTHENTICATED, check(fixture, "gate lately"));
    /* To sign in once more would not help. */
    assert_fails(fixture->arena, ERROR_RULE, check(fixture, "lately board"));
}

/* ---- mistakes -------------------------------------------------------------------------------- */

static void a_rule_that_is_not_there_lets_nobody_pass(void **state) {
    static const char *const names[] = {
        "",        " ",         "other", "gate other", "other gate",
        "Gate",    "gate,gate", "ga",    "gate/",      "gate\tstaff",
        "../gate", "[gate]",    "*",     "gate\n",     "a b c d e f g h i j k l m n o p q",
    };
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    configure(fixture, "denied_emails = mallory@example.org");
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++)
        assert_fails(fixture->arena, ERROR_CONFIG, check(fixture, names[i]));
    sign_in(fixture, &person, everybody_named);
    assert_passes(fixture);
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++) {
        assert_fails(fixture->arena, ERROR_CONFIG, check(fixture, names[i]));
        assert_fails(fixture->arena, ERROR_CONFIG, rule_check_names(fixture->context, names[i]));
    }
    assert_works(fixture->arena, rule_check_names(fixture->context, "gate"));
}

static void only_so_many_rules_are_judged_at_once(void **state) {
    struct fixture *fixture = *state;
    configure(fixture, "denied_emails = mallory@example.org");
    assert_works(fixture->arena,
                 rule_check_names(fixture->context, "gate gate gate gate gate gate gate gate gate "
                                                    "gate gate gate gate gate gate gate"));
    assert_fails(fixture->arena, ERROR_CONFIG,
                 rule_check_names(fixture->context, "gate gate gate gate gate gate gate gate gate "
                                                    "gate gate gate gate gate gate gate gate"));
}

static void a_mistake_lets_nobody_pass(void **state) {
    static const char *const rules[] = {
        "",
        "allowed_email_domains =",
        "allowed_email_domains = @example.org",
        "allowed_emails = example.org",
        "allowed_emails =",
        "allowed_emails_file =",
        "allowed_subjects =",
        "denied_emails = mallory",
        "denied_emails =",
        "denied_subjects =",
        "providers =",
        "providers = nobody",
        "providers = op nobody",
        "groups =",
        "groups = '",
        "groups = ''",
        "groups = 'staff",
        "groups = staff'",
        "groups = st'aff",
        "groups = 'staff'board",
        "groups = staff" OTHER,
        "recent =",
        "recent = 15",
        "recent = 0m",
        "recent = soon",
        "require = groups contains staff",
        "group = staff",
        "allowed_groups = staff",
    };
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, everybody_named);
    for (size_t i = 0; i < FIXTURE_COUNT(rules); i++) {
        configure(fixture, rules[i]);
        if (check(fixture, "gate") == 0)
            fail_msg("passes: %s", rules[i]);
        if (fixture->arena->error.rule != ERROR_CONFIG)
            fail_msg("%s: %s", rules[i], fixture->arena->error.detail);
        assert_non_null(strstr(fixture->arena->error.detail, "latchkey.conf:"));
        arena_forget_error(fixture->arena);
    }
}

static void groups_of_one_among_several_providers_are_asked_for_by_its_name(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, everybody_named);
    configure(fixture, "groups = staff\nproviders = op" OTHER);
    assert_passes(fixture);
}

static void groups_in_the_database_that_are_none_let_nobody_pass(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada("ada@example.org");
    sign_in(fixture, &person, everybody_named);
    configure(fixture, "groups = staff");
    sql(fixture, "UPDATE identity_groups SET groups = '\"staff\"'");
    assert_fails(fixture->arena, ERROR_DATABASE, check(fixture, "gate"));
    sql(fixture, "UPDATE identity_groups SET groups = '[\"staff\"'");
    assert_fails(fixture->arena, ERROR_DATABASE, check(fixture, "gate"));
    sql(fixture, "UPDATE identity_groups SET groups = '[[\"staff\"],{\"staff\":true}]'");
    assert_refused(fixture, "[rule gate] groups");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(being_signed_in_suffices_where_no_rule_is_asked_for),
        fixture_test(strangers_pass_no_rule),
        fixture_test(an_allowed_address_passes),
        fixture_test(other_addresses_do_not),
        fixture_test(an_address_that_nobody_verified_does_not),
        fixture_test(a_file_of_addresses_is_read),
        fixture_test(our_own_subject_is_judged_and_not_the_providers),
        fixture_test(a_subject_may_stand_beside_a_domain),
        fixture_test(denied_is_denied_though_allowed),
        fixture_test(the_provider_that_one_came_by_is_judged),
        fixture_test(one_of_the_groups_is_enough),
        fixture_test(what_only_looks_like_a_group_is_not),
        fixture_test(who_was_told_no_groups_is_in_none),
        fixture_test(groups_are_those_of_the_last_login),
        fixture_test(an_identity_that_only_fell_to_the_session_vouches_for_nothing),
        fixture_test(another_identity_of_the_account_vouches_for_nothing_either),
        fixture_test(but_each_of_them_can_be_denied),
        fixture_test(a_login_that_is_too_old_is_to_be_repeated),
        fixture_test(all_rules_that_are_named_must_hold),
        fixture_test(a_rule_that_is_not_there_lets_nobody_pass),
        fixture_test(only_so_many_rules_are_judged_at_once),
        fixture_test(a_mistake_lets_nobody_pass),
        fixture_test(groups_of_one_among_several_providers_are_asked_for_by_its_name),
        fixture_test(groups_in_the_database_that_are_none_let_nobody_pass),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

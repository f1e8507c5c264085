/* login/account: an account is found by issuer and subject, and by nothing else. */
#include "fixture.h"

#include "login/account.h"

static struct account_ids sign_in(struct fixture *fixture, const struct person *person) {
    struct account_ids ids;
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, person, &ids));
    assert_works(fixture->arena, database_commit(fixture->context));
    return ids;
}

static struct person ada(void) {
    return (struct person){
        .issuer = FIXTURE_ISSUER,
        .subject = "ada",
        .name = "Ada Lovelace",
        .email = "ada@example.org",
        .email_verified = true,
        .picture = "https://op.example/ada.png",
        .locale = "en",
    };
}

static const char *identities_of(struct fixture *fixture, int64_t account) {
    struct json *identities = NULL;
    assert_works(fixture->arena, account_identities(fixture->context, account, &identities));
    return json_write(fixture->arena, identities);
}

static void the_first_login_makes_an_account_and_the_next_finds_it(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    struct account_ids second = sign_in(fixture, &person);
    assert_true(first.created);
    assert_false(second.created);
    assert_int_equal(first.account, second.account);
    assert_int_equal(first.identity, second.identity);
}

static void the_same_address_is_not_the_same_account(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    person.subject = "mallory";
    struct account_ids second = sign_in(fixture, &person);
    assert_true(second.created);
    assert_int_not_equal(first.account, second.account);
}

static void the_same_subject_of_another_issuer_is_somebody_else(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    const char *issuers[] = {"https://other.example", FIXTURE_ISSUER "/", "https://OP.example"};
    struct account_ids first = sign_in(fixture, &person);
    for (size_t i = 0; i < FIXTURE_COUNT(issuers); i++) {
        person.issuer = issuers[i];
        struct account_ids other = sign_in(fixture, &person);
        assert_true(other.created);
        assert_int_not_equal(first.account, other.account);
    }
}

static void subjects_are_compared_byte_for_byte(void **state) {
    struct fixture *fixture = *state;
    const char *subjects[] = {
        "ada", "Ada", "ada ", " ada", "ad\xC3\xA1", "ada%", "'ada", "ada'--",         "ada\";",
        "_da", "1",   "01",   "1.0",  "1e0",        "0x1",  "NULL", "ada\xE2\x80\x8B"};
    struct person person = ada();
    int64_t accounts[FIXTURE_COUNT(subjects)];
    for (size_t i = 0; i < FIXTURE_COUNT(subjects); i++) {
        person.subject = subjects[i];
        struct account_ids ids = sign_in(fixture, &person);
        assert_true(ids.created);
        accounts[i] = ids.account;
    }
    for (size_t i = 0; i < FIXTURE_COUNT(subjects); i++) {
        person.subject = subjects[i];
        assert_int_equal(sign_in(fixture, &person).account, accounts[i]);
    }
}

static void a_login_brings_the_record_up_to_date(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    struct account_ids ids = sign_in(fixture, &person);
    assert_string_equal(identities_of(fixture, ids.account),
                        "[{\"provider\":\"op\",\"sub\":\"ada\",\"email\":\"ada@example.org\"}]");
    person.email = "countess@example.org";
    sign_in(fixture, &person);
    assert_string_equal(
        identities_of(fixture, ids.account),
        "[{\"provider\":\"op\",\"sub\":\"ada\",\"email\":\"countess@example.org\"}]");
    person.email = NULL;
    sign_in(fixture, &person);
    assert_string_equal(identities_of(fixture, ids.account),
                        "[{\"provider\":\"op\",\"sub\":\"ada\"}]");
}

static void a_person_may_be_known_by_nothing_but_a_subject(void **state) {
    struct fixture *fixture = *state;
    const struct person person = {.issuer = FIXTURE_ISSUER, .subject = "x"};
    struct account_ids ids = sign_in(fixture, &person);
    assert_true(ids.created);
    assert_string_equal(identities_of(fixture, ids.account),
                        "[{\"provider\":\"op\",\"sub\":\"x\"}]");
}

static void unusual_subjects_come_back_as_they_were(void **state) {
    struct fixture *fixture = *state;
    const char *subjects[] = {"\xEA\xB9\x80\xED\x95\x98\xEB\x8A\x98", "\xF0\x9F\xA6\x8A", "a\"b\\c",
                              "Robert'); DROP TABLE accounts;--", "%s%n"};
    for (size_t i = 0; i < FIXTURE_COUNT(subjects); i++) {
        struct person person = {.issuer = FIXTURE_ISSUER, .subject = subjects[i]};
        struct json *identities = NULL;
        struct account_ids ids = sign_in(fixture, &person);
        assert_works(fixture->arena,
                     account_identities(fixture->context, ids.account, &identities));
        assert_int_equal(identities->count, 1);
        assert_string_equal(json_string(identities->first, "sub"), subjects[i]);
    }
}

static void an_unknown_account_has_no_identities(void **state) {
    struct fixture *fixture = *state;
    assert_string_equal(identities_of(fixture, 4711), "[]");
}

static void what_is_rolled_back_was_never_there(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids ids;
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, &ids));
    database_rollback(fixture->context);
    assert_true(sign_in(fixture, &person).created);
}

/* In processes of their own: each with a database handle and an arena of its own. */
static int sign_in_once(void *closure, int number) {
    struct fixture *fixture = closure;
    struct account_ids ids;
    const struct person person = ada();
    (void)number;
    fixture->context->database = database_new();
    if (database_begin(fixture->context) != 0)
        return 1;
    if (account_sign_in(fixture->context, &fixture->provider, &person, &ids) != 0)
        return 2;
    return database_commit(fixture->context) == 0 ? 0 : 3;
}

static void first_logins_at_once_make_one_account(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    house_race(8, sign_in_once, fixture);
    struct account_ids ids = sign_in(fixture, &person);
    assert_false(ids.created);
    assert_int_equal(ids.account, 1);
    assert_int_equal(ids.identity, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_first_login_makes_an_account_and_the_next_finds_it),
        fixture_test(the_same_address_is_not_the_same_account),
        fixture_test(the_same_subject_of_another_issuer_is_somebody_else),
        fixture_test(subjects_are_compared_byte_for_byte),
        fixture_test(a_login_brings_the_record_up_to_date),
        fixture_test(a_person_may_be_known_by_nothing_but_a_subject),
        fixture_test(unusual_subjects_come_back_as_they_were),
        fixture_test(an_unknown_account_has_no_identities),
        fixture_test(what_is_rolled_back_was_never_there),
        fixture_test(first_logins_at_once_make_one_account),
    };
    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}

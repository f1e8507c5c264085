/* login/account: an account is found by issuer and subject, and by nothing else unless the operator says so; its
 * ways in, and what it shows of them. */
#include "fixture.h"
#include "sql.h"

#include "login/account.h"
#include "login/event.h"

#define OTHER "https://other.example"

static struct account_ids sign_in(struct fixture *fixture, const struct person *person) {
    struct account_ids ids;
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, person, true, &ids));
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

/* "op ada ada@example.org; …", "-" for an address that is not known. */
static const char *identities_of(struct fixture *fixture, int64_t account) {
    struct identity *identities = NULL;
    struct buffer text;
    buffer_open(fixture->arena, &text);
    assert_works(fixture->arena, account_identities(fixture->context, account, &identities));
    for (; identities != NULL; identities = identities->next)
        buffer_add_format(&text, "%s %s %s; ", identities->provider, identities->subject,
                          identities->email != NULL ? identities->email : "-");
    return text.bytes;
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
    assert_string_equal(identities_of(fixture, ids.account), "op ada ada@example.org; ");
    person.email = "countess@example.org";
    sign_in(fixture, &person);
    assert_string_equal(identities_of(fixture, ids.account), "op ada countess@example.org; ");
    person.email = NULL;
    sign_in(fixture, &person);
    assert_string_equal(identities_of(fixture, ids.account), "op ada -; ");
}

/* account_ids.changed and renamed; the name that the account shows; when it was updated and who was in last. */
static void assert_follows(struct fixture *fixture, const struct person *person,
                           const char *expected) {
    fixture->house.clock.fixed += 10;
    struct account_ids ids = sign_in(fixture, person);
    const char *told = sql(fixture, "SELECT a.name, a.picture, a.locale, last_login_at - updated_at"
                                    " FROM accounts a JOIN identities i ON i.account = a.id");
    assert_string_equal(arena_format(fixture->arena, "%s%s%s", ids.changed ? "changed " : "",
                                     ids.renamed ? "renamed " : "", told),
                        expected);
}

static void what_is_told_again_is_not_written_again(void **state) {
    struct fixture *fixture = *state;
    struct person person = {.issuer = FIXTURE_ISSUER, .subject = "ada", .name = "Ada"};
    assert_follows(fixture, &person, "changed Ada|NULL|NULL|0");
    assert_follows(fixture, &person, "Ada|NULL|NULL|10");
    person.name = NULL; /* told once: it stays */
    assert_follows(fixture, &person, "Ada|NULL|NULL|20");
    person.name = "Countess";
    assert_follows(fixture, &person, "renamed Countess|NULL|NULL|0");
    person.picture = "https://op.example/ada.png";
    assert_follows(fixture, &person, "renamed Countess|https://op.example/ada.png|NULL|0");
    person.picture = NULL;
    assert_follows(fixture, &person, "renamed Countess|NULL|NULL|0");
    person.locale = "en";
    assert_follows(fixture, &person, "Countess|NULL|en|10");
    person.locale = NULL;
    assert_follows(fixture, &person, "Countess|NULL|en|20");
    person.email = "ada@example.org";
    assert_follows(fixture, &person, "changed Countess|NULL|en|0");
}

static void a_person_may_be_known_by_nothing_but_a_subject(void **state) {
    struct fixture *fixture = *state;
    const struct person person = {.issuer = FIXTURE_ISSUER, .subject = "x"};
    struct account_ids ids = sign_in(fixture, &person);
    assert_true(ids.created);
    assert_string_equal(identities_of(fixture, ids.account), "op x -; ");
}

static void unusual_subjects_come_back_as_they_were(void **state) {
    struct fixture *fixture = *state;
    const char *subjects[] = {"\xEA\xB9\x80\xED\x95\x98\xEB\x8A\x98", "\xF0\x9F\xA6\x8A", "a\"b\\c",
                              "Robert'); DROP TABLE accounts;--", "%s%n"};
    for (size_t i = 0; i < FIXTURE_COUNT(subjects); i++) {
        struct person person = {.issuer = FIXTURE_ISSUER, .subject = subjects[i]};
        struct identity *identities = NULL;
        struct account_ids ids = sign_in(fixture, &person);
        assert_works(fixture->arena,
                     account_identities(fixture->context, ids.account, &identities));
        assert_non_null(identities);
        assert_null(identities->next);
        assert_int_equal(identities->id, ids.identity);
        assert_string_equal(identities->subject, subjects[i]);
    }
}

static void an_unknown_account_has_no_identities(void **state) {
    struct fixture *fixture = *state;
    assert_string_equal(identities_of(fixture, 4711), "");
}

static void what_is_rolled_back_was_never_there(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids ids;
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
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
    if (account_sign_in(fixture->context, &fixture->provider, &person, true, &ids) != 0)
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

/* ---- more than one way in -------------------------------------------------------------------- */

/* Somebody at the other provider. */
static struct person at_other(const char *subject) {
    return (struct person){
        .issuer = OTHER,
        .subject = subject,
        .name = "Countess",
        .email = "countess@other.example",
        .email_verified = true,
        .picture = "https://other.example/c.png",
    };
}

static struct provider other_provider(struct fixture *fixture) {
    struct provider provider = fixture->provider;
    provider.id = "other";
    return provider;
}

static int try_link(struct fixture *fixture, int64_t account, const struct person *person,
                    struct account_ids *ids) {
    const struct provider provider = other_provider(fixture);
    return account_link(fixture->context, account, &provider, person, ids);
}

static int64_t link_to(struct fixture *fixture, int64_t account, const char *subject) {
    struct account_ids ids;
    const struct person person = at_other(subject);
    assert_works(fixture->arena, try_link(fixture, account, &person, &ids));
    return ids.identity;
}

static int64_t sign_in_at_other(struct fixture *fixture, const struct person *person) {
    struct account_ids ids;
    const struct provider provider = other_provider(fixture);
    assert_works(fixture->arena, account_sign_in(fixture->context, &provider, person, true, &ids));
    return ids.account;
}

/* "name|email|email_verified|picture" as the account shows them. */
static const char *shown(struct fixture *fixture, int64_t account) {
    return sql(fixture, arena_format(fixture->arena,
                                     "SELECT name, email, email_verified, picture FROM accounts"
                                     " WHERE id = %lld",
                                     (long long)account));
}

static void assert_sound(struct fixture *fixture) {
    assert_string_equal(sql(fixture, "PRAGMA foreign_key_check"), "");
    assert_string_equal(sql(fixture, "PRAGMA integrity_check"), "ok");
}

static void a_linked_identity_leads_to_the_same_account(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    const struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    struct account_ids linked;
    assert_works(fixture->arena, try_link(fixture, first.account, &countess, &linked));
    assert_true(linked.linked);
    assert_int_equal(linked.account, first.account);
    assert_int_not_equal(linked.identity, first.identity);
    assert_int_equal(sign_in_at_other(fixture, &countess), first.account);
    assert_int_equal(sign_in(fixture, &person).account, first.account);
    assert_string_equal(identities_of(fixture, first.account),
                        "op ada ada@example.org; other c countess@other.example; ");
}

static void linking_again_changes_only_what_the_provider_tells(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    int64_t identity = link_to(fixture, first.account, "c");
    struct account_ids again;
    countess.email = "new@other.example";
    assert_works(fixture->arena, try_link(fixture, first.account, &countess, &again));
    assert_false(again.linked);
    assert_int_equal(again.identity, identity);
    assert_string_equal(identities_of(fixture, first.account),
                        "op ada ada@example.org; other c new@other.example; ");
}

static void an_identity_of_somebody_else_is_not_linked(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    int64_t owner = sign_in_at_other(fixture, &countess);
    struct account_ids ids;
    countess.name = "Somebody"; /* nor does he learn or change anything */
    assert_fails(fixture->arena, ERROR_IDENTITY_TAKEN,
                 try_link(fixture, first.account, &countess, &ids));
    assert_string_equal(identities_of(fixture, first.account), "op ada ada@example.org; ");
    assert_string_equal(shown(fixture, owner),
                        "Countess|countess@other.example|1|https://other.example/c.png");
    assert_true(strstr(shown(fixture, first.account), "Ada Lovelace") != NULL);
}

static void an_address_links_nobody(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    struct account_ids ids;
    sign_in_at_other(fixture, &countess);
    countess.subject = "another";
    assert_works(fixture->arena, try_link(fixture, first.account, &countess, &ids));
    assert_int_equal(ids.account, first.account);
}

static void an_unlinked_identity_is_nobodys(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    const struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    int64_t identity = link_to(fixture, first.account, "c");
    assert_works(fixture->arena, account_unlink(fixture->context, first.account, identity));
    assert_string_equal(identities_of(fixture, first.account), "op ada ada@example.org; ");
    assert_int_not_equal(sign_in_at_other(fixture, &countess), first.account);
    assert_sound(fixture);
}

static void the_first_may_go_where_there_is_another(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    link_to(fixture, first.account, "c");
    assert_works(fixture->arena, account_unlink(fixture->context, first.account, first.identity));
    assert_string_equal(identities_of(fixture, first.account), "other c countess@other.example; ");
    assert_string_equal(shown(fixture, first.account),
                        "Countess|countess@other.example|1|https://other.example/c.png");
    assert_sound(fixture);
}

static void the_last_way_in_stays(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    int64_t identity = link_to(fixture, first.account, "c");
    assert_works(fixture->arena, account_unlink(fixture->context, first.account, first.identity));
    assert_fails(fixture->arena, ERROR_LAST_IDENTITY,
                 account_unlink(fixture->context, first.account, identity));
    assert_string_equal(identities_of(fixture, first.account), "other c countess@other.example; ");
}

static void ids_of_others_are_none(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    const struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    int64_t second = link_to(fixture, first.account, "second");
    int64_t owner = sign_in_at_other(fixture, &countess);
    struct identity *foreign = NULL;
    assert_works(fixture->arena, account_identities(fixture->context, owner, &foreign));
    const int64_t ids[] = {foreign->id, 0, -1, 4711, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < FIXTURE_COUNT(ids); i++) {
        assert_fails(fixture->arena, ERROR_NOT_YOURS,
                     account_unlink(fixture->context, first.account, ids[i]));
        assert_fails(fixture->arena, ERROR_NOT_YOURS,
                     account_show(fixture->context, first.account, ids[i], second));
        assert_fails(fixture->arena, ERROR_NOT_YOURS,
                     account_show(fixture->context, first.account, second, ids[i]));
    }
    assert_string_equal(sql(fixture, "SELECT count(*) FROM shown"), "0");
    assert_string_equal(identities_of(fixture, owner), "other c countess@other.example; ");
}

static void unlinking_twice_finds_it_gone(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    int64_t identity = link_to(fixture, first.account, "c");
    assert_works(fixture->arena, account_unlink(fixture->context, first.account, identity));
    assert_fails(fixture->arena, ERROR_NOT_YOURS,
                 account_unlink(fixture->context, first.account, identity));
}

/* ---- what is shown --------------------------------------------------------------------------- */

#define ADA_SHOWN "Ada Lovelace|ada@example.org|1|https://op.example/ada.png"

static void without_a_choice_the_first_identity_is_shown(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    int64_t name = 0;
    int64_t email = 0;
    link_to(fixture, first.account, "c");
    assert_string_equal(shown(fixture, first.account), ADA_SHOWN);
    countess.name = "Changed";
    sign_in_at_other(fixture, &countess);
    assert_string_equal(shown(fixture, first.account), ADA_SHOWN);
    person.name = "Ada King";
    person.picture = NULL;
    sign_in(fixture, &person);
    assert_string_equal(shown(fixture, first.account), "Ada King|ada@example.org|1|NULL");
    assert_works(fixture->arena, account_shown(fixture->context, first.account, &name, &email));
    assert_int_equal(name, first.identity);
    assert_int_equal(email, first.identity);
}

/* Name and picture of one, address of the other; each follows its own identity and no other. */
static void what_is_chosen_follows_its_identity_alone(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    int64_t second = link_to(fixture, first.account, "c");
    assert_works(fixture->arena,
                 account_show(fixture->context, first.account, second, first.identity));
    assert_string_equal(shown(fixture, first.account),
                        "Countess|ada@example.org|1|https://other.example/c.png");
    person.name = "Ada King";
    person.picture = "https://op.example/king.png";
    person.email = "king@example.org";
    person.email_verified = false;
    sign_in(fixture, &person);
    assert_string_equal(shown(fixture, first.account),
                        "Countess|king@example.org|0|https://other.example/c.png");
    countess.name = "Lady";
    countess.email = "lady@other.example";
    countess.picture = NULL;
    sign_in_at_other(fixture, &countess);
    assert_string_equal(shown(fixture, first.account), "Lady|king@example.org|0|NULL");
    assert_works(fixture->arena,
                 account_show(fixture->context, first.account, first.identity, second));
    assert_string_equal(shown(fixture, first.account),
                        "Ada King|lady@other.example|1|https://op.example/king.png");
}

static void what_was_chosen_and_unlinked_falls_back_to_the_first(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    int64_t second = link_to(fixture, first.account, "c");
    int64_t name = 0;
    int64_t email = 0;
    assert_works(fixture->arena, account_show(fixture->context, first.account, second, second));
    assert_works(fixture->arena, account_shown(fixture->context, first.account, &name, &email));
    assert_int_equal(name, second);
    assert_int_equal(email, second);
    assert_works(fixture->arena, account_unlink(fixture->context, first.account, second));
    assert_string_equal(shown(fixture, first.account), ADA_SHOWN);
    assert_works(fixture->arena, account_shown(fixture->context, first.account, &name, &email));
    assert_int_equal(name, first.identity);
    assert_int_equal(email, first.identity);
}

/* SQLite gives the number of a row that is gone to the next. */
static void what_was_chosen_and_unlinked_is_not_chosen_when_it_comes_back(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    int64_t second = link_to(fixture, first.account, "c");
    assert_works(fixture->arena, account_show(fixture->context, first.account, second, second));
    assert_works(fixture->arena, account_unlink(fixture->context, first.account, second));
    assert_int_equal(link_to(fixture, first.account, "another"), second);
    assert_string_equal(shown(fixture, first.account), ADA_SHOWN);
    assert_works(fixture->arena,
                 account_show(fixture->context, first.account, second, first.identity));
    assert_works(fixture->arena, account_unlink(fixture->context, first.account, first.identity));
    assert_string_equal(sql(fixture, "SELECT name_identity, email_identity FROM shown"),
                        arena_format(fixture->arena, "%lld|NULL", (long long)second));
}

/* The new address may be anybody's by now. */
static void a_changed_address_moves_no_account(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct person countess = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    fixture->provider.link_verified_email = true;
    link_to(fixture, first.account, "c");
    const struct person grace = {.issuer = FIXTURE_ISSUER,
                                 .subject = "grace",
                                 .email = "grace@example.org",
                                 .email_verified = true};
    struct account_ids other = sign_in(fixture, &grace);
    countess.email = "grace@example.org";
    assert_int_equal(sign_in_at_other(fixture, &countess), first.account);
    assert_int_equal(sign_in(fixture, &grace).account, other.account);
    assert_true(text_starts_with(identities_of(fixture, other.account), "op grace"));
}

static void what_is_told_but_once_stays(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    person.name = NULL;
    person.locale = NULL;
    sign_in(fixture, &person);
    assert_string_equal(shown(fixture, first.account), ADA_SHOWN);
    assert_string_equal(sql(fixture, "SELECT locale FROM accounts"), "en");
    person.locale = "ko";
    sign_in(fixture, &person);
    assert_string_equal(sql(fixture, "SELECT locale FROM accounts"), "ko");
}

/* ---- joined by an address -------------------------------------------------------------------- */

/* Somebody at the other provider with this address, where the site joins by it. */
static struct account_ids join(struct fixture *fixture, const char *email, bool verified) {
    struct account_ids ids;
    struct person person = at_other("joins");
    struct provider provider = other_provider(fixture);
    provider.link_verified_email = true;
    person.email = email;
    person.email_verified = verified;
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena, account_sign_in(fixture->context, &provider, &person, true, &ids));
    database_rollback(fixture->context);
    return ids;
}

static void where_the_site_says_so_a_verified_address_joins(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    static const char *const same[] = {"ada@example.org", "ada@EXAMPLE.org", "ada@Example.Org"};
    for (size_t i = 0; i < FIXTURE_COUNT(same); i++) {
        struct account_ids ids = join(fixture, same[i], true);
        assert_int_equal(ids.account, first.account);
        assert_false(ids.created);
        assert_true(ids.linked);
    }
}

static void an_address_that_is_not_the_same_does_not(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    sign_in(fixture, &person);
    static const char *const others[] = {"Ada@example.org",
                                         "ada@example.com",
                                         "ada@mail.example.org",
                                         "ada+x@example.org",
                                         "%@example.org",
                                         "_da@example.org",
                                         NULL};
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        assert_true(join(fixture, others[i], true).created);
}

static void both_sides_must_be_verified(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    sign_in(fixture, &person);
    assert_true(join(fixture, "ada@example.org", false).created);
    person.email_verified = false;
    sign_in(fixture, &person);
    assert_true(join(fixture, "ada@example.org", true).created);
}

/* The site's word counts for the provider that somebody comes through, and for no other. */
static void another_provider_does_not_join(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    struct person other = at_other("x");
    other.email = person.email;
    fixture->provider.link_verified_email = true;
    struct provider provider = other_provider(fixture);
    provider.link_verified_email = false;
    struct account_ids ids;
    assert_works(fixture->arena, account_sign_in(fixture->context, &provider, &other, true, &ids));
    assert_int_not_equal(ids.account, first.account);
}

static void an_address_of_two_accounts_is_nobodys(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    sign_in(fixture, &person);
    person.subject = "second";
    sign_in(fixture, &person);
    assert_true(join(fixture, "ada@example.org", true).created);
    person.email = "Ada@example.org"; /* nor of three, one of which differs in case */
    person.subject = "third";
    sign_in(fixture, &person);
    assert_true(join(fixture, "ada@example.org", true).created);
}

static void of_two_that_differ_in_case_neither_is_joined(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    sign_in(fixture, &person);
    person.subject = "second";
    person.email = "ADA@example.org";
    sign_in(fixture, &person);
    assert_true(join(fixture, "ada@example.org", true).created);
    assert_true(join(fixture, "ADA@example.org", true).created);
}

static void an_account_that_has_it_twice_is_one(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    struct person second = at_other("c");
    struct account_ids ids;
    second.email = "ADA@example.org";
    assert_works(fixture->arena, try_link(fixture, first.account, &second, &ids));
    second.subject = "d";
    second.email = "ada@example.org";
    assert_works(fixture->arena, try_link(fixture, first.account, &second, &ids));
    assert_int_equal(join(fixture, "ada@example.org", true).account, first.account);
    assert_int_equal(join(fixture, "ADA@example.org", true).account, first.account);
    assert_true(join(fixture, "aDa@example.org", true).created);
}

/* Who was here before comes to his own account, whatever his address is by now. */
static void joining_is_for_the_first_time_alone(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct person other = at_other("c");
    struct account_ids first = sign_in(fixture, &person);
    struct provider provider = other_provider(fixture);
    struct account_ids ids;
    int64_t own = sign_in_at_other(fixture, &other);
    provider.link_verified_email = true;
    other.email = person.email;
    assert_works(fixture->arena, account_sign_in(fixture->context, &provider, &other, true, &ids));
    assert_int_equal(ids.account, own);
    assert_int_not_equal(ids.account, first.account);
}

/* ---- who stays outside ----------------------------------------------------------------------- */

static void with_sign_up_closed_only_known_ones_come_in(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    struct account_ids ids;
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, false, &ids));
    assert_int_equal(ids.account, first.account);
    person.subject = "stranger";
    assert_fails(fixture->arena, ERROR_SIGN_UP_CLOSED,
                 account_sign_in(fixture->context, &fixture->provider, &person, false, &ids));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM accounts"), "1");
    fixture->provider.link_verified_email = true; /* but an address may be that of a known one */
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, false, &ids));
    assert_int_equal(ids.account, first.account);
}

static void a_blocked_account_stays_outside_by_every_way_in(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    link_to(fixture, first.account, "c");
    const struct person countess = at_other("c");
    const struct provider provider = other_provider(fixture);
    struct account_ids ids;
    assert_works(fixture->arena, account_block(fixture->context, first.account));
    assert_works(fixture->arena,
                 account_block(fixture->context, first.account)); /* twice is fine */
    assert_fails(fixture->arena, ERROR_ACCOUNT_BLOCKED,
                 account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
    assert_fails(fixture->arena, ERROR_ACCOUNT_BLOCKED,
                 account_sign_in(fixture->context, &provider, &countess, true, &ids));
    fixture->provider.link_verified_email = true; /* nor by an address */
    person.subject = "another";
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_fails(fixture->arena, ERROR_ACCOUNT_BLOCKED,
                 account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
    database_rollback(fixture->context);
    assert_works(fixture->arena, account_unblock(fixture->context, first.account));
    assert_int_equal(sign_in_at_other(fixture, &countess), first.account);
}

static void blocking_ends_the_sessions(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    sql(fixture,
        arena_format(fixture->arena,
                     "INSERT INTO sessions (id_hash, account, identity, created_at, expires_at,"
                     " last_seen, issuer) VALUES (x'00', %lld, %lld, 1, 1, 1, 'x')",
                     (long long)first.account, (long long)first.identity));
    assert_works(fixture->arena, account_block(fixture->context, first.account));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM sessions"), "0");
}

/* ---- the end --------------------------------------------------------------------------------- */

static void a_deleted_account_leaves_no_row_but_its_events(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    const struct person grace = {.issuer = FIXTURE_ISSUER, .subject = "grace"};
    struct account_ids first = sign_in(fixture, &person);
    struct account_ids other = sign_in(fixture, &grace);
    int64_t second = link_to(fixture, first.account, "c");
    const struct event event = {
        .kind = EVENT_LINKED, .account = first.account, .provider = "other"};
    assert_works(fixture->arena, event_record(fixture->context, NULL, &event));
    assert_works(fixture->arena, account_show(fixture->context, first.account, second, second));
    assert_works(fixture->arena, account_block(fixture->context, first.account));
    sql(fixture, arena_format(fixture->arena,
                              "INSERT INTO tokens (identity, provider, access_token, updated_at)"
                              " VALUES (%lld, 'other', 'x', 1)",
                              (long long)second));
    assert_works(fixture->arena, account_delete(fixture->context, first.account));
    assert_string_equal(
        sql(fixture, "SELECT (SELECT count(*) FROM accounts), (SELECT count(*) FROM identities),"
                     " (SELECT count(*) FROM sessions), (SELECT count(*) FROM shown),"
                     " (SELECT count(*) FROM blocks), (SELECT count(*) FROM tokens)"),
        "1|1|0|0|0|0");
    assert_string_equal(sql(fixture, "SELECT event, account, provider FROM events"),
                        "linked|NULL|other");
    assert_string_equal(identities_of(fixture, other.account), "op grace -; ");
    assert_sound(fixture);
    assert_true(sign_in(fixture, &person).created); /* who comes back is new */
}

static void deleting_nobody_is_fine(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    sign_in(fixture, &person);
    assert_works(fixture->arena, account_delete(fixture->context, 4711));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM accounts"), "1");
}

/* ---- at once --------------------------------------------------------------------------------- */

static int unlink_once(void *closure, int number) {
    struct fixture *fixture = closure;
    fixture->context->database = database_new();
    if (database_begin(fixture->context) != 0)
        return 1;
    int result = account_unlink(fixture->context, 1, number + 1);
    if (result == 0)
        return database_commit(fixture->context) == 0 ? 0 : 2;
    database_rollback(fixture->context);
    return fixture->arena->error.rule == ERROR_LAST_IDENTITY ? 0 : 3;
}

static void of_all_unlinked_at_once_one_stays(void **state) {
    struct fixture *fixture = *state;
    const struct person person = ada();
    struct account_ids first = sign_in(fixture, &person);
    for (int i = 0; i < 7; i++)
        link_to(fixture, first.account, arena_format(fixture->arena, "c%d", i));
    house_race(8, unlink_once, fixture);
    assert_string_equal(sql(fixture, "SELECT count(*) FROM identities"), "1");
    assert_sound(fixture);
}

static int link_once(void *closure, int number) {
    struct fixture *fixture = closure;
    struct account_ids ids;
    const struct person person = at_other("same");
    fixture->context->database = database_new();
    if (database_begin(fixture->context) != 0)
        return 1;
    if (try_link(fixture, number % 2 + 1, &person, &ids) == 0)
        return database_commit(fixture->context) == 0 ? 0 : 2;
    database_rollback(fixture->context);
    return fixture->arena->error.rule == ERROR_IDENTITY_TAKEN ? 0 : 3;
}

static void what_two_accounts_link_at_once_is_ones(void **state) {
    struct fixture *fixture = *state;
    struct person person = ada();
    sign_in(fixture, &person);
    person.subject = "grace";
    sign_in(fixture, &person);
    house_race(8, link_once, fixture);
    assert_string_equal(sql(fixture, "SELECT count(*) FROM identities WHERE subject = 'same'"),
                        "1");
    assert_sound(fixture);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_first_login_makes_an_account_and_the_next_finds_it),
        fixture_test(the_same_address_is_not_the_same_account),
        fixture_test(the_same_subject_of_another_issuer_is_somebody_else),
        fixture_test(subjects_are_compared_byte_for_byte),
        fixture_test(a_login_brings_the_record_up_to_date),
        fixture_test(what_is_told_again_is_not_written_again),
        fixture_test(a_person_may_be_known_by_nothing_but_a_subject),
        fixture_test(unusual_subjects_come_back_as_they_were),
        fixture_test(an_unknown_account_has_no_identities),
        fixture_test(what_is_rolled_back_was_never_there),
        fixture_test(first_logins_at_once_make_one_account),
        fixture_test(a_linked_identity_leads_to_the_same_account),
        fixture_test(linking_again_changes_only_what_the_provider_tells),
        fixture_test(an_identity_of_somebody_else_is_not_linked),
        fixture_test(an_address_links_nobody),
        fixture_test(an_unlinked_identity_is_nobodys),
        fixture_test(the_first_may_go_where_there_is_another),
        fixture_test(the_last_way_in_stays),
        fixture_test(ids_of_others_are_none),
        fixture_test(unlinking_twice_finds_it_gone),
        fixture_test(without_a_choice_the_first_identity_is_shown),
        fixture_test(what_is_chosen_follows_its_identity_alone),
        fixture_test(what_was_chosen_and_unlinked_falls_back_to_the_first),
        fixture_test(what_was_chosen_and_unlinked_is_not_chosen_when_it_comes_back),
        fixture_test(a_changed_address_moves_no_account),
        fixture_test(what_is_told_but_once_stays),
        fixture_test(where_the_site_says_so_a_verified_address_joins),
        fixture_test(an_address_that_is_not_the_same_does_not),
        fixture_test(both_sides_must_be_verified),
        fixture_test(another_provider_does_not_join),
        fixture_test(an_address_of_two_accounts_is_nobodys),
        fixture_test(of_two_that_differ_in_case_neither_is_joined),
        fixture_test(an_account_that_has_it_twice_is_one),
        fixture_test(joining_is_for_the_first_time_alone),
        fixture_test(with_sign_up_closed_only_known_ones_come_in),
        fixture_test(a_blocked_account_stays_outside_by_every_way_in),
        fixture_test(blocking_ends_the_sessions),
        fixture_test(a_deleted_account_leaves_no_row_but_its_events),
        fixture_test(deleting_nobody_is_fine),
        fixture_test(of_all_unlinked_at_once_one_stays),
        fixture_test(what_two_accounts_link_at_once_is_ones),
    };
    return cmocka_run_group_tests_name("account", tests, NULL, NULL);
}

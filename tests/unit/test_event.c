/* login/event: what happened, told to whom it happened to, for as long as it is kept. */
#include "fixture.h"
#include "sql.h"

#include "login/account.h"
#include "login/event.h"

#define KEEP (180 * 86400)

static int64_t sign_in_as(struct fixture *fixture, const char *subject) {
    struct account_ids ids;
    const struct person person = {.issuer = FIXTURE_ISSUER, .subject = subject};
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
    return ids.account;
}

static void record(struct fixture *fixture, enum event_kind kind, int64_t account,
                   const char *detail) {
    const struct request request = fixture_request(fixture);
    const struct event event = {
        .kind = kind, .account = account, .provider = "op", .detail = detail};
    assert_works(fixture->arena, event_record(fixture->context, &request, &event));
}

static const char *list(struct fixture *fixture, int64_t account, int limit) {
    struct json *events = NULL;
    assert_works(fixture->arena, event_list(fixture->context, account, limit, &events));
    return json_write(fixture->arena, events);
}

/* ---- what is told ---------------------------------------------------------------------------- */

static void each_kind_has_a_name_of_its_own(void **state) {
    (void)state;
    for (int i = 0; i < EVENT_COUNT; i++) {
        const char *name = event_name((enum event_kind)i);
        assert_non_null(name);
        assert_int_equal(strspn(name, "abcdefghijklmnopqrstuvwxyz_"), strlen(name));
        for (int j = 0; j < i; j++)
            assert_string_not_equal(name, event_name((enum event_kind)j));
    }
}

static void an_event_is_told_with_all_that_is_known(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    strcpy(fixture->context->request_id, "abcdefghijklmnop");
    record(fixture, EVENT_SIGNED_IN, account, "new");
    assert_string_equal(
        list(fixture, account, 20),
        "[{\"at\":1800000000,\"event\":\"signed_in\",\"provider\":\"op\",\"detail\":\"new\","
        "\"request\":\"abcdefghijklmnop\",\"address\":\"192.0.2.1\",\"user_agent\":\"Unit/1.0\"}]");
}

static void what_is_not_known_is_not_told(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    const struct event event = {.kind = EVENT_BLOCKED, .account = account};
    strcpy(fixture->context->request_id, "abcdefghijklmnop");
    assert_works(fixture->arena, event_record(fixture->context, NULL, &event));
    assert_string_equal(
        list(fixture, account, 20),
        "[{\"at\":1800000000,\"event\":\"blocked\",\"request\":\"abcdefghijklmnop\"}]");
}

static void the_address_is_kept_as_the_site_says(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    fixture->house.config.audit_address = ADDRESS_KEPT_MASKED;
    record(fixture, EVENT_SIGNED_IN, account, NULL);
    assert_non_null(strstr(list(fixture, account, 1), "\"address\":\"192.0.2.0\""));
    fixture->house.config.audit_address = ADDRESS_NOT_KEPT;
    record(fixture, EVENT_SIGNED_IN, account, NULL);
    assert_null(strstr(list(fixture, account, 1), "address"));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM events WHERE address = '192.0.2.1'"),
                        "0");
}

static void the_last_come_first_and_only_ones_own(void **state) {
    struct fixture *fixture = *state;
    int64_t ada = sign_in_as(fixture, "ada");
    int64_t grace = sign_in_as(fixture, "grace");
    for (int i = 0; i < 5; i++) {
        fixture->house.clock.fixed =
            HOUSE_TIME - i; /* a clock that was set back changes no order */
        record(fixture, EVENT_SIGNED_IN, ada, arena_format(fixture->arena, "%d", i));
        record(fixture, EVENT_SIGNED_IN, grace, "grace");
        record(fixture, EVENT_SIGN_IN_REFUSED, EVENT_NO_ACCOUNT, "nobody");
    }
    const char *events = list(fixture, ada, 3);
    const char *four = strstr(events, "\"detail\":\"4\"");
    const char *three = strstr(events, "\"detail\":\"3\"");
    const char *two = strstr(events, "\"detail\":\"2\"");
    assert_true(four != NULL && three > four && two > three);
    assert_null(strstr(events, "\"detail\":\"1\""));
    assert_null(strstr(list(fixture, ada, 100), "grace"));
    assert_null(strstr(list(fixture, ada, 100), "nobody"));
    assert_string_equal(list(fixture, EVENT_NO_ACCOUNT, 100), "[]");
    assert_string_equal(list(fixture, 4711, 100), "[]");
}

/* ---- for how long ---------------------------------------------------------------------------- */

static void an_event_goes_when_its_time_is_over(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    record(fixture, EVENT_SIGNED_IN, account, "first");
    fixture->house.clock.fixed = HOUSE_TIME + KEEP - 1;
    record(fixture, EVENT_SIGNED_IN, account, "second");
    assert_non_null(strstr(list(fixture, account, 10), "first"));
    fixture->house.clock.fixed = HOUSE_TIME + KEEP;
    record(fixture, EVENT_SIGNED_IN, account, "third");
    assert_null(strstr(list(fixture, account, 10), "first"));
    assert_non_null(strstr(list(fixture, account, 10), "second"));
}

static void old_ones_go_a_few_at_a_time(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    for (int i = 0; i < 50; i++)
        record(fixture, EVENT_SIGNED_IN, account, NULL);
    fixture->house.clock.fixed = HOUSE_TIME + KEEP;
    static const char *const left[] = {"31", "12", "3", "4"}; /* 20 go, and 1 comes */
    for (size_t i = 0; i < FIXTURE_COUNT(left); i++) {
        record(fixture, EVENT_SIGNED_IN, account, NULL);
        assert_string_equal(sql(fixture, "SELECT count(*) FROM events"), left[i]);
    }
}

/* ---- without whom ---------------------------------------------------------------------------- */

static void an_account_is_taken_out_of_its_events(void **state) {
    struct fixture *fixture = *state;
    int64_t ada = sign_in_as(fixture, "ada");
    int64_t grace = sign_in_as(fixture, "grace");
    record(fixture, EVENT_SIGNED_IN, ada, NULL);
    record(fixture, EVENT_SIGNED_IN, grace, NULL);
    record(fixture, EVENT_DELETED, ada, NULL);
    assert_works(fixture->arena, event_anonymise(fixture->context, ada));
    assert_string_equal(list(fixture, ada, 10), "[]");
    assert_string_equal(sql(fixture,
                            "SELECT group_concat(event || ' ' || provider, ', ') FROM events"
                            " WHERE account IS NULL AND address IS NULL AND user_agent IS NULL"),
                        "signed_in op, deleted op");
    assert_non_null(strstr(list(fixture, grace, 10), "192.0.2.1"));
}

static void of_what_is_rolled_back_nothing_is_told(void **state) {
    struct fixture *fixture = *state;
    int64_t account = sign_in_as(fixture, "ada");
    assert_works(fixture->arena, database_begin(fixture->context));
    record(fixture, EVENT_UNLINKED, account, NULL);
    database_rollback(fixture->context);
    assert_string_equal(list(fixture, account, 10), "[]");
}

/* A deleted account's number could be another's one day: none of its events may become his. */
static void an_event_of_nobody_is_refused(void **state) {
    struct fixture *fixture = *state;
    const struct event event = {.kind = EVENT_SIGNED_IN, .account = 4711};
    assert_fails(fixture->arena, ERROR_DATABASE, event_record(fixture->context, NULL, &event));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(each_kind_has_a_name_of_its_own),
        fixture_test(an_event_is_told_with_all_that_is_known),
        fixture_test(what_is_not_known_is_not_told),
        fixture_test(the_address_is_kept_as_the_site_says),
        fixture_test(the_last_come_first_and_only_ones_own),
        fixture_test(an_event_goes_when_its_time_is_over),
        fixture_test(old_ones_go_a_few_at_a_time),
        fixture_test(an_account_is_taken_out_of_its_events),
        fixture_test(of_what_is_rolled_back_nothing_is_told),
        fixture_test(an_event_of_nobody_is_refused),
    };
    return cmocka_run_group_tests_name("event", tests, NULL, NULL);
}

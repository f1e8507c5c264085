/* login/instance: what people type for a server's name, and how many new ones may be called. */
#include "house.h"

#include "login/instance.h"

static void what_people_type_becomes_a_host(void **state) {
    static const struct {
        const char *typed;
        const char *host;
    } cases[] = {
        {"mastodon.example", "mastodon.example"},
        {"Mastodon.Example ", "mastodon.example"},
        {" \tmastodon.example\t ", "mastodon.example"},
        {"@ada@mastodon.example", "mastodon.example"},
        {"ada@mastodon.example", "mastodon.example"},
        {"@mastodon.example", "mastodon.example"},
        {"@Ada@Mastodon.Example", "mastodon.example"},
        {"https://mastodon.example/@ada", "mastodon.example"},
        {"HTTPS://MASTODON.EXAMPLE", "mastodon.example"},
        {"http://mastodon.example/", "mastodon.example"},
        {"mastodon.example/@ada", "mastodon.example"},
        {"mastodon.example/@ada@other.example", "mastodon.example"},
        {"https://mastodon.example/@ada@other.example", "mastodon.example"},
        {"https://mastodon.example?a=b", "mastodon.example"},
        {"https://mastodon.example#about", "mastodon.example"},
        {"xn--mastodn-f1a.example", "xn--mastodn-f1a.example"},
        {"a.b.c.example", "a.b.c.example"},
    };
    struct arena *arena = *state;
    const char *host = NULL;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_works(arena, instance_parse(arena, cases[i].typed, &host));
        assert_string_equal(host, cases[i].host);
        assert_true(instance_is_host(arena, host));
    }
}

static void what_is_no_public_host_is_refused(void **state) {
    static const char *const bad[] = {
        "",
        " ",
        "@",
        "@@",
        "ada",
        "@ada",
        "ada@",
        "@ada@",
        "https://",
        "https:///x",
        "/",
        "//",
        ".",
        /* this machine and its neighbours, by name and in every notation of an address */
        "localhost",
        "LOCALHOST",
        "a.localhost",
        "printer.local",
        "db.internal",
        "x.onion",
        "instance.invalid",
        "127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "10.0.0.1",
        "8.8.8.8",
        "[::1]",
        "::1",
        "[::ffff:127.0.0.1]",
        "1::2",
        "https://[::1]/",
        /* ports, passwords, and names that hide behind another */
        "mastodon.example:443",
        "mastodon.example:80",
        "https://mastodon.example:8443/",
        "https://ada@mastodon.example/",
        "https://mastodon.example@evil.example/",
        "https://u:p@mastodon.example/",
        "a@b@c.example",
        "@a@b@c.example",
        /* other schemes */
        "ftp://mastodon.example/",
        "gopher://mastodon.example/",
        "file:///etc/passwd",
        "//mastodon.example/",
        "javascript:alert(1)",
        "https:mastodon.example",
        /* what is not in a host name */
        "masto_don.example",
        "masto don.example",
        "mastodon..example",
        ".mastodon.example",
        "mastodon.example.",
        "-mastodon.example",
        "mastodon-.example",
        "mastodon.example\\@evil.example",
        "mastodon.example\n",
        "mastodon.example\r\nX: y",
        "mastodon%2eexample",
        "mastodon.example%00",
        "mastod\xC3\xB6n.example",
        "\xEF\xBD\x8D"
        "astodon.example",
        "mastodon\xE3\x80\x82"
        "example",
    };
    struct arena *arena = *state;
    const char *host = NULL;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (instance_parse(arena, bad[i], &host) == 0)
            fail_msg("%s became %s", bad[i], host);
        assert_null(host);
        assert_fails(arena, ERROR_INSTANCE, instance_parse(arena, bad[i], &host));
        assert_false(instance_is_host(arena, bad[i]));
    }
    assert_fails(arena, ERROR_INSTANCE, instance_parse(arena, NULL, &host));
}

static void a_text_has_its_limits(void **state) {
    struct arena *arena = *state;
    const char *host = NULL;
    char *typed = arena_alloc(arena, INSTANCE_TYPED_LIMIT + 2);
    memset(typed, ' ', INSTANCE_TYPED_LIMIT);
    memcpy(typed, "a.example", 9);
    assert_works(arena, instance_parse(arena, typed, &host));
    typed[INSTANCE_TYPED_LIMIT] = ' ';
    assert_fails(arena, ERROR_INSTANCE, instance_parse(arena, typed, &host));
}

/* What comes back in the path of a redirect URI is as we wrote it, or it is not ours. */
static void only_the_bare_lower_case_host_is_one(void **state) {
    static const char *const others[] = {"Mastodon.example",   " mastodon.example",
                                         "mastodon.example ",  "@mastodon.example",
                                         "a@mastodon.example", "https://mastodon.example",
                                         "mastodon.example/",  "mastodon.example?x"};
    struct arena *arena = *state;
    assert_true(instance_is_host(arena, "mastodon.example"));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        assert_false(instance_is_host(arena, others[i]));
    assert_int_equal(arena->error.rule, ERROR_NONE);
}

static void other_letters_are_noticed(void **state) {
    (void)state;
    assert_true(instance_is_international("b\xC3\xBC"
                                          "cher.example"));
    assert_true(instance_is_international("\xED\x95\x9C\xEA\xB5\xAD.example"));
    assert_false(instance_is_international("xn--bcher-kva.example"));
    assert_false(instance_is_international(""));
}

/* ---- how many -------------------------------------------------------------------------------- */

static int admit(struct house *house, const char *format, int number) {
    return instance_admit(&house->context, arena_format(house->arena, format, number));
}

static int64_t attempts(struct house *house) {
    struct query query;
    query_open(&house->context, &query, STATEMENT_INSTANCE_ATTEMPT_COUNT);
    query_put_integer(&query, INT32_MAX);
    query_put_integer(&query, INT32_MAX);
    query_put_text(&query, "");
    query_put_integer(&query, 0);
    assert_int_equal(query_next(&query), 1);
    int64_t count = query_integer(&query);
    query_close(&query);
    return count;
}

static void new_ones_are_counted_over_all_visitors(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 3;
    for (int i = 0; i < 3; i++)
        assert_works(house.arena, admit(&house, "host%d.example", i));
    assert_fails(house.arena, ERROR_INSTANCE_LIMIT, admit(&house, "host%d.example", 3));
    house.clock.fixed += INSTANCE_WINDOW - 1;
    assert_fails(house.arena, ERROR_INSTANCE_LIMIT, admit(&house, "host%d.example", 4));
    house.clock.fixed += 1;
    assert_works(house.arena, admit(&house, "host%d.example", 4));
    house_close(&house);
}

static void a_refusal_counts_for_nothing(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 1;
    assert_works(house.arena, admit(&house, "host.example", 0));
    for (int i = 0; i < 5; i++) {
        house.clock.fixed += INSTANCE_WINDOW / 5 - 1;
        assert_fails(house.arena, ERROR_INSTANCE_LIMIT, admit(&house, "other%d.example", i));
    }
    assert_int_equal(attempts(&house), 1);
    house_close(&house);
}

static void none_means_none(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 0;
    assert_fails(house.arena, ERROR_INSTANCE_LIMIT, admit(&house, "host.example", 0));
    house_close(&house);
}

static void the_same_one_is_not_tried_again_at_once(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 9;
    assert_works(house.arena, admit(&house, "host.example", 0));
    house.clock.fixed += INSTANCE_RETRY_INTERVAL - 1;
    assert_fails(house.arena, ERROR_INSTANCE_LIMIT, admit(&house, "host.example", 0));
    assert_works(house.arena, admit(&house, "other.example", 0));
    house.clock.fixed += 1;
    assert_works(house.arena, admit(&house, "host.example", 0));
    house_close(&house);
}

static void an_attempt_in_the_future_does_not_count(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 1;
    assert_works(house.arena, admit(&house, "host.example", 0));
    house.clock.fixed -= 100000;
    assert_works(house.arena, admit(&house, "host.example", 0));
    house_close(&house);
}

static void old_ones_go_in_small_portions(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 100;
    for (int i = 0; i < 50; i++)
        assert_works(house.arena, admit(&house, "host%d.example", i));
    house.clock.fixed += INSTANCE_WINDOW;
    const int64_t left[] = {31, 12, 3, 4};
    for (size_t i = 0; i < sizeof(left) / sizeof(left[0]); i++) {
        assert_works(house.arena, admit(&house, "later%d.example", (int)i));
        assert_int_equal(attempts(&house), left[i]);
    }
    house_close(&house);
}

static int admit_from_many(void *closure, int number) {
    struct house *house = closure;
    house->context.database = database_new();
    int result = admit(house, "host%d.example", number);
    database_free(house->context.database);
    return result == 0 || house->arena->error.rule == ERROR_INSTANCE_LIMIT ? 0 : 1;
}

static void of_many_at_once_no_more_are_let_through(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 7;
    house_race(20, admit_from_many, &house);
    assert_int_equal(attempts(&house), 7);
    house_close(&house);
}

static void without_a_database_nobody_is_called(void **state) {
    struct house house;
    house_open(&house, *state);
    house.config.new_instances_per_hour = 9;
    house.config.state_dir = house_path(&house, "nowhere");
    assert_fails(house.arena, ERROR_DATABASE, admit(&house, "host.example", 0));
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(what_people_type_becomes_a_host),
        unit_test(what_is_no_public_host_is_refused),
        unit_test(a_text_has_its_limits),
        unit_test(only_the_bare_lower_case_host_is_one),
        unit_test(other_letters_are_noticed),
        unit_test(new_ones_are_counted_over_all_visitors),
        unit_test(a_refusal_counts_for_nothing),
        unit_test(none_means_none),
        unit_test(the_same_one_is_not_tried_again_at_once),
        unit_test(an_attempt_in_the_future_does_not_count),
        unit_test(old_ones_go_in_small_portions),
        unit_test(of_many_at_once_no_more_are_let_through),
        unit_test(without_a_database_nobody_is_called),
    };
    return cmocka_run_group_tests_name("instance", tests, NULL, NULL);
}

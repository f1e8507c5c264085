/* login/visitor: what is kept of an address, as the configuration says. */
#include "fixture.h"

#include "login/visitor.h"

static const char *kept(struct fixture *fixture, const char *address) {
    const struct request request = {.remote_addr = address};
    return visitor_address(fixture->context, &request);
}

static void whole_it_is_what_the_server_says(void **state) {
    struct fixture *fixture = *state;
    assert_string_equal(kept(fixture, "192.0.2.123"), "192.0.2.123");
    assert_string_equal(kept(fixture, "2001:db8::1"), "2001:db8::1");
    assert_string_equal(kept(fixture, "fe80::1%eth0"), "fe80::1%eth0");
    assert_null(kept(fixture, NULL));
}

static void masked_it_is_a_network(void **state) {
    static const char *const addresses[][2] = {
        {"192.0.2.123", "192.0.2.0"},
        {"10.255.255.255", "10.255.255.0"},
        {"255.255.255.255", "255.255.255.0"},
        {"2001:db8:1234:5678:9abc:def0:1234:5678", "2001:db8:1234::"},
        {"2001:DB8:1234::1", "2001:db8:1234::"},
        {"::1", "::"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ffff:ffff:ffff::"},
        {"::ffff:192.0.2.123", "192.0.2.0"},
        {"::ffff:c000:27b", "192.0.2.0"},
        {"::192.0.2.123", "::"}, /* another form, long out of use */
    };
    struct fixture *fixture = *state;
    fixture->house.config.audit_address = ADDRESS_KEPT_MASKED;
    for (size_t i = 0; i < FIXTURE_COUNT(addresses); i++)
        assert_string_equal(kept(fixture, addresses[i][0]), addresses[i][1]);
}

/* What cannot be masked is not kept. */
static void masked_what_is_no_address_is_nothing(void **state) {
    static const char *const addresses[] = {
        "localhost",
        "192.0.2",
        "192.0.2.1.5",
        "192.0.2.1:443",
        "[2001:db8::1]",
        "fe80::1%eth0",
        "unix:",
        "/run/x",
        "192.0.2.256",
        "0x7f.1",
        "::ffff:192.0.2",
        "192.0.2.1, 198.51.100.1",
        "",
    };
    struct fixture *fixture = *state;
    fixture->house.config.audit_address = ADDRESS_KEPT_MASKED;
    for (size_t i = 0; i < FIXTURE_COUNT(addresses); i++)
        assert_null(kept(fixture, addresses[i]));
    assert_null(kept(fixture, NULL));
}

static void not_kept_it_is_nothing(void **state) {
    struct fixture *fixture = *state;
    fixture->house.config.audit_address = ADDRESS_NOT_KEPT;
    assert_null(kept(fixture, "192.0.2.123"));
    assert_null(kept(fixture, "2001:db8::1"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(whole_it_is_what_the_server_says),
        fixture_test(masked_it_is_a_network),
        fixture_test(masked_what_is_no_address_is_nothing),
        fixture_test(not_kept_it_is_nothing),
    };
    return cmocka_run_group_tests_name("visitor", tests, NULL, NULL);
}

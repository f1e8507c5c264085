/* edge/address: every block of the special-purpose registries, by its first and last address and the
 * neighbours of both. */
#include "unit.h"

#include "edge/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

static bool is_public(const char *text) {
    struct sockaddr_in ipv4 = {.sin_family = AF_INET};
    struct sockaddr_in6 ipv6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &ipv4.sin_addr) == 1)
        return address_is_public((const struct sockaddr *)&ipv4);
    assert_int_equal(inet_pton(AF_INET6, text, &ipv6.sin6_addr), 1);
    return address_is_public((const struct sockaddr *)&ipv6);
}

static void check_public(const char *text) {
    if (!is_public(text))
        fail_msg("%s is public", text);
}

static void check_not_public(const char *text) {
    if (is_public(text))
        fail_msg("%s is not public", text);
}

/* A block, and what stands beside it; NULL: another block, with its own row. */
struct edges {
    const char *before;
    const char *first;
    const char *last;
    const char *after;
};

static void check_edges(const struct edges *edges, size_t count) {
    for (size_t i = 0; i < count; i++) {
        check_not_public(edges[i].first);
        check_not_public(edges[i].last);
        if (edges[i].before != NULL)
            check_public(edges[i].before);
        if (edges[i].after != NULL)
            check_public(edges[i].after);
    }
}

static const struct edges ipv4[] = {
    {NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
    {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
    {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
    {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
    {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
    {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
    {"191.255.255.255", "192.0.0.0", "192.0.0.255", "192.0.1.0"},
    {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
    {"192.31.195.255", "192.31.196.0", "192.31.196.255", "192.31.197.0"},
    {"192.52.192.255", "192.52.193.0", "192.52.193.255", "192.52.194.0"},
    {"192.88.98.255", "192.88.99.0", "192.88.99.255", "192.88.100.0"},
    {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
    {"192.175.47.255", "192.175.48.0", "192.175.48.255", "192.175.49.0"},
    {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"},
    {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
    {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
    {"223.255.255.255", "224.0.0.0", "239.255.255.255", NULL},
    {NULL, "240.0.0.0", "255.255.255.255", NULL},
};

static void no_special_block_of_ipv4_is_public(void **state) {
    (void)state;
    check_edges(ipv4, sizeof(ipv4) / sizeof(ipv4[0]));
    check_not_public("127.0.0.1");
    check_not_public("169.254.169.254");
    check_public("8.8.8.8");
    check_public("93.184.216.34");
}

static void no_special_block_of_ipv6_is_public(void **state) {
    static const struct edges ipv6[] = {
        /* All below 2000::/3 and above it: unspecified, loopback, compatible, local NAT64, discard. */
        {NULL, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::"},
        {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::"},
        {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL},
        {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::"},
        {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
         "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
        {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::"},
        {"2620:4f:7fff:ffff:ffff:ffff:ffff:ffff",
         "2620:4f:8000::", "2620:4f:8000:ffff:ffff:ffff:ffff:ffff", "2620:4f:8001::"},
    };
    static const char *const others[] = {
        "::1",                                  /* loopback */
        "::7f00:1",                             /* IPv4-compatible (RFC 4291 2.5.5.1) */
        "::8.8.8.8",                            /* … and so nobody's, whomever it carries */
        "::ffff:0:8.8.8.8",                     /* IPv4-translated (RFC 2765) */
        "64:ff9b:1::8.8.8.8",                   /* NAT64 of a private prefix (RFC 8215) */
        "100::1",                               /* discard (RFC 6666) */
        "100:0:0:1::1",                         /* dummy (RFC 9780) */
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", /* Teredo */
        "2001:2::1",                            /* benchmarks */
        "2001:10::1",                           /* ORCHID */
        "2001:20::1",                           /* ORCHIDv2 */
        "2002:7f00:1::1",                       /* 6to4 to 127.0.0.1 */
        "2002:a00:1::1",                        /* 6to4 to 10.0.0.1 */
        "2002:808:808::1",                      /* 6to4 at all */
        "5f00::1",                              /* segment routing (RFC 9602) */
        "fc00::1",                              /* unique local */
        "fd00:ec2::254",                        /* … where clouds answer */
        "fe80::1",                              /* link-local */
        "fec0::1",                              /* site-local, given up */
        "ff02::1",                              /* multicast */
    };
    (void)state;
    check_edges(ipv6, sizeof(ipv6) / sizeof(ipv6[0]));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        check_not_public(others[i]);
    check_public("2001:4860:4860::8888");
    check_public("2606:2800:220:1:248:1893:25c8:1946");
    check_public("2a00:1450:4001::1");
}

/* The same blocks, carried in IPv6 addresses. */
static void a_carried_ipv4_address_is_judged(void **state) {
    static const char *const prefixes[] = {"::ffff:", "64:ff9b::"};
    char text[64];
    (void)state;
    for (size_t p = 0; p < sizeof(prefixes) / sizeof(prefixes[0]); p++)
        for (size_t i = 0; i < sizeof(ipv4) / sizeof(ipv4[0]); i++) {
            const char *const inside[] = {ipv4[i].first, ipv4[i].last};
            const char *const outside[] = {ipv4[i].before, ipv4[i].after};
            for (size_t j = 0; j < 2; j++) {
                snprintf(text, sizeof(text), "%s%s", prefixes[p], inside[j]);
                check_not_public(text);
                if (outside[j] == NULL)
                    continue;
                snprintf(text, sizeof(text), "%s%s", prefixes[p], outside[j]);
                check_public(text);
            }
        }
}

static void another_family_is_not_public(void **state) {
    (void)state;
    const struct sockaddr local = {.sa_family = AF_UNIX};
    const struct sockaddr none = {.sa_family = AF_UNSPEC};
    assert_false(address_is_public(&local));
    assert_false(address_is_public(&none));
}

static void a_public_name_has_two_labels_and_no_number_at_the_end(void **state) {
    static const char *const good[] = {"a.b",         "mastodon.example", "Mastodon.Example",
                                       "1.2.3.4.com", "xn--bcher-kva.de", "a.xn--p1ai",
                                       "a--b.c1",     "0.example"};
    static const char *const bad[] = {
        "",       "example",  ".",       "a.",     ".a",        "a..b",         "a.b.",
        "-a.b",   "a-.b",     "a.-b",    "a.b-",   "a_b.c",     "a b.c",        "a.b:443",
        "a.b/c",  "u@a.b",    "[::1]",   "::1",    "127.0.0.1", "127.1",        "2130706433",
        "0x7f.1", "0x7f.0x1", "1.2.3.4", "a.1",    "a.1b",      "b\xC3\xBC.de", "a.b\n",
        "a.b?",   "a.b#",     "a%2eb.c", "a\\b.c", "a.b,c",     "*.b",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        if (!address_is_public_name(good[i]))
            fail_msg("%s may be public", good[i]);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        if (address_is_public_name(bad[i]))
            fail_msg("%s is not public", bad[i]);
}

static void a_name_has_its_limits(void **state) {
    struct arena *arena = *state;
    char many[64];
    memset(many, 'a', sizeof(many));
    const char *labels = arena_format(arena, "%.63s.%.63s.%.63s.", many, many, many);
    assert_true(address_is_public_name(arena_format(arena, "%s%.61s", labels, many))); /* 253 */
    assert_false(address_is_public_name(arena_format(arena, "%s%.62s", labels, many)));
    assert_true(address_is_public_name(arena_format(arena, "%.63s.example", many)));
    assert_false(address_is_public_name(arena_format(arena, "%.64s.example", many)));
}

static void a_domain_kept_for_other_uses_is_not_public(void **state) {
    static const char *const kept[] = {
        "localhost",
        "a.localhost",
        "a.LOCALHOST",
        "printer.local",
        "db.internal",
        "a.b.internal",
        "x.onion",
        "x.invalid",
        "x.test",
        "router.home.arpa",
        "1.0.0.127.in-addr.arpa",
        "x.alt",
        "x.lan",
        "x.corp",
        "x.home",
        "x.intranet",
        "x.private",
    };
    (void)state;
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        if (address_is_public_name(kept[i]))
            fail_msg("%s is not public", kept[i]);
    assert_true(address_is_public_name("local.example"));
    assert_true(address_is_public_name("localhost.example"));
    assert_true(address_is_public_name("x.tests"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(no_special_block_of_ipv4_is_public),
        unit_test(no_special_block_of_ipv6_is_public),
        unit_test(a_carried_ipv4_address_is_judged),
        unit_test(another_family_is_not_public),
        unit_test(a_public_name_has_two_labels_and_no_number_at_the_end),
        unit_test(a_name_has_its_limits),
        unit_test(a_domain_kept_for_other_uses_is_not_public),
    };
    return cmocka_run_group_tests_name("address", tests, NULL, NULL);
}

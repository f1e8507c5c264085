#include "edge/address.h"

#include "base/text.h"

#include <netinet/in.h>
#include <stddef.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LABEL_LIMIT 63 /* RFC 1035 2.3.4 */

/* The addresses whose first `bits` are those of `prefix`. */
struct block {
    unsigned char prefix[16];
    int bits;
};

/* All of the IANA IPv4 Special-Purpose Address Registry, multicast and what is reserved. A few of
 * them are routed, but nobody offers a service there. */
static const struct block special_ipv4[] = {
    {{0}, 8},             /* this network (RFC 791 3.2) */
    {{10}, 8},            /* private (RFC 1918) */
    {{100, 64}, 10},      /* between a provider and its customers (RFC 6598) */
    {{127}, 8},           /* loopback (RFC 1122 3.2.1.3) */
    {{169, 254}, 16},     /* link-local (RFC 3927); clouds answer here */
    {{172, 16}, 12},      /* private */
    {{192, 0, 0}, 24},    /* protocol assignments (RFC 6890 2.1) */
    {{192, 0, 2}, 24},    /* documentation (RFC 5737) */
    {{192, 31, 196}, 24}, /* AS112 (RFC 7535) */
    {{192, 52, 193}, 24}, /* AMT (RFC 7450) */
    {{192, 88, 99}, 24},  /* 6to4 relays (RFC 7526) */
    {{192, 168}, 16},     /* private */
    {{192, 175, 48}, 24}, /* AS112 (RFC 7534) */
    {{198, 18}, 15},      /* benchmarks (RFC 2544) */
    {{198, 51, 100}, 24}, /* documentation */
    {{203, 0, 113}, 24},  /* documentation */
    {{224}, 4},           /* multicast (RFC 5771) */
    {{240}, 4},           /* reserved (RFC 1112 4), and broadcast */
};

/* Of IPv6, this alone is handed out (RFC 4291 2.4) … */
static const struct block global_ipv6 = {{0x20}, 3};

/* … but for these. Tunnels lead to an IPv4 address that the packet itself names. */
static const struct block special_ipv6[] = {
    {{0x20, 0x01}, 23},                   /* protocol assignments, Teredo (RFC 2928, 4380) */
    {{0x20, 0x01, 0x0D, 0xB8}, 32},       /* documentation (RFC 3849) */
    {{0x20, 0x02}, 16},                   /* 6to4 (RFC 3056; given up by RFC 7526) */
    {{0x26, 0x20, 0x00, 0x4F, 0x80}, 48}, /* AS112 (RFC 7534) */
    {{0x3F, 0xFF}, 20},                   /* documentation (RFC 9637) */
};

/* An IPv4 address in its last four bytes. */
static const struct block carriers[] = {
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF}, 96}, /* mapped (RFC 4291 2.5.5.2) */
    {{0, 0x64, 0xFF, 0x9B}, 96},                      /* NAT64 (RFC 6052 2.1) */
};

static bool is_in(const unsigned char *bytes, const struct block *block) {
    size_t whole = (size_t)block->bits / 8;
    int rest = block->bits % 8;
    if (memcmp(bytes, block->prefix, whole) != 0)
        return false;
    return rest == 0 || (bytes[whole] ^ block->prefix[whole]) >> (8 - rest) == 0;
}

static bool is_in_any(const unsigned char *bytes, const struct block *blocks, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is_in(bytes, &blocks[i]))
            return true;
    return false;
}

static bool is_public_ipv4(const unsigned char bytes[4]) {
    return !is_in_any(bytes, special_ipv4, COUNT(special_ipv4));
}

static bool is_public_ipv6(const unsigned char bytes[16]) {
    if (is_in_any(bytes, carriers, COUNT(carriers)))
        return is_public_ipv4(bytes + 12);
    return is_in(bytes, &global_ipv6) && !is_in_any(bytes, special_ipv6, COUNT(special_ipv6));
}

bool address_is_public(const struct sockaddr *address) {
    const void *bytes = address;
    if (address->sa_family == AF_INET) {
        const struct sockaddr_in *ipv4 = bytes;
        return is_public_ipv4((const unsigned char *)&ipv4->sin_addr);
    }
    if (address->sa_family == AF_INET6) {
        const struct sockaddr_in6 *ipv6 = bytes;
        return is_public_ipv6(ipv6->sin6_addr.s6_addr);
    }
    return false;
}

/* ---- names ----------------------------------------------------------------------------------- */

/* Kept for other uses (RFC 6761, 6762, 7686, 8375, 9476, ICANN's "internal"), or in private networks
 * whatever anyone says (RFC 6762 G). "example" is left: it leads nowhere, and manuals need it. */
static const char *const kept_domains[] = {
    "alt", "arpa",  "corp",      "home",  "internal", "intranet", "invalid",
    "lan", "local", "localhost", "onion", "private",  "test",
};

static bool is_kept_domain(const char *label) {
    for (size_t i = 0; i < COUNT(kept_domains); i++)
        if (text_equal_nocase(label, kept_domains[i]))
            return true;
    return false;
}

static bool is_label(const char *label, size_t length) {
    if (length == 0 || length > LABEL_LIMIT || label[0] == '-' || label[length - 1] == '-')
        return false;
    for (size_t i = 0; i < length; i++)
        if (!ascii_is_alnum(label[i]) && label[i] != '-')
            return false;
    return true;
}

/* What ends like a number (127.0.0.1, 127.1, 0x7f.1), a resolver may take for an IPv4 address; no
 * top-level domain begins with a digit. */
bool address_is_public_name(const char *name) {
    const char *dot = strrchr(name, '.');
    if (dot == NULL || strlen(name) > ADDRESS_NAME_LIMIT)
        return false;
    for (const char *label = name; label <= dot + 1; label += strcspn(label, ".") + 1)
        if (!is_label(label, strcspn(label, ".")))
            return false;
    return !ascii_is_digit(dot[1]) && !is_kept_domain(dot + 1);
}

#include "login/visitor.h"

#include "edge/config.h"

#include <arpa/inet.h>
#include <string.h>

#define IPV4_KEPT 3 /* of 4 bytes */
#define IPV6_KEPT 6 /* of 16 */

static const char *write_kept(struct arena *arena, int family, unsigned char *bytes, size_t kept) {
    char text[INET6_ADDRSTRLEN];
    size_t size = family == AF_INET ? sizeof(struct in_addr) : sizeof(struct in6_addr);
    memset(bytes + kept, 0, size - kept);
    return inet_ntop(family, bytes, text, sizeof(text)) == NULL ? NULL : arena_text(arena, text);
}

static const char *masked(struct arena *arena, const char *text) {
    struct in_addr ipv4;
    struct in6_addr ipv6;
    if (inet_pton(AF_INET, text, &ipv4) == 1)
        return write_kept(arena, AF_INET, (unsigned char *)&ipv4, IPV4_KEPT);
    if (inet_pton(AF_INET6, text, &ipv6) != 1)
        return NULL;
    /* RFC 4291 2.5.5.2: how a server that listens on IPv6 writes one of IPv4. */
    if (IN6_IS_ADDR_V4MAPPED(&ipv6))
        return write_kept(arena, AF_INET, ipv6.s6_addr + 12, IPV4_KEPT);
    return write_kept(arena, AF_INET6, ipv6.s6_addr, IPV6_KEPT);
}

const char *visitor_address(struct context *context, const struct request *request) {
    if (request->remote_addr == NULL)
        return NULL;
    switch (context->config->audit_address) {
    case ADDRESS_KEPT_WHOLE:
        return request->remote_addr;
    case ADDRESS_KEPT_MASKED:
        return masked(context->arena, request->remote_addr);
    case ADDRESS_NOT_KEPT:
        break;
    }
    return NULL;
}

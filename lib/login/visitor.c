#include "login/visitor.h"

#include "edge/config.h"

#include <arpa/inet.h>
#include <string.h>

#define IPV4_KEPT 3 /* of 4 bytes */
#define IPV6_KEPT 6 /* of 16 */

static const char *masked(struct arena *arena, const char *text) {
    unsigned char bytes[16];
    char written[INET6_ADDRSTRLEN];
    int family = AF_INET;
    size_t size = 4;
    size_t kept = IPV4_KEPT;
    if (inet_pton(AF_INET, text, bytes) != 1) {
        family = AF_INET6;
        size = 16;
        kept = IPV6_KEPT;
        if (inet_pton(AF_INET6, text, bytes) != 1)
            return NULL;
    }
    memset(bytes + kept, 0, size - kept);
    return inet_ntop(family, bytes, written, sizeof(written)) == NULL ? NULL
                                                                      : arena_text(arena, written);
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

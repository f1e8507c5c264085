/*
 * resolve: a library for LD_PRELOAD that gives a program another Internet, in which every server is
 * one on loopback: names mean what a test says, and no connection leaves the machine.
 *
 *   RESOLVE_FILE   lines `NAME ADDRESS`, read at each look-up. A name that stands on several lines
 *                  has several addresses, in that order; `*` stands for every name that has no line
 *                  of its own. A name without a line does not exist.
 *   CONNECT_PORT   connect() to port 443 of an address that is not loopback goes to this port of
 *                  127.0.0.1. Every other is refused with ENETUNREACH (all of them without it).
 *   CONNECT_LOG    a file to which each connect() adds a line, before it happens:
 *                  `passed ADDRESS PORT` or `refused ADDRESS PORT`.
 *
 * Sockets that are not of the Internet (the one between http_helper and fetch.cgi) are left alone.
 *
 * A static program does not load it: login.cgi and logout.cgi call out through fetch.cgi, which they
 * start with an empty environment. So a test puts a script in fetch.cgi's place, beside a copy of
 * the program: #!/bin/sh, exec env LD_PRELOAD=… RESOLVE_FILE=… CONNECT_PORT=… …/fetch.cgi
 */
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))
#define HTTPS_PORT 443

/* An address of either family; `node` begins with the result's head, as freeaddrinfo() gets it. */
struct node {
    struct addrinfo info;
    union {
        struct sockaddr any;
        struct sockaddr_in v4;
        struct sockaddr_in6 v6;
    } address;
};

/* ---- names ----------------------------------------------------------------------------------- */

/* A result for the address, or NULL if it is of no family that `hints` asks for. */
static struct addrinfo *make_node(const char *text, uint16_t port, const struct addrinfo *hints) {
    struct node *node = calloc(1, sizeof(*node));
    int family = hints == NULL ? AF_UNSPEC : hints->ai_family;
    if (node == NULL)
        return NULL;
    if (inet_pton(AF_INET, text, &node->address.v4.sin_addr) == 1) {
        node->info.ai_family = AF_INET;
        node->info.ai_addrlen = sizeof(node->address.v4);
        node->address.v4.sin_port = htons(port);
    } else if (inet_pton(AF_INET6, text, &node->address.v6.sin6_addr) == 1) {
        node->info.ai_family = AF_INET6;
        node->info.ai_addrlen = sizeof(node->address.v6);
        node->address.v6.sin6_port = htons(port);
    } else {
        fprintf(stderr, "resolve: %s is no address\n", text);
        abort();
    }
    node->address.any.sa_family = (sa_family_t)node->info.ai_family;
    node->info.ai_socktype =
        hints == NULL || hints->ai_socktype == 0 ? SOCK_STREAM : hints->ai_socktype;
    node->info.ai_protocol = IPPROTO_TCP;
    node->info.ai_addr = &node->address.any;
    if (family == AF_UNSPEC || family == node->info.ai_family)
        return &node->info;
    free(node);
    return NULL;
}

/* The addresses of the lines that begin with `name`; *listed if there is one. */
static struct addrinfo *look_up(const char *name, uint16_t port, const struct addrinfo *hints,
                                bool *listed) {
    const char *path = getenv("RESOLVE_FILE");
    FILE *file = path == NULL ? NULL : fopen(path, "re");
    struct addrinfo *first = NULL;
    struct addrinfo **end = &first;
    char line_name[256];
    char address[64];
    if (file == NULL)
        return NULL;
    while (fscanf(file, "%255s %63s", line_name, address) == 2) {
        if (strcasecmp(line_name, name) != 0)
            continue;
        *listed = true;
        *end = make_node(address, port, hints);
        if (*end != NULL)
            end = &(*end)->ai_next;
    }
    fclose(file);
    return first;
}

EXPORTED int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                         struct addrinfo **result) {
    uint16_t port = service == NULL ? 0 : (uint16_t)strtoul(service, NULL, 10);
    bool listed = false;
    *result = name == NULL ? NULL : look_up(name, port, hints, &listed);
    if (!listed && name != NULL)
        *result = look_up("*", port, hints, &listed);
    return *result == NULL ? EAI_NONAME : 0;
}

EXPORTED void freeaddrinfo(struct addrinfo *list) {
    while (list != NULL) {
        struct addrinfo *next = list->ai_next;
        free(list);
        list = next;
    }
}

/* ---- connections ----------------------------------------------------------------------------- */

typedef int connect_function(int descriptor, const struct sockaddr *address, socklen_t length);
typedef int socket_function(int domain, int type, int protocol);

static void *original(const char *name) {
    void *function = dlsym(RTLD_NEXT, name);
    if (function == NULL)
        abort();
    return function;
}

static uint16_t port_of(const struct sockaddr *address) {
    return ntohs(address->sa_family == AF_INET
                     ? ((const struct sockaddr_in *)(const void *)address)->sin_port
                     : ((const struct sockaddr_in6 *)(const void *)address)->sin6_port);
}

static bool is_loopback(const struct sockaddr *address) {
    if (address->sa_family == AF_INET)
        return ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr) >> 24 ==
               IN_LOOPBACKNET;
    const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    return IN6_IS_ADDR_LOOPBACK(v6) ||
           (IN6_IS_ADDR_V4MAPPED(v6) && v6->s6_addr[12] == IN_LOOPBACKNET);
}

static void note(const char *what, const struct sockaddr *address) {
    const char *path = getenv("CONNECT_LOG");
    char text[INET6_ADDRSTRLEN] = "";
    if (path == NULL)
        return;
    if (address->sa_family == AF_INET)
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, text,
                  sizeof(text));
    else
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr, text,
                  sizeof(text));
    int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (file < 0 || dprintf(file, "%s %s %u\n", what, text, port_of(address)) < 0)
        abort();
    close(file);
}

/* 127.0.0.1 in the form that a socket of this family takes. */
static socklen_t loopback_for(int descriptor, uint16_t port, struct node *node) {
    int domain = AF_INET;
    socklen_t length = sizeof(domain);
    getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &length);
    if (domain == AF_INET) {
        node->address.v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port)};
        node->address.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        return sizeof(node->address.v4);
    }
    node->address.v6 = (struct sockaddr_in6){.sin6_family = AF_INET6, .sin6_port = htons(port)};
    inet_pton(AF_INET6, "::ffff:127.0.0.1", &node->address.v6.sin6_addr);
    return sizeof(node->address.v6);
}

EXPORTED int connect(int descriptor, const struct sockaddr *address, socklen_t length) {
    connect_function *function = (connect_function *)original("connect");
    const char *port = getenv("CONNECT_PORT");
    if (address->sa_family != AF_INET && address->sa_family != AF_INET6)
        return function(descriptor, address, length);
    if (port == NULL || port_of(address) != HTTPS_PORT || is_loopback(address)) {
        note("refused", address);
        errno = ENETUNREACH;
        return -1;
    }
    note("passed", address);
    struct node node;
    socklen_t node_length = loopback_for(descriptor, (uint16_t)strtoul(port, NULL, 10), &node);
    return function(descriptor, &node.address.any, node_length);
}

/* On a machine without IPv6, too, a program shall be able to try an IPv6 address. */
EXPORTED int socket(int domain, int type, int protocol) {
    socket_function *function = (socket_function *)original("socket");
    int descriptor = function(domain, type, protocol);
    if (descriptor < 0 && domain == AF_INET6)
        descriptor = function(AF_INET, type, protocol);
    return descriptor;
}

#include "format/uri.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/utf8.h"

#include <arpa/inet.h>
#include <string.h>

#define PORT_LIMIT 65535

/* RFC 3986 3.2.1 to 3.5: what a part may hold besides unreserved characters and %XX. */
#define SUB_DELIMS "!$&'()*+,;="
#define IN_USERINFO SUB_DELIMS ":"
#define IN_HOST SUB_DELIMS
#define IN_PATH SUB_DELIMS ":@/"
#define IN_QUERY SUB_DELIMS ":@/?"

static bool is_unreserved(char c) { /* RFC 3986 2.3 */
    return ascii_is_alnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

/* What a hexadecimal digit stands for, or -1. */
static int hex_value(char c) {
    if (ascii_is_digit(c))
        return c - '0';
    char lower = ascii_lower(c);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

int uri_percent_byte(const char *text, size_t length) {
    if (length < 3 || text[0] != '%')
        return -1;
    int high = hex_value(text[1]);
    int low = hex_value(text[2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

static bool consists_of(const char *part, size_t length, const char *allowed) {
    for (size_t i = 0; i < length; i++) {
        if (part[i] == '%') {
            if (uri_percent_byte(part + i, length - i) < 0)
                return false;
            i += 2;
        } else if (part[i] == '\0' ||
                   (!is_unreserved(part[i]) && strchr(allowed, part[i]) == NULL)) {
            return false;
        }
    }
    return true;
}

static char *lower_copy(struct arena *arena, const char *text, size_t length) {
    char *copy = arena_copy(arena, text, length);
    for (char *c = copy; *c != '\0'; c++)
        *c = ascii_lower(*c);
    return copy;
}

static int scheme_port(const char *scheme) {
    if (text_equal(scheme, "https"))
        return 443;
    return text_equal(scheme, "http") ? 80 : -1;
}

/* RFC 3986 3.1: ALPHA *( ALPHA / DIGIT / "+" / "-" / "." ). The length, or 0. */
static size_t scheme_length(const char *text) {
    if (!ascii_is_alpha(text[0]))
        return 0;
    size_t length = 1;
    while (ascii_is_alnum(text[length]) || text[length] == '+' || text[length] == '-' ||
           text[length] == '.')
        length++;
    return text[length] == ':' ? length : 0;
}

/* "[2001:db8::1]". RFC 3986 3.2.2 also knows IPvFuture, which no one has ever defined. */
static bool parse_ipv6(const char *host, size_t length, struct in6_addr *address) {
    char text[INET6_ADDRSTRLEN];
    if (length < 2 || length - 2 >= sizeof(text) || host[0] != '[' || host[length - 1] != ']')
        return false;
    memcpy(text, host + 1, length - 2);
    text[length - 2] = '\0';
    return inet_pton(AF_INET6, text, address) == 1;
}

static bool is_host(const char *text, size_t length) {
    struct in6_addr address;
    return text[0] == '[' ? parse_ipv6(text, length, &address) : consists_of(text, length, IN_HOST);
}

static int parse_host(struct arena *arena, const char *text, size_t length, struct uri *uri) {
    if (length == 0)
        return fail(arena, ERROR_URI, "there is no host");
    if (!is_host(text, length))
        return fail(arena, ERROR_URI, "the host is malformed");
    uri->host = lower_copy(arena, text, length);
    return 0;
}

/* `text` is what follows the colon. RFC 3986 3.2.3 allows nothing to follow. */
static int parse_port(struct arena *arena, const char *text, size_t length, struct uri *uri) {
    int port = 0;
    for (size_t i = 0; i < length; i++) {
        if (!ascii_is_digit(text[i]))
            return fail(arena, ERROR_URI, "the port is not a number");
        port = port * 10 + (text[i] - '0');
        if (port > PORT_LIMIT)
            return fail(arena, ERROR_URI, "the port is larger than %d", PORT_LIMIT);
    }
    if (length > 0)
        uri->port = port;
    return 0;
}

/* Where the host ends: a colon inside the brackets of an IPv6 literal is not the port's. */
static size_t host_length(const char *text, size_t length) {
    const char *bracket = length > 0 && text[0] == '[' ? memchr(text, ']', length) : NULL;
    size_t from = bracket == NULL ? 0 : (size_t)(bracket - text);
    const char *colon = memchr(text + from, ':', length - from);
    return colon == NULL ? length : (size_t)(colon - text);
}

/* RFC 3986 3.2: [ userinfo "@" ] host [ ":" port ]. */
static int parse_authority(struct arena *arena, const char *text, size_t length, struct uri *uri) {
    const char *at = memchr(text, '@', length);
    if (at != NULL) {
        size_t userinfo = (size_t)(at - text);
        if (!consists_of(text, userinfo, IN_USERINFO))
            return fail(arena, ERROR_URI, "the userinfo is malformed");
        uri->userinfo = arena_copy(arena, text, userinfo);
        text += userinfo + 1;
        length -= userinfo + 1;
    }
    size_t host = host_length(text, length);
    if (parse_host(arena, text, host, uri) != 0)
        return -1;
    uri->port = scheme_port(uri->scheme);
    return host == length ? 0 : parse_port(arena, text + host + 1, length - host - 1, uri);
}

/* Path, query and fragment: everything after the authority. */
static int parse_rest(struct arena *arena, const char *text, struct uri *uri) {
    size_t path = strcspn(text, "?#");
    if (!consists_of(text, path, IN_PATH))
        return fail(arena, ERROR_URI, "the path is malformed");
    uri->path = arena_copy(arena, text, path);
    text += path;

    if (*text == '?') {
        text++;
        size_t query = strcspn(text, "#");
        if (!consists_of(text, query, IN_QUERY))
            return fail(arena, ERROR_URI, "the query is malformed");
        uri->query = arena_copy(arena, text, query);
        text += query;
    }
    if (*text == '#') {
        text++;
        if (!consists_of(text, strlen(text), IN_QUERY)) /* RFC 3986 3.5: the same characters */
            return fail(arena, ERROR_URI, "the fragment is malformed");
        uri->fragment = arena_text(arena, text);
    }
    return 0;
}

int uri_parse(struct arena *arena, const char *text, struct uri *uri) {
    *uri = (struct uri){.port = -1};
    if (text == NULL)
        return fail(arena, ERROR_URI, "there is none");
    if (strnlen(text, URI_LIMIT + 1) > URI_LIMIT)
        return fail(arena, ERROR_URI, "longer than %d bytes", URI_LIMIT);

    size_t scheme = scheme_length(text);
    if (scheme == 0 || strncmp(text + scheme, "://", 3) != 0)
        return fail(arena, ERROR_URI, "it does not begin with scheme://host");
    uri->scheme = lower_copy(arena, text, scheme);
    text += scheme + 3;

    size_t authority = strcspn(text, "/?#");
    if (parse_authority(arena, text, authority, uri) != 0)
        return -1;
    return parse_rest(arena, text + authority, uri);
}

bool uri_is_loopback(const struct uri *uri) {
    /* inet_pton() knows the four decimal numbers alone: no 127.1, 0x7f.1 or 0177.0.0.1. */
    struct in_addr ipv4;
    if (inet_pton(AF_INET, uri->host, &ipv4) == 1)
        return ntohl(ipv4.s_addr) >> 24 == 127;
    struct in6_addr ipv6;
    if (parse_ipv6(uri->host, strlen(uri->host), &ipv6))
        return IN6_IS_ADDR_LOOPBACK(&ipv6);
    return text_equal(uri->host, "localhost");
}

/* A name that can stand in the DNS, or an address. RFC 3986 allows more, which each reader of a URI
 * takes for something else. */
static bool is_plain_host(const char *host) {
    if (host[0] == '[')
        return true;
    for (; *host != '\0'; host++)
        if (!ascii_is_alnum(*host) && *host != '-' && *host != '.' && *host != '_')
            return false;
    return true;
}

bool uri_is_safe_endpoint(const struct uri *uri) {
    if (uri->userinfo != NULL || uri->fragment != NULL || !is_plain_host(uri->host))
        return false;
    return text_equal(uri->scheme, "https") ||
           (text_equal(uri->scheme, "http") && uri_is_loopback(uri));
}

char *uri_origin(struct arena *arena, const struct uri *uri) {
    if (uri->port == scheme_port(uri->scheme))
        return arena_format(arena, "%s://%s", uri->scheme, uri->host);
    return arena_format(arena, "%s://%s:%d", uri->scheme, uri->host, uri->port);
}

static char *encode_but(struct arena *arena, const char *text, char kept) {
    struct buffer out;
    buffer_open(arena, &out);
    for (; *text != '\0'; text++) {
        if (is_unreserved(*text) || *text == kept)
            buffer_add_byte(&out, *text);
        else
            buffer_add_format(&out, "%%%02X", (unsigned char)*text);
    }
    return out.bytes;
}

char *uri_encode(struct arena *arena, const char *text) {
    return encode_but(arena, text, '\0');
}

char *uri_encode_path(struct arena *arena, const char *path) {
    return encode_but(arena, path, '/');
}

char *uri_with_query(struct arena *arena, const char *uri, const struct form *form) {
    if (form->first == NULL)
        return arena_text(arena, uri);
    const char *fragment = uri + strcspn(uri, "#");
    const char *query = memchr(uri, '?', (size_t)(fragment - uri));
    char before = fragment == uri ? '\0' : fragment[-1];

    struct buffer out;
    buffer_open(arena, &out);
    buffer_add(&out, uri, (size_t)(fragment - uri));
    if (query == NULL)
        buffer_add_byte(&out, '?');
    else if (before != '?' && before != '&')
        buffer_add_byte(&out, '&');
    buffer_add_text(&out, form_write(arena, form));
    buffer_add_text(&out, fragment);
    return out.bytes;
}

int uri_decode(struct arena *arena, const char *text, size_t length, char **decoded) {
    char *out = arena_alloc(arena, length + 1);
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        int byte = (unsigned char)text[i];
        if (text[i] == '%') {
            byte = uri_percent_byte(text + i, length - i);
            i += 2;
        }
        if (byte < 0) /* RFC 3986 2.1 */
            return fail(arena, ERROR_PERCENT, "a \"%%\" without two hexadecimal digits");
        if (ascii_is_control((char)byte))
            return fail(arena, ERROR_PERCENT, "the control byte 0x%02X", (unsigned)byte);
        out[written++] = (char)byte;
    }
    if (!utf8_is_valid(out, written))
        return fail(arena, ERROR_UTF8, "the decoded text is not UTF-8");
    *decoded = out;
    return 0;
}

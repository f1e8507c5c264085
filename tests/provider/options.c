#include "options.h"

#include "base/text.h"
#include "format/uri.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define PORT_DEFAULT 8081
#define PAGES_DEFAULT "tests/provider/pages"

/* What uri_parse() has to say would stand before the sentence that names the option. */
static bool is_safe_uri(struct arena *arena, const char *text, struct uri *uri) {
    bool safe = uri_parse(arena, text, uri) == 0 && uri_is_safe_endpoint(uri);
    arena->error = (struct error){.rule = ERROR_NONE};
    return safe;
}

static int read_port(struct arena *arena, const char *text, struct op *op) {
    char *end;
    long port = strtol(text, &end, 10);
    if (!ascii_is_digit(*text) || *end != '\0' || port < 1 || port > 65535)
        return fail(arena, ERROR_CONFIG, "--port %s: not a port", text);
    op->port = (int)port;
    return 0;
}

/* Whoever could be reached from elsewhere would let anybody in as anybody. */
static int read_issuer(struct arena *arena, const char *text, struct op *op) {
    struct uri uri;
    if (!is_safe_uri(arena, text, &uri) || !text_equal(uri_origin(arena, &uri), text))
        return fail(arena, ERROR_CONFIG, "--issuer %s: not an origin (http://localhost:8081)",
                    text);
    if (!uri_is_loopback(&uri))
        return fail(arena, ERROR_CONFIG, "--issuer %s: this provider is for loopback alone", text);
    op->issuer = text;
    return 0;
}

/* RFC 6749 3.1.2: absolute, without a fragment; https but on this machine. */
static int add_uri(struct arena *arena, const char *text, struct uri_list *list) {
    struct uri uri;
    if (!is_safe_uri(arena, text, &uri))
        return fail(arena, ERROR_CONFIG, "%s: not https, nor http on this machine", text);
    if (list->count == OP_URIS_LIMIT)
        return fail(arena, ERROR_CONFIG, "more than %d URIs", OP_URIS_LIMIT);
    list->uris[list->count++] = text;
    return 0;
}

/* ID:SECRET:URI[,URI…]: a URI has colons and may have commas only encoded. */
static int read_client(struct arena *arena, const char *text, struct op *op) {
    char *rest = arena_text(arena, text);
    const char *id = strsep(&rest, ":");
    const char *secret = strsep(&rest, ":");
    if (rest == NULL || *id == '\0' || *secret == '\0')
        return fail(arena, ERROR_CONFIG, "--client %s: not ID:SECRET:REDIRECT_URI", text);
    if (op_client(op, id) != NULL)
        return fail(arena, ERROR_CONFIG, "--client %s: a second one of that id", id);
    if (op->clients_count == OP_CLIENTS_LIMIT)
        return fail(arena, ERROR_CONFIG, "more than %d clients", OP_CLIENTS_LIMIT);

    struct client *client = &op->clients[op->clients_count++];
    client->id = id;
    client->secret = secret;
    while (rest != NULL)
        if (add_uri(arena, strsep(&rest, ","), &client->redirect_uris) != 0)
            return -1;
    return 0;
}

static int read_alg(struct arena *arena, const char *text, struct op *op) {
    if (!text_has_word("RS256 ES256", text))
        return fail(arena, ERROR_CONFIG, "--id-token-alg %s: not RS256 or ES256", text);
    op->id_token_alg = text;
    return 0;
}

static int read_option(struct arena *arena, int option, const char *value, struct op *op) {
    switch (option) {
    case 'p':
        return read_port(arena, value, op);
    case 'i':
        return read_issuer(arena, value, op);
    case 'c':
        return read_client(arena, value, op);
    case 'l':
        return add_uri(arena, value, &op->post_logout_uris);
    case 'a':
        return read_alg(arena, value, op);
    case 'k':
        op->api_key = value;
        return 0;
    case 'd':
        op->pages = value;
        return 0;
    case 'q':
        op->quiet = true;
        return 0;
    default:
        return fail(arena, ERROR_CONFIG, "usage: see the beginning of tests/provider/provider.c");
    }
}

int options_read(struct arena *arena, int count, char **arguments, struct op *op) {
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"issuer", required_argument, NULL, 'i'},
                                            {"client", required_argument, NULL, 'c'},
                                            {"post-logout", required_argument, NULL, 'l'},
                                            {"id-token-alg", required_argument, NULL, 'a'},
                                            {"api-key", required_argument, NULL, 'k'},
                                            {"pages", required_argument, NULL, 'd'},
                                            {"quiet", no_argument, NULL, 'q'},
                                            {NULL, 0, NULL, 0}};
    *op = (struct op){.port = PORT_DEFAULT, .pages = PAGES_DEFAULT, .id_token_alg = "RS256"};
    for (;;) {
        int option = getopt_long(count, arguments, "", options, NULL);
        if (option == -1)
            break;
        if (read_option(arena, option, optarg, op) != 0)
            return -1;
    }
    if (optind < count)
        return fail(arena, ERROR_CONFIG, "%s: not an option", arguments[optind]);
    if (op->issuer == NULL)
        op->issuer = arena_format(arena, "http://localhost:%d", op->port);
    return 0;
}

/*
 * instant_provider: an OpenID provider that says yes at once, for measuring relying parties.
 *
 *   instant_provider PORT [ES256|RS256]
 *
 * It shows no page and asks nobody: each authorization request comes straight back with a code, for one of a
 * thousand people in turn. It keeps nothing (what a code stands for is written in it), takes any client and any
 * secret, and serves each connection, kept alive, in a thread of its own. Its metadata names no userinfo_endpoint:
 * all that there is to know stands in the ID Token. "GET /counts" tells what was asked since the last time, and over how
 * many connections. Prints "ready ISSUER" once it listens.
 *
 * For loopback and for measuring alone: it does not check what it is told. The one for trying out is tests/provider.
 */
#include "base/clock.h"
#include "base/text.h"
#include "format/form.h"
#include "format/jws.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

#define REQUEST_SIZE 16384
#define CONNECTION_ARENA (1024U * 1024)
#define PEOPLE 1000
#define CLIENT_ID "bench"
#define ACCESS_TOKEN "an-access-token-for-nothing"
#define LIFETIME 600 /* seconds */

enum asked { ASKED_METADATA, ASKED_JWKS, ASKED_AUTHORIZE, ASKED_TOKEN, ASKED_OTHER, ASKED_COUNT };

static const char *const asked_names[ASKED_COUNT] = {"metadata", "jwks", "authorize", "token",
                                                     "other"};

struct provider {
    const char *issuer;
    struct signing_key key;
    const char *metadata;
    const char *jwks;
    atomic_long asked[ASKED_COUNT];
    atomic_long connections;
    atomic_uint people; /* how many came so far */
};

/* One connection and the request at hand. */
struct exchange {
    struct provider *provider;
    struct arena arena;
    int socket;
    char bytes[REQUEST_SIZE]; /* what came; with a NUL behind */
    size_t length;
    const char *method;
    const char *path;
    const char *query; /* "" if there is none */
    const char *body;
    size_t body_length;
    size_t end; /* of the request, in bytes: what is behind belongs to the next */
};

/* ---- HTTP ------------------------------------------------------------------------------------ */

/* More bytes, or false: nobody has anything to say any more, or too much. */
static bool receive(struct exchange *exchange) {
    ssize_t got = recv(exchange->socket, exchange->bytes + exchange->length,
                       REQUEST_SIZE - 1 - exchange->length, 0);
    if (got <= 0)
        return false;
    exchange->length += (size_t)got;
    exchange->bytes[exchange->length] = '\0';
    return true;
}

static size_t content_length(const char *head) {
    const char *field = strcasestr(head, "\r\ncontent-length:");
    return field == NULL ? 0 : strtoul(field + strlen("\r\ncontent-length:"), NULL, 10);
}

static bool read_request(struct exchange *exchange) {
    const char *head_end = NULL;
    while (head_end == NULL) {
        head_end = exchange->length == 0 ? NULL : strstr(exchange->bytes, "\r\n\r\n");
        if (head_end == NULL && !receive(exchange))
            return false;
    }
    size_t head_length = (size_t)(head_end - exchange->bytes) + 4;
    exchange->body_length = content_length(exchange->bytes);
    exchange->end = head_length + exchange->body_length;
    if (exchange->end >= REQUEST_SIZE)
        return false;
    while (exchange->length < exchange->end)
        if (!receive(exchange))
            return false;

    const char *rest = exchange->bytes;
    size_t method = strcspn(rest, " ");
    size_t target = strcspn(rest + method + 1, " \r");
    const char *text = arena_copy(&exchange->arena, rest + method + 1, target);
    size_t path = strcspn(text, "?");
    exchange->method = arena_copy(&exchange->arena, rest, method);
    exchange->path = arena_copy(&exchange->arena, text, path);
    exchange->query = text[path] == '\0' ? "" : text + path + 1;
    exchange->body = exchange->bytes + head_length;
    return true;
}

static bool say(struct exchange *exchange, const char *status, const char *field,
                const char *body) {
    const char *answer = arena_format(&exchange->arena,
                                      "HTTP/1.1 %s\r\nContent-Type: application/json\r\n"
                                      "Cache-Control: no-store\r\n%sContent-Length: %zu\r\n\r\n%s",
                                      status, field, strlen(body), body);
    size_t length = strlen(answer);
    return send(exchange->socket, answer, length, MSG_NOSIGNAL) == (ssize_t)length;
}

/* ---- OpenID Connect -------------------------------------------------------------------------- */

/* The code tells whom it is for, and the nonce: "17.NONCE". */
static bool authorize(struct exchange *exchange) {
    struct arena *arena = &exchange->arena;
    struct form form = {.first = NULL};
    if (form_parse(arena, exchange->query, strlen(exchange->query), &form) != 0)
        return say(exchange, "400 Bad Request", "", "{}");
    const char *redirect_uri = form_value(&form, "redirect_uri");
    const char *nonce = form_value(&form, "nonce");
    struct form response = {.first = NULL};
    unsigned person = atomic_fetch_add(&exchange->provider->people, 1) % PEOPLE;
    form_put(arena, &response, "code",
             arena_format(arena, "%u.%s", person, nonce == NULL ? "" : nonce));
    form_put(arena, &response, "state", form_value(&form, "state"));
    form_put(arena, &response, "iss", exchange->provider->issuer);
    const char *location =
        arena_format(arena, "Location: %s?%s\r\n", redirect_uri == NULL ? "" : redirect_uri,
                     form_write(arena, &response));
    return say(exchange, "302 Found", location, "");
}

static struct json *claims_of(struct exchange *exchange, const char *code) {
    struct arena *arena = &exchange->arena;
    struct json *claims = json_object(arena);
    char *nonce = NULL;
    unsigned long person = strtoul(code, &nonce, 10);
    int64_t now = clock_system.now(&clock_system);
    json_put_string(arena, claims, "iss", exchange->provider->issuer);
    json_put_string(arena, claims, "sub", arena_format(arena, "person-%lu", person));
    json_put_string(arena, claims, "aud", CLIENT_ID);
    json_put_integer(arena, claims, "iat", now);
    json_put_integer(arena, claims, "exp", now + LIFETIME);
    if (*nonce == '.' && nonce[1] != '\0')
        json_put_string(arena, claims, "nonce", nonce + 1);
    json_put_string(arena, claims, "name", arena_format(arena, "Ada Person %lu", person));
    json_put_string(arena, claims, "email", arena_format(arena, "ada.%lu@example.org", person));
    json_put_boolean(arena, claims, "email_verified", true);
    return claims;
}

static bool give_token(struct exchange *exchange) {
    struct arena *arena = &exchange->arena;
    struct form form = {.first = NULL};
    char *id_token = NULL;
    if (form_parse(arena, exchange->body, exchange->body_length, &form) != 0 ||
        form_value(&form, "code") == NULL)
        return say(exchange, "400 Bad Request", "", "{\"error\":\"invalid_request\"}");
    struct json *claims = claims_of(exchange, form_value(&form, "code"));
    if (jws_sign(arena, &exchange->provider->key, "JWT", claims, &id_token) != 0)
        return say(exchange, "500 Internal Server Error", "", "{\"error\":\"server_error\"}");
    struct json *answer = json_object(arena);
    json_put_string(arena, answer, "access_token", ACCESS_TOKEN);
    json_put_string(arena, answer, "token_type", "Bearer");
    json_put_integer(arena, answer, "expires_in", LIFETIME);
    json_put_string(arena, answer, "scope", "openid profile email");
    json_put_string(arena, answer, "id_token", id_token);
    return say(exchange, "200 OK", "", json_write(arena, answer));
}

static bool tell_counts(struct exchange *exchange) {
    struct arena *arena = &exchange->arena;
    struct provider *provider = exchange->provider;
    struct json *counts = json_object(arena);
    for (size_t i = 0; i < ASKED_COUNT; i++)
        json_put_integer(arena, counts, asked_names[i], atomic_exchange(&provider->asked[i], 0));
    json_put_integer(arena, counts, "connections", atomic_exchange(&provider->connections, 0));
    return say(exchange, "200 OK", "", json_write(arena, counts));
}

static bool answer(struct exchange *exchange) {
    static const char metadata_path[] = "/.well-known/openid-configuration";
    struct provider *provider = exchange->provider;
    if (text_equal(exchange->path, "/counts"))
        return tell_counts(exchange);
    if (text_equal(exchange->path, "/authorize")) {
        atomic_fetch_add(&provider->asked[ASKED_AUTHORIZE], 1);
        return authorize(exchange);
    }
    if (text_equal(exchange->path, "/token")) {
        atomic_fetch_add(&provider->asked[ASKED_TOKEN], 1);
        return give_token(exchange);
    }
    if (text_equal(exchange->path, "/jwks")) {
        atomic_fetch_add(&provider->asked[ASKED_JWKS], 1);
        return say(exchange, "200 OK", "", provider->jwks);
    }
    bool is_metadata = text_equal(exchange->path, metadata_path);
    atomic_fetch_add(&provider->asked[is_metadata ? ASKED_METADATA : ASKED_OTHER], 1);
    return is_metadata ? say(exchange, "200 OK", "", provider->metadata)
                       : say(exchange, "404 Not Found", "", "{}");
}

/* ---- connections ----------------------------------------------------------------------------- */

static void *serve(void *closure) {
    struct exchange *exchange = closure;
    arena_open(&exchange->arena, CONNECTION_ARENA);
    while (read_request(exchange) && answer(exchange)) {
        exchange->length -= exchange->end;
        memmove(exchange->bytes, exchange->bytes + exchange->end, exchange->length + 1);
        arena_reset(&exchange->arena);
    }
    arena_close(&exchange->arena);
    close(exchange->socket);
    free(exchange);
    return NULL;
}

static void accept_one(struct provider *provider, int listener) {
    int yes = 1;
    pthread_t thread;
    struct exchange *exchange = calloc(1, sizeof(*exchange));
    int socket = accept(listener, NULL, NULL);
    if (exchange == NULL || socket < 0) {
        free(exchange);
        return;
    }
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof(yes));
    exchange->provider = provider;
    exchange->socket = socket;
    if (pthread_create(&thread, NULL, serve, exchange) != 0) {
        close(socket);
        free(exchange);
        return;
    }
    pthread_detach(thread);
    /* "GET /counts" itself is over one, too; whoever asks knows. */
    atomic_fetch_add(&provider->connections, 1);
}

static int listen_on(int port) {
    const struct sockaddr_in address = {.sin_family = AF_INET,
                                        .sin_port = htons((uint16_t)port),
                                        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int yes = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (listener >= 0 && setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)) == 0 &&
        bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        listen(listener, SOMAXCONN) == 0)
        return listener;
    if (listener >= 0)
        close(listener);
    return -1;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static const char *metadata_of(struct arena *arena, const struct provider *provider) {
    static const struct {
        const char *name;
        const char *path;
    } endpoints[] = {{"authorization_endpoint", "/authorize"},
                     {"token_endpoint", "/token"},
                     {"jwks_uri", "/jwks"}};
    static const struct {
        const char *name;
        const char *value;
    } lists[] = {{"response_types_supported", "code"},
                 {"subject_types_supported", "public"},
                 {"token_endpoint_auth_methods_supported", "client_secret_basic"},
                 {"code_challenge_methods_supported", "S256"},
                 {"scopes_supported", "openid"}};
    struct json *metadata = json_object(arena);
    json_put_string(arena, metadata, "issuer", provider->issuer);
    for (size_t i = 0; i < sizeof(endpoints) / sizeof(endpoints[0]); i++)
        json_put_string(arena, metadata, endpoints[i].name,
                        arena_format(arena, "%s%s", provider->issuer, endpoints[i].path));
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        struct json *list = json_array(arena);
        json_append(list, json_text(arena, lists[i].value));
        json_put(arena, metadata, lists[i].name, list);
    }
    struct json *algs = json_array(arena);
    json_append(algs, json_text(arena, provider->key.alg));
    json_put(arena, metadata, "id_token_signing_alg_values_supported", algs);
    json_put_boolean(arena, metadata, "authorization_response_iss_parameter_supported", true);
    return json_write(arena, metadata);
}

static int open_provider(struct arena *arena, int port, const char *alg,
                         struct provider *provider) {
    struct json *jwk = NULL;
    provider->issuer = arena_format(arena, "http://127.0.0.1:%d", port);
    if (signing_key_generate(arena, alg, "the-key", &provider->key) != 0 ||
        signing_key_public(arena, &provider->key, &jwk) != 0)
        return -1;
    struct json *keys = json_array(arena);
    struct json *set = json_object(arena);
    json_append(keys, jwk);
    json_put(arena, set, "keys", keys);
    provider->jwks = json_write(arena, set);
    provider->metadata = metadata_of(arena, provider);
    return 0;
}

int main(int argc, char **argv) {
    struct provider provider = {.issuer = NULL};
    struct arena arena;
    int port = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 0;
    arena_open(&arena, ARENA_LIMIT);
    if (port <= 0 || open_provider(&arena, port, argc > 2 ? argv[2] : "ES256", &provider) != 0) {
        fputs("usage: instant_provider PORT [ES256|RS256]\n", stderr);
        return EX_USAGE;
    }
    int listener = listen_on(port);
    if (listener < 0) {
        fprintf(stderr, "instant_provider: port %d: %s\n", port, strerror(errno));
        return EX_UNAVAILABLE;
    }
    signal(SIGPIPE, SIG_IGN);
    printf("ready %s\n", provider.issuer);
    fflush(stdout);
    for (;;)
        accept_one(&provider, listener);
}

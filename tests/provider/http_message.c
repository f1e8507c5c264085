#include "http_message.h"

#include "base/text.h"
#include "format/uri.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sysexits.h>

static int refuse(int *status, int code) {
    *status = code;
    return -1;
}

/* Receives until the empty line. *head_length counts it in; what follows is the body's beginning. */
static int receive_head(int socket, char *bytes, size_t *received, size_t *head_length,
                        int *status) {
    *received = 0;
    while (*received < INCOMING_HEAD_LIMIT) {
        ssize_t got = recv(socket, bytes + *received, INCOMING_HEAD_LIMIT - *received, 0);
        if (got <= 0)
            return refuse(status, 0);
        *received += (size_t)got;
        const char *end = memmem(bytes, *received, "\r\n\r\n", 4);
        if (end != NULL) {
            *head_length = (size_t)(end - bytes) + 4;
            return 0;
        }
    }
    return refuse(status, 431);
}

/* Cuts the line at *text off and steps behind it. There is a CRLF in *text. */
static char *next_line(char **text) {
    char *line = *text;
    char *end = strstr(line, "\r\n");
    *end = '\0';
    *text = end + 2;
    return line;
}

static bool has_control(const char *text) {
    for (; *text != '\0'; text++)
        if (ascii_is_control(*text) && *text != '\t')
            return true;
    return false;
}

/* RFC 9112 3: method SP request-target SP HTTP-version, the target in origin form. */
static int parse_request_line(struct arena *arena, char *line, struct incoming *incoming) {
    char *rest = NULL;
    const char *method = strtok_r(line, " ", &rest);
    char *target = strtok_r(NULL, " ", &rest);
    const char *version = strtok_r(NULL, "", &rest);
    if (target == NULL || target[0] != '/' || has_control(target))
        return -1;
    if (!text_equal(version, "HTTP/1.1") && !text_equal(version, "HTTP/1.0"))
        return -1;

    incoming->head_only = text_equal(method, "HEAD");
    incoming->method = incoming->head_only ? "GET" : method;
    incoming->path = target;
    char *query = strchr(target, '?');
    if (query == NULL)
        return 0;
    *query = '\0';
    return form_parse(arena, query + 1, strlen(query + 1), &incoming->query);
}

/* RFC 9112 5.1: no white space before the colon, no folded lines; 5.2. */
static int parse_field(struct arena *arena, char *line, struct incoming *incoming) {
    char *colon = strchr(line, ':');
    if (colon == NULL || colon == line || has_control(line))
        return -1;
    *colon = '\0';
    if (strpbrk(line, " \t") != NULL)
        return -1;
    for (char *c = line; *c != '\0'; c++)
        *c = ascii_lower(*c);

    char *value = colon + 1;
    value += strspn(value, " \t");
    size_t length = strlen(value);
    while (length > 0 && (value[length - 1] == ' ' || value[length - 1] == '\t'))
        length--;
    value[length] = '\0';

    struct header *header = arena_alloc(arena, sizeof(*header));
    *header = (struct header){.name = line, .value = value, .next = incoming->headers};
    incoming->headers = header;
    return 0;
}

/* What would be ambiguous stands there once at most (RFC 9110 5.3). */
static bool has_repeated_field(const struct incoming *incoming) {
    static const char single[] = "host content-length content-type authorization cookie";
    for (const struct header *header = incoming->headers; header != NULL; header = header->next)
        if (text_has_word(single, header->name) &&
            incoming_header(incoming, header->name) != header->value)
            return true;
    return false;
}

static bool is_for_loopback(struct arena *arena, const struct incoming *incoming) {
    struct uri uri;
    const char *host = incoming_header(incoming, "host");
    if (host == NULL || strpbrk(host, "/?#@") != NULL)
        return false;
    return uri_parse(arena, arena_format(arena, "http://%s", host), &uri) == 0 &&
           uri_is_loopback(&uri);
}

static int parse_head(struct arena *arena, char *head, struct incoming *incoming, int *status) {
    if (parse_request_line(arena, next_line(&head), incoming) != 0)
        return refuse(status, 400);
    while (strncmp(head, "\r\n", 2) != 0)
        if (parse_field(arena, next_line(&head), incoming) != 0)
            return refuse(status, 400);
    if (has_repeated_field(incoming) || !is_for_loopback(arena, incoming))
        return refuse(status, 400);
    if (incoming_header(incoming, "transfer-encoding") != NULL)
        return refuse(status, 501);
    return 0;
}

/* RFC 9110 8.6: digits only. Absent is 0. */
static int body_length(const struct incoming *incoming, size_t *length, int *status) {
    const char *text = incoming_header(incoming, "content-length");
    *length = 0;
    if (text == NULL)
        return 0;
    if (*text == '\0')
        return refuse(status, 400);
    for (; *text != '\0'; text++) {
        if (!ascii_is_digit(*text))
            return refuse(status, 400);
        *length = *length * 10 + (size_t)(*text - '0');
        if (*length > INCOMING_BODY_LIMIT)
            return refuse(status, 413);
    }
    return 0;
}

static bool is_of_type(const struct incoming *incoming, const char *expected) {
    const char *type = incoming_header(incoming, "content-type");
    return type != NULL && strncasecmp(type, expected, strlen(expected)) == 0 &&
           strchr("; ", type[strlen(expected)]) != NULL;
}

static bool is_form(const struct incoming *incoming) {
    return is_of_type(incoming, "application/x-www-form-urlencoded");
}

static bool is_document(const struct incoming *incoming) {
    return text_starts_with(incoming->path, "/api/") && is_of_type(incoming, "application/json");
}

static int take_document(const char *body, size_t length, struct incoming *incoming, int *status) {
    incoming->json = body;
    return strlen(body) == length ? 0 : refuse(status, 400);
}

/* Reads the body, of which `got` bytes came with the head. */
static int receive_body(struct arena *arena, int socket, const char *beginning, size_t got,
                        struct incoming *incoming, int *status) {
    size_t length;
    if (body_length(incoming, &length, status) != 0)
        return -1;
    if (length == 0)
        return 0;
    if (!is_form(incoming) && !is_document(incoming))
        return refuse(status, 415);

    char *body = arena_alloc(arena, length + 1);
    got = got < length ? got : length;
    memcpy(body, beginning, got);
    while (got < length) {
        ssize_t more = recv(socket, body + got, length - got, 0);
        if (more <= 0)
            return refuse(status, 0);
        got += (size_t)more;
    }
    if (is_document(incoming))
        return take_document(body, length, incoming, status);
    return form_parse(arena, body, length, &incoming->body) == 0 ? 0 : refuse(status, 400);
}

int incoming_read(struct arena *arena, int socket, struct incoming *incoming, int *status) {
    char *bytes = arena_alloc(arena, INCOMING_HEAD_LIMIT + 1);
    size_t received;
    size_t head_length;
    *incoming = (struct incoming){.method = "", .path = ""};
    if (receive_head(socket, bytes, &received, &head_length, status) != 0)
        return -1;
    if (memchr(bytes, '\0', head_length) != NULL)
        return refuse(status, 400);

    char *head = arena_copy(arena, bytes, head_length);
    if (parse_head(arena, head, incoming, status) != 0)
        return -1;
    return receive_body(arena, socket, bytes + head_length, received - head_length, incoming,
                        status);
}

const char *incoming_header(const struct incoming *incoming, const char *name) {
    for (const struct header *header = incoming->headers; header != NULL; header = header->next)
        if (strcmp(header->name, name) == 0)
            return header->value;
    return NULL;
}

const struct form *incoming_parameters(const struct incoming *incoming) {
    return text_equal(incoming->method, "POST") ? &incoming->body : &incoming->query;
}

void reply_open(struct arena *arena, struct reply *reply) {
    *reply = (struct reply){.arena = arena, .status = 200};
    buffer_open(arena, &reply->fields);
    buffer_open(arena, &reply->body);
    reply_field(reply, "Cache-Control", "no-store");
    reply_field(reply, "Referrer-Policy", "no-referrer");
    reply_field(reply, "X-Content-Type-Options", "nosniff");
}

void reply_field(struct reply *reply, const char *name, const char *value) {
    if (has_control(value)) {
        fprintf(stderr, "provider: control byte in the field %s\n", name);
        exit(EX_SOFTWARE);
    }
    buffer_add_format(&reply->fields, "%s: %s\r\n", name, value);
}

void reply_redirect(struct reply *reply, const char *uri) {
    reply_field(reply, "Location", uri);
    reply_body(reply, 303, "text/plain; charset=utf-8", "See the Location field.\n");
}

void reply_body(struct reply *reply, int status, const char *type, const char *text) {
    reply->status = status;
    reply_field(reply, "Content-Type", type);
    buffer_add_text(&reply->body, text);
}

static const char *reason(int status) {
    static const struct {
        int status;
        const char *phrase;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {204, "No Content"},
        {303, "See Other"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {431, "Request Header Fields Too Large"},
        {500, "Internal Server Error"},
        {501, "Not Implemented"},
        {503, "Service Unavailable"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].phrase;
    return "";
}

/* 0, or -1 if the client is gone. */
static int send_all(int socket, const char *bytes, size_t length) {
    while (length > 0) {
        ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);
        if (sent <= 0)
            return -1;
        bytes += sent;
        length -= (size_t)sent;
    }
    return 0;
}

void reply_send(const struct reply *reply, int socket, bool head_only) {
    /* RFC 9110 8.6: a 204 tells no length. */
    const char *length =
        reply->status == 204
            ? ""
            : arena_format(reply->arena, "Content-Length: %zu\r\n", reply->body.length);
    const char *head =
        arena_format(reply->arena, "HTTP/1.1 %d %s\r\n%s%sConnection: close\r\n\r\n", reply->status,
                     reason(reply->status), reply->fields.bytes, length);
    if (send_all(socket, head, strlen(head)) == 0 && !head_only)
        send_all(socket, reply->body.bytes, reply->body.length);
}

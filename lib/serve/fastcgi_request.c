#include "serve/fastcgi_request.h"

#include "base/clock.h"
#include "base/secret.h"
#include "serve/fastcgi_record.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#define BEGIN_SIZE 8
#define KEEP_CONNECTION 1 /* of the flags (5.1) */
#define CONTROL_LIMIT 512 /* bytes of a management record that are looked at */

/* Roles (6). A filter would have to be sent the file that it filters. */
#define ROLE_RESPONDER 1
#define ROLE_AUTHORIZER 2

/* A meta-variable, terminated; its record's bytes lie in the arena. */
struct fastcgi_variable {
    const char *name;
    const char *value;
    struct fastcgi_variable *next;
};

/* ---- bytes ----------------------------------------------------------------------------------- */

static bool wait_for(int socket, short event, int64_t deadline) {
    struct pollfd descriptor = {.fd = socket, .events = event};
    for (;;) {
        int64_t left = deadline - clock_monotonic();
        if (left <= 0)
            return false;
        int ready = poll(&descriptor, 1, (int)left);
        if (ready > 0)
            return true;
        if (ready == 0 || errno != EINTR)
            return false;
    }
}

/* Reads what has come; 0 at the end, -1 on failure (EAGAIN: nothing has come). */
static ssize_t take(int socket, void *bytes, size_t size) {
    ssize_t got = -1;
    do
        got = recv(socket, bytes, size, 0);
    while (got < 0 && errno == EINTR);
    return got;
}

/* Refills the input, which must be empty. */
static bool fill(struct fastcgi_request *request) {
    ssize_t got = take(request->socket, request->input, sizeof(request->input));
    while (got < 0 && errno == EAGAIN) {
        if (!wait_for(request->socket, POLLIN, request->deadline))
            return false;
        got = take(request->socket, request->input, sizeof(request->input));
    }
    if (got <= 0)
        return false;
    request->input_start = 0;
    request->input_end = (size_t)got;
    return true;
}

bool fastcgi_request_has_input(const struct fastcgi_request *request) {
    return request->input_start < request->input_end;
}

/* The next bytes of the input, at least one and at most `size`: how many, from *bytes on; 0: no
 * more will come. */
static size_t next_bytes(struct fastcgi_request *request, size_t size,
                         const unsigned char **bytes) {
    if (!fastcgi_request_has_input(request) && !fill(request)) {
        request->broken = true;
        return 0;
    }
    size_t length = request->input_end - request->input_start;
    length = length < size ? length : size;
    *bytes = request->input + request->input_start;
    request->input_start += length;
    return length;
}

/* NULL as target: they are stepped over. */
static bool read_exactly(struct fastcgi_request *request, unsigned char *target, size_t size) {
    while (size > 0) {
        const unsigned char *bytes = NULL;
        size_t length = next_bytes(request, size, &bytes);
        if (length == 0)
            return false;
        if (target != NULL) {
            memcpy(target, bytes, length);
            target += length;
        }
        size -= length;
    }
    return true;
}

static bool send_all(struct fastcgi_request *request, const unsigned char *bytes, size_t length) {
    while (length > 0 && !request->broken) {
        ssize_t sent = send(request->socket, bytes, length, MSG_NOSIGNAL);
        if (sent >= 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else if (errno == EAGAIN) {
            request->broken =
                !wait_for(request->socket, POLLOUT, clock_monotonic() + FASTCGI_WRITE_TIMEOUT);
        } else if (errno != EINTR) {
            request->broken = true;
        }
    }
    return !request->broken;
}

/* ---- records that are not the request's ------------------------------------------------------ */

static bool skip(struct fastcgi_request *request, const struct fastcgi_header *header) {
    return read_exactly(request, NULL, header->content_length + header->padding_length);
}

static bool send_end(struct fastcgi_request *request, uint16_t id, enum fastcgi_end end) {
    unsigned char bytes[FASTCGI_END_SIZE];
    fastcgi_end_write(bytes, id, end);
    return send_all(request, bytes, sizeof(bytes));
}

static bool answer_values(struct fastcgi_request *request, const struct fastcgi_header *header) {
    unsigned char content[CONTROL_LIMIT];
    unsigned char answer[FASTCGI_VALUES_SIZE];
    size_t length = header->content_length < CONTROL_LIMIT ? header->content_length : CONTROL_LIMIT;
    size_t rest = header->content_length - length + header->padding_length;
    if (!read_exactly(request, content, length) || !read_exactly(request, NULL, rest))
        return false;
    size_t written = fastcgi_values_write(answer, content, length);
    return send_all(request, answer, written);
}

static bool answer_management(struct fastcgi_request *request,
                              const struct fastcgi_header *header) {
    unsigned char answer[FASTCGI_UNKNOWN_SIZE];
    if (header->type == FASTCGI_GET_VALUES)
        return answer_values(request, header);
    fastcgi_unknown_write(answer, header->type);
    return skip(request, header) && send_all(request, answer, sizeof(answer));
}

/* While one request is at work: of another one, and of what is nobody's, as much as is needed. */
static bool answer_stranger(struct fastcgi_request *request, const struct fastcgi_header *header) {
    if (header->request == 0)
        return answer_management(request, header);
    if (!skip(request, header))
        return false;
    return header->type != FASTCGI_BEGIN_REQUEST ||
           send_end(request, header->request, FASTCGI_CANNOT_MULTIPLEX);
}

/* ---- the head: what begins the request, and its parameters ----------------------------------- */

static bool begin(struct fastcgi_request *request, const struct fastcgi_header *header) {
    unsigned char content[BEGIN_SIZE];
    if (header->content_length != BEGIN_SIZE || !read_exactly(request, content, BEGIN_SIZE) ||
        !read_exactly(request, NULL, header->padding_length))
        return false;
    int role = content[0] << 8 | content[1];
    request->keep = (content[2] & KEEP_CONNECTION) != 0;
    if (role != ROLE_RESPONDER && role != ROLE_AUTHORIZER)
        return send_end(request, header->request, FASTCGI_UNKNOWN_ROLE) && request->keep;
    request->id = header->request;
    request->role = role == ROLE_AUTHORIZER ? GATEWAY_AUTHORIZER : GATEWAY_RESPONDER;
    request->ended = role == ROLE_AUTHORIZER; /* 6.3: it is sent no input */
    return true;
}

static bool add_params(struct fastcgi_request *request, const struct fastcgi_header *header) {
    size_t left = header->content_length;
    request->refused = request->refused || left > FASTCGI_PARAMS_LIMIT - request->params.length;
    if (request->refused)
        return skip(request, header);
    while (left > 0) {
        const unsigned char *bytes = NULL;
        size_t length = next_bytes(request, left, &bytes);
        if (length == 0)
            return false;
        buffer_add(&request->params, bytes, length);
        left -= length;
    }
    return read_exactly(request, NULL, header->padding_length);
}

/* A NUL would end the value for us, but not for the server that judged it. */
static bool has_nul(const struct fastcgi_pair *pair) {
    return memchr(pair->name, '\0', pair->name_length) != NULL ||
           memchr(pair->value, '\0', pair->value_length) != NULL;
}

/* False if there is one that is none. */
static bool parse_variables(struct fastcgi_request *request) {
    const unsigned char *rest = (const unsigned char *)request->params.bytes;
    size_t length = request->params.length;
    struct fastcgi_variable **end = &request->variables;
    struct fastcgi_pair pair;
    int found = fastcgi_pair_parse(&rest, &length, &pair);
    for (; found == 1; found = fastcgi_pair_parse(&rest, &length, &pair)) {
        if (has_nul(&pair))
            return false;
        *end = arena_alloc(&request->arena, sizeof(**end));
        (*end)->name = arena_copy(&request->arena, pair.name, pair.name_length);
        (*end)->value = arena_copy(&request->arena, pair.value, pair.value_length);
        end = &(*end)->next;
    }
    return found == 0;
}

static void read_variables(struct fastcgi_request *request) {
    if (request->refused || !parse_variables(request))
        request->variables = NULL;
}

/* One record of the head. *complete: it was the last. */
static bool read_head_record(struct fastcgi_request *request, bool *complete) {
    unsigned char bytes[FASTCGI_HEADER_SIZE];
    struct fastcgi_header header;
    if (!read_exactly(request, bytes, sizeof(bytes)) || !fastcgi_header_parse(bytes, &header))
        return false;
    if (request->id == 0 && header.type == FASTCGI_BEGIN_REQUEST && header.request != 0)
        return begin(request, &header);
    if (request->id == 0 || header.request != request->id)
        return answer_stranger(request, &header);
    if (header.type == FASTCGI_PARAMS && header.content_length > 0)
        return add_params(request, &header);
    if (header.type == FASTCGI_ABORT_REQUEST) /* the client is gone before we began */
        return false;
    *complete = header.type == FASTCGI_PARAMS;
    return skip(request, &header);
}

static void open_request(struct fastcgi_request *request, int socket) {
    request->socket = socket;
    request->id = 0;
    request->keep = false;
    request->variables = NULL;
    request->refused = false;
    request->ended = false;
    request->broken = false;
    request->content_left = 0;
    request->padding_left = 0;
    request->output_length = 0;
    buffer_open(&request->arena, &request->params);
}

enum fastcgi_arrival fastcgi_request_receive(struct fastcgi_request *request, int socket) {
    open_request(request, socket);
    if (!fastcgi_request_has_input(request)) {
        ssize_t got = take(socket, request->input, sizeof(request->input));
        if (got < 0 && errno == EAGAIN)
            return FASTCGI_NOTHING;
        if (got <= 0)
            return FASTCGI_OVER;
        request->input_start = 0;
        request->input_end = (size_t)got;
    }

    bool complete = false;
    request->deadline = clock_monotonic() + FASTCGI_HEAD_TIMEOUT;
    while (!complete)
        if (!read_head_record(request, &complete))
            return FASTCGI_OVER;
    request->deadline = clock_monotonic() + FASTCGI_BODY_TIMEOUT;
    read_variables(request);
    return FASTCGI_READY;
}

/* ---- the gateway ----------------------------------------------------------------------------- */

/* Of two of one name the first counts, wherever it is asked for. */
static const char *variable(const struct gateway *gateway, const char *name) {
    const struct fastcgi_request *request = gateway->stream;
    for (const struct fastcgi_variable *variable = request->variables; variable != NULL;
         variable = variable->next)
        if (strcmp(variable->name, name) == 0)
            return variable->value;
    return NULL;
}

/* Up to the next content of the input stream, or its end. */
static bool next_content(struct fastcgi_request *request) {
    unsigned char bytes[FASTCGI_HEADER_SIZE];
    struct fastcgi_header header;
    while (request->content_left == 0 && !request->ended) {
        if (!read_exactly(request, NULL, request->padding_left))
            return false;
        request->padding_left = 0;
        if (!read_exactly(request, bytes, sizeof(bytes)) || !fastcgi_header_parse(bytes, &header))
            return false;
        if (header.request != request->id) {
            if (!answer_stranger(request, &header))
                return false;
            continue;
        }
        if (header.type != FASTCGI_STDIN) /* an abort, or nonsense */
            return false;
        request->content_left = header.content_length;
        request->padding_left = header.padding_length;
        request->ended = header.content_length == 0;
    }
    return true;
}

static ssize_t read_input(const struct gateway *gateway, void *bytes, size_t size) {
    struct fastcgi_request *request = gateway->stream;
    const unsigned char *input = NULL;
    if (request->broken || !next_content(request)) {
        request->broken = true;
        return -1;
    }
    if (request->content_left == 0 || size == 0)
        return 0;
    size_t length =
        next_bytes(request, size < request->content_left ? size : request->content_left, &input);
    if (length == 0)
        return -1;
    memcpy(bytes, input, length);
    request->content_left -= length;
    return (ssize_t)length;
}

/* The record that is being gathered goes out; its header has its place at the beginning. */
static bool flush(struct fastcgi_request *request) {
    size_t length = request->output_length;
    if (length == 0)
        return true;
    fastcgi_header_write(request->output, FASTCGI_STDOUT, request->id, length);
    request->output_length = 0;
    return send_all(request, request->output, FASTCGI_HEADER_SIZE + length);
}

/* What a request gathers at most, so that the end of it goes out with the last record. */
#define GATHERED_MAX (FASTCGI_OUTPUT_SIZE - 2 * FASTCGI_HEADER_SIZE - FASTCGI_END_SIZE)

static int write_output(const struct gateway *gateway, const void *bytes, size_t length) {
    struct fastcgi_request *request = gateway->stream;
    const unsigned char *next = bytes;
    while (length > 0) {
        size_t room = GATHERED_MAX - request->output_length;
        size_t size = length < room ? length : room;
        memcpy(request->output + FASTCGI_HEADER_SIZE + request->output_length, next, size);
        request->output_length += size;
        next += size;
        length -= size;
        if (request->output_length == GATHERED_MAX && !flush(request))
            return -1;
    }
    return request->broken ? -1 : 0;
}

static int flush_output(const struct gateway *gateway) {
    return flush(gateway->stream) ? 0 : -1;
}

/* The connection is closed without an end of the request. */
static void break_off(const struct gateway *gateway) {
    struct fastcgi_request *request = gateway->stream;
    request->broken = true;
}

struct gateway fastcgi_request_gateway(struct fastcgi_request *request) {
    return (struct gateway){
        .variable = variable,
        .read = read_input,
        .write = write_output,
        .send_file = gateway_copy_file,
        .flush = flush_output,
        .break_off = break_off,
        .role = request->role,
        .stream = request,
    };
}

/* The last of the output, the end of that stream (an empty record), and that of the request: in one
 * piece. */
static bool send_last(struct fastcgi_request *request) {
    unsigned char *next = request->output;
    if (request->output_length > 0) {
        fastcgi_header_write(next, FASTCGI_STDOUT, request->id, request->output_length);
        next += FASTCGI_HEADER_SIZE + request->output_length;
    }
    fastcgi_header_write(next, FASTCGI_STDOUT, request->id, 0);
    next += FASTCGI_HEADER_SIZE;
    fastcgi_end_write(next, request->id, FASTCGI_REQUEST_COMPLETE);
    next += FASTCGI_END_SIZE;
    return send_all(request, request->output, (size_t)(next - request->output));
}

/* What of the input nobody wanted is taken all the same: closing a socket with bytes unread resets
 * the connection, and the answer may be lost with it. */
static bool drain(struct fastcgi_request *request) {
    request->deadline = clock_monotonic() + FASTCGI_HEAD_TIMEOUT;
    while (!request->ended) {
        if (!read_exactly(request, NULL, request->content_left))
            return false;
        request->content_left = 0;
        if (!next_content(request))
            return false;
    }
    return read_exactly(request, NULL, request->padding_left);
}

bool fastcgi_request_finish(struct fastcgi_request *request) {
    bool sent = !request->broken && send_last(request);
    bool usable = sent && drain(request) && request->keep;
    arena_reset(&request->arena);
    return usable;
}

void fastcgi_request_drop(struct fastcgi_request *request) {
    secret_wipe(request->input, sizeof(request->input));
    secret_wipe(request->output, sizeof(request->output));
    request->input_start = 0;
    request->input_end = 0;
    arena_reset(&request->arena);
}

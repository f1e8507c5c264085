#include "edge/http_frame.h"

#include "base/text.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define ABSENT UINT32_MAX

/* The bits of a request's yes and no. */
#define FLAG_POST 1U
#define FLAG_PUBLIC_ONLY 2U
#define FLAGS_KNOWN (FLAG_POST | FLAG_PUBLIC_ONLY)

/* Content still to be read. Once malformed, it stays so, and everything reads as absent. */
struct reader {
    struct arena *arena;
    const unsigned char *bytes;
    size_t length;
    bool malformed;
};

/* ---- numbers and texts ----------------------------------------------------------------------- */

static void put_number(struct buffer *frame, uint32_t number) {
    for (int shift = 24; shift >= 0; shift -= 8)
        buffer_add_byte(frame, (char)(unsigned char)(number >> shift & 0xFF));
}

static void put_bytes(struct buffer *frame, const char *bytes, size_t length) {
    put_number(frame, (uint32_t)length);
    buffer_add(frame, bytes, length);
}

static void put_text(struct buffer *frame, const char *text) {
    if (text == NULL)
        put_number(frame, ABSENT);
    else
        put_bytes(frame, text, strlen(text));
}

static uint32_t get_number(struct reader *reader) {
    uint32_t number = 0;
    if (reader->length < 4)
        reader->malformed = true;
    if (reader->malformed)
        return 0;
    for (int i = 0; i < 4; i++)
        number = number << 8 | reader->bytes[i];
    reader->bytes += 4;
    reader->length -= 4;
    return number;
}

static const char *get_bytes(struct reader *reader, size_t *length) {
    *length = 0;
    uint32_t announced = get_number(reader);
    if (reader->malformed || announced == ABSENT)
        return NULL;
    if (announced > reader->length) {
        reader->malformed = true;
        return NULL;
    }
    const char *copy = arena_copy(reader->arena, reader->bytes, announced);
    reader->bytes += announced;
    reader->length -= announced;
    *length = announced;
    return copy;
}

static const char *get_text(struct reader *reader) {
    size_t length = 0;
    const char *text = get_bytes(reader, &length);
    if (text != NULL && strlen(text) != length)
        reader->malformed = true;
    return reader->malformed ? NULL : text;
}

/* A text that must be there: "" stands for it once the frame is malformed. */
static const char *get_present(struct reader *reader) {
    const char *text = get_text(reader);
    if (text == NULL)
        reader->malformed = true;
    return text == NULL ? "" : text;
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* Puts the length, known only now, before the content. */
static void close_frame(struct buffer *frame, const struct buffer *content) {
    put_bytes(frame, content->bytes, content->length);
}

/* The content of a frame whose announced length is exactly what is there. */
static struct reader open_frame(struct arena *arena, const char *bytes, size_t length) {
    struct reader reader = {
        .arena = arena, .bytes = (const unsigned char *)bytes, .length = length};
    uint32_t announced = get_number(&reader);
    if (length > HTTP_FRAME_LIMIT || announced != reader.length)
        reader.malformed = true;
    return reader;
}

static int check_whole(struct arena *arena, const struct reader *reader) {
    if (reader->malformed || reader->length != 0)
        return fail(arena, ERROR_INTERNAL, "a malformed frame between http_helper and fetch.cgi");
    return 0;
}

void http_frame_write_request(const struct http_request *request, struct buffer *frame) {
    struct buffer content;
    buffer_open(frame->arena, &content);
    put_text(&content, request->url);
    put_text(&content, request->accept);
    put_text(&content, request->user_agent);
    put_text(&content, request->form);
    put_text(&content, request->json);
    put_text(&content, request->ca_file);
    put_number(&content, request->timeout);
    put_number(&content, request->answer_limit);
    put_number(&content,
               (request->post ? FLAG_POST : 0U) | (request->public_only ? FLAG_PUBLIC_ONLY : 0U));
    for (const struct http_field *field = request->fields; field != NULL; field = field->next) {
        put_text(&content, field->name);
        put_text(&content, field->value);
    }
    close_frame(frame, &content);
}

static void get_flags(struct reader *reader, struct http_request *request) {
    uint32_t flags = get_number(reader);
    if ((flags & ~FLAGS_KNOWN) != 0)
        reader->malformed = true;
    request->post = (flags & FLAG_POST) != 0;
    request->public_only = (flags & FLAG_PUBLIC_ONLY) != 0;
}

static void get_fields(struct reader *reader, struct http_request *request) {
    struct http_field **end = &request->fields;
    for (int count = 0; reader->length > 0 && !reader->malformed; count++) {
        struct http_field *field = arena_alloc(reader->arena, sizeof(*field));
        field->name = get_present(reader);
        field->value = get_present(reader);
        *end = field;
        end = &field->next;
        if (count == HTTP_FIELDS_LIMIT)
            reader->malformed = true;
    }
}

int http_frame_parse_request(struct arena *arena, const char *bytes, size_t length,
                             struct http_request *request) {
    struct reader reader = open_frame(arena, bytes, length);
    *request = (struct http_request){.url = get_present(&reader)};
    request->accept = get_text(&reader);
    request->user_agent = get_text(&reader);
    request->form = get_text(&reader);
    request->json = get_text(&reader);
    request->ca_file = get_text(&reader);
    request->timeout = get_number(&reader);
    request->answer_limit = get_number(&reader);
    get_flags(&reader, request);
    get_fields(&reader, request);
    return check_whole(arena, &reader);
}

void http_frame_write_response(const struct http_response *response, const struct error *error,
                               struct buffer *frame) {
    struct buffer content;
    buffer_open(frame->arena, &content);
    if (error->rule != ERROR_NONE) {
        put_text(&content, error_meaning(error->rule)->name);
        put_text(&content, error->detail);
    } else {
        put_text(&content, NULL);
        put_number(&content, (uint32_t)response->status);
        put_text(&content, response->content_type);
        put_bytes(&content, response->body, response->body_length);
    }
    close_frame(frame, &content);
}

/* By its name: the program beside us may be of another version. */
static enum error_rule find_rule(const char *name) {
    for (int rule = ERROR_NONE + 1; rule < ERROR_RULE_COUNT; rule++)
        if (text_equal(error_meaning((enum error_rule)rule)->name, name))
            return (enum error_rule)rule;
    return ERROR_INTERNAL;
}

int http_frame_parse_response(struct arena *arena, const char *bytes, size_t length,
                              struct http_response *response) {
    struct reader reader = open_frame(arena, bytes, length);
    const char *rule = get_text(&reader);
    if (rule != NULL) {
        const char *detail = get_present(&reader);
        return check_whole(arena, &reader) == 0 ? fail(arena, find_rule(rule), "%s", detail) : -1;
    }
    response->status = (int)(get_number(&reader) % 1000); /* three digits, whatever it says */
    response->content_type = get_present(&reader);
    response->body = get_bytes(&reader, &response->body_length);
    if (response->body == NULL)
        reader.malformed = true;
    return check_whole(arena, &reader);
}

int http_frame_send(int socket, const struct buffer *frame) {
    size_t sent = 0;
    while (sent < frame->length) {
        /* MSG_NOSIGNAL: the other side may have died; we are to notice, not to die with it. */
        ssize_t more = send(socket, frame->bytes + sent, frame->length - sent, MSG_NOSIGNAL);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return -1;
        sent += (size_t)more;
    }
    return 0;
}

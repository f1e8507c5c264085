#include "login/api_answer.h"

#include "base/text.h"
#include "format/media_type.h"
#include "format/utf8.h"

#include <string.h>

/* ---- status ---------------------------------------------------------------------------------- */

bool api_answer_passes(int status, bool is_conditional) {
    if (status == 304)
        return is_conditional;
    if (status == 401 || status == 407) /* RFC 9110 15.5.2, 15.5.8: what they ask for is not ours */
        return false;
    return (status >= 200 && status <= 299) || (status >= 400 && status <= 599);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* RFC 9110 5.3: a field that is a list may come in pieces. */
static const struct passed_field {
    const char *name;
    bool is_list;
} passed_fields[] = {
    {"Content-Type", false},
    {"Content-Language", true},
    {"Content-Disposition", false},
    {"Content-Range", false},
    {"Accept-Ranges", true},
    {"Accept-Patch", true},
    {"Allow", true},
    {"ETag", false},
    {"Last-Modified", false},
    {"Link", true},
    {"Preference-Applied", true},
    {"Retry-After", false},
    {"Deprecation", false},
    {"Sunset", false},
    {"RateLimit", true},
    {"RateLimit-Policy", true},
    {"RateLimit-Limit", true},
    {"RateLimit-Remaining", true},
    {"RateLimit-Reset", true},
    {"X-RateLimit-Limit", true},
    {"X-RateLimit-Remaining", true},
    {"X-RateLimit-Reset", true},
    {"X-RateLimit-Used", true},
    {"X-RateLimit-Resource", true},
    {"X-Total-Count", true},
    {"X-Total", true},
    {"X-Total-Pages", true},
    {"X-Page", true},
    {"X-Per-Page", true},
    {"X-Next-Page", true},
    {"X-Prev-Page", true},
};

#define PASSED_COUNT (sizeof(passed_fields) / sizeof(passed_fields[0]))

static const struct passed_field *find_passed(const char *name) {
    for (size_t i = 0; i < PASSED_COUNT; i++)
        if (text_equal_nocase(passed_fields[i].name, name))
            return &passed_fields[i];
    return NULL;
}

/* What a page of ours could run as a script, or take as a style sheet: HTML 2.4.4 (JavaScript MIME
 * types). A browser that tells what it fetches something for is stopped earlier. */
static bool is_for_pages(const char *type) {
    static const char *const parts[] = {"javascript", "ecmascript", "jscript", "livescript"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(type, parts[i]) != NULL)
            return true;
    return text_equal(type, "text/css");
}

static const char *passed_value(struct arena *arena, const struct passed_field *known,
                                const char *value) {
    if (text_equal(known->name, "Content-Type") && is_for_pages(media_type_name(arena, value)))
        return "text/plain; charset=utf-8";
    return value;
}

static struct http_field *find_field(struct http_field *fields, const char *name) {
    while (fields != NULL && !text_equal(fields->name, name))
        fields = fields->next;
    return fields;
}

int api_answer_fields(struct arena *arena, const struct http_field *fields,
                      struct http_field **passed) {
    struct http_field **end = passed;
    *passed = NULL;
    for (; fields != NULL; fields = fields->next) {
        const struct passed_field *known = find_passed(fields->name);
        /* RFC 9110 5.5: bytes that are not ASCII mean nothing certain; UTF-8 is what is usual. */
        if (known == NULL || !utf8_is_valid(fields->value, strlen(fields->value)))
            continue;
        struct http_field *earlier = find_field(*passed, known->name);
        if (earlier != NULL && !known->is_list)
            return fail(arena, ERROR_API_FAILED, "the API sends %s twice", known->name);
        if (earlier != NULL) {
            earlier->value = arena_format(arena, "%s, %s", earlier->value, fields->value);
            continue;
        }
        *end = arena_alloc(arena, sizeof(**end));
        (*end)->name = known->name;
        (*end)->value = passed_value(arena, known, fields->value);
        end = &(*end)->next;
    }
    return 0;
}

/* ---- the response ---------------------------------------------------------------------------- */

/* RFC 9110 15.3.5, 15.4.5. */
static bool has_content(const struct api_answer *answer) {
    return answer->status != 204 && answer->status != 304;
}

static void put_head(const struct api_answer *answer) {
    struct response *response = answer->response;
    response->status = answer->status;
    if (has_content(answer)) /* if it does not say what it is */
        response_field(response, "Content-Type", "application/octet-stream");
    for (const struct http_field *field = answer->fields; field != NULL; field = field->next)
        response_field(response, field->name, field->value);
    response_field(response, "Cache-Control", "private, no-store");
    response_field(response, "Content-Security-Policy",
                   "sandbox; default-src 'none'; frame-ancestors 'none'");
    response_field(response, "Cross-Origin-Resource-Policy", "same-origin");
}

static void put_length(const struct api_answer *answer, int64_t length) {
    response_field(answer->response, "Content-Length",
                   arena_format(answer->context->arena, "%lld", (long long)length));
}

void api_answer_respond(const struct api_answer *answer) {
    put_head(answer);
    buffer_open(answer->context->arena, &answer->response->body);
    buffer_add(&answer->response->body, answer->body.bytes, answer->body.length);
}

/* ---- the body -------------------------------------------------------------------------------- */

/* Head and, so far, no body. */
static int start(struct api_answer *answer) {
    put_head(answer);
    return response_start(answer->response);
}

static int start_live(struct api_answer *answer) {
    answer->way = API_LIVE;
    response_field(answer->response, "X-Accel-Buffering", "no"); /* nginx gathers otherwise */
    return start(answer) != 0 ? -1 : response_flush(answer->response);
}

static int write_live(struct api_answer *answer, const char *bytes, size_t length) {
    return response_write(answer->response, bytes, length) != 0 ? -1
                                                                : response_flush(answer->response);
}

static int start_spool(struct api_answer *answer) {
    answer->way = API_SPOOLED;
    if (spool_open(answer->context, &answer->spool) != 0)
        return -1;
    return spool_write(answer->context, &answer->spool, answer->body.bytes, answer->body.length);
}

static bool is_live(const char *type) {
    return text_has_word("text/event-stream application/x-ndjson application/json-seq", type);
}

static int take_head(void *closure, const struct http_response *response) {
    struct api_answer *answer = closure;
    struct arena *arena = answer->context->arena;
    if (response->status == 401 && answer->as_user) {
        answer->is_refused = true;
        return -1;
    }
    if (!api_answer_passes(response->status, answer->is_conditional))
        return fail(arena, ERROR_API_STATUS, "%s answers with status %d", answer->host,
                    response->status);
    answer->status = response->status;
    answer->length = response->length;
    if (api_answer_fields(arena, response->fields, &answer->fields) != 0)
        return -1;
    return response->status == 200 && is_live(response->content_type) ? start_live(answer) : 0;
}

static int take_body(void *closure, const char *bytes, size_t length) {
    struct api_answer *answer = closure;
    if (answer->way == API_LIVE)
        return write_live(answer, bytes, length);
    if (answer->way == API_SPOOLED)
        return spool_write(answer->context, &answer->spool, bytes, length);
    buffer_add(&answer->body, bytes, length);
    return answer->body.length <= API_HOLD ? 0 : start_spool(answer);
}

void api_answer_open(struct api_answer *answer) {
    answer->is_refused = false;
    answer->way = API_HELD;
    answer->length = -1;
    answer->fields = NULL;
    answer->spool = SPOOL_CLOSED;
    buffer_open(answer->context->arena, &answer->body);
}

struct http_sink api_answer_sink(struct api_answer *answer) {
    return (struct http_sink){.head = take_head, .body = take_body, .closure = answer};
}

static int send_spool(struct api_answer *answer) {
    put_length(answer, answer->spool.length);
    if (start(answer) != 0)
        return -1;
    return response_send_file(answer->response, answer->spool.file, 0, answer->spool.length);
}

/* Of a HEAD request: the length is that of what would have come. */
static int send_head(struct api_answer *answer) {
    if (answer->length >= 0 && has_content(answer))
        put_length(answer, answer->length);
    return start(answer);
}

int api_answer_end(struct api_answer *answer) {
    if (answer->way == API_LIVE)
        return 0;
    if (answer->way == API_SPOOLED)
        return send_spool(answer);
    if (answer->response->head_only)
        return send_head(answer);
    api_answer_respond(answer);
    return 0;
}

void api_answer_close(struct api_answer *answer) {
    spool_close(&answer->spool);
}

#include "edge/served_file.h"

#include "edge/database.h"
#include "format/base64url.h"
#include "format/byte_range.h"
#include "format/digest.h"
#include "format/file_type.h"
#include "format/http_date.h"
#include "format/precondition.h"

#include <string.h>

#define SETTLED_AFTER                                                                              \
    2                 /* seconds; file systems count in nanoseconds, in clock ticks, or in these */
#define ETAG_BYTES 15 /* of the digest */

/* ---- what it is known by --------------------------------------------------------------------- */

static bool is_settled(const struct stat *status, int64_t now) {
    return (int64_t)status->st_mtim.tv_sec <= now - SETTLED_AFTER &&
           (int64_t)status->st_ctim.tv_sec <= now - SETTLED_AFTER;
}

/* Which file, and when it changed: also by a program that sets its time back (ctime). A digest,
 * because numbers of files are nobody's business. */
static char *make_etag(struct arena *arena, const struct stat *status) {
    const int64_t facts[] = {
        (int64_t)status->st_dev,          (int64_t)status->st_ino,
        (int64_t)status->st_size,         (int64_t)status->st_mtim.tv_sec,
        (int64_t)status->st_mtim.tv_nsec, (int64_t)status->st_ctim.tv_sec,
        (int64_t)status->st_ctim.tv_nsec,
    };
    unsigned char digest[DIGEST_SIZE];
    digest_sha256(facts, sizeof(facts), digest);
    return arena_format(arena, "\"%s\"", base64url_encode(arena, digest, ETAG_BYTES));
}

static struct validators validators_of(struct context *context, const struct stat *status) {
    if (!is_settled(status, context_now(context)))
        return (struct validators){.etag = NULL};
    return (struct validators){
        .etag = make_etag(context->arena, status),
        .has_time = status->st_mtim.tv_sec >= 0,
        .last_modified = (int64_t)status->st_mtim.tv_sec,
    };
}

/* ---- what is wanted of it -------------------------------------------------------------------- */

static int read_conditions(struct arena *arena, const struct request *request,
                           struct conditions *conditions) {
    const struct {
        const char *name;
        const char **value;
    } fields[] = {
        {"HTTP_IF_MATCH", &conditions->if_match},
        {"HTTP_IF_NONE_MATCH", &conditions->if_none_match},
        {"HTTP_IF_MODIFIED_SINCE", &conditions->if_modified_since},
        {"HTTP_IF_UNMODIFIED_SINCE", &conditions->if_unmodified_since},
        {"HTTP_IF_RANGE", &conditions->if_range},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (request_variable(arena, request, fields[i].name, fields[i].value) != 0)
            return -1;
    return 0;
}

/* RFC 9110 14.2: Range is a field of GET alone. */
static int read_range(struct context *context, const struct request *request,
                      const struct conditions *conditions, const struct validators *validators,
                      const char **range) {
    *range = NULL;
    if (request->method != METHOD_GET ||
        !precondition_range_counts(conditions, validators, context_now(context)))
        return 0;
    return request_variable(context->arena, request, "HTTP_RANGE", range);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* What a 304 says, too (RFC 9110 15.4.5): the stored answer takes it over (RFC 9111 3.2). Other sites
 * neither frame the file nor build it in, not even those to which our cookies go ("same-site"). */
static void set_terms(struct response *response, const struct served_file *file) {
    response_field(response, "Cache-Control", file->is_public ? "no-cache" : "private, no-cache");
    if (!file->is_public)
        response_field(response, "Vary", "Cookie, Authorization");
    response_field(response, "Content-Security-Policy", "frame-ancestors 'self'");
    response_field(response, "Cross-Origin-Resource-Policy", "same-origin");
    response_field(response, "Referrer-Policy", "same-origin");
}

static void set_validators(struct response *response, const struct validators *validators) {
    if (validators->etag != NULL)
        response_field(response, "ETag", validators->etag);
    if (validators->has_time)
        response_field(response, "Last-Modified",
                       http_date_format(response->arena, validators->last_modified));
}

static void set_length(struct response *response, int64_t length) {
    response_field(response, "Content-Length",
                   arena_format(response->arena, "%lld", (long long)length));
}

static int refuse(struct response *response, int status, const char *text) {
    response->status = status;
    response_field(response, "Content-Type", "text/plain; charset=utf-8");
    buffer_add_text(&response->body, text);
    return 0;
}

static int refuse_range(struct response *response, int64_t size) {
    response_field(response, "Content-Range",
                   arena_format(response->arena, "bytes */%lld", (long long)size));
    return refuse(response, 416, "The file is not as long as that.\n");
}

/* What the file lost meanwhile is nothing that could stand in its place. */
static int explain(struct context *context, const struct served_file *file) {
    struct stat status;
    if (fstat(file->descriptor, &status) == 0 && status.st_size < file->status->st_size)
        return fail(context->arena, ERROR_FILE_CUT, "it became shorter while it was sent");
    return -1;
}

static int send_bytes(struct context *context, struct response *response,
                      const struct served_file *file, const struct byte_range *range) {
    response_field(response, "Content-Type", file_type(file->path));
    set_length(response, range->length);
    response_field(response, "Accept-Ranges", "bytes");
    if (response->status == 206)
        response_field(response, "Content-Range",
                       arena_format(context->arena, "bytes %lld-%lld/%lld", (long long)range->first,
                                    (long long)(range->first + range->length - 1),
                                    (long long)file->status->st_size));
    database_rest(context);
    if (response_start(response) != 0)
        return -1;
    return response_send_file(response, file->descriptor, (off_t)range->first,
                              (off_t)range->length) == 0
               ? 0
               : explain(context, file);
}

static int respond(struct context *context, struct response *response,
                   const struct served_file *file, const char *range_field) {
    struct byte_range range;
    switch (byte_range_parse(range_field, (int64_t)file->status->st_size, &range)) {
    case BYTE_RANGE_UNSATISFIABLE:
        return refuse_range(response, (int64_t)file->status->st_size);
    case BYTE_RANGE_PART:
        response->status = 206;
        break;
    case BYTE_RANGE_WHOLE:
        range = (struct byte_range){0, (int64_t)file->status->st_size};
        break;
    }
    return send_bytes(context, response, file, &range);
}

int served_file_respond(struct context *context, const struct request *request,
                        struct response *response, const struct served_file *file) {
    const struct validators validators = validators_of(context, file->status);
    struct conditions conditions = {.if_match = NULL};
    const char *range = NULL;
    if (read_conditions(context->arena, request, &conditions) != 0 ||
        read_range(context, request, &conditions, &validators, &range) != 0)
        return -1;

    set_terms(response, file);
    set_validators(response, &validators);
    switch (precondition_judge(&conditions, &validators, context_now(context))) {
    case PRECONDITION_FAILED:
        return refuse(response, 412, "The file has changed.\n");
    case PRECONDITION_NOT_MODIFIED:
        response->status = 304;
        return 0;
    case PRECONDITION_HOLDS:
        break;
    }
    return respond(context, response, file, range);
}

int served_file_hand_over(struct response *response, const struct served_file *file,
                          const char *field, const char *value) {
    set_terms(response, file);
    response_field(response, "Content-Type", file_type(file->path));
    response_field(response, field, value);
    return response_start(response); /* without a Content-Length: it is not ours to say */
}

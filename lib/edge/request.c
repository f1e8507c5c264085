#include "edge/request.h"

#include "base/text.h"
#include "format/media_type.h"
#include "format/utf8.h"

#include <string.h>

/* What a session list shows of a browser's name, in code points. */
#define USER_AGENT_LENGTH 200

/* How much of a refused body is read and thrown away. */
#define DRAIN_LIMIT (4U * 1024 * 1024)

#define FORM_TYPE "application/x-www-form-urlencoded"

/* A meta-variable. RFC 3875 4.1 does not tell an empty value from a missing one: NULL for both. */
static const char *meta_variable(const struct gateway *gateway, const char *name) {
    const char *value = gateway->variable(gateway, name);
    return text_is_empty(value) ? NULL : value;
}

static int check_size(struct arena *arena, const char *name, const char *value, size_t limit) {
    if (strnlen(value, limit + 1) > limit)
        return fail(arena, ERROR_REQUEST_TOO_LARGE, "%s is longer than %zu bytes", name, limit);
    return 0;
}

/* A copy in which a tab, which RFC 9110 5.5 allows within a field, is a space like any other. */
static char *copy_field(struct arena *arena, const char *value) {
    char *copy = arena_text(arena, value);
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\t')
            *c = ' ';
    return copy;
}

static int check_no_control(struct arena *arena, const char *name, const char *value) {
    for (const char *c = value; *c != '\0'; c++)
        if (ascii_is_control(*c))
            return fail(arena, ERROR_REQUEST_MALFORMED, "%s holds the control byte 0x%02X", name,
                        (unsigned char)*c);
    return 0;
}

static int check_text(struct arena *arena, const char *name, const char *value) {
    if (check_no_control(arena, name, value) != 0)
        return -1;
    if (!utf8_is_valid(value, strlen(value)))
        return fail(arena, ERROR_UTF8, "%s is not UTF-8", name);
    return 0;
}

static const char *const method_names[] = {
    [METHOD_GET] = "GET", [METHOD_HEAD] = "HEAD",   [METHOD_POST] = "POST",
    [METHOD_PUT] = "PUT", [METHOD_PATCH] = "PATCH", [METHOD_DELETE] = "DELETE",
    [METHOD_OTHER] = "",
};

const char *method_name(enum method method) {
    return method_names[method];
}

/* RFC 9110 9.1: a token, and case-sensitive: "get" is another method than GET. */
static int read_method(struct arena *arena, const struct gateway *gateway,
                       struct request *request) {
    const char *method = meta_variable(gateway, "REQUEST_METHOD");
    if (method == NULL)
        return fail(arena, ERROR_REQUEST_MALFORMED, "REQUEST_METHOD is missing");
    if (check_size(arena, "REQUEST_METHOD", method, REQUEST_FIELD_LIMIT) != 0)
        return -1;
    if (!text_is_token(method))
        return fail(arena, ERROR_REQUEST_MALFORMED, "REQUEST_METHOD is not a token");

    request->method = METHOD_GET;
    while (request->method != METHOD_OTHER && !text_equal(method, method_names[request->method]))
        request->method++;
    return 0;
}

static int take_field(struct arena *arena, const char *name, const char *value,
                      const char **field) {
    const char *copy = copy_field(arena, value);
    if (check_text(arena, name, copy) != 0)
        return -1;
    *field = copy;
    return 0;
}

static int read_field(struct arena *arena, const struct gateway *gateway, const char *name,
                      const char **field) {
    const char *value = meta_variable(gateway, name);
    if (value == NULL)
        return 0;
    if (check_size(arena, name, value, REQUEST_FIELD_LIMIT) != 0)
        return -1;
    return take_field(arena, name, value, field);
}

/* Who takes credentials has an answer of his own for wrong ones, too long ones among them: they are
 * cut where they are wrong in any case. */
static int read_authorization(struct arena *arena, const struct gateway *gateway,
                              struct request *request) {
    static const char name[] = "HTTP_AUTHORIZATION";
    const char *value = meta_variable(gateway, name);
    if (value == NULL)
        return 0;
    const char *start = arena_copy(arena, value, strnlen(value, REQUEST_FIELD_LIMIT));
    return take_field(arena, name, start, &request->authorization);
}

/* Those that tell in which form an error is answered come first. */
static int read_fields(struct arena *arena, const struct gateway *gateway,
                       struct request *request) {
    const struct {
        const char *name;
        const char **field;
    } fields[] = {
        {"HTTP_SEC_FETCH_MODE", &request->sec_fetch_mode},
        {"HTTP_ACCEPT", &request->accept},
        {"HTTP_ACCEPT_LANGUAGE", &request->accept_language},
        {"HTTP_SEC_FETCH_SITE", &request->sec_fetch_site},
        {"HTTP_ORIGIN", &request->origin},
        {"REMOTE_ADDR", &request->remote_addr},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        if (read_field(arena, gateway, fields[i].name, fields[i].field) != 0)
            return -1;
    return read_authorization(arena, gateway, request);
}

/* Only ever shown: nobody is turned away because of a browser's odd name. */
static void read_user_agent(struct arena *arena, const struct gateway *gateway,
                            struct request *request) {
    const char *value = meta_variable(gateway, "HTTP_USER_AGENT");
    if (value == NULL)
        return;
    size_t length = strnlen(value, REQUEST_FIELD_LIMIT + 1);
    if (length <= REQUEST_FIELD_LIMIT && utf8_is_valid(value, length))
        request->user_agent = utf8_clean(arena, value, USER_AGENT_LENGTH);
}

/* Cookies of other programs of this host may hold bytes that are not UTF-8; they are not ours to
 * judge, and must not keep anyone from signing in. */
static int read_cookies(struct arena *arena, const struct gateway *gateway,
                        struct request *request) {
    const char *value = meta_variable(gateway, "HTTP_COOKIE");
    if (value == NULL)
        return 0;
    if (check_size(arena, "HTTP_COOKIE", value, REQUEST_COOKIE_LIMIT) != 0)
        return -1;
    const char *copy = copy_field(arena, value);
    if (check_no_control(arena, "HTTP_COOKIE", copy) != 0)
        return -1;
    request->cookies = copy;
    return 0;
}

static int read_path_info(struct arena *arena, const struct gateway *gateway,
                          struct request *request) {
    const char *value = meta_variable(gateway, "PATH_INFO");
    if (value == NULL)
        return 0;
    if (check_size(arena, "PATH_INFO", value, REQUEST_FIELD_LIMIT) != 0 ||
        check_text(arena, "PATH_INFO", value) != 0)
        return -1;
    /* RFC 3875 4.1.5: "/" and segments. */
    if (*value != '/')
        return fail(arena, ERROR_REQUEST_PATH, "PATH_INFO does not begin with a slash");
    request->path_info = arena_text(arena, value);
    return 0;
}

/* Digits only: strtol() would take a sign, white space and what overflows. Absent means no body
 * (RFC 3875 4.1.2). */
static int read_content_length(struct arena *arena, const struct gateway *gateway, size_t limit,
                               size_t *length) {
    *length = 0;
    const char *value = meta_variable(gateway, "CONTENT_LENGTH");
    if (value == NULL)
        return 0;
    bool too_large = false;
    for (const char *c = value; *c != '\0'; c++) {
        if (!ascii_is_digit(*c))
            return fail(arena, ERROR_REQUEST_LENGTH, "CONTENT_LENGTH is not a number");
        if (!too_large)
            *length = *length * 10 + (size_t)(*c - '0');
        too_large = too_large || *length > limit;
    }
    if (too_large)
        return fail(arena, ERROR_REQUEST_TOO_LARGE, "the body is longer than %zu bytes", limit);
    return 0;
}

/* Exactly as many bytes as promised; more are not ours to read (RFC 3875 4.2). */
static int read_body(struct arena *arena, const struct gateway *gateway, size_t length,
                     char **body) {
    *body = arena_alloc(arena, length + 1);
    size_t got = 0;
    while (got < length) {
        ssize_t more = gateway->read(gateway, *body + got, length - got);
        if (more <= 0)
            return fail(arena, ERROR_REQUEST_LENGTH, "the body ends after %zu of %zu bytes", got,
                        length);
        got += (size_t)more;
    }
    return 0;
}

/* Some web servers lose an answer that comes while they are still passing on a body (fcgiwrap makes
 * it a 502): so a body that is refused is taken all the same, as long as it is not endless. */
static void drain(const struct gateway *gateway) {
    char piece[4096];
    size_t taken = 0;
    ssize_t more = 0;
    do {
        more = gateway->read(gateway, piece, sizeof(piece));
        taken += more > 0 ? (size_t)more : 0;
    } while (more > 0 && taken < DRAIN_LIMIT);
}

static int measure_body(struct arena *arena, const struct gateway *gateway, size_t limit,
                        size_t *length) {
    int result = read_content_length(arena, gateway, limit, length);
    if (result != 0 && arena->error.rule == ERROR_REQUEST_TOO_LARGE)
        drain(gateway);
    return result;
}

static int check_type(struct arena *arena, const struct gateway *gateway) {
    const char *value = meta_variable(gateway, "CONTENT_TYPE");
    if (value != NULL && check_size(arena, "CONTENT_TYPE", value, REQUEST_FIELD_LIMIT) != 0)
        return -1;
    if (!text_equal(media_type_name(arena, value), FORM_TYPE))
        return fail(arena, ERROR_REQUEST_TYPE, "the body is not " FORM_TYPE);
    /* The type has no charset parameter, but some clients send one: then it must not lie. */
    const char *charset = media_type_parameter(arena, value, "charset");
    if (charset != NULL && !text_equal_nocase(charset, "utf-8"))
        return fail(arena, ERROR_REQUEST_TYPE, "the form's charset is not utf-8");
    return 0;
}

/* Only a posted form is read: what a GET or an unknown method carries means nothing to us
 * (RFC 9110 9.3.1). */
static int read_posted_form(struct arena *arena, const struct gateway *gateway,
                            struct request *request) {
    size_t length = 0;
    if (measure_body(arena, gateway, REQUEST_BODY_LIMIT, &length) != 0)
        return -1;
    if (request->method != METHOD_POST || length == 0)
        return 0;

    char *body = NULL;
    if (read_body(arena, gateway, length, &body) != 0)
        return -1;
    if (check_type(arena, gateway) != 0)
        return -1;
    return form_parse(arena, body, length, &request->body);
}

/* Printable ASCII: RFC 3875 4.1.7 hands on what RFC 3986 3.4 allows, still encoded. */
static int read_query_string(struct arena *arena, const struct gateway *gateway,
                             struct request *request) {
    const char *query = meta_variable(gateway, "QUERY_STRING");
    if (query == NULL)
        return 0;
    if (check_size(arena, "QUERY_STRING", query, REQUEST_QUERY_LIMIT) != 0)
        return -1;
    request->query_string = arena_text(arena, query);
    return 0;
}

static int read_query(struct arena *arena, struct request *request) {
    const char *query = request->query_string;
    return *query == '\0' ? 0 : form_parse(arena, query, strlen(query), &request->query);
}

int request_read(struct arena *arena, const struct gateway *gateway, enum request_body kind,
                 struct request *request) {
    *request = (struct request){
        .method = METHOD_OTHER, .path_info = "", .query_string = "", .gateway = gateway};

    if (read_method(arena, gateway, request) != 0)
        return -1;
    if (read_fields(arena, gateway, request) != 0)
        return -1;
    read_user_agent(arena, gateway, request);
    if (read_cookies(arena, gateway, request) != 0)
        return -1;
    if (read_path_info(arena, gateway, request) != 0)
        return -1;
    if (read_query_string(arena, gateway, request) != 0)
        return -1;
    if (kind == REQUEST_FORM && read_posted_form(arena, gateway, request) != 0)
        return -1;
    return kind == REQUEST_RAW ? 0 : read_query(arena, request);
}

int request_variable(struct arena *arena, const struct request *request, const char *name,
                     const char **value) {
    *value = NULL;
    return read_field(arena, request->gateway, name, value);
}

int request_body_read(struct arena *arena, const struct request *request, size_t limit,
                      struct buffer *body) {
    size_t length = 0;
    char *bytes = NULL;
    if (measure_body(arena, request->gateway, limit, &length) != 0 ||
        read_body(arena, request->gateway, length, &bytes) != 0)
        return -1;
    buffer_add(body, bytes, length);
    return 0;
}

/* No further than it was promised: what a web server leaves open behind it has no end. */
void request_body_discard(struct arena *arena, const struct request *request) {
    char piece[4096];
    size_t left = 0;
    if (read_content_length(arena, request->gateway, DRAIN_LIMIT, &left) != 0) {
        left = arena->error.rule == ERROR_REQUEST_TOO_LARGE ? DRAIN_LIMIT : 0;
        arena_forget_error(arena);
    }
    ssize_t got = 1;
    while (left > 0 && got > 0) {
        got = request->gateway->read(request->gateway, piece,
                                     left < sizeof(piece) ? left : sizeof(piece));
        left -= got > 0 && (size_t)got <= left ? (size_t)got : 0;
    }
}

bool request_wants_page(const struct request *request) {
    if (request->sec_fetch_mode != NULL)
        return text_equal(request->sec_fetch_mode, "navigate");
    /* A wildcard alone is what scripts and command line tools send: they read JSON. */
    return media_type_is_listed(request->accept, "text/html") &&
           media_type_weight(request->accept, "text/html") >=
               media_type_weight(request->accept, "application/json");
}

/* Fetch Metadata 2.3, Fetch 3.2. A page without referrer sends the origin "null", even to its own
 * site: then Sec-Fetch-Site, which no page can set, decides. "same-site" is another host, which may
 * be another person's. */
bool request_is_same_origin(const struct request *request, const char *base_url) {
    bool is_ours = request->origin == NULL || text_equal(request->origin, base_url);
    if (request->sec_fetch_site == NULL)
        return is_ours;
    return (is_ours || text_equal(request->origin, "null")) &&
           (text_equal(request->sec_fetch_site, "same-origin") ||
            text_equal(request->sec_fetch_site, "none"));
}

const struct form *request_parameters(const struct request *request) {
    return request->method == METHOD_POST ? &request->body : &request->query;
}

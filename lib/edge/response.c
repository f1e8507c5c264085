#include "edge/response.h"

#include "base/text.h"
#include "format/template.h"

#include <string.h>

struct response_field {
    const char *name;
    const char *value;
    const char *cookie; /* of a Set-Cookie field: the cookie's name */
    bool removes_cookie;
    struct response_field *next;
};

/* What every response says unless it says otherwise itself. */
static const struct {
    const char *name;
    const char *value;
} defaults[] = {
    {"Cache-Control", "no-store"},
    {"Referrer-Policy", "no-referrer"},
    {"X-Content-Type-Options", "nosniff"},
};

/* cookie-octet of RFC 6265 4.1.1. */
static bool is_cookie_value(const char *text) {
    for (; *text != '\0'; text++)
        if (*text <= ' ' || *text >= 0x7F || strchr("\",;\\", *text) != NULL)
            return false;
    return true;
}

void response_open(struct arena *arena, struct response *response) {
    *response = (struct response){.arena = arena, .status = 200};
    buffer_open(arena, &response->body);
}

/* Takes out the fields that `drop` wants gone. */
static void remove_fields(struct response *response,
                          bool (*drop)(const struct response_field *field, const char *name),
                          const char *name) {
    struct response_field **link = &response->fields;
    while (*link != NULL) {
        if (drop(*link, name))
            *link = (*link)->next;
        else
            link = &(*link)->next;
    }
}

static bool removes_no_cookie(const struct response_field *field, const char *name) {
    (void)name;
    return !field->removes_cookie;
}

static bool has_name(const struct response_field *field, const char *name) {
    return text_equal_nocase(field->name, name);
}

static bool sets_cookie(const struct response_field *field, const char *name) {
    return text_equal(field->cookie, name);
}

void response_reset(struct response *response) {
    response->status = 200;
    buffer_open(response->arena, &response->body);
    remove_fields(response, removes_no_cookie, NULL);
}

static struct response_field *append_field(struct response *response, const char *name,
                                           const char *value) {
    struct response_field **link = &response->fields;
    while (*link != NULL)
        link = &(*link)->next;
    *link = arena_alloc(response->arena, sizeof(**link));
    (*link)->name = arena_text(response->arena, name);
    (*link)->value = arena_text(response->arena, value);
    return *link;
}

void response_field(struct response *response, const char *name, const char *value) {
    if (!text_is_token(name) || text_equal_nocase(name, "Set-Cookie"))
        error_give_up("response: %s is no field to set", name);
    if (text_has_control(value))
        error_give_up("response: a control byte in %s", name);
    remove_fields(response, has_name, name);
    append_field(response, name, value);
}

/* SameSite=None without Secure is refused by browsers (RFC 6265bis 5.7): on http it is Lax. */
static const char *same_site_text(const struct set_cookie *cookie) {
    return cookie->same_site == SAME_SITE_NONE && cookie->secure ? "None" : "Lax";
}

void response_cookie(struct response *response, const struct set_cookie *cookie) {
    const char *value = cookie->value == NULL ? "" : cookie->value;
    if (!text_is_token(cookie->name) || !is_cookie_value(value))
        error_give_up("response: a cookie that is none");

    struct buffer text;
    buffer_open(response->arena, &text);
    buffer_add_format(&text, "%s=%s; Path=/", cookie->name, value);
    if (cookie->value == NULL)
        buffer_add_text(&text, "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
    else if (cookie->max_age > 0)
        buffer_add_format(&text, "; Max-Age=%lld", (long long)cookie->max_age);
    if (cookie->secure)
        buffer_add_text(&text, "; Secure");
    buffer_add_format(&text, "; HttpOnly; SameSite=%s", same_site_text(cookie));

    /* RFC 6265 4.1.1: never two of one name. */
    remove_fields(response, sets_cookie, cookie->name);
    struct response_field *field = append_field(response, "Set-Cookie", text.bytes);
    field->cookie = arena_text(response->arena, cookie->name);
    field->removes_cookie = cookie->value == NULL;
}

static void set_body(struct response *response, int status, const char *type, const char *body) {
    response->status = status;
    response_field(response, "Content-Type", type);
    buffer_open(response->arena, &response->body);
    buffer_add_text(&response->body, body);
}

void response_redirect(struct response *response, const char *uri) {
    if (!text_starts_with(uri, "https://") && !text_starts_with(uri, "http://"))
        error_give_up("response: a redirect to what is not an absolute URI");
    /* Always with Status, Content-Type and a body (RFC 3875 6.2.4): 6.2.3, which has none of
     * them, may not carry Set-Cookie, and servers differ on the status they make of it. */
    response_field(response, "Location", uri);
    response_field(response, "Content-Security-Policy",
                   "default-src 'none'; frame-ancestors 'none'");
    const char *link = html_escape(response->arena, uri);
    set_body(response, 303, "text/html; charset=utf-8",
             arena_format(response->arena,
                          "<!DOCTYPE html>\n<html lang=\"en\"><title>See other</title>\n"
                          "<p><a href=\"%s\">Continue</a></p></html>\n",
                          link));
}

void response_json(struct response *response, int status, const struct json *document) {
    set_body(response, status, "application/json", json_write(response->arena, document));
}

/* Hosts may hold ";" and "," (RFC 3986 3.2.2), which in a policy would begin another
 * directive: such an origin is left out, and the browser will not send a form there. */
static bool is_policy_source(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!ascii_is_alnum(text[i]) && strchr("-._~:/[]", text[i]) == NULL)
            return false;
    return length > 0;
}

static char *page_policy(struct arena *arena, const char *style_nonce, const char *form_origins) {
    struct buffer policy;
    buffer_open(arena, &policy);
    buffer_add_format(&policy,
                      "default-src 'none'; style-src 'nonce-%s'; img-src 'self' data:; "
                      "base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
                      style_nonce);
    size_t length = 0;
    for (const char *origin = text_next_word(&form_origins, &length); origin != NULL;
         origin = text_next_word(&form_origins, &length))
        if (is_policy_source(origin, length)) {
            buffer_add_byte(&policy, ' ');
            buffer_add(&policy, origin, length);
        }
    return policy.bytes;
}

void response_page(struct response *response, int status, const char *html, const char *style_nonce,
                   const char *form_origins) {
    if (!is_policy_source(style_nonce, strlen(style_nonce)))
        error_give_up("response: a nonce that is none");
    response_field(response, "Content-Security-Policy",
                   page_policy(response->arena, style_nonce, form_origins));
    response_field(response, "X-Frame-Options", "DENY");
    set_body(response, status, "text/html; charset=utf-8", html);
}

void response_frame(struct response *response, const char *html, const char *ancestor) {
    if (!is_policy_source(ancestor, strlen(ancestor)))
        error_give_up("response: an origin that is none");
    response_field(
        response, "Content-Security-Policy",
        arena_format(response->arena, "default-src 'none'; frame-ancestors %s", ancestor));
    set_body(response, 200, "text/html; charset=utf-8", html);
}

/* The reason phrases of the statuses we send (RFC 9110 15). */
static const char *reason(int status) {
    static const struct {
        int status;
        const char *reason;
    } reasons[] = {
        {200, "OK"},
        {201, "Created"},
        {202, "Accepted"},
        {204, "No Content"},
        {206, "Partial Content"},
        {303, "See Other"},
        {304, "Not Modified"},
        {400, "Bad Request"},
        {401, "Unauthorized"},
        {403, "Forbidden"},
        {404, "Not Found"},
        {405, "Method Not Allowed"},
        {409, "Conflict"},
        {410, "Gone"},
        {412, "Precondition Failed"},
        {413, "Content Too Large"},
        {415, "Unsupported Media Type"},
        {416, "Range Not Satisfiable"},
        {422, "Unprocessable Content"},
        {429, "Too Many Requests"},
        {500, "Internal Server Error"},
        {502, "Bad Gateway"},
        {503, "Service Unavailable"},
        {504, "Gateway Timeout"},
    };
    for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++)
        if (reasons[i].status == status)
            return reasons[i].reason;
    return "Unnamed";
}

static bool is_set(const struct response *response, const char *name) {
    for (const struct response_field *field = response->fields; field != NULL; field = field->next)
        if (text_equal_nocase(field->name, name))
            return true;
    return false;
}

static void write_head(const struct response *response, struct buffer *out) {
    buffer_add_format(out, "Status: %d %s\r\n", response->status, reason(response->status));
    for (const struct response_field *field = response->fields; field != NULL; field = field->next)
        buffer_add_format(out, "%s: %s\r\n", field->name, field->value);
    for (size_t i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
        if (!response->bare && !is_set(response, defaults[i].name))
            buffer_add_format(out, "%s: %s\r\n", defaults[i].name, defaults[i].value);
}

/* RFC 9110 15.3.5, 15.4.5. */
static bool has_content(const struct response *response) {
    return response->status != 204 && response->status != 304;
}

/* The length of what is not sent must not be told (RFC 9110 8.6), but for HEAD. */
static void write_length(const struct response *response, struct buffer *out) {
    if (has_content(response))
        buffer_add_format(out, "Content-Length: %zu\r\n", response->body.length);
}

int response_start(struct response *response) {
    struct buffer out;
    buffer_open(response->arena, &out);
    write_head(response, &out);
    buffer_add_text(&out, "\r\n");
    response->started = true;
    return response->gateway->write(response->gateway, out.bytes, out.length);
}

int response_write(struct response *response, const void *bytes, size_t length) {
    if (!response->started)
        error_give_up("response: a body before its head");
    if (response->head_only || length == 0)
        return 0;
    return response->gateway->write(response->gateway, bytes, length);
}

int response_flush(struct response *response) {
    const struct gateway *gateway = response->gateway;
    return gateway->flush == NULL ? 0 : gateway->flush(gateway);
}

int response_send_file(struct response *response, int descriptor, off_t offset, off_t length) {
    if (!response->started)
        error_give_up("response: a body before its head");
    if (response->head_only || length == 0)
        return 0;
    return response->gateway->send_file(response->gateway, descriptor, offset, length);
}

int response_send(const struct response *response, const struct gateway *gateway) {
    struct buffer out;
    buffer_open(response->arena, &out);
    write_head(response, &out);
    write_length(response, &out);
    buffer_add_text(&out, "\r\n");
    if (!response->head_only && has_content(response))
        buffer_add(&out, response->body.bytes, response->body.length);
    return gateway->write(gateway, out.bytes, out.length);
}

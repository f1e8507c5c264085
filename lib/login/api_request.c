#include "login/api_request.h"

#include "base/text.h"
#include "format/media_type.h"
#include "format/uri.h"
#include "login/api_url.h"
#include "oauth/endpoint.h"
#include "oauth/oauth1.h"

#include <string.h>

#define FORM_TYPE "application/x-www-form-urlencoded"

/* ---- what the browser sent ------------------------------------------------------------------- */

static bool has_body(enum method method) {
    return method != METHOD_GET && method != METHOD_HEAD;
}

int api_request_read(struct context *context, struct api_call *call) {
    struct arena *arena = context->arena;
    call->content_type = NULL;
    buffer_open(arena, &call->body);
    if (!has_body(call->request->method))
        return 0;
    return request_variable(arena, call->request, "CONTENT_TYPE", &call->content_type) != 0
               ? -1
               : request_body_read(arena, call->request, call->record->body_limit, &call->body);
}

/* What an answer that is kept for all may depend on comes first. */
static const struct passed_field {
    const char *variable;
    const char *name;
    bool is_condition; /* 304 may be the answer (RFC 9110 13.1.2, 13.1.3) */
} passed_fields[] = {
    {"HTTP_ACCEPT_LANGUAGE", "Accept-Language", false},
    {"HTTP_CONTENT_LANGUAGE", "Content-Language", false},
    {"HTTP_IF_MATCH", "If-Match", false},
    {"HTTP_IF_NONE_MATCH", "If-None-Match", true},
    {"HTTP_IF_MODIFIED_SINCE", "If-Modified-Since", true},
    {"HTTP_IF_UNMODIFIED_SINCE", "If-Unmodified-Since", false},
    {"HTTP_IF_RANGE", "If-Range", false},
    {"HTTP_RANGE", "Range", false},
    {"HTTP_PREFER", "Prefer", false},
    {"HTTP_IDEMPOTENCY_KEY", "Idempotency-Key", false},
};

#define PASSED_COUNT (sizeof(passed_fields) / sizeof(passed_fields[0]))

static int put_fields(struct context *context, const struct api_call *call,
                      struct http_request *made) {
    const char *taken = call->record->key_field;
    const bool is_kept = call->record->cache > 0 && call->request->method == METHOD_GET;
    for (size_t i = 0; i < (is_kept ? 1 : PASSED_COUNT); i++) {
        const char *value = NULL;
        if (request_variable(context->arena, call->request, passed_fields[i].variable, &value) != 0)
            return -1;
        if (value == NULL || text_equal_nocase(taken, passed_fields[i].name))
            continue;
        http_request_field(context->arena, made, passed_fields[i].name, value);
        /* A part of what is compressed is of no use to who gets it unpacked. */
        made->uncompressed = made->uncompressed || text_equal(passed_fields[i].name, "Range");
    }
    return 0;
}

bool api_request_is_conditional(const struct http_request *request) {
    for (const struct http_field *field = request->fields; field != NULL; field = field->next)
        for (size_t i = 0; i < PASSED_COUNT; i++)
            if (passed_fields[i].is_condition && text_equal(passed_fields[i].name, field->name))
                return true;
    return false;
}

/* ---- where it goes --------------------------------------------------------------------------- */

/* The names of parameters that carry access, so that nobody sets them beside us. RFC 6750 2: no
 * request has more than one access token. */
static const char *reserved_names(struct arena *arena, const struct api_call *call) {
    const char *key = call->record->key_parameter != NULL ? call->record->key_parameter : "";
    if (call->token == NULL)
        return key;
    return arena_format(arena, "%s access_token %s", key,
                        call->token->provider->userinfo_token_name);
}

/* The person's own server, where the provider has many: a token of one must not reach another. */
static int find_base(struct arena *arena, const struct api_call *call, const char **base) {
    const struct api_record *record = call->record;
    const struct provider *provider = call->token == NULL ? NULL : call->token->provider;
    const char *fault = provider == NULL ? NULL : api_record_provider_fault(record, provider);
    if (fault != NULL)
        return fail(arena, ERROR_CONFIG, "[api %s] base_url %s", record->name, fault);
    *base = api_record_base(arena, record, provider == NULL ? NULL : provider->instance);
    return 0;
}

/* All requests to APIs begin here. */
static struct http_request begin(const struct api_call *call, const char *url) {
    struct http_request request = {.url = url};
    if (call->token != NULL)
        request = endpoint_request(call->token->provider, url);
    uint32_t timeout = (uint32_t)call->record->timeout * 1000;
    if (request.timeout == 0 || request.timeout > timeout)
        request.timeout = timeout;
    request.method = method_name(call->request->method);
    request.answer_limit = (uint32_t)call->record->answer_limit;
    return request;
}

static bool is_form(struct arena *arena, const struct api_call *call) {
    return text_equal(media_type_name(arena, call->content_type), FORM_TYPE) &&
           strlen(call->body.bytes) == call->body.length;
}

/* A form is read where its fields are signed (RFC 5849 3.4.1.3.1), or the token stands among them. */
static bool needs_form(const struct api_call *call) {
    return call->token != NULL && (call->token->provider->protocol == PROTOCOL_OAUTH1 ||
                                   call->token->provider->userinfo_token == TOKEN_IN_FORM);
}

static int put_body(struct arena *arena, const struct api_call *call, struct http_request *made) {
    if (call->body.length == 0) {
        made->post = call->request->method == METHOD_POST; /* it says so: Content-Length: 0 */
        return 0;
    }
    if (needs_form(call) && is_form(arena, call)) {
        made->form = call->body.bytes;
        return api_url_check_names(arena, made->form, reserved_names(arena, call));
    }
    made->body = call->body.bytes;
    made->body_length = call->body.length;
    if (call->content_type != NULL)
        http_request_field(arena, made, "Content-Type", call->content_type);
    return 0;
}

int api_request_make(struct context *context, const struct api_call *call,
                     struct http_request **made) {
    struct arena *arena = context->arena;
    struct api_url_parts parts = {
        .path = call->path,
        .query = call->request->query_string,
        .reserved = reserved_names(arena, call),
    };
    char *url = NULL;
    if (find_base(arena, call, &parts.base) != 0 || api_url(arena, &parts, &url) != 0)
        return -1;
    *made = arena_alloc(arena, sizeof(**made));
    **made = begin(call, url);
    (*made)->accept = call->request->accept != NULL ? call->request->accept : "*/*";
    return put_body(arena, call, *made) != 0 ? -1 : put_fields(context, call, *made);
}

/* ---- what gives access ----------------------------------------------------------------------- */

static void put_key(struct arena *arena, const struct api_call *call, struct http_request *made) {
    struct form query = {.first = NULL};
    if (call->key == NULL)
        return;
    if (call->record->key_field != NULL) {
        http_request_field(arena, made, call->record->key_field, call->key);
        return;
    }
    form_put(arena, &query, call->record->key_parameter, call->key);
    made->url = uri_with_query(arena, made->url, &query);
}

/* Where the record says "in a form" and there is none, the query has to do. */
static void put_token(struct arena *arena, const struct api_call *call, struct http_request *made) {
    const struct provider *provider = call->token->provider;
    struct form parameters = {.first = NULL};
    endpoint_put_token(arena, provider, call->token->access_token, &parameters, made);
    if (parameters.first == NULL)
        return;
    const char *text = form_write(arena, &parameters);
    if (provider->userinfo_token == TOKEN_IN_FORM && made->form != NULL)
        made->form = arena_format(arena, "%s&%s", made->form, text);
    else if (provider->userinfo_token == TOKEN_IN_FORM && made->post)
        made->form = text;
    else
        made->url = uri_with_query(arena, made->url, &parameters);
}

int api_request_authorize(struct context *context, const struct api_call *call,
                          struct http_request *made) {
    put_key(context->arena, call, made);
    if (call->token == NULL)
        return 0;
    put_token(context->arena, call, made);
    const struct oauth1_credentials credentials = {
        .token = call->token->access_token,
        .secret = call->token->token_secret,
    };
    return call->token->provider->protocol == PROTOCOL_OAUTH1
               ? oauth1_sign(context, call->token->provider, &credentials, made)
               : 0;
}

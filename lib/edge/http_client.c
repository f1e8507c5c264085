#include "edge/http_client.h"

#include "base/text.h"
#include "edge/address.h"
#include "edge/config.h"
#include "edge/database.h"
#include "format/uri.h"

#include <string.h>

#define HTTPS_PORT 443

void http_request_field(struct arena *arena, struct http_request *request, const char *name,
                        const char *value) {
    if (!text_is_token(name) || text_has_control(value))
        error_give_up("http_client: a field that is none");
    struct http_field **end = &request->fields;
    while (*end != NULL)
        end = &(*end)->next;
    *end = arena_alloc(arena, sizeof(**end));
    (*end)->name = arena_text(arena, name);
    (*end)->value = arena_text(arena, value);
}

char *http_host_for_log(struct arena *arena, const char *url) {
    const char *authority = strstr(url, "://");
    size_t scheme = authority == NULL ? 0 : (size_t)(authority - url) + 3;
    const char *rest = url + scheme;
    size_t host_end = strcspn(rest, "/?#");
    const char *at = memrchr(rest, '@', host_end);
    const char *host = at == NULL ? rest : at + 1;
    return arena_format(arena, "%.*s%.*s", (int)scheme, url, (int)(rest + host_end - host), host);
}

static int check_fields(struct arena *arena, const struct http_request *request) {
    int count = 0;
    for (const struct http_field *field = request->fields; field != NULL; field = field->next) {
        if (!text_is_token(field->name) || text_has_control(field->value))
            return fail(arena, ERROR_URL_NOT_ALLOWED, "a field that is none");
        if (++count > HTTP_FIELDS_LIMIT)
            return fail(arena, ERROR_URL_NOT_ALLOWED, "more than %d fields", HTTP_FIELDS_LIMIT);
    }
    if (request->accept != NULL && text_has_control(request->accept))
        return fail(arena, ERROR_URL_NOT_ALLOWED, "an Accept field that is none");
    if (request->user_agent != NULL && text_has_control(request->user_agent))
        return fail(arena, ERROR_URL_NOT_ALLOWED, "a User-Agent field that is none");
    return 0;
}

/* uri_is_safe_endpoint() lets http pass for loopback, and any port: a stranger chooses neither. */
static int check_public(struct arena *arena, const struct uri *uri) {
    if (!text_equal(uri->scheme, "https") || uri->port != HTTPS_PORT)
        return fail(arena, ERROR_ADDRESS, "%s: only https at port %d", uri_origin(arena, uri),
                    HTTPS_PORT);
    if (!address_is_public_name(uri->host))
        return fail(arena, ERROR_ADDRESS, "%s is not a name in the public DNS", uri->host);
    return 0;
}

int http_request_check(struct arena *arena, const struct http_request *request) {
    struct uri uri;
    if (uri_parse(arena, request->url, &uri) != 0 || !uri_is_safe_endpoint(&uri)) {
        arena_forget_error(arena); /* what the parser said */
        return fail(arena, ERROR_URL_NOT_ALLOWED, "%s is not an https URL we may call",
                    http_host_for_log(arena, request->url));
    }
    if (request->public_only && check_public(arena, &uri) != 0)
        return -1;
    return check_fields(arena, request);
}

uint32_t http_request_timeout(const struct http_request *request) {
    const uint32_t most = HTTP_TOTAL_TIMEOUT * 1000;
    return request->timeout == 0 || request->timeout > most ? most : request->timeout;
}

uint32_t http_request_answer_limit(const struct http_request *request) {
    const uint32_t most = HTTP_ANSWER_LIMIT;
    return request->answer_limit == 0 || request->answer_limit > most ? most
                                                                      : request->answer_limit;
}

static int prepare(struct context *context, struct http_request *request) {
    if (context->transport == NULL)
        return fail(context->arena, ERROR_INTERNAL, "this program never calls out");
    if (http_request_check(context->arena, request) != 0)
        return -1;
    if (context->config != NULL)
        request->ca_file = context->config->ca_file;
    request->connections = context->connections;
    database_rest(context); /* whoever is asked may take his time */
    return 0;
}

int http_request_send(struct context *context, struct http_request *request,
                      struct http_response *response) {
    *response = (struct http_response){.content_type = "", .body = "", .length = -1};
    if (prepare(context, request) != 0)
        return -1;
    return context->transport->perform(context->arena, request, response);
}

int http_request_stream(struct context *context, struct http_request *request,
                        const struct http_sink *sink) {
    if (prepare(context, request) != 0)
        return -1;
    if (context->transport->stream == NULL || request->timeout == 0 || request->answer_limit == 0)
        return fail(context->arena, ERROR_INTERNAL, "no stream over this transport, or no limits");
    return context->transport->stream(context->arena, request, sink);
}

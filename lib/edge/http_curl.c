#include "base/buffer.h"
#include "base/version.h"
#include "edge/address.h"
#include "edge/http_client.h"
#include "format/media_type.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>

#define USER_AGENT "Latchkey/" LATCHKEY_VERSION " (+relying party)"

/* What the fields of an answer may take; nobody's are a tenth of that. */
#define HEAD_LIMIT (64U * 1024)

/* An answer as it comes in, and why it does not. */
struct intake {
    struct buffer body;
    size_t limit;
    size_t head_length;
    bool too_large;
    bool refused; /* an address that is not public */
};

/* Counts what comes out of the decompression: a small answer must not unfold into a huge one. */
static size_t take_body(char *bytes, size_t size, size_t count, void *closure) {
    struct intake *intake = closure;
    size_t length = size * count;
    if (length > intake->limit - intake->body.length) {
        intake->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    buffer_add(&intake->body, bytes, length);
    return length;
}

static size_t take_head(char *bytes, size_t size, size_t count, void *closure) {
    struct intake *intake = closure;
    (void)bytes;
    intake->head_length += size * count;
    if (intake->head_length > HEAD_LIMIT) {
        intake->too_large = true;
        return 0;
    }
    return size * count;
}

/* Judges the very address that is about to be connected to: whatever the name meant when somebody
 * looked before, and however many addresses it has, no packet goes to one that is not public. */
static curl_socket_t open_public(void *closure, curlsocktype purpose,
                                 struct curl_sockaddr *address) {
    bool *refused = closure;
    if (purpose != CURLSOCKTYPE_IPCXN || !address_is_public(&address->addr)) {
        *refused = true;
        return CURL_SOCKET_BAD;
    }
    return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool set_public_only(CURL *curl, bool *refused) {
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETFUNCTION, open_public) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_OPENSOCKETDATA, refused) == CURLE_OK;
}

/* libcurl reports an option it was built without: better no request than one without that rule. */
static bool set_rules(CURL *curl, const struct http_request *request) {
    long timeout = (long)http_request_timeout(request);
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_TIMEOUT) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L) == CURLE_OK;
}

/* CAINFO takes the place of the system's bundle, but CAPATH, the system's folder of
 * certificates, is searched besides: so both are trusted. */
static bool set_ca_file(CURL *curl, const char *ca_file) {
    if (ca_file == NULL)
        return true;
    const char *folder = curl_version_info(CURLVERSION_NOW)->capath;
    return curl_easy_setopt(curl, CURLOPT_CAINFO, ca_file) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CAPATH, folder == NULL ? "/etc/ssl/certs" : folder) ==
               CURLE_OK;
}

static bool set_body(CURL *curl, const struct http_request *request) {
    const char *body = request->form != NULL ? request->form : request->json;
    if (body == NULL && request->post)
        body = "";
    if (body == NULL)
        return curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
    return curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(body)) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body) == CURLE_OK;
}

static bool set_intake(CURL *curl, struct intake *intake) {
    return curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, intake) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, intake) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "") == CURLE_OK;
}

static bool add_line(struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

/* The request's fields; NULL if memory is out. Expect: 100-continue is turned off, which some
 * providers answer with 417. */
static struct curl_slist *field_list(struct arena *arena, const struct http_request *request) {
    const char *accept = request->accept == NULL ? "application/json" : request->accept;
    struct curl_slist *list = NULL;
    bool added =
        add_line(&list, "Expect:") && add_line(&list, arena_format(arena, "Accept: %s", accept));
    if (request->form != NULL)
        added = added && add_line(&list, "Content-Type: application/x-www-form-urlencoded");
    else if (request->json != NULL)
        added = added && add_line(&list, "Content-Type: application/json");
    else if (request->post) /* libcurl would say that nothing is a form */
        added = added && add_line(&list, "Content-Type:");
    for (const struct http_field *field = request->fields; field != NULL; field = field->next)
        added = added && add_line(&list, arena_format(arena, "%s: %s", field->name, field->value));
    if (added)
        return list;
    curl_slist_free_all(list);
    return NULL;
}

/* The URL's query may hold secrets, and libcurl's own error buffer quotes: neither is told. */
static int fail_transfer(struct arena *arena, const struct http_request *request,
                         const struct intake *intake, CURLcode code) {
    const char *url = http_host_for_log(arena, request->url);
    if (intake->too_large)
        return fail(arena, ERROR_HTTP_TOO_LARGE, "%s answers with more than %zu bytes", url,
                    intake->limit);
    if (intake->refused)
        return fail(arena, ERROR_ADDRESS, "%s leads to an address that is not public", url);
    if (code == CURLE_OPERATION_TIMEDOUT)
        return fail(arena, ERROR_HTTP_TIMEOUT, "%s does not answer in time", url);
    return fail(arena, ERROR_HTTP_FAILED, "%s: %s", url, curl_easy_strerror(code));
}

/* The value of a field that stands there once; NULL if it does not. */
static const char *field(CURL *curl, const char *name) {
    struct curl_header *header = NULL;
    bool found = curl_easy_header(curl, name, 0, CURLH_HEADER, -1, &header) == CURLHE_OK;
    return found && header->amount == 1 ? header->value : NULL;
}

/* RFC 9110 6.6.1. */
static int64_t date_of(CURL *curl) {
    const char *date = field(curl, "Date");
    time_t seconds = date == NULL ? -1 : curl_getdate(date, NULL);
    return seconds < 0 ? 0 : (int64_t)seconds;
}

static int read_answer(struct arena *arena, CURL *curl, const struct intake *intake,
                       struct http_response *response) {
    long status = 0;
    const char *type = NULL;
    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) != CURLE_OK)
        return fail(arena, ERROR_HTTP_FAILED, "libcurl lost the answer");
    response->status = (int)status;
    response->content_type = media_type_name(arena, type);
    response->body = intake->body.bytes;
    response->body_length = intake->body.length;
    const char *location = field(curl, "Location");
    response->location = location == NULL ? NULL : arena_text(arena, location);
    response->date = date_of(curl);
    return 0;
}

static int perform(struct arena *arena, const struct http_request *request,
                   struct http_response *response) {
    struct intake intake = {.limit = http_request_answer_limit(request)};
    struct curl_slist *fields = NULL;
    int result = -1;
    buffer_open(arena, &intake.body);

    CURL *curl = curl_easy_init();
    if (curl == NULL) {
        fail(arena, ERROR_INTERNAL, "libcurl cannot start");
        goto out;
    }
    fields = field_list(arena, request);
    const char *user_agent = request->user_agent == NULL ? USER_AGENT : request->user_agent;
    if (fields == NULL || !set_rules(curl, request) || !set_ca_file(curl, request->ca_file) ||
        !set_body(curl, request) || !set_intake(curl, &intake) ||
        (request->public_only && !set_public_only(curl, &intake.refused)) ||
        curl_easy_setopt(curl, CURLOPT_USERAGENT, user_agent) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields) != CURLE_OK ||
        curl_easy_setopt(curl, CURLOPT_URL, request->url) != CURLE_OK) {
        fail(arena, ERROR_INTERNAL, "libcurl cannot do what a request needs");
        goto out;
    }
    CURLcode code = curl_easy_perform(curl);
    result = code == CURLE_OK ? read_answer(arena, curl, &intake, response)
                              : fail_transfer(arena, request, &intake, code);
out:
    curl_slist_free_all(fields);
    curl_easy_cleanup(curl);
    return result;
}

const struct http_transport http_curl = {.perform = perform};

#include "base/buffer.h"
#include "base/clock.h"
#include "base/text.h"
#include "base/version.h"
#include "edge/address.h"
#include "edge/http_client.h"
#include "format/media_type.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define USER_AGENT "Latchkey/" LATCHKEY_VERSION " (+relying party)"

/* What the fields of an answer may take; nobody's are a tenth of that. */
#define HEAD_LIMIT (64U * 1024)

#define LENGTH_DIGITS 18 /* of a Content-Length that we would believe */

/* How long an idle connection may have been so, in seconds: servers close theirs after a minute or
 * less, and a request that meets that end is sent twice. */
#define IDLE_MAX 20

/* An answer as it comes in, and why it does not. */
struct intake {
    struct arena *arena;
    CURL *curl;
    const struct http_request *request;
    struct buffer body;           /* gathered here, unless there is a sink */
    const struct http_sink *sink; /* NULL: none */
    bool head_told;               /* to the sink */
    size_t taken;                 /* bytes of the body */
    size_t limit;
    size_t head_length;
    bool head_ended; /* by its empty line */
    bool malformed;  /* a line of the head */
    bool too_large;
    bool refused; /* an address that is not public */
    bool late;    /* the time for a stream is over */
    bool stopped; /* by the sink */
    int64_t began;
    int64_t busy; /* milliseconds that the sink took for itself */
};

/* ---- what is asked --------------------------------------------------------------------------- */

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
static bool set_rules(CURL *curl) {
    return curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOPROXY, "*") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, (long)HTTP_CONNECT_TIMEOUT) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_MAXAGE_CONN, (long)IDLE_MAX) == CURLE_OK &&
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

static bool set_bytes(CURL *curl, const char *bytes, size_t length) {
    return curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)length) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_POSTFIELDS, bytes) == CURLE_OK;
}

static bool set_body(CURL *curl, const struct http_request *request) {
    if (request->body != NULL)
        return set_bytes(curl, request->body, request->body_length);
    const char *body = request->form != NULL ? request->form : request->json;
    if (body == NULL && request->post)
        body = "";
    return body != NULL ? set_bytes(curl, body, strlen(body))
                        : curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L) == CURLE_OK;
}

/* Over a connection that was open already and is closed just then, libcurl sends a request twice:
 * one that might do something twice must not be (RFC 9110 9.2.2). */
static bool may_be_sent_twice(const char *method) {
    return text_equal(method, "GET") || text_equal(method, "HEAD");
}

/* After the body, which sets a method, too. */
static bool set_method(CURL *curl, const struct http_request *request) {
    if (request->method == NULL)
        return true;
    if (!may_be_sent_twice(request->method) &&
        curl_easy_setopt(curl, CURLOPT_FRESH_CONNECT, 1L) != CURLE_OK)
        return false;
    if (text_equal(request->method, "HEAD")) /* a body must not be waited for */
        return curl_easy_setopt(curl, CURLOPT_NOBODY, 1L) == CURLE_OK;
    return curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method) == CURLE_OK;
}

static bool add_line(struct curl_slist **list, const char *line) {
    struct curl_slist *longer = curl_slist_append(*list, line);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

static bool has_type(const struct http_request *request) {
    for (const struct http_field *field = request->fields; field != NULL; field = field->next)
        if (text_equal_nocase(field->name, "Content-Type"))
            return true;
    return false;
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
    else if (!has_type(request)) /* libcurl would say that it is a form, whatever it is */
        added = added && add_line(&list, "Content-Type:");
    for (const struct http_field *field = request->fields; field != NULL; field = field->next)
        added = added && add_line(&list, arena_format(arena, "%s: %s", field->name, field->value));
    if (added)
        return list;
    curl_slist_free_all(list);
    return NULL;
}

/* ---- what it says ---------------------------------------------------------------------------- */

/* The URL's query may hold secrets, and libcurl's own error buffer quotes: neither is told. */
static int fail_transfer(struct arena *arena, const struct http_request *request,
                         const struct intake *intake, CURLcode code) {
    const char *url = http_host_for_log(arena, request->url);
    if (intake->too_large)
        return fail(arena, ERROR_HTTP_TOO_LARGE, "%s answers with more than %zu bytes", url,
                    intake->limit);
    if (intake->malformed)
        return fail(arena, ERROR_HTTP_FAILED, "%s sends a control byte in its head", url);
    if (intake->stopped)
        return -1; /* the sink has said why, if there is a reason */
    if (intake->refused)
        return fail(arena, ERROR_ADDRESS, "%s leads to an address that is not public", url);
    if (code == CURLE_OPERATION_TIMEDOUT || intake->late)
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

static int read_head(struct arena *arena, CURL *curl, struct http_response *response) {
    long status = 0;
    const char *type = NULL;
    if (curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status) != CURLE_OK ||
        curl_easy_getinfo(curl, CURLINFO_CONTENT_TYPE, &type) != CURLE_OK)
        return fail(arena, ERROR_HTTP_FAILED, "libcurl lost the answer");
    const char *location = field(curl, "Location");
    *response = (struct http_response){
        .status = (int)status,
        .content_type = media_type_name(arena, type),
        .body = "",
        .location = location == NULL ? NULL : arena_text(arena, location),
        .date = date_of(curl),
        .length = -1,
    };
    return 0;
}

/* A tab is white space like any other (RFC 9110 5.5). NULL: another control byte. */
static char *field_value(struct arena *arena, const char *value) {
    char *copy = arena_text(arena, value);
    for (char *c = copy; *c != '\0'; c++)
        if (*c == '\t')
            *c = ' ';
    return text_has_control(copy) ? NULL : copy;
}

static int read_fields(const struct intake *intake, struct http_response *response) {
    struct arena *arena = intake->arena;
    struct http_field **end = &response->fields;
    struct curl_header *header = curl_easy_nextheader(intake->curl, CURLH_HEADER, -1, NULL);
    for (; header != NULL; header = curl_easy_nextheader(intake->curl, CURLH_HEADER, -1, header)) {
        struct http_field *field = arena_alloc(arena, sizeof(*field));
        field->name = arena_text(arena, header->name);
        field->value = field_value(arena, header->value);
        if (!text_is_token(field->name) || field->value == NULL)
            return fail(arena, ERROR_HTTP_FAILED, "%s sends a field that is none",
                        http_host_for_log(arena, intake->request->url));
        *end = field;
        end = &field->next;
    }
    return 0;
}

/* ---- a stream -------------------------------------------------------------------------------- */

static const char *find_field(const struct http_response *response, const char *name) {
    for (const struct http_field *field = response->fields; field != NULL; field = field->next)
        if (text_equal_nocase(field->name, name))
            return field->value;
    return NULL;
}

/* RFC 9112 6.3 (5): a length that is none, or another one beside it, could hide an answer in an
 * answer. */
static bool has_one_length(const struct http_response *response) {
    const char *length = find_field(response, "Content-Length");
    for (const struct http_field *field = response->fields; field != NULL; field = field->next)
        if (text_equal_nocase(field->name, "Content-Length") && !text_equal(field->value, length))
            return false;
    return length == NULL || (*length != '\0' && strlen(length) <= LENGTH_DIGITS &&
                              length[strspn(length, "0123456789")] == '\0');
}

/* What the answer says of its length is what the sink gets, if nothing is unpacked on the way. */
static int64_t length_of(const struct http_response *response) {
    const char *length = find_field(response, "Content-Length");
    if (length == NULL || find_field(response, "Content-Encoding") != NULL ||
        find_field(response, "Transfer-Encoding") != NULL)
        return -1;
    return strtoll(length, NULL, 10);
}

static int tell_head(struct intake *intake) {
    struct http_response response;
    intake->head_told = true;
    if (read_head(intake->arena, intake->curl, &response) != 0 ||
        read_fields(intake, &response) != 0)
        return -1;
    if (!has_one_length(&response))
        return fail(intake->arena, ERROR_HTTP_FAILED, "%s sends a Content-Length that is none",
                    http_host_for_log(intake->arena, intake->request->url));
    response.length = length_of(&response);
    if (response.length > 0 && (size_t)response.length > intake->limit) {
        intake->too_large = true;
        return -1;
    }
    return intake->sink->head(intake->sink->closure, &response);
}

static int hand_over(struct intake *intake, const char *bytes, size_t length) {
    int64_t began = clock_monotonic();
    int result = intake->head_told ? 0 : tell_head(intake);
    if (result == 0 && length > 0)
        result = intake->sink->body(intake->sink->closure, bytes, length);
    intake->busy += clock_monotonic() - began;
    intake->stopped = result != 0;
    return result;
}

/* libcurl's own limit would count the time that the sink takes, because a browser reads slowly, say.
 * This is called at least once a second. */
static int check_time(void *closure, curl_off_t download_total, curl_off_t downloaded,
                      curl_off_t upload_total, curl_off_t uploaded) {
    struct intake *intake = closure;
    (void)download_total;
    (void)downloaded;
    (void)upload_total;
    (void)uploaded;
    intake->late = clock_monotonic() - intake->began - intake->busy > intake->request->timeout;
    return intake->late ? 1 : 0;
}

static bool set_limits(CURL *curl, struct intake *intake) {
    if (intake->sink == NULL)
        return curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS,
                                (long)http_request_timeout(intake->request)) == CURLE_OK;
    return curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, check_time) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_XFERINFODATA, intake) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME, (long)HTTP_STALL_TIMEOUT) == CURLE_OK;
}

/* ---- what comes in --------------------------------------------------------------------------- */

/* Counts what comes out of the decompression: a small answer must not unfold into a huge one. */
static size_t take_body(char *bytes, size_t size, size_t count, void *closure) {
    struct intake *intake = closure;
    size_t length = size * count;
    if (length > intake->limit - intake->taken) {
        intake->too_large = true;
        return CURL_WRITEFUNC_ERROR;
    }
    intake->taken += length;
    if (intake->sink == NULL)
        buffer_add(&intake->body, bytes, length);
    else if (hand_over(intake, bytes, length) != 0)
        return CURL_WRITEFUNC_ERROR;
    return length;
}

/* A line without its end. */
static size_t line_length(const char *bytes, size_t length) {
    if (length > 0 && bytes[length - 1] == '\n')
        length--;
    return length > 0 && bytes[length - 1] == '\r' ? length - 1 : length;
}

/* RFC 9110 5.5: a tab alone. libcurl cuts a value at a CR, and would hide what stands behind it. */
static bool has_control(const char *line, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (line[i] != '\t' && ascii_is_control(line[i]))
            return true;
    return false;
}

/* After one of status 1xx comes another head (RFC 9110 15.2). */
static bool starts_head(const char *line, size_t length) {
    return length > strlen("HTTP/") && memcmp(line, "HTTP/", strlen("HTTP/")) == 0;
}

static bool is_final(const struct intake *intake) {
    long status = 0;
    return curl_easy_getinfo(intake->curl, CURLINFO_RESPONSE_CODE, &status) == CURLE_OK &&
           status >= 200;
}

/* Line by line. Of a head that was cut off libcurl makes an answer without a body; so it counts
 * that the empty line has come. */
static size_t take_head(char *bytes, size_t size, size_t count, void *closure) {
    struct intake *intake = closure;
    size_t length = size * count;
    size_t line = line_length(bytes, length);
    intake->head_length += length;
    intake->too_large = intake->too_large || intake->head_length > HEAD_LIMIT;
    intake->malformed = intake->malformed || has_control(bytes, line);
    intake->head_ended = line == 0 || (intake->head_ended && !starts_head(bytes, line));
    if (intake->too_large || intake->malformed)
        return 0;
    if (line == 0 && intake->sink != NULL && is_final(intake) && hand_over(intake, NULL, 0) != 0)
        return 0;
    return length;
}

static bool set_intake(CURL *curl, struct intake *intake) {
    const char *encodings = intake->request->uncompressed ? NULL : "";
    return curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, intake) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HEADERDATA, intake) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, encodings) == CURLE_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool set_up(struct intake *intake, struct curl_slist *fields) {
    CURL *curl = intake->curl;
    const struct http_request *request = intake->request;
    const char *user_agent = request->user_agent == NULL ? USER_AGENT : request->user_agent;
    return fields != NULL && set_rules(curl) && set_ca_file(curl, request->ca_file) &&
           set_body(curl, request) && set_method(curl, request) && set_intake(curl, intake) &&
           set_limits(curl, intake) &&
           (!request->public_only || set_public_only(curl, &intake->refused)) &&
           curl_easy_setopt(curl, CURLOPT_USERAGENT, user_agent) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, fields) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_URL, request->url) == CURLE_OK;
}

/* Takes all of the answer in. `response` is of one that is gathered. */
static int take_in(struct intake *intake, struct http_response *response) {
    CURLcode code = curl_easy_perform(intake->curl);
    if (code == CURLE_OK && !intake->head_ended)
        code = CURLE_RECV_ERROR;
    if (code == CURLE_OK && intake->sink == NULL)
        return read_head(intake->arena, intake->curl, response);
    if (code == CURLE_OK && intake->head_told)
        return 0;
    return fail_transfer(intake->arena, intake->request, intake, code);
}

/* libcurl keeps the connections of a handle from one request to the next; all else is reset. */
struct http_connections {
    CURL *curl; /* NULL until the first request: to start libcurl takes longer than many answers */
    bool taken; /* by a request under way: one that begins meanwhile gets a handle of its own */
};

static struct http_connections *open_connections(void) {
    return calloc(1, sizeof(struct http_connections));
}

static void close_connections(struct http_connections *connections) {
    if (connections == NULL)
        return;
    curl_easy_cleanup(connections->curl);
    free(connections);
}

/* An address is judged when it is connected to: so such a request is not sent over what is open. */
static bool may_share(const struct http_request *request) {
    return request->connections != NULL && !request->connections->taken && !request->public_only;
}

static CURL *take_handle(const struct http_request *request) {
    if (!may_share(request))
        return curl_easy_init();
    struct http_connections *connections = request->connections;
    if (connections->curl == NULL)
        connections->curl = curl_easy_init();
    connections->taken = connections->curl != NULL;
    return connections->curl;
}

/* What the handle was told holds pointers into the arena. */
static void give_back_handle(const struct http_request *request, CURL *curl) {
    if (curl == NULL || request->connections == NULL || request->connections->curl != curl) {
        curl_easy_cleanup(curl);
        return;
    }
    curl_easy_reset(curl);
    request->connections->taken = false;
}

static int transfer(struct intake *intake, struct http_response *response) {
    struct arena *arena = intake->arena;
    struct curl_slist *fields = NULL;
    int result = -1;
    buffer_open(arena, &intake->body);
    intake->began = clock_monotonic();
    intake->curl = take_handle(intake->request);
    if (intake->curl == NULL) {
        fail(arena, ERROR_INTERNAL, "libcurl cannot start");
        goto out;
    }
    fields = field_list(arena, intake->request);
    if (!set_up(intake, fields)) {
        fail(arena, ERROR_INTERNAL, "libcurl cannot do what a request needs");
        goto out;
    }
    result = take_in(intake, response);
out:
    curl_slist_free_all(fields);
    give_back_handle(intake->request, intake->curl);
    return result;
}

static int perform(struct arena *arena, const struct http_request *request,
                   struct http_response *response) {
    struct intake intake = {
        .arena = arena, .request = request, .limit = http_request_answer_limit(request)};
    if (transfer(&intake, response) != 0)
        return -1;
    response->body = intake.body.bytes;
    response->body_length = intake.body.length;
    return 0;
}

static int stream(struct arena *arena, const struct http_request *request,
                  const struct http_sink *sink) {
    struct intake intake = {
        .arena = arena, .request = request, .sink = sink, .limit = request->answer_limit};
    struct http_response unused;
    return transfer(&intake, &unused);
}

const struct http_transport http_curl = {
    .perform = perform,
    .stream = stream,
    .open = open_connections,
    .close = close_connections,
};

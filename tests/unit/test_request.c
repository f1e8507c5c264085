/* edge/request: what a web server hands over is read whole and strictly, or refused. */
#include "unit.h"

#include "edge/request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct variable {
    const char *name;
    const char *value;
};

/* A web server made of a table of variables and a body. */
struct server {
    struct gateway gateway;
    struct variable variables[16];
    const char *body;
    size_t body_length;
    size_t offset;
    size_t piece; /* how much one read gives at most */
    bool broken;
};

static const char *find_variable(const struct gateway *gateway, const char *name) {
    const struct server *server = gateway->stream;
    for (const struct variable *variable = server->variables; variable->name != NULL; variable++)
        if (strcmp(variable->name, name) == 0)
            return variable->value;
    return NULL;
}

static ssize_t read_body(const struct gateway *gateway, void *bytes, size_t size) {
    struct server *server = gateway->stream;
    if (server->broken)
        return -1;
    size_t length = server->body_length - server->offset;
    length = length < size ? length : size;
    length = length < server->piece ? length : server->piece;
    memcpy(bytes, server->body + server->offset, length);
    server->offset += length;
    return (ssize_t)length;
}

static void set(struct server *server, const char *name, const char *value) {
    struct variable *variable = server->variables;
    while (variable->name != NULL && strcmp(variable->name, name) != 0)
        variable++;
    *variable = (struct variable){name, value};
}

static void open_server(struct server *server, const char *method) {
    *server = (struct server){.body = "", .piece = 7};
    server->gateway = (struct gateway){.variable = find_variable, .read = read_body};
    server->gateway.stream = server;
    set(server, "REQUEST_METHOD", method);
}

static void open_post(struct server *server, const char *length, const char *body) {
    open_server(server, "POST");
    set(server, "CONTENT_TYPE", "application/x-www-form-urlencoded");
    set(server, "CONTENT_LENGTH", length);
    server->body = body;
    server->body_length = strlen(body);
}

static char *repeat(struct arena *arena, char c, size_t length) {
    char *text = arena_alloc(arena, length + 1);
    memset(text, c, length);
    return text;
}

static void a_whole_request_is_read(void **state) {
    struct server server;
    struct request request;
    open_post(&server, "17", "a=1&b=%C3%A9&c=+d");
    set(&server, "QUERY_STRING", "provider=google&return_to=%2Fx");
    set(&server, "PATH_INFO", "/google");
    set(&server, "HTTP_COOKIE", "x=1;\ty=2");
    set(&server, "HTTP_ACCEPT", "text/html,\tapplication/json");
    set(&server, "HTTP_USER_AGENT", "A  browser\x01");
    set(&server, "HTTP_ORIGIN", "https://a.example");
    set(&server, "REMOTE_ADDR", "192.0.2.1");
    set(&server, "HTTP_HOST", "evil.example");
    assert_works((struct arena *)*state,
                 request_read(*state, &server.gateway, REQUEST_FORM, &request));
    assert_int_equal(request.method, METHOD_POST);
    assert_string_equal(form_value(&request.body, "b"), "é");
    assert_string_equal(form_value(&request.body, "c"), " d");
    assert_string_equal(form_value(&request.query, "return_to"), "/x");
    assert_string_equal(request.path_info, "/google");
    assert_string_equal(request.cookies, "x=1; y=2");
    assert_string_equal(request.accept, "text/html, application/json");
    assert_string_equal(request.user_agent, "A browser");
    assert_string_equal(request.origin, "https://a.example");
    assert_string_equal(request.remote_addr, "192.0.2.1");
    assert_ptr_equal(request_parameters(&request), &request.body);
}

static void an_empty_variable_is_an_absent_one(void **state) {
    struct server server;
    struct request request;
    open_server(&server, "GET");
    set(&server, "PATH_INFO", "");
    set(&server, "CONTENT_LENGTH", "");
    set(&server, "HTTP_ORIGIN", "");
    set(&server, "HTTP_COOKIE", "");
    set(&server, "QUERY_STRING", "");
    assert_works((struct arena *)*state,
                 request_read(*state, &server.gateway, REQUEST_FORM, &request));
    assert_string_equal(request.path_info, "");
    assert_null(request.origin);
    assert_null(request.cookies);
    assert_null(request.query.first);
    assert_ptr_equal(request_parameters(&request), &request.query);
}

static void methods_are_case_sensitive_tokens(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    const struct {
        const char *name;
        enum method method;
    } methods[] = {{"GET", METHOD_GET},
                   {"HEAD", METHOD_HEAD},
                   {"POST", METHOD_POST},
                   {"get", METHOD_OTHER},
                   {"PROPFIND", METHOD_OTHER}};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        open_server(&server, methods[i].name);
        assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
        assert_int_equal(request.method, methods[i].method);
    }
    const char *bad[] = {NULL, "", "GET ", "GE\tT", "G\x01", "GET\r\n", "G\xC3\xA9T", "G/T"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        open_server(&server, bad[i]);
        assert_fails(arena, ERROR_REQUEST_MALFORMED,
                     request_read(arena, &server.gateway, REQUEST_FORM, &request));
    }
}

static void a_content_length_is_digits_alone(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    const char *bad[] = {"-1", "+3", " 3", "3 ", "0x3", "3.0", "3e1", "a", "3,3", "\xEF\xBC\x93"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        open_post(&server, bad[i], "a=1");
        assert_fails(arena, ERROR_REQUEST_LENGTH,
                     request_read(arena, &server.gateway, REQUEST_FORM, &request));
        assert_int_equal(server.offset, 0);
    }
}

static void a_content_length_over_the_limit_is_refused(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    const char *bad[] = {"65537", "99999999999999999999999999", "18446744073709551617",
                         "4294967299", "00000065537"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        open_post(&server, bad[i], "a=1");
        assert_fails(arena, ERROR_REQUEST_TOO_LARGE,
                     request_read(arena, &server.gateway, REQUEST_FORM, &request));
        assert_int_equal(server.offset, 3); /* taken all the same: see drain() */
    }
    open_server(&server, "GET");
    set(&server, "CONTENT_LENGTH", "65537");
    assert_fails(arena, ERROR_REQUEST_TOO_LARGE,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
}

static void a_body_of_the_limit_is_read(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    char *body = repeat(arena, 'a', REQUEST_BODY_LIMIT);
    body[1] = '=';
    open_post(&server, "65536", body);
    server.piece = 1000;
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_int_equal(strlen(form_value(&request.body, "a")), REQUEST_BODY_LIMIT - 2);
}

static void a_body_shorter_than_promised_is_refused(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    open_post(&server, "4", "a=1");
    assert_fails(arena, ERROR_REQUEST_LENGTH,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
    open_post(&server, "3", "a=1");
    server.broken = true;
    assert_fails(arena, ERROR_REQUEST_LENGTH,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
}

static void what_follows_the_promised_body_is_not_read(void **state) {
    struct server server;
    struct request request;
    open_post(&server, "3", "a=1&b=2");
    assert_works((struct arena *)*state,
                 request_read(*state, &server.gateway, REQUEST_FORM, &request));
    assert_string_equal(form_value(&request.body, "a"), "1");
    assert_null(form_value(&request.body, "b"));
    assert_int_equal(server.offset, 3);
}

static void the_body_of_a_get_is_not_read(void **state) {
    struct server server;
    struct request request;
    open_post(&server, "3", "a=1");
    set(&server, "REQUEST_METHOD", "GET");
    assert_works((struct arena *)*state,
                 request_read(*state, &server.gateway, REQUEST_FORM, &request));
    assert_null(request.body.first);
    assert_int_equal(server.offset, 0);
}

static void only_urlencoded_forms_are_read(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    const char *good[] = {"application/x-www-form-urlencoded", "Application/X-WWW-Form-Urlencoded",
                          "application/x-www-form-urlencoded; charset=UTF-8",
                          "application/x-www-form-urlencoded ;Charset=\"utf-8\"",
                          "application/x-www-form-urlencoded; x=\"a;charset=b\""};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        open_post(&server, "3", "a=1");
        set(&server, "CONTENT_TYPE", good[i]);
        assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
        assert_string_equal(form_value(&request.body, "a"), "1");
    }
    const char *bad[] = {"",
                         "application/json",
                         "multipart/form-data; boundary=x",
                         "text/plain",
                         "application/x-www-form-urlencoded2",
                         "x, application/x-www-form-urlencoded",
                         "application/x-www-form-urlencoded; charset=iso-8859-1"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        open_post(&server, "3", "a=1");
        set(&server, "CONTENT_TYPE", bad[i]);
        assert_fails(arena, ERROR_REQUEST_TYPE,
                     request_read(arena, &server.gateway, REQUEST_FORM, &request));
    }
}

static void a_post_without_body_needs_no_type(void **state) {
    struct server server;
    struct request request;
    open_server(&server, "POST");
    set(&server, "CONTENT_LENGTH", "0");
    assert_works((struct arena *)*state,
                 request_read(*state, &server.gateway, REQUEST_FORM, &request));
    assert_null(request.body.first);
}

static void broken_encoding_is_refused(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    const struct {
        const char *text;
        enum error_rule rule;
    } bad[] = {{"a=%", ERROR_PERCENT},   {"a=%4", ERROR_PERCENT},       {"a=%zz", ERROR_PERCENT},
               {"a=%00", ERROR_PERCENT}, {"a%0D%0Ab=1", ERROR_PERCENT}, {"a=%7F", ERROR_PERCENT},
               {"a=%C3%28", ERROR_UTF8}, {"a=\xFF", ERROR_UTF8},        {"a=%ED%A0%80", ERROR_UTF8},
               {"a=%C0%80", ERROR_UTF8}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        open_server(&server, "GET");
        set(&server, "QUERY_STRING", bad[i].text);
        assert_fails(arena, bad[i].rule,
                     request_read(arena, &server.gateway, REQUEST_FORM, &request));

        char length[24];
        snprintf(length, sizeof(length), "%zu", strlen(bad[i].text));
        open_post(&server, length, bad[i].text);
        assert_fails(arena, bad[i].rule,
                     request_read(arena, &server.gateway, REQUEST_FORM, &request));
    }
}

static void a_nul_in_a_body_is_refused(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    open_post(&server, "5", "a=1");
    server.body = "a=\0"
                  "12";
    server.body_length = 5;
    assert_fails(arena, ERROR_PERCENT,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
}

static void control_bytes_in_fields_are_refused(void **state) {
    struct arena *arena = *state;
    const char *names[] = {"HTTP_ACCEPT", "HTTP_ACCEPT_LANGUAGE", "HTTP_AUTHORIZATION",
                           "HTTP_ORIGIN", "HTTP_SEC_FETCH_SITE",  "HTTP_SEC_FETCH_MODE",
                           "HTTP_COOKIE", "REMOTE_ADDR"};
    const char *bad[] = {"a\rb", "a\nb", "\x01", "\x1F", "a\x7F", "\x1B[31m"};
    struct server server;
    struct request request;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        for (size_t j = 0; j < sizeof(bad) / sizeof(bad[0]); j++) {
            open_server(&server, "GET");
            set(&server, names[i], bad[j]);
            assert_fails(arena, ERROR_REQUEST_MALFORMED,
                         request_read(arena, &server.gateway, REQUEST_FORM, &request));
        }
    }
}

static void fields_that_are_not_utf8_are_refused_but_cookies_are_not(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    open_server(&server, "GET");
    set(&server, "HTTP_ORIGIN", "https://\xE9.example");
    assert_fails(arena, ERROR_UTF8, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    open_server(&server, "GET");
    set(&server, "HTTP_COOKIE", "other=caf\xE9");
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_string_equal(request.cookies, "other=caf\xE9");
}

static void no_one_is_refused_for_a_browsers_name(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    open_server(&server, "GET");
    set(&server, "HTTP_USER_AGENT", "odd \xFF name");
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_null(request.user_agent);
    set(&server, "HTTP_USER_AGENT", repeat(arena, 'x', 300));
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_in_range(strlen(request.user_agent), 199, 204);
    set(&server, "HTTP_USER_AGENT", repeat(arena, 'x', REQUEST_FIELD_LIMIT + 1));
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_null(request.user_agent);
}

/* What is wrong with credentials is said by who takes them. */
static void credentials_over_the_limit_are_cut(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    open_server(&server, "GET");
    set(&server, "HTTP_AUTHORIZATION", repeat(arena, 'a', REQUEST_FIELD_LIMIT));
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_int_equal(strlen(request.authorization), REQUEST_FIELD_LIMIT);
    set(&server, "HTTP_AUTHORIZATION", repeat(arena, 'a', 100 * REQUEST_FIELD_LIMIT));
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_int_equal(strlen(request.authorization), REQUEST_FIELD_LIMIT);
}

static void fields_over_their_limit_are_refused(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *name;
        size_t limit;
    } limits[] = {{"HTTP_COOKIE", REQUEST_COOKIE_LIMIT},
                  {"QUERY_STRING", REQUEST_QUERY_LIMIT},
                  {"HTTP_ACCEPT", REQUEST_FIELD_LIMIT}};
    struct server server;
    struct request request;
    for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++) {
        open_server(&server, "GET");
        set(&server, limits[i].name, repeat(arena, 'a', limits[i].limit));
        assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
        set(&server, limits[i].name, repeat(arena, 'a', limits[i].limit + 1));
        assert_fails(arena, ERROR_REQUEST_TOO_LARGE,
                     request_read(arena, &server.gateway, REQUEST_FORM, &request));
    }
}

static void a_path_that_is_none_is_refused(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    open_server(&server, "GET");
    set(&server, "PATH_INFO", "google");
    assert_fails(arena, ERROR_REQUEST_PATH,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
    set(&server, "PATH_INFO", "/a\nb");
    assert_fails(arena, ERROR_REQUEST_MALFORMED,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
    set(&server, "PATH_INFO", "/a\tb");
    assert_fails(arena, ERROR_REQUEST_MALFORMED,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
    set(&server, "PATH_INFO", "/\xC3");
    assert_fails(arena, ERROR_UTF8, request_read(arena, &server.gateway, REQUEST_FORM, &request));
}

static void every_method_has_its_name(void **state) {
    static const char *const names[] = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"};
    struct server server;
    struct request request;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        open_server(&server, names[i]);
        assert_works((struct arena *)*state,
                     request_read(*state, &server.gateway, REQUEST_FORM, &request));
        assert_string_equal(method_name(request.method), names[i]);
    }
    static const char *const others[] = {"get", "OPTIONS", "PUTS", "GE", "TRACE", "M-SEARCH"};
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        open_server(&server, others[i]);
        assert_works((struct arena *)*state,
                     request_read(*state, &server.gateway, REQUEST_FORM, &request));
        assert_int_equal(request.method, METHOD_OTHER);
        assert_string_equal(method_name(request.method), "");
    }
}

/* What is another program's: not one byte of it is read, whatever it claims to be. */
static void a_body_can_be_left_alone(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    static const enum request_body kinds[] = {REQUEST_NO_BODY, REQUEST_RAW};
    for (size_t i = 0; i < 2; i++) {
        open_post(&server, "99999999999", "a=%zz");
        set(&server, "CONTENT_TYPE", "application/json");
        set(&server, "QUERY_STRING", "x=1&y");
        assert_works(arena, request_read(arena, &server.gateway, kinds[i], &request));
        assert_int_equal(server.offset, 0);
        assert_null(request.body.first);
        assert_string_equal(request.query_string, "x=1&y");
        if (kinds[i] == REQUEST_RAW)
            assert_null(request.query.first);
        else
            assert_string_equal(request.query.first->name, "x");
    }
    open_server(&server, "GET");
    set(&server, "QUERY_STRING", "100%");
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_RAW, &request));
    assert_fails(arena, ERROR_PERCENT,
                 request_read(arena, &server.gateway, REQUEST_NO_BODY, &request));
}

static void a_raw_body_is_read_as_promised(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    struct buffer body;
    const struct {
        const char *length;
        size_t limit;
        enum error_rule rule;
    } cases[] = {
        {"10", 10, ERROR_NONE},
        {"4", 10, ERROR_NONE},
        {"0", 10, ERROR_NONE},
        {"11", 11, ERROR_REQUEST_LENGTH}, /* there are ten */
        {"10", 9, ERROR_REQUEST_TOO_LARGE},
        {"18446744073709551617", 100, ERROR_REQUEST_TOO_LARGE},
        {"-1", 100, ERROR_REQUEST_LENGTH},
        {"+1", 100, ERROR_REQUEST_LENGTH},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        open_post(&server, cases[i].length, "{\"a\":[1]}\n");
        server.body_length = 10;
        set(&server, "REQUEST_METHOD", "PUT");
        assert_works(arena, request_read(arena, &server.gateway, REQUEST_RAW, &request));
        buffer_open(arena, &body);
        int result = request_body_read(arena, &request, cases[i].limit, &body);
        if (cases[i].rule != ERROR_NONE) {
            assert_fails(arena, cases[i].rule, result);
            continue;
        }
        assert_works(arena, result);
        assert_int_equal(body.length, strtoul(cases[i].length, NULL, 10));
        assert_memory_equal(body.bytes, "{\"a\":[1]}\n", body.length);
    }
}

static void a_body_that_nobody_reads_is_taken_as_far_as_it_was_promised(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    const struct {
        const char *length;
        size_t taken;
    } cases[] = {
        {NULL, 0},  {"0", 0},  {"4", 4},   {"10", 10},
        {"11", 10}, {"-1", 0}, {"ten", 0}, {"18446744073709551617", 10},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        open_post(&server, cases[i].length, "{\"a\":[1]}\n");
        assert_works(arena, request_read(arena, &server.gateway, REQUEST_RAW, &request));
        request_body_discard(arena, &request);
        assert_int_equal(server.offset, cases[i].taken);
        assert_int_equal(arena->error.rule, ERROR_NONE);
    }
    open_post(&server, "10", "{\"a\":[1]}\n");
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_RAW, &request));
    server.broken = true;
    request_body_discard(arena, &request);
}

static void any_variable_is_checked_like_the_fields(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    const char *value = "";
    open_server(&server, "GET");
    set(&server, "HTTP_RANGE", "bytes=0-\t5");
    set(&server, "HTTP_X_BAD", "a\nb");
    set(&server, "HTTP_X_WORSE", "\xFF");
    assert_works(arena, request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_works(arena, request_variable(arena, &request, "HTTP_RANGE", &value));
    assert_string_equal(value, "bytes=0- 5");
    assert_works(arena, request_variable(arena, &request, "HTTP_IF_RANGE", &value));
    assert_null(value);
    assert_fails(arena, ERROR_REQUEST_MALFORMED,
                 request_variable(arena, &request, "HTTP_X_BAD", &value));
    assert_null(value);
    assert_fails(arena, ERROR_UTF8, request_variable(arena, &request, "HTTP_X_WORSE", &value));
}

static void a_failure_leaves_what_tells_its_form(void **state) {
    struct arena *arena = *state;
    struct server server;
    struct request request;
    open_post(&server, "-5", "");
    set(&server, "HTTP_ACCEPT", "text/html");
    assert_fails(arena, ERROR_REQUEST_LENGTH,
                 request_read(arena, &server.gateway, REQUEST_FORM, &request));
    assert_true(request_wants_page(&request));
    assert_int_equal(request.method, METHOD_POST);
}

static void a_page_goes_to_who_prefers_one(void **state) {
    (void)state;
    const struct {
        const char *mode;
        const char *accept;
        bool page;
    } cases[] = {
        {NULL, NULL, false},
        {NULL, "*/*", false},
        {NULL, "text/*", false},
        {NULL, "application/json", false},
        {NULL, "text/html", true},
        {NULL, "TEXT/HTML", true},
        {NULL, "text/html, application/json", true},
        {NULL, "text/html;q=0.8, application/json;q=0.9", false},
        {NULL, "text/html;q=0.9, application/json;q=0.8", true},
        {NULL, "text/html; q=0.5 , */*", false},
        {NULL, "text/html;q=0.5, application/*;q=0.6", false},
        {NULL, "text/html;q=0.5, application/*;q=0.9, application/json;q=0.1", true},
        {NULL, "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", true},
        {NULL, "text/html;q=0", false},
        {NULL, "text/html;q=0.000, */*;q=0", false},
        {NULL, "text/html;q=0.001", true},
        {NULL, "text/html;q=2", false},
        {NULL, "text/html;q=1.001", false},
        {NULL, "text/html;q=0.0001", false},
        {NULL, "text/html;q=-1", false},
        {NULL, "text/html;q=", false},
        {NULL, "x/y;z=\"text/html, text/html\"", false},
        {NULL, ",, ,text/html", true},
        {NULL, ";;;,,,=", false},
        {"navigate", "application/json", true},
        {"navigate", NULL, true},
        {"cors", "text/html", false},
        {"same-origin", "text/html", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct request request = {.sec_fetch_mode = cases[i].mode, .accept = cases[i].accept};
        if (request_wants_page(&request) != cases[i].page)
            fail_msg("%s / %s", cases[i].mode, cases[i].accept);
    }
}

static void another_site_is_told_by_origin_or_fetch_metadata(void **state) {
    (void)state;
    const struct {
        const char *origin;
        const char *site;
        bool same;
    } cases[] = {
        {NULL, NULL, true},
        {"https://a.example", NULL, true},
        {"https://a.example", "same-origin", true},
        {NULL, "same-origin", true},
        {NULL, "none", true},
        {"https://a.example", "cross-site", false},
        {NULL, "cross-site", false},
        {NULL, "same-site", false},
        {NULL, "Same-Origin", false},
        {"null", NULL, false},
        {"null", "same-origin", true},
        {"null", "none", true},
        {"null", "same-site", false},
        {"null", "cross-site", false},
        {"null", "same-origin", true},
        {"null", "cross-site", false},
        {"null", "same-site", false},
        {"https://a.example.evil.example", NULL, false},
        {"http://a.example", NULL, false},
        {"https://a.example/", NULL, false},
        {"https://A.example", NULL, false},
        {"https://b.example", "same-origin", false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct request request = {.origin = cases[i].origin, .sec_fetch_site = cases[i].site};
        if (request_is_same_origin(&request, "https://a.example") != cases[i].same)
            fail_msg("%s / %s", cases[i].origin, cases[i].site);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_whole_request_is_read),
        unit_test(an_empty_variable_is_an_absent_one),
        unit_test(methods_are_case_sensitive_tokens),
        unit_test(a_content_length_is_digits_alone),
        unit_test(a_content_length_over_the_limit_is_refused),
        unit_test(a_body_of_the_limit_is_read),
        unit_test(a_body_shorter_than_promised_is_refused),
        unit_test(what_follows_the_promised_body_is_not_read),
        unit_test(the_body_of_a_get_is_not_read),
        unit_test(only_urlencoded_forms_are_read),
        unit_test(a_post_without_body_needs_no_type),
        unit_test(broken_encoding_is_refused),
        unit_test(a_nul_in_a_body_is_refused),
        unit_test(control_bytes_in_fields_are_refused),
        unit_test(fields_that_are_not_utf8_are_refused_but_cookies_are_not),
        unit_test(no_one_is_refused_for_a_browsers_name),
        unit_test(credentials_over_the_limit_are_cut),
        unit_test(fields_over_their_limit_are_refused),
        unit_test(a_path_that_is_none_is_refused),
        unit_test(every_method_has_its_name),
        unit_test(a_body_can_be_left_alone),
        unit_test(a_raw_body_is_read_as_promised),
        unit_test(a_body_that_nobody_reads_is_taken_as_far_as_it_was_promised),
        unit_test(any_variable_is_checked_like_the_fields),
        unit_test(a_failure_leaves_what_tells_its_form),
        unit_test(a_page_goes_to_who_prefers_one),
        unit_test(another_site_is_told_by_origin_or_fetch_metadata),
    };
    return cmocka_run_group_tests_name("request", tests, NULL, NULL);
}

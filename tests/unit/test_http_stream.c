/* edge/http_client, edge/http_curl: answers that are handed over as they come. */
#include "server.h"

#include "base/text.h"
#include "edge/http_client.h"

#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

/* What a sink got. */
struct taken {
    struct arena *arena;
    int heads;
    int status;
    int64_t length;
    struct buffer fields; /* "name: value" lines */
    struct buffer body;
    size_t bytes;
    int pause;      /* milliseconds that it takes for each piece */
    bool keep;      /* the bytes, too, not only their number */
    int stop_after; /* pieces; 0: never; -1: the head is enough */
};

static int take_head(void *closure, const struct http_response *response) {
    struct taken *taken = closure;
    taken->heads++;
    taken->status = response->status;
    taken->length = response->length;
    for (const struct http_field *field = response->fields; field != NULL; field = field->next)
        buffer_add_format(&taken->fields, "%s: %s\n", field->name, field->value);
    return taken->stop_after < 0 ? -1 : 0;
}

static int take_body(void *closure, const char *bytes, size_t length) {
    struct taken *taken = closure;
    assert_int_equal(taken->heads, 1);
    taken->bytes += length;
    if (taken->keep)
        buffer_add(&taken->body, bytes, length);
    if (taken->pause > 0)
        server_pause(taken->pause);
    if (taken->stop_after <= 0)
        return 0;
    taken->stop_after--;
    return taken->stop_after == 0 ? -1 : 0;
}

static void open_taken(struct house *house, struct taken *taken) {
    *taken = (struct taken){.arena = house->arena, .keep = true};
    buffer_open(house->arena, &taken->fields);
    buffer_open(house->arena, &taken->body);
}

static int stream_request(struct house *house, struct http_request *request, struct taken *taken) {
    const struct http_sink sink = {.head = take_head, .body = take_body, .closure = taken};
    if (request->timeout == 0)
        request->timeout = 10000;
    if (request->answer_limit == 0)
        request->answer_limit = 1024 * 1024;
    return http_request_stream(&house->context, request, &sink);
}

/* A house, a server that does `script`, and one request to it. */
struct call {
    struct house house;
    struct server server;
    struct taken taken;
    struct http_request request;
};

static void open_call(struct call *call, struct arena *arena,
                      void (*script)(int connection, const void *closure), const void *closure) {
    *call = (struct call){.request = {.accept = "*/*"}};
    house_open(&call->house, arena);
    call->house.context.transport = &http_curl;
    server_start(&call->server, &call->house, script, closure);
    call->request.url = server_url(&call->house, &call->server, "/x");
    open_taken(&call->house, &call->taken);
}

static int send_call(struct call *call) {
    return stream_request(&call->house, &call->request, &call->taken);
}

static void close_call(struct call *call) {
    server_stop(&call->server);
    house_close(&call->house);
}

static void head_and_body_are_handed_over(void **state) {
    struct call call;
    open_call(&call, *state, server_answer,
              "HTTP/1.1 100 Continue\r\nX-Early: 1\r\n\r\n"
              "HTTP/1.1 207 Multi-Status\r\nConnection: close\r\nContent-Type: text/x\r\n"
              "X-Tab: a\tb\r\nLink: <a>\r\nlink: <b>\r\nContent-Length: 5\r\n\r\nhello");
    assert_works(call.house.arena, send_call(&call));
    assert_int_equal(call.taken.heads, 1);
    assert_int_equal(call.taken.status, 207);
    assert_int_equal(call.taken.length, 5);
    assert_string_equal(
        call.taken.fields.bytes,
        "Connection: close\nContent-Type: text/x\nX-Tab: a b\nLink: <a>\nlink: <b>\n"
        "Content-Length: 5\n");
    assert_string_equal(call.taken.body.bytes, "hello");
    close_call(&call);
}

static void an_answer_without_body_has_a_head(void **state) {
    const char *answers[] = {
        "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
        "HTTP/1.1 304 Not Modified\r\nConnection: close\r\nETag: \"x\"\r\n\r\n",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 302 Found\r\nConnection: close\r\nLocation: http://localhost:1/\r\n\r\n",
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct call call;
        open_call(&call, *state, server_answer, answers[i]);
        assert_works(call.house.arena, send_call(&call));
        assert_int_equal(call.taken.heads, 1);
        assert_int_equal(call.taken.bytes, 0);
        close_call(&call);
    }
}

static void a_head_alone_does_not_wait_for_its_body(void **state) {
    struct call call;
    open_call(&call, *state, server_answer, OK_HEAD "Content-Length: 1000\r\n\r\n");
    call.request.method = "HEAD";
    assert_works(call.house.arena, send_call(&call));
    assert_int_equal(call.taken.length, 1000);
    assert_memory_equal(server_requests(&call.house, &call.server), "HEAD /x HTTP/1.1\r\n", 18);
    close_call(&call);
}

static void a_method_has_any_body(void **state) {
    const char *methods[] = {"POST", "PUT", "PATCH", "DELETE"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct call call;
        open_call(&call, *state, server_answer, OK_HEAD "\r\n");
        call.request.method = methods[i];
        call.request.body = "{\"a\":\"\0\"}";
        call.request.body_length = 9;
        http_request_field(call.house.arena, &call.request, "content-type", "application/x+json");
        assert_works(call.house.arena, send_call(&call));
        const char *asked = server_requests(&call.house, &call.server);
        assert_true(text_starts_with(
            asked, arena_format(call.house.arena, "%s /x HTTP/1.1\r\n", methods[i])));
        assert_non_null(strstr(asked, "\r\ncontent-type: application/x+json\r\n"));
        assert_null(strstr(asked, "urlencoded"));
        assert_non_null(strstr(asked, "\r\nContent-Length: 9\r\n"));
        const char *body = strstr(asked, "\r\n\r\n") + 4;
        assert_memory_equal(body, "{\"a\":\"\0\"}", 9);
        close_call(&call);
    }
}

static void a_method_may_be_without_body(void **state) {
    const char *methods[] = {"GET", "DELETE", "PUT"};
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        struct call call;
        open_call(&call, *state, server_answer, OK_HEAD "\r\n");
        call.request.method = methods[i];
        assert_works(call.house.arena, send_call(&call));
        const char *asked = server_requests(&call.house, &call.server);
        assert_true(text_starts_with(
            asked, arena_format(call.house.arena, "%s /x HTTP/1.1\r\n", methods[i])));
        assert_null(strstr(asked, "Content-"));
        close_call(&call);
    }
}

static void bytes_as_they_are_are_asked_for(void **state) {
    for (int uncompressed = 0; uncompressed < 2; uncompressed++) {
        struct call call;
        open_call(&call, *state, server_answer, OK_HEAD "\r\n");
        call.request.uncompressed = uncompressed == 1;
        assert_works(call.house.arena, send_call(&call));
        const char *asked = server_requests(&call.house, &call.server);
        assert_int_equal(strstr(asked, "Accept-Encoding: ") == NULL, uncompressed);
        close_call(&call);
    }
}

/* What would end a field early, or begin another, behind whoever takes it over. */
static void a_field_that_is_none_is_a_failure(void **state) {
    const char *answers[] = {
        OK_HEAD "X-A: a\rSet-Cookie: b=c\r\n\r\nbody",
        OK_HEAD "X-A: a\x01\r\n\r\nbody",
        OK_HEAD "X-A: a\x7F\r\n\r\nbody",
        OK_HEAD "X A: a\r\n\r\nbody",
        OK_HEAD "X-A: a\r\n\x0B: b\r\n\r\nbody",
        OK_HEAD "no field\r\n\r\nbody",
        OK_HEAD ": nameless\r\n\r\nbody",
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct call call;
        open_call(&call, *state, server_answer, answers[i]);
        if (send_call(&call) != -1)
            fail_msg("accepted: %s (%s)", answers[i], call.taken.fields.bytes);
        assert_int_equal(call.house.arena->error.rule, ERROR_HTTP_FAILED);
        arena_forget_error(call.house.arena);
        assert_int_equal(call.taken.heads, 0);
        close_call(&call);
    }
}

static void an_answer_that_breaks_off_is_a_failure(void **state) {
    const struct {
        const char *answer;
        int heads;
    } cases[] = {
        {"", 0},
        {"HTTP/1.1 200 OK\r\nContent-", 0},
        {OK_HEAD "Content-Length: 10\r\n\r\nhello", 1},
        {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 1},
        {OK_HEAD "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nzz\r\n", 1},
        {OK_HEAD "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello", 1},
        {"nonsense\r\n\r\nhello", 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct call call;
        open_call(&call, *state, server_answer, cases[i].answer);
        if (send_call(&call) != -1)
            fail_msg("whole: %s", cases[i].answer);
        assert_int_equal(call.house.arena->error.rule, ERROR_HTTP_FAILED);
        arena_forget_error(call.house.arena);
        assert_int_equal(call.taken.heads, cases[i].heads);
        close_call(&call);
    }
}

/* Sends a body of as many bytes as `closure` says, without telling how many. */
static void send_many(int connection, const void *closure) {
    char piece[1024];
    memset(piece, 'x', sizeof(piece));
    server_answer(connection, OK_HEAD "\r\n");
    for (size_t left = *(const size_t *)closure; left > 0;) {
        size_t length = left < sizeof(piece) ? left : sizeof(piece);
        server_write(connection, piece, length);
        left -= length;
    }
}

static void more_than_gathered_answers_may_have(void **state) {
    const size_t length = 64 * (size_t)1024 * 1024; /* more than an arena has */
    struct call call;
    open_call(&call, *state, send_many, &length);
    call.taken.keep = false;
    call.request.answer_limit = (uint32_t)length;
    call.request.timeout = 60000;
    assert_works(call.house.arena, send_call(&call));
    assert_int_equal(call.taken.bytes, length);
    assert_int_equal(call.taken.length, -1);
    close_call(&call);
}

static void the_limit_holds(void **state) {
    const size_t length = 100001;
    struct call call;
    open_call(&call, *state, send_many, &length);
    call.request.answer_limit = 100000;
    assert_fails(call.house.arena, ERROR_HTTP_TOO_LARGE, send_call(&call));
    assert_true(call.taken.bytes <= 100000);
    close_call(&call);

    /* One that says so beforehand is not even begun. */
    open_call(&call, *state, server_answer, OK_HEAD "Content-Length: 100001\r\n\r\nhello");
    call.request.answer_limit = 100000;
    assert_fails(call.house.arena, ERROR_HTTP_TOO_LARGE, send_call(&call));
    assert_int_equal(call.taken.heads, 0);
    close_call(&call);
}

/* Sends the file `closure` as a gzip-compressed body. */
static void send_gzip(int connection, const void *closure) {
    char piece[4096];
    int file = open(closure, O_RDONLY);
    server_answer(connection, OK_HEAD "Content-Encoding: gzip\r\n\r\n");
    for (ssize_t got = read(file, piece, sizeof(piece)); got > 0;
         got = read(file, piece, sizeof(piece)))
        server_write(connection, piece, (size_t)got);
    close(file);
}

static void the_limit_counts_what_is_unpacked(void **state) {
    const struct {
        const char *size;
        bool fits;
    } cases[] = {{"1048576", true}, {"67108864", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct call call;
        char path[64];
        assert_true(snprintf(path, sizeof(path), "/tmp/latchkey-stream-%d.gz", getpid()) > 0);
        assert_int_equal(
            system(arena_format(*state, "head -c %s /dev/zero | gzip >%s", cases[i].size, path)),
            0);
        open_call(&call, *state, send_gzip, path);
        call.taken.keep = false;
        int result = send_call(&call);
        if (cases[i].fits)
            assert_works(call.house.arena, result);
        else
            assert_fails(call.house.arena, ERROR_HTTP_TOO_LARGE, result);
        assert_int_equal(call.taken.length, -1); /* it is not that of what is packed */
        assert_true(call.taken.bytes <= 1048576);
        unlink(path);
        close_call(&call);
    }
}

static void drip(int connection, const void *closure) {
    (void)closure;
    server_answer(connection, OK_HEAD "\r\n");
    for (int i = 0; i < 200; i++) {
        server_answer(connection, "x");
        server_pause(20);
    }
}

static void say_nothing(int connection, const void *closure) {
    (void)connection;
    (void)closure;
    server_pause(5000);
}

static void a_slow_answer_is_given_up(void **state) {
    void (*const scripts[])(int connection, const void *closure) = {drip, say_nothing};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct call call;
        open_call(&call, *state, scripts[i], NULL);
        call.request.timeout = 200;
        assert_fails(call.house.arena, ERROR_HTTP_TIMEOUT, send_call(&call));
        close_call(&call);
    }
}

/* A browser that reads slowly is no delay of the API's. */
static void the_time_of_the_sink_does_not_count(void **state) {
    const size_t length = 200000;
    struct call call;
    open_call(&call, *state, send_many, &length);
    call.request.timeout = 1500;
    call.taken.pause = 400;
    assert_works(call.house.arena, send_call(&call));
    assert_int_equal(call.taken.bytes, length);
    close_call(&call);
}

static void a_sink_may_have_enough(void **state) {
    const size_t length = 10 * (size_t)1024 * 1024;
    struct call call;
    const int enough[] = {-1, 1};
    for (size_t i = 0; i < sizeof(enough) / sizeof(enough[0]); i++) {
        open_call(&call, *state, send_many, &length);
        call.taken.stop_after = enough[i];
        assert_int_equal(send_call(&call), -1);
        assert_int_equal(call.house.arena->error.rule, ERROR_NONE);
        assert_true(call.taken.bytes < 200000);
        close_call(&call);
    }
    /* Also where there is nothing but a head. */
    open_call(&call, *state, server_answer, "HTTP/1.1 204 No\r\nConnection: close\r\n\r\n");
    call.taken.stop_after = -1;
    assert_int_equal(send_call(&call), -1);
    assert_int_equal(call.house.arena->error.rule, ERROR_NONE);
    close_call(&call);
}

static void what_holds_for_every_request_holds_for_a_stream(void **state) {
    struct house house;
    struct taken taken;
    house_open(&house, *state);
    house.context.transport = &http_curl;
    open_taken(&house, &taken);
    struct http_request request = {.url = "http://op.example/"};
    assert_fails(house.arena, ERROR_URL_NOT_ALLOWED, stream_request(&house, &request, &taken));
    request = (struct http_request){.url = "https://localhost/", .public_only = true};
    assert_fails(house.arena, ERROR_ADDRESS, stream_request(&house, &request, &taken));
    const struct http_sink sink = {.head = take_head, .body = take_body, .closure = &taken};
    request = (struct http_request){.url = "https://localhost/", .timeout = 1000};
    assert_fails(house.arena, ERROR_INTERNAL, http_request_stream(&house.context, &request, &sink));
    house.context.transport = &http_helper;
    request.answer_limit = 1000;
    assert_fails(house.arena, ERROR_INTERNAL, http_request_stream(&house.context, &request, &sink));
    house.context.transport = NULL;
    assert_fails(house.arena, ERROR_INTERNAL, http_request_stream(&house.context, &request, &sink));
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(head_and_body_are_handed_over),
        unit_test(an_answer_without_body_has_a_head),
        unit_test(a_head_alone_does_not_wait_for_its_body),
        unit_test(a_method_has_any_body),
        unit_test(a_method_may_be_without_body),
        unit_test(bytes_as_they_are_are_asked_for),
        unit_test(a_field_that_is_none_is_a_failure),
        unit_test(an_answer_that_breaks_off_is_a_failure),
        unit_test(more_than_gathered_answers_may_have),
        unit_test(the_limit_holds),
        unit_test(the_limit_counts_what_is_unpacked),
        unit_test(a_slow_answer_is_given_up),
        unit_test(the_time_of_the_sink_does_not_count),
        unit_test(a_sink_may_have_enough),
        unit_test(what_holds_for_every_request_holds_for_a_stream),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

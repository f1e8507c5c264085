/* edge/http_client, edge/http_curl: what is asked, of whom, and what is taken for an answer. */
#include "server.h"

#include "edge/http_client.h"

#include <sysexits.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

/* Opens a house whose calls go out by libcurl. */
static void open_house(struct house *house, struct arena *arena) {
    house_open(house, arena);
    house->context.transport = &http_curl;
}

static int get(struct house *house, const char *url, struct http_response *response) {
    struct http_request request = {.url = url, .timeout = 10000};
    return http_request_send(&house->context, &request, response);
}

static void only_https_and_loopback_may_be_called(void **state) {
    struct arena *arena = *state;
    const char *good[] = {"https://op.example/a?b=c", "https://op.example:8443",
                          "http://localhost:8081/x",  "http://127.0.0.1/",
                          "http://127.9.9.9:1/",      "http://[::1]:8081/"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const struct http_request request = {.url = good[i]};
        assert_works(arena, http_request_check(arena, &request));
    }
    const char *bad[] = {"http://op.example/",
                         "http://localhost.example/",
                         "http://localhost@op.example/",
                         "http://127.0.0.1.op.example/",
                         "http://0x7f.1/",
                         "http://2130706433/",
                         "http://[::ffff:127.0.0.1]/",
                         "https://user:secret@op.example/",
                         "https://op.example/#x",
                         "https:///x",
                         "https://",
                         "ftp://op.example/",
                         "file:///etc/passwd",
                         "gopher://localhost:25/x",
                         "//op.example/",
                         "/x",
                         "",
                         "https://op.example/a b",
                         "https://op.example/\r\nX: y",
                         "https://op.example\\@evil.example/"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct http_request request = {.url = bad[i]};
        assert_fails(arena, ERROR_URL_NOT_ALLOWED, http_request_check(arena, &request));
    }
}

static void a_stranger_chooses_no_port_and_no_address(void **state) {
    struct arena *arena = *state;
    const char *good[] = {"https://op.example/a?b=c", "https://op.example:443",
                          "https://OP.Example/"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        const struct http_request request = {.url = good[i], .public_only = true};
        assert_works(arena, http_request_check(arena, &request));
    }
    /* All of them may be called where we chose the host. */
    const char *bad[] = {"http://localhost/",
                         "http://127.0.0.1:443/",
                         "https://localhost/",
                         "https://127.0.0.1/",
                         "https://127.1/",
                         "https://2130706433/",
                         "https://0x7f.1/",
                         "https://8.8.8.8/",
                         "https://[::1]/",
                         "https://[::ffff:127.0.0.1]/",
                         "https://[2001:4860:4860::8888]/",
                         "https://intranet/",
                         "https://db.internal/",
                         "https://op.example./",
                         "https://o_p.example/",
                         "https://op.example:80",
                         "https://op.example:8443/"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct http_request request = {.url = bad[i]};
        assert_works(arena, http_request_check(arena, &request));
        request.public_only = true;
        assert_fails(arena, ERROR_ADDRESS, http_request_check(arena, &request));
    }
}

static void a_refusal_tells_the_host_alone(void **state) {
    struct arena *arena = *state;
    const struct http_request request = {.url = "http://u:p@op.example:80/path?code=hush#f"};
    assert_int_equal(http_request_check(arena, &request), -1);
    assert_non_null(strstr(arena->error.detail, "http://op.example:80 "));
    assert_null(strstr(arena->error.detail, "hush"));
    assert_null(strstr(arena->error.detail, "u:p"));
    assert_string_equal(http_host_for_log(arena, "nonsense@x?y"), "x");
    assert_string_equal(http_host_for_log(arena, ""), "");
}

static void a_program_without_transport_does_not_call(void **state) {
    struct house house;
    struct http_response response;
    house_open(&house, *state);
    assert_fails(house.arena, ERROR_INTERNAL, get(&house, "https://op.example/", &response));
    house_close(&house);
}

static void a_field_that_is_none_ends_the_process(void **state) {
    const char *bad[][2] = {
        {"X", "a\r\nY: b"}, {"X", "a\nb"}, {"X Y", "a"}, {"", "a"}, {"X:", "a"}};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        pid_t child = fork();
        if (child == 0) {
            struct http_request request = {.url = "https://op.example/"};
            close(STDERR_FILENO);
            http_request_field(*state, &request, bad[i][0], bad[i][1]);
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        assert_true(WIFEXITED(status) && WEXITSTATUS(status) == EX_SOFTWARE);
    }
}

static void fields_are_checked_again_before_they_are_sent(void **state) {
    struct arena *arena = *state;
    struct http_field field = {.name = "X", .value = "a\r\nY: b"};
    struct http_request request = {.url = "https://op.example/", .fields = &field};
    assert_fails(arena, ERROR_URL_NOT_ALLOWED, http_request_check(arena, &request));
    field = (struct http_field){.name = "X\r\nY", .value = "a"};
    assert_fails(arena, ERROR_URL_NOT_ALLOWED, http_request_check(arena, &request));
    request = (struct http_request){.url = "https://op.example/", .accept = "a\nb"};
    assert_fails(arena, ERROR_URL_NOT_ALLOWED, http_request_check(arena, &request));
    request = (struct http_request){.url = "https://op.example/", .user_agent = "a\r\nX: b"};
    assert_fails(arena, ERROR_URL_NOT_ALLOWED, http_request_check(arena, &request));
}

static void a_get_says_what_it_wants(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state);
    server_start(&server, &house, server_answer,
                 OK_HEAD "Content-Type: Application/JSON; charset=UTF-8\r\n\r\n{\"a\":1}");
    struct http_request request = {.url = server_url(&house, &server, "/x?y=1")};
    http_request_field(house.arena, &request, "Authorization", "Basic abc");
    http_request_field(house.arena, &request, "X-Second", "2");
    assert_works(house.arena, http_request_send(&house.context, &request, &response));
    assert_int_equal(response.status, 200);
    assert_string_equal(response.content_type, "application/json");
    assert_string_equal(response.body, "{\"a\":1}");
    assert_int_equal(response.body_length, 7);
    const char *asked = server_requests(&house, &server);
    assert_memory_equal(asked, "GET /x?y=1 HTTP/1.1\r\n", 21);
    assert_non_null(strstr(asked, "\r\nAccept: application/json\r\n"));
    assert_non_null(strstr(asked, "\r\nUser-Agent: Latchkey/"));
    assert_non_null(strstr(asked, "\r\nAuthorization: Basic abc\r\nX-Second: 2\r\n"));
    assert_null(strstr(asked, "Cookie"));
    server_stop(&server);
    house_close(&house);
}

static void a_post_sends_its_form_at_once(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    char form[6000] = "code=";
    open_house(&house, *state);
    memset(form + 5, 'x', sizeof(form) - 6);
    server_start(&server, &house, server_answer, OK_HEAD "\r\n{}");
    struct http_request request = {
        .url = server_url(&house, &server, "/token"), .form = form, .accept = "text/x"};
    assert_works(house.arena, http_request_send(&house.context, &request, &response));
    assert_string_equal(response.content_type, "");
    const char *asked = server_requests(&house, &server);
    assert_memory_equal(asked, "POST /token HTTP/1.1\r\n", 22);
    assert_non_null(strstr(asked, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    assert_non_null(strstr(asked, "\r\nContent-Length: 5999\r\n"));
    assert_non_null(strstr(asked, "\r\nAccept: text/x\r\n"));
    assert_null(strstr(asked, "Expect"));
    assert_non_null(strstr(asked, form));
    server_stop(&server);
    house_close(&house);
}

static void a_json_document_is_posted_as_such(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state);
    server_start(&server, &house, server_answer, OK_HEAD "\r\n{}");
    struct http_request request = {.url = server_url(&house, &server, "/register"),
                                   .json = "{\"a\":1}"};
    assert_works(house.arena, http_request_send(&house.context, &request, &response));
    const char *asked = server_requests(&house, &server);
    assert_memory_equal(asked, "POST /register HTTP/1.1\r\n", 25);
    assert_non_null(strstr(asked, "\r\nContent-Type: application/json\r\n"));
    assert_non_null(strstr(asked, "\r\n\r\n{\"a\":1}"));
    server_stop(&server);
    house_close(&house);
}

static void a_post_may_be_empty(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state);
    server_start(&server, &house, server_answer, OK_HEAD "\r\n{}");
    struct http_request request = {.url = server_url(&house, &server, "/me"), .post = true};
    assert_works(house.arena, http_request_send(&house.context, &request, &response));
    const char *asked = server_requests(&house, &server);
    assert_memory_equal(asked, "POST /me HTTP/1.1\r\n", 19);
    assert_non_null(strstr(asked, "\r\nContent-Length: 0\r\n"));
    assert_null(strstr(asked, "Content-Type"));
    assert_string_equal(strstr(asked, "\r\n\r\n"), "\r\n\r\n");
    server_stop(&server);
    house_close(&house);
}

static void another_user_agent_stands_in_place_of_ours(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state);
    server_start(&server, &house, server_answer, OK_HEAD "\r\n{}");
    struct http_request request = {.url = server_url(&house, &server, "/"),
                                   .user_agent = "web:example:1 (by /u/ada)"};
    assert_works(house.arena, http_request_send(&house.context, &request, &response));
    const char *asked = server_requests(&house, &server);
    assert_non_null(strstr(asked, "\r\nUser-Agent: web:example:1 (by /u/ada)\r\n"));
    assert_null(strstr(asked, "Latchkey"));
    server_stop(&server);
    house_close(&house);
}

static void any_status_is_an_answer_and_no_redirect_is_followed(void **state) {
    const struct {
        const char *answer;
        int status;
    } cases[] = {
        {"HTTP/1.1 404 Not Found\r\nConnection: close\r\n\r\nno", 404},
        {"HTTP/1.1 500 Oops\r\nConnection: close\r\n\r\n", 500},
        {"HTTP/1.1 302 Found\r\nLocation: /other\r\nConnection: close\r\n\r\n", 302},
        {"HTTP/1.1 308 Moved\r\nLocation: http://localhost/\r\nConnection: close\r\n\r\n", 308},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct house house;
        struct server server;
        struct http_response response;
        open_house(&house, *state);
        server_start(&server, &house, server_answer, cases[i].answer);
        assert_works(house.arena, get(&house, server_url(&house, &server, "/first"), &response));
        assert_int_equal(response.status, cases[i].status);
        assert_null(strstr(server_requests(&house, &server), "/other"));
        server_stop(&server);
        house_close(&house);
    }
}

/* Sends a body of as many bytes as `closure` says. */
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

static void date_and_location_are_told_if_they_stand_there_once(void **state) {
    const struct {
        const char *answer;
        int64_t date;
        const char *location;
    } cases[] = {
        {"HTTP/1.1 303 See Other\r\nDate: Sat, 21 Nov 2026 10:00:00 GMT\r\n"
         "Location: /a?b=c#d\r\nConnection: close\r\n\r\n",
         1795255200, "/a?b=c#d"},
        {"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", 0, NULL},
        {"HTTP/1.1 200 OK\r\nDate: yesterday\r\nConnection: close\r\n\r\n", 0, NULL},
        {"HTTP/1.1 303 See Other\r\nLocation: /a\r\nLocation: /b\r\nConnection: close\r\n\r\n", 0,
         NULL},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct house house;
        struct server server;
        struct http_response response;
        open_house(&house, *state);
        server_start(&server, &house, server_answer, cases[i].answer);
        assert_works(house.arena, get(&house, server_url(&house, &server, "/"), &response));
        assert_int_equal(response.date, cases[i].date);
        if (cases[i].location == NULL)
            assert_null(response.location);
        else
            assert_string_equal(response.location, cases[i].location);
        server_stop(&server);
        house_close(&house);
    }
}

static void an_answer_over_the_limit_is_refused(void **state) {
    const struct {
        size_t length;
        uint32_t limit;
        bool fits;
    } cases[] = {
        {HTTP_ANSWER_LIMIT, 0, true},
        {HTTP_ANSWER_LIMIT + 1, 0, false},
        {8 * HTTP_ANSWER_LIMIT, 0, false},
        {8 * HTTP_ANSWER_LIMIT, UINT32_MAX, false},
        {100, 100, true},
        {101, 100, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct house house;
        struct server server;
        struct http_response response;
        struct arena arena;
        arena_open(&arena, ARENA_LIMIT);
        open_house(&house, &arena);
        server_start(&server, &house, send_many, &cases[i].length);
        struct http_request request = {.url = server_url(&house, &server, "/"),
                                       .answer_limit = cases[i].limit};
        if (cases[i].fits) {
            assert_works(&arena, http_request_send(&house.context, &request, &response));
            assert_int_equal(response.body_length, cases[i].length);
        } else {
            assert_fails(&arena, ERROR_HTTP_TOO_LARGE,
                         http_request_send(&house.context, &request, &response));
        }
        server_stop(&server);
        house_close(&house);
        arena_close(&arena);
    }
    (void)state;
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

static void the_limit_counts_what_comes_out_of_the_decompression(void **state) {
    const struct {
        const char *size;
        bool fits;
    } cases[] = {{"1048576", true}, {"67108864", false}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct house house;
        struct server server;
        struct http_response response;
        open_house(&house, *state);
        const char *bomb = house_path(&house, "bomb.gz");
        assert_int_equal(system(arena_format(house.arena, "head -c %s /dev/zero | gzip >%s",
                                             cases[i].size, bomb)),
                         0);
        server_start(&server, &house, send_gzip, bomb);
        int result = get(&house, server_url(&house, &server, "/"), &response);
        if (cases[i].fits)
            assert_works(house.arena, result);
        else
            assert_fails(house.arena, ERROR_HTTP_TOO_LARGE, result);
        server_stop(&server);
        house_close(&house);
    }
}

static void send_endless_head(int connection, const void *closure) {
    server_answer(connection, "HTTP/1.1 200 OK\r\n");
    for (int i = 0; i < 5000; i++)
        server_answer(connection, closure);
}

static void an_endless_head_is_refused(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state);
    server_start(&server, &house, send_endless_head,
                 "X-Field: 0123456789012345678901234567890\r\n");
    assert_fails(house.arena, ERROR_HTTP_TOO_LARGE,
                 get(&house, server_url(&house, &server, "/"), &response));
    server_stop(&server);
    house_close(&house);
}

static void sleep_first(int connection, const void *closure) {
    (void)closure;
    server_pause(3000);
    server_answer(connection, OK_HEAD "\r\n{}");
}

static void drip(int connection, const void *closure) {
    (void)closure;
    server_answer(connection, OK_HEAD "\r\n");
    for (int i = 0; i < 100; i++) {
        server_answer(connection, "x");
        server_pause(30);
    }
}

static void a_slow_answer_is_given_up(void **state) {
    void (*const scripts[])(int connection, const void *closure) = {sleep_first, drip};
    for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
        struct house house;
        struct server server;
        struct http_response response;
        open_house(&house, *state);
        server_start(&server, &house, scripts[i], NULL);
        struct http_request request = {.url = server_url(&house, &server, "/"), .timeout = 300};
        assert_fails(house.arena, ERROR_HTTP_TIMEOUT,
                     http_request_send(&house.context, &request, &response));
        server_stop(&server);
        house_close(&house);
    }
}

static void what_is_not_http_is_a_failure(void **state) {
    const char *answers[] = {
        "",
        "{\"a\":1}",
        "SSH-2.0-OpenSSH\r\n",
        "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx",
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\nnot gzip",
    };
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        struct house house;
        struct server server;
        struct http_response response;
        open_house(&house, *state);
        server_start(&server, &house, server_answer, answers[i]);
        assert_fails(house.arena, ERROR_HTTP_FAILED,
                     get(&house, server_url(&house, &server, "/"), &response));
        server_stop(&server);
        house_close(&house);
    }
}

static void nobody_there_is_a_failure_that_tells_no_query(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state);
    server_start(&server, &house, server_answer, "");
    server_stop(&server);
    assert_int_equal(get(&house, server_url(&house, &server, "/x?code=hush"), &response), -1);
    assert_int_equal(house.arena->error.rule, ERROR_HTTP_FAILED);
    assert_non_null(strstr(house.arena->error.detail, "http://localhost:"));
    assert_null(strstr(house.arena->error.detail, "hush"));
    house_close(&house);
}

static void no_proxy_is_taken_from_the_environment(void **state) {
    const char *names[] = {"http_proxy", "HTTP_PROXY", "https_proxy", "all_proxy", "ALL_PROXY"};
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state);
    server_start(&server, &house, server_answer, OK_HEAD "\r\n{}");
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        setenv(names[i], "http://127.0.0.1:1", 1);
    int result = get(&house, server_url(&house, &server, "/"), &response);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        unsetenv(names[i]);
    assert_works(house.arena, result);
    server_stop(&server);
    house_close(&house);
}

/* ---- TLS: openssl's own little server -------------------------------------------------------- */

/* Makes a certificate of its own for `name`, in NAME.pem and NAME.key of the house's folder. */
static void make_certificate(struct house *house, const char *name) {
    const char *command = arena_format(
        house->arena,
        "cd %s && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj /CN=%s -addext subjectAltName=DNS:%s -keyout %s.key -out %s.pem 2>/dev/null",
        house->folder, name, name, name, name);
    assert_int_equal(system(command), 0);
}

/* Serves the files of the house's folder with that certificate; `option` may ask for more. */
static void start_tls(struct server *server, struct house *house, const char *name,
                      const char *option) {
    int out[2];
    char line[256];
    assert_int_equal(pipe(out), 0);
    server->process = fork();
    assert_true(server->process >= 0);
    if (server->process == 0) {
        server_die_with_test();
        dup2(out[1], STDOUT_FILENO);
        dup2(open("/dev/null", O_RDWR), STDERR_FILENO);
        if (chdir(house->folder) != 0)
            _exit(1);
        execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-WWW", "-cert",
               arena_format(house->arena, "%s.pem", name), "-key",
               arena_format(house->arena, "%s.key", name), option, (char *)NULL);
        _exit(1);
    }
    close(out[1]);
    FILE *lines = fdopen(out[0], "r");
    assert_non_null(lines);
    server->port = 0;
    while (server->port == 0 && fgets(line, sizeof(line), lines) != NULL)
        if (strncmp(line, "ACCEPT ", 7) == 0)
            server->port = (int)strtol(strrchr(line, ':') + 1, NULL, 10);
    fclose(lines);
    assert_true(server->port > 0);
}

static int get_tls(struct house *house, const struct server *server) {
    struct http_response response;
    const char *url = arena_format(house->arena, "https://localhost:%d/answer.json", server->port);
    int result = get(house, url, &response);
    if (result == 0)
        assert_string_equal(response.body, "{\"tls\":true}");
    return result;
}

static void a_certificate_must_be_of_a_known_authority(void **state) {
    struct house house;
    struct server server;
    open_house(&house, *state);
    house_write(house_path(&house, "answer.json"), "{\"tls\":true}", 0600);
    make_certificate(&house, "localhost");
    make_certificate(&house, "stranger");
    start_tls(&server, &house, "localhost", NULL);
    assert_fails(house.arena, ERROR_HTTP_FAILED, get_tls(&house, &server));
    house.config.ca_file = house_path(&house, "stranger.pem");
    assert_fails(house.arena, ERROR_HTTP_FAILED, get_tls(&house, &server));
    house.config.ca_file = house_path(&house, "missing.pem");
    assert_fails(house.arena, ERROR_HTTP_FAILED, get_tls(&house, &server));
    house.config.ca_file = house_path(&house, "localhost.pem");
    assert_works(house.arena, get_tls(&house, &server));
    server_stop(&server);
    house_close(&house);
}

static void a_certificate_must_be_for_the_host(void **state) {
    struct house house;
    struct server server;
    open_house(&house, *state);
    house_write(house_path(&house, "answer.json"), "{\"tls\":true}", 0600);
    make_certificate(&house, "op.example");
    house.config.ca_file = house_path(&house, "op.example.pem");
    start_tls(&server, &house, "op.example", NULL);
    assert_fails(house.arena, ERROR_HTTP_FAILED, get_tls(&house, &server));
    server_stop(&server);
    house_close(&house);
}

static void an_old_tls_is_refused(void **state) {
    struct house house;
    struct server server;
    open_house(&house, *state);
    house_write(house_path(&house, "answer.json"), "{\"tls\":true}", 0600);
    make_certificate(&house, "localhost");
    house.config.ca_file = house_path(&house, "localhost.pem");
    start_tls(&server, &house, "localhost", "-tls1_1");
    assert_fails(house.arena, ERROR_HTTP_FAILED, get_tls(&house, &server));
    server_stop(&server);
    start_tls(&server, &house, "localhost", "-tls1_2");
    assert_works(house.arena, get_tls(&house, &server));
    server_stop(&server);
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(only_https_and_loopback_may_be_called),
        unit_test(a_stranger_chooses_no_port_and_no_address),
        unit_test(a_refusal_tells_the_host_alone),
        unit_test(a_program_without_transport_does_not_call),
        unit_test(a_field_that_is_none_ends_the_process),
        unit_test(fields_are_checked_again_before_they_are_sent),
        unit_test(a_get_says_what_it_wants),
        unit_test(a_post_sends_its_form_at_once),
        unit_test(a_json_document_is_posted_as_such),
        unit_test(a_post_may_be_empty),
        unit_test(another_user_agent_stands_in_place_of_ours),
        unit_test(any_status_is_an_answer_and_no_redirect_is_followed),
        unit_test(date_and_location_are_told_if_they_stand_there_once),
        unit_test(an_answer_over_the_limit_is_refused),
        unit_test(the_limit_counts_what_comes_out_of_the_decompression),
        unit_test(an_endless_head_is_refused),
        unit_test(a_slow_answer_is_given_up),
        unit_test(what_is_not_http_is_a_failure),
        unit_test(nobody_there_is_a_failure_that_tells_no_query),
        unit_test(no_proxy_is_taken_from_the_environment),
        unit_test(a_certificate_must_be_of_a_known_authority),
        unit_test(a_certificate_must_be_for_the_host),
        unit_test(an_old_tls_is_refused),
    };
    return cmocka_run_group_tests_name("http_client", tests, NULL, NULL);
}

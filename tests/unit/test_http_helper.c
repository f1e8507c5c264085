/* edge/http_helper, edge/http_frame, cgi-bin/fetch.c: a call by way of another program, and
 * that this program does nothing for anyone else. */
#include "server.h"

#include "edge/http_client.h"
#include "edge/http_frame.h"

#include <libgen.h>
#include <poll.h>

#define OK_HEAD "HTTP/1.1 200 OK\r\nConnection: close\r\n"

/* "fetch.cgi" beside this test: where http_helper looks for it. */
static char *helper_path(struct arena *arena) {
    char *self = arena_alloc(arena, 4096);
    assert_true(readlink("/proc/self/exe", self, 4095) > 0);
    return arena_format(arena, "%s/fetch.cgi", dirname(self));
}

/* Puts `target` there. */
static void use_helper(struct arena *arena, const char *target) {
    const char *path = helper_path(arena);
    unlink(path);
    if (target != NULL)
        assert_int_equal(symlink(target, path), 0);
}

/* The built program; relative, as symlink(2) takes it. */
#define REAL_HELPER "../../cgi-bin/fetch.cgi"

static void open_house(struct house *house, struct arena *arena, const char *helper) {
    house_open(house, arena);
    house->context.transport = &http_helper;
    use_helper(arena, helper);
}

static void close_house(struct house *house) {
    use_helper(house->arena, NULL);
    house_close(house);
}

/* A house whose fetch.cgi is this shell script. */
static void open_house_script(struct house *house, struct arena *arena, const char *script) {
    open_house(house, arena, NULL);
    const char *path = house_path(house, "fetch.sh");
    house_write(path, arena_format(arena, "#!/bin/sh\ncd %s\n%s\n", house->folder, script), 0700);
    use_helper(arena, path);
}

static int get(struct house *house, const char *url, struct http_response *response) {
    struct http_request request = {.url = url, .timeout = 200};
    return http_request_send(&house->context, &request, response);
}

/* ---- by way of fetch.cgi --------------------------------------------------------------------- */

static void an_answer_comes_through_whole(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state, REAL_HELPER);
    server_start(
        &server, &house, server_answer,
        "HTTP/1.1 418 Teapot\r\nConnection: close\r\nContent-Type: Text/X;a=b\r\n\r\nbody");
    struct http_request request = {
        .url = server_url(&house, &server, "/x?y"), .accept = "text/x", .form = "a=b&c=%20"};
    http_request_field(house.arena, &request, "Authorization", "Bearer \"x\"");
    assert_works(house.arena, http_request_send(&house.context, &request, &response));
    assert_int_equal(response.status, 418);
    assert_string_equal(response.content_type, "text/x");
    assert_string_equal(response.body, "body");
    assert_int_equal(response.body_length, 4);
    const char *asked = server_requests(&house, &server);
    assert_memory_equal(asked, "POST /x?y HTTP/1.1\r\n", 20);
    assert_non_null(strstr(asked, "\r\nAccept: text/x\r\n"));
    assert_non_null(strstr(asked, "\r\nAuthorization: Bearer \"x\"\r\n"));
    assert_non_null(strstr(asked, "\r\n\r\na=b&c=%20"));
    server_stop(&server);
    close_house(&house);
}

static void send_megabytes(int connection, const void *closure) {
    char piece[1024] = {0};
    server_answer(connection, OK_HEAD "\r\n");
    for (int i = 0; i < *(const int *)closure; i++)
        server_write(connection, piece, sizeof(piece));
}

static void the_largest_answer_comes_through_and_no_larger(void **state) {
    const int sizes[] = {1024, 1025};
    for (size_t i = 0; i < 2; i++) {
        struct house house;
        struct server server;
        struct http_response response;
        open_house(&house, *state, REAL_HELPER);
        server_start(&server, &house, send_megabytes, &sizes[i]);
        struct http_request request = {.url = server_url(&house, &server, "/")};
        int result = http_request_send(&house.context, &request, &response);
        if (i == 0) {
            assert_works(house.arena, result);
            assert_int_equal(response.body_length, HTTP_ANSWER_LIMIT);
        } else {
            assert_fails(house.arena, ERROR_HTTP_TOO_LARGE, result);
        }
        server_stop(&server);
        close_house(&house);
    }
}

static void sleep_first(int connection, const void *closure) {
    (void)connection;
    (void)closure;
    server_pause(5000);
}

static void its_failures_are_ours(void **state) {
    struct house house;
    struct server server;
    struct http_response response;
    open_house(&house, *state, REAL_HELPER);
    server_start(&server, &house, sleep_first, NULL);
    const char *url = server_url(&house, &server, "/?code=hush");
    assert_fails(house.arena, ERROR_HTTP_TIMEOUT, get(&house, url, &response));
    server_stop(&server);
    assert_int_equal(get(&house, url, &response), -1);
    assert_int_equal(house.arena->error.rule, ERROR_HTTP_FAILED);
    assert_non_null(strstr(house.arena->error.detail, "http://localhost:"));
    assert_null(strstr(house.arena->error.detail, "hush"));
    close_house(&house);
}

/* ---- helpers that misbehave ------------------------------------------------------------------ */

static void a_helper_that_is_missing_is_told(void **state) {
    struct house house;
    struct http_response response;
    open_house(&house, *state, NULL);
    assert_int_equal(get(&house, "https://op.example/", &response), -1);
    assert_int_equal(house.arena->error.rule, ERROR_INTERNAL);
    assert_non_null(strstr(house.arena->error.detail, "fetch.cgi cannot be started"));
    close_house(&house);
}

static void a_helper_that_misbehaves_is_a_failure(void **state) {
    const struct {
        const char *script;
        enum error_rule rule;
    } cases[] = {
        {"exit 0", ERROR_HTTP_FAILED},
        {"kill -KILL $$", ERROR_HTTP_FAILED},
        {"exec cat", ERROR_INTERNAL},
        {"echo 'Status: 404 Not Found'", ERROR_INTERNAL},
        {"printf '\\000\\000\\000\\004\\377\\377\\377\\377'", ERROR_INTERNAL},
        {"printf '\\377\\377\\377\\377'", ERROR_INTERNAL},
        {"exec yes 2>/dev/null", ERROR_HTTP_TOO_LARGE},
        {"exec sleep 20", ERROR_HTTP_TIMEOUT},
        {"exec >&-; exec sleep 20", ERROR_HTTP_TIMEOUT},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct house house;
        struct http_response response;
        open_house_script(&house, *state, cases[i].script);
        assert_fails(house.arena, cases[i].rule, get(&house, "https://op.example/", &response));
        close_house(&house);
    }
}

static void a_helper_inherits_nothing_but_our_log(void **state) {
    struct house house;
    struct http_response response;
    open_house_script(&house, *state, "env >env; ls /proc/self/fd >fds");
    setenv("HTTP_COOKIE", "session=hush", 1);
    setenv("HTTP_PROXY", "http://evil.example", 1);
    int leak = open("/dev/null", O_RDONLY);
    assert_true(leak > 2);
    assert_fails(house.arena, ERROR_HTTP_FAILED, get(&house, "https://op.example/", &response));
    close(leak);
    unsetenv("HTTP_COOKIE");
    unsetenv("HTTP_PROXY");
    /* The script's own shell adds PWD and the like; ls opens 3 for the folder it lists. */
    assert_int_not_equal(
        system(arena_format(house.arena, "grep -q -e HTTP -e PATH= %s", house_path(&house, "env"))),
        0);
    assert_int_equal(system(arena_format(house.arena, "grep -qx LATCHKEY_FETCH=1 %s",
                                         house_path(&house, "env"))),
                     0);
    assert_int_equal(system(arena_format(house.arena, "test \"$(echo $(cat %s))\" = '0 1 2 3'",
                                         house_path(&house, "fds"))),
                     0);
    close_house(&house);
}

/* ---- fetch.cgi alone ------------------------------------------------------------------------- */

/* Runs fetch.cgi with these descriptors for 0 and 1 and this environment; its exit status. */
static int run_fetch(struct arena *arena, int in, int out, char *const environment[],
                     char *const arguments[]) {
    const char *path = helper_path(arena);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        dup2(in, STDIN_FILENO);
        dup2(out, STDOUT_FILENO);
        closefrom(3);
        execve(path, arguments, environment);
        _exit(99);
    }
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 100;
}

/* What has been written to the other end of a socket, without waiting. */
static struct buffer take(struct arena *arena, int socket) {
    struct buffer text;
    char piece[4096];
    buffer_open(arena, &text);
    for (ssize_t got = recv(socket, piece, sizeof(piece), MSG_DONTWAIT); got > 0;
         got = recv(socket, piece, sizeof(piece), MSG_DONTWAIT))
        buffer_add(&text, piece, (size_t)got);
    return text;
}

/* Hands fetch.cgi a frame as http_helper does, in this environment; what it answers. */
static struct buffer ask_fetch(struct arena *arena, const struct http_request *request,
                               char *const environment[]) {
    char *arguments[] = {(char[]){"fetch.cgi"}, NULL};
    struct buffer frame;
    int sockets[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    buffer_open(arena, &frame);
    http_frame_write_request(request, &frame);
    assert_int_equal(http_frame_send(sockets[0], &frame), 0);
    shutdown(sockets[0], SHUT_WR);
    run_fetch(arena, sockets[1], sockets[1], environment, arguments);
    struct buffer answer = take(arena, sockets[0]);
    close(sockets[0]);
    close(sockets[1]);
    return answer;
}

static void a_web_server_gets_a_404(void **state) {
    char *environments[][3] = {
        {(char[]){"LATCHKEY_FETCH=1"}, (char[]){"GATEWAY_INTERFACE=CGI/1.1"}, NULL},
        {(char[]){"LATCHKEY_FETCH=1"}, (char[]){"REQUEST_METHOD=GET"}, NULL},
        {(char[]){"LATCHKEY_FETCH=1"}, (char[]){"SERVER_PROTOCOL=HTTP/1.1"}, NULL},
        {(char[]){"LATCHKEY_FETCH=1"}, (char[]){"QUERY_STRING="}, NULL},
        {(char[]){"HTTP_LATCHKEY_FETCH=1"}, NULL, NULL},
        {NULL, NULL, NULL},
    };
    struct house house;
    struct server server;
    open_house(&house, *state, REAL_HELPER);
    server_start(&server, &house, server_answer, OK_HEAD "\r\nsecret");
    const struct http_request request = {.url = server_url(&house, &server, "/")};
    for (size_t i = 0; i < sizeof(environments) / sizeof(environments[0]); i++) {
        struct buffer answer = ask_fetch(house.arena, &request, environments[i]);
        assert_memory_equal(answer.bytes, "Status: 404 Not Found\r\n", 23);
        assert_null(strstr(answer.bytes, "secret"));
    }
    assert_string_equal(server_requests(&house, &server), "");
    server_stop(&server);
    close_house(&house);
}

static void arguments_get_a_404(void **state) {
    char *environment[] = {(char[]){"LATCHKEY_FETCH=1"}, NULL};
    char *arguments[] = {(char[]){"fetch.cgi"}, (char[]){"https://op.example/"}, NULL};
    struct house house;
    int sockets[2];
    open_house(&house, *state, REAL_HELPER);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    run_fetch(house.arena, sockets[1], sockets[1], environment, arguments);
    assert_memory_equal(take(house.arena, sockets[0]).bytes, "Status: 404 Not Found\r\n", 23);
    close(sockets[0]);
    close(sockets[1]);
    close_house(&house);
}

/* FastCGI's listening socket, and a pipe: neither is http_helper. */
static void it_listens_to_no_other_descriptor(void **state) {
    char *environment[] = {(char[]){"LATCHKEY_FETCH=1"}, NULL};
    char *arguments[] = {(char[]){"fetch.cgi"}, NULL};
    struct house house;
    int sockets[2];
    int pipes[2];
    open_house(&house, *state, REAL_HELPER);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets), 0);
    assert_int_equal(pipe(pipes), 0);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, &(struct sockaddr){.sa_family = AF_UNIX}, sizeof(sa_family_t)),
                     0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(run_fetch(house.arena, listener, sockets[1], environment, arguments), 1);
    assert_int_equal(run_fetch(house.arena, pipes[0], sockets[1], environment, arguments), 1);
    assert_int_equal(take(house.arena, sockets[0]).length, 0);
    close(listener);
    close(sockets[0]);
    close(sockets[1]);
    close(pipes[0]);
    close(pipes[1]);
    close_house(&house);
}

static void its_requests_obey_the_same_rules(void **state) {
    char *environment[] = {(char[]){"LATCHKEY_FETCH=1"}, NULL};
    const char *bad[] = {"http://op.example/", "file:///etc/passwd", "ftp://localhost/", ""};
    struct house house;
    struct http_response response;
    open_house(&house, *state, REAL_HELPER);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        const struct http_request request = {.url = bad[i]};
        struct buffer answer = ask_fetch(house.arena, &request, environment);
        assert_fails(
            house.arena, ERROR_URL_NOT_ALLOWED,
            http_frame_parse_response(house.arena, answer.bytes, answer.length, &response));
    }
    close_house(&house);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void a_request_survives_its_frame(void **state) {
    struct arena *arena = *state;
    struct http_request request = {.url = "https://op.example/",
                                   .user_agent = "web:x:1",
                                   .form = "",
                                   .json = "{}",
                                   .post = true,
                                   .public_only = true,
                                   .ca_file = "/ca.pem",
                                   .timeout = 0x01020304,
                                   .answer_limit = UINT32_MAX};
    struct http_request copy;
    struct buffer frame;
    http_request_field(arena, &request, "A", "");
    http_request_field(arena, &request, "B", "\xC3\xA9");
    buffer_open(arena, &frame);
    http_frame_write_request(&request, &frame);
    assert_works(arena, http_frame_parse_request(arena, frame.bytes, frame.length, &copy));
    assert_string_equal(copy.url, request.url);
    assert_null(copy.accept);
    assert_string_equal(copy.user_agent, "web:x:1");
    assert_string_equal(copy.form, "");
    assert_string_equal(copy.json, "{}");
    assert_true(copy.post);
    assert_true(copy.public_only);
    assert_string_equal(copy.ca_file, "/ca.pem");
    assert_int_equal(copy.timeout, 0x01020304);
    assert_int_equal(copy.answer_limit, UINT32_MAX);
    assert_string_equal(copy.fields->name, "A");
    assert_string_equal(copy.fields->next->value, "\xC3\xA9");
    assert_null(copy.fields->next->next);
}

static void a_body_may_hold_any_byte(void **state) {
    struct arena *arena = *state;
    const struct http_response response = {.status = 200,
                                           .content_type = "",
                                           .body = "a\0\xFF"
                                                   "b",
                                           .body_length = 4};
    const struct error none = {.rule = ERROR_NONE};
    struct http_response copy;
    struct buffer frame;
    buffer_open(arena, &frame);
    http_frame_write_response(&response, &none, &frame);
    assert_works(arena, http_frame_parse_response(arena, frame.bytes, frame.length, &copy));
    assert_int_equal(copy.body_length, 4);
    assert_memory_equal(copy.body,
                        "a\0\xFF"
                        "b",
                        5);
}

static void a_damaged_frame_is_refused(void **state) {
    struct arena *arena = *state;
    struct http_request request = {.url = "https://op.example/", .accept = "x"};
    struct http_request copy;
    struct buffer frame;
    http_request_field(arena, &request, "A", "b");
    buffer_open(arena, &frame);
    http_frame_write_request(&request, &frame);
    for (size_t length = 0; length < frame.length; length++) {
        char *part = arena_copy(arena, frame.bytes, length);
        assert_fails(arena, ERROR_INTERNAL, http_frame_parse_request(arena, part, length, &copy));
        if (length < 4)
            continue;
        /* Cut, but with a length that fits: the content must notice. */
        part[2] = (char)((length - 4) >> 8);
        part[3] = (char)(length - 4);
        if (http_frame_parse_request(arena, part, length, &copy) == 0)
            assert_null(copy.fields); /* it ended just before them */
        arena->error = (struct error){.rule = ERROR_NONE};
    }
    buffer_add_byte(&frame, '\0');
    assert_fails(arena, ERROR_INTERNAL,
                 http_frame_parse_request(arena, frame.bytes, frame.length, &copy));
}

static void a_nul_in_a_text_is_refused(void **state) {
    struct arena *arena = *state;
    struct http_request request = {.url = "https://op.example/x"};
    struct http_request copy;
    struct buffer frame;
    buffer_open(arena, &frame);
    http_frame_write_request(&request, &frame);
    frame.bytes[4 + 4 + 18] = '\0';
    assert_fails(arena, ERROR_INTERNAL,
                 http_frame_parse_request(arena, frame.bytes, frame.length, &copy));
}

/* A newer program beside an older fetch.cgi: what it asks for may be a rule, and is not left out. */
static void a_flag_that_is_not_known_is_refused(void **state) {
    struct arena *arena = *state;
    struct http_request request = {.url = "https://op.example/", .public_only = true};
    struct http_request copy;
    struct buffer frame;
    buffer_open(arena, &frame);
    http_frame_write_request(&request, &frame);
    assert_int_equal(frame.bytes[frame.length - 1], 2);
    for (int bit = 0; bit < 32; bit++) {
        char *flagged = arena_copy(arena, frame.bytes, frame.length);
        flagged[frame.length - 1 - (size_t)bit / 8] = (char)(1U << bit % 8);
        int result = http_frame_parse_request(arena, flagged, frame.length, &copy);
        if (bit < 2)
            assert_works(arena, result);
        else
            assert_fails(arena, ERROR_INTERNAL, result);
        assert_true(bit > 1 || (copy.post == (bit == 0) && copy.public_only == (bit == 1)));
    }
}

static void more_fields_than_a_request_has_are_refused(void **state) {
    struct arena *arena = *state;
    struct http_request request = {.url = "https://op.example/"};
    struct http_request copy;
    struct buffer frame;
    for (int i = 0; i <= HTTP_FIELDS_LIMIT; i++) {
        buffer_open(arena, &frame);
        http_frame_write_request(&request, &frame);
        assert_works(arena, http_frame_parse_request(arena, frame.bytes, frame.length, &copy));
        http_request_field(arena, &request, "A", "b");
    }
    buffer_open(arena, &frame);
    http_frame_write_request(&request, &frame);
    assert_fails(arena, ERROR_INTERNAL,
                 http_frame_parse_request(arena, frame.bytes, frame.length, &copy));
    assert_fails(arena, ERROR_URL_NOT_ALLOWED, http_request_check(arena, &request));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(an_answer_comes_through_whole),
        unit_test(the_largest_answer_comes_through_and_no_larger),
        unit_test(its_failures_are_ours),
        unit_test(a_helper_that_is_missing_is_told),
        unit_test(a_helper_that_misbehaves_is_a_failure),
        unit_test(a_helper_inherits_nothing_but_our_log),
        unit_test(a_web_server_gets_a_404),
        unit_test(arguments_get_a_404),
        unit_test(it_listens_to_no_other_descriptor),
        unit_test(its_requests_obey_the_same_rules),
        unit_test(a_request_survives_its_frame),
        unit_test(a_body_may_hold_any_byte),
        unit_test(a_damaged_frame_is_refused),
        unit_test(a_nul_in_a_text_is_refused),
        unit_test(a_flag_that_is_not_known_is_refused),
        unit_test(more_fields_than_a_request_has_are_refused),
    };
    return cmocka_run_group_tests_name("http_helper", tests, NULL, NULL);
}

/* edge/response: what reaches the wire, byte for byte, and what never does. */
#include "unit.h"

#include "edge/response.h"

#include <string.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <unistd.h>

static int keep(const struct gateway *gateway, const void *bytes, size_t length) {
    struct buffer *sent = gateway->stream;
    if (sent == NULL || sent->length != 0)
        return -1;
    buffer_add(sent, bytes, length);
    return 0;
}

/* What response_send() writes, in one piece. */
static const char *sent_text(struct arena *arena, const struct response *response) {
    struct buffer *sent = arena_alloc(arena, sizeof(*sent));
    buffer_open(arena, sent);
    const struct gateway gateway = {.write = keep, .stream = sent};
    assert_int_equal(response_send(response, &gateway), 0);
    return sent->bytes;
}

static void assert_has(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part) {
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" is in:\n%s", part, text);
}

static void a_json_answer_is_whole(void **state) {
    struct response response;
    struct json *document = json_object(*state);
    json_put_string(*state, document, "sub", "x");
    response_open(*state, &response);
    response_json(&response, 401, document);
    assert_string_equal(sent_text(*state, &response), "Status: 401 Unauthorized\r\n"
                                                      "Content-Type: application/json\r\n"
                                                      "Cache-Control: no-store\r\n"
                                                      "Referrer-Policy: no-referrer\r\n"
                                                      "X-Content-Type-Options: nosniff\r\n"
                                                      "Content-Length: 11\r\n"
                                                      "\r\n"
                                                      "{\"sub\":\"x\"}");
}

static void a_redirect_is_one_with_document(void **state) {
    struct response response;
    response_open(*state, &response);
    response_redirect(&response, "https://op.example/a?x=1&y=%22<\">");
    const char *text = sent_text(*state, &response);
    assert_memory_equal(text, "Status: 303 See Other\r\n", 23);
    assert_has(text, "\r\nLocation: https://op.example/a?x=1&y=%22<\">\r\n");
    assert_has(text, "\r\nContent-Type: text/html; charset=utf-8\r\n");
    assert_has(text, "href=\"https://op.example/a?x=1&amp;y=%22&lt;&quot;&gt;\"");
}

static void a_page_is_not_framed_and_runs_no_script(void **state) {
    struct response response;
    response_open(*state, &response);
    response_page(&response, 200, "<p>", "abc-_9", "https://op.example  http://localhost:8081");
    const char *text = sent_text(*state, &response);
    assert_has(text, "\r\nContent-Security-Policy: default-src 'none'; style-src 'nonce-abc-_9'; "
                     "img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'; form-action "
                     "'self' https://op.example http://localhost:8081\r\n");
    assert_has(text, "\r\nX-Frame-Options: DENY\r\n");
    assert_has(text, "\r\nCache-Control: no-store\r\n");
    assert_has(text, "\r\n\r\n<p>");
}

static void an_origin_cannot_change_the_policy(void **state) {
    struct response response;
    response_open(*state, &response);
    response_page(&response, 200, "", "n",
                  "https://a;script-src https://b,c https://d'e * https://good.example");
    const char *text = sent_text(*state, &response);
    assert_has(text, "form-action 'self' https://good.example\r\n");
    assert_lacks(text, "script-src");
}

static void a_default_can_be_replaced_and_fields_too(void **state) {
    struct response response;
    response_open(*state, &response);
    response_field(&response, "Allow", "GET");
    response_field(&response, "cache-control", "max-age=60");
    response_field(&response, "ALLOW", "GET, HEAD");
    response.status = 405;
    const char *text = sent_text(*state, &response);
    assert_has(text, "Status: 405 Method Not Allowed\r\ncache-control: max-age=60\r\n"
                     "ALLOW: GET, HEAD\r\nReferrer-Policy");
    assert_lacks(text, "no-store");
    assert_lacks(text, "Allow:");
}

static void cookies_carry_what_protects_them(void **state) {
    struct response response;
    response_open(*state, &response);
    response_cookie(&response, &(struct set_cookie){.name = "__Host-a",
                                                    .value = "v.1",
                                                    .max_age = 600,
                                                    .same_site = SAME_SITE_NONE,
                                                    .secure = true});
    response_cookie(&response,
                    &(struct set_cookie){.name = "b", .value = "", .same_site = SAME_SITE_NONE});
    response_cookie(&response, &(struct set_cookie){.name = "c", .secure = true});
    const char *text = sent_text(*state, &response);
    assert_has(text, "Set-Cookie: __Host-a=v.1; Path=/; Max-Age=600; Secure; HttpOnly; "
                     "SameSite=None\r\nSet-Cookie: b=; Path=/; HttpOnly; SameSite=Lax\r\n"
                     "Set-Cookie: c=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; "
                     "Secure; HttpOnly; SameSite=Lax\r\n");
}

static void a_cookie_is_set_once(void **state) {
    struct response response;
    response_open(*state, &response);
    response_cookie(&response, &(struct set_cookie){.name = "a", .value = "old"});
    response_cookie(&response, &(struct set_cookie){.name = "a", .value = "new"});
    const char *text = sent_text(*state, &response);
    assert_lacks(text, "old");
    assert_has(text, "a=new");
}

static void reset_keeps_removed_cookies_alone(void **state) {
    struct response response;
    response_open(*state, &response);
    response_cookie(&response, &(struct set_cookie){.name = "login", .value = NULL});
    response_cookie(&response, &(struct set_cookie){.name = "session", .value = "secret"});
    response_redirect(&response, "https://a.example/");
    response_reset(&response);
    const char *text = sent_text(*state, &response);
    assert_memory_equal(text, "Status: 200 OK\r\nSet-Cookie: login=; ", 36);
    assert_lacks(text, "secret");
    assert_lacks(text, "Location");
    assert_has(text, "Content-Length: 0\r\n\r\n");
}

static void head_tells_the_length_and_sends_no_body(void **state) {
    struct response response;
    response_open(*state, &response);
    response.head_only = true;
    response_page(&response, 200, "12345", "n", NULL);
    const char *text = sent_text(*state, &response);
    assert_has(text, "Content-Length: 5\r\n\r\n");
    assert_lacks(text, "12345");
}

static void no_content_has_no_length(void **state) {
    struct response response;
    response_open(*state, &response);
    response.status = 204;
    const char *text = sent_text(*state, &response);
    assert_has(text, "Status: 204 No Content\r\n");
    assert_lacks(text, "Content-Length");
}

static int keep_pieces(const struct gateway *gateway, const void *bytes, size_t length) {
    buffer_add(gateway->stream, bytes, length);
    buffer_add_text(gateway->stream, "|");
    return 0;
}

static int keep_file(const struct gateway *gateway, int descriptor, off_t offset, off_t length) {
    buffer_add_format(gateway->stream, "file %d from %lld, %lld bytes|", descriptor,
                      (long long)offset, (long long)length);
    return 0;
}

static void a_stream_goes_out_as_it_comes(void **state) {
    struct response response;
    struct buffer sent;
    const struct gateway gateway = {.write = keep_pieces, .send_file = keep_file, .stream = &sent};
    for (int head = 0; head <= 1; head++) {
        buffer_open(*state, &sent);
        response_open(*state, &response);
        response.gateway = &gateway;
        response.head_only = head == 1;
        response.status = 206;
        response_field(&response, "Content-Type", "text/plain");
        assert_int_equal(response_start(&response), 0);
        assert_true(response.started);
        assert_int_equal(response_write(&response, "one", 3), 0);
        assert_int_equal(response_write(&response, "", 0), 0);
        assert_int_equal(response_send_file(&response, 9, 5, (off_t)5 << 30), 0);
        assert_has(sent.bytes, "Status: 206 Partial Content\r\nContent-Type: text/plain\r\n");
        assert_has(sent.bytes, "Cache-Control: no-store\r\n");
        assert_lacks(sent.bytes, "Content-Length");
        assert_has(sent.bytes,
                   head == 1 ? "\r\n\r\n|" : "\r\n\r\n|one|file 9 from 5, 5368709120 bytes|");
        assert_int_equal(sent.bytes[sent.length - 1], '|');
        if (head == 1)
            assert_lacks(sent.bytes, "one");
    }
}

static void a_bare_one_has_the_fields_set_and_no_others(void **state) {
    struct response response;
    struct buffer sent;
    const struct gateway gateway = {.write = keep_pieces, .stream = &sent};
    buffer_open(*state, &sent);
    response_open(*state, &response);
    response.gateway = &gateway;
    response.bare = true;
    response_field(&response, "Variable-REMOTE_USER", "ada");
    assert_int_equal(response_start(&response), 0);
    assert_string_equal(sent.bytes, "Status: 200 OK\r\nVariable-REMOTE_USER: ada\r\n\r\n|");
}

static void a_stream_notices_a_client_that_is_gone(void **state) {
    struct response response;
    const struct gateway gateway = {.write = keep};
    response_open(*state, &response);
    response.gateway = &gateway;
    assert_int_equal(response_start(&response), -1);
    assert_int_equal(response_write(&response, "x", 1), -1);
}

static void a_client_that_is_gone_is_noticed(void **state) {
    struct response response;
    const struct gateway gateway = {.write = keep};
    response_open(*state, &response);
    assert_int_equal(response_send(&response, &gateway), -1);
}

/* What must not reach the wire, each tried in a process of its own. */
static void wrong_name(struct response *response) {
    response_field(response, "X Y", "1");
}
static void empty_name(struct response *response) {
    response_field(response, "", "1");
}
static void split_value(struct response *response) {
    response_field(response, "X", "1\r\nSet-Cookie: a=b");
}
static void lone_newline(struct response *response) {
    response_field(response, "X", "1\n");
}
static void control_value(struct response *response) {
    response_field(response, "X", "\x1B");
}
static void cookie_as_field(struct response *response) {
    response_field(response, "set-cookie", "a=b");
}
static void cookie_with_attribute(struct response *response) {
    response_cookie(response, &(struct set_cookie){.name = "a", .value = "b; Domain=x"});
}
static void cookie_with_wrong_name(struct response *response) {
    response_cookie(response, &(struct set_cookie){.name = "a=b", .value = "c"});
}
static void cookie_beyond_ascii(struct response *response) {
    response_cookie(response, &(struct set_cookie){.name = "a", .value = "\xC3\xA9"});
}
static void body_before_head(struct response *response) {
    (void)!response_write(response, "x", 1);
}
static void file_before_head(struct response *response) {
    (void)!response_send_file(response, 0, 0, 1);
}
static void local_redirect(struct response *response) {
    response_redirect(response, "/account");
}
static void script_redirect(struct response *response) {
    response_redirect(response, "javascript:alert(1)");
}
static void split_redirect(struct response *response) {
    response_redirect(response, "https://a.example/\r\nX: y");
}
static void nonce_with_quote(struct response *response) {
    response_page(response, 200, "", "x' *; script-src 'unsafe-inline", NULL);
}

static void our_own_mistakes_end_the_process(void **state) {
    void (*const mistakes[])(struct response * response) = {
        wrong_name,     empty_name,       split_value,           lone_newline,
        control_value,  cookie_as_field,  cookie_with_attribute, cookie_with_wrong_name,
        local_redirect, body_before_head, file_before_head,      script_redirect,
        split_redirect, nonce_with_quote, cookie_beyond_ascii,
    };
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        pid_t child = fork();
        if (child == 0) {
            struct response response;
            close(STDERR_FILENO);
            response_open(*state, &response);
            mistakes[i](&response);
            _exit(0);
        }
        int status = 0;
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFEXITED(status) || WEXITSTATUS(status) != EX_SOFTWARE)
            fail_msg("mistake %zu ended with %#x", i, (unsigned)status);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_json_answer_is_whole),
        unit_test(a_redirect_is_one_with_document),
        unit_test(a_page_is_not_framed_and_runs_no_script),
        unit_test(an_origin_cannot_change_the_policy),
        unit_test(a_default_can_be_replaced_and_fields_too),
        unit_test(cookies_carry_what_protects_them),
        unit_test(a_cookie_is_set_once),
        unit_test(reset_keeps_removed_cookies_alone),
        unit_test(head_tells_the_length_and_sends_no_body),
        unit_test(no_content_has_no_length),
        unit_test(a_stream_goes_out_as_it_comes),
        unit_test(a_bare_one_has_the_fields_set_and_no_others),
        unit_test(a_stream_notices_a_client_that_is_gone),
        unit_test(a_client_that_is_gone_is_noticed),
        unit_test(our_own_mistakes_end_the_process),
    };
    return cmocka_run_group_tests_name("response", tests, NULL, NULL);
}

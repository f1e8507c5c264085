/* serve/page: pages out of templates and texts, and the page of every failure in every language. */
#include "house.h"

#include "base/text.h"
#include "serve/page.h"

#define OURS "www/templates" /* from the top of the tree, where tests are started */

static struct house *start(void **state, bool ours) {
    struct arena *arena = *state;
    struct house *house = arena_alloc(arena, sizeof(*house));
    house_open(house, arena);
    house->config.templates = ours ? OURS : house->folder;
    house->config.base_url = "https://www.example.org";
    house->config.cgi_path = "/cgi-bin";
    house->config.home = "/home";
    house->config.title = "A <b> & \"c\"";
    memcpy(house->context.request_id, "abcdefghijklmnop", REQUEST_ID_LENGTH);
    return house;
}

static void put(struct house *house, const char *name, const char *text) {
    house_write(house_path(house, name), text, 0644);
}

static const struct request browser = {.accept = "text/html", .accept_language = "ko"};

/* The page as text, or NULL. */
static const char *respond(struct house *house, const char *template) {
    struct response response;
    struct page page;
    response_open(house->arena, &response);
    if (page_open(&house->context, &browser, template, &page) != 0)
        return NULL;
    json_put_string(house->arena, page.values, "v", "<v>");
    if (page_respond(&house->context, &response, &page) != 0)
        return NULL;
    assert_int_equal(response.status, 200);
    return response.body.bytes;
}

static void check_refused(struct house *house, const char *detail) {
    assert_null(respond(house, "page.html"));
    assert_int_equal(house->arena->error.rule, ERROR_TEMPLATE);
    if (strstr(house->arena->error.detail, detail) == NULL)
        fail_msg("%s: not %s", house->arena->error.detail, detail);
    arena_forget_error(house->arena);
}

static void a_page_is_made_of_templates_texts_and_values(void **state) {
    struct house *house = start(state, false);
    put(house, "texts.en.ini", "[texts]\nhello = Hello {v} of {title}\n");
    put(house, "page.html", "{{> head.html}}|{{$hello}}|{{@hello}}|{{v}}|{{home}}\n");
    put(house, "head.html", "{{lang}} {{dir}}{{>more.html}}");
    put(house, "more.html", "!");
    assert_string_equal(respond(house, "page.html"),
                        "en ltr!|Hello <bdi>&lt;v&gt;</bdi> of <bdi>A &lt;b&gt; &amp; "
                        "&quot;c&quot;</bdi>|Hello &lt;v&gt; of A &lt;b&gt; &amp; "
                        "&quot;c&quot;|&lt;v&gt;|/home\n");
    house_close(house);
}

static void what_is_wrong_with_templates_is_named(void **state) {
    struct house *house = start(state, false);
    put(house, "texts.en.ini", "[texts]\nhello = Hello {\n");
    check_refused(house, "page.html");
    put(house, "page.html", "\n{{$hello}}");
    check_refused(house, "line 2");
    put(house, "page.html", "\n\n{{$nowhere}}");
    check_refused(house, "line 3: there is no text nowhere");
    put(house, "page.html", "{{> page.html}}");
    check_refused(house, "without end");
    put(house, "page.html", "{{> ../page.html}}");
    check_refused(house, "no name");
    put(house, "page.html", "{{> gone.html}}");
    check_refused(house, "gone.html");
    put(house, "page.html", "{{> gone.html");
    check_refused(house, "{{>");
    house_close(house);
}

static struct response answer(struct house *house, const struct request *request,
                              enum error_rule rule) {
    struct response response;
    response_open(house->arena, &response);
    house->arena->error.rule = rule;
    page_respond_error(&house->context, request, &response);
    arena_forget_error(house->arena);
    return response;
}

/* No failure's page falls back to the plain one, which has no style. */
#define GATE_LIMIT 4096 /* bytes: Apache passes on 8 KiB of an authorizer, the fields among them */

static void check_failures(struct house *house) {
    bool seen[ANSWER_COUNT] = {false};
    for (enum error_rule rule = ERROR_NONE; rule < ERROR_RULE_COUNT; rule++) {
        enum answer kind = error_meaning(rule)->answer;
        const struct answer_meaning *meaning = answer_meaning(kind);
        if (seen[kind]) /* the same page */
            continue;
        seen[kind] = true;
        static const char *const languages[] = {"en", "ko"};
        for (size_t i = 0; i < 2; i++) {
            const struct request request = {.accept = "text/html", .accept_language = languages[i]};
            struct response response = answer(house, &request, rule);
            const char *html = response.body.bytes;
            const char *root =
                arena_format(house->arena, "<html lang=\"%s\" dir=\"ltr\">", languages[i]);
            assert_int_equal(response.status, meaning->status);
            assert_non_null(strstr(html, root));
            assert_non_null(strstr(html, "<style nonce="));
            assert_non_null(strstr(html, meaning->code));
            assert_non_null(strstr(html, "abcdefghijklmnop"));
            /* The sentence of the JSON answer is English. */
            assert_true(i == 0 || strstr(html, meaning->description) == NULL);
            assert_true(!house->context.short_pages || strlen(html) < GATE_LIMIT);
            assert_non_null(strstr(html, "</html>"));
        }
    }
    assert_int_equal(house->log.length, 0);
}

static void every_failure_has_a_page_in_each_language(void **state) {
    struct house *house = start(state, true);
    check_failures(house);
    house_close(house);
}

static void and_a_short_one_at_a_gate(void **state) {
    struct house *house = start(state, true);
    house->context.short_pages = true;
    check_failures(house);
    house_close(house);
}

static void a_script_is_told_in_english_without_reading_any_file(void **state) {
    struct house *house = start(state, false);
    const struct request request = {.accept = "application/json", .accept_language = "ko"};
    house->config.templates = "/nonexistent";
    struct response response = answer(house, &request, ERROR_UNAUTHENTICATED);
    assert_int_equal(response.status, 401);
    assert_non_null(strstr(response.body.bytes, "\"error_description\":\"Nobody is signed in.\""));
    assert_non_null(
        strstr(response.body.bytes, "\"login_url\":\"/cgi-bin/login.cgi?return_to=%2Fhome\""));
    assert_int_equal(house->log.length, 0);
    house_close(house);
}

static void who_must_sign_in_is_told_where(void **state) {
    struct house *house = start(state, true);
    const struct request script = {.accept = "application/json"};
    house->context.login_url = "/cgi-bin/login.cgi?return_to=%2Fa";
    struct response response = answer(house, &script, ERROR_UNAUTHENTICATED);
    assert_non_null(
        strstr(response.body.bytes, "\"login_url\":\"/cgi-bin/login.cgi?return_to=%2Fa\""));
    response = answer(house, &browser, ERROR_UNAUTHENTICATED);
    assert_non_null(strstr(response.body.bytes,
                           "href=\"https://www.example.org/cgi-bin/login.cgi?return_to=%2Fa\""));
    response = answer(house, &script, ERROR_CSRF);
    assert_null(strstr(response.body.bytes, "login_url"));
    house->context.config = NULL;
    response = answer(house, &script, ERROR_UNAUTHENTICATED);
    assert_null(strstr(response.body.bytes, "login_url"));
    house_close(house);
}

static int gather(const struct gateway *gateway, const void *bytes, size_t length) {
    buffer_add(gateway->stream, bytes, length);
    return 0;
}

/* The answer's field WWW-Authenticate, or "". */
static const char *challenge(struct house *house, const struct request *request,
                             enum error_rule rule) {
    static const char name[] = "\r\nWWW-Authenticate: ";
    struct response response = answer(house, request, rule);
    struct buffer sent;
    buffer_open(house->arena, &sent);
    const struct gateway gateway = {.write = gather, .stream = &sent};
    assert_int_equal(response_send(&response, &gateway), 0);
    const char *field = strstr(sent.bytes, name);
    if (field == NULL)
        return "";
    field += strlen(name);
    assert_null(strstr(field, name));
    return arena_copy(house->arena, field, strcspn(field, "\r"));
}

/* RFC 6750 3 */
static void who_brings_no_token_or_a_wrong_one_is_told(void **state) {
    struct house *house = start(state, true);
    const struct request script = {.accept = "application/json"};
    const struct request *const requests[] = {&script, &browser};
    for (size_t i = 0; i < 2; i++) {
        house->context.takes_token = false;
        assert_string_equal(challenge(house, requests[i], ERROR_UNAUTHENTICATED), "");
        house->context.takes_token = true;
        assert_string_equal(challenge(house, requests[i], ERROR_UNAUTHENTICATED),
                            "Bearer realm=\"https://www.example.org\"");
        assert_string_equal(challenge(house, requests[i], ERROR_CSRF), "");
        assert_string_equal(challenge(house, requests[i], ERROR_ACCESS_TOKEN_EXP),
                            "Bearer realm=\"https://www.example.org\", error=\"invalid_token\", "
                            "error_description=\"The access token has expired, was revoked, or is "
                            "not for this site.\"");
    }
    house_close(house);
}

/* Whatever is missing: the templates, a text, or the configuration. */
static void without_templates_there_is_a_plain_page(void **state) {
    struct house *house = start(state, false);
    for (int i = 0; i < 4; i++) {
        struct response response = answer(house, &browser, ERROR_STATE_MISSING);
        const char *html = response.body.bytes;
        assert_int_equal(response.status, 400);
        assert_non_null(strstr(html, "<html lang=\"en\">"));
        assert_non_null(strstr(html, "The request could not be understood."));
        assert_non_null(strstr(html, "abcdefghijklmnop"));
        assert_null(strstr(html, "half"));
        if (i < 3)
            assert_non_null(strstr(house->log.bytes, "rule=template"));
        buffer_open(house->arena, &house->log);
        if (i == 0)
            put(house, "texts.en.ini", "[texts]\nerror_invalid_request_heading = half\n");
        if (i == 1)
            put(house, "texts.en.ini",
                "[texts]\nerror_invalid_request_heading = half\n"
                "error_invalid_request_text = half\n"
                "error_invalid_request_hint = half\n");
        if (i == 2)
            house->context.config = NULL;
    }
    house_close(house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_page_is_made_of_templates_texts_and_values),
        unit_test(what_is_wrong_with_templates_is_named),
        unit_test(every_failure_has_a_page_in_each_language),
        unit_test(and_a_short_one_at_a_gate),
        unit_test(a_script_is_told_in_english_without_reading_any_file),
        unit_test(who_must_sign_in_is_told_where),
        unit_test(who_brings_no_token_or_a_wrong_one_is_told),
        unit_test(without_templates_there_is_a_plain_page),
    };
    return cmocka_run_group_tests_name("page", tests, NULL, NULL);
}

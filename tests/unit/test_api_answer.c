/* login/api_answer, login/api_cache: what goes through to the browser, and what is kept for all. */
#include "fixture.h"

#include "login/api_cache.h"

struct scene {
    struct fixture *fixture;
    struct response response;
    struct gateway gateway;
    struct buffer out; /* what the web server got */
    size_t flushed;    /* so many bytes of it at once */
    bool gone;         /* it takes nothing any more */
    struct api_answer answer;
};

static int write_out(const struct gateway *gateway, const void *bytes, size_t length) {
    struct scene *scene = gateway->stream;
    if (scene->gone)
        return -1;
    buffer_add(&scene->out, bytes, length);
    return 0;
}

static int flush_out(const struct gateway *gateway) {
    struct scene *scene = gateway->stream;
    scene->flushed = scene->out.length;
    return 0;
}

static int send_file(const struct gateway *gateway, int descriptor, off_t offset, off_t length) {
    char *bytes = malloc((size_t)length);
    ssize_t got = pread(descriptor, bytes, (size_t)length, offset);
    int result = got == length ? write_out(gateway, bytes, (size_t)got) : -1;
    free(bytes);
    return result;
}

static void open_scene(struct scene *scene, struct fixture *fixture) {
    *scene = (struct scene){.fixture = fixture};
    scene->gateway = (struct gateway){
        .write = write_out, .send_file = send_file, .flush = flush_out, .stream = scene};
    buffer_open(fixture->arena, &scene->out);
    response_open(fixture->arena, &scene->response);
    scene->response.gateway = &scene->gateway;
    scene->answer = (struct api_answer){
        .context = fixture->context, .response = &scene->response, .host = "https://api.example"};
    api_answer_open(&scene->answer);
}

static void close_scene(struct scene *scene) {
    api_answer_close(&scene->answer);
}

/* A chain of fields out of name and value in turn; ends with NULL. */
static struct http_field *fields(struct arena *arena, const char *const pairs[]) {
    struct http_field *first = NULL;
    struct http_field **end = &first;
    for (; *pairs != NULL; pairs += 2) {
        *end = arena_alloc(arena, sizeof(**end));
        (*end)->name = pairs[0];
        (*end)->value = pairs[1];
        end = &(*end)->next;
    }
    return first;
}

static int take_head(struct scene *scene, int status, int64_t length, const char *type) {
    const char *pairs[] = {"Content-Type", type, NULL};
    const struct http_response head = {
        .status = status,
        .length = length,
        .content_type = type,
        .fields = fields(scene->fixture->arena, pairs),
    };
    const struct http_sink sink = api_answer_sink(&scene->answer);
    return sink.head(sink.closure, &head);
}

static int take_body(struct scene *scene, size_t length) {
    static char bytes[1024];
    const struct http_sink sink = api_answer_sink(&scene->answer);
    memset(bytes, 'x', sizeof(bytes));
    for (; length > 0; length -= length < sizeof(bytes) ? length : sizeof(bytes))
        if (sink.body(sink.closure, bytes, length < sizeof(bytes) ? length : sizeof(bytes)) != 0)
            return -1;
    return 0;
}

static size_t body_length(const struct scene *scene) {
    const char *end = strstr(scene->out.bytes, "\r\n\r\n");
    return end == NULL ? 0 : scene->out.length - (size_t)(end + 4 - scene->out.bytes);
}

static void a_status_that_goes_through(void **state) {
    (void)state;
    const int good[] = {200, 201, 202, 204, 206, 207, 299, 400, 402, 403, 404, 409,
                        410, 418, 422, 429, 451, 500, 501, 502, 503, 504, 599};
    for (size_t i = 0; i < FIXTURE_COUNT(good); i++)
        assert_true(api_answer_passes(good[i], false));
    const int bad[] = {0,   99,  100, 101, 103, 199, 300, 301, 302, 303,
                       304, 305, 307, 308, 399, 401, 407, 600, 999, -1};
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++)
        assert_false(api_answer_passes(bad[i], false));
    assert_true(api_answer_passes(304, true));
    assert_false(api_answer_passes(302, true));
}

static void fields_that_do_not_go_through(void **state) {
    struct fixture *fixture = *state;
    const char *pairs[] = {"Set-Cookie",
                           "a=b",
                           "set-cookie2",
                           "a=b",
                           "Status",
                           "200",
                           "Location",
                           "https://evil.example/",
                           "Content-Location",
                           "/x",
                           "Refresh",
                           "0; url=https://evil.example/",
                           "X-Accel-Redirect",
                           "/secret",
                           "X-Accel-Buffering",
                           "no",
                           "X-Sendfile",
                           "/etc/passwd",
                           "X-LIGHTTPD-send-file",
                           "/etc/passwd",
                           "Access-Control-Allow-Origin",
                           "*",
                           "Access-Control-Allow-Credentials",
                           "true",
                           "Content-Security-Policy",
                           "default-src *",
                           "Cross-Origin-Resource-Policy",
                           "cross-origin",
                           "Cross-Origin-Opener-Policy",
                           "unsafe-none",
                           "Service-Worker-Allowed",
                           "/",
                           "Clear-Site-Data",
                           "\"*\"",
                           "Strict-Transport-Security",
                           "max-age=0",
                           "Public-Key-Pins",
                           "x",
                           "SourceMap",
                           "x",
                           "Alt-Svc",
                           "x",
                           "NEL",
                           "x",
                           "Report-To",
                           "x",
                           "WWW-Authenticate",
                           "Basic",
                           "Authentication-Info",
                           "x",
                           "Cache-Control",
                           "public, max-age=9999",
                           "Expires",
                           "never",
                           "Pragma",
                           "x",
                           "Age",
                           "1",
                           "Vary",
                           "*",
                           "Date",
                           "x",
                           "Server",
                           "x",
                           "Connection",
                           "keep-alive",
                           "Keep-Alive",
                           "x",
                           "Transfer-Encoding",
                           "chunked",
                           "Content-Encoding",
                           "gzip",
                           "Content-Length",
                           "5",
                           "Upgrade",
                           "h2c",
                           "X-Frame-Options",
                           "ALLOWALL",
                           "X-Content-Type-Options",
                           "x",
                           "Referrer-Policy",
                           "unsafe-url",
                           "X-Auth-Request-User",
                           "root",
                           "X-CSRF-Token",
                           "x",
                           NULL};
    struct http_field *passed = NULL;
    assert_works(fixture->arena,
                 api_answer_fields(fixture->arena, fields(fixture->arena, pairs), &passed));
    if (passed != NULL)
        fail_msg("%s goes through", passed->name);
}

static void fields_that_go_through(void **state) {
    struct fixture *fixture = *state;
    const char *pairs[] = {"content-type",
                           "application/json",
                           "ETAG",
                           "\"x\"",
                           "Link",
                           "<a>; rel=next",
                           "X-RateLimit-Remaining",
                           "5",
                           "link",
                           "<b>; rel=last",
                           "Content-Disposition",
                           "attachment; filename=\"\xFF\"",
                           "Content-Language",
                           "k\xC3\xB6",
                           NULL};
    struct http_field *passed = NULL;
    struct buffer text;
    buffer_open(fixture->arena, &text);
    assert_works(fixture->arena,
                 api_answer_fields(fixture->arena, fields(fixture->arena, pairs), &passed));
    for (; passed != NULL; passed = passed->next)
        buffer_add_format(&text, "%s: %s\n", passed->name, passed->value);
    assert_string_equal(text.bytes, "Content-Type: application/json\nETag: \"x\"\n"
                                    "Link: <a>; rel=next, <b>; rel=last\n"
                                    "X-RateLimit-Remaining: 5\nContent-Language: k\xC3\xB6\n");
}

static void a_field_that_can_be_but_one(void **state) {
    struct fixture *fixture = *state;
    const char *names[] = {"Content-Type",        "ETag",          "Content-Range",
                           "Content-Disposition", "Last-Modified", "Retry-After"};
    for (size_t i = 0; i < FIXTURE_COUNT(names); i++) {
        const char *pairs[] = {names[i], "a", names[i], "b", NULL};
        struct http_field *passed = NULL;
        assert_fails(fixture->arena, ERROR_API_FAILED,
                     api_answer_fields(fixture->arena, fields(fixture->arena, pairs), &passed));
    }
}

static void nothing_that_a_page_could_run(void **state) {
    struct fixture *fixture = *state;
    const char *bad[] = {"text/javascript",
                         "Application/JavaScript; charset=utf-8",
                         "application/x-javascript",
                         "text/ecmascript",
                         "text/jscript",
                         "text/livescript",
                         "text/javascript1.5",
                         "text/css",
                         "TEXT/CSS;x"};
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++) {
        const char *pairs[] = {"Content-Type", bad[i], NULL};
        struct http_field *passed = NULL;
        assert_works(fixture->arena,
                     api_answer_fields(fixture->arena, fields(fixture->arena, pairs), &passed));
        assert_string_equal(passed->value, "text/plain; charset=utf-8");
    }
    const char *good[] = {"text/html", "application/json", "image/svg+xml",
                          "application/postscript"};
    for (size_t i = 0; i < FIXTURE_COUNT(good); i++) {
        const char *pairs[] = {"Content-Type", good[i], NULL};
        struct http_field *passed = NULL;
        assert_works(fixture->arena,
                     api_answer_fields(fixture->arena, fields(fixture->arena, pairs), &passed));
        assert_string_equal(passed->value, good[i]);
    }
}

static void a_small_answer_is_sent_at_its_end(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    assert_works(scene.fixture->arena, take_head(&scene, 200, -1, "text/html"));
    assert_works(scene.fixture->arena, take_body(&scene, API_HOLD));
    assert_int_equal(scene.out.length, 0);
    assert_works(scene.fixture->arena, api_answer_end(&scene.answer));
    assert_false(scene.response.started);
    const char *sent = fixture_sent(scene.fixture, &scene.response);
    assert_non_null(strstr(sent, "Status: 200 OK\r\n"));
    assert_non_null(strstr(sent, "Content-Type: text/html\r\n"));
    assert_non_null(strstr(sent, "Content-Length: 65536\r\n"));
    assert_non_null(strstr(sent, "Cache-Control: private, no-store\r\n"));
    assert_non_null(strstr(sent, "Content-Security-Policy: sandbox; default-src 'none'; "
                                 "frame-ancestors 'none'\r\n"));
    assert_non_null(strstr(sent, "Cross-Origin-Resource-Policy: same-origin\r\n"));
    assert_non_null(strstr(sent, "X-Content-Type-Options: nosniff\r\n"));
    close_scene(&scene);
}

static void a_long_answer_waits_for_its_end(void **state) {
    const int64_t lengths[] = {3000000, -1};
    for (size_t i = 0; i < FIXTURE_COUNT(lengths); i++) {
        struct scene scene;
        open_scene(&scene, *state);
        assert_works(scene.fixture->arena, take_head(&scene, 200, lengths[i], "text/x"));
        assert_works(scene.fixture->arena, take_body(&scene, 3000000));
        assert_int_equal(scene.out.length, 0);
        assert_true(scene.answer.body.length < 100000);
        assert_works(scene.fixture->arena, api_answer_end(&scene.answer));
        assert_int_equal(body_length(&scene), 3000000);
        assert_non_null(strstr(scene.out.bytes, "\r\nContent-Length: 3000000\r\n"));
        int file = scene.answer.spool.file;
        close_scene(&scene);
        assert_int_equal(fcntl(file, F_GETFD), -1);
    }
}

static void what_is_spooled_has_no_name(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    assert_works(scene.fixture->arena, take_head(&scene, 200, -1, "text/x"));
    assert_works(scene.fixture->arena, take_body(&scene, 100000));
    assert_int_equal(system(arena_format(scene.fixture->arena, "test -z \"$(ls %s | grep spool)\"",
                                         scene.fixture->house.folder)),
                     0);
    struct stat status;
    assert_int_equal(fstat(scene.answer.spool.file, &status), 0);
    assert_int_equal(status.st_mode & 07777, 0600);
    assert_int_equal(status.st_nlink, 0);
    close_scene(&scene);

    scene.fixture->house.config.state_dir = "/nowhere";
    open_scene(&scene, *state);
    assert_works(scene.fixture->arena, take_head(&scene, 200, -1, "text/x"));
    assert_fails(scene.fixture->arena, ERROR_STATE_DIR, take_body(&scene, 100000));
    scene.fixture->house.config.state_dir = scene.fixture->house.folder;
    close_scene(&scene);
}

static void what_is_read_bit_by_bit_goes_out_at_once(void **state) {
    struct scene scene;
    const char *types[] = {"text/event-stream", "application/x-ndjson", "application/json-seq"};
    for (size_t i = 0; i < FIXTURE_COUNT(types); i++) {
        open_scene(&scene, *state);
        assert_works(scene.fixture->arena, take_head(&scene, 200, -1, types[i]));
        assert_true(scene.response.started);
        assert_true(scene.flushed > 0 && scene.flushed == scene.out.length);
        assert_works(scene.fixture->arena, take_body(&scene, 5));
        assert_int_equal(body_length(&scene), 5);
        assert_int_equal(scene.flushed, scene.out.length);
        assert_null(strstr(scene.out.bytes, "Content-Length"));
        close_scene(&scene);
    }
    open_scene(&scene, *state);
    assert_works(scene.fixture->arena, take_head(&scene, 500, -1, "text/event-stream"));
    assert_works(scene.fixture->arena, take_body(&scene, 5));
    assert_int_equal(scene.out.length, 0);
    close_scene(&scene);
}

static void a_head_has_the_length_of_what_it_stands_for(void **state) {
    const int64_t lengths[] = {1000000, 5, 0, -1};
    for (size_t i = 0; i < FIXTURE_COUNT(lengths); i++) {
        struct scene scene;
        open_scene(&scene, *state);
        scene.response.head_only = true;
        assert_works(scene.fixture->arena, take_head(&scene, 200, lengths[i], "text/x"));
        assert_works(scene.fixture->arena, api_answer_end(&scene.answer));
        const char *line = arena_format(scene.fixture->arena, "\r\nContent-Length: %lld\r\n",
                                        (long long)lengths[i]);
        assert_int_equal(strstr(scene.out.bytes, line) != NULL, lengths[i] >= 0);
        assert_int_equal(strstr(scene.out.bytes, "Content-Length") != NULL, lengths[i] >= 0);
        assert_int_equal(body_length(&scene), 0);
        close_scene(&scene);
    }
}

static void without_content_there_is_no_type(void **state) {
    const int statuses[] = {204, 304};
    for (size_t i = 0; i < FIXTURE_COUNT(statuses); i++) {
        struct scene scene;
        const struct http_response head = {.status = statuses[i], .length = -1, .content_type = ""};
        open_scene(&scene, *state);
        scene.answer.is_conditional = true;
        const struct http_sink sink = api_answer_sink(&scene.answer);
        assert_works(scene.fixture->arena, sink.head(sink.closure, &head));
        assert_works(scene.fixture->arena, api_answer_end(&scene.answer));
        const char *sent = fixture_sent(scene.fixture, &scene.response);
        assert_null(strstr(sent, "Content-Type:"));
        assert_null(strstr(sent, "Content-Length:"));
        close_scene(&scene);
    }
    /* What does not say what it is, is nothing in particular. */
    struct scene scene;
    const struct http_response head = {.status = 200, .length = -1, .content_type = ""};
    open_scene(&scene, *state);
    const struct http_sink sink = api_answer_sink(&scene.answer);
    assert_works(scene.fixture->arena, sink.head(sink.closure, &head));
    assert_works(scene.fixture->arena, api_answer_end(&scene.answer));
    assert_non_null(strstr(fixture_sent(scene.fixture, &scene.response),
                           "Content-Type: application/octet-stream\r\n"));
    close_scene(&scene);
}

static void a_status_that_is_not_passed_on(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    assert_fails(scene.fixture->arena, ERROR_API_STATUS, take_head(&scene, 302, -1, "text/x"));
    assert_fails(scene.fixture->arena, ERROR_API_STATUS, take_head(&scene, 401, -1, "text/x"));
    assert_false(scene.answer.is_refused);
    scene.answer.as_user = true;
    assert_int_equal(take_head(&scene, 401, -1, "text/x"), -1);
    assert_int_equal(scene.fixture->arena->error.rule, ERROR_NONE);
    assert_true(scene.answer.is_refused);
    assert_int_equal(scene.out.length, 0);
    close_scene(&scene);
}

static void a_browser_that_is_gone_ends_it_without_an_error(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    assert_works(scene.fixture->arena, take_head(&scene, 200, -1, "text/event-stream"));
    scene.gone = true;
    assert_int_equal(take_body(&scene, 1), -1);
    assert_int_equal(scene.fixture->arena->error.rule, ERROR_NONE);
    close_scene(&scene);
    open_scene(&scene, *state);
    assert_works(scene.fixture->arena, take_head(&scene, 200, -1, "text/x"));
    assert_works(scene.fixture->arena, take_body(&scene, 200000));
    scene.gone = true;
    assert_int_equal(api_answer_end(&scene.answer), -1);
    assert_int_equal(scene.fixture->arena->error.rule, ERROR_NONE);
    assert_true(scene.response.started);
    close_scene(&scene);
}

/* ---- kept for all ---------------------------------------------------------------------------- */

static struct api_question question(struct fixture *fixture, const char *api, const char *url,
                                    const char *accept, const char *language) {
    struct api_question made;
    struct http_field field = {.name = "Accept-Language", .value = language};
    const struct http_request request = {.accept = accept,
                                         .fields = language == NULL ? NULL : &field};
    api_question_make(fixture->arena, api, url, &request, &made);
    return made;
}

/* Takes an answer in, whole, and keeps it. */
static void keep(struct fixture *fixture, const struct api_question *asked, int status,
                 size_t length, int64_t seconds) {
    struct scene scene;
    open_scene(&scene, fixture);
    assert_works(fixture->arena, take_head(&scene, status, -1, "text/x"));
    assert_works(fixture->arena, take_body(&scene, length));
    assert_works(fixture->arena, api_cache_save(fixture->context, asked, &scene.answer, seconds));
    close_scene(&scene);
}

static bool is_kept(struct fixture *fixture, const struct api_question *asked) {
    struct scene scene;
    bool found = false;
    open_scene(&scene, fixture);
    assert_works(fixture->arena, api_cache_load(fixture->context, asked, &scene.answer, &found));
    return found;
}

static void what_is_kept_comes_back_as_it_was(void **state) {
    struct fixture *fixture = *state;
    struct api_question asked = question(fixture, "it", "https://api.example/x", "*/*", NULL);
    struct scene scene;
    bool found = false;
    const size_t lengths[] = {0, 1, API_HOLD};
    for (size_t i = 0; i < FIXTURE_COUNT(lengths); i++) {
        keep(fixture, &asked, 200, lengths[i], 60);
        open_scene(&scene, fixture);
        assert_works(fixture->arena,
                     api_cache_load(fixture->context, &asked, &scene.answer, &found));
        assert_true(found);
        assert_works(fixture->arena, api_answer_end(&scene.answer));
        const char *sent = fixture_sent(fixture, &scene.response);
        assert_non_null(strstr(sent, "Status: 200 OK\r\nContent-Type: text/x\r\n"));
        assert_non_null(
            strstr(sent, arena_format(fixture->arena, "\r\nContent-Length: %zu\r\n", lengths[i])));
        close_scene(&scene);
    }
}

static void another_question_has_another_answer(void **state) {
    struct fixture *fixture = *state;
    struct api_question asked = question(fixture, "it", "https://api.example/x", "a", "ko");
    const char *others[][4] = {
        {"id", "https://api.example/x", "a", "ko"},  {"it", "https://api.example/y", "a", "ko"},
        {"it", "https://api.example/x?", "a", "ko"}, {"it", "https://api.example/x", "b", "ko"},
        {"it", "https://api.example/x", "a", "de"},  {"it", "https://api.example/x", "a", NULL},
        {"it", "https://api.example/x", NULL, "ko"}, {"it", "https://api.example/xa", "", "ko"},
        {"ithttps:", "//api.example/x", "a", "ko"},
    };
    keep(fixture, &asked, 200, 10, 60);
    assert_true(is_kept(fixture, &asked));
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++) {
        struct api_question other =
            question(fixture, others[i][0], others[i][1], others[i][2], others[i][3]);
        assert_false(is_kept(fixture, &other));
    }
}

static void an_answer_has_its_time(void **state) {
    struct fixture *fixture = *state;
    struct api_question asked = question(fixture, "it", "https://api.example/x", NULL, NULL);
    keep(fixture, &asked, 200, 10, 60);
    fixture->house.clock.fixed += 59;
    assert_true(is_kept(fixture, &asked));
    fixture->house.clock.fixed += 1;
    assert_false(is_kept(fixture, &asked));
    keep(fixture, &asked, 200, 20, 60);
    assert_true(is_kept(fixture, &asked));
}

static void only_whole_good_small_answers_are_kept(void **state) {
    struct fixture *fixture = *state;
    struct api_question asked = question(fixture, "it", "https://api.example/x", NULL, NULL);
    const int statuses[] = {201, 204, 206, 400, 404, 500, 503};
    for (size_t i = 0; i < FIXTURE_COUNT(statuses); i++) {
        keep(fixture, &asked, statuses[i], 10, 60);
        assert_false(is_kept(fixture, &asked));
    }
    keep(fixture, &asked, 200, API_HOLD + 1, 60);
    assert_false(is_kept(fixture, &asked));
}

static int64_t count(struct fixture *fixture) {
    const char *path = house_path(&fixture->house, "count");
    char text[32] = "";
    assert_int_equal(system(arena_format(fixture->arena,
                                         "sqlite3 %s/latchkey.db 'SELECT count(*) FROM "
                                         "api_answers' >%s",
                                         fixture->house.folder, path)),
                     0);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof(text), file));
    fclose(file);
    return strtoll(text, NULL, 10);
}

static void there_is_an_end_to_how_many(void **state) {
    struct fixture *fixture = *state;
    for (int i = 0; i < API_CACHE_LIMIT + 20; i++) {
        struct api_question asked = question(
            fixture, "it", arena_format(fixture->arena, "https://api.example/%d", i), NULL, NULL);
        keep(fixture, &asked, 200, 1, 60 + i);
    }
    assert_int_equal(count(fixture), API_CACHE_LIMIT);
    struct api_question first = question(fixture, "it", "https://api.example/0", NULL, NULL);
    assert_false(is_kept(fixture, &first));
    /* And what is over goes, a few at a time. */
    fixture->house.clock.fixed += 1000000;
    keep(fixture, &first, 200, 1, 60);
    assert_int_equal(count(fixture), API_CACHE_LIMIT + 1 - 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_status_that_goes_through),
        fixture_test(fields_that_do_not_go_through),
        fixture_test(fields_that_go_through),
        fixture_test(a_field_that_can_be_but_one),
        fixture_test(nothing_that_a_page_could_run),
        fixture_test(a_small_answer_is_sent_at_its_end),
        fixture_test(a_long_answer_waits_for_its_end),
        fixture_test(what_is_spooled_has_no_name),
        fixture_test(what_is_read_bit_by_bit_goes_out_at_once),
        fixture_test(a_head_has_the_length_of_what_it_stands_for),
        fixture_test(without_content_there_is_no_type),
        fixture_test(a_status_that_is_not_passed_on),
        fixture_test(a_browser_that_is_gone_ends_it_without_an_error),
        fixture_test(what_is_kept_comes_back_as_it_was),
        fixture_test(another_question_has_another_answer),
        fixture_test(an_answer_has_its_time),
        fixture_test(only_whole_good_small_answers_are_kept),
        fixture_test(there_is_an_end_to_how_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

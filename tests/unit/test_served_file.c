/* edge/served_file: what is sent of a file, and what is said of it, byte for byte. */
#include "house.h"

#include "base/text.h"
#include "edge/request.h"
#include "edge/served_file.h"

#include <errno.h>

#define CONTENT "0123456789"
#define TERMS                                                                                      \
    "Content-Security-Policy: frame-ancestors 'self'\r\n"                                          \
    "Cross-Origin-Resource-Policy: same-origin\r\n"                                                \
    "Referrer-Policy: same-origin\r\n"
#define MTIME 784111777 /* Sun, 06 Nov 1994 08:49:37 GMT */

/* A file of ten bytes, a request for it, and what went out. */
struct scene {
    struct house house;
    struct stat status;
    struct served_file file;
    const char *fields[8][2]; /* of the request: name, value */
    struct request request;
    struct response response;
    struct gateway gateway;
    struct buffer sent;
    bool gone; /* the client, once the head is out */
};

static struct scene *scene_of_test;

static const char *sent_field(const struct gateway *gateway, const char *name) {
    (void)gateway;
    for (size_t i = 0; i < 8; i++)
        if (text_equal(scene_of_test->fields[i][0], name))
            return scene_of_test->fields[i][1];
    return NULL;
}

static int keep(const struct gateway *gateway, const void *bytes, size_t length) {
    (void)gateway;
    buffer_add(&scene_of_test->sent, bytes, length);
    return 0;
}

static int keep_file(const struct gateway *gateway, int descriptor, off_t offset, off_t length) {
    (void)gateway;
    if (scene_of_test->gone)
        return -1;
    if (length > 1000) {
        buffer_add_format(&scene_of_test->sent, "[%lld bytes from %lld]", (long long)length,
                          (long long)offset);
        return 0;
    }
    char *bytes = arena_alloc(scene_of_test->house.arena, (size_t)length);
    ssize_t got = pread(descriptor, bytes, (size_t)length, offset);
    buffer_add(&scene_of_test->sent, bytes, got > 0 ? (size_t)got : 0);
    return got == length ? 0 : -1;
}

static void open_scene(struct scene *scene, struct arena *arena) {
    *scene = (struct scene){.gone = false};
    scene_of_test = scene;
    house_open(&scene->house, arena);
    const char *path = house_path(&scene->house, "page.txt");
    house_write(path, CONTENT, 0600);
    int descriptor = open(path, O_RDWR | O_CLOEXEC);
    assert_true(descriptor >= 0);
    assert_int_equal(fstat(descriptor, &scene->status), 0);
    scene->status.st_mtim = (struct timespec){MTIME, 5};
    scene->status.st_ctim = (struct timespec){MTIME + 9, 7};
    scene->file =
        (struct served_file){.descriptor = descriptor, .status = &scene->status, .path = path};
    scene->gateway =
        (struct gateway){.variable = sent_field, .write = keep, .send_file = keep_file};
    scene->request = (struct request){.method = METHOD_GET, .gateway = &scene->gateway};
}

static void close_scene(struct scene *scene) {
    close(scene->file.descriptor);
    house_close(&scene->house);
}

static void begin(struct scene *scene) {
    struct arena *arena = scene->house.arena;
    buffer_open(arena, &scene->sent);
    response_open(arena, &scene->response);
    scene->response.gateway = &scene->gateway;
    scene->response.head_only = scene->request.method == METHOD_HEAD;
}

/* The whole answer, as the frame would send it. */
static const char *ask(struct scene *scene) {
    begin(scene);
    assert_works(scene->house.arena, served_file_respond(&scene->house.context, &scene->request,
                                                         &scene->response, &scene->file));
    if (!scene->response.started)
        assert_int_equal(response_send(&scene->response, &scene->gateway), 0);
    return scene->sent.bytes;
}

/* The same with one field. */
static const char *ask_with(struct scene *scene, const char *name, const char *value) {
    scene->fields[0][0] = name;
    scene->fields[0][1] = value;
    return ask(scene);
}

static void assert_has(const char *text, const char *part) {
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in:\n%s", part, text);
}

static void assert_lacks(const char *text, const char *part) {
    if (strstr(text, part) != NULL)
        fail_msg("\"%s\" is in:\n%s", part, text);
}

static const char *body_of(const char *answer) {
    return strstr(answer, "\r\n\r\n") + 4;
}

/* The value of a field, or NULL. */
static const char *field_of(struct scene *scene, const char *answer, const char *name) {
    const char *line = strstr(answer, arena_format(scene->house.arena, "\r\n%s: ", name));
    if (line == NULL)
        return NULL;
    line += strlen(name) + 4;
    return arena_copy(scene->house.arena, line, strcspn(line, "\r"));
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void a_file_is_sent_whole(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    const char *answer = ask(&scene);
    const char *etag = field_of(&scene, answer, "ETag");
    assert_int_equal(strlen(etag), 22);
    assert_string_equal(answer, arena_format(*state,
                                             "Status: 200 OK\r\n"
                                             "Cache-Control: private, no-cache\r\n"
                                             "Vary: Cookie, Authorization\r\n" TERMS "ETag: %s\r\n"
                                             "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                             "Content-Type: text/plain; charset=utf-8\r\n"
                                             "Content-Length: 10\r\n"
                                             "Accept-Ranges: bytes\r\n"
                                             "X-Content-Type-Options: nosniff\r\n"
                                             "\r\n" CONTENT,
                                             etag));
    close_scene(&scene);
}

static void of_head_only_the_head_is_sent(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    const char *whole = ask(&scene);
    scene.request.method = METHOD_HEAD;
    const char *head = ask_with(&scene, "HTTP_RANGE", "bytes=0-1"); /* 14.2: of GET alone */
    assert_int_equal(strlen(whole) - strlen(head), strlen(CONTENT));
    assert_memory_equal(whole, head, strlen(head));
    close_scene(&scene);
}

static void what_anyone_may_see_may_be_kept_by_caches(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    scene.file.is_public = true;
    const char *answer = ask(&scene);
    assert_has(answer, "\r\nCache-Control: no-cache\r\n");
    assert_lacks(answer, "Vary");
    close_scene(&scene);
}

static void an_empty_file_is_nothing(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    assert_int_equal(ftruncate(scene.file.descriptor, 0), 0);
    scene.status.st_size = 0;
    const char *answer = ask(&scene);
    assert_has(answer, "Status: 200 OK\r\n");
    assert_has(answer, "\r\nContent-Length: 0\r\n");
    assert_string_equal(body_of(answer), "");
    answer = ask_with(&scene, "HTTP_RANGE", "bytes=0-");
    assert_has(answer, "Status: 416 ");
    assert_has(answer, "\r\nContent-Range: bytes */0\r\n");
    close_scene(&scene);
}

static void offsets_have_64_bits(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    scene.status.st_size = (off_t)5 << 30;
    assert_has(ask(&scene), "\r\nContent-Length: 5368709120\r\n");
    assert_string_equal(body_of(scene.sent.bytes), "[5368709120 bytes from 0]");
    const char *answer = ask_with(&scene, "HTTP_RANGE", "bytes=4294967295-");
    assert_has(answer, "\r\nContent-Length: 1073741825\r\n");
    assert_has(answer, "\r\nContent-Range: bytes 4294967295-5368709119/5368709120\r\n");
    assert_string_equal(body_of(answer), "[1073741825 bytes from 4294967295]");
    close_scene(&scene);
}

/* ---- validators ------------------------------------------------------------------------------ */

static void the_etag_is_of_this_file_as_it_is_now(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    const struct stat before = scene.status;
    const char *etag = field_of(&scene, ask(&scene), "ETag");
    assert_string_equal(field_of(&scene, ask(&scene), "ETag"), etag);
    for (int i = 0; i < 7; i++) {
        scene.status = before;
        scene.status.st_dev += i == 0;
        scene.status.st_ino += i == 1;
        scene.status.st_size -= i == 2;
        scene.status.st_mtim.tv_sec -= i == 3;
        scene.status.st_mtim.tv_nsec += i == 4;
        scene.status.st_ctim.tv_sec += i == 5; /* its time was set back, but this shows */
        scene.status.st_ctim.tv_nsec += i == 6;
        assert_string_not_equal(field_of(&scene, ask(&scene), "ETag"), etag);
    }
    close_scene(&scene);
}

/* It may change again at once without its times showing it: nothing to be compared is told. */
static void what_has_just_changed_has_no_validators(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    const int64_t times[] = {0, -1, 1, 100000}; /* after now; from a clock that is ahead, too */
    for (size_t i = 0; i < 8; i++) {
        scene.status.st_mtim.tv_sec = MTIME;
        scene.status.st_ctim.tv_sec = MTIME;
        *(i < 4 ? &scene.status.st_mtim.tv_sec : &scene.status.st_ctim.tv_sec) =
            HOUSE_TIME + times[i % 4];
        const char *answer = ask(&scene);
        assert_has(answer, "Status: 200 OK\r\n");
        assert_lacks(answer, "ETag");
        assert_lacks(answer, "Last-Modified");
    }
    const char *known = ask_with(&scene, "HTTP_IF_MODIFIED_SINCE", "Fri, 31 Dec 9999 00:00:00 GMT");
    assert_has(known, "Status: 200 OK\r\n");
    scene.status.st_ctim.tv_sec = HOUSE_TIME - 2;
    assert_has(ask(&scene), "ETag");
    close_scene(&scene);
}

static void times_before_1970_are_not_told(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    scene.status.st_mtim.tv_sec = -5;
    assert_lacks(ask(&scene), "Last-Modified");
    assert_has(ask(&scene), "ETag");
    close_scene(&scene);
}

/* ---- conditions ------------------------------------------------------------------------------ */

static void what_is_known_is_not_sent_again(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    const char *etag = field_of(&scene, ask(&scene), "ETag");
    for (int head = 0; head <= 1; head++) {
        scene.request.method = head == 1 ? METHOD_HEAD : METHOD_GET;
        const char *answer = ask_with(&scene, "HTTP_IF_NONE_MATCH", etag);
        assert_string_equal(answer,
                            arena_format(*state,
                                         "Status: 304 Not Modified\r\n"
                                         "Cache-Control: private, no-cache\r\n"
                                         "Vary: Cookie, Authorization\r\n" TERMS "ETag: %s\r\n"
                                         "Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"
                                         "X-Content-Type-Options: nosniff\r\n"
                                         "\r\n",
                                         etag));
    }
    assert_has(ask_with(&scene, "HTTP_IF_MODIFIED_SINCE", "Sun, 06 Nov 1994 08:49:37 GMT"),
               "Status: 304 ");
    assert_has(ask_with(&scene, "HTTP_IF_MODIFIED_SINCE", "Sun, 06 Nov 1994 08:49:36 GMT"),
               "Status: 200 ");
    close_scene(&scene);
}

static void what_must_match_and_does_not_is_412(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    scene.fields[1][0] = "HTTP_RANGE";
    scene.fields[1][1] = "bytes=99-"; /* comes later: no 416 */
    const char *answer = ask_with(&scene, "HTTP_IF_MATCH", "\"other\"");
    assert_has(answer, "Status: 412 Precondition Failed\r\n");
    assert_has(answer, "\r\nContent-Type: text/plain; charset=utf-8\r\n");
    assert_lacks(answer, "Content-Range");
    assert_has(ask_with(&scene, "HTTP_IF_UNMODIFIED_SINCE", "Sun, 06 Nov 1994 08:49:36 GMT"),
               "Status: 412 ");
    close_scene(&scene);
}

/* ---- ranges ---------------------------------------------------------------------------------- */

static void a_range_is_sent_alone(void **state) {
    const struct {
        const char *range, *told, *body;
    } cases[] = {
        {"bytes=0-0", "bytes 0-0/10", "0"},      {"bytes=3-5", "bytes 3-5/10", "345"},
        {"bytes=8-", "bytes 8-9/10", "89"},      {"bytes=-3", "bytes 7-9/10", "789"},
        {"bytes=0-99", "bytes 0-9/10", CONTENT},
    };
    struct scene scene;
    open_scene(&scene, *state);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *answer = ask_with(&scene, "HTTP_RANGE", cases[i].range);
        assert_has(answer, "Status: 206 Partial Content\r\n");
        assert_string_equal(field_of(&scene, answer, "Content-Range"), cases[i].told);
        assert_string_equal(field_of(&scene, answer, "Content-Length"),
                            arena_format(*state, "%zu", strlen(cases[i].body)));
        assert_string_equal(body_of(answer), cases[i].body);
    }
    close_scene(&scene);
}

static void several_ranges_and_none_are_the_whole(void **state) {
    const char *ranges[] = {"bytes=0-1,3-4", "bytes=5-4", "lines=0-1", "bytes=x"};
    struct scene scene;
    open_scene(&scene, *state);
    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        const char *answer = ask_with(&scene, "HTTP_RANGE", ranges[i]);
        assert_has(answer, "Status: 200 OK\r\n");
        assert_lacks(answer, "Content-Range");
        assert_string_equal(body_of(answer), CONTENT);
    }
    close_scene(&scene);
}

static void what_lies_behind_the_end_is_416(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    const char *answer = ask_with(&scene, "HTTP_RANGE", "bytes=10-");
    assert_has(answer, "Status: 416 Range Not Satisfiable\r\n");
    assert_has(answer, "\r\nContent-Range: bytes */10\r\n");
    assert_lacks(body_of(answer), "0");
    close_scene(&scene);
}

static void if_range_goes_by_what_is_there_now(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    const struct {
        const char *value, *status;
    } cases[] = {
        {field_of(&scene, ask(&scene), "ETag"), "Status: 206 "},
        {"\"other\"", "Status: 200 "},
        {"Sun, 06 Nov 1994 08:49:37 GMT", "Status: 206 "},
        {"Sun, 06 Nov 1994 08:49:38 GMT", "Status: 200 "},
    };
    scene.fields[1][0] = "HTTP_RANGE";
    scene.fields[1][1] = "bytes=1-2";
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_has(ask_with(&scene, "HTTP_IF_RANGE", cases[i].value), cases[i].status);
    /* not even a 416 for another file's range */
    scene.fields[1][1] = "bytes=10-";
    assert_has(ask_with(&scene, "HTTP_IF_RANGE", "\"other\""), "Status: 200 ");
    close_scene(&scene);
}

/* ---- what goes wrong ------------------------------------------------------------------------- */

static void fields_that_are_none_are_refused(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    begin(&scene);
    scene.fields[0][0] = "HTTP_IF_MATCH";
    scene.fields[0][1] = "\"a\r\nX: y\"";
    assert_fails(
        scene.house.arena, ERROR_REQUEST_MALFORMED,
        served_file_respond(&scene.house.context, &scene.request, &scene.response, &scene.file));
    assert_false(scene.response.started);
    close_scene(&scene);
}

static void a_file_that_shrinks_ends_the_answer(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    assert_int_equal(ftruncate(scene.file.descriptor, 4), 0);
    begin(&scene);
    assert_fails(
        scene.house.arena, ERROR_FILE_CUT,
        served_file_respond(&scene.house.context, &scene.request, &scene.response, &scene.file));
    assert_true(scene.response.started);
    assert_string_equal(body_of(scene.sent.bytes), "0123");
    close_scene(&scene);
}

static void a_client_that_is_gone_is_no_error_of_ours(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    scene.gone = true;
    begin(&scene);
    assert_int_equal(
        served_file_respond(&scene.house.context, &scene.request, &scene.response, &scene.file),
        -1);
    assert_int_equal(scene.house.arena->error.rule, ERROR_NONE);
    close_scene(&scene);
}

/* ---- handed over ----------------------------------------------------------------------------- */

static void the_web_server_is_told_the_file(void **state) {
    struct scene scene;
    open_scene(&scene, *state);
    begin(&scene);
    assert_works(scene.house.arena, served_file_hand_over(&scene.response, &scene.file,
                                                          "X-Sendfile", "/srv/a%20b/page.txt"));
    assert_string_equal(scene.sent.bytes, "Status: 200 OK\r\n"
                                          "Cache-Control: private, no-cache\r\n"
                                          "Vary: Cookie, Authorization\r\n" TERMS
                                          "Content-Type: text/plain; charset=utf-8\r\n"
                                          "X-Sendfile: /srv/a%20b/page.txt\r\n"
                                          "X-Content-Type-Options: nosniff\r\n"
                                          "\r\n");
    close_scene(&scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_file_is_sent_whole),
        unit_test(of_head_only_the_head_is_sent),
        unit_test(what_anyone_may_see_may_be_kept_by_caches),
        unit_test(an_empty_file_is_nothing),
        unit_test(offsets_have_64_bits),
        unit_test(the_etag_is_of_this_file_as_it_is_now),
        unit_test(what_has_just_changed_has_no_validators),
        unit_test(times_before_1970_are_not_told),
        unit_test(what_is_known_is_not_sent_again),
        unit_test(what_must_match_and_does_not_is_412),
        unit_test(a_range_is_sent_alone),
        unit_test(several_ranges_and_none_are_the_whole),
        unit_test(what_lies_behind_the_end_is_416),
        unit_test(if_range_goes_by_what_is_there_now),
        unit_test(fields_that_are_none_are_refused),
        unit_test(a_file_that_shrinks_ends_the_answer),
        unit_test(a_client_that_is_gone_is_no_error_of_ours),
        unit_test(the_web_server_is_told_the_file),
    };
    return cmocka_run_group_tests_name("served_file", tests, NULL, NULL);
}

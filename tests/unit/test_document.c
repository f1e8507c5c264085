/* edge/document: fetched once a day, again for a new key, and never stopped by the cache. */
#include "house.h"

#include "edge/document.h"
#include "edge/http_client.h"

#define URL "https://op.example/.well-known/openid-configuration"

/* What the provider answers, and how often it was asked: in a file, for several processes ask. */
static struct http_response answer;
static enum error_rule failure;
static const char *count_path;
static bool all_public_only; /* of the requests that were made */

static int perform(struct arena *arena, const struct http_request *request,
                   struct http_response *response) {
    all_public_only = all_public_only && request->public_only;
    int count = open(count_path, O_WRONLY | O_APPEND | O_CREAT, 0600);
    assert_int_equal(write(count, "x", 1), 1);
    close(count);
    if (failure != ERROR_NONE)
        return fail(arena, failure, "as the test wants");
    *response = answer;
    return 0;
}

static const struct http_transport transport = {.perform = perform};

static void answer_with(int status, const char *body) {
    failure = ERROR_NONE;
    answer = (struct http_response){
        .status = status, .content_type = "", .body = body, .body_length = strlen(body)};
}

static int asked(void) {
    struct stat status;
    return stat(count_path, &status) == 0 ? (int)status.st_size : 0;
}

static void open_house(struct house *house, struct arena *arena) {
    house_open(house, arena);
    house->context.transport = &transport;
    count_path = house_path(house, "asked");
    answer_with(200, "{\"a\":1}");
}

static int load(struct context *context, const char *url, const char **text) {
    const struct http_request request = {.url = url};
    return document_load(context, &request, text);
}

static int refetch(struct context *context, const char *url, const char **text) {
    const struct http_request request = {.url = url};
    return document_refetch(context, &request, text);
}

static void assert_loads(struct house *house, const char *expected, int times_asked) {
    const char *text = NULL;
    assert_works(house->arena, load(&house->context, URL, &text));
    assert_string_equal(text, expected);
    assert_int_equal(asked(), times_asked);
}

static void a_document_is_fetched_once_a_day(void **state) {
    struct house house;
    open_house(&house, *state);
    assert_loads(&house, "{\"a\":1}", 1);
    answer_with(200, "{\"a\":2}");
    house.clock.fixed += DOCUMENT_AGE - 1;
    assert_loads(&house, "{\"a\":1}", 1);
    house.clock.fixed += 1;
    assert_loads(&house, "{\"a\":2}", 2);
    assert_loads(&house, "{\"a\":2}", 2);
    house_close(&house);
}

static void a_clock_set_back_does_not_keep_it_for_ever(void **state) {
    struct house house;
    open_house(&house, *state);
    assert_loads(&house, "{\"a\":1}", 1);
    house.clock.fixed -= 1000;
    assert_loads(&house, "{\"a\":1}", 2);
    house_close(&house);
}

static void a_provider_out_of_reach_is_bridged_for_a_while(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    assert_loads(&house, "{\"a\":1}", 1);
    house.clock.fixed += DOCUMENT_STALE - 1;
    failure = ERROR_HTTP_TIMEOUT;
    assert_loads(&house, "{\"a\":1}", 2);
    assert_non_null(strstr(house.log.bytes, "rule=http_timeout"));
    answer_with(503, "");
    assert_loads(&house, "{\"a\":1}", 3);
    house.clock.fixed += 1;
    assert_fails(house.arena, ERROR_HTTP_STATUS, load(&house.context, URL, &text));
    assert_null(text);
    house_close(&house);
}

static void a_wrong_answer_is_not_bridged(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    assert_loads(&house, "{\"a\":1}", 1);
    house.clock.fixed += DOCUMENT_AGE;
    answer_with(200, "<html>");
    assert_fails(house.arena, ERROR_JSON, load(&house.context, URL, &text));
    failure = ERROR_HTTP_TOO_LARGE;
    assert_fails(house.arena, ERROR_HTTP_TOO_LARGE, load(&house.context, URL, &text));
    house_close(&house);
}

/* What a request must keep to is kept to by the cache's own. */
static void it_is_asked_for_as_the_request_says(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    const struct http_request request = {.url = URL, .public_only = true};
    all_public_only = true;
    assert_works(house.arena, document_load(&house.context, &request, &text));
    house.clock.fixed += DOCUMENT_REFETCH_INTERVAL;
    assert_works(house.arena, document_refetch(&house.context, &request, &text));
    assert_int_equal(asked(), 2);
    assert_true(all_public_only);
    house_close(&house);
}

static void what_is_no_document_is_not_kept(void **state) {
    const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } bad[] = {
        {404, "{\"a\":1}", ERROR_HTTP_STATUS},
        {500, "{}", ERROR_HTTP_STATUS},
        {302, "{}", ERROR_HTTP_STATUS},
        {201, "{}", ERROR_HTTP_STATUS},
        {200, "[]", ERROR_JSON},
        {200, "", ERROR_JSON},
        {200, "{\"a\":1}}", ERROR_JSON},
        {200, "{\"a\":1,\"a\":2}", ERROR_JSON},
    };
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        answer_with(bad[i].status, bad[i].body);
        assert_fails(house.arena, bad[i].rule, load(&house.context, URL, &text));
        assert_null(text);
    }
    answer_with(200, "{\"b\":1}");
    assert_loads(&house, "{\"b\":1}", (int)(sizeof(bad) / sizeof(bad[0])) + 1);
    house_close(&house);
}

static void a_broken_cache_does_not_stop_a_login(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    assert_int_equal(mkdir(house_path(&house, "latchkey.db"), 0700), 0);
    assert_loads(&house, "{\"a\":1}", 1);
    assert_non_null(strstr(house.log.bytes, "rule=database"));
    assert_loads(&house, "{\"a\":1}", 2);
    assert_works(house.arena, refetch(&house.context, URL, &text));
    assert_string_equal(text, "{\"a\":1}");
    assert_int_equal(house.arena->error.rule, ERROR_NONE);
    house_close(&house);
}

static void an_address_we_may_not_call_is_refused(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    assert_fails(house.arena, ERROR_URL_NOT_ALLOWED,
                 load(&house.context, "http://op.example/keys", &text));
    assert_int_equal(asked(), 0);
    house_close(&house);
}

static void a_refetch_brings_the_new_document(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    assert_loads(&house, "{\"a\":1}", 1);
    answer_with(200, "{\"a\":2}");
    assert_works(house.arena, refetch(&house.context, URL, &text));
    assert_string_equal(text, "{\"a\":2}");
    assert_loads(&house, "{\"a\":2}", 2);
    house_close(&house);
}

static void a_refetch_happens_once_a_minute(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    assert_loads(&house, "{\"a\":1}", 1);
    assert_works(house.arena, refetch(&house.context, URL, &text));
    assert_int_equal(asked(), 2);
    house.clock.fixed += DOCUMENT_REFETCH_INTERVAL - 1;
    answer_with(200, "{\"a\":2}");
    assert_works(house.arena, refetch(&house.context, URL, &text));
    assert_string_equal(text, "{\"a\":1}");
    assert_int_equal(asked(), 2);
    house.clock.fixed += 1;
    assert_works(house.arena, refetch(&house.context, URL, &text));
    assert_string_equal(text, "{\"a\":2}");
    assert_int_equal(asked(), 3);
    house_close(&house);
}

static void a_failed_refetch_counts_too(void **state) {
    struct house house;
    const char *text = NULL;
    open_house(&house, *state);
    house.clock.fixed += 1;
    assert_loads(&house, "{\"a\":1}", 1);
    house.clock.fixed += 1;
    failure = ERROR_HTTP_FAILED;
    assert_fails(house.arena, ERROR_HTTP_FAILED, refetch(&house.context, URL, &text));
    house.clock.fixed += HTTP_TOTAL_TIMEOUT;
    text = "untouched";
    assert_works(house.arena, refetch(&house.context, URL, &text));
    assert_null(text);
    assert_int_equal(asked(), 2);
    assert_loads(&house, "{\"a\":1}", 2);
    house_close(&house);
}

static int refetch_from_many(void *closure, int number) {
    struct house *house = closure;
    const char *text = NULL;
    (void)number;
    house->context.database = database_new();
    int result = refetch(&house->context, URL, &text);
    database_free(house->context.database);
    return result == 0 && text != NULL && strcmp(text, "{\"a\":2}") == 0 ? 0 : 1;
}

static void twenty_logins_with_a_new_key_ask_once(void **state) {
    struct house house;
    open_house(&house, *state);
    assert_loads(&house, "{\"a\":1}", 1);
    database_free(house.context.database);
    house.context.database = NULL;
    house.clock.fixed += 10;
    answer_with(200, "{\"a\":2}");
    house_race(20, refetch_from_many, &house);
    assert_int_equal(asked(), 2);
    house_close(&house);
}

static const char *kept_at(struct house *house, int number) {
    const char *text = NULL;
    document_peek(&house->context, arena_format(house->arena, URL "?%d", number), &text);
    return text;
}

/* A provider may name another address each time it is asked. */
static void of_too_many_documents_the_oldest_go(void **state) {
    struct house house;
    open_house(&house, *state);
    for (int i = 0; i <= DOCUMENTS_LIMIT; i++) {
        const char *text = NULL;
        house.clock.fixed++;
        assert_works(house.arena,
                     load(&house.context, arena_format(house.arena, URL "?%d", i), &text));
    }
    assert_null(kept_at(&house, 0));
    assert_non_null(kept_at(&house, 1));
    assert_non_null(kept_at(&house, DOCUMENTS_LIMIT));
    house_close(&house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_document_is_fetched_once_a_day),
        unit_test(a_clock_set_back_does_not_keep_it_for_ever),
        unit_test(a_provider_out_of_reach_is_bridged_for_a_while),
        unit_test(a_wrong_answer_is_not_bridged),
        unit_test(it_is_asked_for_as_the_request_says),
        unit_test(what_is_no_document_is_not_kept),
        unit_test(a_broken_cache_does_not_stop_a_login),
        unit_test(an_address_we_may_not_call_is_refused),
        unit_test(a_refetch_brings_the_new_document),
        unit_test(a_refetch_happens_once_a_minute),
        unit_test(a_failed_refetch_counts_too),
        unit_test(twenty_logins_with_a_new_key_ask_once),
        unit_test(of_too_many_documents_the_oldest_go),
    };
    return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}

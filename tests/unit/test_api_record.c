/* login/api_record: what may stand in [api NAME], and what each mistake is answered with. */
#include "fixture.h"

#include "login/api_record.h"

#define OP "[provider op]\n" FIXTURE_PROVIDER
#define BASE "base_url = https://api.example/v1/\n"

/* The configuration has five lines before: "[api it]" stands in the first line of what is added. */
static int load(struct fixture *fixture, const char *settings, struct api_record *record) {
    const char *text =
        arena_format(fixture->arena, "[api it]\n%s\n[rule staff]\nrecent = 1h\n%s", settings, OP);
    assert_works(fixture->arena, fixture_config_load(fixture, text));
    return api_record_load(fixture->context, "it", record);
}

static void a_short_record_gets_the_defaults(void **state) {
    struct fixture *fixture = *state;
    struct api_record record;
    assert_works(fixture->arena, load(fixture, BASE, &record));
    assert_string_equal(record.name, "it");
    assert_string_equal(record.base_url, "https://api.example/v1/");
    assert_null(record.provider);
    assert_null(record.scope);
    assert_null(record.require);
    assert_null(record.key_field);
    assert_null(record.key_parameter);
    assert_string_equal(api_record_methods(fixture->arena, &record), "GET, HEAD");
    assert_int_equal(record.access, API_SIGNED_IN);
    assert_int_equal(record.cache, 0);
    assert_int_equal(record.body_limit, 1024 * 1024);
    assert_int_equal(record.answer_limit, 10 * 1024 * 1024);
    assert_int_equal(record.timeout, 30);
    const char *key = "?";
    assert_works(fixture->arena, api_record_key(fixture->context, &record, &key));
    assert_null(key);
}

static void every_setting_is_taken_over(void **state) {
    struct fixture *fixture = *state;
    struct api_record record;
    assert_works(fixture->arena,
                 load(fixture,
                      BASE "provider = op\nscope = notes https://op.example/auth/mail.read\n"
                           "methods = DELETE GET  PATCH\naccess = signed-in\nrequire = staff\n"
                           "key = hush\nkey_field = X-Api-Key\nbody_limit = 64k\n"
                           "answer_limit = 100m\ntimeout = 2m\ncache =\n",
                      &record));
    assert_string_equal(record.provider, "op");
    assert_string_equal(record.scope, "notes https://op.example/auth/mail.read");
    assert_string_equal(api_record_methods(fixture->arena, &record), "GET, PATCH, DELETE");
    assert_string_equal(record.require, "staff");
    assert_string_equal(record.key_field, "X-Api-Key");
    assert_int_equal(record.body_limit, 65536);
    assert_int_equal(record.answer_limit, 100 * 1024 * 1024);
    assert_int_equal(record.timeout, 120);

    assert_works(fixture->arena, load(fixture,
                                      BASE "access = anyone\ncache = 10m\nkey = hush\n"
                                           "key_parameter = appid\n",
                                      &record));
    assert_int_equal(record.access, API_ANYONE);
    assert_int_equal(record.cache, 600);
    assert_string_equal(record.key_parameter, "appid");
}

static void a_key_may_be_in_a_file(void **state) {
    struct fixture *fixture = *state;
    struct arena *arena = fixture->arena;
    struct api_record record;
    const char *path = house_path(&fixture->house, "it.key");
    const char *key = NULL;
    assert_works(arena, load(fixture, BASE "key_file = it.key\nkey_parameter = k\n", &record));
    assert_fails(arena, ERROR_KEY_FILE, api_record_key(fixture->context, &record, &key));
    house_write(path, "hush\nnot this\n", 0640);
    assert_works(arena, api_record_key(fixture->context, &record, &key));
    assert_string_equal(key, "hush");
    house_write(path, "hush", 0644);
    assert_fails(arena, ERROR_KEY_FILE, api_record_key(fixture->context, &record, &key));
    house_write(path, "\nhush", 0600);
    assert_fails(arena, ERROR_KEY_FILE, api_record_key(fixture->context, &record, &key));
    house_write(path, "hu\x01sh", 0600);
    assert_fails(arena, ERROR_KEY_FILE, api_record_key(fixture->context, &record, &key));
}

/* Settings, the line of the mistake counted from "[api it]", what the message says. */
static const struct {
    const char *settings;
    int line;
    const char *message;
} mistakes[] = {
    {"", 1, "base_url is missing"},
    {"base_url = http://api.example/", 2, "base_url must be like https"},
    {"base_url = https://api.example/?a=b", 2, "base_url must have no query"},
    {"base_url = https://api.example/a/..", 2, "base_url must have no empty"},
    {"base_url = https://user@api.example/", 2, "base_url must be like https"},
    {BASE "colour = red", 3, "has no setting colour"},
    {BASE "client_secret = x", 3, "has no setting client_secret"},
    {BASE "provider = nobody", 3, "provider must be the ID of"},
    {BASE "provider = op\nscope = \"notes\"", 4, "scope must be words"},
    {BASE "provider = op\nscope = a\\b", 4, "scope must be words"},
    {BASE "scope = notes", 3, "scope is a provider's"},
    {BASE "methods = get", 3, "methods must be some of"},
    {BASE "methods = GET, HEAD", 3, "methods must be some of"},
    {BASE "methods = CONNECT", 3, "methods must be some of"},
    {BASE "methods = TRACE GET", 3, "methods must be some of"},
    {BASE "access = everyone", 3, "access must be signed-in or anyone"},
    {BASE "provider = op\naccess = anyone", 4, "access must be signed-in where"},
    {BASE "require = nobody", 3, "there is no [rule nobody]"},
    {BASE "require =", 3, "require needs the name of a rule"},
    {BASE "require = staff nobody", 3, "there is no [rule nobody]"},
    {BASE "require = staff\naccess = anyone", 3, "require is of no use"},
    {BASE "key = hush", 3, "key needs key_field or key_parameter"},
    {BASE "key_file = hush", 3, "key_file needs key_field or key_parameter"},
    {BASE "key_field = X-Key", 3, "key_field needs key_file or key"},
    {BASE "key_parameter = appid", 3, "key_parameter needs key_file or key"},
    {BASE "key = a\nkey_file = b\nkey_field = X-Key", 3, "key must not be beside key_file"},
    {BASE "key = a\nkey_field = X-Key\nkey_parameter = k", 5, "must not be beside key_field"},
    {BASE "key = a\nkey_field = X Key", 4, "key_field must be the name of a field"},
    {BASE "key = a\nkey_field = host", 4, "key_field must be the name of a field"},
    {BASE "key = a\nkey_field = Cookie", 4, "key_field must be the name of a field"},
    {BASE "key = a\nkey_field = Transfer-Encoding", 4, "key_field must be the name of a field"},
    {BASE "key = a\nkey_field = proxy-authorization", 4, "key_field must be the name of a field"},
    {BASE "provider = op\nkey = a\nkey_field = authorization", 5, "must not be Authorization"},
    {BASE "key = a\nkey_parameter = a&b", 4, "key_parameter must be the name of a parameter"},
    {BASE "key = a\nkey_parameter = a b", 4, "key_parameter must be the name of a parameter"},
    {BASE "cache = 10", 3, "cache must be a time"},
    {BASE "provider = op\ncache = 10m", 4, "cache must not be where there is a provider"},
    {BASE "body_limit = 0", 3, "body_limit must be a size"},
    {BASE "body_limit = 9m", 3, "body_limit must be at most 8m"},
    {BASE "answer_limit = 2048m", 3, "answer_limit must be a size"},
    {BASE "timeout = 11m", 3, "timeout must be a time like 30s, at most 10m"},
    {BASE "timeout = soon", 3, "timeout must be a time like 30s, at most 10m"},
};

static void a_mistake_is_named_with_its_line(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(mistakes); i++) {
        struct api_record record;
        if (load(fixture, mistakes[i].settings, &record) != -1)
            fail_msg("accepted: %s", mistakes[i].settings);
        const struct error *error = &fixture->arena->error;
        const char *place =
            arena_format(fixture->arena, "latchkey.conf:%d: ", mistakes[i].line + 3);
        assert_int_equal(error->rule, ERROR_CONFIG);
        if (strstr(error->detail, place) == NULL ||
            strstr(error->detail, mistakes[i].message) == NULL)
            fail_msg("not \"%s\" and \"%s\" in: %s", place, mistakes[i].message, error->detail);
        arena_forget_error(fixture->arena);
    }
}

static void a_record_that_is_none(void **state) {
    struct fixture *fixture = *state;
    struct api_record record;
    assert_works(fixture->arena, load(fixture, BASE, &record));
    assert_fails(fixture->arena, ERROR_API_UNKNOWN,
                 api_record_load(fixture->context, "other", &record));
    assert_fails(fixture->arena, ERROR_API_UNKNOWN, api_record_load(fixture->context, "", &record));
}

static void take_down(void *closure, const char *mistake) {
    buffer_add_format(closure, "%s\n", mistake);
}

static void all_mistakes_are_told(void **state) {
    struct fixture *fixture = *state;
    struct buffer told;
    buffer_open(fixture->arena, &told);
    struct config_witness witness = {.tell = take_down, .closure = &told};
    assert_works(fixture->arena,
                 fixture_config_load(fixture,
                                     "[api one]\nmethods = FETCH\n"
                                     "timeout = never\n"
                                     "[api two]\n" BASE "[api three]\n" BASE "scope = x\n"
                                     "[api four]\n" BASE "key_file = none\nkey_field = X\n"));
    api_record_check_all(fixture->context, &witness);
    assert_int_equal(witness.mistakes, 4);
    assert_int_equal(fixture->arena->error.rule, ERROR_NONE);
    assert_non_null(strstr(told.bytes, "latchkey.conf:5: methods must"));
    assert_non_null(strstr(told.bytes, "latchkey.conf:6: timeout must"));
    assert_non_null(strstr(told.bytes, "latchkey.conf:11: scope is"));
    assert_non_null(strstr(told.bytes, "cannot open"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_short_record_gets_the_defaults),
        fixture_test(every_setting_is_taken_over),
        fixture_test(a_key_may_be_in_a_file),
        fixture_test(a_mistake_is_named_with_its_line),
        fixture_test(a_record_that_is_none),
        fixture_test(all_mistakes_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

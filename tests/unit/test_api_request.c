/* login/api_request: what goes out to an API, by each way of giving access. */
#include "fixture.h"

#include "login/api_request.h"

#define OP "[provider op]\n" FIXTURE_PROVIDER
#define BASE "base_url = https://api.example/v1/\n"

/* The meta-variables of the browser's request: name and value in turn. */
static const char *const *variables_of_test;
static const char *body_of_test;

static const char *variable(const struct gateway *gateway, const char *name) {
    (void)gateway;
    for (const char *const *pair = variables_of_test; pair != NULL && *pair != NULL; pair += 2)
        if (text_equal(pair[0], name))
            return pair[1];
    return NULL;
}

static ssize_t read_body(const struct gateway *gateway, void *bytes, size_t size) {
    (void)gateway;
    size_t length = strnlen(body_of_test, size);
    memcpy(bytes, body_of_test, length);
    body_of_test += length;
    return (ssize_t)length;
}

static const struct gateway browser = {.variable = variable, .read = read_body};

struct scene {
    struct fixture *fixture;
    struct api_record record;
    struct request request;
    struct usable_token token;
    struct api_call call;
    struct http_request *made;
};

/* Configured so; the call is made by GET of /x, in nobody's name. */
static void open_scene(struct scene *scene, struct fixture *fixture, const char *api,
                       const char *provider) {
    struct arena *arena = fixture->arena;
    *scene = (struct scene){.fixture = fixture};
    fixture_config(fixture, arena_format(arena, "[api it]\n%s" OP "%s", api, provider));
    assert_works(arena, api_record_load(fixture->context, "it", &scene->record));
    variables_of_test = NULL;
    body_of_test = "";
    scene->request = fixture_request(fixture);
    scene->request.gateway = &browser;
    scene->token = (struct usable_token){
        .provider = &fixture->provider, .access_token = "at+1/=", .token_secret = "ts"};
    scene->call =
        (struct api_call){.record = &scene->record, .request = &scene->request, .path = "/x"};
}

static int make(struct scene *scene) {
    struct context *context = scene->fixture->context;
    if (api_request_read(context, &scene->call) != 0 ||
        api_record_key(context, &scene->record, &scene->call.key) != 0 ||
        api_request_make(context, &scene->call, &scene->made) != 0)
        return -1;
    return api_request_authorize(context, &scene->call, scene->made);
}

static void make_as_person(struct scene *scene) {
    scene->call.token = &scene->token;
    assert_works(scene->fixture->arena, make(scene));
}

static const char *field(const struct http_request *request, const char *name) {
    const struct fixture_call call = {.fields = request->fields};
    return fixture_field(&call, name);
}

static void send_body(struct scene *scene, enum method method, const char *type, const char *body) {
    static const char *pairs[5];
    pairs[0] = "CONTENT_LENGTH";
    pairs[1] = arena_format(scene->fixture->arena, "%zu", strlen(body));
    pairs[2] = type == NULL ? NULL : "CONTENT_TYPE";
    pairs[3] = type;
    pairs[4] = NULL;
    variables_of_test = pairs;
    body_of_test = body;
    scene->request.method = method;
}

static void in_nobodys_name(void **state) {
    struct scene scene;
    open_scene(&scene, *state, BASE "timeout = 5s\nanswer_limit = 2m\n", "");
    scene.request.query_string = "a=b";
    assert_works(scene.fixture->arena, make(&scene));
    assert_string_equal(scene.made->url, "https://api.example/v1/x?a=b");
    assert_string_equal(scene.made->method, "GET");
    assert_string_equal(scene.made->accept, "*/*");
    assert_int_equal(scene.made->timeout, 5000);
    assert_int_equal(scene.made->answer_limit, 2 * 1024 * 1024);
    assert_null(scene.made->fields);
    assert_null(scene.made->body);
    assert_false(scene.made->public_only);
}

static void a_key_in_its_place(void **state) {
    struct scene scene;
    open_scene(&scene, *state, BASE "key = a b&c\nkey_parameter = appid\n", "");
    assert_works(scene.fixture->arena, make(&scene));
    assert_string_equal(scene.made->url, "https://api.example/v1/x?appid=a%20b%26c");
    open_scene(&scene, *state, BASE "key = Bearer abc\nkey_field = Authorization\n", "");
    assert_works(scene.fixture->arena, make(&scene));
    assert_string_equal(field(scene.made, "Authorization"), "Bearer abc");
}

/* What a browser sends under the same name does not stand beside the key. */
static void a_key_is_not_doubled(void **state) {
    static const char *const sent[] = {"HTTP_PREFER", "theirs", NULL};
    struct scene scene;
    open_scene(&scene, *state, BASE "key = ours\nkey_field = prefer\n", "");
    variables_of_test = sent;
    assert_works(scene.fixture->arena, make(&scene));
    assert_string_equal(scene.made->fields->value, "ours");
    assert_null(scene.made->fields->next);
}

static void a_token_in_the_field_authorization(void **state) {
    struct scene scene;
    open_scene(&scene, *state, BASE "provider = op\n", "user_agent = agent/1\n");
    make_as_person(&scene);
    assert_string_equal(field(scene.made, "Authorization"), "Bearer at+1/=");
    assert_string_equal(scene.made->url, "https://api.example/v1/x");
    assert_string_equal(scene.made->user_agent, "agent/1");
    open_scene(&scene, *state, BASE "provider = op\nkey = k\nkey_field = Client-Id\n",
               "userinfo_token = header:OAuth\n");
    make_as_person(&scene);
    assert_string_equal(field(scene.made, "Authorization"), "OAuth at+1/=");
    assert_string_equal(field(scene.made, "Client-Id"), "k");
}

static void a_token_in_the_query(void **state) {
    struct scene scene;
    open_scene(&scene, *state, BASE "provider = op\n", "userinfo_token = query:tok\n");
    scene.request.query_string = "a=b";
    make_as_person(&scene);
    assert_string_equal(scene.made->url, "https://api.example/v1/x?a=b&tok=at%2B1%2F%3D");
    assert_null(field(scene.made, "Authorization"));
}

/* RFC 6750 2.2, as far as there is a form. */
static void a_token_in_a_form(void **state) {
    struct scene scene;
    const char *type = "application/x-www-form-urlencoded; charset=utf-8";
    open_scene(&scene, *state, BASE "provider = op\nmethods = GET POST PUT\n",
               "userinfo_token = form:tok\nuserinfo_endpoint_method = POST\n");
    send_body(&scene, METHOD_POST, type, "a=b");
    make_as_person(&scene);
    assert_string_equal(scene.made->form, "a=b&tok=at%2B1%2F%3D");
    assert_null(scene.made->body);
    assert_string_equal(scene.made->url, "https://api.example/v1/x");

    send_body(&scene, METHOD_POST, NULL, "");
    make_as_person(&scene);
    assert_string_equal(scene.made->form, "tok=at%2B1%2F%3D");

    const char *others[][2] = {{"application/json", "{}"}, {NULL, "a=b"}};
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++) {
        send_body(&scene, METHOD_PUT, others[i][0], others[i][1]);
        make_as_person(&scene);
        assert_null(scene.made->form);
        assert_string_equal(scene.made->body, others[i][1]);
        assert_string_equal(scene.made->url, "https://api.example/v1/x?tok=at%2B1%2F%3D");
    }
    send_body(&scene, METHOD_GET, NULL, "");
    make_as_person(&scene);
    assert_string_equal(scene.made->url, "https://api.example/v1/x?tok=at%2B1%2F%3D");
}

static void nobody_brings_another_token(void **state) {
    struct scene scene;
    struct arena *arena = ((struct fixture *)*state)->arena;
    const char *bad[] = {"access_token=x", "tok=x", "TOK=x", "a=b&t%6fk=x"};
    open_scene(&scene, *state, BASE "provider = op\nmethods = GET POST\n",
               "userinfo_token = form:tok\nuserinfo_endpoint_method = POST\n");
    scene.call.token = &scene.token;
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++) {
        scene.request.query_string = bad[i];
        assert_fails(arena, ERROR_REQUEST_MALFORMED, make(&scene));
        scene.request.query_string = "";
        send_body(&scene, METHOD_POST, "application/x-www-form-urlencoded", bad[i]);
        assert_fails(arena, ERROR_REQUEST_MALFORMED, make(&scene));
        scene.request.method = METHOD_GET;
    }
    /* In nobody's name, it is a parameter like any other. */
    scene.call.token = NULL;
    scene.request.query_string = "tok=x";
    assert_works(arena, make(&scene));
}

/* RFC 5849 3.4.1: the signature covers method, URL and form. */
static void a_request_is_signed(void **state) {
    struct fixture *fixture = *state;
    struct scene scene;
    const char *provider = "type = oauth1\ntemporary_credential_endpoint = https://op.example/t\n"
                           "claim_sub = id\n";
    const char *signatures[3];
    struct signature_case {
        enum method method;
        const char *query;
        const char *body;
    } cases[] = {{METHOD_GET, "", ""}, {METHOD_DELETE, "a=b", ""}, {METHOD_PUT, "", "c=d"}};
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++) {
        const char *text =
            arena_format(fixture->arena,
                         "[api it]\n" BASE "provider = op\nmethods = GET PUT DELETE\n"
                         "[provider op]\nclient_id = c\nclient_secret = s\n"
                         "authorization_endpoint = https://op.example/a\n"
                         "token_endpoint = https://op.example/b\n"
                         "userinfo_endpoint = https://op.example/u\n%s",
                         provider);
        open_scene(&scene, fixture, BASE, "");
        fixture_config(fixture, text);
        assert_works(fixture->arena, api_record_load(fixture->context, "it", &scene.record));
        send_body(&scene, cases[i].method, "application/x-www-form-urlencoded", cases[i].body);
        scene.request.query_string = cases[i].query;
        make_as_person(&scene);
        const char *signature = field(scene.made, "Authorization");
        assert_true(text_starts_with(signature, "OAuth "));
        assert_non_null(strstr(signature, "oauth_token=\"at%2B1%2F%3D\""));
        assert_null(strstr(signature, "\"ts\""));
        signatures[i] = strstr(signature, "oauth_signature=");
        assert_non_null(signatures[i]);
        if (*cases[i].body != '\0')
            assert_string_equal(scene.made->form, cases[i].body);
    }
    assert_string_not_equal(signatures[0], signatures[1]);
    assert_string_not_equal(signatures[0], signatures[2]);
}

/* A person's token goes to the person's own server, and nowhere else. */
static void an_api_at_each_instance(void **state) {
    struct fixture *fixture = *state;
    struct scene scene;
    open_scene(&scene, fixture, "provider = op\nbase_url = https://{instance}/api/v1/\n", "");
    struct provider many = fixture->provider;
    many.asks_instance = true;
    many.instance = "social.example";
    scene.token.provider = &many;
    make_as_person(&scene);
    assert_string_equal(scene.made->url, "https://social.example/api/v1/x");
    assert_true(scene.made->public_only);
    assert_true(scene.made->timeout <= 5000);

    open_scene(&scene, fixture, "provider = op\n" BASE, "");
    scene.token.provider = &many;
    scene.call.token = &scene.token;
    assert_fails(fixture->arena, ERROR_CONFIG, make(&scene));
    open_scene(&scene, fixture, "provider = op\nbase_url = https://{instance}/\n", "");
    scene.call.token = &scene.token;
    assert_fails(fixture->arena, ERROR_CONFIG, make(&scene));
}

static void conditions_and_ranges(void **state) {
    static const char *const conditional[] = {"HTTP_IF_NONE_MATCH", "\"x\"", NULL};
    static const char *const ranged[] = {"HTTP_RANGE", "bytes=0-9", NULL};
    struct scene scene;
    open_scene(&scene, *state, BASE, "");
    assert_works(scene.fixture->arena, make(&scene));
    assert_false(api_request_is_conditional(scene.made));
    variables_of_test = conditional;
    assert_works(scene.fixture->arena, make(&scene));
    assert_true(api_request_is_conditional(scene.made));
    assert_false(scene.made->uncompressed);
    variables_of_test = ranged;
    assert_works(scene.fixture->arena, make(&scene));
    assert_true(scene.made->uncompressed);
    assert_false(api_request_is_conditional(scene.made));
}

/* An answer that is kept for all depends on nothing but what it is kept under. */
static void what_is_kept_for_all_is_asked_for_all(void **state) {
    static const char *const sent[] = {
        "HTTP_IF_NONE_MATCH",   "\"x\"", "HTTP_RANGE", "bytes=0-9", "HTTP_PREFER", "x",
        "HTTP_ACCEPT_LANGUAGE", "ko",    NULL};
    struct scene scene;
    open_scene(&scene, *state, BASE "cache = 1m\n", "");
    variables_of_test = sent;
    assert_works(scene.fixture->arena, make(&scene));
    assert_string_equal(scene.made->fields->name, "Accept-Language");
    assert_null(scene.made->fields->next);
    scene.request.method = METHOD_HEAD;
    assert_works(scene.fixture->arena, make(&scene));
    assert_non_null(field(scene.made, "If-None-Match"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(in_nobodys_name),
        fixture_test(a_key_in_its_place),
        fixture_test(a_key_is_not_doubled),
        fixture_test(a_token_in_the_field_authorization),
        fixture_test(a_token_in_the_query),
        fixture_test(a_token_in_a_form),
        fixture_test(nobody_brings_another_token),
        fixture_test(a_request_is_signed),
        fixture_test(an_api_at_each_instance),
        fixture_test(conditions_and_ranges),
        fixture_test(what_is_kept_for_all_is_asked_for_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

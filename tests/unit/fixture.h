/*
 * fixture: a site, its providers and a browser, for tests of the protocols and of logins.
 *
 * A fixture_test() gets a struct fixture as *state: a house (house.h) with the configuration of
 * https://www.example.org, a network that answers by script, and a browser's cookies.
 *
 *     fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER);
 *     fixture_answer(fixture, FIXTURE_ISSUER "/token", 200, "application/json", "{…}");
 *     …
 *     assert_non_null(strstr(fixture->calls->form, "grant_type=authorization_code"));
 *
 * The script is a queue: the n-th call gets the n-th answer and must ask for its URL. A call that no
 * answer stands for fails the test, and so does an answer that nobody asked for.
 */
#ifndef LATCHKEY_TESTS_FIXTURE_H
#define LATCHKEY_TESTS_FIXTURE_H

#include "house.h"

#include "base/text.h"
#include "edge/http_client.h"
#include "edge/request.h"
#include "edge/response.h"
#include "format/base64url.h"
#include "format/jws.h"
#include "format/signature.h"
#include "oauth/metadata.h"
#include "oauth/provider.h"

#define FIXTURE_SITE "https://www.example.org"
#define FIXTURE_ISSUER "https://op.example"
#define FIXTURE_CLIENT "client-1"
#define FIXTURE_SECRET "a secret of more than thirty-two bytes"

/* The settings of a provider that says all of itself, so that nothing is discovered. */
#define FIXTURE_PROVIDER                                                                           \
    "issuer = " FIXTURE_ISSUER "\nclient_id = " FIXTURE_CLIENT "\nclient_secret = " FIXTURE_SECRET \
    "\nauthorization_endpoint = " FIXTURE_ISSUER "/authorize\ntoken_endpoint = " FIXTURE_ISSUER    \
    "/token\nuserinfo_endpoint = " FIXTURE_ISSUER "/userinfo\njwks_uri = " FIXTURE_ISSUER          \
    "/jwks\n"

/* The same provider, but discovered. */
#define FIXTURE_DISCOVERED                                                                         \
    "issuer = " FIXTURE_ISSUER "\nclient_id = " FIXTURE_CLIENT "\nclient_secret = " FIXTURE_SECRET \
    "\n"

struct fixture_answer {
    const char *url;
    int status;
    const char *type;
    const char *body;
    enum error_rule failure; /* of the network; ERROR_NONE: it answers */
    struct fixture_answer *next;
};

struct fixture_call {
    const char *url;
    const char *form; /* without form, json and post: a GET */
    const char *json;
    bool post; /* a POST, although there is no body */
    const char *accept;
    const char *user_agent;
    bool public_only;
    uint32_t timeout;
    const struct http_field *fields;
    struct fixture_call *next;
};

struct fixture_cookie {
    const char *name;
    const char *value; /* NULL: removed */
    const char *attributes;
    struct fixture_cookie *next;
};

struct fixture {
    struct house house;
    struct arena *arena;
    struct context *context;
    struct provider provider;    /* [provider op], once configured */
    struct metadata metadata;    /* of FIXTURE_PROVIDER's endpoints */
    struct signing_key key;      /* ES256, kid "k1" */
    struct fixture_answer *next; /* what the next call gets */
    struct fixture_call *calls;  /* in order */
    size_t call_count;
    struct fixture_cookie *cookies; /* the browser's, with the removed ones */
    struct arena memory;
};

/* A transport has no place for its owner: the fixture of the test that runs. */
static struct fixture *fixture_of_test;

#define fixture_test(function)                                                                     \
    cmocka_unit_test_setup_teardown(function, fixture_setup, fixture_teardown)

#define FIXTURE_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* ---- the network ----------------------------------------------------------------------------- */

static inline void fixture_record(struct fixture *fixture, const struct http_request *request) {
    struct fixture_call **end = &fixture->calls;
    while (*end != NULL)
        end = &(*end)->next;
    *end = arena_alloc(fixture->arena, sizeof(**end));
    **end = (struct fixture_call){
        .url = request->url,
        .form = request->form,
        .json = request->json,
        .post = request->post,
        .accept = request->accept,
        .user_agent = request->user_agent,
        .public_only = request->public_only,
        .timeout = request->timeout,
        .fields = request->fields,
    };
    fixture->call_count++;
}

static inline int fixture_perform(struct arena *arena, const struct http_request *request,
                                  struct http_response *response) {
    struct fixture *fixture = fixture_of_test;
    const struct fixture_answer *answer = fixture->next;
    fixture_record(fixture, request);
    if (answer == NULL)
        fail_msg("nobody expected a call to %s", request->url);
    fixture->next = answer->next;
    assert_string_equal(request->url, answer->url);
    if (answer->failure != ERROR_NONE)
        return fail(arena, answer->failure, "by script");
    *response = (struct http_response){
        .status = answer->status,
        .content_type = answer->type,
        .body = answer->body,
        .body_length = strlen(answer->body),
    };
    return 0;
}

static const struct http_transport fixture_transport = {.perform = fixture_perform};

static inline void fixture_enqueue(struct fixture *fixture, const struct fixture_answer *answer) {
    struct fixture_answer **end = &fixture->next;
    while (*end != NULL)
        end = &(*end)->next;
    *end = arena_alloc(fixture->arena, sizeof(**end));
    **end = *answer;
}

static inline void fixture_answer(struct fixture *fixture, const char *url, int status,
                                  const char *type, const char *body) {
    fixture_enqueue(fixture, &(struct fixture_answer){
                                 .url = url, .status = status, .type = type, .body = body});
}

static inline void fixture_answer_json(struct fixture *fixture, const char *url, const char *body) {
    fixture_answer(fixture, url, 200, "application/json", body);
}

static inline void fixture_answer_failure(struct fixture *fixture, const char *url,
                                          enum error_rule failure) {
    fixture_enqueue(fixture, &(struct fixture_answer){.url = url, .failure = failure});
}

/* The field of a call, or NULL. */
static inline const char *fixture_field(const struct fixture_call *call, const char *name) {
    for (const struct http_field *field = call->fields; field != NULL; field = field->next)
        if (text_equal(field->name, name))
            return field->value;
    return NULL;
}

/* A call's form, or the query of a URI, as a form. */
static inline struct form fixture_form(struct fixture *fixture, const char *text) {
    struct form form;
    assert_non_null(text);
    assert_works(fixture->arena, form_parse(fixture->arena, text, strlen(text), &form));
    return form;
}

static inline struct form fixture_query(struct fixture *fixture, const char *uri) {
    const char *query = strchr(uri, '?');
    return query == NULL ? (struct form){.first = NULL} : fixture_form(fixture, query + 1);
}

/* ---- the configuration ----------------------------------------------------------------------- */

/* Writes and reads a whole configuration: what stands before a section of `text` belongs to [site].
 * 0, or -1 with the error recorded. */
static inline int fixture_config_load(struct fixture *fixture, const char *text) {
    const char *path = house_path(&fixture->house, "latchkey.conf");
    const char *site = "[site]\nbase_url = " FIXTURE_SITE "\nstate_dir = ";
    const char *whole = arena_format(fixture->arena, "%s%s\n%s", site, fixture->house.folder, text);
    house_write(path, whole, 0600);
    return config_load(fixture->arena, path, &fixture->house.config);
}

/* The same for one that must be good, with a [provider op]. */
static inline void fixture_config(struct fixture *fixture, const char *text) {
    assert_works(fixture->arena, fixture_config_load(fixture, text));
    assert_works(fixture->arena, provider_load(fixture->context, "op", NULL, &fixture->provider));
}

/* ---- keys and tokens ------------------------------------------------------------------------- */

/* A JWK Set of these keys' public halves; the list ends with NULL. */
static inline const char *fixture_jwks(struct fixture *fixture,
                                       const struct signing_key *const keys[]) {
    struct json *list = json_array(fixture->arena);
    for (; *keys != NULL; keys++) {
        struct json *jwk = NULL;
        assert_works(fixture->arena, signing_key_public(fixture->arena, *keys, &jwk));
        json_append(list, jwk);
    }
    struct json *set = json_object(fixture->arena);
    json_put(fixture->arena, set, "keys", list);
    return json_write(fixture->arena, set);
}

/* The set that holds fixture->key alone. */
static inline const char *fixture_own_jwks(struct fixture *fixture) {
    return fixture_jwks(fixture, (const struct signing_key *const[]){&fixture->key, NULL});
}

/* A JWS of any header and payload, rightly signed. */
static inline const char *fixture_sign(struct fixture *fixture, const struct signing_key *key,
                                       const char *header, const char *payload) {
    struct arena *arena = fixture->arena;
    unsigned char *signature = NULL;
    size_t length = 0;
    const char *input =
        arena_format(arena, "%s.%s", base64url_encode(arena, header, strlen(header)),
                     base64url_encode(arena, payload, strlen(payload)));
    assert_works(arena, signature_make(arena, key, input, &signature, &length));
    return arena_format(arena, "%s.%s", input, base64url_encode(arena, signature, length));
}

/* The payload, signed by fixture->key. */
static inline const char *fixture_token(struct fixture *fixture, const char *payload) {
    return fixture_sign(fixture, &fixture->key, "{\"alg\":\"ES256\",\"kid\":\"k1\"}", payload);
}

/* Members of a JSON object: names and the values' raw text; the list ends with a NULL name. */
struct fixture_member {
    const char *name;
    const char *raw; /* NULL: the member is left out */
};

/* The object of `members`, with one of them replaced, left out (raw == NULL) or added. */
static inline const char *fixture_object(struct arena *arena, const struct fixture_member *members,
                                         const char *name, const char *raw) {
    struct buffer text;
    bool replaced = false;
    buffer_open(arena, &text);
    for (; members->name != NULL; members++) {
        bool is_it = text_equal(members->name, name);
        const char *value = is_it ? raw : members->raw;
        replaced = replaced || is_it;
        if (value != NULL)
            buffer_add_format(&text, "%s\"%s\":%s", text.length == 0 ? "" : ",", members->name,
                              value);
    }
    if (!replaced && name != NULL && raw != NULL)
        buffer_add_format(&text, ",\"%s\":%s", name, raw);
    return arena_format(arena, "{%s}", text.bytes);
}

static inline struct json *fixture_json(struct fixture *fixture, const char *text) {
    struct json *value = NULL;
    assert_works(fixture->arena, json_parse(fixture->arena, text, strlen(text), &value));
    return value;
}

/* ---- the browser ----------------------------------------------------------------------------- */

static inline int fixture_write(const struct gateway *gateway, const void *bytes, size_t length) {
    buffer_add(gateway->stream, bytes, length);
    return 0;
}

/* The response as it is sent. */
static inline const char *fixture_sent(struct fixture *fixture, const struct response *response) {
    struct buffer text;
    buffer_open(fixture->arena, &text);
    const struct gateway gateway = {.write = fixture_write, .stream = &text};
    assert_int_equal(response_send(response, &gateway), 0);
    return text.bytes;
}

static inline struct fixture_cookie *fixture_cookie(struct fixture *fixture, const char *name) {
    for (struct fixture_cookie *cookie = fixture->cookies; cookie != NULL; cookie = cookie->next)
        if (text_equal(cookie->name, name))
            return cookie;
    return NULL;
}

static inline void fixture_set_cookie(struct fixture *fixture, const char *field) {
    struct arena *arena = fixture->arena;
    size_t name = strcspn(field, "=");
    size_t value = strcspn(field + name + 1, ";");
    const char *name_text = arena_copy(arena, field, name);
    struct fixture_cookie *cookie = fixture_cookie(fixture, name_text);
    if (cookie == NULL) {
        struct fixture_cookie **end = &fixture->cookies;
        while (*end != NULL)
            end = &(*end)->next;
        *end = arena_alloc(arena, sizeof(**end));
        cookie = *end;
    }
    cookie->name = name_text;
    cookie->value =
        strstr(field, "; Max-Age=0;") != NULL ? NULL : arena_copy(arena, field + name + 1, value);
    cookie->attributes = arena_text(arena, field + name + 1 + value);
}

/* The browser takes over the cookies of a response. */
static inline void fixture_take(struct fixture *fixture, const struct response *response) {
    static const char field[] = "Set-Cookie: ";
    const char *line = fixture_sent(fixture, response);
    for (line = strstr(line, field); line != NULL; line = strstr(line + 1, field)) {
        const char *start = line + sizeof(field) - 1;
        fixture_set_cookie(fixture, arena_copy(fixture->arena, start, strcspn(start, "\r\n")));
    }
}

/* The browser's next request. */
/* A web server that tells nothing besides. */
static inline const char *fixture_variable(const struct gateway *gateway, const char *name) {
    (void)gateway;
    (void)name;
    return NULL;
}

static const struct gateway fixture_server = {.variable = fixture_variable};

static inline struct request fixture_request(struct fixture *fixture) {
    struct buffer cookies;
    buffer_open(fixture->arena, &cookies);
    for (const struct fixture_cookie *cookie = fixture->cookies; cookie != NULL;
         cookie = cookie->next)
        if (cookie->value != NULL)
            buffer_add_format(&cookies, "%s%s=%s", cookies.length == 0 ? "" : "; ", cookie->name,
                              cookie->value);
    return (struct request){
        .method = METHOD_GET,
        .path_info = "",
        .query_string = "",
        .gateway = &fixture_server,
        .cookies = cookies.length == 0 ? NULL : cookies.bytes,
        .user_agent = "Unit/1.0",
        .remote_addr = "192.0.2.1",
    };
}

/* How many cookies the browser has. */
static inline size_t fixture_cookie_count(const struct fixture *fixture) {
    size_t count = 0;
    for (const struct fixture_cookie *cookie = fixture->cookies; cookie != NULL;
         cookie = cookie->next)
        count += cookie->value != NULL;
    return count;
}

/* ---- setting up ------------------------------------------------------------------------------ */

static inline int fixture_setup(void **state) {
    struct fixture *fixture = calloc(1, sizeof(*fixture));
    if (fixture == NULL)
        return -1;
    struct arena *arena = &fixture->memory;
    arena_open(arena, ARENA_LIMIT);
    fixture->arena = arena;
    house_open(&fixture->house, arena);
    fixture->context = &fixture->house.context;
    fixture->context->transport = &fixture_transport;
    fixture_of_test = fixture;
    fixture->metadata = (struct metadata){
        .issuer = FIXTURE_ISSUER,
        .authorization_endpoint = FIXTURE_ISSUER "/authorize",
        .token_endpoint = FIXTURE_ISSUER "/token",
        .userinfo_endpoint = FIXTURE_ISSUER "/userinfo",
        .jwks_uri = FIXTURE_ISSUER "/jwks",
    };
    *state = fixture;
    if (signing_key_generate(arena, "ES256", "k1", &fixture->key) != 0)
        return -1;
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER);
    return 0;
}

static inline int fixture_teardown(void **state) {
    struct fixture *fixture = *state;
    bool all_asked = fixture->next == NULL;
    if (!all_asked)
        print_error("nobody asked for %s\n", fixture->next->url);
    signing_key_free(&fixture->key);
    house_close(&fixture->house);
    arena_close(&fixture->memory);
    free(fixture);
    return all_asked ? 0 : -1;
}

#endif

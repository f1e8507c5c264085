/* oauth/login_values: what a record's templates may ask for, and that no value leaves its place. */
#include "unit.h"

#include "base/text.h"
#include "oauth/login_values.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct provider provider = {.client_id = "client-1", .client_secret = "hush"};
static const struct provider registered_nowhere = {.client_id = NULL};

/* A login on its last step: all is known. */
static struct login_values all(struct arena *arena) {
    static const char *const answers[MAPPING_SOURCE_COUNT] = {
        [MAPPING_ID_TOKEN] = "{\"sub\":\"s-1\"}",
        [MAPPING_TOKEN] =
            "{\"uid\":123456789012345678901,\"openid\":\"o 1\",\"list\":[{\"x\":\"y\"}],"
            "\"null\":null,\"empty\":\"\",\"yes\":true,\"float\":1.5,\"object\":{},"
            "\"dots\":\"..\",\"dot\":\".\",\"path\":\"../../admin\","
            "\"line\":\"a\\nb\",\"evil\":\"x&y=z#f?q/\"}",
        [MAPPING_USERINFO] = "{\"login\":\"ada\",\"user\":{\"id\":\"7\"}}",
        [MAPPING_USERINFO2] = "{\"more\":\"m\"}",
        [MAPPING_CALLBACK] = "{\"device_id\":\"d/1\",\"user\":\"{\\\"name\\\":\\\"Ada\\\"}\"}",
        [MAPPING_VARIABLE] = "{\"tenant\":\"t\"}",
    };
    struct login_values values = {
        .provider = &provider,
        .redirect_uri = "https://www.example.org/cgi-bin/callback.cgi/op",
        .state = "state-1",
        .access_token = "token-1",
        .token_secret = "never-told",
        .id_token = "a.b.c",
        .post_logout_redirect_uri = "https://www.example.org/cgi-bin/logout.cgi",
    };
    for (size_t i = 0; i < MAPPING_SOURCE_COUNT; i++) {
        struct json *answer = NULL;
        if (answers[i] == NULL)
            continue;
        assert_works(arena, json_parse(arena, answers[i], strlen(answers[i]), &answer));
        values.answers.of[i] = answer;
    }
    return values;
}

static const char *uri_of(struct arena *arena, const struct login_values *values,
                          const char *template) {
    const char *uri = NULL;
    assert_works(arena, login_values_uri(arena, values, template, &uri));
    return uri;
}

static void every_name_is_filled_in(void **state) {
    static const char *const cases[][2] = {
        {"{client_id}", "client-1"},
        {"{client_secret}", "hush"},
        {"{redirect_uri}", "https://www.example.org/cgi-bin/callback.cgi/op"},
        {"{state}", "state-1"},
        {"{access_token}", "token-1"},
        {"{id_token}", "a.b.c"},
        {"{post_logout_redirect_uri}", "https://www.example.org/cgi-bin/logout.cgi"},
        {"{callback:device_id}", "d/1"},
        {"{callback:user.name}", "Ada"},
        {"{token:uid}", "123456789012345678901"},
        {"{token:list[x=y].x}", "y"},
        {"{token:missing | token:openid}", "o 1"},
        {"{userinfo:user.id}", "7"},
        {"{userinfo2:more}", "m"},
        {"{id_token:sub}", "s-1"},
        {"{client_id}:{state}", "client-1:state-1"},
        {"plain", "plain"},
    };
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = NULL;
        assert_works(arena, login_values_text(arena, &values, cases[i][0], &text));
        assert_string_equal(text, cases[i][1]);
    }
}

static int fails_everywhere(struct arena *arena, const struct login_values *values,
                            const char *template, const char *name) {
    struct form form = {.first = NULL};
    const char *text = NULL;
    int result = login_values_text(arena, values, template, &text);
    assert_null(text);
    if (strstr(arena->error.detail, name) == NULL)
        fail_msg("%s: %s", template, arena->error.detail);
    arena_forget_error(arena);
    assert_int_equal(login_values_uri(arena, values, template, &text), result);
    assert_null(text);
    arena_forget_error(arena);
    assert_int_equal(login_values_put(arena, values, arena_format(arena, "x=%s", template), &form),
                     result);
    assert_null(form.first);
    return result;
}

/* Nothing is left out silently: an empty address would be another one. */
static void what_is_not_there_is_a_failure(void **state) {
    static const char *const names[] = {
        "token:missing",
        "token:null",
        "token:empty",
        "token:yes",
        "token:float",
        "token:object",
        "token:list",
        "token:uid.x",
        "token:list[1].x",
        "userinfo:id",
        "callback:code",
        "callback:user.x",
        "nobody:x",
        "variable:missing",
        "tenant",
        "token_secret",
        "Client_id",
        " client_id",
        "hmac_sha256:",
        "hmac_sha256:client_secret",
        "hmac_sha256:x:state",
        "hmac_sha256:client_secret:x",
        "hmac_sha256:client_secret:",
        "hmac_sha256::state",
        "hmac_sha256:client_secret:token:uid",
    };
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    for (size_t i = 0; i < COUNT(names); i++)
        assert_fails(arena, ERROR_TOKEN_RESPONSE,
                     fails_everywhere(arena, &values, arena_format(arena, "{%s}", names[i]),
                                      arena_format(arena, "{%.40s}", names[i])));
}

static void what_is_not_known_yet_is_a_failure(void **state) {
    static const char *const names[] = {
        "client_id",
        "client_secret",
        "redirect_uri",
        "state",
        "id_token",
        "access_token",
        "post_logout_redirect_uri",
        "token:uid",
        "userinfo:id",
        "callback:x",
        "hmac_sha256:client_secret:access_token",
        "hmac_sha256:client_secret:state",
    };
    struct arena *arena = *state;
    const struct login_values nothing = {.provider = &registered_nowhere};
    for (size_t i = 0; i < COUNT(names); i++)
        assert_fails(
            arena, ERROR_TOKEN_RESPONSE,
            fails_everywhere(arena, &nothing, arena_format(arena, "{%s}", names[i]), names[i]));
}

/* The message names the hole, never a value. */
static void a_failure_tells_no_value(void **state) {
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    const char *text = NULL;
    assert_int_equal(
        login_values_text(arena, &values, "{client_secret} {access_token} {token:missing}", &text),
        -1);
    assert_null(strstr(arena->error.detail, "hush"));
    assert_null(strstr(arena->error.detail, "token-1"));
}

/* RFC 4231 4.2 and 4.3 */
static void the_hmac_is_that_of_rfc_4231(void **state) {
    static const struct {
        const char *key;
        const char *text;
        const char *mac;
    } cases[] = {
        {"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
         "Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {"Jefe", "what do ya want for nothing?",
         "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct provider keyed = {.client_secret = cases[i].key};
        const struct login_values values = {.provider = &keyed, .access_token = cases[i].text};
        assert_string_equal(uri_of(arena, &values, "x={hmac_sha256:client_secret:access_token}&y"),
                            arena_format(arena, "x=%s&y", cases[i].mac));
    }
}

/* ---- values stay in their place -------------------------------------------------------------- */

static void in_an_address_every_value_is_encoded(void **state) {
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    assert_string_equal(
        uri_of(arena, &values,
               "https://x.example/u/{token:evil}/e?a={token:evil}&b={token:openid}"),
        "https://x.example/u/x%26y%3Dz%23f%3Fq%2F/e?a=x%26y%3Dz%23f%3Fq%2F&b=o%201");
    assert_string_equal(uri_of(arena, &values, "https://x.example/{token:path}"),
                        "https://x.example/..%2F..%2Fadmin");
    assert_string_equal(uri_of(arena, &values, "https://x.example/e?to={redirect_uri}"),
                        "https://x.example/e?to=https%3A%2F%2Fwww.example.org%2Fcgi-bin%2F"
                        "callback.cgi%2Fop");
    assert_string_equal(uri_of(arena, &values, "https://x.example/{token:line}"),
                        "https://x.example/a%0Ab");
}

/* RFC 3986 5.2.4: what removes dot segments would call another address, with our token. */
static void no_value_is_a_dot_segment(void **state) {
    static const char *const bad[] = {
        "https://x.example/users/{token:dots}/emails",
        "https://x.example/users/{token:dot}/emails",
        "https://x.example/users/{token:dots}",
        "https://x.example/users/{token:dots}?x=y",
        "https://x.example/users/{token:dot}{token:dot}/emails",
        "https://x.example/users/.{token:dot}/emails",
    };
    static const char *const good[] = {
        "https://x.example/users/{token:dots}.json",
        "https://x.example/users/a{token:dots}/emails",
        "https://x.example/users/{token:dots}{token:dot}/emails",
        "https://x.example/users?id={token:dots}",
        "https://x.example/users?id=/{token:dots}/",
        "https://x.example/.well-known/x",
    };
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    const char *uri = NULL;
    for (size_t i = 0; i < COUNT(bad); i++)
        assert_fails(arena, ERROR_TOKEN_RESPONSE, login_values_uri(arena, &values, bad[i], &uri));
    for (size_t i = 0; i < COUNT(good); i++)
        uri_of(arena, &values, good[i]);
}

static const char *put(struct arena *arena, const struct login_values *values, const char *before,
                       const char *template) {
    struct form form = {.first = NULL};
    if (before != NULL)
        form_put(arena, &form, before, "ours");
    assert_works(arena, login_values_put(arena, values, template, &form));
    return form_write(arena, &form);
}

static void in_a_parameter_a_value_is_one_value(void **state) {
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    assert_string_equal(put(arena, &values, NULL, NULL), "");
    assert_string_equal(put(arena, &values, NULL, "a=b&c={state}"), "a=b&c=state-1");
    assert_string_equal(put(arena, &values, NULL, "a={token:evil}&c=d"),
                        "a=x%26y%3Dz%23f%3Fq%2F&c=d");
    assert_string_equal(put(arena, &values, NULL, "a={token:dots}"), "a=..");
    /* The template itself is urlencoded. */
    assert_string_equal(put(arena, &values, NULL, "a=b+c%2Bd&e=%26{token:openid}"),
                        "a=b%20c%2Bd&e=%26o%201");
    assert_string_equal(put(arena, &values, NULL, "fields=id,name,picture.type(large)"),
                        "fields=id%2Cname%2Cpicture.type%28large%29");
}

/* RFC 6749 3.1, 3.2: no parameter twice, and none of ours by another's value. */
static void what_is_there_already_stays(void **state) {
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    assert_string_equal(put(arena, &values, "code", "code=x&grant_type=y"),
                        "code=ours&grant_type=y");
    assert_string_equal(put(arena, &values, "code", "c%6Fde=x"), "code=ours");
    assert_string_equal(put(arena, &values, "code", "Code=x"), "code=ours&Code=x");
    assert_string_equal(put(arena, &values, NULL, "a=1&a=2"), "a=1");
}

/* What a field could be ended with. */
static void no_text_has_a_control_character(void **state) {
    struct arena *arena = *state;
    const struct login_values values = all(arena);
    struct form form = {.first = NULL};
    const char *text = NULL;
    assert_fails(arena, ERROR_TOKEN_RESPONSE,
                 login_values_text(arena, &values, "X-Y: {token:line}", &text));
    assert_fails(arena, ERROR_TOKEN_RESPONSE,
                 login_values_put(arena, &values, "x={token:line}", &form));
    assert_null(form.first);
}

/* ---- names ----------------------------------------------------------------------------------- */

static void a_name_is_known_or_not(void **state) {
    static const char *const good[] = {
        "client_id",
        "client_secret",
        "redirect_uri",
        "state",
        "access_token",
        "id_token",
        "post_logout_redirect_uri",
        "callback:device_id",
        "token:uid",
        "token:a.b[0].c",
        "userinfo:a | userinfo:b",
        "userinfo2:x",
        "id_token:sub",
        "token:'odd name'",
        "hmac_sha256:client_secret:access_token",
        "hmac_sha256:state:state",
    };
    static const char *const bad[] = {
        "",
        "tenant",
        "Client_id",
        "client_id ",
        "token_secret",
        "code",
        "code_verifier",
        "nonce",
        "token:",
        "token:a b",
        "token:a[",
        "tokens:a",
        "variable:tenant",
        "claim:tid",
        ":",
        ":a",
        "a:",
        "hmac_sha256:",
        "hmac_sha256:client_secret",
        "hmac_sha256:client_secret:",
        "hmac_sha256:client_secret:token:uid",
        "hmac_sha256:x:y",
        "hmac_sha1:client_secret:state",
        "token:a + token:b",
        "\"x{token:a}\"",
        "token:a unless token:b",
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(good); i++)
        if (!login_values_has_name(arena, good[i]))
            fail_msg("unknown: %s", good[i]);
    for (size_t i = 0; i < COUNT(bad); i++)
        if (login_values_has_name(arena, bad[i]))
            fail_msg("known: %s", bad[i]);
    assert_int_equal(arena->error.rule, ERROR_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(every_name_is_filled_in),
        unit_test(what_is_not_there_is_a_failure),
        unit_test(what_is_not_known_yet_is_a_failure),
        unit_test(a_failure_tells_no_value),
        unit_test(the_hmac_is_that_of_rfc_4231),
        unit_test(in_an_address_every_value_is_encoded),
        unit_test(no_value_is_a_dot_segment),
        unit_test(in_a_parameter_a_value_is_one_value),
        unit_test(what_is_there_already_stays),
        unit_test(no_text_has_a_control_character),
        unit_test(a_name_is_known_or_not),
    };
    return cmocka_run_group_tests_name("login_values", tests, NULL, NULL);
}

/* serve/handover: the environment of a program behind a gate. */
#include "unit.h"

#include "base/text.h"
#include "serve/handover.h"

#include <string.h>

static const struct session ada = {
    .sub = "ada-1",
    .name = "Ada \xEA\xB9\x80",
    .email = "ada@example.org",
    .email_verified = true,
    .picture = "https://example.org/a.png",
    .locale = "en",
    .provider = "op",
    .created_at = 1700000000,
    .csrf_token = "token",
};
static const struct caller by_session = {.means = CALLER_SESSION, .session = &ada};
static const struct caller by_token = {.means = CALLER_TOKEN, .session = &ada};

/* The value in an environment; fails the test if it stands there twice. */
static const char *value_of(char **environment, const char *name) {
    const char *value = NULL;
    size_t length = strlen(name);
    for (; *environment != NULL; environment++) {
        if (strncmp(*environment, name, length) != 0 || (*environment)[length] != '=')
            continue;
        assert_null(value);
        value = *environment + length + 1;
    }
    return value;
}

/* The new environment, out of these variables; the list ends with NULL. */
static char **hand_over(struct arena *arena, const char *const given[],
                        const struct handover *what) {
    char *copies[32] = {NULL};
    for (size_t i = 0; given[i] != NULL; i++) {
        assert_true(i + 1 < sizeof(copies) / sizeof(copies[0]));
        copies[i] = arena_text(arena, given[i]);
    }
    return handover_environment(arena, copies, what);
}

static void the_program_learns_who_it_is(void **state) {
    struct arena *arena = *state;
    static const char *const given[] = {NULL};
    const struct handover what = {.caller = &by_session, .provider = "op"};
    char **environment = hand_over(arena, given, &what);
    assert_string_equal(value_of(environment, "REMOTE_USER"), "ada-1");
    assert_string_equal(value_of(environment, "AUTH_TYPE"), "Latchkey");
    assert_string_equal(value_of(environment, "LATCHKEY_USER"), "ada-1");
    assert_string_equal(value_of(environment, "LATCHKEY_NAME"), ada.name);
    assert_string_equal(value_of(environment, "LATCHKEY_EMAIL"), ada.email);
    assert_string_equal(value_of(environment, "LATCHKEY_EMAIL_VERIFIED"), "1");
    assert_string_equal(value_of(environment, "LATCHKEY_PICTURE"), ada.picture);
    assert_string_equal(value_of(environment, "LATCHKEY_LOCALE"), "en");
    assert_string_equal(value_of(environment, "LATCHKEY_PROVIDER"), "op");
    assert_string_equal(value_of(environment, "LATCHKEY_SIGNED_IN_AT"), "1700000000");
    assert_string_equal(value_of(environment, "LATCHKEY_CSRF_TOKEN"), "token");
    assert_null(value_of(environment, "LATCHKEY_GROUPS"));
    assert_null(value_of(environment, "HTTP_COOKIE"));
    assert_null(value_of(environment, "LATCHKEY_CONF"));
}

static void what_is_not_known_is_absent(void **state) {
    const struct session nameless = {
        .sub = "s", .email = "a@example.org", .email_verified = false, .provider = "op"};
    const struct caller caller = {.means = CALLER_SESSION, .session = &nameless};
    const struct handover what = {.caller = &caller};
    static const char *const given[] = {NULL};
    char **environment = hand_over(*state, given, &what);
    assert_null(value_of(environment, "LATCHKEY_NAME"));
    assert_null(value_of(environment, "LATCHKEY_EMAIL_VERIFIED"));
    assert_null(value_of(environment, "LATCHKEY_CSRF_TOKEN"));
    assert_null(value_of(environment, "LATCHKEY_PROVIDER")); /* nobody signed in by it */
    assert_string_equal(value_of(environment, "LATCHKEY_EMAIL"), "a@example.org");
}

static void no_client_can_say_who_it_is(void **state) {
    static const char *const forged[] = {
        "REMOTE_USER",
        "REMOTE_IDENT",
        "AUTH_TYPE",
        "remote_user",
        "REDIRECT_REMOTE_USER",
        "REDIRECT_REDIRECT_REMOTE_USER",
        "REDIRECT_LATCHKEY_USER",
        "HTTP_REMOTE_USER",
        "HTTP_REMOTE_GROUPS",
        "HTTP_X_REMOTE_USER",
        "HTTP_X_REMOTE_GROUP",
        "HTTP_AUTH_TYPE",
        "HTTP_X_AUTH_REQUEST_USER",
        "HTTP_X_AUTH_REQUEST_EMAIL",
        "HTTP_X_AUTH_REQUEST_GROUPS",
        "HTTP_X_AUTH_REQUEST_ACCESS_TOKEN",
        "HTTP_X_FORWARDED_USER",
        "HTTP_X_FORWARDED_EMAIL",
        "HTTP_X_FORWARDED_GROUPS",
        "HTTP_X_FORWARDED_PREFERRED_USERNAME",
        "HTTP_X_FORWARDED_ACCESS_TOKEN",
        "HTTP_X_WEBAUTH_USER",
        "HTTP_X_AUTHENTIK_USERNAME",
        "HTTP_OIDC_CLAIM_SUB",
        "HTTP_PROXY",
        "REDIRECT_HTTP_PROXY",
        "HTTP_LATCHKEY_USER",
        "HTTP_X_LATCHKEY_USER",
        "LATCHKEY_USER",
        "LATCHKEY_GROUPS",
        "LATCHKEY_ADMIN",
        "LATCHKEY_CONF_",
        "latchkey_conf",
        "LATCHKEY_FETCH",
        "HTTP_COOKIE",
        "REDIRECT_HTTP_COOKIE",
        "http_cookie",
    };
    struct arena *arena = *state;
    const struct handover what = {.caller = &by_session};
    for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
        const char *const given[] = {arena_format(arena, "%s=evil", forged[i]), NULL};
        char **environment = hand_over(arena, given, &what);
        for (; *environment != NULL; environment++)
            if (strstr(*environment, "evil") != NULL)
                fail_msg("handed over: %s", *environment);
    }
}

static void everything_else_goes_on_as_it_is(void **state) {
    struct arena *arena = *state;
    static const char *const given[] = {
        "PATH=/usr/bin",
        "REQUEST_METHOD=POST",
        "QUERY_STRING=a=b",
        "CONTENT_LENGTH=5",
        "REMOTE_ADDR=192.0.2.1",
        "REMOTE_HOST=client.example",
        "HTTP_HOST=example.org",
        "HTTP_X_FORWARDED_FOR=192.0.2.9",
        "HTTP_AUTHORIZATION=Basic YTpi",
        "HTTP_X_CSRF_TOKEN=token",
        "HTTP_PROXY_CONNECTION=x",
        "REDIRECT_STATUS=200",
        "REDIRECT_URL=/x",
        "EMPTY=",
        "HTTP_PROXYX=1",
        "XREMOTE_USER=1",
        "LATCHKEY_CONF=/etc/a",
        NULL,
    };
    const struct handover what = {.caller = &by_session};
    char **environment = hand_over(arena, given, &what);
    for (size_t i = 0; given[i] != NULL; i++)
        assert_string_equal(environment[i], given[i]);
}

static void an_entry_without_a_value_is_dropped(void **state) {
    static const char *const given[] = {"REMOTE_USER", "nonsense", "", "=x", NULL};
    const struct handover what = {.caller = &by_session};
    char **environment = hand_over(*state, given, &what);
    for (; *environment != NULL; environment++)
        assert_true(strchr(*environment, '=') != NULL);
}

static void a_token_of_ours_stays_with_us(void **state) {
    static const char *const given[] = {
        "HTTP_AUTHORIZATION=Bearer a.b.c", "AUTHORIZATION=Bearer a.b.c",
        "REDIRECT_HTTP_AUTHORIZATION=Bearer a.b.c", "Http_Authorization=Bearer a.b.c", NULL};
    const struct handover what = {.caller = &by_token};
    char **environment = hand_over(*state, given, &what);
    for (; *environment != NULL; environment++)
        if (strstr(*environment, "Bearer") != NULL)
            fail_msg("handed over: %s", *environment);
}

static void cookies_and_configuration_are_those_given(void **state) {
    static const char *const given[] = {"HTTP_COOKIE=a=1; __Host-latchkey-session=secret",
                                        "HTTP_COOKIE=again", "LATCHKEY_CONF=/etc/old", NULL};
    const struct handover what = {.caller = &by_session, .cookies = "a=1", .conf = "/etc/new"};
    char **environment = hand_over(*state, given, &what);
    assert_string_equal(value_of(environment, "HTTP_COOKIE"), "a=1");
    assert_string_equal(value_of(environment, "LATCHKEY_CONF"), "/etc/new");
}

static void groups_are_one_text(void **state) {
    struct arena *arena = *state;
    static const char *const given[] = {NULL};
    struct json *groups = json_array(arena);
    json_append(groups, json_text(arena, "staff"));
    json_append(groups, json_text(arena, "IT admins, 50%"));
    json_append(groups, json_text(arena, ""));
    json_append(groups, json_text(arena, "\xEA\xB9\x80"));
    const struct handover what = {.caller = &by_session, .groups = groups};
    assert_string_equal(value_of(hand_over(arena, given, &what), "LATCHKEY_GROUPS"),
                        "staff,IT admins%2C 50%25,\xEA\xB9\x80");
}

static void a_text_that_could_end_a_line_is_none(void **state) {
    struct arena *arena = *state;
    const struct session odd = {.sub = "s", .name = "A\nB", .email = "a\rb", .provider = "op"};
    const struct caller caller = {.means = CALLER_SESSION, .session = &odd};
    struct json *groups = json_array(arena);
    json_append(groups, json_text(arena, "a\nadmins"));
    const struct handover what = {.caller = &caller, .groups = groups};
    static const char *const given[] = {NULL};
    char **environment = hand_over(arena, given, &what);
    assert_null(value_of(environment, "LATCHKEY_NAME"));
    assert_null(value_of(environment, "LATCHKEY_EMAIL"));
    assert_null(value_of(environment, "LATCHKEY_GROUPS"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_program_learns_who_it_is),
        unit_test(what_is_not_known_is_absent),
        unit_test(no_client_can_say_who_it_is),
        unit_test(everything_else_goes_on_as_it_is),
        unit_test(an_entry_without_a_value_is_dropped),
        unit_test(a_token_of_ours_stays_with_us),
        unit_test(cookies_and_configuration_are_those_given),
        unit_test(groups_are_one_text),
        unit_test(a_text_that_could_end_a_line_is_none),
    };
    return cmocka_run_group_tests_name("handover", tests, NULL, NULL);
}

/* library/latchkey: the installed library's functions: who is signed in, and that a mistake lets nobody in. */
#include "fixture.h"

#include "base/text.h"
#include "library/latchkey.h"
#include "login/account.h"
#include "login/membership.h"
#include "login/session.h"

#define RULES                                                                                      \
    "[rule staff]\nproviders = op\ngroups = staff\n[rule others]\ngroups = others\nproviders = "   \
    "op\n"

/* A site with rules, and somebody who is signed in. */
static void start(struct fixture *fixture) {
    struct arena *arena = fixture->arena;
    struct response response;
    bool replaced = false;
    struct account_ids ids;
    struct json *groups = json_array(arena);
    const struct person person = {.issuer = FIXTURE_ISSUER,
                                  .subject = "ada",
                                  .name = "Ada",
                                  .email = "ada@example.org",
                                  .email_verified = true};
    const struct session_origin origin = {.issuer = FIXTURE_ISSUER, .remember = true};
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER RULES);
    const struct request request = fixture_request(fixture);
    response_open(arena, &response);
    json_append(groups, json_text(arena, "staff"));
    json_append(groups, json_text(arena, "IT, admins"));
    assert_works(arena, database_begin(fixture->context));
    assert_works(arena, account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
    assert_works(arena, membership_save(fixture->context, ids.identity, groups));
    assert_works(arena,
                 session_issue(fixture->context, &request, &response, &ids, &origin, &replaced));
    assert_works(arena, database_commit(fixture->context));
    fixture_take(fixture, &response);
    setenv("LATCHKEY_CONF", house_path(&fixture->house, "latchkey.conf"), 1);
}

/* A request of that browser, by this method; `more` is up to three other variables. */
struct call {
    const char *method;
    bool stranger;
    const char *more[3];
};

static struct latchkey *open_call(struct fixture *fixture, const struct call *call) {
    struct arena *arena = fixture->arena;
    char **environment = arena_array(arena, 8, sizeof(*environment));
    size_t count = 0;
    environment[count++] = arena_format(arena, "REQUEST_METHOD=%s", call->method);
    environment[count++] = arena_text(arena, "SCRIPT_NAME=/cgi-bin/who.cgi");
    environment[count++] = arena_text(arena, "QUERY_STRING=a=b");
    if (!call->stranger)
        environment[count++] =
            arena_format(arena, "HTTP_COOKIE=%s", fixture_request(fixture).cookies);
    for (size_t i = 0; i < FIXTURE_COUNT(call->more) && call->more[i] != NULL; i++)
        environment[count++] = arena_text(arena, call->more[i]);
    return latchkey_open(environment);
}

static void who_is_signed_in_is_told(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    struct latchkey *latchkey = open_call(fixture, &(struct call){.method = "GET"});
    const struct latchkey_user *user = latchkey_user(latchkey);
    assert_null(latchkey_error(latchkey));
    assert_non_null(user);
    assert_true(strlen(user->sub) > 10);
    assert_string_equal(user->name, "Ada");
    assert_string_equal(user->email, "ada@example.org");
    assert_int_equal(user->email_verified, 1);
    assert_null(user->picture);
    assert_string_equal(user->provider, "op");
    assert_string_equal(user->groups[0], "staff");
    assert_string_equal(user->groups[1], "IT, admins");
    assert_null(user->groups[2]);
    assert_int_equal(user->signed_in_at, HOUSE_TIME);
    assert_int_equal(strlen(user->csrf_token), 43);
    assert_null(latchkey_refusal(latchkey, NULL));
    latchkey_close(latchkey);
}

static void a_stranger_is_sent_to_sign_in(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    const struct call browser = {
        .method = "GET", .stranger = true, .more = {"HTTP_ACCEPT=text/html"}};
    struct latchkey *latchkey = open_call(fixture, &browser);
    assert_null(latchkey_user(latchkey));
    assert_null(latchkey_error(latchkey));
    const char *refusal = latchkey_refusal(latchkey, NULL);
    assert_true(text_starts_with(refusal, "Status: 303 See Other\r\n"));
    assert_non_null(strstr(refusal, "\r\nLocation: " FIXTURE_SITE "/cgi-bin/login.cgi?return_to="
                                    "%2Fcgi-bin%2Fwho.cgi%3Fa%3Db\r\n"));
    assert_int_equal(latchkey_allows(latchkey, NULL), 0);
    assert_int_equal(latchkey_was_meant(latchkey, "x"), 0);
    latchkey_close(latchkey);

    const struct call script = {.method = "POST", .stranger = true};
    latchkey = open_call(fixture, &script);
    refusal = latchkey_refusal(latchkey, "staff");
    assert_true(text_starts_with(refusal, "Status: 401 Unauthorized\r\n"));
    assert_non_null(strstr(refusal, "\"login_url\":\"/cgi-bin/login.cgi?return_to="));
    latchkey_close(latchkey);
}

static void a_forged_cookie_is_nobody(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    const struct call forged = {.method = "GET",
                                .stranger = true,
                                .more = {"HTTP_COOKIE=__Host-latchkey-session=a.b.c",
                                         "REMOTE_USER=ada", "LATCHKEY_USER=ada"}};
    struct latchkey *latchkey = open_call(fixture, &forged);
    assert_null(latchkey_user(latchkey));
    assert_non_null(latchkey_refusal(latchkey, NULL));
    latchkey_close(latchkey);
}

/* One question's no is not the next one's. */
static void rules_are_asked_one_by_one(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    struct latchkey *latchkey = open_call(fixture, &(struct call){.method = "GET"});
    assert_int_equal(latchkey_allows(latchkey, "others"), 0);
    assert_int_equal(latchkey_allows(latchkey, "staff others"), 0);
    assert_int_equal(latchkey_allows(latchkey, "nobody"), 0);
    assert_int_equal(latchkey_allows(latchkey, ""), 0);
    assert_int_equal(latchkey_allows(latchkey, "staff"), 1);
    assert_int_equal(latchkey_allows(latchkey, NULL), 1);
    assert_true(text_starts_with(latchkey_refusal(latchkey, "others"), "Status: 403 "));
    assert_true(text_starts_with(latchkey_refusal(latchkey, "nobody"), "Status: 500 "));
    assert_null(latchkey_refusal(latchkey, "staff"));
    assert_null(latchkey_error(latchkey));
    assert_non_null(latchkey_user(latchkey));
    latchkey_close(latchkey);
}

static void what_another_site_sent_is_refused(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    const struct call post = {.method = "POST", .more = {"HTTP_ORIGIN=https://evil.example"}};
    struct latchkey *latchkey = open_call(fixture, &post);
    const char *token = latchkey_user(latchkey)->csrf_token;
    assert_true(text_starts_with(latchkey_refusal(latchkey, NULL), "Status: 403 "));
    assert_int_equal(latchkey_was_meant(latchkey, token), 0);
    latchkey_close(latchkey);
}

static void a_change_takes_the_sessions_token(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    struct latchkey *latchkey = open_call(fixture, &(struct call){.method = "POST"});
    const char *token = arena_text(fixture->arena, latchkey_user(latchkey)->csrf_token);
    assert_null(latchkey_refusal(latchkey, NULL));
    assert_int_equal(latchkey_was_meant(latchkey, token), 1);
    assert_int_equal(latchkey_was_meant(latchkey, token + 1), 0);
    assert_int_equal(latchkey_was_meant(latchkey, ""), 0);
    assert_int_equal(latchkey_was_meant(latchkey, NULL), 0);
    latchkey_close(latchkey);

    const struct call script = {
        .method = "POST", .more = {arena_format(fixture->arena, "HTTP_X_CSRF_TOKEN=%s", token)}};
    latchkey = open_call(fixture, &script);
    assert_int_equal(latchkey_was_meant(latchkey, NULL), 1);
    assert_int_equal(latchkey_was_meant(latchkey, "x"), 0);
    latchkey_close(latchkey);
}

static void addresses_are_told(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    struct latchkey *latchkey = open_call(fixture, &(struct call){.method = "GET"});
    assert_string_equal(latchkey_sign_in_url(latchkey, "/a?b=c&d"),
                        "/cgi-bin/login.cgi?return_to=%2Fa%3Fb%3Dc%26d");
    assert_string_equal(latchkey_sign_in_url(latchkey, NULL),
                        "/cgi-bin/login.cgi?return_to=%2Fcgi-bin%2Fwho.cgi%3Fa%3Db");
    assert_string_equal(latchkey_sign_out_url(latchkey), "/cgi-bin/logout.cgi");
    latchkey_close(latchkey);
}

static void check_broken(struct fixture *fixture, const struct call *call, const char *what) {
    struct latchkey *latchkey = open_call(fixture, call);
    assert_null(latchkey_user(latchkey));
    if (!text_starts_with(latchkey_error(latchkey), what))
        fail_msg("%s: not %s", latchkey_error(latchkey), what);
    assert_int_equal(latchkey_allows(latchkey, NULL), 0);
    assert_int_equal(latchkey_was_meant(latchkey, "x"), 0);
    assert_true(text_starts_with(latchkey_refusal(latchkey, NULL), "Status: "));
    assert_non_null(latchkey_refusal(latchkey, NULL));
    latchkey_close(latchkey);
}

static void whatever_fails_lets_nobody_in(void **state) {
    struct fixture *fixture = *state;
    start(fixture);
    check_broken(fixture, &(struct call){.method = "A B"}, "request_malformed: ");
    check_broken(fixture, &(struct call){.method = "GET", .more = {"HTTP_ACCEPT=a\x01"}},
                 "request_malformed: ");
    const char *twice =
        arena_format(fixture->arena, "HTTP_COOKIE=%s; %s", fixture_request(fixture).cookies,
                     fixture_request(fixture).cookies);
    check_broken(fixture, &(struct call){.method = "GET", .stranger = true, .more = {twice}},
                 "cookie_repeated: ");
    assert_int_equal(chmod(house_path(&fixture->house, "keys/session.keys"), 0644), 0);
    check_broken(fixture, &(struct call){.method = "GET"}, "key_file: ");
    house_write(house_path(&fixture->house, "latchkey.conf"), "[site]\nnonsense = 1\n", 0600);
    check_broken(fixture, &(struct call){.method = "GET"}, "config: ");
    setenv("LATCHKEY_CONF", "/nonexistent", 1);
    check_broken(fixture, &(struct call){.method = "GET"}, "config: ");
    struct latchkey *latchkey = open_call(fixture, &(struct call){.method = "GET"});
    assert_string_equal(latchkey_sign_in_url(latchkey, NULL), "");
    assert_string_equal(latchkey_sign_out_url(latchkey), "");
    latchkey_close(latchkey);
}

static void without_a_request_nothing_is_known(void **state) {
    (void)state;
    char *const nothing[] = {NULL};
    struct latchkey *latchkey = latchkey_open(nothing);
    assert_null(latchkey_user(latchkey));
    assert_non_null(latchkey_refusal(latchkey, NULL));
    latchkey_close(latchkey);

    assert_null(latchkey_user(NULL));
    assert_true(text_starts_with(latchkey_refusal(NULL, NULL), "Status: 500 "));
    assert_int_equal(latchkey_allows(NULL, NULL), 0);
    assert_int_equal(latchkey_was_meant(NULL, NULL), 0);
    assert_string_equal(latchkey_sign_in_url(NULL, NULL), "");
    assert_string_equal(latchkey_sign_out_url(NULL), "");
    assert_non_null(latchkey_error(NULL));
    latchkey_close(NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(who_is_signed_in_is_told),
        fixture_test(a_stranger_is_sent_to_sign_in),
        fixture_test(a_forged_cookie_is_nobody),
        fixture_test(rules_are_asked_one_by_one),
        fixture_test(what_another_site_sent_is_refused),
        fixture_test(a_change_takes_the_sessions_token),
        fixture_test(addresses_are_told),
        fixture_test(whatever_fails_lets_nobody_in),
        fixture_test(without_a_request_nothing_is_known),
    };
    return cmocka_run_group_tests_name("latchkey", tests, NULL, NULL);
}

/* oauth/answer: three notations, read strictly; what says that something failed, and what must hold. */
#include "unit.h"

#include "base/buffer.h"
#include "base/text.h"
#include "oauth/answer.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct answer_rules plain = {
    .formats = "json",
    .error = "error",
    .source = MAPPING_TOKEN,
    .status = 200,
    .refused = ERROR_TOKEN_ERROR,
    .malformed = ERROR_TOKEN_RESPONSE,
};

static int read_bytes(struct arena *arena, const struct answer_rules *rules, int status,
                      const char *body, size_t length) {
    const struct http_response response = {
        .status = status,
        .content_type = "text/html", /* whatever it is called */
        .body = body,
        .body_length = length,
    };
    const struct json *answer = NULL;
    return answer_read(arena, rules, &response, &answer);
}

static int read_as(struct arena *arena, const struct answer_rules *rules, int status,
                   const char *body) {
    return read_bytes(arena, rules, status, body, strlen(body));
}

/* What the answer is as JSON, whatever its notation; NULL if it cannot be read. */
static const char *written(struct arena *arena, const char *formats, const char *body) {
    struct answer_rules rules = plain;
    rules.formats = formats;
    rules.error = NULL;
    const struct http_response response = {
        .status = 200,
        .content_type = "",
        .body = body,
        .body_length = strlen(body),
    };
    const struct json *answer = NULL;
    if (answer_read(arena, &rules, &response, &answer) == 0)
        return json_write(arena, answer);
    assert_int_equal(arena->error.rule, ERROR_TOKEN_RESPONSE);
    arena_forget_error(arena);
    assert_null(answer);
    return NULL;
}

/* Each body as this notation; NULL: refused. */
struct reading {
    const char *body;
    const char *json;
};

static void assert_readings(struct arena *arena, const char *formats, const struct reading *cases,
                            size_t count) {
    for (size_t i = 0; i < count; i++) {
        const char *json = written(arena, formats, cases[i].body);
        if (cases[i].json == NULL ? json != NULL : !text_equal(json, cases[i].json))
            fail_msg("%s: %s: %s", formats, cases[i].body, json == NULL ? "refused" : json);
    }
}

static void json_is_an_object_or_a_list(void **state) {
    static const struct reading cases[] = {
        {"{}", "{}"},
        {" \r\n\t{\"a\":[1,{}]}\n", "{\"a\":[1,{}]}"},
        {"[]", "[]"},
        {"[{\"a\":1}]", "[{\"a\":1}]"},
        {"", NULL},
        {"null", NULL},
        {"true", NULL},
        {"7", NULL},
        {"\"a\"", NULL},
        {"{}{}", NULL},
        {"{}x", NULL},
        {"{\"a\":1,\"a\":1}", NULL},
        {"{\"a\":1,}", NULL},
        {"{'a':1}", NULL},
        {"{\"a\":\"\xFF\"}", NULL},
        {"\xEF\xBB\xBF{}", NULL},
        {"a=b", NULL},
        {"callback({})", NULL},
        {"<html>", NULL},
    };
    assert_readings(*state, "json", cases, COUNT(cases));
}

static void a_form_is_an_object_of_strings(void **state) {
    static const struct reading cases[] = {
        {"a=b", "{\"a\":\"b\"}"},
        {"a=b&c=d", "{\"a\":\"b\",\"c\":\"d\"}"},
        {"a=b\n", "{\"a\":\"b\"}"},
        {"a=b\r\n", "{\"a\":\"b\"}"},
        {"a=", "{\"a\":\"\"}"},
        {"a&b=", "{\"a\":\"\",\"b\":\"\"}"},
        {"a=%7B%22x%22%3A1%7D", "{\"a\":\"{\\\"x\\\":1}\"}"},
        {"a=b+c%2Bd", "{\"a\":\"b c+d\"}"},
        {"a==", "{\"a\":\"=\"}"},
        {"a=1&A=2", "{\"a\":\"1\",\"A\":\"2\"}"},
        {"", NULL},
        {"\r\n", NULL},
        {"a", NULL}, /* every word would be one */
        {"Internal Server Error", NULL},
        {"<html lang=en>", NULL},
        {"{\"a\":\"b=c\"}", NULL},
        {"{\"a\":\"b=c\",}", NULL},
        {" {\"a\":\"b=c\",}", NULL},
        {"\n{\"a\":\"b=c\",}", NULL},
        {"[\"a=b\"]", NULL},
        {"\"a=b\"", NULL},
        {" a=b", NULL},
        {"a=1&a=2", NULL},
        {"a=1&a=1", NULL},
        {"a=1&%61=2", NULL},
        {"a=%", NULL},
        {"a=%zz", NULL},
        {"a=%00", NULL},
        {"a=%0D%0A", NULL},
        {"a=b\nc=d", NULL},
        {"a=b\tc", NULL},
        {"a=\xFF", NULL},
        {"a=%FF", NULL},
    };
    assert_readings(*state, "form", cases, COUNT(cases));
}

static void jsonp_is_json_in_a_call(void **state) {
    static const struct reading cases[] = {
        {"callback({\"a\":1})", "{\"a\":1}"},
        {"callback( {\"client_id\":\"x\",\"openid\":\"y\"} );\n",
         "{\"client_id\":\"x\",\"openid\":\"y\"}"},
        {" \r\n\tcallback({})\r\n ; \t\n", "{}"},
        {"_a.b$9([1])", "[1]"},
        {"f({\"a\":\")\"})", "{\"a\":\")\"}"},
        {"", NULL},
        {";", NULL},
        {"callback", NULL},
        {"callback(", NULL},
        {"callback)", NULL},
        {"callback()", NULL},
        {"callback(;)", NULL},
        {"(){}", NULL},
        {"({})", NULL},
        {"{}", NULL},
        {"callback ({})", NULL},
        {"callback({}", NULL},
        {"callback({}]", NULL},
        {"callback({}}", NULL},
        {"callback({});;", NULL},
        {"callback({}); alert(1)", NULL},
        {"callback({})//", NULL},
        {"callback({},{})", NULL},
        {"callback({})({})", NULL},
        {"callback(null)", NULL},
        {"callback(\"a\")", NULL},
        {"callback({a:1})", NULL},
        {"/**/callback({})", NULL},
        {"try{callback({})}catch(e){}", NULL},
        {"a-b({})", NULL},
        {"\xEA\xB9\x80({})", NULL},
        {"callback({\"a\":\"\xFF\"})", NULL},
    };
    assert_readings(*state, "jsonp", cases, COUNT(cases));
}

/* A NUL ends no text here: the whole body is read, or nothing of it. */
static void a_nul_byte_is_in_no_notation(void **state) {
    static const struct {
        const char *body;
        size_t length;
    } cases[] = {{"{}\0", 3},    {"\0{}", 3},      {"{}\0{\"error\":1}", 14}, {"a=b\0", 4},
                 {"\0a=b", 4},   {"a=b\0&c=d", 8}, {"callback\0({})", 13},    {"c({})\0", 6},
                 {"c({}\0)", 6}, {"\0c({})", 6},   {"{\"a\":\"\0\"}", 9}};
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    rules.formats = "json form jsonp";
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_fails(arena, ERROR_TOKEN_RESPONSE,
                     read_bytes(arena, &rules, 200, cases[i].body, cases[i].length));
}

/* In the order of the words; and no notation that the record does not name. */
static void the_record_names_the_notations(void **state) {
    const struct {
        const char *formats;
        const char *body;
        const char *json;
    } cases[] = {
        {"json form jsonp", "{\"a\":\"b=c\"}", "{\"a\":\"b=c\"}"},
        {"json form jsonp", "a=b", "{\"a\":\"b\"}"},
        {"json form jsonp", "callback({\"a\":1})", "{\"a\":1}"},
        /* Both a form and a call: the first word says. */
        {"form jsonp", "f({\"a\":\"=\"})", "{\"f({\\\"a\\\":\\\"\":\"\\\"})\"}"},
        {"jsonp form", "f({\"a\":\"=\"})", "{\"a\":\"=\"}"},
        {"  form   json ", "{}", "{}"},
        {"form", "{}", NULL},
        {"json", "a=b", NULL},
        {"jsonp", "{}", NULL},
        {"", "{}", NULL},
        {"xml", "{}", NULL},
        {"json", "a(b)", NULL},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_readings(arena, cases[i].formats, &(struct reading){cases[i].body, cases[i].json},
                        1);
}

/* ---- failures -------------------------------------------------------------------------------- */

struct verdict {
    const char *words; /* the error's paths, or the conditions */
    const char *body;
    enum error_rule rule;
};

static void assert_verdict(struct arena *arena, const struct answer_rules *rules, int status,
                           const struct verdict *verdict) {
    int result = read_as(arena, rules, status, verdict->body);
    if ((result == 0) != (verdict->rule == ERROR_NONE) || arena->error.rule != verdict->rule)
        fail_msg("%s: %s: %s", verdict->words, verdict->body,
                 error_meaning(arena->error.rule)->name);
    arena_forget_error(arena);
}

static void what_stands_at_an_error_path_is_a_failure(void **state) {
    static const struct verdict cases[] = {
        {"error", "{}", ERROR_NONE},
        {"error", "{\"error\":null}", ERROR_NONE},
        {"error", "{\"error\":\"\"}", ERROR_NONE},
        {"error", "{\"error\":0}", ERROR_NONE},
        {"error", "{\"error\":\"0\"}", ERROR_NONE},
        {"error", "{\"error\":false}", ERROR_NONE},
        {"error", "{\"Error\":\"x\"}", ERROR_NONE},
        {"error", "{\"data\":{\"error\":\"x\"}}", ERROR_NONE},
        {"error", "{\"error\":\"x\"}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":\" \"}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":\"false\"}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":\"null\"}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":\"00\"}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":1}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":-1}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":0.0}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":-0}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":true}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":{}}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":[]}", ERROR_TOKEN_ERROR},
        {"error", "{\"error\":{\"message\":null}}", ERROR_TOKEN_ERROR},
        {"error", "{\"access_token\":\"a\",\"error\":\"x\"}", ERROR_TOKEN_ERROR},
        {"error errcode", "{\"errcode\":40029,\"errmsg\":\"invalid code\"}", ERROR_TOKEN_ERROR},
        {"error errcode", "{\"errcode\":0,\"errmsg\":\"ok\"}", ERROR_NONE},
        {"error.message", "{\"error\":{\"code\":1}}", ERROR_NONE},
        {"error.message", "{\"error\":{\"message\":\"x\"}}", ERROR_TOKEN_ERROR},
        {"token:errcode", "{\"errcode\":1}", ERROR_TOKEN_ERROR},
        {"userinfo:errcode", "{\"errcode\":1}", ERROR_NONE}, /* it is no such answer */
        {"userinfo2:errcode", "{\"errcode\":1}", ERROR_NONE},
        {"[0].error", "[{\"error\":\"x\"}]", ERROR_TOKEN_ERROR},
        {"error", "[{\"error\":\"x\"}]", ERROR_NONE},
        /* Who cannot look for errors must not say that there are none. */
        {"error[", "{}", ERROR_TOKEN_ERROR},
        {"", "{}", ERROR_TOKEN_ERROR},
        {NULL, "{\"error\":\"x\"}", ERROR_NONE},
    };
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    for (size_t i = 0; i < COUNT(cases); i++) {
        rules.error = cases[i].words;
        assert_verdict(arena, &rules, 200, &cases[i]);
    }
}

static void failures_are_found_in_every_notation(void **state) {
    static const struct verdict cases[] = {
        {"error", "error=bad_verification_code&error_description=x", ERROR_TOKEN_ERROR},
        {"error", "error=0&access_token=a", ERROR_NONE},
        {"error", "callback( {\"error\":100020,\"error_description\":\"x\"} );\n",
         ERROR_TOKEN_ERROR},
        {"error", "callback({\"error\":0})", ERROR_NONE},
    };
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    rules.formats = "json form jsonp";
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_verdict(arena, &rules, 200, &cases[i]);
}

/* Nor is an error of the wrong status none: both are looked at. */
static void a_status_alone_is_no_success(void **state) {
    const struct {
        int status;
        const char *body;
        enum error_rule rule;
    } cases[] = {
        {200, "{}", ERROR_NONE},
        {201, "{}", ERROR_HTTP_STATUS},
        {204, "", ERROR_HTTP_STATUS},
        {0, "{}", ERROR_HTTP_STATUS},
        {301, "{}", ERROR_HTTP_STATUS},
        {302, "", ERROR_HTTP_STATUS},
        {400, "{}", ERROR_HTTP_STATUS},
        {400, "{\"error\":\"\"}", ERROR_HTTP_STATUS},
        {401, "<html>", ERROR_HTTP_STATUS},
        {500, "error=x", ERROR_HTTP_STATUS}, /* not read: the record says json */
        {400, "{\"error\":\"x\"}", ERROR_TOKEN_ERROR},
        {200, "{\"error\":\"x\"}", ERROR_TOKEN_ERROR},
        {500, "{\"error\":\"x\"}", ERROR_TOKEN_ERROR},
        {200, "<html>", ERROR_TOKEN_RESPONSE},
    };
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_verdict(arena, &rules, cases[i].status,
                       &(struct verdict){"", cases[i].body, cases[i].rule});
    rules.status = 201;
    assert_works(arena, read_as(arena, &rules, 201, "{}"));
    assert_fails(arena, ERROR_HTTP_STATUS, read_as(arena, &rules, 200, "{}"));
}

static void conditions_must_all_hold(void **state) {
    static const struct verdict cases[] = {
        {NULL, "{}", ERROR_NONE},
        {"code=0", "{\"code\":0}", ERROR_NONE},
        {"code=0", "{\"code\":\"0\"}", ERROR_NONE},
        {"ok=true", "{\"ok\":true}", ERROR_NONE},
        {"ok=true", "{\"ok\":\"true\"}", ERROR_NONE},
        {"ok=true code=0", "{\"ok\":true,\"code\":0}", ERROR_NONE},
        {"token:code=0", "{\"code\":0}", ERROR_NONE},
        {"userinfo2:code=0", "{}", ERROR_NONE}, /* of another answer */
        {"code=0", "{}", ERROR_TOKEN_ERROR},
        {"code=0", "{\"code\":null}", ERROR_TOKEN_ERROR},
        {"code=0", "{\"code\":1}", ERROR_TOKEN_ERROR},
        {"code=0", "{\"code\":0.0}", ERROR_TOKEN_ERROR},
        {"code=0", "{\"code\":\"00\"}", ERROR_TOKEN_ERROR},
        {"code=0", "{\"code\":[0]}", ERROR_TOKEN_ERROR},
        {"code=0", "[{\"code\":0}]", ERROR_TOKEN_ERROR},
        {"ok=true", "{\"ok\":1}", ERROR_TOKEN_ERROR},
        {"ok=true", "{\"ok\":\"True\"}", ERROR_TOKEN_ERROR},
        {"ok=true code=0", "{\"ok\":true}", ERROR_TOKEN_ERROR},
        {"ok=true code=0", "{\"code\":0}", ERROR_TOKEN_ERROR},
        {"ok=", "{\"ok\":\"\"}", ERROR_TOKEN_ERROR}, /* no condition: nothing fulfils it */
        {"ok", "{\"ok\":true}", ERROR_TOKEN_ERROR},
    };
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    for (size_t i = 0; i < COUNT(cases); i++) {
        rules.success = cases[i].words;
        assert_verdict(arena, &rules, 200, &cases[i]);
    }
}

/* RFC 6749 5.2: it is we who are refused; the registration may be gone. */
static void invalid_client_is_told_from_the_rest(void **state) {
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    rules.formats = "json form";
    assert_fails(arena, ERROR_CLIENT_REFUSED,
                 read_as(arena, &rules, 401, "{\"error\":\"invalid_client\"}"));
    assert_fails(arena, ERROR_CLIENT_REFUSED,
                 read_as(arena, &rules, 200, "{\"error\":\"invalid_client\"}"));
    assert_fails(arena, ERROR_CLIENT_REFUSED, read_as(arena, &rules, 400, "error=invalid_client"));
    static const char *const others[] = {
        "{\"error\":\"Invalid_Client\"}",
        "{\"error\":\"invalid_client \"}",
        "{\"error\":\"invalid_client_id\"}",
        "{\"error\":[\"invalid_client\"]}",
        "{\"error\":{\"error\":\"invalid_client\"}}",
        "{\"error\":\"x\",\"error_description\":\"invalid_client\"}",
    };
    for (size_t i = 0; i < COUNT(others); i++)
        assert_fails(arena, ERROR_TOKEN_ERROR, read_as(arena, &rules, 401, others[i]));
}

static void each_caller_has_rules_of_its_own(void **state) {
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    rules.source = MAPPING_USERINFO2;
    rules.error = "error userinfo2:message";
    rules.success = "ok=true userinfo2:ret=0";
    rules.refused = ERROR_USERINFO_ERROR;
    rules.malformed = ERROR_USERINFO_MALFORMED;
    assert_works(arena, read_as(arena, &rules, 200, "{\"error\":\"x\",\"ret\":0}"));
    assert_fails(arena, ERROR_USERINFO_ERROR,
                 read_as(arena, &rules, 200, "{\"message\":\"x\",\"ret\":0}"));
    assert_fails(arena, ERROR_USERINFO_ERROR, read_as(arena, &rules, 200, "{\"ret\":1}"));
    assert_fails(arena, ERROR_USERINFO_MALFORMED, read_as(arena, &rules, 200, "ret=0"));
}

/* ---- hostile bodies -------------------------------------------------------------------------- */

/* The log learns the code: short, of plain characters, and nothing else of the answer. */
static void of_a_failure_the_code_alone_is_told(void **state) {
    const struct {
        const char *body;
        const char *detail;
    } cases[] = {
        {"{\"error\":\"invalid_grant\",\"error_description\":\"ada@example.org\"}",
         "status 400, error invalid_grant"},
        {"{\"error\":\"a b\\r\\nc=\\u0000\"}",
         "the provider answered with status 400"}, /* no JSON */
        {"{\"error\":\"a b\\r\\nc\\u001b[31m\\\"<\"}", "status 400, error a?b??c??31m??"},
        {"{\"error\":\"\xEA\xB9\x80\"}", "status 400, error ???"},
        {"{\"error\":190}", "status 400, error 190"},
        {"{\"error\":-1.5e300}", "status 400, error -1.5e300"},
        {"{\"error\":true}", "status 400, error without a code"},
        {"{\"error\":{\"access_token\":\"secret\"}}", "status 400, error without a code"},
        {"{\"error\":[\"secret\"]}", "status 400, error without a code"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(read_as(arena, &plain, 400, cases[i].body), -1);
        if (!text_equal(arena->error.detail, cases[i].detail))
            fail_msg("%s: %s", cases[i].body, arena->error.detail);
        assert_null(strstr(arena->error.detail, "ada@"));
        assert_null(strstr(arena->error.detail, "secret"));
        arena_forget_error(arena);
    }
    const char *text = arena_format(arena, "{\"error\":\"%0200d\"}", 1);
    assert_int_equal(read_as(arena, &plain, 400, text), -1);
    assert_int_equal(strlen(arena->error.detail), strlen("status 400, error ") + 60);
    arena_forget_error(arena);
}

/* Neither the work nor the memory of one answer goes beyond what one request may take. */
static void what_is_huge_is_read_or_refused(void **state) {
    struct arena *arena = *state;
    struct answer_rules rules = plain;
    rules.formats = "json form jsonp";
    static const char *const pieces[] = {
        "[",       "{\"a\":",          "a=b&", "=&", "a(", "(", ";", "\"", "%41", "0,",
        "\\u0041", "\xF0\x9F\x98\x80", " ",    "{}"};
    for (size_t i = 0; i < COUNT(pieces); i++) {
        struct buffer body;
        buffer_open(arena, &body);
        while (body.length + strlen(pieces[i]) <= HTTP_ANSWER_LIMIT)
            buffer_add_text(&body, pieces[i]);
        assert_fails(arena, ERROR_TOKEN_RESPONSE,
                     read_bytes(arena, &rules, 200, body.bytes, body.length));
        arena_reset(arena);
    }
    struct buffer body;
    buffer_open(arena, &body);
    buffer_add_text(&body, "{\"a\":\"");
    while (body.length < HTTP_ANSWER_LIMIT - 2)
        buffer_add_byte(&body, 'x');
    buffer_add_text(&body, "\"}");
    assert_works(arena, read_bytes(arena, &rules, 200, body.bytes, body.length));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(json_is_an_object_or_a_list),
        unit_test(a_form_is_an_object_of_strings),
        unit_test(jsonp_is_json_in_a_call),
        unit_test(a_nul_byte_is_in_no_notation),
        unit_test(the_record_names_the_notations),
        unit_test(what_stands_at_an_error_path_is_a_failure),
        unit_test(failures_are_found_in_every_notation),
        unit_test(a_status_alone_is_no_success),
        unit_test(conditions_must_all_hold),
        unit_test(invalid_client_is_told_from_the_rest),
        unit_test(each_caller_has_rules_of_its_own),
        unit_test(of_a_failure_the_code_alone_is_told),
        unit_test(what_is_huge_is_read_or_refused),
    };
    return cmocka_run_group_tests_name("answer", tests, NULL, NULL);
}

/* oauth/scope: words, each once; what providers say of them in their own ways. */
#include "unit.h"

#include "base/buffer.h"
#include "base/text.h"
#include "oauth/scope.h"

#include <string.h>

static void a_union_has_each_word_once(void **state) {
    struct arena *arena = *state;
    static const struct {
        const char *first;
        const char *second;
        const char *expected;
    } cases[] = {
        {NULL, NULL, NULL},
        {"", "  ", NULL},
        {"a", NULL, "a"},
        {NULL, "a", "a"},
        {"openid email", "email mail.read openid", "openid email mail.read"},
        {" a  a b ", "b a", "a b"},
        {"a", "ab b", "a ab b"},
        {"https://x.example/y?z&w identity[email]", "a:b/*.c",
         "https://x.example/y?z&w identity[email] a:b/*.c"},
        /* RFC 6749 3.3: no scope-token. */
        {"a\"b c", "d\\e f\ng \x7f h\xc3\xa4 i", "c i"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *scope = scope_union(arena, cases[i].first, cases[i].second);
        if (!(scope == NULL && cases[i].expected == NULL) && !text_equal(scope, cases[i].expected))
            fail_msg("%zu: %s", i, scope == NULL ? "NULL" : scope);
    }
}

static void a_union_does_not_grow_without_end(void **state) {
    struct arena *arena = *state;
    struct buffer words;
    buffer_open(arena, &words);
    for (int i = 0; i < 2000; i++)
        buffer_add_format(&words, "word-%d ", i);
    const char *scope = scope_union(arena, words.bytes, "last");
    assert_true(strlen(scope) <= SCOPE_LIMIT);
    assert_true(strlen(scope) > SCOPE_LIMIT - 20);
    assert_true(text_starts_with(scope, "word-0 word-1 "));
    /* Whole words alone. */
    const char *end = strrchr(scope, ' ') + 1;
    assert_true(text_equal(end, "last") || text_has_word(words.bytes, end));
}

static void what_is_covered(void **state) {
    (void)state;
    assert_true(scope_covers(NULL, NULL));
    assert_true(scope_covers(NULL, " "));
    assert_true(scope_covers("a", NULL));
    assert_true(scope_covers("a b c", "c a"));
    assert_false(scope_covers(NULL, "a"));
    assert_false(scope_covers("", "a"));
    assert_false(scope_covers("ab b", "a"));
    assert_false(scope_covers("a b", "a c"));
    assert_false(scope_covers("A", "a")); /* RFC 6749 3.3: case-sensitive */
}

static const char *of(struct arena *arena, const char *text) {
    struct json *value = NULL;
    assert_works(arena, json_parse(arena, text, strlen(text), &value));
    return scope_of_answer(arena, value);
}

static void what_answers_say(void **state) {
    struct arena *arena = *state;
    static const char *const cases[][2] = {
        {"\"mail calendar\"", "mail calendar"},
        {"\"repo,user:email\"", "repo user:email"},
        {"\"a, b ,,c\"", "a b c"},
        {"[\"openid\",\"user:read:email\"]", "openid user:read:email"},
        {"[\"a b\",[\"c\"],7,null,\"a\"]", "a b"},
        {"\"\"", NULL},
        {"[]", NULL},
        {"{\"mail\":true}", NULL},
        {"7", NULL},
        {"null", NULL},
    };
    assert_null(scope_of_answer(arena, NULL));
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const char *scope = of(arena, cases[i][0]);
        if (!(scope == NULL && cases[i][1] == NULL) && !text_equal(scope, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], scope == NULL ? "NULL" : scope);
    }
}

static void a_far_too_long_answer_is_looked_at_no_further(void **state) {
    struct arena *arena = *state;
    struct buffer text;
    buffer_open(arena, &text);
    buffer_add_text(&text, "[\"first\"");
    for (int i = 0; i < 15000; i++)
        buffer_add_format(&text, ",\"a b c d e f g h i j k l m n o p q r s t u v w%d\"", i);
    buffer_add_text(&text, "]");
    const char *scope = of(arena, text.bytes);
    assert_true(text_starts_with(scope, "first a b c"));
    assert_true(strlen(scope) <= SCOPE_LIMIT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_union_has_each_word_once),
        unit_test(a_union_does_not_grow_without_end),
        unit_test(what_is_covered),
        unit_test(what_answers_say),
        unit_test(a_far_too_long_answer_is_looked_at_no_further),
    };
    return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}

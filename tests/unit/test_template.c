/* format/template: what is written, that it is escaped, and mistakes with their lines. */
#include "unit.h"

#include "format/template.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct json *read_values(struct arena *arena, const char *text) {
    struct json *values = NULL;
    assert_works(arena, json_parse_object(arena, text, strlen(text), &values));
    return values;
}

static const char *render(struct arena *arena, const char *template, const char *values) {
    struct buffer out;
    buffer_open(arena, &out);
    assert_works(arena, template_render(arena, template, read_values(arena, values), NULL, &out));
    return out.bytes;
}

struct page {
    const char *template, *values, *written;
};

static void check_pages(struct arena *arena, const struct page *pages, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_string_equal(render(arena, pages[i].template, pages[i].values), pages[i].written);
}

static void values_are_filled_in(void **state) {
    const struct page pages[] = {
        {"", "{}", ""},
        {"text { } {x} }} \n", "{}", "text { } {x} }} \n"},
        {"{{a}}", "{\"a\":\"x\"}", "x"},
        {"<{{ a }}{{\ta\t}}>", "{\"a\":\"x\"}", "<xx>"},
        {"{{a}}{{b}}{{a}}", "{\"a\":\"x\",\"b\":\"y\"}", "xyx"},
        {"{{a}}", "{\"a\":\"\"}", ""},
        {"[{{a}}]", "{}", "[]"},
        {"[{{a}}]", "{\"a\":null}", "[]"},
        {"[{{a}}]", "{\"a\":{\"b\":1}}", "[]"},
        {"[{{a}}]", "{\"a\":[1,2]}", "[]"},
        {"{{a}}", "{\"a\":true}", "true"},
        {"{{a}}", "{\"a\":false}", "false"},
        {"{{a}}", "{\"a\":12345678901234567890}", "12345678901234567890"},
        {"{{a-b_1}}", "{\"a-b_1\":\"x\"}", "x"},
        {"{{a}}}", "{\"a\":\"x\"}", "x}"},
    };
    check_pages(*state, pages, COUNT(pages));
}

static void sections_show_hide_and_repeat(void **state) {
    const struct page pages[] = {
        {"{{#a}}x{{/a}}", "{}", ""},
        {"{{#a}}x{{/a}}", "{\"a\":false}", ""},
        {"{{#a}}x{{/a}}", "{\"a\":null}", ""},
        {"{{#a}}x{{/a}}", "{\"a\":\"\"}", ""},
        {"{{#a}}x{{/a}}", "{\"a\":[]}", ""},
        {"{{#a}}x{{/a}}", "{\"a\":true}", "x"},
        {"{{#a}}x{{/a}}", "{\"a\":0}", "x"},
        {"{{#a}}x{{/a}}", "{\"a\":{}}", "x"},
        {"{{#a}}{{a}}{{/a}}", "{\"a\":\"text\"}", "text"},
        {"{{#a}}{{.}}{{/a}}", "{\"a\":\"text\"}", "text"},
        {"{{#a}}x{{/a}}", "{\"a\":[1,2,3]}", "xxx"},
        {"{{#a}}x{{/a}}", "{\"a\":[null,false,\"\"]}", "xxx"},
        {"{{#a}}{{.}},{{/a}}", "{\"a\":[\"p\",\"<q>\",3]}", "p,&lt;q&gt;,3,"},
        {"{{#a}}{{n}};{{/a}}", "{\"a\":[{\"n\":\"p\"},{\"n\":\"q\"}]}", "p;q;"},
        {"{{^a}}x{{/a}}", "{}", "x"},
        {"{{^a}}x{{/a}}", "{\"a\":false}", "x"},
        {"{{^a}}x{{/a}}", "{\"a\":null}", "x"},
        {"{{^a}}x{{/a}}", "{\"a\":\"\"}", "x"},
        {"{{^a}}x{{/a}}", "{\"a\":[]}", "x"},
        {"{{^a}}x{{/a}}", "{\"a\":true}", ""},
        {"{{^a}}x{{/a}}", "{\"a\":\"0\"}", ""},
        {"{{^a}}x{{/a}}", "{\"a\":[0]}", ""},
        {"{{^a}}{{b}}{{/a}}", "{\"b\":\"y\"}", "y"},
        {"{{# a }}x{{/ a }}", "{\"a\":1}", "x"},
        {"1{{#a}}2{{#b}}3{{/b}}4{{/a}}5", "{\"a\":1,\"b\":1}", "12345"},
        {"1{{#a}}2{{#b}}3{{/b}}4{{/a}}5", "{\"b\":1}", "15"},
        {"{{#a}}{{#a}}x{{/a}}{{/a}}", "{\"a\":true}", "x"},
        {"{{#a}}{{#b}}{{.}}{{/b}};{{/a}}", "{\"a\":[{\"b\":[1,2]},{\"b\":[]},{\"b\":[3]}]}",
         "12;;3;"},
        {"{{#a}}1{{/a}}{{^a}}2{{/a}}", "{\"a\":true}", "1"},
        {"{{#a}}1{{/a}}{{^a}}2{{/a}}", "{}", "2"},
    };
    check_pages(*state, pages, COUNT(pages));
}

static void names_are_looked_up_outwards(void **state) {
    const struct page pages[] = {
        {"{{#a}}{{n}}{{/a}}", "{\"n\":\"outer\",\"a\":{\"n\":\"inner\"}}", "inner"},
        {"{{#a}}{{n}}{{/a}}", "{\"n\":\"outer\",\"a\":{}}", "outer"},
        {"{{#a}}{{n}}{{/a}}", "{\"n\":\"outer\",\"a\":{\"n\":\"\"}}", ""},
        {"{{#a}}{{n}}{{/a}}", "{\"n\":\"outer\",\"a\":{\"n\":null}}", ""},
        {"{{#a}}{{n}}{{/a}}{{n}}", "{\"a\":{\"n\":\"inner\"}}", "inner"},
        {"{{#a}}{{#b}}{{m}}{{n}}{{/b}}{{/a}}", "{\"m\":1,\"a\":{\"n\":2,\"b\":{\"x\":3}}}", "12"},
        {"{{#a}}{{n}}{{/a}}", "{\"n\":\"outer\",\"a\":[\"text\",1]}", "outerouter"},
    };
    check_pages(*state, pages, COUNT(pages));
}

static void comments_are_left_out(void **state) {
    const struct page pages[] = {
        {"a{{! anything < > {{ # / \n more }}b", "{}", "ab"},
        {"{{!}}", "{}", ""},
        {"{{#a}}{{! in here }}x{{/a}}", "{\"a\":1}", "x"},
    };
    check_pages(*state, pages, COUNT(pages));
}

static void everything_is_escaped(void **state) {
    struct arena *arena = *state;
    const char *page = render(arena, "<a title=\"{{v}}\">{{v}}</a>",
                              "{\"v\":\"&<>\\\"' </script> {{v}} &amp; \xEA\xB9\x80\"}");
    assert_string_equal(page, "<a title=\"&amp;&lt;&gt;&quot;&#39; &lt;/script&gt; {{v}} &amp;amp; "
                              "\xEA\xB9\x80\">&amp;&lt;&gt;&quot;&#39; &lt;/script&gt; {{v}} "
                              "&amp;amp; \xEA\xB9\x80</a>");
    assert_string_equal(html_escape(arena, "<a href='x'>\"&\"</a>"),
                        "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
    assert_string_equal(html_escape(arena, ""), "");
}

static void no_ascii_byte_but_letters_can_change_the_page(void **state) {
    struct arena *arena = *state;
    for (char byte = 1; byte < 0x7F; byte++) {
        const char text[] = {byte, '\0'};
        const char *escaped = html_escape(arena, text);
        if (strchr("&<>\"'", byte) == NULL)
            assert_string_equal(escaped, text);
        else
            assert_null(strpbrk(escaped, "<>\"'"));
    }
}

static const char *render_texts(struct arena *arena, const char *template, const char *values,
                                const char *texts) {
    struct buffer out;
    buffer_open(arena, &out);
    assert_works(arena, template_render(arena, template, read_values(arena, values),
                                        read_values(arena, texts), &out));
    return out.bytes;
}

static void texts_are_filled_in(void **state) {
    const struct {
        const char *template, *values, *texts, *written;
    } pages[] = {
        {"{{$t}}", "{}", "{\"t\":\"Hello\"}", "Hello"},
        {"<{{@ t }}{{$\tt }}>", "{}", "{\"t\":\"Hello\"}", "<HelloHello>"},
        {"{{$t}}", "{\"t\":\"a value\"}", "{\"t\":\"a text\"}", "a text"},
        {"{{t}}", "{\"t\":\"a value\"}", "{\"t\":\"a text\"}", "a value"},
        {"{{$t}}", "{}", "{\"t\":\"\"}", ""},
        {"{{$t}}", "{\"a\":\"x\"}", "{\"t\":\"with {a}\"}", "with <bdi>x</bdi>"},
        {"{{@t}}", "{\"a\":\"x\"}", "{\"t\":\"with {a}\"}", "with x"},
        {"{{$t}}", "{\"a\":\"x\",\"b\":7}", "{\"t\":\"{b} of {a}{a}\"}",
         "<bdi>7</bdi> of <bdi>x</bdi><bdi>x</bdi>"},
        {"{{@t}}", "{}", "{\"t\":\"[{a}]\"}", "[]"},
        {"{{#l}}{{@t}};{{/l}}", "{\"l\":[{\"a\":1},{\"a\":2},{}],\"a\":9}", "{\"t\":\"no {a}\"}",
         "no 1;no 2;no 9;"},
        {"{{#l}}{{@t}}{{/l}}", "{\"l\":[\"x\",\"y\"]}", "{\"t\":\"{.}!\"}", "x!y!"},
        {"{{^a}}{{$t}}{{/a}}", "{}", "{\"t\":\"none\"}", "none"},
        {"{{#a}}{{$t}}{{/a}}", "{}", "{\"t\":\"none\"}", ""},
        {"{{@t}}", "{\"a\":\"x\"}", "{\"t\":\"} {a}}\"}", "} x}"},
    };
    for (size_t i = 0; i < COUNT(pages); i++)
        assert_string_equal(
            render_texts(*state, pages[i].template, pages[i].values, pages[i].texts),
            pages[i].written);
}

/* A value is neither markup, nor a tag, nor a placeholder; a text is neither markup nor a tag. */
static void texts_and_what_they_hold_are_escaped(void **state) {
    struct arena *arena = *state;
    const char *values = "{\"a\":\"<b>\\\"'&{b}{{b}}</bdi>\",\"b\":\"no\"}";
    const char *texts = "{\"t\":\"<i>\\\"'& {a} }}</i>\"}";
    const char *escaped = "&lt;b&gt;&quot;&#39;&amp;{b}{{b}}&lt;/bdi&gt;";
    assert_string_equal(
        render_texts(arena, "{{$t}}", values, texts),
        arena_format(arena, "&lt;i&gt;&quot;&#39;&amp; <bdi>%s</bdi> }}&lt;/i&gt;", escaped));
    assert_string_equal(render_texts(arena, "{{@t}}", values, texts),
                        arena_format(arena, "&lt;i&gt;&quot;&#39;&amp; %s }}&lt;/i&gt;", escaped));
}

static void mistakes_in_texts_are_named_with_their_line(void **state) {
    struct arena *arena = *state;
    const char *texts = "{\"good\":\"x\",\"open\":\"a {\",\"empty\":\"{}\",\"space\":\"{ a }\","
                        "\"two\":\"{{a}}\",\"number\":7}";
    const char *names[] = {"missing", "open", "empty", "space", "two", "number"};
    const char *values[] = {"{}", "{\"s\":true}"};
    for (size_t i = 0; i < COUNT(names); i++)
        for (size_t k = 0; k < 2 * COUNT(values); k++) {
            struct buffer out;
            buffer_open(arena, &out);
            const char *template = arena_format(arena, "{{$good}}\n{{#s}}{{%c%s}}{{/s}}",
                                                k % 2 == 0 ? '$' : '@', names[i]);
            assert_int_equal(template_render(arena, template, read_values(arena, values[k / 2]),
                                             read_values(arena, texts), &out),
                             -1);
            assert_int_equal(arena->error.rule, ERROR_TEMPLATE);
            assert_memory_equal(arena->error.detail, "line 2: ", 8);
            arena->error = (struct error){.rule = ERROR_NONE};
        }
}

/* A text of 1000 placeholders, as often as it takes. */
static void a_text_counts_with_its_placeholders(void **state) {
    struct arena *arena = *state;
    struct buffer text;
    struct buffer out;
    buffer_open(arena, &text);
    for (int i = 0; i < 1000; i++)
        buffer_add_text(&text, "{a}");
    struct json *texts = json_object(arena);
    json_put_string(arena, texts, "t", text.bytes);
    struct json *values = json_object(arena);
    struct json *list = json_array(arena);
    for (int i = 0; i < TEMPLATE_TAGS_LIMIT / 1000; i++)
        json_append(list, json_text(arena, "x"));
    json_put(arena, values, "l", list);
    buffer_open(arena, &out);
    assert_fails(arena, ERROR_TEMPLATE,
                 template_render(arena, "{{#l}}{{@t}}{{/l}}", values, texts, &out));
}

static void mistakes_are_named_with_their_line(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *template, *start;
    } mistakes[] = {
        {"{{", "line 1: "},
        {"{{a", "line 1: "},
        {"\n\n{{a}", "line 3: "},
        {"{{}}", "line 1: "},
        {"{{ }}", "line 1: "},
        {"{{a b}}", "line 1: "},
        {"{{a.b}}", "line 1: "},
        {"{{..}}", "line 1: "},
        {"{{a\n}}", "line 1: "},
        {"{{{a}}}", "line 1: "},
        {"x\n{{&a}}", "line 2: "},
        {"{{> layout}}", "line 1: "},
        {"{{=<% %>=}}", "line 1: "},
        {"{{#}}{{/}}", "line 1: "},
        {"{{$}}", "line 1: "},
        {"{{@}}", "line 1: "},
        {"\n{{$a}}", "line 2: "},
        {"{{$$a}}", "line 1: "},
        {"{{$a}}{{/a}}", "line 1: "},
        {"{{#a}}", "line 1: "},
        {"\n{{#a}}\n\n", "line 2: "},
        {"{{#a}}\n{{#b}}\n{{/b}}", "line 1: "},
        {"{{/a}}", "line 1: "},
        {"{{#a}}{{/a}}\n{{/a}}", "line 2: "},
        {"{{#a}}\n{{/b}}", "line 2: "},
        {"{{#a}}\n{{/aa}}", "line 2: "},
        {"{{#a}}{{#b}}\n{{/a}}{{/b}}", "line 2: "},
        {"{{^a}}", "line 1: "},
        {"{{! a", "line 1: "},
        {"{{\xC3\xA9}}", "line 1: "},
    };
    /* whether the section is shown or not */
    const char *values[] = {"{}", "{\"a\":true}", "{\"a\":[1,2],\"b\":1}"};
    for (size_t i = 0; i < COUNT(mistakes); i++)
        for (size_t k = 0; k < COUNT(values); k++) {
            struct buffer out;
            buffer_open(arena, &out);
            assert_int_equal(template_render(arena, mistakes[i].template,
                                             read_values(arena, values[k]), NULL, &out),
                             -1);
            assert_int_equal(arena->error.rule, ERROR_TEMPLATE);
            assert_memory_equal(arena->error.detail, mistakes[i].start, 8);
            arena->error = (struct error){.rule = ERROR_NONE};
        }
}

static void a_mistake_in_a_hidden_section_is_found_too(void **state) {
    struct arena *arena = *state;
    struct buffer out;
    buffer_open(arena, &out);
    assert_fails(
        arena, ERROR_TEMPLATE,
        template_render(arena, "{{#a}}{{>x}}{{/a}}", read_values(arena, "{}"), NULL, &out));
}

static int render_nested(struct arena *arena, size_t depth) {
    struct buffer template;
    struct buffer out;
    buffer_open(arena, &template);
    buffer_open(arena, &out);
    for (size_t i = 0; i < depth; i++)
        buffer_add_text(&template, i % 2 == 0 ? "{{#a}}" : "{{^b}}");
    for (size_t i = depth; i > 0; i--)
        buffer_add_text(&template, i % 2 == 1 ? "{{/a}}" : "{{/b}}");
    return template_render(arena, template.bytes, read_values(arena, "{\"a\":1}"), NULL, &out);
}

static void nesting_has_a_limit(void **state) {
    struct arena *arena = *state;
    assert_works(arena, render_nested(arena, TEMPLATE_DEPTH_LIMIT));
    assert_fails(arena, ERROR_TEMPLATE, render_nested(arena, TEMPLATE_DEPTH_LIMIT + 1));
    assert_fails(arena, ERROR_TEMPLATE, render_nested(arena, 100000));
}

/* 4^16 times nothing, and 4^8 times a long text. */
static void repetition_has_a_limit(void **state) {
    struct arena *arena = *state;
    struct buffer template;
    struct buffer out;
    const struct json *values = read_values(arena, "{\"a\":[1,2,3,4]}");
    for (int depth = 8; depth <= 16; depth += 8) {
        buffer_open(arena, &template);
        buffer_open(arena, &out);
        for (int i = 0; i < depth; i++)
            buffer_add_text(&template, "{{#a}}");
        if (depth == 8)
            buffer_add_text(&template, "a text of more than sixteen bytes");
        for (int i = 0; i < depth; i++)
            buffer_add_text(&template, "{{/a}}");
        assert_fails(arena, ERROR_TEMPLATE,
                     template_render(arena, template.bytes, values, NULL, &out));
        assert_in_range(out.length, 0, TEMPLATE_PAGE_LIMIT + 100);
    }
}

static void a_page_is_appended(void **state) {
    struct arena *arena = *state;
    struct buffer out;
    buffer_open(arena, &out);
    buffer_add_text(&out, "before ");
    assert_works(arena, template_render(arena, "after {{a}}", NULL, NULL, &out));
    assert_string_equal(out.bytes, "before after ");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(values_are_filled_in),
        unit_test(sections_show_hide_and_repeat),
        unit_test(names_are_looked_up_outwards),
        unit_test(comments_are_left_out),
        unit_test(everything_is_escaped),
        unit_test(no_ascii_byte_but_letters_can_change_the_page),
        unit_test(texts_are_filled_in),
        unit_test(texts_and_what_they_hold_are_escaped),
        unit_test(mistakes_in_texts_are_named_with_their_line),
        unit_test(a_text_counts_with_its_placeholders),
        unit_test(mistakes_are_named_with_their_line),
        unit_test(a_mistake_in_a_hidden_section_is_found_too),
        unit_test(nesting_has_a_limit),
        unit_test(repetition_has_a_limit),
        unit_test(a_page_is_appended),
    };
    return cmocka_run_group_tests_name("template", tests, NULL, NULL);
}

/* format/json, reading: every malformed document is refused, every valid one is read, with the
 * right value. In the manner of the JSON parsing test suite. */
#include "unit.h"

#include "base/buffer.h"
#include "format/json.h"

#include <string.h>

struct document {
    const char *text;
    size_t length;
};

/* A text that may hold NULs. */
#define DOCUMENT(literal)                                                                          \
    { literal, sizeof(literal) - 1 }

/* A valid document and how it is written again. */
struct valid {
    struct document document;
    const char *written;
};

#define SAME(literal)                                                                              \
    { DOCUMENT(literal), literal }

static const struct valid valid[] = {
    /* literals and white space */
    SAME("null"),
    SAME("true"),
    SAME("false"),
    {DOCUMENT(" null "), "null"},
    {DOCUMENT("\t\r\n true\n\n"), "true"},
    {DOCUMENT("[ ]"), "[]"},
    {DOCUMENT("{ }"), "{}"},
    {DOCUMENT("\n[\n1\n,\n2\n]\n"), "[1,2]"},
    {DOCUMENT(" { \"a\" : 1 , \"b\" : 2 } "), "{\"a\":1,\"b\":2}"},
    {DOCUMENT("[\ttrue\t]"), "[true]"},
    {DOCUMENT("{\r\n\"a\"\r\n:\r\n1\r\n}"), "{\"a\":1}"},
    /* numbers, kept digit by digit */
    SAME("0"),
    SAME("-0"),
    SAME("1"),
    SAME("-1"),
    SAME("10"),
    SAME("123456789"),
    SAME("0.0"),
    SAME("-0.0"),
    SAME("0.5"),
    SAME("1.50"),
    SAME("100.001"),
    SAME("1e1"),
    SAME("1E1"),
    SAME("1e+1"),
    SAME("1E+1"),
    SAME("1e-1"),
    SAME("1E-1"),
    SAME("0e0"),
    SAME("0e+1"),
    SAME("0E1"),
    SAME("1e00"),
    SAME("1e01"),
    SAME("1.5e10"),
    SAME("-1.5e-10"),
    SAME("1e400"),
    SAME("-1e400"),
    SAME("1e-400"),
    SAME("9007199254740993"),
    SAME("-9007199254740993"),
    SAME("9223372036854775807"),
    SAME("9223372036854775808"),
    SAME("99999999999999999999"),
    SAME("123456789012345678901234567890"),
    SAME("0.1000000000000000055511151231257827"),
    SAME("[0]"),
    SAME("[-0]"),
    SAME("[1,-2,3.0,4e5]"),
    SAME("{\"n\":0}"),
    /* strings */
    SAME("\"\""),
    SAME("\"a\""),
    SAME("\" \""),
    SAME("\"a b\""),
    SAME("\"[]{}:,\""),
    SAME("\"null\""),
    SAME("\"/\""),
    SAME("\"'\""),
    {DOCUMENT("\"\\\"\""), "\"\\\"\""},
    {DOCUMENT("\"\\\\\""), "\"\\\\\""},
    {DOCUMENT("\"\\/\""), "\"/\""},
    {DOCUMENT("\"\\b\""), "\"\\u0008\""},
    {DOCUMENT("\"\\f\""), "\"\\u000C\""},
    {DOCUMENT("\"\\n\""), "\"\\u000A\""},
    {DOCUMENT("\"\\r\""), "\"\\u000D\""},
    {DOCUMENT("\"\\t\""), "\"\\u0009\""},
    {DOCUMENT("\"\\u0041\""), "\"A\""},
    {DOCUMENT("\"\\u004a\\u004A\""), "\"JJ\""},
    {DOCUMENT("\"\\u0001\""), "\"\\u0001\""},
    {DOCUMENT("\"\\u001f\""), "\"\\u001F\""},
    {DOCUMENT("\"\\u0022\""), "\"\\\"\""},
    {DOCUMENT("\"\\u005c\""), "\"\\\\\""},
    {DOCUMENT("\"\\u005Cn\""), "\"\\\\n\""},
    {DOCUMENT("\"\\u002F\""), "\"/\""},
    {DOCUMENT("\"\\u007f\""), "\"\\u007F\""},
    {DOCUMENT("\"\x7F\""), "\"\\u007F\""},
    {DOCUMENT("\"\\u0080\""), "\"\xC2\x80\""},
    {DOCUMENT("\"\\u00e9\""), "\"\xC3\xA9\""},
    {DOCUMENT("\"\\u07FF\""), "\"\xDF\xBF\""},
    {DOCUMENT("\"\\u0800\""), "\"\xE0\xA0\x80\""},
    {DOCUMENT("\"\\uAC00\""), "\"\xEA\xB0\x80\""},
    {DOCUMENT("\"\\uD7FF\""), "\"\xED\x9F\xBF\""},
    {DOCUMENT("\"\\uE000\""), "\"\xEE\x80\x80\""},
    {DOCUMENT("\"\\uFFFF\""), "\"\xEF\xBF\xBF\""},
    {DOCUMENT("\"\\uFEFF\""), "\"\xEF\xBB\xBF\""},
    {DOCUMENT("\"\\u2028\\u2029\""), "\"\\u2028\\u2029\""},
    {DOCUMENT("\"\\uD800\\uDC00\""), "\"\xF0\x90\x80\x80\""},
    {DOCUMENT("\"\\uD83D\\uDE00\""), "\"\xF0\x9F\x98\x80\""},
    {DOCUMENT("\"\\ud83d\\ude00\""), "\"\xF0\x9F\x98\x80\""},
    {DOCUMENT("\"\\uDBFF\\uDFFF\""), "\"\xF4\x8F\xBF\xBF\""},
    {DOCUMENT("\"x\\uD83D\\uDE00y\""), "\"x\xF0\x9F\x98\x80y\""},
    {DOCUMENT("\"\\\\uD800\""), "\"\\\\uD800\""},
    {DOCUMENT("\"\\\\\\\"\""), "\"\\\\\\\"\""},
    {DOCUMENT("\"<script>&\""), "\"\\u003Cscript\\u003E\\u0026\""},
    SAME("\"\xC2\x80\""),
    SAME("\"\xC3\xA9\""),
    SAME("\"\xEA\xB9\x80\xEC\xB2\xA0\xEC\x88\x98\""),
    SAME("\"\xD7\xA9\xD7\x9C\xD7\x95\xD7\x9D\""),
    SAME("\"\xF0\x9F\x98\x80\""),
    SAME("\"\xF4\x8F\xBF\xBF\""),
    SAME("\"\xEF\xBF\xBD\""),
    SAME("\"\xEF\xBB\xBF\""),
    /* arrays */
    SAME("[]"),
    SAME("[[]]"),
    SAME("[[],[]]"),
    SAME("[{},[],\"\",0,null]"),
    SAME("[[[[[[1]]]]]]"),
    SAME("[1,[2,[3,[4]],5],6]"),
    SAME("[true,false,null]"),
    SAME("[\"a\",\"a\"]"),
    SAME("[{\"a\":1},{\"a\":1}]"),
    /* objects */
    SAME("{}"),
    SAME("{\"\":0}"),
    SAME("{\"a\":{}}"),
    SAME("{\"a\":[]}"),
    SAME("{\"a\":null}"),
    SAME("{\"a\":\"b\"}"),
    SAME("{\"a\":1,\"A\":2}"),
    SAME("{\"a\":1,\"a \":2}"),
    SAME("{\"a\":{\"a\":{\"a\":1}}}"),
    SAME("{\"a\":[{\"b\":[{\"c\":1}]}],\"d\":2}"),
    SAME("{\"b\":1,\"a\":2,\"c\":3}"),
    SAME("{\"{\":1,\"}\":2,\"[\":3,\",\":4,\":\":5}"),
    SAME("{\"sub\":\"1\",\"aud\":[\"x\",\"y\"],\"exp\":1795210996}"),
    {DOCUMENT("{\"\\u0061\":1,\"b\":2}"), "{\"a\":1,\"b\":2}"},
    {DOCUMENT("{\"\\n\":1}"), "{\"\\u000A\":1}"},
    SAME("{\"\xC3\xA9\":1,\"e\xCC\x81\":2}"),
};

static const struct document malformed[] = {
    /* nothing, and no value at all */
    DOCUMENT(""),
    DOCUMENT(" "),
    DOCUMENT("\n"),
    DOCUMENT(","),
    DOCUMENT(":"),
    DOCUMENT("]"),
    DOCUMENT("}"),
    DOCUMENT("\\"),
    DOCUMENT("'"),
    DOCUMENT("\""),
    DOCUMENT("-"),
    DOCUMENT("."),
    DOCUMENT("+"),
    DOCUMENT("*"),
    DOCUMENT("#"),
    DOCUMENT("\x01"),
    /* literals */
    DOCUMENT("n"),
    DOCUMENT("nul"),
    DOCUMENT("nulll"),
    DOCUMENT("Null"),
    DOCUMENT("NULL"),
    DOCUMENT("True"),
    DOCUMENT("TRUE"),
    DOCUMENT("tru"),
    DOCUMENT("truex"),
    DOCUMENT("fals"),
    DOCUMENT("falsey"),
    DOCUMENT("FALSE"),
    DOCUMENT("undefined"),
    DOCUMENT("NaN"),
    DOCUMENT("-NaN"),
    DOCUMENT("nan"),
    DOCUMENT("Infinity"),
    DOCUMENT("-Infinity"),
    DOCUMENT("[nul]"),
    DOCUMENT("[tru,1]"),
    DOCUMENT("{\"a\":fals}"),
    DOCUMENT("a"),
    DOCUMENT("abc"),
    DOCUMENT("[a]"),
    DOCUMENT("{\"a\":b}"),
    DOCUMENT("true false"),
    DOCUMENT("truefalse"),
    DOCUMENT("true:1"),
    /* numbers */
    DOCUMENT("01"),
    DOCUMENT("-01"),
    DOCUMENT("00"),
    DOCUMENT("-00"),
    DOCUMENT("012"),
    DOCUMENT("0x10"),
    DOCUMENT("0b1"),
    DOCUMENT("1_000"),
    DOCUMENT("1,000"),
    DOCUMENT("+1"),
    DOCUMENT("--1"),
    DOCUMENT("-+1"),
    DOCUMENT("- 1"),
    DOCUMENT("1-"),
    DOCUMENT("1+1"),
    DOCUMENT("1-1"),
    DOCUMENT("1."),
    DOCUMENT("-1."),
    DOCUMENT(".5"),
    DOCUMENT("-.5"),
    DOCUMENT("1.e1"),
    DOCUMENT(".e1"),
    DOCUMENT("1..5"),
    DOCUMENT("1.2.3"),
    DOCUMENT("1e"),
    DOCUMENT("1E"),
    DOCUMENT("1e+"),
    DOCUMENT("1e-"),
    DOCUMENT("1e1.5"),
    DOCUMENT("1e1e1"),
    DOCUMENT("1ee1"),
    DOCUMENT("1e+-1"),
    DOCUMENT("e1"),
    DOCUMENT("0e"),
    DOCUMENT("0.e1"),
    DOCUMENT("1 000"),
    DOCUMENT("1a"),
    DOCUMENT("1f"),
    DOCUMENT("1L"),
    DOCUMENT("1\xC2\xA0"),
    DOCUMENT("\xEF\xBC\x91"), /* a full-width digit */
    DOCUMENT("[01]"),
    DOCUMENT("[1.]"),
    DOCUMENT("[.1]"),
    DOCUMENT("[-]"),
    DOCUMENT("[1e]"),
    DOCUMENT("[+1]"),
    DOCUMENT("[1a]"),
    DOCUMENT("[-a]"),
    DOCUMENT("[1\"2\"]"),
    DOCUMENT("[1\"]"),
    DOCUMENT("[1[2]]"),
    DOCUMENT("[1{}]"),
    DOCUMENT("{\"a\":01}"),
    DOCUMENT("{\"a\":1.}"),
    DOCUMENT("{\"a\":-}"),
    /* strings */
    DOCUMENT("\"a"),
    DOCUMENT("a\""),
    DOCUMENT("'a'"),
    DOCUMENT("['a']"),
    DOCUMENT("{'a':1}"),
    DOCUMENT("\"\\\""),
    DOCUMENT("\"\\"),
    DOCUMENT("\"a\\"),
    DOCUMENT("\"a\\\"b"),
    DOCUMENT("\"\\a\""),
    DOCUMENT("\"\\'\""),
    DOCUMENT("\"\\0\""),
    DOCUMENT("\"\\x41\""),
    DOCUMENT("\"\\v\""),
    DOCUMENT("\"\\B\""),
    DOCUMENT("\"\\N\""),
    DOCUMENT("\"\\U0041\""),
    DOCUMENT("\"\\ \""),
    DOCUMENT("\"\\\n\""),
    DOCUMENT("\"\\u\""),
    DOCUMENT("\"\\u0\""),
    DOCUMENT("\"\\u00\""),
    DOCUMENT("\"\\u004\""),
    DOCUMENT("\"\\u004"),
    DOCUMENT("\"\\u"),
    DOCUMENT("\"\\uD83D\\u"),
    DOCUMENT("\"\\u004g\""),
    DOCUMENT("\"\\ug041\""),
    DOCUMENT("\"\\u 041\""),
    DOCUMENT("\"\\u+041\""),
    DOCUMENT("\"\\u-041\""),
    DOCUMENT("\"\\u{41}\""),
    DOCUMENT("\"\\\xC3\xA9\""),
    DOCUMENT("\"\\u0000\""),
    DOCUMENT("\"a\\u0000b\""),
    DOCUMENT("{\"a\\u0000\":1}"),
    DOCUMENT("\"\\uD800\""),
    DOCUMENT("\"\\uDBFF\""),
    DOCUMENT("\"\\uDC00\""),
    DOCUMENT("\"\\uDFFF\""),
    DOCUMENT("\"\\uD83Dx\""),
    DOCUMENT("\"\\uD83D\\n\""),
    DOCUMENT("\"\\uD83D\\u0041\""),
    DOCUMENT("\"\\uD83D\\uD83D\""),
    DOCUMENT("\"\\uDE00\\uD83D\""),
    DOCUMENT("\"\\uD83D\\uE000\""),
    DOCUMENT("\"\\uD83D\\uDE0\""),
    DOCUMENT("\"\\uD83D\\uDBFF\""),
    DOCUMENT("\"\\uD83DuDE00\""),
    DOCUMENT("\"\\uD83D\xED\xB8\x80\""),
    DOCUMENT("{\"\\uD800\":1}"),
    DOCUMENT("\"\n\""),
    DOCUMENT("\"\r\""),
    DOCUMENT("\"\t\""),
    DOCUMENT("\"\x01\""),
    DOCUMENT("\"\x1F\""),
    DOCUMENT("\"a\nb\""),
    DOCUMENT("{\"a\nb\":1}"),
    DOCUMENT("\"\0\""),
    DOCUMENT("\"a\0b\""),
    DOCUMENT("\"a\" \"b\""),
    DOCUMENT("\"a\"\"b\""),
    DOCUMENT("\"a\",\"b\""),
    DOCUMENT("\"a\":\"b\""),
    DOCUMENT("\"a\"b"),
    DOCUMENT("\"a\"1"),
    DOCUMENT("\xE2\x80\x9C"
             "a\xE2\x80\x9D"), /* typographic quotes */
    /* UTF-8 */
    DOCUMENT("\"\x80\""),
    DOCUMENT("\"\xBF\""),
    DOCUMENT("\"\xC3\""),
    DOCUMENT("\"\xC3"),
    DOCUMENT("\"\xC3\x28\""),
    DOCUMENT("\"\xC0\x80\""),
    DOCUMENT("\"\xC0\xAF\""),
    DOCUMENT("\"\xC1\xBF\""),
    DOCUMENT("\"\xE0\x80\xAF\""),
    DOCUMENT("\"\xE0\x9F\xBF\""),
    DOCUMENT("\"\xE2\x82\""),
    DOCUMENT("\"\xED\xA0\x80\""),
    DOCUMENT("\"\xED\xBF\xBF\""),
    DOCUMENT("\"\xED\xA0\xBD\xED\xB8\x80\""),
    DOCUMENT("\"\xF0\x80\x80\xAF\""),
    DOCUMENT("\"\xF0\x8F\xBF\xBF\""),
    DOCUMENT("\"\xF0\x9F\x98\""),
    DOCUMENT("\"\xF4\x90\x80\x80\""),
    DOCUMENT("\"\xF5\x80\x80\x80\""),
    DOCUMENT("\"\xF8\x88\x80\x80\x80\""),
    DOCUMENT("\"\xFE\""),
    DOCUMENT("\"\xFF\""),
    DOCUMENT("{\"\xFF\":1}"),
    DOCUMENT("[\xFF]"),
    DOCUMENT("\xE9"),
    DOCUMENT("\"\xE9\""), /* Latin-1 */
    DOCUMENT("\xEF\xBB\xBF{}"),
    DOCUMENT("\xEF\xBB\xBF"),
    DOCUMENT("\xFF\xFE[\0]\0"),
    DOCUMENT("{\0}\0"),
    /* white space that is none */
    DOCUMENT("\v1"),
    DOCUMENT("\f1"),
    DOCUMENT("[\f]"),
    DOCUMENT("[1\v]"),
    DOCUMENT("\xC2\xA0[]"),
    DOCUMENT("[]\xC2\xA0"),
    DOCUMENT("[\xE2\x81\xA0]"),
    DOCUMENT("[]\x85"),
    DOCUMENT("[1]\0"),
    DOCUMENT("\0[1]"),
    DOCUMENT("[\0]"),
    DOCUMENT("[1\0]"),
    DOCUMENT("[1,\0 2]"),
    DOCUMENT("{\"a\":1}\0{\"a\":2}"),
    /* arrays */
    DOCUMENT("["),
    DOCUMENT("[["),
    DOCUMENT("[[]"),
    DOCUMENT("[]]"),
    DOCUMENT("[1"),
    DOCUMENT("[1,"),
    DOCUMENT("[1,]"),
    DOCUMENT("[,]"),
    DOCUMENT("[,1]"),
    DOCUMENT("[1,,2]"),
    DOCUMENT("[1,,]"),
    DOCUMENT("[1 2]"),
    DOCUMENT("[1 true]"),
    DOCUMENT("[\"a\" \"b\"]"),
    DOCUMENT("[\"a\"\"b\"]"),
    DOCUMENT("[[1][2]]"),
    DOCUMENT("[{}{}]"),
    DOCUMENT("[[] []]"),
    DOCUMENT("[1:2]"),
    DOCUMENT("[\"a\":1]"),
    DOCUMENT("[\"a\":]"),
    DOCUMENT("[:]"),
    DOCUMENT("[:1]"),
    DOCUMENT("[1;2]"),
    DOCUMENT("[1}"),
    DOCUMENT("[}"),
    DOCUMENT("[\"a\"}"),
    DOCUMENT("[]]["),
    DOCUMENT("[]["),
    DOCUMENT("[][]"),
    DOCUMENT("[],[]"),
    DOCUMENT("[],"),
    DOCUMENT("[1]1"),
    DOCUMENT("[1]a"),
    DOCUMENT("[\"a\",\n4\n,1,"),
    DOCUMENT("[...]"),
    DOCUMENT("<null>"),
    DOCUMENT("(1)"),
    /* objects */
    DOCUMENT("{"),
    DOCUMENT("{{"),
    DOCUMENT("{{}}"),
    DOCUMENT("{[]}"),
    DOCUMENT("{}}"),
    DOCUMENT("{]"),
    DOCUMENT("{,}"),
    DOCUMENT("{:}"),
    DOCUMENT("{:1}"),
    DOCUMENT("{\"a\""),
    DOCUMENT("{\"a\"}"),
    DOCUMENT("{\"a\":"),
    DOCUMENT("{\"a\":}"),
    DOCUMENT("{\"a\":1"),
    DOCUMENT("{\"a\":1,"),
    DOCUMENT("{\"a\":1,}"),
    DOCUMENT("{,\"a\":1}"),
    DOCUMENT("{\"a\":1,,\"b\":2}"),
    DOCUMENT("{\"a\":1 \"b\":2}"),
    DOCUMENT("{\"a\":1:\"b\":2}"),
    DOCUMENT("{\"a\" 1}"),
    DOCUMENT("{\"a\" \"b\"}"),
    DOCUMENT("{\"a\",1}"),
    DOCUMENT("{\"a\",\"b\"}"),
    DOCUMENT("{\"a\"::1}"),
    DOCUMENT("{\"a\":\"b\":\"c\"}"),
    DOCUMENT("{\"a\":1:2}"),
    DOCUMENT("{\"a\"=1}"),
    DOCUMENT("{\"a\"=>1}"),
    DOCUMENT("{\"a\":1;\"b\":2}"),
    DOCUMENT("{a:1}"),
    DOCUMENT("{1:1}"),
    DOCUMENT("{null:1}"),
    DOCUMENT("{true:1}"),
    DOCUMENT("{[]:1}"),
    DOCUMENT("{{}:1}"),
    DOCUMENT("{\"a\":1]"),
    DOCUMENT("{\"a\":[1}"),
    DOCUMENT("{\"a\":[1}]"),
    DOCUMENT("{\"a\":1}}"),
    DOCUMENT("{\"a\":1}{\"a\":2}"),
    DOCUMENT("{\"a\":1} {\"b\":2}"),
    DOCUMENT("{\"a\":1},{\"b\":2}"),
    DOCUMENT("{\"a\":1}\n{\"b\":2}\n"),
    DOCUMENT("{\"a\":1}x"),
    DOCUMENT("{\"a\":1}\""),
    DOCUMENT("{\"a\":1}#"),
    DOCUMENT("{\"a\":1 2}"),
    DOCUMENT("{\"a\":\"b\" \"c\"}"),
    DOCUMENT("{\"a\":[]\"b\":1}"),
    DOCUMENT("{\"a\" \"b\":1}"),
    DOCUMENT("{\"a\"1:1}"),
    DOCUMENT("{\"a\":{\"b\":1}"),
    DOCUMENT("{\"a\":{\"b\"}}"),
    DOCUMENT("{\"a\":{\"b\":}}"),
    DOCUMENT("{\"a\":/**/1}"),
    DOCUMENT("/**/{}"),
    DOCUMENT("{}//"),
    DOCUMENT("{}/"),
    DOCUMENT("# comment\n{}"),
    DOCUMENT("{\"a\":0,}b"),
    DOCUMENT("callback({})"),
    DOCUMENT(")]}',\n{}"),
    /* names twice */
    DOCUMENT("{\"a\":1,\"a\":1}"),
    DOCUMENT("{\"a\":1,\"a\":2}"),
    DOCUMENT("{\"\":1,\"\":2}"),
    DOCUMENT("{\"a\":1,\"b\":2,\"a\":3}"),
    DOCUMENT("{\"b\":1,\"a\":2,\"c\":3,\"d\":4,\"a\":5}"),
    DOCUMENT("{\"a\":1,\"\\u0061\":2}"),
    DOCUMENT("{\"\\u0061\":1,\"\\u0061\":2}"),
    DOCUMENT("{\"/\":1,\"\\/\":2}"),
    DOCUMENT("{\"\\n\":1,\"\\u000a\":2}"),
    DOCUMENT("{\"\xC3\xA9\":1,\"\\u00e9\":2}"),
    DOCUMENT("{\"\xF0\x9F\x98\x80\":1,\"\\uD83D\\uDE00\":2}"),
    DOCUMENT("[{\"x\":{\"a\":1,\"a\":2}}]"),
    DOCUMENT("{\"iss\":\"https://good\",\"sub\":\"1\",\"iss\":\"https://evil\"}"),
    DOCUMENT("{\"alg\":\"RS256\",\"\\u0061lg\":\"none\"}"),
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* In memory that ends where the document ends, so that a sanitizer sees every byte read past it. */
static int parse(struct arena *arena, struct document document, struct json **value) {
    char *exact = test_malloc(document.length + 1);
    char *text = exact + 1;
    memcpy(text, document.text, document.length);
    int result = json_parse(arena, text, document.length, value);
    test_free(exact);
    return result;
}

static void every_valid_document_is_read(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(valid); i++) {
        struct json *value = NULL;
        assert_works(arena, parse(arena, valid[i].document, &value));
        assert_string_equal(json_write(arena, value), valid[i].written);
    }
}

static void what_is_written_reads_the_same(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(valid); i++) {
        struct json *value = NULL;
        const char *written = valid[i].written;
        assert_works(arena, json_parse(arena, written, strlen(written), &value));
        assert_string_equal(json_write(arena, value), written);
    }
}

static void every_malformed_document_is_refused(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(malformed); i++) {
        struct json *value = NULL;
        if (parse(arena, malformed[i], &value) == 0)
            fail_msg("accepted: %s", malformed[i].text);
        assert_fails(arena, ERROR_JSON, -1);
    }
}

static void every_beginning_of_a_document_is_refused(void **state) {
    struct arena *arena = *state;
    const char whole[] = "{\"a\":[1,-2.5e+3,{\"b\":\"\\u00e9\\uD83D\\uDE00\xC3\xA9\"}],\"c\":null}";
    struct json *value = NULL;
    for (size_t length = 0; length < sizeof(whole) - 1; length++)
        assert_fails(arena, ERROR_JSON, parse(arena, (struct document){whole, length}, &value));
    assert_works(arena, parse(arena, (struct document)DOCUMENT(whole), &value));
}

static void the_suite_has_three_hundred_cases(void **state) {
    (void)state;
    assert_true(COUNT(valid) + COUNT(malformed) >= 300);
}

/* `count` times `text`. */
static void repeat(struct buffer *out, const char *text, size_t count) {
    for (size_t i = 0; i < count; i++)
        buffer_add_text(out, text);
}

static int parse_buffer(struct arena *arena, const struct buffer *text) {
    struct json *value = NULL;
    return json_parse(arena, text->bytes, text->length, &value);
}

static void nested(struct arena *arena, const char *open, const char *close, size_t depth,
                   struct buffer *text) {
    buffer_open(arena, text);
    repeat(text, open, depth);
    buffer_add_text(text, "0");
    repeat(text, close, depth);
}

static void nesting_has_a_limit(void **state) {
    struct arena *arena = *state;
    struct buffer text;
    nested(arena, "[", "]", JSON_DEPTH_LIMIT, &text);
    assert_works(arena, parse_buffer(arena, &text));
    nested(arena, "[", "]", JSON_DEPTH_LIMIT + 1, &text);
    assert_fails(arena, ERROR_JSON, parse_buffer(arena, &text));
    nested(arena, "{\"a\":", "}", JSON_DEPTH_LIMIT, &text);
    assert_works(arena, parse_buffer(arena, &text));
    nested(arena, "{\"a\":", "}", JSON_DEPTH_LIMIT + 1, &text);
    assert_fails(arena, ERROR_JSON, parse_buffer(arena, &text));
}

static void values_have_a_limit(void **state) {
    struct arena *arena = *state;
    struct buffer text;
    buffer_open(arena, &text);
    buffer_add_text(&text, "[0");
    repeat(&text, ",0", JSON_VALUES_LIMIT - 2);
    buffer_add_text(&text, "]");
    assert_works(arena, parse_buffer(arena, &text));
    text.length--;
    buffer_add_text(&text, ",0]");
    assert_fails(arena, ERROR_JSON, parse_buffer(arena, &text));
}

static void size_has_a_limit(void **state) {
    struct arena *arena = *state;
    struct buffer text;
    buffer_open(arena, &text);
    buffer_add_text(&text, "\"");
    repeat(&text, "aaaaaaaa", (JSON_SIZE_LIMIT - 8) / 8);
    repeat(&text, "b", 6);
    buffer_add_text(&text, "\"");
    assert_int_equal(text.length, JSON_SIZE_LIMIT);
    assert_works(arena, parse_buffer(arena, &text));
    buffer_add_text(&text, " ");
    assert_fails(arena, ERROR_JSON, parse_buffer(arena, &text));
}

/* An object of as many members as there may be values; the last has the name `last`. */
static void many_members(struct arena *arena, const char *last, struct buffer *text) {
    buffer_open(arena, text);
    buffer_add_byte(text, '{');
    for (int i = 0; i < JSON_VALUES_LIMIT - 2; i++)
        buffer_add_format(text, "\"n%d\":0,", i);
    buffer_add_format(text, "\"%s\":0}", last);
}

static void a_name_twice_is_found_among_thousands(void **state) {
    struct arena *arena = *state;
    struct buffer text;
    many_members(arena, "last", &text);
    assert_works(arena, parse_buffer(arena, &text));
    many_members(arena, "n7", &text);
    assert_fails(arena, ERROR_JSON, parse_buffer(arena, &text));
}

/* Each of these took jsmn, on its own, seconds to hours. */
static void hostile_documents_are_refused_at_once(void **state) {
    struct arena *arena = *state;
    struct buffer text;
    const struct {
        const char *start, *repeated, *end;
    } hostile[] = {
        {"", "[", ""},
        {"", "{\"a\":", ""},
        {"{}", "]", ""},
        {"[", "{", "}"},
        {"{\"a\"", ":\"b\"", "}}}}}}"},
        {"1\" , ", "[", ""},
        {"[1:\"", "[", "\"]"},
        {"[1", "{", " } } } }"},
        {"", "[]", ""},
        {"{}", ":\"a\"", "]]]]"},
        {"", "\"a\":", ""},
    };
    for (size_t i = 0; i < COUNT(hostile); i++) {
        buffer_open(arena, &text);
        buffer_add_text(&text, hostile[i].start);
        repeat(&text, hostile[i].repeated, 100000 / strlen(hostile[i].repeated));
        buffer_add_text(&text, hostile[i].end);
        assert_fails(arena, ERROR_JSON, parse_buffer(arena, &text));
    }
}

static void an_object_can_be_demanded(void **state) {
    struct arena *arena = *state;
    struct json *object = NULL;
    assert_works(arena, json_parse_object(arena, " {\"a\":1} ", 9, &object));
    assert_int_equal(object->count, 1);
    assert_fails(arena, ERROR_JSON, json_parse_object(arena, "[]", 2, &object));
    assert_fails(arena, ERROR_JSON, json_parse_object(arena, "\"{}\"", 4, &object));
    assert_fails(arena, ERROR_JSON, json_parse_object(arena, "null", 4, &object));
    assert_fails(arena, ERROR_JSON, json_parse_object(arena, "{", 1, &object));
}

static void the_tree_is_what_the_text_says(void **state) {
    struct arena *arena = *state;
    const char text[] = "{\"a\":[null,{\"b\":\"\\u00e9\"}],\"c\":1e2}";
    struct json *object = NULL;
    assert_works(arena, json_parse(arena, text, sizeof(text) - 1, &object));
    assert_int_equal(object->type, JSON_OBJECT);
    assert_null(object->name);
    assert_int_equal(object->count, 2);
    const struct json *array = object->first;
    assert_string_equal(array->name, "a");
    assert_int_equal(array->type, JSON_ARRAY);
    assert_int_equal(array->count, 2);
    assert_int_equal(array->first->type, JSON_NULL);
    assert_string_equal(json_string(array->last, "b"), "\xC3\xA9");
    assert_ptr_equal(array->next, object->last);
    assert_string_equal(object->last->name, "c");
    assert_string_equal(object->last->text, "1e2");
    assert_null(object->last->next);
}

static void a_mistake_is_located_but_not_quoted(void **state) {
    struct arena *arena = *state;
    struct json *value = NULL;
    assert_int_equal(json_parse(arena, "{\"secret\":\"hunter2\" 1}", 22, &value), -1);
    assert_string_equal(arena->error.detail, "byte 21: a comma or a closing bracket is missing");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(every_valid_document_is_read),
        unit_test(what_is_written_reads_the_same),
        unit_test(every_malformed_document_is_refused),
        unit_test(every_beginning_of_a_document_is_refused),
        unit_test(the_suite_has_three_hundred_cases),
        unit_test(nesting_has_a_limit),
        unit_test(values_have_a_limit),
        unit_test(size_has_a_limit),
        unit_test(a_name_twice_is_found_among_thousands),
        unit_test(hostile_documents_are_refused_at_once),
        unit_test(an_object_can_be_demanded),
        unit_test(the_tree_is_what_the_text_says),
        unit_test(a_mistake_is_located_but_not_quoted),
    };
    return cmocka_run_group_tests_name("json_parse", tests, NULL, NULL);
}

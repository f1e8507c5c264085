/* format/json, reading: every malformed document is refused, every valid one is read, with the
 * right value. In the manner of the JSON parsing test suite. */
#include "unit.h"

#include "base/buffer.h"
#include "format/json.h"
#include "json_documents.h"

#include <stdlib.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

_Static_assert(COUNT(valid) + COUNT(malformed) >= 300, "a suite of at least 300 documents");

/* In memory that ends where the document ends, so that a sanitizer sees every byte read past it. */
static int parse(struct arena *arena, struct document document, struct json **value) {
    char *exact = malloc(document.length + 1);
    assert_non_null(exact);
    char *text = exact + 1;
    memcpy(text, document.text, document.length);
    int result = json_parse(arena, text, document.length, value);
    free(exact);
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
    assert_string_equal(arena->error.detail, "byte 21: not JSON");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(every_valid_document_is_read),
        unit_test(what_is_written_reads_the_same),
        unit_test(every_malformed_document_is_refused),
        unit_test(every_beginning_of_a_document_is_refused),
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

/* format/byte_range: one part, the whole, or none, of a file of 1000 bytes as of one of terabytes. */
#include "unit.h"

#include "base/buffer.h"
#include "format/byte_range.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

struct part_case {
    const char *field;
    int64_t size;
    int64_t first, length;
};

static void one_range_is_a_part(void **state) {
    const struct part_case cases[] = {
        {"bytes=0-499", 1000, 0, 500},
        {"bytes=500-999", 1000, 500, 500},
        {"bytes=0-0", 1000, 0, 1},
        {"bytes=999-", 1000, 999, 1},
        {"bytes=0-", 1000, 0, 1000},
        {"bytes=-1", 1000, 999, 1},
        {"bytes=-500", 1000, 500, 500},
        {"bytes=-1000", 1000, 0, 1000},
        {"bytes=-5000", 1000, 0, 1000},
        {"bytes=9-5000", 1000, 9, 991},
        {"bytes=9-99999999999999999999999999", 1000, 9, 991},
        {"bytes=-99999999999999999999999999", 1000, 0, 1000},
        {"bytes=00000000000000000000000005-07", 1000, 5, 3},
        {"Bytes=0-1", 1000, 0, 2},
        {"BYTES=0-1", 1000, 0, 2},
        {"bytes= 0-1 ", 1000, 0, 2},
        {"bytes=,, 0-1 ,\t,", 1000, 0, 2},
        {"bytes=2000-,5-6", 1000, 5, 2}, /* what lies behind the end is left out */
        {"bytes=5-6,-0", 1000, 5, 2},
        {"bytes=4294967296-4294967299", 5000000000, 4294967296, 4},
        {"bytes=-4999999999", 5000000000, 1, 4999999999},
        {"bytes=9223372036854775806-", INT64_MAX, INT64_MAX - 1, 1},
        {"bytes=0-9223372036854775807", INT64_MAX, 0, INT64_MAX},
        {"bytes=0-", 1, 0, 1},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct byte_range range;
        enum byte_range_kind kind = byte_range_parse(cases[i].field, cases[i].size, &range);
        if (kind != BYTE_RANGE_PART || range.first != cases[i].first ||
            range.length != cases[i].length)
            fail_msg("%s: %d, %lld, %lld", cases[i].field, (int)kind, (long long)range.first,
                     (long long)range.length);
    }
}

static void check_all(const char *const *fields, size_t count, int64_t size,
                      enum byte_range_kind expected) {
    for (size_t i = 0; i < count; i++) {
        struct byte_range range;
        enum byte_range_kind kind = byte_range_parse(fields[i], size, &range);
        if (kind != expected)
            fail_msg("%s of %lld: %d", fields[i], (long long)size, (int)kind);
        if (kind == BYTE_RANGE_WHOLE)
            assert_true(range.first >= 0 && range.length >= 0);
    }
}

static void what_is_no_range_is_the_whole(void **state) {
    const char *fields[] = {
        NULL,
        "",
        "bytes",
        "bytes=",
        "bytes=,",
        "bytes=-",
        "bytes=--1",
        "bytes=-1-",
        "bytes=1",
        "bytes=a-",
        "bytes=0-b",
        "bytes=0x1-5",
        "bytes=+1-5",
        "bytes=1 - 5",
        "bytes=1- 5",
        "bytes=1.0-5",
        "bytes=5-4",
        "bytes=5-4,0-1",
        "bytes=0-1,5-4",
        "bytes=0-1,x",
        "bytes=0-1;0-1",
        "bytes=0-1\"",
        "bytes 0-1",
        "bytes 0-1/1000",
        "bytes:0-1",
        " bytes=0-1",
        "bytes =0-1",
        "byte=0-1",
        "bytess=0-1",
        "items=0-1",
        "none=0-1",
        "=0-1",
        "bytes==0-1",
        "bytes=18446744073709551616-4",
    };
    (void)state;
    check_all(fields, COUNT(fields), 1000, BYTE_RANGE_WHOLE);
}

static void several_ranges_are_the_whole(void **state) {
    const char *fields[] = {
        "bytes=0-1,3-4",     "bytes=0-0,-1",          "bytes=0-,0-",
        "bytes=0-999,0-999", "bytes=500-600,601-999", "bytes=2000-,0-1,5-6",
    };
    struct buffer many;
    struct byte_range range;
    check_all(fields, COUNT(fields), 1000, BYTE_RANGE_WHOLE);
    buffer_open(*state, &many);
    buffer_add_text(&many, "bytes=0-");
    for (int i = 0; i < 1300; i++)
        buffer_add_format(&many, ",5-%d", i + 5);
    assert_int_equal(byte_range_parse(many.bytes, 1000, &range), BYTE_RANGE_WHOLE);
}

static void what_lies_behind_the_end_cannot_be_had(void **state) {
    const char *fields[] = {
        "bytes=1000-",
        "bytes=1000-1000",
        "bytes=1001-2000",
        "bytes=-0",
        "bytes=-000",
        "bytes=1000-,2000-2001,-0",
        "bytes=18446744073709551616-",
        "bytes=99999999999999999999999999-",
        "bytes=99999999999999999999999999-99999999999999999999999999",
    };
    const char *of_nothing[] = {"bytes=0-", "bytes=0-0", "bytes=-0", "bytes=5-9"};
    (void)state;
    check_all(fields, COUNT(fields), 1000, BYTE_RANGE_UNSATISFIABLE);
    check_all(of_nothing, COUNT(of_nothing), 0, BYTE_RANGE_UNSATISFIABLE);
}

/* RFC 9110 14.1.2: a suffix of an empty file is all of it; there is no Content-Range that says so. */
static void the_end_of_an_empty_file_is_the_whole(void **state) {
    const char *fields[] = {"bytes=-1", "bytes=-500"};
    (void)state;
    check_all(fields, COUNT(fields), 0, BYTE_RANGE_WHOLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(one_range_is_a_part),
        unit_test(what_is_no_range_is_the_whole),
        unit_test(several_ranges_are_the_whole),
        unit_test(what_lies_behind_the_end_cannot_be_had),
        unit_test(the_end_of_an_empty_file_is_the_whole),
    };
    return cmocka_run_group_tests_name("byte_range", tests, NULL, NULL);
}

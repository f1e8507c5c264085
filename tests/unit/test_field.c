/* format/field: any text as the value of a field. (Its pieces are proved where they are read: test_language,
 * test_request.) */
#include "unit.h"

#include "format/field.h"
#include "format/uri.h"

#include <string.h>

static void a_text_becomes_what_may_stand_in_any_field(void **state) {
    static const struct {
        const char *text;
        const char *also;
        const char *value;
    } cases[] = {
        {"", "", ""},
        {"Ada Lovelace", "", "Ada Lovelace"},
        {"\"a\" <b>; c=d, e\\", "", "\"a\" <b>; c=d, e\\"},
        {"100%", "", "100%25"},
        {"%41", "", "%2541"},
        {"a,b", ",", "a%2Cb"},
        {"a,b;c", ",;", "a%2Cb%3Bc"},
        {"\xEA\xB9\x80", "", "%EA%B9%80"},
        {"a\r\nSet-Cookie: x", "", "a%0D%0ASet-Cookie: x"},
        {"\t\x01\x1F\x7F\x80\xFF", "", "%09%01%1F%7F%80%FF"},
        {" ", "", "%20"},
        {" a b ", "", "%20a b%20"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_string_equal(field_encode(*state, cases[i].text, cases[i].also), cases[i].value);
}

static void decoding_brings_every_byte_back(void **state) {
    char text[256];
    for (int i = 1; i < 256; i++)
        text[i - 1] = (char)i;
    text[255] = '\0';
    const char *value = field_encode(*state, text, ",");
    assert_null(strchr(value, ','));
    const char *c = value;
    for (int i = 1; i < 256; i++) {
        bool encoded = *c == '%';
        assert_true(*c >= ' ' && *c <= '~');
        assert_int_equal(encoded ? uri_percent_byte(c, strlen(c)) : (unsigned char)*c, i);
        c += encoded ? 3 : 1;
    }
    assert_string_equal(c, "");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_text_becomes_what_may_stand_in_any_field),
        unit_test(decoding_brings_every_byte_back),
    };
    return cmocka_run_group_tests_name("field", tests, NULL, NULL);
}

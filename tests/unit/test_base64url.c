/* format/base64url: RFC 4648 vectors, every length, and every way to be wrong. */
#include "unit.h"

#include "format/base64url.h"

#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static int decode(struct arena *arena, const char *text) {
    unsigned char *bytes = NULL;
    size_t length = 0;
    return base64url_decode(arena, text, strlen(text), &bytes, &length);
}

static void the_vectors_of_rfc_4648_hold(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *bytes, *padded, *bare;
    } vectors[] = {
        {"", "", ""},
        {"f", "Zg==", "Zg"},
        {"fo", "Zm8=", "Zm8"},
        {"foo", "Zm9v", "Zm9v"},
        {"foob", "Zm9vYg==", "Zm9vYg"},
        {"fooba", "Zm9vYmE=", "Zm9vYmE"},
        {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
        {"\xFB\xEF\xBE\xFF", "++++/w==", "----_w"},
    };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        size_t size = strlen(vectors[i].bytes);
        unsigned char *bytes = NULL;
        size_t length = 0;
        assert_string_equal(base64_encode(arena, vectors[i].bytes, size), vectors[i].padded);
        assert_string_equal(base64url_encode(arena, vectors[i].bytes, size), vectors[i].bare);
        assert_works(arena, base64url_decode(arena, vectors[i].bare, strlen(vectors[i].bare),
                                             &bytes, &length));
        assert_int_equal(length, size);
        assert_string_equal((char *)bytes, vectors[i].bytes);
    }
}

/* RFC 7515 C, and the code_verifier of RFC 7636 B. */
static void the_vectors_of_jws_and_pkce_hold(void **state) {
    struct arena *arena = *state;
    const unsigned char jws[] = {3, 236, 255, 224, 193};
    assert_string_equal(base64url_encode(arena, jws, sizeof(jws)), "A-z_4ME");
    const unsigned char pkce[] = {116, 24,  223, 180, 151, 153, 224, 37,  79,  250, 96,
                                  125, 216, 173, 187, 186, 22,  212, 37,  77,  105, 214,
                                  191, 240, 91,  88,  5,   88,  83,  132, 141, 121};
    assert_string_equal(base64url_encode(arena, pkce, sizeof(pkce)),
                        "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
}

static void every_length_comes_back(void **state) {
    struct arena *arena = *state;
    unsigned char bytes[600];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (unsigned char)(i * 167 + 89);
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        const unsigned char *start = bytes + sizeof(bytes) - size;
        const char *text = base64url_encode(arena, start, size);
        unsigned char *decoded = NULL;
        size_t length = 0;
        assert_int_equal(strlen(text), (size * 4 + 2) / 3);
        assert_int_equal(strspn(text, alphabet), strlen(text));
        assert_works(arena, base64url_decode(arena, text, strlen(text), &decoded, &length));
        assert_int_equal(length, size);
        assert_memory_equal(decoded, start, size);
        assert_int_equal(decoded[size], 0);
        assert_int_equal(strlen(base64_encode(arena, start, size)), (size + 2) / 3 * 4);
    }
}

static void every_byte_value_comes_back_at_each_place(void **state) {
    struct arena *arena = *state;
    for (size_t place = 0; place < 3; place++)
        for (int value = 0; value < 256; value++) {
            unsigned char bytes[3] = {0x55, 0xAA, 0x33};
            unsigned char decoded[3] = {0};
            bytes[place] = (unsigned char)value;
            const char *text = base64url_encode(arena, bytes, 3);
            assert_works(arena, base64url_decode_exactly(arena, text, decoded, 3));
            assert_memory_equal(decoded, bytes, 3);
        }
}

static void every_byte_outside_the_alphabet_is_refused_at_each_place(void **state) {
    struct arena *arena = *state;
    for (size_t length = 2; length <= 9; length++)
        for (size_t place = 0; place < length; place++)
            for (int value = 0; value < 256; value++) {
                char text[] = "AAAAAAAAA";
                unsigned char *bytes = NULL;
                size_t size = 0;
                if (value != 0 && strchr(alphabet, value) != NULL)
                    continue;
                text[place] = (char)value;
                assert_fails(arena, ERROR_BASE64URL,
                             base64url_decode(arena, text, length, &bytes, &size));
            }
}

static void an_impossible_length_is_refused(void **state) {
    struct arena *arena = *state;
    char text[65] = "";
    for (size_t length = 0; length < 64; length++) {
        memset(text, 'A', length);
        text[length] = '\0';
        if (length % 4 == 1)
            assert_fails(arena, ERROR_BASE64URL, decode(arena, text));
        else
            assert_works(arena, decode(arena, text));
    }
}

static void trailing_bits_must_be_zero(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < 64; i++) {
        const char two[] = {'A', alphabet[i], '\0'};
        const char three[] = {'A', 'A', alphabet[i], '\0'};
        if (i % 16 == 0)
            assert_works(arena, decode(arena, two));
        else
            assert_fails(arena, ERROR_BASE64URL, decode(arena, two));
        if (i % 4 == 0)
            assert_works(arena, decode(arena, three));
        else
            assert_fails(arena, ERROR_BASE64URL, decode(arena, three));
    }
}

/* What libb64 itself would take. */
static void loose_base64_is_refused(void **state) {
    struct arena *arena = *state;
    const char *loose[] = {"QU!JD", "QU\nJD", "QUJD\n",       " QUJD", "QUJD====QUJD",
                           "QUI=",  "QQ==",   "QUJD\r\nQUJD", "Q+/D",  "=",
                           "====",  "QUJD=",  "A=AA"};
    for (size_t i = 0; i < COUNT(loose); i++)
        assert_fails(arena, ERROR_BASE64URL, decode(arena, loose[i]));
}

static void only_the_exact_size_will_do(void **state) {
    struct arena *arena = *state;
    unsigned char bytes[5] = {0, 0, 0, 0, 0x5A};
    assert_works(arena, base64url_decode_exactly(arena, "AQIDBA", bytes, 4));
    assert_memory_equal(bytes, "\1\2\3\4\x5A", 5);
    assert_fails(arena, ERROR_BASE64URL, base64url_decode_exactly(arena, "AQID", bytes, 4));
    assert_fails(arena, ERROR_BASE64URL, base64url_decode_exactly(arena, "AQIDBAU", bytes, 4));
    assert_fails(arena, ERROR_BASE64URL, base64url_decode_exactly(arena, "", bytes, 4));
    assert_fails(arena, ERROR_BASE64URL, base64url_decode_exactly(arena, "AQIDB!", bytes, 4));
    assert_works(arena, base64url_decode_exactly(arena, "", NULL, 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_vectors_of_rfc_4648_hold),
        unit_test(the_vectors_of_jws_and_pkce_hold),
        unit_test(every_length_comes_back),
        unit_test(every_byte_value_comes_back_at_each_place),
        unit_test(every_byte_outside_the_alphabet_is_refused_at_each_place),
        unit_test(an_impossible_length_is_refused),
        unit_test(trailing_bits_must_be_zero),
        unit_test(loose_base64_is_refused),
        unit_test(only_the_exact_size_will_do),
    };
    return cmocka_run_group_tests_name("base64url", tests, NULL, NULL);
}

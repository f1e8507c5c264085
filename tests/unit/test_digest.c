/* format/digest: FIPS 180-4 and RFC 4231 vectors. */
#include "unit.h"

#include "format/digest.h"

#include <stdio.h>
#include <string.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const char *hex(struct arena *arena, const unsigned char digest[DIGEST_SIZE]) {
    char *text = arena_alloc(arena, 2 * DIGEST_SIZE + 1);
    for (size_t i = 0; i < DIGEST_SIZE; i++)
        snprintf(text + 2 * i, 3, "%02x", digest[i]);
    return text;
}

static void the_vectors_of_sha_256_hold(void **state) {
    struct arena *arena = *state;
    const struct {
        const char *text, *digest;
    } vectors[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
         "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < COUNT(vectors); i++) {
        unsigned char digest[DIGEST_SIZE];
        digest_sha256(vectors[i].text, strlen(vectors[i].text), digest);
        assert_string_equal(hex(arena, digest), vectors[i].digest);
    }
}

static void a_million_letters_are_digested(void **state) {
    struct arena *arena = *state;
    unsigned char digest[DIGEST_SIZE];
    char *letters = arena_alloc(arena, 1000000);
    memset(letters, 'a', 1000000);
    digest_sha256(letters, 1000000, digest);
    assert_string_equal(hex(arena, digest),
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

struct vector {
    const char *key; /* NULL: key_byte, repeated */
    size_t key_length;
    const char *text; /* NULL: text_byte, repeated */
    size_t text_length;
    const char *mac;
    int key_byte;
    int text_byte;
};

#define COUNTING "\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26\27\30\31"

/* RFC 4231 4.2 to 4.8; of 4.6 its first half, as given there. */
static const struct vector vectors[] = {
    {NULL, 20, "Hi There", 8, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
     0x0b, 0},
    {"Jefe", 4, "what do ya want for nothing?", 28,
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843", 0, 0},
    {NULL, 20, NULL, 50, "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe", 0xaa,
     0xdd},
    {COUNTING, 25, NULL, 50, "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b", 0,
     0xcd},
    {NULL, 20, "Test With Truncation", 20, "a3b6167473100ee06e0c796c2955552b", 0x0c, 0},
    {NULL, 131, "Test Using Larger Than Block-Size Key - Hash Key First", 54,
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54", 0xaa, 0},
    {NULL, 131,
     "This is a test using a larger than block-size key and a larger than block-size data. The key "
     "needs to be hashed before being used by the HMAC algorithm.",
     152, "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2", 0xaa, 0},
};

static const char *repeated(struct arena *arena, int byte, const char *text, size_t length) {
    if (text != NULL)
        return text;
    char *bytes = arena_alloc(arena, length);
    memset(bytes, byte, length);
    return bytes;
}

static void the_vectors_of_rfc_4231_hold(void **state) {
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(vectors); i++) {
        const struct vector *v = &vectors[i];
        const char *key = repeated(arena, v->key_byte, v->key, v->key_length);
        const char *text = repeated(arena, v->text_byte, v->text, v->text_length);
        unsigned char mac[DIGEST_SIZE];
        digest_hmac_sha256((const unsigned char *)key, v->key_length, text, v->text_length, mac);
        assert_memory_equal(hex(arena, mac), v->mac, strlen(v->mac));
    }
}

static void keys_around_the_block_size_differ(void **state) {
    struct arena *arena = *state;
    unsigned char key[66] = {0};
    const char *seen[COUNT(key) + 1];
    memset(key, 0x4B, sizeof(key));
    for (size_t length = 0; length <= sizeof(key); length++) {
        unsigned char mac[DIGEST_SIZE];
        digest_hmac_sha256(key, length, "x", 1, mac);
        seen[length] = hex(arena, mac);
        for (size_t earlier = 0; earlier < length; earlier++)
            assert_string_not_equal(seen[earlier], seen[length]);
    }
}

static void a_purpose_stands_before_the_bytes(void **state) {
    (void)state;
    const unsigned char key[] = "key";
    unsigned char expected[DIGEST_SIZE];
    unsigned char mac[DIGEST_SIZE];
    digest_hmac_sha256(key, 3, "session\0abc", 11, expected);
    digest_hmac(key, 3, "session", "abc", 3, mac);
    assert_memory_equal(mac, expected, DIGEST_SIZE);
}

static void purposes_keep_macs_apart(void **state) {
    (void)state;
    const unsigned char key[] = "key";
    unsigned char one[DIGEST_SIZE];
    unsigned char other[DIGEST_SIZE];
    digest_hmac(key, 3, "state", "abc", 3, one);
    digest_hmac(key, 3, "nonce", "abc", 3, other);
    assert_memory_not_equal(one, other, DIGEST_SIZE);
    digest_hmac(key, 3, "stat", "eabc", 4, other);
    assert_memory_not_equal(one, other, DIGEST_SIZE);
    digest_hmac(key, 3, "stateabc", "", 0, other);
    assert_memory_not_equal(one, other, DIGEST_SIZE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_vectors_of_sha_256_hold),       unit_test(a_million_letters_are_digested),
        unit_test(the_vectors_of_rfc_4231_hold),      unit_test(keys_around_the_block_size_differ),
        unit_test(a_purpose_stands_before_the_bytes), unit_test(purposes_keep_macs_apart),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}

/* format/oauth1_signature: the published examples, and what the specification says beside them. */
#include "unit.h"

#include "format/oauth1_signature.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Parameters as "name=value" in turn; the list ends with NULL. */
static struct form parameters(struct arena *arena, const char *const texts[]) {
    struct form form = {.first = NULL};
    for (; *texts != NULL; texts++) {
        const char *equals = strchr(*texts, '=');
        form_put(arena, &form, arena_copy(arena, *texts, (size_t)(equals - *texts)), equals + 1);
    }
    return form;
}

static char *base_of(struct arena *arena, const char *method, const char *url, const char *body,
                     const char *const protocol[]) {
    char *base = NULL;
    struct form form = {.first = NULL};
    const struct oauth1_message message = {.method = method, .url = url, .body = &form};
    const struct form fields = parameters(arena, protocol);
    if (body != NULL)
        assert_works(arena, form_parse(arena, body, strlen(body), &form));
    assert_works(arena, oauth1_signature_base(arena, &message, &fields, &base));
    return base;
}

static char *hmac(struct arena *arena, const char *base, const char *client_secret,
                  const char *token_secret) {
    char *signature = NULL;
    assert_works(arena,
                 oauth1_signature_hmac_sha1(arena, base, client_secret, token_secret, &signature));
    return signature;
}

/* ---- published examples ---------------------------------------------------------------------- */

/* RFC 5849 1.2, the three requests of its story. */
static void the_story_of_the_specification_is_signed_so(void **state) {
    struct arena *arena = *state;
    const char *base = base_of(arena, "POST", "https://photos.example.net/initiate", NULL,
                               (const char *const[]){
                                   "oauth_consumer_key=dpf43f3p2l4k3l03",
                                   "oauth_signature_method=HMAC-SHA1",
                                   "oauth_timestamp=137131200",
                                   "oauth_nonce=wIjqoS",
                                   "oauth_callback=http://printer.example.com/ready",
                                   NULL,
                               });
    assert_string_equal(hmac(arena, base, "kd94hf93k423kf44", NULL),
                        "74KNZJeDHnMBp0EMJ9ZHt/XKycU=");

    base = base_of(arena, "POST", "https://photos.example.net/token", NULL,
                   (const char *const[]){
                       "oauth_consumer_key=dpf43f3p2l4k3l03",
                       "oauth_token=hh5s93j4hdidpola",
                       "oauth_signature_method=HMAC-SHA1",
                       "oauth_timestamp=137131201",
                       "oauth_nonce=walatlh",
                       "oauth_verifier=hfdp7dh39dks9884",
                       NULL,
                   });
    assert_string_equal(hmac(arena, base, "kd94hf93k423kf44", "hdhd0244k9j7ao03"),
                        "gKgrFCywp7rO0OXSjdot/IHF7IU=");

    base = base_of(arena, "GET", "http://photos.example.net/photos?file=vacation.jpg&size=original",
                   NULL,
                   (const char *const[]){
                       "oauth_consumer_key=dpf43f3p2l4k3l03",
                       "oauth_token=nnch734d00sl2jdk",
                       "oauth_signature_method=HMAC-SHA1",
                       "oauth_timestamp=137131202",
                       "oauth_nonce=chapoH",
                       NULL,
                   });
    assert_string_equal(hmac(arena, base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
                        "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
}

/* RFC 5849 3.4.1.1. The signature printed there is none of this base string; this one is the
 * erratum's. */
static void the_base_string_of_the_specification(void **state) {
    struct arena *arena = *state;
    const char *base = base_of(
        arena, "POST", "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b", "c2&a3=2+q",
        (const char *const[]){
            "oauth_consumer_key=9djdj82h48djs9d2",
            "oauth_token=kkk9d7dh3k39sjv7",
            "oauth_signature_method=HMAC-SHA1",
            "oauth_timestamp=137131201",
            "oauth_nonce=7d8f3e4a",
            NULL,
        });
    assert_string_equal(
        base,
        "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%253D"
        "%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d8f3"
        "e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dkk"
        "k9d7dh3k39sjv7");
    assert_string_equal(hmac(arena, base, "j49sk3j29djd", "dh893hdasih9"),
                        "r6/TJjbCOr97/+UU0NsvSne7s5g=");
}

/* developer.x.com, "Creating a signature". */
static void the_example_that_twitter_publishes(void **state) {
    struct arena *arena = *state;
    const char *base =
        base_of(arena, "POST",
                "https://api.twitter.com/1.1/statuses/update.json"
                "?include_entities=true",
                "status=Hello%20Ladies%20%2b%20Gentlemen%2c%20a%20signed%20OAuth%20request%21",
                (const char *const[]){
                    "oauth_consumer_key=xvz1evFS4wEEPTGEFPHBog",
                    "oauth_nonce=kYjzVBB8Y0ZFabxSWbWovY3uYSQ2pTgmZeNu2VS4cg",
                    "oauth_signature_method=HMAC-SHA1",
                    "oauth_timestamp=1318622958",
                    "oauth_token=370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb",
                    "oauth_version=1.0",
                    NULL,
                });
    assert_string_equal(
        base,
        "POST&https%3A%2F%2Fapi.twitter.com%2F1.1%2Fstatuses%2Fupdate.json&include_entities%3Dtrue"
        "%26oauth_consumer_key%3Dxvz1evFS4wEEPTGEFPHBog%26oauth_nonce%3DkYjzVBB8Y0ZFabxSWbWovY3uYS"
        "Q2pTgmZeNu2VS4cg%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D1318622958%26oa"
        "uth_token%3D370773112-GmHxMAgYyLbNEtIKZeRNFsMKPR9EyMZeS9weJAEb%26oauth_version%3D1.0%26st"
        "atus%3DHello%2520Ladies%2520%252B%2520Gentlemen%252C%2520a%2520signed%2520OAuth%2520reque"
        "st%2521");
    assert_string_equal(hmac(arena, base, "kAcSOqF21Fu85e7zjz7ZN2U4ZRhfV3WpwPAoE3Z7kBw",
                             "LswwdoUaIvS8ltyTt5jkRh4J50vUPVVHtR2YPi5kE"),
                        "hCtSmYh+iHYCEqBWrE7C7hYmtUk=");
}

/* OAuth Core 1.0a, appendix A.5, and the test cases of the OAuth wiki, 9.2. */
static void the_examples_of_the_older_specification(void **state) {
    struct arena *arena = *state;
    const char *base = base_of(
        arena, "GET", "http://photos.example.net/photos?file=vacation.jpg&size=original", NULL,
        (const char *const[]){
            "oauth_consumer_key=dpf43f3p2l4k3l03",
            "oauth_token=nnch734d00sl2jdk",
            "oauth_nonce=kllo9940pd9333jh",
            "oauth_timestamp=1191242096",
            "oauth_signature_method=HMAC-SHA1",
            "oauth_version=1.0",
            NULL,
        });
    assert_string_equal(
        base,
        "GET&http%3A%2F%2Fphotos.example.net%2Fphotos&file%3Dvacation.jpg%26oauth_consumer_key%3Dd"
        "pf43f3p2l4k3l03%26oauth_nonce%3Dkllo9940pd9333jh%26oauth_signature_method%3DHMAC-SHA1%26o"
        "auth_timestamp%3D1191242096%26oauth_token%3Dnnch734d00sl2jdk%26oauth_version%3D1.0%26size"
        "%3Doriginal");
    assert_string_equal(hmac(arena, base, "kd94hf93k423kf44", "pfkkdhi9sl3r4s00"),
                        "tR3+Ty81lMeYAr/Fid0kMTYa/WM=");
    assert_string_equal(hmac(arena, "bs", "cs", NULL), "egQqG5AJep5sJ7anhXju1unge2I=");
    assert_string_equal(hmac(arena, "bs", "cs", ""), "egQqG5AJep5sJ7anhXju1unge2I=");
    assert_string_equal(hmac(arena, "bs", "cs", "ts"), "VZVjXceV7JgPq/dOTnNmEfO0Fv8=");
}

/* ---- the base string ------------------------------------------------------------------------- */

static const char *const no_parameters[] = {NULL};

/* 3.4.1.2. */
static void the_address_is_written_in_one_way(void **state) {
    static const struct {
        const char *url;
        const char *address; /* before it is percent-encoded */
    } cases[] = {
        {"http://example.com/r%20v/X?id=123", "http%3A%2F%2Fexample.com%2Fr%2520v%2FX"},
        {"http://EXAMPLE.com:80/r%20v/X?id=123", "http%3A%2F%2Fexample.com%2Fr%2520v%2FX"},
        {"https://www.example.net:8080/?id=123", "https%3A%2F%2Fwww.example.net%3A8080%2F"},
        {"HTTPS://Example.Com:443/Path/?id=123", "https%3A%2F%2Fexample.com%2FPath%2F"},
        {"https://example.com:80/?id=123", "https%3A%2F%2Fexample.com%3A80%2F"},
        {"http://example.com:443/?id=123", "http%3A%2F%2Fexample.com%3A443%2F"},
        {"http://example.com?id=123", "http%3A%2F%2Fexample.com%2F"},
        {"http://example.com:/?id=123", "http%3A%2F%2Fexample.com%2F"},
        {"http://[::1]:8080/a?id=123", "http%3A%2F%2F%5B%3A%3A1%5D%3A8080%2Fa"},
        {"http://example.com/a%2fb/%7e?id=123", "http%3A%2F%2Fexample.com%2Fa%252fb%2F%257e"},
        {"http://example.com/a?id=123#part", "http%3A%2F%2Fexample.com%2Fa"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(base_of(arena, "GET", cases[i].url, NULL, no_parameters),
                            arena_format(arena, "GET&%s&id%%3D123", cases[i].address));
}

/* 3.6, and the wiki's cases of encoding; each as the one parameter "n". */
static void everything_but_unreserved_characters_is_encoded(void **state) {
    static const struct {
        const char *value;
        const char *encoded; /* twice: as a parameter, and as a part of the base string */
    } cases[] = {
        {"abcABC123", "abcABC123"},
        {"-._~", "-._~"},
        {"%", "%2525"},
        {"+", "%252B"},
        {"&=*", "%2526%253D%252A"},
        {" ", "%2520"},
        {"\n", "%250A"},
        {"\x7F", "%257F"},
        {"\xC2\x80", "%25C2%2580"},
        {"\xE3\x80\x81", "%25E3%2580%2581"},
        {"!'()*", "%2521%2527%2528%2529%252A"},
        {"", ""},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *one[] = {arena_format(arena, "n=%s", cases[i].value), NULL};
        assert_string_equal(
            base_of(arena, "GET", "http://example.com/", NULL, one),
            arena_format(arena, "GET&http%%3A%%2F%%2Fexample.com%%2F&n%%3D%s", cases[i].encoded));
    }
}

/* 3.4.1.3.2: sorted by the encoded bytes, names first; neither by the text nor by the pair. */
static void parameters_are_sorted_by_their_encoded_bytes(void **state) {
    static const struct {
        const char *query;
        const char *body;
        const char *row; /* before it is percent-encoded again */
    } cases[] = {
        {"name=", NULL, "name%3D"},
        {"a=b", NULL, "a%3Db"},
        {"a=b&c=d", NULL, "a%3Db%26c%3Dd"},
        {"c=d&a=b", NULL, "a%3Db%26c%3Dd"},
        {"a=x!y&a=x+y", NULL, "a%3Dx%2520y%26a%3Dx%2521y"},
        {"x!y=a&x=a", NULL, "x%3Da%26x%2521y%3Da"},
        {"a=2&a=10&a=1", NULL, "a%3D1%26a%3D10%26a%3D2"},
        {"b=1", "a=2&b=0", "a%3D2%26b%3D0%26b%3D1"},
        {"a=1&a=1", NULL, "a%3D1%26a%3D1"},
        {"a1=b&a=c", NULL, "a%3Dc%26a1%3Db"}, /* "a1=b" is less than "a=c", but "a" than "a1" */
        {"a-b=1&a=2", NULL, "a%3D2%26a-b%3D1"},
        {"B=1&a=2", NULL, "B%3D1%26a%3D2"},
        {"%C3%A9=1&z=2", NULL, "%25C3%25A9%3D1%26z%3D2"}, /* "%" is less than any letter */
        {"flag&other", NULL, "flag%3D%26other%3D"},
        {"", "", ""},
        {"a=b=c", NULL, "a%3Db%253Dc"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *url = arena_format(arena, "http://example.com/?%s", cases[i].query);
        const char *base = base_of(arena, "GET", url, cases[i].body, no_parameters);
        assert_string_equal(
            base, arena_format(arena, "GET&http%%3A%%2F%%2Fexample.com%%2F&%s", cases[i].row));
    }
}

static void a_body_of_another_kind_is_not_signed(void **state) {
    struct arena *arena = *state;
    char *base = NULL;
    const struct form none = {.first = NULL};
    const struct oauth1_message message = {.method = "POST", .url = "http://example.com/p"};
    assert_works(arena, oauth1_signature_base(arena, &message, &none, &base));
    assert_string_equal(base, "POST&http%3A%2F%2Fexample.com%2Fp&");
}

static void what_cannot_be_sent_cannot_be_signed(void **state) {
    static const struct {
        const char *url;
        enum error_rule rule;
    } cases[] = {
        {NULL, ERROR_URI},
        {"", ERROR_URI},
        {"/path", ERROR_URI},
        {"http://example.com/a b", ERROR_URI},
        {"http://example.com/?a=%0", ERROR_URI},
        {"http://example.com/?a=%00", ERROR_PERCENT},
        {"http://example.com/?a=%0A", ERROR_PERCENT},
        {"http://example.com/?a=%FF", ERROR_UTF8},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *base = NULL;
        const struct form none = {.first = NULL};
        const struct oauth1_message message = {.method = "GET", .url = cases[i].url};
        assert_fails(arena, cases[i].rule, oauth1_signature_base(arena, &message, &none, &base));
    }
}

/* ---- the methods ----------------------------------------------------------------------------- */

/* 3.4.2: both secrets are percent-encoded, so that none of them can pass for two. */
static void secrets_are_encoded_before_they_are_joined(void **state) {
    struct arena *arena = *state;
    assert_string_not_equal(hmac(arena, "base", "a&b", "c"), hmac(arena, "base", "a", "b&c"));
    assert_string_not_equal(hmac(arena, "base", "a", "b"), hmac(arena, "base", "a&b", NULL));
    /* printf base | openssl dgst -sha1 -hmac 'a%26b&%20%25' -binary | base64 */
    assert_string_equal(hmac(arena, "base", "a&b", " %"), "otky3eTW94EBdbrtrwod0xA8P3Y=");
}

static EVP_PKEY *read_private_key(const char *pem) {
    BIO *source = BIO_new_mem_buf(pem, -1);
    EVP_PKEY *pkey = PEM_read_bio_PrivateKey(source, NULL, NULL, NULL);
    BIO_free(source);
    assert_non_null(pkey);
    return pkey;
}

/* The test cases of the OAuth wiki, 9.3. The key is smaller than signing_key_parse() allows. */
static const char wiki_key[] = "-----BEGIN PRIVATE KEY-----\n"
                               "MIICdgIBADANBgkqhkiG9w0BAQEFAASCAmAwggJcAgEAAoGBALRiMLAh9iimur8V\n"
                               "A7qVvdqxevEuUkW4K+2KdMXmnQbG9Aa7k7eBjK1S+0LYmVjPKlJGNXHDGuy5Fw/d\n"
                               "7rjVJ0BLB+ubPK8iA/Tw3hLQgXMRRGRXXCn8ikfuQfjUS1uZSatdLB81mydBETlJ\n"
                               "hI6GH4twrbDJCR2Bwy/XWXgqgGRzAgMBAAECgYBYWVtleUzavkbrPjy0T5FMou8H\n"
                               "X9u2AC2ry8vD/l7cqedtwMPp9k7TubgNFo+NGvKsl2ynyprOZR1xjQ7WgrgVB+mm\n"
                               "uScOM/5HVceFuGRDhYTCObE+y1kxRloNYXnx3ei1zbeYLPCHdhxRYW7T0qcynNmw\n"
                               "rn05/KO2RLjgQNalsQJBANeA3Q4Nugqy4QBUCEC09SqylT2K9FrrItqL2QKc9v0Z\n"
                               "zO2uwllCbg0dwpVuYPYXYvikNHHg+aCWF+VXsb9rpPsCQQDWR9TT4ORdzoj+Nccn\n"
                               "qkMsDmzt0EfNaAOwHOmVJ2RVBspPcxt5iN4HI7HNeG6U5YsFBb+/GZbgfBT3kpNG\n"
                               "WPTpAkBI+gFhjfJvRw38n3g/+UeAkwMI2TJQS4n8+hid0uus3/zOjDySH3XHCUno\n"
                               "cn1xOJAyZODBo47E+67R4jV1/gzbAkEAklJaspRPXP877NssM5nAZMU0/O/NGCZ+\n"
                               "3jPgDUno6WbJn5cqm8MqWhW1xGkImgRk+fkDBquiq4gPiT898jusgQJAd5Zrr6Q8\n"
                               "AO/0isr/3aa6O6NLQxISLKcPDk2NOccAfS/xOtfOz4sJYM3+Bs4Io9+dZGSDCA54\n"
                               "Lw03eHTNQghS0A==\n"
                               "-----END PRIVATE KEY-----\n";

static void the_rsa_example_of_the_wiki(void **state) {
    struct arena *arena = *state;
    char *signature = NULL;
    const char *base = base_of(
        arena, "GET", "http://photos.example.net/photos?file=vacaction.jpg&size=original", NULL,
        (const char *const[]){
            "oauth_consumer_key=dpf43f3p2l4k3l03",
            "oauth_signature_method=RSA-SHA1",
            "oauth_version=1.0",
            "oauth_timestamp=1196666512",
            "oauth_nonce=13917289812797014437",
            NULL,
        });
    struct signing_key key = {.pkey = read_private_key(wiki_key)};
    assert_works(arena, oauth1_signature_rsa_sha1(arena, base, &key, &signature));
    assert_string_equal(signature,
                        "jvTp/wX1TYtByB1m+Pbyo0lnCOLIsyGCH7wke8AUs3BpnwZJtAuEJkvQL2/9n4s5wUmUl4aCI4"
                        "BwpraNx4RtEXMe5qg5T1LVTGliMRpKasKsW//e+RinhejgCuzoH26dyF8iY2ZZ/5D1ilgeijhV"
                        "/vBka5twt399mXwaYdCwFYE=");
    signing_key_free(&key);
}

static bool verifies(EVP_PKEY *pkey, const char *base, const char *signature) {
    unsigned char octets[1024];
    EVP_MD_CTX *digest = EVP_MD_CTX_new();
    int length = EVP_DecodeBlock(octets, (const unsigned char *)signature, (int)strlen(signature));
    assert_int_equal(length, 258); /* 256, and 2 of its padding */
    bool valid =
        EVP_DigestVerifyInit(digest, NULL, EVP_sha1(), NULL, pkey) == 1 &&
        EVP_DigestVerify(digest, octets, 256, (const unsigned char *)base, strlen(base)) == 1;
    EVP_MD_CTX_free(digest);
    return valid;
}

static void openssl_verifies_what_rsa_signs(void **state) {
    struct arena *arena = *state;
    char *signature = NULL;
    struct signing_key key;
    struct signing_key other;
    assert_works(arena, signing_key_generate(arena, "RS256", NULL, &key));
    assert_works(arena, signing_key_generate(arena, "RS256", NULL, &other));
    assert_works(arena, oauth1_signature_rsa_sha1(arena, "GET&a&b", &key, &signature));
    assert_true(verifies(key.pkey, "GET&a&b", signature));
    assert_false(verifies(key.pkey, "GET&a&c", signature));
    assert_false(verifies(other.pkey, "GET&a&b", signature));
    signing_key_free(&key);
    signing_key_free(&other);
}

static void a_key_of_another_kind_does_not_sign(void **state) {
    struct arena *arena = *state;
    char *signature = NULL;
    struct signing_key key;
    assert_works(arena, signing_key_generate(arena, "ES256", NULL, &key));
    assert_fails(arena, ERROR_INTERNAL,
                 oauth1_signature_rsa_sha1(arena, "GET&a&b", &key, &signature));
    signing_key_free(&key);
}

/* ---- the field ------------------------------------------------------------------------------- */

/* 3.5.1: names and values percent-encoded, in quotes. */
static void the_field_is_written_so(void **state) {
    struct arena *arena = *state;
    const struct form form =
        parameters(arena, (const char *const[]){
                              "oauth_consumer_key=0685bd9184jfhq22",
                              "oauth_token=ad180jjd733klru7",
                              "oauth_signature_method=HMAC-SHA1",
                              "oauth_signature=wOJIO9A2W5mFwDgiDvZbTSMK/PY=",
                              "oauth_callback=https://a.example/\"?b=\xEA\xB9\x80",
                              NULL,
                          });
    assert_string_equal(oauth1_signature_field(arena, &form),
                        "OAuth oauth_consumer_key=\"0685bd9184jfhq22\", "
                        "oauth_token=\"ad180jjd733klru7\", "
                        "oauth_signature_method=\"HMAC-SHA1\", "
                        "oauth_signature=\"wOJIO9A2W5mFwDgiDvZbTSMK%2FPY%3D\", "
                        "oauth_callback=\"https%3A%2F%2Fa.example%2F%22%3Fb%3D%EA%B9%80\"");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_story_of_the_specification_is_signed_so),
        unit_test(the_base_string_of_the_specification),
        unit_test(the_example_that_twitter_publishes),
        unit_test(the_examples_of_the_older_specification),
        unit_test(the_address_is_written_in_one_way),
        unit_test(everything_but_unreserved_characters_is_encoded),
        unit_test(parameters_are_sorted_by_their_encoded_bytes),
        unit_test(a_body_of_another_kind_is_not_signed),
        unit_test(what_cannot_be_sent_cannot_be_signed),
        unit_test(secrets_are_encoded_before_they_are_joined),
        unit_test(the_rsa_example_of_the_wiki),
        unit_test(openssl_verifies_what_rsa_signs),
        unit_test(a_key_of_another_kind_does_not_sign),
        unit_test(the_field_is_written_so),
    };
    return cmocka_run_group_tests_name("oauth1_signature", tests, NULL, NULL);
}

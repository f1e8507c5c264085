/* person: any JSON, {"id_token":…,"userinfo":…}, as what strangers say of themselves; what is taken over can be shown. */
#include "fuzz.h"

#include "base/text.h"
#include "format/uri.h"
#include "format/utf8.h"
#include "oauth/person.h"

#include <string.h>

static void must_be_a_name(struct arena *arena, const char *name) {
    if (name == NULL)
        return;
    must_hold(*name != '\0' && utf8_is_valid(name, strlen(name)), "a name is a text");
    must_hold(text_equal(name, utf8_clean(arena, name, PERSON_NAME_LIMIT)), "a name is clean");
    for (const char *c = name; *c != '\0'; c++)
        must_hold(!ascii_is_control(*c), "a name has no control bytes");
}

static void must_be_an_address(const char *email) {
    if (email == NULL)
        return;
    const char *at = strchr(email, '@');
    must_hold(at != NULL && at != email && at[1] != '\0' && strchr(at + 1, '@') == NULL,
              "an address has one @ between two parts");
    must_hold(strpbrk(email, " \t\r\n<>\",;:\\") == NULL && strlen(email) <= PERSON_EMAIL_LIMIT,
              "an address can stand in a header field");
}

static void must_be_a_picture(struct arena *arena, const char *picture) {
    struct uri uri;
    if (picture == NULL)
        return;
    must_hold(uri_parse(arena, picture, &uri) == 0 && uri_is_safe_endpoint(&uri),
              "a picture is an https address");
    must_hold(strpbrk(picture, "\"<> ") == NULL, "it can stand in an attribute");
}

static void must_be_a_locale(const char *locale) {
    for (const char *c = locale; c != NULL && *c != '\0'; c++)
        must_hold(ascii_is_alnum(*c) || *c == '-' || *c == '_', "a locale is a language tag");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct provider trusted = {.issuer = "https://op.example"};
    static const struct provider untrusted = {.issuer = "https://op.example",
                                              .email_trust = EMAIL_TRUST_NEVER};
    struct arena arena;
    struct json *both = NULL;
    arena_open(&arena, ARENA_LIMIT);
    if (json_parse_object(&arena, (const char *)data, size, &both) == 0) {
        struct person person;
        const struct json *id_token = json_member(both, "id_token");
        const struct json *userinfo = json_member(both, "userinfo");
        person_from_claims(&arena, &untrusted, id_token, userinfo, &person);
        must_hold(!person.email_verified, "who is not trusted verifies nothing");
        person_from_claims(&arena, &trusted, id_token, userinfo, &person);
        must_hold(arena.error.rule == ERROR_NONE, "nothing is recorded");
        must_hold(!person.email_verified || person.email != NULL, "what is verified is an address");
        must_be_a_name(&arena, person.name);
        must_be_an_address(person.email);
        must_be_a_picture(&arena, person.picture);
        must_be_a_locale(person.locale);
    }
    arena_close(&arena);
    return 0;
}

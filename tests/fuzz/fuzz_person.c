/* person: any JSON, {"id_token":…,"userinfo":…,"callback":…}, as what strangers say of themselves;
 * what is taken over can be shown. */
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

static void must_be_groups(struct arena *arena, const struct json *groups) {
    size_t size = 0;
    if (groups == NULL)
        return;
    for (const struct json *group = groups->first; group != NULL; group = group->next) {
        must_be_a_name(arena, group->text);
        size += strlen(group->text);
        must_hold(strlen(group->text) <= PERSON_GROUP_LIMIT, "a group is short");
        for (const struct json *other = group->next; other != NULL; other = other->next)
            must_hold(!text_equal(group->text, other->text), "groups are different");
    }
    must_hold(groups->count <= PERSON_GROUPS_LIMIT && size <= PERSON_GROUPS_BYTES, "in limits");
}

static void must_be_a_subject(const char *subject) {
    must_hold(!text_is_empty(subject) && strlen(subject) <= PERSON_SUBJECT_LIMIT,
              "a subject is short and not empty");
    must_hold(!text_has_control(subject), "a subject has no control bytes");
}

static void must_be_vouched_for(const struct provider *provider, const struct person *person) {
    must_hold(!person->email_verified || person->email != NULL, "what is verified is an address");
    must_hold(!person->email_verified || provider->email_trust != EMAIL_TRUST_NEVER,
              "who is not trusted verifies nothing");
    must_hold(!person->email_verified || provider->email_trust != EMAIL_TRUST_DOMAINS ||
                  text_equal_nocase(strchr(person->email, '@'), "@example.org"),
              "a domain vouches for its own addresses");
}

static void must_be_a_person(struct arena *arena, const struct provider *provider,
                             const struct mapping_sources *sources) {
    struct person person;
    int result = person_read(arena, provider, provider->issuer, sources, &person);
    must_match(arena, result);
    arena_forget_error(arena);
    if (result != 0) {
        must_hold(person.subject == NULL, "nobody has no subject");
        return;
    }
    must_be_a_subject(person.subject);
    must_be_a_name(arena, person.name);
    must_be_an_address(person.email);
    must_be_vouched_for(provider, &person);
    must_be_a_picture(arena, person.picture);
    must_be_a_locale(person.locale);
    must_be_groups(arena, person.groups);
}

#define CLAIMS                                                                                     \
    .issuer = "https://op.example", .claim_name = "name",                                          \
    .claim_preferred_username = "preferred_username", .claim_email = "email",                      \
    .claim_email_verified = "email_verified", .claim_picture = "picture",                          \
    .claim_locale = "locale", .claim_groups = "groups"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct provider providers[] = {
        {.claim_sub = "sub", CLAIMS},
        {.claim_sub = "sub", CLAIMS, .email_trust = EMAIL_TRUST_NEVER},
        {.claim_sub = "sub",
         CLAIMS,
         .protocol = PROTOCOL_OAUTH2,
         .email_trust = EMAIL_TRUST_DOMAINS,
         .email_domains = "example.org"},
        {.protocol = PROTOCOL_OAUTH2,
         .issuer = "https://op.example",
         .claim_sub = "userinfo:unionid | \"{data.id}:{id_token:sub}\" | id",
         .claim_name = "data.name | callback:user.name.firstName + callback:user.name.lastName",
         .claim_email = "emails[primary=true].value | data.email",
         .claim_email_verified = "emails[primary=true].confirmed & data.valid",
         .claim_picture = "\"https://cdn.example/{data.id}/{avatar}.png\" unless is_avatar_empty",
         .email_owner_claim = "hd",
         .claim_groups = "data.roles | id_token:groups"},
    };
    struct arena arena;
    struct json *all = NULL;
    arena_open(&arena, ARENA_LIMIT);
    if (json_parse_object(&arena, (const char *)data, size, &all) == 0) {
        const struct mapping_sources sources = {
            .of = {[MAPPING_ID_TOKEN] = json_member(all, "id_token"),
                   [MAPPING_USERINFO] = json_member(all, "userinfo"),
                   [MAPPING_CALLBACK] = json_member(all, "callback")}};
        for (size_t i = 0; i < sizeof(providers) / sizeof(providers[0]); i++)
            must_be_a_person(&arena, &providers[i], &sources);
    }
    arena_close(&arena);
    return 0;
}

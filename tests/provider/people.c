#include "people.h"

#include "base/text.h"

/* 12 times 25 characters. */
#define LONG_PART "Wolfeschlegelsteinhausen-"
#define LONG_NAME                                                                                  \
    LONG_PART LONG_PART LONG_PART LONG_PART LONG_PART LONG_PART LONG_PART LONG_PART LONG_PART      \
        LONG_PART LONG_PART LONG_PART "Bergerdorff"

const struct person people[] = {
    {.id = "ada",
     .sub = "248289761001",
     .name = "Ada Lovelace",
     .given_name = "Ada",
     .family_name = "Lovelace",
     .preferred_username = "ada",
     .email = "ada@example.org",
     .email_verified = true,
     .locale = "en-GB",
     .picture = true,
     .note = "everything: name, verified e-mail, picture, locale"},
    {.id = "haneul",
     .sub = "248289761002",
     .name = "김하늘",
     .given_name = "하늘",
     .family_name = "김",
     .preferred_username = "haneul",
     .email = "haneul@example.com",
     .email_verified = true,
     .locale = "ko-KR",
     .note = "Korean name, verified e-mail, no picture"},
    {.id = "maryam",
     .sub = "248289761003",
     .name = "مريم الإسطرلابي",
     .given_name = "مريم",
     .family_name = "الإسطرلابي",
     .locale = "ar",
     .picture = true,
     .note = "right-to-left name, picture, no e-mail"},
    {.id = "fox",
     .sub = "248289761004",
     .name = "🦊 Fox 👩‍👩‍👧‍👦",
     .preferred_username = "fox",
     .email = "fox@example.net",
     .email_verified = true,
     .picture = true,
     .note = "emoji in the name, one of them made of seven code points"},
    {.id = "script",
     .sub = "248289761005",
     .name = "<script>alert(1)</script>",
     .given_name = "\"'><img src=x onerror=alert(1)>",
     .preferred_username = "{{sub}}&amp;",
     .email = "script@example.net",
     .email_verified = true,
     .note = "a name that must stay text"},
    {.id = "nobody",
     .sub = "248289761006",
     .note = "no name and no e-mail: the subject identifier alone"},
    {.id = "mallory",
     .sub = "248289761007",
     .name = "Mallory Unverified",
     .given_name = "Mallory",
     .family_name = "Unverified",
     .email = "ada@example.org",
     .email_verified = false,
     .note = "claims Ada's e-mail address, unverified"},
    {.id = "long",
     .sub = "248289761008",
     .name = LONG_NAME,
     .email = "long@example.net",
     .email_verified = true,
     .note = "a name of more than 300 letters"},
};

const size_t people_count = sizeof(people) / sizeof(people[0]);

const struct person *person_find(const char *id) {
    for (size_t i = 0; i < people_count; i++)
        if (text_equal(people[i].id, id))
            return &people[i];
    return NULL;
}

void person_put_claims(struct arena *arena, const struct person *person, const char *issuer,
                       const char *scope, struct json *claims) {
    json_put_string(arena, claims, "sub", person->sub);
    if (text_has_word(scope, "profile")) {
        json_put_string(arena, claims, "name", person->name);
        json_put_string(arena, claims, "given_name", person->given_name);
        json_put_string(arena, claims, "family_name", person->family_name);
        json_put_string(arena, claims, "preferred_username", person->preferred_username);
        json_put_string(arena, claims, "picture", person_picture(arena, person, issuer));
        json_put_string(arena, claims, "locale", person->locale);
    }
    if (text_has_word(scope, "email") && person->email != NULL) {
        json_put_string(arena, claims, "email", person->email);
        json_put_boolean(arena, claims, "email_verified", person->email_verified);
    }
}

char *person_picture(struct arena *arena, const struct person *person, const char *issuer) {
    return person->picture ? arena_format(arena, "%s/picture/%s", issuer, person->id) : NULL;
}

#include "oauth/person.h"

#include "base/text.h"
#include "format/uri.h"
#include "format/utf8.h"

#include <string.h>

#define LOCALE_LIMIT 35 /* RFC 5646 4.4.1 */

/* Where claims come from: UserInfo, else the id_token. */
struct claims {
    const struct json *userinfo;
    const struct json *id_token;
};

/* Which of the two a claim is taken from. */
static const struct json *source_of(const struct claims *claims, const char *name) {
    const struct json *value = json_member(claims->userinfo, name);
    return value != NULL && value->type != JSON_NULL ? claims->userinfo : claims->id_token;
}

static const char *claim_text(const struct claims *claims, const char *name) {
    return json_string(source_of(claims, name), name);
}

static const char *clean_name(struct arena *arena, const struct claims *claims, const char *name) {
    return utf8_clean(arena, claim_text(claims, name), PERSON_NAME_LIMIT);
}

/* The full name, else what comes nearest to it. */
static const char *read_name(struct arena *arena, const struct claims *claims) {
    const char *name = clean_name(arena, claims, "name");
    if (name != NULL)
        return name;

    const char *given = clean_name(arena, claims, "given_name");
    const char *family = clean_name(arena, claims, "family_name");
    if (given != NULL && family != NULL)
        return utf8_clean(arena, arena_format(arena, "%s %s", given, family), PERSON_NAME_LIMIT);
    if (given != NULL || family != NULL)
        return given != NULL ? given : family;

    name = clean_name(arena, claims, "nickname");
    return name != NULL ? name : clean_name(arena, claims, "preferred_username");
}

/* What people take for an "@", or do not see: the address would not be what it seems. */
static bool is_deceptive(uint32_t c) {
    return c == 0xFF20 || c == 0xFE6B || /* fullwidth and small @ */
           (c >= 0x200B && c <= 0x200D) || (c >= 0x2060 && c <= 0x2064) || c == 0xFEFF || c == 0xAD;
}

/* Exactly one "@" with something on both sides, and no byte that would end or quote an address. */
static bool looks_like_email(const char *text) {
    const char *at = text == NULL ? NULL : strchr(text, '@');
    if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL ||
        strlen(text) > PERSON_EMAIL_LIMIT)
        return false;
    for (const char *c = text; *c != '\0'; c++)
        if (ascii_is_control(*c) || strchr(" \"<>(),;:\\", *c) != NULL)
            return false;
    return true;
}

static const char *read_email(struct arena *arena, const struct claims *claims) {
    const char *email = claim_text(claims, "email");
    if (!looks_like_email(email))
        return NULL;
    /* What cleaning would change is not an address that somebody could have typed. */
    if (!text_equal(email, utf8_clean(arena, email, PERSON_EMAIL_LIMIT)))
        return NULL;
    for (const char *next = email; *next != '\0';)
        if (is_deceptive(utf8_next(&next)))
            return NULL;
    return email;
}

/* Some providers write the boolean as a string. Taken from where the address itself came from. */
static bool read_email_verified(const struct provider *provider, const struct claims *claims) {
    if (provider->email_trust != EMAIL_TRUST_CLAIM)
        return false;
    const struct json *source = source_of(claims, "email");
    return json_is_true(source, "email_verified") ||
           text_equal(json_string(source, "email_verified"), "true");
}

static const char *read_picture(struct arena *arena, const struct claims *claims) {
    const char *picture = claim_text(claims, "picture");
    struct uri uri;
    if (text_is_empty(picture) || strlen(picture) > PERSON_PICTURE_LIMIT)
        return NULL;
    bool safe = uri_parse(arena, picture, &uri) == 0 && uri_is_safe_endpoint(&uri);
    arena_forget_error(arena); /* an odd picture is no reason to fail */
    return safe ? picture : NULL;
}

static const char *read_locale(const struct claims *claims) {
    const char *locale = claim_text(claims, "locale");
    if (text_is_empty(locale) || strlen(locale) > LOCALE_LIMIT)
        return NULL;
    for (const char *c = locale; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && *c != '-' && *c != '_')
            return NULL;
    return locale;
}

void person_from_claims(struct arena *arena, const struct provider *provider,
                        const struct json *id_token, const struct json *userinfo,
                        struct person *person) {
    const struct claims claims = {.userinfo = userinfo, .id_token = id_token};
    const char *email = read_email(arena, &claims);
    *person = (struct person){
        .issuer = provider->issuer,
        .subject = json_string(id_token, "sub"),
        .name = read_name(arena, &claims),
        .email = email,
        .email_verified = email != NULL && read_email_verified(provider, &claims),
        .picture = read_picture(arena, &claims),
        .locale = read_locale(&claims),
    };
}

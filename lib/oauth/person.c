#include "oauth/person.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/email_address.h"
#include "format/uri.h"
#include "format/utf8.h"

#include <string.h>

#define LOCALE_LIMIT 35 /* RFC 5646 4.4.1 */

/* What is read, from what, into what. */
struct reading {
    struct arena *arena;
    const struct provider *provider;
    const struct mapping_sources *sources;
    struct mapping_sources vouched; /* the same without what came through the browser */
    struct person *person;
};

static const char *text_of(const struct reading *reading, const char *expression) {
    return mapping_text(reading->arena, expression, reading->sources);
}

/* Notes, once, that a claim was told and is left out. */
static const char *drop(struct reading *reading, const char *claim) {
    size_t count = 0;
    while (reading->person->dropped[count] != NULL &&
           !text_equal(reading->person->dropped[count], claim))
        count++;
    if (count < PERSON_CLAIMS)
        reading->person->dropped[count] = claim;
    return NULL;
}

/* ---- the subject ----------------------------------------------------------------------------- */

/* OpenID Connect Core 2: within the issuer unique, and signed by it. */
static struct mapping_sources sources_of_subject(const struct reading *reading) {
    if (reading->provider->protocol != PROTOCOL_OIDC)
        return reading->vouched;
    return (struct mapping_sources){
        .of = {[MAPPING_ID_TOKEN] = reading->sources->of[MAPPING_ID_TOKEN]},
    };
}

static bool has_control(const char *text) {
    while (*text != '\0') {
        uint32_t c = utf8_next(&text);
        if (c < 0x20 || (c >= 0x7F && c <= 0x9F))
            return true;
    }
    return false;
}

/* What is the same for everybody, such as a variable alone, would be one account for all. */
static int read_subject(struct reading *reading) {
    struct arena *arena = reading->arena;
    const struct mapping_sources sources = sources_of_subject(reading);
    enum mapping_source source;
    const char *subject = mapping_text_from(arena, reading->provider->claim_sub, &sources, &source);
    if (subject == NULL || source == MAPPING_VARIABLE)
        return fail(arena, ERROR_SUBJECT,
                    "where claim_sub looks, there is no string or integer that is not empty");
    if (strlen(subject) > PERSON_SUBJECT_LIMIT)
        return fail(arena, ERROR_SUBJECT, "the subject is longer than %d bytes",
                    PERSON_SUBJECT_LIMIT);
    if (has_control(subject))
        return fail(arena, ERROR_SUBJECT, "the subject has control characters");
    reading->person->subject = subject;
    return 0;
}

/* ---- the name -------------------------------------------------------------------------------- */

static const char *clean_name(struct reading *reading, const char *expression) {
    const char *name = text_of(reading, expression);
    const char *cleaned = utf8_clean(reading->arena, name, PERSON_NAME_LIMIT);
    if (name != NULL && cleaned == NULL)
        drop(reading, "name");
    return cleaned;
}

/* The full name, else what comes nearest to it. A record that says where the name stands knows the
 * provider; of others the further claims of Core 5.1 are looked through. */
static const char *read_name(struct reading *reading) {
    const struct provider *provider = reading->provider;
    const char *const claims[] = {"given_name + family_name", "nickname"};
    const char *name = clean_name(reading, provider->claim_name);
    bool is_standard = text_equal(provider->claim_name, "name");
    for (size_t i = 0; name == NULL && is_standard && i < sizeof(claims) / sizeof(claims[0]); i++)
        name = clean_name(reading, claims[i]);
    return name != NULL ? name : clean_name(reading, provider->claim_preferred_username);
}

/* ---- the address ----------------------------------------------------------------------------- */

/* That an address was verified once does not say that its mailbox is still that person's. Where the
 * record can tell who owns the mailbox, it must be the provider, or one for whom it speaks. */
static bool is_owned(const struct reading *reading, const struct mapping_sources *sources,
                     const char *email) {
    const struct provider *provider = reading->provider;
    if (provider->email_domains == NULL && provider->email_owner_claim == NULL)
        return true;
    return email_address_is_in(reading->arena, email, reading->provider->email_domains) ||
           mapping_text(reading->arena, provider->email_owner_claim, sources) != NULL;
}

/* "verified" of one address must never vouch for another: what says so stands beside it. */
static bool is_claimed(const struct reading *reading, enum mapping_source source,
                       const char *email) {
    struct mapping_sources beside = reading->vouched;
    beside.plain = source;
    return source != MAPPING_DEFAULT &&
           mapping_is_true(reading->arena, reading->provider->claim_email_verified, &beside) &&
           is_owned(reading, &beside, email);
}

static bool is_verified(const struct reading *reading, enum mapping_source source,
                        const char *email) {
    switch (reading->provider->email_trust) {
    case EMAIL_TRUST_CLAIM:
        return is_claimed(reading, source, email);
    case EMAIL_TRUST_ALWAYS:
        return true;
    case EMAIL_TRUST_DOMAINS:
        return email_address_is_in(reading->arena, email, reading->provider->email_domains);
    case EMAIL_TRUST_NEVER:
        return false;
    }
    return false;
}

static void read_email(struct reading *reading) {
    enum mapping_source source;
    const char *email = mapping_text_from(reading->arena, reading->provider->claim_email,
                                          &reading->vouched, &source);
    if (email == NULL)
        return;
    if (!email_address_is_valid(reading->arena, email)) {
        drop(reading, "email");
        return;
    }
    reading->person->email = email;
    reading->person->email_verified = is_verified(reading, source, email);
}

/* ---- picture and locale ---------------------------------------------------------------------- */

/* Some providers escape their addresses as if for HTML. */
static const char *unescape(struct arena *arena, const char *text) {
    static const char escape[] = "&amp;";
    struct buffer plain;
    buffer_open(arena, &plain);
    for (const char *found = strstr(text, escape); found != NULL; found = strstr(text, escape)) {
        buffer_add(&plain, text, (size_t)(found - text) + 1);
        text = found + sizeof(escape) - 1;
    }
    buffer_add_text(&plain, text);
    return plain.bytes;
}

static bool is_picture(struct arena *arena, const char *picture) {
    struct uri uri;
    if (strlen(picture) > PERSON_PICTURE_LIMIT)
        return false;
    bool safe = uri_parse(arena, picture, &uri) == 0 && uri_is_safe_endpoint(&uri);
    arena_forget_error(arena); /* an odd picture is no reason to fail */
    return safe;
}

static const char *read_picture(struct reading *reading) {
    const char *told = text_of(reading, reading->provider->claim_picture);
    if (told == NULL)
        return NULL;
    const char *picture = unescape(reading->arena, told);
    return is_picture(reading->arena, picture) ? picture : drop(reading, "picture");
}

/* RFC 5646 2.1: begins with a letter. Some write "en_US" (Core 5.1). */
static bool is_locale(const char *locale) {
    if (!ascii_is_alpha(*locale) || strlen(locale) > LOCALE_LIMIT)
        return false;
    for (const char *c = locale; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && *c != '-' && *c != '_')
            return false;
    return true;
}

static const char *read_locale(struct reading *reading) {
    const char *locale = text_of(reading, reading->provider->claim_locale);
    return locale == NULL || is_locale(locale) ? locale : drop(reading, "locale");
}

/* ---- groups ---------------------------------------------------------------------------------- */

/* What the person or the record itself brings along says nothing of groups. */
static const struct json *told_groups(const struct reading *reading) {
    const struct provider *provider = reading->provider;
    struct mapping_sources sources = reading->vouched;
    sources.of[MAPPING_VARIABLE] = NULL;
    if (provider->claim_groups == NULL || provider_is_strangers_choice(provider))
        return NULL;
    return mapping_value(reading->arena, provider->claim_groups, &sources);
}

static bool is_group(struct arena *arena, const struct json *value) {
    return value->type == JSON_STRING && strlen(value->text) <= PERSON_GROUP_LIMIT &&
           text_equal(value->text, utf8_clean(arena, value->text, PERSON_GROUP_LIMIT));
}

static size_t size_of(const struct json *groups) {
    size_t size = 0;
    for (const struct json *group = groups->first; group != NULL; group = group->next)
        size += strlen(group->text);
    return size;
}

static void add_group(struct reading *reading, struct json *groups, const struct json *value) {
    if (!is_group(reading->arena, value) || groups->count >= PERSON_GROUPS_LIMIT ||
        size_of(groups) + strlen(value->text) > PERSON_GROUPS_BYTES) {
        drop(reading, "groups");
        return;
    }
    for (const struct json *group = groups->first; group != NULL; group = group->next)
        if (text_equal(group->text, value->text))
            return;
    json_append(groups, json_text(reading->arena, value->text));
}

static const struct json *read_groups(struct reading *reading) {
    const struct json *told = told_groups(reading);
    struct json *groups = json_array(reading->arena);
    if (told == NULL)
        return NULL;
    if (told->type == JSON_STRING)
        add_group(reading, groups, told);
    else if (told->type != JSON_ARRAY)
        drop(reading, "groups");
    for (const struct json *each = told->type == JSON_ARRAY ? told->first : NULL; each != NULL;
         each = each->next)
        add_group(reading, groups, each);
    return groups;
}

int person_read(struct arena *arena, const struct provider *provider, const char *issuer,
                const struct mapping_sources *sources, struct person *person) {
    struct reading reading = {
        .arena = arena,
        .provider = provider,
        .sources = sources,
        .vouched = *sources,
        .person = person,
    };
    reading.vouched.of[MAPPING_CALLBACK] = NULL;
    *person = (struct person){.issuer = issuer};
    if (read_subject(&reading) != 0)
        return -1;
    person->name = read_name(&reading);
    read_email(&reading);
    person->picture = read_picture(&reading);
    person->locale = read_locale(&reading);
    person->groups = read_groups(&reading);
    return 0;
}

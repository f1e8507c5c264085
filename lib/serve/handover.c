#include "serve/handover.h"

#include "base/buffer.h"
#include "base/text.h"

#include <string.h>

#define OUR_PREFIX "LATCHKEY_"
#define CONF_NAME "LATCHKEY_CONF"
#define REDIRECT_PREFIX "REDIRECT_"
#define ADDED_LIMIT 16 /* variables of ours */

/* ---- what goes no further -------------------------------------------------------------------- */

/* Names are compared without regard to case: HTTP's are, and nobody knows a program's own habits. "-"
 * and "_" are one in meta-variables (RFC 3875 4.1.18). */
static bool is_name(const char *name, const char *other) {
    return text_equal_nocase(name, other);
}

static bool has_prefix(const char *name, const char *prefix) {
    return strncasecmp(name, prefix, strlen(prefix)) == 0;
}

/* By which web servers, proxies and gates tell programs who somebody is; and the Proxy field, which
 * HTTP clients in programs would take for HTTP_PROXY ("httpoxy", CVE-2016-5385). */
static bool tells_who(const char *name) {
    static const char *const names[] = {
        "REMOTE_USER",
        "REMOTE_IDENT",
        "AUTH_TYPE",
        "HTTP_AUTH_TYPE",
        "HTTP_PROXY",
        "HTTP_X_FORWARDED_USER",
        "HTTP_X_FORWARDED_EMAIL",
        "HTTP_X_FORWARDED_GROUPS",
        "HTTP_X_FORWARDED_PREFERRED_USERNAME",
        "HTTP_X_FORWARDED_ACCESS_TOKEN",
        "HTTP_X_AUTH_USER",
        "HTTP_X_AUTH_EMAIL",
    };
    static const char *const prefixes[] = {
        OUR_PREFIX,        "HTTP_LATCHKEY_",    "HTTP_X_LATCHKEY_",
        "HTTP_REMOTE_",    "HTTP_X_REMOTE_",    "HTTP_X_AUTH_REQUEST_",
        "HTTP_X_WEBAUTH_", "HTTP_X_AUTHENTIK_", "HTTP_X_AUTHENTICATED_",
        "HTTP_OIDC_",
    };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        if (is_name(name, names[i]))
            return true;
    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++)
        if (has_prefix(name, prefixes[i]))
            return true;
    return false;
}

/* After an internal redirect Apache keeps the variables of before under such names, and there are
 * programs that look for them. */
static const char *without_redirect(const char *name) {
    while (has_prefix(name, REDIRECT_PREFIX))
        name += strlen(REDIRECT_PREFIX);
    return name;
}

static bool goes_on(const char *full_name, const struct handover *what) {
    const char *name = without_redirect(full_name);
    if (text_equal(full_name, CONF_NAME))
        return what->conf == NULL;
    /* What is left of the cookies is added anew. */
    if (tells_who(name) || is_name(name, "HTTP_COOKIE"))
        return false;
    return what->caller->means != CALLER_TOKEN ||
           (!is_name(name, "HTTP_AUTHORIZATION") && !is_name(name, "AUTHORIZATION"));
}

/* ---- what is added --------------------------------------------------------------------------- */

struct environment {
    struct arena *arena;
    char **entries;
    size_t count;
};

/* NULL: not known, so absent. No text of a person's can have a control byte (oauth/person.h); one that
 * has is none. */
static void put(struct environment *environment, const char *name, const char *value) {
    if (text_is_empty(value) || text_has_control(value))
        return;
    environment->entries[environment->count++] =
        arena_format(environment->arena, "%s=%s", name, value);
}

static void add_group(struct buffer *text, const char *group) {
    for (; *group != '\0'; group++) {
        if (*group == '%' || *group == ',')
            buffer_add_format(text, "%%%02X", (unsigned char)*group);
        else
            buffer_add_byte(text, *group);
    }
}

static const char *join_groups(struct arena *arena, const struct json *groups) {
    struct buffer text;
    buffer_open(arena, &text);
    const struct json *each = groups == NULL ? NULL : groups->first;
    for (; each != NULL; each = each->next) {
        if (text_is_empty(each->text) || text_has_control(each->text))
            continue;
        if (text.length > 0)
            buffer_add_byte(&text, ',');
        add_group(&text, each->text);
    }
    return text.bytes;
}

static void put_person(struct environment *environment, const struct handover *what) {
    const struct session *session = what->caller->session;
    struct arena *arena = environment->arena;
    put(environment, "REMOTE_USER", session->sub);
    put(environment, "AUTH_TYPE", "Latchkey");
    put(environment, "LATCHKEY_USER", session->sub);
    put(environment, "LATCHKEY_NAME", session->name);
    put(environment, "LATCHKEY_EMAIL", session->email);
    put(environment, "LATCHKEY_EMAIL_VERIFIED",
        session->email != NULL && session->email_verified ? "1" : NULL);
    put(environment, "LATCHKEY_PICTURE", session->picture);
    put(environment, "LATCHKEY_LOCALE", session->locale);
    put(environment, "LATCHKEY_PROVIDER", what->provider);
    put(environment, "LATCHKEY_GROUPS", join_groups(arena, what->groups));
    put(environment, "LATCHKEY_SIGNED_IN_AT",
        arena_format(arena, "%lld", (long long)session->created_at));
    put(environment, "LATCHKEY_CSRF_TOKEN", session->csrf_token);
}

static size_t count_entries(char *const *entries) {
    size_t count = 0;
    while (entries[count] != NULL)
        count++;
    return count;
}

/* One without "=" is no variable. */
static bool keeps(struct arena *arena, const char *entry, const struct handover *what) {
    size_t length = strcspn(entry, "=");
    return entry[length] == '=' && goes_on(arena_copy(arena, entry, length), what);
}

char **handover_environment(struct arena *arena, char *const *given, const struct handover *what) {
    struct environment environment = {
        .arena = arena,
        .entries = arena_array(arena, count_entries(given) + ADDED_LIMIT + 1, sizeof(char *)),
    };
    for (; *given != NULL; given++)
        if (keeps(arena, *given, what))
            environment.entries[environment.count++] = *given;
    put_person(&environment, what);
    put(&environment, "HTTP_COOKIE", what->cookies);
    put(&environment, CONF_NAME, what->conf);
    return environment.entries;
}

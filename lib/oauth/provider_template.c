#include "oauth/provider_template.h"

#include "base/text.h"
#include "format/form.h"
#include "format/placeholder.h"
#include "format/uri.h"
#include "oauth/login_values.h"
#include "oauth/provider.h"

#include <string.h>

static bool all_holes(struct arena *arena, const char *text,
                      bool (*passes)(struct arena *arena, const char *name)) {
    for (const char *name = placeholder_next(arena, &text); name != NULL;
         name = placeholder_next(arena, &text))
        if (!passes(arena, name))
            return false;
    return true;
}

static const char *check_login_values(struct arena *arena, const char *text) {
    return all_holes(arena, text, login_values_has_name)
               ? NULL
               : "variables, or what a login brings such as {token:PATH}, in its braces";
}

static bool is_vouched(struct arena *arena, const char *name) {
    (void)arena;
    return !text_starts_with(name, "callback:");
}

/* Of requests for the profile: whoever sits at the browser writes what comes back through it, and
 * must not choose whose profile is read. */
static const char *check_vouched_values(struct arena *arena, const char *text) {
    const char *expected = check_login_values(arena, text);
    if (expected != NULL)
        return expected;
    return all_holes(arena, text, is_vouched) ? NULL
                                              : "nothing of callback: in its braces: a browser "
                                                "could ask for anybody's profile";
}

static bool no_hole(struct arena *arena, const char *name) {
    (void)arena;
    (void)name;
    return false;
}

const char *provider_template_fixed(struct arena *arena, const char *text) {
    return all_holes(arena, text, no_hole) ? NULL : "variables alone in its braces";
}

/* The browser carries some: nothing but these may be filled in there, no secret above all. */
static bool is_filled_by(struct arena *arena, const char *text, const char *names) {
    for (const char *name = placeholder_next(arena, &text); name != NULL;
         name = placeholder_next(arena, &text))
        if (!text_has_word(names, name))
            return false;
    return true;
}

/* An address that we may call (uri.h), whatever is filled in later: nothing of that chooses the
 * host. */
static bool is_address(struct arena *arena, const char *text, bool *has_query) {
    struct uri uri;
    const char *authority = strstr(text, "://");
    size_t origin = authority == NULL ? 0 : strcspn(authority + 3, "/?#");
    bool safe = authority != NULL && memchr(authority, '{', origin + 3) == NULL &&
                uri_parse(arena, placeholder_example(arena, text), &uri) == 0 &&
                uri_is_safe_endpoint(&uri);
    arena_forget_error(arena);
    *has_query = safe && uri.query != NULL;
    return safe;
}

static const char *check_address(struct arena *arena, const char *text) {
    bool has_query = false;
    return is_address(arena, text, &has_query)
               ? NULL
               : "an https:// address (http:// only on this machine)";
}

/* OpenID Connect Core 2: an https URL without query and fragment. */
static const char *check_plain_address(struct arena *arena, const char *text) {
    bool has_query = false;
    return is_address(arena, text, &has_query) && !has_query
               ? NULL
               : "an https:// address without \"?\" (http:// only on this machine)";
}

static bool is_claim(struct arena *arena, const char *name) {
    static const char prefix[] = "claim:";
    (void)arena;
    return text_starts_with(name, prefix) && text_is_token(name + sizeof(prefix) - 1);
}

/* Of two holes, nobody could say where the first ends. An issuer is compared byte by byte, so that
 * an empty segment would be found out at the provider alone. */
const char *provider_template_issuer(struct arena *arena, const char *text) {
    const char *expected = check_plain_address(arena, text);
    const char *rest = text;
    if (expected == NULL && strstr(strstr(text, "://") + 3, "//") != NULL)
        return "no \"//\" in its path (a variable of it may end with a \"/\" too many)";
    const char *first = placeholder_next(arena, &rest);
    const char *second = placeholder_next(arena, &rest);
    if (expected != NULL)
        return expected;
    return all_holes(arena, text, is_claim) && (first == NULL || second == NULL)
               ? NULL
               : "variables, and no more than one {claim:NAME}, in its braces";
}

const char *provider_template_identity_issuer(struct arena *arena, const char *text) {
    const char *expected = check_plain_address(arena, text);
    return expected != NULL ? expected : provider_template_fixed(arena, text);
}

const char *provider_template_endpoint(struct arena *arena, const char *text) {
    const char *expected = check_address(arena, text);
    return expected != NULL ? expected : provider_template_fixed(arena, text);
}

/* Called when something is known of a login. */
const char *provider_template_late_endpoint(struct arena *arena, const char *text) {
    const char *expected = check_address(arena, text);
    return expected != NULL ? expected : check_vouched_values(arena, text);
}

const char *provider_template_end_session_endpoint(struct arena *arena, const char *text) {
    if (!is_filled_by(arena, text, "client_id post_logout_redirect_uri id_token state"))
        return "no placeholders but {client_id}, {post_logout_redirect_uri}, {id_token} and "
               "{state}: a browser carries them";
    return *text == '\0' ? NULL : check_address(arena, text);
}

static bool are_parameters(struct arena *arena, const char *text) {
    struct form form;
    const char *example = placeholder_example(arena, text);
    bool reads = form_parse(arena, example, strlen(example), &form) == 0;
    arena_forget_error(arena);
    return reads;
}

const char *provider_template_parameters(struct arena *arena, const char *text) {
    return are_parameters(arena, text) ? check_login_values(arena, text)
                                       : "parameters like name=value&other=value, percent-encoded";
}

const char *provider_template_userinfo_parameters(struct arena *arena, const char *text) {
    const char *expected = provider_template_parameters(arena, text);
    return expected != NULL ? expected : check_vouched_values(arena, text);
}

const char *provider_template_authorization_parameters(struct arena *arena, const char *text) {
    return is_filled_by(arena, text, "client_id redirect_uri state")
               ? provider_template_parameters(arena, text)
               : "no placeholders but {client_id}, {redirect_uri} and {state}: a browser carries "
                 "them";
}

const char *provider_template_fragment(struct arena *arena, const char *text) {
    (void)arena;
    return strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") ==
                   strlen(text)
               ? NULL
               : "letters, digits, _ and -";
}

/* "Name: value"; what the request itself says is not the record's to say again. */
static bool is_field(const char *field) {
    static const char *const ours[] = {"Host",         "Content-Length", "Transfer-Encoding",
                                       "Content-Type", "Connection",     "Authorization",
                                       "Cookie",       "User-Agent",     "Expect"};
    const char *colon = strchr(field, ':');
    size_t length = colon == NULL ? 0 : (size_t)(colon - field);
    char name[64] = "";
    if (length == 0 || length >= sizeof(name) || colon[1] != ' ')
        return false;
    memcpy(name, field, length);
    for (size_t i = 0; i < sizeof(ours) / sizeof(ours[0]); i++)
        if (text_equal_nocase(name, ours[i]))
            return false;
    return text_is_token(name) && !text_has_control(colon);
}

const char *provider_template_headers(struct arena *arena, const char *text) {
    char *rest = arena_text(arena, text);
    for (;;) {
        char *end = strstr(rest, PROVIDER_HEADERS_SEPARATOR);
        if (end != NULL)
            *end = '\0';
        if (!is_field(rest))
            return "\"Name: value\", several separated by \" | \"";
        if (end == NULL)
            return check_vouched_values(arena, text);
        rest = end + strlen(PROVIDER_HEADERS_SEPARATOR);
    }
}

/* RFC 9110 10.1.5; said before anything is known of a login. */
const char *provider_template_user_agent(struct arena *arena, const char *text) {
    (void)arena;
    return text_has_control(text) || strchr(text, '{') != NULL
               ? "a text such as web:example:1.0 (by its developer), made of variables at most"
               : NULL;
}

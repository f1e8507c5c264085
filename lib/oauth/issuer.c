#include "oauth/issuer.h"

#include "base/text.h"

#include <string.h>

#define HOLE "{claim:"

bool issuer_is_template(const char *issuer) {
    return issuer != NULL && strchr(issuer, '{') != NULL;
}

/* Nothing that could lead elsewhere than the template does. */
static bool is_segment(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (!ascii_is_alnum(text[i]) && strchr("-._", text[i]) == NULL)
            return false;
    return length > 0 && text[0] != '.';
}

static bool is_hole(const char *text, size_t length) {
    return length > 2 && text[0] == '{' && text[length - 1] == '}' &&
           is_segment(text + 1, length - 2);
}

/* What stands in `issuer` in place of the template's hole; NULL if it does not fit around it. */
static const char *filling(const char *template, const char *issuer, size_t *length) {
    const char *open = strchr(template, '{');
    const char *close = open == NULL ? NULL : strchr(open, '}');
    if (close == NULL || issuer == NULL)
        return NULL;
    size_t before = (size_t)(open - template);
    size_t after = strlen(close + 1);
    size_t whole = strlen(issuer);
    if (whole < before + after || strncmp(template, issuer, before) != 0 ||
        strcmp(issuer + whole - after, close + 1) != 0)
        return NULL;
    *length = whole - before - after;
    return issuer + before;
}

bool issuer_fits(const struct provider *provider, const char *issuer) {
    size_t length = 0;
    if (!issuer_is_template(provider->issuer))
        return text_equal(issuer, provider->issuer);
    const char *filled = filling(provider->issuer, issuer, &length);
    return filled != NULL && (is_segment(filled, length) || is_hole(filled, length));
}

bool issuer_is_known(const struct provider *provider, const char *issuer) {
    return issuer_fits(provider, issuer) || text_has_word(provider->issuer_alternatives, issuer);
}

bool issuer_is_discovered(const struct provider *provider, const char *discovered,
                          const char *issuer) {
    return !issuer_is_template(provider->issuer) || issuer_is_template(discovered) ||
           text_equal(issuer, discovered);
}

/* The name in the template's {claim:NAME}, or NULL. */
static const char *claim_of_template(struct arena *arena, const char *template) {
    const char *hole = strstr(template, HOLE);
    if (hole == NULL)
        return NULL;
    hole += strlen(HOLE);
    return arena_copy(arena, hole, strcspn(hole, "}"));
}

const char *issuer_of_claims(struct arena *arena, const struct provider *provider,
                             const char *discovered, const struct json *claims) {
    const char *issuer = json_string(claims, "iss");
    size_t length = 0;
    if (text_is_empty(issuer) || !issuer_is_known(provider, issuer))
        return NULL;
    if (!issuer_is_template(provider->issuer))
        return provider->issuer;

    /* The token's own claim, whole: a key of the provider signs for all of its issuers. */
    const char *name = claim_of_template(arena, provider->issuer);
    const char *claim = name == NULL ? NULL : json_string(claims, name);
    const char *filled = filling(provider->issuer, issuer, &length);
    if (claim == NULL || filled == NULL || !is_segment(filled, length) || strlen(claim) != length ||
        memcmp(claim, filled, length) != 0)
        return NULL;
    return issuer_is_discovered(provider, discovered, issuer) ? issuer : NULL;
}

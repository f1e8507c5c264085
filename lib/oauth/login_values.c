#include "oauth/login_values.h"

#include "base/buffer.h"
#include "base/secret.h"
#include "base/text.h"
#include "format/digest.h"
#include "format/placeholder.h"

#include <string.h>

#define HMAC "hmac_sha256:"
#define VARIABLE "variable:"

static bool is_plain_name(const char *name) {
    return text_has_word("client_id client_secret redirect_uri state access_token id_token "
                         "post_logout_redirect_uri",
                         name);
}

/* "NAME:OTHER" */
static bool is_hmac(struct arena *arena, const char *names) {
    size_t length = strcspn(names, ":");
    return names[length] == ':' && is_plain_name(arena_copy(arena, names, length)) &&
           is_plain_name(names + length + 1);
}

bool login_values_has_name(struct arena *arena, const char *name) {
    if (text_starts_with(name, HMAC))
        return is_hmac(arena, name + strlen(HMAC));
    if (strchr(name, ':') == NULL)
        return is_plain_name(name);
    /* A variable is asked for by its bare name. */
    return !text_starts_with(name, VARIABLE) && mapping_fault(arena, name, MAPPING_PATH) == NULL;
}

static const char *plain_value(const struct login_values *values, const char *name) {
    const struct {
        const char *name;
        const char *value;
    } known[] = {
        {"client_id", values->provider->client_id},
        {"client_secret", values->provider->client_secret},
        {"redirect_uri", values->redirect_uri},
        {"state", values->state},
        {"access_token", values->access_token},
        {"id_token", values->id_token},
        {"post_logout_redirect_uri", values->post_logout_redirect_uri},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
        if (text_equal(known[i].name, name))
            return known[i].value;
    return NULL;
}

/* "NAME:OTHER" */
static const char *hmac(struct arena *arena, const struct login_values *values, const char *names) {
    size_t length = strcspn(names, ":");
    if (names[length] != ':')
        return NULL;
    const char *key = plain_value(values, arena_copy(arena, names, length));
    const char *text = plain_value(values, names + length + 1);
    if (key == NULL || text == NULL)
        return NULL;

    struct buffer hex;
    unsigned char mac[DIGEST_SIZE];
    buffer_open(arena, &hex);
    digest_hmac_sha256((const unsigned char *)key, strlen(key), text, strlen(text), mac);
    for (size_t i = 0; i < sizeof(mac); i++)
        buffer_add_format(&hex, "%02x", mac[i]);
    secret_wipe(mac, sizeof(mac));
    return hex.bytes;
}

static const char *lookup(struct arena *arena, const char *name, void *closure) {
    const struct login_values *values = closure;
    if (text_starts_with(name, HMAC))
        return hmac(arena, values, name + strlen(HMAC));
    if (strchr(name, ':') != NULL)
        return mapping_text(arena, name, &values->answers);
    return plain_value(values, name);
}

static int missing(struct arena *arena, const char *name) {
    return fail(arena, ERROR_TOKEN_RESPONSE, "{%.40s} is asked for, but nobody has said it", name);
}

static int fill_encoded(struct arena *arena, const struct login_values *values,
                        const char *template, const char **text) {
    char *filled = NULL;
    const char *unknown = placeholder_fill_uri(arena, template, lookup, (void *)values, &filled);
    *text = filled;
    return unknown == NULL ? 0 : missing(arena, unknown);
}

/* What is left of a value when everything is encoded that can be: dots. */
static bool has_dot_segment(const char *uri) {
    const char *end = uri + strcspn(uri, "?#");
    for (const char *slash = strchr(uri, '/'); slash != NULL && slash < end;
         slash = strchr(slash + 1, '/')) {
        size_t length = strcspn(slash + 1, "/?#");
        if ((length == 1 || length == 2) && strspn(slash + 1, ".") >= length)
            return true;
    }
    return false;
}

int login_values_uri(struct arena *arena, const struct login_values *values, const char *template,
                     const char **uri) {
    if (fill_encoded(arena, values, template, uri) != 0)
        return -1;
    return has_dot_segment(*uri)
               ? fail(arena, ERROR_TOKEN_RESPONSE, "a value would lead out of its place in a path")
               : 0;
}

int login_values_put(struct arena *arena, const struct login_values *values, const char *template,
                     struct form *form) {
    struct form added;
    const char *text = NULL;
    if (template == NULL)
        return 0;
    if (fill_encoded(arena, values, template, &text) != 0)
        return -1;
    if (form_parse(arena, text, strlen(text), &added) != 0) {
        arena_forget_error(arena); /* it would be ours, as if of a request to us */
        return fail(arena, ERROR_TOKEN_RESPONSE, "a value has a control character");
    }
    for (const struct form_field *field = added.first; field != NULL; field = field->next)
        if (form_value(form, field->name) == NULL)
            form_put(arena, form, field->name, field->value);
    return 0;
}

int login_values_text(struct arena *arena, const struct login_values *values, const char *template,
                      const char **text) {
    char *filled = NULL;
    const char *unknown = placeholder_fill_text(arena, template, lookup, (void *)values, &filled);
    *text = filled;
    if (unknown != NULL)
        return missing(arena, unknown);
    return text_has_control(filled)
               ? fail(arena, ERROR_TOKEN_RESPONSE, "a value has a control character")
               : 0;
}

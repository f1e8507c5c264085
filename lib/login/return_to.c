#include "login/return_to.h"

#include "base/text.h"
#include "format/uri.h"

#include <stdbool.h>
#include <string.h>

/* The byte that "%XX" stands for, or -1 if it is malformed. */
static int encoded_byte(const char *text) {
    return uri_percent_byte(text, strnlen(text, 3));
}

/* RFC 3986 3.3: pchar less "%", which is looked at for itself. */
static bool is_path_char(char c) {
    return ascii_is_alnum(c) || (c != '\0' && strchr("-._~!$&'()*+,;=:@", c) != NULL);
}

/* In a path, nothing may be encoded that would mean something else once decoded. */
static bool is_harmless_in_path(int byte) {
    return byte >= 0x20 && byte != 0x7F && strchr("/\\.?#%", byte) == NULL;
}

static bool is_harmless_in_query(int byte) {
    return byte >= 0x20 && byte != 0x7F;
}

/* The length of a segment, or -1 if it is dots or holds what may not stand in a path. */
static int segment_length(const char *segment) {
    int length = 0;
    while (is_path_char(segment[length]) || segment[length] == '%') {
        if (segment[length] == '%') {
            int byte = encoded_byte(segment + length);
            if (byte < 0 || !is_harmless_in_path(byte))
                return -1;
            length += 2;
        }
        length++;
    }
    bool dots = (length == 1 && segment[0] == '.') ||
                (length == 2 && segment[0] == '.' && segment[1] == '.');
    return dots ? -1 : length;
}

/* The end of the path in `text`, or NULL if it is not a good one. No segment but the last may be
 * empty: "//host" is another site's address. */
static const char *path_end(const char *text) {
    while (*text == '/') {
        int length = segment_length(text + 1);
        if (length < 0 || (length == 0 && text[1] == '/'))
            return NULL;
        text += 1 + length;
    }
    return text;
}

/* What the path decodes to is UTF-8: no overlong "/" (%C0%AF) for a careless decoder. */
static bool is_text(struct arena *arena, const char *path, const char *end) {
    char *decoded = NULL;
    bool valid = uri_decode(arena, path, (size_t)(end - path), &decoded) == 0;
    arena_forget_error(arena);
    return valid;
}

static bool is_query(const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '%') {
            int byte = encoded_byte(text);
            if (byte < 0 || !is_harmless_in_query(byte))
                return false;
            text += 2;
        } else if (!is_path_char(*text) && *text != '/' && *text != '?') {
            return false;
        }
    }
    return true;
}

int return_to_check(struct arena *arena, const char *text) {
    if (text == NULL || *text != '/' || strlen(text) > RETURN_TO_LIMIT)
        return fail(arena, ERROR_RETURN_TO,
                    "return_to must begin with one \"/\" and have at most %d characters",
                    RETURN_TO_LIMIT);
    const char *end = path_end(text);
    if (end == NULL || !is_text(arena, text, end) ||
        (*end != '\0' && (*end != '?' || !is_query(end + 1))))
        return fail(arena, ERROR_RETURN_TO, "return_to is not a plain path of this site");
    return 0;
}

int return_to_from_uri(struct arena *arena, const char *base_url, const char *uri,
                       const char **path) {
    size_t length = strlen(base_url);
    if (!text_starts_with(uri, base_url) || (uri[length] != '/' && uri[length] != '\0'))
        return fail(arena, ERROR_RETURN_TO, "target_link_uri is not on this site");
    *path = uri[length] == '\0' ? "/" : uri + length;
    return return_to_check(arena, *path);
}

/* ---- this request ---------------------------------------------------------------------------- */

static bool is_fit(struct arena *arena, const char *text) {
    bool fits = return_to_check(arena, text) == 0;
    arena_forget_error(arena);
    return fits;
}

/* NULL too if it is none that we would read. */
static const char *variable(struct arena *arena, const struct request *request, const char *name) {
    const char *value = NULL;
    if (request_variable(arena, request, name, &value) != 0)
        arena_forget_error(arena);
    return value;
}

/* The whole, or what stands before its query. */
static const char *fit_part(struct arena *arena, const char *text) {
    if (text == NULL || is_fit(arena, text))
        return text;
    const char *path = arena_copy(arena, text, strcspn(text, "?"));
    return is_fit(arena, path) ? path : NULL;
}

/* SCRIPT_NAME and PATH_INFO are decoded (RFC 3875 4.1.5, 4.1.13). */
static char *encode_path(struct arena *arena, const char *path) {
    struct buffer text;
    buffer_open(arena, &text);
    for (; *path != '\0'; path++) {
        const char *encoded = uri_encode(arena, arena_copy(arena, path, 1));
        buffer_add_text(&text,
                        is_path_char(*path) || *path == '/' ? (char[]){*path, '\0'} : encoded);
    }
    return text.bytes;
}

static const char *composed(struct arena *arena, const struct request *request) {
    const char *program = variable(arena, request, "SCRIPT_NAME");
    const char *path = encode_path(
        arena, arena_format(arena, "%s%s", program != NULL ? program : "", request->path_info));
    return *request->query_string == '\0'
               ? path
               : arena_format(arena, "%s?%s", path, request->query_string);
}

const char *return_to_here(struct arena *arena, const struct request *request) {
    const struct error earlier = arena->error;
    arena_forget_error(arena);
    const char *here = fit_part(arena, variable(arena, request, "REQUEST_URI"));
    if (here == NULL)
        here = fit_part(arena, composed(arena, request));
    arena->error = earlier;
    return here;
}

bool return_to_is_possible(const struct request *request) {
    return (request->method == METHOD_GET || request->method == METHOD_HEAD) &&
           request_wants_page(request);
}

char *return_to_login_url(struct arena *arena, const struct config *config, const char *return_to,
                          bool again) {
    struct form form = {.first = NULL};
    form_put(arena, &form, "return_to", return_to);
    form_put(arena, &form, "prompt", again ? "login" : NULL);
    return uri_with_query(arena, arena_format(arena, "%s/login.cgi", config->cgi_path), &form);
}

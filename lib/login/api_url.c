#include "login/api_url.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/uri.h"
#include "format/utf8.h"

#include <string.h>

/* RFC 3986 3.3 and 3.4, without ";" in a path: see the header. */
#define IN_SEGMENT "!$&'()*+,=:@"
#define IN_QUERY "!$&'()*+,;=:@/?"

static bool is_plain(char c, const char *besides) {
    return ascii_is_alnum(c) || (c != '\0' && strchr("-._~", c) != NULL) ||
           (c != '\0' && strchr(besides, c) != NULL);
}

static void add_encoded(struct buffer *out, char c) {
    buffer_add_format(out, "%%%02X", (unsigned char)c);
}

/* ---- the path -------------------------------------------------------------------------------- */

/* Decoded as often as it can be: as soon as what was decoded makes another "%XX", that is decoded,
 * too. No two can overlap, so there is one such text, in whatever order one decodes; and what a
 * segment means at any depth that counts here (a slash, a lone "..") is still there at the end. */
static size_t decode_wholly(const char *segment, size_t length, char *decoded) {
    size_t written = 0;
    for (size_t i = 0; i < length; i++) {
        decoded[written++] = segment[i];
        int byte = written < 3 ? -1 : uri_percent_byte(decoded + written - 3, 3);
        while (byte >= 0) {
            written -= 2;
            decoded[written - 1] = (char)byte;
            byte = written < 3 ? -1 : uri_percent_byte(decoded + written - 3, 3);
        }
    }
    decoded[written] = '\0';
    return written;
}

static bool has_forbidden(const char *text, size_t length) {
    for (size_t i = 0; i < length; i++)
        if (ascii_is_control(text[i]) || strchr("/\\;", text[i]) != NULL)
            return true;
    return false;
}

/* RFC 3986 5.2.4, and what servers make of it: some take ".. " for "..", an overlong encoding in
 * UTF-8 for what it encodes, and "%u002e" for a dot. */
static bool is_safe_segment(struct arena *arena, const char *segment, size_t length) {
    char *decoded = arena_alloc(arena, length + 1);
    size_t size = decode_wholly(segment, length, decoded);
    if (has_forbidden(decoded, size) || !utf8_is_valid(decoded, size))
        return false;
    return strspn(decoded, ". ") < size && strcasestr(decoded, "%u") == NULL;
}

/* `path` begins with its "/". Only the last segment may be empty: then it is no segment, but the
 * slash of a folder. */
static bool is_safe_path(struct arena *arena, const char *path) {
    while (*path == '/') {
        path++;
        size_t length = strcspn(path, "/");
        bool is_end = path[length] == '\0';
        if (!(is_end && length == 0) && !is_safe_segment(arena, path, length))
            return false;
        path += length;
    }
    return *path == '\0';
}

static int add_path(struct arena *arena, const char *path, struct buffer *out) {
    if (strnlen(path, API_PATH_LIMIT + 1) > API_PATH_LIMIT)
        return fail(arena, ERROR_REQUEST_PATH, "the path is longer than %d bytes", API_PATH_LIMIT);
    if (!is_safe_path(arena, path))
        return fail(arena, ERROR_REQUEST_PATH, "the path has a segment that could leave the base");
    for (const char *c = path; *c != '\0'; c++)
        if (*c == '/' || is_plain(*c, IN_SEGMENT))
            buffer_add_byte(out, *c);
        else
            add_encoded(out, *c);
    return 0;
}

/* ---- the query ------------------------------------------------------------------------------- */

/* Of the characters that some servers take for one another in a parameter's name, the same one. */
static char fold(char c) {
    return c == '+' || c == ' ' || c == '.' ? '_' : ascii_lower(c);
}

/* The name of a parameter as servers read it: decoded once, without what some of them take for an
 * index ("name[]") or drop (blanks before it). */
static char *parameter_name(struct arena *arena, const char *text, size_t length) {
    char *name = arena_alloc(arena, length + 1);
    size_t written = 0;
    for (size_t i = 0; i < length && text[i] != '='; i++) {
        int byte = uri_percent_byte(text + i, length - i);
        char c = byte < 0 ? text[i] : (char)byte;
        i += byte < 0 ? 0 : 2;
        if (c == '[' || c == '\0')
            break;
        if (written > 0 || (c != ' ' && c != '+'))
            name[written++] = fold(c);
    }
    return name;
}

static bool is_reserved(const char *reserved, const char *name) {
    size_t length = 0;
    for (const char *word = text_next_word(&reserved, &length); word != NULL;
         word = text_next_word(&reserved, &length)) {
        size_t same = 0;
        while (same < length && name[same] == fold(word[same]))
            same++;
        if (same == length && name[same] == '\0')
            return true;
    }
    return false;
}

/* Some servers take ";" for "&" (HTML 4.01 B.2.2). */
int api_url_check_names(struct arena *arena, const char *query, const char *reserved) {
    if (reserved == NULL)
        return 0;
    while (*query != '\0') {
        size_t length = strcspn(query, "&;");
        if (is_reserved(reserved, parameter_name(arena, query, length)))
            return fail(arena, ERROR_REQUEST_MALFORMED, "a parameter is ours to set");
        query += length;
        query += *query == '\0' ? 0 : 1;
    }
    return 0;
}

static int add_query(struct arena *arena, const char *query, struct buffer *out) {
    size_t length = strlen(query);
    for (size_t i = 0; i < length; i++) {
        int byte = uri_percent_byte(query + i, length - i);
        if (ascii_is_control(query[i]))
            return fail(arena, ERROR_REQUEST_MALFORMED, "the query holds the control byte 0x%02X",
                        (unsigned char)query[i]);
        if (query[i] == '%' && byte <= 0)
            return fail(arena, ERROR_PERCENT, "the query has a \"%%\" that encodes nothing");
        if (query[i] == '%' || is_plain(query[i], IN_QUERY))
            buffer_add_byte(out, query[i]);
        else
            add_encoded(out, query[i]);
    }
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

const char *api_url_base_fault(struct arena *arena, const char *base) {
    struct uri uri;
    if (uri_parse(arena, base, &uri) != 0 || !uri_is_safe_endpoint(&uri)) {
        arena_forget_error(arena);
        return "must be like https://api.example.org/v1/ (http:// for localhost alone)";
    }
    if (uri.query != NULL)
        return "must have no query";
    if (*uri.path != '\0' && !is_safe_path(arena, uri.path))
        return "must have no empty, \".\" or \"..\" segment, however it is encoded";
    return NULL;
}

/* Whatever the steps before have overlooked: nothing goes out that is not below the base. */
static int check_below(struct arena *arena, const char *base, const char *url) {
    struct uri of_base;
    struct uri uri;
    if (strlen(url) > URI_LIMIT)
        return fail(arena, ERROR_REQUEST_TOO_LARGE, "the URL is longer than %d bytes", URI_LIMIT);
    if (uri_parse(arena, base, &of_base) != 0 || uri_parse(arena, url, &uri) != 0)
        return -1;
    size_t length = strlen(of_base.path);
    length -= length > 0 && of_base.path[length - 1] == '/' ? 1 : 0;
    bool is_below = strncmp(uri.path, of_base.path, length) == 0 &&
                    (uri.path[length] == '/' || uri.path[length] == '\0');
    if (!is_below || !text_equal(uri_origin(arena, &uri), uri_origin(arena, &of_base)) ||
        uri.userinfo != NULL || uri.fragment != NULL)
        return fail(arena, ERROR_REQUEST_PATH, "the URL is not below the base");
    return 0;
}

int api_url(struct arena *arena, const struct api_url_parts *parts, char **url) {
    struct buffer out;
    buffer_open(arena, &out);
    size_t length = strlen(parts->base);
    bool has_slash = length > 0 && parts->base[length - 1] == '/';
    buffer_add(&out, parts->base, *parts->path != '\0' && has_slash ? length - 1 : length);
    if (*parts->path != '\0' && add_path(arena, parts->path, &out) != 0)
        return -1;
    if (api_url_check_names(arena, parts->query, parts->reserved) != 0)
        return -1;
    if (*parts->query != '\0') {
        buffer_add_byte(&out, '?');
        if (add_query(arena, parts->query, &out) != 0)
            return -1;
    }
    *url = out.bytes;
    return check_below(arena, parts->base, out.bytes);
}

#include "serve/page.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/file.h"
#include "format/base64url.h"
#include "format/template.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define TEMPLATE_LIMIT (256U * 1024) /* bytes of a file */
#define INCLUDE_TAG "{{>"
#define INCLUDE_DEPTH 4 /* templates in templates */

/* ---- templates ------------------------------------------------------------------------------- */

/* A file of the templates folder: its name has no folder in it. */
static int read_template(struct context *context, const char *name, const char **text) {
    struct arena *arena = context->arena;
    const char *path = arena_format(arena, "%s/%s", context->config->templates, name);
    struct stat status;
    int file = file_open(AT_FDCWD, path, 0, &status);
    if (file < 0)
        return fail(arena, ERROR_TEMPLATE, "cannot open %s: %s", path, strerror(errno));

    struct buffer content;
    buffer_open(arena, &content);
    int result = file_read(file, TEMPLATE_LIMIT, &content);
    if (result != 0)
        fail(arena, ERROR_TEMPLATE, "cannot read %s: %s", path, strerror(errno));
    close(file);
    *text = content.bytes;
    return result;
}

static bool is_template_name(const char *name) {
    for (const char *c = name; *c != '\0'; c++)
        if (!ascii_is_alnum(*c) && *c != '-' && *c != '_' && *c != '.')
            return false;
    return *name != '\0' && *name != '.';
}

/* The name in the tag at `*text`, "{{> name}}", which is stepped over; NULL if it is none. */
static const char *read_include(struct arena *arena, const char **text) {
    const char *start = *text + strlen(INCLUDE_TAG);
    const char *end = strstr(start, "}}");
    start += strspn(start, " ");
    if (end == NULL || end < start)
        return NULL;
    char *name = arena_copy(arena, start, (size_t)(end - start));
    name[strcspn(name, " ")] = '\0';
    *text = end + strlen("}}");
    return is_template_name(name) ? name : NULL;
}

/* Appends the template with its `{{> name}}` replaced by the files of those names. */
static int include(struct context *context, const char *name, int depth, struct buffer *out) {
    struct arena *arena = context->arena;
    const char *text = NULL;
    if (depth == 0)
        return fail(arena, ERROR_TEMPLATE, "templates include each other without end: %s", name);
    if (read_template(context, name, &text) != 0)
        return -1;

    for (const char *tag = strstr(text, INCLUDE_TAG); tag != NULL;
         tag = strstr(text, INCLUDE_TAG)) {
        buffer_add(out, text, (size_t)(tag - text));
        text = tag;
        const char *included = read_include(arena, &text);
        if (included == NULL)
            return fail(arena, ERROR_TEMPLATE, "%s: {{> needs a file name and }}", name);
        if (include(context, included, depth - 1, out) != 0)
            return -1;
    }
    buffer_add_text(out, text);
    return 0;
}

static char *make_nonce(struct arena *arena) {
    unsigned char bytes[16];
    secret_random(bytes, sizeof(bytes));
    return base64url_encode(arena, bytes, sizeof(bytes));
}

int page_respond(struct context *context, struct response *response, int status,
                 const char *template, struct json *values, const char *form_origins) {
    struct arena *arena = context->arena;
    struct buffer text;
    struct buffer page;
    buffer_open(arena, &text);
    buffer_open(arena, &page);

    const char *nonce = make_nonce(arena);
    json_put_string(arena, values, "title", context->config->title);
    json_put_string(arena, values, "home", context->config->home);
    json_put_string(arena, values, "lang", "en");
    json_put_string(arena, values, "nonce", nonce);
    if (include(context, template, INCLUDE_DEPTH, &text) != 0 ||
        template_render(arena, text.bytes, values, NULL, &page) != 0)
        return -1;
    response_page(response, status, page.bytes, nonce, form_origins);
    return 0;
}

/* ---- failures -------------------------------------------------------------------------------- */

/* What a person should know: what happened, and whose turn it is. */
static const struct page_text {
    const char *heading;
    const char *hint;
    bool retry; /* trying again may help */
} texts[ANSWER_COUNT] = {
    [ANSWER_SERVER_ERROR] = {"Something is wrong on this site",
                             "There is nothing you can do; the people who run it can.", false},
    [ANSWER_UNAVAILABLE] = {"One moment, please", "Nothing was lost. Please try again.", true},
    [ANSWER_BAD_REQUEST] = {"That did not make sense",
                            "The link or form that brought you here is broken. Please start again.",
                            true},
    [ANSWER_TOO_LARGE] = {"That was too much", "The request is larger than this site takes.",
                          false},
    [ANSWER_METHOD] = {"That does not work here", "This address is meant for something else.",
                       false},
    [ANSWER_NOT_FOUND] = {"Nothing here", "Please check the address, or go back to the site.",
                          false},
    [ANSWER_UNAUTHENTICATED] = {"You are not signed in", "Please sign in and try again.", true},
    [ANSWER_FORBIDDEN] = {"That came from elsewhere",
                          "For your safety this only works from this site's own pages.", false},
    [ANSWER_INSTANCE] = {"That is no server we can ask",
                         "Please check how it is written: it is the part behind the last @ of your "
                         "name there.",
                         true},
    [ANSWER_INSTANCE_LIMIT] = {"Too many new servers at the moment",
                               "You have done nothing wrong. Please try again in an hour, or sign "
                               "in another way.",
                               true},
    [ANSWER_LOGIN_STALE] = {"This sign-in is no longer valid",
                            "Please sign in again. If this happens every time, check that your "
                            "browser accepts cookies from this site.",
                            true},
    [ANSWER_LOGIN_DENIED] = {"You are not signed in",
                             "You said no, or were not allowed in. You can try again, or with "
                             "another account.",
                             true},
    [ANSWER_LOGIN_NEEDED] = {"You are not signed in", "Please sign in; it will ask you then.",
                             true},
    [ANSWER_NOT_ADMITTED] = {"You are not signed in",
                             "You can try with another account, or ask the people who run this "
                             "site.",
                             true},
    [ANSWER_BLOCKED] = {"You are not signed in",
                        "If you think that is a mistake, ask the people who run this site.", true},
    [ANSWER_FORM_STALE] = {"That did not work", "Please go back to your account and try again.",
                           true},
    [ANSWER_CONFIRM] = {"Is it you?", "For your safety, this needs a fresh sign-in.", true},
    [ANSWER_LINK_OVER] = {"That was not finished", "Nothing was changed. Please try again.", true},
    [ANSWER_IDENTITY_TAKEN] = {"That is not possible",
                               "Nothing was changed. Sign in with it to see that account.", true},
    [ANSWER_LAST_IDENTITY] = {"That is not possible", "Connect another one first.", true},
    [ANSWER_LOGOUT_STATE] = {"Are you signed out?",
                             "Please try again: the page there shows whether you are still signed "
                             "in here.",
                             true},
    [ANSWER_PROVIDER_WRONG] =
        {"That did not work",
         "You have done nothing wrong, and you are not signed in. You can try "
         "again; if it stays so, tell the people who run this site.",
         true},
    [ANSWER_PROVIDER_DOWN] = {"The sign-in service does not answer",
                              "You have done nothing wrong. Please try again in a few minutes.",
                              true},
    [ANSWER_PROVIDER_TIMEOUT] = {"The sign-in service is slow",
                                 "You have done nothing wrong. Please try again in a few minutes.",
                                 true},
};

static struct json *error_values(struct context *context, enum answer answer) {
    struct arena *arena = context->arena;
    const struct answer_meaning *meaning = answer_meaning(answer);
    struct json *values = json_object(arena);
    json_put_integer(arena, values, "status", meaning->status);
    json_put_string(arena, values, "heading", texts[answer].heading);
    json_put_string(arena, values, "text", meaning->description);
    json_put_string(arena, values, "hint", texts[answer].hint);
    json_put_string(arena, values, "code", meaning->code);
    json_put_string(arena, values, "request_id", context->request_id);
    if (texts[answer].retry)
        json_put_string(arena, values, "retry",
                        context->retry != NULL
                            ? context->retry
                            : config_program_uri(arena, context->config, "login.cgi"));
    return values;
}

/* Without configuration or template there is still an answer. */
static void respond_plainly(struct context *context, struct response *response,
                            enum answer answer) {
    struct arena *arena = context->arena;
    const struct answer_meaning *meaning = answer_meaning(answer);
    const char *page =
        arena_format(arena,
                     "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n"
                     "<meta name=\"viewport\" content=\"width=device-width\">\n<title>%s</title>\n"
                     "<h1>%s</h1>\n<p>%s %s</p>\n<p><small>Reference: %s</small></p>\n</html>\n",
                     texts[answer].heading, texts[answer].heading, meaning->description,
                     texts[answer].hint, context->request_id);
    response_page(response, meaning->status, page, make_nonce(arena), NULL);
}

static void respond_json(struct context *context, struct response *response, enum answer answer) {
    struct arena *arena = context->arena;
    const struct answer_meaning *meaning = answer_meaning(answer);
    struct json *document = json_object(arena);
    json_put_string(arena, document, "error", meaning->code);
    json_put_string(arena, document, "error_description", meaning->description);
    json_put_string(arena, document, "request_id", context->request_id);
    response_json(response, meaning->status, document);
}

void page_respond_error(struct context *context, const struct request *request,
                        struct response *response) {
    struct arena *arena = context->arena;
    enum answer answer = error_meaning(arena->error.rule)->answer;
    if (!request_wants_page(request)) {
        respond_json(context, response, answer);
        return;
    }
    arena_forget_error(arena);
    if (context->config != NULL &&
        page_respond(context, response, answer_meaning(answer)->status, "error.html",
                     error_values(context, answer), NULL) == 0)
        return;
    if (context->config != NULL)
        log_error(arena, &context->log, &arena->error, NULL);
    respond_plainly(context, response, answer);
}

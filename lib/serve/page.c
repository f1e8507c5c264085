#include "serve/page.h"

#include "base/secret.h"
#include "edge/config.h"
#include "format/base64url.h"
#include "format/template.h"
#include "format/uri.h"
#include "serve/templates.h"

#include <string.h>

#define INCLUDE_TAG "{{>"
#define INCLUDE_DEPTH 4 /* templates in templates */

/* ---- templates ------------------------------------------------------------------------------- */

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
    return name;
}

/* Appends the template with its `{{> name}}` replaced by the files of those names. */
static int include(struct context *context, const char *name, int depth, struct buffer *out) {
    struct arena *arena = context->arena;
    struct buffer content;
    buffer_open(arena, &content);
    if (depth == 0)
        return fail(arena, ERROR_TEMPLATE, "templates include each other without end: %s", name);
    if (templates_read(context, name, &content) != 0)
        return -1;

    const char *text = content.bytes;
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

int page_open(struct context *context, const struct request *request, const char *template,
              struct page *page) {
    struct arena *arena = context->arena;
    *page = (struct page){.template = template, .values = json_object(arena), .status = 200};
    if (texts_load(context, request, &page->texts) != 0)
        return -1;
    json_put_string(arena, page->values, "title", context->config->title);
    json_put_string(arena, page->values, "home", context->config->home);
    json_put_string(arena, page->values, "lang", page->texts.language);
    json_put_string(arena, page->values, "dir", page->texts.direction);
    return 0;
}

int page_respond(struct context *context, struct response *response, const struct page *page) {
    struct arena *arena = context->arena;
    struct buffer text;
    struct buffer html;
    buffer_open(arena, &text);
    buffer_open(arena, &html);
    const char *nonce = make_nonce(arena);
    json_put_string(arena, page->values, "nonce", nonce);
    if (include(context, page->template, INCLUDE_DEPTH, &text) != 0 ||
        template_render(arena, text.bytes, page->values, page->texts.words, &html) != 0)
        return -1;
    response_page(response, page->status, html.bytes, nonce, page->form_origins);
    response_field(response, "Content-Language", page->texts.language);
    response_field(response, "Vary", "Accept-Language"); /* RFC 9110 12.5.5 */
    return 0;
}

/* ---- failures -------------------------------------------------------------------------------- */

/* Where trying again may help. */
static bool may_retry(enum answer answer) {
    switch (answer) {
    case ANSWER_UNAVAILABLE:
    case ANSWER_BAD_REQUEST:
    case ANSWER_UNAUTHENTICATED:
    case ANSWER_INSTANCE:
    case ANSWER_INSTANCE_LIMIT:
    case ANSWER_LOGIN_STALE:
    case ANSWER_LOGIN_DENIED:
    case ANSWER_LOGIN_NEEDED:
    case ANSWER_NOT_ADMITTED:
    case ANSWER_NOT_ALLOWED:
    case ANSWER_BLOCKED:
    case ANSWER_FORM_STALE:
    case ANSWER_CONFIRM:
    case ANSWER_LINK_OVER:
    case ANSWER_IDENTITY_TAKEN:
    case ANSWER_LAST_IDENTITY:
    case ANSWER_NOT_CONNECTED:
    case ANSWER_OTHER_IDENTITY:
    case ANSWER_LOGOUT_STATE:
    case ANSWER_PROVIDER_WRONG:
    case ANSWER_PROVIDER_DOWN:
    case ANSWER_PROVIDER_TIMEOUT:
    case ANSWER_SIGN_IN_AGAIN:
    case ANSWER_TOKEN:
    case ANSWER_SCOPE:
        return true;
    default:
        return false;
    }
}

/* What a person should know, three texts: what happened, in a word and in a sentence, and whose
 * turn it is. */
static int put_error_texts(struct arena *arena, const char *code, const struct page *page) {
    static const char *const names[] = {"heading", "text", "hint"};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const char *name = arena_format(arena, "error_%s_%s", code, names[i]);
        const char *text = json_string(page->texts.words, name);
        if (text == NULL)
            return fail(arena, ERROR_TEMPLATE, "there is no text %s", name);
        json_put_string(arena, page->values, names[i], text);
    }
    return 0;
}

/* Whoever was turned away is told as whom, and rather goes on as somebody else than once more. */
static void put_refusal(struct context *context, enum answer answer, const struct page *page) {
    if (answer != ANSWER_NOT_ADMITTED && answer != ANSWER_NOT_ALLOWED && answer != ANSWER_BLOCKED &&
        answer != ANSWER_OTHER_IDENTITY)
        return;
    json_put_string(context->arena, page->values, "tried", context->tried);
    json_put_boolean(context->arena, page->values, "refused", true);
}

static const char *login_url(struct context *context) {
    const struct config *config = context->config;
    return context->login_url != NULL
               ? context->login_url
               : arena_format(context->arena, "%s/login.cgi?return_to=%s", config->cgi_path,
                              uri_encode(context->arena, config->home));
}

static bool leads_to_login(enum answer answer) {
    return answer == ANSWER_UNAUTHENTICATED || answer == ANSWER_SIGN_IN_AGAIN ||
           answer == ANSWER_SCOPE;
}

static const char *retry_uri(struct context *context) {
    struct arena *arena = context->arena;
    if (context->retry != NULL)
        return context->retry;
    return context->login_url != NULL ? config_site_uri(arena, context->config, context->login_url)
                                      : config_program_uri(arena, context->config, "login.cgi");
}

static int respond_with_page(struct context *context, const struct request *request,
                             struct response *response, enum answer answer) {
    struct arena *arena = context->arena;
    const struct answer_meaning *meaning = answer_meaning(answer);
    struct page page;
    int opened = context->short_pages ? page_open(context, request, "gate.html", &page)
                                      : page_open(context, request, "error.html", &page);
    if (opened != 0 || put_error_texts(arena, meaning->code, &page) != 0)
        return -1;
    page.status = meaning->status;
    json_put_integer(arena, page.values, "status", meaning->status);
    json_put_string(arena, page.values, "code", meaning->code);
    json_put_string(arena, page.values, "request_id", context->request_id);
    put_refusal(context, answer, &page);
    if (may_retry(answer))
        json_put_string(arena, page.values, "retry", retry_uri(context));
    return page_respond(context, response, &page);
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
                     "<h1>%s</h1>\n<p><small>Reference: %s</small></p>\n</html>\n",
                     meaning->description, meaning->description, context->request_id);
    response_page(response, meaning->status, page, make_nonce(arena), NULL);
    response_field(response, "Content-Language", "en");
}

static void respond_json(struct context *context, struct response *response, enum answer answer) {
    struct arena *arena = context->arena;
    const struct answer_meaning *meaning = answer_meaning(answer);
    struct json *document = json_object(arena);
    json_put_string(arena, document, "error", meaning->code);
    json_put_string(arena, document, "error_description", meaning->description);
    json_put_string(arena, document, "request_id", context->request_id);
    if (leads_to_login(answer) && context->config != NULL)
        json_put_string(arena, document, "login_url", login_url(context));
    if (answer == ANSWER_SCOPE)
        json_put_string(arena, document, "scope", context->scope);
    response_json(response, meaning->status, document);
}

/* RFC 6750 3: why a token was refused; to who brought nothing, that one would do. */
static void put_challenge(struct context *context, struct response *response, enum answer answer) {
    const struct answer_meaning *meaning = answer_meaning(answer);
    if (answer == ANSWER_TOKEN)
        response_field(response, "WWW-Authenticate",
                       arena_format(context->arena,
                                    "Bearer realm=\"%s\", error=\"%s\", error_description=\"%s\"",
                                    context->config->base_url, meaning->code,
                                    meaning->description));
    else if (answer == ANSWER_UNAUTHENTICATED && context->takes_token)
        response_field(
            response, "WWW-Authenticate",
            arena_format(context->arena, "Bearer realm=\"%s\"", context->config->base_url));
}

void page_respond_error(struct context *context, const struct request *request,
                        struct response *response) {
    struct arena *arena = context->arena;
    enum answer answer = error_meaning(arena->error.rule)->answer;
    put_challenge(context, response, answer);
    if (!request_wants_page(request)) {
        respond_json(context, response, answer);
        return;
    }
    arena_forget_error(arena);
    if (context->config != NULL && respond_with_page(context, request, response, answer) == 0)
        return;
    if (context->config != NULL)
        log_error(arena, &context->log, &arena->error, NULL);
    respond_plainly(context, response, answer);
}

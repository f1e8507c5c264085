#include "pages.h"

#include "base/secret.h"
#include "base/text.h"
#include "format/base64url.h"
#include "format/template.h"
#include "format/uri.h"
#include "format/utf8.h"

/* A page before it is filled in. */
struct page {
    enum template template;
    const char *title;
    struct json *values;
    const char *form_uri; /* where a form's reply may redirect to; NULL: nowhere */
    bool script;          /* there is one of our own */
};

static char *origin(struct arena *arena, const char *text) {
    struct uri uri;
    return text != NULL && uri_parse(arena, text, &uri) == 0 ? uri_origin(arena, &uri) : NULL;
}

/* Browsers apply form-action to the redirect that answers a form, too. */
static char *content_security_policy(struct arena *arena, const struct page *page,
                                     const char *nonce) {
    const char *form_origin = origin(arena, page->form_uri);
    return arena_format(arena,
                        "default-src 'none'; style-src 'nonce-%s'; script-src '%s%s'; "
                        "img-src 'self' data:; form-action 'self'%s%s; base-uri 'none'; "
                        "frame-ancestors 'none'",
                        nonce, page->script ? "nonce-" : "none", page->script ? nonce : "",
                        form_origin == NULL ? "" : " ", form_origin == NULL ? "" : form_origin);
}

static int page_respond(struct exchange *exchange, int status, const struct page *page) {
    struct arena *arena = exchange->arena;
    struct buffer html;
    unsigned char random[16];
    secret_random(random, sizeof(random));
    const char *nonce = base64url_encode(arena, random, sizeof(random));
    json_put_string(arena, page->values, "nonce", nonce);
    json_put_string(arena, page->values, "title", page->title);

    buffer_open(arena, &html);
    if (template_render(arena, exchange->op->templates[page->template], page->values, NULL,
                        &html) != 0)
        return -1;
    reply_field(&exchange->reply, "Content-Security-Policy",
                content_security_policy(arena, page, nonce));
    reply_body(&exchange->reply, status, "text/html; charset=utf-8", html.bytes);
    return 0;
}

char *person_initial(struct arena *arena, const struct person *person) {
    char letter[4];
    const char *name = person->name == NULL ? "?" : person->name;
    return arena_copy(arena, letter, utf8_put(utf8_next(&name), letter));
}

static struct json *describe(struct exchange *exchange, const struct person *person) {
    struct arena *arena = exchange->arena;
    struct json *values = json_object(arena);
    json_put_string(arena, values, "id", person->id);
    json_put_string(arena, values, "display_name",
                    person->name == NULL ? "(no name)" : person->name);
    json_put_string(arena, values, "initial", person_initial(arena, person));
    json_put_string(arena, values, "picture", person_picture(arena, person, ""));
    json_put_string(arena, values, "note", person->note);
    return values;
}

static struct json *describe_people(struct exchange *exchange, const char *login_hint) {
    struct json *list = json_array(exchange->arena);
    for (size_t i = 0; i < people_count; i++) {
        struct json *values = describe(exchange, &people[i]);
        bool hinted = text_equal(login_hint, people[i].id) ||
                      (people[i].email_verified && text_equal(login_hint, people[i].email));
        json_put_boolean(exchange->arena, values, "hinted", hinted);
        json_append(list, values);
    }
    return list;
}

/* The misbehaviours stand in the order of their enum, group by group. */
static struct json *describe_misbehaviours(struct arena *arena) {
    struct json *groups = json_array(arena);
    struct json *choices = NULL;
    const char *group = "";
    for (int i = MISBEHAVIOUR_NONE + 1; i < MISBEHAVIOUR_COUNT; i++) {
        const struct misbehaviour_meaning *meaning = misbehaviour_meaning((enum misbehaviour)i);
        if (!text_equal(group, meaning->group)) {
            struct json *values = json_object(arena);
            group = meaning->group;
            choices = json_array(arena);
            json_put_string(arena, values, "group", group);
            json_put(arena, values, "choices", choices);
            json_append(groups, values);
        }
        struct json *choice = json_object(arena);
        json_put_string(arena, choice, "value", meaning->name);
        json_put_string(arena, choice, "label", meaning->label);
        json_append(choices, choice);
    }
    return groups;
}

/* What the pages of both decisions have: the request, signed, where it leads, and who is signed in. */
static struct json *decision_values(struct exchange *exchange, enum purpose purpose,
                                    const struct grant *request, const struct grant *session) {
    struct arena *arena = exchange->arena;
    struct json *values = json_object(arena);
    json_put_string(arena, values, "request", grant_seal(arena, exchange->op, purpose, request));
    json_put_string(arena, values, "destination", origin(arena, request->redirect_uri));
    if (session != NULL)
        json_put(arena, values, "session", describe(exchange, session->person));
    return values;
}

int page_sign_in(struct exchange *exchange, const struct grant *request,
                 const struct grant *session, const char *login_hint) {
    struct json *values = decision_values(exchange, PURPOSE_REQUEST, request, session);
    json_put_string(exchange->arena, values, "scope", request->scope);
    json_put(exchange->arena, values, "people", describe_people(exchange, login_hint));
    json_put(exchange->arena, values, "groups", describe_misbehaviours(exchange->arena));
    return page_respond(
        exchange, 200,
        &(struct page){.template = TEMPLATE_SIGN_IN,
                       .title = arena_format(exchange->arena, "Sign in to %s", request->client_id),
                       .values = values,
                       .form_uri = request->redirect_uri});
}

int page_sign_out(struct exchange *exchange, const struct grant *request,
                  const struct grant *session) {
    return page_respond(
        exchange, 200,
        &(struct page){.template = TEMPLATE_SIGN_OUT,
                       .title = "Sign out?",
                       .values = decision_values(exchange, PURPOSE_SIGN_OUT, request, session),
                       .form_uri = request->redirect_uri});
}

int page_form_post(struct exchange *exchange, const char *uri, const struct form *response) {
    struct arena *arena = exchange->arena;
    struct json *values = json_object(arena);
    struct json *fields = json_array(arena);
    for (const struct form_field *field = response->first; field != NULL; field = field->next) {
        struct json *pair = json_object(arena);
        json_put_string(arena, pair, "field", field->name);
        json_put_string(arena, pair, "value", field->value);
        json_append(fields, pair);
    }
    json_put(arena, values, "fields", fields);
    json_put_string(arena, values, "uri", uri);
    json_put_string(arena, values, "destination", origin(arena, uri));
    return page_respond(exchange, 200,
                        &(struct page){.template = TEMPLATE_FORM_POST,
                                       .title = "One moment",
                                       .values = values,
                                       .form_uri = uri,
                                       .script = true});
}

static struct json *describe_client(struct arena *arena, const struct client *client) {
    struct json *values = json_object(arena);
    struct json *uris = json_array(arena);
    for (size_t i = 0; i < client->redirect_uris.count; i++)
        json_append(uris, json_text(arena, client->redirect_uris.uris[i]));
    json_put_string(arena, values, "client_id", client->id);
    json_put(arena, values, "redirect_uris", uris);
    return values;
}

int page_home(struct exchange *exchange) {
    struct arena *arena = exchange->arena;
    struct json *values = json_object(arena);
    struct json *clients = json_array(arena);
    for (size_t i = 0; i < exchange->op->clients_count; i++)
        json_append(clients, describe_client(arena, &exchange->op->clients[i]));
    json_put(arena, values, "clients", clients);
    json_put_string(arena, values, "issuer", exchange->op->issuer);
    return page_respond(exchange, 200,
                        &(struct page){.template = TEMPLATE_HOME,
                                       .title = "An OpenID provider to try out",
                                       .values = values});
}

int page_message(struct exchange *exchange, int status, const struct page_text *text) {
    struct json *values = json_object(exchange->arena);
    json_put_string(exchange->arena, values, "text", text->text);
    json_put_string(exchange->arena, values, "detail", text->detail);
    return page_respond(
        exchange, status,
        &(struct page){.template = TEMPLATE_MESSAGE, .title = text->title, .values = values});
}

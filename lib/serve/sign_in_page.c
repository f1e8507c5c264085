#include "serve/sign_in_page.h"

#include "base/text.h"
#include "edge/config.h"
#include "format/uri.h"
#include "format/utf8.h"
#include "login/instance.h"
#include "login/last_provider.h"
#include "serve/page.h"

#define ONE_COLUMN_LIMIT 6 /* more buttons than this stand side by side where there is room */

/* ---- buttons --------------------------------------------------------------------------------- */

/* A button's surroundings. */
struct place {
    const struct sign_in_page *page;
    const char *language;
    const char *login; /* the URI of login.cgi */
};

static char *link_to(struct arena *arena, const struct place *place, const char *provider) {
    const struct departure *departure = place->page->departure;
    struct form form = {.first = NULL};
    form_put(arena, &form, "provider", provider);
    form_put(arena, &form, "return_to", departure->terms.return_to);
    form_put(arena, &form, "login_hint", departure->login_hint);
    form_put(arena, &form, "prompt", departure->prompt);
    return form.first == NULL ? arena_text(arena, place->login)
                              : uri_with_query(arena, place->login, &form);
}

/* Which text says why this server will not do: the name of a section in the template. */
static const char *trouble_with(const struct sign_in_page *page) {
    switch (page->wrong) {
    case ERROR_NONE:
        return NULL;
    case ERROR_INSTANCE:
        return instance_is_international(page->instance) ? "instance_international"
                                                         : "instance_malformed";
    case ERROR_INSTANCE_LIMIT:
        return "instance_limit";
    default:
        return "instance_unreachable";
    }
}

/* The form that asks which server. */
static struct json *form_values(struct arena *arena, const struct place *place) {
    const struct departure *departure = place->page->departure;
    const char *trouble = trouble_with(place->page);
    struct json *values = json_object(arena);
    json_put_string(arena, values, "action", place->login);
    json_put_string(arena, values, "return_to", departure->terms.return_to);
    json_put_string(arena, values, "login_hint", departure->login_hint);
    json_put_string(arena, values, "prompt", departure->prompt);
    json_put_string(arena, values, "api", departure->terms.api);
    json_put_string(arena, values, "instance", place->page->instance);
    json_put_boolean(arena, values, "asks", place->page->asks);
    json_put_boolean(arena, values, "trouble", trouble != NULL);
    if (trouble != NULL)
        json_put_boolean(arena, values, trouble, true);
    return values;
}

static bool has_buttons(const struct provider_list *list) {
    for (size_t i = 0; i < list->count; i++)
        if (!list->providers[i].asks_instance)
            return true;
    return false;
}

/* The form that all buttons belong to where the person may say whether to be remembered; NULL where
 * the site says so itself. */
static struct json *choice_values(struct context *context, const struct place *place,
                                  const struct provider_list *list) {
    struct arena *arena = context->arena;
    const struct departure *departure = place->page->departure;
    if (context->config->remember != REMEMBER_ASK)
        return NULL;
    struct json *values = json_object(arena);
    json_put_string(arena, values, "action", place->login);
    json_put_string(arena, values, "return_to", departure->terms.return_to);
    json_put_string(arena, values, "login_hint", departure->login_hint);
    json_put_string(arena, values, "prompt", departure->prompt);
    json_put_boolean(arena, values, "remembered", departure->terms.remember);
    json_put_boolean(arena, values, "buttons", has_buttons(list));
    return values;
}

static struct json *button_values(struct arena *arena, const struct place *place,
                                  const struct provider *provider) {
    const char *label = provider_label(provider, place->language);
    const char *mark = provider->button_mark;
    struct json *button = json_object(arena);
    json_put_string(arena, button, "id", provider->id);
    json_put_string(arena, button, "label", label);
    json_put_string(arena, button, "mark", mark != NULL ? mark : utf8_first(arena, label));
    /* One of the two alone could be unreadable beside the page's own. */
    if (provider->button_background != NULL && provider->button_color != NULL) {
        struct json *colors = json_object(arena);
        json_put_string(arena, colors, "background", provider->button_background);
        json_put_string(arena, colors, "color", provider->button_color);
        json_put(arena, button, "colors", colors);
    }
    if (provider->asks_instance)
        json_put(arena, button, "form", form_values(arena, place));
    else
        json_put_string(arena, button, "href", link_to(arena, place, provider->id));
    return button;
}

/* ---- pages ----------------------------------------------------------------------------------- */

bool sign_in_page_can_help(enum error_rule rule) {
    switch (error_meaning(rule)->answer) {
    case ANSWER_INSTANCE:
    case ANSWER_INSTANCE_LIMIT:
    case ANSWER_PROVIDER_WRONG:
    case ANSWER_PROVIDER_DOWN:
    case ANSWER_PROVIDER_TIMEOUT:
        return true;
    default:
        return false;
    }
}

static bool has_choice(struct context *context) {
    struct provider_list list;
    if (provider_load_all(context, &list) == 0)
        return list.count > 1;
    arena_forget_error(context->arena);
    return false;
}

int sign_in_page_respond(struct context *context, const struct request *request,
                         struct response *response, const struct provider_list *list,
                         const struct sign_in_page *sign_in) {
    struct arena *arena = context->arena;
    struct page page;
    if (page_open(context, request, "sign-in.html", &page) != 0)
        return -1;
    const struct place place = {
        .page = sign_in,
        .language = page.texts.language,
        .login = config_program_uri(arena, context->config, "login.cgi"),
    };
    const char *last = last_provider_recall(context, request, list);
    struct json *buttons = json_array(arena);
    for (size_t i = 0; i < list->count; i++) {
        struct json *button = button_values(arena, &place, &list->providers[i]);
        json_put_boolean(arena, button, "last", text_equal(list->providers[i].id, last));
        json_append(buttons, button);
    }
    json_put(arena, page.values, "providers", buttons);
    json_put(arena, page.values, "choice", choice_values(context, &place, list));
    json_put_boolean(arena, page.values, "wide", list->count > ONE_COLUMN_LIMIT);
    if (sign_in->asks && has_choice(context))
        json_put_string(arena, page.values, "others", link_to(arena, &place, NULL));
    if (sign_in->wrong != ERROR_NONE)
        page.status = answer_meaning(error_meaning(sign_in->wrong)->answer)->status;
    return page_respond(context, response, &page);
}

int sign_in_page_lead(struct context *context, const struct request *request,
                      struct response *response, const struct provider *provider, const char *uri) {
    struct arena *arena = context->arena;
    struct page page;
    if (page_open(context, request, "lead.html", &page) != 0)
        return -1;
    json_put_string(arena, page.values, "href", uri);
    json_put_string(arena, page.values, "label", provider_label(provider, page.texts.language));
    json_put_string(arena, page.values, "instance", provider->instance);
    return page_respond(context, response, &page);
}

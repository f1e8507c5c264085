#include "serve/account_page.h"

#include "base/text.h"
#include "edge/config.h"
#include "format/uri.h"
#include "format/user_agent.h"
#include "format/utf8.h"
#include "login/account.h"
#include "login/event.h"
#include "login/sign_out.h"
#include "oauth/provider.h"
#include "serve/page.h"

#define EVENTS_SHOWN 20

/* What every part of the page needs. */
struct sheet {
    struct context *context;
    const struct session *session;
    const struct identity *identities;
    const char *language;
    struct json *values;
};

static char *action(struct context *context, const char *path) {
    return config_program_uri(context->arena, context->config,
                              arena_format(context->arena, "account.cgi/%s", path));
}

/* The parts of a time, for the text that puts them together, and the form for machines. */
static struct json *time_values(struct arena *arena, int64_t time) {
    const char *iso = clock_format(arena, time);
    struct json *values = json_object(arena);
    json_put_string(arena, values, "iso", iso);
    json_put_string(arena, values, "year", arena_copy(arena, iso, 4));
    json_put_string(arena, values, "month", arena_copy(arena, iso + 5, 2));
    json_put_string(arena, values, "day", arena_copy(arena, iso + 8, 2));
    json_put_string(arena, values, "time", arena_copy(arena, iso + 11, 5));
    return values;
}

/* What people call the provider; its id if it is no longer configured. */
static const char *label_of(const struct sheet *sheet, const char *id) {
    struct provider provider;
    if (provider_load(sheet->context, id, NULL, &provider) == 0)
        return provider_label(&provider, sheet->language);
    arena_forget_error(sheet->context->arena);
    return id;
}

/* ---- who it is ------------------------------------------------------------------------------- */

static void put_user(const struct sheet *sheet) {
    struct arena *arena = sheet->context->arena;
    const struct session *session = sheet->session;
    struct json *user = json_object(arena);
    json_put_string(arena, user, "sub", session->sub);
    json_put_string(arena, user, "name", session->name);
    json_put_string(arena, user, "email", session->email);
    json_put_boolean(arena, user, "email_verified", session->email_verified);
    json_put_string(arena, user, "display", session_display(session));
    json_put_string(arena, user, "initial", utf8_first(arena, session->name));
    json_put(arena, sheet->values, "user", user);
}

static void put_session(const struct sheet *sheet) {
    struct arena *arena = sheet->context->arena;
    json_put(arena, sheet->values, "created_at", time_values(arena, sheet->session->created_at));
    json_put(arena, sheet->values, "expires_at", time_values(arena, sheet->session->expires_at));
}

/* ---- the ways in ----------------------------------------------------------------------------- */

static int put_identities(const struct sheet *sheet) {
    struct arena *arena = sheet->context->arena;
    struct json *list = json_array(arena);
    int64_t name = 0;
    int64_t email = 0;
    bool several = sheet->identities != NULL && sheet->identities->next != NULL;
    if (account_shown(sheet->context, sheet->session->account, &name, &email) != 0)
        return -1;
    for (const struct identity *one = sheet->identities; one != NULL; one = one->next) {
        struct json *values = json_object(arena);
        json_put_integer(arena, values, "id", one->id);
        json_put_string(arena, values, "label", label_of(sheet, one->provider));
        json_put_string(arena, values, "subject", one->subject);
        json_put_string(arena, values, "name", one->name);
        json_put_string(arena, values, "email", one->email);
        json_put_boolean(arena, values, "email_verified", one->email_verified);
        json_put_boolean(arena, values, "current", one->id == sheet->session->identity);
        json_put_boolean(arena, values, "shows_name", one->id == name);
        json_put_boolean(arena, values, "shows_email", one->id == email);
        json_put_boolean(arena, values, "removable", several);
        json_append(list, values);
    }
    json_put(arena, sheet->values, "identities", list);
    json_put_boolean(arena, sheet->values, "several_identities", several);
    return 0;
}

/* What could be connected besides: every configured provider, since one may have two accounts
 * there. */
static int put_providers(const struct sheet *sheet) {
    struct arena *arena = sheet->context->arena;
    struct json *list = json_array(arena);
    struct provider_list providers;
    if (provider_load_all(sheet->context, &providers) != 0)
        return -1;
    for (size_t i = 0; i < providers.count; i++) {
        struct json *values = json_object(arena);
        json_put_string(arena, values, "id", providers.providers[i].id);
        json_put_string(arena, values, "label",
                        provider_label(&providers.providers[i], sheet->language));
        json_put_boolean(arena, values, "asks_instance", providers.providers[i].asks_instance);
        json_append(list, values);
    }
    json_put(arena, sheet->values, "providers", list);
    return 0;
}

/* ---- sessions and events --------------------------------------------------------------------- */

static int put_sessions(const struct sheet *sheet) {
    struct arena *arena = sheet->context->arena;
    struct json *list = json_array(arena);
    struct session_entry *entries = NULL;
    if (session_list(sheet->context, sheet->session->account, &entries) != 0)
        return -1;
    json_put_boolean(arena, sheet->values, "other_sessions",
                     entries != NULL && entries->next != NULL);
    for (const struct session_entry *one = entries; one != NULL; one = one->next) {
        struct json *values = json_object(arena);
        json_put_string(arena, values, "id", one->id_hash);
        json_put_string(arena, values, "label", label_of(sheet, one->provider));
        json_put_string(arena, values, "device", user_agent_describe(arena, one->user_agent));
        json_put_string(arena, values, "address", one->address);
        json_put_boolean(arena, values, "current",
                         text_equal(one->id_hash, sheet->session->id_hash));
        json_put(arena, values, "created_at", time_values(arena, one->created_at));
        json_put(arena, values, "last_seen", time_values(arena, one->last_seen));
        json_append(list, values);
    }
    json_put(arena, sheet->values, "sessions", list);
    return 0;
}

/* Each kind of event is a true value of its own name, for the template's words. */
static int put_events(const struct sheet *sheet) {
    struct arena *arena = sheet->context->arena;
    struct json *list = json_array(arena);
    struct json *events = NULL;
    if (event_list(sheet->context, sheet->session->account, EVENTS_SHOWN, &events) != 0)
        return -1;
    for (const struct json *one = events->first; one != NULL; one = one->next) {
        struct json *values = json_object(arena);
        int64_t at = 0;
        const char *provider = json_string(one, "provider");
        if (json_integer(json_member(one, "at"), &at))
            json_put(arena, values, "at", time_values(arena, at));
        json_put_boolean(arena, values, json_string(one, "event"), true);
        json_put_string(arena, values, "via", provider == NULL ? NULL : label_of(sheet, provider));
        json_put_string(arena, values, "address", json_string(one, "address"));
        json_put_string(arena, values, "device",
                        user_agent_describe(arena, json_string(one, "user_agent")));
        json_append(list, values);
    }
    json_put(arena, sheet->values, "events", list);
    return 0;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void put_forms(const struct sheet *sheet) {
    static const char *const paths[] = {"link",    "unlink", "profile", "sessions",
                                        "confirm", "export", "delete"};
    struct context *context = sheet->context;
    struct json *actions = json_object(context->arena);
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        json_put_string(context->arena, actions, paths[i], action(context, paths[i]));
    json_put_string(context->arena, actions, "logout", sign_out_return_uri(context));
    json_put(context->arena, sheet->values, "actions", actions);
    json_put_string(context->arena, sheet->values, "csrf_token", sheet->session->csrf_token);
}

/* What was just done: a word of ours, or nothing. */
static int put_done(const struct sheet *sheet, const struct request *request) {
    static const char *const words[] = {"linked", "unlinked", "profile", "sessions", "confirmed"};
    struct arena *arena = sheet->context->arena;
    const char *done = NULL;
    if (form_single(arena, &request->query, "done", &done) != 0)
        return -1;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (text_equal(done, words[i]))
            json_put_boolean(arena, sheet->values, arena_format(arena, "done_%s", words[i]), true);
    return 0;
}

int account_page_respond(struct context *context, const struct request *request,
                         struct response *response, const struct session *session) {
    struct identity *identities = NULL;
    struct page page;
    if (page_open(context, request, "account.html", &page) != 0 ||
        account_identities(context, session->account, &identities) != 0)
        return -1;
    const struct sheet sheet = {context, session, identities, page.texts.language, page.values};
    put_user(&sheet);
    put_session(&sheet);
    put_forms(&sheet);
    json_put_string(context->arena, sheet.values, "label", label_of(&sheet, session->provider));
    if (put_done(&sheet, request) != 0 || put_identities(&sheet) != 0 ||
        put_providers(&sheet) != 0 || put_sessions(&sheet) != 0 || put_events(&sheet) != 0)
        return -1;
    page.form_origins = sign_out_origin(context, session);
    return page_respond(context, response, &page);
}

/* Of a provider with many servers, the one that this identity is at: its issuer's host. */
static const char *instance_of(struct arena *arena, const struct provider *provider,
                               const struct identity *identity) {
    struct uri issuer;
    return provider->asks_instance && uri_parse(arena, identity->issuer, &issuer) == 0 ? issuer.host
                                                                                       : NULL;
}

static bool has_way(const struct json *list, const struct json *way) {
    for (const struct json *one = list->first; one != NULL; one = one->next)
        if (text_equal(json_string(one, "id"), json_string(way, "id")) &&
            text_equal(json_string(one, "label"), json_string(way, "label")))
            return true;
    return false;
}

/* Once each, and none that is no longer configured. */
static void put_ways_to_confirm(const struct sheet *sheet) {
    struct arena *arena = sheet->context->arena;
    struct json *list = json_array(arena);
    struct provider provider;
    for (const struct identity *one = sheet->identities; one != NULL; one = one->next) {
        struct json *values = json_object(arena);
        if (provider_load(sheet->context, one->provider, NULL, &provider) == 0) {
            const char *instance = instance_of(arena, &provider, one);
            const char *label = provider_label(&provider, sheet->language);
            json_put_string(arena, values, "id", one->provider);
            json_put_string(arena, values, "instance", instance);
            json_put_string(arena, values, "label",
                            instance == NULL ? label
                                             : arena_format(arena, "%s (%s)", label, instance));
            if (!has_way(list, values))
                json_append(list, values);
        }
        arena_forget_error(arena);
    }
    json_put(arena, sheet->values, "providers", list);
}

int account_page_respond_confirm(struct context *context, const struct request *request,
                                 struct response *response, const struct session *session) {
    struct arena *arena = context->arena;
    struct identity *identities = NULL;
    struct page page;
    if (page_open(context, request, "confirm.html", &page) != 0 ||
        account_identities(context, session->account, &identities) != 0)
        return -1;
    const struct sheet sheet = {context, session, identities, page.texts.language, page.values};
    put_ways_to_confirm(&sheet);
    json_put_string(arena, sheet.values, "account",
                    config_program_uri(arena, context->config, "me.cgi"));
    put_forms(&sheet);
    page.status = 403;
    return page_respond(context, response, &page);
}

int account_page_respond_delete(struct context *context, const struct request *request,
                                struct response *response, const struct session *session) {
    struct page page;
    if (page_open(context, request, "delete.html", &page) != 0)
        return -1;
    const struct sheet sheet = {context, session, NULL, page.texts.language, page.values};
    put_user(&sheet);
    put_forms(&sheet);
    json_put_string(context->arena, page.values, "account",
                    config_program_uri(context->arena, context->config, "me.cgi"));
    return page_respond(context, response, &page);
}

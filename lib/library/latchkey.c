#include "library/latchkey.h"

#include "base/secret.h"
#include "edge/database.h"
#include "login/membership.h"
#include "login/rule.h"
#include "serve/gate.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The answer where not even memory for a request was to be had. */
#define NOTHING_WORKS                                                                              \
    "Status: 500 Internal Server Error\r\nContent-Type: text/plain\r\nCache-Control: no-store\r\n" \
    "\r\nThe server has a problem.\n"

struct latchkey {
    struct gate gate;
    struct gateway gateway;
    char *const *environment;
    struct buffer answer;
    struct error failure; /* ERROR_NONE: none */
    struct latchkey_user *user;
};

/* ---- the web server, as an environment ------------------------------------------------------- */

static const char *variable(const struct gateway *gateway, const char *name) {
    const struct latchkey *latchkey = gateway->stream;
    size_t length = strlen(name);
    for (char *const *entry = latchkey->environment; *entry != NULL; entry++)
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=')
            return *entry + length + 1;
    return NULL;
}

/* The body is the program's. */
static ssize_t read_nothing(const struct gateway *gateway, void *bytes, size_t size) {
    (void)gateway;
    (void)bytes;
    (void)size;
    return 0;
}

/* Of a refusal: kept, for the program to write. */
static int keep_answer(const struct gateway *gateway, const void *bytes, size_t length) {
    struct latchkey *latchkey = gateway->stream;
    buffer_add(&latchkey->answer, bytes, length);
    return 0;
}

/* ---- the person ------------------------------------------------------------------------------ */

static const char *const *group_names(struct arena *arena, const struct json *groups) {
    size_t count = 0;
    const char **names =
        arena_array(arena, (groups == NULL ? 0 : groups->count) + 1, sizeof(*names));
    for (const struct json *group = groups == NULL ? NULL : groups->first; group != NULL;
         group = group->next)
        if (group->type == JSON_STRING)
            names[count++] = group->text;
    return names;
}

/* Where nothing can be said of the person's groups, nothing is said of the person. */
static void read_user(struct latchkey *latchkey) {
    struct gate *gate = &latchkey->gate;
    const struct session *session = gate->caller.session;
    struct membership membership;
    if (session == NULL || gate->arena.error.rule != ERROR_NONE ||
        membership_load(&gate->context, session, &membership) != 0)
        return;
    latchkey->user = arena_alloc(&gate->arena, sizeof(*latchkey->user));
    *latchkey->user = (struct latchkey_user){
        .sub = session->sub,
        .name = session->name,
        .email = session->email,
        .email_verified = session->email != NULL && session->email_verified,
        .picture = session->picture,
        .locale = session->locale,
        .provider = membership.provider,
        .groups = group_names(&gate->arena, membership.groups),
        .signed_in_at = session->created_at,
        .csrf_token = session->csrf_token,
    };
}

/* ---- opening and closing --------------------------------------------------------------------- */

struct latchkey *latchkey_open(char *const *environment) {
    struct latchkey *latchkey = calloc(1, sizeof(*latchkey));
    if (latchkey == NULL)
        return NULL;
    database_share(); /* the program may use SQLite itself */
    latchkey->environment = environment != NULL ? environment : environ;
    latchkey->gateway = (struct gateway){
        .variable = variable,
        .read = read_nothing,
        .write = keep_answer,
        .stream = latchkey,
    };
    gate_open(&latchkey->gate, &latchkey->gateway, "liblatchkey");
    gate_read(&latchkey->gate, config_path());
    read_user(latchkey);
    latchkey->failure = latchkey->gate.arena.error;
    return latchkey;
}

void latchkey_close(struct latchkey *latchkey) {
    if (latchkey == NULL)
        return;
    gate_close(&latchkey->gate);
    free(latchkey);
}

/* ---- questions ------------------------------------------------------------------------------- */

const struct latchkey_user *latchkey_user(struct latchkey *latchkey) {
    return latchkey == NULL ? NULL : latchkey->user;
}

/* Each question is judged anew: that one was answered with no is no failure for the next. */
static struct gate *begin(struct latchkey *latchkey) {
    latchkey->gate.arena.error = latchkey->failure;
    return &latchkey->gate;
}

const char *latchkey_refusal(struct latchkey *latchkey, const char *rules) {
    if (latchkey == NULL)
        return NOTHING_WORKS;
    struct gate *gate = begin(latchkey);
    const struct gate_terms terms = {.require = rules};
    if (gate_check(gate, &terms) == 0)
        return NULL;
    buffer_open(&gate->arena, &latchkey->answer);
    gate_refuse(gate);
    return latchkey->answer.bytes;
}

int latchkey_allows(struct latchkey *latchkey, const char *rules) {
    if (latchkey == NULL)
        return 0;
    struct gate *gate = begin(latchkey);
    return gate->arena.error.rule == ERROR_NONE &&
           rule_check(&gate->context, rules, &gate->caller) == 0;
}

int latchkey_was_meant(struct latchkey *latchkey, const char *csrf_token) {
    if (latchkey == NULL || latchkey->user == NULL)
        return 0;
    struct gate *gate = begin(latchkey);
    if (csrf_token == NULL)
        return caller_check_change(&gate->context, &gate->request, &gate->caller) == 0;
    return gate->caller.means == CALLER_TOKEN ||
           (request_is_same_origin(&gate->request, gate->config.base_url) &&
            secret_text_equal(csrf_token, gate->caller.session->csrf_token));
}

const char *latchkey_sign_in_url(struct latchkey *latchkey, const char *return_to) {
    if (latchkey == NULL || latchkey->gate.context.config == NULL)
        return "";
    return gate_login_url(&latchkey->gate, return_to);
}

const char *latchkey_sign_out_url(struct latchkey *latchkey) {
    if (latchkey == NULL || latchkey->gate.context.config == NULL)
        return "";
    return arena_format(&latchkey->gate.arena, "%s/logout.cgi", latchkey->gate.config.cgi_path);
}

const char *latchkey_error(struct latchkey *latchkey) {
    if (latchkey == NULL)
        return "internal: out of memory";
    if (latchkey->failure.rule == ERROR_NONE)
        return NULL;
    return arena_format(&latchkey->gate.arena, "%s: %s",
                        error_meaning(latchkey->failure.rule)->name, latchkey->failure.detail);
}

/* The authorization endpoint: OpenID Connect Core 3.1.2, RFC 6749 4.1.1, RFC 7636 4.3. */
#include "authorization_response.h"
#include "endpoints.h"
#include "pages.h"
#include "session.h"

#include "base/text.h"

#include <string.h>

/* A prompt that no session satisfies: no sign-in was made in the future. */
#define SIGN_IN_AGAIN 1

/* While client and redirect URI are not known to belong together, nobody is sent anywhere:
 * RFC 6749 4.1.2.1, RFC 9700 4.11. */
static int read_client(struct exchange *exchange, const struct form *form, struct grant *grant) {
    const char *const names[] = {"client_id", "redirect_uri"};
    const char **const values[] = {&grant->client_id, &grant->redirect_uri};
    for (size_t i = 0; i < 2; i++) {
        if (form_single(exchange->arena, form, names[i], values[i]) != 0)
            return -1;
        if (*values[i] == NULL)
            return fail(exchange->arena, ERROR_PARAMETER_WRONG, "%s is missing", names[i]);
    }
    const struct client *client = op_client(exchange->op, grant->client_id);
    if (client == NULL)
        return fail(exchange->arena, ERROR_PARAMETER_WRONG, "no client of this client_id");
    /* OpenID Connect Core 3.1.2.1: simple string comparison. */
    if (!uri_list_has(&client->redirect_uris, grant->redirect_uri))
        return fail(exchange->arena, ERROR_PARAMETER_WRONG,
                    "the redirect_uri is not registered for this client");
    return 0;
}

/* RFC 6749 3.1: parameters are included once at most. An empty one is an absent one. */
static int read_parameter(struct exchange *exchange, const char *name, const char **value,
                          struct refusal *refusal) {
    const struct form *form = incoming_parameters(&exchange->request);
    if (form_single(exchange->arena, form, name, value) != 0)
        return refuse(refusal, 400, "invalid_request", "a parameter is repeated");
    if (text_is_empty(*value))
        *value = NULL;
    return 0;
}

/* state and response_mode come first: they say how to send the other errors back. */
static int read_response_mode(struct exchange *exchange, struct grant *grant,
                              struct refusal *refusal) {
    const char *mode;
    grant->response_mode = "query";
    if (read_parameter(exchange, "state", &grant->state, refusal) != 0 ||
        read_parameter(exchange, "response_mode", &mode, refusal) != 0)
        return -1;
    if (mode == NULL)
        return 0;
    if (!text_equal(mode, "query") && !text_equal(mode, "form_post"))
        return refuse(refusal, 400, "invalid_request", "response_mode is query or form_post");
    grant->response_mode = mode;
    return 0;
}

static int check_response_type(struct exchange *exchange, struct refusal *refusal) {
    const char *type;
    if (read_parameter(exchange, "response_type", &type, refusal) != 0)
        return -1;
    if (type == NULL)
        return refuse(refusal, 400, "invalid_request", "response_type is missing");
    if (!text_equal(type, "code"))
        return refuse(refusal, 400, "unsupported_response_type", "response_type is code");
    return 0;
}

/* OpenID Connect Core 6.1, 6.2, 7.2.1: what we do not support is told by an error of its own. */
static int check_unsupported(struct exchange *exchange, struct refusal *refusal) {
    static const char *const unsupported[][2] = {{"request", "request_not_supported"},
                                                 {"request_uri", "request_uri_not_supported"},
                                                 {"registration", "registration_not_supported"}};
    for (size_t i = 0; i < 3; i++) {
        const char *value;
        if (read_parameter(exchange, unsupported[i][0], &value, refusal) != 0)
            return -1;
        if (value != NULL)
            return refuse(refusal, 400, unsupported[i][1], unsupported[i][0]);
    }
    return 0;
}

/* RFC 7636 4.2: the base64url text of a SHA-256 hash. */
static bool is_challenge(const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (!ascii_is_alnum(text[i]) && text[i] != '-' && text[i] != '_')
            return false;
    return length == 43;
}

/* RFC 7636 4.4.1, RFC 9700 2.1.1: PKCE by S256 is demanded. */
static int read_challenge(struct exchange *exchange, struct grant *grant, struct refusal *refusal) {
    const char *method;
    if (read_parameter(exchange, "code_challenge", &grant->code_challenge, refusal) != 0 ||
        read_parameter(exchange, "code_challenge_method", &method, refusal) != 0)
        return -1;
    if (grant->code_challenge == NULL)
        return refuse(refusal, 400, "invalid_request", "code_challenge is missing");
    if (!text_equal(method, "S256"))
        return refuse(refusal, 400, "invalid_request", "code_challenge_method is S256");
    if (!is_challenge(grant->code_challenge))
        return refuse(refusal, 400, "invalid_request", "code_challenge is not a hash of S256");
    return 0;
}

/* OpenID Connect Core 3.1.2.1: without openid it is no authentication request. */
static int read_scope_and_nonce(struct exchange *exchange, struct grant *grant,
                                struct refusal *refusal) {
    if (read_parameter(exchange, "scope", &grant->scope, refusal) != 0 ||
        read_parameter(exchange, "nonce", &grant->nonce, refusal) != 0)
        return -1;
    if (!text_has_word(grant->scope, "openid"))
        return refuse(refusal, 400, "invalid_scope", "scope lacks openid");
    return 0;
}

/* *seconds = -1 if absent. */
static int read_max_age(struct exchange *exchange, int64_t *seconds, struct refusal *refusal) {
    const char *text;
    *seconds = -1;
    if (read_parameter(exchange, "max_age", &text, refusal) != 0)
        return -1;
    if (text == NULL)
        return 0;
    *seconds = 0;
    if (strlen(text) > 9)
        return refuse(refusal, 400, "invalid_request", "max_age is too large");
    for (; *text != '\0'; text++) {
        if (!ascii_is_digit(*text))
            return refuse(refusal, 400, "invalid_request", "max_age is a number of seconds");
        *seconds = *seconds * 10 + (*text - '0');
    }
    return 0;
}

/* OpenID Connect Core 3.1.2.1: prompt; none stands alone. */
static int read_prompt(struct exchange *exchange, const char **prompt, struct refusal *refusal) {
    if (read_parameter(exchange, "prompt", prompt, refusal) != 0)
        return -1;
    char *rest = *prompt == NULL ? NULL : arena_text(exchange->arena, *prompt);
    for (const char *word = strsep(&rest, " "); word != NULL; word = strsep(&rest, " "))
        if (!text_has_word("none login consent select_account", word))
            return refuse(refusal, 400, "invalid_request", "an unknown prompt");
    if (text_has_word(*prompt, "none") && !text_equal(*prompt, "none"))
        return refuse(refusal, 400, "invalid_request", "prompt none stands alone");
    return 0;
}

static int read_request(struct exchange *exchange, struct grant *grant, const char **prompt,
                        struct refusal *refusal) {
    int64_t max_age;
    if (read_response_mode(exchange, grant, refusal) != 0 ||
        check_response_type(exchange, refusal) != 0 || check_unsupported(exchange, refusal) != 0 ||
        read_scope_and_nonce(exchange, grant, refusal) != 0 ||
        read_challenge(exchange, grant, refusal) != 0 ||
        read_max_age(exchange, &max_age, refusal) != 0 ||
        read_prompt(exchange, prompt, refusal) != 0)
        return -1;
    if (max_age >= 0)
        grant->auth_time = exchange_now() - max_age;
    if (text_has_word(*prompt, "login"))
        grant->auth_time = exchange_now() + SIGN_IN_AGAIN;
    return 0;
}

static int authorize_silently(struct exchange *exchange, struct grant *grant,
                              const struct grant *session) {
    if (session == NULL)
        return authorization_response_error(
            exchange, grant,
            &(struct refusal){.error = "login_required", .description = "nobody is signed in"});
    grant->person = session->person;
    grant->auth_time = session->auth_time;
    grant->sid = session->sid;
    return authorization_response_code(exchange, grant);
}

int authorize(struct exchange *exchange) {
    struct grant grant = {.client_id = NULL};
    struct refusal refusal;
    const char *prompt = NULL;
    const struct form *form = incoming_parameters(&exchange->request);
    if (read_client(exchange, form, &grant) != 0)
        return -1;
    if (read_request(exchange, &grant, &prompt, &refusal) != 0)
        return authorization_response_error(exchange, &grant, &refusal);

    struct grant loaded;
    const struct grant *session = NULL;
    if (session_load(exchange, &loaded) && loaded.auth_time >= grant.auth_time)
        session = &loaded;
    if (text_equal(prompt, "none"))
        return authorize_silently(exchange, &grant, session);
    return page_sign_in(exchange, &grant, session, form_value(form, "login_hint"));
}

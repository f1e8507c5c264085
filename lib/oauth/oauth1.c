#include "oauth/oauth1.h"

#include "base/buffer.h"
#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/private_file.h"
#include "format/oauth1_signature.h"
#include "format/uri.h"
#include "oauth/endpoint.h"

#include <string.h>

#define NONCE_SIZE 12 /* bytes */

/* ---- signing --------------------------------------------------------------------------------- */

/* 3.3: never twice with the same timestamp. In hexadecimal, since servers are known that take
 * letters and digits alone, and no more than 30 of them. */
static const char *new_nonce(struct arena *arena) {
    unsigned char bytes[NONCE_SIZE];
    struct buffer text;
    secret_random(bytes, sizeof(bytes));
    buffer_open(arena, &text);
    for (size_t i = 0; i < sizeof(bytes); i++)
        buffer_add_format(&text, "%02x", bytes[i]);
    return text.bytes;
}

static int sign_rsa_sha1(struct context *context, const struct provider *provider, const char *base,
                         char **signature) {
    struct arena *arena = context->arena;
    const char *pem = NULL;
    struct signing_key key;
    if (private_file_read(arena, context->config->file, provider->private_key_file, &pem) != 0 ||
        signing_key_parse(arena, pem, "RS256", NULL, &key) != 0)
        return -1;
    int result = oauth1_signature_rsa_sha1(arena, base, &key, signature);
    signing_key_free(&key);
    return result;
}

static const char *method_name(const struct provider *provider) {
    return provider->signature_method == SIGNATURE_RSA_SHA1 ? "RSA-SHA1" : "HMAC-SHA1";
}

/* 3.1: what every request bears. */
static void put_common(struct context *context, const struct provider *provider, const char *token,
                       struct form *protocol) {
    struct arena *arena = context->arena;
    form_put(arena, protocol, "oauth_consumer_key", provider->client_id);
    form_put(arena, protocol, "oauth_token", token);
    form_put(arena, protocol, "oauth_signature_method", method_name(provider));
    form_put(arena, protocol, "oauth_timestamp",
             arena_format(arena, "%lld", (long long)context_now(context)));
    form_put(arena, protocol, "oauth_nonce", new_nonce(arena));
    form_put(arena, protocol, "oauth_version", "1.0");
}

/* Signs with these protocol parameters, which are complete but for the signature. */
static int sign(struct context *context, const struct provider *provider, struct form *protocol,
                const char *token_secret, struct http_request *request) {
    struct arena *arena = context->arena;
    struct form body = {.first = NULL};
    char *base = NULL;
    char *signature = NULL;
    bool is_post = request->form != NULL || request->json != NULL || request->post;
    const char *method = request->method != NULL ? request->method : is_post ? "POST" : "GET";
    if (request->form != NULL &&
        form_parse(arena, request->form, strlen(request->form), &body) != 0)
        return -1;
    const struct oauth1_message message = {
        .method = method,
        .url = request->url,
        .body = &body,
    };
    if (oauth1_signature_base(arena, &message, protocol, &base) != 0)
        return -1;
    int result = provider->signature_method == SIGNATURE_RSA_SHA1
                     ? sign_rsa_sha1(context, provider, base, &signature)
                     : oauth1_signature_hmac_sha1(arena, base, provider->client_secret,
                                                  token_secret, &signature);
    if (result != 0)
        return -1;
    form_put(arena, protocol, "oauth_signature", signature);
    http_request_field(arena, request, "Authorization", oauth1_signature_field(arena, protocol));
    return 0;
}

int oauth1_sign(struct context *context, const struct provider *provider,
                const struct oauth1_credentials *credentials, struct http_request *request) {
    struct form protocol = {.first = NULL};
    put_common(context, provider, credentials->token, &protocol);
    return sign(context, provider, &protocol, credentials->secret, request);
}

/* ---- the answers that bring credentials ------------------------------------------------------ */

static struct http_request credentials_request(const struct provider *provider, const char *url) {
    struct http_request request = endpoint_request(provider, url);
    request.accept = "application/x-www-form-urlencoded, */*;q=0.1";
    request.post = true;
    return request;
}

/* 2.1 and 2.3: a form, whatever its media type says; those that refuse like to say why in JSON.
 * 3.2: with status 401 the credentials are refused, for which `unauthorized` is the rule. */
static int read_answer(struct arena *arena, const struct provider *provider,
                       const struct http_response *response, enum error_rule unauthorized,
                       const struct json **answer) {
    bool is_unauthorized = response->status == 401;
    const char *errors = provider->token_error != NULL ? provider->token_error : "";
    const struct answer_rules rules = {
        .formats = response->status == 200 ? "form" : "form json",
        .error = arena_format(arena, "oauth_problem %s", errors),
        .source = MAPPING_TOKEN,
        .status = 200,
        .refused = is_unauthorized ? unauthorized : ERROR_TOKEN_ERROR,
        .malformed = ERROR_TOKEN_RESPONSE,
    };
    if (answer_read(arena, &rules, response, answer) == 0)
        return 0;
    if (is_unauthorized && arena->error.rule == ERROR_HTTP_STATUS) {
        arena_forget_error(arena); /* it says more than any status */
        return fail(arena, unauthorized, "the provider answered with status 401");
    }
    return -1;
}

static int read_credential(struct arena *arena, const struct json *answer, const char *name,
                           const char **text) {
    *text = json_string(answer, name);
    if (*text == NULL)
        return fail(arena, ERROR_TOKEN_RESPONSE, "there is no %s", name);
    if (strlen(*text) > OAUTH1_CREDENTIAL_LIMIT)
        return fail(arena, ERROR_TOKEN_RESPONSE, "%s is longer than %d bytes", name,
                    OAUTH1_CREDENTIAL_LIMIT);
    return 0;
}

/* A secret that is empty may be one where another key signs (3.4.3), but not where it is the key. */
static int read_credentials(struct arena *arena, const struct provider *provider,
                            const struct json *answer, struct oauth1_credentials *credentials) {
    if (read_credential(arena, answer, "oauth_token", &credentials->token) != 0 ||
        read_credential(arena, answer, "oauth_token_secret", &credentials->secret) != 0)
        return -1;
    if (*credentials->token == '\0')
        return fail(arena, ERROR_TOKEN_RESPONSE, "oauth_token is empty");
    if (*credentials->secret == '\0' && provider->signature_method != SIGNATURE_RSA_SHA1)
        return fail(arena, ERROR_TOKEN_RESPONSE, "oauth_token_secret is empty");
    return 0;
}

/* ---- the legs -------------------------------------------------------------------------------- */

int oauth1_temporary_request(struct context *context, const struct provider *provider,
                             struct oauth1_credentials *temporary) {
    struct arena *arena = context->arena;
    struct http_request request =
        credentials_request(provider, provider->temporary_credential_endpoint);
    struct form protocol = {.first = NULL};
    struct http_response response;
    const struct json *answer = NULL;
    put_common(context, provider, NULL, &protocol);
    form_put(arena, &protocol, "oauth_callback", provider_redirect_uri(context, provider));
    if (sign(context, provider, &protocol, NULL, &request) != 0 ||
        http_request_send(context, &request, &response) != 0 ||
        read_answer(arena, provider, &response, ERROR_CLIENT_REFUSED, &answer) != 0 ||
        read_credentials(arena, provider, answer, temporary) != 0)
        return -1;

    /* 2.1: only a server of the version that is safe from session fixation says so. */
    if (!text_equal(json_string(answer, "oauth_callback_confirmed"), "true"))
        return fail(arena, ERROR_TOKEN_RESPONSE, "oauth_callback_confirmed is not true");
    return 0;
}

char *oauth1_authorization_uri(struct arena *arena, const struct provider *provider,
                               const struct oauth1_credentials *temporary) {
    struct form form = {.first = NULL};
    form_put(arena, &form, "oauth_token", temporary->token);
    return uri_with_query(arena, provider->authorization_endpoint, &form);
}

/* What is not the credentials themselves: nobody else needs to see those. */
static const struct json *without_credentials(struct arena *arena, const struct json *answer) {
    struct json *rest = json_object(arena);
    for (const struct json *member = answer->first; member != NULL; member = member->next)
        if (!text_equal(member->name, "oauth_token") &&
            !text_equal(member->name, "oauth_token_secret"))
            json_put_string(arena, rest, member->name, member->text);
    return rest;
}

int oauth1_token_request(struct context *context, const struct provider *provider,
                         const struct oauth1_credentials *temporary, const char *verifier,
                         struct oauth1_credentials *credentials, const struct json **answer) {
    struct arena *arena = context->arena;
    struct http_request request = credentials_request(provider, provider->token_endpoint);
    struct form protocol = {.first = NULL};
    struct http_response response;
    const struct json *whole = NULL;
    put_common(context, provider, temporary->token, &protocol);
    form_put(arena, &protocol, "oauth_verifier", verifier);
    if (sign(context, provider, &protocol, temporary->secret, &request) != 0 ||
        http_request_send(context, &request, &response) != 0 ||
        read_answer(arena, provider, &response, ERROR_TOKEN_ERROR, &whole) != 0 ||
        read_credentials(arena, provider, whole, credentials) != 0)
        return -1;
    if (!mapping_holds(arena, provider->token_success, MAPPING_TOKEN, whole))
        return fail(arena, ERROR_TOKEN_ERROR, "status 200, but it is no success");
    *answer = without_credentials(arena, whole);
    return 0;
}

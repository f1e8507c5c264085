/* The token endpoint: OpenID Connect Core 3.1.3, RFC 6749 4.1.3, RFC 7636 4.5. */
#include "credentials.h"
#include "endpoints.h"
#include "grant.h"
#include "id_token.h"

#include "base/text.h"
#include "format/base64url.h"
#include "format/digest.h"

#include <string.h>
#include <unistd.h>

#define HUGE_SIZE (5U * 1024 * 1024)
#define SLOW_SECONDS 20

static int read_parameter(struct exchange *exchange, const char *name, const char **value,
                          struct refusal *refusal) {
    if (form_single(exchange->arena, &exchange->request.body, name, value) != 0)
        return refuse(refusal, 400, "invalid_request", "a parameter is repeated");
    if (text_is_empty(*value))
        return refuse(refusal, 400, "invalid_request",
                      arena_format(exchange->arena, "%s is missing", name));
    return 0;
}

static int check_grant_type(struct exchange *exchange, struct refusal *refusal) {
    const char *type;
    if (read_parameter(exchange, "grant_type", &type, refusal) != 0)
        return -1;
    if (!text_equal(type, "authorization_code"))
        return refuse(refusal, 400, "unsupported_grant_type", "grant_type is authorization_code");
    return 0;
}

/* OpenID Connect Core 3.1.3.2: the code is ours, for this client, and was asked for with this very
 * redirect_uri. */
static int read_code(struct exchange *exchange, const struct client *client, struct grant *grant,
                     struct refusal *refusal) {
    const char *code;
    const char *redirect_uri;
    if (read_parameter(exchange, "code", &code, refusal) != 0 ||
        read_parameter(exchange, "redirect_uri", &redirect_uri, refusal) != 0)
        return -1;
    if (grant_open(exchange->arena, exchange->op, PURPOSE_CODE, code, grant) != 0)
        return refuse(refusal, 400, "invalid_grant", exchange->arena->error.detail);
    if (!text_equal(grant->client_id, client->id))
        return refuse(refusal, 400, "invalid_grant", "the code was issued to another client");
    if (!text_equal(grant->redirect_uri, redirect_uri))
        return refuse(refusal, 400, "invalid_grant", "redirect_uri is not that of the request");
    return 0;
}

/* RFC 7636 4.1: 43 to 128 unreserved characters. */
static bool is_verifier(const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0; i < length; i++)
        if (!ascii_is_alnum(text[i]) && strchr("-._~", text[i]) == NULL)
            return false;
    return length >= 43 && length <= 128;
}

/* RFC 7636 4.6 */
static int check_verifier(struct exchange *exchange, const struct grant *grant,
                          struct refusal *refusal) {
    const char *verifier;
    unsigned char digest[DIGEST_SIZE];
    if (read_parameter(exchange, "code_verifier", &verifier, refusal) != 0)
        return -1;
    if (!is_verifier(verifier))
        return refuse(refusal, 400, "invalid_request", "code_verifier is malformed");
    digest_sha256(verifier, strlen(verifier), digest);
    if (!text_equal(base64url_encode(exchange->arena, digest, sizeof(digest)),
                    grant->code_challenge))
        return refuse(refusal, 400, "invalid_grant", "code_verifier does not fit code_challenge");
    return 0;
}

/* RFC 6749 4.1.2: once. Last, so that only the right client can spend a code. */
static int redeem(struct exchange *exchange, const struct grant *grant, struct refusal *refusal) {
    switch (used_codes_redeem(exchange->op->used_codes, grant->code_id, exchange_now())) {
    case REDEMPTION_FIRST:
        return 0;
    case REDEMPTION_REPEATED:
        return refuse(refusal, 400, "invalid_grant", "the code has been used");
    default:
        return refuse(refusal, 503, "temporarily_unavailable", "too many codes in a minute");
    }
}

static int respond(struct exchange *exchange, const struct grant *grant) {
    struct arena *arena = exchange->arena;
    struct json *response = json_object(arena);
    char *id_token;
    const char *access_token = grant_seal(arena, exchange->op, PURPOSE_ACCESS_TOKEN, grant);
    if (id_token_make(arena, exchange->op, grant, access_token, &id_token) != 0)
        return -1;
    json_put_string(arena, response, "access_token", access_token);
    json_put_string(arena, response, "token_type", "Bearer");
    json_put_integer(arena, response, "expires_in", ACCESS_TOKEN_AGE);
    json_put_string(arena, response, "scope", grant->scope);
    json_put_string(arena, response, "id_token", id_token);
    /* OpenID Connect Core 3.1.3.3 asks for it besides Cache-Control. */
    reply_field(&exchange->reply, "Pragma", "no-cache");
    return exchange_json(exchange, 200, response);
}

static int respond_huge(struct exchange *exchange) {
    char *filling = arena_alloc(exchange->arena, HUGE_SIZE);
    memset(filling, 'x', HUGE_SIZE);
    reply_body(&exchange->reply, 200, "application/json", "{\"access_token\":\"");
    buffer_add(&exchange->reply.body, filling, HUGE_SIZE);
    buffer_add_text(&exchange->reply.body, "\",\"token_type\":\"Bearer\"}");
    return 0;
}

/* The token response, right, or wrong in the way that was asked for. */
static int respond_as_told(struct exchange *exchange, const struct grant *grant) {
    switch (grant->misbehaviour) {
    case MISBEHAVIOUR_INVALID_GRANT:
        return exchange_refuse(exchange, &(struct refusal){400, "invalid_grant", "on purpose"});
    case MISBEHAVIOUR_TOKEN_500:
        reply_body(&exchange->reply, 500, "text/html", "<h1>Internal Server Error</h1>\n");
        return 0;
    case MISBEHAVIOUR_TOKEN_NOT_JSON:
        reply_body(&exchange->reply, 200, "application/json", "this is not JSON\n");
        return 0;
    case MISBEHAVIOUR_TOKEN_HUGE:
        return respond_huge(exchange);
    case MISBEHAVIOUR_TOKEN_SLOW:
        sleep(SLOW_SECONDS);
        return respond(exchange, grant);
    default:
        return respond(exchange, grant);
    }
}

int token(struct exchange *exchange) {
    const struct client *client;
    struct grant grant;
    struct refusal refusal;
    if (credentials_client(exchange, &client, &refusal) != 0 ||
        check_grant_type(exchange, &refusal) != 0 ||
        read_code(exchange, client, &grant, &refusal) != 0 ||
        check_verifier(exchange, &grant, &refusal) != 0 || redeem(exchange, &grant, &refusal) != 0)
        return exchange_refuse(exchange, &refusal);
    return respond_as_told(exchange, &grant);
}

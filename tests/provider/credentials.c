#include "credentials.h"

#include "base/secret.h"
#include "base/text.h"
#include "format/base64url.h"
#include "format/uri.h"

#include <string.h>

struct pair {
    const char *id;
    const char *secret;
};

/* What follows the scheme in the Authorization field, or NULL if it is another scheme
 * (RFC 9110 11.1: in any case). */
static const char *authorization(struct exchange *exchange, const char *scheme) {
    const char *field = incoming_header(&exchange->request, "authorization");
    size_t length = strlen(scheme);
    if (field == NULL || strncasecmp(field, scheme, length) != 0 || field[length] != ' ')
        return NULL;
    return field + length + strspn(field + length, " ");
}

/* RFC 4648 4, by way of the alphabet that we have a decoder for. */
static int decode_base64(struct arena *arena, const char *text, char **decoded) {
    unsigned char *bytes;
    size_t length;
    char *url = arena_text(arena, text);
    size_t end = strlen(url);
    while (end > 0 && url[end - 1] == '=')
        end--;
    for (size_t i = 0; i < end; i++)
        url[i] = url[i] == '+' ? '-' : url[i] == '/' ? '_' : url[i];
    if (base64url_decode(arena, url, end, &bytes, &length) != 0)
        return -1;
    *decoded = (char *)bytes;
    return strlen(*decoded) == length ? 0 : -1;
}

/* RFC 6749 2.3.1, appendix B: both halves are form-encoded before they are joined. */
static int decode_half(struct arena *arena, char *half, const char **decoded) {
    char *text;
    for (char *c = half; *c != '\0'; c++)
        *c = *c == '+' ? ' ' : *c;
    int result = uri_decode(arena, half, strlen(half), &text);
    *decoded = text;
    return result;
}

static int read_basic(struct exchange *exchange, const char *text, struct pair *pair) {
    char *joined;
    if (decode_base64(exchange->arena, text, &joined) != 0)
        return -1;
    char *colon = strchr(joined, ':');
    if (colon == NULL)
        return -1;
    *colon = '\0';
    return decode_half(exchange->arena, joined, &pair->id) != 0 ||
                   decode_half(exchange->arena, colon + 1, &pair->secret) != 0
               ? -1
               : 0;
}

static int unauthenticated(struct exchange *exchange, struct refusal *refusal) {
    reply_field(&exchange->reply, "WWW-Authenticate", "Basic realm=\"demo provider\"");
    return refuse(refusal, 401, "invalid_client", "client authentication failed");
}

/* Reads the client's word, by one of the two ways and never by both (RFC 6749 2.3). */
static int read_pair(struct exchange *exchange, struct pair *pair, struct refusal *refusal) {
    const struct form *form = &exchange->request.body;
    const char *basic = authorization(exchange, "Basic");
    if (form_single(exchange->arena, form, "client_id", &pair->id) != 0 ||
        form_single(exchange->arena, form, "client_secret", &pair->secret) != 0)
        return refuse(refusal, 400, "invalid_request", "a parameter is repeated");
    if (basic == NULL)
        return 0;
    if (pair->secret != NULL)
        return refuse(refusal, 400, "invalid_request", "two ways of client authentication");

    const char *posted_id = pair->id;
    if (read_basic(exchange, basic, pair) != 0)
        return unauthenticated(exchange, refusal);
    if (posted_id != NULL && !text_equal(posted_id, pair->id))
        return refuse(refusal, 400, "invalid_request", "two clients in one request");
    return 0;
}

int credentials_client(struct exchange *exchange, const struct client **client,
                       struct refusal *refusal) {
    struct pair pair = {.id = NULL};
    if (read_pair(exchange, &pair, refusal) != 0)
        return -1;
    *client = op_client(exchange->op, pair.id);
    if (*client == NULL || !secret_text_equal((*client)->secret, pair.secret))
        return unauthenticated(exchange, refusal);
    return 0;
}

int credentials_bearer(struct exchange *exchange, const char **token, struct refusal *refusal) {
    const char *posted;
    if (form_single(exchange->arena, &exchange->request.body, "access_token", &posted) != 0)
        return refuse(refusal, 400, "invalid_request", "a parameter is repeated");
    *token = authorization(exchange, "Bearer");
    if (*token != NULL && posted != NULL)
        return refuse(refusal, 400, "invalid_request", "two ways of sending a token");
    if (*token == NULL)
        *token = posted;
    return 0;
}

/*
 * An API, for those who want to call one with the access tokens of this provider, or without:
 *
 *   GET /api/notes         the notes of the person, by an access token of scope "notes"
 *   POST /api/notes        {"text":"…"}: a new one
 *   DELETE /api/notes/ID
 *   GET /api/time          what time it is; by the key of --api-key, in the field X-Api-Key
 */
#include "bearer.h"
#include "endpoints.h"
#include "notes.h"

#include "base/secret.h"
#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOTES_PATH "/api/notes"
#define SCOPE "notes"

/* ---- notes ----------------------------------------------------------------------------------- */

static int unavailable(struct exchange *exchange) {
    return exchange_refuse(exchange, &(struct refusal){503, "temporarily_unavailable", "no lock"});
}

static int list_notes(struct exchange *exchange, const struct person *person) {
    struct json *list;
    struct json *document = json_object(exchange->arena);
    if (notes_list(exchange->arena, exchange->op->notes, person->sub, &list) != 0)
        return unavailable(exchange);
    json_put(exchange->arena, document, "notes", list);
    return exchange_json(exchange, 200, document);
}

static const char *read_text(struct exchange *exchange) {
    const char *body = exchange->request.json;
    struct json *document;
    if (body == NULL || json_parse_object(exchange->arena, body, strlen(body), &document) != 0)
        return NULL;
    const char *text = json_string(document, "text");
    return text_is_empty(text) || strlen(text) > NOTE_TEXT_LIMIT ? NULL : text;
}

static int add_note(struct exchange *exchange, const struct person *person) {
    int64_t id;
    const char *text = read_text(exchange);
    struct json *document = json_object(exchange->arena);
    arena_forget_error(exchange->arena);
    if (text == NULL)
        return exchange_refuse(
            exchange, &(struct refusal){400, "invalid_request", "a note is {\"text\":\"…\"}"});
    if (notes_add(exchange->op->notes, person->sub, text, exchange_now(), &id) != 0)
        return unavailable(exchange);
    json_put_integer(exchange->arena, document, "id", id);
    json_put_string(exchange->arena, document, "text", text);
    return exchange_json(exchange, 201, document);
}

static int remove_note(struct exchange *exchange, const struct person *person) {
    const char *number = exchange->request.path + strlen(NOTES_PATH "/");
    bool found = false;
    bool is_number =
        *number != '\0' && strlen(number) < 10 && number[strspn(number, "0123456789")] == '\0';
    if (is_number &&
        notes_remove(exchange->op->notes, person->sub, strtoll(number, NULL, 10), &found) != 0)
        return unavailable(exchange);
    if (!found)
        return exchange_refuse(exchange,
                               &(struct refusal){404, "not_found", "you have no such note"});
    exchange->reply.status = 204;
    return 0;
}

/* Who may do this; *person then. 0, or -1 with the reply made. */
static int read_person(struct exchange *exchange, const struct person **person) {
    struct grant grant;
    struct refusal refusal;
    if (bearer_read(exchange, SCOPE, &grant, &refusal) != 0) {
        arena_forget_error(exchange->arena);
        bearer_refuse(exchange, SCOPE, &refusal);
        return -1;
    }
    *person = grant.person;
    return 0;
}

int api_notes(struct exchange *exchange) {
    const struct person *person = NULL;
    if (read_person(exchange, &person) != 0)
        return 0;
    return text_equal(exchange->request.method, "POST") ? add_note(exchange, person)
                                                        : list_notes(exchange, person);
}

int api_note(struct exchange *exchange) {
    const struct person *person = NULL;
    return read_person(exchange, &person) != 0 ? 0 : remove_note(exchange, person);
}

/* ---- the time -------------------------------------------------------------------------------- */

static bool has_key(const struct exchange *exchange) {
    const char *key = exchange->op->api_key;
    return key == NULL || secret_text_equal(key, incoming_header(&exchange->request, "x-api-key"));
}

int api_time(struct exchange *exchange) {
    struct json *document = json_object(exchange->arena);
    time_t now = exchange_now();
    struct tm utc;
    char text[32];
    if (!has_key(exchange))
        return exchange_refuse(exchange,
                               &(struct refusal){401, "invalid_key", "X-Api-Key is not ours"});
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc)); /* RFC 3339 */
    json_put_string(exchange->arena, document, "time", text);
    return exchange_json(exchange, 200, document);
}

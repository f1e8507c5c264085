#include "login/api_cache.h"

#include "edge/database.h"
#include "format/json.h"

#include <string.h>

static const char *field_of(const struct http_request *request, const char *name) {
    for (const struct http_field *field = request->fields; field != NULL; field = field->next)
        if (strcasecmp(field->name, name) == 0)
            return field->value;
    return "";
}

/* None of the parts has a line break (http_request_check, api_url), so no two questions read the
 * same. */
void api_question_make(struct arena *arena, const char *api, const char *url,
                       const struct http_request *request, struct api_question *question) {
    const char *text = arena_format(arena, "%s\n%s\n%s\n%s", api, url,
                                    request->accept == NULL ? "" : request->accept,
                                    field_of(request, "Accept-Language"));
    digest_sha256(text, strlen(text), question->hash);
}

/* ---- reading --------------------------------------------------------------------------------- */

static int read_fields(struct arena *arena, const char *text, struct http_field **fields) {
    struct json *document = NULL;
    struct http_field **end = fields;
    if (json_parse_object(arena, text, strlen(text), &document) != 0)
        return -1;
    for (const struct json *member = document->first; member != NULL; member = member->next) {
        *end = arena_alloc(arena, sizeof(**end));
        (*end)->name = member->name;
        (*end)->value = member->text;
        end = &(*end)->next;
    }
    return 0;
}

int api_cache_load(struct context *context, const struct api_question *question,
                   struct api_answer *answer, bool *found) {
    struct query query;
    const char *head = NULL;
    *found = false;
    query_open(context, &query, STATEMENT_API_ANSWER_LOAD);
    query_put_bytes(&query, question->hash, sizeof(question->hash));
    query_put_integer(&query, context_now(context));
    int rows = query_next(&query);
    if (rows == 1) {
        head = query_text(&query);
        query_blob(&query, &answer->body);
    }
    query_close(&query);
    if (rows <= 0 || head == NULL)
        return rows < 0 ? -1 : 0;
    answer->status = 200;
    *found = true;
    return read_fields(context->arena, head, &answer->fields);
}

/* ---- writing --------------------------------------------------------------------------------- */

static bool is_to_be_kept(const struct api_answer *answer) {
    return answer->status == 200 && answer->way == API_HELD && answer->body.length <= API_HOLD;
}

static char *write_fields(struct arena *arena, const struct http_field *fields) {
    struct json *document = json_object(arena);
    for (; fields != NULL; fields = fields->next)
        json_put_string(arena, document, fields->name, fields->value);
    return json_write(arena, document);
}

/* In small portions, so that nobody waits for a clean-up. */
static int clear(struct context *context) {
    struct query query;
    query_open(context, &query, STATEMENT_API_ANSWER_DELETE_EXPIRED);
    query_put_integer(&query, context_now(context));
    if (query_run(&query) != 0)
        return -1;
    query_open(context, &query, STATEMENT_API_ANSWER_DELETE_SURPLUS);
    query_put_integer(&query, API_CACHE_LIMIT);
    return query_run(&query);
}

static int save(struct context *context, const struct api_question *question,
                const struct api_answer *answer, int64_t expires_at) {
    struct query query;
    query_open(context, &query, STATEMENT_API_ANSWER_SAVE);
    query_put_bytes(&query, question->hash, sizeof(question->hash));
    query_put_text(&query, write_fields(context->arena, answer->fields));
    query_put_bytes(&query, answer->body.bytes, answer->body.length);
    query_put_integer(&query, expires_at);
    return query_run(&query) != 0 ? -1 : clear(context);
}

int api_cache_save(struct context *context, const struct api_question *question,
                   const struct api_answer *answer, int64_t seconds) {
    if (!is_to_be_kept(answer))
        return 0;
    if (database_begin(context) != 0)
        return -1;
    if (save(context, question, answer, context_now(context) + seconds) != 0) {
        database_rollback(context);
        return -1;
    }
    return database_commit(context);
}

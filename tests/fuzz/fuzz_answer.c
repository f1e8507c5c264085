/* answer: any bytes as what an endpoint answers, in all notations; what is read is a tree that can be written and read again. */
#include "fuzz.h"

#include "base/text.h"
#include "oauth/answer.h"

#include <string.h>

static void must_be_a_tree(struct arena *arena, const struct json *answer) {
    must_hold(answer->type == JSON_OBJECT || answer->type == JSON_ARRAY, "it is an object or list");
    const char *written = json_write(arena, answer);
    struct json *again = NULL;
    must_hold(json_parse(arena, written, strlen(written), &again) == 0, "it can be read again");
    must_hold(text_equal(json_write(arena, again), written), "and is the same");
}

static void must_be_strings(const struct json *answer) {
    for (const struct json *member = answer->first; member != NULL; member = member->next)
        must_hold(member->type == JSON_STRING && json_member(answer, member->name) == member,
                  "a form holds strings, each name once");
}

static bool read_as(struct arena *arena, const char *formats, int status,
                    const struct http_response *response) {
    const struct answer_rules rules = {
        .formats = formats,
        .error = "error errcode token:data[0].error",
        .source = MAPPING_TOKEN,
        .status = status,
        .refused = ERROR_TOKEN_ERROR,
        .malformed = ERROR_TOKEN_RESPONSE,
    };
    const struct json *answer = NULL;
    arena_forget_error(arena);
    int result = answer_read(arena, &rules, response, &answer);
    must_match(arena, result);
    must_hold(result != 0 || answer != NULL, "a success has an answer");
    must_hold(!text_has_control(arena->error.detail), "the log's line stays one");
    if (result != 0)
        return false;
    must_hold(response->status == status, "only that status is a success");
    const struct json *error = json_member(answer, "error");
    must_hold(error == NULL || error->type == JSON_NULL || error->type == JSON_FALSE ||
                  text_is_empty(error->text) || text_equal(error->text, "0"),
              "no error is overlooked");
    must_be_a_tree(arena, answer);
    if (text_equal(formats, "form"))
        must_be_strings(answer);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    const struct http_response response = {
        .status = 200,
        .content_type = "",
        .body = arena_copy(&arena, data, size),
        .body_length = size,
    };
    bool json = read_as(&arena, "json", 200, &response);
    bool form = read_as(&arena, "form", 200, &response);
    bool jsonp = read_as(&arena, "jsonp", 200, &response);
    must_hold(!json || (!form && !jsonp), "what is JSON is nothing else");
    bool any = read_as(&arena, "json form jsonp", 200, &response);
    must_hold(!any || json || form || jsonp, "nothing is read that no notation reads");
    read_as(&arena, "json form jsonp", 400, &response);
    arena_close(&arena);
    return 0;
}

/* request: lines NAME=value are meta-variables, what follows an empty line is the body. */
#include "fuzz.h"

#include "base/text.h"
#include "edge/cookie.h"
#include "edge/request.h"
#include "format/utf8.h"

#include <string.h>

/* The input, cut at each end of a line of its head. */
struct input {
    char *head;
    const char *head_end;
    const char *body;
    size_t body_length;
};

static const char *find_variable(const struct gateway *gateway, const char *name) {
    const struct input *input = gateway->stream;
    size_t length = strlen(name);
    for (const char *line = input->head; line < input->head_end; line += strlen(line) + 1)
        if (strncmp(line, name, length) == 0 && line[length] == '=')
            return line + length + 1;
    return NULL;
}

static ssize_t read_body(const struct gateway *gateway, void *bytes, size_t size) {
    struct input *input = gateway->stream;
    size_t length = input->body_length < size ? input->body_length : size;
    memcpy(bytes, input->body, length);
    input->body += length;
    input->body_length -= length;
    return (ssize_t)length;
}

static struct input cut(struct arena *arena, const uint8_t *bytes, size_t size) {
    char *text = arena_copy(arena, bytes, size);
    const char *empty_line = memmem(text, size, "\n\n", 2);
    size_t head_length = empty_line == NULL ? size : (size_t)(empty_line - text) + 1;
    struct input input = {.head = text, .head_end = text + head_length};
    input.body = empty_line == NULL ? text + size : empty_line + 2;
    input.body_length = (size_t)(text + size - input.body);
    for (char *c = text; c < input.head_end; c++)
        if (*c == '\n')
            *c = '\0';
    return input;
}

static void must_be_clean(const char *text) {
    for (const char *c = text; c != NULL && *c != '\0'; c++)
        must_hold(!ascii_is_control(*c), "no text holds a control byte");
}

static void must_be_clean_utf8(const char *text) {
    must_be_clean(text);
    must_hold(text == NULL || utf8_is_valid(text, strlen(text)), "every text is UTF-8");
}

static void check_form(const struct form *form) {
    for (const struct form_field *field = form->first; field != NULL; field = field->next) {
        must_be_clean_utf8(field->name);
        must_be_clean_utf8(field->value);
    }
}

static void check_request(const struct request *request) {
    const char *texts[] = {request->path_info,      request->accept,     request->accept_language,
                           request->authorization,  request->origin,     request->sec_fetch_site,
                           request->sec_fetch_mode, request->user_agent, request->remote_addr};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        must_be_clean_utf8(texts[i]);
    must_be_clean(request->cookies);
    check_form(&request->query);
    check_form(&request->body);
    must_hold(*request->path_info == '\0' || *request->path_info == '/', "a path begins with /");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena arena;
    struct request request;
    arena_open(&arena, ARENA_LIMIT);
    struct input input = cut(&arena, bytes, size);
    const struct gateway gateway = {.variable = find_variable, .read = read_body, .stream = &input};
    must_match(&arena, request_read(&arena, &gateway, REQUEST_FORM, &request));
    check_request(&request);
    (void)request_wants_page(&request);
    (void)request_is_same_origin(&request, "https://www.example.org");
    (void)cookie_list(&arena, &request, "");
    arena_close(&arena);
    return 0;
}

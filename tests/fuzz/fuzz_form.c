/* form: what is read holds no control byte and is UTF-8, and reads the same when written again. */
#include "fuzz.h"

#include "base/text.h"
#include "format/form.h"
#include "format/utf8.h"

#include <string.h>

static void must_be_clean(const char *text) {
    must_hold(utf8_is_valid(text, strlen(text)), "it is UTF-8");
    for (; *text != '\0'; text++)
        must_hold(!ascii_is_control(*text), "it holds no control byte");
}

static void must_be_same(const struct form *a, const struct form *b) {
    const struct form_field *left = a->first;
    const struct form_field *right = b->first;
    for (; left != NULL && right != NULL; left = left->next, right = right->next)
        must_hold(text_equal(left->name, right->name) && text_equal(left->value, right->value),
                  "the fields are the same");
    must_hold(left == NULL && right == NULL, "there are as many fields");
}

static void check(struct arena *arena, const struct form *form) {
    const char *text = form_write(arena, form);
    struct form again;
    must_hold(form_parse(arena, text, strlen(text), &again) == 0, "what is written can be read");
    must_be_same(form, &again);
    for (const struct form_field *field = form->first; field != NULL; field = field->next) {
        must_be_clean(field->name);
        must_be_clean(field->value);
        must_hold(form_value(form, field->name) != NULL, "what is there is found");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    arena_open(&arena, ARENA_LIMIT);
    struct form form;
    int result = form_parse(&arena, (const char *)data, size, &form);
    must_match(&arena, result);
    if (result == 0)
        check(&arena, &form);
    arena_close(&arena);
    return 0;
}

#include "operate/who.h"

#include "base/buffer.h"
#include "edge/database.h"

#include <string.h>

static const char *display(struct arena *arena, const char *sub, const char *name,
                           const char *email) {
    if (name == NULL && email == NULL)
        return sub;
    return arena_format(arena, "%s (%s%s%s)", sub, name == NULL ? "" : name,
                        name == NULL || email == NULL ? "" : ", ", email == NULL ? "" : email);
}

/* A provider's id holds no colon; a subject may. */
static void put_name(struct arena *arena, struct query *query, const char *named) {
    const char *colon = strchr(named, ':');
    query_put_text(query, named);
    query_put_text(query, colon == NULL ? NULL : arena_copy(arena, named, (size_t)(colon - named)));
    query_put_text(query, colon == NULL ? NULL : colon + 1);
}

int who_find(const struct operation *operation, const char *named, struct who *who) {
    struct context *context = operation->context;
    struct arena *arena = context->arena;
    struct buffer all;
    struct query query;
    int matches = 0;
    buffer_open(arena, &all);
    query_open(context, &query, STATEMENT_OPERATOR_FIND_USER);
    put_name(arena, &query, named);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        who->account = query_integer(&query);
        who->sub = query_text(&query);
        const char *name = query_text(&query);
        who->display = display(arena, who->sub, name, query_text(&query));
        buffer_add_format(&all, "%s%s", matches++ == 0 ? "" : "; ", who->display);
    }
    query_close(&query);
    if (found < 0)
        return -1;
    if (matches == 0)
        return operation_refuse(operation, "no user is called %s", named);
    if (matches > 1)
        return operation_refuse(operation, "%s is not one user: %s", named, all.bytes);
    return OPERATION_DONE;
}

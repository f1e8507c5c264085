#include "login/membership.h"

#include "base/text.h"
#include "edge/database.h"

#include <string.h>

/* A login writes its identity, then its session; between the two, the clock may go on. */
#define LOGIN_SECONDS 60

int membership_groups(struct arena *arena, const char *text, struct json **groups) {
    *groups = NULL;
    if (text == NULL)
        return 0;
    if (json_parse(arena, text, strlen(text), groups) == 0 && (*groups)->type == JSON_ARRAY)
        return 0;
    arena_forget_error(arena);
    return fail(arena, ERROR_DATABASE, "identity_groups.groups is no JSON array");
}

int membership_load(struct context *context, const struct session *session,
                    struct membership *membership) {
    const char *groups = NULL;
    struct query query;
    *membership = (struct membership){.provider = NULL};
    query_open(context, &query, STATEMENT_MEMBERSHIP_LOAD);
    query_put_integer(&query, session->identity);
    query_put_integer(&query, session->created_at - LOGIN_SECONDS);
    int found = query_next(&query);
    if (found == 1) {
        membership->provider = query_text(&query);
        membership->subject = query_text(&query);
        membership->email = query_text(&query);
        membership->email_verified = query_integer(&query) != 0;
        groups = query_text(&query);
    }
    query_close(&query);
    return found < 0 ? -1 : membership_groups(context->arena, groups, &membership->groups);
}

int membership_save(struct context *context, int64_t identity, const struct json *groups) {
    struct query query;
    query_open(context, &query,
               groups == NULL ? STATEMENT_MEMBERSHIP_DELETE : STATEMENT_MEMBERSHIP_SAVE);
    query_put_integer(&query, identity);
    if (groups != NULL)
        query_put_text(&query, json_write(context->arena, groups));
    return query_run(&query);
}

bool membership_has(const struct json *groups, const char *group) {
    const struct json *each = groups == NULL ? NULL : groups->first;
    while (each != NULL && !(each->type == JSON_STRING && text_equal(each->text, group)))
        each = each->next;
    return each != NULL;
}

#include "login/instance.h"

#include "base/text.h"
#include "edge/address.h"
#include "edge/config.h"
#include "edge/database.h"

#include <string.h>

/* ---- what a person typed --------------------------------------------------------------------- */

static char *trim(struct arena *arena, const char *text) {
    while (ascii_is_blank(*text))
        text++;
    size_t length = strlen(text);
    while (length > 0 && ascii_is_blank(text[length - 1]))
        length--;
    return arena_copy(arena, text, length);
}

static char *behind_scheme(char *text) {
    static const char *const schemes[] = {"https://", "http://"};
    for (size_t i = 0; i < sizeof(schemes) / sizeof(schemes[0]); i++)
        if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
            return text + strlen(schemes[i]);
    return text;
}

/* "@ada@social.example" is a name there; in a URL, what stands before "@" is a password, or a host
 * that one is to be taken in by: it stays, and no host name has it. */
static char *behind_person(char *text) {
    if (*text == '@')
        text++;
    char *at = text;
    while (ascii_is_alnum(*at) || *at == '_' || *at == '-' || *at == '.')
        at++;
    return at > text && *at == '@' ? at + 1 : text;
}

int instance_parse(struct arena *arena, const char *typed, const char **host) {
    *host = NULL;
    if (text_is_empty(typed) || strlen(typed) > INSTANCE_TYPED_LIMIT)
        return fail(arena, ERROR_INSTANCE, "no server is named, or not shortly");
    char *text = trim(arena, typed);
    char *rest = behind_scheme(text);
    rest[strcspn(rest, "/?#")] = '\0';
    if (rest == text)
        rest = behind_person(rest);
    for (char *c = rest; *c != '\0'; c++)
        *c = ascii_lower(*c);
    if (!address_is_public_name(rest))
        return fail(arena, ERROR_INSTANCE, "what was typed is no name in the public DNS");
    *host = rest;
    return 0;
}

bool instance_is_host(struct arena *arena, const char *host) {
    const char *parsed = NULL;
    bool is_one = instance_parse(arena, host, &parsed) == 0 && text_equal(parsed, host);
    arena_forget_error(arena);
    return is_one;
}

bool instance_is_international(const char *typed) {
    for (; *typed != '\0'; typed++)
        if ((unsigned char)*typed >= 0x80)
            return true;
    return false;
}

/* ---- how many -------------------------------------------------------------------------------- */

/* More than one insert adds. */
static int delete_old(struct context *context) {
    struct query query;
    query_open(context, &query, STATEMENT_INSTANCE_ATTEMPT_DELETE_OLD);
    query_put_integer(&query, context_now(context) - INSTANCE_WINDOW);
    return query_run(&query);
}

static int insert(struct context *context, const char *host) {
    struct query query;
    query_open(context, &query, STATEMENT_INSTANCE_ATTEMPT_INSERT);
    query_put_text(&query, host);
    query_put_integer(&query, context_now(context));
    return query_run(&query);
}

static int judge(struct context *context, const char *host) {
    struct query query;
    int64_t all = 0;
    int64_t same = 0;
    query_open(context, &query, STATEMENT_INSTANCE_ATTEMPT_COUNT);
    query_put_integer(&query, context_now(context));
    query_put_integer(&query, INSTANCE_WINDOW);
    query_put_text(&query, host);
    query_put_integer(&query, INSTANCE_RETRY_INTERVAL);
    int found = query_next(&query);
    if (found == 1) {
        all = query_integer(&query);
        same = query_integer(&query);
    }
    query_close(&query);
    if (found < 0)
        return -1;
    if (same > 0)
        return fail(context->arena, ERROR_INSTANCE_LIMIT, "%s was tried less than %d s ago", host,
                    INSTANCE_RETRY_INTERVAL);
    if (all >= context->config->new_instances_per_hour)
        return fail(context->arena, ERROR_INSTANCE_LIMIT,
                    "%lld new servers were tried within %d s; this one is %s", (long long)all,
                    INSTANCE_WINDOW, host);
    return 0;
}

/* Under one write lock: of many visitors at once, no more are let through. */
int instance_admit(struct context *context, const char *host) {
    if (database_begin(context) != 0)
        return -1;
    if (judge(context, host) != 0 || insert(context, host) != 0 || delete_old(context) != 0) {
        database_rollback(context);
        return -1;
    }
    return database_commit(context);
}

#include "login/used.h"

#include "edge/database.h"
#include "format/digest.h"

/* With each eighth, by its hash, up to twenty go: more than came meanwhile, so that no flood of logins
 * that come to nothing can make the table grow for long. */
static bool is_turn(const unsigned char hash[DIGEST_SIZE]) {
    return hash[0] % 8 == 0;
}

static int delete_expired(struct context *context) {
    struct query query;
    query_open(context, &query, STATEMENT_USED_DELETE_EXPIRED);
    query_put_integer(&query, context_now(context));
    return query_run(&query);
}

static int record(struct context *context, const char *kind, const void *id, size_t length,
                  int64_t expires_at, bool *first) {
    /* The kind as key keeps a login's id and a token's jti apart, should they ever be equal. */
    unsigned char hash[DIGEST_SIZE];
    digest_hmac((const unsigned char *)"", 0, kind, id, length, hash);

    struct query query;
    query_open(context, &query, STATEMENT_USED_INSERT);
    query_put_bytes(&query, hash, sizeof(hash));
    query_put_integer(&query, expires_at);
    if (query_run(&query) != 0)
        return -1;
    *first = database_changes(context) == 1;
    return is_turn(hash) ? delete_expired(context) : 0;
}

/* What this is for is committed next. If that is to last it takes this along; if a power cut takes it
 * back, and this with it, it can be done once more by who did it, and by nobody else: a login needs
 * its browser's cookie, and a code that its provider takes once (RFC 6749 4.1.2). */
int used_once(struct context *context, const char *kind, const void *id, size_t length,
              int64_t expires_at, bool *first) {
    database_make_last(context, false);
    int result = record(context, kind, id, length, expires_at, first);
    database_make_last(context, true);
    return result;
}

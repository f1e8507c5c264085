#include "login/account.h"

#include "base/secret.h"
#include "edge/database.h"
#include "format/base64url.h"
#include "format/email_address.h"
#include "login/event.h"
#include "login/membership.h"

/* OpenID Connect Core 2 wants `sub` never reassigned: 128 random bits will not be. */
static char *new_sub(struct arena *arena) {
    unsigned char bytes[16];
    secret_random(bytes, sizeof(bytes));
    return base64url_encode(arena, bytes, sizeof(bytes));
}

/* ---- identities ------------------------------------------------------------------------------ */

/* The id that an INSERT … RETURNING gave. */
static int run_returning(struct query *query, int64_t *id) {
    int found = query_next(query);
    if (found == 1) {
        *id = query_integer(query);
        found = query_next(query); /* to its end, so that the row is written */
    }
    query_close(query);
    return found < 0 ? -1 : 0;
}

/* 1 and the ids, 0 if nobody has this identity, -1. */
static int find(struct context *context, const struct provider *provider,
                const struct person *person, struct account_ids *ids) {
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_FIND);
    query_put_text(&query, person->issuer);
    query_put_text(&query, person->subject);
    query_put_text(&query, provider == NULL ? NULL : provider->id);
    query_put_text(&query, person->email);
    query_put_integer(&query, person->email_verified);
    query_put_text(&query, person->name);
    query_put_text(&query, person->picture);
    int found = query_next(&query);
    if (found == 1) {
        ids->identity = query_integer(&query);
        ids->account = query_integer(&query);
        ids->changed = query_integer(&query) == 0;
        ids->renamed = query_integer(&query) == 0;
    }
    query_close(&query);
    return found;
}

int account_find(struct context *context, const struct person *person, int64_t *account) {
    struct account_ids ids = {.account = 0};
    int found = find(context, NULL, person, &ids);
    *account = ids.account;
    return found < 0 ? -1 : 0;
}

/* name, email, email_verified, picture: in this order in every statement that has them. */
static void put_claims(struct query *query, const struct person *person) {
    query_put_text(query, person->name);
    query_put_text(query, person->email);
    query_put_integer(query, person->email_verified);
    query_put_text(query, person->picture);
}

static int insert_identity_row(struct context *context, const struct provider *provider,
                               const struct person *person, struct account_ids *ids) {
    int64_t now = context_now(context);
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_INSERT);
    query_put_integer(&query, ids->account);
    query_put_text(&query, person->issuer);
    query_put_text(&query, person->subject);
    query_put_text(&query, provider->id);
    put_claims(&query, person);
    query_put_integer(&query, now);
    query_put_integer(&query, now);
    ids->linked = true;
    return run_returning(&query, &ids->identity);
}

static int save_groups(struct context *context, const struct person *person,
                       struct account_ids *ids) {
    if (membership_save(context, ids->identity, person->groups) != 0)
        return -1;
    ids->changed = ids->changed || database_changes(context) != 0;
    return 0;
}

static int insert_identity(struct context *context, const struct provider *provider,
                           const struct person *person, struct account_ids *ids) {
    ids->changed = true;
    return insert_identity_row(context, provider, person, ids) != 0
               ? -1
               : save_groups(context, person, ids);
}

static int write_identity(struct context *context, const struct provider *provider,
                          const struct person *person, int64_t identity) {
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_UPDATE);
    query_put_text(&query, provider->id);
    put_claims(&query, person);
    query_put_integer(&query, context_now(context));
    query_put_integer(&query, identity);
    return query_run(&query);
}

static int note_login(struct context *context, int64_t identity) {
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_SEEN);
    query_put_integer(&query, context_now(context));
    query_put_integer(&query, identity);
    return query_run(&query);
}

/* What is as it was is not written: most logins tell nothing new, and indexes cost. */
static int update_identity(struct context *context, const struct provider *provider,
                           const struct person *person, struct account_ids *ids) {
    int result = ids->changed || ids->renamed
                     ? write_identity(context, provider, person, ids->identity)
                     : note_login(context, ids->identity);
    return result != 0 ? -1 : save_groups(context, person, ids);
}

/* ---- accounts -------------------------------------------------------------------------------- */

static int insert_account(struct context *context, const struct person *person, int64_t *account) {
    int64_t now = context_now(context);
    struct query query;
    query_open(context, &query, STATEMENT_ACCOUNT_INSERT);
    query_put_text(&query, new_sub(context->arena));
    put_claims(&query, person);
    query_put_text(&query, person->locale);
    query_put_integer(&query, now);
    query_put_integer(&query, now);
    return run_returning(&query, account);
}

/* NULL: nothing was told. */
static int save_locale(struct context *context, int64_t account, const char *locale) {
    struct query query;
    if (locale == NULL)
        return 0;
    query_open(context, &query, STATEMENT_ACCOUNT_LOCALE);
    query_put_text(&query, locale);
    query_put_integer(&query, account);
    return query_run(&query);
}

/* What the account shows follows its identities. */
static int refresh(struct context *context, int64_t account) {
    struct query query;
    query_open(context, &query, STATEMENT_ACCOUNT_REFRESH);
    query_put_integer(&query, account);
    query_put_integer(&query, context_now(context));
    return query_run(&query);
}

/* refresh() after a login or link, if that has told anything new. */
static int follow(struct context *context, const struct account_ids *ids) {
    return ids->linked || ids->changed || ids->renamed ? refresh(context, ids->account) : 0;
}

static int check_not_blocked(struct context *context, int64_t account) {
    struct query query;
    query_open(context, &query, STATEMENT_BLOCK_FIND);
    query_put_integer(&query, account);
    int found = query_next(&query);
    query_close(&query);
    return found == 1 ? fail(context->arena, ERROR_ACCOUNT_BLOCKED, "the operator blocked it")
                      : found;
}

/* 1 and the account whose verified address this is, 0 if there is none or more than one, -1. Found
 * without regard to case, and then compared as addresses are: where only the case of the local part
 * tells two accounts apart, it is nobody's. */
static int find_by_email(struct context *context, const struct provider *provider,
                         const struct person *person, int64_t *account) {
    struct query query;
    bool is_equal = false;
    bool is_one = true;
    if (!provider->link_verified_email || !person->email_verified || person->email == NULL)
        return 0;
    *account = 0;
    query_open(context, &query, STATEMENT_IDENTITY_FIND_BY_EMAIL);
    query_put_text(&query, person->email);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        int64_t owner = query_integer(&query);
        is_one = is_one && (*account == 0 || *account == owner);
        is_equal =
            is_equal || email_address_equal(context->arena, query_text(&query), person->email);
        *account = owner;
    }
    query_close(&query);
    return found < 0 ? -1 : is_equal && is_one;
}

/* Somebody who was never here: a new account, or one more way into his own. */
static int admit(struct context *context, const struct provider *provider,
                 const struct person *person, bool may_create, struct account_ids *ids) {
    int found = find_by_email(context, provider, person, &ids->account);
    if (found < 0)
        return -1;
    if (found == 0 && !may_create)
        return fail(context->arena, ERROR_SIGN_UP_CLOSED, "no account has this identity");
    if (found == 0) {
        ids->created = true;
        if (insert_account(context, person, &ids->account) != 0)
            return -1;
    }
    return insert_identity(context, provider, person, ids);
}

int account_sign_in(struct context *context, const struct provider *provider,
                    const struct person *person, bool may_create, struct account_ids *ids) {
    *ids = (struct account_ids){.created = false};
    int found = find(context, provider, person, ids);
    if (found < 0)
        return -1;
    int result = found == 1 ? update_identity(context, provider, person, ids)
                            : admit(context, provider, person, may_create, ids);
    if (result != 0 || check_not_blocked(context, ids->account) != 0 ||
        save_locale(context, ids->account, person->locale) != 0)
        return -1;
    return follow(context, ids);
}

/* ---- linking and unlinking ------------------------------------------------------------------- */

int account_link(struct context *context, int64_t account, const struct provider *provider,
                 const struct person *person, struct account_ids *ids) {
    *ids = (struct account_ids){.account = account};
    int found = find(context, provider, person, ids);
    if (found < 0)
        return -1;
    if (found == 1 && ids->account != account)
        return fail(context->arena, ERROR_IDENTITY_TAKEN, "the identity is another account's");
    int result = found == 1 ? update_identity(context, provider, person, ids)
                            : insert_identity(context, provider, person, ids);
    return result != 0 ? -1 : follow(context, ids);
}

static const struct identity *find_in(const struct identity *identities, int64_t id) {
    while (identities != NULL && identities->id != id)
        identities = identities->next;
    return identities;
}

/* What was chosen to be shown and is taken out, is no choice any more: its number may become that of
 * another. */
static int clear_shown(struct context *context, int64_t account, int64_t identity) {
    struct query query;
    query_open(context, &query, STATEMENT_SHOWN_CLEAR);
    query_put_integer(&query, account);
    query_put_integer(&query, identity);
    return query_run(&query);
}

static int delete_identity(struct context *context, int64_t account, int64_t identity) {
    struct query query;
    query_open(context, &query, STATEMENT_IDENTITY_DELETE);
    query_put_integer(&query, identity);
    query_put_integer(&query, account);
    return query_run(&query);
}

int account_unlink(struct context *context, int64_t account, int64_t identity) {
    struct arena *arena = context->arena;
    struct identity *identities = NULL;
    if (account_identities(context, account, &identities) != 0)
        return -1;
    if (find_in(identities, identity) == NULL)
        return fail(arena, ERROR_NOT_YOURS, "the account has no such identity");
    if (identities->next == NULL)
        return fail(arena, ERROR_LAST_IDENTITY, "it is the only way into this account");

    return clear_shown(context, account, identity) != 0 ||
                   delete_identity(context, account, identity) != 0
               ? -1
               : refresh(context, account);
}

/* ---- what is shown --------------------------------------------------------------------------- */

int account_show(struct context *context, int64_t account, int64_t name_identity,
                 int64_t email_identity) {
    struct identity *identities = NULL;
    struct query query;
    if (account_identities(context, account, &identities) != 0)
        return -1;
    if (find_in(identities, name_identity) == NULL || find_in(identities, email_identity) == NULL)
        return fail(context->arena, ERROR_NOT_YOURS, "the account has no such identity");
    query_open(context, &query, STATEMENT_SHOWN_SAVE);
    query_put_integer(&query, account);
    query_put_integer(&query, name_identity);
    query_put_integer(&query, email_identity);
    return query_run(&query) != 0 ? -1 : refresh(context, account);
}

int account_shown(struct context *context, int64_t account, int64_t *name_identity,
                  int64_t *email_identity) {
    struct identity *identities = NULL;
    struct query query;
    if (account_identities(context, account, &identities) != 0)
        return -1;
    *name_identity = 0;
    *email_identity = 0;
    query_open(context, &query, STATEMENT_SHOWN_LOAD);
    query_put_integer(&query, account);
    int found = query_next(&query);
    if (found == 1) {
        *name_identity = query_integer(&query);
        *email_identity = query_integer(&query);
    }
    query_close(&query);
    int64_t first = identities == NULL ? 0 : identities->id;
    if (*name_identity == 0) /* NULL: what was chosen has been unlinked */
        *name_identity = first;
    if (*email_identity == 0)
        *email_identity = first;
    return found < 0 ? -1 : 0;
}

/* ---- lists ----------------------------------------------------------------------------------- */

static struct identity *read_identity(struct context *context, struct query *query) {
    struct identity *identity = arena_alloc(context->arena, sizeof(*identity));
    identity->id = query_integer(query);
    identity->provider = query_text(query);
    identity->issuer = query_text(query);
    identity->subject = query_text(query);
    identity->name = query_text(query);
    identity->email = query_text(query);
    identity->email_verified = query_integer(query) != 0;
    identity->picture = query_text(query);
    identity->created_at = query_integer(query);
    identity->last_login_at = query_integer(query);
    identity->groups = query_text(query);
    return identity;
}

int account_identities(struct context *context, int64_t account, struct identity **identities) {
    struct identity **end = identities;
    struct query query;
    *identities = NULL;
    query_open(context, &query, STATEMENT_IDENTITY_LIST);
    query_put_integer(&query, account);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        *end = read_identity(context, &query);
        end = &(*end)->next;
    }
    query_close(&query);
    return found;
}

int account_identities_json(struct context *context, int64_t account, struct json **identities) {
    struct arena *arena = context->arena;
    struct query query;
    *identities = json_array(arena);
    query_open(context, &query, STATEMENT_IDENTITY_TOLD);
    query_put_integer(&query, account);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        struct json *identity = json_object(arena);
        json_put_string(arena, identity, "provider", query_text(&query));
        json_put_string(arena, identity, "sub", query_text(&query));
        json_put_string(arena, identity, "email", query_text(&query));
        json_append(*identities, identity);
    }
    query_close(&query);
    return found;
}

/* ---- the end --------------------------------------------------------------------------------- */

static int run_on(struct context *context, enum statement statement, int64_t account) {
    struct query query;
    query_open(context, &query, statement);
    query_put_integer(&query, account);
    return query_run(&query);
}

int account_block(struct context *context, int64_t account) {
    struct query query;
    query_open(context, &query, STATEMENT_BLOCK_INSERT);
    query_put_integer(&query, account);
    query_put_integer(&query, context_now(context));
    return query_run(&query) != 0 ? -1 : run_on(context, STATEMENT_SESSION_DELETE_ALL, account);
}

int account_unblock(struct context *context, int64_t account) {
    return run_on(context, STATEMENT_BLOCK_DELETE, account);
}

int account_delete(struct context *context, int64_t account) {
    if (event_anonymise(context, account) != 0)
        return -1;
    return run_on(context, STATEMENT_ACCOUNT_DELETE, account);
}

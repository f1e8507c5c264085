/* login/export: everything that is stored about a person, nothing of anyone else, and nothing to sign
 * in with. The tables are compared with the document column by column: a new one belongs in it, or
 * into the list here with the reason why not. */
#include "sql.h"

#include "login/account.h"
#include "login/event.h"
#include "login/export.h"
#include "login/tokens.h"

/* Where a column stands in the document. */
struct column {
    const char *name;
    const char *path; /* format/mapping.h; NULL: it is left out, and why is said beside it */
    const char *text; /* what stands there; NULL: the value */
};

static const struct column columns[] = {
    {"accounts.id", NULL, NULL}, /* a number of ours; sub is what others know */
    {"accounts.sub", "account.sub", NULL},
    {"accounts.name", "account.name", NULL},
    {"accounts.email", "account.email", NULL},
    {"accounts.email_verified", "account.email_verified", "true"},
    {"accounts.picture", "account.picture", NULL},
    {"accounts.locale", "account.locale", NULL},
    {"accounts.created_at", "account.created_at", NULL},
    {"accounts.updated_at", "account.updated_at", NULL},
    {"blocks.account", NULL, NULL}, /* the document's own account; so in all tables below */
    {"blocks.blocked_at", "account.blocked_at", NULL},
    {"shown.account", NULL, NULL},
    {"shown.name_identity", "shown.name_identity", NULL},
    {"shown.email_identity", "shown.email_identity", NULL},
    {"identities.id", "identities[0].id", NULL},
    {"identities.account", NULL, NULL},
    {"identities.issuer", "identities[0].issuer", NULL},
    {"identities.subject", "identities[0].subject", NULL},
    {"identities.provider", "identities[0].provider", NULL},
    {"identities.name", "identities[0].name", NULL},
    {"identities.email", "identities[0].email", NULL},
    {"identities.email_verified", "identities[0].email_verified", "true"},
    {"identities.picture", "identities[0].picture", NULL},
    {"identities.created_at", "identities[0].created_at", NULL},
    {"identities.last_login_at", "identities[0].last_login_at", NULL},
    {"identity_groups.identity", NULL, NULL}, /* the id of the identity that they stand in */
    {"identity_groups.groups", "identities[0].groups[0]", "staff"}, /* a list in one column */
    {"sessions.id_hash", NULL,
     NULL}, /* names a session: who has it and a session of the account can
                                         end it */
    {"sessions.account", NULL, NULL},
    {"sessions.identity", "sessions[0].identity", NULL},
    {"sessions.created_at", "sessions[0].created_at", NULL},
    {"sessions.expires_at", "sessions[0].expires_at", NULL},
    {"sessions.last_seen", "sessions[0].last_seen", NULL},
    {"sessions.issuer", "sessions[0].issuer", NULL},
    {"sessions.sid", "sessions[0].sid", NULL},
    {"sessions.id_token", "sessions[0].id_token", "true"}, /* itself a secret */
    {"sessions.id_token_alg", "sessions[0].id_token_alg", NULL},
    {"sessions.user_agent", "sessions[0].user_agent", NULL},
    {"sessions.address", "sessions[0].address", NULL},
    {"tokens.identity", "tokens[0].identity", NULL},
    {"tokens.provider", "tokens[0].provider", NULL},
    {"tokens.access_token", NULL, NULL},                         /* a secret, of every row */
    {"tokens.refresh_token", "tokens[0].refresh_token", "true"}, /* itself a secret */
    {"tokens.token_secret", NULL, NULL},       /* likewise, of OAuth 1.0 */
    {"tokens.refresh_parameters", NULL, NULL}, /* of no meaning without the refresh token */
    {"tokens.scope", "tokens[0].scope", NULL},
    {"tokens.asked_scope", "tokens[0].asked_scope", NULL},
    {"tokens.refreshes", "tokens[0].refreshes", NULL},
    {"tokens.failed_at", "tokens[0].failed_at", NULL},
    {"tokens.expires_at", "tokens[0].expires_at", NULL},
    {"tokens.updated_at", "tokens[0].updated_at", NULL},
    {"events.id", NULL, NULL}, /* a number of ours */
    {"events.at", "events[0].at", NULL},
    {"events.account", NULL, NULL},
    {"events.event", "events[0].event", NULL},
    {"events.provider", "events[0].provider", NULL},
    {"events.detail", "events[0].detail", NULL},
    {"events.request", "events[0].request", NULL},
    {"events.address", "events[0].address", NULL},
    {"events.user_agent", "events[0].user_agent", NULL},
};

/* Tables that know no person. */
static const char *const others[] = {
    "used",                  /* hashes of logins that are over */
    "documents",             /* of providers */
    "registrations",         /* of this site, with providers */
    "temporary_credentials", /* of a login under way: nobody has come of it yet */
    "instance_attempts",     /* names of servers */
    "api_answers",           /* of APIs that are asked in nobody's name */
};

static const struct person ada = {
    .issuer = FIXTURE_ISSUER,
    .subject = "ada",
    .name = "Ada Lovelace",
    .email = "ada@example.org",
};

static const struct request request = {.user_agent = "Unit/1.0", .remote_addr = "192.0.2.1"};

/* A row in each table of persons. */
static int64_t fill(struct fixture *fixture) {
    struct context *context = fixture->context;
    struct account_ids ids;
    fixture->provider.offline_access = true;
    assert_works(fixture->arena, account_sign_in(context, &fixture->provider, &ada, true, &ids));
    assert_works(fixture->arena, account_show(context, ids.account, ids.identity, ids.identity));
    sql(fixture, arena_format(fixture->arena, "INSERT INTO identity_groups VALUES (%lld, '%s')",
                              (long long)ids.identity, "[\"staff\",\"board\"]"));
    assert_works(fixture->arena, account_block(context, ids.account));
    const struct token_response response = {
        .access_token = "access-ada",
        .refresh_token = "refresh-ada",
    };
    assert_works(fixture->arena, tokens_keep(context, &fixture->provider, &ada, ids.identity,
                                             &(struct token_grant){.response = &response}));
    assert_works(fixture->arena,
                 event_record(context, &request,
                              &(struct event){.kind = EVENT_SIGNED_IN, .account = ids.account}));
    sql(fixture, arena_format(fixture->arena,
                              "INSERT INTO sessions VALUES (x'0123456789abcdef', %lld, %lld, 1, 2,"
                              " 3, 'i', 's', 'the-id-token', 'a', 'u', 'a')",
                              (long long)ids.account, (long long)ids.identity));
    return ids.account;
}

static const struct json *export(struct fixture *fixture, int64_t account) {
    struct json *document = NULL;
    assert_works(fixture->arena, export_account(fixture->context, account, &document));
    return document;
}

static const struct json *value_at(struct fixture *fixture, const struct json *document,
                                   const char *path) {
    const struct mapping_sources sources = {
        .of = {[MAPPING_USERINFO] = document},
        .plain = MAPPING_USERINFO,
    };
    return mapping_value(fixture->arena, path, &sources);
}

static const char *text_at(struct fixture *fixture, const struct json *document, const char *path) {
    const struct json *value = value_at(fixture, document, path);
    if (value == NULL)
        return "(absent)";
    return value->type == JSON_TRUE ? "true" : value->type == JSON_FALSE ? "false" : value->text;
}

/* ---- the whole schema ------------------------------------------------------------------------ */

static const struct column *find_column(const char *name) {
    for (size_t i = 0; i < FIXTURE_COUNT(columns); i++)
        if (text_equal(columns[i].name, name))
            return &columns[i];
    return NULL;
}

static bool is_other(const char *name) {
    for (size_t i = 0; i < FIXTURE_COUNT(others); i++)
        if (strncmp(name, others[i], strlen(others[i])) == 0 && name[strlen(others[i])] == '.')
            return true;
    return false;
}

/* The next of a list that sql() gave; NULL behind the last. */
static const char *next_of(char **list) {
    char *one = *list;
    if (*one == '\0')
        return NULL;
    char *end = strstr(one, "; ");
    *list = end == NULL ? one + strlen(one) : end + 2;
    if (end != NULL)
        *end = '\0';
    return one;
}

static char *select_columns(struct fixture *fixture, const char *where) {
    return arena_text(
        fixture->arena,
        sql(fixture, arena_format(fixture->arena,
                                  "SELECT t.name || '.' || c.name FROM sqlite_schema t,"
                                  " pragma_table_info(t.name) c WHERE t.type = 'table'"
                                  " AND t.name NOT LIKE 'sqlite_%%' AND %s ORDER BY t.name, c.cid",
                                  where)));
}

static void every_column_has_its_place_or_a_reason(void **state) {
    struct fixture *fixture = *state;
    size_t known = 0;
    fill(fixture);
    char *list = select_columns(fixture, "1");
    for (const char *name = next_of(&list); name != NULL; name = next_of(&list)) {
        if (find_column(name) == NULL && !is_other(name))
            fail_msg("%s: is it in the export? If not, why? Say it in columns[].", name);
        known += find_column(name) != NULL;
    }
    assert_int_equal(known, FIXTURE_COUNT(columns)); /* and none that is no more */
}

/* A value of its own in each column that is no key, so that none stands in for another. */
static void set_values(struct fixture *fixture) {
    int64_t number = 7000000;
    char *list =
        select_columns(fixture, "c.pk = 0 AND c.name NOT IN (SELECT \"from\" FROM"
                                " pragma_foreign_key_list(t.name)) AND c.name NOT LIKE '%_token'");
    for (const char *name = next_of(&list); name != NULL; name = next_of(&list)) {
        if (is_other(name) || text_equal(name, "identity_groups.groups"))
            continue;
        const struct column *column = find_column(name);
        const char *dot = strchr(name, '.');
        number++;
        sql(fixture,
            arena_format(fixture->arena,
                         "UPDATE %.*s SET %s = CASE WHEN typeof(%s) = 'text'"
                         " THEN 'the %s' ELSE %lld END",
                         (int)(dot - name), name, dot + 1, dot + 1, name,
                         column != NULL && column->text != NULL ? 1LL : (long long)number));
    }
}

static void every_value_is_in_its_place(void **state) {
    struct fixture *fixture = *state;
    int64_t account = fill(fixture);
    /* What is NULL yet has no type. */
    sql(fixture, "UPDATE accounts SET picture = '', locale = ''");
    sql(fixture, "UPDATE identities SET picture = ''");
    sql(fixture, "UPDATE events SET provider = '', detail = '', request = ''");
    sql(fixture, "UPDATE tokens SET scope = '', asked_scope = '', expires_at = 0, failed_at = 0");
    set_values(fixture);
    const struct json *document = export(fixture, account);
    for (size_t i = 0; i < FIXTURE_COUNT(columns); i++) {
        const struct column *column = &columns[i];
        const char *dot = strchr(column->name, '.');
        if (column->path == NULL)
            continue;
        const char *value =
            sql(fixture, arena_format(fixture->arena, "SELECT %s FROM %.*s", dot + 1,
                                      (int)(dot - column->name), column->name));
        const char *found = text_at(fixture, document, column->path);
        if (!text_equal(found, column->text != NULL ? column->text : value))
            fail_msg("%s: %s, but %s is \"%s\"", column->name, value, column->path, found);
    }
}

static void nothing_is_in_it_to_sign_in_with(void **state) {
    static const unsigned char hash[] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xab, 0xcd, 0xef};
    struct fixture *fixture = *state;
    int64_t account = fill(fixture);
    const char *text = json_write(fixture->arena, export(fixture, account));
    const char *const secrets[] = {
        "0123456789abcdef",
        base64url_encode(fixture->arena, hash, sizeof(hash)),
        "the-id-token",
        "access-ada",
        "refresh-ada",
        sql(fixture, "SELECT access_token FROM tokens"),
        sql(fixture, "SELECT refresh_token FROM tokens"),
    };
    for (size_t i = 0; i < FIXTURE_COUNT(secrets); i++)
        if (strstr(text, secrets[i]) != NULL)
            fail_msg("%s is in %s", secrets[i], text);
}

/* ---- whose it is ----------------------------------------------------------------------------- */

static void nothing_of_anyone_else_is_in_it(void **state) {
    static const struct person bob = {
        .issuer = FIXTURE_ISSUER,
        .subject = "bob",
        .name = "Bob",
        .email = "bob@example.org",
    };
    struct fixture *fixture = *state;
    struct account_ids ids;
    fill(fixture);
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &bob, true, &ids));
    const struct json *document = export(fixture, ids.account);
    const char *text = json_write(fixture->arena, document);
    assert_null(strstr(text, "ada"));
    assert_null(strstr(text, "Lovelace"));
    assert_string_equal(text_at(fixture, document, "account.name"), "Bob");
    assert_null(value_at(fixture, document, "account.blocked_at"));
    assert_null(value_at(fixture, document, "shown"));
    assert_null(value_at(fixture, document, "identities[0].groups"));
    static const char *const lists[] = {"sessions", "tokens", "events"};
    for (size_t i = 0; i < FIXTURE_COUNT(lists); i++) {
        const struct json *list = json_member(document, lists[i]);
        assert_int_equal(list->type, JSON_ARRAY);
        assert_int_equal(list->count, 0);
    }
    assert_int_equal(json_member(document, "identities")->count, 1);
}

static void what_is_not_known_is_absent(void **state) {
    static const struct person nobody = {.issuer = FIXTURE_ISSUER, .subject = "n"};
    struct fixture *fixture = *state;
    struct account_ids ids;
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &nobody, true, &ids));
    const char *text = json_write(fixture->arena, export(fixture, ids.account));
    assert_null(strstr(text, "null"));
    assert_null(strstr(text, "\"email\""));
    assert_null(strstr(text, "\"\""));
}

static void all_rows_are_in_it_the_newest_first(void **state) {
    struct fixture *fixture = *state;
    int64_t account = fill(fixture);
    for (int i = 1; i <= 30; i++)
        sql(fixture, arena_format(fixture->arena,
                                  "INSERT INTO sessions SELECT randomblob(32), account, identity,"
                                  " 1, 2, %d, issuer, NULL, NULL, NULL, NULL, NULL FROM sessions"
                                  " LIMIT 1",
                                  100 + i));
    for (int i = 0; i < 30; i++)
        assert_works(fixture->arena,
                     event_record(fixture->context, &request,
                                  &(struct event){.kind = EVENT_LINKED, .account = account}));
    const struct json *document = export(fixture, account);
    assert_int_equal(json_member(document, "sessions")->count, 31);
    assert_string_equal(text_at(fixture, document, "sessions[0].last_seen"), "130");
    assert_string_equal(text_at(fixture, document, "sessions[30].last_seen"), "3");
    assert_string_equal(text_at(fixture, document, "sessions[0].id_token"), "false");
    assert_int_equal(json_member(document, "events")->count, 31);
    assert_string_equal(text_at(fixture, document, "events[0].event"), "linked");
    assert_string_equal(text_at(fixture, document, "events[30].event"), "signed_in");
}

static void a_list_has_an_end(void **state) {
    struct fixture *fixture = *state;
    int64_t account = fill(fixture);
    sql(fixture, arena_format(fixture->arena,
                              "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                              " WHERE i < 6000) INSERT INTO events (at, account, event, user_agent)"
                              " SELECT i, %lld, 'signed_in', printf('%%250s', 'x') FROM n",
                              (long long)account));
    const struct json *document = export(fixture, account);
    assert_int_equal(json_member(document, "events")->count, EXPORT_LIMIT);
    assert_non_null(json_write(fixture->arena, document));
}

static void it_says_of_where_and_when_it_is(void **state) {
    struct fixture *fixture = *state;
    int64_t account = fill(fixture);
    const struct json *document = export(fixture, account);
    assert_string_equal(text_at(fixture, document, "site"), FIXTURE_SITE);
    assert_string_equal(text_at(fixture, document, "exported_at"), "1800000000");
}

static void nobody_has_nothing(void **state) {
    struct fixture *fixture = *state;
    struct json *document = NULL;
    assert_fails(fixture->arena, ERROR_NOT_YOURS,
                 export_account(fixture->context, 4711, &document));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(every_column_has_its_place_or_a_reason),
        fixture_test(every_value_is_in_its_place),
        fixture_test(nothing_is_in_it_to_sign_in_with),
        fixture_test(nothing_of_anyone_else_is_in_it),
        fixture_test(what_is_not_known_is_absent),
        fixture_test(all_rows_are_in_it_the_newest_first),
        fixture_test(a_list_has_an_end),
        fixture_test(it_says_of_where_and_when_it_is),
        fixture_test(nobody_has_nothing),
    };
    return cmocka_run_group_tests_name("export", tests, NULL, NULL);
}

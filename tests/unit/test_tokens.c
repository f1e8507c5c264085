/* login/tokens: kept where the site asks for them, and readable by us alone, in their own row. */
#include "sql.h"

#include "edge/state_dir.h"
#include "login/account.h"
#include "login/tokens.h"

static const struct person ada = {.issuer = FIXTURE_ISSUER, .subject = "ada"};
static const struct person bob = {.issuer = FIXTURE_ISSUER, .subject = "bob"};

static struct account_ids sign_in(struct fixture *fixture, const struct person *person) {
    struct account_ids ids;
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, person, true, &ids));
    return ids;
}

static void keep(struct fixture *fixture, const struct person *person, int64_t identity,
                 const struct token_response *response) {
    const struct token_grant grant = {.response = response};
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, person, identity, &grant));
}

static struct account_ids keep_for(struct fixture *fixture, const struct person *person,
                                   const char *access_token, const char *refresh_token) {
    struct account_ids ids = sign_in(fixture, person);
    fixture->provider.offline_access = true;
    keep(fixture, person, ids.identity,
         &(struct token_response){.access_token = access_token, .refresh_token = refresh_token});
    return ids;
}

static struct tokens *load(struct fixture *fixture, int64_t account, int64_t identity) {
    struct tokens *tokens = NULL;
    assert_works(fixture->arena, tokens_load(fixture->context, account, identity, &tokens));
    return tokens;
}

static void what_is_kept_comes_back(void **state) {
    struct fixture *fixture = *state;
    const struct token_response response = {
        .access_token = "access-1",
        .refresh_token = "refresh-1",
        .scope = "mail calendar",
        .expires_in = 3600,
    };
    struct account_ids ids = sign_in(fixture, &ada);
    fixture->provider.offline_access = true;
    keep(fixture, &ada, ids.identity, &response);
    const struct tokens *tokens = load(fixture, ids.account, ids.identity);
    assert_non_null(tokens);
    assert_int_equal(tokens->identity, ids.identity);
    assert_string_equal(tokens->provider, "op");
    assert_string_equal(tokens->access_token, "access-1");
    assert_string_equal(tokens->refresh_token, "refresh-1");
    assert_string_equal(tokens->scope, "mail calendar");
    assert_int_equal(tokens->expires_at, HOUSE_TIME + 3600);
    assert_null(tokens->next);
}

static void nothing_is_kept_where_the_site_does_not_ask(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    assert_false(fixture->provider.offline_access);
    keep(fixture, &ada, ids.identity,
         &(struct token_response){.access_token = "access-1", .refresh_token = "refresh-1"});
    fixture->provider.offline_access = true;
    keep(fixture, &ada, ids.identity, &(struct token_response){.refresh_token = "refresh-1"});
    assert_null(load(fixture, ids.account, TOKENS_OF_ALL));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM tokens"), "0");
}

/* They are what it is called with. */
static void they_are_kept_where_an_api_is_called_with_them(void **state) {
    struct fixture *fixture = *state;
    const struct token_response response = {.access_token = "access-1"};
    struct account_ids ids = sign_in(fixture, &ada);
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER
                            "[api other]\nprovider = op-drive\n[api weather]\n[rule x]\n"
                            "provider = op\n");
    assert_false(tokens_are_kept(fixture->context->config, &fixture->provider));
    keep(fixture, &ada, ids.identity, &response);
    assert_null(load(fixture, ids.account, TOKENS_OF_ALL));
    fixture_config(fixture, "[provider op]\n" FIXTURE_PROVIDER
                            "[api mail]\nprovider = op\nbase_url = https://api.example/\n");
    assert_true(tokens_are_kept(fixture->context->config, &fixture->provider));
    keep(fixture, &ada, ids.identity, &response);
    assert_string_equal(load(fixture, ids.account, TOKENS_OF_ALL)->access_token, "access-1");
}

/* OAuth 1.0: a secret signs, beside the token. Of OAuth 2.0: what a refresh needs besides. */
static void what_belongs_to_them_is_sealed_and_comes_back(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    const struct token_response response = {
        .access_token = "access-1", .token_secret = "secret-1", .refresh_token = "refresh-1"};
    const struct token_grant grant = {.response = &response, .refresh_parameters = "device=d1"};
    fixture->provider.offline_access = true;
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, &ada, ids.identity, &grant));
    const struct tokens *tokens = load(fixture, ids.account, ids.identity);
    assert_string_equal(tokens->token_secret, "secret-1");
    assert_string_equal(tokens->refresh_parameters, "device=d1");
    const char *row = sql(fixture, "SELECT * FROM tokens");
    assert_null(strstr(row, "secret-1"));
    assert_null(strstr(row, "device"));

    /* They stay with the refresh token that they belong to, and go with it. */
    keep(fixture, &ada, ids.identity, &(struct token_response){.access_token = "access-2"});
    tokens = load(fixture, ids.account, ids.identity);
    assert_string_equal(tokens->refresh_parameters, "device=d1");
    assert_null(tokens->token_secret);
    keep(fixture, &ada, ids.identity,
         &(struct token_response){.access_token = "access-3", .refresh_token = "refresh-3"});
    assert_null(load(fixture, ids.account, ids.identity)->refresh_parameters);
}

/* ---- scope ----------------------------------------------------------------------------------- */

static void keep_scope(struct fixture *fixture, int64_t identity, const char *token,
                       const struct token_grant *grant) {
    const struct token_response response = {
        .access_token = token,
        .refresh_token = grant->response->refresh_token,
        .scope = grant->response->scope,
        .expires_in = grant->response->expires_in,
    };
    struct token_grant whole = *grant;
    whole.response = &response;
    fixture->provider.offline_access = true;
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, &ada, identity, &whole));
}

static void what_was_asked_for_was_granted_where_nothing_is_said(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    const struct token_response silent = {.scope = NULL};
    const struct token_response said = {.scope = "openid"};
    keep_scope(fixture, ids.identity, "access-1",
               &(struct token_grant){.response = &silent, .asked_scope = "openid mail"});
    assert_string_equal(load(fixture, ids.account, TOKENS_OF_ALL)->scope, "openid mail");
    keep_scope(
        fixture, ids.identity, "access-2",
        &(struct token_grant){.response = &said, .asked_scope = "openid mail", .is_for_api = true});
    assert_string_equal(load(fixture, ids.account, TOKENS_OF_ALL)->scope, "openid");
    assert_string_equal(load(fixture, ids.account, TOKENS_OF_ALL)->asked_scope, "openid mail");
}

static const struct token_response nothing_said = {.scope = NULL};
static const struct token_grant wide = {
    .response = &(const struct token_response){.refresh_token = "refresh-1", .expires_in = 3600},
    .asked_scope = "openid mail",
    .is_for_api = true};
static const struct token_grant narrow = {.response = &nothing_said, .asked_scope = "openid"};

static const char *access_token_of(struct fixture *fixture, int64_t account) {
    return load(fixture, account, TOKENS_OF_ALL)->access_token;
}

static void a_sign_in_that_asks_for_less_takes_nothing_away(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    keep_scope(fixture, ids.identity, "wide", &wide);
    keep_scope(fixture, ids.identity, "narrow", &narrow);
    assert_string_equal(access_token_of(fixture, ids.account), "wide");
    fixture->house.clock.fixed += 7200; /* it can be refreshed */
    keep_scope(fixture, ids.identity, "narrow", &narrow);
    assert_string_equal(access_token_of(fixture, ids.account), "wide");
}

static void one_that_is_granted_as_much_replaces_them(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    struct token_grant same = narrow;
    same.asked_scope = "mail files openid";
    keep_scope(fixture, ids.identity, "wide", &wide);
    keep_scope(fixture, ids.identity, "same", &same);
    assert_string_equal(access_token_of(fixture, ids.account), "same");
}

static void one_that_was_begun_for_an_api_replaces_them(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    struct token_grant other = narrow;
    other.asked_scope = "openid calendar";
    other.is_for_api = true;
    keep_scope(fixture, ids.identity, "wide", &wide);
    keep_scope(fixture, ids.identity, "other", &other);
    assert_string_equal(access_token_of(fixture, ids.account), "other");
}

static void what_is_of_no_use_any_more_is_replaced(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    keep_scope(fixture, ids.identity, "wide", &wide);
    sql(fixture, "UPDATE tokens SET refresh_token = NULL");
    fixture->house.clock.fixed += 3600;
    keep_scope(fixture, ids.identity, "narrow", &narrow);
    assert_string_equal(access_token_of(fixture, ids.account), "narrow");

    keep_scope(fixture, ids.identity, "wide", &wide);
    sql(fixture, "UPDATE tokens SET refresh_token = NULL, access_token = 'gone.AAAA'");
    keep_scope(fixture, ids.identity, "narrow", &narrow);
    assert_string_equal(access_token_of(fixture, ids.account), "narrow");

    /* Another client's. */
    keep_scope(fixture, ids.identity, "wide", &wide);
    fixture->provider.id = "op-drive";
    keep_scope(fixture, ids.identity, "narrow", &narrow);
    assert_string_equal(access_token_of(fixture, ids.account), "narrow");
}

static void nobody_can_read_them_in_the_database(void **state) {
    struct fixture *fixture = *state;
    keep_for(fixture, &ada, "access-1", "refresh-1");
    const char *row = sql(fixture, "SELECT * FROM tokens");
    assert_null(strstr(row, "access-1"));
    assert_null(strstr(row, "refresh-1"));
}

static void what_was_moved_does_not_open(void **state) {
    struct fixture *fixture = *state;
    struct account_ids first = keep_for(fixture, &ada, "access-ada", "refresh-ada");
    struct account_ids second = keep_for(fixture, &bob, "access-bob", "refresh-bob");
    sql(fixture, arena_format(fixture->arena,
                              "UPDATE tokens SET access_token = (SELECT access_token FROM tokens"
                              " WHERE identity = %lld) WHERE identity = %lld",
                              (long long)first.identity, (long long)second.identity));
    const struct tokens *tokens = load(fixture, second.account, TOKENS_OF_ALL);
    assert_null(tokens->access_token);
    assert_string_equal(tokens->refresh_token, "refresh-bob");

    sql(fixture, "UPDATE tokens SET access_token = refresh_token");
    assert_null(load(fixture, first.account, TOKENS_OF_ALL)->access_token);

    /* The row's number alone is not what they are sealed for. */
    sql(fixture, "UPDATE identities SET subject = 'mallory' WHERE subject = 'ada'");
    assert_null(load(fixture, first.account, TOKENS_OF_ALL)->refresh_token);
    sql(fixture, "UPDATE identities SET subject = 'ada' WHERE subject = 'mallory'");
    assert_string_equal(load(fixture, first.account, TOKENS_OF_ALL)->refresh_token, "refresh-ada");
}

static void each_account_has_its_own(void **state) {
    struct fixture *fixture = *state;
    struct account_ids first = keep_for(fixture, &ada, "access-ada", NULL);
    struct account_ids second = keep_for(fixture, &bob, "access-bob", NULL);
    assert_null(load(fixture, first.account, second.identity));
    assert_null(load(fixture, 4711, TOKENS_OF_ALL));
    const struct tokens *tokens = load(fixture, second.account, TOKENS_OF_ALL);
    assert_string_equal(tokens->access_token, "access-bob");
    assert_null(tokens->next);
}

static void all_of_an_account_come_in_the_order_of_its_identities(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = keep_for(fixture, &ada, "access-ada", NULL);
    struct account_ids linked;
    assert_works(fixture->arena,
                 account_link(fixture->context, ids.account, &fixture->provider, &bob, &linked));
    keep(fixture, &bob, linked.identity, &(struct token_response){.access_token = "access-bob"});
    const struct tokens *tokens = load(fixture, ids.account, TOKENS_OF_ALL);
    assert_string_equal(tokens->access_token, "access-ada");
    assert_string_equal(tokens->next->access_token, "access-bob");
    assert_null(tokens->next->next);
    tokens = load(fixture, ids.account, linked.identity);
    assert_string_equal(tokens->access_token, "access-bob");
    assert_null(tokens->next);
}

static void a_login_replaces_them(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = keep_for(fixture, &ada, "access-1", "refresh-1");
    keep(fixture, &ada, ids.identity,
         &(struct token_response){
             .access_token = "access-2", .refresh_token = "refresh-2", .scope = "mail"});
    const struct tokens *tokens = load(fixture, ids.account, TOKENS_OF_ALL);
    assert_string_equal(tokens->access_token, "access-2");
    assert_string_equal(tokens->refresh_token, "refresh-2");
    assert_string_equal(tokens->scope, "mail");
    assert_int_equal(tokens->expires_at, 0);
    assert_null(tokens->next);
}

static void a_refresh_token_that_comes_but_once_stays_with_its_client(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = keep_for(fixture, &ada, "access-1", "refresh-1");
    keep(fixture, &ada, ids.identity, &(struct token_response){.access_token = "access-2"});
    const struct tokens *tokens = load(fixture, ids.account, TOKENS_OF_ALL);
    assert_string_equal(tokens->access_token, "access-2");
    assert_string_equal(tokens->refresh_token, "refresh-1");

    fixture->provider.id = "op-drive"; /* another client at the same provider */
    keep(fixture, &ada, ids.identity, &(struct token_response){.access_token = "access-3"});
    tokens = load(fixture, ids.account, TOKENS_OF_ALL);
    assert_string_equal(tokens->provider, "op-drive");
    assert_string_equal(tokens->access_token, "access-3");
    assert_null(tokens->refresh_token);
}

static void they_go_with_their_identity(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = keep_for(fixture, &ada, "access-1", "refresh-1");
    struct account_ids linked;
    assert_works(fixture->arena,
                 account_link(fixture->context, ids.account, &fixture->provider, &bob, &linked));
    keep(fixture, &bob, linked.identity, &(struct token_response){.access_token = "access-bob"});
    assert_works(fixture->arena, account_unlink(fixture->context, ids.account, linked.identity));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM tokens"), "1");
    assert_works(fixture->arena, account_delete(fixture->context, ids.account));
    assert_string_equal(sql(fixture, "SELECT count(*) FROM tokens"), "0");
}

static void nobody_needs_a_key_where_there_are_none(void **state) {
    struct fixture *fixture = *state;
    struct account_ids ids = sign_in(fixture, &ada);
    struct key_ring ring;
    assert_null(load(fixture, ids.account, TOKENS_OF_ALL));
    assert_works(fixture->arena, state_dir_find_keys(fixture->context, KEY_RING_TOKEN, &ring));
    assert_int_equal(ring.count, 0);
}

/* ---- a new key ------------------------------------------------------------------------------- */

static void rotate(struct fixture *fixture, struct key_ring *ring) {
    const struct key_needs needs = {.since = 0};
    struct key_change change;
    assert_works(fixture->arena,
                 state_dir_rotate_keys(fixture->context, KEY_RING_TOKEN, &needs, &change));
    assert_works(fixture->arena, state_dir_keys(fixture->context, KEY_RING_TOKEN, ring));
}

static void a_new_key_seals_them_anew(void **state) {
    struct fixture *fixture = *state;
    struct key_ring ring;
    int64_t count = 0;
    struct account_ids first = keep_for(fixture, &ada, "access-1", "refresh-1");
    struct account_ids second = keep_for(fixture, &bob, "access-2", NULL);
    rotate(fixture, &ring);
    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 2);
    const char *sealed =
        arena_format(fixture->arena,
                     "SELECT count(*) FROM tokens WHERE access_token LIKE '%s.%%' AND"
                     " coalesce(refresh_token, '%s.') LIKE '%s.%%'",
                     ring.keys[0].id, ring.keys[0].id, ring.keys[0].id);
    assert_string_equal(sql(fixture, sealed), "2");
    assert_string_equal(load(fixture, first.account, TOKENS_OF_ALL)->refresh_token, "refresh-1");
    assert_string_equal(load(fixture, second.account, TOKENS_OF_ALL)->access_token, "access-2");
    assert_null(load(fixture, second.account, TOKENS_OF_ALL)->refresh_token);

    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 0);
}

static void all_that_is_sealed_of_a_row_is_sealed_anew(void **state) {
    struct fixture *fixture = *state;
    struct key_ring ring;
    int64_t count = 0;
    struct account_ids ids = sign_in(fixture, &ada);
    const struct token_response response = {.access_token = "access-1", .token_secret = "secret-1"};
    const struct token_grant grant = {.response = &response, .refresh_parameters = "device=d1"};
    fixture->provider.offline_access = true;
    assert_works(fixture->arena,
                 tokens_keep(fixture->context, &fixture->provider, &ada, ids.identity, &grant));
    rotate(fixture, &ring);
    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 1);
    const char *id = ring.keys[0].id;
    assert_string_equal(sql(fixture, arena_format(fixture->arena,
                                                  "SELECT token_secret LIKE '%s.%%',"
                                                  " refresh_parameters LIKE '%s.%%' FROM tokens",
                                                  id, id)),
                        "1|1");
    const struct tokens *tokens = load(fixture, ids.account, TOKENS_OF_ALL);
    assert_string_equal(tokens->token_secret, "secret-1");
    assert_string_equal(tokens->refresh_parameters, "device=d1");

    /* One of them alone is sealed with an older key. */
    sql(fixture, "UPDATE tokens SET token_secret = 'gone.AAAA'");
    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 0);
}

static void a_refresh_token_of_an_older_key_alone_is_sealed_anew(void **state) {
    struct fixture *fixture = *state;
    struct key_ring ring;
    int64_t count = 0;
    struct account_ids ids = keep_for(fixture, &ada, "access-1", "refresh-1");
    rotate(fixture, &ring);
    keep(fixture, &ada, ids.identity, &(struct token_response){.access_token = "access-2"});
    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 1);
}

static void what_cannot_be_opened_is_left(void **state) {
    struct fixture *fixture = *state;
    struct key_ring ring;
    int64_t count = 0;
    keep_for(fixture, &ada, "access-1", "refresh-1");
    keep_for(fixture, &bob, "access-2", "refresh-2");
    sql(fixture, "UPDATE tokens SET refresh_token = 'gone.AAAA' WHERE identity ="
                 " (SELECT min(identity) FROM tokens)");
    const char *before = sql(fixture, "SELECT * FROM tokens ORDER BY identity LIMIT 1");
    rotate(fixture, &ring);
    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 1);
    assert_string_equal(sql(fixture, "SELECT * FROM tokens ORDER BY identity LIMIT 1"), before);
}

static void more_than_a_portion_is_sealed_in_several(void **state) {
    struct fixture *fixture = *state;
    struct key_ring ring;
    int64_t count = 0;
    for (int i = 0; i < 105; i++) {
        const struct person person = {
            .issuer = FIXTURE_ISSUER,
            .subject = arena_format(fixture->arena, "person-%d", i),
        };
        keep_for(fixture, &person, "access", NULL);
    }
    rotate(fixture, &ring);
    assert_works(fixture->arena, tokens_seal_anew(fixture->context, &ring, &count));
    assert_int_equal(count, 105);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(what_is_kept_comes_back),
        fixture_test(nothing_is_kept_where_the_site_does_not_ask),
        fixture_test(they_are_kept_where_an_api_is_called_with_them),
        fixture_test(what_belongs_to_them_is_sealed_and_comes_back),
        fixture_test(what_was_asked_for_was_granted_where_nothing_is_said),
        fixture_test(a_sign_in_that_asks_for_less_takes_nothing_away),
        fixture_test(one_that_is_granted_as_much_replaces_them),
        fixture_test(one_that_was_begun_for_an_api_replaces_them),
        fixture_test(what_is_of_no_use_any_more_is_replaced),
        fixture_test(nobody_can_read_them_in_the_database),
        fixture_test(what_was_moved_does_not_open),
        fixture_test(each_account_has_its_own),
        fixture_test(all_of_an_account_come_in_the_order_of_its_identities),
        fixture_test(a_login_replaces_them),
        fixture_test(a_refresh_token_that_comes_but_once_stays_with_its_client),
        fixture_test(they_go_with_their_identity),
        fixture_test(nobody_needs_a_key_where_there_are_none),
        fixture_test(a_new_key_seals_them_anew),
        fixture_test(all_that_is_sealed_of_a_row_is_sealed_anew),
        fixture_test(a_refresh_token_of_an_older_key_alone_is_sealed_anew),
        fixture_test(what_cannot_be_opened_is_left),
        fixture_test(more_than_a_portion_is_sealed_in_several),
    };
    return cmocka_run_group_tests_name("tokens", tests, NULL, NULL);
}

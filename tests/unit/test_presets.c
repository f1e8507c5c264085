/*
 * lib/providers.ini: every record is read by the real loader, and what our security rests on must be
 * what the table below says: who vouches for a mailbox, what accounts hang on, what protects the
 * code. Whoever changes a record there must mean it.
 */
#include "fixture.h"

#include "edge/config.h"
#include "edge/preset.h"
#include "format/uri.h"
#include "oauth/provider_setting.h"
#include "oauth/refresh.h"

#include <math.h>

#define CLIENT "client_id = c\nclient_secret = s\n"
#define BASE "base = https://op.example.org\n"
#define DOMAIN "domain = op.example.org\n"

/* What a code is protected with, besides state and the client's secret. */
enum protection {
    BY_PKCE = 1,
    BY_NONCE = 2,
    BY_BOTH = BY_PKCE | BY_NONCE,
    BY_NEITHER = 0, /* the provider knows neither */
};

static const struct row {
    const char *id;
    const char *settings; /* what a site must say besides CLIENT; NULL: it cannot be used */
    const char *identity_issuer;
    enum protection protection;
    enum email_trust trust;
    const char *domains;
} rows[] = {
    {"google", "", "https://accounts.google.com", BY_BOTH, EMAIL_TRUST_CLAIM, "gmail.com"},
    {"github", "", "https://github.com/login/oauth", BY_PKCE, EMAIL_TRUST_CLAIM, NULL},
    {"facebook", "", "https://www.facebook.com", BY_PKCE, EMAIL_TRUST_NEVER, NULL},
    {"microsoft", "", "https://login.microsoftonline.com/{claim:tid}/v2.0", BY_BOTH,
     EMAIL_TRUST_CLAIM, NULL},
    {"apple", "team_id = t\nprivate_key_id = k\nprivate_key_file = k.p8\n",
     "https://appleid.apple.com", BY_BOTH, EMAIL_TRUST_CLAIM, NULL},
    {"x", "", "https://x.com", BY_PKCE, EMAIL_TRUST_ALWAYS, NULL},
    {"twitter1", "", "https://api.twitter.com", BY_NEITHER, EMAIL_TRUST_ALWAYS, NULL},
    {"linkedin", "", "https://www.linkedin.com/oauth", BY_NEITHER, EMAIL_TRUST_CLAIM, NULL},
    {"discord", "", "https://discord.com", BY_PKCE, EMAIL_TRUST_CLAIM, NULL},
    {"gitlab", "", "https://gitlab.com", BY_BOTH, EMAIL_TRUST_CLAIM, NULL},
    {"twitch", "", "https://id.twitch.tv/oauth2", BY_BOTH, EMAIL_TRUST_CLAIM, NULL},
    {"slack", "", "https://slack.com", BY_BOTH, EMAIL_TRUST_CLAIM, NULL},
    {"spotify", "", "https://accounts.spotify.com", BY_PKCE, EMAIL_TRUST_NEVER, NULL},
    {"reddit", "app = a\ndeveloper = d\n", "https://www.reddit.com", BY_NEITHER, EMAIL_TRUST_NEVER,
     NULL},
    {"yahoo", "", "https://api.login.yahoo.com", BY_NONCE, EMAIL_TRUST_CLAIM, NULL},
    {"amazon", "", "https://www.amazon.com", BY_PKCE, EMAIL_TRUST_NEVER, NULL},
    {"bitbucket", "", "https://bitbucket.org", BY_NEITHER, EMAIL_TRUST_CLAIM, NULL},
    {"dropbox", "", "https://www.dropbox.com", BY_PKCE, EMAIL_TRUST_CLAIM, NULL},
    {"notion", "", "https://api.notion.com", BY_NEITHER, EMAIL_TRUST_NEVER, NULL},
    {"zoom", "", "https://zoom.us", BY_PKCE, EMAIL_TRUST_CLAIM, NULL},
    {"wordpresscom", "", "https://public-api.wordpress.com", BY_NEITHER, EMAIL_TRUST_CLAIM, NULL},
    {"stackexchange", "app_key = k\n", "https://stackexchange.com", BY_NEITHER, EMAIL_TRUST_NEVER,
     NULL},
    {"patreon", "", "https://www.patreon.com", BY_NEITHER, EMAIL_TRUST_CLAIM, NULL},
    {"paypal", "", "https://www.paypal.com", BY_PKCE, EMAIL_TRUST_CLAIM, NULL},
    {"instagram", "", "https://www.instagram.com", BY_NEITHER, EMAIL_TRUST_NEVER, NULL},
    {"tiktok", "", "https://www.tiktok.com", BY_NEITHER, EMAIL_TRUST_NEVER, NULL},
    {"telegram", "", "https://oauth.telegram.org", BY_BOTH, EMAIL_TRUST_NEVER, NULL},

    {"keycloak", BASE "realm = r\n", "https://op.example.org/realms/r", BY_BOTH, EMAIL_TRUST_NEVER,
     NULL},
    {"authentik", BASE "app = a\n", "https://op.example.org/application/o/a/", BY_BOTH,
     EMAIL_TRUST_NEVER, NULL},
    {"authelia", "base = https://authelia.example.org\n", "https://authelia.example.org", BY_BOTH,
     EMAIL_TRUST_NEVER, NULL},
    {"zitadel", "base = https://zitadel.example.org\n", "https://zitadel.example.org", BY_BOTH,
     EMAIL_TRUST_NEVER, NULL},
    {"gitea", "", "https://codeberg.org", BY_BOTH, EMAIL_TRUST_NEVER, NULL},
    {"auth0", DOMAIN, "https://op.example.org/", BY_BOTH, EMAIL_TRUST_NEVER, NULL},
    {"okta", DOMAIN, "https://op.example.org/oauth2/default", BY_BOTH, EMAIL_TRUST_NEVER, NULL},
    {"cognito", DOMAIN "region = eu-west-1\npool = eu-west-1_a\n",
     "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a", BY_BOTH, EMAIL_TRUST_NEVER, NULL},
    {"salesforce", "", "https://login.salesforce.com", BY_BOTH, EMAIL_TRUST_NEVER, NULL},
    {"mastodon", "", "https://" PROVIDER_NO_INSTANCE, BY_PKCE, EMAIL_TRUST_NEVER, NULL},

    {"kakao", "", "https://kauth.kakao.com", BY_BOTH, EMAIL_TRUST_CLAIM, NULL},
    {"naver", "", "https://nid.naver.com", BY_NEITHER, EMAIL_TRUST_DOMAINS, "naver.com"},
    {"line", "", "https://access.line.me", BY_BOTH, EMAIL_TRUST_NEVER, NULL},
    {"yahoojp", "", "https://auth.login.yahoo.co.jp/yconnect/v2", BY_BOTH, EMAIL_TRUST_CLAIM, NULL},
    {"wechat", "", "https://open.weixin.qq.com", BY_NEITHER, EMAIL_TRUST_NEVER, NULL},
    {"weibo", "", "https://api.weibo.com", BY_NEITHER, EMAIL_TRUST_NEVER, NULL},
    {"qq", "", "https://graph.qq.com", BY_NEITHER, EMAIL_TRUST_NEVER, NULL},
    {"yandex", "", "https://oauth.yandex.ru", BY_PKCE, EMAIL_TRUST_DOMAINS,
     "yandex.ru yandex.com ya.ru"},
    {"vk", "", "https://id.vk.com", BY_PKCE, EMAIL_TRUST_NEVER, NULL},
    {"mailru", "", "https://oauth.mail.ru", BY_NEITHER, EMAIL_TRUST_DOMAINS,
     "mail.ru inbox.ru list.ru bk.ru internet.ru"},

    {"steam", NULL, NULL, BY_NEITHER, EMAIL_TRUST_CLAIM, NULL},
    {"bluesky", NULL, NULL, BY_NEITHER, EMAIL_TRUST_CLAIM, NULL},
};

/* ---- helpers --------------------------------------------------------------------------------- */

/* Some get a client themselves, and some make their secret: the record says so. */
static const char *client_of(const struct row *row) {
    if (text_equal(row->id, "mastodon"))
        return "";
    return text_equal(row->id, "apple") ? "client_id = c\n" : CLIENT;
}

static int load(struct fixture *fixture, const struct row *row, const char *settings,
                struct provider *provider) {
    const char *text =
        arena_format(fixture->arena, "[provider %s]\n%s%s", row->id, client_of(row), settings);
    assert_works(fixture->arena, fixture_config_load(fixture, text));
    return provider_load(fixture->context, row->id, NULL, provider);
}

/* Of one record, once it is loaded as its row says. */
typedef void judgement(struct fixture *fixture, const struct row *row,
                       const struct provider *provider);

/* Each record that can be used. */
static void judge_each(struct fixture *fixture, judgement *judge) {
    for (size_t i = 0; i < FIXTURE_COUNT(rows); i++) {
        struct provider provider;
        if (rows[i].settings == NULL)
            continue;
        if (load(fixture, &rows[i], rows[i].settings, &provider) != 0)
            fail_msg("%s: %s", rows[i].id, fixture->arena->error.detail);
        judge(fixture, &rows[i], &provider);
    }
}

static const char *written(struct fixture *fixture, const char *id, const char *name) {
    const struct ini_section *preset = NULL;
    assert_works(fixture->arena, preset_find(fixture->arena, id, &preset));
    const struct ini_setting *setting = ini_setting(preset, name);
    return setting == NULL ? NULL : setting->value;
}

/* ---- the records ----------------------------------------------------------------------------- */

static void the_table_is_of_all_records(void **state) {
    struct fixture *fixture = *state;
    const char *ids = preset_ids(fixture->arena);
    size_t count = 0;
    size_t length = 0;
    for (const char *rest = ids; text_next_word(&rest, &length) != NULL;)
        count++;
    assert_int_equal(count, FIXTURE_COUNT(rows));
    for (size_t i = 0; i < FIXTURE_COUNT(rows); i++)
        if (!text_has_word(ids, rows[i].id))
            fail_msg("%s has no record", rows[i].id);
}

/* Without the line, the message names what is missing. */
static void assert_needed(struct fixture *fixture, const struct row *row, const char *line) {
    struct arena *arena = fixture->arena;
    const char *name = arena_copy(arena, line, strcspn(line, " "));
    size_t before = (size_t)(line - row->settings);
    const char *rest =
        arena_format(arena, "%.*s%s", (int)before, row->settings, strchr(line, '\n') + 1);
    struct provider provider;
    /* A key may go without a name of its own. */
    if (text_equal(name, "private_key_id"))
        return;
    if (load(fixture, row, rest, &provider) == 0)
        fail_msg("%s: %s is not needed", row->id, name);
    if (arena->error.rule != ERROR_CONFIG || strstr(arena->error.detail, name) == NULL)
        fail_msg("%s without %s: %s", row->id, name, arena->error.detail);
    arena_forget_error(arena);
}

static void judge_settings(struct fixture *fixture, const struct row *row,
                           const struct provider *provider) {
    (void)provider;
    for (const char *line = row->settings; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_needed(fixture, row, line);
}

static void a_site_says_only_what_a_record_cannot_know(void **state) {
    judge_each(*state, judge_settings);
}

static void what_cannot_be_used_yet_says_why(void **state) {
    struct fixture *fixture = *state;
    struct provider provider;
    size_t count = 0;
    for (size_t i = 0; i < FIXTURE_COUNT(rows); i++) {
        const char *reason = written(fixture, rows[i].id, "unsupported");
        assert_true((reason == NULL) == (rows[i].settings != NULL));
        if (reason == NULL)
            continue;
        assert_fails(fixture->arena, ERROR_CONFIG, load(fixture, &rows[i], "", &provider));
        count++;
    }
    assert_int_equal(count, 2);
}

/* ---- what security rests on ------------------------------------------------------------------ */

static void judge_identity_issuer(struct fixture *fixture, const struct row *row,
                                  const struct provider *provider) {
    assert_string_equal(provider->identity_issuer, row->identity_issuer);
    /* If it followed from the token endpoint, another address there would orphan every account. */
    if (written(fixture, row->id, "issuer") == NULL &&
        written(fixture, row->id, "identity_issuer") == NULL)
        fail_msg("%s has neither issuer nor identity_issuer", row->id);
}

/* Accounts hang on it: it may never change. */
static void accounts_hang_on_what_they_always_hung_on(void **state) {
    judge_each(*state, judge_identity_issuer);
}

static void no_two_share_it(void **state) {
    (void)state;
    for (size_t i = 0; i < FIXTURE_COUNT(rows); i++)
        for (size_t j = 0; j < i; j++)
            if (rows[i].identity_issuer != NULL &&
                text_equal(rows[i].identity_issuer, rows[j].identity_issuer))
                fail_msg("%s and %s share %s", rows[i].id, rows[j].id, rows[i].identity_issuer);
}

static void judge_trust(struct fixture *fixture, const struct row *row,
                        const struct provider *provider) {
    const char *owner = text_equal(row->id, "google") ? "hd" : "";
    const char *truth = provider->claim_email_verified;
    if (provider->email_trust != row->trust)
        fail_msg("%s: email_trust %d", row->id, provider->email_trust);
    assert_string_equal(provider->email_domains == NULL ? "" : provider->email_domains,
                        row->domains == NULL ? "" : row->domains);
    assert_string_equal(provider->email_owner_claim == NULL ? "" : provider->email_owner_claim,
                        owner);
    if (text_equal(row->id, "microsoft"))
        assert_string_equal(truth, "xms_edov");
    assert_non_null(written(fixture, row->id, "email_trust"));
}

static void addresses_count_as_verified_only_as_agreed(void **state) {
    judge_each(*state, judge_trust);
}

static void judge_protection(struct fixture *fixture, const struct row *row,
                             const struct provider *provider) {
    unsigned protection = 0;
    (void)fixture;
    if (provider->protocol != PROTOCOL_OAUTH1 && provider->pkce)
        protection |= BY_PKCE;
    if (provider->protocol == PROTOCOL_OIDC && provider->nonce)
        protection |= BY_NONCE;
    if (protection != row->protection)
        fail_msg("%s: protection %u", row->id, protection);
}

static void codes_are_protected_as_far_as_the_provider_can(void **state) {
    judge_each(*state, judge_protection);
}

/* HS256 turns the client's secret into the provider's key: only where nothing else is to be had. */
static void judge_algs(struct fixture *fixture, const struct row *row,
                       const struct provider *provider) {
    (void)fixture;
    assert_string_equal(provider->id_token_algs,
                        text_equal(row->id, "line") ? "HS256" : "RS256 ES256");
}

static void id_tokens_are_signed_with_keys(void **state) {
    judge_each(*state, judge_algs);
}

static bool ends_with(const char *text, const char *end) {
    size_t length = strlen(text);
    return length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0;
}

static bool is_address(const char *setting) {
    return ends_with(setting, "_endpoint") || text_equal(setting, "jwks_uri") ||
           text_equal(setting, "issuer") || text_equal(setting, "identity_issuer");
}

static void judge_addresses(struct fixture *fixture, const struct row *row,
                            const struct provider *provider) {
    struct provider copy = *provider;
    size_t count = 0;
    (void)fixture;
    for (size_t i = 0; provider_setting_at(i) != NULL; i++) {
        const struct provider_setting *setting = provider_setting_at(i);
        const char **text = provider_setting_template(setting, &copy);
        if (text == NULL || *text == NULL || !is_address(provider_setting_name(setting)))
            continue;
        if (!text_starts_with(*text, "https://"))
            fail_msg("%s: %s = %s", row->id, provider_setting_name(setting), *text);
        count++;
    }
    assert_true(count >= 2);
}

static void every_address_is_https(void **state) {
    judge_each(*state, judge_addresses);
}

/* ---- what people see ------------------------------------------------------------------------- */

/* WCAG 2.2, "relative luminance" */
static double channel(const char *digits) {
    const char pair[] = {digits[0], digits[1], '\0'};
    double value = (double)strtol(pair, NULL, 16) / 255;
    return value <= 0.04045 ? value / 12.92 : pow((value + 0.055) / 1.055, 2.4);
}

static double luminance(const char *color) {
    return 0.2126 * channel(color + 1) + 0.7152 * channel(color + 3) + 0.0722 * channel(color + 5);
}

static double contrast(const char *a, const char *b) {
    double light = fmax(luminance(a), luminance(b));
    double dark = fmin(luminance(a), luminance(b));
    return (light + 0.05) / (dark + 0.05);
}

static void contrast_is_computed_right(void **state) {
    (void)state;
    assert_true(fabs(contrast("#000000", "#FFFFFF") - 21) < 0.01);
    assert_true(fabs(contrast("#767676", "#FFFFFF") - 4.54) < 0.01);
    assert_true(fabs(contrast("#03C75A", "#ffffff") - 2.25) < 0.01);
}

/* WCAG 2.2, 1.4.3 (AA) */
static void buttons_can_be_read(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(rows); i++) {
        const char *id = rows[i].id;
        const char *background = written(fixture, id, "button_background");
        const char *color = written(fixture, id, "button_color");
        assert_non_null(written(fixture, id, "label"));
        assert_non_null(background);
        assert_non_null(color);
        if (contrast(background, color) < 4.5)
            fail_msg("%s: %s on %s: %.2f", id, color, background, contrast(background, color));
    }
}

/* The label is the name of a service; "Sign in with" is ours to say, in the visitor's language. */
static void labels_are_names(void **state) {
    static const char *const words[] = {"ign in", "og in", "ogin", "ontinue", "로그인", "ログイン"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(rows); i++)
        for (size_t j = 0; j < FIXTURE_COUNT(words); j++)
            assert_null(strstr(written(fixture, rows[i].id, "label"), words[j]));
}

static void each_says_where_a_client_is_registered(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(rows); i++) {
        const char *url = written(fixture, rows[i].id, "service_documentation");
        if (url == NULL || !text_starts_with(url, "https://"))
            fail_msg("%s: %s", rows[i].id, url == NULL ? "nothing" : url);
    }
}

/* ---- refreshing ------------------------------------------------------------------------------ */

/* What those send that have ways of their own, and how they say that a grant is over. */
static const struct refreshed {
    const char *id;
    const char *url;
    const char *form; /* NULL: the parameters travel in the query */
    int status;
    const char *over;
} refreshed[] = {
    {"github", "https://github.com/login/oauth/access_token",
     "grant_type=refresh_token&refresh_token=r&client_id=c&client_secret=s", 200,
     "{\"error\":\"bad_refresh_token\",\"error_description\":\"incorrect or expired\"}"},
    {"twitch", "https://op.example/token",
     "grant_type=refresh_token&refresh_token=r&client_id=c&client_secret=s", 400,
     "{\"status\":400,\"message\":\"Invalid refresh token\"}"},
    {"slack", "https://op.example/token",
     "grant_type=refresh_token&refresh_token=r&client_id=c&client_secret=s", 200,
     "{\"ok\":false,\"error\":\"invalid_refresh_token\"}"},
    {"yahoo", "https://op.example/token",
     "grant_type=refresh_token&refresh_token=r"
     "&redirect_uri=https%3A%2F%2Fwww.example.org%2Fcgi-bin%2Fcallback.cgi%2Fyahoo",
     400, "{\"error\":\"invalid_grant\"}"},
    {"wechat",
     "https://api.weixin.qq.com/sns/oauth2/refresh_token?grant_type=refresh_token&refresh_token=r"
     "&appid=c&secret=s",
     NULL, 200, "{\"errcode\":40030,\"errmsg\":\"invalid refresh_token\"}"},
    {"qq",
     "https://graph.qq.com/oauth2.0/token?grant_type=refresh_token&refresh_token=r&fmt=json"
     "&client_id=c&client_secret=s",
     NULL, 400, "{\"error\":\"invalid_grant\"}"},
    {"vk", "https://id.vk.com/oauth2/auth",
     "grant_type=refresh_token&refresh_token=r&device_id=d1&state=s1&client_id=c&client_secret=s",
     400, "{\"error\":\"invalid_grant\"}"},
};

/* As a login leaves it behind: with what the callback brought. */
static struct refresh begin_refresh(struct fixture *fixture, const struct provider *provider) {
    const struct login_values values = {
        .provider = provider,
        .redirect_uri = provider_redirect_uri(fixture->context, provider),
        .state = "s1",
        .answers.of = {[MAPPING_CALLBACK] = fixture_json(fixture, "{\"device_id\":\"d1\"}")},
    };
    struct refresh refresh = {.refresh_token = "r", .issuer = "i", .subject = "s"};
    assert_works(fixture->arena, refresh_parameters(fixture->arena, &values, &refresh.parameters));
    return refresh;
}

static void tokens_are_refreshed_in_their_own_ways(void **state) {
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(refreshed); i++) {
        const struct refreshed *one = &refreshed[i];
        struct provider provider;
        struct token_response response;
        assert_works(fixture->arena,
                     fixture_config_load(
                         fixture, arena_format(fixture->arena, "[provider %s]\n" CLIENT, one->id)));
        assert_works(fixture->arena, provider_load(fixture->context, one->id, NULL, &provider));
        fixture->metadata.token_endpoint =
            provider.token_endpoint != NULL ? provider.token_endpoint : "https://op.example/token";
        const struct refresh refresh = begin_refresh(fixture, &provider);
        fixture->calls = NULL;
        fixture_answer(fixture, one->url, one->status, "application/json", one->over);
        assert_fails(
            fixture->arena, ERROR_GRANT_OVER,
            refresh_request(fixture->context, &provider, &fixture->metadata, &refresh, &response));
        const char *form = fixture->calls == NULL ? "" : fixture->calls->form;
        if (form == NULL || one->form == NULL)
            assert_ptr_equal(form, one->form);
        else
            assert_string_equal(form, one->form);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(the_table_is_of_all_records),
        fixture_test(a_site_says_only_what_a_record_cannot_know),
        fixture_test(what_cannot_be_used_yet_says_why),
        fixture_test(accounts_hang_on_what_they_always_hung_on),
        fixture_test(no_two_share_it),
        fixture_test(addresses_count_as_verified_only_as_agreed),
        fixture_test(codes_are_protected_as_far_as_the_provider_can),
        fixture_test(id_tokens_are_signed_with_keys),
        fixture_test(every_address_is_https),
        fixture_test(contrast_is_computed_right),
        fixture_test(buttons_can_be_read),
        fixture_test(labels_are_names),
        fixture_test(each_says_where_a_client_is_registered),
        fixture_test(tokens_are_refreshed_in_their_own_ways),
    };
    return cmocka_run_group_tests_name("presets", tests, NULL, NULL);
}

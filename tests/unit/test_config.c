/* edge/config: what may stand in the file, and what each mistake is answered with. */
#include "house.h"

#include "edge/config.h"
#include "edge/preset.h"

#include <stdio.h>

#define SITE "[site]\nbase_url = https://www.example.org\nstate_dir = /var/lib/latchkey\n"

static int load_mode(struct arena *arena, const char *text, mode_t mode, struct config *config) {
    struct house house;
    house_open(&house, arena);
    const char *path = house_path(&house, "latchkey.conf");
    house_write(path, text, mode);
    int result = config_load(arena, path, config);
    house_close(&house);
    return result;
}

static int load(struct arena *arena, const char *text, struct config *config) {
    return load_mode(arena, text, 0600, config);
}

/* The file must be refused, and the message end with (or, for one that goes on, hold) `message`. */
static void assert_refused(struct arena *arena, const char *text, const char *message) {
    struct config config;
    assert_int_equal(load(arena, text, &config), -1);
    assert_int_equal(arena->error.rule, ERROR_CONFIG);
    if (strstr(arena->error.detail, message) == NULL)
        fail_msg("\"%s\" is not in: %s", message, arena->error.detail);
    arena->error = (struct error){.rule = ERROR_NONE};
}

static void a_short_file_gets_the_defaults(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_works(arena, load(arena, SITE, &config));
    assert_string_equal(config.base_url, "https://www.example.org");
    assert_string_equal(config.cgi_path, "/cgi-bin");
    assert_string_equal(config.state_dir, "/var/lib/latchkey");
    assert_string_equal(config.home, "/");
    assert_string_equal(config.title, "www.example.org");
    assert_non_null(strstr(config.templates, "/templates"));
    assert_null(config.ca_file);
    assert_true(config.secure);
    assert_int_equal(config.idle_timeout, 7 * 86400);
    assert_int_equal(config.absolute_timeout, 30 * 86400);
    assert_int_equal(config.short_timeout, 12 * 3600);
    assert_int_equal(config.remember, REMEMBER_ALWAYS);
    assert_int_equal(config.confirm_after, 900);
    assert_true(config.sign_up);
    assert_int_equal(config.audit_keep, 180 * 86400);
    assert_int_equal(config.audit_address, ADDRESS_KEPT_WHOLE);
    assert_int_equal(config.login_timeout, 600);
    assert_int_equal(config.clock_leeway, 60);
    assert_int_equal(config.new_instances_per_hour, 20);
    assert_string_equal(config.token.algorithm, "ES256");
    assert_int_equal(config.token.lifetime, 600);
    assert_null(config.token.audience);
    assert_null(config.token.claims);
    assert_null(config.token.client_id);
}

static void every_setting_is_taken_over(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_works(arena,
                 load(arena,
                      "[site]\nbase_url = http://LOCALHOST:8080/\ncgi_path = /a/b/\n"
                      "state_dir = /s//\nhome = /welcome?x=1#y\ntitle = Ada's caf\xC3\xA9\n"
                      "templates = /t\nca_file = /c.pem\n"
                      "[session]\nidle_timeout = 30s\nabsolute_timeout = 12h\n"
                      "short_timeout = 1h\nremember = ask\n"
                      "[account]\nconfirm_after = 2m\nsign_up = no\n"
                      "[audit]\nkeep = 7d\naddress = masked\n"
                      "[login]\ntimeout = 5m\nclock_leeway = 1s\nnew_instances_per_hour = 0\n"
                      "[provider corp-2_x]\nissuer = https://x\n",
                      &config));
    assert_string_equal(config.base_url, "http://localhost:8080");
    assert_false(config.secure);
    assert_string_equal(config.cgi_path, "/a/b");
    assert_string_equal(config.state_dir, "/s");
    assert_string_equal(config.home, "/welcome?x=1#y");
    assert_string_equal(config.title, "Ada's caf\xC3\xA9");
    assert_string_equal(config.templates, "/t");
    assert_string_equal(config.ca_file, "/c.pem");
    assert_int_equal(config.idle_timeout, 30);
    assert_int_equal(config.absolute_timeout, 12 * 3600);
    assert_int_equal(config.short_timeout, 3600);
    assert_int_equal(config.remember, REMEMBER_ASK);
    assert_int_equal(config.confirm_after, 120);
    assert_false(config.sign_up);
    assert_int_equal(config.audit_keep, 7 * 86400);
    assert_int_equal(config.audit_address, ADDRESS_KEPT_MASKED);
    assert_int_equal(config.login_timeout, 300);
    assert_int_equal(config.clock_leeway, 1);
    assert_int_equal(config.new_instances_per_hour, 0);
    assert_non_null(ini_section(config.sections, "provider", "corp-2_x"));
}

static void an_empty_value_leaves_the_default(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_works(arena, load(arena, SITE "title =\nca_file =\nhome =\n[session]\nidle_timeout =\n",
                             &config));
    assert_string_equal(config.title, "www.example.org");
    assert_null(config.ca_file);
    assert_string_equal(config.home, "/");
    assert_int_equal(config.idle_timeout, 7 * 86400);
}

static void a_number_is_a_number(void **state) {
    const char *bad[] = {"-1", "1.5", "ten", "10000", "1 0", "0x10"};
    struct arena *arena = *state;
    struct config config;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(arena,
                       arena_format(arena, SITE "[login]\nnew_instances_per_hour = %s\n", bad[i]),
                       ":5: new_instances_per_hour must be a number from 0 to 9999");
    assert_works(arena, load(arena, SITE "[login]\nnew_instances_per_hour = 9999\n", &config));
    assert_int_equal(config.new_instances_per_hour, 9999);
}

static void what_is_missing_is_told(void **state) {
    assert_refused(*state, "", "needs base_url = https://");
    assert_refused(*state, "[site]\nstate_dir = /x\nbase_url =\n", "needs base_url");
    assert_refused(*state, "[site]\nbase_url = https://x\n", "needs state_dir");
}

static void unknown_names_are_refused_with_their_line(void **state) {
    assert_refused(*state, SITE "base_uri = x\n", ":4: [site] has no setting base_uri");
    assert_refused(*state, SITE "Title = x\n", ":4: [site] has no setting Title");
    assert_refused(*state, SITE "[session]\ntimeout = 1h\n",
                   ":5: [session] has no setting timeout");
    assert_refused(*state, SITE "[sesion]\n", ":4: there is no section [sesion]");
    assert_refused(*state, SITE "[session x]\n", ":4: there is no section [session x]");
    assert_refused(*state, SITE "base_url = https://b\n", ":4:");
    assert_refused(*state, SITE "nonsense\n", ":4:");
}

static void a_base_url_is_a_bare_origin(void **state) {
    const char *bad[] = {"www.example.org",
                         "http://www.example.org",
                         "https://",
                         "ftp://localhost",
                         "https://x/app",
                         "https://x?y",
                         "https://x#y",
                         "https://u@x",
                         "https://x:99999",
                         "//x",
                         "https://x y",
                         "http://localhost.example.org",
                         "http://127.0.0.1.nip.io",
                         "javascript:alert(1)"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(*state,
                       arena_format(*state, "[site]\nstate_dir = /x\nbase_url = %s\n", bad[i]),
                       ":3: base_url must");
}

static void a_base_url_is_normalised(void **state) {
    struct arena *arena = *state;
    const char *cases[][2] = {{"HTTPS://Example.ORG/", "https://example.org"},
                              {"https://x:443", "https://x"},
                              {"https://x:8443/", "https://x:8443"},
                              {"http://127.0.0.1:8080", "http://127.0.0.1:8080"},
                              {"http://[::1]:80", "http://[::1]"}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct config config;
        assert_works(
            arena,
            load(arena, arena_format(arena, "[site]\nstate_dir = /x\nbase_url = %s\n", cases[i][0]),
                 &config));
        assert_string_equal(config.base_url, cases[i][1]);
    }
}

static void paths_are_checked(void **state) {
    const char *bad[] = {"cgi_path = cgi-bin",    "cgi_path = //x",        "cgi_path = /a/../b",
                         "cgi_path = /a b",       "cgi_path = /a?b",       "cgi_path = https://x/",
                         "home = //evil.example", "home = welcome",        "home = /\\evil.example",
                         "home = /a b",           "home = https://x/",     "home = /%zz",
                         "ca_file = ca.pem",      "templates = templates", "home = /\xC3\xA9"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(*state, arena_format(*state, SITE "%s\n", bad[i]), ":4: ");
    assert_refused(*state, "[site]\nbase_url = https://x\nstate_dir = state\n",
                   ":3: state_dir must be an absolute path");
}

static void programs_have_absolute_addresses(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_works(arena, load(arena, SITE, &config));
    assert_string_equal(config_program_uri(arena, &config, "callback.cgi/google"),
                        "https://www.example.org/cgi-bin/callback.cgi/google");
    assert_string_equal(config_site_uri(arena, &config, "/a?b"), "https://www.example.org/a?b");
    assert_works(arena, load(arena, SITE "cgi_path = /\n", &config));
    assert_string_equal(config_program_uri(arena, &config, "me.cgi"),
                        "https://www.example.org/me.cgi");
}

static void a_time_needs_its_unit(void **state) {
    assert_refused(*state, SITE "[login]\ntimeout = ten minutes\n",
                   ":5: timeout must be a time like 30s");
}

static void the_idle_timeout_is_within_the_absolute_one(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_refused(arena, SITE "[session]\nidle_timeout = 31d\n",
                   ":5: idle_timeout is longer than absolute_timeout");
    assert_works(arena, load(arena, SITE "[session]\nabsolute_timeout = 1d\n", &config));
    assert_int_equal(config.idle_timeout, 86400);
}

/* A session that is not remembered never lasts longer than one that is. */
static void the_short_timeout_is_within_the_absolute_one(void **state) {
    struct config config;
    assert_works(
        (struct arena *)*state,
        load(*state, SITE "[session]\nabsolute_timeout = 1h\nidle_timeout = 1h\n", &config));
    assert_int_equal(config.short_timeout, 3600);
    assert_refused(*state, SITE "[session]\nabsolute_timeout = 1h\nshort_timeout = 2h\n",
                   "latchkey.conf:6: short_timeout is longer than absolute_timeout");
}

static void words_are_one_of_those_there_are(void **state) {
    static const char *const remember[] = {"always", "never", "ask"};
    static const char *const address[] = {"whole", "masked", "none"};
    struct config config;
    struct arena *arena = *state;
    for (int i = 0; i < 3; i++) {
        assert_works(
            arena,
            load(arena,
                 arena_format(arena, SITE "[session]\nremember = %s\n[audit]\naddress = %s\n",
                              remember[i], address[i]),
                 &config));
        assert_int_equal(config.remember, i);
        assert_int_equal(config.audit_address, i);
    }
    assert_works(arena, load(arena, SITE "[account]\nsign_up = yes\n", &config));
    assert_true(config.sign_up);
    assert_refused(arena, SITE "[session]\nremember = yes\n",
                   ":5: remember must be always, never or ask");
    assert_refused(arena, SITE "[session]\nremember = Always\n", ":5: remember must be");
    assert_refused(arena, SITE "[account]\nsign_up = closed\n", ":5: sign_up must be yes or no");
    assert_refused(arena, SITE "[account]\nsign_up = true\n", ":5: sign_up must be yes or no");
    assert_refused(arena, SITE "[audit]\naddress = hashed\n",
                   ":5: address must be whole, masked or none");
    assert_refused(arena, SITE "[account]\nconfirm_after = 0s\n",
                   ":5: confirm_after must be a time");
    assert_refused(arena, SITE "[audit]\nkeep = forever\n", ":5: keep must be a time");
    assert_refused(arena, SITE "[session]\nshort_timeout = 0\n",
                   ":5: short_timeout must be a time");
}

#define SECRET_32 "0123456789abcdef0123456789abcdef"
#define API "https://api.example.org/v1"

static void a_token_is_described(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_works(arena, load(arena,
                             SITE "[token]\nalgorithm = EdDSA\nlifetime = 1d\naudience = " API
                                  " http://b:8080\nclaims = name  email groups\n"
                                  "client_id = Our site\n",
                             &config));
    assert_string_equal(config.token.algorithm, "EdDSA");
    assert_int_equal(config.token.lifetime, TOKEN_LIFETIME_MAX);
    assert_string_equal(config.token.audience, API " http://b:8080");
    assert_string_equal(config.token.claims, "name  email groups");
    assert_string_equal(config.token.client_id, "Our site");
    assert_works(arena, load(arena,
                             SITE "[token]\nalgorithm = HS256\nsecret = " SECRET_32
                                  "\naudience = https://www.example.org " API "\n",
                             &config));
    assert_string_equal(config.token.secret, SECRET_32);
    assert_works(
        arena, load(arena, SITE "[token]\nalgorithm = HS256\nsecret_file = s\naudience = " API "\n",
                    &config));
    assert_string_equal(config.token.secret_file, "s");
}

static void a_tokens_settings_are_checked(void **state) {
    static const char *const bad[][2] = {
        {"algorithm = none", "must be ES256, EdDSA, RS256 or HS256"},
        {"algorithm = es256", "must be ES256, EdDSA, RS256 or HS256"},
        {"algorithm = HS512", "must be ES256, EdDSA, RS256 or HS256"},
        {"lifetime = 2d", "must be at most 1d"},
        {"lifetime = 86401s", "must be at most 1d"},
        {"lifetime = 0s", "must be a time"},
        {"audience = api", "must be absolute URIs"},
        {"audience = /api", "must be absolute URIs"},
        {"audience = " API "#x", "must be absolute URIs"},
        {"audience = " API " *", "must be absolute URIs"},
        {"audience = https:", "must be absolute URIs"},
        {"claims = name phone", "must be some of: name email picture locale groups auth_time"},
        {"claims = sub", "must be some of"},
        {"client_id = caf\xC3\xA9", "must be printable ASCII"},
        {"secret = 0123456789abcdef0123456789abcde", "must have 32 bytes or more"},
        {"secret = " SECRET_32, "secret is for algorithm = HS256 alone"},
        {"secret_file = s", "secret_file is for algorithm = HS256 alone"},
        {"algorithm = HS256", "algorithm HS256 needs secret or secret_file, and not both"},
        {"algorithm = HS256\nsecret = " SECRET_32 "\nsecret_file = s", "and not both"},
        {"algorithm = HS256\nsecret = " SECRET_32, "HS256 needs audience: the API"},
        {"algorithm = HS256\nsecret = " SECRET_32 "\naudience = https://www.example.org",
         "HS256 needs audience: the API"},
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_refused(*state, arena_format(*state, SITE "[token]\n%s\n", bad[i][0]), bad[i][1]);
        assert_refused(*state, arena_format(*state, SITE "[token]\n%s\n", bad[i][0]),
                       "latchkey.conf:5: ");
    }
    assert_refused(*state, SITE "[token x]\n", "there is no section [token x]");
}

static void a_tokens_secret_is_nobody_elses(void **state) {
    struct arena *arena = *state;
    struct config config;
    const char *text =
        SITE "[token]\nalgorithm = HS256\naudience = " API "\nsecret = " SECRET_32 "\n";
    assert_works(arena, load_mode(arena, text, 0640, &config));
    assert_fails(arena, ERROR_CONFIG, load_mode(arena, text, 0644, &config));
}

static void provider_names_are_plain(void **state) {
    struct arena *arena = *state;
    struct config config;
    const char *good[] = {"a", "0", "a-b_c9", "abcdefghijklmnopqrstuvwxyz012345"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        assert_works(arena,
                     load(arena, arena_format(arena, SITE "[provider %s]\n", good[i]), &config));
    const char *bad[] = {"Google", "-a",  "_a",          "a.b",
                         "a/b",    "a b", "caf\xC3\xA9", "abcdefghijklmnopqrstuvwxyz0123456"};
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_refused(arena, arena_format(arena, SITE "[provider %s]\n", bad[i]), ":4: ");
    assert_refused(arena, SITE "[provider]\n", ":4: ");
}

static void a_secret_that_others_may_read_is_refused(void **state) {
    struct arena *arena = *state;
    struct config config;
    const char *secrets[] = {"client_secret = x", "signing_key = x", "secret = x"};
    for (size_t i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++) {
        const char *text = arena_format(arena, SITE "[provider a]\n%s\n", secrets[i]);
        assert_works(arena, load_mode(arena, text, 0640, &config));
        assert_fails(arena, ERROR_CONFIG, load_mode(arena, text, 0644, &config));
        assert_fails(arena, ERROR_CONFIG, load_mode(arena, text, 0601, &config));
    }
    const char *open =
        SITE "[provider a]\nclient_id = x\nclient_secret =\nclient_secret_file = /x\n";
    assert_works(arena, load_mode(arena, open, 0644, &config));
}

static void the_message_tells_what_to_do_about_the_mode(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_int_equal(load_mode(arena, SITE "[provider a]\nclient_secret = hush\n", 0644, &config),
                     -1);
    assert_non_null(strstr(arena->error.detail, ":5: client_secret"));
    assert_non_null(strstr(arena->error.detail, "chmod o-rwx /tmp/"));
    assert_null(strstr(arena->error.detail, "hush"));
}

static void a_file_that_anyone_may_change_is_refused(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_fails(arena, ERROR_CONFIG, load_mode(arena, SITE, 0602, &config));
}

static void a_file_that_is_none_is_refused(void **state) {
    struct arena *arena = *state;
    struct config config;
    assert_fails(arena, ERROR_CONFIG, config_load(arena, "/nowhere/latchkey.conf", &config));
    assert_fails(arena, ERROR_CONFIG, config_load(arena, "/tmp", &config));
    assert_fails(arena, ERROR_CONFIG, config_load(arena, "/dev/zero", &config));
    char *huge = arena_alloc(arena, INI_SIZE_LIMIT + 2);
    memset(huge, '\n', INI_SIZE_LIMIT + 1);
    assert_refused(arena, huge, "is longer than");
}

static void the_environment_names_another_file(void **state) {
    (void)state;
    setenv("LATCHKEY_CONF", "/x.conf", 1);
    assert_string_equal(config_path(), "/x.conf");
    setenv("LATCHKEY_CONF", "", 1);
    assert_non_null(strstr(config_path(), "/latchkey.conf"));
    unsetenv("LATCHKEY_CONF");
    assert_non_null(strstr(config_path(), "/latchkey.conf"));
}

static void gather(void *closure, const char *mistake) {
    buffer_add_format(closure, "%s\n", mistake);
}

/* *told = what a witness is told of the file; the result. */
static int examine(struct arena *arena, const char *text, struct config *config,
                   const char **told) {
    struct house house;
    struct buffer list;
    house_open(&house, arena);
    const char *path = house_path(&house, "latchkey.conf");
    house_write(path, text, 0600);
    buffer_open(arena, &list);
    struct config_witness witness = {.tell = gather, .closure = &list};
    int result = config_examine(arena, path, config, &witness);
    house_close(&house);
    *told = list.bytes;
    return result;
}

static void a_witness_is_told_of_all_mistakes(void **state) {
    struct arena *arena = *state;
    struct config config;
    const char *told = NULL;
    assert_works(arena, examine(arena, SITE, &config, &told));
    assert_string_equal(told, "");

    const char *bad = SITE "title = Forum\nfoo = 1\n[session]\nidle_timeout = soon\n"
                           "absolute_timeout = 1d\n[sesion]\nbar = 1\n[provider A]\n";
    assert_int_equal(examine(arena, bad, &config, &told), -1);
    assert_int_equal(arena->error.rule, ERROR_NONE);
    const char *const words[] = {":5: [site] has no setting foo", ":7: idle_timeout must be",
                                 ":9: there is no section [sesion]", ":11: [provider NAME]"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        assert_non_null(strstr(told, words[i]));
    assert_string_equal(config.title, "Forum");
    assert_int_equal(config.absolute_timeout, 86400);

    /* Sections with names are their owners' business, but for the name. */
    const char *named = SITE "[api mail]\nfoo = 1\n[rule staff]\n[files]\n[files members]\n";
    assert_works(arena, examine(arena, named, &config, &told));
    assert_string_equal(ini_setting(config_section(&config, "api", "mail"), "foo")->value, "1");
    assert_non_null(config_section(&config, "files", ""));
    assert_non_null(config_section(&config, "files", "members"));
    assert_null(config_section(&config, "rule", ""));
    assert_int_equal(examine(arena, SITE "[api]\n[rule A]\n[files ../x]\n", &config, &told), -1);
    assert_non_null(strstr(told, ":4: [api NAME] needs a name"));
    assert_non_null(strstr(told, ":5: [rule NAME] needs a name"));
    assert_non_null(strstr(told, ":6: [files NAME] needs a name"));

    assert_int_equal(examine(arena, "[site]\nbase_url = nonsense\n", &config, &told), -1);
    assert_null(strstr(told, "needs base_url"));
    assert_int_equal(examine(arena, "[site]\n", &config, &told), -1);
    assert_non_null(strstr(told, "needs base_url"));
    assert_int_equal(examine(arena, "site]\n", &config, &told), -1);
    assert_non_null(strstr(told, ":1: "));
}

/* ---- presets --------------------------------------------------------------------------------- */

static const struct ini_section *preset(struct arena *arena, const char *id) {
    const struct ini_section *section = NULL;
    assert_works(arena, preset_find(arena, id, &section));
    return section;
}

static void a_preset_is_found_by_its_exact_name(void **state) {
    static const char *const others[] = {"",
                                         "googl",
                                         "google2",
                                         "Google",
                                         "google ",
                                         " google",
                                         "google]",
                                         "provider",
                                         "google]\n",
                                         "]",
                                         "goo gle",
                                         "*",
                                         "x]\n[provider google",
                                         "%s",
                                         "google]\ntype = oidc"};
    struct arena *arena = *state;
    const struct ini_section *section = preset(arena, "google");
    assert_string_equal(section->kind, "provider");
    assert_string_equal(section->label, "google");
    assert_string_equal(ini_setting(section, "issuer")->value, "https://accounts.google.com");
    assert_null(section->next); /* its own lines alone */
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (preset(arena, others[i]) != NULL)
            fail_msg("found: %s", others[i]);
}

/* What ini_parse() makes of the whole file is what is found one by one, lines and all. */
static void presets_are_those_of_the_file(void **state) {
    static const char text[] =
#include "providers.inc"
        ;
    struct arena *arena = *state;
    struct ini_section *sections = NULL;
    struct buffer ids;
    assert_works(arena, ini_parse(arena, "providers.ini", text, sizeof(text) - 1, &sections));
    buffer_open(arena, &ids);
    for (const struct ini_section *whole = sections; whole != NULL; whole = whole->next) {
        const struct ini_section *one = preset(arena, whole->label);
        const struct ini_setting *there = whole->settings;
        assert_string_equal(whole->kind, "provider");
        assert_non_null(one);
        assert_int_equal(one->line, whole->line);
        assert_string_equal(one->file, "providers.ini");
        for (const struct ini_setting *setting = one->settings; setting != NULL;
             setting = setting->next, there = there->next) {
            assert_string_equal(setting->name, there->name);
            assert_string_equal(setting->value, there->value);
            assert_int_equal(setting->line, there->line);
        }
        assert_null(there);
        buffer_add_format(&ids, "%s%s", ids.length == 0 ? "" : " ", whole->label);
    }
    assert_string_equal(preset_ids(arena), ids.bytes);
    assert_true(ids.length > 100);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_short_file_gets_the_defaults),
        unit_test(every_setting_is_taken_over),
        unit_test(an_empty_value_leaves_the_default),
        unit_test(a_number_is_a_number),
        unit_test(what_is_missing_is_told),
        unit_test(unknown_names_are_refused_with_their_line),
        unit_test(a_base_url_is_a_bare_origin),
        unit_test(a_base_url_is_normalised),
        unit_test(paths_are_checked),
        unit_test(programs_have_absolute_addresses),
        unit_test(a_time_needs_its_unit),
        unit_test(the_idle_timeout_is_within_the_absolute_one),
        unit_test(the_short_timeout_is_within_the_absolute_one),
        unit_test(words_are_one_of_those_there_are),
        unit_test(a_token_is_described),
        unit_test(a_tokens_settings_are_checked),
        unit_test(a_tokens_secret_is_nobody_elses),
        unit_test(provider_names_are_plain),
        unit_test(a_secret_that_others_may_read_is_refused),
        unit_test(the_message_tells_what_to_do_about_the_mode),
        unit_test(a_file_that_anyone_may_change_is_refused),
        unit_test(a_file_that_is_none_is_refused),
        unit_test(the_environment_names_another_file),
        unit_test(a_witness_is_told_of_all_mistakes),
        unit_test(a_preset_is_found_by_its_exact_name),
        unit_test(presets_are_those_of_the_file),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}

/* login/access_token: what a token says, and that nothing but one of ours, for us, in time, in a
 * session that is still there, is believed. */
#include "fixture.h"
#include "sql.h"

#include "edge/jwt_keys.h"
#include "login/access_token.h"
#include "login/membership.h"

#define SITE "https://www.example.org"
#define API "https://api.example.org/v1"
#define SECRET "0123456789abcdef0123456789abcdef"
#define OP "[provider op]\n" FIXTURE_PROVIDER

/* Signs the fixture's browser in, and gives its session. */
static struct session *sign_in_as(struct fixture *fixture, const char *subject) {
    struct response response;
    bool replaced = false;
    struct account_ids ids;
    struct session *session = NULL;
    const struct person person = {
        .issuer = FIXTURE_ISSUER,
        .subject = subject,
        .name = "Ada",
        .email = "ada@example.org",
        .email_verified = true,
        .locale = "en",
    };
    const struct session_origin origin = {.issuer = FIXTURE_ISSUER, .remember = true};
    struct request request = fixture_request(fixture);
    response_open(fixture->arena, &response);
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena,
                 account_sign_in(fixture->context, &fixture->provider, &person, true, &ids));
    assert_works(fixture->arena,
                 session_issue(fixture->context, &request, &response, &ids, &origin, &replaced));
    assert_works(fixture->arena, database_commit(fixture->context));
    fixture_take(fixture, &response);
    request = fixture_request(fixture);
    assert_works(fixture->arena, session_load(fixture->context, &request, &session));
    assert_non_null(session);
    return session;
}

static struct session *sign_in(struct fixture *fixture) {
    return sign_in_as(fixture, "ada");
}

static struct access_token issue(struct fixture *fixture, const struct session *session,
                                 const char *asked) {
    struct access_token token = {.compact = NULL};
    const char *audience = NULL;
    assert_works(fixture->arena, access_token_audience(fixture->context, asked, &audience));
    assert_works(fixture->arena, access_token_issue(fixture->context, session, audience, &token));
    return token;
}

static struct session *believe(struct fixture *fixture, const char *compact) {
    struct session *session = NULL;
    assert_works(fixture->arena, access_token_authenticate(fixture->context, compact, &session));
    return session;
}

/* The token is refused, by this rule. */
static void assert_refused(struct fixture *fixture, const char *compact, enum error_rule rule) {
    struct session *session = NULL;
    assert_fails(fixture->arena, rule,
                 access_token_authenticate(fixture->context, compact, &session));
    assert_null(session);
    assert_int_equal(error_meaning(rule)->answer, ANSWER_TOKEN);
}

static const struct json *claims_of(struct fixture *fixture, const char *compact) {
    const struct json *claims = NULL;
    struct jws jws;
    assert_works(fixture->arena, jws_parse(fixture->arena, compact, &jws));
    assert_works(fixture->arena, jws_claims(fixture->arena, &jws, ERROR_INTERNAL, &claims));
    return claims;
}

static const char *names_of(struct fixture *fixture, const struct json *object) {
    struct buffer names;
    buffer_open(fixture->arena, &names);
    for (const struct json *member = object->first; member != NULL; member = member->next)
        buffer_add_format(&names, "%s%s", names.length == 0 ? "" : " ", member->name);
    return names.bytes;
}

/* ---- what a token says ----------------------------------------------------------------------- */

static void a_token_says_what_rfc_9068_asks_for(void **state) {
    struct fixture *fixture = *state;
    const struct session *session = sign_in(fixture);
    struct access_token token = issue(fixture, session, NULL);
    const struct json *claims = claims_of(fixture, token.compact);
    struct jws jws;
    int64_t seconds = 0;
    assert_string_equal(names_of(fixture, claims), "iss sub aud exp iat jti client_id sid");
    assert_string_equal(json_string(claims, "iss"), SITE);
    assert_string_equal(json_string(claims, "sub"), session->sub);
    assert_string_equal(json_string(claims, "aud"), SITE);
    assert_string_equal(json_string(claims, "client_id"), SITE);
    assert_string_equal(json_string(claims, "sid"), session->id_hash);
    assert_int_equal(strlen(json_string(claims, "jti")), 22);
    assert_true(json_integer(json_member(claims, "iat"), &seconds));
    assert_int_equal(seconds, HOUSE_TIME);
    assert_true(json_integer(json_member(claims, "exp"), &seconds));
    assert_int_equal(seconds, HOUSE_TIME + 600);
    assert_int_equal(token.expires_in, 600);
    assert_works(fixture->arena, jws_parse(fixture->arena, token.compact, &jws));
    assert_string_equal(names_of(fixture, jws.header), "alg typ kid");
    assert_string_equal(jws.alg, "ES256");
    assert_string_equal(jws.typ, "at+jwt");
}

static void what_is_configured_is_told_besides(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[token]\nclaims = name email locale picture auth_time groups\n"
                            "client_id = Our site\nlifetime = 5m\n" OP);
    const struct session *session = sign_in(fixture);
    const struct json *claims = claims_of(fixture, issue(fixture, session, NULL).compact);
    assert_string_equal(names_of(fixture, claims),
                        "iss sub aud exp iat jti client_id sid name email email_verified locale "
                        "auth_time");
    assert_string_equal(json_string(claims, "name"), "Ada");
    assert_string_equal(json_string(claims, "email"), "ada@example.org");
    assert_true(json_is_true(claims, "email_verified"));
    assert_string_equal(json_string(claims, "client_id"), "Our site");

    const struct json *groups = fixture_json(fixture, "[\"staff\",\"<b>\"]");
    assert_works(fixture->arena, database_begin(fixture->context));
    assert_works(fixture->arena, membership_save(fixture->context, session->identity, groups));
    assert_works(fixture->arena, database_commit(fixture->context));
    claims = claims_of(fixture, issue(fixture, session, NULL).compact);
    assert_string_equal(json_write(fixture->arena, json_member(claims, "groups")),
                        "[\"staff\",\"\\u003Cb\\u003E\"]");
}

static void two_tokens_are_never_the_same(void **state) {
    struct fixture *fixture = *state;
    const struct session *session = sign_in(fixture);
    const char *first =
        json_string(claims_of(fixture, issue(fixture, session, NULL).compact), "jti");
    const char *second =
        json_string(claims_of(fixture, issue(fixture, session, NULL).compact), "jti");
    assert_string_not_equal(first, second);
}

static void a_token_ends_with_its_session(void **state) {
    struct fixture *fixture = *state;
    struct session *session = sign_in(fixture);
    session->expires_at = HOUSE_TIME + 30;
    struct access_token token = issue(fixture, session, NULL);
    int64_t seconds = 0;
    assert_int_equal(token.expires_in, 30);
    assert_true(json_integer(json_member(claims_of(fixture, token.compact), "exp"), &seconds));
    assert_int_equal(seconds, HOUSE_TIME + 30);
}

static void audiences_are_those_of_the_list(void **state) {
    struct fixture *fixture = *state;
    struct arena *arena = fixture->arena;
    struct context *context = fixture->context;
    const char *audience = NULL;
    static const char *const bad[] = {"",
                                      API "/",
                                      API " http://b",
                                      "HTTPS://api.example.org/v1",
                                      "https://api.example.org",
                                      SITE "/",
                                      "*",
                                      "https://evil.example"};
    assert_works(arena, access_token_audience(context, NULL, &audience));
    assert_string_equal(audience, SITE);
    assert_fails(arena, ERROR_AUDIENCE, access_token_audience(context, API, &audience));

    fixture_config(fixture, "[token]\naudience = " API "  http://b\n" OP);
    assert_works(arena, access_token_audience(context, NULL, &audience));
    assert_string_equal(audience, API);
    assert_works(arena, access_token_audience(context, "http://b", &audience));
    assert_string_equal(audience, "http://b");
    assert_works(arena, access_token_audience(context, SITE, &audience));
    assert_string_equal(audience, SITE);
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++)
        assert_fails(arena, ERROR_AUDIENCE, access_token_audience(context, bad[i], &audience));
}

static void claims_that_make_it_too_large_are_the_sites_mistake(void **state) {
    struct fixture *fixture = *state;
    struct access_token token;
    fixture_config(fixture, "[token]\nclaims = name\n" OP);
    struct session *session = sign_in(fixture);
    char *name = arena_alloc(fixture->arena, ACCESS_TOKEN_LIMIT + 1);
    memset(name, 'x', ACCESS_TOKEN_LIMIT);
    session->name = name;
    assert_fails(fixture->arena, ERROR_CONFIG,
                 access_token_issue(fixture->context, session, SITE, &token));
}

/* ---- what is believed ------------------------------------------------------------------------ */

static void our_own_token_names_its_session(void **state) {
    static const char *const algorithms[] = {"ES256", "EdDSA", "RS256"};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < FIXTURE_COUNT(algorithms); i++) {
        fixture_config(fixture,
                       arena_format(fixture->arena, "[token]\nalgorithm = %s\n" OP, algorithms[i]));
        const struct session *session = sign_in(fixture);
        const char *compact = issue(fixture, session, NULL).compact;
        const struct session *found = believe(fixture, compact);
        assert_string_equal(found->sub, session->sub);
        assert_string_equal(found->name, "Ada");
        assert_string_equal(found->id_hash, session->id_hash);
        assert_null(found->csrf_token);
        fixture->house.clock.fixed += 599;
        assert_non_null(believe(fixture, compact));
    }
}

static void a_token_of_a_key_that_retired_is_still_good(void **state) {
    struct fixture *fixture = *state;
    struct jwt_keys_change change;
    const struct session *session = sign_in(fixture);
    issue(fixture, session, NULL);
    fixture->house.clock.fixed += 86400;
    assert_works(fixture->arena, jwt_keys_rotate(fixture->context, false, &change));
    fixture->house.clock.fixed += JWT_KEYS_LEAD - 1;
    const char *old = issue(fixture, session, NULL).compact;
    fixture->house.clock.fixed += 1;
    const char *new = issue(fixture, session, NULL).compact;
    struct jws jws[2];
    assert_works(fixture->arena, jws_parse(fixture->arena, old, &jws[0]));
    assert_works(fixture->arena, jws_parse(fixture->arena, new, &jws[1]));
    assert_string_not_equal(jws[0].kid, jws[1].kid);
    assert_non_null(believe(fixture, old));
    assert_non_null(believe(fixture, new));

    assert_works(fixture->arena, jwt_keys_rotate(fixture->context, true, &change));
    assert_refused(fixture, old, ERROR_ACCESS_TOKEN_KEY);
    assert_refused(fixture, new, ERROR_ACCESS_TOKEN_KEY);
}

/* ---- what is forged -------------------------------------------------------------------------- */

/* A site with a session, the key that signs there, and a right token's parts. */
struct forge {
    struct fixture *fixture;
    struct session *session;
    struct signing_key key;
    struct fixture_member header[4];
    struct fixture_member claims[9];
};

static const char *quoted(struct fixture *fixture, const char *text) {
    return arena_format(fixture->arena, "\"%s\"", text);
}

static struct signing_key open_key(struct fixture *fixture) {
    struct signing_key key;
    struct jwt_keys keys;
    assert_works(fixture->arena, jwt_keys_load(fixture->context, &keys));
    assert_works(fixture->arena, jwt_keys_open(fixture->arena, &keys.keys[0], &key));
    return key;
}

static struct forge forge_open(struct fixture *fixture) {
    struct session *session = sign_in(fixture);
    struct forge forge = {.fixture = fixture, .session = session, .key = open_key(fixture)};
    const struct fixture_member header[] = {
        {"alg", quoted(fixture, forge.key.alg)},
        {"typ", "\"at+jwt\""},
        {"kid", quoted(fixture, forge.key.kid)},
        {NULL, NULL},
    };
    const struct fixture_member claims[] = {
        {"iss", "\"" SITE "\""},
        {"sub", quoted(fixture, session->sub)},
        {"aud", "\"" SITE "\""},
        {"exp", "1800000600"},
        {"iat", "1800000000"},
        {"jti", "\"j\""},
        {"client_id", "\"" SITE "\""},
        {"sid", quoted(fixture, session->id_hash)},
        {NULL, NULL},
    };
    memcpy(forge.header, header, sizeof(header));
    memcpy(forge.claims, claims, sizeof(claims));
    return forge;
}

/* The token with one member of the header, or of the claims, replaced, left out or added. */
static const char *with_header(const struct forge *forge, const char *name, const char *raw) {
    struct arena *arena = forge->fixture->arena;
    return fixture_sign(forge->fixture, &forge->key,
                        fixture_object(arena, forge->header, name, raw),
                        fixture_object(arena, forge->claims, NULL, NULL));
}

static const char *with_claim(const struct forge *forge, const char *name, const char *raw) {
    struct arena *arena = forge->fixture->arena;
    return fixture_sign(forge->fixture, &forge->key,
                        fixture_object(arena, forge->header, NULL, NULL),
                        fixture_object(arena, forge->claims, name, raw));
}

static void each_claim_is_judged(void **state) {
    struct fixture *fixture = *state;
    struct forge forge = forge_open(fixture);
    const struct {
        const char *name;
        const char *raw;
        enum error_rule rule;
    } cases[] = {
        {"iss", NULL, ERROR_ACCESS_TOKEN_ISS},
        {"iss", "\"https://evil.example\"", ERROR_ACCESS_TOKEN_ISS},
        {"iss", "\"" SITE "/\"", ERROR_ACCESS_TOKEN_ISS},
        {"iss", "[\"" SITE "\"]", ERROR_ACCESS_TOKEN_ISS},
        {"aud", NULL, ERROR_ACCESS_TOKEN_AUD},
        {"aud", "\"" API "\"", ERROR_ACCESS_TOKEN_AUD},
        {"aud", "\"\"", ERROR_ACCESS_TOKEN_AUD},
        {"aud", "[\"" API "\",\"" SITE "\"]", ERROR_ACCESS_TOKEN_AUD},
        {"aud", "[]", ERROR_ACCESS_TOKEN_AUD},
        {"exp", NULL, ERROR_ACCESS_TOKEN_EXP},
        {"exp", "1800000000", ERROR_ACCESS_TOKEN_EXP},
        {"exp", "1799999999", ERROR_ACCESS_TOKEN_EXP},
        {"exp", "0", ERROR_ACCESS_TOKEN_EXP},
        {"exp", "-1", ERROR_ACCESS_TOKEN_EXP},
        {"exp", "\"1800000600\"", ERROR_ACCESS_TOKEN_EXP},
        {"exp", "1e400", ERROR_ACCESS_TOKEN_EXP},
        {"exp", "null", ERROR_ACCESS_TOKEN_EXP},
        {"iat", NULL, ERROR_ACCESS_TOKEN_IAT},
        {"iat", "1800000061", ERROR_ACCESS_TOKEN_IAT},
        {"iat", "\"1800000000\"", ERROR_ACCESS_TOKEN_IAT},
        {"nbf", "1800000061", ERROR_ACCESS_TOKEN_NBF},
        {"nbf", "\"\"", ERROR_ACCESS_TOKEN_NBF},
        {"sub", NULL, ERROR_ACCESS_TOKEN_CLAIMS},
        {"sub", "\"\"", ERROR_ACCESS_TOKEN_CLAIMS},
        {"sub", "1", ERROR_ACCESS_TOKEN_CLAIMS},
        {"jti", NULL, ERROR_ACCESS_TOKEN_CLAIMS},
        {"client_id", NULL, ERROR_ACCESS_TOKEN_CLAIMS},
        {"sid", NULL, ERROR_ACCESS_TOKEN_CLAIMS},
        {"sid", "\"x\"", ERROR_ACCESS_TOKEN_CLAIMS},
        {"sid", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB\"", ERROR_ACCESS_TOKEN_CLAIMS},
        {"sid", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\"", ERROR_ACCESS_TOKEN_SESSION},
        {"sub", "\"somebodyelse\"", ERROR_ACCESS_TOKEN_SESSION},
    };
    assert_non_null(believe(fixture, with_claim(&forge, NULL, NULL)));
    assert_non_null(believe(fixture, with_claim(&forge, "iat", "1800000060")));
    assert_non_null(believe(fixture, with_claim(&forge, "nbf", "1800000060")));
    assert_non_null(believe(fixture, with_claim(&forge, "exp", "1800000001")));
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_refused(fixture, with_claim(&forge, cases[i].name, cases[i].raw), cases[i].rule);
    signing_key_free(&forge.key);
}

static void the_header_is_judged(void **state) {
    struct fixture *fixture = *state;
    struct forge forge = forge_open(fixture);
    const struct {
        const char *name;
        const char *raw;
        enum error_rule rule;
    } cases[] = {
        {"typ", NULL, ERROR_ACCESS_TOKEN_TYP},
        {"typ", "\"JWT\"", ERROR_ACCESS_TOKEN_TYP},
        {"typ", "\"logout+jwt\"", ERROR_ACCESS_TOKEN_TYP},
        {"typ", "\"at+jwt \"", ERROR_ACCESS_TOKEN_TYP},
        {"typ", "\"\"", ERROR_ACCESS_TOKEN_TYP},
        {"typ", "[\"at+jwt\"]", ERROR_ACCESS_TOKEN_MALFORMED},
        {"alg", NULL, ERROR_ACCESS_TOKEN_ALG},
        {"alg", "\"none\"", ERROR_ACCESS_TOKEN_ALG},
        {"alg", "\"NONE\"", ERROR_ACCESS_TOKEN_ALG},
        {"alg", "\"HS256\"", ERROR_ACCESS_TOKEN_ALG},
        {"alg", "\"RS256\"", ERROR_ACCESS_TOKEN_ALG},
        {"alg", "\"ES384\"", ERROR_ACCESS_TOKEN_ALG},
        {"alg", "\"es256\"", ERROR_ACCESS_TOKEN_ALG},
        {"alg", "[\"ES256\"]", ERROR_ACCESS_TOKEN_ALG},
        {"kid", NULL, ERROR_ACCESS_TOKEN_KEY},
        {"kid", "\"\"", ERROR_ACCESS_TOKEN_KEY},
        {"kid", "\"AAAAAAAA\"", ERROR_ACCESS_TOKEN_KEY},
        {"kid", "\"../jwt\"", ERROR_ACCESS_TOKEN_KEY},
        {"kid", "1", ERROR_ACCESS_TOKEN_MALFORMED},
        {"crit", "[\"exp\"]", ERROR_ACCESS_TOKEN_MALFORMED},
        {"crit", "[]", ERROR_ACCESS_TOKEN_MALFORMED},
        {"b64", "false", ERROR_ACCESS_TOKEN_MALFORMED},
    };
    assert_non_null(believe(fixture, with_header(&forge, "typ", "\"application/at+jwt\"")));
    assert_non_null(believe(fixture, with_header(&forge, "typ", "\"AT+JWT\"")));
    for (size_t i = 0; i < FIXTURE_COUNT(cases); i++)
        assert_refused(fixture, with_header(&forge, cases[i].name, cases[i].raw), cases[i].rule);
    signing_key_free(&forge.key);
}

/* Keys by the sender's own word: jwk, jku, x5u. They are not looked at. */
static void a_key_that_the_token_brings_is_none(void **state) {
    struct fixture *fixture = *state;
    struct forge forge = forge_open(fixture);
    struct signing_key other;
    struct json *jwk = NULL;
    assert_works(fixture->arena, signing_key_generate(fixture->arena, "ES256", NULL, &other));
    assert_works(fixture->arena, signing_key_public(fixture->arena, &other, &jwk));
    struct forge evil = forge;
    evil.key = other;
    assert_refused(fixture, with_header(&evil, "jwk", json_write(fixture->arena, jwk)),
                   ERROR_ACCESS_TOKEN_SIGNATURE);
    assert_refused(fixture, with_header(&evil, "jku", "\"https://evil.example/jwks\""),
                   ERROR_ACCESS_TOKEN_SIGNATURE);
    assert_refused(fixture, with_header(&evil, NULL, NULL), ERROR_ACCESS_TOKEN_SIGNATURE);
    signing_key_free(&other);
    signing_key_free(&forge.key);
}

/* RFC 8725 2.1: our public key, which everybody has, as the secret of a MAC; in each form that
 * somebody might take it for. */
static void our_public_key_is_no_secret(void **state) {
    struct fixture *fixture = *state;
    struct forge forge = forge_open(fixture);
    struct json *jwk = NULL;
    assert_works(fixture->arena, signing_key_public(fixture->arena, &forge.key, &jwk));
    const char *secrets[] = {json_write(fixture->arena, jwk), json_string(jwk, "x")};
    for (size_t i = 0; i < FIXTURE_COUNT(secrets); i++) {
        const struct signing_key mac = {
            .alg = "HS256",
            .octets = (const unsigned char *)secrets[i],
            .octets_length = strlen(secrets[i]),
        };
        struct forge evil = forge;
        evil.key = mac;
        assert_refused(fixture, with_header(&evil, "alg", "\"HS256\""), ERROR_ACCESS_TOKEN_ALG);
        /* A verifier that looks at the key's kid, and not at what kind of key it is. */
        assert_refused(fixture, with_header(&evil, NULL, NULL), ERROR_ACCESS_TOKEN_SIGNATURE);
    }
    signing_key_free(&forge.key);
}

static void what_is_no_token_is_refused(void **state) {
    struct fixture *fixture = *state;
    struct forge forge = forge_open(fixture);
    struct arena *arena = fixture->arena;
    const char *good = with_claim(&forge, NULL, NULL);
    const char *dot = strchr(good, '.');
    const char *last = strrchr(good, '.');
    const char *bad[] = {
        "",
        ".",
        "..",
        "x",
        "...",
        session_display(forge.session),
        arena_copy(arena, good, (size_t)(dot - good)),
        arena_copy(arena, good, (size_t)(last - good)),
        arena_format(arena, "%s.", good),
        arena_format(arena, "%s.x.y", good),
        arena_format(arena, " %s", good),
        arena_format(arena, "%s ", good),
        arena_format(arena, "%s=", good),
        arena_format(arena, "%s,%s", good, good),
        arena_format(arena, "\"%s\"", good),
        arena_format(arena, "%s\xC3\xA9", good),
    };
    for (size_t i = 0; i < FIXTURE_COUNT(bad); i++)
        assert_refused(fixture, bad[i], ERROR_ACCESS_TOKEN_MALFORMED);
    assert_refused(fixture, arena_format(arena, "%.*s.", (int)(last - good), good),
                   ERROR_ACCESS_TOKEN_SIGNATURE);
    assert_refused(
        fixture,
        fixture_sign(fixture, &forge.key, fixture_object(arena, forge.header, NULL, NULL), "[]"),
        ERROR_ACCESS_TOKEN_MALFORMED);
    assert_refused(
        fixture,
        fixture_sign(fixture, &forge.key, fixture_object(arena, forge.header, NULL, NULL), ""),
        ERROR_ACCESS_TOKEN_MALFORMED);
    signing_key_free(&forge.key);
}

static void no_octet_of_a_token_can_be_changed(void **state) {
    struct fixture *fixture = *state;
    const struct session *session = sign_in(fixture);
    char *token = arena_text(fixture->arena, issue(fixture, session, NULL).compact);
    for (size_t i = 0; token[i] != '\0'; i += 3) {
        struct session *found = NULL;
        char before = token[i];
        token[i] = before == 'A' ? 'B' : 'A';
        assert_int_equal(access_token_authenticate(fixture->context, token, &found), -1);
        assert_int_equal(error_meaning(fixture->arena->error.rule)->answer, ANSWER_TOKEN);
        arena_forget_error(fixture->arena);
        token[i] = before;
    }
    assert_non_null(believe(fixture, token));
}

static void the_size_limit_is_exact(void **state) {
    struct fixture *fixture = *state;
    struct forge forge = forge_open(fixture);
    struct arena *arena = fixture->arena;
    /* Three octets make four characters; the rest is filled up octet by octet. */
    size_t length = strlen(with_claim(&forge, "x", "\"\""));
    size_t fill = (ACCESS_TOKEN_LIMIT - length) * 3 / 4;
    const char *token = NULL;
    do {
        char *filler = arena_alloc(arena, fill + 3);
        memset(filler, 'x', fill + 2);
        filler[0] = filler[fill + 1] = '"';
        token = with_claim(&forge, "x", filler);
        fill++;
    } while (strlen(token) < ACCESS_TOKEN_LIMIT - 2);
    assert_true(strlen(token) <= ACCESS_TOKEN_LIMIT);
    assert_non_null(believe(fixture, token));
    char *filler = arena_alloc(arena, fill + 8);
    memset(filler, 'x', fill + 6);
    filler[0] = filler[fill + 5] = '"';
    filler[fill + 6] = '\0';
    assert_refused(fixture, with_claim(&forge, "x", filler), ERROR_ACCESS_TOKEN_TOO_LARGE);
    signing_key_free(&forge.key);
}

/* Signed by us, but for something else: a provider would call it a client_assertion. */
static void a_stranger_makes_no_key(void **state) {
    struct fixture *fixture = *state;
    struct stat status;
    assert_refused(fixture,
                   fixture_sign(fixture, &fixture->key,
                                "{\"alg\":\"ES256\",\"typ\":\"at+jwt\",\"kid\":\"k1\"}", "{}"),
                   ERROR_ACCESS_TOKEN_KEY);
    assert_int_not_equal(stat(house_path(&fixture->house, "keys/jwt.keys"), &status), 0);
}

/* ---- HS256 ----------------------------------------------------------------------------------- */

#define SHARED "[token]\nalgorithm = HS256\naudience = " API "\nsecret = " SECRET "\n" OP

static void a_shared_secret_signs_for_who_shares_it(void **state) {
    struct fixture *fixture = *state;
    struct jws jws;
    fixture_config(fixture, SHARED);
    const struct session *session = sign_in(fixture);
    const char *compact = issue(fixture, session, NULL).compact;
    assert_works(fixture->arena, jws_parse(fixture->arena, compact, &jws));
    assert_works(fixture->arena, jws_verify_secret(fixture->arena, &jws, SECRET, strlen(SECRET)));
    assert_null(jws.kid);
    assert_string_equal(json_string(claims_of(fixture, compact), "aud"), API);
    assert_refused(fixture, compact, ERROR_ACCESS_TOKEN_KEY);
}

/* Whoever shares the secret could make himself anybody here, were it enough. */
static void a_shared_secret_opens_nothing_here(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, SHARED);
    struct forge forge = forge_open(fixture);
    const char *own = issue(fixture, forge.session, SITE).compact;
    assert_non_null(believe(fixture, own));
    const struct signing_key shared = {
        .alg = "HS256",
        .octets = (const unsigned char *)SECRET,
        .octets_length = strlen(SECRET),
    };
    forge.key = shared;
    assert_refused(fixture, with_header(&forge, NULL, NULL), ERROR_ACCESS_TOKEN_SIGNATURE);
    assert_refused(fixture, with_header(&forge, "kid", NULL), ERROR_ACCESS_TOKEN_KEY);
}

static void the_secret_may_be_in_a_file(void **state) {
    struct fixture *fixture = *state;
    struct access_token token;
    struct jws jws;
    const char *path = house_path(&fixture->house, "api.secret");
    fixture_config(fixture,
                   "[token]\nalgorithm = HS256\naudience = " API "\nsecret_file = api.secret\n" OP);
    const struct session *session = sign_in(fixture);
    assert_fails(fixture->arena, ERROR_KEY_FILE,
                 access_token_issue(fixture->context, session, API, &token));
    house_write(path, SECRET "\nmore\n", 0600);
    assert_works(fixture->arena, access_token_check_secret(fixture->context));
    assert_works(fixture->arena,
                 jws_parse(fixture->arena, issue(fixture, session, NULL).compact, &jws));
    assert_works(fixture->arena, jws_verify_secret(fixture->arena, &jws, SECRET, strlen(SECRET)));

    assert_int_equal(chmod(path, 0644), 0);
    assert_fails(fixture->arena, ERROR_KEY_FILE, access_token_check_secret(fixture->context));
    house_write(path, "0123456789abcdef0123456789abcde\n", 0600);
    assert_fails(fixture->arena, ERROR_CONFIG, access_token_check_secret(fixture->context));
    assert_fails(fixture->arena, ERROR_CONFIG,
                 access_token_issue(fixture->context, session, API, &token));
}

/* ---- the algorithm is the configuration's ---------------------------------------------------- */

static void another_algorithm_makes_older_tokens_worthless_here(void **state) {
    struct fixture *fixture = *state;
    const struct session *session = sign_in(fixture);
    const char *old = issue(fixture, session, NULL).compact;
    fixture_config(fixture, "[token]\nalgorithm = EdDSA\n" OP);
    assert_refused(fixture, old, ERROR_ACCESS_TOKEN_ALG);
    assert_non_null(believe(fixture, issue(fixture, session, NULL).compact));
    assert_refused(fixture, old, ERROR_ACCESS_TOKEN_ALG);
}

/* ---- the database has the last word ---------------------------------------------------------- */

static void a_token_is_over_when_its_session_is(void **state) {
    struct fixture *fixture = *state;
    const struct session *session = sign_in(fixture);
    const char *compact = issue(fixture, session, NULL).compact;
    assert_works(fixture->arena, session_end(fixture->context, session->account, session->id_hash));
    assert_refused(fixture, compact, ERROR_ACCESS_TOKEN_SESSION);
}

static void a_token_is_over_when_the_account_is_gone(void **state) {
    struct fixture *fixture = *state;
    const struct session *session = sign_in(fixture);
    const char *compact = issue(fixture, session, NULL).compact;
    sql(fixture, "DELETE FROM accounts");
    assert_refused(fixture, compact, ERROR_ACCESS_TOKEN_SESSION);
}

static void a_token_is_no_way_around_the_idle_timeout(void **state) {
    struct fixture *fixture = *state;
    fixture_config(fixture, "[session]\nidle_timeout = 5m\n[token]\nlifetime = 1d\n" OP);
    const struct session *session = sign_in(fixture);
    const char *compact = issue(fixture, session, NULL).compact;
    fixture->house.clock.fixed += 299;
    assert_non_null(believe(fixture, compact));
    fixture->house.clock.fixed += 300;
    assert_refused(fixture, compact, ERROR_ACCESS_TOKEN_SESSION);
}

static void who_the_bearer_is_is_what_is_known_now(void **state) {
    struct fixture *fixture = *state;
    const struct session *session = sign_in(fixture);
    const char *compact = issue(fixture, session, NULL).compact;
    sql(fixture, "UPDATE identities SET name = 'Countess'");
    sql(fixture, "UPDATE accounts SET name = 'Countess'");
    assert_string_equal(believe(fixture, compact)->name, "Countess");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        fixture_test(a_token_says_what_rfc_9068_asks_for),
        fixture_test(what_is_configured_is_told_besides),
        fixture_test(two_tokens_are_never_the_same),
        fixture_test(a_token_ends_with_its_session),
        fixture_test(audiences_are_those_of_the_list),
        fixture_test(claims_that_make_it_too_large_are_the_sites_mistake),
        fixture_test(our_own_token_names_its_session),
        fixture_test(a_token_of_a_key_that_retired_is_still_good),
        fixture_test(each_claim_is_judged),
        fixture_test(the_header_is_judged),
        fixture_test(a_key_that_the_token_brings_is_none),
        fixture_test(our_public_key_is_no_secret),
        fixture_test(what_is_no_token_is_refused),
        fixture_test(no_octet_of_a_token_can_be_changed),
        fixture_test(the_size_limit_is_exact),
        fixture_test(a_stranger_makes_no_key),
        fixture_test(a_shared_secret_signs_for_who_shares_it),
        fixture_test(a_shared_secret_opens_nothing_here),
        fixture_test(the_secret_may_be_in_a_file),
        fixture_test(another_algorithm_makes_older_tokens_worthless_here),
        fixture_test(a_token_is_over_when_its_session_is),
        fixture_test(a_token_is_over_when_the_account_is_gone),
        fixture_test(a_token_is_no_way_around_the_idle_timeout),
        fixture_test(who_the_bearer_is_is_what_is_known_now),
    };
    return cmocka_run_group_tests_name("access_token", tests, NULL, NULL);
}

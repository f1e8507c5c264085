/* format/mapping: every rule of the language, on answers of the shapes that providers send. */
#include "unit.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/mapping.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* An object whose members are the sources, by name. */
static struct mapping_sources sources_of(struct arena *arena, const char *text) {
    struct json *all = NULL;
    assert_works(arena, json_parse_object(arena, text, strlen(text), &all));
    return (struct mapping_sources){.of = {
                                        [MAPPING_ID_TOKEN] = json_member(all, "id_token"),
                                        [MAPPING_TOKEN] = json_member(all, "token"),
                                        [MAPPING_USERINFO] = json_member(all, "userinfo"),
                                        [MAPPING_USERINFO2] = json_member(all, "userinfo2"),
                                        [MAPPING_CALLBACK] = json_member(all, "callback"),
                                        [MAPPING_VARIABLE] = json_member(all, "variable"),
                                    }};
}

static const char *text_in(struct arena *arena, const char *expression, const char *sources) {
    const struct mapping_sources all = sources_of(arena, sources);
    const char *fault = mapping_fault(arena, expression, MAPPING_TEXT);
    if (fault != NULL)
        fail_msg("%s: %s", expression, fault);
    const char *text = mapping_text(arena, expression, &all);
    assert_int_equal(arena->error.rule, ERROR_NONE);
    return text;
}

static void assert_text(struct arena *arena, const char *expression, const char *sources,
                        const char *expected) {
    const char *text = text_in(arena, expression, sources);
    if (expected == NULL ? text != NULL : !text_equal(text, expected))
        fail_msg("%s: %s, not %s", expression, text == NULL ? "none" : text,
                 expected == NULL ? "none" : expected);
}

static void assert_truth(struct arena *arena, const char *expression, const char *sources,
                         bool expected) {
    const struct mapping_sources all = sources_of(arena, sources);
    const char *fault = mapping_fault(arena, expression, MAPPING_TRUTH);
    if (fault != NULL)
        fail_msg("%s: %s", expression, fault);
    if (mapping_is_true(arena, expression, &all) != expected)
        fail_msg("%s in %s: not %s", expression, sources, expected ? "true" : "false");
    assert_int_equal(arena->error.rule, ERROR_NONE);
}

struct text_case {
    const char *expression;
    const char *expected;
};

static void assert_texts(struct arena *arena, const char *sources, const struct text_case *cases,
                         size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_text(arena, cases[i].expression, sources, cases[i].expected);
}

/* ---- values ---------------------------------------------------------------------------------- */

static void a_text_is_a_string_or_an_integer_as_written(void **state) {
    static const struct {
        const char *value;
        const char *expected;
    } cases[] = {
        {"\"Ada\"", "Ada"},
        {"\"\xED\x95\x98\"", "\xED\x95\x98"},
        {"\"0\"", "0"},
        {"\" \"", " "},
        {"\"1.5\"", "1.5"},
        {"583231", "583231"},
        {"0", "0"},
        {"-7", "-7"},
        {"9007199254740993", "9007199254740993"}, /* 2^53 + 1 */
        {"123456789012345678901234567890", "123456789012345678901234567890"},
        {"\"\"", NULL},
        {"-0", NULL},
        {"1.0", NULL},
        {"1.5", NULL},
        {"1e3", NULL},
        {"1E3", NULL},
        {"0.0", NULL},
        {"true", NULL},
        {"false", NULL},
        {"null", NULL},
        {"[]", NULL},
        {"{}", NULL},
        {"[\"Ada\"]", NULL},
        {"{\"id\":\"Ada\"}", NULL},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_text(arena, "id", arena_format(arena, "{\"userinfo\":{\"id\":%s}}", cases[i].value),
                    cases[i].expected);
}

static void truth_has_four_forms(void **state) {
    static const struct {
        const char *value;
        bool expected;
    } cases[] = {
        {"true", true},     {"\"true\"", true},   {"1", true},          {"\"1\"", true},
        {"false", false},   {"\"false\"", false}, {"0", false},         {"\"0\"", false},
        {"null", false},    {"\"\"", false},      {"\"True\"", false},  {"\"TRUE\"", false},
        {"\"yes\"", false}, {"2", false},         {"-1", false},        {"1.0", false},
        {"1e0", false},     {"10", false},        {"\" true\"", false}, {"\"true \"", false},
        {"[true]", false},  {"{}", false},        {"[]", false},        {"{\"v\":true}", false},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_truth(arena, "v", arena_format(arena, "{\"userinfo\":{\"v\":%s}}", cases[i].value),
                     cases[i].expected);
    assert_truth(arena, "v", "{\"userinfo\":{}}", false);
    assert_truth(arena, "v", "{}", false);
}

/* ---- paths ----------------------------------------------------------------------------------- */

static void a_path_walks_members_and_elements(void **state) {
    static const char sources[] =
        "{\"userinfo\":{\"data\":{\"id\":\"7\",\"a-b_C\":\"x\",\"0\":\"zero\"},"
        "\"images\":[{\"url\":\"first\"},{\"url\":\"second\"}],\"list\":[[\"deep\"]],"
        "\"emails\":[],\"text\":\"abc\",\"n\":null}}";
    static const struct text_case cases[] = {
        {"data.id", "7"},
        {"data.a-b_C", "x"},
        {"data.0", "zero"},
        {"images[0].url", "first"},
        {"images[1].url", "second"},
        {"images[01].url", "second"},
        {"list[0][0]", "deep"},
        {"images[2].url", NULL},
        {"images[9999].url", NULL},
        {"emails[0]", NULL},
        {"images.url", NULL}, /* an array has no members */
        {"images.0", NULL},
        {"data[0]", NULL}, /* an object has no elements */
        {"text[0]", NULL},
        {"text.length", NULL},
        {"n.id", NULL},
        {"data", NULL},
        {"data.ID", NULL}, /* names are told apart by case */
        {"missing.id", NULL},
        {".", NULL},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
}

static void odd_names_stand_in_single_quotes(void **state) {
    static const char sources[] =
        "{\"id_token\":{\"https://slack.com/team_id\":\"T0123ABCD\","
        "\"https://slack.com/user_id\":\"U0123ABCD\",\"cognito:username\":\"ada\","
        "\"a.b\":{\"c d\":\"odd\"},\"unless\":\"word\",\"}\":\"brace\"}}";
    static const struct text_case cases[] = {
        {"'https://slack.com/team_id'", "T0123ABCD"},
        {"id_token:'https://slack.com/team_id'", "T0123ABCD"},
        {"\"{'https://slack.com/team_id'}:{'https://slack.com/user_id'}\"", "T0123ABCD:U0123ABCD"},
        {"'cognito:username'", "ada"},
        {"'a.b'.'c d'", "odd"},
        {"a.b", NULL},
        {"unless", "word"},
        {"unless unless unless", "word"},
        {"\"{'}'}\"", "brace"},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
}

static void a_filter_takes_the_first_element_that_has_it_all(void **state) {
    static const char sources[] =
        "{\"userinfo2\":[7,null,\"primary\",[],"
        "{\"email\":\"old@example.org\",\"primary\":false,\"verified\":true},"
        "{\"email\":\"new@example.org\",\"primary\":true,\"verified\":false},"
        "{\"email\":\"ada@example.org\",\"primary\":true,\"verified\":true},"
        "{\"email\":\"last@example.org\",\"primary\":true,\"verified\":true}],"
        "\"userinfo\":{\"values\":[{\"k\":\"a b\",\"v\":\"quoted\"},{\"k\":5,\"v\":\"number\"},"
        "{\"k\":5.0,\"v\":\"float\"},{\"k\":null,\"v\":\"null\"},{\"k\":\"https://x.example/"
        "a\",\"v\":"
        "\"url\"},{\"k\":\"-\",\"list\":[{\"k\":1,\"v\":\"inner\"}]}]}}";
    static const struct text_case cases[] = {
        {"userinfo2:[primary=true,verified=true].email", "ada@example.org"},
        {"userinfo2:[primary=true].email", "new@example.org"},
        {"userinfo2:[verified=true].email", "old@example.org"},
        {"userinfo2:[primary=false,verified=false].email", NULL},
        {"userinfo2:[primary=TRUE].email", NULL},
        {"userinfo2:[missing=true].email", NULL},
        {"userinfo2:[4].email", "old@example.org"},
        {"values[k='a b'].v", "quoted"},
        {"values['k'=5].v", "number"},
        {"values[k=5.0].v", NULL}, /* a number with a fraction is no value */
        {"values[k=null].v", NULL},
        {"values[k=https://x.example/a].v", "url"},
        {"values[k=-].list[k=1].v", "inner"},
        {"values[k=-][k=1].v", NULL}, /* of an object nothing is filtered */
    };
    assert_texts(*state, sources, cases, COUNT(cases));
    assert_truth(*state, "userinfo2:[primary=true].verified", sources, false);
    assert_truth(*state, "userinfo2:[email=last@example.org].verified", sources, true);
}

static void without_a_source_userinfo_goes_before_the_id_token(void **state) {
    static const char sources[] =
        "{\"userinfo\":{\"name\":\"of userinfo\",\"nothing\":null,\"empty\":\"\",\"object\":{},"
        "\"wrong\":[]},"
        "\"id_token\":{\"name\":\"of id_token\",\"nothing\":\"of id_token\",\"empty\":\"of "
        "id_token\","
        "\"only\":\"of id_token\",\"object\":{\"x\":\"of id_token\"},\"wrong\":\"of id_token\"},"
        "\"token\":{\"name\":\"of token\",\"uid\":5},\"userinfo2\":{\"name\":\"of userinfo2\"},"
        "\"callback\":{\"name\":\"of callback\"},\"variable\":{\"name\":\"of variable\"}}";
    static const struct text_case cases[] = {
        {"name", "of userinfo"},
        {"userinfo:name", "of userinfo"},
        {"id_token:name", "of id_token"},
        {"token:name", "of token"},
        {"userinfo2:name", "of userinfo2"},
        {"callback:name", "of callback"},
        {"variable:name", "of variable"},
        {"nothing", "of id_token"},
        {"only", "of id_token"},
        {"object.x", "of id_token"},
        {"empty", NULL}, /* there, and empty: that is what it says */
        {"wrong", NULL},
        {"uid", NULL}, /* nowhere else is looked */
        {"userinfo:only", NULL},
        {"id_token:uid | token:uid", "5"},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
    assert_text(*state, "name | id_token:name | callback:name", "{}", NULL);
}

static void the_caller_may_say_where_a_path_without_a_source_looks(void **state) {
    struct arena *arena = *state;
    struct mapping_sources sources = sources_of(
        arena,
        "{\"token\":{\"id\":\"T\"},\"userinfo\":{\"id\":\"U\"},\"id_token\":{\"id\":\"I\"}}");
    sources.plain = MAPPING_TOKEN;
    assert_string_equal(mapping_text(arena, "id", &sources), "T");
    assert_string_equal(mapping_text(arena, "userinfo:id", &sources), "U");
    sources.plain = MAPPING_USERINFO2;
    assert_null(mapping_text(arena, "id", &sources));
    sources.plain = MAPPING_ID_TOKEN;
    assert_string_equal(mapping_text(arena, "id", &sources), "I");
}

static void a_parameter_of_the_callback_is_read_as_json_where_the_path_goes_on(void **state) {
    static const char sources[] =
        "{\"callback\":{\"user\":\"{\\\"name\\\":{\\\"firstName\\\":\\\"Ada\\\",\\\"lastName\\\":"
        "\\\"Lovelace\\\"},\\\"email\\\":\\\"ada@example.org\\\",\\\"twice\\\":\\\"{"
        "\\\\\\\"x\\\\\\\":1}"
        "\\\"}\",\"list\":\"[{\\\"a\\\":5}]\",\"bad\":\"{\\\"name\\\":\",\"text\":\"abc\"},"
        "\"userinfo\":{\"user\":\"{\\\"name\\\":\\\"x\\\"}\"},"
        "\"token\":{\"user\":\"{\\\"name\\\":\\\"x\\\"}\"}}";
    static const struct text_case cases[] = {
        {"callback:user.name.firstName + callback:user.name.lastName", "Ada Lovelace"},
        {"callback:user.email", "ada@example.org"},
        {"callback:list[0].a", "5"},
        {"callback:list[a=5].a", "5"},
        {"callback:text", "abc"},
        {"callback:bad", "{\"name\":"},
        {"callback:bad.name", NULL},
        {"callback:text.name", NULL},
        {"callback:user.twice", "{\"x\":1}"},
        {"callback:user.twice.x", NULL}, /* once only */
        {"callback:missing.name", NULL},
        {"user.name", NULL}, /* of no other source */
        {"token:user.name", NULL},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
}

/* ---- expressions ----------------------------------------------------------------------------- */

static void the_first_alternative_that_is_not_empty_counts(void **state) {
    static const char sources[] =
        "{\"userinfo\":{\"display_name\":\"\",\"real_name\":null,\"first_name\":\"Ada\","
        "\"login\":\"ada\",\"emails\":[\"ada@example.org\"],\"id\":7,\"f\":1.5}}";
    static const struct text_case cases[] = {
        {"display_name | real_name | first_name", "Ada"},
        {"display_name|real_name|first_name|login", "Ada"},
        {"login | first_name", "ada"},
        {"default_email | emails[0]", "ada@example.org"},
        {"f | id", "7"},
        {"display_name | real_name", NULL},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
}

static void terms_are_joined_with_one_space_and_empty_ones_skipped(void **state) {
    static const char sources[] =
        "{\"userinfo\":{\"first\":\"Ada\",\"middle\":\"\",\"last\":\"Lovelace\",\"n\":7}}";
    static const struct text_case cases[] = {
        {"first + last", "Ada Lovelace"},
        {"first+last", "Ada Lovelace"},
        {"first  +  middle  +  last", "Ada Lovelace"},
        {"middle + last", "Lovelace"},
        {"first + middle", "Ada"},
        {"missing + middle", NULL},
        {"missing + middle | first + n", "Ada 7"},
        {"\"{first}!\" + last", "Ada! Lovelace"},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
}

static void a_template_is_empty_if_one_of_its_paths_is(void **state) {
    static const char sources[] = "{\"userinfo\":{\"id\":\"80351110224678912\",\"avatar\":"
                                  "\"8342729096ea3675442027381ff50dfe\","
                                  "\"none\":null,\"username\":\"ada\",\"n\":5},\"variable\":{"
                                  "\"instance\":\"social.example\"}}";
    static const struct text_case cases[] = {
        {"\"https://cdn.example/avatars/{id}/{avatar}.png\"",
         "https://cdn.example/avatars/80351110224678912/8342729096ea3675442027381ff50dfe.png"},
        {"\"https://cdn.example/avatars/{id}/{none}.png\"", NULL},
        {"\"https://cdn.example/avatars/{id}/{none}.png\" | avatar",
         "8342729096ea3675442027381ff50dfe"},
        {"\"{username}@{variable:instance}\"", "ada@social.example"},
        {"\"{n}\"", "5"},
        {"\"{n}{n}\"", "55"},
        {"\"a | b + c & 'd' unless {n}\"", "a | b + c & 'd' unless 5"},
        {"\"\xED\x95\x98{n}\"", "\xED\x95\x98"
                                "5"},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
}

/* What "is_avatar_empty" is for. */
static void unless_empties_an_alternative(void **state) {
    static const char picture[] =
        "\"https://avatars.yandex.net/get-yapic/{default_avatar_id}/islands-200\" unless "
        "is_avatar_empty";
    struct arena *arena = *state;
    assert_text(arena, picture,
                "{\"userinfo\":{\"is_avatar_empty\":false,\"default_avatar_id\":\"131652443\"}}",
                "https://avatars.yandex.net/get-yapic/131652443/islands-200");
    assert_text(arena, picture, "{\"userinfo\":{\"default_avatar_id\":\"131652443\"}}",
                "https://avatars.yandex.net/get-yapic/131652443/islands-200");
    assert_text(arena, picture,
                "{\"userinfo\":{\"is_avatar_empty\":true,\"default_avatar_id\":\"0/0-0\"}}", NULL);
    assert_text(arena, "a unless x | b unless y",
                "{\"userinfo\":{\"a\":\"A\",\"b\":\"B\",\"x\":1}}", "B");
    assert_text(arena, "a + b unless x", "{\"userinfo\":{\"a\":\"A\",\"b\":\"B\",\"x\":\"true\"}}",
                NULL);
    assert_truth(arena, "a unless x", "{\"userinfo\":{\"a\":true,\"x\":true}}", false);
    assert_truth(arena, "a unless x", "{\"userinfo\":{\"a\":true,\"x\":\"no\"}}", true);
    assert_truth(arena, "a unless x | b", "{\"userinfo\":{\"a\":true,\"x\":true,\"b\":1}}", true);
}

static void all_of_a_truth_must_be_true(void **state) {
    static const char both[] = "kakao_account.is_email_valid & kakao_account.is_email_verified";
    struct arena *arena = *state;
    assert_truth(arena, both,
                 "{\"userinfo\":{\"id\":1376016924,\"kakao_account\":{\"is_email_valid\":true,"
                 "\"is_email_verified\":true}}}",
                 true);
    assert_truth(arena, both,
                 "{\"userinfo\":{\"kakao_account\":{\"is_email_valid\":false,"
                 "\"is_email_verified\":true}}}",
                 false);
    assert_truth(arena, both,
                 "{\"userinfo\":{\"kakao_account\":{\"is_email_valid\":true,"
                 "\"is_email_verified\":false}}}",
                 false);
    assert_truth(arena, both, "{\"userinfo\":{\"kakao_account\":{\"is_email_verified\":true}}}",
                 false);
    assert_truth(arena, "a & b | c", "{\"userinfo\":{\"a\":1,\"b\":0,\"c\":1}}", true);
    assert_truth(arena, "a & b | c", "{\"userinfo\":{\"a\":1,\"b\":\"1\",\"c\":0}}", true);
    assert_truth(arena, "a & b | c", "{\"userinfo\":{\"a\":1,\"b\":0,\"c\":0}}", false);
}

/* The two answers that say who somebody is, and what must not leak from one into the other. */
static void assert_met(struct arena *arena, const char *expression, const char *sources,
                       bool expected) {
    const struct mapping_sources all = sources_of(arena, sources);
    const char *fault = mapping_fault(arena, expression, MAPPING_REQUIREMENT);
    if (fault != NULL)
        fail_msg("%s: %s", expression, fault);
    if (mapping_is_met(arena, expression, &all) != expected)
        fail_msg("%s in %s: %s", expression, sources, expected ? "not met" : "met");
    assert_int_equal(arena->error.rule, ERROR_NONE);
}

struct requirement_case {
    const char *value;
    bool is_met;
};

/* Each value as the claim `groups`. */
static void assert_requirements(struct arena *arena, const char *expression,
                                const struct requirement_case *cases, size_t count) {
    for (size_t i = 0; i < count; i++)
        assert_met(arena, expression,
                   arena_format(arena, "{\"userinfo\":{\"groups\":%s}}", cases[i].value),
                   cases[i].is_met);
}

static void a_list_contains_what_is_an_element_of_it(void **state) {
    static const struct requirement_case cases[] = {
        {"[\"staff\"]", true},
        {"[\"guests\",\"staff\"]", true},
        {"\"staff\"", true}, /* a list of one, as some write it */
        {"[]", false},
        {"null", false},
        {"\"\"", false},
        {"[\"Staff\"]", false},
        {"[\"staff \"]", false},
        {"[\"superstaff\"]", false},
        {"[\"staffroom\"]", false},
        {"[\"staff,guests\"]", false},
        {"\"staff guests\"", false},
        {"\"guests,staff\"", false},
        {"[[\"staff\"]]", false},
        {"[{\"name\":\"staff\"}]", false},
        {"{\"staff\":true}", false},
        {"{\"0\":\"staff\"}", false},
        {"true", false},
        {"7", false},
    };
    static const struct requirement_case numbers[] = {
        {"[7]", true},   {"7", true},         {"[\"7\"]", true}, {"[17,71]", false},
        {"7.0", false},  {"[7e0]", false},    {"[-7]", false},   {"[\"07\"]", false},
        {"[77]", false}, {"[\"7 \"]", false},
    };
    struct arena *arena = *state;
    assert_requirements(arena, "groups contains staff", cases, COUNT(cases));
    assert_requirements(arena, "groups contains 7", numbers, COUNT(numbers));
}

static void an_equal_claim_is_one_value(void **state) {
    static const struct requirement_case cases[] = {
        {"\"example.org\"", true},
        {"\"Example.org\"", false},
        {"\"sub.example.org\"", false},
        {"\"example.org.evil\"", false},
        {"[\"example.org\"]", false},
        {"{\"example.org\":true}", false},
        {"null", false},
        {"true", false},
    };
    static const struct requirement_case bare[] = {
        {"true", true},   {"\"true\"", true}, {"1", true},          {"\"1\"", true},
        {"false", false}, {"\"yes\"", false}, {"[true]", false},    {"null", false},
        {"2", false},     {"{}", false},      {"\"staff\"", false},
    };
    struct arena *arena = *state;
    assert_requirements(arena, "groups = example.org", cases, COUNT(cases));
    assert_requirements(arena, "groups=example.org", cases, COUNT(cases));
    assert_requirements(arena, "groups", bare, COUNT(bare));
}

static void requirements_are_joined_by_and_and_or(void **state) {
    const char *sources = "{\"userinfo\":{\"groups\":[\"staff\",\"Domain "
                          "Users\",\"/org/team\"],\"hd\":\"a\",\"gone\":false},"
                          "\"id_token\":{\"groups\":[\"admins\"],\"hd\":\"b\",\"tid\":\"t\"},"
                          "\"callback\":{\"groups\":\"root\"}}";
    static const struct {
        const char *expression;
        bool is_met;
    } cases[] = {
        {"groups contains staff & hd = a", true},
        {"groups contains staff & hd = b", false},
        {"groups contains nobody | hd = a", true},
        {"groups contains nobody | hd = b", false},
        {"hd = b & hd = a | groups contains staff", true},
        {"groups contains 'Domain Users' & groups contains /org/team", true},
        {"groups contains staff unless gone", true},
        {"groups contains staff unless hd", true},
        {"groups contains 'staff'", true},
        {"groups contains root", false},
        /* Each source by itself; without one, userinfo hides what the id_token says. */
        {"groups contains admins", false},
        {"id_token:groups contains admins", true},
        {"userinfo:groups contains admins", false},
        {"userinfo2:groups contains staff", false},
        {"id_token:hd = b & userinfo:hd = a", true},
        {"tid = t", true},
        {"userinfo:tid = t", false},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_met(arena, cases[i].expression, sources, cases[i].is_met);
    assert_met(arena, "groups contains staff unless suspended",
               "{\"userinfo\":{\"groups\":[\"staff\"],\"suspended\":true}}", false);
    assert_met(arena, "groups[name=staff].owner",
               "{\"userinfo\":{\"groups\":[{\"name\":\"staff\",\"owner\":true}]}}", true);
}

static void the_two_calls_of_qq(void **state) {
    static const char sources[] =
        "{\"token\":{\"access_token\":\"x\"},\"userinfo\":{\"client_id\":\"100222222\","
        "\"openid\":\"1704AABB\",\"unionid\":\"\"},\"userinfo2\":{\"ret\":0,\"msg\":\"\","
        "\"nickname\":\"Ada\",\"figureurl_qq_2\":\"\",\"figureurl_qq_1\":\"https://q.example/40\","
        "\"openid\":\"another\"}}";
    static const struct text_case cases[] = {
        {"userinfo:unionid | userinfo:openid", "1704AABB"},
        {"userinfo2:nickname", "Ada"},
        {"userinfo2:figureurl_qq_2 | userinfo2:figureurl_qq_1", "https://q.example/40"},
        {"nickname", NULL},
    };
    assert_texts(*state, sources, cases, COUNT(cases));
}

static void a_text_says_where_it_came_from(void **state) {
    static const char sources[] =
        "{\"userinfo\":{\"email\":\"u@example.org\",\"a\":\"A\"},\"id_token\":{\"email\":"
        "\"i@example.org\",\"only\":\"x\"},\"userinfo2\":[{\"email\":\"2@example.org\"}]}";
    static const struct {
        const char *expression;
        enum mapping_source source;
    } cases[] = {
        {"email", MAPPING_USERINFO},
        {"only", MAPPING_ID_TOKEN},
        {"id_token:email", MAPPING_ID_TOKEN},
        {"userinfo2:[0].email", MAPPING_USERINFO2},
        {"missing | id_token:email", MAPPING_ID_TOKEN},
        {"email + a", MAPPING_USERINFO},
        {"email + only", MAPPING_DEFAULT},
        {"email + only + only", MAPPING_DEFAULT},
        {"\"{email}{only}\"", MAPPING_DEFAULT},
        {"\"x{only}\"", MAPPING_ID_TOKEN},
        {"\"{email}{missing}\" + only", MAPPING_ID_TOKEN}, /* what is empty leaves no trace */
        {"\"{email}{missing}\" | only", MAPPING_ID_TOKEN},
        {"missing", MAPPING_DEFAULT},
    };
    struct arena *arena = *state;
    const struct mapping_sources all = sources_of(arena, sources);
    for (size_t i = 0; i < COUNT(cases); i++) {
        enum mapping_source source = MAPPING_TOKEN;
        mapping_text_from(arena, cases[i].expression, &all, &source);
        if (source != cases[i].source)
            fail_msg("%s: %d", cases[i].expression, source);
    }
}

static void a_path_leads_to_a_value_of_any_type(void **state) {
    struct arena *arena = *state;
    struct mapping_sources sources =
        sources_of(arena, "{\"token\":{\"data\":[{\"access_token\":\"x\"}],\"n\":null},"
                          "\"userinfo\":{\"access_token\":\"y\"}}");
    sources.plain = MAPPING_TOKEN;
    const struct json *token = sources.of[MAPPING_TOKEN];
    assert_string_equal(json_string(mapping_value(arena, "data[0] | .", &sources), "access_token"),
                        "x");
    assert_ptr_equal(mapping_value(arena, "data[1] | .", &sources), token);
    assert_ptr_equal(mapping_value(arena, ".", &sources), token);
    assert_ptr_equal(mapping_value(arena, "n | data", &sources), json_member(token, "data"));
    assert_ptr_equal(mapping_value(arena, "userinfo:.", &sources), sources.of[MAPPING_USERINFO]);
    assert_null(mapping_value(arena, "data[1]", &sources));
    assert_null(mapping_value(arena, "n", &sources));
    assert_null(mapping_value(arena, "id_token:.", &sources));
}

/* ---- judging an answer ----------------------------------------------------------------------- */

static const struct json *document(struct arena *arena, const char *text) {
    struct json *value = NULL;
    assert_works(arena, json_parse(arena, text, strlen(text), &value));
    return value;
}

static void all_conditions_must_hold(void **state) {
    static const struct {
        const char *conditions;
        const char *answer;
        bool holds;
    } cases[] = {
        {"ok=true", "{\"ok\":true}", true},
        {"ok=true", "{\"ok\":\"true\"}", true},
        {"ok=true", "{\"ok\":false}", false},
        {"ok=true", "{\"ok\":1}", false},
        {"ok=true", "{\"ok\":null}", false},
        {"ok=true", "{}", false},
        {"ok=true", "[]", false},
        {"resultcode=00", "{\"resultcode\":\"00\"}", true},
        {"resultcode=00", "{\"resultcode\":\"0\"}", false},
        {"resultcode=00", "{\"resultcode\":0}", false},
        {"ret=0", "{\"ret\":0}", true},
        {"ret=0", "{\"ret\":-0}", false},
        {"ret=0", "{\"ret\":0.0}", false},
        {"ret=0", "{\"ret\":100016}", false},
        {"error.code=ok", "{\"data\":{},\"error\":{\"code\":\"ok\"}}", true},
        {"error.code=ok", "{\"data\":{},\"error\":{\"code\":\"access_token_invalid\"}}", false},
        {"a=1 b=2", "{\"a\":1,\"b\":2}", true},
        {"  a=1   b=2  ", "{\"a\":1,\"b\":2}", true},
        {"a=1 b=2", "{\"a\":1,\"b\":3}", false},
        {"a=1 b=2", "{\"a\":2,\"b\":2}", false},
        {"a='x y' 'b c'=2", "{\"a\":\"x y\",\"b c\":2}", true},
        {"list[k=v].n=1", "{\"list\":[{\"k\":\"w\",\"n\":0},{\"k\":\"v\",\"n\":1}]}", true},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_null(mapping_fault(arena, cases[i].conditions, MAPPING_CONDITIONS));
        if (mapping_holds(arena, cases[i].conditions, MAPPING_TOKEN,
                          document(arena, cases[i].answer)) != cases[i].holds)
            fail_msg("%s: %s", cases[i].conditions, cases[i].answer);
    }
    assert_true(mapping_holds(arena, NULL, MAPPING_TOKEN, NULL));
    assert_false(mapping_holds(arena, "ok=true", MAPPING_TOKEN, NULL));
}

static void a_word_counts_for_the_answer_that_it_names(void **state) {
    struct arena *arena = *state;
    const struct json *first = document(arena, "{\"ret\":1,\"a\":1,\"error\":\"first\"}");
    const struct json *second = document(arena, "{\"ret\":0,\"error\":\"second\"}");
    assert_true(mapping_holds(arena, "userinfo2:ret=0", MAPPING_USERINFO, first));
    assert_true(mapping_holds(arena, "userinfo2:ret=0", MAPPING_USERINFO2, second));
    assert_false(mapping_holds(arena, "userinfo2:ret=0", MAPPING_USERINFO2, first));
    assert_true(mapping_holds(arena, "a=1", MAPPING_USERINFO2, second));
    assert_false(mapping_holds(arena, "userinfo:a=2 userinfo2:ret=0", MAPPING_USERINFO, first));
    assert_true(mapping_holds(arena, "userinfo:a=1 ret=1", MAPPING_USERINFO, first));

    assert_string_equal(mapping_error(arena, "error", MAPPING_USERINFO, first)->text, "first");
    assert_null(mapping_error(arena, "error", MAPPING_USERINFO2, second));
    assert_null(mapping_error(arena, "userinfo2:error", MAPPING_USERINFO, first));
    assert_string_equal(mapping_error(arena, "userinfo2:error", MAPPING_USERINFO2, second)->text,
                        "second");
}

static void an_error_is_one_unless_it_says_nothing(void **state) {
    static const struct {
        const char *value;
        bool is_error;
    } cases[] = {
        {"null", false},
        {"\"\"", false},
        {"0", false},
        {"\"0\"", false},
        {"false", false},
        {"true", true},
        {"1", true},
        {"-1", true},
        {"40163", true},
        {"\"x\"", true},
        {"\"00\"", true},
        {"\" \"", true},
        {"0.0", true},
        {"-0", true},
        {"{}", true},
        {"[]", true},
        {"\"false\"", true},
        {"\"null\"", true},
        {"{\"message\":\"\"}", true},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct json *answer = document(
            arena, arena_format(arena, "{\"errcode\":%s,\"access_token\":\"x\"}", cases[i].value));
        if ((mapping_error(arena, "errcode", MAPPING_TOKEN, answer) != NULL) != cases[i].is_error)
            fail_msg("%s", cases[i].value);
    }
}

static void the_first_error_that_is_there_is_told(void **state) {
    struct arena *arena = *state;
    const struct json *answer = document(
        arena, "{\"errmsg\":\"invalid code\",\"errcode\":40029,\"error\":{\"message\":\"m\"}}");
    assert_string_equal(mapping_error(arena, "errmsg errcode", MAPPING_TOKEN, answer)->text,
                        "invalid code");
    assert_string_equal(mapping_error(arena, "missing errcode", MAPPING_TOKEN, answer)->text,
                        "40029");
    assert_string_equal(
        mapping_error(arena, "error.type error.message", MAPPING_TOKEN, answer)->text, "m");
    assert_null(mapping_error(arena, "missing errors[0].detail", MAPPING_TOKEN, answer));
    assert_null(mapping_error(arena, NULL, MAPPING_TOKEN, answer));
    assert_null(mapping_error(arena, "error", MAPPING_TOKEN, NULL));
}

/* ---- what is no expression ------------------------------------------------------------------- */

static const char *const kind_names[] = {"text",  "truth",      "path",
                                         "paths", "conditions", "requirement"};

static void mistakes_are_told(void **state) {
    static const struct {
        enum mapping_kind kind;
        const char *expression;
    } cases[] = {
        {MAPPING_TEXT, ""},
        {MAPPING_TEXT, " "},
        {MAPPING_TEXT, "|"},
        {MAPPING_TEXT, "a |"},
        {MAPPING_TEXT, "| a"},
        {MAPPING_TEXT, "a || b"},
        {MAPPING_TEXT, "a +"},
        {MAPPING_TEXT, "+ a"},
        {MAPPING_TEXT, "a ++ b"},
        {MAPPING_TEXT, "a b"},
        {MAPPING_TEXT, "a & b"},
        {MAPPING_TEXT, "a."},
        {MAPPING_TEXT, ".a"},
        {MAPPING_TEXT, ".."},
        {MAPPING_TEXT, "a..b"},
        {MAPPING_TEXT, "a. b"},
        {MAPPING_TEXT, "a[0]b"},
        {MAPPING_TEXT, "a["},
        {MAPPING_TEXT, "a[0"},
        {MAPPING_TEXT, "a[]"},
        {MAPPING_TEXT, "a[-1]"},
        {MAPPING_TEXT, "a[10000]"},
        {MAPPING_TEXT, "a[99999999999999999999999999]"},
        {MAPPING_TEXT, "a[18446744073709551616]"}, /* 2^64 */
        {MAPPING_TEXT, "a[k]"},
        {MAPPING_TEXT, "a[k=]"},
        {MAPPING_TEXT, "a[=v]"},
        {MAPPING_TEXT, "a[k=v"},
        {MAPPING_TEXT, "a[k=v,]"},
        {MAPPING_TEXT, "a[k=v;l=w]"},
        {MAPPING_TEXT, "a[k=v w]"},
        {MAPPING_TEXT, "a]"},
        {MAPPING_TEXT, "'a"},
        {MAPPING_TEXT, "''"},
        {MAPPING_TEXT, "a.''"},
        {MAPPING_TEXT, "'a'b"},
        {MAPPING_TEXT, "nowhere:a"},
        {MAPPING_TEXT, "userinfo3:a"},
        {MAPPING_TEXT, "UserInfo:a"},
        {MAPPING_TEXT, ":a"},
        {MAPPING_TEXT, "userinfo:"},
        {MAPPING_TEXT, "userinfo: a"},
        {MAPPING_TEXT, "userinfo:token:a"},
        {MAPPING_TEXT, "cognito:username"},
        {MAPPING_TEXT, "\"\""},
        {MAPPING_TEXT, "\"everybody\""}, /* would be one subject for all */
        {MAPPING_TEXT, "\"{a}"},
        {MAPPING_TEXT, "\"{a\""},
        {MAPPING_TEXT, "\"a}\""},
        {MAPPING_TEXT, "\"{}\""},
        {MAPPING_TEXT, "\"{a|b}\""},
        {MAPPING_TEXT, "\"{{a}}\""},
        {MAPPING_TEXT, "\"{\"a\"}\""},
        {MAPPING_TEXT, "a unless"},
        {MAPPING_TEXT, "a unless "},
        {MAPPING_TEXT, "a unless \"{b}\""},
        {MAPPING_TEXT, "a unless b unless c"},
        {MAPPING_TEXT, "a unless b + c"},
        {MAPPING_TEXT, "a unlessb"},
        {MAPPING_TEXT, "a\tb"},
        {MAPPING_TEXT, "'a\n'"},
        {MAPPING_TEXT, "'\xC3'"},
        {MAPPING_TEXT, "\xED\x95\x98"}, /* in quotes it may be */
        {MAPPING_TEXT, "a$"},
        {MAPPING_TEXT, "a()"},
        {MAPPING_TEXT, "a*"},
        {MAPPING_TRUTH, "a + b"},
        {MAPPING_TRUTH, "\"{a}\""},
        {MAPPING_TRUTH, "a &"},
        {MAPPING_TRUTH, "a && b"},
        {MAPPING_TRUTH, "!a"},
        {MAPPING_TRUTH, "a=true"},
        {MAPPING_PATH, "a + b"},
        {MAPPING_PATH, "a & b"},
        {MAPPING_PATH, "\"{a}\""},
        {MAPPING_PATH, "a unless b"},
        {MAPPING_PATH, "a b"},
        {MAPPING_PATHS, ""},
        {MAPPING_PATHS, "  "},
        {MAPPING_PATHS, "a | b"},
        {MAPPING_PATHS, "a=b"},
        {MAPPING_PATHS, "a,b"},
        {MAPPING_PATHS, "a'b'"},
        {MAPPING_PATHS, "callback:error"},
        {MAPPING_PATHS, "id_token:error"},
        {MAPPING_CONDITIONS, "a"},
        {MAPPING_CONDITIONS, "a="},
        {MAPPING_CONDITIONS, "=a"},
        {MAPPING_CONDITIONS, "a = b"},
        {MAPPING_CONDITIONS, "a==b"},
        {MAPPING_CONDITIONS, "a=b,c=d"},
        {MAPPING_CONDITIONS, "a='b'c=d"},
        {MAPPING_CONDITIONS, "a!=b"},
        {MAPPING_CONDITIONS, "variable:a=b"},
        {MAPPING_REQUIREMENT, ""},
        {MAPPING_REQUIREMENT, "groups contains"},
        {MAPPING_REQUIREMENT, "groups contains "},
        {MAPPING_REQUIREMENT, "groups contains &"},
        {MAPPING_REQUIREMENT, "groups contains staff admins"},
        {MAPPING_REQUIREMENT, "groups contains staff,admins"},
        {MAPPING_REQUIREMENT, "groups contains 'staff"},
        {MAPPING_REQUIREMENT, "groups Contains staff"},
        {MAPPING_REQUIREMENT, "groups has staff"},
        {MAPPING_REQUIREMENT, "contains staff"},
        {MAPPING_REQUIREMENT, "= staff"},
        {MAPPING_REQUIREMENT, "hd ="},
        {MAPPING_REQUIREMENT, "hd == example.org"},
        {MAPPING_REQUIREMENT, "hd != example.org"},
        {MAPPING_REQUIREMENT, "hd = a = b"},
        {MAPPING_REQUIREMENT, "hd = \"a\""},
        {MAPPING_REQUIREMENT, "\"{hd}\" = a"},
        {MAPPING_REQUIREMENT, "hd = a + b"},
        {MAPPING_REQUIREMENT, "hd = a &"},
        {MAPPING_REQUIREMENT, "hd = a | "},
        {MAPPING_REQUIREMENT, "hd = a && b"},
        {MAPPING_REQUIREMENT, "hd = a unless b = c"},
        {MAPPING_REQUIREMENT, "not hd"},
        {MAPPING_REQUIREMENT, "callback:user.group = staff"}, /* which anyone can write */
        {MAPPING_REQUIREMENT, "variable:tenant = a"},
        {MAPPING_REQUIREMENT, "a unless callback:b"},
    };
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(cases); i++)
        if (mapping_fault(arena, cases[i].expression, cases[i].kind) == NULL)
            fail_msg("\"%s\" passes as %s", cases[i].expression, kind_names[cases[i].kind]);
    assert_non_null(mapping_fault(arena, NULL, MAPPING_TEXT));
    assert_int_equal(arena->error.rule, ERROR_NONE);
}

/* Whoever did not ask mapping_fault() gets the careful answer. */
static void a_wrong_expression_finds_nothing_and_trusts_nobody(void **state) {
    struct arena *arena = *state;
    const struct mapping_sources sources = sources_of(arena, "{\"userinfo\":{\"a\":true}}");
    const struct json *answer = sources.of[MAPPING_USERINFO];
    assert_null(mapping_text(arena, "a..", &sources));
    assert_null(mapping_text(arena, NULL, &sources));
    assert_false(mapping_is_true(arena, "a |", &sources));
    assert_false(mapping_is_true(arena, NULL, &sources));
    assert_false(mapping_is_met(arena, "a |", &sources));
    assert_false(mapping_is_met(arena, "a | b contains", &sources));
    assert_false(mapping_is_met(arena, NULL, &sources));
    assert_null(mapping_value(arena, "a b", &sources));
    assert_null(mapping_value(arena, NULL, &sources));
    assert_false(mapping_holds(arena, "a=true b", MAPPING_USERINFO, answer));
    assert_non_null(mapping_error(arena, "missing |", MAPPING_USERINFO, answer));
}

static void limits_come_before_work(void **state) {
    struct arena *arena = *state;
    char name[MAPPING_LENGTH_LIMIT + 2];
    memset(name, 'a', sizeof(name));
    name[MAPPING_LENGTH_LIMIT + 1] = '\0';
    assert_non_null(mapping_fault(arena, name, MAPPING_TEXT));
    name[MAPPING_LENGTH_LIMIT] = '\0';
    assert_null(mapping_fault(arena, name, MAPPING_TEXT));

    assert_null(mapping_fault(arena, "a.a.a.a.a.a.a.a.a.a.a.a", MAPPING_TEXT));
    assert_non_null(mapping_fault(arena, "a.a.a.a.a.a.a.a.a.a.a.a.a", MAPPING_TEXT));
    assert_non_null(mapping_fault(arena, "a[0][0][0][0][0][0][0][0][0][0][0][0]", MAPPING_TEXT));

    assert_null(mapping_fault(arena, "a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a", MAPPING_TEXT));
    assert_non_null(
        mapping_fault(arena, "a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a|a", MAPPING_TEXT));
    assert_non_null(
        mapping_fault(arena, "\"{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}{a}\"",
                      MAPPING_TEXT));
    assert_non_null(
        mapping_fault(arena, "a a a a a a a a a a a a a a a a a a a a a", MAPPING_PATHS));
}

/* ---- hostile documents ----------------------------------------------------------------------- */

/* `count` times the piece, between the two ends. */
static const char *repeated(struct arena *arena, const char *before, const char *piece,
                            size_t count, const char *after) {
    struct buffer text;
    buffer_open(arena, &text);
    buffer_add_text(&text, before);
    for (size_t i = 0; i < count; i++)
        buffer_add_text(&text, piece);
    buffer_add_text(&text, after);
    return text.bytes;
}

static void a_huge_list_is_walked_once(void **state) {
    struct arena *arena = *state;
    const char *sources = repeated(arena, "{\"userinfo\":{\"list\":[", "{\"k\":\"x\"},", 9000,
                                   "{\"k\":\"last\",\"v\":\"found\"}]}}");
    assert_text(arena, "list[k=last].v", sources, "found");
    assert_text(arena, "list[9000].v", sources, "found");
    assert_text(arena, "list[k=none].v | list[9999].v", sources, NULL);
}

static void a_long_string_is_no_text(void **state) {
    struct arena *arena = *state;
    const char *longest =
        repeated(arena, "{\"userinfo\":{\"s\":\"", "x", MAPPING_TEXT_LIMIT, "\"}}");
    const char *longer =
        repeated(arena, "{\"userinfo\":{\"s\":\"", "x", MAPPING_TEXT_LIMIT + 1, "\"}}");
    const char *digits = repeated(arena, "{\"userinfo\":{\"s\":", "7", 100000, "}}");
    assert_int_equal(strlen(text_in(arena, "s", longest)), MAPPING_TEXT_LIMIT);
    assert_text(arena, "s", longer, NULL);
    assert_text(arena, "s", digits, NULL);
    assert_int_equal(strlen(text_in(arena, "\"{s}{s}{s}{s}{s}{s}{s}{s}{s}{s}\"", longest)),
                     10 * MAPPING_TEXT_LIMIT);
    assert_int_equal(strlen(text_in(arena, "s+s+s+s+s+s+s+s+s+s+s+s+s+s+s+s+s+s+s+s", longest)),
                     20 * MAPPING_TEXT_LIMIT + 19);
}

static void a_parameter_that_is_no_json_or_too_much_of_it_leads_nowhere(void **state) {
    struct arena *arena = *state;
    struct mapping_sources sources = {.plain = MAPPING_DEFAULT};
    struct json *callback = json_object(arena);
    const char *deep = repeated(arena, "", "[", 4000, "");
    const char *many = repeated(arena, "{\"a\":\"x\",\"b\":[", "0,", 4089, "0]}");
    const char *fits =
        repeated(arena, "{\"a\":\"x\",\"b\":\"", "y", MAPPING_DECODED_LIMIT - 16, "\"}");
    json_put_string(arena, callback, "deep", deep);
    json_put_string(arena, callback, "many", many);
    json_put_string(arena, callback, "fits", fits);
    json_put_string(arena, callback, "twice", "{\"a\":\"x\",\"a\":\"y\"}");
    json_put_string(arena, callback, "more", "{\"a\":\"x\"}{}");
    json_put_string(arena, callback, "lone", "{\"a\":\"\\ud800\"}");
    sources.of[MAPPING_CALLBACK] = callback;
    assert_true(strlen(many) > MAPPING_DECODED_LIMIT);
    assert_string_equal(mapping_text(arena, "callback:fits.a", &sources), "x");
    static const char *const paths[] = {"callback:deep[0]", "callback:many.a", "callback:twice.a",
                                        "callback:more.a", "callback:lone.a"};
    for (size_t i = 0; i < COUNT(paths); i++)
        if (mapping_text(arena, paths[i], &sources) != NULL)
            fail_msg("%s", paths[i]);
    assert_int_equal(arena->error.rule, ERROR_NONE);
}

static void a_source_of_any_type_is_looked_into(void **state) {
    static const char *const values[] = {"null",  "true", "7",  "1.5",
                                         "\"x\"", "[]",   "{}", "[[[[]]]]"};
    struct arena *arena = *state;
    for (size_t i = 0; i < COUNT(values); i++) {
        const char *all = arena_format(arena, "{\"userinfo\":%s,\"callback\":%s,\"id_token\":%s}",
                                       values[i], values[i], values[i]);
        assert_text(arena, "a | callback:a.b | [0].a | [k=v] | callback:[0][0] | a.b.c", all, NULL);
        assert_truth(arena, "a | callback:a.b & c", all, false);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(a_text_is_a_string_or_an_integer_as_written),
        unit_test(truth_has_four_forms),
        unit_test(a_path_walks_members_and_elements),
        unit_test(odd_names_stand_in_single_quotes),
        unit_test(a_filter_takes_the_first_element_that_has_it_all),
        unit_test(without_a_source_userinfo_goes_before_the_id_token),
        unit_test(the_caller_may_say_where_a_path_without_a_source_looks),
        unit_test(a_parameter_of_the_callback_is_read_as_json_where_the_path_goes_on),
        unit_test(the_first_alternative_that_is_not_empty_counts),
        unit_test(terms_are_joined_with_one_space_and_empty_ones_skipped),
        unit_test(a_template_is_empty_if_one_of_its_paths_is),
        unit_test(unless_empties_an_alternative),
        unit_test(all_of_a_truth_must_be_true),
        unit_test(a_list_contains_what_is_an_element_of_it),
        unit_test(an_equal_claim_is_one_value),
        unit_test(requirements_are_joined_by_and_and_or),
        unit_test(the_two_calls_of_qq),
        unit_test(a_text_says_where_it_came_from),
        unit_test(a_path_leads_to_a_value_of_any_type),
        unit_test(all_conditions_must_hold),
        unit_test(a_word_counts_for_the_answer_that_it_names),
        unit_test(an_error_is_one_unless_it_says_nothing),
        unit_test(the_first_error_that_is_there_is_told),
        unit_test(mistakes_are_told),
        unit_test(a_wrong_expression_finds_nothing_and_trusts_nobody),
        unit_test(limits_come_before_work),
        unit_test(a_huge_list_is_walked_once),
        unit_test(a_long_string_is_no_text),
        unit_test(a_parameter_that_is_no_json_or_too_much_of_it_leads_nowhere),
        unit_test(a_source_of_any_type_is_looked_into),
    };
    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}

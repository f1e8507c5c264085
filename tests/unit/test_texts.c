/* serve/templates and serve/texts: which languages there are, and the words of one of them. */
#include "house.h"

#include "serve/templates.h"
#include "serve/texts.h"

static struct house *start(void **state) {
    struct arena *arena = *state;
    struct house *house = arena_alloc(arena, sizeof(*house));
    house_open(house, arena);
    house->config.templates = house->folder;
    return house;
}

static void put(struct house *house, const char *name, const char *text) {
    house_write(house_path(house, name), text, 0644);
}

static struct texts load(struct house *house, const char *accept_language) {
    const struct request request = {.accept_language = accept_language};
    struct texts texts;
    assert_works(house->arena, texts_load(&house->context, &request, &texts));
    return texts;
}

static const char *word(const struct texts *texts, const char *name) {
    return json_string(texts->words, name);
}

static void check_refused(struct house *house, const char *accept_language, const char *detail) {
    const struct request request = {.accept_language = accept_language};
    struct texts texts;
    assert_int_equal(texts_load(&house->context, &request, &texts), -1);
    assert_int_equal(house->arena->error.rule, ERROR_TEMPLATE);
    if (strstr(house->arena->error.detail, detail) == NULL)
        fail_msg("%s: not %s", house->arena->error.detail, detail);
    arena_forget_error(house->arena);
}

static void the_languages_are_those_whose_files_are_there(void **state) {
    static const char *const others[] = {"texts.ini",   "texts..ini",    "texts.ko.ini~",
                                         "texts.ko.in", "texts.k_o.ini", "texts.ko.old.ini",
                                         "text.ko.ini", ".texts.ko.ini", "texts.toolonglong.ini",
                                         "notes.html",  "TEXTS.KO.INI"};
    struct house *house = start(state);
    const char **tags = NULL;
    size_t count = 0;
    assert_fails(house->arena, ERROR_TEMPLATE, templates_languages(&house->context, &tags, &count));
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        put(house, others[i], "");
    assert_fails(house->arena, ERROR_TEMPLATE, templates_languages(&house->context, &tags, &count));

    put(house, "texts.ko.ini", "");
    put(house, "texts.zh-Hant.ini", "");
    put(house, "texts.en.ini", "");
    put(house, "texts.ar.ini", "");
    assert_works(house->arena, templates_languages(&house->context, &tags, &count));
    assert_int_equal(count, 4);
    assert_string_equal(tags[0], "en");
    assert_string_equal(tags[1], "ar");
    assert_string_equal(tags[2], "ko");
    assert_string_equal(tags[3], "zh-Hant");
    house_close(house);
}

static void there_are_not_endless_languages(void **state) {
    struct house *house = start(state);
    const char **tags = NULL;
    size_t count = 0;
    for (int i = 0; i < TEMPLATES_LANGUAGES_LIMIT; i++)
        put(house, arena_format(house->arena, "texts.x%c%c.ini", 'a' + i / 26, 'a' + i % 26), "");
    assert_works(house->arena, templates_languages(&house->context, &tags, &count));
    assert_int_equal(count, TEMPLATES_LANGUAGES_LIMIT);
    put(house, "texts.en.ini", "");
    assert_fails(house->arena, ERROR_TEMPLATE, templates_languages(&house->context, &tags, &count));
    house_close(house);
}

static void the_language_asked_for_is_read(void **state) {
    struct house *house = start(state);
    put(house, "texts.en.ini", "[texts]\nhello = Hello {name}\n");
    put(house, "texts.ko.ini",
        "[language]\ndir = ltr\n[texts]\nhello = \xEC\x95\x88\xEB\x85\x95\n");
    put(house, "texts.ar.ini", "[texts]\nhello = \xD9\x85\n[language]\ndir = rtl\n");
    struct texts texts = load(house, "ko-KR,ko;q=0.9,en;q=0.5");
    assert_string_equal(texts.language, "ko");
    assert_string_equal(texts.direction, "ltr");
    assert_string_equal(word(&texts, "hello"), "\xEC\x95\x88\xEB\x85\x95");
    texts = load(house, "ar");
    assert_string_equal(texts.direction, "rtl");
    texts = load(house, NULL);
    assert_string_equal(texts.language, "en");
    assert_string_equal(texts.direction, "ltr");
    assert_string_equal(word(&texts, "hello"), "Hello {name}");
    house_close(house);
}

static void what_a_language_lacks_is_said_in_the_first(void **state) {
    struct house *house = start(state);
    put(house, "texts.en.ini", "[language]\ndir = ltr\n[texts]\none = 1\ntwo = 2\n");
    put(house, "texts.ar.ini", "[language]\ndir = rtl\n[texts]\ntwo = II\nthree = III\n");
    struct texts texts = load(house, "ar");
    assert_string_equal(texts.direction, "rtl");
    assert_string_equal(word(&texts, "one"), "1");
    assert_string_equal(word(&texts, "two"), "II");
    assert_string_equal(word(&texts, "three"), "III");
    texts = load(house, "en");
    assert_null(word(&texts, "three"));
    house_close(house);
}

static void without_english_the_first_of_the_alphabet_is_the_first(void **state) {
    struct house *house = start(state);
    put(house, "texts.ko.ini", "[texts]\nhello = \xEC\x95\x88\xEB\x85\x95\n");
    put(house, "texts.ja.ini", "[texts]\n");
    assert_string_equal(load(house, "en").language, "ja");
    assert_string_equal(load(house, "fr,ko;q=0.1").language, "ko");
    house_close(house);
}

static void mistakes_are_named_with_file_and_line(void **state) {
    static const struct {
        const char *text, *detail;
    } mistakes[] = {
        {"[texts]\nhello\n", "texts.ko.ini:2: "},
        {"[texts]\n\nhello = 1\nhello = 2\n", "texts.ko.ini:4: "},
        {"[texts]\nhello = \xFF\n", "texts.ko.ini:2: "},
        {"hello = 1\n", "texts.ko.ini:1: "},
        {"[texts]\n[words]\n", "texts.ko.ini:2: "},
        {"[texts more]\n", "texts.ko.ini:1: "},
        {"[language]\n\ndir = up\n", "texts.ko.ini:3: "},
        {"[language]\ndir =\n", "texts.ko.ini:2: "},
        {"[language]\nname = Korean\n", "texts.ko.ini:2: "},
    };
    struct house *house = start(state);
    put(house, "texts.en.ini", "[texts]\n");
    for (size_t i = 0; i < sizeof(mistakes) / sizeof(mistakes[0]); i++) {
        put(house, "texts.ko.ini", mistakes[i].text);
        check_refused(house, "ko", mistakes[i].detail);
        assert_string_equal(load(house, "en").language, "en"); /* which is not to blame */
    }
    put(house, "texts.en.ini", "[texts]\nx\n");
    put(house, "texts.ko.ini", "[texts]\n");
    check_refused(house, "ko", "texts.en.ini:2: ");
    house_close(house);
}

static void no_other_folder_is_read(void **state) {
    static const char *const names[] = {
        "",     ".",       "..",  "../x",         "/etc/passwd", "a/b",
        "a\\b", ".hidden", "a b", "\xED\x95\x9C", "nowhere.html"};
    struct house *house = start(state);
    struct buffer content;
    buffer_open(house->arena, &content);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        assert_fails(house->arena, ERROR_TEMPLATE,
                     templates_read(&house->context, names[i], &content));
    put(house, "here.html", "here");
    assert_works(house->arena, templates_read(&house->context, "here.html", &content));
    assert_string_equal(content.bytes, "here");
    house->config.templates = house_path(house, "gone");
    check_refused(house, "en", "cannot open");
    house_close(house);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        unit_test(the_languages_are_those_whose_files_are_there),
        unit_test(there_are_not_endless_languages),
        unit_test(the_language_asked_for_is_read),
        unit_test(what_a_language_lacks_is_said_in_the_first),
        unit_test(without_english_the_first_of_the_alphabet_is_the_first),
        unit_test(mistakes_are_named_with_file_and_line),
        unit_test(no_other_folder_is_read),
    };
    return cmocka_run_group_tests_name("texts", tests, NULL, NULL);
}

#include "serve/texts.h"

#include "base/text.h"
#include "format/ini.h"
#include "format/language.h"
#include "serve/templates.h"

/* A mistake in an INI file is the configuration's mistake there; here it is a template's. */
static int parse(struct arena *arena, const char *name, const struct buffer *content,
                 const struct ini_section **sections) {
    struct ini_section *read = NULL;
    if (ini_parse(arena, name, content->bytes, content->length, &read) != 0) {
        const char *detail = arena_text(arena, arena->error.detail);
        arena_forget_error(arena);
        return fail(arena, ERROR_TEMPLATE, "%s", detail);
    }
    *sections = read;
    return 0;
}

static int check_sections(struct arena *arena, const char *name,
                          const struct ini_section *sections) {
    for (; sections != NULL; sections = sections->next)
        if (*sections->label != '\0' ||
            (!text_equal(sections->kind, "language") && !text_equal(sections->kind, "texts")))
            return fail(arena, ERROR_TEMPLATE, "%s:%d: only [language] and [texts] are known", name,
                        sections->line);
    return 0;
}

static int read_language(struct arena *arena, const char *name, const struct ini_section *section,
                         struct texts *texts) {
    texts->direction = "ltr";
    for (const struct ini_setting *setting = section == NULL ? NULL : section->settings;
         setting != NULL; setting = setting->next) {
        if (!text_equal(setting->name, "dir"))
            return fail(arena, ERROR_TEMPLATE, "%s:%d: there is no %s", name, setting->line,
                        setting->name);
        if (!text_equal(setting->value, "ltr") && !text_equal(setting->value, "rtl"))
            return fail(arena, ERROR_TEMPLATE, "%s:%d: dir is ltr or rtl", name, setting->line);
        texts->direction = setting->value;
    }
    return 0;
}

/* What is there already, stays. */
static void add_words(struct arena *arena, const struct ini_section *section, struct json *words) {
    for (const struct ini_setting *setting = section == NULL ? NULL : section->settings;
         setting != NULL; setting = setting->next)
        if (json_member(words, setting->name) == NULL)
            json_put_string(arena, words, setting->name, setting->value);
}

/* Adds the words of a language's file; `texts` gets its direction, if it is not NULL. */
static int read_file(struct context *context, const char *language, struct json *words,
                     struct texts *texts) {
    struct arena *arena = context->arena;
    const char *name = arena_format(arena, "texts.%s.ini", language);
    const struct ini_section *sections = NULL;
    struct buffer content;
    buffer_open(arena, &content);
    if (templates_read(context, name, &content) != 0 ||
        parse(arena, name, &content, &sections) != 0 || check_sections(arena, name, sections) != 0)
        return -1;
    add_words(arena, ini_section(sections, "texts", ""), words);
    if (texts == NULL)
        return 0;
    return read_language(arena, name, ini_section(sections, "language", ""), texts);
}

int texts_load(struct context *context, const struct request *request, struct texts *texts) {
    const char **tags = NULL;
    size_t count = 0;
    if (templates_languages(context, &tags, &count) != 0)
        return -1;
    *texts = (struct texts){
        .language = language_choose(request->accept_language, tags, count),
        .words = json_object(context->arena),
    };
    if (read_file(context, texts->language, texts->words, texts) != 0)
        return -1;
    return texts->language == tags[0] ? 0 : read_file(context, tags[0], texts->words, NULL);
}

/* ini: what is read is found, and reads the same when written again. */
#include "fuzz.h"

#include "base/buffer.h"
#include "base/text.h"
#include "format/ini.h"

#include <string.h>

static const char *write_sections(struct arena *arena, const struct ini_section *section) {
    struct buffer out;
    buffer_open(arena, &out);
    for (; section != NULL; section = section->next) {
        buffer_add_format(&out, "[%s %s]\n", section->kind, section->label);
        for (const struct ini_setting *setting = section->settings; setting != NULL;
             setting = setting->next)
            buffer_add_format(&out, "%s=%s\n", setting->name, setting->value);
    }
    return out.bytes;
}

static void must_be_found(const struct ini_section *sections) {
    for (const struct ini_section *section = sections; section != NULL; section = section->next) {
        must_hold(ini_section(sections, section->kind, section->label) == section,
                  "a section is there once");
        for (const struct ini_setting *setting = section->settings; setting != NULL;
             setting = setting->next)
            must_hold(ini_setting(section, setting->name) == setting, "a setting is there once");
    }
}

static void must_read_the_same(struct arena *arena, const struct ini_section *sections) {
    struct ini_section *again = NULL;
    const char *text = write_sections(arena, sections);
    must_hold(ini_parse(arena, "again", text, strlen(text), &again) == 0,
              "what is written can be read");
    must_hold(text_equal(write_sections(arena, again), text), "and is the same");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct arena arena;
    struct ini_section *sections = NULL;
    arena_open(&arena, ARENA_LIMIT);
    int result = ini_parse(&arena, "fuzz.conf", (const char *)data, size, &sections);
    must_match(&arena, result);
    if (result == 0) {
        must_be_found(sections);
        must_read_the_same(&arena, sections);
    } else {
        must_hold(text_starts_with(arena.error.detail, "fuzz.conf:"), "a mistake has its place");
    }
    arena_close(&arena);
    return 0;
}

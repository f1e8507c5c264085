#include "edge/preset.h"

#include "base/buffer.h"

#include <string.h>

#define PRESET_BEGIN "\n[provider "

static const char presets_text[] =
#include "providers.inc"
    ;

/* Where the preset behind `text` begins, with the line break before it; NULL if there is none. */
static const char *next_preset(const char *text) {
    return strstr(text, PRESET_BEGIN);
}

/* Messages count the lines of the whole file. */
static void number_lines(struct ini_section *section, const char *begin) {
    int before = 0;
    for (const char *c = presets_text; c <= begin; c++)
        before += *c == '\n';
    section->line += before;
    for (struct ini_setting *setting = section->settings; setting != NULL; setting = setting->next)
        setting->line += before;
}

int preset_find(struct arena *arena, const char *id, const struct ini_section **preset) {
    const char *head = arena_format(arena, PRESET_BEGIN "%s]\n", id);
    const char *begin = strstr(presets_text, head);
    struct ini_section *section = NULL;
    *preset = NULL;
    if (begin == NULL)
        return 0;
    const char *end = next_preset(begin + 1);
    size_t length = end == NULL ? strlen(begin) : (size_t)(end - begin);
    if (ini_parse(arena, "providers.ini", begin + 1, length - 1, &section) != 0)
        return -1;
    number_lines(section, begin);
    *preset = section;
    return 0;
}

char *preset_ids(struct arena *arena) {
    struct buffer ids;
    buffer_open(arena, &ids);
    for (const char *preset = next_preset(presets_text); preset != NULL;
         preset = next_preset(preset + 1)) {
        const char *id = preset + strlen(PRESET_BEGIN);
        buffer_add(&ids, ids.length == 0 ? "" : " ", ids.length == 0 ? 0 : 1);
        buffer_add(&ids, id, strcspn(id, "]"));
    }
    return ids.bytes;
}

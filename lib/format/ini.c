#include "format/ini.h"

#include "base/text.h"
#include "format/utf8.h"

#include <string.h>

#define BYTE_ORDER_MARK "\xEF\xBB\xBF"

/* A piece of the text: a line, or what is left of one. */
struct piece {
    const char *start;
    const char *end;
};

struct reader {
    struct arena *arena;
    const char *file;
    int line;
    struct ini_section **next_section; /* where the next one is hung */
    struct ini_section *section;       /* the one being read */
    struct ini_setting **next_setting;
    struct ini_section *sections;
    int section_count;
    int setting_count; /* of the section */
};

/* Says what is wrong, but never shows the line: there may be a secret on it. */
static int mistake(const struct reader *reader, const char *what) {
    return fail(reader->arena, ERROR_CONFIG, "%s:%d: %s", reader->file, reader->line, what);
}

static struct piece trim(struct piece piece) {
    while (piece.start < piece.end && ascii_is_blank(piece.start[0]))
        piece.start++;
    while (piece.end > piece.start && ascii_is_blank(piece.end[-1]))
        piece.end--;
    return piece;
}

/* Behind a value, "#" also needs white space after it, so that a colour such as #ffffff is one. */
static bool begins_comment(struct piece line, const char *c) {
    if (*c != ';' && *c != '#')
        return false;
    if (c == line.start)
        return true;
    return ascii_is_blank(c[-1]) && (*c == ';' || c + 1 == line.end || ascii_is_blank(c[1]));
}

static struct piece without_comment(struct piece line) {
    for (const char *c = line.start; c < line.end; c++)
        if (begins_comment(line, c))
            return (struct piece){line.start, c};
    return line;
}

static char *copy(struct arena *arena, struct piece piece) {
    return arena_copy(arena, piece.start, (size_t)(piece.end - piece.start));
}

static int check_line(const struct reader *reader, struct piece line) {
    size_t length = (size_t)(line.end - line.start);
    if (length > INI_LINE_LIMIT)
        return mistake(reader, "the line is too long");
    if (!utf8_is_valid(line.start, length))
        return mistake(reader, "the line is not UTF-8: save the file in that encoding");
    for (const char *c = line.start; c < line.end; c++)
        if (ascii_is_control(*c) && *c != '\t')
            return mistake(reader, "the line holds a control character: take it out");
    return 0;
}

static int add_section(struct reader *reader, const char *kind, const char *label) {
    const struct ini_section *earlier = ini_section(reader->sections, kind, label);
    if (earlier != NULL)
        return fail(reader->arena, ERROR_CONFIG,
                    "%s:%d: this section was already there on line %d: join the two", reader->file,
                    reader->line, earlier->line);
    if (++reader->section_count > INI_SECTIONS_LIMIT)
        return mistake(reader, "too many sections");

    struct ini_section *section = arena_alloc(reader->arena, sizeof(*section));
    *section = (struct ini_section){
        .kind = kind, .label = label, .file = reader->file, .line = reader->line};
    *reader->next_section = section;
    reader->next_section = &section->next;
    reader->section = section;
    reader->next_setting = &section->settings;
    reader->setting_count = 0;
    return 0;
}

/* "[kind]" or "[kind label]" */
static int read_section(struct reader *reader, struct piece line) {
    if (line.end[-1] != ']')
        return mistake(reader, "a section ends with \"]\", and nothing but a comment follows it");
    struct piece inside = trim((struct piece){line.start + 1, line.end - 1});
    struct piece kind = {inside.start, inside.start};
    while (kind.end < inside.end && !ascii_is_blank(*kind.end))
        kind.end++;
    struct piece label = trim((struct piece){kind.end, inside.end});
    if (kind.start == kind.end)
        return mistake(reader, "the section has no name: write [name] or [name label]");
    for (const char *c = inside.start; c < inside.end; c++)
        if (*c == '[' || *c == ']' || (c >= label.start && ascii_is_blank(*c)))
            return mistake(reader, "a section is [name] or [name label], of one word each");
    return add_section(reader, copy(reader->arena, kind), copy(reader->arena, label));
}

static int read_setting(struct reader *reader, struct piece line) {
    const char *equals = memchr(line.start, '=', (size_t)(line.end - line.start));
    if (equals == NULL)
        return mistake(reader,
                       "neither \"name = value\", nor a [section], nor a comment with \";\"");
    if (reader->section == NULL)
        return mistake(reader, "a setting before the first [section]");
    struct piece name = trim((struct piece){line.start, equals});
    struct piece value = trim((struct piece){equals + 1, line.end});
    if (name.start == name.end)
        return mistake(reader, "there is no name before the \"=\"");

    const char *text = copy(reader->arena, name);
    const struct ini_setting *earlier = ini_setting(reader->section, text);
    if (earlier != NULL)
        return fail(reader->arena, ERROR_CONFIG,
                    "%s:%d: %s was already set on line %d: keep one of them", reader->file,
                    reader->line, text, earlier->line);
    if (++reader->setting_count > INI_SETTINGS_LIMIT)
        return mistake(reader, "too many settings in this section");

    struct ini_setting *setting = arena_alloc(reader->arena, sizeof(*setting));
    *setting = (struct ini_setting){
        .name = text, .value = copy(reader->arena, value), .line = reader->line};
    *reader->next_setting = setting;
    reader->next_setting = &setting->next;
    return 0;
}

static int read_line(struct reader *reader, struct piece line) {
    if (check_line(reader, line) != 0)
        return -1;
    struct piece rest = trim(without_comment(trim(line)));
    if (rest.start == rest.end)
        return 0;
    return *rest.start == '[' ? read_section(reader, rest) : read_setting(reader, rest);
}

/* The line that begins at `start`, without its LF or CRLF. */
static struct piece line_at(const char *start, const char *end, const char **next) {
    const char *feed = memchr(start, '\n', (size_t)(end - start));
    struct piece line = {start, feed == NULL ? end : feed};
    *next = feed == NULL ? end : feed + 1;
    if (feed != NULL && line.end > line.start && line.end[-1] == '\r')
        line.end--;
    return line;
}

int ini_parse(struct arena *arena, const char *file, const char *text, size_t length,
              struct ini_section **sections) {
    struct reader reader = {.arena = arena, .file = arena_text(arena, file), .line = 1};
    reader.next_section = &reader.sections;
    if (length > INI_SIZE_LIMIT)
        return fail(arena, ERROR_CONFIG, "%s: longer than %u bytes", file, INI_SIZE_LIMIT);
    if (length >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0)
        return mistake(&reader, "a byte order mark: save the file as UTF-8 without one");

    const char *end = text + length;
    for (const char *next = text; next < end; reader.line++)
        if (read_line(&reader, line_at(next, end, &next)) != 0)
            return -1;
    *sections = reader.sections;
    return 0;
}

const struct ini_section *ini_section(const struct ini_section *sections, const char *kind,
                                      const char *label) {
    while (sections != NULL &&
           !(text_equal(sections->kind, kind) && text_equal(sections->label, label)))
        sections = sections->next;
    return sections;
}

const struct ini_setting *ini_setting(const struct ini_section *section, const char *name) {
    if (section == NULL)
        return NULL;
    const struct ini_setting *setting = section->settings;
    while (setting != NULL && !text_equal(setting->name, name))
        setting = setting->next;
    return setting;
}

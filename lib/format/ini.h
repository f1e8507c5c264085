/*
 * ini: the notation of the configuration.
 *
 *   [section label]          ; a section, with or without a label
 *   name = value             ; a comment needs white space before its ";"
 *   name = value             # and on both sides of a "#" behind anything: #ffffff is a value
 *   name =                   ; the empty value
 *
 * Lines end with LF or CRLF; white space around names and values is dropped. Values hold any valid
 * UTF-8 but control characters, up to INI_LINE_LIMIT bytes a line; there is no quoting and no
 * continuation. A section's name and label are one word each.
 * Refused, with the line: text outside a section, a line without "=", a name twice in a
 * section, a section twice, an unclosed bracket, a control byte, invalid UTF-8. Messages never show
 * the line itself, for it may hold a secret.
 */
#ifndef LATCHKEY_FORMAT_INI_H
#define LATCHKEY_FORMAT_INI_H

#include "base/arena.h"

#define INI_LINE_LIMIT 4096
#define INI_SIZE_LIMIT (256U * 1024)
#define INI_SECTIONS_LIMIT 500
#define INI_SETTINGS_LIMIT 200 /* of a section */

struct ini_setting {
    const char *name;
    const char *value;
    int line;
    struct ini_setting *next;
};

struct ini_section {
    const char *kind;  /* "provider" of [provider forum] */
    const char *label; /* "forum", or "" */
    const char *file;  /* for messages */
    int line;
    struct ini_setting *settings;
    struct ini_section *next;
};

/* Reads a whole file's text. 0, or -1 with ERROR_CONFIG ("file:line: what is wrong"). */
int ini_parse(struct arena *arena, const char *file, const char *text, size_t length,
              struct ini_section **sections) CHECKED;

/* The section of that kind and label, or NULL. */
const struct ini_section *ini_section(const struct ini_section *sections, const char *kind,
                                      const char *label);

/* The setting of that name, or NULL; a NULL section has none. */
const struct ini_setting *ini_setting(const struct ini_section *section, const char *name);

#endif

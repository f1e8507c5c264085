/*
 * config_setting: the settings of the sections that are there once ([site] to [token]), one by one:
 * what a value may look like, and where it goes in struct config.
 */
#ifndef LATCHKEY_EDGE_CONFIG_SETTING_H
#define LATCHKEY_EDGE_CONFIG_SETTING_H

#include "edge/config.h"

/* One setting, and where it stands. */
struct config_place {
    const char *file;
    const struct ini_setting *setting;
};

/* True if a section of that kind has settings here. */
bool config_setting_is_section(const char *section);

/* Checks a setting of such a section and takes its value over. 0, or -1 with ERROR_CONFIG. */
int config_setting_read(struct arena *arena, const struct ini_section *section,
                        const struct ini_setting *setting, struct config *config) CHECKED;

/* Records what is wrong with a setting's value, in place of what a parser of its notation said: -1 with
 * ERROR_CONFIG. */
int config_setting_refuse(struct arena *arena, const struct config_place *place, const char *what);

#endif

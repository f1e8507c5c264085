/*
 * preset: the records of providers that come with the programs (lib/providers.ini, compiled in).
 */
#ifndef LATCHKEY_EDGE_PRESET_H
#define LATCHKEY_EDGE_PRESET_H

#include "format/ini.h"

/* *preset = the section of that name, or NULL. Only its own lines are read: a program that knows one
 * provider does not pay for all. 0, or -1 with ERROR_CONFIG, which would be our own mistake. */
int preset_find(struct arena *arena, const char *id, const struct ini_section **preset) CHECKED;

/* The names of all, separated by spaces. */
char *preset_ids(struct arena *arena);

#endif

/*
 * templates: the folder of the pages' templates and texts (`templates` of the configuration).
 */
#ifndef LATCHKEY_SERVE_TEMPLATES_H
#define LATCHKEY_SERVE_TEMPLATES_H

#include "base/buffer.h"
#include "edge/context.h"

#define TEMPLATES_FILE_LIMIT (256U * 1024) /* bytes */
#define TEMPLATES_LANGUAGES_LIMIT 100

/* Appends the file of that name ("account.html") to `content`. A name is letters, digits, "-", "_"
 * and ".", and does not begin with a ".": no other folder can be meant.
 * 0, or -1 with ERROR_TEMPLATE. */
int templates_read(struct context *context, const char *name, struct buffer *content) CHECKED;

/* *tags = the languages whose texts.TAG.ini is there, *count of them (at least 1): "en" first, if it
 * is there, then the others by the alphabet.
 * 0, or -1 with ERROR_TEMPLATE: the folder cannot be read, or holds none, or more than the limit. */
int templates_languages(struct context *context, const char ***tags, size_t *count) CHECKED;

#endif

/*
 * templates: the files of pages/, read once at start. Each page is head.html, style.css, body.html, its own
 * file, foot.html in a row.
 */
#ifndef LATCHKEY_PROVIDER_TEMPLATES_H
#define LATCHKEY_PROVIDER_TEMPLATES_H

#include "base/arena.h"

#define TEMPLATE_FILE_LIMIT (64U * 1024)

enum template {
    TEMPLATE_SIGN_IN,
    TEMPLATE_SIGN_OUT,
    TEMPLATE_FORM_POST,
    TEMPLATE_MESSAGE,
    TEMPLATE_HOME,
    TEMPLATE_COUNT
};

/* Fills `templates` from this folder. 0, or -1 with ERROR_TEMPLATE. */
int templates_load(struct arena *arena, const char *folder,
                   const char *templates[TEMPLATE_COUNT]) CHECKED;

#endif

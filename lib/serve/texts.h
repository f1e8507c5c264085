/*
 * texts: the words of our pages, in the language that the browser asks for.
 *
 * The templates folder has a file for each language, texts.TAG.ini (format/ini.h):
 *
 *   [language]
 *   dir = ltr                             ; rtl for a language written from right to left
 *
 *   [texts]
 *   continue_with = Continue with {label} ; placeholders: see format/template.h
 *
 * A language is there as soon as its file is. A text that its file lacks is the one of the first
 * language (templates.h): rather a word in English than no page.
 */
#ifndef LATCHKEY_SERVE_TEXTS_H
#define LATCHKEY_SERVE_TEXTS_H

#include "edge/context.h"
#include "edge/request.h"
#include "format/json.h"

struct texts {
    const char *language;  /* a tag of BCP 47, as in the file's name */
    const char *direction; /* "ltr" or "rtl" */
    struct json *words;    /* each text by its name */
};

/* 0, or -1 with ERROR_TEMPLATE: a file cannot be read, or has a mistake on a line. */
int texts_load(struct context *context, const struct request *request, struct texts *texts) CHECKED;

#endif

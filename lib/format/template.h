/*
 * template: HTML pages from files, with everything escaped.
 *
 * A small part of Mustache over a JSON tree, with words that can be translated:
 *   {{name}}               the value, escaped for text and quoted attributes (& < > " ')
 *   {{#name}}…{{/name}}    once for a true value or object (whose members come first), once for
 *                          each element of an array ({{.}} is a string element itself)
 *   {{^name}}…{{/name}}    if the value is absent, false, null or an empty array or string
 *   {{$name}}              the text of that name, escaped; each {placeholder} in it is the value of
 *                          that name, escaped, in a <bdi> element
 *   {{@name}}              the same without elements, for attributes and <title>
 *   {{! comment}}
 * Names are looked up in the innermost object first, then outwards; a value that is absent, null,
 * an object or an array is written as nothing. There is no way to write a value unescaped, and no
 * other tag: templates belong to the site owner, texts to translators, values to strangers. A value
 * is never read for tags or placeholders, a text never for tags.
 * Values go only into text and quoted attributes; a URL's scheme is the business of who puts it
 * into the tree.
 */
#ifndef LATCHKEY_FORMAT_TEMPLATE_H
#define LATCHKEY_FORMAT_TEMPLATE_H

#include "base/buffer.h"
#include "format/json.h"

/* Sections that repeat inside sections that repeat grow without measure, so there are limits. */
#define TEMPLATE_DEPTH_LIMIT 16            /* sections in sections */
#define TEMPLATE_TAGS_LIMIT 100000         /* each time it is read counts */
#define TEMPLATE_PAGE_LIMIT (1024U * 1024) /* bytes */

/* Appends the page to `out`. `texts` is an object of strings; NULL: there are none.
 * 0, or -1 with ERROR_TEMPLATE naming the line of the mistake, wherever it stands, also in a
 * section that these values leave out. A text that is not there is such a mistake, and so is a "{"
 * in it that begins no placeholder. */
int template_render(struct arena *arena, const char *template, const struct json *values,
                    const struct json *texts, struct buffer *out) CHECKED;

/* The text with & < > " ' as character references. */
char *html_escape(struct arena *arena, const char *text);

#endif

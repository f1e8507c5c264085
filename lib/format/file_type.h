/*
 * file_type: what is in a file, by the suffix of its name.
 */
#ifndef LATCHKEY_FORMAT_FILE_TYPE_H
#define LATCHKEY_FORMAT_FILE_TYPE_H

/* The media type for a Content-Type field: "text/html; charset=utf-8". The case of the suffix does
 * not matter. What is not known is "application/octet-stream", which browsers save and never show.
 * Static text. */
const char *file_type(const char *name);

#endif

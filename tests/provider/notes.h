/*
 * notes: what the people of this provider have written down, known to all processes and forgotten at
 * the end: something for an API to be about.
 */
#ifndef LATCHKEY_PROVIDER_NOTES_H
#define LATCHKEY_PROVIDER_NOTES_H

#include "format/json.h"

#include <stdbool.h>
#include <stdint.h>

#define NOTES_LIMIT 200     /* of all people; a new one takes the place of the oldest */
#define NOTE_TEXT_LIMIT 500 /* bytes */

struct notes;

/* NULL if there is no memory. */
struct notes *notes_open(void);
void notes_close(struct notes *notes);

/* *id = the new note's. 0, or -1 if the lock cannot be had; so below. `text` has at most NOTE_TEXT_LIMIT
 * bytes. */
int notes_add(struct notes *notes, const char *sub, const char *text, int64_t now,
              int64_t *id) CHECKED;

/* *found: false if this person has no such note. */
int notes_remove(struct notes *notes, const char *sub, int64_t id, bool *found) CHECKED;

/* *list = this person's, the newest first: [{"id":1,"text":"…","created_at":…}]. */
int notes_list(struct arena *arena, struct notes *notes, const char *sub,
               struct json **list) CHECKED;

#endif

#include "notes.h"

#include "base/text.h"
#include "shared_lock.h"

#include <string.h>

struct note {
    int64_t id; /* 0: none */
    int64_t created_at;
    char sub[64];
    char text[NOTE_TEXT_LIMIT + 1];
};

struct notes {
    pthread_mutex_t lock;
    int64_t last_id;
    struct note notes[NOTES_LIMIT]; /* by id, modulo their number */
};

struct notes *notes_open(void) {
    return shared_memory_open(sizeof(struct notes));
}

void notes_close(struct notes *notes) {
    shared_memory_close(notes, sizeof(*notes));
}

static struct note *slot(struct notes *notes, int64_t id) {
    return &notes->notes[id % NOTES_LIMIT];
}

static void copy_text(char *to, size_t size, const char *from) {
    size_t length = strnlen(from, size - 1);
    memcpy(to, from, length);
    to[length] = '\0';
}

int notes_add(struct notes *notes, const char *sub, const char *text, int64_t now, int64_t *id) {
    if (!shared_lock_take(&notes->lock))
        return -1;
    *id = ++notes->last_id;
    struct note *note = slot(notes, *id);
    note->id = 0;
    note->created_at = now;
    copy_text(note->sub, sizeof(note->sub), sub);
    copy_text(note->text, sizeof(note->text), text);
    note->id = *id;
    shared_lock_give(&notes->lock);
    return 0;
}

static bool is_of(const struct note *note, const char *sub) {
    return note->id != 0 && text_equal(note->sub, sub);
}

int notes_remove(struct notes *notes, const char *sub, int64_t id, bool *found) {
    if (!shared_lock_take(&notes->lock))
        return -1;
    struct note *note = slot(notes, id);
    *found = note->id == id && is_of(note, sub);
    if (*found)
        note->id = 0;
    shared_lock_give(&notes->lock);
    return 0;
}

static struct json *as_json(struct arena *arena, const struct note *note) {
    struct json *object = json_object(arena);
    json_put_integer(arena, object, "id", note->id);
    json_put_string(arena, object, "text", note->text);
    json_put_integer(arena, object, "created_at", note->created_at);
    return object;
}

int notes_list(struct arena *arena, struct notes *notes, const char *sub, struct json **list) {
    *list = json_array(arena);
    if (!shared_lock_take(&notes->lock))
        return -1;
    for (int64_t id = notes->last_id; id > 0 && id > notes->last_id - NOTES_LIMIT; id--)
        if (is_of(slot(notes, id), sub))
            json_append(*list, as_json(arena, slot(notes, id)));
    shared_lock_give(&notes->lock);
    return 0;
}

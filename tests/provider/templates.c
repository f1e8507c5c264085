#include "templates.h"

#include "base/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const own_file[TEMPLATE_COUNT] = {
    [TEMPLATE_SIGN_IN] = "sign_in.html",     [TEMPLATE_SIGN_OUT] = "sign_out.html",
    [TEMPLATE_FORM_POST] = "form_post.html", [TEMPLATE_MESSAGE] = "message.html",
    [TEMPLATE_HOME] = "home.html",
};

static int add_file(struct arena *arena, const char *folder, const char *name,
                    struct buffer *page) {
    const char *path = arena_format(arena, "%s/%s", folder, name);
    char *bytes = arena_alloc(arena, TEMPLATE_FILE_LIMIT);
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return fail(arena, ERROR_TEMPLATE,
                    "%s: %s (start from the top of the tree, or say --pages FOLDER)", path,
                    strerror(errno));
    size_t length = fread(bytes, 1, TEMPLATE_FILE_LIMIT, file);
    int broken = ferror(file);
    fclose(file);
    if (broken != 0 || length == 0 || length == TEMPLATE_FILE_LIMIT)
        return fail(arena, ERROR_TEMPLATE, "%s: unreadable, empty or too large", path);
    buffer_add(page, bytes, length);
    return 0;
}

static int load(struct arena *arena, const char *folder, const char *own, const char **template) {
    const char *const files[] = {"head.html", "style.css", "body.html", own, "foot.html"};
    struct buffer page;
    buffer_open(arena, &page);
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
        if (add_file(arena, folder, files[i], &page) != 0)
            return -1;
    *template = page.bytes;
    return 0;
}

int templates_load(struct arena *arena, const char *folder, const char *templates[TEMPLATE_COUNT]) {
    for (int i = 0; i < TEMPLATE_COUNT; i++)
        if (load(arena, folder, own_file[i], &templates[i]) != 0)
            return -1;
    return 0;
}

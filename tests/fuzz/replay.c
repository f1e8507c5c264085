/* Runs a fuzz target over files and folders of inputs, so that its corpus is an ordinary test, with
 * any compiler: replay tests/fuzz/corpus/NAME */
#include "fuzz.h"

#include <dirent.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_LIMIT (4U * 1024 * 1024)

static _Noreturn void give_up(const char *path, const char *why) {
    fprintf(stderr, "replay: %s: %s\n", path, why);
    exit(EXIT_FAILURE);
}

static void replay_file(const char *path) {
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        give_up(path, "cannot be opened");
    unsigned char *bytes = malloc(INPUT_LIMIT);
    if (bytes == NULL)
        give_up(path, "out of memory");
    size_t size = fread(bytes, 1, INPUT_LIMIT, file);
    if (ferror(file) || size == INPUT_LIMIT)
        give_up(path, "cannot be read, or is too large");
    fclose(file);

    /* No byte of room behind it, so that a sanitizer sees what reads past the end. */
    unsigned char *exact = malloc(size + 1);
    if (exact == NULL)
        give_up(path, "out of memory");
    memcpy(exact + 1, bytes, size);
    free(bytes);
    fprintf(stderr, "%s\n", path); /* whoever looks for the one that crashed finds it last */
    LLVMFuzzerTestOneInput(exact + 1, size);
    free(exact);
}

static int is_visible(const struct dirent *entry) {
    return entry->d_name[0] != '.';
}

/* In the order of their names. Returns how many. */
static int replay_folder(const char *folder) {
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count < 0)
        give_up(folder, "cannot be listed");
    for (int i = 0; i < count; i++) {
        char path[4096];
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        replay_file(path);
        free(entries[i]);
    }
    free(entries);
    return count;
}

int main(int count, char **arguments) {
    int replayed = 0;
    for (int i = 1; i < count; i++) {
        struct stat status;
        if (stat(arguments[i], &status) != 0)
            give_up(arguments[i], "is not there");
        if (S_ISDIR(status.st_mode)) {
            replayed += replay_folder(arguments[i]);
        } else {
            replay_file(arguments[i]);
            replayed++;
        }
    }
    printf("%d inputs replayed\n", replayed);
    return replayed > 0 ? EXIT_SUCCESS : EXIT_FAILURE; /* an empty corpus proves nothing */
}

/* fuzz config: any text as a configuration file; what is accepted keeps the header's promises. */
#include "fuzz.h"

#include "edge/config.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with_slash(const char *text) {
    return *text != '\0' && text[strlen(text) - 1] == '/';
}

static void check_config(const struct config *config) {
    if (strncmp(config->base_url, config->secure ? "https://" : "http://", 7) != 0 ||
        ends_with_slash(config->base_url) || strpbrk(config->base_url, " \t?#@\"<>\\") != NULL)
        abort();
    if ((*config->cgi_path != '\0' && *config->cgi_path != '/') ||
        ends_with_slash(config->cgi_path))
        abort();
    if (*config->home != '/' || config->home[1] == '/' || strpbrk(config->home, " \\\"<>") != NULL)
        abort();
    if (*config->state_dir != '/' || *config->templates != '/' || *config->title == '\0')
        abort();
    if (config->idle_timeout <= 0 || config->idle_timeout > config->absolute_timeout ||
        config->login_timeout <= 0 || config->clock_leeway <= 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena arena;
    struct config config;
    char path[64];
    int file = memfd_create("latchkey.conf", MFD_CLOEXEC);
    if (file < 0 || fchmod(file, 0600) != 0 || write(file, bytes, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);

    arena_open(&arena, ARENA_LIMIT);
    int result = config_load(&arena, path, &config);
    if (result == 0)
        check_config(&config);
    else if (arena.error.rule != ERROR_CONFIG)
        abort();
    arena_close(&arena);
    close(file);
    return 0;
}

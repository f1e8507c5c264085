/* config: any text as a configuration file; what is accepted keeps the header's promises. */
#include "fuzz.h"

#include "base/text.h"
#include "edge/config.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static bool ends_with_slash(const char *text) {
    return *text != '\0' && text[strlen(text) - 1] == '/';
}

static void check_config(const struct config *config) {
    must_hold(text_starts_with(config->base_url, config->secure ? "https://" : "http://") &&
                  !ends_with_slash(config->base_url) &&
                  strpbrk(config->base_url, " \t?#@\"<>\\") == NULL,
              "base_url is an origin");
    must_hold((*config->cgi_path == '\0' || *config->cgi_path == '/') &&
                  !ends_with_slash(config->cgi_path),
              "cgi_path is a path without a slash at its end");
    must_hold(*config->home == '/' && config->home[1] != '/' &&
                  strpbrk(config->home, " \\\"<>") == NULL,
              "home is a path of this site");
    must_hold(*config->state_dir == '/' && *config->templates == '/', "paths are absolute");
    must_hold(*config->title != '\0', "there is a title");
    must_hold(config->idle_timeout > 0 && config->idle_timeout <= config->absolute_timeout &&
                  config->login_timeout > 0 && config->clock_leeway > 0,
              "times are above 0, and idle within absolute");
    must_hold(config->new_instances_per_hour >= 0 && config->new_instances_per_hour < 10000,
              "a number has its limits");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    struct arena arena;
    struct config config;
    char path[64];
    int file = memfd_create("latchkey.conf", MFD_CLOEXEC);
    must_hold(file >= 0 && fchmod(file, 0600) == 0 && write(file, bytes, size) == (ssize_t)size,
              "the file can be written");
    snprintf(path, sizeof(path), "/proc/self/fd/%d", file);

    arena_open(&arena, ARENA_LIMIT);
    int result = config_load(&arena, path, &config);
    if (result == 0)
        check_config(&config);
    else
        must_hold(arena.error.rule == ERROR_CONFIG, "every refusal is one of the configuration");
    arena_close(&arena);
    close(file);
    return 0;
}

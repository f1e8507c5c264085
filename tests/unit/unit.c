#include "unit.h"

#include <stdlib.h>

int unit_setup(void **state) {
    struct arena *arena = malloc(sizeof(*arena));
    if (arena == NULL)
        return -1;
    arena_open(arena, ARENA_LIMIT);
    *state = arena;
    return 0;
}

int unit_teardown(void **state) {
    arena_close(*state);
    free(*state);
    return 0;
}

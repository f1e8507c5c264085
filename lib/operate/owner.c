#include "operate/owner.h"

#include "edge/config.h"
#include "edge/state_dir.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder's; where that is root's, and open to a group, of what the programs have made in it. */
static int find_owner(struct context *context, uid_t *user, gid_t *group) {
    const char *const paths[] = {
        context->config->state_dir,
        state_dir_path(context, "latchkey.db"),
        state_dir_path(context, "keys"),
    };
    struct stat status;
    *user = 0;
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]) && *user == 0; i++) {
        /* The folder itself may be behind a link; what is in it is the programs' to choose. */
        bool exists = (i == 0 ? stat(paths[i], &status) : lstat(paths[i], &status)) == 0;
        if (!exists && (i == 0 || errno != ENOENT))
            return fail(context->arena, ERROR_STATE_DIR, "state_dir %s: %s", paths[i],
                        strerror(errno));
        if (exists) {
            *user = status.st_uid;
            *group = status.st_gid;
        }
    }
    return 0;
}

/* With the groups that the user has; a file's owner need not be a user that the system knows. */
static int become(uid_t user, gid_t group) {
    const struct passwd *entry = getpwuid(user);
    if (entry != NULL)
        group = entry->pw_gid;
    int grouped =
        entry != NULL ? initgroups(entry->pw_name, group) : setgroups(1, (gid_t[]){group});
    return grouped == 0 && setgid(group) == 0 && setuid(user) == 0 ? 0 : -1;
}

int owner_become(struct context *context) {
    uid_t user = 0;
    gid_t group = 0;
    if (geteuid() != 0)
        return 0;
    if (find_owner(context, &user, &group) != 0)
        return -1;
    if (user == 0 || become(user, group) == 0)
        return 0;
    return fail(context->arena, ERROR_STATE_DIR,
                "cannot become user %u, whom state_dir belongs to: %s", user, strerror(errno));
}

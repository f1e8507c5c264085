#include "operate/state_check.h"

#include "base/secret.h"
#include "base/text.h"
#include "edge/config.h"
#include "edge/database.h"
#include "edge/jwt_keys.h"
#include "edge/schema.h"
#include "edge/state_dir.h"

#include <errno.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define STATE_DIR "state_dir"
#define DATABASE "database"
#define DAY ((int64_t)24 * 3600)
#define ROOM_MIN (16ULL * 1024 * 1024) /* bytes */

/* ---- the folder ------------------------------------------------------------------------------ */

static void check_room(struct findings *findings, const char *path) {
    struct statvfs disk;
    if (statvfs(path, &disk) == 0 && (uint64_t)disk.f_bavail * disk.f_frsize < ROOM_MIN)
        finding_wrong(findings, STATE_DIR, "the disk that %s is on is nearly full: make room",
                      path);
}

/* True if the rest can be looked for in it. */
static bool check_folder(struct findings *findings) {
    struct context *context = findings->operation->context;
    const char *path = context->config->state_dir;
    if (state_dir_check(context) != 0) {
        finding_failure(findings, STATE_DIR);
        return false;
    }
    if (access(path, R_OK | W_OK | X_OK) != 0) {
        finding_wrong(findings, STATE_DIR, "user %u cannot write to %s: %s", geteuid(), path,
                      strerror(errno));
        return false;
    }
    check_room(findings, path);
    if (geteuid() == 0)
        finding_note(findings, STATE_DIR,
                     "%s belongs to root: right only if the programs run as root, too", path);
    else
        finding_ok(findings, STATE_DIR, "%s, of user %u", path, geteuid());
    return true;
}

/* ---- the database ---------------------------------------------------------------------------- */

/* Tells each row of a check; "ok" is no complaint. */
static int check_rows(struct findings *findings, enum statement statement, const char *what) {
    struct query query;
    query_open(findings->operation->context, &query, statement);
    int found = query_next(&query);
    for (; found == 1; found = query_next(&query)) {
        const char *row = query_text(&query);
        if (!text_equal(row, "ok"))
            finding_wrong(findings, DATABASE, "%s: %s: put a backup in its place", what, row);
    }
    query_close(&query);
    return found;
}

static void check_content(struct findings *findings) {
    int wrong = findings->wrong;
    progress_show(&findings->progress, 0, DATABASE);
    if (check_rows(findings, STATEMENT_OPERATOR_INTEGRITY, "integrity_check") != 0 ||
        check_rows(findings, STATEMENT_OPERATOR_FOREIGN_KEYS, "foreign_key_check, table") != 0)
        finding_failure(findings, DATABASE);
    if (findings->wrong == wrong)
        finding_ok(findings, DATABASE, "version %d; integrity_check, foreign_key_check",
                   SCHEMA_VERSION);
}

static void check_database(struct findings *findings) {
    int version = 0;
    if (database_version(findings->operation->context, &version) != 0)
        finding_failure(findings, DATABASE);
    else if (version < 0)
        finding_note(findings, DATABASE, "not there yet: it is made at the first login");
    else if (version < SCHEMA_VERSION)
        finding_note(findings, DATABASE,
                     "of version %d: the programs bring it up to date (%d) when they next open it; "
                     "not checked further",
                     version, SCHEMA_VERSION);
    else if (version > SCHEMA_VERSION)
        finding_wrong(findings, DATABASE,
                      "of version %d, this program knows %d: install the newer Latchkey again",
                      version, SCHEMA_VERSION);
    else
        check_content(findings);
}

/* ---- the keys -------------------------------------------------------------------------------- */

/* What is known of a ring, whatever its keys are for. */
struct ring_state {
    size_t count;
    size_t limit;
    int64_t newest; /* when it was made */
};

static void check_ring(struct findings *findings, const char *name, const struct ring_state *ring) {
    struct context *context = findings->operation->context;
    const char *subject = arena_format(context->arena, "keys %s", name);
    int64_t age = context_now(context) - ring->newest;
    if (ring->count == 0)
        finding_note(findings, subject, "not there yet: made at first use");
    else if (age < 0)
        finding_note(findings, subject,
                     "the newest is from the future: has this machine's clock been set back?");
    else if (ring->count == ring->limit)
        finding_note(findings, subject,
                     "%zu keys: no more fit until some of them are not needed any more",
                     ring->count);
    else
        finding_ok(findings, subject, "%zu key%s, the newest %lld day%s old", ring->count,
                   ring->count == 1 ? "" : "s", (long long)(age / DAY), age / DAY == 1 ? "" : "s");
}

static void check_key_ring(struct findings *findings, enum key_ring_purpose purpose) {
    struct context *context = findings->operation->context;
    const char *name = key_ring_name(purpose);
    struct key_ring ring;
    if (state_dir_find_keys(context, purpose, &ring) != 0)
        finding_failure(findings, arena_format(context->arena, "keys %s", name));
    else
        check_ring(findings, name,
                   &(struct ring_state){ring.count, KEY_RING_LIMIT, ring.keys[0].created_at});
    secret_wipe(&ring, sizeof(ring));
}

/* All of them must be good enough to be published. */
static void check_jwt_keys(struct findings *findings) {
    struct context *context = findings->operation->context;
    struct json *set = NULL;
    struct jwt_keys keys;
    if (jwt_keys_find(context, &keys) != 0 || jwt_keys_public(context->arena, &keys, &set) != 0) {
        finding_failure(findings, "keys " JWT_KEYS_NAME);
        return;
    }
    check_ring(findings, JWT_KEYS_NAME,
               &(struct ring_state){keys.count, JWT_KEYS_LIMIT,
                                    keys.count == 0 ? 0 : keys.keys[0].created_at});
}

void state_check_run(struct findings *findings) {
    if (!check_folder(findings))
        return;
    check_database(findings);
    for (enum key_ring_purpose purpose = 0; purpose < KEY_RING_COUNT; purpose++)
        check_key_ring(findings, purpose);
    check_jwt_keys(findings);
}
